"""The vendors' status pages of the demo: each tells of its fault, a little late, as they do."""

import json
from datetime import UTC, datetime, timedelta

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from analytics.model import ServiceKey, ServiceType
from collector.demo.script import FaultKind
from collector.demo.stage import Stage

#: The vendors with a page, and the service whose fault theirs is.
VENDORS = {
    "openai": ServiceKey(ServiceType.API, "openai"),
    "shopify": ServiceKey(ServiceType.API, "shopify"),
    "supabase": ServiceKey(ServiceType.INFRASTRUCTURE, "supabase"),
    "fly": ServiceKey(ServiceType.INFRASTRUCTURE, "fly"),
}
_NAMES = {
    FaultKind.SLOW: "Elevated latency",
    FaultKind.RATE_LIMITED: "Requests are being rate limited",
    FaultKind.SERVER_ERROR: "Elevated error rates",
    FaultKind.UNHEALTHY: "Some machines are unhealthy",
}


def status_pages(stage: Stage) -> Starlette:
    """`GET /{vendor}/api/v2/summary.json` of each vendor, in the shape of Statuspage, with an ETag."""
    began: dict[str, datetime] = {}

    async def summary(request: Request) -> Response:
        vendor = request.path_params["vendor"]
        if vendor not in VENDORS:
            return JSONResponse({"error": "no such page"}, 404)
        kind = stage.fault(VENDORS[vendor]).kind
        now = datetime.fromtimestamp(stage.wall_clock(), UTC)
        if kind not in _NAMES:
            began.pop(vendor, None)
        else:
            began.setdefault(vendor, now - timedelta(seconds=20))
        content = _page(vendor, kind, began.get(vendor))
        tag = f'"{kind}-{began.get(vendor)}"'.replace(" ", "-")
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"ETag": tag})
        return Response(json.dumps(content), media_type="application/json", headers={"ETag": tag})

    return Starlette(routes=[Route("/{vendor}/api/v2/summary.json", summary)])


def _page(vendor: str, kind: FaultKind, since: datetime | None) -> dict[str, object]:
    incidents = []
    if since is not None:
        at = since.isoformat().replace("+00:00", "Z")
        incidents.append(
            {
                "id": f"demo-{since:%H%M%S}",
                "name": _NAMES[kind],
                "status": "investigating",
                "impact": "major",
                "created_at": at,
                "started_at": at,
                "updated_at": at,
                "components": [],
                "incident_updates": [],
            }
        )
    indicator, words = ("major", "Partial outage") if incidents else ("none", "All systems operational")
    return {
        "page": {"id": vendor, "name": vendor},
        "status": {"indicator": indicator, "description": words},
        "components": [],
        "incidents": incidents,
        "scheduled_maintenances": [],
    }
