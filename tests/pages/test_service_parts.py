"""The pure parts of the page of a service: changes, details, silences, rules, budgets, whose fault it is."""

import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from analytics.alerting import AlertRule
from analytics.model import Basis, Policy, ServiceKey, ServiceType, Status
from analytics.rules.alert_defaults import DEFAULTS
from pages._ui import changes, rule_words
from pages._ui.service import (
    around,
    budget,
    choosing,
    deliveries,
    details,
    figures,
    limits,
    phases,
    quotas,
    state,
)
from pages._ui.service.around import Feed, Report, Surroundings
from pages._ui.service.budget import Budget
from pages._ui.service.quotas import Quota
from pages._ui.shell import Visit
from pages._ui.situation import Situation, situation
from pages._ui.snapshot import Check, Service, Snapshot
from pages._ui.tiles import moved
from pages._ui.view import View

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SHOP, REDIS = ServiceKey(ServiceType.API, "shopify"), ServiceKey(ServiceType.INFRASTRUCTURE, "redis")
NOTHING = Surroundings((), (), (), (), (), ())


def seen(**statuses: Status) -> Situation:
    names = {"shop": SHOP, "redis": REDIS}
    services = [
        Service(names[name], timedelta(minutes=1), newest=Check(NOW, status, "timeout"))
        for name, status in statuses.items()
    ]
    return situation(Snapshot(NOW, None, tuple(services)), NOW)


def visit() -> Visit:
    return Visit("service", View(service=SHOP), NOW, ZoneInfo("UTC"), "light", seen(shop=Status.DOWN))


@pytest.mark.parametrize(
    ("change", "text", "good"),
    [
        (1.26, "+1.26 pp", True),
        (-0.004, "±0 pp", None),
        (-0.07, "−0.07 pp", False),
        (12.6, "+12.60 pp", True),
    ],
)
def test_a_share_moves_in_points(change: float, text: str, good: bool | None) -> None:
    tile = moved("Uptime", "99 %", changes.points(change), True, "vs before")
    assert (tile.change, tile.good, tile.note) == (text, good, "vs before")


def test_what_was_not_known_before_has_no_change() -> None:
    tile = moved("P95", "1 s", changes.percent(None), False, "vs before")
    assert (tile.change, tile.note) == ("", "")
    assert moved("P95", "1 s", changes.percent(20.0), False, "").good is False
    assert moved("Calls", "7", changes.percent(20.0), None, "").good is None


@pytest.mark.parametrize(
    ("length", "text"),
    [(timedelta(hours=24), "24 h"), (timedelta(days=30), "30 days"), (timedelta(minutes=90), "90 min")],
)
def test_the_period_before_is_called_by_its_length(length: timedelta, text: str) -> None:
    assert figures.in_words(length) == text


def test_details_are_names_and_values_whatever_they_hold() -> None:
    html = details.listed(
        '{"steps_ms": {"dns": 3, "tls": "odd"}, "ok": true, "a": {"b": {"c": [1, 2]}}, "n": null}'
    )
    assert "DNS 3 ms · TLS odd" in html
    assert "<dt>ok</dt><dd>yes</dd>" in html
    assert "<dt>c</dt><dd>1, 2</dd>" in html
    assert "<dt>n</dt><dd>none</dd>" in html
    assert "nothing beside its message" in details.listed("{}")
    assert "cannot be read" in details.listed("{broken")
    assert "nothing beside" in details.listed("[1]")


def test_details_are_cut_where_they_are_no_reading_matter() -> None:
    deep = '{"a": {"b": {"c": {"d": {"e": 1}}}}, "long": "' + "x" * 5000 + '"}'
    html = details.listed(deep)
    assert "<code>{&quot;e&quot;: 1}</code>" in html
    assert len(html) < 2000
    assert "340 more" in details.listed("{" + ",".join(f'"n{n}": 1' for n in range(400)) + "}")


def test_of_a_silence_that_is_written_otherwise_nothing_is_said() -> None:
    odd = {"newest_genuine": "yesterday", "usual_pause_seconds": "9", "longest_pause_seconds": math.inf}
    assert deliveries.silence_of(odd) == deliveries.Silence(None, None, None)
    assert deliveries.silence_of({"newest": "2026-11-24T12:00:00"}).newest is None, "a time without a zone"
    assert deliveries.silence_of({"usual_pause_seconds": 0.2}).usual == timedelta(seconds=1)


def test_a_rule_says_when_it_fires() -> None:
    said = rule_words.when(
        AlertRule.HIGH_ERROR_RATE, replace(DEFAULTS[AlertRule.HIGH_ERROR_RATE], limit=12.5, fewest=4)
    )
    assert said.startswith("over 12.5 % of the calls")
    assert "at least 4 of them" in said


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tokensPerDay", "Tokens per day"),
        ("requests_per_minute", "Requests per minute"),
        ("points", "Points"),
    ],
)
def test_quotas_are_called_as_people_say(name: str, text: str) -> None:
    assert quotas.spelt(name) == text


