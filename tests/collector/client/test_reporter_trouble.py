"""The reporter and a receiver that refuses, fails, hangs, is full, or is not there."""

import logging
import socket
import threading
import time
from typing import Any

import pytest

from collector.client import HttpReporter
from tests.collector.client.receiving import answering, receiving, until
from tests.collector.client.reporting import TOKEN, reporting, row


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_may_be_taken_later_is_sent_again_with_the_same_ids(status: int) -> None:
    with receiving(answering(status)) as receiver, reporting(receiver) as reporter:
        reporter.record_call(row())
        assert reporter.flush(5)
        first, second = receiver.arrived
    assert first.rows == second.rows
    assert reporter.dropped == 0


def test_retry_after_is_honoured() -> None:
    with receiving(answering(503, retry_after="1")) as receiver, reporting(receiver) as reporter:
        reporter.record_call(row())
        until(lambda: receiver.arrived)
        answered = time.monotonic()
        until(lambda: len(receiver.arrived) == 2)
        assert time.monotonic() - answered > 0.9


@pytest.mark.parametrize("status", [302, 400, 403, 404, 413, 422])
def test_what_is_refused_for_good_is_counted_told_once_and_not_sent_again(
    status: int, caplog: pytest.LogCaptureFixture
) -> None:
    refusal = answering(status, {"error": f"no, not with {TOKEN}"}, location="http://127.0.0.1:1/")
    with receiving(refusal, refusal) as receiver, reporting(receiver) as reporter:
        for number in range(2):
            reporter.record_call(row(number))
            assert reporter.flush(5)
        assert len(receiver.arrived) == 2
        assert reporter.dropped == 2
        reporter.record_call(row())
        assert reporter.flush(5)
        assert receiver.arrived[-1].headers["x-health-dropped"] == "2"
    (line,) = caplog.messages
    assert line == f"the collector answered {status}: no, not with ***; 1 rows are lost so far"


@pytest.mark.parametrize(("refusals", "sizes", "dropped"), [(1, [8, 4, 4], 0), (15, [8, 4, 2, 1, 1, 2], 8)])
def test_a_batch_that_is_too_long_is_halved_down_to_single_rows(
    refusals: int, sizes: list[int], dropped: int
) -> None:
    with receiving(*[answering(413)] * refusals) as receiver, reporting(receiver) as reporter:
        for number in range(8):
            reporter.record_call(row(number))
        assert reporter.flush(5)
        assert [len(request.rows) for request in receiver.arrived][: len(sizes)] == sizes
        assert len(receiver.arrived) == (3 if refusals == 1 else 15)
        assert (len(receiver.stored), reporter.dropped) == (8, dropped)


