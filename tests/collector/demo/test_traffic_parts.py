"""The parts of the traffic by themselves: its pace, its address, its quotas, senders and the application."""

import asyncio
import random
import socket
from collections import Counter
from datetime import UTC, datetime
from types import SimpleNamespace

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from collector.client import endpoint_template
from collector.demo.application import application
from collector.demo.errands import Errands
from collector.demo.habits import STALE_SECONDS
from collector.demo.listen_address import listen_address
from collector.demo.pace import BURST_UNTIL, pause, per_second
from collector.demo.quotas import used_now, usual_share
from collector.demo.script import SCRIPT
from collector.demo.services import APIS, SOURCES
from collector.demo.stage import ScriptClock, Stage
from collector.demo.traffic_deliveries import Senders
from collector.webhooks import verify

#: A Tuesday at three in the afternoon: as busy as it gets.
BUSY = datetime(2026, 11, 24, 15, tzinfo=UTC).timestamp()
QUIET = datetime(2026, 11, 24, 3, tzinfo=UTC).timestamp()
SECRETS = {source.name: source.secret for source in SOURCES}


def test_the_first_minute_brings_two_thousand_calls_at_any_hour():
    total = sum(api.calls_per_hour for api in APIS)
    for moment in (BUSY, QUIET):
        assert per_second(total, 0.0, moment) * (BURST_UNTIL - 5) > 2000


def test_afterwards_it_is_the_rhythm_of_the_day():
    assert per_second(3600, BURST_UNTIL, QUIET) == pytest.approx(0.45, abs=0.01)
    assert per_second(3600, BURST_UNTIL, BUSY) == pytest.approx(1.69, abs=0.01)


def test_nothing_goes_wrong_with_an_api_while_everything_comes_at_once():
    firsts = [episode.start for episode in SCRIPT if str(episode.service).startswith(("api/", "webhook/"))]
    assert min(firsts) > BURST_UNTIL


def test_pauses_have_the_mean_that_the_rate_asks_for():
    chance = random.Random(5)
    assert sum(pause(4.0, chance) for _ in range(4000)) / 4000 == pytest.approx(0.25, rel=0.05)


def test_endpoints_are_named_as_the_client_records_them():
    for api in APIS:
        for endpoint in api.endpoints:
            assert endpoint_template(endpoint.name) == endpoint.name
            assert "{" not in endpoint.path


def test_a_quota_is_used_more_when_it_is_busy_and_never_beyond_its_limit():
    for api in APIS:
        if api.quota is not None:
            assert usual_share(api.quota, BUSY, 1.0) > usual_share(api.quota, QUIET, 0.0) > 0
            stage = Stage(ScriptClock(held_at=0.0), lambda: BUSY, random.Random(1))
            shares = [used_now(api.name, stage)[1] / api.quota.limit for _ in range(500)]
            assert 0 < min(shares) <= max(shares) <= 1


@pytest.mark.parametrize("told", ["127.0.0.1:4711", "[::1]:4711", "0.0.0.0:4711"])
def test_the_receiver_listens_where_it_was_told_to(told: str):
    assert listen_address({"HEALTH_LISTEN": told}) == told


def test_port_0_becomes_a_port_that_can_be_told():
    host, _, port = listen_address({"HEALTH_LISTEN": "127.0.0.1:0"}).rpartition(":")
    assert host == "127.0.0.1"
    assert int(port) > 0


def test_a_taken_usual_port_is_left_to_whoever_has_it():
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", 8600))
            taken.listen()
        except OSError:
            pass  # somebody else has it, which is as good
        assert listen_address({}) not in ("127.0.0.1:8600", "127.0.0.1:0")


