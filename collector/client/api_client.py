"""The asyncio face of the client: `httpx.AsyncClient` with retries, a circuit breaker and a row a call."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Self

import httpx

from collector.client.beginnings import is_unread_refusal, shown_async
from collector.client.bodies import Body
from collector.client.call import Call
from collector.client.faces import Face


class ApiClient(Face[httpx.AsyncClient]):
    """Calls one API. The arguments are those of `Face`; `sleep` waits between two attempts."""

    def __init__(
        self, api: str, *, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep, **settings: Any
    ) -> None:
        super().__init__(api, **settings)
        self._sleep = sleep

    async def request(
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
            return await self._perform(call, request, options)

    @contextlib.asynccontextmanager
    async def stream(
        self,
        method: str,
        url: httpx.URL | str,
        *,
        path: Mapping[str, object] | None = None,
        endpoint: str | None = None,
        idempotent: bool | None = None,
        **httpx_arguments: Any,
    ) -> AsyncIterator[httpx.Response]:
        """Like `request`, for a body that is read piece by piece; `body_limit` does not apply.

        It is repeated only until an answer has begun. The row is written, and the time taken, at the end.
        """
        call, request, options = self._begin(method, url, path, endpoint, idempotent, httpx_arguments)
        with call:
            response = await self._perform(call, request, {**options, "stream": True})
            try:
                call.streaming()
                yield response
            finally:
                await response.aclose()

    async def _perform(self, call: Call, request: httpx.Request, options: dict[str, Any]) -> httpx.Response:
        while True:
            call.attempt()
            try:
                response = await self._send(request, options)
                seen = await shown_async(response) if is_unread_refusal(response) else None
            except Exception as error:
                pause = call.failed(error)
                if pause is None or not await self._wait(call, pause):
                    raise
            else:
                pause = call.answered(response, seen)
                if pause is None or not await self._wait(call, pause, response):
                    return response

    async def _wait(self, call: Call, pause: float, response: httpx.Response | None = None) -> bool:
        """Whether to send again, after `pause` seconds; then, and when interrupted, `response` is closed."""
        again = True
        try:
            await self._sleep(pause)
            again = call.goes_on()
            return again
        finally:
            if again and response is not None:
                await response.aclose()

    async def _send(self, request: httpx.Request, options: dict[str, Any]) -> httpx.Response:
        if self._body_limit is None or "stream" in options:
            return await self.http.send(request, **options)
        response = await self.http.send(request, stream=True, **options)
        body = Body(response, self._body_limit)
        try:
            async for part in response.aiter_bytes():
                body.add(part)
        finally:
            await response.aclose()
        return body.response()

    async def get(self, url: httpx.URL | str, **arguments: Any) -> httpx.Response:
        """`request` with GET."""
        return await self.request("GET", url, **arguments)

    async def head(self, url: httpx.URL | str, **arguments: Any) -> httpx.Response:
        """`request` with HEAD."""
        return await self.request("HEAD", url, **arguments)

    async def options(self, url: httpx.URL | str, **arguments: Any) -> httpx.Response:
        """`request` with OPTIONS."""
        return await self.request("OPTIONS", url, **arguments)

    async def put(self, url: httpx.URL | str, **arguments: Any) -> httpx.Response:
        """`request` with PUT."""
        return await self.request("PUT", url, **arguments)

    async def delete(self, url: httpx.URL | str, **arguments: Any) -> httpx.Response:
        """`request` with DELETE."""
        return await self.request("DELETE", url, **arguments)

    async def post(self, url: httpx.URL | str, **arguments: Any) -> httpx.Response:
        """`request` with POST."""
        return await self.request("POST", url, **arguments)

    async def patch(self, url: httpx.URL | str, **arguments: Any) -> httpx.Response:
        """`request` with PATCH."""
        return await self.request("PATCH", url, **arguments)

    async def aclose(self) -> None:
        """Close the connections; a client that was given is left open."""
        if self._owned:
            await self.http.aclose()

    async def __aenter__(self) -> Self:
        if self._owned:
            await self.http.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._owned:
            await self.http.__aexit__(kind, error, traceback)

    def _new_http(self, **arguments: Any) -> httpx.AsyncClient:
        return httpx.AsyncClient(**arguments)
