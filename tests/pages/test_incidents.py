"""The page of incidents in every state: nothing, one row, many, filtered, broken links, hostile text."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui import reading
from tests.pages import incident_samples as made
from tests.pages.conftest import ROOT, html_of

HOSTILE = '<img src=x onerror="alert(1)">**bold** & <script>x</script>'
Open = Callable[..., str]


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with four incidents, `title-a` to `title-d`."""
    path, now = tmp_path_factory.mktemp("few") / "health.duckdb", datetime.now(UTC)
    slow = {"severity": "warning", "service_type": "api", "service_name": "openai", "reason": "slow"}
    rows = [
        made.incident(now - timedelta(hours=1), title="title-a"),
        made.incident(
            now - timedelta(hours=2), title="title-b", status="investigating", acknowledged_by="Priya", **slow
        ),
        made.resolved(now - timedelta(days=3), 5, title="title-c", severity="warning", service_name="x"),
        made.resolved(now - timedelta(days=20), 5, title="title-d"),
    ]
    made.write(path, now, rows)
    return path


@pytest.fixture
def opened(database: Path) -> Open:
    """Opens the page with these words in the address and gives its HTML; the database is `database`."""

    def run(**asked: str) -> str:
        app = AppTest.from_file(str(ROOT / "pages" / "incidents.py"), default_timeout=30)
        for name, value in asked.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception
        return html_of(app)

    return run


def test_without_incidents_it_says_so_and_shows_how_the_services_were(
    database: Path, now: datetime, opened: Open
) -> None:
    made.write(database, now)
    page = opened()
    assert "No incidents in this time" in page
    assert 'href="incidents?range=30d"' in page
    assert "Google Analytics MCP" in page
    assert "incidents-targets" not in page


def test_what_goes_on_stands_apart_from_what_is_over(database: Path, now: datetime, opened: Open) -> None:
    open_ = made.incident(now - timedelta(hours=2))
    over = made.resolved(now - timedelta(hours=1), 12, title="Chatwoot API slow", service_type="api")
    made.write(database, now, [open_, over], notifications=[made.message(over["id"], over["created_at"])])
    page = opened()
    assert "1 going on, 1 with nobody on it" in page
    going, finished = page.split('<div class="incidents-list">')[1:]
    assert "Fly.io MCP server cannot be reached" in going
    assert "nobody yet" in going
    assert "Chatwoot API slow" in finished
    assert "Mara" in finished
    assert '<td class="number">12 min</td>' in finished
    assert f'href="incidents?incident={open_["id"]}"' in going
    assert "<strong>12 min</strong>" in page, "the mean time to resolve"
    assert "1 of 2 in time" in page, "the open one has missed its two hours"


def test_what_came_back_says_that_nobody_is_on_it_any_more(
    database: Path, now: datetime, opened: Open
) -> None:
    again = made.incident(now - timedelta(hours=2), relapses=1)
    events = [
        made.event(
            again["id"], now, "opened", "bad in 3 checks in a row; rule service_down: 3 checks in a row"
        ),
        made.event(again["id"], now, "unacknowledged", "Mara was on it before it came back"),
        made.event(again["id"], now, "note", "service_down is how I call it", "Mara"),
    ]
    made.write(database, now, [again], incident_events=events)
    page = opened(incident=str(again["id"]))
    assert "<b>No longer acknowledged</b>" in page
    assert "Mara was on it before it came back" in page
    assert "nobody since it came back" in page
    assert "<dt>Rule</dt><dd>Service down</dd>" in page
    assert "rule Service down: 3 checks in a row" in page
    assert "service_down is how I call it" in page, "what a person wrote stays"


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({"severity": "warning"}, "bc"),
        ({"state": "resolved"}, "c"),
        ({"state": "investigating"}, "b"),
        ({"type": "mcp"}, "ac"),
        ({"service": "api/openai"}, "b"),
        ({"q": "CONNECT fly"}, "a"),
        ({"q": "priya"}, "b"),
        ({"q": "tls priya"}, ""),
        ({"range": "90m"}, "ab"),
        ({"range": "30d"}, "abcd"),
        ({"severity": "loud"}, "abc"),
    ],
)
def test_the_filters_of_the_address_choose(
    few: Path, monkeypatch: pytest.MonkeyPatch, opened: Open, asked: dict[str, str], shown: str
) -> None:
    monkeypatch.setenv("HEALTH_DB", str(few))
    page = opened(**asked)
    listed = page.split('<div class="incidents-list">', 1)[1]
    assert "".join(name for name in "abcd" if f">title-{name}<" in listed) == shown
    assert ("No incident matches these filters" in page) == (shown == "")
    wrong = "severity &quot;loud&quot;: it is critical, warning or info"
    assert (wrong in page) == (asked == {"severity": "loud"})


