"""What both clients share: they are built the same way and begin their calls the same way."""

import random as _random
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final, Generic, TypeVar

import httpx

from collector.client.arguments import Arguments, checked_api, default_origin, filled, whole_timeout
from collector.client.breaker import CircuitBreaker
from collector.client.call import Call, Caller
from collector.client.quota import Quota, quota_from_headers
from collector.client.recorder import Recorder
from collector.client.refusals import Refusal, exhausted_quota
from collector.client.reporter import default_reporter
from collector.client.retry import RetryPolicy

Http = TypeVar("Http", httpx.Client, httpx.AsyncClient)


class Default(Enum):
    """Stands for a value that is made anew for each client."""

    NEW = "new"


NEW: Final = Default.NEW


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


class Face(Generic[Http]):
    """Settings and bookkeeping; the two clients add the sending.

    - `api`: the name of the API on the dashboard.
    - `timeout`: seconds, or `httpx.Timeout`; None is refused.
    - `retry`: `RetryPolicy(retries=0)` never repeats. `breaker`: a new `CircuitBreaker`; None is without.
    - `recorder`: takes the rows; None is the reporter all clients of this process share. `origin`: who
      reports, by default HEALTH_ORIGIN, OTEL_SERVICE_NAME or the name of the program.
    - `quota` reads what is left of a quota from an answer, `refusal` why an answer is a failure although its
      status does not say so.
    - `http`: an httpx client to use; it is not closed, and must not be given together with `httpx_arguments`.
    - `body_limit`: bytes of a decompressed body; a longer one is a `BodyTooLong`. None is without a limit.
    - `now`, `clock`, `random`: where time and chance come from.

    All other arguments go to httpx: verify, cert, follow_redirects, cookies, transport, limits, event_hooks …
    Raises ValueError for what would not work, before anything is sent.
    """

    def __init__(
        self,
        api: str,
        *,
        base_url: httpx.URL | str = "",
        headers: Any = None,
        params: Any = None,
        auth: Any = None,
        timeout: Any = 10.0,
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008  frozen
        breaker: CircuitBreaker | Default | None = NEW,
        recorder: Recorder | None = None,
        origin: str | None = None,
        quota: Callable[[httpx.Response], Quota | None] = quota_from_headers,
        refusal: Callable[[httpx.Response], Refusal | None] = exhausted_quota,
        http: Http | None = None,
        body_limit: int | None = None,
        now: Callable[[], datetime] = utc_now,
        clock: Callable[[], float] = time.perf_counter,
        random: Callable[[], float] = _random.random,
        **httpx_arguments: Any,
    ) -> None:
        if http is not None and httpx_arguments:
            names = ", ".join(sorted(httpx_arguments))
            raise ValueError(f"http= is given, so {names} must be set on that client")
        self._caller = Caller(
            api=checked_api(api),
            origin=origin[:100] if origin else default_origin(),
            retry=retry,
            breaker=CircuitBreaker() if isinstance(breaker, Default) else breaker,
            recorder=default_reporter() if recorder is None else recorder,
            quota=quota,
            refusal=refusal,
            now=now,
            clock=clock,
            random=random,
        )
        whole = whole_timeout(timeout)
        self._body_limit = body_limit
        self._owned = http is None
        if http is None:
            http = self._new_http(
                base_url=base_url, headers=headers, params=params, auth=auth, timeout=whole, **httpx_arguments
            )
            self._arguments = Arguments(http.base_url, whole)
        else:
            base = httpx.URL(base_url) if str(base_url) else http.base_url
            self._arguments = Arguments(base, whole, headers, params, auth, shared=True)
        self.http: Http = http

    def _new_http(self, **arguments: Any) -> Http:
        raise NotImplementedError

    @property
    def api(self) -> str:
        """The name of the API on the dashboard."""
        return self._caller.api

    @property
    def breaker(self) -> CircuitBreaker | None:
        """The circuit breaker, None without one."""
        return self._caller.breaker

    @property
    def headers(self) -> httpx.Headers:
        """The headers of every request; may be changed."""
        return self.http.headers

    @property
    def cookies(self) -> httpx.Cookies:
        """The cookies kept between requests; may be changed."""
        return self.http.cookies

    @property
    def base_url(self) -> httpx.URL:
        """What relative URLs are relative to."""
        return self._arguments.base_url

    @property
    def is_closed(self) -> bool:
        """Whether the client can send no more."""
        return self.http.is_closed

    def _begin(
        self,
        method: str,
        url: httpx.URL | str,
        path: Mapping[str, object] | None,
        endpoint: str | None,
        idempotent: bool | None,
        given: Mapping[str, Any],
    ) -> tuple[Call, httpx.Request, dict[str, Any]]:
        """The call, its request, and the arguments for `send`. Raises what a wrong argument deserves."""
        address, template = filled(url, path)
        address, rest = self._arguments.of_request(address, given)
        request = self.http.build_request(method, address, **rest)
        named = self._arguments.endpoint(endpoint, template, request.url)
        return Call(self._caller, request, named, idempotent), request, self._arguments.of_sending(given)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.api}>"
