"""The page about the dashboard itself, in every state, and the words it is made of."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from streamlit.testing.v1 import AppTest

from analytics.db import FileLocation, migrate, read_only, transact
from analytics.model import Basis, Policy, Reason, ServiceType, Status
from analytics.rules.reason_statuses import statuses_of
from pages._ui import words
from pages._ui.about import heart, judging, keeping, runbooks, watching
from pages._ui.about.meanings import CHAPTERS
from pages._ui.about.question import SLOT, SLOTS, Kept, KeptTable, monitor
from pages._ui.about.reasons import reasons
from pages._ui.about.targets import probe_words, shown_target
from pages._ui.about.version import VERSION
from pages._ui.notices import empty
from tests.pages import samples
from tests.pages.conftest import ROOT, html_of

Open = Callable[..., str]
DOCS = ROOT / "docs" / "runbooks"


@pytest.fixture
def about(database: Path) -> Open:
    """Opens the page with what the address asks for, and gives its HTML."""

    def run(**asked: str) -> str:
        app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=30).run()
        for name, value in asked.items():
            app.query_params[name] = value
        app.switch_page("pages/about.py").run()
        assert not app.exception
        return html_of(app)

    return run


def text(html: str) -> str:
    return " ".join(re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", html, flags=re.S).split())


def test_the_monitor_and_what_it_watches(database: Path, about: Open) -> None:
    samples.write(database, datetime.now(UTC))

    said = text(about())

    assert "Collector Running heartbeat at" in said
    assert "Watched 16 in 4 groups" in said
    assert "Cycles, 24 hours 61 in" in said
    assert "It did not stand still in the last 7 days" not in said, "it did not run before that hour"
    assert f"Version {VERSION} dashboard and collector" in said
    assert "What is monitored 16 services" in said
    assert "Slow from 1.0 s Down after 3 failures in a row" in said
    assert "integration_health_checks attempts of checks" in said
    assert "Read-only: set HEALTH_TOKEN" in said


def test_a_file_without_services_says_what_to_do(database: Path, about: Open) -> None:
    migrate(FileLocation(database))

    said = text(about())

    assert "Nothing is monitored yet" in said
    assert "Collector Not yet it never ran on this database" in said
    assert "Name not resolved" in said, "what does not depend on the database is there"


def test_no_file_at_all_is_the_state_of_the_whole_page(about: Open) -> None:
    assert "make demo" in text(about())


def test_one_service_that_was_never_checked(database: Path, about: Open) -> None:
    samples.write(database, datetime.now(UTC), samples.SERVICES[:1], {}, minutes=-1)

    html = about()

    assert "What is monitored 1 service " in text(html)
    assert 'class="mark is-unknown"' in html[html.index("about-watched") :]


def test_a_collector_that_stopped_is_said(database: Path, about: Open) -> None:
    samples.write(database, datetime.now(UTC) - timedelta(hours=3))

    said = text(about())

    assert "Collector Stopped" in said
    assert re.search(r"2 stops in the last 7 days, .* together:", said)


def test_a_service_that_is_switched_off_is_shown_as_such(database: Path, about: Open) -> None:
    location = samples.write(database, datetime.now(UTC), samples.SERVICES[:2], {}, minutes=1)
    transact(
        location, lambda c: c.execute("UPDATE services SET enabled = false WHERE service_name = 'shopify'")
    )

    html = about()

    assert "Watched 1 in 1 group, 1 switched off" in text(html)
    assert "Shopify switched off" in text(html)
    assert "service=mcp/shopify" not in html[html.index("about-watched") :]


def test_filters_leave_the_services_asked_for(database: Path, about: Open) -> None:
    samples.write(database, datetime.now(UTC), minutes=1)

    assert "What is monitored 4 of 16 services" in text(about(type="api"))
    assert "What is monitored 2 of 16 services" in text(about(q="supabase"))
    assert "No service is left" in text(about(q="nothing like it"))


def test_many_services_come_in_pages(database: Path, about: Open) -> None:
    crowd = [samples.Sample(ServiceType.API, f"service-{number:03}", 20, "fine") for number in range(120)]
    samples.write(database, datetime.now(UTC), crowd, {}, minutes=0)

    first, last = text(about()), text(about(page="3"))

    assert "page 1 of 3" in first
    assert "api/service-049" in first
    assert "api/service-050" not in first
    assert "api/service-119" in last


HOSTILE = '<img src=x onerror="alert(1)"><script>alert(2)</script> & \' "'


def test_text_from_the_database_is_never_markup(database: Path, about: Open) -> None:
    location = samples.write(
        database, datetime.now(UTC), [samples.Sample(ServiceType.API, HOSTILE, 5, "x")], {}, minutes=1
    )
    for column in ("probe", "target", "runbook"):
        transact(location, lambda c, name=column: c.execute(f"UPDATE services SET {name} = $1", [HOSTILE]))
    transact(
        location,
        lambda c: c.execute("UPDATE services SET depends_on = $1", ['["<script>alert(3)</script>"]']),
    )
    transact(location, lambda c: c.execute("UPDATE collector_runs SET version = $1", [HOSTILE]))

    html = about()

    body = html[html.index("about-part") :]
    assert "<img" not in body
    assert "<script" not in body
    assert "the collector is &lt;img" in body


def test_a_slot_is_full_in_part_or_empty(database: Path) -> None:
    now = datetime(2026, 11, 23, 12, 7, tzinfo=UTC)
    location = samples.write(database, now, samples.SERVICES[:1], {}, minutes=59, gap=(30, 15))

    with read_only(location) as connection:
        found = monitor(connection, now)

    assert len(found.slots) == SLOTS
    assert found.slots[-1].ended == datetime(2026, 11, 23, 12, 15, tzinfo=UTC)
    ran = {f"{slot.begun:%H:%M}": slot.ran for slot in found.slots if slot.cycles}
    assert ran["12:00"] == 1.0, "a slot that has only begun owes what is due until now"
    assert 0.3 < ran["11:30"] < 0.7
    assert ran["11:15"] == 1.0
    assert found.cycles == 45
    full = sum(share >= 0.9 for share in ran.values())
    assert heart.summary(found.slots) == (
        f"Last 24 hours: the collector ran in {full} of 96 quarters of an hour, "
        f"in part in {len(ran) - full}, not at all in {96 - len(ran)}."
    )


def test_every_reason_is_explained_once_and_has_a_runbook() -> None:
    explained = [reason for chapter in CHAPTERS for reason in chapter.reasons]

    assert sorted(explained) == sorted(Reason)
    for reason in set(Reason) - {Reason.OK}:
        assert (DOCS / f"{reason.value}.md").is_file()
    html = reasons("http://127.0.0.1:8600/runbooks")
    for reason in Reason:
        assert words.REASONS[reason] in html
    assert html.count("http://127.0.0.1:8600/runbooks/") == len(Reason) - 1
    assert "docs/runbooks/dns.md" in reasons("")


def test_what_the_page_says_of_a_reason_is_what_the_tables_say() -> None:
    documented = (ROOT / "docs" / "data.md").read_text()
    for reason in Reason:
        line = next(
            one for one in documented.splitlines() if one.startswith("|") and f"`{reason.value}`" in one
        )
        said = line.rstrip(" |").rpartition("|")[2]
        assert {status for status in Status if status.value in said} == set(statuses_of(reason)), reason
        (row,) = (one for one in reasons("").split("<tr") if f"<code>{reason.value}</code>" in one)
        assert [status for status in Status if words.STATUSES[status] in row] == list(statuses_of(reason))


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("https://api.example.com/v1?key=secret#part", "https://api.example.com/v1"),
        ("redis://user:password@127.0.0.1:6379/0", "redis://127.0.0.1:6379/0"),
        ("npx -y server http://a:b@127.0.0.1:1/x?token=1", "npx -y server http://127.0.0.1:1/x"),
        ("https://[broken/?key=secret", "https://…"),
        ("Fly app example", "Fly app example"),
        ("", ""),
    ],
)
def test_a_target_is_shown_without_what_may_be_secret(target: str, shown: str) -> None:
    assert shown_target(target) == shown


def test_a_probe_of_a_newer_collector_is_shown_as_it_is_spelt() -> None:
    assert probe_words("solar_flare") == "solar flare"


def policy(basis: Basis, healthy: float = 1000) -> Policy:
    return Policy(basis, healthy, 3000, 3, timedelta(minutes=5))


def test_limits_in_words() -> None:
    assert watching.limits(policy(Basis.PRESENT)) == ["Slow from 1.0 s", "Down after 3 failures in a row"]
    assert watching.limits(policy(Basis.CALLS)) == [
        "P95 under 1.0 s, down over 3.0 s",
        "Success over 95 %, down under 90 %",
    ]
    assert watching.limits(policy(Basis.DELIVERIES))[1] == "Unknown after 5 min of silence"
    assert watching.limits(None) == ["–"]


def test_the_rules_name_the_limits_in_force() -> None:
    html = judging.rules([policy(Basis.CALLS, 800), policy(Basis.CALLS, 1500), None])

    assert "the P95 is below its limit ( 800 ms to 1.5 s )" in text(html)
    assert "within its limit." in text(html), (
        "without a service of the kind the rule stands there without a figure"
    )


@pytest.mark.parametrize(
    ("count", "shown"),
    [(912, "912"), (9_999, "9,999"), (658_000, "658 k"), (999_600, "1.0 M"), (2_940_000, "2.9 M")],
)
def test_large_numbers_are_shortened(count: int, shown: str) -> None:
    assert heart.short(count) == shown


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (12, "12 B"),
        (412_000, "412 kB"),
        (8_812_000, "8.8 MB"),
        (88_000_000, "88 MB"),
        (1_420_000_000, "1.4 GB"),
    ],
)
def test_sizes(count: int, shown: str) -> None:
    assert heart.size(count) == shown


def test_every_table_that_is_counted_is_described() -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    kept = Kept("health.duckdb", 1000, tuple(KeptTable(name, 7, None) for name in keeping._TABLES))

    html = keeping.keeping(kept, ZoneInfo("UTC"), now)

    for name in keeping._TABLES:
        assert f"<code>{name}</code>" in html
    assert empty("Cannot be counted just now", "The database is busy.") in keeping.keeping(
        None, ZoneInfo("UTC"), now
    )


def test_a_runbook_of_ones_own_must_lead_to_the_web() -> None:
    assert 'href="https://wiki.example.com/x?a=1&amp;b=2"' in runbooks.own_link(
        "https://wiki.example.com/x?a=1&b=2"
    )
    assert runbooks.own_link("javascript:alert(1)") == "<code>javascript:alert(1)</code>"
    assert runbooks.own_link("") == ""


def test_a_slot_is_a_quarter_of_an_hour() -> None:
    assert timedelta(days=1) == SLOT * SLOTS
