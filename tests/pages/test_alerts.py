"""The page of alerts: every rule, what stands and fired, what was kept quiet, and what the address asks."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analytics.alerting import AlertRule
from analytics.ids import uuid7
from pages._ui import reading
from pages._ui.rule_words import rule_name
from tests.pages import alert_samples as alerts
from tests.pages import incident_samples as made
from tests.pages.conftest import ROOT, html_of

Open = Callable[..., str]
HOSTILE = '<img src=x onerror=alert(1)>"**&'


@pytest.fixture
def opened() -> Open:
    """Opens the page with this in its address, and gives its HTML."""

    def run(**asked: str) -> str:
        app = AppTest.from_file(str(ROOT / "pages" / "alerts.py"), default_timeout=30)
        for name, value in asked.items():
            app.query_params[name] = value
        app.run()
        assert not app.exception
        return html_of(app)

    return run


@pytest.fixture(scope="module")
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory, now: datetime) -> Path:
    """Something of everything; nothing is written to it after that."""
    path = tmp_path_factory.mktemp("alerts") / "health.duckdb"
    incident = made.incident(now - timedelta(hours=2))
    quiet = "maintenance: Upgrade"
    made.write(
        path,
        now,
        [incident],
        alerts=[
            alerts.standing(now - timedelta(minutes=30), incident_id=incident["id"]),
            alerts.standing(now, rule="slo_burn", title="budget", severity="warning", suppressed_by=quiet),
            alerts.standing(now, rule="service_degraded", service_name="supabase", state="pending"),
        ],
        alert_events=[
            *alerts.fired(now - timedelta(minutes=30), None, incident_id=incident["id"]),
            *alerts.fired(
                now - timedelta(days=2), 7, service_type="api", service_name="openai", title="late"
            ),
            *alerts.fired(now - timedelta(days=3), 9, suppressed_by=quiet, title="unheard"),
            *alerts.fired(now - timedelta(days=20), 9, title="long ago"),
        ],
        alert_channels=[alerts.channel("oncall"), alerts.channel("team", 1)],
        notifications=[
            made.message(incident["id"], now - timedelta(minutes=29)),
            made.message(
                incident["id"],
                now - timedelta(minutes=29),
                id=uuid7(),
                channel="team",
                state="pending",
                delivered_at=None,
                attempts=3,
                last_error="503 Service Unavailable",
            ),
        ],
        mutes=[alerts.mute(now + timedelta(hours=1), service_type="api", service_name="openai")],
        maintenance=[alerts.work(now - 10 * alerts.MINUTE, 60), alerts.work(now - timedelta(days=60), 5)],
        alert_rule_changes=[
            alerts.changed(now - timedelta(days=3), {"checks": 9}),
            alerts.changed(now - timedelta(days=2), {"checks": 5}, note="too nervous"),
        ],
    )
    return path


@pytest.fixture
def on_full(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEALTH_DB", str(full))
    reading.clear()


def card(page: str, name: str) -> str:
    """One card of the page, by the class it has."""
    return page.split(f'<section class="card {name}', 1)[1].split("</section>")[0]


def test_where_nothing_happened_the_rules_stand_all_the_same(
    database: Path, now: datetime, opened: Open
) -> None:
    made.write(database, now)
    page = opened()
    for rule in AlertRule:
        assert f'href="alerts?rule={rule}">{rule_name(rule)}' in page
    assert page.count("All good") == len(AlertRule)
    assert "No alert fired" in page
    assert "No channels" in page
    assert "nobody is told of anything" in page
    assert "No maintenance in 30 days" in page
    assert "Nothing is muted" in page
    assert "Changes of rules" not in page
    assert "Firing now</h2>" not in page
    one = opened(rule="slow_response")
    assert "It did not fire" in one


@pytest.mark.usefixtures("on_full")
def test_the_page_says_what_stands_and_who_heard(opened: Open) -> None:
    page = opened()
    rules = card(page, "alerts-rules")
    assert "Firing for Fly.io MCP" in rules
    assert "Kept quiet for Fly.io MCP" in rules
    assert "Waiting, Supabase MCP" in rules
    assert "down in 5 checks in a row" in rules
    assert "changed by Mara" in rules
    standing = card(page, "alerts-standing")
    assert standing.index("cannot be reached") < standing.index("not yet sure") < standing.index("budget")
    assert "incidents?incident=" in standing
    assert "<strong>1</strong>" in page
    assert "1 kept quiet, 1 waiting" in page
    fired = card(page, "alerts-firings")
    assert "3 in 7 days" in fired
    assert "long ago" not in fired
    assert "No: maintenance: Upgrade" in fired
    assert "7 min" in fired
    kept = card(page, "alerts-kept")
    assert "unheard" not in kept, "there it counts why, not what"
    assert "maintenance: Upgrade" in kept
    (spared,) = re.findall(r"Kept quiet in 7 days</span><strong>(\d+)</strong>", page)
    times = re.findall(r"<tr.*?<td class=\"number\">([\d,]+)</td>", kept, re.S)
    assert sum(map(int, times)) == int(spared) == 1, "both count firings"


@pytest.mark.usefixtures("on_full")
def test_channels_maintenance_mutes_and_changes_are_told(opened: Open) -> None:
    page = opened()
    channels = card(page, "alerts-channels")
    assert channels.index("Works") < channels.index("Failing")
    assert "503 Service Unavailable" in channels
    assert "1 of 2" in page
    assert "On now" in card(page, "alerts-work")
    assert card(page, "alerts-work").count("Upgrade") == 1, "two months ago is long ago"
    mutes = page.split("Mutes<", 1)[1]
    assert "<td>OpenAI API</td>" in mutes
    assert "<td>Mara</td>" in mutes
    assert "Read-only: " in mutes, "nobody may act here, and it says what would allow it"
    history = card(page, "alerts-history")
    assert "Checks in a row: 9 → 5" in history
    assert "Checks in a row: 3 → 9" in history
    assert "too nervous" in history


@pytest.mark.usefixtures("on_full")
@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({}, ["Fly.io MCP server cannot be reached", "late", "unheard"]),
        ({"range": "30d"}, ["Fly.io MCP server cannot be reached", "late", "unheard", "long ago"]),
        ({"type": "api"}, ["late"]),
        ({"service": "mcp/fly"}, ["Fly.io MCP server cannot be reached", "unheard"]),
        ({"type": "webhook"}, []),
        ({"page": "7", "type": "api"}, ["late"]),
    ],
)
def test_the_filters_of_the_address_choose(opened: Open, asked: dict[str, str], shown: list[str]) -> None:
    page = opened(**asked)
    fired = card(page, "alerts-firings")
    titles = ["Fly.io MCP server cannot be reached", "late", "unheard", "long ago"]
    assert [title for title in titles if f">{title}<" in fired] == shown
    rules = card(page, "alerts-rules")
    assert (rule_name(AlertRule.CIRCUIT_OPEN) in rules) == (
        "mcp" not in str(asked) and "webhook" not in str(asked)
    )
    assert (rule_name(AlertRule.COLLECTOR_BLIND) in rules) == ("type" not in asked and "service" not in asked)


@pytest.mark.usefixtures("on_full")
def test_one_rule_is_told_in_full(opened: Open) -> None:
    page = opened(rule="service_down")
    assert "<span>Service down</span>" in page
    assert "It opens an incident." in page
    settings = card(page, "alerts-settings")
    assert "changed; services.toml: 3" in settings
    assert "changed by Mara" in settings
    assert "When it fired" in page
    assert "budget" not in page
    assert "Checks in a row: 9 → 5" in page
    other = opened(rule="service_down", service="api/openai")
    assert "alerts when down in 5 checks in a row" in card(other, "alerts-settings")
    assert ">late<" in other
    assert "cannot be reached" not in card(other, "alerts-firings")


@pytest.mark.usefixtures("on_full")
def test_what_is_not_there_is_said_with_a_way_back(opened: Open) -> None:
    page = opened(rule="<b>loud</b>")
    assert "There is no alert rule &quot;&lt;b&gt;loud&lt;/b&gt;&quot;." in page
    assert 'href="alerts?rule=service_down"' in page
    misfit = opened(rule="circuit_open", service="infrastructure/redis")
    assert "Circuit open says nothing of Redis infrastructure" in misfit
    assert 'href="alerts?rule=circuit_open"' in misfit


def test_of_many_quiet_ones_a_few_are_shown_until_all_are_asked_for(
    database: Path, now: datetime, opened: Open
) -> None:
    names = [
        "fly",
        "supabase",
        "context7",
        "shopify",
        "github-official",
        "llamaindex-rag",
        "google-analytics",
    ]
    rows = [
        alerts.standing(now, rule=rule, service_name=name, suppressed_by="muted", title=f"{rule} {name}")
        for name in names
        for rule in ("slo_burn", "service_degraded")
    ]
    made.write(database, now, alerts=rows)
    page = opened()
    assert card(page, "alerts-standing").count("<tr>") == 7, "the head and six"
    assert "and 8 more, of which nobody is told" in page
    assert card(opened(show="all"), "alerts-standing").count("<tr>") == 15


def test_text_from_outside_stays_text(database: Path, now: datetime, opened: Open) -> None:
    place = {"service_type": "mcp", "service_name": HOSTILE, "title": HOSTILE, "rule": HOSTILE}
    made.write(
        database,
        now,
        alerts=[alerts.standing(now, **place), alerts.standing(now, title=HOSTILE, suppressed_by=HOSTILE)],
        alert_events=[
            *alerts.fired(now - alerts.MINUTE, None, suppressed_by=HOSTILE, **place),
            *alerts.fired(now - alerts.MINUTE, None, suppressed_by=HOSTILE, title=HOSTILE, severity=HOSTILE),
        ],
        alert_channels=[alerts.channel(HOSTILE, kind=HOSTILE, severities=[HOSTILE])],
        notifications=[
            made.message(
                uuid7(), now, channel=HOSTILE, state="refused", last_error=HOSTILE, delivered_at=None
            )
        ],
        mutes=[alerts.mute(now + timedelta(hours=1), note=HOSTILE, author=HOSTILE, rule=HOSTILE)],
        maintenance=[alerts.work(now - alerts.MINUTE, 60, HOSTILE, HOSTILE)],
        alert_rule_changes=[
            alerts.changed(now, {"severity": HOSTILE, "checks": HOSTILE}, note=HOSTILE, author=HOSTILE),
            alerts.changed(now, {"checks": 4}, rule=HOSTILE),
        ],
    )
    for page in (opened(), opened(rule="service_down"), opened(rule="service_down", service="mcp/fly")):
        assert "<img src=x" not in page
        assert escape(HOSTILE) in page
