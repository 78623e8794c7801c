"""What a program may write: placeholders, endpoints, defaults, a client of its own, and what is refused."""

import ssl
from typing import Any

import httpx
import pytest

from collector.client import ApiClient, SyncApiClient
from collector.client.arguments import filled, program_name
from tests.collector.client.faces import Making, Rows
from tests.collector.probes.http.server import answers, serving


@pytest.mark.parametrize(
    ("base", "url", "arguments", "target", "endpoint"),
    [
        ("", "/orders/{order}", {"path": {"order": 42}}, "/orders/42", "/orders/{order}"),
        (
            "/admin/api/2026-10",
            "orders/{order}.json",
            {"path": {"order": 42}},
            "/admin/api/2026-10/orders/42.json",
            "/admin/api/2026-10/orders/{order}.json",
        ),
        (
            "/v1",
            "/users/{name}/keys",
            {"path": {"name": "a b/c?d"}},
            "/v1/users/a%20b%2Fc%3Fd/keys",
            "/v1/users/{name}/keys",
        ),
        ("/v1", "/orders/42", {}, "/v1/orders/42", "/v1/orders/{id}"),
        ("/v1", "/orders/42", {"endpoint": "one order"}, "/v1/orders/42", "{id}"),
        ("/v1", "/orders/42", {"endpoint": "orders.read"}, "/v1/orders/42", "orders.read"),
        (
            "/v1",
            "/orders/7/items/{item}",
            {"path": {"item": 1}},
            "/v1/orders/7/items/1",
            "/v1/orders/{id}/items/{item}",
        ),
        ("/v1", "/search?q={words}", {"path": {"words": "a&b"}}, "/v1/search?q=a%26b", "/v1/search"),
        ("/v1", "/search", {"params": {"q": "geheim"}}, "/v1/search?q=geheim", "/v1/search"),
    ],
)
async def test_where_a_call_goes_and_what_it_is_called(
    making: Making, base: str, url: str, arguments: dict[str, Any], target: str, endpoint: str
) -> None:
    async with serving(answers(200)) as server, making.client(base_url=server.url(base)) as client:
        await client.get(url, **arguments)
        assert server.requests[0].path == target
    assert making.rows.call["endpoint"] == endpoint


async def test_an_absolute_url_with_placeholders(making: Making) -> None:
    async with serving(answers(200)) as server, making.client(base_url="http://elsewhere.test/v1") as client:
        await client.get(server.url("/v2/things/{thing}"), path={"thing": 5})
    assert making.rows.call["endpoint"] == "/v2/things/{thing}"


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_a_value_that_leads_elsewhere_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="would lead elsewhere"):
        filled("/users/{name}", {"name": value})


def test_a_missing_and_a_superfluous_value_are_named() -> None:
    with pytest.raises(ValueError, match=r"wants \{name\}; path=\{'name': ...\} would be right"):
        filled("/users/{name}", {})
    with pytest.raises(ValueError, match=r"path holds 'id', which the URL .* does not name"):
        filled("/users/{name}", {"name": 1, "id": 2})


@pytest.mark.parametrize("url", ["/users/{name}", "users/{name}?a=b", httpx.URL("/users/{name}")])
async def test_a_relative_url_with_a_placeholder_and_no_path_is_refused_and_no_call(
    making: Making, url: Any
) -> None:
    async with making.client(base_url="http://shop.test") as client:
        with pytest.raises(ValueError, match=r"wants \{name\}; path=\{'name': ...\} would be right"):
            await client.get(url)
    assert making.rows.calls == []


@pytest.mark.parametrize("url", ["http://shop.test/users/{name}", "/users?filter={name}", "/users/{}", "/x"])
def test_without_path_other_braces_are_left_alone(url: str) -> None:
    assert filled(url, None) == (url, None)


async def test_defaults_of_the_client_are_sent(making: Making) -> None:
    async with (
        serving(answers(200)) as server,
        making.client(
            base_url=server.url(),
            headers={"x-a": "1"},
            params={"p": "q"},
            auth=("bob", "pw"),
            cookies={"c": "d"},
        ) as client,
    ):
        await client.get("/x", headers={"x-b": "2"})
        (request,) = server.requests
    assert (request.headers["x-a"], request.headers["x-b"], request.headers["cookie"]) == ("1", "2", "c=d")
    assert request.headers["authorization"].startswith("Basic ")
    assert request.path == "/x?p=q"


