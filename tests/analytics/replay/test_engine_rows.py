"""Rows that this version does not know, or that are about what is not monitored, do no harm to a replay."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from analytics.ids import uuid7
from analytics.replay import Recording, read_recording, replay
from analytics.replay.recording import REASONS
from collector.store import Run, insert_run
from tests.analytics.replay.troubled import SERVICES, Hours, quick_rules
from tests.collector.alerting_stage import MINUTE, START, Stage, key

UNTIL = START + timedelta(hours=1)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path, SERVICES)
    hours = Hours(made, Random(3), quick_rules(made))
    made.transact(hours.write_services)
    yield made
    made.close()


def look_at_fly(stage: Stage, found: str, minutes: int) -> None:
    """A check a minute."""
    for _ in range(minutes):
        stage.now += MINUTE
        checks = [stage.probed("infrastructure/fly", found)]
        times = (stage.now, stage.now, MINUTE)
        run = Run(uuid7(), uuid7(), 1, True, "stage", "0", *times, len(checks), 0)
        stage.transact(lambda connection, run=run, checks=checks: insert_run(connection, run, checks))


def recording(stage: Stage) -> Recording:
    return read_recording(stage.connection, START - MINUTE, UNTIL)


def test_nothing_recorded(stage: Stage) -> None:
    outcome = replay(recording(stage), quick_rules(stage), {})
    assert (outcome.incidents, outcome.events, outcome.alert_events, outcome.messages) == ((), (), (), ())


def test_a_reason_of_another_version(stage: Stage) -> None:
    look_at_fly(stage, "down", 5)
    stage.connection.execute("UPDATE integration_health_checks SET reason = 'sunspots', details = NULL")
    found = recording(stage)
    assert {REASONS[place] for place in found.checks.reason.tolist()} == {""}
    (incident,) = replay(found, quick_rules(stage), {}).incidents
    assert (incident.service, incident.reason) == (key("infrastructure/fly"), "consecutive_failures")
    other = {key: replace(limits, sure_after=9) for key, limits in found.limits.items()}
    assert replay(found, quick_rules(stage), other).verdicts_changed == 0


def test_a_service_that_is_no_longer_monitored(stage: Stage) -> None:
    look_at_fly(stage, "down", 5)
    stage.connection.execute("DELETE FROM services WHERE service_name = 'fly'")
    found = recording(stage)
    assert key("infrastructure/fly") not in found.services
    assert len(found.checks) == 0
    assert replay(found, quick_rules(stage), {}).incidents == ()


def test_a_failure_is_sure_later_with_another_limit(stage: Stage) -> None:
    look_at_fly(stage, "down", 4)
    found = recording(stage)
    later = {
        **found.limits,
        key("infrastructure/fly"): replace(found.limits[key("infrastructure/fly")], sure_after=4),
    }
    outcome = replay(found, quick_rules(stage), later)
    assert outcome.verdicts_changed == 4
    assert [one.rule for one in outcome.incidents] == []
    assert len(replay(found, quick_rules(stage), found.limits).incidents) == 1
