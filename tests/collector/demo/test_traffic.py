"""Live traffic: through the real client and signed deliveries, over the real receiver, into the database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from collector.demo.services import APIS, REPORT_JOB, SHOP_WORKER, SOURCES, SUPPORT_BOT
from tests.collector.demo.conftest import Looker
from tests.collector.demo.reception import RunningTraffic, running_at

pytestmark = pytest.mark.asyncio(loop_scope="module")

#: A moment of the script at which all APIs and sources are well, and after the first minute.
QUIET = 160.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(looker: Looker, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningTraffic]:
    """Traffic at a pace that makes seconds of minutes, for tests that look at what happens after a moment."""
    folder = tmp_path_factory.mktemp("traffic")
    async with running_at(looker.upstreams, folder, QUIET, pace=20.0) as traffic:
        yield traffic


async def test_all_that_was_made_in_the_first_seconds_arrives_exactly_once(looker: Looker, tmp_path: Path):
    async with running_at(looker.upstreams, tmp_path, 0.0, pace=1.0) as running:
        await running.until("api_metrics", "true", 100)
        await running.until("webhook_metrics", "verified AND processed", 10)
        made = await running.traffic.stop()
        assert made["dropped"] == 0
        assert running.count("api_metrics") == made["calls"]
        assert running.count("circuit_events") == made["circuit_events"]
        assert running.count("webhook_metrics") == made["deliveries"]
        assert sum(running.intake.duplicates.values()) == 0
        names = running.rows("SELECT DISTINCT api_name, endpoint, method, origin FROM api_metrics")
        known = {(api.name, end.name, end.method, end.origin) for api in APIS for end in api.endpoints}
        assert set(names) <= known
        assert {(name, origin) for name, _, _, origin in names} == {(one, four) for one, _, _, four in known}
        assert {origin for *_, origin in names} == {SHOP_WORKER, SUPPORT_BOT, REPORT_JOB}
        assert {name for (name,) in running.rows("SELECT DISTINCT source FROM webhook_metrics")} == {
            source.name for source in SOURCES
        }


async def test_answers_say_what_is_left_of_a_quota_and_how_long_they_took(running: RunningTraffic):
    since = await running.hold(QUIET)
    for api in APIS:
        await running.until("api_metrics", f"{since} AND api_name = '{api.name}' AND status_code = 200", 2)
    told = dict(
        running.rows(
            "SELECT api_name, list(DISTINCT quota_name) FROM api_metrics WHERE quota_used > 0 "
            "AND quota_used < quota_limit GROUP BY 1"
        )
    )
    assert told == {api.name: [api.quota.name] for api in APIS if api.quota}
    assert running.count("api_metrics", f"{since} AND response_time_ms < 20 AND status_code = 200") == 0
    assert running.count("api_metrics", f"{since} AND status_code = 200 AND reason IS NOT NULL") == 0


async def test_a_rate_limited_api_fails_after_its_retries_and_no_other_does(running: RunningTraffic):
    since = await running.hold(100.0)
    await running.until("api_metrics", f"{since} AND api_name = 'shopify'", 6)
    shopify = running.rows(
        "SELECT DISTINCT status_code, retries, reason, error_message, response_time_ms > 4000 "
        f"FROM api_metrics WHERE {since} AND api_name = 'shopify'"
    )
    assert shopify == [(429, 2, "rate_limited", "answered 429 Too Many Requests", True)]
    assert running.count("api_metrics", "status_code = 429 AND api_name <> 'shopify'") == 0


async def test_a_rotated_secret_shows_as_unverified_deliveries_of_that_source_alone(running: RunningTraffic):
    since = await running.hold(250.0)
    await running.until("webhook_metrics", f"{since} AND source = 'chatwoot'", 3)
    await running.until("webhook_metrics", f"{since} AND source = 'shopify' AND verified", 1)
    chatwoot = running.rows(
        "SELECT DISTINCT verified, processed, reason, error_message FROM webhook_metrics "
        f"WHERE {since} AND source = 'chatwoot'"
    )
    assert chatwoot == [(False, None, "bad_signature", "the signature does not fit the body and the secret")]


async def test_an_outage_opens_the_circuit_breaker_which_lets_no_call_through(running: RunningTraffic):
    since = await running.hold(1910.0)
    await running.until("circuit_events", f"{since} AND new_state = 'open'")
    await running.until("api_metrics", f"{since} AND reason = 'circuit_open'")
    [event] = running.rows(
        "SELECT api_name, origin, old_state, message FROM circuit_events "
        f"WHERE {since} AND new_state = 'open' ORDER BY timestamp LIMIT 1"
    )
    assert event == ("chatwoot", SUPPORT_BOT, "closed", "3 calls failed in a row")
    rows = running.rows(
        "SELECT DISTINCT method, status_code, retries > 0, reason FROM api_metrics "
        f"WHERE {since} AND api_name = 'chatwoot'"
    )
    # What may be repeated is, until the breaker opens.
    assert set(rows) <= {
        ("GET", 503, True, "http_5xx"),
        ("GET", 503, False, "http_5xx"),
        ("POST", 503, False, "http_5xx"),
        ("GET", None, False, "circuit_open"),
        ("POST", None, False, "circuit_open"),
    }
