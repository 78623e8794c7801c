"""The parts of the page that exports: what an address asks for, names, sizes, columns, commands."""

import html
import math
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from analytics.export import DATASETS
from analytics.export.cells import Column
from analytics.model import ServiceKey, ServiceType
from pages._ui.exporting import amount, catalogue, naming, prepared, scripts
from pages._ui.exporting.asked import Asked, Chosen, read_asked
from pages._ui.exporting.columns import kind, shown, shown_column, unit
from pages._ui.exporting.question import Looked
from pages._ui.exporting.shelf import Export, State
from pages._ui.exporting.wanting import wanted
from pages._ui.view import read_view

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
OPENAI = ServiceKey(ServiceType.API, "openai")


def text(page: str) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]*>", " ", page).split()))


def test_every_dataset_stands_in_one_group() -> None:
    names = [name for group in catalogue.GROUPS.values() for name in group]

    assert sorted(names) == sorted(DATASETS)
    titles = [title for group in catalogue.GROUPS.values() for title in group.values()]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        ({"what": "api_metrics", "service": "webhook/shopify"}, Asked("api_metrics", period="7d")),
        ({"what": "api_metrics", "type": "mcp"}, Asked("api_metrics", period="7d")),
        (
            {"what": "slo", "type": "mcp", "service": "api/openai"},
            Asked("slo", period="7d", service_type=ServiceType.MCP),
        ),
        ({"what": "slo", "service": "api/openai"}, Asked("slo", period="7d", services=(OPENAI,))),
        ({"what": "services", "range": "30d"}, Asked("services")),
        ({"what": "slo", "rows": "down"}, Asked("slo", period="7d")),
        (
            {"what": "standing", "rows": "down", "zone": "local"},
            Asked("standing", period="7d", statuses=("down",), timezone="Asia/Kolkata"),
        ),
        ({"what": "vendor_feeds", "type": "api"}, Asked("vendor_feeds")),
    ],
)
def test_what_does_not_fit_a_dataset_is_left_out(asked: dict[str, str], there: Asked) -> None:
    view, faults = read_view(asked, NOW)

    assert not faults
    assert wanted(view, "Asia/Kolkata").asked == there


@pytest.mark.parametrize(
    "asked",
    [
        Asked("slo"),
        Asked(
            "api_metrics",
            "parquet",
            "2026-11-01/2026-11-08",
            (OPENAI,),
            None,
            (),
            ("id", "retries"),
            "Asia/Kolkata",
        ),
        Asked("incidents", "json", "30d", (), ServiceType.API, ("open", "resolved")),
        Asked("slo", services=(ServiceKey(ServiceType.API, "a&b=c #?/ü"), OPENAI)),
    ],
)
def test_an_address_says_all_that_is_asked(asked: Asked) -> None:
    parts = urlsplit(naming.path(asked))

    assert parts.path == f"api/export/{asked.dataset}.{asked.format}"
    assert read_asked(asked.dataset, asked.format, parse_qsl(parts.query)) == asked


@pytest.mark.parametrize(
    ("asked", "since", "name"),
    [
        (Asked("slo"), NOW - 7 * DAY, f"slo_{NOW - 7 * DAY:%Y-%m-%d}_{NOW:%Y-%m-%d}.csv"),
        (Asked("slo"), NOW - DAY, f"slo_{NOW - DAY:%Y-%m-%dT%H%MZ}_{NOW:%Y-%m-%dT%H%MZ}.csv"),
        (Asked("services", "json"), None, f"services_{NOW:%Y-%m-%dT%H%MZ}.json"),
        (Asked("slo", services=(OPENAI,)), None, f"slo_api-openai_{NOW:%Y-%m-%dT%H%MZ}.csv"),
        (Asked("slo", service_type=ServiceType.MCP), None, f"slo_mcp_{NOW:%Y-%m-%dT%H%MZ}.csv"),
        (
            Asked("slo", services=(ServiceKey(ServiceType.API, '../"\r\nX: y'),)),
            None,
            f"slo_api-..-X-y_{NOW:%Y-%m-%dT%H%MZ}.csv",
        ),
    ],
)
def test_a_file_is_named_after_what_is_in_it(asked: Asked, since: datetime | None, name: str) -> None:
    until = None if since is None else NOW

    assert naming.file_name(Chosen(asked, since, until, None), NOW) == name


@pytest.mark.parametrize(
    ("count", "says"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (9960, "10 kB"),
        (34.2e6, "34 MB"),
        (2e9, "2.0 GB"),
    ],
)
def test_sizes(count: float, says: str) -> None:
    assert naming.size(count) == says


