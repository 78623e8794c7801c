"""Stories of a monitored world, and what people are told: the real judge, rules and store over a file."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from analytics.alerting import Action
from tests.collector.alerting_stage import MINUTE, SECOND, START, Stage

REDIS, SUPABASE = "infrastructure/redis", "infrastructure/supabase"
DEPENDENTS = ("mcp/supabase", "mcp/fly", "mcp/context7")

StageOf = Callable[..., Stage]


@pytest.fixture
def stage_of(tmp_path: Path) -> Iterator[StageOf]:
    stages: list[Stage] = []

    def make(
        *services: str, depends_on: dict[str, Sequence[str]] | None = None, alone: bool = False
    ) -> Stage:
        stages.append(Stage(tmp_path, services, depends_on or {}, alone))
        return stages[-1]

    yield make
    for stage in stages:
        stage.close()


def call_for(stage: Stage, minutes: int, failing: Callable[[int, int], bool], slow: range = range(0)) -> None:
    """Twenty calls of Shopify a minute, and a look at them; `failing` takes the minute and the number."""
    for minute in range(minutes):
        stage.now += MINUTE
        ms = 5000 if minute in slow else 100
        stage.record(
            "api_metrics",
            [
                stage.call("shopify", (59 - 3 * number) * SECOND, not failing(minute, number), ms)
                for number in range(20)
            ],
        )
        stage.part(traffic=["api/shopify"])


def an_hour_of_good_calls(stage: Stage) -> None:
    stage.record("api_metrics", [stage.call("shopify", number * 3 * SECOND) for number in range(1200)])


def test_an_api_that_fails_every_fifth_call_for_eight_minutes_is_told_of_once(stage_of: StageOf) -> None:
    stage = stage_of("api/shopify")
    an_hour_of_good_calls(stage)
    call_for(stage, 25, lambda minute, number: minute < 8 and number % 5 == 0)
    triggers, resolves = stage.messages(Action.TRIGGER), stage.messages(Action.RESOLVE)
    assert [(channel, title) for _, channel, _, title in triggers] == [("team", triggers[0][3])]
    assert "20 % of" in triggers[0][3]
    assert 5 <= triggers[0][0] <= 8
    assert [channel for _, channel, _, _ in resolves] == ["team"]
    assert resolves[0][0] <= 16
    assert [state for _, state, _, _ in stage.incidents()] == ["resolved"]


def test_an_api_that_is_slow_for_two_minutes_of_an_hour_wakes_nobody(stage_of: StageOf) -> None:
    stage = stage_of("api/shopify")
    an_hour_of_good_calls(stage)
    call_for(stage, 30, lambda minute, number: False, slow=range(2, 4))
    assert stage.messages() == []
    assert stage.incidents() == []


def test_a_redis_that_is_down_every_second_check_for_two_hours_is_one_page(stage_of: StageOf) -> None:
    stage = stage_of(REDIS)
    for minute in range(120):
        stage.cycle(redis="ok" if minute % 2 else "down")
    for _ in range(20):
        stage.now += 3 * MINUTE
        stage.cycle(redis="ok")
    assert [channel for _, channel, _, _ in stage.messages(Action.TRIGGER)] == ["oncall"]
    assert [channel for _, channel, _, _ in stage.messages(Action.RESOLVE)] == ["oncall"]
    assert [state for _, state, _, _ in stage.incidents()] == ["resolved"]


def test_a_dead_supabase_with_three_dependents_is_one_page(stage_of: StageOf) -> None:
    stage = stage_of(SUPABASE, *DEPENDENTS, depends_on=dict.fromkeys(DEPENDENTS, (SUPABASE,)))

    def cycle(root: str, dependent: str, first: str = "dependents") -> None:
        stage.now += 30 * SECOND
        hanging = [stage.probed(name, dependent) for name in DEPENDENTS]
        parts = [hanging, [stage.probed(SUPABASE, root)]]
        stage.part(parts[0] if first == "dependents" else parts[1], complete=False)
        stage.now += 30 * SECOND
        stage.part(
            [stage.probed(name, dependent) for name in DEPENDENTS]
            if first != "dependents"
            else [stage.probed(SUPABASE, root)]
        )

    for _ in range(2):
        cycle("ok", "ok")
    for _ in range(6):
        cycle("down", "down")
    cycle("ok", "down", first="root")
    for _ in range(10):
        cycle("ok", "ok", first="root")
    assert [channel for _, channel, _, _ in stage.messages(Action.TRIGGER)] == ["oncall"]
    assert [channel for _, channel, _, _ in stage.messages(Action.RESOLVE)] == ["oncall"]
    assert [name for name, _, _, _ in stage.incidents()] == ["supabase"]
    seen = stage.fetch("SELECT message FROM incident_events WHERE kind = 'seen'")
    assert all(any(name in message for (message,) in seen) for name in DEPENDENTS)


def test_a_wrong_webhook_secret_is_one_page_and_over_soon_after_it_is_right(stage_of: StageOf) -> None:
    stage = stage_of("webhook/shopify")
    stage.record(
        "webhook_metrics", [stage.delivery("shopify", number * 20 * SECOND) for number in range(180)]
    )
    for minute in range(100):
        stage.now += MINUTE
        verified = minute >= 20
        stage.record(
            "webhook_metrics",
            [stage.delivery("shopify", ago * SECOND, verified) for ago in (50, 30, 10)],
        )
        stage.part(traffic=["webhook/shopify"])
    triggers, resolves = stage.messages(Action.TRIGGER), stage.messages(Action.RESOLVE)
    assert len(triggers) <= 1
    assert len(resolves) == len(triggers)
    assert [minute for minute, *_ in triggers + resolves if minute > 20 + 10] == []
    assert {state for _, state, _, _ in stage.incidents()} <= {"resolved"}


def test_a_lost_network_is_one_alert_about_the_collector(stage_of: StageOf) -> None:
    stage = stage_of(REDIS, *DEPENDENTS)
    for minute in range(25):
        found = "unknown" if 5 <= minute < 15 else "ok"
        stage.cycle(redis=found, supabase=found, fly=found, context7=found)
    told = [(channel, action) for _, channel, action, _ in stage.messages()]
    assert told == [("oncall", "trigger"), ("oncall", "resolve")]
    assert stage.fetch("SELECT DISTINCT payload->>'$.rule' FROM notifications") == [("collector_blind",)]
    assert stage.incidents() == []


def test_restarts_in_the_middle_change_nothing(stage_of: StageOf) -> None:
    stage = stage_of(REDIS)
    stage.cycle(redis="ok")
    stage.cycle(redis="failing")
    stage.restart()
    stage.cycle(redis="down")
    stage.restart()
    assert stage.messages() == [(3.0, "oncall", "trigger", "Redis cannot be reached: found down")]
    stage.cycle(redis="down")
    stage.cycle(redis="ok")
    stage.restart()
    stage.cycle(redis="ok")
    for _ in range(3):
        stage.restart()
        stage.cycle(redis="ok")
    over = (6.0, "oncall", "resolve", "Redis cannot be reached: found down")
    assert stage.messages(Action.RESOLVE) == [over]
    assert stage.incidents() == [("redis", "resolved", 0, 6.0)]


def test_what_is_taken_out_of_the_configuration_ends_and_is_told(stage_of: StageOf) -> None:
    stage = stage_of(REDIS, SUPABASE)
    for _ in range(2):
        stage.cycle(redis="down", supabase="ok")
    stage.restart(stage.without(REDIS))
    assert [action for _, _, action, _ in stage.messages()] == ["trigger", "resolve"]
    assert stage.incidents() == [("redis", "resolved", 0, 2.0)]
    assert stage.fetch("SELECT count(*) FROM alerts WHERE state <> 'resolved'") == [(0,)]


@pytest.mark.parametrize("found", ["ok", "failing", "down"])
def test_a_clock_that_was_a_day_ahead_silences_nothing(stage_of: StageOf, found: str) -> None:
    stage = stage_of(REDIS)
    stage.cycle(redis="ok")
    stage.now += timedelta(days=1)
    stage.cycle(redis=found)
    stage.now -= timedelta(days=1)
    for _ in range(3):
        stage.cycle(redis="down")
    assert stage.incidents() == [("redis", "open", 0, None)]
    for _ in range(4):
        stage.cycle(redis="ok")
    assert [action for _, _, action, _ in stage.messages()] == ["trigger", "resolve"]
    assert [state for _, state, _, _ in stage.incidents()] == ["resolved"]


@pytest.mark.parametrize("apart", [10, 60])
def test_a_collector_that_is_started_for_each_cycle_ends_its_incidents(stage_of: StageOf, apart: int) -> None:
    stage = stage_of(REDIS, alone=True)
    for run in range(6):
        stage.now += (apart - 1) * MINUTE
        stage.restart()
        stage.cycle(redis="down" if run == 1 else "ok")
    assert [action for _, _, action, _ in stage.messages()] == ["trigger", "resolve"]
    assert stage.incidents() == [("redis", "resolved", 0, float(4 * apart))]
    assert stage.now - START == 6 * apart * MINUTE
