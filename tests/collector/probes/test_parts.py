"""A service made of parts: all are asked at once, and the worst tells how it is."""

import asyncio

import pytest

from analytics.model import Finding, Reason
from collector.probes.base import ProbeContext, ProbeFailure
from collector.probes.http_transport import probe_client
from collector.probes.parts import Part, PartProbe, ask_parts, worst


def part(reason: Reason) -> Part:
    return Part(str(reason), Finding(reason is Reason.OK, reason, "said"), 1.0)


@pytest.mark.parametrize(
    ("reasons", "tells"),
    [
        ([Reason.OK, Reason.OK], Reason.OK),
        ([Reason.OK, Reason.AUTH], Reason.AUTH),
        ([Reason.AUTH, Reason.HTTP_5XX], Reason.HTTP_5XX),
        ([Reason.AUTH, Reason.COLLECTOR_ERROR], Reason.COLLECTOR_ERROR),
        ([Reason.COLLECTOR_ERROR, Reason.TIMEOUT], Reason.TIMEOUT),
        ([Reason.TIMEOUT, Reason.HTTP_5XX], Reason.TIMEOUT),
    ],
)
def test_the_worst_part_tells(reasons: list[Reason], tells: Reason) -> None:
    assert worst([part(reason) for reason in reasons]).finding.reason is tells


async def ask(timeout: float = 5.0, **probes: PartProbe) -> tuple[list[Part], ProbeContext]:
    async with probe_client() as client:
        context = ProbeContext(client, timeout)
        async with asyncio.timeout(timeout):
            return await ask_parts(context, probes), context


async def test_parts_are_asked_at_the_same_time() -> None:
    all_in = asyncio.Barrier(2)

    async def wait_for_the_other(_context: ProbeContext) -> Finding:
        await all_in.wait()
        return Finding(True, Reason.OK, "met")

    parts, context = await ask(one=wait_for_the_other, two=wait_for_the_other)
    assert [part.finding.message for part in parts] == ["met", "met"]
    assert set(context.steps.as_dict()) == {"one", "two"}


async def test_steps_and_notes_of_a_part_stay_its_own() -> None:
    async def notes(context: ProbeContext) -> Finding:
        context.notes["seen"] = 1
        with context.steps.step("step"):
            raise ProbeFailure(Reason.CONNECT, "gone", {"more": 2})

    (only,), context = await ask(only=notes)
    details = only.as_details()
    assert (details["ok"], details["reason"], details["message"]) == (False, "connect", "gone")
    assert (details["seen"], details["more"], list(details["steps_ms"])) == (1, 2, ["step"])
    assert context.notes == {}
    assert context.steps.unfinished is None


async def test_a_fault_of_ours_in_one_part_leaves_the_others() -> None:
    async def broken(_context: ProbeContext) -> Finding:
        raise ValueError("of ours")

    async def good(_context: ProbeContext) -> Finding:
        return Finding(True, Reason.OK, "fine")

    (one, two), _ = await ask(one=broken, two=good)
    assert (one.finding.reason, one.finding.message) == (
        Reason.COLLECTOR_ERROR,
        "the probe failed: ValueError: of ours",
    )
    assert two.finding.ok


async def test_a_part_that_hangs_ends_before_the_attempt() -> None:
    async def hang(context: ProbeContext) -> Finding:
        with context.steps.step("waiting"):
            await asyncio.Event().wait()
        raise AssertionError

    (only,), _ = await ask(timeout=1, only=hang)
    assert (only.finding.reason, only.finding.message) == (
        Reason.TIMEOUT,
        "no answer within 0.9 s (during waiting)",
    )
