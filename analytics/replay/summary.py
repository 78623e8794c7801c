"""What a comparison comes to, in a few plain sentences."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from analytics.replay.comparison import Comparison, Pair
from analytics.replay.outcome import HEALED_WITHIN, Trouble
from analytics.rules.wording import lasting

#: So many incidents are named; of more, how many.
_NAMED = 3


def summary(comparison: Comparison, data_since: datetime | None) -> tuple[str, ...]:
    """What is different with the settings of the account `after`, one sentence each; the pages first.

    `data_since` is when the single rows begin that were replayed, None when there are none: of the time
    before nothing is said.
    """
    after = comparison.after
    if data_since is None or data_since >= after.until:
        begin = "there are none yet" if data_since is None else f"they begin at {_moment(data_since)}"
        return (f"No single row is of the {_period(after.since, after.until)}: {begin}.",)
    return (_pages(comparison, data_since), *_by_rule(comparison), *_incidents(comparison))


def is_cut(data_since: datetime | None, since: datetime, until: datetime) -> bool:
    """Whether single rows that begin at `data_since` lack more than a hundredth of [since, until): what is
    kept for thirty days is never there to the minute."""
    return data_since is not None and data_since - since > (until - since) / 100


def _pages(comparison: Comparison, data_since: datetime) -> str:
    before, after = comparison.before, comparison.after
    cut = is_cut(data_since, after.since, after.until)
    period = f"the {_period(data_since if cut else after.since, after.until)}"
    if cut:
        period += f" (single rows begin at {_moment(data_since)})"
    said = [
        f"With these settings {period} would have sent "
        + _instead(_count(len(after.pages), "page"), len(after.pages), len(before.pages))
    ]
    critical, was_critical = after.critical_pages, before.critical_pages
    if critical or was_critical:
        said.append(_instead(f"{critical or 'none'} of them critical", critical, was_critical))
    if after.noise or before.noise:
        noise = f"{after.noise or 'none'} for what was good again within {lasting(HEALED_WITHIN)} by itself"
        said.append(_instead(noise, after.noise, before.noise))
    return f"{', '.join(said)}."


def _by_rule(comparison: Comparison) -> Iterator[str]:
    """Where the pages that are more or fewer come from."""
    before, after = (
        Counter(page.rule for page in one.pages) for one in (comparison.before, comparison.after)
    )
    changed = [
        f"{rule} {after[rule]} instead of {before[rule]}"
        for rule in sorted({*before, *after})
        if before[rule] != after[rule]
    ]
    if changed:
        yield f"Pages by rule: {', '.join(changed)}."


def _incidents(comparison: Comparison) -> Iterator[str]:
    if comparison.is_same:
        count = len(comparison.before.troubles)
        said = f"{_count(count, 'incident')} before and after, none of them different."
        yield said if count else "There was no incident, and there would have been none."
        return
    if comparison.missed:
        yield f"{_would_be(len(comparison.missed))} missed: {_named(comparison.missed)}."
    if comparison.waiting:
        waits = _count(len(comparison.waiting), "incident")
        yield f"{waits} would not be told yet, and may still be: {_named(comparison.waiting)}."
    if comparison.silenced:
        named = _named(pair.before for pair in comparison.silenced)
        yield f"{_would_be(len(comparison.silenced))} seen, and nobody told of it: {named}."
    if comparison.voiced:
        named = _named(pair.after for pair in comparison.voiced)
        yield f"{_would_be(len(comparison.voiced))} told of which nobody was: {named}."
    if comparison.later:
        yield f"{_would_be(len(comparison.later))} told later, by {_span_of(comparison.later)}."
    if comparison.earlier:
        yield f"{_would_be(len(comparison.earlier))} told earlier, by {_span_of(comparison.earlier)}."
    if comparison.new:
        yield f"{_would_be(len(comparison.new))} new: {_named(comparison.new)}."
    for word, count in (
        ("louder", sum(pair.louder > 0 for pair in comparison.pairs)),
        ("quieter", sum(pair.louder < 0 for pair in comparison.pairs)),
    ):
        if count:
            yield f"{_would_be(count)} of a {word} severity."


def _named(troubles: Iterable[Trouble]) -> str:
    """The longest ones, and how many more there are."""
    longest = sorted(troubles, key=lambda one: (-_lasted(one), one.began_at))
    named = [
        f"{one.service} on {_moment(one.began_at)} ({one.severity}, "
        f"{'not over' if one.resolved_at is None else lasting(one.resolved_at - one.began_at)})"
        for one in longest[:_NAMED]
    ]
    more = len(longest) - _NAMED
    return ", ".join([*named, f"and {more} more"] if more > 0 else named)


def _lasted(trouble: Trouble) -> float:
    if trouble.resolved_at is None:
        return float("inf")
    return (trouble.resolved_at - trouble.began_at).total_seconds()


def _span_of(pairs: Iterable[Pair]) -> str:
    lengths = sorted(abs(pair.later) for pair in pairs if pair.later is not None)
    least, most = lasting(lengths[0]), lasting(lengths[-1])
    return least if least == most else f"{least} to {most}"


def _would_be(count: int) -> str:
    return f"{_count(count, 'incident')} would have been"


def _instead(said: str, count: int, before: int) -> str:
    return f"{said} as before" if count == before else f"{said} instead of {before}"


def _count(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"


def _period(since: datetime, until: datetime) -> str:
    return f"{_length(until - since)} up to {_moment(until)}"


def _length(length: timedelta) -> str:
    days = length / timedelta(days=1)
    if days < 1 / 12:
        return _count(round(days * 24 * 60), "minute")
    return _count(round(days), "day") if days >= 2 else _count(round(days * 24), "hour")


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
