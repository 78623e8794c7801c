"""From what the caller wrote to what httpx is given: defaults, placeholders, and the recorded endpoint."""

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from collector.client.endpoints import endpoint_template

#: Who reports, when the program does not say; the first that is set.
ORIGIN_VARIABLES = ("HEALTH_ORIGIN", "OTEL_SERVICE_NAME")
_LONGEST_ORIGIN = 100
#: The origin of the collector's own probes, by whose calls alone an API may be judged.
_RESERVED_ORIGIN = "probe"

API_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")

_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
_FOR_SENDING = ("auth", "follow_redirects")


@dataclass(frozen=True)
class Arguments:
    """What every request of one client gets. With a client of the caller's own (`shared`) also what httpx
    itself would add, because that client may serve others.
    """

    base_url: httpx.URL
    timeout: httpx.Timeout
    headers: Any = None
    params: Any = None
    auth: Any = None
    shared: bool = False

    def of_request(
        self, url: httpx.URL | str, given: Mapping[str, Any]
    ) -> tuple[httpx.URL | str, dict[str, Any]]:
        """The URL and the arguments for `build_request`. Raises ValueError for `timeout=None`."""
        rest = {name: value for name, value in given.items() if name not in _FOR_SENDING}
        rest["timeout"] = whole_timeout(rest["timeout"]) if "timeout" in rest else self.timeout
        if not self.shared:
            return url, rest
        if self.headers is not None:
            headers = httpx.Headers(self.headers)
            headers.update(rest.get("headers"))
            rest["headers"] = headers
        if self.params is not None:
            rest["params"] = httpx.QueryParams(self.params).merge(rest.get("params"))
        return self._joined(url), rest

    def of_sending(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments for `send`."""
        rest = {name: given[name] for name in _FOR_SENDING if name in given}
        if self.shared and self.auth is not None:
            rest.setdefault("auth", self.auth)
        return rest

    def endpoint(self, explicit: str | None, template: str | None, requested: httpx.URL) -> str:
        """What is recorded: the caller's own word, or the placeholders, or the path that was requested."""
        if explicit is not None:
            return endpoint_template(explicit)
        if template is None:
            return endpoint_template(requested.raw_path.decode("ascii", "replace"))
        if _ORIGIN.match(template):
            return endpoint_template(_ORIGIN.sub("", template, count=1) or "/")
        return endpoint_template(self.base_url.path.rstrip("/") + "/" + template.lstrip("/"))

    def _joined(self, url: httpx.URL | str) -> httpx.URL | str:
        """`url` behind the base, as httpx puts them together."""
        target = httpx.URL(url)
        if not target.is_relative_url or not str(self.base_url):
            return url
        path = self.base_url.raw_path.partition(b"?")[0].rstrip(b"/") + b"/" + target.raw_path.lstrip(b"/")
        return self.base_url.copy_with(raw_path=path)


def filled(url: httpx.URL | str, path: Mapping[str, object] | None) -> tuple[httpx.URL | str, str | None]:
    """`url` with its `{name}` placeholders filled from `path`, and what it was before; None without `path`.

    Values are quoted, slashes too. Raises ValueError for a placeholder without a value, a value without a
    placeholder, and a value that would lead to another path: empty, `.` and `..`. Without `path` the braces
    of an absolute URL are left alone, and so are those of a query string.
    """
    template = url if isinstance(url, str) else url.path
    if path is None:
        absolute = _ORIGIN.match(template) if isinstance(url, str) else url.is_absolute_url
        if absolute or not _PLACEHOLDER.search(template.partition("?")[0]):
            return url, None
        path = {}
    wanted = set(_PLACEHOLDER.findall(template))
    for name in sorted(wanted - path.keys()):
        raise ValueError(f"the URL {template!r} wants {{{name}}}; path={{{name!r}: ...}} would be right")
    for name in sorted(path.keys() - wanted):
        raise ValueError(f"path holds {name!r}, which the URL {template!r} does not name")
    values = {name: str(value) for name, value in path.items()}
    for name, value in values.items():
        if value in ("", ".", ".."):
            raise ValueError(f"path[{name!r}] is {value!r}, which would lead elsewhere; an id would be right")
    return _PLACEHOLDER.sub(lambda found: quote(values[found[1]], safe=""), template), template


def whole_timeout(timeout: Any) -> httpx.Timeout:
    """`timeout` as httpx takes it. Raises ValueError when any part of it would wait for ever."""
    whole = timeout if isinstance(timeout, httpx.Timeout) else httpx.Timeout(timeout)
    if None in whole.as_dict().values():
        raise ValueError("timeout=None would wait for ever; a number of seconds would be right")
    return whole


def checked_api(api: str) -> str:
    """`api`. Raises ValueError when it is no name the dashboard can show."""
    if not isinstance(api, str) or not API_NAME.fullmatch(api):
        suggested = re.sub(r"[^a-z0-9._-]+", "-", str(api).lower()).strip("-._")[:100] or "shopify"
        raise ValueError(f"api is {api!r}; a lower-case name like {suggested!r} would be right")
    return api


def default_origin(environment: Mapping[str, str] = os.environ) -> str:
    """Who reports: HEALTH_ORIGIN, else OTEL_SERVICE_NAME, else the name of this program."""
    for variable in ORIGIN_VARIABLES:
        value = environment.get(variable, "")
        name = " ".join("".join(c if c.isprintable() else " " for c in value).split())
        if name:
            return reported_origin(name)
    return reported_origin(program_name())


def reported_origin(name: str) -> str:
    """`name` as a program may report it: at most 100 characters, and not that of the collector's probes."""
    return "probe (program)" if name == _RESERVED_ORIGIN else name[:_LONGEST_ORIGIN]


def program_name(arguments: list[str] | None = None) -> str:
    """The name of this program: its file without `.py`, or the package that `python -m` runs."""
    first = (sys.argv if arguments is None else arguments)[:1]
    file = Path(first[0]) if first else Path()
    name = file.parent.name if file.stem == "__main__" else file.stem
    return name[:100] if name not in ("", "-c", "-m", "-") else "python"
