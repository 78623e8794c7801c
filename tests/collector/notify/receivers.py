"""Receivers that answer as chance will have it, over HTTP and over SMTP, and note what they took."""

import asyncio
import contextlib
import json
import random
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope

#: What a receiver may do, and how often.
ANSWERS = {"take": 10, "lose the answer": 2, "limit": 2, "error": 3, "hang": 1, "reset": 2}
HANG_SECONDS = 2.0


@dataclass(frozen=True)
class Taken:
    """A message that a receiver took: what it is known by, and what it says."""

    kind: str
    key: str
    body: dict[str, Any]
    identity: str


@dataclass
class Receivers:
    """`down` lets nothing through; `well` takes everything. What is `poisoned` is refused over HTTP."""

    chance: random.Random
    down: bool = False
    well: bool = False
    taken: list[Taken] = field(default_factory=list)
    came: int = 0
    seen: set[str] = field(default_factory=set)
    port: int = 0
    mail_port: int = 0

    def answer(self) -> str:
        """What to do with the next message."""
        self.came += 1
        if self.well:
            return "take"
        if self.down:
            return self.chance.choice(["error", "hang", "reset", "reset"])
        return self.chance.choices(list(ANSWERS), list(ANSWERS.values()))[0]

    async def http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request a connection."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            headers = {
                name.lower(): value
                for name, _, value in (line.partition(": ") for line in head.splitlines()[1:])
            }
            body = json.loads(await reader.readexactly(int(headers["content-length"])))
            await self._answer(head.split()[1].strip("/"), headers, body, writer)
        writer.close()

    async def _answer(
        self, kind: str, headers: dict[str, str], body: dict[str, Any], writer: asyncio.StreamWriter
    ) -> None:
        text = json.dumps(body)
        if kind != "slack" and "poison" in text:
            writer.write(_response(400))
            return
        does = self.answer()
        self.seen.add(does)
        if does in ("take", "lose the answer"):
            self.taken.append(Taken(kind, *known(kind, headers, body)))
        if does == "take":
            writer.write(_response(202 if kind == "pagerduty" else 200))
        elif does == "limit":
            writer.write(_response(429, f"Retry-After: {self.chance.randint(1, 90)}\r\n"))
        elif does == "error":
            writer.write(_response(self.chance.choice([500, 502, 503])))
        elif does == "hang":
            await asyncio.sleep(HANG_SECONDS)
        else:
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()

    async def handle_DATA(self, server: Any, _session: Any, envelope: Envelope) -> str:
        """One mail."""
        does = self.answer()
        if does in ("take", "lose the answer"):
            mail = message_from_bytes(envelope.original_content or b"", policy=default)
            body = {"subject": mail["Subject"], "id": mail["Message-ID"], "root": mail["References"]}
            self.taken.append(Taken("email", _key_in(mail["Subject"]), body, mail["Subject"]))
        if does == "take":
            return "250 2.0.0 queued"
        if does == "hang":
            await asyncio.sleep(HANG_SECONDS)
        if does == "reset":
            server.transport.abort()
        return "451 4.3.0 try again later"


def known(kind: str, headers: dict[str, str], body: dict[str, Any]) -> tuple[str, dict[str, Any], str]:
    """The key, the body and the identity of a message: the same for its repetitions, and for no other."""
    if kind == "pagerduty":
        summary = body.get("payload", {}).get("summary", "")
        return (
            body["dedup_key"],
            body,
            f"{body['event_action']} {summary.removeprefix('Over already: ')}".strip(),
        )
    if kind == "webhook":
        data = body["data"]
        return data["dedup_key"], {**body, "id": headers["webhook-id"]}, f"{body['type']} {data['title']}"
    return _key_in(body["text"]), body, body["text"]


def _key_in(text: str) -> str:
    """The dedup key, which stands in every title of these tests: `incident/3 #2`."""
    return next(word for word in text.split() if word.startswith(("incident/", "poison/")))


def _response(status: int, headers: str = "") -> bytes:
    return f"HTTP/1.1 {status} X\r\n{headers}Content-Length: 2\r\nConnection: close\r\n\r\nok".encode()


@contextlib.contextmanager
def receiving(receivers: Receivers) -> Iterator[Receivers]:
    """Run them in a thread; their ports are set when the block begins."""
    loop, ready = asyncio.new_event_loop(), threading.Event()
    stop = asyncio.Event()

    async def serve() -> None:
        http = await asyncio.start_server(receivers.http, "127.0.0.1", 0)
        mail = await loop.create_server(
            lambda: SMTP(receivers, hostname="mail.test", loop=loop), "127.0.0.1", 0
        )
        receivers.port = http.sockets[0].getsockname()[1]
        receivers.mail_port = mail.sockets[0].getsockname()[1]
        ready.set()
        await stop.wait()
        http.close()
        mail.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), name="receivers")
    thread.start()
    assert ready.wait(20)
    try:
        yield receivers
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
