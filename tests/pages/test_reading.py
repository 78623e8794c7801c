"""One reading for all viewers, the last good answer while there is none, and what is no answer."""

import os
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analytics.db import Connection
from pages._ui import reading
from pages._ui.reading import Trouble, ask
from tests.pages import samples
from tests.pages.test_states import held_by_another_process
from tests.plugins.ports import wait_until

asked: list[str] = []


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    asked.clear()
    reading.clear()
    reading._kept_fresh_at.clear()
    yield
    reading._kept_fresh_at.clear()
    reading.clear()


def count(connection: Connection, now: datetime, what: str) -> int:
    assert now.tzinfo is not None
    asked.append(what)
    (found,) = connection.execute("SELECT count(*) FROM integration_health_checks").fetchall()
    return int(found[0])


def slow(connection: Connection, now: datetime) -> int:
    time.sleep(0.05)
    return count(connection, now, "slow")


def grow_older(seconds: float) -> None:
    """As if every answer had been asked for so long ago."""
    for entry in reading._entries.values():
        entry.asked -= seconds


def test_an_answer_says_when_it_was_read_and_is_read_once(database: Path) -> None:
    samples.write(database, datetime.now(UTC), minutes=1)

    first, second = ask(count, "a"), ask(count, "a")

    assert first is second
    assert asked == ["a"]
    assert first.value
    assert first.taken_at is not None
    assert datetime.now(UTC) - first.taken_at < timedelta(seconds=20)


def test_other_arguments_are_another_question(database: Path) -> None:
    samples.write(database, datetime.now(UTC), minutes=1)

    ask(count, "a")
    ask(count, "b")

    assert asked == ["a", "b"]


def test_a_file_that_changed_is_read_again_and_one_that_did_not_is_not(database: Path) -> None:
    now = datetime.now(UTC)
    location = samples.write(database, now, minutes=1)
    before = ask(count, "a").value

    grow_older(reading.LIFETIME_SECONDS)
    assert ask(count, "a").value == before
    assert asked == ["a"], "the file is the same"
    samples.insert(location, now + timedelta(seconds=1))
    after = ask(count, "a").value

    assert before is not None
    assert after == before + 16


@reading.paced(60)
def seldom(connection: Connection, now: datetime) -> int:
    return count(connection, now, "seldom")


def test_what_is_dear_to_read_is_read_at_its_own_pace_or_when_asked_to(database: Path) -> None:
    now = datetime.now(UTC)
    location = samples.write(database, now, minutes=1)
    before = ask(seldom).value
    samples.insert(location, now + timedelta(seconds=1))

    grow_older(50)
    assert ask(seldom).value == before
    grow_older(11)
    assert ask(seldom).value != before
    reading.forget()
    ask(seldom)

    assert asked == ["seldom"] * 3


def test_the_same_file_is_read_again_after_a_while_because_time_moves_on(database: Path) -> None:
    samples.write(database, datetime.now(UTC), minutes=1)
    ask(count, "a")

    grow_older(30.1)
    ask(count, "a")

    assert asked == ["a", "a"]


def test_many_who_ask_at_once_wait_for_one_reading(database: Path) -> None:
    samples.write(database, datetime.now(UTC), minutes=1)
    found: list[object] = []
    viewers = [threading.Thread(target=lambda: found.append(ask(slow))) for _ in range(12)]

    for one in viewers:
        one.start()
    for one in viewers:
        one.join()

    assert asked == ["slow"]
    assert len({id(answer) for answer in found}) == 1


def test_a_busy_file_leaves_the_last_good_answer_and_says_why(database: Path) -> None:
    samples.write(database, datetime.now(UTC), minutes=1)
    good = ask(count, "a")

    with held_by_another_process(database):
        reading.forget()
        held, never = ask(count, "a"), ask(count, "b")

        reading.forget()
        again = ask(count, "a")

    assert held.value == good.value
    assert held.taken_at == good.taken_at
    assert held.problem is not None
    assert held.problem.trouble is Trouble.BUSY
    assert held.troubled_since is not None
    assert again.troubled_since == held.troubled_since, "it is the same trouble"
    assert never.value is None
    assert never.problem is not None


def test_a_trouble_is_shared_for_a_while_too(database: Path) -> None:
    assert ask(count, "a").problem is not None
    samples.write(database, datetime.now(UTC), minutes=1)
    assert ask(count, "a").problem is not None, "asked a moment ago"

    reading.forget()

    assert ask(count, "a").problem is None


def test_what_is_shown_is_read_before_anybody_asks(database: Path) -> None:
    now = datetime.now(UTC)
    location = samples.write(database, now, minutes=1)
    before = ask(count, "a").value
    assert before is not None
    samples.insert(location, now + timedelta(seconds=1))

    grow_older(reading._REST_SECONDS)
    reading.renew_what_is_due()

    assert asked == ["a", "a"]
    assert ask(count, "a").value == before + 16
    assert asked == ["a", "a"], "the viewer found it read"