async def test_a_given_client_keeps_its_settings_gets_ours_and_stays_open(making: Making) -> None:
    own: Any = httpx.Client if making.synchronous else httpx.AsyncClient
    http = own(headers={"x-own": "1"}, timeout=None)
    async with serving(answers(200)) as server:
        async with making.client(
            http=http,
            base_url=server.url("/v1/"),
            headers={"x-a": "2"},
            params={"p": "q"},
            auth=("bob", "pw"),
        ) as client:
            await client.get("/orders/42", params={"r": "s"}, headers={"x-a": "3"})
        (request,) = server.requests
        assert not http.is_closed
    http.close() if making.synchronous else await http.aclose()
    assert request.path == "/v1/orders/42?p=q&r=s"
    assert (request.headers["x-own"], request.headers["x-a"]) == ("1", "3")
    assert request.headers["authorization"].startswith("Basic ")
    assert making.rows.call["endpoint"] == "/v1/orders/{id}"


async def test_the_base_of_a_given_client_counts(making: Making) -> None:
    own: Any = httpx.Client if making.synchronous else httpx.AsyncClient
    async with serving(answers(200)) as server:
        http = own(base_url=server.url("/v1"))
        async with making.client(http=http) as client:
            await client.get("orders/{order}", path={"order": 42})
        http.close() if making.synchronous else await http.aclose()
        assert server.requests[0].path == "/v1/orders/42"
    assert making.rows.call["endpoint"] == "/v1/orders/{order}"


@pytest.mark.parametrize("face", [ApiClient, SyncApiClient])
@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"timeout": None}, "timeout=None would wait for ever; a number of seconds would be right"),
        ({"timeout": httpx.Timeout(5, read=None)}, "timeout=None would wait for ever"),
        ({"api": "Shopify Admin"}, "a lower-case name like 'shopify-admin' would be right"),
        ({"api": ""}, "a lower-case name like 'shopify' would be right"),
        ({"http": httpx.Client(), "verify": False}, "http= is given, so verify must be set on that client"),
    ],
)
def test_what_would_not_work_is_refused_at_once(face: Any, settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said.replace("(", r"\(")):
        face(**{"api": "shop", "recorder": Rows(), **settings})


@pytest.mark.parametrize("timeout", [None, httpx.Timeout(None), httpx.Timeout(1, pool=None)])
async def test_no_call_may_wait_for_ever(making: Making, timeout: Any) -> None:
    async with making.client() as client:
        with pytest.raises(ValueError, match="would wait for ever"):
            await client.get("http://shop.test/", timeout=timeout)


def test_what_programs_hand_to_httpx_is_handed_on() -> None:
    client = SyncApiClient(
        "shop",
        recorder=Rows(),
        base_url="https://shop.test/v1",
        verify=ssl.create_default_context(),
        follow_redirects=True,
        limits=httpx.Limits(max_connections=1),
        event_hooks={"request": []},
        trust_env=False,
        max_redirects=3,
    )
    assert client.http.follow_redirects
    assert client.http.max_redirects == 3
    assert str(client.base_url) == "https://shop.test/v1/"
    client.headers["x-a"] = "1"
    assert client.http.headers["x-a"] == "1"
    assert not client.is_closed
    client.close()
    assert client.is_closed
    assert repr(client) == "<SyncApiClient shop>"


@pytest.mark.parametrize("method", ["get", "head", "options", "put", "delete", "post", "patch"])
async def test_every_method_has_its_name(method: str) -> None:
    import asyncio

    rows = Rows()
    async with serving(answers(204)) as server, ApiClient("shop", recorder=rows) as client:
        await getattr(client, method)(server.url())
        with SyncApiClient("shop", recorder=rows) as plain:
            await asyncio.to_thread(getattr(plain, method), server.url())
        assert [request.method for request in server.requests] == [method.upper()] * 2
    assert [row["method"] for row in rows.calls] == [method.upper()] * 2


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["/srv/shop/sync_orders.py"], "sync_orders"),
        (["/usr/bin/gunicorn", "app:app"], "gunicorn"),
        (["/srv/shop/worker/__main__.py"], "worker"),
        (["-c"], "python"),
        ([""], "python"),
        ([], "python"),
        (["/x/" + "a" * 300 + ".py"], "a" * 100),
    ],
)
def test_the_name_of_a_program(arguments: list[str], name: str) -> None:
    assert program_name(arguments) == name
