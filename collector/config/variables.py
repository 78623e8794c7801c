"""Looks at every `${NAME}` of a table before anything runs: a broken one would be sent out as it stands."""

from collections.abc import Iterator, Mapping
from typing import Any

from collector.config.faults import Fault, Where
from collector.config.words import is_secret, shown
from collector.secrets import REFERENCE


def broken_references(value: Any, where: Where, hidden: frozenset[str] = frozenset()) -> Iterator[Fault]:
    """A fault for each text in `value`, however deep, whose `${` cannot be filled from the environment.

    What stands at one of the keys `hidden` is not shown, nor at those whose names say so.
    """
    if isinstance(value, str):
        wrong = _wrong(value, any(is_secret(part) or part in hidden for part in where))
        if wrong:
            yield Fault(where, wrong)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from broken_references(item, (*where, key), hidden)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from broken_references(item, (*where, index), hidden)


def _wrong(text: str, hidden: bool) -> str | None:
    rest = REFERENCE.sub("", text)
    start = rest.find("${")
    if start < 0:
        return None
    end = rest.find("}", start)
    if end < 0:
        return 'has "${" without "}"; write ${NAME}'
    name = "what stands in ${…}" if hidden else shown(rest[start + 2 : end])
    return f"{name} is no name of a variable; use letters, digits and _, as in ${{NAME}}"
