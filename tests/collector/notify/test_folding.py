"""Which of the messages that wait are sent and which are folded: every pair and triple, and any sequence."""

from itertools import product
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.alerting import Action
from analytics.ids import uuid7
from collector.notify.folding import EXPIRED_BEFORE, REFUSED_BEFORE, Past, Plan, Waiting, plan
from tests.collector.notify.told import message

ACTIONS = {"t": "trigger", "u": "update", "a": "acknowledge", "r": "resolve", "p": "report", "x": "test"}
LETTERS = {name: letter for letter, name in ACTIONS.items()}


def waiting(letters: str) -> list[Waiting]:
    return [Waiting(uuid7(), message(ACTIONS[letter])) for letter in letters]


def sent(given: list[Waiting], decided: Plan) -> str:
    """The place of each message to send, as its letter (T: a trigger from something else), `!` when over."""
    words = []
    places = {one.id: place for place, one in enumerate(given)}
    for one in decided.send:
        letter = LETTERS[one.message.action.value]
        if one.message.action is not given[places[one.id]].message.action:
            letter = letter.upper()
        words.append(f"{letter}{places[one.id]}{'!' if one.message.over else ''}")
    return " ".join(words)


#: What waits, then what is sent to machines and to people; what is not named is folded.
TABLE = [
    ("t", "t0", "t0"),
    ("u", "u0", "u0"),
    ("a", "a0", "a0"),
    ("r", "r0", "r0"),
    ("p", "p0", "p0"),
    ("tt", "t0 t1", "t0 t1"),
    ("tu", "t0 u1", "t0 u1"),
    ("ta", "t0 a1", "t0 a1"),
    ("tr", "t0! r1", "r1!"),
    ("ut", "u0 t1", "u0 t1"),
    ("uu", "u1", "u1"),
    ("ua", "u0 a1", "u0 a1"),
    ("ur", "r1", "r1"),
    ("at", "a0 t1", "a0 t1"),
    ("au", "a0 u1", "a0 u1"),
    ("aa", "a0 a1", "a0 a1"),
    ("ar", "r1", "r1"),
    ("rt", "r0 t1", "r0 t1"),
    ("ru", "r0 u1", "r0 u1"),
    ("ra", "r0 a1", "r0 a1"),
    ("rr", "r1", "r1"),
    ("pp", "p0 p1", "p0 p1"),
    ("pr", "p0 r1", "p0 r1"),
    ("ttt", "t0 t1 t2", "t0 t1 t2"),
    ("tua", "t0 u1 a2", "t0 u1 a2"),
    ("tuu", "t0 u2", "t0 u2"),
    ("tur", "t0! r2", "r2!"),
    ("tau", "t0 a1 u2", "t0 a1 u2"),
    ("tar", "t0! r2", "r2!"),
    ("trt", "t0! r1 t2", "r1! t2"),
    ("tru", "t0! r1 u2", "r1! u2"),
    ("tra", "t0! r1 a2", "r1! a2"),
    ("trr", "t0! r2", "r2!"),
    ("ttr", "t0 t1! r2", "t0 r2!"),
    ("uau", "a1 u2", "a1 u2"),
    ("uur", "r2", "r2"),
    ("uar", "r2", "r2"),
    ("urt", "r1 t2", "r1 t2"),
    ("uuu", "u2", "u2"),
    ("rtr", "r0 t1! r2", "r0 r2!"),
    ("rtu", "r0 t1 u2", "r0 t1 u2"),
    ("rta", "r0 t1 a2", "r0 t1 a2"),
    ("rtt", "r0 t1 t2", "r0 t1 t2"),
    ("rut", "r0 u1 t2", "r0 u1 t2"),
    ("tuartu", "t0! r3 t4 u5", "r3! t4 u5"),
    ("trtrtr", "t0! r1 t2! r3 t4! r5", "r1! r3! r5!"),
]


@pytest.mark.parametrize(("letters", "machines", "people"), TABLE)
def test_what_is_obsolete_is_folded_and_all_else_is_sent(letters: str, machines: str, people: str) -> None:
    given = waiting(letters)
    assert sent(given, plan(given, True)) == machines
    assert sent(given, plan(given, False)) == people


