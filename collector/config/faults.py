"""A fault of the configuration: where it is, and the rest of the sentence."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

#: Keys and indices from the top of the file, `("services", 3, "timeout")`.
Where = tuple[str | int, ...]

_BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong. `text` says what, and what would be right; it never holds a secret."""

    where: Where
    text: str


def line(fault: Fault, file: object, document: Mapping[str, Any]) -> str:
    """The full line of `fault`: file, path, sentence, and the name of the service it is about."""
    place = f"{written_path(fault.where)}: " if fault.where else ""
    return f"{file}: {place}{fault.text}{_service(fault.where, document)}"


def written_path(where: Where) -> str:
    """`where` as it is written: `services[3].env.KEY`. Keys that are not bare are quoted."""
    text = ""
    for part in where:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            key = part if _BARE.fullmatch(part) else json.dumps(part)
            text += f".{key}" if text else key
    return text


def in_file_order(faults: Iterable[Fault], document: Mapping[str, Any]) -> list[Fault]:
    """`faults` in the order of the file; what is missing from a table comes after what stands in it."""
    return sorted(faults, key=lambda fault: _position(fault.where, document))


def _position(where: Where, document: Any) -> list[int]:
    position = []
    for part in where:
        if isinstance(part, int):
            position.append(part)
            document = document[part] if isinstance(document, list) and part < len(document) else None
        elif isinstance(document, Mapping):
            keys = list(document)
            position.append(keys.index(part) if part in document else len(keys))
            document = document.get(part)
    return position


def _service(where: Where, document: Mapping[str, Any]) -> str:
    """` [mcp/context7]` for a fault inside a service that has a usable type and name."""
    if len(where) < 2 or where[0] != "services" or not isinstance(where[1], int):
        return ""
    table = document["services"][where[1]]
    if not isinstance(table, Mapping):
        return ""
    parts = [table.get("type"), table.get("name")]
    if any(not isinstance(part, str) or not _BARE.fullmatch(part.replace(".", "-")) for part in parts):
        return ""
    return f" [{parts[0]}/{parts[1]}]"
