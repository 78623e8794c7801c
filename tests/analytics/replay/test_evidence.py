"""The evidence of a recording is what the tables said at that moment; no moment that matters is missed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

import duckdb
import pytest

from analytics.alerting import AlertRule
from analytics.evidence import read_evidence
from analytics.ids import uuid7
from analytics.replay import Recording, read_recording
from analytics.replay.evidence import RecordedEvidence
from analytics.replay.moments import blind_moments, watched_rules
from analytics.replay.recording import to_datetime
from analytics.replay.sights import Sights
from analytics.replay.telling import BY_CHECKS, RULES_TOLD, telling_checks
from analytics.rules.signals import Evidence, check_signals, evidence_signals
from collector.probes.traffic import window_name
from collector.store import Run, insert_run
from tests.analytics.replay.troubled import MINUTES, PROBED, SERVICES, Hours, quick_rules
from tests.collector.alerting_stage import MINUTE, START, Stage, key

FOUND = ("ok", "ok", "ok", "ok", "down", "failing", "slow", "unknown", "unset")
AT_RANDOM = 40


@dataclass(frozen=True)
class Told:
    """Hours at random that nobody looked at, and what was recorded of them."""

    stage: Stage
    recording: Recording


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    stage = Stage(Path(tmp_path_factory.mktemp("told")), SERVICES)
    hours = Hours(stage, Random(7), quick_rules(stage))
    hours.write_what_is_known()
    stage.transact(lambda connection: write_checks(stage, connection, Random(8)))
    until = START + timedelta(minutes=MINUTES)
    yield Told(stage, read_recording(stage.connection, START, until))
    stage.close()


def write_checks(stage: Stage, connection: duckdb.DuckDBPyConnection, chance: Random) -> None:
    for minute in range(MINUTES):
        stage.now = START + minute * MINUTE + timedelta(microseconds=chance.randrange(900_000))
        found = {name: chance.choice(FOUND) for name in PROBED if chance.random() < 0.8}
        checks = [stage.probed(name, how, timedelta(milliseconds=5)) for name, how in found.items()]
        times = (stage.now, stage.now, MINUTE)
        insert_run(connection, Run(uuid7(), uuid7(), 1, True, "stage", "0", *times, len(checks), 0), checks)


def as_read(told: Told, part: int) -> Evidence:
    names = {service: window_name(spec) for service, spec in told.stage.setup.services.items()}
    now = to_datetime(int(told.recording.done[part]))
    return read_evidence(told.stage.connection, names, quick_rules(told.stage), now)


def test_the_figures_of_the_tables(told: Told) -> None:
    evidence = RecordedEvidence(told.recording, told.recording.checks)
    failed = open_circuits = levels = 0
    for part in Random(9).sample(range(len(told.recording.done)), AT_RANDOM):
        read, found = as_read(told, part), evidence.at(part)
        assert found.names == read.names
        for span, windows in read.calls.items():
            assert dict(found.calls[span]) == windows
        for span, windows in read.deliveries.items():
            assert dict(found.deliveries[span]) == windows
        for span, failures in read.failures.items():
            assert dict(found.failures[span]) == failures
            failed += len(failures)
        assert set(found.circuits) == set(read.circuits)
        assert set(found.quotas) == set(read.quotas)
        assert dict(found.looks) == read.looks
        open_circuits, levels = open_circuits + len(found.circuits), levels + len(found.quotas)
    assert min(failed, open_circuits, levels) > AT_RANDOM


def test_no_moment_that_matters_is_missed(told: Told) -> None:
    recording, policy = told.recording, quick_rules(told.stage)
    evidence, limits = RecordedEvidence(recording, recording.checks), recording.limits
    watched = watched_rules(recording, evidence, policy, limits)
    blind = blind_moments(recording, evidence, policy, limits)
    bad: set[str] = set()
    for part in range(len(recording.done)):
        now = to_datetime(int(recording.done[part]))
        for signal in evidence_signals(evidence.at(part), limits, policy, now):
            if signal.bad:
                bad.add(signal.rule.value)
                service = signal.service
                assert blind[part] if service is None else watched[service, signal.rule][part]
    assert bad >= {"high_error_rate", "slow_response", "circuit_open", "quota_headroom", "slo_burn"}
    assert bad >= {"webhook_verification", "collector_blind"}


def test_no_check_that_matters_is_missed(told: Told) -> None:
    recording, policy = told.recording, quick_rules(told.stage)
    checks, limits = recording.checks, recording.limits
    sights = Sights(recording, checks, RecordedEvidence(recording, checks), limits)
    marks = telling_checks(recording, checks, policy, limits)
    bad: set[AlertRule] = set()
    for row, (part, mark) in enumerate(zip(checks.part.tolist(), marks.tolist(), strict=True)):
        seen, present, _ = sights.look(row, part)
        found = {one.rule for one in check_signals(seen, present, policy) if one.bad}
        assert found <= RULES_TOLD[mark]
        assert found <= BY_CHECKS
        bad |= found
    assert bad >= {AlertRule.SERVICE_DOWN, AlertRule.SERVICE_DEGRADED, AlertRule.SLOW_RESPONSE}
    assert 0 < (marks > 0).mean() < 1


def test_most_moments_do_not_matter(told: Told) -> None:
    recording, policy = told.recording, quick_rules(told.stage)
    evidence = RecordedEvidence(recording, recording.checks)
    watched = watched_rules(recording, evidence, policy, recording.limits)
    assert 0 < watched[key("webhook/shopify"), AlertRule.WEBHOOK_VERIFICATION].mean() < 0.5
