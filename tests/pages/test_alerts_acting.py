"""Changing a rule: rehearsed first, then sent to the collector, told with who and why, and taken back."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analytics.alert_settings import read_changes, read_policy
from analytics.alerting import AlertRule
from analytics.db import read_only
from analytics.model import ServiceKey, ServiceType
from collector.store_actions import read_mutes
from pages._ui import access
from pages._ui.alerts import rehearsing
from pages._ui.alerts.rehearsal import Progress
from tests.collector.receiver.receiving import TOKEN
from tests.pages import alert_samples as alerts
from tests.pages import incident_samples as made
from tests.pages.collecting import Collector, Visit, offered, visiting, watching
from tests.pages.conftest import ROOT, html_of
from tests.plugins.ports import wait_until

SHOP = ServiceKey(ServiceType.API, "shopify")
DOWN, RATE = AlertRule.SERVICE_DOWN, AlertRule.HIGH_ERROR_RATE


@pytest.fixture(scope="module", autouse=True)
def impatient() -> Iterator[None]:
    """What was read is given up after a second: no test waits for another's process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rehearsing, "_IDLE_SECONDS", 1.0)
        yield
        wait_until(lambda: rehearsing._worker is None, "the end of the thread", 30)


@pytest.fixture(scope="module")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    with watching(tmp_path_factory.mktemp("collector")) as found:
        yield found


