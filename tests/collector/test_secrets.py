"""Secrets come from the environment by name and never leave unmasked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.secrets import MASK, MissingVariables, Redactor, fill, references


def test_references_are_found_wherever_they_stand() -> None:
    value = {
        "url": "https://${HOST}/x",
        "headers": {"Authorization": "Bearer ${TOKEN}"},
        "args": ["${A}", "b"],
    }
    assert references(value) == ["HOST", "TOKEN", "A"]


def test_fill_puts_values_in_and_learns_them() -> None:
    redactor = Redactor()
    filled = fill({"h": {"Authorization": "Bearer ${TOKEN}"}, "n": 3}, {"TOKEN": "s3cr3t-value"}, redactor)
    assert filled == {"h": {"Authorization": "Bearer s3cr3t-value"}, "n": 3}
    assert redactor.mask("got Bearer s3cr3t-value back") == f"got Bearer {MASK} back"


def test_missing_variables_are_named_together() -> None:
    with pytest.raises(MissingVariables) as caught:
        fill(["${A}", "${B}", "${C}", "${A}"], {"B": "x", "C": ""}, Redactor())
    assert caught.value.names == ["A", "C"]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("redis://:pa55@cache:6379/0 refused", "redis://***@cache:6379/0 refused"),
        ("postgresql://u:p%40ss@db/x", "postgresql://***@db/x"),
        ("host=db password=hunter2 dbname=x", "host=db password=*** dbname=x"),
        ("https://example.com/a?token=abc&x=1", "https://example.com/a?token=***&x=1"),
        ("redis://:p@ss@cache:6379", "redis://***@cache:6379"),
        ("https://example.com/path", "https://example.com/path"),
        ("https://example.com/@scope/name", "https://example.com/@scope/name"),
    ],
)
def test_credentials_in_text_are_masked_unasked(text: str, masked: str) -> None:
    assert Redactor().mask(text) == masked


def test_the_password_of_a_url_is_a_secret_of_its_own() -> None:
    redactor = Redactor()
    fill("${DSN}", {"DSN": "postgresql://app:p%40ssw0rd@db/x"}, redactor)
    assert redactor.mask("password p@ssw0rd or p%40ssw0rd refused") == f"password {MASK} or {MASK} refused"


def test_masks_inside_anything() -> None:
    redactor = Redactor()
    redactor.learn("topsecret")
    value = {"a": ["x topsecret", {"topsecret": 1}], "n": 5, "none": None}
    assert redactor.mask_all(value) == {"a": [f"x {MASK}", {MASK: 1}], "n": 5, "none": None}


def test_a_secret_that_contains_another_is_masked_whole() -> None:
    redactor = Redactor()
    redactor.learn("abcd")
    redactor.learn("abcd-efgh")
    assert redactor.mask("abcd-efgh abcd") == f"{MASK} {MASK}"


@given(
    st.text(min_size=4, alphabet=st.characters(exclude_characters="*", codec="utf-8")), st.text(), st.text()
)
def test_no_learned_secret_survives(secret: str, before: str, after: str) -> None:
    redactor = Redactor()
    redactor.learn(secret)
    assert secret not in redactor.mask(f"{before}{secret}{after}".replace(MASK, ""))
