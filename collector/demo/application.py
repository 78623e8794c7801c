"""The program that processes webhook deliveries: the receiver passes the genuine ones on to it.

Now and then it fails, or takes longer than the sender of a delivery waits.
"""

import asyncio

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from collector.demo.habits import PROCESSING, PROCESSING_FAILING, PROCESSING_LATE
from collector.demo.stage import Stage

#: Longer than Shopify and Chatwoot wait for an answer.
_LATE_SECONDS = 6.0


def application(stage: Stage, late_seconds: float = _LATE_SECONDS) -> Starlette:
    """Takes `POST /webhooks/{source}`; a late answer is late by `late_seconds`."""

    async def process(request: Request) -> JSONResponse:
        await request.body()
        await asyncio.sleep(stage.seconds(PROCESSING))
        drawn = stage.chance.random()
        if drawn < PROCESSING_FAILING * stage.load():
            return JSONResponse({"error": "the order is locked"}, 500)
        if drawn > 1.0 - PROCESSING_LATE * stage.load():
            await asyncio.sleep(late_seconds)
        return JSONResponse({"ok": True})

    return Starlette(routes=[Route("/webhooks/{source}", process, methods=["POST"])])
