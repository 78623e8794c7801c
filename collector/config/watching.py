"""`[heartbeat]`: who is told that the collector is alive. `[[vendors]]`: what vendors say of themselves."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from analytics.model import ServiceKey
from collector.config.entries import usable_name
from collector.config.faults import Fault, Where
from collector.config.references import same_names, unknown_services
from collector.config.sentences import Wording, sound_part
from collector.config.variables import broken_references
from collector.duration import Duration
from collector.heartbeat import HeartbeatSettings
from collector.receiver.address import is_loopback
from collector.secrets import REFERENCE
from collector.vendors.feed import VendorFeed

#: A heartbeat's URL is its password: whoever has it can pretend that the collector is alive.
SECRETS = frozenset({"url"})

_SHORTEST_POLL = timedelta(seconds=60)
_LONGEST_BEAT = timedelta(seconds=60)


def url_fault(value: str, example: str, https: bool = False) -> str | None:
    """What is wrong with `value` as an http URL (with `https`: an encrypted one, but to this machine)."""
    how = f"write it like {example}"
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return f"is no http URL; {how}"
    if parts.scheme not in ("http", "https") or not host or not value.isprintable() or " " in value:
        return f"is no http URL; {how}"
    if https and parts.scheme == "http" and not is_loopback(host):
        return f"is not encrypted; {how}"
    return None


def heartbeat_fault(url: str) -> str | None:
    """What is wrong with a filled heartbeat URL, as the rest of a sentence that does not show it."""
    return url_fault(url, "https://hc-ping.com/your-uuid")


def _heartbeat_url(value: str) -> str:
    wrong = None if "${" in value else heartbeat_fault(value)
    if wrong:
        raise ValueError(wrong)
    return value


def _feed_url(value: str) -> str:
    if REFERENCE.search(value):
        raise ValueError("holds a variable; write the address itself, it is no secret")
    wrong = url_fault(value, "https://www.githubstatus.com/api/v2/summary.json", https=True)
    if wrong:
        raise ValueError(wrong)
    if urlsplit(value).username is not None:
        raise ValueError("holds a login; status pages need none, take it out")
    return value


def _beat(value: timedelta) -> timedelta:
    if value > _LONGEST_BEAT:
        raise ValueError("is longer than a minute; write a shorter duration")
    return value


def _poll(value: timedelta) -> timedelta:
    if value < _SHORTEST_POLL:
        raise ValueError('is shorter than 1 minute; write "1m" or more')
    return value


def _vendor_name(value: str) -> str:
    return usable_name(value, "vendor")


class HeartbeatTable(BaseModel):
    """`[heartbeat]`: a URL that is called after each good cycle."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    url: Annotated[str, AfterValidator(_heartbeat_url)] = Field(repr=False)
    timeout: Annotated[Duration, AfterValidator(_beat)] = timedelta(seconds=5)


class VendorTable(BaseModel):
    """One `[[vendors]]` entry: a status page in the shape of Statuspage, and whom it is about."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Annotated[str, AfterValidator(_vendor_name)]
    url: Annotated[str, AfterValidator(_feed_url)]
    services: Annotated[list[str], Field(min_length=1)]
    interval: Annotated[Duration, AfterValidator(_poll)] = timedelta(minutes=2)


def read_heartbeat(table: object) -> tuple[HeartbeatSettings | None, list[Fault]]:
    """`[heartbeat]` and its faults; None without the table (`table` is None) and with a fault."""
    where: Where = ("heartbeat",)
    if table is None:
        return None, []
    if not isinstance(table, Mapping):
        return None, [Fault(where, "is no table; write it as [heartbeat]")]
    broken = list(broken_references(table, where, SECRETS))
    told = {fault.where for fault in broken}
    wording = Wording(needed_by="the heartbeat needs it", hidden=SECRETS)
    sound, wrong = sound_part(HeartbeatTable, table, where, wording)
    faults = [*broken, *(fault for fault in wrong if fault.where not in told)]
    return (HeartbeatSettings(sound.url, sound.timeout) if sound else None), faults


def read_vendors(
    tables: object, known: Mapping[str, ServiceKey]
) -> tuple[tuple[VendorFeed, ...], list[Fault]]:
    """The feeds in the order of the file, and the faults of all. `known` has the services of the file."""
    if not isinstance(tables, list):
        return (), [Fault(("vendors",), "is no list of tables; write each feed as [[vendors]]")]
    feeds, faults = [], same_names(tables, ("vendors",), "feeds")
    for index, table in enumerate(tables):
        feed, wrong = _feed(table, ("vendors", index), known)
        faults += wrong
        feeds += [feed] if feed else []
    return tuple(feeds), faults


def _feed(table: Any, where: Where, known: Mapping[str, ServiceKey]) -> tuple[VendorFeed | None, list[Fault]]:
    if not isinstance(table, Mapping):
        return None, [Fault(where, "is no table; write it as [[vendors]]")]
    sound, faults = sound_part(VendorTable, table, where, Wording(needed_by="every feed needs it"))
    faults += unknown_services(table.get("services"), (*where, "services"), known)
    if "*" in (sound.services if sound else []):
        text = '"*" stands for no service here; write those the vendor is behind, as in "api/openai"'
        faults.append(Fault((*where, "services"), text))
    if sound is None or faults:
        return None, faults
    return VendorFeed(sound.name, sound.url, frozenset(known[n] for n in sound.services), sound.interval), []
