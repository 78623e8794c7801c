"""A replay in several processes comes to the same as in one, whatever becomes of them."""

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing import Pipe, get_context
from random import Random
from uuid import UUID

import pytest

from analytics.db import Connection
from analytics.ids import uuid7
from analytics.replay import Outcome, Recording, read_recording, replay, stretches
from analytics.replay.run import Left, Run, Stretch
from analytics.rules.alerting import AlertingState
from collector.store import Run as Cycle
from collector.store import insert_run
from tests.analytics.replay.troubled import PROBED, SERVICES, Hours, quick_rules
from tests.collector.alerting_stage import MINUTE, START, Stage

#: Every four hours a trouble of 20 minutes: two hours after its end it is forgotten.
TROUBLES, EVERY, LASTING = 6, 120, 10


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    made = Stage(tmp_path_factory.mktemp("stretches"), SERVICES)
    made.transact(Hours(made, Random(5), quick_rules(made)).write_services)
    made.transact(lambda connection: look_every_other_minute(made, connection))
    yield made
    made.close()


def look_every_other_minute(stage: Stage, connection: Connection) -> None:
    for number in range(TROUBLES * EVERY):
        stage.now += 2 * MINUTE
        bad = ("infrastructure/fly", "mcp/context7")[number // EVERY % 2]
        in_trouble = EVERY / 2 <= number % EVERY < EVERY / 2 + LASTING
        checks = [stage.probed(name, "down" if in_trouble and name == bad else "ok") for name in PROBED]
        times = (stage.now, stage.now, 2 * MINUTE)
        insert_run(connection, Cycle(uuid7(), uuid7(), 1, True, "stage", "0", *times, len(checks), 0), checks)


@pytest.fixture(scope="module")
def recording(stage: Stage) -> Recording:
    return read_recording(stage.connection, START - MINUTE, stage.now)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretches, "FEWEST_PARTS", 3)


def run_in(processes: int, recording: Recording, stage: Stage) -> Outcome:
    return replay(recording, quick_rules(stage), {}, most_processes=processes)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("processes", [2, 3, 4, 7])
def test_the_same_in_however_many_processes(processes: int, recording: Recording, stage: Stage) -> None:
    alone = run_in(1, recording, stage)
    assert len(alone.incidents) >= 5
    assert run_in(processes, recording, stage) == alone


@pytest.mark.usefixtures("short")
def test_processes_do_the_work(recording: Recording, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another process found is taken over: this one does not go through it again."""
    seen: list[int] = []
    look = Run._look
    monkeypatch.setattr(Run, "_look", lambda self, part: (seen.append(part), look(self, part))[1])
    run_in(1, recording, stage)
    alone = len(seen)
    seen.clear()
    run_in(4, recording, stage)
    assert 0 < len(seen) < alone / 2


@pytest.mark.usefixtures("short")
def test_a_process_that_dies_is_done_without(
    recording: Recording, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = run_in(1, recording, stage)
    monkeypatch.setattr(Run, "start_at", lambda _self, _part: os.kill(os.getpid(), signal.SIGKILL))
    assert run_in(3, recording, stage) == alone


def test_a_process_ends_when_the_first_one_is_gone(recording: Recording, stage: Stage) -> None:
    run = Run(recording, recording.checks, quick_rules(stage), recording.limits)
    source, target = Pipe(duplex=False)
    nobody = os.getppid()
    process = get_context("fork").Process(target=stretches._run_apart, args=(run, 0, 9, target, nobody))
    process.start()
    target.close()
    process.join()
    assert process.exitcode == 1
    with pytest.raises(EOFError):
        source.recv()


@pytest.mark.usefixtures("short")
def test_a_process_that_hangs_is_done_without(
    recording: Recording, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = run_in(1, recording, stage)
    monkeypatch.setattr(stretches, "_LEAST_PATIENCE", 0.1)
    monkeypatch.setattr(Run, "start_at", lambda _self, _part: signal.pause())
    assert run_in(3, recording, stage) == alone


@pytest.mark.usefixtures("short")
def test_what_goes_wrong_in_a_process_is_raised_by_the_first(
    recording: Recording, stage: Stage, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    last = len(recording.done) - 1
    one = Run.one

    def fail_at_the_end(self: Run, end: int) -> None:
        one(self, end)
        if self.part > last:
            raise ZeroDivisionError("at the end")

    monkeypatch.setattr(Run, "one", fail_at_the_end)
    with pytest.raises(ZeroDivisionError, match="at the end"):
        run_in(2, recording, stage)
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("short")
def test_progress_ends_at_the_whole(recording: Recording, stage: Stage) -> None:
    shares: list[float] = []
    replay(recording, quick_rules(stage), {}, shares.append, most_processes=2)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_a_short_replay_takes_no_other_process(
    recording: Recording, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stretches, "_started", None)
    run_in(4, recording, stage)


@pytest.mark.parametrize(
    ("part", "calm"),
    [(10, 10), (11, 11), (12, 12), (13, 20), (20, 20), (25, 30), (30, 30), (31, 40), (39, 40)],
)
def test_the_first_calm_part(part: int, calm: int) -> None:
    found = Stretch(10, 40, Left(), [(10, 12), (20, 20), (30, 30)], AlertingState())
    assert found.calm_from(part) == calm


def test_ids_sort_by_time_and_do_not_depend_on_those_before(recording: Recording, stage: Stage) -> None:
    def ids(*moments: datetime) -> list[UUID]:
        run = Run(recording, recording.checks, quick_rules(stage), recording.limits)
        return [run._new_id(moment) for moment in moments]

    first = datetime(2026, 3, 1, 12, 0, 0, 250_300, UTC)
    later = first + timedelta(microseconds=1)
    found = ids(first, first, later, first + timedelta(days=1))
    assert found == sorted(set(found))
    assert ids(later) == [found[2]]
    assert {one.version for one in found} == {7}
