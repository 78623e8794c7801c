"""The postgres probe against what is no PostgreSQL, or a strange one, and the options it takes."""

import struct

import pytest
from pydantic import ValidationError

from analytics.model import Reason
from collector.probes.postgres import KIND, PostgresOptions
from tests.collector.probes.attempts import HANG_UP, attempt, steps, talking
from tests.plugins.postgres_server import PASSWORD, PostgresServer


async def test_a_name_that_does_not_exist() -> None:
    done = await attempt(KIND, dsn="postgresql://health@postgres.invalid/main")
    assert done.finding.reason is Reason.DNS
    assert "postgres.invalid" in done.finding.message
    assert steps(done) == ["dns"]


async def test_a_server_that_says_nothing() -> None:
    async with talking() as silent:
        done = await attempt(KIND, timeout=0.3, dsn=f"postgresql://health@127.0.0.1:{silent.port}/main")
    assert (done.finding.reason, len(silent.heard)) == (Reason.TIMEOUT, 1)
    assert done.finding.message == "no answer within 0.3 s (during connect)"


NOT_POSTGRES = "the server does not speak the PostgreSQL protocol on this port"


@pytest.mark.parametrize("mode", ["disable", "prefer", "require"])
@pytest.mark.parametrize("garbage", [b"HTTP/1.1 400 Bad Request\r\n\r\n", bytes(50), b"-ERR unknown\r\n"])
async def test_what_is_no_postgres(garbage: bytes, mode: str) -> None:
    async with talking(garbage) as strange:
        dsn = f"postgresql://health@127.0.0.1:{strange.port}/main?sslmode={mode}"
        done = await attempt(KIND, timeout=2, dsn=dsn)
    assert (done.finding.reason, done.finding.message) == (Reason.PROTOCOL, NOT_POSTGRES)


async def test_a_server_that_hangs_up() -> None:
    async with talking(HANG_UP) as rude:
        done = await attempt(KIND, timeout=2, dsn=f"postgresql://health@127.0.0.1:{rude.port}/main")
    assert done.finding.reason is Reason.CONNECT
    assert done.finding.message == "127.0.0.1 closed the connection before it answered"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"R" + struct.pack("!ii", 8, 99), Reason.PROTOCOL),
        (b"R" + struct.pack("!i", -1), Reason.PROTOCOL),
        (b"E" + struct.pack("!i", 30) + b"SFATAL\0C99999\0Msomething\0\0\0\0", Reason.UNHEALTHY),
        (HANG_UP, Reason.CONNECT),
    ],
)
async def test_a_strange_postgres(answer: bytes, reason: Reason) -> None:
    """The first connection is asked for TLS alone; the second gets the strange answer to its login."""
    async with talking(b"N") as polite:
        polite.later = [answer]
        done = await attempt(KIND, timeout=2, dsn=f"postgresql://health:x@127.0.0.1:{polite.port}/main")
    assert (done.finding.ok, done.finding.reason) == (False, reason), done.finding.message


async def test_a_dsn_from_the_environment(postgres_server: PostgresServer) -> None:
    options = {"dsn": "${DATABASE_URL}"}
    missing = await attempt(KIND, **options)
    assert missing.finding.reason is Reason.MISSING_CREDENTIALS
    wrong = await attempt(KIND, environment={"DATABASE_URL": "hunter2"}, **options)
    assert wrong.finding.reason is Reason.BAD_CONFIGURATION
    assert "hunter2" not in wrong.finding.message
    found = await attempt(KIND, environment={"DATABASE_URL": postgres_server.dsn()}, **options)
    assert found.finding.ok
    assert PASSWORD not in str(found)


@pytest.mark.parametrize(
    ("dsn", "target", "host"),
    [
        ("postgresql://a:b@db.example.com/main", "postgresql://db.example.com/main", "db.example.com"),
        ("postgres://db.example.com:6543?dbname=main", "postgres://db.example.com:6543", "db.example.com"),
        ("postgresql://a:${PW}@db.example.com/main", "postgresql://db.example.com/main", "db.example.com"),
        ("postgresql://[::1]:5432/main", "postgresql://[::1]:5432/main", None),
        ("postgresql:///main?host=/run/postgresql", "postgresql:///main", None),
        ("${DATABASE_URL}", "${DATABASE_URL}", None),
    ],
)
def test_what_is_shown_and_what_it_depends_on(dsn: str, target: str, host: str | None) -> None:
    options = PostgresOptions(dsn=dsn)
    assert (options.target(), options.host()) == (target, host)


@pytest.mark.parametrize(
    "dsn",
    [
        "",
        "host=127.0.0.1 dbname=main",
        "mysql://127.0.0.1/main",
        "postgresql:///main",
        "postgresql://one,two/main",
        "postgresql://:pa/ss@host/main",
        "postgresql://:pa#ss@host/main",
        "postgresql://host:port/main",
        "postgresql://host/main?sslmode=allow",
        "postgresql://host/main?connect_timeout=5",
        "postgresql:///main?host=/run&port=x",
    ],
)
def test_what_is_no_dsn(dsn: str) -> None:
    with pytest.raises(ValidationError):
        PostgresOptions(dsn=dsn)
