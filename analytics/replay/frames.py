"""Accounts and comparisons as DataFrames. Times are aware UTC; what did not happen is NaT, NaN or None.

Without any row a frame keeps its columns and their types.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from analytics.replay.comparison import Comparison, Pair
from analytics.replay.outcome import Account, Trouble

_TIME, _TEXT, _COUNT, _SECONDS, _FLAG = "datetime64[us, UTC]", "str", "int64", "float64", "bool"
_PAGES = {
    "at": _TIME,
    "service": _TEXT,
    "rule": _TEXT,
    "severity": _TEXT,
    "title": _TEXT,
    "channels": _TEXT,
    "incident_id": _TEXT,
    "healed_at": _TIME,
    "noise": _FLAG,
}
_INCIDENTS = {
    "incident_id": _TEXT,
    "service": _TEXT,
    "rule": _TEXT,
    "reason": _TEXT,
    "severity": _TEXT,
    "title": _TEXT,
    "began_at": _TIME,
    "created_at": _TIME,
    "told_at": _TIME,
    "acknowledged_at": _TIME,
    "resolved_at": _TIME,
    "seconds": _SECONDS,
    "relapses": _COUNT,
    "pages": _COUNT,
}
_CHANGES = {
    "change": _TEXT,
    "service": _TEXT,
    "began_at": _TIME,
    "seconds": _SECONDS,
    "title": _TEXT,
    "severity_before": _TEXT,
    "severity_after": _TEXT,
    "told_before": _TIME,
    "told_after": _TIME,
    "later_seconds": _SECONDS,
}


def pages_frame(account: Account) -> pd.DataFrame:
    """The pages of `account`, oldest first.

    Columns: at, service (`type/name` or collector), rule, severity, title, channels (text, with commas),
    incident_id (None of a notice), healed_at, noise (see `Page`).
    """
    rows = (
        {
            "at": page.at,
            "service": page.service,
            "rule": page.rule,
            "severity": page.severity.value,
            "title": page.title,
            "channels": ", ".join(page.channels),
            "incident_id": None if page.incident is None else str(page.incident),
            "healed_at": page.healed_at,
            "noise": page.noise,
        }
        for page in account.pages
    )
    return _frame(rows, _PAGES)


def incidents_frame(account: Account) -> pd.DataFrame:
    """The incidents of `account`, oldest first.

    Columns: incident_id, service, rule, reason, severity, title, began_at, created_at, told_at (the first
    page), acknowledged_at, resolved_at, seconds (from its first sign to its end, or to the end of the
    account), relapses and pages (counts, the pages those of the period).
    """
    rows = (
        {
            "incident_id": str(one.id),
            "service": one.service,
            "rule": one.rule,
            "reason": one.reason,
            "severity": one.severity.value,
            "title": one.title,
            "began_at": one.began_at,
            "created_at": one.created_at,
            "told_at": one.told_at,
            "acknowledged_at": one.acknowledged_at,
            "resolved_at": one.resolved_at,
            "seconds": _lasted(one, account.until),
            "relapses": len(one.relapses),
            "pages": one.pages,
        }
        for one in account.troubles
    )
    return _frame(rows, _INCIDENTS)


def comparison_frame(comparison: Comparison) -> pd.DataFrame:
    """What changed for each incident of either account, in the order in which they began.

    Columns: change (missed, waiting, new, silenced, told, later, earlier, severity or same: the first that
    fits), service, began_at and seconds and title (of the incident before, of a new one of itself),
    severity_before, severity_after, told_before, told_after (the first page), later_seconds (below zero:
    earlier).
    """
    until = comparison.before.until
    rows = [
        *(_change("missed", one, None, None, until) for one in comparison.missed),
        *(_change("waiting", one, None, None, until) for one in comparison.waiting),
        *(_change("new", None, one, None, until) for one in comparison.new),
        *(_change(_kind(pair), pair.before, pair.after, pair.later, until) for pair in comparison.pairs),
    ]
    return _frame(sorted(rows, key=lambda row: (row["began_at"], row["service"])), _CHANGES)


def _kind(pair: Pair) -> str:
    if pair.told_before != pair.told_after:
        return "silenced" if pair.told_before else "told"
    if pair.later:
        return "later" if pair.later > timedelta(0) else "earlier"
    return "severity" if pair.louder else "same"


def _change(
    kind: str, before: Trouble | None, after: Trouble | None, later: timedelta | None, until: datetime
) -> dict[str, Any]:
    one = before or after
    assert one is not None
    return {
        "change": kind,
        "service": one.service,
        "began_at": one.began_at,
        "seconds": _lasted(one, until),
        "title": one.title,
        "severity_before": None if before is None else before.severity.value,
        "severity_after": None if after is None else after.severity.value,
        "told_before": None if before is None else before.told_at,
        "told_after": None if after is None else after.told_at,
        "later_seconds": None if later is None else later.total_seconds(),
    }


def _lasted(trouble: Trouble, until: datetime) -> float:
    return ((trouble.resolved_at or until) - trouble.began_at).total_seconds()


def _frame(rows: Iterable[Mapping[str, Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    listed = list(rows)
    return pd.DataFrame(
        {name: pd.Series([row[name] for row in listed], dtype=kind) for name, kind in columns.items()}
    )
