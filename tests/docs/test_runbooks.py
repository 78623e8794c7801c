"""The runbooks: a page for everything that may be alerted on, and nothing in them that does not work."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import pytest

from analytics.alerting import AlertRule
from analytics.ids import uuid7
from analytics.model import Reason
from analytics.rules.runbooks import RULE_PAGES, runbook_page
from collector.store import insert_rows

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "runbooks"
PAGES = sorted(FOLDER.glob("*.md"))
RUNBOOKS = [path for path in PAGES if path.stem != "README"]
BESIDE = [ROOT / "docs" / f"{name}.md" for name in ("vendor-status", "watching-the-watcher")]
REASONS = sorted(set(Reason) - {Reason.OK})
SERVICES = [
    ("api", "shopify"),
    ("api", "chatwoot"),
    ("api", "openai"),
    ("mcp", "github"),
    ("infrastructure", "redis"),
    ("infrastructure", "fly"),
]
HEADINGS = ["What it means", "How to confirm", "What to do", "How to tell that it is over"]


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """The real schema, and some rows: there are faults of a statement that show with rows alone."""
    with duckdb.connect() as made:
        for path in sorted((ROOT / "analytics/sql/schema").glob("*.sql")):
            made.execute(path.read_text())
        insert_rows(made, "integration_health_checks", list(checks()))
        insert_rows(made, "api_metrics", list(calls()))
        yield made


def checks() -> Iterator[dict[str, Any]]:
    details = {"tls_days_left": 12.5, "tls_not_after": "2026-12-08T00:00:00Z", "steps_ms": {"dns": 1}}
    for reason, (kind, name) in product(REASONS, SERVICES):
        row = {
            "id": uuid7(),
            "run_id": uuid7(),
            "timestamp": datetime.now(UTC),
            "attempt": 1,
            "reason": reason,
        }
        yield row | {"service_type": kind, "service_name": name, "status": "degraded", "details": details}


def calls() -> Iterator[dict[str, Any]]:
    quota = {"quota_name": "tokens", "quota_used": 95, "quota_limit": 100}
    for name, status in product(("shopify", "openai", "google_analytics"), (200, 401, 404, 429, 500, None)):
        row = {
            "id": uuid7(),
            "timestamp": datetime.now(UTC),
            "api_name": name,
            "status_code": status,
            **quota,
        }
        yield row | {"endpoint": "/x", "origin": "shop", "response_time_ms": 9, "retries": 1}


def named(path: Path) -> str:
    return path.stem


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", path.read_text(), re.MULTILINE | re.DOTALL)


def test_every_reason_has_its_page_and_every_page_its_reason_or_rule() -> None:
    assert {path.stem for path in RUNBOOKS} == {str(reason) for reason in REASONS} | RULE_PAGES


def test_every_alert_leads_to_a_page() -> None:
    for rule, reason in product(AlertRule, Reason):
        assert (FOLDER / f"{runbook_page(rule, reason)}.md").is_file(), (rule, reason)


@pytest.mark.parametrize("path", RUNBOOKS, ids=named)
def test_a_page_says_the_four_things_and_is_short(path: Path) -> None:
    text = path.read_text()
    lines = text.splitlines()
    assert lines[0].startswith(f"# {path.stem}: ")
    assert [line[3:] for line in lines if line.startswith("## ")] == HEADINGS
    assert 15 <= len(lines) <= 50
    parts = re.split(r"^## .*$", text, flags=re.MULTILINE)[1:]
    assert all(part.strip() for part in parts)


def test_the_index_names_every_page_once() -> None:
    rows = re.findall(r"^\| \[(\w+)\]\((\w+)\.md\) \|", (FOLDER / "README.md").read_text(), re.MULTILINE)
    assert all(shown == target for shown, target in rows)
    assert sorted(target for _, target in rows) == sorted(path.stem for path in RUNBOOKS)


@pytest.mark.parametrize("path", [*PAGES, *BESIDE], ids=named)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text()):
        if "://" not in target:
            assert (path.parent / target).is_file(), target


@pytest.mark.parametrize("path", [*PAGES, *BESIDE], ids=named)
def test_every_statement_runs_on_the_schema(path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    for block in blocks(path, "sql"):
        for statement in filter(str.strip, block.split(";")):
            rows = connection.execute(statement).fetchall()
            if re.search(r"integration_health_checks|api_metrics", statement):
                assert rows or path.stem == "no_data", statement


def test_every_page_but_few_shows_what_the_database_knows() -> None:
    assert [path.stem for path in RUNBOOKS if not blocks(path, "sql")] == []


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_commands_of_the_collector_exist(path: Path) -> None:
    text = path.read_text()
    for word in re.findall(r"python -m collector (--[a-z-]+|[a-z-]+)", text):
        if word.startswith("--"):
            assert word in ("--check-config", "--once", "--version")
        else:
            assert (ROOT / "collector" / "commands" / f"{word.replace('-', '_')}.py").is_file(), word
    for service in re.findall(r"collector explain (\S+)", text):
        assert re.fullmatch(r"(mcp|api|webhook|infrastructure)/[a-z_]+", service), service


@pytest.mark.parametrize("path", [*PAGES, *BESIDE], ids=named)
def test_metrics_and_settings_that_are_named_exist(path: Path) -> None:
    text = path.read_text()
    documented = (ROOT / "docs" / "ingest.md").read_text()
    for metric in re.findall(r"\b(?:collector|integration|health|ingest)_[a-z_]+\b", text):
        if metric in documented or metric in (*Reason, "integration_health_checks", "integration_incidents"):
            continue
        assert metric in ("collector_runs", "health_url"), metric
    for rule in re.findall(r"\[alerts\.(\w+)\]", text):
        assert rule in list(AlertRule)
