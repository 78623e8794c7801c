"""The receiver as one ASGI app: its routes, who may use them, and answers for everything that goes wrong."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from collector.log import Logger
from collector.receiver.access import Access
from collector.receiver.answers import refusal
from collector.receiver.body import BodyReader, BodyRefused
from collector.receiver.refusals import Answers, RefusedReports

_SENTENCES = {
    404: "there is nothing at this address",
}


def receiver_app(
    token: str | None,
    bodies: BodyReader,
    log: Logger,
    routes: Sequence[BaseRoute],
    answers: Answers | None = None,
) -> ASGIApp:
    """The app with `routes`; each reads its bodies through `bodies`, and none has to ask for `token`.

    Refused requests are counted in `answers`, and told in the log.
    """
    handlers = {HTTPException: _http, BodyRefused: _body, ClientDisconnect: _gone, Exception: _unexpected}
    app = Starlette(routes=routes, exception_handlers=handlers)
    app.router.redirect_slashes = False
    guarded = Access(bodies.releasing(_logging_errors(app, log)), token)
    return RefusedReports(guarded, answers or Answers(), log)


async def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    message = _SENTENCES.get(error.status_code, error.detail)
    if error.status_code == 405 and error.headers:
        allowed = " or ".join(sorted(error.headers["Allow"].split(", ")))
        message = f"this address takes {allowed} and no other method"
    return refusal(error.status_code, message, headers=error.headers)


async def _body(_: Request, error: Exception) -> Response:
    assert isinstance(error, BodyRefused)
    return refusal(error.status, error.message, error.retry_after, error.headers)


async def _gone(_: Request, __: Exception) -> Response:
    return Response(status_code=400)  # nobody reads it


async def _unexpected(_: Request, __: Exception) -> Response:
    return refusal(500, "this should not happen; the collector's log says more")


def _logging_errors(app: ASGIApp, log: Logger) -> ASGIApp:
    """`app`, of which an unexpected error is one line in the log; starlette has answered it before."""

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        except Exception as error:  # noqa: BLE001  one bad request must not end in a traceback
            area = scope.get("path", "").strip("/").partition("/")[0][:50]
            log.error("request_failed", area=area, error=f"{type(error).__name__}: {error}")

    return handle