@pytest.mark.parametrize(
    ("column", "says"),
    [
        (Column("p95_ms", "DOUBLE"), ("ms", "number")),
        (Column("uptime_percent", "DOUBLE"), ("%", "number")),
        (Column("down_seconds", "BIGINT"), ("s", "whole number")),
        (Column("monitored", "BOOLEAN"), ("", "yes or no")),
        (Column("note_ms", "VARCHAR"), ("", "text")),
        (Column("details", "JSON"), ("", "JSON")),
        (Column("at", "TIMESTAMP WITH TIME ZONE"), ("", "time")),
    ],
)
def test_columns_have_units(column: Column, says: tuple[str, str]) -> None:
    assert (unit(column), kind(column)) == says


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (None, ""),
        (math.nan, ""),
        (False, "false"),
        (datetime(2026, 11, 1, 12, tzinfo=UTC), "2026-11-01 12:00:00"),
        ({"a": [1]}, '{"a": [1]}'),
        ("x" * 200, f"{'x' * 120}…"),
    ],
)
def test_values_of_the_preview(value: object, says: str) -> None:
    assert shown(value) == says


@pytest.mark.parametrize(
    ("type_", "values", "says"),
    [
        ("BIGINT", [1234, None, 7], ["1,234", "", "7"]),
        ("DOUBLE", [1234.5, 98.0, math.nan, 0.25], ["1,234.50", "98.00", "", "0.25"]),
        ("DOUBLE", [1234.0, 98.0], ["1,234", "98"]),
        ("DOUBLE", [0.5, 0.00123, 0.0], ["0.5000", "0.0012", "0.0000"]),
        ("DOUBLE", [12.0, 0.001, -0.001], ["12.00", "<0.01", ">−0.01"]),
        ("DECIMAL(5,2)", [Decimal("99.30"), Decimal("100.00")], ["99.30", "100.00"]),
        ("DECIMAL(5,2)", [Decimal("100.00"), Decimal("0.00")], ["100", "0"]),
        ("DOUBLE", [-math.inf, 12.5], ["−∞", "12.50"]),
        ("BOOLEAN", [True, None], ["true", ""]),
        ("BIGINT", [], []),
    ],
)
def test_all_numbers_of_a_column_are_shown_alike(type_: str, values: list[Any], says: list[str]) -> None:
    assert shown_column(Column("count", type_), values) == says


def test_how_it_is_taken_depends_on_how_much_it_is() -> None:
    few = Looked(Chosen(Asked("slo"), None, None, None), total=1, size=840, exact=True)
    many = replace(few, total=412_310, size=34_000_000, exact=False)
    too_many = replace(many, total=30_000_000, size=4_400_000_000)

    assert text(amount.amount(few)) == "1 row 840 bytes"
    assert text(amount.amount(many)) == "412,310 rows about 34 MB"
    assert "more than the 2.0 GB that are kept here" in text(amount.amount(too_many))
    assert [amount.is_small(one) for one in (few, many)] == [True, False]
    assert [amount.fits(one) for one in (many, too_many)] == [True, False]
    assert [text(amount.at_once(one)) for one in (few, many)] == ["Download", "Download without preparing"]


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (State.PREPARING, "250 of 1,000 rows, 9.0 kB written 25 %"),
        (State.FAILED, "Not made: the <disk> is full"),
        (State.READY, "250 rows; deleted in 58 min Download 9.0 kB"),
    ],
)
def test_a_row_says_how_far_it_is(state: State, says: str) -> None:
    one = Export(
        "id", Chosen(Asked("slo"), None, None, None), "slo.csv", NOW, 1000, Path("."), state, 250, 9000
    )
    one.says, one.gone = "the <disk> is full", NOW + timedelta(minutes=58, seconds=30)

    assert text(prepared.row(one, NOW)).endswith(says)


@pytest.mark.parametrize(
    ("address", "there"),
    [
        ("https://health.example.com/export?what=slo", "https://health.example.com"),
        ("http://[::1]:8501/export", "http://[::1]:8501"),
        ("javascript:alert(1)", "http://127.0.0.1:8501"),
        ("http://[", "http://127.0.0.1:8501"),
        (None, "http://127.0.0.1:8501"),
    ],
)
def test_commands_go_where_the_page_came_from(address: str | None, there: str) -> None:
    assert scripts.origin(address) == there


def test_commands_name_the_services_of_a_type() -> None:
    chosen = Chosen(Asked("slo", service_type=ServiceType.API, period="7d"), None, None, (OPENAI,))

    said = text(scripts.commands(chosen, None))

    assert "slo.csv?period=7d&type=api'" in said
    assert "export slo --period 7d --service api/openai --out slo.csv" in said
