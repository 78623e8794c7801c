"""The postgres probe against a real PostgreSQL in every state it can be brought into."""

import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
import trustme

from analytics.model import Reason
from collector.probes.postgres import KIND
from tests.collector.probes.attempts import attempt, steps
from tests.plugins.ports import free_port, wait_until
from tests.plugins.postgres_server import PASSWORD, USER, PostgresServer, cluster, own


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[PostgresServer]:
    """A cluster these tests may stop, freeze and reconfigure; each leaves it running."""
    with cluster("log_connections=on") as server:
        yield server


@asynccontextmanager
async def admin(server: PostgresServer, database: str = "postgres") -> AsyncIterator[Any]:
    """A connection of the test's own, to bring the server into a state."""
    connection = await asyncpg.connect(server.dsn(database), ssl="disable")
    try:
        yield connection
    finally:
        await connection.close()


def logins(server: PostgresServer) -> int:
    return server.log.count("password authentication failed")


async def test_a_healthy_server(postgres_server: PostgresServer, postgres_database: str) -> None:
    done = await attempt(KIND, dsn=postgres_server.dsn(postgres_database))
    details = done.finding.details
    assert (done.finding.ok, done.finding.reason) == (True, Reason.OK), done.finding.message
    assert steps(done) == ["connect", "select_1", "connections"]
    assert details["connections_max"] == 60
    assert details["connections_reserved"] == 3
    assert details["connections_used"] >= 1
    assert details["connections_percent"] == int(10_000 * details["connections_used"] / 60) / 100
    assert details["in_recovery"] is False
    assert details["database_bytes"] > 1_000_000
    version, used = details["version"], details["connections_used"]
    assert done.finding.message == f"PostgreSQL {version}, {used} of 60 connections taken"
    timed = details["steps_ms"]["connect"] + details["steps_ms"]["select_1"]
    assert timed <= done.response_time_ms <= done.duration_ms, "the latency ends with select 1"


async def test_connections_of_others_are_counted(
    postgres_server: PostgresServer, postgres_database: str
) -> None:
    dsn = postgres_server.dsn(postgres_database)
    before = (await attempt(KIND, dsn=dsn)).finding.details["connections_used"]
    async with admin(postgres_server), admin(postgres_server):
        during = (await attempt(KIND, dsn=dsn)).finding.details["connections_used"]
    assert during == before + 2


async def test_nothing_stays_connected(postgres_server: PostgresServer, postgres_database: str) -> None:
    for password in (PASSWORD, PASSWORD, "wrong"):
        await attempt(KIND, dsn=postgres_server.dsn(postgres_database, password))
    async with admin(postgres_server) as connection:
        left = await connection.fetchval(
            "select count(*) from pg_stat_activity where datname = $1", postgres_database
        )
    assert left == 0


async def test_an_ordinary_user_sees_enough(postgres_server: PostgresServer, postgres_database: str) -> None:
    async with admin(postgres_server, postgres_database) as connection:
        await connection.execute(f"create role {postgres_database} login password 'plain'")
        done = await attempt(KIND, dsn=postgres_server.dsn(postgres_database, "plain", postgres_database))
    assert done.finding.ok
    assert done.finding.details["connections_used"] >= 2, "his own and the superuser's"
    assert done.finding.details["connections_max"] == 60


async def test_a_server_that_keeps_its_state_to_itself(
    postgres_server: PostgresServer, postgres_database: str
) -> None:
    async with admin(postgres_server, postgres_database) as connection:
        await connection.execute("revoke execute on function pg_is_in_recovery() from public")
        await connection.execute(f"create role {postgres_database} login password 'plain'")
        done = await attempt(KIND, dsn=postgres_server.dsn(postgres_database, "plain", postgres_database))
    assert done.finding.ok, done.finding.message
    assert "permission denied" in done.finding.details["connections_refused"]
    assert done.finding.message == f"PostgreSQL {done.finding.details['version']}"


