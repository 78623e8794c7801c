"""The webhook sources the receiver takes deliveries of, as services.toml names them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import duckdb
from pydantic import ValidationError

from analytics.model import ServiceType
from analytics.named_sql import query
from collector.probes.base import ServiceSpec
from collector.probes.runner import fill_options, missing_message
from collector.probes.traffic import window_name
from collector.probes.webhook import WebhookOptions
from collector.receiver.webhook_source import WebhookSource
from collector.secrets import MissingVariables, Redactor, references
from collector.webhooks.seen import CAPACITY, SeenDeliveries
from collector.webhooks.verification import TOLERANCE

#: Senders repeat a delivery for hours, days at most.
_REPEATED_WITHIN = timedelta(days=3)


def webhook_sources(
    specs: Sequence[ServiceSpec], environment: Mapping[str, str], redactor: Redactor
) -> dict[str, WebhookSource]:
    """The sources with a secret, by name. Variables are looked up for each delivery, as probes do."""
    return {
        window_name(spec): _source(spec, spec.options, environment, redactor)
        for spec in specs
        if spec.enabled and isinstance(spec.options, WebhookOptions) and spec.options.secret is not None
    }


def reported_sources(specs: Sequence[ServiceSpec]) -> frozenset[str]:
    """The sources without a secret: their deliveries are reported, and cannot be taken here."""
    return frozenset(
        window_name(spec)
        for spec in specs
        if spec.enabled and isinstance(spec.options, WebhookOptions) and spec.options.secret is None
    )


def known_names(specs: Sequence[ServiceSpec]) -> dict[str, frozenset[str]]:
    """The names that rows of each table may have and that a service has, switched off or not."""
    apis = frozenset(window_name(spec) for spec in specs if spec.key.service_type is ServiceType.API)
    webhooks = frozenset(window_name(spec) for spec in specs if spec.key.service_type is ServiceType.WEBHOOK)
    return {"api_metrics": apis, "circuit_events": apis, "webhook_metrics": webhooks}


def _source(
    spec: ServiceSpec, options: WebhookOptions, environment: Mapping[str, str], redactor: Redactor
) -> WebhookSource:
    name = window_name(spec)
    filled = _filled(options, environment, redactor)
    unset = _unset(options.model_dump(exclude_unset=True, exclude={"old_secret"}), environment)
    within = options.answer_within
    return WebhookSource(
        source=name,
        scheme=options.signed_as(name),
        secrets=_secrets(options, environment, redactor),
        upstream=None if filled is None else filled.upstream,
        tolerance=options.tolerance or TOLERANCE,
        answer_within=None if within is None else within.total_seconds(),
        on_unset=missing_message(unset) if unset else "a variable of this source holds nonsense",
    )


def _secrets(
    options: WebhookOptions, environment: Mapping[str, str], redactor: Redactor
) -> Callable[[], Sequence[str]]:
    def secrets() -> Sequence[str]:
        filled = _filled(options, environment, redactor)
        return [secret for secret in (filled.secret, filled.old_secret) if secret] if filled else []

    return secrets


def _filled(
    options: WebhookOptions, environment: Mapping[str, str], redactor: Redactor
) -> WebhookOptions | None:
    """The options with their variables; None while one is not set or holds nonsense.

    An old secret whose variable is not set is none: the rotation is over, or has not begun.
    """
    if options.old_secret is not None and _unset(options.old_secret, environment):
        options = WebhookOptions(**options.model_dump(exclude_unset=True, exclude={"old_secret"}))
    try:
        filled = fill_options(options, environment, redactor)
    except (MissingVariables, ValidationError):
        return None
    assert isinstance(filled, WebhookOptions)
    return filled


def _unset(value: object, environment: Mapping[str, str]) -> list[str]:
    return [name for name in dict.fromkeys(references(value)) if not environment.get(name)]


def seen_deliveries(connection: duckdb.DuckDBPyConnection, now: datetime) -> SeenDeliveries:
    """What was processed before this start, so that a restart processes nothing twice."""
    seen = SeenDeliveries()
    wanted = {"since": now - _REPEATED_WITHIN, "most": CAPACITY}
    rows = connection.execute(query("processed_deliveries"), wanted).fetchall()
    for source, delivery_id in rows:
        seen.add(source, delivery_id)
    return seen
