"""The parts of the page of alerts that need no page: words, drafts of changes, previews, states."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from analytics.alerting import AlertRule
from analytics.model import ServiceKey, ServiceType, Status
from analytics.rules.alert_defaults import DEFAULTS, default_policy
from analytics.rules.alert_words import WORDS
from pages._ui import rule_words
from pages._ui.alerts import channels, wording
from pages._ui.alerts.draft import basis_of, draft_of
from pages._ui.alerts.muting import plain
from pages._ui.alerts.preview import Difference, Mark, Preview, Side
from pages._ui.alerts.preview_view import preview_html, progress_html
from pages._ui.alerts.quiet import muted_what
from pages._ui.alerts.rows import Channel, Muted

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")
SHOP = ServiceKey(ServiceType.API, "shopify")
DOWN = AlertRule.SERVICE_DOWN
RATE = AlertRule.HIGH_ERROR_RATE


def test_every_rule_and_setting_has_words() -> None:
    for rule in AlertRule:
        assert wording.ABOUT[rule].endswith(".")
        assert rule_words.when(rule, DEFAULTS[rule])
        assert [one.word for one in wording.settings_of(rule, DEFAULTS[rule])] == list(WORDS[rule])
    assert rule_words.rule_name("slo_burn") == "SLO burn"
    assert rule_words.rule_name("of_a_later_version") == "Of a later version"
    said = "bad since 10:00; rule service_down: 3 checks in a row; service_degraded too"
    assert rule_words.with_rule_names(said) == (
        "bad since 10:00; rule Service down: 3 checks in a row; Service degraded too"
    )
    name = "api/service_down and service_down.md"
    assert rule_words.with_rule_names(name) == name, "names of other things stay"


@pytest.mark.parametrize(
    ("word", "value", "said", "written"),
    [
        ("for", 600, "10 min", "10m"),
        ("for", 90, "90 s", "90s"),
        ("window", 5400, "90 min", "90m"),
        ("window", 604_800, "7 d", "7d"),
        ("for", 0.5, "0.5 s", "0.5s"),
        ("above_percent", 12.5, "12.5 %", "12.5"),
        ("objective", 99.9, "99.9 %", "99.9"),
        ("fewest", 1000, "1,000", "1000"),
        ("enabled", False, "no", "0"),
        ("severity", "info", "Info", "info"),
    ],
)
def test_values_are_never_rounded(word: str, value: object, said: str, written: str) -> None:
    assert wording.value_in_words(word, value) == said
    if word != "enabled":
        assert wording.written(word, value) == written


def test_a_draft_holds_what_differs() -> None:
    held = wording.settings_of(RATE, DEFAULTS[RATE])
    said = {one.word: wording.written(one.word, one.value) for one in held if one.word != "enabled"}
    assert draft_of(RATE, None, held, said).words == (), "what a field shows is what holds"
    draft = draft_of(RATE, SHOP, held, {**said, "for": "90s", "above_percent": " 5 ", "enabled": False})
    assert draft.words == (("enabled", False), ("above_percent", 5), ("for", 90))
    assert draft.settings[1] == ("services.api/shopify.alerts.high_error_rate.above_percent", 5)
    assert draft.steps[1:] == ("Above, in %: 10 % → 5 %", "For at least: 5 min → 90 s")
    assert draft_of(DOWN, None, wording.settings_of(DOWN, DEFAULTS[DOWN]), {"checks": "5"}).settings == (
        ("alerts.service_down.checks", 5),
    )


@pytest.mark.parametrize(
    ("word", "said", "fault"),
    [
        (
            "above_percent",
            "100",
            'Above, in % "100": it is out of bounds; write a number from 0 below 100',
        ),
        ("fewest", "many", 'At least so many bad ones "many": it is no number; write a whole number from 1'),
        ("for", "soon", 'For at least "soon": it is no duration; write "10s"'),
        ("window", "5s", 'Measured over "5s": it is shorter than 1 minute; write "1m" or more'),
    ],
)
def test_what_cannot_be_is_one_line(word: str, said: str, fault: str) -> None:
    draft = draft_of(RATE, None, wording.settings_of(RATE, DEFAULTS[RATE]), {word: said, "severity": "info"})
    assert len(draft.faults) == 1
    assert draft.faults[0].startswith(fault)
    assert draft.words == (("severity", "info"),)


def test_rules_that_differ_are_told_apart() -> None:
    policy = default_policy()
    other = replace(policy, overrides={(SHOP, DOWN): replace(DEFAULTS[DOWN], checks=9)})
    assert basis_of(policy) == basis_of(default_policy()) != basis_of(other)


def side(pages: int, critical: int = 0, noise: int = 0, incidents: int = 0) -> Side:
    marks = (Mark(NOW - timedelta(days=2), "critical", True, "<b>down</b>"),) * min(pages, 1)
    return Side(pages, critical, noise, incidents, (("oncall", critical),), marks)


def preview(in_force: Side, changed: Side, *differences: Difference) -> Preview:
    counts = tuple((one.kind, 1) for one in differences)
    since = NOW - timedelta(days=30)
    return Preview(since, NOW, side(1), in_force, changed, counts, differences, None, is_empty=False)


def missed(kind: str = "missed") -> Difference:
    begun = NOW - timedelta(days=1)
    return Difference(kind, "mcp/fly", "service_down", "<i>gone</i>", "critical", begun, timedelta(hours=1))


def drawn(found: Preview, rule: AlertRule = DOWN) -> str:
    return preview_html(found, rule, UTC_ZONE, NOW)


def test_a_preview_says_first_what_it_comes_to() -> None:
    assert "Nothing would have been different" in drawn(preview(side(4), side(4)))
    fewer = drawn(preview(side(4, 2), side(3, 1), missed()))
    assert "<b>1 fewer page</b>: 3 instead of 4; 1 missed." in fewer
    assert '<span class="change">-1</span>' in fewer
    assert "<i>gone" not in fewer
    assert "<b>down" not in fewer
    assert "4 pages, 2 of them" not in fewer, "two lines: what was sent, and what would have been"
    assert "With the change: 3 pages, 1 of them critical, 0 of them noise." in fewer
    assert "<b>2 more pages</b>: 6 instead of 4, no incident missed." in drawn(preview(side(4), side(6)))
    same = drawn(preview(side(4), side(4), missed("silenced")))
    assert "As many pages as now (4)" in same
    assert "1 seen, but nobody told." in same


def test_a_preview_of_nothing_says_so() -> None:
    found = replace(preview(side(0), side(0)), is_empty=True)
    assert "Nothing to rehearse yet" in drawn(found)
    short = replace(preview(side(0), side(0)), data_since=NOW - timedelta(days=3))
    assert "21 Nov 12:00 to 12:00. Single checks do not reach back further." in drawn(short)
    assert "Deliveries are not rehearsed" in drawn(short, AlertRule.DELIVERY_FAILING)


def test_progress_is_read_out() -> None:
    assert 'aria-valuenow="60"' in progress_html(0.6)
    assert "Reading the last 30 days … 2 %" in progress_html(0.0)


def channel(**said: object) -> Channel:
    empty = Channel("team", "slack", ("critical",), 0, None, None, 0, 0, 0, 0, None, None, "", None)
    return replace(empty, **said)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "status", "word"),
    [
        (channel(), Status.UNKNOWN, "Not used yet"),
        (channel(last_error="no"), Status.DOWN, "Never worked"),
        (channel(last_delivered_at=NOW), Status.HEALTHY, "Works"),
        (
            channel(last_delivered_at=NOW, last_error="no", last_error_at=NOW - timedelta(1)),
            Status.HEALTHY,
            "Works",
        ),
        (
            channel(last_delivered_at=NOW - timedelta(1), last_error="no", last_error_at=NOW),
            Status.DEGRADED,
            "Last one refused",
        ),
        (channel(waiting=1), Status.DEGRADED, "Sending"),
        (channel(waiting=1, attempts=2, last_delivered_at=NOW), Status.DOWN, "Failing"),
        (channel(kind="", waiting=1), Status.UNKNOWN, "Not configured any more"),
    ],
)
def test_a_channel_is_as_its_messages_went(found: Channel, status: Status, word: str) -> None:
    assert channels.state_of(found) == (status, word)


def test_a_mute_says_what_it_is_about() -> None:
    until = NOW + timedelta(hours=1)
    assert muted_what(Muted("1", "", "", until, "ada", "")) == "All services"
    assert muted_what(Muted("1", "api/shopify", "", until, "ada", "")) == "Shopify API"
    assert muted_what(Muted("1", "", "slo_burn", until, "ada", "")) == "SLO burn of all services"


def test_a_label_of_a_native_control_is_no_markdown() -> None:
    assert plain("**a** :red[x] <b>") == r"\*\*a\*\* \:red\[x\] \<b\>"
