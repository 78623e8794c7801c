"""What files and sizes are called, and the commands that do the same. Pure text, not escaped."""

import re
import shlex
from datetime import UTC, datetime
from urllib.parse import urlencode

from pages._ui.exporting.asked import Asked, Chosen, query_of

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}

_STRANGE = re.compile(r"[^A-Za-z0-9._]+")
_LONGEST_PART = 60


def file_name(chosen: Chosen, now: datetime) -> str:
    """A name that still says what it is in a folder of downloads, of letters every system takes:
    `api_metrics_api-shopify_2026-11-22_2026-11-29.csv`."""
    asked = chosen.asked
    whose = str(asked.services[0]) if len(asked.services) == 1 else (asked.service_type or "")
    parts = [asked.dataset, whose, *asked.statuses]
    if chosen.since is not None and chosen.until is not None:
        form = "%Y-%m-%d" if _days_apart(chosen.since, chosen.until) else "%Y-%m-%dT%H%MZ"
        parts += [f"{moment.astimezone(UTC):{form}}" for moment in (chosen.since, chosen.until)]
    else:
        parts.append(f"{now.astimezone(UTC):%Y-%m-%dT%H%MZ}")
    plain = (_STRANGE.sub("-", part).strip("-.")[:_LONGEST_PART] for part in parts)
    return f"{'_'.join(part for part in plain if part)}.{asked.format}"


def _days_apart(since: datetime, until: datetime) -> bool:
    return (until - since).days > 1


def disposition(name: str) -> str:
    """The header that makes a browser keep an answer as the file `name` (letters of `file_name`)."""
    return f'attachment; filename="{name}"'


def size(count: float) -> str:
    """A number of bytes: `840 bytes`, `34 MB`, `1.2 GB`."""
    for limit, unit in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if count >= limit:
            amount = count / limit
            return f"{amount:.1f} {unit}" if amount < 9.95 else f"{amount:,.0f} {unit}"
    return f"{count:.0f} byte{'' if count == 1 else 's'}"


def path(asked: Asked) -> str:
    """The address below the dashboard's own that streams it, such as `api/export/slo.csv?period=30d`."""
    query = urlencode(query_of(asked), doseq=True, safe="/:,")
    return f"api/export/{asked.dataset}.{asked.format}{'?' if query else ''}{query}"


def curl(asked: Asked, origin: str) -> str:
    """The command that gets it from the dashboard at `origin`, such as http://127.0.0.1:8501."""
    there = shlex.quote(f"{origin.rstrip('/')}/{path(asked)}")
    return f"curl -fo {asked.dataset}.{asked.format} {there}"


def command(asked: Asked, database: str = "") -> str:
    """The command that does it on the machine of the database. It knows no type: name its services.

    `database` is its file, where that is not the usual one.
    """
    words = ["python", "-m", "analytics", "export", asked.dataset]
    words += ["--db", database] if database else []
    if asked.period:
        words += ["--period", asked.period]
    words += [part for key in asked.services for part in ("--service", str(key))]
    words += [part for status in asked.statuses for part in ("--status", status)]
    words += ["--columns", ",".join(asked.columns)] if asked.columns else []
    words += [] if asked.timezone == "UTC" else ["--timezone", asked.timezone]
    return shlex.join([*words, "--out", f"{asked.dataset}.{asked.format}"])
