"""Which API a host belongs to."""

import pytest

from collector.receiver.otlp_hosts import HostMap, split_pattern

MAP = HostMap(
    {
        "api.openai.com": "openai",
        "*.myshopify.com": "shopify",
        "*.eu.myshopify.com": "shopify-eu",
        "special.myshopify.com": "special",
        "127.0.0.1:9001": "one",
        "127.0.0.1:9002": "two",
        "127.0.0.1": "any",
        "*.internal:8443": "inside",
        "[::1]:9001": "six",
        "Upper.Example.COM": "upper",
    }
)


@pytest.mark.parametrize(
    ("host", "port", "api"),
    [
        ("api.openai.com", 443, "openai"),
        ("api.openai.com", None, "openai"),
        ("API.OpenAI.com", 443, "openai"),
        ("api.openai.com.", 443, "openai"),
        ("openai.com", 443, None),
        ("evil-api.openai.com", 443, None),
        ("api.openai.com.evil.example", 443, None),
        ("demo.myshopify.com", 443, "shopify"),
        ("a.b.myshopify.com", 443, "shopify"),
        ("demo.eu.myshopify.com", 443, "shopify-eu"),
        ("special.myshopify.com", 443, "special"),
        ("myshopify.com", 443, None),
        ("notmyshopify.com", 443, None),
        ("127.0.0.1", 9001, "one"),
        ("127.0.0.1", 9002, "two"),
        ("127.0.0.1", 9003, "any"),
        ("127.0.0.1", None, "any"),
        ("db.internal", 8443, "inside"),
        ("db.internal", 443, None),
        ("::1", 9001, "six"),
        ("[::1]", 9001, "six"),
        ("::1", 9002, None),
        ("upper.example.com", 443, "upper"),
        ("", None, None),
    ],
)
def test_a_host_belongs_to_the_api_of_the_most_exact_pattern(host, port, api) -> None:
    assert MAP.api_name(host, port) == api
    assert MAP.api_name(host, port) == api


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "*",
        "*.",
        "http://x",
        "a/b",
        "a b",
        "x:0",
        "x:70000",
        "x:y",
        "*.*.com",
        "a*.com",
        "::1",
        "*.[::1]",
        "-",
    ],
)
def test_what_is_no_pattern_is_told_with_what_would_be(pattern) -> None:
    with pytest.raises(ValueError, match="is no host") as caught:
        HostMap({pattern: "api"})
    assert "\n" not in str(caught.value)


def test_a_pattern_is_split_into_what_it_means() -> None:
    assert split_pattern(" *.Example.com:8443 ") == (True, "example.com", 8443)
    assert split_pattern("[2001:DB8::1]") == (False, "2001:db8::1", None)


def test_any_number_of_foreign_hosts_takes_bounded_memory() -> None:
    hosts = HostMap({"*.myshopify.com": "shopify"})
    for number in range(10_000):
        assert hosts.api_name(f"h{number}.example", 443) is None
    assert len(hosts._remembered) <= 4096
    assert hosts.api_name("a.myshopify.com", 443) == "shopify"


def test_a_host_of_very_many_labels_is_looked_up_fast() -> None:
    assert MAP.api_name("a." * 2000 + "myshopify.com", 443) == "shopify"
