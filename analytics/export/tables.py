"""Every table that can be exported, and by which columns its rows are chosen."""

from analytics.export.dataset import Dataset, Owner
from analytics.model import IncidentState, Status

HEALTH = tuple(status.value for status in Status)
STATES = tuple(state.value for state in IncidentState)

TABLES = (
    Dataset("integration_health_checks", "an attempt of a check", "timestamp", Owner.SERVICE, HEALTH),
    Dataset("api_metrics", "a call of an API", "timestamp", Owner.API),
    Dataset("webhook_metrics", "a delivery of a webhook", "timestamp", Owner.SOURCE),
    Dataset("circuit_events", "a change of a circuit breaker", "timestamp", Owner.API),
    Dataset("integration_incidents", "an incident", "created_at", Owner.SERVICE, STATES),
    Dataset("incident_events", "an entry of an incident's timeline", "timestamp", Owner.INCIDENT),
    Dataset("alerts", "an alert that is not inactive now", None, Owner.SERVICE),
    Dataset("alert_events", "a change of an alert", "timestamp", Owner.SERVICE),
    Dataset("notifications", "a message that was sent or is to be", "created_at", Owner.INCIDENT),
    Dataset("mutes", "a wish not to hear of something", "created_at", Owner.SERVICE),
    Dataset("maintenance", "maintenance of a service as it took place", "starts_at", Owner.SERVICE),
    Dataset("alert_rules", "the settings of an alert rule", None, Owner.SERVICE),
    Dataset("alert_rule_changes", "a change of an alert rule", "timestamp", Owner.SERVICE),
    Dataset("alert_channels", "a channel that alerts go to", None),
    Dataset("vendor_incidents", "an incident as its vendor tells it", "started_at"),
    Dataset("vendor_feeds", "a vendor's page that is read", None),
    Dataset("services", "a service that is monitored or was", None, Owner.SERVICE),
    Dataset("collector_runs", "a transaction of a cycle: the heartbeat", "finished_at"),
    Dataset("check_hours", "the checks of an hour by status and reason", "hour", Owner.SERVICE, HEALTH),
    Dataset("status_spans", "a stretch of one status within an hour", "begun", Owner.SERVICE, HEALTH),
    Dataset("traffic_hours", "the requests of an hour by endpoint and reason", "hour", Owner.SERVICE),
    Dataset("latency_hours", "the requests of an hour by how long they took", "hour", Owner.SERVICE),
    Dataset("service_latency_hours", "the same without endpoints", "hour", Owner.SERVICE),
    Dataset("quota_hours", "a quota of an API in an hour", "hour", Owner.OF_API),
    Dataset("rollup_state", "up to when hours are finished", None),
    Dataset("late_hours", "an hour that is to be made anew", None),
    Dataset("imports", "what was taken over from another monitor", "made_at", Owner.SERVICE),
    Dataset("reports", "a report that was made", "period_start"),
    Dataset("schema_version", "a step of the schema", None),
)
