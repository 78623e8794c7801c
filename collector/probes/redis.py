"""The redis probe: connect, log in, PING, then what INFO says about the server's state."""

import contextlib
import json
import re
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator
from redis.asyncio.connection import Connection, UnixDomainSocketConnection, parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from analytics.model import Finding, Reason
from collector.probes.base import ProbeContext, ProbeFailure, ProbeKind
from collector.probes.http_url import network_host, shown_url
from collector.probes.lookup import look_up
from collector.probes.options import ProbeOptions
from collector.probes.redis_faults import REDIS_ERRORS, failure, may_not_ask, told
from collector.probes.redis_info import judge, parse_info
from collector.secrets import REFERENCE

#: What a URL may set; the rest (retries, timeouts, pools) is the collector's business.
_PARAMETERS = {"db", "ssl_ca_certs", "ssl_cert_reqs", "ssl_certfile", "ssl_check_hostname", "ssl_keyfile"}
_DATABASE = re.compile(r"(/[0-9]{0,4})?")
_HOW = "write it like redis://user:password@host:6379/0, rediss://… for TLS, or unix:///path/to/socket"


def _redis_url(value: str) -> str:
    """Accept what redis-py can connect to; a value with `${NAME}` is looked at again once it is filled."""
    if REFERENCE.search(value):
        return value
    try:
        settings = parse_url(value)
    except ValueError:
        raise ValueError(f"is no Redis URL; {_HOW}") from None
    if "path" not in settings and "host" not in settings:
        raise ValueError(f"is a Redis URL without a host; {_HOW}")
    known = {"username", "password", "connection_class", "host", "port", "path"} | _PARAMETERS
    unknown = sorted(settings.keys() - known)
    if unknown:
        allowed = ", ".join(sorted(_PARAMETERS))
        raise ValueError(f"has the parameter {json.dumps(unknown[0])}; only {allowed} can be set")
    if settings.get("ssl_cert_reqs", "none") not in ("none", "optional", "required"):
        raise ValueError("has a wrong ssl_cert_reqs; write none, optional or required")
    if "host" in settings and not _DATABASE.fullmatch(urlsplit(value).path):
        raise ValueError("names a database that is no number; write it like redis://host:6379/0")
    return value


class RedisOptions(ProbeOptions):
    """A Redis or Valkey server, by URL: `redis://`, `rediss://` (TLS) or `unix://`."""

    url: Annotated[str, AfterValidator(_redis_url)]

    def target(self) -> str:
        return shown_url(self.url)

    def host(self) -> str | None:
        return network_host(self.url)


async def probe(options: RedisOptions, context: ProbeContext) -> Finding:
    """One connection, one PING, one INFO. Raises `ProbeFailure` when the server does not answer them."""
    settings: dict[str, Any] = dict(parse_url(options.url))
    host, port = settings.get("host"), settings.get("port", 6379)
    if host is not None:
        await look_up(host, port, context)
    connection = _connection(settings, context.timeout)
    try:
        return await _examine(connection, context)
    except REDIS_ERRORS as error:
        raise failure(error, host or settings.get("path", "")) from error
    finally:
        with contextlib.suppress(*REDIS_ERRORS):
            await connection.disconnect(nowait=True)


def _connection(settings: dict[str, Any], timeout: float) -> Any:
    """A redis-py connection (untyped in parts) that tries everything once.

    It speaks RESP2, which every server understands, and sends nothing that an ACL might refuse.
    """
    factory = settings.pop("connection_class", Connection)
    return factory(
        **settings,
        protocol=2,
        driver_info=None,
        decode_responses=True,
        encoding_errors="replace",
        retry=Retry(NoBackoff(), 0),
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        redis_connect_func=_log_in_later,
    )


async def _log_in_later(_connection: object) -> None:
    """Keeps `connect` from logging in, so that the two are measured and fail apart."""


async def _examine(connection: Any, context: ProbeContext) -> Finding:
    with context.steps.step("connect"):
        await connection.connect()
    if not isinstance(connection, UnixDomainSocketConnection):  # which logs in while it connects
        with context.steps.step("auth"):
            await connection.on_connect()
    with context.steps.step("ping"):
        answer = await _ask(connection, "PING")
    if answer != "PONG":
        raise ProbeFailure(Reason.PROTOCOL, "PING was answered with something else than PONG")
    try:
        with context.steps.step("info"):
            answer = await _ask(connection, "INFO")
    except REDIS_ERRORS as error:
        if not may_not_ask(error):
            raise
        return Finding(True, Reason.OK, "answers PING; INFO is not allowed", {"info_refused": told(error)})
    if not isinstance(answer, str) or "redis_version" not in (info := parse_info(answer)):
        raise ProbeFailure(Reason.PROTOCOL, "INFO was answered with no state of a Redis server")
    return judge(info, context.previous)


async def _ask(connection: Any, command: str) -> Any:
    await connection.send_command(command)
    return await connection.read_response()


KIND = ProbeKind("redis", RedisOptions, probe)
