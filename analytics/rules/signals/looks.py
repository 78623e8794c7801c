"""All the looks of all the rules. Pure functions."""

from collections.abc import Collection, Mapping
from datetime import datetime

from analytics.alerting import AlertPolicy, AlertRule, RuleSettings, Signal
from analytics.model import Basis, Policy, ServiceKey, Status
from analytics.rules.signals import from_checks, from_details
from analytics.rules.signals.evidence import Evidence
from analytics.rules.signals.from_burn import slo_burn
from analytics.rules.signals.from_calls import high_error_rate, slow_calls
from analytics.rules.signals.from_circuits import circuit_open
from analytics.rules.signals.from_collector import collector_blind
from analytics.rules.signals.from_deliveries import webhook_verification
from analytics.rules.signals.from_quotas import quota_headroom
from analytics.rules.signals.observation import Observation
from analytics.rules.signals.settings import active

_EVERY: frozenset[AlertRule] = frozenset(AlertRule)
_NONE: frozenset[AlertRule] = frozenset()


def check_signals(
    observation: Observation,
    present: Status | None,
    policy: AlertPolicy,
    asked: Collection[AlertRule] = _EVERY,
) -> list[Signal]:
    """What one check says to the rules that go by checks; a rule that is off, or not about it, says nothing.

    `present` is the status of the last minutes alone of a service judged by traffic, None when they are
    unknown; of a probed service it does not matter. Only the rules in `asked` are asked.
    """
    service, basis = observation.service, observation.policy.basis
    found: list[Signal | None] = []
    if settings := _asked(asked, policy, AlertRule.SERVICE_DOWN, service):
        found.append(from_checks.service_down(observation, present, settings))
    if settings := _asked(asked, policy, AlertRule.SERVICE_DEGRADED, service):
        found.append(from_checks.service_degraded(observation, present, settings))
    if basis is Basis.PRESENT and (settings := _asked(asked, policy, AlertRule.SLOW_RESPONSE, service)):
        found.append(from_checks.slow_answer(observation, settings))
    if basis is Basis.DELIVERIES and (settings := _asked(asked, policy, AlertRule.WEBHOOK_SILENT, service)):
        found.append(from_details.webhook_silent(observation, settings))
    if settings := _asked(asked, policy, AlertRule.TOOLS_CHANGED, service):
        found.append(from_details.tools_changed(observation, settings))
    if settings := _asked(asked, policy, AlertRule.CERTIFICATE_EXPIRY, service):
        found.append(from_details.certificate_expiry(observation, settings))
    return [signal for signal in found if signal is not None]


def evidence_signals(
    evidence: Evidence,
    services: Mapping[ServiceKey, Policy],
    policy: AlertPolicy,
    now: datetime,
    asked: Mapping[ServiceKey | None, Collection[AlertRule]] | None = None,
) -> list[Signal]:
    """What the tables say to the rules that go by traffic or by many checks, for `services`, as of `now`.

    Of each service (None: the collector itself) only the rules in `asked` are asked, in its order; all of
    them without it.
    """
    found: list[Signal] = []
    for service, rules in (dict.fromkeys(services, _EVERY) if asked is None else asked).items():
        if service is None:
            continue
        limits = services[service]
        if limits.basis is Basis.CALLS:
            found += _of_api(service, limits, evidence, policy, now, rules)
        if limits.basis is Basis.DELIVERIES and (
            settings := _asked(rules, policy, AlertRule.WEBHOOK_VERIFICATION, service)
        ):
            found.append(webhook_verification(service, evidence, settings, now))
        if settings := _asked(rules, policy, AlertRule.SLO_BURN, service):
            found.append(slo_burn(service, evidence, settings, now))
    own = _EVERY if asked is None else asked.get(None, _NONE)
    if settings := _asked(own, policy, AlertRule.COLLECTOR_BLIND, None):
        found.append(collector_blind(services, evidence, settings, now))
    return found


def _of_api(
    service: ServiceKey,
    limits: Policy,
    evidence: Evidence,
    policy: AlertPolicy,
    now: datetime,
    rules: Collection[AlertRule],
) -> list[Signal]:
    found: list[Signal] = []
    if settings := _asked(rules, policy, AlertRule.HIGH_ERROR_RATE, service):
        found.append(high_error_rate(service, evidence, settings, now))
    if settings := _asked(rules, policy, AlertRule.SLOW_RESPONSE, service):
        found.append(slow_calls(service, limits, evidence, settings, now))
    if settings := _asked(rules, policy, AlertRule.CIRCUIT_OPEN, service):
        found.append(circuit_open(service, evidence, settings, now))
    if settings := _asked(rules, policy, AlertRule.QUOTA_HEADROOM, service):
        found += quota_headroom(service, evidence, settings, now)
    return found


def _asked(
    rules: Collection[AlertRule], policy: AlertPolicy, rule: AlertRule, service: ServiceKey | None
) -> RuleSettings | None:
    return active(policy, rule, service) if rule in rules else None
