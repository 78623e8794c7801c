"""The traffic of a period by service and step of time, read once; every coarser figure is a sum of it.

Percentiles are no sums, but those of summed histograms are exact: to ask for services, types and all of them,
over the whole period and over time, takes one reading and not six.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

import duckdb
import numpy as np
import pandas as pd

from analytics.coverage import HOUR
from analytics.grouping import bound
from analytics.histograms import rates_and_histograms
from analytics.model import ServiceKey
from analytics.percentiles import figures

#: What a row is about: one service, all of a type, or all there are.
By = Literal["service", "type", "all"]

_COLUMNS: dict[By, list[str]] = {
    "service": ["service_type", "service_name"],
    "type": ["service_type"],
    "all": [],
}
_COUNTS = ["requests", "errors", "retries"]


@dataclass(frozen=True, slots=True)
class TrafficCube:
    """`rates` has a row a service and step: step_start, service_type, service_name, and the counts
    requests, errors, retries.

    `times` says how long those took that did not fail: `owner`, a row of `rates`, `latency_ms`, and how many
    `requests` took that long.
    """

    rates: pd.DataFrame
    times: pd.DataFrame
    _known: dict[tuple[By, bool], pd.DataFrame] = field(default_factory=dict, compare=False, repr=False)

    def figures(self, by: By, stepped: bool = False) -> pd.DataFrame:
        """Traffic and latency by service, type or of all; `stepped` gives a row a step, by time.

        Columns: step_start where `stepped`, service_type and service_name as far as `by` goes; as counts
        requests, errors, retries; error_percent, retry_percent (retries per 100 requests); p50_ms, p95_ms
        and p99_ms of the requests that did not fail, NaN without one. What has no request has no row.
        It is worked out once: whoever changes it takes a copy.
        """
        if (by, stepped) not in self._known:
            self._known[by, stepped] = self._figures(by, stepped)
        return self._known[by, stepped]

    def _figures(self, by: By, stepped: bool) -> pd.DataFrame:
        keys = [*(["step_start"] if stepped else []), *_COLUMNS[by]]
        if self.rates.empty:
            codes, summed = np.empty(0, dtype=np.int64), self.rates[[*keys, *_COUNTS]]
        elif keys:
            groups = self.rates.groupby(keys, sort=True)
            codes = groups.ngroup().to_numpy().astype(np.int64)
            summed = groups[_COUNTS].sum().reset_index()
        else:
            codes = np.zeros(len(self.rates), dtype=np.int64)
            summed = self.rates[_COUNTS].sum().to_frame().T
        columns = (self.times[name].to_numpy() for name in ("latency_ms", "requests"))
        times = figures(len(summed), codes[self.times["owner"].to_numpy()], *columns)
        times = times[["p50_ms", "p95_ms", "p99_ms"]]
        found = pd.concat([summed.reset_index(drop=True), times], axis=1)
        for name, count in (("error_percent", "errors"), ("retry_percent", "retries")):
            found[name] = 100.0 * found[count] / found["requests"]
        return found


def traffic_cube(
    connection: duckdb.DuckDBPyConnection,
    since: datetime,
    until: datetime,
    step: timedelta,
    services: Sequence[ServiceKey] | None = None,
) -> TrafficCube:
    """The traffic of [`since`, `until`), in steps as `analytics.traffic_queries.rates_steps` has them.

    ValueError when `step` is not whole hours.
    """
    if step < HOUR or step % HOUR:
        raise ValueError(f"step of {step}: it is whole hours")
    values = bound(connection, since, until, "service", services, step)
    of_services = {key: value for key, value in values.items() if key != "by"}
    rates, owners, times, counts = rates_and_histograms(connection, "cube_of_traffic", of_services, values)
    starts = pd.to_datetime(rates["step"] * values["step"], unit="us", utc=True)
    return TrafficCube(
        rates.drop(columns=["series", "step"]).assign(step_start=starts),
        pd.DataFrame({"owner": owners, "latency_ms": times, "requests": counts}, dtype="int64"),
    )
