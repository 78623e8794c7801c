"""What `--check-config` prints: one line a service, then who is told of what; all without a secret."""

from collections.abc import Mapping
from datetime import datetime

from analytics.model import Basis
from collector.config.alert_description import describe_alerts
from collector.config.alert_notes import alert_notes
from collector.config.columns import aligned, variable_state
from collector.config.model import Config
from collector.config.notes import notes, receives
from collector.config.starting import receiver_settings, trace_hosts
from collector.config.starting_alerts import check_environment
from collector.duration import written
from collector.probes.base import ServiceSpec
from collector.probes.http_url import shown_url
from collector.probes.traffic import window_name
from collector.probes.webhook import WebhookOptions
from collector.secrets import Redactor, references

_HEADINGS = ("SERVICE", "PROBE", "TARGET", "INTERVAL", "TIMEOUT", "LIMITS", "VARIABLES")
_LONGEST_TARGET = 60


def describe(config: Config, environment: Mapping[str, str], now: datetime | None = None) -> str:
    """The configuration for people: aligned columns, notes, and a summary of what is still missing.

    Of `environment` only the names are shown, and whether each is set. With `now` the next maintenance is
    told. Ends without a newline. Raises ConfigError when the environment makes the receiver or a channel
    impossible.
    """
    check_environment(config, environment)
    rows = [_row(spec, environment) for spec in config.services]
    head = (
        f"{config.path}: a cycle every {written(config.interval)}, timeout {written(config.timeout)}, "
        f"retries every {written(config.retry_interval)}"
    )
    canary = ", ".join(config.canary) or "none; a lost network of this machine counts as outages"
    return "\n".join(
        [
            head,
            f"canary: {canary}",
            _receiver(config, environment),
            "",
            *aligned([_HEADINGS, *rows]),
            "",
            *describe_alerts(config, environment, now),
            "",
            *(f"note: {note}" for note in [*notes(config), *alert_notes(config, environment)]),
            _summary(config, environment),
        ]
    )


def variables(spec: ServiceSpec) -> list[str]:
    """The environment variables `spec` needs, in the order of the file."""
    return list(dict.fromkeys(references(spec.options.model_dump(exclude_unset=True))))


def _receiver(config: Config, environment: Mapping[str, str]) -> str:
    settings = receiver_settings(config, environment)
    if settings is None:
        return "receiver: off"
    unset = ", ".join(references(config.receiver.token))
    token = "token set" if settings.token else f"{unset} not set: programs on this machine alone"
    hosts = trace_hosts(config, environment)
    traces = f"traces of {len(hosts)} host{'' if len(hosts) == 1 else 's'}"
    return f"receiver: http://{settings.address}, {token}, {traces}"


def _row(spec: ServiceSpec, environment: Mapping[str, str]) -> tuple[str, ...]:
    target = Redactor().mask(_target(spec))
    if len(target) > _LONGEST_TARGET:
        target = target[: _LONGEST_TARGET - 1] + "…"
    return (
        str(spec.key) + ("" if spec.enabled else " (off)"),
        spec.kind.name,
        target or "-",
        written(spec.interval),
        written(spec.timeout),
        _limits(spec),
        ", ".join(variable_state(name, environment) for name in variables(spec)) or "none needed",
    )


def _target(spec: ServiceSpec) -> str:
    """What is checked; of deliveries taken here, where they come in and who gets them."""
    options = spec.options
    if not isinstance(options, WebhookOptions) or not receives(spec):
        return options.target()
    address = f"/webhooks/{window_name(spec)}"
    return f"{address} → {shown_url(options.upstream)}" if options.upstream else address


def _limits(spec: ServiceSpec) -> str:
    policy = spec.policy
    if policy.basis is Basis.DELIVERIES:
        return f"verified, processed > {policy.healthy_above_percent:g} %"
    if policy.basis is Basis.CALLS:
        return f"{policy.healthy_ms:g}/{policy.down_ms:g} ms"
    return f"{policy.healthy_ms:g} ms"


def _summary(config: Config, environment: Mapping[str, str]) -> str:
    active = [spec for spec in config.services if spec.enabled]
    off = len(config.services) - len(active)
    missing = {spec.key: [name for name in variables(spec) if not environment.get(name)] for spec in active}
    unready = sum(1 for names in missing.values() if names)
    total = len(config.services)
    text = f"{total} service{'' if total == 1 else 's'}" + (f", {off} switched off" if off else "")
    if not unready:
        return f"{text}; every variable of the services is set"
    names = dict.fromkeys(name for names in missing.values() for name in names)
    return f"{text}, {unready} cannot be checked yet: set {', '.join(names)}"
