"""What is remembered between two looks, as the collector reads it back from its tables."""

from datetime import datetime

from analytics.alerting import Alert
from analytics.rules.alerting import AlertingState, Step, key_of

_COLLECTOR = ("collector", "collector")


def as_stored(before: AlertingState, made: Step) -> AlertingState:
    """The state that `made` of `before`, as the collector reads it back: its alerts in the order of reading.

    Of several alerts of a service, what is told of its incident names the first.
    """
    alerts = made.state.alerts
    if len(alerts) > 1 and any(_has_another_place(alert, before) for alert in made.changed_alerts):
        alerts = dict(sorted(alerts.items(), key=lambda one: _place(one[1])))
    return AlertingState(alerts, made.state.incidents)


def _has_another_place(alert: Alert, before: AlertingState) -> bool:
    known = before.alerts.get(key_of(alert))
    return known is None or known.bad_since != alert.bad_since


def _place(alert: Alert) -> tuple[datetime, str, str, str, str]:
    service = alert.service
    kind, name = _COLLECTOR if service is None else (service.service_type.value, service.service_name)
    return alert.bad_since, alert.rule.value, kind, name, alert.about
