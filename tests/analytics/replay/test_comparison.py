"""Two accounts compared: nothing is lost, nothing told twice, and an account is never other than itself."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.model import Severity
from analytics.replay.comparison import Comparison, compare
from analytics.replay.frames import comparison_frame
from analytics.replay.outcome import Account, Page
from analytics.replay.summary import summary
from tests.analytics.replay.accounts import CHAT, SHOP, SINCE, UNTIL, account, at, moved, trouble

LONG, SHORT = trouble(1, 100, 160), trouble(2, 600, 610, service=CHAT)


@st.composite
def accounts(draw: st.DrawFn) -> Account:
    """Any incidents, also such as the rules never make: of one service at the same time, told at any time."""
    made = []
    for number in range(draw(st.integers(0, 6))):
        began = draw(st.integers(-60, 1400))
        resolved = draw(st.none() | st.integers(0, 200).map(lambda lasted, began=began: began + lasted))
        told = draw(st.lists(st.integers(0, 60).map(lambda after, began=began: began + after), max_size=2))
        service, severity = draw(st.sampled_from([SHOP, CHAT])), draw(st.sampled_from(list(Severity)))
        made.append(trouble(number, began, resolved, sorted(told), service, severity))
    return account(*made)


@settings(max_examples=50)
@given(accounts())
def test_an_account_is_the_same_as_itself(one: Account) -> None:
    found = compare(one, one)
    assert found.is_same
    assert (found.missed, found.new, found.later, found.earlier) == ((), (), (), ())
    assert [pair.before for pair in found.pairs] == list(one.troubles)


@settings(max_examples=50)
@given(accounts(), accounts())
def test_missed_and_new_change_places_with_the_accounts(one: Account, other: Account) -> None:
    there, back = compare(one, other), compare(other, one)
    assert (there.missed, there.new) == (back.new, back.missed)
    met = [pair.before.id for pair in there.pairs]
    assert sorted([*met, *(lost.id for lost in there.missed)]) == sorted(item.id for item in one.troubles)
    assert all(pair.before.service == pair.after.service for pair in there.pairs)


@settings(max_examples=50)
@given(accounts(), accounts())
def test_what_is_missed_overlaps_nothing_of_its_service(one: Account, other: Account) -> None:
    close = timedelta(minutes=5)
    for lost in compare(one, other).missed:
        for found in other.troubles:
            if found.service == lost.service:
                ends = lost.resolved_at or max(UNTIL, lost.began_at)
                found_ends = found.resolved_at or max(UNTIL, found.began_at)
                assert found.began_at > ends + close or found_ends < lost.began_at - close


@pytest.mark.parametrize("minutes", [-1.5, 4.0])
def test_later_and_earlier(minutes: float) -> None:
    found = compare(account(LONG, SHORT), account(moved(LONG, minutes), SHORT))
    changed = found.later if minutes > 0 else found.earlier
    assert [(pair.before, pair.later) for pair in changed] == [(LONG, timedelta(minutes=minutes))]
    assert not found.is_same
    assert len(found.later) + len(found.earlier) == 1


def test_missed_new_and_close_enough() -> None:
    near, far = trouble(3, 615, 620, service=CHAT), trouble(4, 615.1, 620, service=CHAT)
    assert compare(account(SHORT), account(near)).missed == ()
    found = compare(account(SHORT, LONG), account(far, LONG))
    assert (found.missed, found.new) == ((SHORT,), (far,))


def test_two_that_are_one_in_the_other_account_are_not_missed() -> None:
    first, second = trouble(1, 100, 110), trouble(2, 130, 140)
    merged = trouble(3, 100, 145, told=[102])
    found = compare(account(first, second), account(merged))
    assert (found.missed, found.new) == ((), ())
    assert [(pair.before, pair.later) for pair in found.pairs] == [(first, timedelta(0)), (second, None)]
    told_again = compare(account(first, second), account(trouble(3, 100, 145, told=[102, 134])))
    assert [pair.later for pair in told_again.pairs] == [timedelta(0), timedelta(minutes=2)]
    split = compare(account(merged), account(first, second))
    assert (split.missed, split.new, len(split.pairs)) == ((), (), 1)


def test_what_nobody_is_told_of_is_silenced_and_not_late() -> None:
    found = compare(account(LONG), account(replace(LONG, told=(), told_at=None)))
    assert [pair.before for pair in found.silenced] == [LONG]
    assert (found.later, found.earlier, found.is_same) == ((), (), False)
    back = compare(found.after, found.before)
    assert [pair.after for pair in back.voiced] == [LONG]


def test_a_severity_that_is_another_one() -> None:
    quieter = replace(LONG, severity=Severity.INFO)
    assert [pair.louder for pair in compare(account(LONG), account(quieter)).pairs] == [-2]
    assert [pair.louder for pair in compare(account(quieter), account(LONG)).pairs] == [2]


def page(minutes: float, noise: bool = False, severity: Severity = Severity.CRITICAL) -> Page:
    return Page(at(minutes), "api/shopify", "service_down", severity, "down", ("oncall",), None, None, noise)


def compared() -> Comparison:
    """Of everything one: missed, new, silenced, later, and quieter."""
    silent, quiet = trouble(3, 900, 920), trouble(4, 1200, None)
    before = replace(
        account(LONG, SHORT, silent, quiet),
        pages=(page(102, noise=True), page(602), page(902, severity=Severity.WARNING)),
    )
    after = replace(
        account(
            moved(LONG, 2.5),
            replace(silent, told=(), told_at=None),
            replace(quiet, severity=Severity.WARNING),
            trouble(5, 300, 330, service=CHAT),
        ),
        pages=(page(104.5),),
    )
    return compare(before, after)


def test_the_summary_says_what_is_different() -> None:
    assert summary(compared(), SINCE) == (
        "With these settings the 24 hours up to 2026-11-02 00:00 UTC would have sent 1 page instead of 3, "
        "1 of them critical instead of 2, none for what was good again within 5 min by itself instead of 1.",
        "Pages by rule: service_down 1 instead of 3.",
        "1 incident would have been missed: api/chatwoot on 2026-11-01 10:00 UTC (critical, 10 min).",
        "1 incident would have been seen, and nobody told of it: api/shopify on 2026-11-01 15:00 UTC "
        "(critical, 20 min).",
        "1 incident would have been told later, by 2 min 30 s.",
        "1 incident would have been new: api/chatwoot on 2026-11-01 05:00 UTC (critical, 30 min).",
        "1 incident would have been of a quieter severity.",
    )


def test_the_summary_of_what_is_the_same() -> None:
    assert summary(compare(account(LONG), account(LONG)), SINCE)[1:] == (
        "1 incident before and after, none of them different.",
    )
    assert "There was no incident" in summary(compare(account(), account()), SINCE)[1]
    many = account(*(trouble(number, 60 * number, 60 * number + number) for number in range(1, 6)))
    assert summary(compare(many, account()), SINCE)[1].endswith("and 2 more.")


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (-99, "With these settings the 24 hours up to 2026-11-02 00:00 UTC would have"),
        (14, "With these settings the 24 hours up to 2026-11-02 00:00 UTC would have"),
        (
            660,
            "With these settings the 13 hours up to 2026-11-02 00:00 UTC (single rows begin at 2026-11-01 11",
        ),
        (1400, "With these settings the 40 minutes up to 2026-11-02 00:00 UTC (single rows"),
        (
            1440,
            "No single row is of the 24 hours up to 2026-11-02 00:00 UTC: they begin at 2026-11-02 00:00",
        ),
        (None, "No single row is of the 24 hours up to 2026-11-02 00:00 UTC: there are none yet."),
    ],
)
def test_the_summary_is_of_the_time_that_has_data(minutes: float | None, said: str) -> None:
    found = summary(compared(), None if minutes is None else at(minutes))
    assert found[0].startswith(said)
    assert (len(found) == 1) == said.startswith("No single row")


def test_the_frame_has_a_row_for_every_incident() -> None:
    frame = comparison_frame(compared())
    assert frame["change"].to_list() == ["later", "new", "missed", "silenced", "severity"]
    assert frame["later_seconds"].to_list()[0] == 150
    assert frame.loc[4, "seconds"] == (UNTIL - SINCE - timedelta(minutes=1200)).total_seconds()
    assert comparison_frame(compare(account(), account())).dtypes.to_list() == frame.dtypes.to_list()
