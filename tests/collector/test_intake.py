"""Rows of traffic wait in a bounded place, and what does not fit is counted."""

from collector.intake import Intake


def rows(count: int) -> list[dict[str, int]]:
    return [{"n": number} for number in range(count)]


def test_what_goes_in_comes_out_once() -> None:
    intake = Intake()
    intake.record_calls(rows(3))
    intake.record_deliveries(rows(2))
    assert intake.drain() == (rows(3), rows(2))
    assert intake.drain() == ([], [])


def test_a_full_intake_keeps_what_it_has_and_counts_the_rest() -> None:
    intake = Intake(capacity=5)
    intake.record_calls(rows(4))
    intake.record_deliveries(rows(3))
    intake.record_calls(rows(1))
    assert intake.drain() == (rows(4), rows(1))
    assert intake.dropped == 3
