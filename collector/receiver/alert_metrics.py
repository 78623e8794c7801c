"""The metrics of alerts and their delivery, of the heartbeat and of the vendors' feeds."""

from collections.abc import Iterator

from prometheus_client.core import Metric

from collector.receiver.live_state import LiveState
from collector.receiver.metric_families import counter, gauge


def alert_metrics(state: LiveState) -> Iterator[Metric]:
    """Every metric whose name begins with `health_`, at this moment."""
    figures = state.alerts()
    yield gauge(
        "health_alerts_firing",
        "Alerts that fire, suppressed ones among them.",
        ("rule",),
        [((rule,), count) for rule, count in figures.firing.items()],
    )
    yield gauge(
        "health_incidents_open",
        "Incidents that are not resolved.",
        ("severity",),
        [((severity,), count) for severity, count in figures.open_incidents.items()],
    )
    yield counter(
        "health_notifications",
        "Messages to people and machines, by what became of them.",
        ("channel", "outcome"),
        figures.notifications.items(),
    )
    yield from _deliveries(state)
    yield gauge(
        "health_vendor_feed_up",
        "1 when the status feed of a vendor could be read when it was asked last.",
        ("vendor",),
        [((vendor,), float(up)) for vendor, up in state.vendor_feeds().items()],
    )
    yield from _heartbeat(state)


def _deliveries(state: LiveState) -> Iterator[Metric]:
    deliveries = state.deliveries()
    channels = () if deliveries is None else deliveries.channels
    yield gauge(
        "health_notifications_waiting",
        "Messages that are to be delivered.",
        ("channel",),
        [((one.channel,), one.waiting) for one in channels],
    )
    yield gauge(
        "health_notifications_failing_since_timestamp_seconds",
        "When delivery first failed of the oldest message that still waits. Missing while nothing fails.",
        ("channel",),
        [
            ((one.channel,), one.failing_since.timestamp())
            for one in channels
            if one.failing_since is not None
        ],
    )
    yield gauge(
        "health_delivery_running",
        "1 while the loop runs that delivers messages. Missing when there is nothing to deliver to.",
        (),
        [] if deliveries is None else [((), float(not deliveries.stopped))],
    )


def _heartbeat(state: LiveState) -> Iterator[Metric]:
    heartbeat = state.heartbeat()
    up = None if heartbeat is None else heartbeat.up
    taken_at = None if heartbeat is None else heartbeat.taken_at
    yield gauge(
        "health_heartbeat_up",
        "1 when the newest heartbeat was taken. Missing when none is sent.",
        (),
        [] if up is None else [((), float(up))],
    )
    yield gauge(
        "health_heartbeat_taken_timestamp_seconds",
        "When a heartbeat was taken last.",
        (),
        [] if taken_at is None else [((), taken_at.timestamp())],
    )
