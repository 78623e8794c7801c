"""The postgres probe: connect and log in, `select 1`, then how many of the connections are taken."""

import contextlib
import time
from typing import Annotated, Any

import asyncpg
from pydantic import AfterValidator

from analytics.model import Finding, Reason
from collector.probes.base import ProbeContext, ProbeFailure, ProbeKind
from collector.probes.http_url import network_host, shown_url
from collector.probes.lookup import look_up
from collector.probes.options import ProbeOptions
from collector.probes.postgres_dsn import Dsn, read_dsn
from collector.probes.postgres_faults import POSTGRES_ERRORS, failure, is_refusal, told
from collector.probes.postgres_state import QUERY, SIZE_QUERY, State, details_of, summary
from collector.probes.postgres_tls import offers_tls
from collector.secrets import REFERENCE

#: What is asked beside `select 1` must not be what makes a busy server busier.
_STATEMENT_TIMEOUT_MS = 1000
_CLOSE_SECONDS = 1.0


def _dsn(value: str) -> str:
    """Accept a DSN as it is understood; a value with `${NAME}` is looked at again once it is filled."""
    if not REFERENCE.search(value):
        read_dsn(value)
    return value


class PostgresOptions(ProbeOptions):
    """A PostgreSQL database, or a pooler in front of it, by DSN: `postgresql://user:password@host/database`."""

    dsn: Annotated[str, AfterValidator(_dsn)]

    def target(self) -> str:
        return shown_url(self.dsn)

    def host(self) -> str | None:
        return network_host(self.dsn)


async def probe(options: PostgresOptions, context: ProbeContext) -> Finding:
    """Check the database behind the DSN. Raises `ProbeFailure` when it does not answer as it should."""
    return await check(options.dsn, context)


async def check(dsn: str, context: ProbeContext) -> Finding:
    """One login, one `select 1`, one look at the connections.

    `dsn` must be filled in. Steps are `dns`, `connect`, `select_1` and `connections`. The latency is the
    time until `select 1` was answered: what comes after is asked for the details alone. Raises
    `ProbeFailure`, and TimeoutError when `context.timeout` (seconds) is over.
    """
    started = time.perf_counter()
    try:
        where = read_dsn(dsn)
    except ValueError as error:
        raise ProbeFailure(Reason.BAD_CONFIGURATION, f"the DSN {error}") from None
    if not where.is_socket:
        await look_up(where.host, where.port, context)
    connection = None
    try:
        with context.steps.step("connect"):
            connection = await _connect(where, context.timeout)
        with context.steps.step("select_1"):
            await connection.execute("select 1")
        latency_ms = 1000.0 * (time.perf_counter() - started)
        details = await _examine(connection, context)
        await connection.close(timeout=_CLOSE_SECONDS)
    except POSTGRES_ERRORS as error:
        raise failure(error, where.host) from error
    finally:
        if connection is not None:
            connection.terminate()
    return Finding(True, Reason.OK, summary(details), details, latency_ms)


async def _connect(where: Dsn, timeout: float) -> Any:
    """Exactly one login. asyncpg's `prefer` tries again when the first is refused, so it is settled here.

    Without a statement cache it also works through a pooler that hands out a connection a transaction.
    """
    sslmode = where.sslmode
    if where.is_socket:
        sslmode = "disable"
    elif await offers_tls(where.host, where.port):
        sslmode = "require" if sslmode == "prefer" else sslmode
    elif sslmode in ("prefer", "disable"):
        sslmode = "disable"
    else:
        raise ProbeFailure(Reason.TLS, f"the server offers no TLS, and the DSN asks for it ({sslmode})")
    return await asyncpg.connect(
        where.text, ssl=sslmode, timeout=timeout, command_timeout=timeout, statement_cache_size=0
    )


async def _examine(connection: Any, context: ProbeContext) -> dict[str, Any]:
    """What the server says about itself; a server that keeps it from this user is well all the same."""
    version = ".".join(str(part) for part in connection.get_server_version()[:2])
    state = State(version)
    try:
        with context.steps.step("connections"):
            async with connection.transaction(readonly=True):
                await connection.execute(f"set local statement_timeout = {_STATEMENT_TIMEOUT_MS}")
                state.row = dict(await connection.fetchrow(QUERY))
                with contextlib.suppress(asyncpg.PostgresError):
                    state.size_bytes = await connection.fetchval(SIZE_QUERY)
    except asyncpg.PostgresError as error:
        if not is_refusal(error):
            raise
        state.refused = told(error)
    return details_of(state)


KIND = ProbeKind("postgres", PostgresOptions, probe)
