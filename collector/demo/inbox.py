"""Where the demo's alerts go: a simulated PagerDuty, Slack and webhook, and a page that shows what came."""

import json
from collections import deque
from datetime import UTC, datetime
from html import escape
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

_KEPT = 200
_PAGE = """<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="5">
<title>Inbox of the demo</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }}
li {{ margin: .4rem 0 }}
time, b {{ font-variant-numeric: tabular-nums }} ol {{ padding: 0; list-style: none }}
</style>
<h1>Inbox of the demo</h1>
<p>What PagerDuty, Slack and a webhook would have got, newest first.</p><ol>{rows}</ol>
"""


def inbox() -> Starlette:
    """Takes `POST /pagerduty`, `/slack` and `/webhook` as their makers do; `GET /` shows the newest."""
    taken: deque[tuple[datetime, str, str]] = deque(maxlen=_KEPT)
    #: What a PagerDuty alert is called, by dedup key: only its trigger says it. The newest last.
    titles: dict[str, str] = {}

    def keep(kind: str, text: str) -> None:
        taken.appendleft((datetime.now(UTC), kind, text))

    async def pagerduty(request: Request) -> Response:
        event = await _body(request)
        key = str(event.get("dedup_key"))
        title = str(event.get("payload", {}).get("summary", "")) or titles.pop(key, key)
        titles.pop(key, None)
        titles[key] = title
        if len(titles) > _KEPT:
            del titles[next(iter(titles))]
        keep(f"PagerDuty {event.get('event_action')}", title)
        return JSONResponse({"status": "success", "message": "Event processed", "dedup_key": key}, 202)

    async def slack(request: Request) -> Response:
        keep("Slack", str((await _body(request)).get("text")))
        return PlainTextResponse("ok")

    async def webhook(request: Request) -> Response:
        event = await _body(request)
        told = event.get("data", {})
        keep(f"webhook {event.get('type')}", f"[{told.get('severity')}] {told.get('title')}")
        return Response(status_code=204)

    async def page(_: Request) -> Response:
        rows = "".join(
            f"<li><time>{at:%H:%M:%S}</time> <b>{escape(kind)}</b> {escape(text)}</li>"
            for at, kind, text in taken
        )
        return HTMLResponse(_PAGE.format(rows=rows or "<li>Nothing yet.</li>"))

    posts = {"/pagerduty": pagerduty, "/slack": slack, "/webhook": webhook}
    routes = [Route(path, answer, methods=["POST"]) for path, answer in posts.items()]
    return Starlette(routes=[*routes, Route("/", page)])


async def _body(request: Request) -> dict[str, Any]:
    content = json.loads(await request.body())
    assert isinstance(content, dict)
    return content
