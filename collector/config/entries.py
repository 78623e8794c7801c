"""The tables of services.toml as pydantic models: `[collector]`, and what all `[[services]]` share."""

import re
from datetime import timedelta
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from analytics.model import ServiceType
from analytics.rules.wording import did_you_mean, listed
from collector.config.alert_tables import Objective, RuleTables
from collector.duration import Duration
from collector.probes.registry import KINDS

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_CANARY = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})")
_SHORTEST_INTERVAL = timedelta(seconds=1)
_TYPES = [kind.value for kind in ServiceType]


def one_of(value: Any, known: list[str], noun: str) -> str:
    """`value` if it is one of `known`. Raises ValueError with a fault's words about a `noun`."""
    if not isinstance(value, str) or value not in known:
        hint = did_you_mean(value, known) if isinstance(value, str) else ""
        raise ValueError(f"is no {noun}; {hint}write {listed(known)}")
    return value


def _service_type(value: Any) -> ServiceType:
    return ServiceType(one_of(value, _TYPES, "type of service"))


def _probe(value: Any) -> str:
    return one_of(value, list(KINDS), "kind of probe")


def usable_name(value: str, noun: str) -> str:
    """`value` if a `noun` can bear it. Raises ValueError with a fault's words."""
    if not value:
        raise ValueError(f"is empty; give the {noun} a name")
    if not _NAME.fullmatch(value):
        raise ValueError("is no name; use a-z, 0-9, dot, dash and underscore, a letter or digit first")
    return value


def _service_name(value: str) -> str:
    return usable_name(value, "service")


def _interval(value: timedelta) -> timedelta:
    if value < _SHORTEST_INTERVAL:
        raise ValueError('is shorter than 1 second; write "1s" or more')
    return value


def _reachable(value: str) -> str:
    written = _CANARY.fullmatch(value)
    if written is None or not 1 <= int(written[1]) <= 65535:
        raise ValueError('is no host and port; write it like "1.1.1.1:53"')
    return value


def _no_variables(value: str) -> str:
    if "${" in value:
        raise ValueError("holds a variable; variables work only in the probe's own options")
    return value


Interval = Annotated[Duration, AfterValidator(_interval)]
Milliseconds = Annotated[float, Field(gt=0, le=86_400_000, allow_inf_nan=False)]


class CollectorTable(BaseModel):
    """`[collector]`: what holds for all services unless one says otherwise."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    interval: Interval = timedelta(seconds=60)
    timeout: Duration = timedelta(seconds=10)
    retention_days: int = Field(default=30, ge=1, le=3650)
    rollup_months: int = Field(default=13, ge=1, le=240)
    canary: list[Annotated[str, AfterValidator(_reachable)]] = ["1.1.1.1:53", "8.8.8.8:53"]
    retry_interval: Duration = timedelta(seconds=5)


class ServiceTable(BaseModel):
    """What every `[[services]]` entry may say; the options of its probe stand beside it.

    `REQUIRED` names what none may leave out; it is not asked for here, so that the rest can be looked at.
    """

    REQUIRED: ClassVar = ("type", "name", "probe")

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    type: Annotated[ServiceType | None, BeforeValidator(_service_type)] = None
    name: Annotated[str, AfterValidator(_service_name)] | None = None
    probe: Annotated[str | None, BeforeValidator(_probe)] = None
    enabled: bool = True
    interval: Interval | None = None
    timeout: Duration | None = None
    healthy_ms: Milliseconds | None = None
    down_ms: Milliseconds | None = None
    depends_on: list[str] = []
    alerts: RuleTables = RuleTables()
    slo: Objective | None = None
    runbook: Annotated[str, Field(min_length=1), AfterValidator(_no_variables)] | None = None
