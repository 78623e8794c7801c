"""The one place where failures of a Redis connection become reasons and sentences."""

from collections.abc import Iterator

from redis import exceptions as redis_errors

from analytics.model import Reason
from collector.probes.base import ProbeFailure
from collector.probes.network_faults import explain_network

#: What a connection can end with. The parser raises ValueError and RecursionError for garbage.
REDIS_ERRORS = (redis_errors.RedisError, OSError, ValueError, RecursionError)

_CODES = {
    "WRONGPASS": (Reason.AUTH, "the server does not accept the user name or password"),
    "NOAUTH": (Reason.AUTH, "the server asks for a password, and none is configured"),
    "NOPERM": (Reason.AUTH, "this user may not run the check"),
    "DENIED": (Reason.AUTH, "the server is in protected mode and takes no clients from other machines"),
    "LOADING": (Reason.UNHEALTHY, "the server is loading its data and does not serve yet"),
    "MASTERDOWN": (Reason.UNHEALTHY, "is a replica that lost its master and therefore does not serve"),
    "CLUSTERDOWN": (Reason.UNHEALTHY, "the cluster is down"),
    "BUSY": (Reason.UNHEALTHY, "the server is busy running a script"),
    "MISCONF": (Reason.UNHEALTHY, "the server cannot save its data to disk and refuses to work"),
}
_TEXTS = {
    "max number of clients": (Reason.UNHEALTHY, "the server has no connection left: maxclients is reached"),
    "invalid password": (Reason.AUTH, "the server does not accept the user name or password"),
    "without any password configured": (
        Reason.AUTH,
        "a password is configured, but the server has none; take it out of the URL",
    ),
    "DB index is out of range": (Reason.UNHEALTHY, "the server has no database with the number in the URL"),
}


def failure(error: Exception, host: str) -> ProbeFailure:
    """What `error`, one of `REDIS_ERRORS`, says about the server at `host`.

    A deadline is raised as TimeoutError, so that the runner words it like every other.
    """
    chain = list(_chain(error))
    if any(isinstance(link, redis_errors.TimeoutError | TimeoutError) for link in chain):
        raise TimeoutError from error
    for link in chain:
        known = _server_error(link) or explain_network(link, host)
        if known:
            return ProbeFailure(*known)
    if isinstance(error, redis_errors.ResponseError):
        return ProbeFailure(Reason.UNHEALTHY, f"the server refused: {told(error)}")
    if isinstance(error, redis_errors.ConnectionError | OSError):
        return ProbeFailure(Reason.CONNECT, f"{host} closed the connection before it answered")
    return ProbeFailure(Reason.PROTOCOL, "the server does not speak the Redis protocol on this port")


def may_not_ask(error: Exception) -> bool:
    """Whether the server is well but keeps a command from this user, or does not have it."""
    return isinstance(error, redis_errors.NoPermissionError) or (
        isinstance(error, redis_errors.ResponseError) and "unknown command" in str(error).lower()
    )


def told(error: Exception) -> str:
    """The server's own words, short, and without the arguments that some repeat: AUTH's is a password."""
    return str(error).partition(", with args")[0][:200]


def _server_error(error: BaseException) -> tuple[Reason, str] | None:
    """An error the server itself sent, by its code, else by its text."""
    if not isinstance(error, redis_errors.RedisError):
        return None
    text = str(error)
    code = error.status_code or text.partition(" ")[0]
    return _CODES.get(code) or next((known for part, known in _TEXTS.items() if part in text), None)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """`error` and what caused it, outermost first."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
