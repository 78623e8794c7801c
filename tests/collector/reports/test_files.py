"""What the reports of a small database say, word by word; UPDATE_GOLDEN=1 renews the golden files."""

import os
import re
import struct
import zlib
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from markdown_it import MarkdownIt

from analytics.db import Location, read_only, transact
from collector.reports import rendering
from collector.reports.figures import Report, read_report
from collector.reports.headline import headline
from collector.reports.making import write
from collector.reports.periods import ReportKind, period_ending
from tests.collector.reports import small_database
from tests.collector.reports.small_database import END, START, filled, migrated

GOLDEN = Path(__file__).parent / "golden"
HOSTILE = "<script>alert(1)</script> | **bold** [x](https://evil.example) `c` www.evil.example <!-- ![i](u)"


def report(location: Location, kind: ReportKind) -> Report:
    return read_report(lambda: read_only(location), period_ending(kind, END, "Europe/Berlin"))


def assert_golden(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> Location:
    return filled(tmp_path_factory.mktemp("reports"))


@pytest.mark.parametrize("kind", list(ReportKind))
def test_a_report_reads_as_it_should(location: Location, kind: ReportKind) -> None:
    page = rendering.document(report(location, kind))
    assert_golden(f"{kind.value}.md", rendering.markdown(page, f"{kind.value}.png"))
    assert_golden(f"{kind.value}.html", rendering.html(page, b"picture"))


def test_the_first_sentence_says_who_was_down_for_how_long(location: Location) -> None:
    assert headline(report(location, ReportKind.DAILY)) == (
        "1 of 3 services were healthy whenever somebody looked; Shopify webhooks were down for 60 minutes "
        "(all of it in maintenance) and Shopify API was down for 14 minutes; "
        "the collector did not run for 30 minutes of the day."
    )


def test_uptime_is_known_with_and_without_maintenance(location: Location) -> None:
    _, api, webhook = report(location, ReportKind.DAILY).services
    assert webhook.checks is not None
    assert webhook.checks.uptime_percent == pytest.approx(100 * (1 - 60 / (20 * 60)))
    assert webhook.checks.uptime_percent_without_maintenance == 100.0
    assert webhook.unplanned.down == 0
    assert api.shares.down == 14 * 60
    assert api.unplanned == api.shares
    assert api.shares.unseen == 30 * 60


def test_an_api_that_is_judged_by_its_checks_has_traffic_and_a_line_of_latency(tmp_path: Path) -> None:
    location = filled(tmp_path)

    def add(connection: duckdb.DuckDBPyConnection) -> None:
        small_database.service(connection, "api", "status", 3)
        small_database.service(connection, "api", "shopify-b2b", 4)
        small_database.checks(connection, "api", "status", "healthy", START, END - timedelta(hours=1), ms=40)
        small_database.checks(connection, "api", "status", "down", END - timedelta(hours=1), END)
        small_database.checks(connection, "api", "shopify-b2b", "unknown", START, END)

    transact(location, add)
    found = report(location, ReportKind.DAILY)
    by_key = {service.key: service.calls for service in found.services}
    status = by_key["api", "status"]
    assert status is not None
    assert (status.calls, status.errors, status.p95_ms) == (1440, 60, 40)
    assert by_key["api", "shopify-b2b"] is None, "unknown is no call"
    shopify = by_key["api", "shopify"]
    assert shopify is not None
    assert shopify.calls == 2500 + 3 * 60, "in hours without a call its checks stand for it"
    assert {step.service_name for step in found.latency} == {"shopify", "status"}
    assert len([step for step in found.latency if step.service_name == "status"]) == 46


def test_a_report_of_a_time_before_the_first_start_says_how_to_get_another(tmp_path: Path) -> None:
    location = migrated(tmp_path)
    transact(location, lambda connection: small_database.runs(connection, END, END + timedelta(hours=1)))
    assert headline(report(location, ReportKind.DAILY)) == (
        "No data: the collector ran for the first time after this period. "
        "For one that ends later write when: report --at."
    )


def test_a_day_without_data_says_so(tmp_path: Path) -> None:
    location = migrated(tmp_path)
    found = report(location, ReportKind.DAILY)
    assert headline(found) == "No data: the collector has never run."
    transact(location, lambda connection: small_database.runs(connection, START - timedelta(days=2), START))
    found = report(location, ReportKind.DAILY)
    assert headline(found) == "No data: the collector did not run in this period."
    made = write(found, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "daily-2026-11-24-0800.html",
        "daily-2026-11-24-0800.md",
    ]
    said = made.base.with_name(f"{made.base.name}.md").read_text()
    assert "None: the collector did not run, and no alert could fire." in said
    assert "every alert" not in said
    assert "Every message" not in said
    assert "data:image" not in made.base.with_name(f"{made.base.name}.html").read_text()


def test_texts_from_outside_are_texts(tmp_path: Path) -> None:
    location = migrated(tmp_path)

    def fill(connection) -> None:
        small_database.runs(connection, START, END)
        small_database.service(connection, "mcp", HOSTILE, 0)
        small_database.checks(connection, "mcp", HOSTILE, "down", START, END, ms=5)
        small_database.incident(connection, "01a1759e-21c5-7356-8738-b38e48b94bb4", HOSTILE, START, None)
        small_database.notification(connection, None, HOSTILE, "refused", START, HOSTILE)
        small_database.suppressed(connection, START, HOSTILE, HOSTILE)
        small_database.maintenance(connection, HOSTILE, "mcp", HOSTILE, START, START + timedelta(hours=1))

    transact(location, fill)
    page = rendering.document(report(location, ReportKind.DAILY))
    html, markdown = rendering.html(page, b""), rendering.markdown(page, "picture.png")
    assert "<script" not in html
    assert html.count("&lt;script&gt;") >= 7
    as_page = MarkdownIt("gfm-like", {"linkify": False}).render(markdown)
    assert "<script" not in as_page
    assert "evil" in as_page
    assert "<a " not in as_page
    assert "<strong>bold" not in as_page
    assert "<code" not in as_page
    assert as_page.count("<img") == 1
    # Each row has as many fields as its table has columns: no bar of a text divides one.
    for row in re.findall(r"<tr>(.*?)</tr>", as_page, re.DOTALL):
        assert 2 <= len(re.findall(r"<t[hd]", row)) <= 9


@pytest.mark.parametrize(
    "text",
    [
        "# no heading",
        "1. no list",
        "- no list",
        "+ 1",
        "= x",
        "a\n\n# b",
        "~~x~~",
        "&amp;",
        "\\*",
        "a | b",
        "$x$",
    ],
)
def test_markdown_shows_a_text_as_it_is_spelt(text: str) -> None:
    shown = MarkdownIt("gfm-like", {"linkify": False}).render(rendering.escape_markdown(text))
    spelt = " ".join(text.split()).replace("&", "&amp;")
    assert shown == f"<p>{spelt}</p>\n"


@pytest.mark.parametrize("kind", list(ReportKind))
def test_the_picture_is_a_png_of_the_expected_size(
    location: Location, tmp_path: Path, kind: ReportKind
) -> None:
    made = write(report(location, kind), tmp_path)
    png = made.base.with_name(f"{made.base.name}.png").read_bytes()
    assert png[:16] == b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
    width, height = struct.unpack(">II", png[16:24])
    assert 1500 <= width <= 2200
    assert 500 <= height <= 1200
    assert len(png) < 300_000
    start = png.index(b"IDAT") + 4
    (size,) = struct.unpack(">I", png[start - 8 : start - 4])
    # As many bytes as pixels of four bytes need, and a filter's byte a line.
    assert len(zlib.decompress(png[start : start + size])) == height * (4 * width + 1)
    assert png.endswith(b"IEND\xaeB`\x82")
    assert made.base.with_name(f"{made.base.name}.html").read_text().count("data:image/png;base64,") == 1
    assert f"({made.base.name}.png)" in made.base.with_name(f"{made.base.name}.md").read_text()
