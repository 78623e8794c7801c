"""What came of the rules: pages and which were noise, for a replay and for what was recorded alike."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

import duckdb
import pytest

from analytics.alerting import (
    Action,
    Alert,
    AlertEvent,
    AlertRule,
    AlertState,
    Incident,
    IncidentEvent,
    Outgoing,
)
from analytics.db import read_only, transact
from analytics.model import IncidentState, Severity
from analytics.replay.engine import Outcome
from analytics.replay.frames import incidents_frame, pages_frame
from analytics.replay.outcome import Account, account
from analytics.replay.past import read_recorded
from collector.alerting_rows import alert_event_row, event_row, incident_row
from collector.store import insert_rows
from collector.store_outbox import insert_outgoing
from tests.analytics.replay.accounts import CHAT, SINCE, UNTIL, at, incident, message
from tests.empty_database import empty_database

TRIGGER, RESOLVE = Action.TRIGGER, Action.RESOLVE
FIRING, OVER = AlertState.FIRING, AlertState.RESOLVED


def alert(about: Incident, minutes: float, state: AlertState, rule: AlertRule | None = None) -> AlertEvent:
    moment = at(minutes)
    changed = Alert(
        rule=rule or about.rule,
        service=about.service,
        state=state,
        since=moment,
        bad_since=moment,
        last_at=moment,
        severity=about.severity,
        incident_id=about.id,
    )
    return AlertEvent(moment, changed, AlertState.PENDING)


def made(
    incidents: Sequence[Incident],
    messages: Sequence[tuple[datetime, Outgoing]],
    alerts: Sequence[AlertEvent] = (),
    events: Sequence[IncidentEvent] = (),
) -> Outcome:
    return Outcome(tuple(incidents), tuple(events), tuple(alerts), tuple(messages))


def day(outcome: Outcome) -> Account:
    return account(outcome, SINCE, UNTIL)


ONE = incident(1, 10, 30)


def test_one_message_to_several_channels_is_one_page() -> None:
    sent = [message(TRIGGER, ONE, 12, channel) for channel in ("oncall", "chat")]
    found = day(made([ONE], [*sent, message(RESOLVE, ONE, 30)]))
    assert [(page.at, page.service, page.channels) for page in found.pages] == [
        (at(12), "api/shopify", ("oncall", "chat"))
    ]
    assert (found.critical_pages, dict(found.pages_by_channel)) == (1, {"oncall": 1, "chat": 1})
    assert [(one.told_at, one.pages, one.found_at) for one in found.troubles] == [(at(12), 1, at(12))]


def test_a_relapse_and_a_further_channel_are_pages_of_the_same_incident() -> None:
    sent = [message(TRIGGER, ONE, 12), message(TRIGGER, ONE, 15, "chat"), message(TRIGGER, ONE, 25)]
    [found] = day(made([ONE], sent)).troubles
    assert (found.told, found.pages, found.told_at) == ((at(12), at(15), at(25)), 3, at(12))


@pytest.mark.parametrize(("healed", "noise"), [(15, True), (17, True), (17.1, False), (30, False)])
def test_what_heals_within_five_minutes_of_its_page_was_noise(healed: float, noise: bool) -> None:
    sent = [message(TRIGGER, ONE, 12), message(RESOLVE, ONE, 30)]
    [page] = day(made([ONE], sent, [alert(ONE, 12, FIRING), alert(ONE, healed, OVER)])).pages
    assert (page.healed_at, page.noise) == (at(healed), noise)


def test_an_incident_is_good_again_when_the_last_of_its_alerts_has_ended() -> None:
    degraded = AlertRule.SERVICE_DEGRADED
    alerts = [
        alert(ONE, 12, FIRING),
        alert(ONE, 14, OVER),
        alert(ONE, 14, FIRING, degraded),
        alert(ONE, 26, OVER, degraded),
    ]
    [page] = day(made([ONE], [message(TRIGGER, ONE, 12)], alerts)).pages
    assert (page.healed_at, page.noise) == (at(26), False)


@pytest.mark.parametrize(("taken", "noise"), [(11, True), (13, False), (14, False), (15, True)])
def test_what_somebody_took_before_it_was_good_was_no_noise(taken: float, noise: bool) -> None:
    events = [IncidentEvent(ONE.id, at(taken), "acknowledged", "on it", "ada")]
    alerts = [alert(ONE, 12, FIRING), alert(ONE, 14, OVER)]
    [page] = day(made([ONE], [message(TRIGGER, ONE, 12)], alerts, events)).pages
    assert page.noise is noise


def test_a_notice_is_good_again_when_that_is_said() -> None:
    (sent_at, trigger), (over_at, over) = message(TRIGGER, ONE, 12), message(RESOLVE, ONE, 15)
    notices = [(sent_at, replace(trigger, incident_id=None)), (over_at, replace(over, incident_id=None))]
    [page] = day(made([], notices)).pages
    assert (page.incident, page.healed_at, page.noise) == (None, at(15), True)
    [told_once] = day(made([], notices[:1])).pages
    assert (told_once.healed_at, told_once.noise) == (None, False)


def test_only_what_went_on_in_the_period_counts() -> None:
    before, across = incident(2, -60, -10), incident(3, -60, 5, CHAT)
    sent = [message(TRIGGER, before, -58), message(TRIGGER, across, -58), message(TRIGGER, across, 1)]
    found = day(made([before, across], [*sent, message(TRIGGER, ONE, 24 * 60)]))
    assert [(one.id, one.told_at, one.pages) for one in found.troubles] == [(across.id, at(-58), 1)]
    assert [page.at for page in found.pages] == [at(1)]


def test_what_is_read_from_a_file_is_told_as_what_a_replay_gave(tmp_path: Path) -> None:
    taken = replace(incident(4, 100, 130, CHAT), relapses=(at(110),), acknowledged_at=at(104))
    still_open, old = incident(5, 1400, None), incident(6, -60, -10)
    incidents = [ONE, taken, still_open]
    messages = [
        *(message(TRIGGER, ONE, 12, channel) for channel in ("oncall", "chat")),
        message(TRIGGER, taken, 102),
        message(TRIGGER, taken, 110),
        message(RESOLVE, taken, 130),
        message(TRIGGER, still_open, 1402),
    ]
    alerts = [
        *(alert(ONE, 12, FIRING), alert(ONE, 15, OVER), alert(taken, 102, FIRING), alert(taken, 105, OVER)),
        *(alert(taken, 110, FIRING), alert(taken, 112, OVER), alert(still_open, 1402, FIRING)),
    ]
    events = [IncidentEvent(taken.id, at(104), "acknowledged", "on it", "ada")]
    location = empty_database(tmp_path)

    def work(connection: duckdb.DuckDBPyConnection) -> None:
        insert_rows(connection, "integration_incidents", [incident_row(one) for one in [*incidents, old]])
        for moment, outgoing in messages:
            insert_outgoing(connection, [outgoing], moment)
        rows = [alert_event_row(event, UUID(int=number)) for number, event in enumerate(alerts)]
        insert_rows(connection, "alert_events", rows)
        insert_rows(connection, "incident_events", [event_row(event, UUID(int=1)) for event in events])

    transact(location, work)
    with read_only(location) as connection:
        found = read_recorded(connection, SINCE, UNTIL)
        earlier = read_recorded(connection, SINCE, at(20))
    assert found == day(made(incidents, messages, alerts, events))
    assert [page.noise for page in found.pages] == [True, False, True, False]
    assert [(one.resolved_at, one.pages) for one in earlier.troubles] == [(None, 1)]


def test_frames_have_a_row_each_and_keep_their_types_without_any() -> None:
    found = day(made([replace(ONE, resolved_at=None, state=IncidentState.OPEN)], [message(TRIGGER, ONE, 12)]))
    empty = Account(SINCE, UNTIL, (), ())
    pages, incidents = pages_frame(found), incidents_frame(found)
    assert pages.loc[0, ["service", "channels", "noise"]].to_list() == ["api/shopify", "oncall", False]
    assert pages["severity"].to_list() == [Severity.CRITICAL.value]
    assert incidents.loc[0, "seconds"] == (UNTIL - at(10)).total_seconds()
    assert pages_frame(empty).dtypes.to_list() == pages.dtypes.to_list()
    assert incidents_frame(empty).dtypes.to_list() == incidents.dtypes.to_list()
