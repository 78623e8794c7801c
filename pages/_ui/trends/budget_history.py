"""What was left of one service's error budget over time, as one question."""

import math
from datetime import datetime, timedelta

import pandas as pd

from analytics.db import Connection
from analytics.model import ServiceKey
from analytics.periods import parse_period
from analytics.slo_queries import slo_history
from pages._ui import budget_words
from pages._ui.reading import paced
from pages._ui.trends.courses import WHOLE, Course

#: How far apart what is drawn stands, by the length of the period.
_STEPS = ((timedelta(days=2), timedelta(hours=1)), (timedelta(days=9), timedelta(hours=3)))
_LONG_STEP, _MOST = timedelta(hours=12), 400


@paced(60)
def budget_history(connection: Connection, now: datetime, text: str, service: ServiceKey) -> Course:
    """The course of the share that was left, in percent, over the period that `text` means.

    It is empty where nothing was known, and where an objective of 100 % was missed: that had no budget.
    """
    period = parse_period(text, now)
    step = next((step for longest, step in _STEPS if period.length <= longest), _LONG_STEP)
    step = max(step, -(-period.length // (_MOST * timedelta(hours=1))) * timedelta(hours=1))
    found = slo_history(connection, period.since, period.until, service, step)
    values = [None if pd.isna(one) or math.isinf(one) else one for one in found["budget_left_percent"]]
    known = [value for value in values if value is not None]
    rows = pd.DataFrame(
        {
            "at": found["timestamp"],
            "line": WHOLE,
            "value": pd.Series(values, dtype="float64"),
            "before": float("nan"),
            "reach": 0.0,
            "lonely": len(known) == 1,
            "name": "Error budget",
            "said": [budget_words.left(value) for value in values],
            "said_before": "–",
        }
    )
    return Course(rows, min(known, default=None), max(known, default=None))