async def test_a_stopped_server() -> None:
    done = await attempt(KIND, dsn=f"postgresql://health@127.0.0.1:{free_port()}/main")
    assert (done.finding.reason, done.finding.message) == (
        Reason.CONNECT,
        "127.0.0.1 refused the connection",
    )


async def test_a_wrong_password_is_tried_once(own_postgres: PostgresServer) -> None:
    before = logins(own_postgres)
    done = await attempt(KIND, dsn=own_postgres.dsn(password="wrong-hunter2"))
    assert (done.finding.ok, done.finding.reason) == (False, Reason.AUTH)
    assert done.finding.message == (
        "the server does not accept the user name or password: "
        f'password authentication failed for user "{USER}"'
    )
    assert done.finding.details["sqlstate"] == "28P01"
    assert logins(own_postgres) == before + 1
    assert "hunter2" not in str(done)


async def test_a_role_that_may_not_log_in(postgres_server: PostgresServer, postgres_database: str) -> None:
    async with admin(postgres_server) as connection:
        await connection.execute(f"create role {postgres_database} nologin password 'plain'")
    done = await attempt(KIND, dsn=postgres_server.dsn(postgres_database, "plain", postgres_database))
    assert (done.finding.reason, done.finding.details["sqlstate"]) == (Reason.AUTH, "28000")


async def test_a_role_that_may_not_use_the_database(
    postgres_server: PostgresServer, postgres_database: str
) -> None:
    async with admin(postgres_server) as connection:
        await connection.execute(f"create role {postgres_database} login password 'plain'")
        await connection.execute(f"revoke connect on database {postgres_database} from public")
    done = await attempt(KIND, dsn=postgres_server.dsn(postgres_database, "plain", postgres_database))
    assert (done.finding.reason, done.finding.details["sqlstate"]) == (Reason.AUTH, "42501")


async def test_a_database_that_does_not_exist(postgres_server: PostgresServer) -> None:
    done = await attempt(KIND, dsn=postgres_server.dsn("nowhere"))
    assert done.finding.reason is Reason.UNHEALTHY
    assert done.finding.message == 'the database does not exist: database "nowhere" does not exist'


async def test_a_role_with_no_connection_left(
    postgres_server: PostgresServer, postgres_database: str
) -> None:
    dsn = postgres_server.dsn(postgres_database, "plain", postgres_database)
    async with admin(postgres_server) as connection:
        await connection.execute(f"create role {postgres_database} login connection limit 1 password 'plain'")
    taken = await asyncpg.connect(dsn, ssl="disable")
    try:
        done = await attempt(KIND, dsn=dsn)
    finally:
        await taken.close()
    assert done.finding.reason is Reason.UNHEALTHY
    assert done.finding.message == (
        f'no connection is left: too many connections for role "{postgres_database}"'
    )


async def test_a_server_with_no_connection_left(own_postgres: PostgresServer) -> None:
    own_postgres.stop()
    own_postgres.start("max_connections=4", "superuser_reserved_connections=0", "max_wal_senders=0")
    taken = [await asyncpg.connect(own_postgres.dsn(), ssl="disable") for _ in range(4)]
    try:
        done = await attempt(KIND, dsn=own_postgres.dsn())
    finally:
        for connection in taken:
            await connection.close()
    own_postgres.stop()
    own_postgres.start()
    assert done.finding.reason is Reason.UNHEALTHY
    assert done.finding.message == "no connection is left: sorry, too many clients already"


async def test_a_server_that_is_shutting_down(own_postgres: PostgresServer) -> None:
    assert own_postgres.process is not None
    async with admin(own_postgres):
        own_postgres.process.send_signal(signal.SIGTERM)
        wait_until(lambda: "received smart shutdown request" in own_postgres.log, "the shutdown to begin")
        done = await attempt(KIND, dsn=own_postgres.dsn())
    own_postgres.process.wait()
    own_postgres.start()
    assert done.finding.reason is Reason.UNHEALTHY
    assert done.finding.message == "the server takes no connections now: the database system is shutting down"