async def test_the_application_processes_nearly_all_and_fails_over_some():
    stage = Stage(ScriptClock(held_at=0.0), lambda: BUSY, random.Random(4))
    stage.seconds = lambda *_: 0.0
    transport = httpx.ASGITransport(application(stage, late_seconds=0.0))
    async with httpx.AsyncClient(transport=transport, base_url="http://application") as http:
        answers = [await http.post("/webhooks/shopify", content=b"{}") for _ in range(1000)]
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) == {200, 500}
    assert 1 <= statuses[500] <= 20


class Ledger:
    """A receiver that notes what it verified, and fails over one in seven unless it is `patient`."""

    def __init__(self, patient: bool = False) -> None:
        self.patient = patient
        self.seen: list[SimpleNamespace] = []
        self.known: set[str] = set()

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/webhooks/{source}", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        source = request.path_params["source"]
        body = await request.body()
        found = verify(source, [SECRETS[source]], request.headers, body, datetime.now(UTC))
        self.seen.append(SimpleNamespace(source=source, body=body, **_fields(found)))
        if not found.verified:
            return Response(status_code=401)
        fails = not self.patient and found.delivery_id not in self.known and len(self.known) % 7 == 0
        self.known.add(found.delivery_id)
        return Response(status_code=500 if fails else 200)

    def of(self, reason: str) -> list[SimpleNamespace]:
        return [delivery for delivery in self.seen if delivery.reason == reason]


def _fields(found) -> dict:
    return {"verified": found.verified, "reason": found.reason, "delivery_id": found.delivery_id}


async def _sent(ledger: Ledger, elapsed: float, enough, seed: int = 2) -> None:
    errands = Errands(ScriptClock(held_at=elapsed), 1e6, random.Random(seed), lambda: BUSY)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(ledger.app())) as http:
        senders = asyncio.create_task(Senders("http://receiver/webhooks", http, errands).run())
        try:
            async with asyncio.timeout(20):
                while not enough():
                    await asyncio.sleep(0.01)
        finally:
            senders.cancel()
            await asyncio.gather(senders, return_exceptions=True)
            await errands.give_up()


async def test_what_was_not_taken_is_sent_again_with_the_same_id_and_body():
    ledger = Ledger()
    await _sent(ledger, 100.0, lambda: len(ledger.seen) > 400)
    times: dict[str, list[bytes]] = {}
    for delivery in ledger.seen:
        times.setdefault(delivery.delivery_id, []).append(delivery.body)
    assert sum(len(bodies) > 1 for bodies in times.values()) > len(times) / 10
    assert all(len(set(bodies)) == 1 for bodies in times.values())


async def test_some_of_what_was_taken_comes_again():
    ledger = Ledger(patient=True)

    def repeated() -> list[str]:
        ids = Counter(delivery.delivery_id for delivery in ledger.seen if delivery.verified)
        return [delivery_id for delivery_id, times in ids.items() if times > 1]

    await _sent(ledger, 100.0, repeated)
    assert len(repeated()) / len(ledger.seen) < 0.1


async def test_strangers_and_late_deliveries_are_among_them_and_nobody_repeats_those():
    ledger = Ledger()
    # One in a thousand comes too late; with this seed two do before the first thousand are over.
    await _sent(
        ledger, 100.0, lambda: ledger.of("bad_signature") and len(ledger.of("stale_timestamp")) > 1, seed=12
    )
    ids = Counter(delivery.delivery_id for delivery in ledger.seen if not delivery.verified)
    assert max(ids.values()) == 1
    assert {delivery.source for delivery in ledger.of("stale_timestamp")} == {"chatwoot"}
    assert STALE_SECONDS > 300
    assert sum(not delivery.verified for delivery in ledger.seen) / len(ledger.seen) < 0.05


async def test_a_source_that_was_quiet_is_heard_while_its_secret_is_wrong():
    ledger = Ledger()
    await _sent(ledger, 250.0, lambda: len([one for one in ledger.seen if one.source == "chatwoot"]) > 20)
    assert {one.reason for one in ledger.seen if one.source == "chatwoot"} == {"bad_signature"}