def test_many_are_paged_and_the_page_is_kept_on_the_way_back(
    database: Path, now: datetime, opened: Open
) -> None:
    rows = [made.resolved(now - timedelta(minutes=10 * n + 20), 5, title=f"title-{n:02d}") for n in range(60)]
    made.write(database, now, rows)
    page = opened(page="3", q="title")
    assert [f"title-{n:02d}" in page.split("incidents-list", 1)[1] for n in (0, 49, 50, 59)] == [
        False,
        False,
        True,
        True,
    ]
    assert "page 3 of 3" in page
    link = f"incidents?q=title&page=3&incident={rows[59]['id']}"
    assert escape(link) in page
    one = opened(page="3", q="title", incident=str(rows[59]["id"]))
    assert f'href="{escape("incidents?q=title&page=3")}">All incidents' in one


def whole_story(now: datetime) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    row = made.resolved(now - timedelta(minutes=20), 15, relapses=2, details={})
    began, id_ = row["began_at"], row["id"]
    tables = {
        "incident_events": [
            made.event(id_, began + made.MINUTE, "opened", "connection refused; bad in 3 looks"),
            made.event(id_, began + 2 * made.MINUTE, "sent", "oncall (pagerduty) accepted the alert: 202 {}"),
            made.event(id_, began + 2.1 * made.MINUTE, "sent", "team (slack) accepted the alert: 200 ok"),
            made.event(id_, began + 3 * made.MINUTE, "acknowledged", "Looking.", "Mara"),
            made.event(id_, began + 4 * made.MINUTE, "note", "Host was rebooted.", "Mara"),
            made.event(id_, began + 5 * made.MINUTE, "brand_new", "from a later version"),
            made.event(id_, began + 15 * made.MINUTE, "resolved", "2 good checks in a row"),
        ],
        "notifications": [
            made.message(id_, began, attempts=3, last_error="503 busy"),
            made.message(
                id_,
                began,
                channel="team",
                state="pending",
                delivered_at=None,
                attempts=2,
                next_attempt_at=now + made.MINUTE,
                last_error="no answer",
                answer=None,
            ),
            made.message(id_, began, channel="hook", state="refused", delivered_at=None, last_error="404"),
        ],
        "vendor_incidents": [
            made.vendor_report(began, url="https://status.example.com/1"),
            made.vendor_report(began, vendor_id="2", name="Bad link", url="javascript:alert(1)"),
            made.vendor_report(
                now - timedelta(days=9), vendor_id="3", name="Long over", resolved_at=now - timedelta(days=8)
            ),
        ],
    }
    return row, tables


def test_the_targets_say_that_they_are_of_all_incidents(database: Path, now: datetime, opened: Open) -> None:
    titles = ["refused", "too slow", "no answer"]
    rows = [made.resolved(now - timedelta(hours=n + 1), 5, title=one) for n, one in enumerate(titles)]
    made.write(database, now, rows)
    assert "filtered or not" not in opened()
    assert "Of all 3 incidents of the period, filtered or not." in opened(q="slow")


def test_an_end_by_hand_is_no_sign_of_health(database: Path, now: datetime, opened: Open) -> None:
    row, tables = whole_story(now)
    tables["incident_events"][-1]["author"] = "Ada"
    made.write(database, now, [row], **tables)
    page = opened(incident=str(row["id"]))
    assert '<li class="story-closed"><div class="story-head"><b>Resolved</b>' in page


def test_one_incident_tells_its_whole_story(database: Path, now: datetime, opened: Open) -> None:
    row, tables = whole_story(now)
    made.write(database, now, [row], **tables)
    page = opened(incident=str(row["id"]))
    assert "lasted 15 min" in page
    assert "Closed, but the service is down" in page
    assert "Mara, " in page
    assert "2 times" in page
    story = page.split('<ol class="story">')[1].split("</ol>")[0]
    assert story.count("<li") == 7, "the first sign, and what was sent as one entry"
    assert "oncall (pagerduty) accepted the alert\nteam (slack) accepted the alert" in story
    assert '<span class="story-who">Mara</span>' in story
    assert "Brand new" in story
    assert '<li class="story-resolved">' in story
    assert "3 messages, 1 waiting, 1 never arrived" in page
    assert "Before that: 503 busy" in page
    assert "again " in page
    assert 'href="https://status.example.com/1"' in page
    assert "Bad link" in page
    assert "javascript:" not in page
    assert "Long over" not in page
    assert "service?service=mcp/fly" in page


