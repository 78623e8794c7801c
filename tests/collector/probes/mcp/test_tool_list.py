"""The tool list: its fingerprint, what changed, and what must be there."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.model import Reason
from collector.probes.mcp_tools import Changes, changes, fingerprint
from tests.collector.probes.mcp.checking import Checker
from tests.servers.http_loopback import ScriptedMcp, serve

SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
schemas = st.dictionaries(st.text(), json_values, max_size=3)


def test_a_fingerprint_is_stable() -> None:
    found = fingerprint([("two", {}), ("one", SCHEMA)])
    assert found.whole == "e12b4d1832e37972c552e698d0ab1b5f5586eecdcc1222169c3aef535d0a192b"
    assert found.each == {"one": "78f913a9", "two": "44136fa3"}


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(st.text(), schemas, max_size=5), st.randoms(use_true_random=False))
def test_order_does_not_count(tools: dict[str, Any], random: Any) -> None:
    shuffled = [(name, dict(reversed(schema.items()))) for name, schema in tools.items()]
    random.shuffle(shuffled)
    assert fingerprint(tools.items()) == fingerprint(shuffled)


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(st.text(), schemas, max_size=4), st.dictionaries(st.text(), schemas, max_size=4))
def test_the_whole_changes_exactly_when_something_did(before: Any, after: Any) -> None:
    first, second = fingerprint(before.items()), fingerprint(after.items())
    assert (first.whole == second.whole) == (not changes(first.each, second.each))


def test_what_changed() -> None:
    found = changes({"gone": "1", "same": "2", "other": "3"}, {"same": "2", "other": "4", "new": "5"})
    assert found == Changes(added=("new",), removed=("gone",), changed=("other",))
    assert found.in_words() == "removed gone; changed other; added new"
    assert found.as_details() == {
        "tools_added": ["new"],
        "tools_removed": ["gone"],
        "tools_changed": ["other"],
    }
    assert not changes({"a": "1"}, {"a": "1"})


def test_a_long_list_of_changes_is_cut() -> None:
    found = changes({}, {f"tool{number}": "1" for number in range(8)})
    assert found.in_words() == "added tool0, tool1, tool2, tool3, tool4 and 3 more"


async def test_a_change_is_reported_once(mcp: Checker) -> None:
    server = ScriptedMcp(tools=["one", "two"])
    with serve(server.app) as address:
        first = await mcp.check(url=f"{address}/mcp")
        server.tools = ["two", "three"]
        second = await mcp.check(url=f"{address}/mcp", previous=first.finding.details)
        third = await mcp.check(url=f"{address}/mcp", previous=second.finding.details)
    assert first.finding.ok
    assert (second.finding.ok, second.finding.reason) == (False, Reason.SCHEMA_CHANGED)
    assert second.finding.message == "the tool list changed: removed one; added three"
    assert second.finding.details["tools_removed"] == ["one"]
    assert second.finding.details["tools_added"] == ["three"]
    assert second.finding.details["tool_count"] == 2
    assert second.finding.latency_ms is not None
    assert third.finding.ok
    assert "tools_added" not in third.finding.details


@pytest.mark.parametrize("previous", [{}, {"tools": None}, {"tools": "nonsense"}, {"era": "modern"}])
async def test_without_a_baseline_nothing_has_changed(mcp: Checker, previous: dict[str, Any]) -> None:
    assert (await mcp.scripted(previous=previous)).finding.ok


async def test_an_empty_baseline_is_one(mcp: Checker) -> None:
    finding = (await mcp.scripted(previous={"tools": {}})).finding
    assert finding.message == "the tool list changed: added one, two"


async def test_a_tool_that_must_be_there_is_missed_as_long_as_it_is_missing(mcp: Checker) -> None:
    server = ScriptedMcp(tools=["one"])
    with serve(server.app) as address:
        url, expected = f"{address}/mcp", ["one", "two"]
        first = await mcp.check(url=url, expect_tools=expected)
        again = await mcp.check(url=url, expect_tools=expected, previous=first.finding.details)
        server.tools = ["one", "two"]
        back = await mcp.check(url=url, expect_tools=expected, previous=again.finding.details)
        calm = await mcp.check(url=url, expect_tools=expected, previous=back.finding.details)
    for attempt in (first, again):
        assert attempt.finding.reason is Reason.SCHEMA_CHANGED
        assert attempt.finding.message == "the tool list changed: missing two"
        assert attempt.finding.details["tools_missing"] == ["two"]
    assert back.finding.message == "the tool list changed: added two"
    assert calm.finding.ok
