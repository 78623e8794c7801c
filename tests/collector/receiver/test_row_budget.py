"""However many requests with however many rows are read at once: the rows in memory stay within a bound."""

import asyncio
from dataclasses import dataclass

import pytest

from collector.receiver.body import BodyRefused
from collector.receiver.row_budget import RowBudget
from collector.receiver.row_reading import Turns, read_rows
from collector.receiver.rows import RowChecker
from tests.collector.receiver.receiving import NOW, receiving, until

ROWS = b'{"api_name":"a"}\n' * 2000


@dataclass
class Waiting:
    """How many rows the intake says that it has."""

    rows: int = 0

    def __call__(self) -> int:
        return self.rows


async def test_ten_requests_at_once_hold_no_more_rows_than_may_wait() -> None:
    budget, turns, most = RowBudget(capacity_rows=5000), Turns(), 0

    async def request() -> int:
        nonlocal most

        def take(more: int) -> None:
            nonlocal most
            share.take(more)
            most = max(most, budget.taken)

        with budget.share() as share:
            return len((await read_rows(ROWS, RowChecker("api_metrics", str, NOW), turns, take)).rows)

    ends = await asyncio.gather(*(request() for _ in range(10)), return_exceptions=True)
    refused = [end for end in ends if isinstance(end, BodyRefused)]
    assert ends.count(2000) + len(refused) == 10
    assert ends.count(2000) >= 1
    assert {(error.status, error.retry_after) for error in refused} == {(429, 1.0)}
    assert 2000 < most <= 5000
    assert budget.taken == 0


def test_a_request_that_is_alone_may_have_more_rows_than_the_bound() -> None:
    budget = RowBudget(capacity_rows=100)
    with budget.share() as alone:
        alone.take(90)
        alone.take(90)
        with budget.share() as second, pytest.raises(BodyRefused):
            second.take(1)
    assert budget.taken == 0


def test_rows_that_wait_to_be_written_take_the_room_of_those_being_read() -> None:
    waiting = Waiting(80)
    budget = RowBudget(waiting, 100)
    with budget.share() as share:
        share.take(20)
        with pytest.raises(BodyRefused):
            share.take(1)
        waiting.rows = 0
        share.take(1)


def test_rows_that_were_handed_over_count_once() -> None:
    waiting = Waiting()
    budget = RowBudget(waiting, 100)
    with budget.share() as first:
        first.take(60)
        first.hand_over()
        waiting.rows = 60
        with budget.share() as second:
            second.take(40)
            with pytest.raises(BodyRefused):
                second.take(1)
    waiting.rows = 0
    with budget.share() as third:
        third.take(200)


async def test_a_request_without_room_is_told_to_come_again_and_may() -> None:
    async with receiving() as receiver:
        receiver.ingest.budget = RowBudget(lambda: receiver.intake.waiting_rows, 3000)
        with receiver.ingest.budget.share() as other:
            other.take(2000)
            answer = await receiver.post("api-metrics", ROWS)
            assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
            assert "send them again" in answer.json()["message"]
        assert (await receiver.post("api-metrics", ROWS)).json()["stored"] == 2000
        await until(lambda: receiver.ingest.budget.taken == 0)
        assert receiver.ingest.counters.requests["api_metrics", 429] == 1
