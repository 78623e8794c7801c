"""A collector on loopback as far as the reporter sees it: takes rows, or answers as a test says."""

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.servers.http_loopback import serve

Answer = Callable[[], Response]


@dataclass
class Arrived:
    """One request with rows. Header names are lower case."""

    route: str
    query: str
    headers: dict[str, str]
    client: tuple[str, int]
    rows: list[dict[str, Any]]


@dataclass
class Receiver:
    """`answers` are given to the next requests, one each; then everything is taken."""

    answers: list[Answer] = field(default_factory=list)
    arrived: list[Arrived] = field(default_factory=list)
    url: str = ""

    @property
    def stored(self) -> dict[str, dict[str, Any]]:
        """Rows by their id: the same id twice is one row."""
        return {row["id"]: row for request in list(self.arrived) for row in request.rows}

    async def take(self, request: Request) -> Response:
        lines = (await request.body()).splitlines()
        rows = [json.loads(line) for line in lines]
        assert request.client is not None
        self.arrived.append(
            Arrived(
                request.path_params["route"],
                request.url.query,
                dict(request.headers),
                tuple(request.client),
                rows,
            )
        )
        if self.answers:
            return self.answers.pop(0)()
        return JSONResponse({"accepted": len(rows), "stored": len(rows), "refused": 0, "errors": []})


@contextlib.contextmanager
def receiving(*answers: Answer) -> Iterator[Receiver]:
    """Run a receiver until the block ends."""
    receiver = Receiver(list(answers))
    app = Starlette(routes=[Route("/ingest/{route}", receiver.take, methods=["POST"])])
    with serve(app) as receiver.url:
        yield receiver


def answering(status: int, body: Any = None, **headers: str) -> Answer:
    """An answer with `status`; an underscore in the name of a header is a dash."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda: JSONResponse(body if body is not None else {}, status, headers=named)


def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait until `condition` holds."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.005)


async def until_async(condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait until `condition` holds, and let other tasks run."""
    await asyncio.to_thread(until, condition, seconds)


def reporting_threads() -> list[threading.Thread]:
    """The threads of reporters that run now."""
    return [thread for thread in threading.enumerate() if thread.name == "health-reporter"]
