"""A Google of the tests: a token endpoint and a Data API on loopback, and a service account's key file."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from analytics.model import Attempt, Basis
from collector.probes.base import ProbeKind
from collector.probes.google_analytics import GoogleAnalytics, GoogleAnalyticsOptions
from collector.probes.google_token import AccessTokens
from tests.collector.probes.api.apis import NO_AUTHORITIES, sound
from tests.collector.probes.http.ask import attempt
from tests.collector.probes.http.server import Behaviour, Connection, Request, Server, json_response, serving

TOKEN = "/oauth/token"
SNAPSHOT = "/v1alpha/properties/4242/propertyQuotasSnapshot"
ENDPOINT = "/v1alpha/properties/{property}/propertyQuotasSnapshot"
BEARER = "token-of-this-test"


def quota(**changed: Any) -> dict[str, Any]:
    """A PropertyQuota as JSON of protocol buffers: zeros are left out."""
    return {
        "tokensPerDay": {"consumed": 12, "remaining": 199_988},
        "tokensPerHour": {"consumed": 2, "remaining": 39_998},
        "concurrentRequests": {"remaining": 10},
        "serverErrorsPerProjectPerHour": {"consumed": 1, "remaining": 9},
        "unknownToUs": {"consumed": 1},
    } | changed


def snapshot(**changed: Any) -> bytes:
    """A PropertyQuotasSnapshot; `changed` is about its core quotas."""
    body = {"name": "properties/4242/propertyQuotasSnapshot", "corePropertyQuota": quota(**changed)}
    return json_response(body | {"realtimePropertyQuota": quota()})


def error(code: int, status: str, message: str, **more: Any) -> bytes:
    """An error as Google's APIs write it."""
    return json_response({"error": {"code": code, "status": status, "message": message, **more}}, code)


def no_token(code: int, said: str, description: str | None = None) -> bytes:
    """An error as Google's token endpoint writes it."""
    more = {} if description is None else {"error_description": description}
    return json_response({"error": said} | more, code)


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Google:
    """What the two answer, and what they were asked. `token` replaces the endpoint's good answer."""

    account: dict[str, Any]
    key_file: Path
    token: bytes | Behaviour | None = None
    answer: bytes | Behaviour = field(default_factory=snapshot)
    clock: Clock = field(default_factory=Clock)
    wall: Clock = field(default_factory=lambda: Clock(1_800_000_000.0))
    given: int = 0
    server: Server = field(default_factory=lambda: Server(0))

    def __post_init__(self) -> None:
        probe = GoogleAnalytics(AccessTokens(self.wall, self.clock)).probe
        self.kind = ProbeKind("google_analytics", GoogleAnalyticsOptions, probe, Basis.CALLS)

    def write(self, **changed: Any) -> None:
        """Write the key file with these fields changed; None leaves one out."""
        told = self.account | {"token_uri": self.server.url(TOKEN)} | changed
        self.key_file.write_text(
            json.dumps({name: value for name, value in told.items() if value is not None})
        )

    async def ask(self, timeout: float = 10.0, **options: Any) -> Attempt:
        """One attempt, with what earlier ones left in memory."""
        own = {"property_id": "4242", "credentials_file": str(self.key_file), "url": self.server.url("")}
        found = await attempt(self.kind, own | options, timeout=timeout, tls=NO_AUTHORITIES)
        assert BEARER not in str(found)
        assert "PRIVATE KEY" not in str(found)
        assert not [assertion for assertion in self.assertions if assertion[:30] in str(found)]
        return sound(found)

    @property
    def assertions(self) -> list[str]:
        """What was sent to the token endpoint."""
        asked = [request for request in self.server.requests if request.path == TOKEN]
        return [parse_qs(request.body.decode())["assertion"][0] for request in asked]

    @property
    def calls(self) -> list[Request]:
        """What was sent to the Data API."""
        return [request for request in self.server.requests if request.path != TOKEN]

    async def behave(self, connection: Connection, request: Request) -> None:
        found = self.answer
        if request.path == TOKEN:
            self.given += 1
            well = {"access_token": f"{BEARER}-{self.given}", "expires_in": 3599, "token_type": "Bearer"}
            found = json_response(well) if self.token is None else self.token
        if isinstance(found, bytes):
            await connection.send(found)
        else:
            await found(connection, request)


@asynccontextmanager
async def a_google(account: dict[str, Any], folder: Path) -> AsyncIterator[Google]:
    """A Google in which all is well, with the account's key file in `folder`."""
    google = Google(account, folder / "key.json")
    async with serving(google.behave) as google.server:
        google.write()
        yield google
