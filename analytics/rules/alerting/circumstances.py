"""What holds around the looks of one step: settings, dependencies, what is quiet on purpose, who is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from analytics.alerting import AlertPolicy, AlertRule, Health, Mute, Route
from analytics.model import ServiceKey

#: A pause that long between two looks says that nobody looked: the limit of the status rules for fresh data.
LONGEST_GAP = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """All that a step goes by beside what was seen.

    `health` holds the newest look at each service, those of this step among them. `maintenance` says for each
    service that is worked on why nobody is to be told. `vendor` is what the vendor of a service reports,
    `runbooks` the URL a service has of its own, `runbook_base` the URL under which the page of a reason is
    found, `dashboard` the URL of the page; all "" or missing without one. `longest_gap` is the pause between
    two looks at a service after which nothing is known of the time between, `own_gap` that of the collector
    itself. `monitored` are the services that are looked at; what is said of others is passed over. `fits` has
    the rules that say anything of a service; of one that is missing there, all do.
    """

    policy: AlertPolicy
    monitored: frozenset[ServiceKey]
    routes: tuple[Route, ...] = ()
    health: Mapping[ServiceKey, Health] = field(default_factory=dict)
    depends_on: Mapping[ServiceKey, tuple[ServiceKey, ...]] = field(default_factory=dict)
    maintenance: Mapping[ServiceKey, str] = field(default_factory=dict)
    mutes: tuple[Mute, ...] = ()
    vendor: Mapping[ServiceKey, str] = field(default_factory=dict)
    runbooks: Mapping[ServiceKey, str] = field(default_factory=dict)
    runbook_base: str = ""
    dashboard: str = ""
    longest_gap: Mapping[ServiceKey, timedelta] = field(default_factory=dict)
    own_gap: timedelta = LONGEST_GAP
    fits: Mapping[ServiceKey, frozenset[AlertRule]] = field(default_factory=dict)

    def gap(self, service: ServiceKey | None) -> timedelta:
        """The longest pause between two looks at `service` (None: the collector) that is bridged."""
        return self.own_gap if service is None else self.longest_gap.get(service, LONGEST_GAP)