def test_closed_by_hand_while_its_service_is_down_does_not_look_like_the_end(
    database: Path, now: datetime, opened: Open
) -> None:
    row = made.resolved(now - timedelta(minutes=30), 29.9)
    end = made.event(row["id"], row["resolved_at"], "resolved", "known", "<i>Ada</i>")
    made.write(database, now, [row], incident_events=[end])
    page = opened(incident=str(row["id"]))
    assert "<span>by &lt;i&gt;Ada&lt;/i&gt;</span>" in page
    assert "closed it, and the service is still down" in page
    below = page.split('<p class="incident-below">')[1].split("</p>")[0]
    assert "still down" in below
    assert "is-healthy" not in below
    assert '<h1><span class="mark is-down"' in page
    listed = opened().split("Fly.io MCP server cannot be reached")[-1]
    assert "by hand, still down" in listed


def test_an_open_incident_says_what_to_do_and_why_not_here(
    database: Path, now: datetime, opened: Open
) -> None:
    row = made.incident(now - timedelta(minutes=5))
    made.write(database, now, [row])
    page = opened(incident=str(row["id"]))
    assert "Nobody is on it yet" in page
    assert "Nobody was told" in page
    assert "Read-only: set HEALTH_TOKEN" in page
    assert re.search(r"Going on for (4 min 5\d s|5 min)", page)


@pytest.mark.parametrize(
    "id_", ["00000000-0000-7000-8000-000000000000", "no-id", "'; DROP TABLE services; --", "🙂"]
)
def test_a_link_to_an_incident_that_is_not_there_leads_back(
    few: Path, monkeypatch: pytest.MonkeyPatch, opened: Open, id_: str
) -> None:
    monkeypatch.setenv("HEALTH_DB", str(few))
    page = opened(incident=id_, range="30d")
    assert "No such incident" in page
    assert 'href="incidents?range=30d">All incidents' in page


def test_hostile_text_is_shown_as_it_is_written(database: Path, now: datetime, opened: Open) -> None:
    row = made.incident(
        now - timedelta(minutes=5),
        title=HOSTILE,
        service_name=HOSTILE,
        rule=HOSTILE,
        reason=HOSTILE,
        status="investigating",
        acknowledged_by=HOSTILE,
        acknowledged_at=now,
        service_type="mcp",
    )
    made.write(
        database,
        now,
        [row],
        incident_events=[made.event(row["id"], now, HOSTILE, HOSTILE, HOSTILE)],
        notifications=[made.message(row["id"], now, channel=HOSTILE, answer=HOSTILE, last_error=HOSTILE)],
        vendor_incidents=[made.vendor_report(now, f"mcp/{HOSTILE}", name=HOSTILE, vendor=HOSTILE)],
    )
    for page in (opened(), opened(q="onerror", service=f"mcp/{HOSTILE}"), opened(incident=str(row["id"]))):
        drawn = page.split('class="health-page"')[0]
        assert "<img" not in drawn.replace('<img src="app/static/logo.svg"', "")
        assert "<script>x" not in drawn
        assert "&lt;img" in drawn.lower()


def test_a_service_that_is_no_longer_monitored_and_a_word_of_a_later_version(
    database: Path, now: datetime, opened: Open
) -> None:
    row = made.incident(now - timedelta(minutes=5), service_name="gone", severity="info")
    made.write(database, now, [row])
    page = opened(incident=str(row["id"]))
    assert "Gone MCP (no longer monitored)" in page
    assert "No checks are kept of that time" in page


def test_a_database_that_cannot_be_read_later_keeps_what_was_read(
    database: Path, now: datetime, opened: Open
) -> None:
    row = made.incident(now - timedelta(minutes=5))
    made.write(database, now, [row])
    opened()
    database.write_bytes(b"no database")
    reading.forget()
    assert "Fly.io MCP server cannot be reached" in opened()
