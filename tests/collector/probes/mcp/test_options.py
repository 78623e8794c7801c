"""What an `mcp` entry may say, its defaults, and the sentence for everything it may not."""

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from collector.probes.mcp import KIND
from collector.probes.mcp_options import McpOptions, ToolCall

PAGE = (Path(__file__).parents[4] / "docs" / "probes" / "mcp.md").read_text()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "needs url (a server that runs already) or command (a server that is started for each check)"),
        (
            {"url": "http://a/mcp", "command": "npx"},
            "has both url and command; keep url if the server runs already, command if it is started here",
        ),
        (
            {"transport": "stdio", "url": "http://a/mcp"},
            'transport "stdio" needs command; for a url write transport = "http" or "sse", or leave it out',
        ),
        (
            {"transport": "sse", "command": "npx"},
            'transport "sse" needs url; for a command write transport = "stdio"',
        ),
        ({"url": "http://a/mcp", "args": ["-y"]}, "args belongs to command; a url takes headers"),
        ({"url": "http://a/mcp", "env": {"A": "b"}}, "env belongs to command; a url takes headers"),
        ({"url": "http://a/mcp", "cwd": "/tmp"}, "cwd belongs to command; a url takes headers"),
        (
            {"command": "npx", "headers": {"A": "b"}},
            "headers belongs to url; a command takes what it needs from env or args",
        ),
        (
            {"command": "npx -y server@1"},
            'command is the program alone; write command = "npx", args = ["-y", "server@1"]',
        ),
        ({"url": "localhost:3001/mcp"}, "is no http URL; write it like https://example.com/health"),
        (
            {"url": "http://a/mcp", "headers": {"X Token": "b"}},
            "'X Token' is no name of an HTTP header; write it like Authorization",
        ),
        (
            {"url": "http://a/mcp", "headers": {"X-Token": "a\r\nb"}},
            "X-Token must be one line of plain ASCII; is there a line break at its end?",
        ),
        (
            {"command": "npx", "env": {"A=B": "c"}},
            "'A=B' is no name of an environment variable; write it like API_KEY",
        ),
        (
            {"command": "npx", "env": {"A": "b\0"}},
            "A holds a NUL character; an environment variable cannot",
        ),
        ({"command": "npx", "args": ["\0"]}, "holds a NUL character; a command line cannot"),
    ],
)
def test_what_does_not_fit(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        McpOptions.model_validate(options)
    assert [error["msg"] for error in caught.value.errors()] == [f"Value error, {said}"]


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ({"command": "x", "transport": "pigeon"}, ("transport",)),
        ({"command": "x", "era": "stone age"}, ("era",)),
        ({"command": "x", "agrs": []}, ("agrs",)),
        ({"command": "x", "args": "-y"}, ("args",)),
        ({"command": "x", "env": {"PORT": 1}}, ("env", "PORT")),
        ({"command": "x", "call": {"arguments": {}}}, ("call", "tool")),
        ({"command": "x", "call": {"tool": "t", "expects": "x"}}, ("call", "expects")),
        ({"command": "x", "expect_tools": [""]}, ("expect_tools", 0)),
        ({"command": ""}, ("command",)),
    ],
)
def test_a_wrong_value_is_named_by_its_path(options: dict[str, Any], where: tuple[str | int, ...]) -> None:
    with pytest.raises(ValidationError) as caught:
        McpOptions.model_validate(options)
    assert [error["loc"] for error in caught.value.errors()] == [where]


@pytest.mark.parametrize(
    ("options", "transport", "interval", "timeout", "healthy_ms"),
    [
        ({"command": "npx"}, "stdio", timedelta(minutes=5), timedelta(seconds=30), 5000),
        ({"url": "https://a/mcp"}, "http", None, None, None),
        ({"url": "https://a/sse", "transport": "sse"}, "sse", None, None, None),
    ],
)
def test_defaults(
    options: dict[str, Any],
    transport: str,
    interval: timedelta | None,
    timeout: timedelta | None,
    healthy_ms: float | None,
) -> None:
    found = McpOptions.model_validate(options)
    assert found.speaks == transport
    assert (KIND.interval(found), KIND.timeout(found)) == (interval, timeout)
    assert KIND.healthy_ms_for(found) == healthy_ms
    assert KIND.healthy_ms == 2000


def test_the_options_survive_being_filled() -> None:
    written = {
        "command": "npx",
        "args": ["--key", "${KEY}"],
        "env": {"TOKEN": "${TOKEN}"},
        "call": {"tool": "t", "arguments": {"deep": [{"a": 1}]}, "expect": "x"},
        "expect_tools": ["t"],
    }
    options = McpOptions.model_validate(written)
    assert options.filled(options.model_dump(exclude_unset=True)) == options


@pytest.mark.parametrize(
    ("options", "target", "host"),
    [
        ({"url": "https://user:pass@a.example/mcp?token=1"}, "https://a.example/mcp", "a.example"),
        ({"url": "https://${HOST}/mcp"}, "https://${HOST}/mcp", None),
        ({"url": "http://localhost:3001/mcp"}, "http://localhost:3001/mcp", None),
        ({"command": "npx", "args": ["-y", "server@1"]}, "npx -y server@1", None),
        (
            {"command": "npx", "args": ["s", "--api-key", "sk-1", "--read-only", "--token=x", "TOKEN=y"]},
            "npx s --api-key *** --read-only --token=*** TOKEN=***",
            None,
        ),
        (
            {"command": "npx", "args": ["--api-key", "${KEY}", "--token=${TOKEN}", "keys"]},
            "npx --api-key ${KEY} --token=${TOKEN} keys",
            None,
        ),
    ],
)
def test_what_may_be_shown(options: dict[str, Any], target: str, host: str | None) -> None:
    found = McpOptions.model_validate(options)
    assert (found.target(), found.host()) == (target, host)


def test_no_credential_shows_in_the_representation() -> None:
    started = McpOptions(command="npx", args=["--api-key", "sk-1"], env={"TOKEN": "sk-2"})
    reached = McpOptions(url="https://a/mcp", headers={"Authorization": "Bearer sk-3"})
    assert "sk-" not in repr(started) + repr(reached)


def test_the_page_names_every_option() -> None:
    named = [*McpOptions.model_fields, *ToolCall.model_fields]
    assert [name for name in named if f"`{name}`" not in PAGE] == []


def test_the_examples_of_the_page_are_right() -> None:
    entries = tomllib.loads(PAGE.split("```toml")[1].split("```")[0])["services"]
    assert len(entries) == 4
    for entry in entries:
        assert (entry.pop("type"), entry.pop("probe")) == ("mcp", "mcp")
        entry.pop("name")
        McpOptions.model_validate(entry)
