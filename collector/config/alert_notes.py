"""What is no fault of alerts and channels, and what somebody should know before he relies on them."""

from collections.abc import Mapping

from analytics.alerting import Route
from analytics.model import Severity
from analytics.rules.alerting.routing import channels_for
from collector.config.model import Config
from collector.config.starting_alerts import channels_off, runbook_base
from collector.config.words import and_listed
from collector.receiver.address import is_loopback


def alert_notes(config: Config, environment: Mapping[str, str]) -> list[str]:
    """One sentence each, none with a secret: channels that are off, and what reaches nobody, or not all."""
    return [*off_notes(config, environment), *_routing(config, environment), *_links(config, environment)]


def off_notes(config: Config, environment: Mapping[str, str]) -> list[str]:
    """Which channels are off because of variables that are not set; a warning at each start."""
    return [
        f"channel {channel} is off: {and_listed(names)} {'is' if len(names) == 1 else 'are'} not set"
        for channel, names in channels_off(config, environment).items()
    ]


def _routing(config: Config, environment: Mapping[str, str]) -> list[str]:
    off = channels_off(config, environment)
    routes = [
        Route(spec.name, frozenset(spec.severities)) for spec in config.channels if spec.name not in off
    ]
    if not routes:
        return [
            "no channel is on: nobody is told of alerts, not even critical ones; they are recorded and shown"
        ]
    found = []
    for severity in Severity:
        if not any(severity in route.severities for route in routes):
            instead = channels_for(severity, routes)
            who = (
                f"{and_listed(instead)} {'gets' if len(instead) == 1 else 'get'}"
                if instead
                else "nobody gets"
            )
            found.append(f"no channel that is on takes {severity} alerts: {who} them")
    return found + _reports(config, off)


def _reports(config: Config, off: Mapping[str, list[str]]) -> list[str]:
    if config.reports is None or mailed_by(config, off):
        return []
    kept = f"they are kept in {config.reports.folder} alone"
    return [f"no channel that is on mails reports (kind email, severity info): {kept}"]


def mailed_by(config: Config, off: Mapping[str, list[str]]) -> list[str]:
    """The channels that send reports: those by email that take what is merely worth knowing."""
    return [
        spec.name
        for spec in config.channels
        if spec.kind == "email" and Severity.INFO in spec.severities and spec.name not in off
    ]


def _links(config: Config, environment: Mapping[str, str]) -> list[str]:
    """Somebody who is woken elsewhere cannot follow a link to this machine."""
    if not config.channels or len(channels_off(config, environment)) == len(config.channels):
        return []
    base = runbook_base(config, environment)
    if not base:
        return ["alerts have no links to runbooks: receiver.enabled is false, and alerts.runbooks is not set"]
    host = base.partition("://")[2].partition("/")[0].rpartition(":")[0].strip("[]")
    if not config.runbooks and is_loopback(host):
        return [f"links to runbooks lead to {base}, which other machines cannot open; set alerts.runbooks"]
    return []