async def test_a_frozen_server(own_postgres: PostgresServer) -> None:
    assert own_postgres.process is not None
    os.kill(own_postgres.process.pid, signal.SIGSTOP)
    try:
        done = await attempt(KIND, timeout=0.5, dsn=own_postgres.dsn())
    finally:
        os.kill(own_postgres.process.pid, signal.SIGCONT)
    assert done.finding.reason is Reason.TIMEOUT
    assert done.finding.message == "no answer within 0.5 s (during connect)"


async def test_a_replica(own_postgres: PostgresServer) -> None:
    own_postgres.stop()
    signal_file = own_postgres.data / "standby.signal"
    signal_file.touch()
    own(signal_file)
    own_postgres.start()
    done = await attempt(KIND, dsn=own_postgres.dsn())
    own_postgres.stop()
    signal_file.unlink()
    own_postgres.start()
    assert done.finding.ok, done.finding.message
    assert done.finding.details["in_recovery"] is True
    assert done.finding.message.endswith(", a replica")


async def test_tls(own_postgres: PostgresServer) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(own_postgres.folder / "ca.pem")
    certificate.cert_chain_pems[0].write_to_path(own_postgres.data / "server.crt")
    certificate.private_key_pem.write_to_path(own_postgres.data / "server.key")
    for name in ("server.crt", "server.key"):
        own(own_postgres.data / name)
        (own_postgres.data / name).chmod(0o600)
    own_postgres.stop()
    own_postgres.start("ssl=on", "log_connections=on")
    dsn = own_postgres.dsn()
    try:
        asked = await attempt(KIND, dsn=dsn)
        plain = await attempt(KIND, dsn=f"{dsn}?sslmode=disable")
        verified = await attempt(
            KIND, dsn=f"{dsn}?sslmode=verify-full&sslrootcert={own_postgres.folder}/ca.pem"
        )
        no_file = await attempt(KIND, dsn=f"{dsn}?sslmode=verify-full&sslrootcert=/none.pem")
        other = trustme.CA()
        other.cert_pem.write_to_path(own_postgres.folder / "other.pem")
        refused = await attempt(
            KIND, dsn=f"{dsn}?sslmode=verify-full&sslrootcert={own_postgres.folder}/other.pem"
        )
        before = logins(own_postgres)
        wrong = await attempt(KIND, dsn=own_postgres.dsn(password="wrong"))
        tries = logins(own_postgres) - before
    finally:
        own_postgres.stop()
        own_postgres.start()
    assert [done.finding.ok for done in (asked, plain, verified)] == [True, True, True]
    assert own_postgres.log.count("SSL enabled") == 2, "asked and verified, not plain"
    assert no_file.finding.reason is Reason.BAD_CONFIGURATION
    assert refused.finding.reason is Reason.TLS
    assert refused.finding.message.startswith("the certificate of 127.0.0.1 is not valid: ")
    assert (wrong.finding.reason, tries) == (Reason.AUTH, 1), "no second login without TLS"


async def test_tls_that_the_server_does_not_offer(postgres_server: PostgresServer) -> None:
    done = await attempt(KIND, dsn=f"{postgres_server.dsn()}?sslmode=require")
    assert done.finding.reason is Reason.TLS
    assert done.finding.message == "the server offers no TLS, and the DSN asks for it (require)"


async def test_a_unix_socket(postgres_server: PostgresServer) -> None:
    where = f"host={postgres_server.folder}&port={postgres_server.port}"
    done = await attempt(KIND, dsn=f"postgresql://{USER}:{PASSWORD}@/postgres?{where}")
    assert done.finding.ok, done.finding.message
    missing = await attempt(KIND, dsn=f"postgresql://{USER}@/postgres?host=/nowhere")
    assert (missing.finding.reason, missing.finding.message) == (
        Reason.CONNECT,
        "there is no socket /nowhere",
    )
