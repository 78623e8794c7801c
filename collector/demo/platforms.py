"""Simulated platforms: a Supabase project (auth, REST, storage) and Fly.io (Machines API, an app)."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from analytics.model import ServiceKey, ServiceType
from collector.demo.faulty import App, FaultyApp, Scope
from collector.demo.script import FaultKind
from collector.demo.services import probed
from collector.demo.stage import Stage

_SUPABASE = ServiceKey(ServiceType.INFRASTRUCTURE, "supabase")
_FLY = ServiceKey(ServiceType.INFRASTRUCTURE, "fly")


def supabase_app(stage: Stage) -> App:
    """A Supabase project behind its gateway."""

    async def auth(_request: Request) -> JSONResponse:
        return JSONResponse({"version": "v2.182.1", "name": "GoTrue", "description": "GoTrue (simulated)"})

    async def rest(_request: Request) -> JSONResponse:
        return JSONResponse([{"id": 1}], headers={"content-range": "0-0/*"})

    async def storage(_request: Request) -> JSONResponse:
        return JSONResponse({"healthy": stage.fault(_SUPABASE).kind is not FaultKind.UNHEALTHY})

    routes = [
        Route("/auth/v1/health", auth),
        Route("/rest/v1/", rest),
        Route("/rest/v1/{table}", rest),
        Route("/storage/v1/status", storage),
        Route("/storage/v1/health", storage),
    ]
    return _platform(Starlette(routes=routes), _SUPABASE, stage)


def fly_app(stage: Stage) -> App:
    """The Machines API under /v1, and the health page of the app itself under /health."""

    async def machines(_request: Request) -> JSONResponse:
        well = stage.fault(_FLY).kind is not FaultKind.UNHEALTHY
        return JSONResponse([_machine("148e2d1f", "ams", True), _machine("d8901fa3", "fra", well)])

    async def health(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    routes = [Route("/v1/apps/{app}/machines", machines), Route("/health", health)]
    return _platform(Starlette(routes=routes), _FLY, stage)


def _machine(identifier: str, region: str, passing: bool) -> dict[str, object]:
    """Shape of a machine in the list of https://fly.io/docs/machines/api/machines-resource/."""
    check = {"name": "servicecheck-00-http-8080", "status": "passing" if passing else "critical"}
    return {
        "id": identifier,
        "name": f"demo-{region}",
        "state": "started",
        "region": region,
        "instance_id": f"01{identifier.upper()}",
        "checks": [check],
        "events": [],
    }


def _platform(app: App, key: ServiceKey, stage: Stage) -> App:
    service = probed(key)

    def seconds(_scope: Scope) -> float:
        return stage.seconds(service.latency, service.requests)

    return FaultyApp(app, key, stage, seconds)
