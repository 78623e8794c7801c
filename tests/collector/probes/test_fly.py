"""The fly probe against a server that answers as the Machines API does."""

from typing import Any

import pytest
from pydantic import ValidationError

from analytics.model import Attempt, Reason
from collector.probes.fly import KIND, FlyOptions
from tests.collector.probes.http.ask import attempt
from tests.collector.probes.http.server import (
    Behaviour,
    Connection,
    Request,
    json_response,
    response,
    routes,
    serving,
)

TOKEN = "FlyV1 fm2_token-of-this-test"


def machine(state: str = "started", region: str = "ams", **checks: str) -> dict[str, Any]:
    """A machine as the API lists it; `checks` maps the name of a check to its status."""
    listed = [{"name": name, "status": status, "output": "…"} for name, status in checks.items()]
    return {"id": f"id-{region}", "name": "shy-sea", "state": state, "region": region, "checks": listed}


async def check(
    machines: list[dict[str, Any]] | bytes | Behaviour,
    health: bytes | None = None,
    timeout: float = 10,
    **options: Any,
) -> Attempt:
    """One attempt at the app `hotdash`; with `health` its own health URL answers that."""
    listed = json_response(machines) if isinstance(machines, list) else machines
    table = {"/v1/apps/hotdash/machines": listed, "/health": health or response(404)}
    async with serving(routes(table)) as server:
        given = {"app": "hotdash", "token": TOKEN, "api_url": server.url("/v1")} | options
        if health is not None:
            given["health_url"] = server.url("/health")
        return await attempt(KIND, given, timeout=timeout)


async def test_an_app_that_is_well() -> None:
    found = await check([machine(web="passing"), machine(region="fra", web="passing", tcp="passing")])
    assert found.finding.ok
    assert found.finding.message == "2 of 2 machines started, 3 of 3 checks pass"
    details = found.finding.details
    assert details["machines"] == {"started": 2}
    assert details["regions"] == ["ams", "fra"]
    assert details["checks"] == {"total": 3, "passing": 3, "failing": []}
    assert details["http_status"] == 200


@pytest.mark.parametrize(
    ("machines", "message"),
    [
        ([], "the app has no machines"),
        ([machine("destroyed"), machine("destroying")], "the app has no machines"),
        ([machine("stopped")], "0 of 1 machines started (1 stopped), 1 must be"),
        (
            [machine("stopped"), machine("suspended"), machine("created")],
            "0 of 3 machines started (1 created, 1 stopped, 1 suspended), 1 must be",
        ),
        ([machine(web="critical")], "web is critical on id-ams"),
        (
            [machine(web="warning"), machine(region="fra", web="passing", tcp="critical")],
            "web is warning on id-ams, tcp is critical on id-fra",
        ),
    ],
)
async def test_an_app_that_is_not_well(machines: list[dict[str, Any]], message: str) -> None:
    found = await check(machines)
    assert (found.finding.ok, found.finding.reason) == (False, Reason.UNHEALTHY)
    assert found.finding.message == message


@pytest.mark.parametrize(
    ("machines", "min_started", "ok"),
    [
        ([machine(), machine("stopped")], 1, True),
        ([machine(), machine("stopped")], 2, False),
        ([machine("stopped")], 0, True),
        ([machine("stopped", web="critical"), machine()], 1, True),
    ],
)
async def test_how_many_must_be_started(machines: list[dict[str, Any]], min_started: int, ok: bool) -> None:
    assert (await check(machines, min_started=min_started)).finding.ok is ok


async def test_an_app_that_sleeps_is_well_when_its_health_url_answers() -> None:
    found = await check([machine("suspended"), machine("stopped")], response(200))
    assert found.finding.ok
    assert found.finding.message == "the app sleeps (1 stopped, 1 suspended) and its health URL answers"
    assert found.finding.details["health"]["http_status"] == 200


