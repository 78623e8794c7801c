"""What is remembered between two looks, as the collector reads it back from its tables."""

from datetime import datetime

from analytics.alerting import Alert
from analytics.rules.alerting import AlertingState, Step

_COLLECTOR = ("collector", "collector")


def as_stored(made: Step) -> AlertingState:
    """The state as the collector reads it back, its alerts in the order in which they are read.

    Of several alerts of a service, what is told of its incident names the first.
    """
    alerts = made.state.alerts
    if made.changed_alerts and len(alerts) > 1:
        alerts = dict(sorted(alerts.items(), key=lambda one: _place(one[1])))
    return AlertingState(alerts, made.state.incidents)


def _place(alert: Alert) -> tuple[datetime, str, str, str, str]:
    service = alert.service
    kind, name = _COLLECTOR if service is None else (service.service_type.value, service.service_name)
    return alert.bad_since, alert.rule.value, kind, name, alert.about
