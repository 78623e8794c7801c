"""The one place where failures of a PostgreSQL connection become reasons and sentences.

SQLSTATE codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

import asyncpg

from analytics.model import Reason
from collector.probes.base import ProbeFailure
from collector.probes.network_faults import explain_network

#: What a connection can end with; asyncpg raises the last two for answers it cannot read.
POSTGRES_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)

_BY_STATE = {
    "28P01": (Reason.AUTH, "the server does not accept the user name or password"),
    "28000": (Reason.AUTH, "the server does not let this user in"),
    "42501": (Reason.AUTH, "this user may not use this database"),
    "3D000": (Reason.UNHEALTHY, "the database does not exist"),
    "53300": (Reason.UNHEALTHY, "no connection is left"),
    "57P01": (Reason.UNHEALTHY, "the server is shutting down"),
    "57P02": (Reason.UNHEALTHY, "the server crashed and restarts"),
    "57P03": (Reason.UNHEALTHY, "the server takes no connections now"),
}
#: Privileges, a feature or a column a server does not have, its own limit of time.
_REFUSALS = ("42501", "0A000", "42703", "42P01", "42883", "42704", "57014")


def failure(error: Exception, host: str) -> ProbeFailure:
    """What `error`, one of `POSTGRES_ERRORS`, says about the server at `host`.

    A deadline is raised as TimeoutError, so that the runner words it like every other.
    """
    if isinstance(error, TimeoutError):
        raise TimeoutError from error
    if isinstance(error, asyncpg.PostgresConnectionError) and error.sqlstate in ("08003", "08006"):
        return ProbeFailure(Reason.CONNECT, f"{host} closed the connection in the middle of the check")
    if isinstance(error, asyncpg.PostgresError):
        return _refused(error)
    known = explain_network(error, host)
    if known:
        return ProbeFailure(*known)
    if isinstance(error, OSError):
        return ProbeFailure(Reason.CONNECT, f"{host} closed the connection before it answered")
    if isinstance(error, asyncpg.ClientConfigurationError):
        return ProbeFailure(Reason.BAD_CONFIGURATION, "a certificate or option of the DSN is wrong")
    return ProbeFailure(Reason.PROTOCOL, f"the server's answer is not understood: {told(error)}")


def is_refusal(error: asyncpg.PostgresError) -> bool:
    """Whether the server is well and only keeps this answer from us."""
    return error.sqlstate in _REFUSALS


def told(error: Exception) -> str:
    """The first line of what the server, or the library, said."""
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _refused(error: asyncpg.PostgresError) -> ProbeFailure:
    known = _BY_STATE.get(error.sqlstate)
    if known is None:
        return ProbeFailure(
            Reason.UNHEALTHY, f"the server refused: {told(error)}", {"sqlstate": error.sqlstate}
        )
    reason, message = known
    return ProbeFailure(reason, f"{message}: {told(error)}", {"sqlstate": error.sqlstate})
