"""The figures of services over a time: a method a question, thin over the functions of `analytics`."""

from collections.abc import Callable
from datetime import timedelta
from typing import Literal

import pandas as pd

from analytics import (
    availability_queries,
    latency_queries,
    quota_queries,
    slo_queries,
    status_queries,
    traffic_queries,
    trend_queries,
    webhook_queries,
    worst_queries,
)
from analytics.db import Connection
from analytics.grouping import By
from analytics.model import ServiceKey
from analytics.notebook.door import Door, NoSuchThing, When, Which, chosen, explained_by
from analytics.periods import Period

_Asked = Callable[[Connection, Period, list[ServiceKey] | None], pd.DataFrame]


class Figures(Door):
    """What is asked of a period and of some services."""

    @explained_by(availability_queries.availability)
    def availability(
        self,
        period: When = "7d",
        by: Literal["service", "type", "all"] = "service",
        services: Which = None,
    ) -> pd.DataFrame:
        """How much of `period` services were there."""
        return self._asked(
            period, services, lambda c, p, s: availability_queries.availability(c, p.since, p.until, by, s)
        )

    @explained_by(availability_queries.reasons)
    def reasons(self, period: When = "7d", services: Which = None) -> pd.DataFrame:
        """Why services were as they were in `period`."""
        return self._asked(
            period, services, lambda c, p, s: availability_queries.reasons(c, p.since, p.until, s)
        )

    @explained_by(status_queries.status_timeline)
    def status_timeline(self, period: When = "7d", services: Which = None) -> pd.DataFrame:
        """The stretches of one status in `period`."""
        return self._asked(
            period, services, lambda c, p, s: status_queries.status_timeline(c, p.since, p.until, s)
        )

    @explained_by(status_queries.status_hours)
    def status_hours(
        self, period: When = "7d", step: timedelta = timedelta(hours=1), services: Which = None
    ) -> pd.DataFrame:
        """The same by steps of time; those of whole days begin by the clock of this notebook's time zone."""
        return self._asked(
            period,
            services,
            lambda c, p, s: status_queries.status_hours(c, p.since, p.until, step, s, self.timezone),
        )

    @explained_by(latency_queries.latency)
    def latency(self, period: When = "7d", by: By = "service", services: Which = None) -> pd.DataFrame:
        """How long requests took in `period`."""
        return self._asked(
            period, services, lambda c, p, s: latency_queries.latency(c, p.since, p.until, by, s)
        )

    @explained_by(latency_queries.latency_steps)
    def latency_steps(
        self,
        period: When = "7d",
        step: timedelta | None = None,
        by: By = "service",
        services: Which = None,
    ) -> pd.DataFrame:
        """The same by steps of time, for charts; `step` is by default one that fits the period."""
        return self._asked(
            period,
            services,
            lambda c, p, s: latency_queries.latency_steps(c, p.since, p.until, step or p.step, by, s),
        )

    @explained_by(traffic_queries.rates)
    def rates(self, period: When = "7d", by: By = "service", services: Which = None) -> pd.DataFrame:
        """How much was asked in `period`, and how much of it went well."""
        return self._asked(
            period, services, lambda c, p, s: traffic_queries.rates(c, p.since, p.until, by, s)
        )

    @explained_by(traffic_queries.rates_steps)
    def rates_steps(
        self,
        period: When = "7d",
        step: timedelta | None = None,
        by: By = "service",
        services: Which = None,
    ) -> pd.DataFrame:
        """The same by steps of time, for charts; `step` is by default one that fits the period."""
        return self._asked(
            period,
            services,
            lambda c, p, s: traffic_queries.rates_steps(c, p.since, p.until, step or p.step, by, s),
        )

    @explained_by(traffic_queries.failures)
    def failures(self, period: When = "7d", services: Which = None) -> pd.DataFrame:
        """Why requests failed in `period`."""
        return self._asked(period, services, lambda c, p, s: traffic_queries.failures(c, p.since, p.until, s))

    @explained_by(trend_queries.trends)
    def trends(self, period: When = "7d", by: By = "service", services: Which = None) -> pd.DataFrame:
        """What changed against the period before."""
        return self._asked(period, services, lambda c, p, s: trend_queries.trends(c, p, by, s))

    @explained_by(webhook_queries.webhook_figures)
    def webhooks(self, period: When = "7d", services: Which = None) -> pd.DataFrame:
        """What webhook sources delivered in `period`."""
        return self._asked(
            period, services, lambda c, p, s: webhook_queries.webhook_figures(c, p.since, p.until, s)
        )

    @explained_by(worst_queries.worst_services)
    def worst_services(self, period: When = "7d") -> pd.DataFrame:
        """Which services were worst off in `period`."""
        return self._asked(period, None, lambda c, p, _: worst_queries.worst_services(c, p.since, p.until))

    @explained_by(slo_queries.slo)
    def slo(self, services: Which = None) -> pd.DataFrame:
        """How services keep what they promise, and what is left of their error budgets, now."""
        return self.frame(lambda c: slo_queries.slo(c, self.now_in(c), chosen(c, services)))

    @explained_by(slo_queries.slo_history)
    def slo_history(
        self, service: str | ServiceKey, period: When = "30d", step: timedelta = timedelta(hours=6)
    ) -> pd.DataFrame:
        """What was left of the error budget of one service in the course of `period`."""
        return self._asked(
            period, service, lambda c, p, s: slo_queries.slo_history(c, p.since, p.until, (s or [])[0], step)
        )

    @explained_by(quota_queries.quota_headroom)
    def quota_headroom(self, services: Which = None) -> pd.DataFrame:
        """What is left of the quotas of APIs, now."""
        return self.frame(
            lambda c: quota_queries.quota_headroom(c, self.now_in(c), services=chosen(c, services))
        )

    def _asked(self, period: When, services: Which, work: _Asked) -> pd.DataFrame:
        try:
            return self.frame(lambda c: work(c, self.period_in(c, period), chosen(c, services)))
        except NoSuchThing:
            raise
        except ValueError as error:
            raise NoSuchThing(str(error)) from error
