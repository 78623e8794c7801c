"""Mappings whose values are made when they are asked for: most of what could be known is never asked."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Computed(Mapping[K, V]):
    """`make` gives the value of a key, None where there is none; each time it is asked for.

    `keys` are those that may have one: they are what is counted and gone through.
    """

    def __init__(self, keys: Sequence[K], make: Callable[[K], V | None]) -> None:
        self._keys = keys
        self._make = make

    def __getitem__(self, key: K) -> V:
        value = self.get(key)
        if value is None:
            raise KeyError(key)
        return value

    def get(self, key: K, default: V | None = None) -> V | None:  # type: ignore[override]
        """Asked so often that the way of `Mapping`, over an exception, would be a good part of a replay."""
        value = self._make(key)
        return default if value is None else value

    def __iter__(self) -> Iterator[K]:
        return (key for key in self._keys if key in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Lazy(Computed[K, V]):
    """Each value is made once."""

    def __init__(self, keys: Sequence[K], make: Callable[[K], V | None]) -> None:
        super().__init__(keys, make)
        self._made: dict[K, V | None] = {}

    def get(self, key: K, default: V | None = None) -> V | None:  # type: ignore[override]
        """The value made before, or now."""
        if key not in self._made:
            self._made[key] = self._make(key)
        value = self._made[key]
        return default if value is None else value


class Parsed(Mapping[str, Any]):
    """What stands in a JSON text, which `read` gives; nothing where there is none."""

    def __init__(self, read: Callable[[], str | None]) -> None:
        self._read = read

    @cached_property
    def _text(self) -> str:
        return self._read() or "{}"

    @cached_property
    def _found(self) -> Mapping[str, Any]:
        found = json.loads(self._text)
        return found if isinstance(found, dict) else {}

    def __getitem__(self, key: str) -> Any:
        return self._found[key]

    def get(self, key: str, default: Any = None) -> Any:
        """A text in which the name does not stand is not taken apart for it."""
        return self._found.get(key, default) if key in self._text else default

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)
