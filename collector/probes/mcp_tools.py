"""The tool list of an MCP server as a fingerprint, and what changed since the last one. Pure functions."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

#: Hexadecimal digits kept of one tool's hash: enough to notice that it changed.
_SHORT = 8
#: Names spelled out in a sentence before "and 3 more".
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """`whole` is the SHA-256 of the sorted names and input schemas; `each` a short hash a tool."""

    whole: str
    each: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Changes:
    """The names of the tools that came, went, or take other arguments than before; each sorted."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)

    def as_details(self) -> dict[str, list[str]]:
        """The fields for `details`; empty when nothing changed."""
        named = {"tools_added": self.added, "tools_removed": self.removed, "tools_changed": self.changed}
        return {name: list(tools) for name, tools in named.items() if tools}

    def in_words(self) -> str:
        """One clause for people, the loss first."""
        parts = (("removed", self.removed), ("changed", self.changed), ("added", self.added))
        return "; ".join(f"{verb} {listed(names)}" for verb, names in parts if names)


def fingerprint(tools: Iterable[tuple[str, Mapping[str, Any]]]) -> Fingerprint:
    """The fingerprint of (name, input schema) pairs. Neither their order nor that of keys counts."""
    pairs = sorted((name, _canonical(schema)) for name, schema in tools)
    each = {name: _sha256(schema)[:_SHORT] for name, schema in pairs}
    return Fingerprint(_sha256(json.dumps(pairs, ensure_ascii=False)), each)


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> Changes:
    """What changed between the `each` of two fingerprints."""
    return Changes(
        added=tuple(sorted(after.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - after.keys())),
        changed=tuple(sorted(name for name in after.keys() & before.keys() if after[name] != before[name])),
    )


def listed(names: Iterable[str]) -> str:
    """`a, b and 3 more`."""
    all_names = list(names)
    shown, more = all_names[:_NAMED], len(all_names) - _NAMED
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _canonical(schema: Mapping[str, Any]) -> str:
    return json.dumps(schema, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
