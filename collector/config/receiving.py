"""The tables `[receiver]` and `[traces]` of services.toml as pydantic models."""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from collector.config.faults import Fault, Where
from collector.config.sentences import sound_part
from collector.config.variables import broken_references
from collector.receiver.address import parse_address
from collector.receiver.otlp_hosts import split_pattern
from collector.receiver.settings import BODY_LIMIT, MEBIBYTE

SHORTEST_TOKEN, LONGEST_TOKEN = 16, 512

_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # RFC 6750, section 2.1
_API_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")


def _address(value: str) -> str:
    if "${" in value:
        raise ValueError("holds a variable; write the address here, HEALTH_LISTEN beats it")
    parse_address(value)
    return value


def token_fault(token: str) -> str | None:
    """What is wrong with `token`, as the rest of a sentence that does not show it."""
    if not SHORTEST_TOKEN <= len(token) <= LONGEST_TOKEN:
        characters = f"{len(token)} character{'' if len(token) == 1 else 's'}"
        return f"has {characters}; write {SHORTEST_TOKEN} to {LONGEST_TOKEN}, as openssl rand -hex 32 makes"
    if not _TOKEN.fullmatch(token):
        return "holds characters that no bearer token has; write letters, digits and . _ ~ + / - alone"
    return None


def _token(value: str) -> str:
    wrong = None if "${" in value else token_fault(value)
    if wrong:
        raise ValueError(wrong)
    return value


def _pattern(value: str) -> str:
    try:
        split_pattern(value)
    except ValueError:
        raise ValueError('is no host; write "api.example.com" or "*.example.com"') from None
    return value.strip().lower()


def _api_name(value: str) -> str:
    if not _API_NAME.fullmatch(value):
        raise ValueError("is no name; use a-z, 0-9, dot, dash and underscore, a letter or digit first")
    return value


class ReceiverTable(BaseModel):
    """`[receiver]`: the collector's HTTP side. The environment may say otherwise at each start."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    enabled: bool = True
    listen: Annotated[str, AfterValidator(_address)] = "127.0.0.1:8600"
    token: Annotated[str, AfterValidator(_token)] = Field(default="${HEALTH_TOKEN}", repr=False)
    body_limit: int = Field(default=BODY_LIMIT, ge=1024, le=256 * MEBIBYTE)


class TracesTable(BaseModel):
    """`[traces]`: which hosts belong to which API."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    hosts: dict[Annotated[str, AfterValidator(_pattern)], Annotated[str, AfterValidator(_api_name)]] = Field(
        default_factory=dict
    )


def read_receiver(table: object) -> tuple[ReceiverTable, list[Fault]]:
    """`[receiver]` and its faults."""
    where: Where = ("receiver",)
    if not isinstance(table, Mapping):
        return ReceiverTable(), [Fault(where, "is no table; write it as [receiver]")]
    receiver, faults = sound_part(ReceiverTable, table, where)
    told = {fault.where for fault in faults}
    faults += [fault for fault in broken_references(table, where) if fault.where not in told]
    return receiver or ReceiverTable(), faults


def read_traces(table: object) -> tuple[TracesTable, list[Fault]]:
    """`[traces]` and its faults."""
    where: Where = ("traces",)
    if not isinstance(table, Mapping):
        return TracesTable(), [Fault(where, "is no table; write it as [traces]")]
    traces, faults = sound_part(TracesTable, table, where)
    return traces or TracesTable(), faults
