"""The bar of last checks: slots for what was checked and for what was not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from analytics.model import Status
from pages._ui import bars
from pages._ui.snapshot import Check

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def check(seconds_ago: float, status: Status = Status.HEALTHY, latency: float | None = 12) -> Check:
    reason = "ok" if status is Status.HEALTHY else "timeout"
    return Check(NOW - timedelta(seconds=seconds_ago), status, reason, "", latency)


def drawn(line: list[bars.Slot]) -> str:
    """One letter a slot: the status, or a dot where nobody looked."""
    return "".join("." if slot is None else slot.status[0] for slot in line)


def test_one_slot_a_check_and_the_newest_last() -> None:
    line = bars.slots([check(130), check(70, Status.DOWN), check(10)], MINUTE, NOW)

    assert drawn(line) == "hdh"


def test_no_checks_no_slots() -> None:
    assert bars.slots([], MINUTE, NOW) == []


@pytest.mark.parametrize(
    ("apart", "missing"), [(60, 0), (85, 0), (89, 0), (91, 1), (120, 1), (149, 1), (151, 2), (600, 9)]
)
def test_a_hole_between_two_checks_is_a_slot_for_each_one_missed(apart: float, missing: int) -> None:
    line = bars.slots([check(10 + apart), check(10)], MINUTE, NOW)

    assert drawn(line) == "h" + "." * missing + "h"


@pytest.mark.parametrize(("ago", "missing"), [(10, 0), (60, 0), (119, 0), (120, 1), (185, 2), (3600, 40)])
def test_what_is_missing_up_to_now_is_drawn_too(ago: float, missing: int) -> None:
    line = bars.slots([check(ago + 60), check(ago)], MINUTE, NOW)

    assert drawn(line) == ("hh" + "." * missing)[-40:]


def test_a_time_of_rarer_checks_is_no_row_of_gaps() -> None:
    """Checks were a minute apart, then ten seconds; one of the later ones is missing."""
    rare = [check(300 - 60 * number) for number in range(4)]
    dense = [check(ago) for ago in (110, 100, 90, 70, 60)]
    line = bars.slots([*rare, *dense], timedelta(seconds=10), NOW - timedelta(seconds=55))

    assert drawn(line) == "hhhh" + "hhh.hh"


def test_the_time_it_took_to_confirm_a_failure_is_no_gap() -> None:
    confirmed = replace(check(5, Status.DOWN), begun=NOW - timedelta(seconds=10))
    line = bars.slots([check(30), check(20), confirmed], timedelta(seconds=10), NOW)

    assert drawn(line) == "hhd"


def test_only_the_newest_slots_are_kept() -> None:
    line = bars.slots([check(60 * ago + 5) for ago in range(99, -1, -1)], MINUTE, NOW)

    assert len(line) == bars.SLOTS
    assert line[-1] == check(5)


def test_a_hole_of_days_costs_no_more_than_the_bar() -> None:
    line = bars.slots([check(86_400 * 300), check(10)], timedelta(seconds=1), NOW)

    assert drawn(line)[-10:] == "h........."


def test_the_bar_in_one_sentence() -> None:
    line = bars.slots(
        [check(310), check(250, Status.DOWN), check(70, Status.DEGRADED), check(10)], MINUTE, NOW
    )

    assert bars.summary(line) == "Last 6 checks: 2 healthy, 1 degraded, 1 down, 2 missing."
    assert bars.summary([]) == "No checks yet."


def test_what_a_slot_says() -> None:
    assert bars.tooltip(check(10)) == "11:59:50 UTC · Healthy · 12 ms"
    assert bars.tooltip(check(10, Status.DOWN, None)) == "11:59:50 UTC · Down · Timed out"
    assert bars.tooltip(None) == "No check"


def test_when_a_trouble_began() -> None:
    checks = [check(190), check(130, Status.DOWN), check(70, Status.DOWN), check(10, Status.DOWN)]

    assert bars.began(checks, Status.DOWN) == NOW - timedelta(seconds=130)
    assert bars.began(checks, Status.DEGRADED) is None


def test_a_trouble_older_than_the_history_has_no_known_beginning() -> None:
    assert bars.began([check(70, Status.DOWN), check(10, Status.DOWN)], Status.DOWN) is None
    assert bars.began([], Status.DOWN) is None
