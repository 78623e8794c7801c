"""How `status` looks on a terminal of 80 columns or more."""

from collections.abc import Iterator

from rich.console import Group
from rich.text import Text

from analytics.commands.output import fitted, joined, text
from analytics.commands.standing import DAYS, Day, Overview, Standing
from analytics.commands.words import level, share
from analytics.model import ServiceType, Status
from analytics.rules.wording import milliseconds, span

#: A shape, a word and a colour each, so that one alone would do.
SIGNS = {
    Status.HEALTHY: ("●", "green"),
    Status.DEGRADED: ("▲", "yellow"),
    Status.DOWN: ("✖", "bold red"),
    Status.UNKNOWN: ("?", "bright_black"),
}
SEVERITIES = {"critical": "bold red", "warning": "yellow", "info": "cyan"}
GROUPS = {
    ServiceType.MCP: "MCP servers",
    ServiceType.API: "External APIs",
    ServiceType.WEBHOOK: "Webhooks",
    ServiceType.INFRASTRUCTURE: "Infrastructure",
}

#: What stands on a line beside the name.
_BESIDE = 1 + 10 + 1 + 1 + 7 + 1 + 8 + 2 + DAYS


def view(found: Overview, width: int) -> Group:
    """Everything, for a terminal of `width` columns."""
    return Group(*_lines(found, width))


def _lines(found: Overview, width: int) -> Iterator[Text]:
    yield _score(found)
    yield _collector(found)
    if not found.services:
        yield text("Nothing is monitored yet: start the collector (python -m collector).", "yellow")
    name_width = max(12, min(40, width - 1 - _BESIDE))
    for service_type in ServiceType:
        group = found.group(service_type)
        if not group:
            continue
        healthy = sum(one.status is Status.HEALTHY for one in group)
        colour = "green" if healthy == len(group) else "yellow"
        title = GROUPS[service_type]
        yield joined(
            Text(title, "bold"),
            "  ",
            fitted(f"{healthy}/{len(group)} healthy", name_width + 10 - len(title), colour),
            Text(f" {'now':>7} {f'{DAYS} days':>8}", "bright_black"),
        )
        for one in group:
            yield _service(one, name_width)
            yield from _trouble(found, one)


def _score(found: Overview) -> Text:
    score = found.score
    colour = (
        "bright_black" if score is None else "green" if score == 100.0 else "yellow" if score >= 80 else "red"
    )
    said = "unknown" if score is None else f"{share(score)} %"
    known = sum(one.status is not Status.UNKNOWN for one in found.services)
    part = "" if known == len(found.services) or not known else f" ({known} of {len(found.services)} known)"
    checked = found.checked_at
    when = "nothing was checked yet" if checked is None else f"last check {span(found.at - checked)} ago"
    return joined(
        "Health score ",
        text(said, f"bold {colour}"),
        f"{part} · {when} · now {found.at:%H:%M} UTC",
    )


def _collector(found: Overview) -> Text:
    if found.heartbeat is None:
        return text("The collector has never run: start it (python -m collector).", "bold red")
    age = span(found.at - found.heartbeat)
    if found.collector_running:
        return text(f"The collector is running, heartbeat {age} ago.")
    return text(f"The collector is not running: its last heartbeat was {age} ago.", "bold red")


def _service(one: Standing, name_width: int) -> Text:
    sign, colour = SIGNS[one.status]
    latency = one.row["response_time_ms"]
    uptime = "–" if one.uptime_percent is None else f"{share(one.uptime_percent)} %"
    return joined(
        " ",
        fitted(f"{sign} {one.status.value}", 10, colour),
        " ",
        fitted(one.service_name, name_width),
        f" {'–' if latency is None or one.stale else milliseconds(latency):>7} {uptime:>8}  ",
        *(_day(day) for day in one.days[-DAYS:]),
    )


def _day(day: Day) -> Text:
    if day.down is None or day.degraded is None:
        return Text("·", "bright_black")
    colour = "red" if day.down else "yellow" if day.degraded else "green"
    return Text(level(day.down + day.degraded), colour)


def _trouble(found: Overview, one: Standing) -> Iterator[Text]:
    """What is to be said of a service that is not healthy, and of its incident."""
    row = one.row
    _, colour = SIGNS[one.status]
    # That the collector is gone is said once, and not of every service.
    if one.status is not Status.HEALTHY and (found.collector_running or not one.stale):
        yield joined("    ", text(_since(found, one), colour), "  ", text(_why(one)))
    if row["incident_id"] is not None:
        severity = row["incident_severity"] or ""
        by = row["acknowledged_by"]
        who = f"{by} is on it" if row["acknowledged_at"] else "nobody is on it yet"
        yield joined(
            "    ",
            text(severity, SEVERITIES.get(severity, "")),
            Text(" "),
            text(f"incident {row['incident_id'][:13]}: {who}; {row['incident_title'] or ''}"),
        )


def _since(found: Overview, one: Standing) -> str:
    if one.row["last_check"] is None:
        return "not checked lately"
    if one.stale:
        return f"not checked for {span(found.at - one.row['last_check'])}"
    if one.row["since"] is None:
        return one.status.value
    return f"{one.status.value} for {span(found.at - one.row['since'])}"


def _why(one: Standing) -> str:
    message = "" if one.stale else one.row["message"] or ""
    return f"{one.reason}: {message}" if message else one.reason
