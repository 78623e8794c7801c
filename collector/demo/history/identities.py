"""Ids of the past for rows that are made one by one."""

from dataclasses import dataclass
from datetime import datetime
from random import Random
from uuid import UUID

from collector.demo.history.batch import from_datetime


@dataclass
class Identities:
    """UUIDs version 7 (RFC 9562) from `chance`; those of one millisecond grow with each that is asked for."""

    chance: Random
    _millisecond: int = -1
    _number: int = 0

    def at(self, moment: datetime) -> UUID:
        """The next id for `moment`."""
        millisecond = from_datetime(moment) // 1000
        self._number = self._number + 1 if millisecond == self._millisecond else 0
        self._millisecond = millisecond
        chance = self.chance.getrandbits(62)
        return UUID(int=millisecond << 80 | 7 << 76 | self._number << 64 | 2 << 62 | chance)
