"""What is read of a delivery beside its signature, and what a secret may look like."""

import pytest

from collector.webhooks import verify
from tests.collector.webhooks.signing import ID, NOW, SCHEMES, SECRETS, signed


@pytest.mark.parametrize("form", ["whsec_{}", "{}", "v1,whsec_{}", " whsec_{}\n"])
def test_the_secret_of_standard_webhooks_may_be_written_in_each_usual_form(form: str) -> None:
    secret = SECRETS["standard"].removeprefix("whsec_")
    delivery = signed("standard")
    assert delivery.verified_with(secrets=[form.format(secret)]).verified
    assert delivery.verified_with(secrets=[form.format(secret.rstrip("="))]).verified


@pytest.mark.parametrize("scheme", ["shopify", "chatwoot"])
def test_white_space_around_a_secret_is_not_part_of_it(scheme: str) -> None:
    assert signed(scheme).verified_with(secrets=[f"{SECRETS[scheme]}\n"]).verified


@pytest.mark.parametrize(
    ("scheme", "secrets"),
    [(scheme, secrets) for scheme in SCHEMES for secrets in ([], [""], ["  "])]
    + [("standard", ["whsec_"]), ("standard", ["whsec_not base64!"]), ("hmac", ["x"])],
)
def test_a_secret_that_cannot_be_one_is_the_callers_mistake(scheme: str, secrets: list[str]) -> None:
    with pytest.raises(ValueError) as caught:
        verify(scheme, secrets, {}, b"", NOW)
    assert "not base64!" not in str(caught.value)


def test_one_text_as_secrets_is_the_callers_mistake() -> None:
    with pytest.raises(TypeError, match="give a list"):
        verify("shopify", "secret", {}, b"", NOW)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("x" * 200, "x" * 200),
        ("a b", None),
        ("<script>", None),
        ("b54557e4-bdd9", "b54557e4-bdd9"),
        ("ümlaut", None),
        ("", None),
        ("a\x00b", None),
        ("line\nbreak", None),
    ],
)
def test_an_id_is_kept_only_if_it_reads_like_one(scheme: str, given: str, kept: str | None) -> None:
    delivery = signed(scheme)
    assert delivery.verified_with(headers=delivery.headers | {ID[scheme]: given}).delivery_id == kept


@pytest.mark.parametrize("scheme", SCHEMES)
def test_two_long_ids_that_begin_alike_stay_two(scheme: str) -> None:
    delivery = signed(scheme)
    ids = [f"order/{'0' * 200}{number}" for number in (1, 2, 2)]
    kept = [delivery.verified_with(headers=delivery.headers | {ID[scheme]: id_}).delivery_id for id_ in ids]
    assert [len(id_ or "") for id_ in kept] == [200, 200, 200]
    assert kept[0] != kept[1] == kept[2]


@pytest.mark.parametrize(
    ("body", "event"),
    [
        (b'{"event":"message_created"}', "message_created"),
        (b'{"event":"' + b"x" * 300 + b'"}', "x" * 200),
        (b'{"event":"<b>hello</b>"}', None),
        (b'{"event":["message_created"]}', None),
        (b'{"event":null}', None),
        (b"[]", None),
        (b"", None),
        (b"\xff\xfe\x00", None),
        (b"[" * 100_000, None),
        (b'{"event":' + b"9" * 5000 + b"}", None),
    ],
)
def test_the_event_is_read_from_a_verified_body_whatever_that_is(body: bytes, event: str | None) -> None:
    found = signed("chatwoot", body=body).verified_with()
    assert (found.verified, found.event_type) == (True, event)
