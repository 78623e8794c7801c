"""The simulated upstreams speak the real protocols, and the script's faults happen on the wire.

Looked at by the collector's own probes, at moments of the script that the tests hold it at.
"""

import dataclasses
import re

import httpx
import pytest

from analytics.model import Reason, ServiceKey, ServiceType
from analytics.rules.confirmation import present_window
from analytics.rules.status import decide
from collector.demo.services import APIS, PROBED, api_key
from tests.collector.demo.conftest import Looker

pytestmark = pytest.mark.asyncio(loop_scope="module")


def mcp(name: str) -> ServiceKey:
    return ServiceKey(ServiceType.MCP, name)


def platform(name: str) -> ServiceKey:
    return ServiceKey(ServiceType.INFRASTRUCTURE, name)


@pytest.mark.parametrize("service", PROBED, ids=lambda service: str(service.key))
async def test_a_real_probe_finds_the_service_well(looker: Looker, service):
    await looker.upstreams.hold(0.0)
    attempt = await looker.look(service.key)
    assert attempt.finding.ok, attempt.finding
    assert service.answer in attempt.finding.message


@pytest.mark.parametrize(
    ("key", "elapsed", "reason"),
    [
        (mcp("fly"), 60.0, Reason.CONNECT),
        (mcp("google-analytics"), 150.0, Reason.EXITED),
        (mcp("llamaindex-rag"), 300.0, Reason.HTTP_5XX),
        (platform("fly"), 400.0, Reason.UNHEALTHY),
        (mcp("github-official"), 440.0, Reason.TIMEOUT),
        (platform("supabase"), 500.0, Reason.HTTP_5XX),
        (mcp("supabase"), 500.0, Reason.HTTP_5XX),
        (mcp("shopify"), 570.0, Reason.RATE_LIMITED),
    ],
    ids=str,
)
async def test_a_fault_of_the_script_is_what_the_probe_finds(looker: Looker, key, elapsed, reason):
    await looker.upstreams.hold(elapsed)
    attempt = await looker.look(key)
    assert attempt.finding.reason is reason, attempt.finding
    await looker.upstreams.hold(0.0)
    assert (await looker.look(key)).finding.ok


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("shopify", r"Demo Shop answers, [\d,]+ of 2,000 points available"),
        (
            "chatwoot",
            r"Chatwoot 4\.13\.0 answers, queue and database are ok, and the access token is accepted",
        ),
        ("openai", "it answers and offers 1 model"),
        ("google_analytics", r"property 4242 answers, [\d,]+ of 200,000 tokens left today"),
    ],
)
async def test_a_real_probe_finds_the_api_well(looker: Looker, name, said):
    await looker.upstreams.hold(0.0)
    attempt = await looker.look(api_key(name))
    for _ in range(10):
        # Now and then a request fails, as it does on a good day too.
        if attempt.finding.ok or attempt.finding.reason is not Reason.HTTP_5XX:
            break
        attempt = await looker.look(api_key(name))
    assert re.fullmatch(said, attempt.finding.message)
    assert {(call["status_code"], call["reason"]) for call in attempt.calls} == {(200, None)}


@pytest.mark.parametrize(
    ("name", "elapsed", "reason"),
    [("shopify", 100.0, Reason.RATE_LIMITED), ("chatwoot", 1910.0, Reason.HTTP_5XX)],
)
async def test_a_fault_of_the_script_is_what_the_probe_of_the_api_finds(
    looker: Looker, name, elapsed, reason
):
    await looker.upstreams.hold(elapsed)
    attempt = await looker.look(api_key(name))
    assert attempt.finding.reason is reason, attempt.finding
    assert [call["reason"] for call in attempt.calls] == [reason]


