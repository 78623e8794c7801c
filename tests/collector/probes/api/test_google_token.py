"""How the google_analytics probe comes to its token: key file, assertion, token endpoint, and its end."""

import asyncio
import base64
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from google.auth import crypt, jwt

from analytics.model import Reason
from tests.collector.probes.api.apis import last, silent
from tests.collector.probes.api.google import BEARER, TOKEN, Google, error, no_token
from tests.collector.probes.http.server import (
    Connection,
    Request,
    json_response,
    response,
    says,
    says_and_resets,
)
from tests.plugins.ports import free_port


async def test_the_assertion_is_what_google_wants(google: Google) -> None:
    await google.ask()
    [request] = [request for request in google.server.requests if request.path == TOKEN]
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert b"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer" in request.body
    key = load_pem_private_key(google.account["private_key"].encode(), None).public_key()
    public = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    [assertion] = google.assertions
    assert jwt.decode_header(assertion)["alg"] == "RS256"
    assert jwt.decode(assertion, verify=False) == {
        "iss": google.account["client_email"],
        "scope": "https://www.googleapis.com/auth/analytics.readonly",
        "aud": google.server.url(TOKEN),
        "iat": 1_800_000_000,
        "exp": 1_800_003_600,
    }
    signed, _, signature = assertion.rpartition(".")
    assert crypt.verify_signature(signed.encode(), base64.urlsafe_b64decode(f"{signature}=="), public)


async def test_a_token_is_asked_for_once_until_five_minutes_before_its_end(google: Google) -> None:
    first = await google.ask()
    assert first.finding.details["token_cached"] is False
    google.clock.now += 3298
    again = await google.ask()
    assert again.finding.details["token_cached"] is True
    assert google.given == 1
    google.clock.now += 2
    await google.ask()
    assert google.given == 2
    assert google.calls[-1].headers["authorization"] == f"Bearer {BEARER}-2"


async def test_the_token_is_a_step_of_its_own_and_no_part_of_the_latency(google: Google) -> None:
    async def slowly(connection: Connection, _request: Request) -> None:
        await asyncio.sleep(0.3)
        await connection.send(json_response({"access_token": BEARER, "expires_in": 3599}))

    google.token = slowly
    found = await google.ask()
    steps = found.finding.details["steps_ms"]
    assert steps["token"] >= 300
    assert {"connect", "first_byte", "transfer"} <= steps.keys()
    assert found.finding.latency_ms < 250 < found.duration_ms
    assert found.calls[0]["response_time_ms"] < 250
    assert len(found.calls) == 1


async def test_a_key_file_that_was_replaced_counts_at_once(google: Google) -> None:
    await google.ask()
    google.write(private_key_id="another")
    await google.ask()
    assert google.given == 2
    google.key_file.unlink()
    assert (await google.ask()).finding.reason is Reason.BAD_CONFIGURATION


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"type": "authorized_user"},
            'is a "authorized_user" file; it must be the key file of a service account',
        ),
        ({"type": None}, "does not say what it is; it must be the key file of a service account"),
        ({"client_email": None}, "lacks client_email; make a new key and download it again"),
        ({"private_key": 5, "token_uri": ""}, "lacks private_key and token_uri"),
        ({"private_key": "nonsense"}, "holds a private key that cannot be read"),
        ({"token_uri": "ftp://a.example"}, "has a token_uri that is no http URL"),
        ({"token_uri": "http://[::1"}, "has a token_uri that is no http URL"),
    ],
)
async def test_a_key_file_that_is_wrong(google: Google, changed: dict[str, Any], said: str) -> None:
    google.write(**changed)
    found = await google.ask()
    assert found.finding.reason is Reason.BAD_CONFIGURATION
    assert found.finding.message.startswith(f"credentials_file: {google.key_file} {said}")
    assert found.calls == ()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[" * 60_000, "is not JSON"),
        (b"[1]", "holds no JSON object"),
        (b" " * 70_000, "is far too large for a key file"),
    ],
)
async def test_a_file_that_is_no_key_file(google: Google, content: bytes, said: str) -> None:
    google.key_file.write_bytes(content)
    found = await google.ask()
    assert found.finding.reason is Reason.BAD_CONFIGURATION
    assert f"{google.key_file} {said}" in found.finding.message


async def test_a_file_that_is_not_there(google: Google, tmp_path: Path) -> None:
    found = await google.ask(credentials_file=str(tmp_path / "nowhere.json"))
    assert found.finding.message == f"credentials_file: {tmp_path}/nowhere.json is not there"
    found = await google.ask(credentials_file=str(tmp_path))
    assert found.finding.message == f"credentials_file: {tmp_path} is no file"
    found = await google.ask(credentials_file="a\0b")
    assert found.finding.reason is Reason.BAD_CONFIGURATION


