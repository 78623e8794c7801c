"""The plain face of the client: `httpx.Client` with retries, a circuit breaker and a row a call."""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self

import httpx

from collector.client.beginnings import is_unread_refusal, shown
from collector.client.bodies import Body
from collector.client.call import Call
from collector.client.faces import Face


class SyncApiClient(Face[httpx.Client]):
    """Calls one API. The arguments are those of `Face`; `sleep` waits between two attempts."""

    def __init__(self, api: str, *, sleep: Callable[[float], object] = time.sleep, **settings: Any) -> None:
        super().__init__(api, **settings)
        self._sleep = sleep

    def request(
        self,
        method: str,
        url: httpx.URL | str,
        *,
        path: Mapping[str, object] | None = None,
        endpoint: str | None = None,
        idempotent: bool | None = None,
        **httpx_arguments: Any,
    ) -> httpx.Response:
        """Send a request, repeat it where that is safe, and return the answer with its body read.

        `path` fills the `{name}` placeholders of `url`; `endpoint` names it on the dashboard. `idempotent`
        says whether a repetition does harm, where the method does not say it. Other arguments as in httpx.
        Raises what httpx raises, and `CircuitOpen`.
        """
        call, request, options = self._begin(method, url, path, endpoint, idempotent, httpx_arguments)
        with call:
            return self._perform(call, request, options)

    @contextlib.contextmanager
    def stream(
        self,
        method: str,
        url: httpx.URL | str,
        *,
        path: Mapping[str, object] | None = None,
        endpoint: str | None = None,
        idempotent: bool | None = None,
        **httpx_arguments: Any,
    ) -> Iterator[httpx.Response]:
        """Like `request`, for a body that is read piece by piece; `body_limit` does not apply.

        It is repeated only until an answer has begun. The row is written, and the time taken, at the end.
        """
        call, request, options = self._begin(method, url, path, endpoint, idempotent, httpx_arguments)
        with call:
            response = self._perform(call, request, {**options, "stream": True})
            try:
                call.streaming()
                yield response
            finally:
                response.close()

    def _perform(self, call: Call, request: httpx.Request, options: dict[str, Any]) -> httpx.Response:
        while True:
            call.attempt()
            try:
                response = self._send(request, options)
                seen = shown(response) if is_unread_refusal(response) else None
            except Exception as error:
                pause = call.failed(error)
                if pause is None or not self._wait(call, pause):
                    raise
            else:
                pause = call.answered(response, seen)
                if pause is None or not self._wait(call, pause, response):
                    return response

    def _wait(self, call: Call, pause: float, response: httpx.Response | None = None) -> bool:
        """Whether to send again, after `pause` seconds; then, and when interrupted, `response` is closed."""
        again = True
        try:
            self._sleep(pause)
            again = call.goes_on()
            return again
        finally:
            if again and response is not None:
                response.close()

    def _send(self, request: httpx.Request, options: dict[str, Any]) -> httpx.Response:
        if self._body_limit is None or "stream" in options:
            return self.http.send(request, **options)
        response = self.http.send(request, stream=True, **options)
        body = Body(response, self._body_limit)
        try:
            for part in response.iter_bytes():
                body.add(part)
        finally:
            response.close()
        return body.response()

    def get(self, url: httpx.URL | str, **arguments: Any) -> httpx.Response:
        """`request` with GET."""
        return self.request("GET", url, **arguments)

    def head(self, url: httpx.URL | str, **arguments: Any) -> httpx.Response:
        """`request` with HEAD."""
        return self.request("HEAD", url, **arguments)

    def options(self, url: httpx.URL | str, **arguments: Any) -> httpx.Response:
        """`request` with OPTIONS."""
        return self.request("OPTIONS", url, **arguments)

    def put(self, url: httpx.URL | str, **arguments: Any) -> httpx.Response:
        """`request` with PUT."""
        return self.request("PUT", url, **arguments)

    def delete(self, url: httpx.URL | str, **arguments: Any) -> httpx.Response:
        """`request` with DELETE."""
        return self.request("DELETE", url, **arguments)

    def post(self, url: httpx.URL | str, **arguments: Any) -> httpx.Response:
        """`request` with POST."""
        return self.request("POST", url, **arguments)

    def patch(self, url: httpx.URL | str, **arguments: Any) -> httpx.Response:
        """`request` with PATCH."""
        return self.request("PATCH", url, **arguments)

    def close(self) -> None:
        """Close the connections; a client that was given is left open."""
        if self._owned:
            self.http.close()

    def __enter__(self) -> Self:
        if self._owned:
            self.http.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._owned:
            self.http.__exit__(kind, error, traceback)

    def _new_http(self, **arguments: Any) -> httpx.Client:
        return httpx.Client(**arguments)