@pytest.fixture
def visit(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> Visit:
    return visiting("alerts.py", collector, monkeypatch)


def rehearsed(app: AppTest) -> AppTest:
    """Presses the button and waits until the rehearsal is over."""
    app.button(key="alerts-preview").click().run()
    wait_until(lambda: not any(one.goes_on for one in list(rehearsing._jobs.values())), "the rehearsal", 30)
    return app.run()


def checks(collector: Collector, service: ServiceKey | None = None) -> int:
    with read_only(collector.location) as connection:
        return read_policy(connection).settings(DOWN, service).checks


def field(app: AppTest, label: str) -> AppTest:
    return next(one for one in app.text_input if one.label == label)  # type: ignore[return-value]


def test_a_change_is_seen_before_it_is_made_and_can_be_taken_back(collector: Collector, visit: Visit) -> None:
    app = visit(rule="service_down")
    assert offered(app) == ["Preview the last 30 days"]
    field(app, "Checks in a row").input("7").run()  # type: ignore[attr-defined]
    assert "Checks in a row: 3 → 7" in html_of(app)
    assert offered(app) == ["Preview the last 30 days"], "nothing is applied that was not looked at"
    rehearsed(app)
    assert "Really sent" in html_of(app)
    assert offered(app) == ["Preview the last 30 days", "Apply the change"]
    field(app, "Note").input("too *nervous*").run()  # type: ignore[attr-defined]
    app.button(key="alerts-apply").click().run()
    page = html_of(app)
    assert "anna@example.com, " in page
    assert "Checks in a row: 3 → 7 (too *nervous*)" in page
    assert checks(collector) == 7
    assert "changed; services.toml: 3" in page
    assert offered(app) == ["Preview the last 30 days", "Take back to services.toml"]
    assert TOKEN not in page

    app.button(key="alerts-take-back").click().run()
    assert "taken back, services.toml holds again" in html_of(app)
    assert checks(collector) == 3
    assert offered(app) == ["Preview the last 30 days"]


def test_a_change_for_one_service_leaves_the_others(collector: Collector, visit: Visit) -> None:
    app = visit(rule="service_down", service="api/shopify")
    field(app, "Checks in a row").input("4").run()  # type: ignore[attr-defined]
    rehearsed(app)
    app.button(key="alerts-apply").click().run()
    assert (checks(collector, SHOP), checks(collector)) == (4, 3)
    app.button(key="alerts-take-back").click().run()
    assert checks(collector, SHOP) == 3


def test_what_cannot_be_is_said_and_not_rehearsed(visit: Visit) -> None:
    app = visit(rule="service_down")
    before = len(rehearsing._jobs)
    field(app, "Checks in a row").input("0").run()  # type: ignore[attr-defined]
    app.button(key="alerts-preview").click().run()
    assert (
        "Checks in a row &quot;0&quot;: it is out of bounds; write a whole number from 1 to 100"
        in html_of(app)
    )
    assert len(rehearsing._jobs) == before
    assert offered(app) == ["Preview the last 30 days"]


def test_whoever_may_not_act_may_still_look(collector: Collector, visit: Visit) -> None:
    app = visit("eve@example.com", rule="service_down")
    assert "eve@example.com is not in HEALTH_ACTORS" in html_of(app)
    app.toggle[0].set_value(False).run()
    rehearsed(app)
    assert "Really sent" in html_of(app)
    assert offered(app) == ["Preview the last 30 days"]
    assert "eve@example.com is not in HEALTH_ACTORS" in html_of(app)
    assert checks(collector) == 3


def test_permission_is_asked_again_when_it_is_done(
    collector: Collector, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = visit(rule="service_down")
    field(app, "Checks in a row").input("8").run()  # type: ignore[attr-defined]
    rehearsed(app)
    monkeypatch.setenv("HEALTH_ACTORS", "")
    app.button(key="alerts-apply").click().run()
    assert "cannot be: HEALTH_ACTORS names nobody" in html_of(app)
    assert checks(collector) == 3


def test_a_mute_is_ended(collector: Collector, visit: Visit) -> None:
    until = datetime.now(UTC) + timedelta(hours=2)
    made.insert(collector.location, mutes=[alerts.mute(until, note="<b>move</b>", rule="slo_burn")])
    app = visit()
    assert "&lt;b&gt;move" in html_of(app)
    assert offered(app) == ["End: SLO burn of all services", "Mute"]
    next(one for one in app.button if one.label.startswith("End")).click().run()
    assert "The mute has ended." in html_of(app)
    assert "Nothing is muted" in html_of(app)


def muting(app: AppTest, label: str) -> AppTest:
    return next(one for one in app.selectbox if one.label == label)  # type: ignore[return-value]


def test_one_rule_of_one_service_is_muted(collector: Collector, visit: Visit) -> None:
    app = visit()
    assert app.button(key="alerts-mute").disabled, "nobody silences everything by pressing it alone"
    muting(app, "Service").select("api/shopify").run()  # type: ignore[attr-defined]
    rules = muting(app, "Rule").options  # type: ignore[attr-defined]
    assert "High error rate" in rules
    assert "Tools changed" not in rules, "an API has no tools"
    muting(app, "Rule").select("high_error_rate").run()  # type: ignore[attr-defined]
    muting(app, "For").select("4h").run()  # type: ignore[attr-defined]
    field(app, "Note").input("they *know*").run()  # type: ignore[attr-defined]
    app.button(key="alerts-mute").click().run()
    page = html_of(app)
    assert "Muted." in page
    assert "<td>High error rate of Shopify API</td>" in page
    assert "they *know*" in page
    assert field(app, "Note").value == ""  # type: ignore[attr-defined]
    with read_only(collector.location) as connection:
        (found,) = read_mutes(connection, datetime.now(UTC))
    assert (found.service, found.rule, found.author) == (SHOP, RATE, "anna@example.com")
    assert timedelta(hours=3, minutes=58) < found.until - datetime.now(UTC) <= timedelta(hours=4)
    next(one for one in app.button if one.label.startswith("End")).click().run()
    assert "Nothing is muted" in html_of(app)


def test_the_service_of_the_filter_is_the_one_to_mute(visit: Visit) -> None:
    assert muting(visit(service="api/shopify"), "Service").value == "api/shopify"  # type: ignore[attr-defined]
    assert muting(visit(), "Service").value is None  # type: ignore[attr-defined]


def test_everything_is_muted_when_it_is_chosen(collector: Collector, visit: Visit) -> None:
    app = visit()
    muting(app, "Service").select("*").run()  # type: ignore[attr-defined]
    app.button(key="alerts-mute").click().run()
    assert "<td>All services</td>" in html_of(app)
    with read_only(collector.location) as connection:
        (found,) = read_mutes(connection, datetime.now(UTC))
    assert (found.service, found.rule) == (None, None)
    next(one for one in app.button if one.label.startswith("End")).click().run()


def test_permission_is_asked_again_when_it_is_muted(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    app = visit(service="api/shopify")
    monkeypatch.setenv("HEALTH_ACTORS", "")
    app.button(key="alerts-mute").click().run()
    assert "cannot be: HEALTH_ACTORS names nobody" in html_of(app)
    monkeypatch.setenv("HEALTH_ACTORS", "anna@example.com")
    app.run()
    assert "Nothing is muted" in html_of(app)


def test_a_rehearsal_that_fails_says_why_and_can_be_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEALTH_DB", str(tmp_path / "nowhere.duckdb"))
    job = rehearsing.wanted((("alerts.service_down.checks", 5),), "basis")
    assert rehearsing.look(job) is None
    for _ in range(2):
        rehearsing.ask(job)
        wait_until(lambda: not (rehearsing.look(job) or Progress()).goes_on, "the rehearsal", 30)
        found = rehearsing.look(job)
        assert found is not None
        assert "nowhere.duckdb" in found.fault


def test_what_was_read_is_given_up_when_nobody_asks(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    visit()
    ended: list[object] = []
    end = rehearsing._end
    monkeypatch.setattr(rehearsing, "_end", lambda process: (end(process), ended.append(process)))
    job = rehearsing.wanted((("alerts.service_down.checks", 9),), "another basis")
    rehearsing.ask(job)
    wait_until(lambda: not (rehearsing.look(job) or Progress()).goes_on, "the rehearsal", 30)
    assert (rehearsing.look(job) or Progress()).preview is not None
    wait_until(lambda: ended, "the end of the process", 30)
    [process] = ended
    assert isinstance(process, subprocess.Popen)
    assert process.poll() is not None


def test_a_process_that_breaks_off_is_told_and_begun_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    wait_until(lambda: rehearsing._worker is None, "the end of the thread before", 30)
    monkeypatch.setattr(rehearsing, "_COMMAND", [sys.executable, "-c", "pass"])
    job = rehearsing.wanted((("alerts.service_down.checks", 6),), "broken")
    for _ in range(2):
        rehearsing.ask(job)
        wait_until(lambda: not (rehearsing.look(job) or Progress()).goes_on, "the rehearsal", 30)
        assert "broke off" in (rehearsing.look(job) or Progress()).fault


def test_a_name_counts_that_was_written_just_before_the_button(
    collector: Collector, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A test has no connection: this is what one from this machine brings.
    monkeypatch.setattr(access, "_headers", lambda: {"host": "localhost", "origin": "http://localhost"})
    monkeypatch.setattr(access, "_peer", lambda: None)
    app = AppTest.from_file(str(ROOT / "pages" / "alerts.py"), default_timeout=30)
    app.query_params["rule"] = "service_down"
    app.run()
    field(app, "Checks in a row").input("6").run()  # type: ignore[attr-defined]
    rehearsed(app)
    app.text_input(key="acting-as-field").input("Mara")
    app.button(key="alerts-apply").click().run()
    assert "Mara, " in html_of(app)
    with read_only(collector.location) as connection:
        newest = read_changes(connection)[0]
    assert (newest.author, newest.settings) == ("Mara", {"checks": 6})
    app.button(key="alerts-take-back").click().run()
    assert checks(collector) == 3
