"""The process that plays the upstreams: `python -m collector.demo.upstreams_process`, a child of the demo.

A process of its own, so that answering never competes with the collector's event loop for measured time. It
prints one JSON line with its addresses. Each line on standard input is a moment to stand still at
(`{"hold": 120.0}`, or null to go on) and is answered with a line. It ends when standard input closes: with
its parent, however that ends.
"""

import asyncio
import contextlib
import json
from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from analytics.model import ServiceKey, ServiceType
from collector.demo.application import application
from collector.demo.child import say, standard_input
from collector.demo.http_apis import api_apps
from collector.demo.inbox import inbox
from collector.demo.listening import Doorway, bound_socket
from collector.demo.mcp_http import mcp_apps
from collector.demo.platforms import fly_app, supabase_app
from collector.demo.redis_protocol import SimulatedRedis
from collector.demo.script import FaultKind
from collector.demo.services import LEGACY_SSE, api_key
from collector.demo.stage import ScriptClock, Stage
from collector.demo.status_pages import status_pages

#: How often the doors are looked at: a port is refused this soon after the script says so, in seconds.
_TICK_SECONDS = 0.1


class Upstreams:
    """Everything that listens."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        apps = {ServiceKey(ServiceType.MCP, name): make for name, make in mcp_apps(stage).items()}
        apps |= {api_key(name): make for name, make in api_apps(stage).items()}
        apps[ServiceKey(ServiceType.INFRASTRUCTURE, "supabase")] = lambda: supabase_app(stage)
        apps[ServiceKey(ServiceType.INFRASTRUCTURE, "fly")] = lambda: fly_app(stage)
        self._doors = {key: Doorway(make) for key, make in apps.items()}
        #: What is no service, and never shut.
        self._others = {
            "stage": Doorway(lambda: _stage_app(stage)),
            "application": Doorway(lambda: application(stage)),
            "inbox": Doorway(inbox),
            "status-pages": Doorway(lambda: status_pages(stage)),
        }
        self._redis = SimulatedRedis(stage, bound_socket())
        self._moving = asyncio.Lock()

    async def open(self) -> None:
        """Listen everywhere."""
        for door in self._others.values():
            await door.open()
        await self._redis.open()
        await self.move_doors()

    async def close(self) -> None:
        """Listen nowhere."""
        doors = [*self._doors.values(), *self._others.values()]
        await asyncio.gather(*(door.shut() for door in doors))
        self._redis.close()

    async def move_doors(self) -> None:
        """Shut the door of a service that refuses connections now, and open the others.

        A port that somebody else took while its door was shut stays shut until it is free.
        """
        async with self._moving:
            for key, door in self._doors.items():
                wanted = self._stage.fault(key).kind is not FaultKind.REFUSED
                if wanted and not door.is_open:
                    with contextlib.suppress(OSError):
                        await door.open()
                elif door.is_open and not wanted:
                    await door.shut()

    def addresses(self) -> Mapping[str, str]:
        """Where each service is, by `type/name`, and where the others are, by name."""
        found = {str(key): door.url for key, door in self._doors.items()}
        for key in self._doors:
            if key.service_type is ServiceType.MCP:
                found[str(key)] += "/sse" if key.service_name == LEGACY_SSE else "/mcp"
        found |= {name: door.url for name, door in self._others.items()}
        return {**found, "infrastructure/redis": self._redis.url}


def _stage_app(stage: Stage) -> Starlette:
    """Tells a server that is started for each check what is wrong with it now."""

    async def fault(request: Request) -> JSONResponse:
        kind, name = request.path_params["kind"], request.path_params["name"]
        now = stage.fault(ServiceKey(ServiceType(kind), name))
        return JSONResponse({"kind": now.kind, "delay_ms": now.delay_ms, "variant": now.variant})

    return Starlette(routes=[Route("/fault/{kind}/{name}", fault)])


async def _keep_moving(upstreams: Upstreams) -> None:
    while True:
        await upstreams.move_doors()
        await asyncio.sleep(_TICK_SECONDS)


async def play() -> None:
    """Until standard input closes."""
    clock = ScriptClock()
    upstreams = Upstreams(Stage(clock))
    await upstreams.open()
    say({"started": clock.started, "addresses": upstreams.addresses()})
    mover = asyncio.create_task(_keep_moving(upstreams))
    commands = await standard_input()
    while line := await commands.readline():
        clock.hold(json.loads(line)["hold"])
        await upstreams.move_doors()
        say({"elapsed": clock.elapsed()})
    mover.cancel()
    await upstreams.close()


if __name__ == "__main__":
    asyncio.run(play())
