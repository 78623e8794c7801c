"""The collector's real routes for rows, with a list in place of the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from collector.intake import Stored
from collector.log import configure
from collector.receiver.app import receiver_app
from collector.receiver.body import BodyReader
from collector.receiver.counting import IngestCounters
from collector.receiver.ingest_routes import Ingest
from collector.receiver.row_reading import Turns
from collector.receiver.settings import ReceiverSettings
from collector.secrets import Redactor

TOKEN = "a-token-of-the-collector"


@dataclass
class Collector:
    """Takes rows as the collector does; first it answers with each of `statuses`, as a test says."""

    rows: list[Mapping[str, Any]] = field(default_factory=list)
    requests: list[tuple[str, Headers]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    _app: ASGIApp | None = None

    async def store(self, table: str, rows: Sequence[Mapping[str, Any]], /) -> Stored:
        assert table == "webhook_metrics"
        self.rows += rows
        return Stored(len(rows), 0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path = f"{scope['path']}?{scope['query_string'].decode()}"
            self.requests.append((path, Headers(scope=scope)))
            if self.statuses:
                await Response(status_code=self.statuses.pop(0))(scope, receive, send)
                return
        self._app = self._app or self._real()
        await self._app(scope, receive, send)

    def _real(self) -> ASGIApp:
        bodies = BodyReader(ReceiverSettings())
        ingest = Ingest(self, bodies, lambda: datetime.now(UTC), str, IngestCounters(), Turns())
        return receiver_app(TOKEN, bodies, configure(Redactor()), ingest.routes())
