"""Where a call went, by whichever attributes say so, and never a query string."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.receiver.otlp_target import endpoint_of, hosts_of, path_of


@pytest.mark.parametrize(
    ("attributes", "hosts"),
    [
        ({"server.address": "a.example", "server.port": 8443}, [("a.example", 8443)]),
        ({"server.address": "a.example", "server.port": "8443"}, [("a.example", 8443)]),
        ({"server.address": "a.example", "url.full": "https://a.example/x"}, [("a.example", 443)] * 2),
        ({"server.address": "a.example", "url.scheme": "http"}, [("a.example", 80)]),
        ({"server.address": "a.example"}, [("a.example", None)]),
        (
            {"server.address": "192.0.2.1", "server.port": 443, "url.full": "https://a.example/x"},
            [("192.0.2.1", 443), ("a.example", 443)],
        ),
        ({"url.full": "https://user:pass@a.example:8443/x?y#z"}, [("a.example", 8443)]),
        ({"http.url": "http://a.example/x", "net.peer.name": "proxy.example"}, [("a.example", 80)]),
        ({"net.peer.name": "a.example", "net.peer.port": 8080}, [("a.example", 8080)]),
        ({"net.peer.name": "a.example", "http.scheme": "https"}, [("a.example", 443)]),
        ({"http.host": "a.example:8080", "http.target": "/x"}, [("a.example", 8080)]),
        ({"url.full": "https://[2001:db8::1]:8443/"}, [("2001:db8::1", 8443)]),
        ({"url.full": "/only/a/path"}, []),
        ({"url.full": 17, "server.address": True, "net.peer.name": 1.5}, []),
        ({"server.address": "a.example", "server.port": 700000}, [("a.example", None)]),
        ({"server.address": "a.example", "server.port": True}, [("a.example", None)]),
        ({}, []),
    ],
)
def test_the_host_is_found_under_new_and_old_names(attributes, hosts) -> None:
    assert list(hosts_of(attributes)) == hosts


@pytest.mark.parametrize(
    ("attributes", "path"),
    [
        ({"url.full": "https://u:p@a.example/v1/orders?token=x#frag"}, "/v1/orders"),
        ({"url.full": "https://a.example?token=x"}, "/"),
        ({"url.full": "https://a.example#token"}, "/"),
        ({"url.full": "/v1/x?token=y"}, "/v1/x"),
        ({"http.url": "https://a.example/v1/x;p=1?q"}, "/v1/x;p=1"),
        ({"url.path": "/v1/x?token=y#z"}, "/v1/x"),
        ({"http.target": "/v1/x?token=y"}, "/v1/x"),
        ({}, "/"),
    ],
)
def test_the_path_comes_without_query_fragment_and_user(attributes, path) -> None:
    assert path_of(attributes) == path


@pytest.mark.parametrize(
    ("template", "endpoint"),
    [
        ("/v1/customers/{customer}/cards", "/v1/customers/{customer}/cards"),
        ("https://u:p@a.example/v1/{id}?token=x#y", "/v1/{id}"),
        ("/v1/{id}?token=x", "/v1/{id}"),
        ("?token=x", "/v1/orders/{id}"),
        ("/" + "x" * 300, "/v1/orders/{id}"),
        ("/v1/\nx", "/v1/orders/{id}"),
        ("/v1/\x00x", "/v1/orders/{id}"),
        (5, "/v1/orders/{id}"),
        ("", "/v1/orders/{id}"),
    ],
)
def test_the_template_of_the_program_is_the_endpoint(template, endpoint) -> None:
    assert endpoint_of({"url.template": template}, "/v1/orders/12345") == endpoint


HOSTILE = st.text("aZ09/?#@:;&=%.[]{}\\ \x00é", max_size=60)


@given(HOSTILE, HOSTILE, st.sampled_from(["url.full", "http.url", "url.path", "http.target", "url.template"]))
def test_nothing_behind_a_question_mark_comes_through(before, after, name) -> None:
    attributes = {name: f"https://a.example/{before}?sekrit{after}"}
    path = path_of(attributes)
    assert "sekrit" not in path
    assert "sekrit" not in endpoint_of(attributes, path)
    assert all("sekrit" not in host for host, _ in hosts_of(attributes))


@given(HOSTILE, HOSTILE)
def test_nothing_of_the_user_comes_through(user, rest) -> None:
    user = user.translate(str.maketrans("", "", "/?#"))
    attributes = {"url.full": f"https://sekrit{user}@a.example/{rest}"}
    assert "sekrit" not in path_of(attributes)
    assert all("sekrit" not in host for host, _ in hosts_of(attributes))