async def test_an_app_that_sleeps_and_does_not_wake_up() -> None:
    found = await check([machine("stopped")], response(502))
    assert found.finding.reason is Reason.UNHEALTHY
    assert found.finding.message == (
        "0 of 1 machines started (1 stopped), 1 must be; health URL: answered 502 Bad Gateway"
    )


async def test_machines_that_run_while_the_health_url_fails() -> None:
    found = await check([machine()], response(503))
    assert (found.finding.reason, found.finding.message) == (
        Reason.HTTP_5XX,
        "health URL: answered 503 Service Unavailable",
    )


async def test_an_app_whose_health_url_answers_too() -> None:
    found = await check([machine()], response(200))
    assert found.finding.message == "1 of 1 machines started, and its health URL answers"


@pytest.mark.parametrize(
    ("answer", "reason", "message"),
    [
        (
            json_response({"error": "unauthorized"}, 401),
            Reason.AUTH,
            "the Machines API answered 401 Unauthorized: it answers, but wants other credentials",
        ),
        (
            json_response({"error": "app not found"}, 404),
            Reason.HTTP_4XX,
            "the Machines API knows no app hotdash (404)",
        ),
        (response(429), Reason.RATE_LIMITED, "the Machines API answered 429 Too Many Requests"),
        (response(500), Reason.HTTP_5XX, "the Machines API answered 500 Internal Server Error"),
        (
            response(200, "<html>", content_type="text/html"),
            Reason.PROTOCOL,
            "the answer is not JSON but text/html",
        ),
        (
            json_response({"machines": []}),
            Reason.PROTOCOL,
            "the Machines API answered something else than a list of machines",
        ),
    ],
)
async def test_what_the_api_says(answer: bytes, reason: Reason, message: str) -> None:
    found = await check(answer)
    assert (found.finding.ok, found.finding.reason, found.finding.message) == (False, reason, message)


async def test_the_app_answers_while_the_api_does_not() -> None:
    found = await check(response(503), response(200))
    assert found.finding.reason is Reason.HTTP_5XX
    assert found.finding.message == (
        "the Machines API answered 503 Service Unavailable; the health URL answers"
    )


async def test_an_api_that_hangs_does_not_hide_the_app() -> None:
    async def silent(connection: Connection, _request: Request) -> None:
        await connection.stay_silent()

    found = await check(silent, response(200), timeout=1)
    assert found.finding.reason is Reason.TIMEOUT
    assert found.finding.message == ("no answer within 0.9 s (during first_byte); the health URL answers")


@pytest.mark.parametrize(
    ("token", "sent"),
    [(TOKEN, TOKEN), ("Bearer abc-def", "Bearer abc-def"), ("fm2_abc", "Bearer fm2_abc")],
)
async def test_the_token_goes_with_its_scheme(token: str, sent: str) -> None:
    async with serving(routes({"/apps/hotdash/machines": json_response([machine()])})) as server:
        found = await attempt(KIND, {"app": "hotdash", "token": token, "api_url": server.url()})
    assert found.finding.ok
    assert server.requests[0].headers["authorization"] == sent


async def test_the_token_does_not_go_to_the_health_url() -> None:
    async with serving(
        routes({"/health": response(200), "/v1/apps/a/machines": json_response([])})
    ) as server:
        options = {
            "app": "a",
            "token": TOKEN,
            "api_url": server.url("/v1"),
            "health_url": server.url("/health"),
        }
        await attempt(KIND, options)
    (health,) = [request for request in server.requests if request.path == "/health"]
    assert "authorization" not in health.headers


@pytest.mark.parametrize("app", ["", "My App", "a/b", "../x"])
def test_a_wrong_app_name(app: str) -> None:
    with pytest.raises(ValidationError, match="is no app name; write the name alone, like my-app"):
        FlyOptions(app=app, token=TOKEN)


def test_what_is_shown_of_it() -> None:
    options = FlyOptions(app="hotdash", token=TOKEN)
    assert (options.target(), options.host()) == ("Fly app hotdash", "api.machines.dev")
    assert TOKEN not in repr(options)
