"""Short stories of all kinds: what is promised of incidents and messages holds in the file, whatever comes.

Services die and recover, one depends on another, an API is judged by calls; collectors restart, people act,
the clock jumps, and messages are refused or cannot be delivered.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from analytics.alerting import Message
from analytics.rules.alerting import ActionRefused
from collector.notify.base import Outcome
from tests.collector.alerting_stage import MINUTE, SECOND, Stage, key

ROOT, DEPENDENT, REDIS = "infrastructure/supabase", "mcp/supabase", "infrastructure/redis"
API, NEVER_KNOWN = "api/openai", "mcp/fly"
PROBED = (ROOT, DEPENDENT, REDIS)

found = st.sampled_from(["ok", "ok", "slow", "failing", "down", "down", "unknown"])
cycles = st.tuples(
    st.just("cycles"),
    st.sampled_from([0.4, 1.0, 1.0, 1.0, 3.0, 7.0]),
    st.fixed_dictionaries(dict.fromkeys(PROBED, found)),
    st.sampled_from(["good", "good", "bad", "half", "none"]),
    st.integers(1, 4),
)
people = st.tuples(
    st.just("person"), st.sampled_from(["acknowledge", "resolve"]), st.sampled_from(["ann", "bob"])
)
jumps = st.tuples(
    st.just("jump"), st.sampled_from([timedelta(days=1), timedelta(minutes=-5), timedelta(hours=3)]), found
)
receivers = st.tuples(
    st.just("receivers"), st.dictionaries(st.sampled_from(["oncall", "team"]), st.sampled_from(Outcome))
)
restarts = st.tuples(st.just("restart"))
stories = st.lists(
    st.one_of(cycles, cycles, cycles, people, jumps, receivers, restarts), min_size=4, max_size=9
)


class Story:
    """Plays operations on a stage; the promises are looked after in the file."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.answers: dict[str, Outcome] = {}

    def play(self, operation: tuple) -> None:
        name, *arguments = operation
        getattr(self, name)(*arguments)
        self.look_after()

    def cycles(self, minutes: float, moods: dict[str, str], api: str, times: int) -> None:
        for _ in range(times):
            self.stage.now += minutes * MINUTE
            self.look(moods, api)
            self.stage.deliver(self.answer)

    def look(self, moods: dict[str, str], api: str = "none") -> None:
        stage = self.stage
        if api != "none":
            stage.record(
                "api_metrics",
                [
                    stage.call(
                        "openai", (2 * n + 1) * SECOND, api == "good" or (api == "half" and n % 2 == 0)
                    )
                    for n in range(10)
                ],
            )
        first = [stage.probed(name, "failing", 5 * SECOND) for name, how in moods.items() if how == "down"]
        if first:
            stage.part(first, complete=False)
        checks = [stage.probed(name, how) for name, how in moods.items()]
        stage.part([*checks, stage.probed(NEVER_KNOWN, "unset")], traffic=[API])

    def person(self, action: str, author: str) -> None:
        stage = self.stage
        act = getattr(stage.alerting, action)
        for (identity,) in stage.fetch("SELECT id FROM integration_incidents WHERE status <> 'resolved'"):
            with suppress(ActionRefused):
                stage.transact(
                    lambda connection, which=identity: act(connection, which, author, "", stage.now)
                )

    def jump(self, by: timedelta, how: str) -> None:
        """The clock is wrong for one look."""
        self.stage.now += by
        self.look(dict.fromkeys(PROBED, how))
        self.stage.now += MINUTE - by

    def receivers(self, answers: dict[str, Outcome]) -> None:
        self.answers = answers

    def restart(self) -> None:
        self.stage.restart()

    def answer(self, channel: str, _message: Message) -> Outcome:
        return self.answers.get(channel, Outcome.ACCEPTED)

    def look_after(self) -> None:
        stage = self.stage
        assert (
            stage.fetch(
                "SELECT service_type, service_name FROM integration_incidents WHERE status <> 'resolved' "
                "GROUP BY ALL HAVING count(*) > 1"
            )
            == []
        ), "a second open incident"
        said: dict[tuple[str, str], str] = {}
        for channel, about, action in stage.fetch(
            "SELECT channel, dedup_key, action FROM notifications ORDER BY id"
        ):
            before = said.get((channel, about), "resolve")
            assert (action == "trigger") == (before == "resolve"), f"{action} after {before}: {about}"
            said[channel, about] = action
        name = key(NEVER_KNOWN).service_name
        for table in ("alerts", "alert_events", "integration_incidents"):
            assert stage.fetch(f"SELECT * FROM {table} WHERE service_name = '{name}'") == []

    def end(self) -> None:
        """All is well under a new collector for two hours: enough for flapping and for an error budget."""
        self.answers = {}
        self.restart()
        for _ in range(32):
            self.cycles(4.0, dict.fromkeys(PROBED, "ok"), "good", 1)
        self.look_after()
        stage = self.stage
        assert [state for _, state, _, _ in stage.incidents() if state != "resolved"] == []
        last = stage.fetch(
            "SELECT dedup_key, channel, arg_max(action, id) FROM notifications "
            "WHERE payload->>'$.rule' <> 'delivery_failing' GROUP BY ALL"
        )
        assert [one for one in last if one[2] != "resolve"] == [], "a trigger that stays"


@pytest.fixture
def stage_in() -> Iterator[Callable[[Path], Stage]]:
    stages: list[Stage] = []

    def make(folder: Path) -> Stage:
        stages.append(Stage(folder, [*PROBED, API, NEVER_KNOWN], {DEPENDENT: (ROOT,)}))
        return stages[-1]

    yield make
    for stage in stages:
        stage.close()


@given(story=stories)
@settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    database=None,
    # An example takes a second: what fails is read as it is.
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_promises_hold_in_the_file(stage_in: Callable[[Path], Stage], story: list[tuple]) -> None:
    with TemporaryDirectory() as folder:
        told = Story(stage_in(Path(folder)))
        for operation in story:
            told.play(operation)
        told.end()
        told.stage.close()
