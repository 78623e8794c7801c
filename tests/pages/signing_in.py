"""A small OpenID provider on loopback: it asks nothing, and signs that whoever comes is who it was told."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import Route

from tests.plugins.ports import answers, free_port, wait_until

CLIENT, SECRET = "dashboard", "secret-of-the-client"


@dataclass
class Provider:
    """`claims` are told of whoever signs in; `asked` are the queries people came with."""

    port: int
    claims: dict[str, Any] = field(
        default_factory=lambda: {"email": "anna@example.com", "email_verified": True}
    )
    asked: list[dict[str, str]] = field(default_factory=list)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def secrets(self, cookie_secret: str = "a-secret-for-the-cookies-of-this-test") -> str:
        """What `.streamlit/secrets.toml` says of it."""
        return (
            f'[auth]\nredirect_uri = "http://localhost:{{port}}/oauth2callback"\n'
            f'cookie_secret = "{cookie_secret}"\nclient_id = "{CLIENT}"\nclient_secret = "{SECRET}"\n'
            f'server_metadata_url = "{self.issuer}/.well-known/openid-configuration"\n'
        )

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._metadata),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
                Route("/jwks", self._keys),
            ]
        )

    async def _metadata(self, _: Request) -> JSONResponse:
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    async def _authorize(self, request: Request) -> RedirectResponse:
        asked = dict(request.query_params)
        self.asked.append(asked)
        back = urlencode({"code": str(len(self.asked) - 1), "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}")

    async def _token(self, request: Request) -> JSONResponse:
        form = await request.form()
        asked, now = self.asked[int(str(form["code"]))], int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": "1",
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked.get("nonce", ""),
            **self.claims,
        }
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)
        return JSONResponse(
            {"access_token": "x", "token_type": "Bearer", "expires_in": 300, "id_token": signed}
        )

    async def _keys(self, _: Request) -> JSONResponse:
        return JSONResponse({"keys": [{**self.key.as_dict(private=False), "use": "sig", "alg": "RS256"}]})


@contextmanager
def provider() -> Iterator[Provider]:
    """Serve it from a thread until the end of the body."""
    found = Provider(free_port())
    server = uvicorn.Server(
        uvicorn.Config(found.app(), port=found.port, log_level="critical", lifespan="off")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_until(lambda: answers(found.port), "the OpenID provider")
        yield found
    finally:
        server.should_exit = True
        thread.join(20)