@pytest.mark.parametrize(
    ("past", "letters", "expected"),
    [
        (Past.REFUSED, "u", ""),
        (Past.REFUSED, "ar", ""),
        (Past.REFUSED, "ux", "x1"),
        (Past.REFUSED, "urt", "t2"),
        (Past.EXPIRED, "a", ""),
        (Past.EXPIRED, "r", ""),
        (Past.EXPIRED, "uau", "T2"),
        (Past.EXPIRED, "ur", ""),
        (Past.EXPIRED, "rtu", "t1 u2"),
        (Past.FOLDED, "r", "r0!"),
        (Past.FOLDED, "ar", "r1!"),
        (Past.FOLDED, "u", "T0"),
        (Past.FOLDED, "rt", "r0! t1"),
    ],
)
@pytest.mark.parametrize("for_machines", [True, False])
def test_what_follows_a_trigger_that_never_arrived(
    past: Past, letters: str, expected: str, for_machines: bool
) -> None:
    given = waiting(letters)
    assert sent(given, plan(given, for_machines, past)) == expected


def test_each_folded_message_says_why() -> None:
    given = waiting("uaur")
    why = dict(plan(given, True).fold)
    assert set(why) == {one.id for one in given[:3]}
    assert dict(plan(given, True, Past.REFUSED).fold)[given[3].id] == REFUSED_BEFORE
    assert dict(plan(given, True, Past.EXPIRED).fold)[given[3].id] == EXPIRED_BEFORE


@pytest.mark.parametrize("length", [1, 2, 3, 4])
@pytest.mark.parametrize("past", list(Past))
def test_every_message_is_sent_once_in_order_or_folded(length: int, past: Past) -> None:
    for letters, for_machines in product(product("tuar", repeat=length), (True, False)):
        given = waiting("".join(letters))
        decided = plan(given, for_machines, past)
        order = [one.id for one in given]
        kept, dropped = [one.id for one in decided.send], {identity for identity, _ in decided.fold}
        assert sorted([*kept, *dropped]) == sorted(order)
        assert kept == [one for one in order if one not in dropped]


class Machine:
    """The state a machine keeps of one key, by the messages it accepted."""

    def __init__(self) -> None:
        self.state, self.order = "none", list[UUID]()

    def accept(self, one: Waiting) -> None:
        self.order.append(one.id)
        self.state = state_after(self.state, one.message.action)


def state_after(state: str, action: Action) -> str:
    if action is Action.TRIGGER:
        return "open"
    if action is Action.RESOLVE:
        return "over"
    return "acknowledged" if action is Action.ACKNOWLEDGE else state


@settings(max_examples=300, deadline=None)
@given(
    beginnings=st.lists(st.text("ua", max_size=3), min_size=1, max_size=4),
    ended=st.booleans(),
    for_machines=st.booleans(),
    steps=st.lists(st.sampled_from(["make", "accept", "fail"]), max_size=30),
)
def test_whatever_is_folded_the_last_state_is_that_of_the_newest_message(
    beginnings: list[str], ended: bool, for_machines: bool, steps: list[str]
) -> None:
    letters = "".join(f"t{between}r" for between in beginnings)
    letters = letters if ended else letters[:-1]
    all_messages = waiting(letters)
    pending: list[Waiting] = []
    made, past, side = 0, Past.HEARD, Machine()
    while made < len(all_messages) or pending:
        step = steps.pop() if steps else "accept"
        if made < len(all_messages) and (step == "make" or not pending):
            pending.append(all_messages[made])
            made += 1
            continue
        decided = plan(pending, for_machines, past)
        folded = {identity for identity, _ in decided.fold}
        if any(one.id in folded and one.message.action is Action.TRIGGER for one in pending):
            past = Past.FOLDED
        pending = [one for one in pending if one.id not in folded]
        if decided.send and step == "accept":
            side.accept(decided.send[0])
            pending, past = pending[1:], Past.HEARD
    expected = "none"
    for one in all_messages:
        expected = state_after(expected, one.message.action)
    assert side.state == expected
    order = [one.id for one in all_messages]
    assert side.order == [one for one in order if one in side.order]
