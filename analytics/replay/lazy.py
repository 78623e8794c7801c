"""A mapping whose values are made when they are asked for: most of what could be known is never asked."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Lazy(Mapping[K, V]):
    """`make` gives the value of a key, None where there is none; each is made once.

    `keys` are those that may have one: they are what is counted and gone through.
    """

    def __init__(self, keys: Sequence[K], make: Callable[[K], V | None]) -> None:
        self._keys = keys
        self._make = make
        self._made: dict[K, V | None] = {}

    def __getitem__(self, key: K) -> V:
        if key not in self._made:
            self._made[key] = self._make(key)
        value = self._made[key]
        if value is None:
            raise KeyError(key)
        return value

    def __iter__(self) -> Iterator[K]:
        return (key for key in self._keys if key in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)
