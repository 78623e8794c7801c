"""Who may speak to the receiver: the matrix of tokens, and without one of hosts, origins and proxies."""

import pytest

from tests.collector.receiver.receiving import ANY_PORT, BEARER, TOKEN, exchange, receiving, with_token

OPEN = [("GET", "/healthz"), ("GET", "/metrics"), ("POST", "/webhooks/shop")]
GUARDED = [("POST", "/length"), ("POST", "/ingest/api-metrics"), ("GET", "/nothing"), ("GET", "/webhooks")]


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({}, "asks for its token"),
        ({"Authorization": ""}, "must be: Bearer"),
        ({"Authorization": TOKEN}, "must be: Bearer"),
        ({"Authorization": f"Basic {TOKEN}"}, "must be: Bearer"),
        ({"Authorization": "Bearer"}, "not the collector's"),
        ({"Authorization": f"Bearer {TOKEN}x"}, "not the collector's"),
        ({"Authorization": f"Bearer {TOKEN[:-1]}"}, "not the collector's"),
        ({"Authorization": f"Bearer {TOKEN.upper()}"}, "not the collector's"),
        ({"Authorization": "Bearer ü"}, "not the collector's"),
        ({"Authorization": f"Bearer {'x' * 9000}"}, "not the collector's"),
    ],
)
async def test_without_the_token_nothing_is_done(headers: dict[str, str], words: str) -> None:
    async with receiving(with_token()) as receiver:
        sent = [(name.encode(), value.encode()) for name, value in headers.items()]
        for method, path in GUARDED:
            answer = await receiver.http.request(method, path, headers=sent)
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"] == 'Bearer realm="collector"'
            assert words in answer.json()["message"]
            assert TOKEN not in answer.text
        assert receiver.seen == []


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_with_the_token_everything_works_from_everywhere(scheme: str) -> None:
    async with receiving(with_token()) as receiver:
        headers = {
            "Authorization": f"{scheme} {TOKEN}",
            "Host": "health.example.com",
            "X-Forwarded-For": "1.2.3.4",
        }
        assert (await receiver.http.post("/length", content=b"abc", headers=headers)).text == "3"


async def test_two_tokens_are_none() -> None:
    async with receiving(with_token()) as receiver:
        answer = await receiver.http.post("/length", headers=[*BEARER.items(), *BEARER.items()])
        assert answer.status_code == 401


@pytest.mark.parametrize("token", [None, TOKEN])
async def test_health_metrics_and_webhooks_ask_for_no_token(token: str | None) -> None:
    async with receiving(with_token() if token else ANY_PORT) as receiver:
        for method, path in OPEN:
            answer = await receiver.http.request(
                method, path, headers={"Host": "health.example.com", "Origin": "x"}
            )
            assert answer.status_code == 200, path


@pytest.mark.parametrize(
    "path", ["/healthz/", "/metricsx", "//metrics", "/webhooks", "/x/../healthz", "/%2Fmetrics"]
)
async def test_only_those_very_addresses_are_open(path: str) -> None:
    async with receiving(with_token()) as receiver:
        request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        assert (await exchange(receiver.port, request.encode())).startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize("path", ["/webhooks/../length", "/webhooks/%2e%2e/length", "/webhooks//length"])
async def test_no_way_leads_from_an_open_address_to_a_guarded_one(path: str) -> None:
    async with receiving(with_token()) as receiver:
        request = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        assert (await exchange(receiver.port, request.encode())).startswith(b"HTTP/1.1 404 ")
        assert receiver.seen == []


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.1:8600", "localhost", "LOCALHOST:1", "localhost.", "[::1]:8600", "127.5.5.5"],
)
async def test_without_a_token_set_the_host_is_this_machine(host: str) -> None:
    async with receiving() as receiver:
        answer = await receiver.http.post("/length", content=b"abc", headers={"Host": host})
        assert answer.text == "3"


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "health.example.com"},
        {"Host": "127.0.0.1.example.com"},
        {"Host": "localhost.example.com:8600"},
        {"Host": "192.168.1.5:8600"},
        {"Host": ""},
        {"Origin": "https://example.com"},
        {"Origin": "http://127.0.0.1:8501"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"X-Forwarded-For": "203.0.113.9"},
        {"Forwarded": "for=203.0.113.9"},
        {"Via": "1.1 tunnel"},
    ],
)
async def test_without_a_token_set_pages_names_and_proxies_are_refused(headers: dict[str, str]) -> None:
    async with receiving() as receiver:
        for method, path in GUARDED:
            answer = await receiver.http.request(method, path, headers=headers)
            assert answer.status_code == 403
            assert answer.json()["message"].startswith("without a token ")
        assert receiver.seen == []


async def test_a_preflight_of_a_browser_gets_nothing() -> None:
    async with receiving() as receiver:
        headers = {"Origin": "https://example.com", "Access-Control-Request-Method": "POST"}
        answer = await receiver.http.options("/ingest/api-metrics", headers=headers)
        assert answer.status_code == 403
        assert not [name for name in answer.headers if name.startswith("access-control")]