def test_a_quota_that_is_soon_used_up_stands_out() -> None:
    def card(hours: float) -> str:
        gone = NOW + timedelta(hours=hours)
        return quotas.card([Quota("points", "", 50, 100, 50.0, NOW, None, gone)], visit())

    assert '<b class="going">used up' in card(3)
    assert '<b class="going">' not in card(30)


@pytest.mark.parametrize(
    ("left", "look", "said"),
    [
        (100.0, "is-room", "100 % left"),
        (60.0, "is-room", "60 % left"),
        (10.0, "is-nearly", "10 % left"),
        (-30.0, "is-full", "30 % over</b>"),
        (0.0, "is-full", "<b>used up</b>"),
        (-math.inf, "is-full", "<b>used up</b>"),
    ],
)
def test_the_budget_says_what_is_left(left: float, look: str, said: str) -> None:
    found = Budget(99.9, 99.95, left, 12.0, 0.5, 3.0, None, None)
    html = budget.card(found, visit())
    assert look in html
    assert said in html
    assert "3.0× <b" in html, "three times too fast"
    assert "inf" not in html


def test_a_budget_of_nothing_known_says_so() -> None:
    empty = Budget(99.9, None, None, None, None, None, None, None)
    assert "Nothing is known" in budget.card(empty, visit())


def report(resolved_at: datetime | None) -> Report:
    return Report("Shopify", "Errors", "major", "open", NOW - timedelta(hours=1), resolved_at, "")


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (replace(NOTHING, reports=(report(None),)), "Shopify reports trouble of its own"),
        (replace(NOTHING, needed=(REDIS,)), "It needs Redis infrastructure, which is down"),
        (replace(NOTHING, reports=(report(NOW - timedelta(minutes=5)),)), "until 5 min ago"),
        (replace(NOTHING, feeds=(Feed("Shopify", "", NOW),)), "look on our side first"),
        (
            replace(NOTHING, feeds=(Feed("Shopify", "", NOW - timedelta(hours=3)),)),
            "cannot be told from here",
        ),
        (NOTHING, "cannot be told from here"),
    ],
)
def test_whose_fault_it_is_as_far_as_is_known(found: Surroundings, said: str) -> None:
    both = seen(shop=Status.DOWN, redis=Status.DOWN)
    assert said in around.whose_fault(found, Status.DOWN, both)


def test_nobody_is_at_fault_when_nothing_is_wrong() -> None:
    found = replace(NOTHING, feeds=(Feed("Shopify", "", NOW),))
    assert around.whose_fault(found, Status.HEALTHY, seen(shop=Status.HEALTHY)) == ""


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "runbooks/x.md", "http://["]
)
def test_only_http_addresses_are_links(address: str) -> None:
    assert "href" not in state.link(address, "text")
    assert 'href="https://wiki.example/x?a=1&amp;b=2"' in state.link("https://wiki.example/x?a=1&b=2", "text")


def test_few_phases_are_bars_whose_means_weigh_every_check_the_same() -> None:
    found = pd.DataFrame(
        {
            "at": [NOW, NOW, NOW + timedelta(minutes=5)],
            "phase": ["Connect", "Transfer", "Connect"],
            "mean_ms": [10.0, 40.0, 70.0],
            "checks": [3, 3, 1],
        }
    )
    assert "Connect 25 ms, Transfer 30 ms." in phases.says(found, ("Connect", "Transfer"))
    html = phases.bars(found, ("Connect", "Transfer"), "light")
    assert html.index("width:83.3%") < html.index("width:100.0%")


def test_tiles_of_nothing_show_no_figures() -> None:
    found = figures.row(figures.Figures(), ServiceType.API, View().period(NOW))
    assert found.count("–") == 4
    assert "None" not in found
    assert "nan" not in found


def test_texts_from_outside_are_never_html() -> None:
    evil = "<img src=x>"
    step = {"at": [NOW], "phase": [evil], "mean_ms": [1.0], "checks": [1]}
    service = Service(SHOP, timedelta(minutes=1), target=evil)
    policy = Policy(Basis.CALLS, 1000, 3000, 6, timedelta(minutes=5))
    drawn = [
        phases.bars(pd.DataFrame(step), (evil,), "light"),
        limits.card(policy, service),
        details.listed(
            json.dumps({evil: evil, "list": [evil], "steps_ms": {evil: evil}, "deep": [{evil: evil}]})
        ),
        state.link(evil, evil),
        choosing.said(ServiceKey(ServiceType.API, evil)),
    ]
    for html in drawn:
        assert "&lt;img" in html
        assert "<img" not in html
