"""What of a URL is shown, and which host it depends on."""

import pytest
from pydantic import ValidationError

from collector.probes.http import HttpOptions
from collector.probes.http_url import is_loopback, network_host, shown_url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.example", "https://a.example"),
        ("https://a.example:8443/path?key=secret#part", "https://a.example:8443/path"),
        ("https://user:secret@a.example/path", "https://a.example/path"),
        ("https://user:se@cret@a.example/@path", "https://a.example/@path"),
        ("https://a.example/${NAME}?key=${KEY}", "https://a.example/${NAME}"),
        ("https://${USER}:${PASSWORD}@a.example/", "https://a.example/"),
        ("https://a.example?next=https://user:secret@b.example", "https://a.example"),
        ("${URL}", "${URL}"),
    ],
)
def test_a_url_is_shown_without_what_may_be_secret(url: str, shown: str) -> None:
    assert shown_url(url) == shown


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://a.example:8443/path", "a.example"),
        ("https://${USER}:${PASSWORD}@a.example/${PATH}", "a.example"),
        ("https://192.0.2.1/", "192.0.2.1"),
        ("https://[2001:db8::1]:443/", "2001:db8::1"),
        ("http://localhost:3000/", None),
        ("http://app.localhost/", None),
        ("http://127.8.9.10/", None),
        ("http://[::1]:80/", None),
        ("https://${HOST}/path", None),
        ("${URL}", None),
    ],
)
def test_which_host_a_url_depends_on(url: str, host: str | None) -> None:
    assert network_host(url) == host
    assert HttpOptions(url=url).host() == host


def test_a_name_is_not_loopback_because_it_looks_like_it() -> None:
    assert not is_loopback("localhost.example.com")
    assert not is_loopback("notlocalhost")


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"bad name": "x"}, "holds 'bad name', which is no header name"),
        ({"": "x"}, "holds '', which is no header name"),
        ({"apikey": "very-secret\nx: y"}, "holds a line break or control character in apikey"),
        ({"apikey": "very-secret-é"}, "holds letters outside ASCII in apikey"),
    ],
)
def test_a_header_that_cannot_be_sent_is_refused_without_its_value(
    headers: dict[str, str], said: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        HttpOptions(url="https://a.example", headers=headers)
    message = refused.value.errors()[0]["msg"]
    assert said in message
    assert "very-secret" not in message
