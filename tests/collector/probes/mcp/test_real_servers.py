"""The real MCP servers people monitor, pinned: handshake, all tools, twice each, and nothing left behind."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from analytics.model import Attempt, Reason
from tests.collector.probes.mcp.checking import SERVERS, Checker
from tests.need import program
from tests.plugins.ports import answers, free_port, wait_until

#: How long a server may take to start on a busy machine.
PATIENT = 60.0
QUIET = {"DO_NOT_TRACK": "1", "OPT_OUT_INSTRUMENTATION": "true"}


async def twice(mcp: Checker, **options: Any) -> Attempt:
    """Check, check again with what the first one learned, and give the first."""
    first = await mcp.check(timeout=PATIENT, **options)
    assert first.finding.ok, first.finding
    again = await mcp.check(timeout=PATIENT, previous=first.finding.details, **options)
    assert again.finding.ok, again.finding
    assert again.finding.details["tools"] == first.finding.details["tools"]
    assert mcp.left_behind() == []
    return first


def identity(attempt: Attempt) -> tuple[Any, ...]:
    names = ("server_name", "server_version", "protocol_version", "era", "tool_count")
    return tuple(attempt.finding.details[name] for name in names)


def node(modules: Path, script: str, *args: str) -> dict[str, Any]:
    return {"command": program("node"), "args": [str(modules / script), *args]}


async def test_shopify(mcp: Checker, node_modules: Path) -> None:
    attempt = await twice(mcp, **node(node_modules, "@shopify/dev-mcp/dist/index.js"), env=QUIET)
    assert identity(attempt) == ("shopify-dev-mcp", "1.16.0", "2025-11-25", "legacy", 5)


async def test_context7_over_stdio(mcp: Checker, node_modules: Path) -> None:
    attempt = await twice(mcp, **node(node_modules, "@upstash/context7-mcp/dist/index.js"))
    assert identity(attempt) == ("Context7", "4.1.1", "2026-07-28", "modern", 2)
    assert set(attempt.finding.details["tools"]) == {"query-docs", "resolve-library-id"}


@pytest.fixture
def context7(node_modules: Path) -> Iterator[str]:
    """Context7 over HTTP, running."""
    port = free_port()
    script = node_modules / "@upstash/context7-mcp/dist/index.js"
    process = subprocess.Popen(
        [program("node"), str(script), "--transport", "http", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | QUIET,
    )
    wait_until(lambda: answers(port), "context7", PATIENT)
    yield f"http://127.0.0.1:{port}/mcp"
    process.kill()
    process.wait()


async def test_context7_over_http(mcp: Checker, context7: str) -> None:
    attempt = await twice(mcp, url=context7)
    assert identity(attempt) == ("Context7", "4.1.1", "2026-07-28", "modern", 2)
    older = await mcp.check(url=context7, era="legacy")
    assert older.finding.details["protocol_version"] == "2025-11-25"


async def test_supabase(mcp: Checker, node_modules: Path) -> None:
    script = node(node_modules, "@supabase/mcp-server-supabase/dist/cli.js", "--features=database")
    attempt = await twice(mcp, **script, env={"SUPABASE_ACCESS_TOKEN": "sbp_not_a_real_token"})
    assert identity(attempt) == ("supabase", "0.13.0", "2026-07-28", "modern", 5)


async def test_supabase_without_a_token_says_what_it_wants(mcp: Checker, node_modules: Path) -> None:
    script = node(node_modules, "@supabase/mcp-server-supabase/dist/cli.js", "--features=database")
    finding = (await mcp.check(timeout=PATIENT, **script)).finding
    assert finding.reason is Reason.EXITED
    assert finding.message.startswith("exited with code 1 during discover: Please provide a personal access")
    assert finding.details["exit_code"] == 1


async def test_github(mcp: Checker, node_modules: Path) -> None:
    script = node(node_modules, "@modelcontextprotocol/server-github/dist/index.js")
    attempt = await twice(mcp, **script, env={"GITHUB_PERSONAL_ACCESS_TOKEN": "not-a-real-token"})
    assert identity(attempt) == ("github-mcp-server", "0.6.2", "2024-11-05", "legacy", 26)


async def test_npx_starts_a_pinned_server(mcp: Checker, node_modules: Path) -> None:
    """npx starts node through a shell: the whole chain must be gone afterwards."""
    options: dict[str, Any] = {"args": ["--no-install", "context7-mcp"], "cwd": str(node_modules.parent)}
    finding = (await mcp.check(timeout=PATIENT, command=program("npx"), **options)).finding
    assert finding.ok, finding
    assert finding.details["server_name"] == "Context7"


async def test_google_analytics(mcp: Checker) -> None:
    attempt = await twice(mcp, command=str(Path(sys.executable).with_name("analytics-mcp")))
    assert identity(attempt) == ("Google Analytics MCP Server", None, "2026-07-28", "modern", 9)


async def test_a_llamaindex_workflow(mcp: Checker) -> None:
    script = str(SERVERS / "llamaindex_workflow.py")
    attempt = await twice(mcp, command=sys.executable, args=[script])
    assert identity(attempt) == ("rag", None, "2026-07-28", "modern", 1)
    assert list(attempt.finding.details["tools"]) == ["answer_question"]
