"""The metrics of /metrics, read from the live state whenever somebody asks; docs/ingest.md lists them."""

from collections.abc import Iterable, Iterator, Mapping

from prometheus_client.core import HistogramMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from analytics.model import Status
from collector.receiver.alert_metrics import alert_metrics
from collector.receiver.live_state import LiveState, ServiceState
from collector.receiver.metric_families import Labelled, counter, gauge, single

_SERVICE = ("service_type", "service_name")
#: A service that is slow or unsure still answers; of an unknown one nothing is said.
_SUCCESS = {Status.HEALTHY: 1.0, Status.DEGRADED: 1.0, Status.DOWN: 0.0}
_CIRCUITS = {"closed": 0.0, "half_open": 1.0, "open": 2.0}


class LiveMetrics(Collector):
    """Names are those of the blackbox exporter where it has the same thing, with base units and `_total`."""

    def __init__(self, state: LiveState) -> None:
        self._state = state

    def collect(self) -> Iterator[Metric]:
        """Every metric at this moment."""
        yield from self._services(self._state.services())
        yield from self._collector()
        yield from self._ingest()
        yield from self._intake()
        yield from alert_metrics(self._state)

    def _services(self, services: Iterable[ServiceState]) -> Iterator[Metric]:
        known = [(tuple(map(str, (one.key.service_type, one.key.service_name))), one) for one in services]
        yield gauge(
            "probe_success",
            "1 when the service answers, also slowly; 0 when it is down. Missing while unknown.",
            _SERVICE,
            [(key, _SUCCESS[one.status]) for key, one in known if one.status in _SUCCESS],
        )
        yield gauge(
            "probe_duration_seconds",
            "How long the newest check took to be answered.",
            _SERVICE,
            [(key, one.response_time_ms / 1000) for key, one in known if one.response_time_ms is not None],
        )
        yield gauge(
            "integration_status",
            "1 for the status the service has, 0 for the others.",
            (*_SERVICE, "status"),
            [((*key, str(word)), float(one.status is word)) for key, one in known for word in Status],
        )
        yield gauge(
            "integration_last_check_timestamp_seconds",
            "When the newest check of the service began.",
            _SERVICE,
            [(key, one.last_check.timestamp()) for key, one in known if one.last_check is not None],
        )

    def _collector(self) -> Iterator[Metric]:
        state = self._state
        finished = state.last_cycle()
        writable = state.write_failure() is None and state.intake.failure is None
        yield InfoMetricFamily("collector_build", "The version that runs.", {"version": state.version})
        yield single("collector_start_time_seconds", "When it started.", state.started_at.timestamp())
        yield gauge(
            "collector_last_cycle_timestamp_seconds",
            "When the newest cycle of checks finished.",
            (),
            [] if finished is None else [((), finished.timestamp())],
        )
        summed = state.summed_until()
        yield gauge(
            "collector_summed_up_until_timestamp_seconds",
            "Up to when hours are summed up; two hours behind the clock something is wrong.",
            (),
            [] if summed is None else [((), summed.timestamp())],
        )
        yield single("collector_database_writable", "1 when the database can be written.", float(writable))
        yield HistogramMetricFamily(
            "collector_event_loop_lag_seconds",
            "Delays of the event loop, looked at twenty times a second.",
            buckets=state.lag.buckets,
            sum_value=state.lag.sum_seconds,
        )
        yield single(
            "collector_event_loop_lag_worst_seconds",
            "The longest delay of the event loop within the last minute.",
            state.lag.worst_seconds,
        )
        yield single("receiver_requests_in_flight", "Requests under way.", state.bodies.requests)
        yield single("receiver_body_bytes_in_flight", "Bytes of their bodies.", state.bodies.in_flight)
        yield counter(
            "receiver_spans", "Spans of traces, by what became of them.", ("outcome",), _by(state.spans())
        )
        yield from self._answers()

    def _answers(self) -> Iterator[Metric]:
        answers = self._state.answers
        yield counter(
            "receiver_trace_requests",
            "Answered requests with traces, by HTTP status.",
            ("code",),
            _by_code(answers.traces),
        )
        yield counter(
            "receiver_refused_requests",
            "Refused requests of all kinds but deliveries, by HTTP status.",
            ("code",),
            _by_code(answers.refused),
        )

    def _ingest(self) -> Iterator[Metric]:
        counters = self._state.ingest
        yield counter(
            "ingest_requests",
            "Answered requests of /ingest/, by table and HTTP status.",
            ("table", "code"),
            [((table, str(status)), count) for (table, status), count in counters.requests.items()],
        )
        yield counter("ingest_body_bytes", "Bytes of rows.", ("table",), _by(counters.body_bytes))
        yield counter("ingest_refused_rows", "Rows that were wrong.", ("table",), _by(counters.refused_rows))
        yield gauge(
            "ingest_client_dropped_rows",
            "Rows that a program said it dropped since its start, because the collector did not take them.",
            ("origin",),
            _by(counters.dropped),
        )
        yield gauge(
            "integration_circuit_state",
            "The circuit breaker of a program for an API: 0 closed, 1 half open, 2 open.",
            ("api_name", "origin"),
            [(key, _CIRCUITS[word]) for key, (_, word) in counters.circuits.items()],
        )

    def _intake(self) -> Iterator[Metric]:
        intake = self._state.intake
        yield counter("ingest_stored_rows", "Rows stored.", ("table",), _by(intake.stored_rows))
        yield counter(
            "ingest_duplicate_rows", "Rows that were stored before.", ("table",), _by(intake.duplicates)
        )
        yield counter(
            "ingest_dropped_rows",
            "Rows lost here because the queue was full or the database refused them.",
            (),
            [((), intake.dropped_rows)],
        )
        yield single("ingest_waiting_rows", "Rows that wait to be written.", intake.waiting_rows)
        yield single("ingest_capacity_rows", "How many may wait.", intake.capacity_rows)
        yield counter("ingest_commits", "Transactions with rows.", (), [((), intake.commits)])
        yield single(
            "ingest_last_commit_seconds",
            "How long the newest of these transactions took.",
            intake.last_commit_ms / 1000,
        )


def _by(counts: Mapping[str, int]) -> Labelled:
    return [((label,), count) for label, count in counts.items()]


def _by_code(counts: Mapping[int, int]) -> Labelled:
    return [((str(code),), count) for code, count in counts.items()]
