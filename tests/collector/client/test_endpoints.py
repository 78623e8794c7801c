import string
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.client import endpoint_template
from collector.client.endpoints import MAX_LENGTH, MAX_SEGMENTS

UUID_TEXT = "0198b2c4-7d7a-7e0e-9c0a-2f0c6f6b7a11"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/orders",
        "/v1/chat/completions",
        "/v1beta/properties",
        "/v2p1beta2/things",
        "/v1.1/statuses/update.json",
        "/admin/api/2026-10/graphql.json",
        "/admin/api/unstable/products/count.json",
        "/api/v1/profile",
        "/auth/v1/health",
        "/oauth2/token",
        "/.well-known/openid-configuration",
        "/fulfillment_orders/cancellation_request",
        "/repos/{owner}/{repo}/issues",
        "/users/@me/guilds",
        "/orders/{order}.json",
        "/properties/{property}:runReport",
        "/{owner}-{repo}/issues",
        "/propertyQuotasSnapshot",
        "/getAccountBalance.do",
        "/odata/$metadata",
        "/storage/s3/buckets",
        "list",
        "chat.completions",
    ],
)
def test_words_versions_and_placeholders_stay(path: str) -> None:
    assert endpoint_template(path) == path


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", "/"),
        ("/orders/", "/orders"),
        ("//orders//list", "/orders/list"),
        ("/orders/4242", "/orders/{id}"),
        ("/orders/4242.json?token=geheim", "/orders/{id}.json"),
        ("/orders/4242#note", "/orders/{id}"),
        ("https://bob:pw@api.test:8443/v1/orders/7?x=1", "/v1/orders/{id}"),
        ("https://api.test", "/"),
        ("/v1beta/properties/4242:runReport", "/v1beta/properties/{id}:runReport"),
        ("/v1/models/gemini-2.5-pro:generateContent", "/v1/models/{id}:generateContent"),
        (f"/jobs/{UUID_TEXT}", "/jobs/{id}"),
        (f"/jobs/{UUID_TEXT.upper()}.csv", "/jobs/{id}.csv"),
        ("/commits/deadbeef", "/commits/{id}"),
        ("/commits/0a1b2c3d4e5f", "/commits/{id}"),
        ("/customers/bob@example.com", "/customers/{id}"),
        ("/customers/bob%40example.com", "/customers/{id}"),
        ("/search/caf%C3%A9", "/search/{id}"),
        ("/search/café", "/search/{id}"),
        ("/files/a%2Fb", "/files/{id}"),
        ("/products/gid://shopify/Product/123/images", "/products/{id}/images"),
        ("/messages/msg_01AbCdEfGhIjKlMn", "/messages/{id}"),
        ("/models/gpt-4o-mini", "/models/{id}"),
        ("/keys/sk-proj-abcDEF123456", "/keys/{id}"),
        ("/tokens/aGVsbG8gd29ybGQ", "/tokens/{id}"),
        ("/tokens/QWERTZUIOPASDF", "/tokens/{id}"),
        ("/reports/2026-10-01", "/reports/{id}"),
        ("/reports/2026-13", "/reports/{id}"),
        ("/articles/how-to-fix-a-thing-in-ten-steps", "/articles/{id}"),
        ("/hosts/192.168.0.1", "/hosts/{id}"),
        ("/a;session=42", "/{id}"),
        ("/Products(42)", "/{id}"),
        ("/-/", "/{id}"),
        ("/..", "/{id}"),
        ("/" + "a" * 33, "/{id}"),
    ],
)
def test_what_names_one_thing_becomes_id(path: str, expected: str) -> None:
    assert endpoint_template(path) == expected


def test_a_long_path_is_cut_at_a_segment() -> None:
    assert endpoint_template("/a" * 30) == "/a" * (MAX_SEGMENTS - 1) + "/*"
    assert (
        endpoint_template("/abandoned-checkouts-and-carts" * 9) == "/abandoned-checkouts-and-carts" * 6 + "/*"
    )
    assert len(endpoint_template("/x" * 1_000_000)) <= MAX_LENGTH


@given(
    st.text(max_size=3000)
    | st.lists(st.text(string.ascii_letters + string.digits + "-_.~%:@{}*$", max_size=50)).map("/".join)
)
def test_the_template_of_anything_is_short_clean_and_its_own_template(path: str) -> None:
    template = endpoint_template(path)
    assert len(template) <= MAX_LENGTH
    assert template.isascii()
    assert not set(template) & set("?#%@ \n") - set("@" if "@me" in template else "")
    assert endpoint_template(template) == template


@given(
    st.sampled_from(["/orders/{}", "/v1/orders/{}/items", "/orders/{}.json", "/properties/{}:runReport"]),
    st.integers(0, 10**20).map(str)
    | st.uuids().map(str)
    | st.uuids().map(lambda value: UUID(str(value)).hex)
    | st.binary(min_size=6, max_size=20).map(bytes.hex),
)
def test_any_id_gives_the_same_template(pattern: str, value: str) -> None:
    assert endpoint_template(pattern.format(value)) == pattern.format("{id}")


@given(st.emails().filter(lambda text: not set(text) & set("/?#{")))
def test_no_email_address_is_seen(value: str) -> None:
    assert endpoint_template(f"/customers/{value}/orders") == "/customers/{id}/orders"