def test_what_nobody_looks_at_any_more_is_not_read(database: Path) -> None:
    now = datetime.now(UTC)
    location = samples.write(database, now, minutes=1)
    ask(count, "a")
    samples.insert(location, now + timedelta(seconds=1))
    for entry in reading._entries.values():
        entry.used -= 60

    grow_older(60)
    reading.renew_what_is_due()
    assert asked == ["a"]
    ask(count, "a")

    assert asked == ["a", "a"], "the first who comes back reads anew, and is not shown what is old"


def test_what_nobody_has_wanted_for_long_is_not_kept(database: Path) -> None:
    samples.write(database, datetime.now(UTC), minutes=1)
    ask(count, "left")
    ask(count, "stays")
    (left, _stays) = reading._entries.values()
    left.used -= reading._KEPT_SECONDS

    reading.renew_what_is_due()
    ask(count, "stays")
    ask(count, "left")

    assert asked == ["left", "stays", "left"]


def test_a_viewer_never_waits_for_a_slow_reading_that_is_seen_to(database: Path) -> None:
    now = datetime.now(UTC)
    location = samples.write(database, now, minutes=1)
    first = ask(slow)
    reading.renew_what_is_due()
    samples.insert(location, now + timedelta(seconds=1))
    grow_older(20)
    (entry,) = reading._entries.values()

    with entry.lock:
        assert ask(slow) is first, "while another reads"


def broken(connection: Connection, now: datetime) -> int:
    asked.append("broken")
    raise KeyError("a value nobody thought of")


def test_a_question_that_fails_is_a_problem_of_its_own_and_ends_nobody_else(
    database: Path, caplog: pytest.LogCaptureFixture
) -> None:
    now = datetime.now(UTC)
    location = samples.write(database, now, minutes=1)
    failed, good = ask(broken), ask(count, "a").value
    assert failed.value is None
    assert failed.problem is not None
    assert failed.problem.trouble is Trouble.UNREADABLE
    assert good is not None
    samples.insert(location, now + timedelta(seconds=1))

    grow_older(reading._REST_AFTER_TROUBLE_SECONDS)
    reading.renew_what_is_due()

    assert ask(count, "a").value == good + 16, "the others are read on"
    assert asked.count("broken") == 2
    assert len(caplog.records) == 1, "it is told once, not every second"


def test_what_was_being_read_while_all_was_forgotten_does_not_count(database: Path) -> None:
    samples.write(database, datetime.now(UTC), minutes=1)
    begun, go_on = threading.Event(), threading.Event()

    def held_up(connection: Connection, now: datetime) -> int:
        begun.set()
        assert go_on.wait(10)
        return count(connection, now, "held up")

    reader = threading.Thread(target=ask, args=(held_up,))
    reader.start()
    assert begun.wait(10)
    reading.forget()
    go_on.set()
    reader.join(10)
    ask(held_up)

    assert asked == ["held up", "held up"], "what a person did meanwhile is in the next answer"


def test_fresh_keeping_ends_when_told(database: Path) -> None:
    samples.write(database, datetime.now(UTC), minutes=1)
    ask(count, "a")
    stop = threading.Event()
    keeper = threading.Thread(target=reading.keep_fresh, args=(stop,))
    keeper.start()
    wait_until(lambda: bool(reading._kept_fresh_at), "the first round")

    stop.set()
    keeper.join(10)

    assert not keeper.is_alive()
    assert reading._kept_fresh_at == [], "who asks now reads"


def test_another_database_is_another_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, minutes in (("one", 1), ("two", 3)):
        samples.write(tmp_path / name, datetime.now(UTC), minutes=minutes)
    found = []
    for name in ("one", "two", "one"):
        monkeypatch.setitem(os.environ, "HEALTH_DB", str(tmp_path / name))
        found.append(ask(count, "a").value)

    assert found[0] == found[2] != found[1]


def test_what_was_asked_for_longest_ago_is_forgotten(database: Path) -> None:
    samples.write(database, datetime.now(UTC), minutes=0)

    for number in range(300):
        ask(count, str(number))

    assert len(reading._entries) == 256
    ask(count, "299")
    ask(count, "0")
    assert len(asked) == 301


@reading.continued
def following(_connection: Connection, _now: datetime, before: int | None = None) -> int:
    return 1 if before is None else before + 1


def test_a_question_that_goes_on_is_given_what_it_answered_before(database: Path) -> None:
    samples.write(database, datetime.now(UTC), minutes=0)
    found = [ask(following).value]
    grow_older(60)
    found.append(ask(following).value)
    reading.forget()
    found.append(ask(following).value)

    assert found == [1, 2, 1], "after somebody asked for all anew it begins anew"
