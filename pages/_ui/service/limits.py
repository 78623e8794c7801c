"""The limits a service is judged by."""

from html import escape

from analytics.model import Basis, Policy, ServiceType
from pages._ui import panels, words
from pages._ui.snapshot import Service

_BASES = {
    Basis.PRESENT: "its newest check",
    Basis.CALLS: "calls of the last hour, and its own check",
    Basis.DELIVERIES: "deliveries of the last hour",
}


def card(policy: Policy, service: Service) -> str:
    """The limits in force."""
    facts = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in _facts(policy, service))
    body = f'<dl class="facts">{facts}</dl>'
    return panels.card("Thresholds", body, about="in force now", classes="service-thresholds")


def _facts(policy: Policy, service: Service) -> list[tuple[str, str]]:
    calls = service.service_type is ServiceType.API
    facts = [("Decided by", _BASES[policy.basis])]
    if policy.basis is not Basis.DELIVERIES:
        facts.append(("Slow", f"{'P95 ' if calls else ''}over {words.milliseconds(policy.healthy_ms)}"))
    if calls:
        facts.append(("Too slow", f"P95 over {words.milliseconds(policy.down_ms)}: down"))
    if policy.basis is not Basis.PRESENT:
        share = "succeeded" if calls else "verified, processed"
        facts.append(("Healthy", f"over {policy.healthy_above_percent:g} % {share}"))
        facts.append(("Down", f"under {policy.down_below_percent:g} % {share}"))
    facts += [
        ("Sure after", f"{policy.sure_after} failures in a row"),
        ("Unknown after", f"{words.span(policy.stale_after)} without news"),
        ("Checked every", words.span(service.interval)),
    ]
    if service.target:
        facts.append(("Asked at", f"<code>{escape(service.target)}</code>"))
    return facts
