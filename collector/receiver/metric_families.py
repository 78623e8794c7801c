"""Metrics as prometheus_client has them, in one line each."""

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

#: The values of the labels, and the value that belongs to them.
Labelled = Iterable[tuple[tuple[str, ...], float]]


def single(name: str, text: str, value: float) -> Metric:
    """A gauge without labels."""
    return GaugeMetricFamily(name, text, value=value)


def gauge(name: str, text: str, labels: tuple[str, ...], values: Labelled) -> Metric:
    """A gauge with `labels`."""
    family = GaugeMetricFamily(name, text, labels=labels)
    for label, value in values:
        family.add_metric(label, value)
    return family


def counter(name: str, text: str, labels: tuple[str, ...], values: Labelled) -> Metric:
    """A counter with `labels`; its name gets `_total`."""
    family = CounterMetricFamily(name, text, labels=labels)
    for label, value in values:
        family.add_metric(label, value)
    return family
