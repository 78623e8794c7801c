"""The catalogue of the export in groups, with names for people. Pure text, not escaped."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from analytics.export import DATASETS, Dataset

#: What is shown when the address names nothing.
USUAL = "availability"

#: Every dataset once: its group, in order, and what it is called.
GROUPS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "Status and uptime": {
            "availability": "Uptime",
            "availability_change": "Uptime, and the period before",
            "standing": "Status of services",
            "status_timeline": "Status over time",
            "status_hours": "Time in each status",
            "reasons": "Reasons",
            "slo": "Objectives and error budgets",
            "worst_services": "Worst services",
            "integration_health_checks": "Checks",
            "check_hours": "Checks by hour",
            "status_spans": "Status by hour",
        },
        "Calls and latency": {
            "latency": "Latency",
            "latency_steps": "Latency over time",
            "latency_by_endpoint": "Latency by endpoint",
            "latency_change": "Latency, and the period before",
            "rates": "Requests, errors, retries",
            "rates_steps": "Requests over time",
            "rates_by_endpoint": "Requests by endpoint",
            "rates_change": "Requests, and the period before",
            "failures": "Why requests failed",
            "trends": "Trends",
            "api_metrics": "API calls",
            "circuit_events": "Circuit breakers",
            "traffic_hours": "Requests by hour",
            "latency_hours": "Latency by hour and endpoint",
            "service_latency_hours": "Latency by hour",
        },
        "Webhooks": {
            "webhook_figures": "Deliveries by event type",
            "webhook_metrics": "Deliveries",
        },
        "Quotas": {
            "quota_headroom": "Quota headroom",
            "quota_history": "Quotas over time",
            "quota_hours": "Quotas by hour",
        },
        "Incidents and alerts": {
            "incidents": "Incidents of the period",
            "incident_figures": "Reaction times",
            "suppressed_alerts": "What was kept from people",
            "integration_incidents": "Incidents",
            "incident_events": "Timelines of incidents",
            "notifications": "Notifications",
            "alerts": "Alerts now",
            "alert_events": "Changes of alerts",
            "alert_rules": "Alert rules",
            "alert_rule_changes": "Changes of alert rules",
            "alert_channels": "Channels",
            "mutes": "Mutes",
            "maintenance": "Maintenance",
        },
        "Vendors": {
            "vendor_incidents": "Vendors' incidents",
            "vendor_feeds": "Vendors' pages",
        },
        "The monitor itself": {
            "services": "Services",
            "collector_runs": "Heartbeat",
            "reports": "Reports",
            "imports": "Imports",
            "rollup_state": "State of the rollups",
            "late_hours": "Late hours",
            "schema_version": "Schema",
        },
    }
)

_NAMES = MappingProxyType({name: title for group in GROUPS.values() for name, title in group.items()})


@dataclass(frozen=True, slots=True)
class Entry:
    """A dataset as the list shows it."""

    dataset: Dataset
    title: str

    @property
    def about(self) -> str:
        """What a row is, as a sentence of its own."""
        return f"{self.dataset.about[:1].upper()}{self.dataset.about[1:]}"

    @property
    def kind(self) -> str:
        """`table` for what is stored, `figure` for what is worked out of it."""
        return "table" if self.dataset.read is None else "figure"


def entry(name: str) -> Entry:
    """The entry of a dataset; one that stands in no group goes by its own name."""
    return Entry(DATASETS[name], _NAMES.get(name, name))


def found(search: str) -> dict[str, list[Entry]]:
    """The groups with the entries in which every word of `search` occurs; all of them without one."""
    wanted = search.casefold().split()
    groups = {
        group: [one for one in map(entry, names) if all(word in _searched(group, one) for word in wanted)]
        for group, names in GROUPS.items()
    }
    return {group: entries for group, entries in groups.items() if entries}


def _searched(group: str, one: Entry) -> str:
    return f"{group} {one.title} {one.dataset.name} {one.about} {one.kind}".casefold()
