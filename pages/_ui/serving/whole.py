"""An answer held back until it is whole, so that it can be sent in other bytes."""

from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Sends the answer that began with `start` and has this body.
Finish = Callable[[Message, bytes], Awaitable[None]]


async def held_back(
    app: ASGIApp,
    scope: Scope,
    receive: Receive,
    send: Send,
    wanted: Callable[[Message], bool],
    finish: Finish,
) -> None:
    """Let `app` answer: what is `wanted` by its start goes to `finish` as a whole, all else as it comes."""
    start: Message | None = None
    held = bytearray()

    async def out(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start" and wanted(message):
            start = message
        elif message["type"] == "http.response.body" and start is not None:
            held.extend(message.get("body", b""))
            if not message.get("more_body"):
                await finish(start, bytes(held))
        else:
            await send(message)

    await app(scope, receive, out)
