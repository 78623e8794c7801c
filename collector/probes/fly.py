"""The fly probe: the machines of one Fly.io app as the Machines API lists them, and the app's own health.

The API: https://fly.io/docs/machines/api/machines-resource/; states:
https://fly.io/docs/machines/machine-states/. It allows one list a second for an app.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from analytics.model import Finding, Reason
from collector.probes.base import ProbeContext, ProbeFailure, ProbeKind
from collector.probes.http_fetch import fetch
from collector.probes.http_status import judge_status, status_details
from collector.probes.http_url import network_host
from collector.probes.options import HttpUrl, ProbeOptions, Text
from collector.probes.parts import Part, PartProbe, ask_parts, worst
from collector.secrets import REFERENCE

_GONE = ("destroying", "destroyed")
_ASLEEP = ("stopped", "suspended", "stopping", "suspending")


def _app(value: str) -> str:
    if not REFERENCE.search(value) and not re.fullmatch(r"[a-z0-9][a-z0-9-]*", value):
        raise ValueError("is no app name; write the name alone, like my-app")
    return value


class FlyOptions(ProbeOptions):
    """Options of fly. `min_started` machines must run, unless the app sleeps and `health_url` answers."""

    app: Annotated[str, AfterValidator(_app)]
    token: Text = Field(repr=False)
    api_url: HttpUrl = "https://api.machines.dev/v1"
    health_url: HttpUrl | None = Field(default=None, repr=False)
    min_started: Annotated[int, Field(ge=0)] = 1

    def target(self) -> str:
        return f"Fly app {self.app}"

    def host(self) -> str | None:
        return network_host(self.api_url)


@dataclass(frozen=True, slots=True)
class Machines:
    """The machines of an app, without those that are being removed."""

    states: Mapping[str, int]
    regions: Sequence[str]
    checks: int
    passing: int
    failing: Sequence[str]

    @property
    def started(self) -> int:
        return self.states.get("started", 0)

    @property
    def asleep(self) -> int:
        return sum(self.states.get(state, 0) for state in _ASLEEP)

    def as_details(self) -> dict[str, Any]:
        """States, regions and checks as they are kept in `details`."""
        checks = {"total": self.checks, "passing": self.passing, "failing": list(self.failing)}
        return {"machines": dict(self.states), "regions": list(self.regions), "checks": checks}


async def probe(options: FlyOptions, context: ProbeContext) -> Finding:
    """List the machines, and ask `health_url` at the same time."""
    probes: dict[str, PartProbe] = {"machines": partial(_machines, options)}
    if options.health_url is not None:
        probes["health"] = partial(_health, options.health_url)
    parts = await ask_parts(context, probes)
    details: dict[str, Any] = dict(parts[0].finding.details)
    if len(parts) == 2:
        details["health"] = parts[1].as_details()
    reason, message = judge(parts)
    return Finding(reason is Reason.OK, reason, message, details)


def judge(parts: Sequence[Part]) -> tuple[Reason, str]:
    """The reason and the sentence for what the API and the app's own health said. Pure."""
    machines, health = parts[0].finding, parts[1].finding if len(parts) == 2 else None
    if health is not None and health.ok and machines.details.get("asleep"):
        return (
            Reason.OK,
            f"the app sleeps ({_states(machines.details['machines'])}) and its health URL answers",
        )
    failing = [part for part in parts if not part.finding.ok]
    if not failing:
        return Reason.OK, machines.message + (", and its health URL answers" if health else "")
    said = [
        f"health URL: {part.finding.message}" if part is not parts[0] else machines.message
        for part in failing
    ]
    if health is not None and health.ok:
        said.append("the health URL answers")
    return worst(failing).finding.reason, "; ".join(said)


async def _machines(options: FlyOptions, context: ProbeContext) -> Finding:
    url = f"{options.api_url.rstrip('/')}/apps/{options.app}/machines"
    fetched = await fetch(context, "GET", url, headers={"Authorization": _authorization(options.token)})
    details = {**fetched.details, **status_details(fetched.status, fetched.headers)}
    reason, message = judge_status(fetched.status)
    if fetched.status == 404:
        message = f"the Machines API knows no app {options.app} (404)"
    elif reason is not Reason.OK:
        message = f"the Machines API {message}"
    if reason is not Reason.OK:
        return Finding(False, reason, message, details)
    machines = read_machines(fetched.json())
    details |= machines.as_details()
    if not machines.started and machines.asleep:
        details["asleep"] = True
    reason, message = judge_machines(machines, options.min_started)
    return Finding(reason is Reason.OK, reason, message, details)


async def _health(url: str, context: ProbeContext) -> Finding:
    fetched = await fetch(context, "GET", url, follow_redirects=True)
    reason, message = judge_status(fetched.status)
    return Finding(reason is Reason.OK, reason, message, status_details(fetched.status, fetched.headers))


def read_machines(listed: Any) -> Machines:
    """The list the API answered. Raises `ProbeFailure` when it is no list of machines."""
    if not isinstance(listed, list) or not all(isinstance(one, dict) and "state" in one for one in listed):
        raise ProbeFailure(
            Reason.PROTOCOL, "the Machines API answered something else than a list of machines"
        )
    kept = [machine for machine in listed if machine["state"] not in _GONE]
    running = [machine for machine in kept if machine["state"] == "started"]
    checks = [(machine, check) for machine in running for check in machine.get("checks") or ()]
    return Machines(
        states=dict(sorted(Counter(str(machine["state"]) for machine in kept).items())),
        regions=sorted({str(machine.get("region", "")) for machine in kept}),
        checks=len(checks),
        passing=sum(check.get("status") == "passing" for _, check in checks),
        failing=[
            f"{check.get('name', 'a check')} is {check.get('status')} on {machine.get('id', 'a machine')}"
            for machine, check in checks
            if check.get("status") != "passing"
        ],
    )


def judge_machines(machines: Machines, min_started: int) -> tuple[Reason, str]:
    """The reason and the sentence for the machines of an app. Pure."""
    total = sum(machines.states.values())
    if total == 0:
        return Reason.UNHEALTHY, "the app has no machines"
    if machines.failing:
        return Reason.UNHEALTHY, ", ".join(machines.failing[:3])
    if machines.started < min_started:
        return (
            Reason.UNHEALTHY,
            f"{machines.started} of {total} machines started ({_states(machines.states)}), "
            f"{min_started} must be",
        )
    checks = f", {machines.passing} of {machines.checks} checks pass" if machines.checks else ""
    return Reason.OK, f"{machines.started} of {total} machines started{checks}"


def _states(states: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {state}" for state, number in states.items())


def _authorization(token: str) -> str:
    """Tokens come with their scheme ("FlyV1 fm2_…") or without one."""
    return token if token.startswith(("FlyV1 ", "Bearer ")) else f"Bearer {token}"


KIND = ProbeKind("fly", FlyOptions, probe)
