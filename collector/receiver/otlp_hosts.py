"""Which API a host belongs to: `api.openai.com` is `openai`, `*.myshopify.com` is `shopify`."""

import re
from collections.abc import Mapping

_PATTERN = re.compile(
    r"(?P<wild>\*\.)?(?P<host>[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
)
_MOST_REMEMBERED = 4096


def split_pattern(pattern: str) -> tuple[bool, str, int | None]:
    """Whether `pattern` stands for the names below its host, that host, and its port (None: any).

    Raises `ValueError` with what would be right.
    """
    found = _PATTERN.fullmatch(pattern.strip().lower())
    port = int(found["port"]) if found and found["port"] else None
    if found is None or port == 0 or (port or 0) > 65535:
        raise ValueError(
            f'{pattern!r} is no host; write "api.example.com", "api.example.com:8443" or "*.example.com"'
        )
    host = found["host"].strip("[]")
    if found["wild"] and ":" in host:
        raise ValueError(f'{pattern!r} is no host: "*." stands before names alone, never before addresses')
    return bool(found["wild"]), host, port


class HostMap:
    """The API of each host, from patterns: a name, or `*.` and the end of names, each with a port or without.

    Upper and lower case are the same. The most exact pattern wins: a whole name before a longer end before a
    shorter one, and of equals the one with the port. `*.example.com` does not stand for `example.com` itself.
    """

    def __init__(self, patterns: Mapping[str, str]) -> None:
        self._names: dict[tuple[str, int | None], str] = {}
        self._ends: dict[tuple[str, int | None], str] = {}
        self._remembered: dict[tuple[str, int | None], str | None] = {}
        for pattern, api in patterns.items():
            wild, host, port = split_pattern(pattern)
            (self._ends if wild else self._names)[host, port] = api

    def __repr__(self) -> str:
        return f"HostMap({len(self._names) + len(self._ends)} patterns)"

    def api_name(self, host: str, port: int | None) -> str | None:
        """The API that `host` on `port` belongs to; None when no pattern fits."""
        key = (host, port)
        try:
            return self._remembered[key]
        except KeyError:
            if len(self._remembered) >= _MOST_REMEMBERED:
                self._remembered.clear()
            found = self._remembered[key] = self._find(host.lower().strip("[]").rstrip("."), port)
            return found

    def _find(self, host: str, port: int | None) -> str | None:
        for key in ((host, port), (host, None)):
            if key in self._names:
                return self._names[key]
        _, dot, end = host.partition(".")
        while dot:
            for key in ((end, port), (end, None)):
                if key in self._ends:
                    return self._ends[key]
            _, dot, end = end.partition(".")
        return None
