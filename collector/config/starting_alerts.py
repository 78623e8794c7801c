"""What the environment of a start makes of channels, heartbeat and links: what is off, and what is wrong."""

import re
from collections.abc import Iterator, Mapping

from collector.config.alerting import dashboard_fault
from collector.config.model import Config, ConfigError
from collector.config.starting import receiver_settings
from collector.config.watching import heartbeat_fault
from collector.notify.options import ChannelSpec, WrongOptions
from collector.receiver.address import is_wildcard, written_address
from collector.secrets import REFERENCE, MissingVariables, references

_URL_PART = re.compile(r"[A-Za-z0-9_~-]{16,}")


def check_environment(config: Config, environment: Mapping[str, str], listening: bool = True) -> None:
    """Raises ConfigError with every fault that this environment gives the receiver, the channels or the rest.

    To be told before anything starts. What is not set is no fault: it switches its channel off. What is not
    `listening` (a single cycle) needs no receiver.
    """
    faults = []
    try:
        if listening:
            receiver_settings(config, environment)
    except ConfigError as error:
        faults += error.faults
    faults += channel_faults(config, environment)
    if faults:
        raise ConfigError(faults)


def channel_faults(config: Config, environment: Mapping[str, str]) -> list[str]:
    """One line for each value of the environment that a channel, the heartbeat or a link cannot use.

    Names the variables, never their values.
    """
    faults = [line for spec in config.channels for line in _wrong_channel(config, spec, environment)]
    url = config.heartbeat.url if config.heartbeat else ""
    for text, key, fault_of in (
        (url, "heartbeat.url", heartbeat_fault),
        (config.dashboard, "alerts.dashboard", dashboard_fault),
    ):
        filled = _filled(text, environment)
        wrong = fault_of(filled) if filled and REFERENCE.search(text) else None
        if wrong:
            faults.append(_line(config, references(text), key, wrong))
    return faults


def channels_off(config: Config, environment: Mapping[str, str]) -> dict[str, list[str]]:
    """Channel → the variables that are not set, of those that are off because of it."""
    missing = {
        spec.name: [name for name in spec.variables() if not environment.get(name)]
        for spec in config.channels
    }
    return {channel: names for channel, names in missing.items() if names}


def channel_secrets(config: Config, environment: Mapping[str, str]) -> list[str]:
    """What a redactor must know before anything is logged: keys, passwords and URLs that are passwords.

    As they stand in the file or come from the environment; of URLs also the parts that look like keys, for
    whoever shows only a piece of one.
    """
    found: list[str] = []
    for spec in config.channels:
        values = [getattr(spec.options, key) for key in sorted(spec.options.secrets)]
        found += [secret for value in values if value for secret in _secrets(value, environment)]
    if config.heartbeat:
        found += _secrets(config.heartbeat.url, environment)
    return list(dict.fromkeys(found))


def dashboard_url(config: Config, environment: Mapping[str, str]) -> str:
    """Where people find the dashboard, without a slash at its end; "" when nobody said."""
    return (_filled(config.dashboard, environment) or "").rstrip("/")


def runbook_base(config: Config, environment: Mapping[str, str]) -> str:
    """Where runbooks are: a URL with `{page}` for the name of one, or that it is appended to with a slash.

    "" when nobody serves them: where the receiver is switched off, or cannot listen as the environment says.
    """
    if config.runbooks:
        return config.runbooks
    try:
        settings = receiver_settings(config, environment)
    except ConfigError:
        return ""
    if settings is None:
        return ""
    host = settings.host if not is_wildcard(settings.host) else "127.0.0.1"
    return f"http://{written_address(host, settings.port)}/runbooks"


def _wrong_channel(config: Config, spec: ChannelSpec, environment: Mapping[str, str]) -> Iterator[str]:
    try:
        spec.options.resolve(environment)
    except MissingVariables:
        return
    except WrongOptions as error:
        values = spec.options.model_dump(by_alias=True)
        for key, wrong in error.faults.items():
            names = references(values.get(key.partition(".")[0])) if key else spec.variables()
            place = f"channels.{spec.name}.{key}" if key else f"channels.{spec.name}"
            yield _line(config, names, place, wrong, value=bool(key))


def _line(config: Config, names: list[str], place: str, wrong: str, value: bool = True) -> str:
    """As of the receiver's token: the variables first, for they are what is to be changed."""
    source = ", ".join(dict.fromkeys(names)) or f"{config.path}"
    return f"{source}: {'the value ' if value else ''}{wrong} [{place}]"


def _filled(text: str, environment: Mapping[str, str]) -> str | None:
    """`text` with its variables, None when one is not set."""
    if any(not environment.get(name) for name in references(text)):
        return None
    return REFERENCE.sub(lambda found: environment[found[1]], text).strip()


def _secrets(text: str, environment: Mapping[str, str]) -> Iterator[str]:
    filled = _filled(text, environment)
    whole = [filled] if filled else []
    for value in [*whole, *(environment.get(name, "") for name in references(text))]:
        if not value:
            continue
        yield value
        if "://" in value:
            yield from _URL_PART.findall(value.partition("://")[2].partition("/")[2])
