"""How a status is decided, in words, with the limits that are in force. HTML."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from analytics.model import Basis, Policy, Status
from pages._ui import marks, panels, words

_TITLES = {
    Basis.PRESENT: ("MCP servers, infrastructure", "the present: its newest check"),
    Basis.CALLS: ("External APIs", "all calls of the last hour, checks among them"),
    Basis.DELIVERIES: ("Webhooks", "the deliveries of the last hour"),
}

_ALSO = (
    (
        "A failure is confirmed before it counts.",
        "A failed check is repeated at once and then every 5 seconds. Until it is sure the service is "
        "degraded; what passes only on a repeat is degraded too, never silently green.",
    ),
    (
        "Unknown is never down time.",
        "It says that the monitor could not know: no credentials, no data, a collector that stood still. It "
        "is drawn as a gap, and left out of every uptime and of the health score.",
    ),
    (
        "An API has two witnesses.",
        "While the calls of your programs get through, a failing check of our own makes it degraded at most: "
        "what fails is then on our side.",
    ),
    (
        "A share of few says little.",
        "Down by success rate or by verification takes at least six failures as well.",
    ),
    (
        "The worst rule wins.",
        "Of several reasons the worst one decides and is shown; unknown wins where there is no data.",
    ),
    (
        "The health score",
        "is the mean over the services whose status is known: healthy 1, degraded ½, down 0. It is cut, "
        "never rounded up.",
    ),
)


def rules(policies: Sequence[Policy | None]) -> str:
    """The rules of each kind of service with the limits of `policies`, and what holds for all."""
    return _rules(tuple(sorted({one for one in policies if one}, key=str)))


@lru_cache(maxsize=8)
def _rules(policies: tuple[Policy, ...]) -> str:
    cards = "".join(_card(basis, [one for one in policies if one.basis is basis]) for basis in Basis)
    also = "".join(f"<li><b>{title}</b> {text}</li>" for title, text in _ALSO)
    body = f'<div class="about-bases">{cards}</div><ul class="about-also">{also}</ul>'
    return panels.card(
        "How a status is decided",
        body,
        "one rule for pages, alerts, reports and notebooks",
        classes="about-judging",
    )


def _card(basis: Basis, policies: list[Policy]) -> str:
    title, about = _TITLES[basis]
    lines = {
        Basis.PRESENT: _present,
        Basis.CALLS: _calls,
        Basis.DELIVERIES: _deliveries,
    }[basis](policies)
    rows = "".join(
        f"<div><dt>{marks.pill(status)}</dt><dd>{text}</dd></div>"
        for status, text in zip(
            (Status.HEALTHY, Status.DEGRADED, Status.DOWN, Status.UNKNOWN), lines, strict=True
        )
    )
    return f"<section><h3>{title}<span>{about}</span></h3><dl>{rows}</dl></section>"


def _present(policies: list[Policy]) -> tuple[str, str, str, str]:
    limit = _milliseconds(one.healthy_ms for one in policies)
    times = _numbers((one.sure_after for one in policies), "3")
    return (
        f"It answers as it should, within its limit{limit}.",
        "It answers later than that, only on a repeat, or alive and refusing; or a failure is not sure yet.",
        f"No answer as it should be, {times} times in a row.",
        f"No check for {_spans(policies, '5 min')}, or the monitor itself is at fault.",
    )


def _calls(policies: list[Policy]) -> tuple[str, str, str, str]:
    low = _milliseconds(one.healthy_ms for one in policies)
    high = _milliseconds(one.down_ms for one in policies)
    above, below = _percents(policies)
    times = _numbers((one.sure_after for one in policies), "6")
    return (
        f"More than {above} succeed, and the P95 is below its limit{low}.",
        f"From {below} to {above} succeed, or the P95 is between its limits.",
        f"Less than {below} succeed, the P95 is over its down limit{high}, or the newest {times} failed in "
        "a row.",
        f"No call for {_spans(policies, '5 min')}.",
    )


def _deliveries(policies: list[Policy]) -> tuple[str, str, str, str]:
    above, below = _percents(policies)
    return (
        f"More than {above} are genuine, and of these more than {above} were processed.",
        f"From {below} to {above} are genuine, or processed.",
        f"Less than {below} are genuine, or processed.",
        f"It is silent for much longer than it usually is, at the latest after {_spans(policies, '1 h')}.",
    )


def _milliseconds(limits: Iterable[float]) -> str:
    found = sorted(set(limits))
    if not found:
        return ""
    low, high = words.milliseconds(found[0]), words.milliseconds(found[-1])
    return f" (<b>{low}</b>)" if low == high else f" (<b>{low}</b> to <b>{high}</b>)"


def _percents(policies: list[Policy]) -> tuple[str, str]:
    above = _numbers((one.healthy_above_percent for one in policies), "95")
    below = _numbers((one.down_below_percent for one in policies), "90")
    return f"{above} %", f"{below} %"


def _numbers(found: Iterable[float], usual: str) -> str:
    known = sorted(set(found))
    if not known:
        return f"<b>{usual}</b>"
    return f"<b>{known[0]:g}</b>" if len(known) == 1 else f"<b>{known[0]:g}</b> to <b>{known[-1]:g}</b>"


def _spans(policies: list[Policy], usual: str) -> str:
    known = sorted({one.stale_after for one in policies})
    if not known:
        return f"<b>{usual}</b>"
    low, high = words.span(known[0]), words.span(known[-1])
    return f"<b>{low}</b>" if low == high else f"<b>{low}</b> to <b>{high}</b>"