@pytest.mark.parametrize(("key", "elapsed"), [(platform("redis"), 130.0), (mcp("context7"), 200.0)], ids=str)
async def test_slowness_is_real_time_and_makes_the_service_degraded(looker: Looker, key, elapsed):
    await looker.upstreams.hold(elapsed)
    attempt = await looker.look(key)
    verdict = decide(present_window(attempt, 0, False), looker.specs[key].policy, attempt.started_at)
    assert attempt.response_time_ms > 1200
    assert verdict.reason is Reason.SLOW


async def test_the_tool_list_differs_from_one_look_to_the_next_and_comes_back(looker: Looker):
    await looker.upstreams.hold(0.0)
    well = await looker.look(mcp("supabase"))
    await looker.upstreams.hold(230.0)
    changed = await looker.look(mcp("supabase"), well)
    assert changed.finding.reason is Reason.SCHEMA_CHANGED
    assert "preview_tool_v1" in changed.finding.message
    await looker.upstreams.hold(245.0)
    again = await looker.look(mcp("supabase"), changed)
    assert again.finding.reason is Reason.SCHEMA_CHANGED
    assert "preview_tool_v3" in again.finding.message
    await looker.upstreams.hold(0.0)
    assert (await looker.look(mcp("supabase"), well)).finding.ok


async def test_a_server_that_was_gone_listens_on_the_same_port_again(looker: Looker):
    url = looker.upstreams.addresses["mcp/fly"]
    async with httpx.AsyncClient(verify=False, trust_env=False) as client:
        for _ in range(3):
            await looker.upstreams.hold(60.0)
            with pytest.raises(httpx.ConnectError):
                await client.get(url)
            await looker.upstreams.hold(0.0)
            assert (await client.get(url)).status_code in (400, 405, 406)


async def test_the_simulated_redis_refuses_a_wrong_password(looker: Looker):
    await looker.upstreams.hold(0.0)
    key = platform("redis")
    spec = looker.specs[key]
    wrong = spec.options.model_copy(update={"url": spec.options.url.replace("demo@", "wrong@")})
    looker.specs[key] = dataclasses.replace(spec, options=wrong)
    try:
        attempt = await looker.look(key)
    finally:
        looker.specs[key] = spec
    assert attempt.finding.reason is Reason.AUTH


@pytest.mark.parametrize(
    ("name", "elapsed", "status"), [("shopify", 100.0, 429), ("chatwoot", 1910.0, 503), ("openai", 0.0, 200)]
)
async def test_the_apis_fail_as_the_script_has_it(looker: Looker, name, elapsed, status):
    [api] = [api for api in APIS if api.name == name]
    endpoint = api.endpoints[0]
    await looker.upstreams.hold(elapsed)
    async with httpx.AsyncClient(verify=False, trust_env=False, timeout=20) as client:
        url = looker.upstreams.addresses[f"api/{name}"] + endpoint.path
        answer = await client.request(endpoint.method, url, json={} if endpoint.method == "POST" else None)
    assert answer.status_code == status
    assert ("retry-after" in answer.headers) == (status == 429)


@pytest.mark.parametrize(
    ("name", "endpoint"), [(api.name, endpoint) for api in APIS for endpoint in api.endpoints], ids=str
)
async def test_every_endpoint_that_the_traffic_asks_answers(looker: Looker, name, endpoint):
    await looker.upstreams.hold(0.0)
    async with httpx.AsyncClient(verify=False, trust_env=False, timeout=20) as client:
        url = looker.upstreams.addresses[f"api/{name}"] + endpoint.path
        answer = await client.request(endpoint.method, url, json={} if endpoint.method == "POST" else None)
    assert answer.status_code == 200 or answer.status_code == 502, answer
    assert answer.json()


async def test_time_goes_on_when_it_is_not_held(looker: Looker):
    await looker.upstreams.hold(None)
    before = looker.upstreams.clock.elapsed()
    assert 0 < before < 600
    assert looker.upstreams.clock.elapsed() >= before
    await looker.upstreams.hold(0.0)
    assert looker.upstreams.clock.elapsed() == 0.0
