"""Puts the past together: days of checks, calls, deliveries, heartbeats and incidents."""

import tomllib
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from analytics.model import ServiceKey
from collector.config import Config
from collector.config.loading import from_document
from collector.demo.configuration import configuration
from collector.demo.history.alerting import alerting_batches
from collector.demo.history.batch import Batch, Texts, joined_batches
from collector.demo.history.calls import calls
from collector.demo.history.checks import Checks, Words, joined
from collector.demo.history.deliveries import deliveries
from collector.demo.history.grid import Grid, make_grid
from collector.demo.history.plan import Trouble, troubles
from collector.demo.history.probes import probe_checks
from collector.demo.history.runs import check_and_run_batches, first_parts_finished, written_parts
from collector.demo.history.traffic import Traffic
from collector.demo.history.windows import traffic_checks
from collector.demo.services import APIS, PROBED, SOURCES, api_key, source_key
from collector.probes.base import ServiceSpec

Progress = Callable[[float, str], None]


def generate_history(now: datetime, days: int, seed: int, progress: Progress) -> Iterator[Batch]:
    """The rows of the `days` before `now` (aware), table by table, each in the order of time.

    The same for the same arguments. Nothing in it lies after `now`; an incident that is not over by then is
    left out. `progress` is told the share that is done, 0 to 1, and what comes next.
    """
    found = troubles(now, days, seed)
    grid = make_grid(now, days, found, _chance(seed, "grid"))
    config = demo_config()
    specs = {spec.key: spec for spec in config.services}
    words = Words(list(specs), Texts(), Texts())
    rows_of: list[Checks] = []
    for number, service in enumerate(PROBED):
        progress(0.3 * number / len(PROBED), f"checking {service.key}")
        chance = _chance(seed, str(service.key))
        rows_of.append(probe_checks(service, specs[service.key], grid, found, words, chance))
    finished = first_parts_finished(grid, rows_of)
    traffic = _traffic(grid, found, seed)
    for number, (key, rows) in enumerate(traffic.items()):
        progress(0.3 + 0.55 * number / len(traffic), f"judging {key}")
        rows_of.append(traffic_checks(specs[key], rows, finished, words))
    progress(0.85, "sorting")
    checks = joined(rows_of)
    parts = written_parts(checks, finished)
    yield from check_and_run_batches(checks, grid, parts, words, _chance(seed, "runs"))
    tables: dict[str, list[Batch]] = defaultdict(list)
    for rows in traffic.values():
        for batch in (rows.rows, rows.circuit_events):
            if batch is not None:
                tables[batch.table].append(batch)
    for name in list(tables):
        yield joined_batches(tables.pop(name))
    progress(0.95, "alerting")
    span = (now - timedelta(days=days), now)
    yield from alerting_batches(config, checks, parts, words, traffic, finished, found, span, str(seed))


def _traffic(grid: Grid, found: Sequence[Trouble], seed: int) -> dict[ServiceKey, Traffic]:
    """The calls of every API and the deliveries of every source."""
    traffic: dict[ServiceKey, Traffic] = {}
    called, delivered = Texts(), Texts()
    for api in APIS:
        chance = _chance(seed, str(api_key(api.name)))
        traffic[api_key(api.name)] = calls(api, grid, found, called, chance)
    for source in SOURCES:
        chance = _chance(seed, str(source_key(source.name)))
        traffic[source_key(source.name)] = deliveries(source, grid, found, delivered, chance)
    return traffic


def demo_config() -> Config:
    """The configuration of the demo as the collector's own loader understands it."""
    addresses: dict[str, str] = defaultdict(lambda: "http://127.0.0.1:1")
    addresses["infrastructure/redis"] = "redis://127.0.0.1:1"
    return from_document(tomllib.loads(configuration(addresses)), Path("demo.toml"))


def demo_specs() -> dict[ServiceKey, ServiceSpec]:
    """The services of the demo with their policies."""
    return {spec.key: spec for spec in demo_config().services}


def _chance(seed: int, purpose: str) -> np.random.Generator:
    """Random numbers of its own for each purpose, so that one more service changes no other."""
    return np.random.default_rng([seed, zlib.crc32(purpose.encode())])
