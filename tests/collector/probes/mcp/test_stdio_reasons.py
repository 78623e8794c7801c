"""What a started server can do wrong, and the reason and the sentence it is given."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from analytics.model import Reason
from tests.collector.probes.mcp.checking import SERVERS, Checker, scripted


async def test_a_healthy_server(mcp: Checker) -> None:
    attempt = await mcp.scripted()
    assert attempt.finding.ok
    assert attempt.finding.message == "scripted 1.2.3 offers 2 tools"
    assert list(attempt.finding.details["steps_ms"]) == ["spawn", "discover", "tools/list"]
    assert "stderr" not in attempt.finding.details


async def test_a_server_of_the_sdk(mcp: Checker) -> None:
    options = {"command": sys.executable, "args": [str(SERVERS / "sdk_stdio.py")]}
    first = await mcp.check(**options, timeout=30)
    older = await mcp.check(**options, timeout=30, era="legacy")
    assert first.finding.message == "sdk 9.8.7 offers 1 tool"
    assert first.finding.details["protocol_version"] == "2026-07-28"
    assert older.finding.details["protocol_version"] == "2025-11-25"
    assert older.finding.details["tools_hash"] == first.finding.details["tools_hash"]


async def test_a_command_that_does_not_exist(mcp: Checker) -> None:
    finding = (await mcp.check(command="no-such-program-here")).finding
    assert (finding.reason, finding.message) == (
        Reason.COMMAND_MISSING,
        "no-such-program-here was not found; install it, or write its full path",
    )


async def test_a_file_that_is_no_program(mcp: Checker, tmp_path: Path) -> None:
    plain = tmp_path / "server"
    plain.write_text("#!/no/such/interpreter\n")
    finding = (await mcp.check(command=str(plain))).finding
    assert (finding.reason, finding.message) == (Reason.COMMAND_MISSING, f"{plain} is not executable")
    plain.chmod(0o755)
    finding = (await mcp.check(command=str(plain))).finding
    assert finding.reason is Reason.COMMAND_MISSING
    assert finding.message == f"{plain} cannot be started: the program its first line names was not found"
    plain.write_bytes(b"\x00\x01\x02")
    finding = (await mcp.check(command=str(plain))).finding
    assert (finding.reason, finding.message) == (
        Reason.COMMAND_MISSING,
        f"{plain} cannot be started: exec format error",
    )


async def test_a_folder_that_does_not_exist(mcp: Checker, tmp_path: Path) -> None:
    finding = (await mcp.check(command=sys.executable, cwd=str(tmp_path / "gone"))).finding
    assert finding.reason is Reason.BAD_CONFIGURATION
    assert finding.message == f"the folder {tmp_path / 'gone'} (cwd) does not exist"


@pytest.mark.parametrize(
    ("script", "message", "details"),
    [
        (
            {"exit_on": "start", "exit_code": 3, "stderr": "Error: API_KEY is required\nbye\n"},
            "exited with code 3 during discover: Error: API_KEY is required",
            {"exit_code": 3, "stderr": ["Error: API_KEY is required", "bye"]},
        ),
        ({"exit_on": "start", "exit_code": 0}, "exited with code 0 during discover", {"exit_code": 0}),
        (
            {"exit_on": "start", "noise": "Usage: server --port PORT\n"},
            "exited with code 0 during discover: Usage: server --port PORT",
            {"exit_code": 0, "stdout_noise": "Usage: server --port PORT"},
        ),
        (
            {"era": "legacy", "exit_on": "initialize", "exit_code": 1},
            "exited with code 1 during initialize",
            {"exit_code": 1},
        ),
        (
            {"exit_on": "tools/list", "exit_code": -9, "stderr": "last words\n"},
            "was ended by SIGKILL during tools/list: last words",
            {"exit_code": -9, "server_name": "scripted", "stderr": ["last words"]},
        ),
    ],
    ids=["with a reason", "silently", "after its usage", "in the handshake", "by a signal"],
)
async def test_a_server_that_ends(
    mcp: Checker, script: dict[str, Any], message: str, details: dict[str, Any]
) -> None:
    attempt = await mcp.scripted(**script)
    assert (attempt.finding.reason, attempt.finding.message) == (Reason.EXITED, message)
    assert details.items() <= attempt.finding.details.items()
    assert attempt.duration_ms < 5000


async def test_a_server_that_ends_while_its_child_holds_the_pipes(mcp: Checker) -> None:
    attempt = await mcp.scripted(child="group", exit_on="start", exit_code=4)
    assert attempt.finding.reason is Reason.EXITED
    assert attempt.finding.message == "exited with code 4 during discover"
    assert attempt.duration_ms < 8000


async def test_a_server_that_closes_its_output_and_lives_on(mcp: Checker) -> None:
    attempt = await mcp.check(command="sh", args=["-c", "exec >&-; exec sleep 60"], timeout=8)
    assert attempt.finding.reason is Reason.EXITED
    assert attempt.finding.message == "closed its standard output during discover"


async def test_a_server_that_hangs(mcp: Checker) -> None:
    attempt = await mcp.scripted(timeout=1, ignore=["tools/list"], stderr="connecting to db\n")
    assert attempt.finding.reason is Reason.TIMEOUT
    assert attempt.finding.message == "no answer within 1 s (during tools/list)"
    assert attempt.finding.details["stderr"] == ["connecting to db"]
    assert attempt.finding.details["server_name"] == "scripted"
    assert attempt.duration_ms == 1000


NOISE = {
    "Server listening on port 3000\n": "Server listening on port 3000",
    '{"level": 30, "msg": "started"}\n': '{"level": 30, "msg": "started"}',
    "\x1b[32mready\x1b[0m> ": "[32mready [0m>",
    "ü" * 500 + "\n": "ü" * 119 + "…",
}


async def test_noise_in_place_of_an_answer(mcp: Checker) -> None:
    """Text, a log in JSON, a prompt without an end of line, and a line that is too long to quote."""
    silent = {"timeout": 3, "ignore": ["server/discover", "initialize", "tools/list"]}
    attempts = await asyncio.gather(*(mcp.beside().scripted(noise=noise, **silent) for noise in NOISE))
    for attempt, quote in zip(attempts, NOISE.values(), strict=True):
        assert attempt.finding.reason is Reason.PROTOCOL
        assert attempt.finding.message == (
            f"writes text that is no MCP message to its standard output: {quote}"
        )
        assert attempt.finding.details["stdout_noise"] == quote
        assert attempt.duration_ms < 3000


async def test_noise_between_answers_is_forgiven_and_noted(mcp: Checker) -> None:
    attempt = await mcp.scripted(noise_on={"tools/list": "SELECT failed\n"})
    assert attempt.finding.ok
    assert attempt.finding.details["stdout_noise"] == "SELECT failed"


async def test_noise_in_place_of_the_second_answer(mcp: Checker) -> None:
    attempt = await mcp.scripted(
        timeout=2, noise_on={"server/discover": "", "tools/list": "oops\n"}, mute=["tools/list"]
    )
    assert attempt.finding.reason is Reason.PROTOCOL
    assert attempt.finding.message == "writes text that is no MCP message to its standard output: oops"
    assert attempt.finding.details["server_name"] == "scripted"


async def test_a_banner_is_forgiven_and_noted(mcp: Checker) -> None:
    attempt = await mcp.scripted(noise="*** welcome ***\n\n", start_after=0.3)
    assert attempt.finding.ok
    assert attempt.finding.details["stdout_noise"] == "*** welcome ***"


async def test_the_wait_after_noise_ends_with_the_first_message(mcp: Checker) -> None:
    """A banner must not shorten the time for the next answer: here it takes longer than that wait."""
    attempt = await mcp.scripted(timeout=3, noise="starting\n", slow={"tools/list": 1.7})
    assert attempt.finding.ok


async def test_a_flood_is_stopped_at_once(mcp: Checker) -> None:
    attempt = await mcp.check(command="yes", timeout=30)
    assert attempt.finding.reason is Reason.PROTOCOL
    assert attempt.finding.message == "writes text that is no MCP message to its standard output: y"
    assert attempt.duration_ms < 5000


async def test_a_program_that_repeats_what_it_hears(mcp: Checker) -> None:
    attempt = await mcp.check(command="cat")
    assert attempt.finding.reason is Reason.PROTOCOL


async def test_an_error_of_the_server(mcp: Checker) -> None:
    finding = (await mcp.scripted(errors={"tools/list": [-32603, "fetch failed"]})).finding
    assert finding.reason is Reason.UNHEALTHY
    assert finding.message == "tools/list failed: fetch failed (error -32603)"


async def test_a_result_that_is_not_valid(mcp: Checker) -> None:
    finding = (await mcp.scripted(answers={"tools/list": {"tools": "none"}})).finding
    assert finding.reason is Reason.PROTOCOL
    assert finding.message.startswith("the answer to tools/list is not valid MCP: ")


async def test_only_a_short_list_of_variables_is_inherited(
    mcp: Checker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "ours")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    names = ["AWS_SECRET_ACCESS_KEY", "HTTPS_PROXY", "GIVEN"]
    options = {**scripted(tools=[], variables=names), "env": {"GIVEN": "${TOKEN}"}}
    finding = (await mcp.check(**options)).finding
    assert set(finding.details["tools"]) == {
        "AWS_SECRET_ACCESS_KEY=None",
        "HTTPS_PROXY=http://127.0.0.1:9",
        "GIVEN=***",
    }