@pytest.mark.parametrize(
    ("answer", "reason", "message"),
    [
        (
            no_token(400, "invalid_grant", "Invalid JWT Signature."),
            Reason.AUTH,
            "it refuses the service account (invalid_grant): Invalid JWT Signature.",
        ),
        (
            no_token(400, "invalid_grant", "Invalid JWT: Token must be in a reasonable timeframe."),
            Reason.AUTH,
            "it refuses the service account (invalid_grant): Invalid JWT: Token must be in a reasonable "
            "timeframe.; is the clock of this machine right?",
        ),
        (
            no_token(401, "unauthorized_client"),
            Reason.AUTH,
            "it refuses the service account (unauthorized_client)",
        ),
        (
            no_token(500, "internal_failure"),
            Reason.HTTP_5XX,
            "answered 500 Internal Server Error (internal_failure)",
        ),
        (response(503), Reason.HTTP_5XX, "answered 503 Service Unavailable"),
        (
            response(200, "<html>", content_type="text/html"),
            Reason.PROTOCOL,
            "the answer is not JSON but text/html; look at token_uri in the key file",
        ),
        (json_response({"id_token": "x"}), Reason.PROTOCOL, "its answer holds no access token"),
        (json_response({"access_token": "a\r\nb"}), Reason.PROTOCOL, "its answer holds no access token"),
    ],
)
async def test_a_token_that_is_not_given(google: Google, answer: bytes, reason: Reason, message: str) -> None:
    google.token = answer
    found = await google.ask()
    assert (found.finding.reason, found.finding.message) == (reason, f"the token endpoint: {message}")
    assert google.calls == []
    assert last(found) == {
        "api_name": "google_analytics",
        "endpoint": TOKEN,
        "method": "POST",
        "status_code": found.finding.details["token_endpoint"]["http_status"],
        "reason": reason,
    }
    assert found.calls[0]["error_message"] == found.finding.message


async def test_a_token_endpoint_that_is_not_there(google: Google) -> None:
    google.write(token_uri=f"http://127.0.0.1:{free_port()}/token")
    found = await google.ask()
    assert (found.finding.reason, found.finding.message) == (
        Reason.CONNECT,
        "the token endpoint: 127.0.0.1 refused the connection",
    )
    assert (last(found)["endpoint"], last(found)["status_code"]) == ("/token", None)


async def test_a_token_endpoint_that_hangs(google: Google) -> None:
    google.token = silent
    found = await google.ask(timeout=1.5)
    assert (found.finding.reason, found.finding.message) == (
        Reason.TIMEOUT,
        "no answer within 1.5 s (during token)",
    )
    assert (last(found)["endpoint"], last(found)["reason"]) == (TOKEN, "timeout")
    assert found.calls[0]["error_message"] == "the token endpoint: no answer within 1.5 s"


@pytest.mark.parametrize(
    "broken", [says(b"HTTP/1.1 ?\r\n\r\n"), says_and_resets(b"HTTP/1.1 200 OK\r\n"), says(b"")]
)
async def test_a_token_endpoint_that_breaks_off(google: Google, broken: Any) -> None:
    google.token = broken
    found = await google.ask()
    assert found.finding.reason in (Reason.PROTOCOL, Reason.CONNECT)
    assert found.finding.message.startswith("the token endpoint: ")


@pytest.mark.parametrize("expires_in", [None, "3600", -5, 0, 1e300, True])
async def test_a_lifetime_that_is_none_does_no_harm(google: Google, expires_in: Any) -> None:
    google.token = json_response({"access_token": BEARER, "expires_in": expires_in})
    assert (await google.ask()).finding.ok
    google.clock.now += 24 * 3600
    assert (await google.ask()).finding.ok
    assert google.given == 2


async def test_no_token_is_kept_when_none_was_given(google: Google) -> None:
    google.token = no_token(400, "invalid_grant")
    await google.ask()
    google.token = None
    assert (await google.ask()).finding.ok


async def test_a_server_error_of_the_token_endpoint_is_not_one_of_the_property(google: Google) -> None:
    google.token = response(503)
    assert (await google.ask()).finding.ask_again_after is None
    google.token, google.answer = None, error(500, "INTERNAL", "x")
    pause = (await google.ask()).finding.ask_again_after
    assert pause is not None
    assert pause.total_seconds() == 60
