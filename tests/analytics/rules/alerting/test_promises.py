"""For any sequence of looks, people and restarts: the promises hold after each step and at the end.

`Scene` checks after each step that no service has two open incidents, that no channel hears of an end (or an
update, or an acknowledgement) without its beginning, and that what fires and is not quiet was told to all
whom it concerns.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.alerting import INCIDENT_RULES, Action, AlertRule, AlertState, Mute, Signal
from analytics.model import ServiceKey, Severity
from analytics.rules.alerting import ActionRefused, Step, acknowledge, add_note, resolve
from tests.analytics.rules.alerting.scene import (
    ALL,
    API,
    CONTEXT7,
    HOOK,
    LOOKS,
    MEMORY,
    POLICY,
    ROUTES,
    RULES,
    SUPABASE,
    Scene,
    signal,
)

SEEN = (API, SUPABASE, CONTEXT7, MEMORY)
OFF = replace(
    POLICY, rules=RULES | {AlertRule.SERVICE_DOWN: replace(RULES[AlertRule.SERVICE_DOWN], enabled=False)}
)
OTHER_RULES = sorted(set(AlertRule) - {AlertRule.SERVICE_DOWN, AlertRule.SERVICE_DEGRADED})
OF_THE_COLLECTOR = (AlertRule.COLLECTOR_BLIND, AlertRule.DELIVERY_FAILING)

services = st.sampled_from(SEEN)
looks = st.tuples(
    st.just("looks"),
    st.sampled_from([0.0, 0.1, 1.0, 1.0, 1.0, 2.0, 6.0, 11.0, 40.0, 130.0]),
    st.dictionaries(
        services, st.sampled_from(["ok", "ok", "slow", "failing", "down", "down", "unknown"]), max_size=4
    ),
    st.integers(1, 12),
)
rules = st.tuples(
    st.just("rule"),
    st.sampled_from(OTHER_RULES),
    services,
    st.sampled_from([True, True, False, None]),
    st.sampled_from(Severity),
    st.sampled_from([0.0, 1.0, 5.0, -3.0]),
)
people = st.tuples(
    st.just("person"), st.sampled_from([acknowledge, resolve, add_note]), st.sampled_from(["ann", "bob"])
)
quiet = st.one_of(
    st.tuples(st.just("maintenance"), services),
    st.tuples(
        st.just("mute"), st.none() | services, st.none() | st.sampled_from(AlertRule), st.integers(1, 90)
    ),
)
changes = st.one_of(
    st.tuples(st.just("routes"), st.lists(st.sampled_from(ROUTES), max_size=4, unique=True)),
    st.tuples(st.just("policy"), st.sampled_from([POLICY, OFF])),
    st.tuples(st.just("restart"), st.sets(services, max_size=1)),
)
stories = st.lists(st.one_of(looks, looks, looks, rules, people, quiet, changes), max_size=25)


class Story:
    """Plays generated operations on a scene; time only goes forward."""

    def __init__(self) -> None:
        self.scene = Scene(depends_on={API: (SUPABASE,), CONTEXT7: (MEMORY,), MEMORY: (SUPABASE,)})
        self.clock = 0.0

    def pass_time(self, minutes: float) -> float:
        self.clock += minutes
        self.scene.at(self.clock)
        return self.clock

    def play(self, operation: tuple) -> None:
        name, *arguments = operation
        getattr(self, name)(*arguments)

    def looks(self, minutes: float, seen: dict[ServiceKey, str], times: int) -> None:
        for _ in range(times):
            self.scene.feed(self.pass_time(minutes), seen | {HOOK: "unknown"})

    def rule(
        self, rule: AlertRule, service: ServiceKey, bad: bool | None, severity: Severity, minutes: float
    ) -> None:
        """A negative number of minutes is a look that comes late."""
        about = "team" if rule is AlertRule.DELIVERY_FAILING else ""
        now = self.pass_time(max(minutes, 0.0))
        at = self.scene.now + timedelta(minutes=min(minutes, 0.0))
        whom = None if rule in OF_THE_COLLECTOR else service
        look = replace(signal(rule, whom, at, bad), severity=severity, about=about)
        self.scene.feed(now, {}, [look])

    def person(self, act: Callable[..., Step], author: str) -> None:
        scene = self.scene
        for which in list(scene.rows)[-2:]:
            with suppress(ActionRefused):
                scene.take(act(scene.state, which, author, "n", scene.circumstances, scene.now, scene.new_id))

    def maintenance(self, service: ServiceKey) -> None:
        now = dict(self.scene.circumstances.maintenance)
        if now.pop(service, None) is None:
            now[service] = "works"
        self.scene.set(maintenance=now)

    def mute(self, service: ServiceKey | None, rule: AlertRule | None, minutes: int) -> None:
        until = self.scene.now + timedelta(minutes=minutes)
        self.scene.set(mutes=(Mute(UUID(int=1), service, rule, until, "ann"),))

    def routes(self, routes: list) -> None:
        self.scene.rerouted = True
        self.scene.set(routes=tuple(routes))

    def policy(self, policy: object) -> None:
        self.scene.set(policy=policy)

    def restart(self, gone: set[ServiceKey]) -> None:
        self.scene.set(monitored=frozenset(ALL) - gone)
        self.scene.retire()
        self.scene.set(monitored=frozenset(ALL))

    def all_well(self) -> Iterator[float]:
        """An hour and a half of good looks of everything; nothing is quiet any more."""
        self.scene.set(maintenance={}, mutes=(), policy=POLICY)
        for _ in range(36):
            now = self.pass_time(2.5)
            good = [replace(look, bad=False) for look in self.every_rule()]
            self.scene.feed(now, dict.fromkeys(SEEN, "ok") | {HOOK: "unknown"}, good)
            yield now

    def every_rule(self) -> list[Signal]:
        keys = [key for key in self.scene.state.alerts if key[0] in OTHER_RULES]
        return [
            replace(signal(rule, service, self.scene.now, False), about=about)
            for rule, service, about in keys
        ]


@given(stories)
@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_the_promises_hold_for_any_story(story: list[tuple]) -> None:
    told = Story()
    for operation in story:
        told.play(operation)
    scene = told.scene
    for _ in told.all_well():
        pass
    assert scene.open() == []
    assert [alert for alert in scene.state.alerts.values() if alert.state is not AlertState.RESOLVED] == []
    once = {message.dedup_key for _, _, message in scene.sent if message.rule == AlertRule.TOOLS_CHANGED}
    unfinished = {
        key for key, action in scene.last.items() if action is not Action.RESOLVE and key[1] not in once
    }
    assert unfinished == set()
    assert not [message for _, _, message in scene.sent if message.service == str(HOOK)]
    assert not [event for event in scene.alert_events if event.alert.service == HOOK]


@given(st.lists(st.sampled_from(list(LOOKS)), min_size=60, max_size=60), st.integers(0, 3))
@settings(max_examples=25, deadline=None, derandomize=True)
def test_the_same_looks_come_to_the_same_in_one_step_a_part_or_with_empty_steps_between(
    words: list[str], empty: int
) -> None:
    one, other = Scene(), Scene()
    for minute, word in enumerate(words):
        one.feed(minute, {API: word})
        other.feed(minute, {API: word})
        for _ in range(empty):
            other.run([], [])
    assert one.sent == other.sent
    assert [event.message for event in one.events] == [event.message for event in other.events]


@pytest.mark.parametrize("rule", sorted(INCIDENT_RULES))
def test_nothing_is_raised_for_signals_that_make_no_sense(rule: AlertRule) -> None:
    scene = Scene()
    for minute in range(70):
        scene.say(minute, rule, None, True, title="", message="", in_row=-1)
    for minute in range(70, 73):
        scene.say(minute, rule, None, False)
    assert {action for _, action in scene.actions("hooks")} == {"trigger", "resolve"}
