"""What a check of an API leaves in the database: its verdict, and its call among everybody's."""

from datetime import timedelta
from pathlib import Path

from analytics.db import read_only
from analytics.model import Basis, Policy, ServiceKey, ServiceType
from collector.probes.base import ServiceSpec
from collector.probes.shopify import KIND
from tests.collector.probes.api.apis import GRAPHQL, SHOPIFY_TOKEN, shop
from tests.collector.probes.http.server import routes, serving
from tests.collector.scripted import cycle_over, database


async def test_the_call_of_a_check_is_stored_with_it(tmp_path: Path) -> None:
    location = database(tmp_path)
    async with serving(routes({GRAPHQL: shop()})) as server:
        options = {"shop": "demo", "access_token": SHOPIFY_TOKEN, "url": server.url("")}
        spec = ServiceSpec(
            ServiceKey(ServiceType.API, "shopify"),
            KIND,
            KIND.options.model_validate(options),
            timedelta(seconds=60),
            timedelta(seconds=10),
            Policy(Basis.CALLS, KIND.healthy_ms, KIND.down_ms, 6, timedelta(minutes=5)),
        )
        await cycle_over([spec], location).run()
    with read_only(location) as connection:
        call = connection.execute(
            "SELECT api_name, endpoint, status_code, origin, reason, quota_name, quota_used, quota_limit,"
            " quota_reset_at > timestamp FROM api_metrics"
        ).fetchall()
        check = connection.execute(
            "SELECT status, reason, details->'points'->>'available' FROM integration_health_checks"
        ).fetchall()
    endpoint = "/admin/api/{version}/graphql.json"
    assert call == [("shopify", endpoint, 200, "probe", None, "points", 12.0, 2000.0, True)]
    assert check == [("healthy", "ok", "1988.0")]
