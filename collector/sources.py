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
        on_unset=missing_message(unset) if unset else "the secret of this source is not set",
        secret_from=", ".join(references(options.secret)),
    )


def _secrets(
    options: WebhookOptions, environment: Mapping[str, str], redactor: Redactor
) -> Callable[[], Sequence[str]]:
    def secrets() -> Sequence[str]:
        try:
            filled = _fill(options, environment, redactor)
        except MissingVariables:
            return []
        except ValidationError as error:
            raise ValueError(_wrong_value(options, error)) from None
        return [secret for secret in (filled.secret, filled.old_secret) if secret]

    return secrets


def _filled(
    options: WebhookOptions, environment: Mapping[str, str], redactor: Redactor
) -> WebhookOptions | None:
    """The options with their variables; None while one is not set or holds nonsense."""
    try:
        return _fill(options, environment, redactor)
    except (MissingVariables, ValidationError):
        return None


def _fill(options: WebhookOptions, environment: Mapping[str, str], redactor: Redactor) -> WebhookOptions:
    """The options with their variables.

    An old secret whose variable is not set is none: the rotation is over, or has not begun. Raises
    `MissingVariables`, and ValidationError for a variable that holds nonsense.
    """
    if options.old_secret is not None and _unset(options.old_secret, environment):
        options = WebhookOptions(**options.model_dump(exclude_unset=True, exclude={"old_secret"}))
    filled = fill_options(options, environment, redactor)
    assert isinstance(filled, WebhookOptions)
    return filled


def _wrong_value(options: WebhookOptions, error: ValidationError) -> str:
    """The variables of the option that is wrong, and why it is; never the value, which may be a secret."""
    first = error.errors(include_input=False, include_url=False)[0]
    option = str(first["loc"][0]) if first["loc"] else ""
    names = ", ".join(references(getattr(options, option, None)))
    return f"{names or option}: {option} {first['msg'].removeprefix('Value error, ')}"


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
