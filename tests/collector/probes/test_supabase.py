"""The supabase probe against a server that answers as a project does."""

from typing import Any

import pytest
from pydantic import ValidationError

from analytics.model import Attempt, Reason
from collector.probes.supabase import KIND, SupabaseOptions
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
from tests.plugins.ports import free_port
from tests.plugins.postgres_server import PostgresServer

KEY = "sb_publishable_of_this_test"
GOTRUE = {"version": "v2.180.0", "name": "GoTrue", "description": "GoTrue is a user registration API"}


def guarded(answer: bytes) -> Behaviour:
    """The gateway in front of a part: without the project's key nobody gets through."""

    async def behave(connection: Connection, request: Request) -> None:
        known = request.headers.get("apikey") == KEY
        await connection.send(answer if known else json_response({"message": "Invalid API key"}, 401))

    return behave


def project(**changed: bytes | Behaviour) -> dict[str, bytes | Behaviour]:
    """A project in which all is well, but for what `changed` says of auth, rest, table or storage."""
    parts: dict[str, bytes | Behaviour] = {
        "auth": guarded(json_response(GOTRUE)),
        "rest": json_response({"message": "Access to schema is forbidden"}, 403),
        "table": guarded(json_response([])),
        "storage": guarded(response(200)),
    }
    parts |= changed
    return {
        "/auth/v1/health": parts["auth"],
        "/rest/v1/": parts["rest"],
        "/rest/v1/health": parts["table"],
        "/storage/v1/status": parts["storage"],
    }


async def check(paths: dict[str, bytes | Behaviour], timeout: float = 10.0, **options: Any) -> Attempt:
    """One attempt at a project behind `paths`; the key is the right one unless `options` say so."""
    async with serving(routes(paths)) as server:
        given = {"url": server.url(), "key": KEY} | options
        return await attempt(KIND, given, timeout=timeout)


async def silent(connection: Connection, _request: Request) -> None:
    await connection.stay_silent()


async def test_a_project_that_is_well() -> None:
    found = await check(project(), table="health")
    assert found.finding.ok
    assert found.finding.message == "auth, rest and storage answer"
    parts = found.finding.details["parts"]
    assert list(parts) == ["auth", "rest", "storage"]
    assert parts["auth"]["version"] == "v2.180.0"
    assert all(part["ok"] and part["http_status"] == 200 and part["ms"] > 0 for part in parts.values())
    assert set(found.finding.details["steps_ms"]) == {"auth", "rest", "storage"}
    assert "connect" in parts["rest"]["steps_ms"]


async def test_the_root_closed_to_publishable_keys_is_alive() -> None:
    found = await check(project())
    assert found.finding.ok
    assert found.finding.details["parts"]["rest"]["message"] == (
        "answered 403, as its root does to publishable keys; name a `table` to query"
    )


async def test_a_wrong_key_is_alive_and_says_so() -> None:
    found = await check(project(), key="sb_publishable_wrong")
    assert (found.finding.ok, found.finding.reason) == (False, Reason.AUTH)
    assert found.finding.message.startswith("auth: answered 401 Unauthorized")
    assert found.finding.message.endswith("(rest answers)")


@pytest.mark.parametrize(
    ("answer", "reason", "message"),
    [
        (
            json_response({"code": "42501", "message": "permission denied for table health"}, 403),
            Reason.AUTH,
            "rest: it answers, but the key has no grant to read the table (42501) (auth and storage answer)",
        ),
        (
            json_response({"code": "42501", "message": "permission denied for table health"}, 401),
            Reason.AUTH,
            "rest: it answers, but the key has no grant to read the table (42501) (auth and storage answer)",
        ),
        (
            json_response({"code": "PGRST205", "message": "Could not find the table"}, 404),
            Reason.HTTP_4XX,
            "rest: it answers, but knows no such table (PGRST205) (auth and storage answer)",
        ),
        (
            json_response({"code": "PGRST002", "message": "Could not query the database"}, 503),
            Reason.HTTP_5XX,
            "rest: it answers, but cannot reach its database (PGRST002) (auth and storage answer)",
        ),
        (
            response(502, "<html>Bad gateway</html>"),
            Reason.HTTP_5XX,
            "rest: answered 502 Bad Gateway (auth and storage answer)",
        ),
        (
            response(429, retry_after="5"),
            Reason.RATE_LIMITED,
            "rest: answered 429 Too Many Requests (auth and storage answer)",
        ),
    ],
)
async def test_what_the_table_says(answer: bytes, reason: Reason, message: str) -> None:
    found = await check(project(table=answer), table="health")
    assert (found.finding.ok, found.finding.reason) == (False, reason)
    assert found.finding.message == message


