"""Several spans that are one call, and those that only look like it."""

from itertools import permutations

import pytest

from tests.collector.receiver.otlp_examples import NOW, SECOND
from tests.collector.receiver.test_otlp_calls import calls, span

PARENT_OF_NOBODY = b"nobody's"


def attempt(
    number: int, status: int | None, resend: int | str | None = None, url: str = "/v1/chat", **fields
):
    """The `number`th span of a trace: from second `number` on it takes half a second."""
    start = NOW - 100 * SECOND + number * SECOND
    attributes = {"url.full": f"https://api.openai.com{url}"}
    if status is not None:
        attributes["http.response.status_code"] = status
    if resend is not None:
        attributes["http.request.resend_count"] = resend
    given = {"span_id": bytes([number + 1] * 8), "start_ns": start, "end_ns": start + SECOND // 2}
    without = {"http.response.status_code"} if status is None else ()
    return span(attributes, without=without, **{**given, **fields})


def told(*spans):
    return [
        (row["status_code"], row["retries"], row["response_time_ms"], row["reason"])
        for row in sorted(calls(*spans).rows, key=lambda row: row["timestamp"])
    ]


def test_attempts_that_are_counted_are_one_call_with_the_last_ending() -> None:
    assert told(attempt(0, 503), attempt(1, 503, 1), attempt(2, 200, 2)) == [(200, 2, 2500, None)]
    assert told(attempt(0, 503), attempt(1, 503, 1)) == [(503, 1, 1500, "http_5xx")]


def test_the_order_in_which_attempts_come_does_not_matter() -> None:
    spans = [attempt(0, 503), attempt(1, 503, 1), attempt(2, 200, 2)]
    assert all(told(*order) == [(200, 2, 2500, None)] for order in permutations(spans))


def test_a_call_bears_the_id_and_the_time_of_its_first_attempt() -> None:
    first, second = attempt(0, 503), attempt(1, 200, 1)
    (alone,) = calls(first).rows
    (call,) = calls(first, second).rows
    assert (call["id"], call["timestamp"]) == (alone["id"], alone["timestamp"])


def test_a_resend_whose_predecessors_came_earlier_is_a_call_with_its_count() -> None:
    assert told(attempt(3, 200, 3)) == [(200, 3, 500, None)]
    assert told(attempt(3, 503, 3), attempt(4, 200, 4)) == [(200, 4, 1500, None)]


def test_spans_without_a_count_are_calls_of_their_own() -> None:
    assert len(told(attempt(0, 503), attempt(1, 503), attempt(2, 200))) == 3


@pytest.mark.parametrize(
    "stranger",
    [
        attempt(0, 503, url="/v1/other"),
        attempt(0, 503, parent_id=PARENT_OF_NOBODY),
        attempt(0, 503, trace_id=b"another trace id"),
    ],
)
def test_attempts_of_something_else_are_calls_of_their_own(stranger) -> None:
    assert [retries for _, retries, _, _ in told(stranger, attempt(1, 200, 1))] == [0, 1]


def test_calls_side_by_side_are_told_apart() -> None:
    spans = [attempt(0, 503), attempt(1, 503), attempt(2, 503), attempt(3, 200, 1), attempt(4, 200, 1)]
    spans += [attempt(5, 503, 1), attempt(6, 200, 2)]
    assert [(status, retries) for status, retries, _, _ in told(*spans)] == [(200, 1), (200, 1), (200, 2)]


def test_a_count_that_skips_a_number_still_belongs_to_its_call() -> None:
    assert told(attempt(0, 503), attempt(2, 200, 2)) == [(200, 2, 2500, None)]


def test_a_redirect_that_was_followed_is_no_retry() -> None:
    assert told(attempt(0, 302, url="/old"), attempt(1, 200, 1, url="/new")) == [(200, 0, 500, None)]
    spans = [attempt(0, 302, url="/old"), attempt(1, 503, 1, url="/new"), attempt(2, 200, 2, url="/new")]
    assert told(*spans) == [(200, 1, 1500, None)]


def test_a_call_that_ends_with_a_redirect_is_none() -> None:
    found = calls(attempt(0, 302, url="/old"), attempt(1, 302, 1, url="/older"))
    assert (found.rows, found.intermediate_spans) == ([], 1)


def test_a_call_whose_last_attempt_was_given_up_is_none() -> None:
    found = calls(attempt(0, 503), attempt(1, None, 1))
    assert (found.rows, found.aborted_spans) == ([], 1)


@pytest.mark.parametrize("count", ["1", 1, "x", -1, True, 10**9, "99999"])
def test_absurd_counts_stay_within_bounds(count) -> None:
    ((_, retries, _, _),) = told(attempt(0, 200, count))
    assert retries == {"1": 1, 1: 1, 10**9: 1000}.get(count if count is not True else "x", 0)


def test_very_many_resends_are_sorted_out_in_time() -> None:
    spans = [attempt(number % 90, 503, number % 7) for number in range(20_000)]
    assert 20_000 // 7 < len(calls(*spans).rows) < 20_000 // 6