@pytest.mark.parametrize(
    ("token", "said"),
    [
        (None, "the collector wants a token: set HEALTH_TOKEN to the collector's"),
        (TOKEN, "the collector refuses this token: compare HEALTH_TOKEN on both sides"),
    ],
)
def test_a_collector_that_wants_another_token_is_told_in_a_sentence(
    token: str | None, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    with receiving(answering(401, {"message": f"Authorization: Bearer {TOKEN}"})) as receiver:
        reporter = HttpReporter(receiver.url, token)
        reporter.record_call(row())
        assert reporter.close(5)
    assert caplog.messages == [f"{said}; 1 rows are lost so far"]


def test_the_collectors_own_sentence_stays_readable(caplog: pytest.LogCaptureFixture) -> None:
    said = "send Authorization: Bearer <HEALTH_TOKEN>, token=yours, see /docs?page=tokens"
    refusal = answering(403, {"message": f"{said}\nnot {TOKEN}"})
    with receiving(refusal) as receiver, reporting(receiver) as reporter:
        reporter.record_call(row())
        assert reporter.flush(5)
    assert caplog.messages == [f"the collector answered 403: {said} not ***; 1 rows are lost so far"]


def test_single_rows_that_are_refused_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    errors = [{"index": 1, "field": "method", "reason": "must be a word"}]
    partial = answering(200, {"accepted": 1, "refused": 1, "errors": errors})
    with receiving(partial) as receiver, reporting(receiver) as reporter:
        reporter.record_call(row())
        reporter.record_call(row())
        assert reporter.flush(5)
        assert (len(receiver.arrived), reporter.dropped) == (1, 1)
    assert caplog.messages == ["the collector refused 1 rows: method: must be a word; 1 rows are lost so far"]


@pytest.mark.parametrize("body", [None, [], "x", {"refused": "many"}, {"refused": True}, {"refused": -1}])
def test_a_strange_answer_is_taken_as_yes(body: Any) -> None:
    with receiving(answering(200, body)) as receiver, reporting(receiver) as reporter:
        reporter.record_call(row())
        assert reporter.flush(5)
        assert (len(receiver.arrived), reporter.dropped) == (1, 0)


def test_a_collector_that_fails_over_a_batch_gets_the_next_one() -> None:
    failing = [answering(500)] * 5
    with receiving(*failing) as receiver, reporting(receiver) as reporter:
        reporter.record_call(row(1))
        for _ in range(10):
            reporter.flush(0.05)
        reporter.record_call(row(2))
        assert reporter.flush(5)
        assert receiver.arrived[-1].rows[0]["endpoint"] == "/e2"
        assert reporter.dropped == 1


def test_without_a_collector_the_program_goes_on_and_hears_of_it_once(
    refused_port: int, caplog: pytest.LogCaptureFixture
) -> None:
    reporter = HttpReporter(f"http://127.0.0.1:{refused_port}", TOKEN, capacity=100)
    for number in range(250):
        reporter.record_call(row(number))
    for _ in range(10):
        assert not reporter.flush(0.02)
    assert reporter.waiting <= 100 + 10
    started = time.monotonic()
    assert not reporter.close(60)
    assert time.monotonic() - started < 30
    assert reporter.dropped == 250
    assert [line.partition(";")[0] for line in caplog.messages] == [
        "the collector cannot be reached: ConnectError: [Errno 111] Connection refused"
    ]


def test_rows_wait_for_a_collector_that_comes_later(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "collector.client")
    with receiving() as receiver:
        port = int(receiver.url.rpartition(":")[2])
    reporter = HttpReporter(f"http://127.0.0.1:{port}", TOKEN)
    reporter.record_call(row())
    until(lambda: caplog.messages or reporter.flush(0.01))
    seen: list[bytes] = []
    with socket.create_server(("127.0.0.1", port)) as listener:
        connection, _ = listener.accept()
        with connection:
            while b"/e0" not in b"".join(seen):
                seen.append(connection.recv(65536))
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
            assert reporter.flush(5)
    reporter.close()
    assert reporter.dropped == 0
    assert [
        record.getMessage().partition(";")[0] for record in caplog.records if record.levelname == "INFO"
    ] == ["the collector is reachable again"]


def test_a_full_queue_drops_the_newest_and_tells_the_collector() -> None:
    gate = threading.Event()

    def late() -> Any:
        gate.wait(10)
        return answering(200)()

    with receiving(late) as receiver, reporting(receiver, capacity=10) as reporter:
        reporter.record_call(row(0))
        until(lambda: receiver.arrived)
        for number in range(1, 16):
            reporter.record_call(row(number))
        assert (reporter.waiting, reporter.dropped) == (10, 5)
        gate.set()
        assert reporter.flush(5)
        assert receiver.arrived[-1].headers["x-health-dropped"] == "5"
        assert len(receiver.stored) == 11


@pytest.mark.parametrize(
    "strange", [{"n": float("nan")}, {"o": object()}, {"long": "x" * 20_000}, {1: {2: {}}, "a": {"b"}}]
)
def test_a_row_that_cannot_be_sent_is_lost_alone(strange: dict[Any, Any]) -> None:
    with receiving() as receiver, reporting(receiver) as reporter:
        reporter.record_call(strange)
        reporter.record_call(row())
        assert reporter.flush(5)
        assert (len(receiver.stored), reporter.dropped) == (1, 1)


def test_what_is_no_row_at_all_raises_nothing() -> None:
    with receiving() as receiver, reporting(receiver) as reporter:
        reporter.record_call(None)  # type: ignore[arg-type]
        assert reporter.dropped == 1


def test_a_collector_that_hangs_holds_the_end_up_for_no_longer_than_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        reporter = HttpReporter(f"http://127.0.0.1:{listener.getsockname()[1]}", TOKEN)
        reporter.record_call(row())
        started = time.monotonic()
        assert not reporter.close(0.3)
        assert 0.25 < time.monotonic() - started < 8
