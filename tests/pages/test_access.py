"""Who may act: decided from a visitor, whoever forges what."""

from collections.abc import Mapping
from typing import Any

import pytest

from pages._ui.access_rules import Permission, Visitor, may, one_line, permission

HERE = {"host": "localhost:8501", "origin": "http://localhost:8501"}
ANNA = {"email": "anna@example.com", "email_verified": True}
ACTORS = "Anna@Example.com, *@ops.example.com"


def local(**headers: str) -> Visitor:
    """A visitor of this machine, with these headers besides or instead."""
    return Visitor(headers={**HERE, **headers})


def test_who_sits_at_this_machine_may_act_under_a_name_of_their_own() -> None:
    assert permission(local(), True, "") == Permission(True, "dashboard")
    assert permission(Visitor(headers=HERE, name=" Ada\nLovelace "), True, "") == Permission(
        True, "Ada Lovelace"
    )
    assert permission(Visitor(headers=HERE, name="Collector"), True, "").author == "dashboard"


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "127.0.0.1:8501", "origin": "http://127.0.0.1:8501"},
        {"host": "[::1]:8501", "origin": "http://[::1]:8501"},
        {"host": "LOCALHOST", "origin": "https://localhost"},
    ],
)
def test_this_machine_has_several_names(headers: Mapping[str, str]) -> None:
    assert permission(Visitor(headers=headers), True, "").allowed
    assert permission(Visitor("::ffff:127.0.0.1", headers), True, "").allowed


@pytest.mark.parametrize(
    ("visitor", "why"),
    [
        (Visitor("192.168.1.7", HERE), "you come from 192.168.1.7"),
        (Visitor("::ffff:10.0.0.1", HERE), "you come from ::ffff:10.0.0.1"),
        (Visitor("a socket file", HERE), "you come from a socket file"),
        (local(**{"x-forwarded-for": "127.0.0.1"}), "you come through a proxy"),
        (local(forwarded="for=127.0.0.1"), "you come through a proxy"),
        (local(**{"x-real-ip": ""}), "you come through a proxy"),
        (local(via="1.1 nginx"), "you come through a proxy"),
        (local(host="evil.example.com:8501"), "only under http://localhost"),
        (local(host="localhost.evil.example.com"), "only under http://localhost"),
        (local(host="localhost@evil.example.com"), "only under http://localhost"),
        (local(host="[::1"), "only under http://localhost"),
        (local(host=""), "only under http://localhost"),
        (local(origin="https://health.example.com"), "was not opened under"),
        (local(origin="null"), "was not opened under"),
        (Visitor(headers={"host": "localhost"}), "was not opened under"),
        (Visitor(), "only under http://localhost"),
    ],
)
def test_everybody_else_only_looks_and_is_told_what_would_allow_it(visitor: Visitor, why: str) -> None:
    found = permission(visitor, True, ACTORS)
    assert not found.allowed
    assert found.author == ""
    assert why in found.why
    assert found.why.startswith("Read-only: ")
    assert found.why.endswith("; sign-in by OIDC allows it from elsewhere.")


@pytest.mark.parametrize("visitor", [local(), Visitor(sign_in=True, claims=ANNA)])
def test_without_the_token_nobody_may(visitor: Visitor) -> None:
    found = permission(visitor, False, ACTORS)
    assert (found.allowed, "HEALTH_TOKEN" in found.why) == (False, True)


@pytest.mark.parametrize(
    ("claims", "actors", "author", "why"),
    [
        (ANNA, ACTORS, "anna@example.com", ""),
        ({"email": "ben@ops.example.com"}, ACTORS, "ben@ops.example.com", ""),
        (None, ACTORS, "", "sign in to act"),
        (ANNA, "", "", "HEALTH_ACTORS names nobody"),
        (ANNA, "*", "", '"*" in it is neither an address nor *@domain'),
        (ANNA, "*@*", "", '"*@*" in it is neither'),
        ({"email": "ben@example.com"}, ACTORS, "", "ben@example.com is not in HEALTH_ACTORS"),
        ({"email": "eve@evil-ops.example.com"}, ACTORS, "", "is not in HEALTH_ACTORS"),
        ({"email": "eve@ops.example.com@evil.com"}, ACTORS, "", "is not in HEALTH_ACTORS"),
        ({**ANNA, "email_verified": False}, ACTORS, "", "has not verified the address anna@example.com"),
        ({**ANNA, "email_verified": "false"}, ACTORS, "", "has not verified"),
        ({"name": "Anna"}, ACTORS, "", "no usable e-mail address"),
        ({"email": "anna@example.com\neve"}, ACTORS, "", "no usable e-mail address"),
        ({"email": ["anna@example.com"]}, ACTORS, "", "is not in HEALTH_ACTORS"),
    ],
)
def test_who_signs_in_may_act_when_the_list_says_so(claims: Any, actors: str, author: str, why: str) -> None:
    # Not even at this machine without it.
    found = permission(Visitor(headers=HERE, sign_in=True, claims=claims), True, actors)
    assert (found.allowed, found.author) == (bool(author), author)
    assert why in found.why


def test_addresses_are_compared_as_a_whole() -> None:
    assert may(" ANNA@example.COM ", ACTORS)
    assert not may("", "*@, @, ,")
    assert not may("@example.com", "*@example.com")
    assert not may("anna", ACTORS)


def test_a_name_is_one_line_the_collector_takes() -> None:
    assert one_line("a\x00b\u2028c\t d") == "a b c d"
    assert len(one_line("x" * 300)) == 100
    assert one_line(" \n ") == ""
