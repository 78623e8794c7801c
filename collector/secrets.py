"""Secrets: values come from the environment by name, and never leave the process unmasked."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

MASK = "***"

#: `${NAME}` in a configured value stands for the environment variable NAME.
REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")

_USER_INFO = re.compile(r"(?<=://)[^/\s]+(?=@)")
_PASSWORD_PAIR = re.compile(r"(?i)\b(password|passwd|pwd|secret|token|api_?key)=[^\s&;,'\"]+")

#: Shorter values would mask ordinary words ("on", "eu") wherever they appear.
_SHORTEST_MASKED = 4


class MissingVariables(Exception):
    """A value names environment variables that are not set. `names` lists them, in order."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(", ".join(names))
        self.names = names


def references(value: Any) -> list[str]:
    """The names of all variables that `value` (text, or lists and tables of text) refers to, in order."""
    if isinstance(value, str):
        return REFERENCE.findall(value)
    if isinstance(value, Mapping):
        return [name for item in value.values() for name in references(item)]
    if isinstance(value, list | tuple):
        return [name for item in value for name in references(item)]
    return []


def _passwords(value: str) -> list[str]:
    """The password in `value` when that is a URL, as written and as meant."""
    found = _USER_INFO.search(value)
    written = found[0].partition(":")[2] if found else ""
    return [written, unquote(written)]


class Redactor:
    """Knows the secrets of this process and takes them out of text before it is kept or shown."""

    def __init__(self) -> None:
        self._values: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def learn(self, value: str) -> None:
        """From now on `value` is masked wherever it appears, and so is the password of a URL."""
        known = len(self._values)
        self._values.update(
            secret for secret in (value, *_passwords(value)) if len(secret) >= _SHORTEST_MASKED
        )
        if len(self._values) > known:
            longest_first = sorted(self._values, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def mask(self, text: str) -> str:
        """`text` without known secrets, without user and password in URLs, without `password=…` pairs."""
        if self._pattern is not None:
            text = self._pattern.sub(MASK, text)
        text = _USER_INFO.sub(MASK, text)
        return _PASSWORD_PAIR.sub(lambda match: f"{match[1]}={MASK}", text)

    def mask_all(self, value: Any) -> Any:
        """`value` with every text in it masked, keys of tables too; other values are left as they are."""
        if isinstance(value, str):
            return self.mask(value)
        if isinstance(value, Mapping):
            return {self.mask(str(key)): self.mask_all(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.mask_all(item) for item in value]
        return value


def fill(value: Any, environment: Mapping[str, str], redactor: Redactor) -> Any:
    """`value` with every `${NAME}` replaced from `environment`; the redactor learns what was put in.

    Raises `MissingVariables` naming every variable that is not set or empty.
    """
    missing = [name for name in dict.fromkeys(references(value)) if not environment.get(name)]
    if missing:
        raise MissingVariables(missing)
    return _fill(value, environment, redactor)


def _fill(value: Any, environment: Mapping[str, str], redactor: Redactor) -> Any:
    if isinstance(value, str):

        def put_in(match: re.Match[str]) -> str:
            redactor.learn(environment[match[1]])
            return environment[match[1]]

        return REFERENCE.sub(put_in, value)
    if isinstance(value, Mapping):
        return {key: _fill(item, environment, redactor) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_fill(item, environment, redactor) for item in value]
    return value
