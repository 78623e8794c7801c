"""Headlines, moments and durations, and what becomes of text from outside."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analytics.alerting import Action
from collector.notify.addresses import mail_address
from collector.notify.email_message import mail
from collector.notify.slack import escaped
from collector.notify.wording import (
    cut,
    facts,
    handles,
    headline,
    is_absolute,
    line,
    links,
    moment,
    paragraph,
)
from tests.collector.notify.messages import AT, CASES, CRITICAL


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("trigger-critical", "[critical] Supabase is down: connection refused"),
        ("trigger-warning", "[warning] Shopify API rate limited: 429 on 18 % of 312 calls in 5 minutes"),
        ("update", "Now critical: Shopify API rate limited: 429 on 18 % of 312 calls in 5 minutes"),
        ("acknowledge", "Acknowledged by Ada: Supabase is down: connection refused"),
        ("trigger-again", "[critical] Again (4th time): Supabase is down: connection refused"),
        ("resolve", "Resolved after 1 h 12 min with pauses: Supabase is down: connection refused"),
        (
            "resolve-by-hand",
            "Resolved by Ada after 17 min: Shopify API rate limited: 429 on 18 % of 312 calls in 5 minutes",
        ),
        ("over-trigger", "Over already: Supabase is down: connection refused"),
        ("over-resolve", "Over already: Supabase is down: connection refused"),
        ("test", "TEST of channel team from monitor-1"),
    ],
)
def test_a_headline_says_what_became_of_it(case: str, said: str) -> None:
    assert headline(CASES[case]) == said


@pytest.mark.parametrize(
    ("relapses", "said"),
    [(0, "[critical] Supabase"), (1, "[critical] Again (2nd time): S"), (2, "[critical] Again (3rd time): S"),
     (10, "[critical] Again (11th time): S"), (20, "[critical] Again (21st time): S"),
     (111, "[critical] Again (112th time): S")],
)  # fmt: skip
def test_a_relapse_is_told_apart_from_a_new_trouble(relapses: int, said: str) -> None:
    assert headline(replace(CRITICAL, relapses=relapses)).startswith(said)


def test_who_acted_is_named_in_one_short_piece_and_nobody_where_nobody_did() -> None:
    acknowledged = replace(CASES["acknowledge"], author="Ada\r\nBcc: x " + "y" * 200)
    assert headline(acknowledged).startswith("Acknowledged by Ada Bcc: x yyy")
    assert len(headline(acknowledged)) < 150
    assert headline(replace(acknowledged, author=" ")).startswith("Acknowledged: ")
    assert headline(replace(CASES["resolve"], ended_at=None)).startswith("Resolved: ")


def test_a_relapse_says_when_it_began_first_and_when_it_was_bad_again() -> None:
    told = facts(CASES["trigger-again"])
    assert ("Bad again at", "10:08 UTC") in told
    assert ("First at", "10:02 UTC, back 3 times") in told
    assert "Since" not in dict(told)
    later = facts(replace(CASES["trigger-again"], action=Action.ACKNOWLEDGE))
    assert "Bad again at" not in dict(later), "nobody knows from an acknowledgement when it came back"
    assert ("First at", "10:02 UTC, back 3 times") in later


def test_an_incident_is_named_by_its_id_and_how_to_acknowledge_it() -> None:
    known = CRITICAL.incident_id
    assert handles(CRITICAL) == [
        f"Incident {known}",
        f"Acknowledge: POST /incidents/{known}/acknowledge on the collector (docs/alerts.md)",
    ]
    for case in ("acknowledge", "resolve", "over-trigger", "over-resolve"):
        assert handles(CASES[case]) == [f"Incident {known}"]
    assert handles(CASES["notice-certificate"]) == handles(CASES["test"]) == []


def test_a_report_is_called_by_its_title() -> None:
    assert headline(replace(CRITICAL, action=Action.REPORT, title="Weekly")) == "Weekly"


def test_a_moment_names_its_day_where_that_is_another() -> None:
    assert moment(AT, AT + timedelta(hours=1)) == "10:02 UTC"
    assert moment(AT, AT + timedelta(days=1)) == "24 Nov 2026, 10:02 UTC"
    elsewhere = timezone(timedelta(hours=-8))
    assert moment(datetime(2026, 11, 24, 20, 0, tzinfo=elsewhere), AT) == "25 Nov 2026, 04:00 UTC"


def test_what_is_over_says_how_long_it_lasted() -> None:
    assert ("Lasted", "1 h 12 min with pauses, from 10:02 to 11:14 UTC") in facts(CASES["resolve"])
    assert ("Came back", "2 times") in facts(CASES["resolve"])
    over_night = replace(CASES["resolve"], began_at=datetime(2026, 11, 23, 23, 50, tzinfo=UTC))
    assert ("Lasted", "11 h 24 min with pauses, from 23 Nov 2026, 23:50 UTC to 11:14 UTC") in facts(
        over_night
    )


def test_what_is_not_known_is_not_said() -> None:
    labels = [label for label, _ in facts(CASES["notice-certificate"])]
    assert labels == ["Service", "Severity", "Reason", "Since"]


def test_many_affected_services_are_counted() -> None:
    many = replace(CRITICAL, affected=tuple(f"api/{number}" for number in range(13)))
    assert dict(facts(many))["Also affected"].endswith("api/9 and 3 more")


@pytest.mark.parametrize(
    "url",
    [
        "", "/runbooks/connect", "javascript:alert(1)", "https://", "https:///x", "https://a b", "https://a|b",
        "https://a>b", 'https://a"b', "https://a\nb", "ftp://a.example/", "https://[::1",
        "https://" + "a" * 2000,
    ],
)  # fmt: skip
def test_a_link_is_an_absolute_http_url_or_none(url: str) -> None:
    assert not is_absolute(url)
    assert links(replace(CRITICAL, runbook=url, dashboard=url)) == []


@settings(deadline=None)
@given(st.text(), st.integers(1, 60))
def test_a_line_is_one_line_within_its_limit(text: str, limit: int) -> None:
    said = line(text, limit)
    assert len(said) <= limit
    assert said == " ".join(said.split())
    said.encode()


@settings(deadline=None)
@given(st.text(), st.integers(1, 60))
def test_a_paragraph_has_no_control_character_but_line_breaks(text: str, limit: int) -> None:
    said = paragraph(text, limit)
    assert len(said) <= limit
    assert all(letter == "\n" or ord(letter) >= 32 for letter in said)


@settings(deadline=None)
@given(st.text(alphabet="&<>a@\N{FIRE}"), st.integers(1, 40))
def test_slacks_escapes_are_whole_and_within_the_limit(text: str, limit: int) -> None:
    said = escaped(text, limit)
    assert len(said) <= limit
    bare = said.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
    assert not set(bare) & set("&<>")


@settings(deadline=None, max_examples=40)
@given(st.text(max_size=400) | st.text(alphabet="=?utf-8q \r\n\N{FIRE}", max_size=400))
@example("=?utf-8?q?=0D=0ABcc:_x@example.com?=")
@example("\N{FIRE}" * 300)
@example("0 0¡𐀀𐀀𐀀𐀀𐀀𐀀𐀀 ¡")
def test_a_subject_survives_the_way_through_a_mail(text: str) -> None:
    message = replace(CRITICAL, title=text, text=text)
    sender = mail_address("health@example.com")
    sent = mail(message, sender, [sender], AT).as_bytes()
    assert max(len(part) for part in sent.split(b"\r\n")) <= 998
    received = message_from_bytes(sent, policy=default)
    assert b"\r\nSubject:\r\n" not in sent
    meant, read = headline(message).replace("=?", "= ?"), received["Subject"]
    # Between two encoded words Python's email package may lose a space; letters never.
    assert read == meant if meant.isascii() else "".join(read.split()) == "".join(meant.split())
    assert received["From"].addresses[0].addr_spec == "health@example.com"


def test_what_fits_is_not_cut() -> None:
    assert cut("abc", 3) == "abc"
    assert cut("abcd", 3) == "ab…"
