"""What the replayed rules saw of traffic is what the tables say; asked of both, moment by moment."""

from datetime import timedelta

import numpy as np
import pytest

from analytics.alerting import AlertRule
from analytics.db import Connection
from analytics.evidence import read_evidence
from analytics.model import Basis, ServiceKey, Window
from analytics.rules.signals import Evidence
from collector.demo.history.batch import MINUTE, Texts, from_datetime, to_datetime
from collector.demo.history.calls import calls
from collector.demo.history.checks import Words, joined
from collector.demo.history.confirming import FailingCycles
from collector.demo.history.deliveries import deliveries
from collector.demo.history.evidence import RecordedTraffic
from collector.demo.history.generate import _chance, demo_config
from collector.demo.history.grid import make_grid
from collector.demo.history.plan import Effect, Trouble, affecting, troubles
from collector.demo.services import APIS, SOURCES, api_key, source_key
from tests.collector.demo.history.conftest import DAYS, NOW, SEED

CONFIG = demo_config()
SPANS = {
    Basis.CALLS: (timedelta(minutes=5), timedelta(minutes=10)),
    Basis.DELIVERIES: (timedelta(minutes=5), timedelta(hours=1)),
}
LIMITS = {spec.key: spec.policy for spec in CONFIG.services}
FOUND = troubles(NOW, DAYS, SEED)
GRID = make_grid(NOW, DAYS, FOUND, _chance(SEED, "grid"))


def _moments(own: list[Trouble]) -> np.ndarray:
    """From before each trouble until after it, a moment every seven minutes."""
    spans = [np.arange(one.start - 2 * MINUTE, one.end + 30 * MINUTE, 7 * MINUTE) for one in own]
    return np.sort(np.concatenate(spans))


def _traffic(key, name: str):
    if LIMITS[key].basis is Basis.CALLS:
        return calls(
            next(api for api in APIS if api.name == name), GRID, FOUND, Texts(), _chance(SEED, str(key))
        )
    source = next(source for source in SOURCES if source.name == name)
    return deliveries(source, GRID, FOUND, Texts(), _chance(SEED, str(key)))


@pytest.mark.parametrize(
    "key",
    [api_key("shopify"), api_key("openai"), api_key("chatwoot"), source_key("chatwoot")],
    ids=str,
)
def test_the_evidence_is_that_of_the_tables(connection: Connection, key: ServiceKey):
    own = [trouble for trouble in affecting(FOUND, key) if trouble.effect is not Effect.GAP]
    moments = _moments(own)
    recorded = RecordedTraffic(moments, CONFIG.alerts, LIMITS)
    words = Words(list(LIMITS), Texts(), Texts())
    spec = next(spec for spec in CONFIG.services if spec.key == key)
    nothing = joined([FailingCycles(spec, "", [], words).checks()])
    recorded.add(key, _traffic(key, key.service_name), nothing, words, own)
    compared = 0
    for cycle in np.flatnonzero(recorded.watched[key]).tolist():
        now = to_datetime(int(moments[cycle]))
        mine, theirs = recorded.at(cycle, now, {}), read_evidence(connection, {}, CONFIG.alerts, now)
        for span in SPANS[LIMITS[key].basis]:
            assert _figures(_window(mine, key, span)) == _figures(_window(theirs, key, span)), (now, span)
        span = CONFIG.alerts.rules[AlertRule.HIGH_ERROR_RATE].window
        if LIMITS[key].basis is Basis.CALLS:
            ours, stored = mine.failure_of(key, span), theirs.failure_of(key, span)
            assert (ours and ours.failed) == (stored and stored.failed), now
            assert set(mine.circuits) == {one for one in theirs.circuits if one.api_name == key.service_name}
        compared += 1
    assert compared > 4
    assert from_datetime(NOW) > moments.max()


def _window(evidence: Evidence, key: ServiceKey, span: timedelta) -> Window | None:
    of = evidence.calls_of if LIMITS[key].basis is Basis.CALLS else evidence.deliveries_of
    return of(key, span)


def _figures(window: Window | None) -> tuple | None:
    if window is None:
        return None
    p95 = None if window.p95_ms is None else pytest.approx(window.p95_ms, abs=0.5)
    return window.total, window.failed, p95, window.handed_on, window.unprocessed
