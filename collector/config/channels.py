"""The tables `[channels.NAME]`: who is told, over what, of which severities."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from collector.config.alert_tables import SeverityWord
from collector.config.entries import one_of, usable_name
from collector.config.faults import Fault, Where
from collector.config.sentences import Wording, sound_part
from collector.config.variables import broken_references
from collector.config.words import quoted
from collector.notify.options import CHANNEL_KINDS, DEFAULT_SEVERITIES, ChannelSpec

_MISSING_KIND = "is missing; write one of " + ", ".join(f'"{kind}"' for kind in CHANNEL_KINDS)


def _kind(value: Any) -> str:
    return one_of(value, list(CHANNEL_KINDS), "kind of channel")


class ChannelTable(BaseModel):
    """What every `[channels.NAME]` may say; the options of its kind stand beside it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    kind: Annotated[str | None, BeforeValidator(_kind)] = None
    severities: Annotated[list[SeverityWord], Field(min_length=1)] | None = None


_COMMON = list(ChannelTable.model_fields)


def read_channels(tables: object) -> tuple[tuple[ChannelSpec, ...], list[Fault]]:
    """The channels in the order of the file, and the faults of all of them."""
    where: Where = ("channels",)
    if not isinstance(tables, Mapping):
        return (), [Fault(where, "is no table; write each channel as [channels.NAME]")]
    channels, faults = [], []
    for name, table in tables.items():
        channel, wrong = _channel(name, table, (*where, name))
        faults += wrong
        if channel is not None:
            channels.append(channel)
    return tuple(channels), faults


def _channel(name: str, table: object, where: Where) -> tuple[ChannelSpec | None, list[Fault]]:
    faults = _wrong_name(name, where)
    if not isinstance(table, Mapping):
        return None, [*faults, Fault(where, "is no table; write it as [channels.NAME]")]
    shared = {key: value for key, value in table.items() if key in _COMMON}
    common, wrong = sound_part(ChannelTable, shared, where)
    faults += wrong
    kind = common.kind if common else None
    if "kind" not in table:
        faults.append(Fault((*where, "kind"), _MISSING_KIND))
    if common is None or kind is None:
        return None, faults
    beside = {key: value for key, value in table.items() if key not in _COMMON}
    model = CHANNEL_KINDS[kind]
    wording = Wording(_COMMON, f"a channel of kind {kind} needs it", model.secrets)
    options, wrong = sound_part(model, beside, where, wording)
    broken = list(broken_references(beside, where, model.secrets))
    told = {fault.where for fault in broken}
    faults += [*broken, *(fault for fault in wrong if fault.where not in told)]
    severities = tuple(dict.fromkeys(common.severities or DEFAULT_SEVERITIES[kind]))
    return (ChannelSpec(name, kind, severities, options) if options else None), faults


def _wrong_name(name: str, where: Where) -> list[Fault]:
    try:
        usable_name(name, "channel")
    except ValueError as error:
        return [Fault(where, f"{quoted(name)} {error}")]
    return []
