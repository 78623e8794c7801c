"""Names that no service has are told in the log: once each, and not without end."""

from collections.abc import Sequence
from typing import Any

import pytest

from collector.intake import IntakeUnavailable, Row, Stored
from collector.receiver.unknown_names import MOST_NAMES, NamesNoted
from tests.collector.receiver.receiving import Events

KNOWN = {"api_metrics": ["openai", "shopify"], "webhook_metrics": ["shopify"], "circuit_events": ["openai"]}


class Kept:
    """A store that takes everything, or nothing."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.rows: list[Row] = []

    async def store(self, table: str, rows: Sequence[Row]) -> Stored:
        if self.failure is not None:
            raise self.failure
        self.rows += rows
        return Stored(len(rows), 0)


def calls(*names: str) -> list[dict[str, Any]]:
    return [{"api_name": name} for name in names]


async def told(table: str, rows: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    """The names that are told of, each with the name that may be meant."""
    events = Events()
    await NamesNoted(Kept(), KNOWN, events.logger()).store(table, rows)
    assert {(event["event"], event["level"], event["table"]) for event in events} <= {
        ("unknown_name", "warning", table)
    }
    return [(event["name"], event.get("did_you_mean")) for event in events]


async def test_a_name_that_no_service_has_is_told_with_the_one_that_is_near() -> None:
    assert await told("api_metrics", calls("openai", "opnai", "crm")) == [("crm", None), ("opnai", "openai")]
    assert await told("webhook_metrics", [{"source": "shopfy"}]) == [("shopfy", "shopify")]
    assert await told("circuit_events", calls("shopify")) == [("shopify", None)]


async def test_known_names_are_not_told() -> None:
    assert await told("api_metrics", calls("openai", "shopify", "openai")) == []


async def test_a_table_that_nothing_is_known_of_is_not_looked_at() -> None:
    events, kept = Events(), Kept()
    assert await NamesNoted(kept, {}, events.logger()).store("api_metrics", calls("x")) == Stored(1, 0)
    assert (events, kept.rows) == ([], calls("x"))


async def test_a_name_is_told_once_however_many_rows_have_it() -> None:
    events = Events()
    noted = NamesNoted(Kept(), KNOWN, events.logger())
    for _ in range(3):
        await noted.store("api_metrics", calls("crm") * 20_000)
    assert len(events) == 1


async def test_names_without_end_are_told_up_to_a_bound() -> None:
    events = Events()
    noted = NamesNoted(Kept(), KNOWN, events.logger())
    await noted.store("api_metrics", calls(*(f"made-up-{number}" for number in range(3 * MOST_NAMES))))
    await noted.store("webhook_metrics", [{"source": "another"}])
    assert len(events) == MOST_NAMES


async def test_rows_that_were_not_stored_are_not_told_of() -> None:
    events = Events()
    noted = NamesNoted(Kept(IntakeUnavailable("locked")), KNOWN, events.logger())
    with pytest.raises(IntakeUnavailable):
        await noted.store("api_metrics", calls("crm"))
    assert events == []
