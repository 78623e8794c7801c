"""The alerts of the past and what was sent of them: whole, in order, and with reasons."""

import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from analytics.alerting.message_json import message_from
from collector.demo.history.generate import demo_config
from tests.collector.demo.history.conftest import History, first_moment

_SENT = (
    "SELECT dedup_key, channel, action, state, attempts, created_at, delivered_at, payload, answer, "
    "last_error FROM notifications ORDER BY id"
)


def _lanes(history: History) -> dict[tuple[str, str], list[tuple]]:
    lanes: dict[tuple[str, str], list[tuple]] = defaultdict(list)
    for key, channel, *rest in history.rows(_SENT):
        lanes[key, channel].append(tuple(rest))
    return lanes


def test_each_alert_goes_from_state_to_state_without_a_break(history: History):
    states: dict[tuple, str] = {}
    for rule, kind, name, old, new in history.rows(
        "SELECT rule, service_type, service_name, old_state, new_state FROM alert_events "
        "ORDER BY timestamp, id"
    ):
        assert states.get((rule, kind, name), "inactive") == old, (rule, kind, name)
        states[rule, kind, name] = new
    assert set(states.values()) <= {"inactive", "pending"}


def test_an_alert_of_an_incident_names_one_that_there_is(history: History):
    assert history.rows(
        "SELECT count(*) FROM alert_events WHERE incident_id IS NOT NULL "
        "AND incident_id NOT IN (SELECT id FROM integration_incidents)"
    ) == [(0,)]


def test_every_beginning_that_arrived_has_its_end_and_in_that_order(history: History):
    for key, lane in _lanes(history).items():
        assert lane[0][0] == "trigger", key
        assert lane[-1][0] == "resolve", key
        actions = [row[0] for row in lane]
        assert actions.count("trigger") == actions.count("resolve"), key
        arrived = [row[4] for row in lane if row[1] == "delivered"]
        assert arrived == sorted(arrived), key
        if "refused" in [row[1] for row in lane]:
            assert [row[1] for row in lane] == ["refused"] + ["folded"] * (len(lane) - 1)
        else:
            assert lane[-1][1] == "delivered", key


def test_every_incident_was_told_to_the_channels_of_its_severity(history: History):
    wanted = {"critical": {"oncall", "team", "hook"}, "warning": {"team", "hook"}}
    for severity, channels in history.rows(
        "SELECT any_value(incident.severity), list(DISTINCT channel) FROM integration_incidents AS incident "
        "LEFT JOIN notifications AS sent ON sent.incident_id = incident.id AND action = 'trigger' "
        "GROUP BY incident.id"
    ):
        assert set(channels) == wanted[severity]


def test_most_messages_arrive_at_once_some_later_and_one_never(history: History):
    rows = history.rows(_SENT)
    took = [(row[6] - row[5]).total_seconds() for row in rows if row[3] == "delivered" and row[4] == 1]
    assert all(seconds > 0.04 for seconds in took)
    assert sum(seconds <= 2.1 for seconds in took) > 0.95 * len(took)
    late = [row for row in rows if row[3] == "delivered" and row[4] > 1]
    assert 2 <= len(late) <= 5
    assert all(row[9] and row[6] - row[5] < timedelta(minutes=15) for row in late)
    assert [row[1] for row in rows if row[3] == "refused"] == ["hook"]
    assert {row[3] for row in rows} == {"delivered", "refused", "folded"}


def test_each_row_keeps_a_message_and_what_the_other_side_said(history: History):
    for key, _, action, state, _, created, _, payload, answer, _ in history.rows(_SENT):
        message = message_from(json.loads(payload))
        assert (message.action.value, message.dedup_key, message.at) == (action, key, created)
        assert message.title
        assert message.runbook.startswith("http://127.0.0.1:8600/runbooks/")
        assert bool(answer) == (state == "delivered")


def test_dependents_have_nothing_sent_of_them(history: History):
    [(told,)] = history.rows(
        "SELECT count(*) FROM notifications WHERE payload->>'$.service' = 'mcp/supabase'"
    )
    assert told == 0


def test_while_redis_was_worked_on_nobody_was_told(history: History):
    windows = history.rows(
        "SELECT name, service_name, starts_at, ends_at FROM maintenance ORDER BY starts_at"
    )
    assert 4 <= len(windows) <= 5
    assert {row[:2] for row in windows} == {("Redis upgrades", "redis")}
    assert all(later[2] - earlier[2] == timedelta(weeks=1) for earlier, later in pairwise(windows))
    assert windows[0][2] >= first_moment()
    quiet = history.rows(
        "SELECT timestamp, suppressed_by FROM alert_events "
        "WHERE suppressed_by LIKE 'maintenance: %' AND new_state = 'firing'"
    )
    assert quiet
    for at, reason in quiet:
        [end] = [row[3] for row in windows if row[2] <= at < row[3]]
        assert reason == f"maintenance: Redis upgrades, until {end.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    begin, end = min(row[0] for row in quiet), max(row[0] for row in quiet)
    assert history.rows(
        "SELECT count(*) FROM integration_incidents WHERE service_name = 'redis' "
        "AND created_at BETWEEN $1 AND $2",
        begin - timedelta(hours=1),
        end + timedelta(hours=1),
    ) == [(0,)]


def test_the_loss_of_our_own_network_was_told_when_it_was_back(history: History):
    rows = [row for row in history.rows(_SENT) if row[0].startswith("alert/collector_blind/")]
    assert {row[1] for row in rows} == {"oncall", "team", "hook"}
    [(back,)] = history.rows(
        "SELECT max(timestamp) FROM integration_health_checks WHERE reason = 'collector_offline'"
    )
    assert all(row[6] > back for row in rows if row[3] == "delivered")


def test_the_channels_are_those_of_the_configuration(history: History):
    names = {channel.name for channel in demo_config().channels}
    assert {row[0] for row in history.rows("SELECT DISTINCT channel FROM notifications")} == names


def test_times_of_messages_are_of_their_zone(history: History):
    [(begun,)] = history.rows("SELECT payload->>'$.began_at' FROM notifications ORDER BY id LIMIT 1")
    assert datetime.fromisoformat(begun).utcoffset() == timedelta(0)
