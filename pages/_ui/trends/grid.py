"""The steps of time of a period: one place each, also where nothing was recorded. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.periods import Period

#: A value for every step, NaN where there is none.
Values: TypeAlias = npt.NDArray[np.float64]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Grid:
    """`count` steps from `first` on, counted from 1970 as the steps of charts are."""

    first: datetime
    step: timedelta
    count: int

    @classmethod
    def of(cls, period: Period, step: timedelta) -> "Grid":
        """The steps that have a part of `period`."""
        first = period.since - (period.since - _EPOCH) % step
        return cls(first, step, -((first - period.until) // step))

    @property
    def starts(self) -> pd.DatetimeIndex:
        """When each step begins."""
        return pd.date_range(self.first, periods=self.count, freq=self.step, unit="us")

    @property
    def nothing(self) -> Values:
        """The values of what was never recorded."""
        return np.full(self.count, np.nan)

    def spread(self, found: pd.DataFrame, name: str) -> Mapping[tuple[Any, ...], Values]:
        """The values of the column `name` of each service or type (of all under an empty key), by step.

        `found` has a row a step_start and service_type and service_name, as far as it tells them apart.
        """
        microsecond = timedelta(microseconds=1)
        moments = found["step_start"].to_numpy("datetime64[us]").astype(np.int64)
        places = (moments - (self.first - _EPOCH) // microsecond) // (self.step // microsecond)
        values = found[name].to_numpy(np.float64, na_value=np.nan)
        keys = [found[one].tolist() for one in ("service_type", "service_name") if one in found]
        spread: dict[tuple[Any, ...], Values] = {}
        owners = zip(*keys, strict=True) if keys else [()] * len(found)
        for owner, place, value in zip(owners, places.tolist(), values.tolist(), strict=True):
            if 0 <= place < self.count:
                if owner not in spread:
                    spread[owner] = self.nothing
                spread[owner][place] = value
        return spread