async def test_storage_that_answers_but_is_not_well() -> None:
    found = await check(project(storage=json_response({"healthy": False})))
    assert (found.finding.reason, found.finding.message) == (
        Reason.UNHEALTHY,
        "storage: it answers, but says it is not healthy (auth and rest answer)",
    )


async def test_a_page_where_auth_should_be_is_no_health() -> None:
    for page in (response(200, "<html>parked</html>", content_type="text/html"), json_response([1])):
        found = await check(project(auth=page))
        assert found.finding.reason is Reason.PROTOCOL
        assert found.finding.message.startswith("auth: the answer is not ")


async def test_a_paused_project_says_so() -> None:
    paused = response(540, "Project paused")
    found = await check(project(auth=paused, rest=paused, storage=paused))
    assert (found.finding.reason, found.finding.message) == (Reason.HTTP_5XX, "the project is paused")


async def test_a_restricted_project_says_so() -> None:
    found = await check(project(storage=response(402)))
    assert found.finding.message.startswith("storage: answered 402: the project is restricted")


async def test_a_part_that_hangs_does_not_hide_the_others() -> None:
    found = await check(project(storage=silent), timeout=1)
    assert found.finding.reason is Reason.TIMEOUT
    assert found.finding.message == (
        "storage: no answer within 0.9 s (during first_byte) (auth and rest answer)"
    )
    assert found.finding.details["parts"]["auth"]["ok"]
    assert found.duration_ms < 1000


async def test_a_failure_counts_before_a_part_that_is_only_alive() -> None:
    found = await check(project(auth=response(401), storage=response(500)))
    assert found.finding.reason is Reason.HTTP_5XX
    assert found.finding.message.startswith("auth: answered 401")


async def test_nothing_answers() -> None:
    found = await attempt(KIND, {"url": f"http://127.0.0.1:{free_port()}", "key": KEY})
    assert found.finding.reason is Reason.CONNECT
    assert found.finding.message.count("refused the connection") == 3


@pytest.mark.parametrize(
    ("key", "authorization"),
    [(KEY, None), ("eyJhbGciOiJIUzI1NiJ9.e30.x", "Bearer eyJhbGciOiJIUzI1NiJ9.e30.x")],
)
async def test_only_the_older_keys_go_into_the_authorization_header(
    key: str, authorization: str | None
) -> None:
    async with serving(routes(project())) as server:
        await attempt(KIND, {"url": server.url(), "key": key})
    assert {request.headers.get("authorization") for request in server.requests} == {authorization}
    assert {request.headers["apikey"] for request in server.requests} == {key}


async def test_the_database_is_a_part_of_its_own(postgres_server: PostgresServer) -> None:
    found = await check(project(), dsn=postgres_server.dsn())
    assert found.finding.ok
    assert found.finding.message == "auth, rest, storage and database answer"
    assert found.finding.details["parts"]["database"]["ok"]


async def test_a_database_that_is_gone_while_the_rest_answers() -> None:
    found = await check(project(), dsn=f"postgresql://a:very-secret@127.0.0.1:{free_port()}/x")
    assert found.finding.reason is Reason.CONNECT
    assert found.finding.message.startswith("database: ")
    assert found.finding.message.endswith("(auth, rest and storage answer)")
    assert "very-secret" not in str(found)


async def test_the_key_is_nowhere_in_what_is_kept() -> None:
    assert KEY not in str(await check(project(auth=response(500, KEY)), table="health"))
    assert KEY not in repr(SupabaseOptions(url="https://a.example", key=KEY))


@pytest.mark.parametrize("table", ["", "a/b", "a?select=*", "a b"])
def test_a_wrong_table_name(table: str) -> None:
    with pytest.raises(ValidationError):
        SupabaseOptions(url="https://a.example", key=KEY, table=table)


def test_which_host_it_depends_on() -> None:
    options = SupabaseOptions(url="https://abc.supabase.co", key=KEY)
    assert (options.host(), options.target()) == ("abc.supabase.co", "https://abc.supabase.co")
