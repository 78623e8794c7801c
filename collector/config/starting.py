"""What the environment of a start makes of `[receiver]` and `[traces]`: it beats the file, and fills it."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from analytics.model import ServiceType
from collector.config.model import Config, ConfigError
from collector.config.receiving import token_fault
from collector.config.words import shown
from collector.probes.base import ServiceSpec
from collector.probes.traffic import window_name
from collector.receiver.address import is_loopback, parse_address, written_address
from collector.receiver.settings import ReceiverSettings
from collector.secrets import REFERENCE


def receiver_settings(config: Config, environment: Mapping[str, str]) -> ReceiverSettings | None:
    """How the receiver runs, None when it is switched off. `HEALTH_LISTEN` and `HEALTH_TOKEN` beat the file.

    Raises ConfigError with every fault.
    """
    table = config.receiver
    if not table.enabled:
        return None
    faults = []
    given = environment.get("HEALTH_LISTEN", "").strip()
    place = "HEALTH_LISTEN" if given else f"{config.path}: receiver.listen"
    try:
        host, port = parse_address(given or table.listen)
    except ValueError as error:
        raise ConfigError([f"{place}: {shown(given)} {error}"]) from None
    token, source = _token(config, environment)
    wrong = token_fault(token) if token else None
    if wrong:
        faults.append(f"{source}: the value {wrong}")
    elif not token and not is_loopback(host):
        faults.append(
            f"{place}: {written_address(host, port)} is reachable from other machines; "
            f"set HEALTH_TOKEN or listen on 127.0.0.1"
        )
    if faults:
        raise ConfigError(faults)
    return ReceiverSettings(host=host, port=port, token=token, body_limit=table.body_limit)


def receiver_token(config: Config, environment: Mapping[str, str]) -> str | None:
    """The token as it is given, for a redactor to learn, whatever is wrong with it or with the receiver."""
    return _token(config, environment)[0]


def _token(config: Config, environment: Mapping[str, str]) -> tuple[str | None, str]:
    """The token and where it is from. A variable that is not set means no token."""
    given = environment.get("HEALTH_TOKEN", "").strip()
    if given:
        return given, "HEALTH_TOKEN"
    filled = _filled(config.receiver.token, environment)
    names = REFERENCE.findall(config.receiver.token)
    return filled, ", ".join(names) or f"{config.path}: receiver.token"


def trace_hosts(config: Config, environment: Mapping[str, str]) -> dict[str, str]:
    """Host pattern → API, for traces: the hosts of the configured APIs, and over them what `[traces]` says.

    The host of an API whose variables are not set is not known, and so not in it.
    """
    hosts: dict[str, str] = {}
    for spec in config.services:
        host = _host(spec, environment)
        if host is not None:
            hosts.setdefault(host, window_name(spec))
    return {**hosts, **config.trace_hosts}


def _host(spec: ServiceSpec, environment: Mapping[str, str]) -> str | None:
    """`host` or `host:port` of the address of an API."""
    target = _filled(spec.options.target(), environment) if spec.key.service_type is ServiceType.API else None
    try:
        parts = urlsplit(target or "")
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host:
        return None
    return written_address(host, port) if port else f"[{host}]" if ":" in host else host


def _filled(text: str, environment: Mapping[str, str]) -> str | None:
    """`text` with its variables, None when one is not set."""
    if any(not environment.get(name) for name in REFERENCE.findall(text)):
        return None
    return REFERENCE.sub(lambda found: environment[found[1]], text).strip()
