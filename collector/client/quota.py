"""What is left of a quota, as APIs say it in their answers. Malformed values count as not said.

Header names: OpenAI "Rate limits" (x-ratelimit-*-requests and -tokens), draft-ietf-httpapi-ratelimit-headers
(`RateLimit`, `RateLimit-Policy`), Shopify "REST Admin API rate limits"; the plain X-RateLimit-* are a custom.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx

_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,9})?")
_DURATION = re.compile(
    r"(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m(?!s))?(?:(\d{1,9}(?:\.\d{1,9})?)s)?(?:(\d{1,9}(?:\.\d{1,9})?)ms)?",
    re.ASCII,
)
_NAME = re.compile(r"[A-Za-z0-9 _.:*/-]{0,60}")
#: Of `RateLimit` and `RateLimit-Policy`: the longest list that is read, in characters.
_LONGEST_LIST = 1000
#: A reset above this is a moment (seconds since 1970), below it a number of seconds from now.
_EPOCH = 1_000_000_000
_EPOCH_MS = 1_000_000_000_000
_LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Quota:
    """`used` of `limit` (requests, tokens or points, as `name` says); `reset_at`: when all is free again."""

    name: str
    used: float
    limit: float
    reset_at: datetime | None = None

    @property
    def share(self) -> float:
        """The part that is used, 0 to 1, or above when overdrawn."""
        return self.used / self.limit if self.limit > 0 else math.inf


def tightest(quotas: Iterable[Quota]) -> Quota | None:
    """The one of which the largest part is used; None of none."""
    return max(quotas, key=lambda quota: quota.share, default=None)


def quota_from_headers(response: httpx.Response) -> Quota | None:
    """The tightest quota that the headers of `response` name; None when they name none."""
    headers, now = response.headers, datetime.now(UTC)
    found = [_named(headers, "-requests", now), _named(headers, "-tokens", now), _named(headers, "", now)]
    found += [_shopify_rest(headers), _structured(headers, now)]
    return tightest(quota for quota in found if quota is not None)


def quota_of(
    name: str, used: float | None, limit: float | None, reset_at: datetime | None = None
) -> Quota | None:
    """A quota of sane numbers; None when a number is missing, negative or not finite."""
    if used is None or limit is None or not (math.isfinite(used) and math.isfinite(limit)):
        return None
    return Quota(name, max(0.0, used), limit, reset_at) if limit > 0 else None


def number(value: object) -> float | None:
    """`value` as a finite number of at least 0: a JSON number, or digits as text. None for anything else."""
    if isinstance(value, str):
        value = float(value) if _NUMBER.fullmatch(value.strip()) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        value = float(value)
    except OverflowError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


def _named(headers: Mapping[str, str], kind: str, now: datetime) -> Quota | None:
    """`X-RateLimit-Limit`, `-Remaining` and `-Reset`, or without the X; `kind` is OpenAI's ending."""
    for start in ("x-ratelimit-", "ratelimit-") if not kind else ("x-ratelimit-",):
        limit = number(_first(headers.get(f"{start}limit{kind}", "")))
        remaining = number(_first(headers.get(f"{start}remaining{kind}", "")))
        if limit is not None and remaining is not None:
            reset = _moment(headers.get(f"{start}reset{kind}", ""), now)
            return quota_of(kind[1:] or "requests", limit - remaining, limit, reset)
    return None


def _shopify_rest(headers: Mapping[str, str]) -> Quota | None:
    used, slash, limit = headers.get("x-shopify-shop-api-call-limit", "").partition("/")
    return quota_of("requests", number(used), number(limit)) if slash else None


def _structured(headers: Mapping[str, str], now: datetime) -> Quota | None:
    """`RateLimit: "default";r=50;t=30` with the quota from `RateLimit-Policy: "default";q=100;w=10`."""
    limits = {name: values.get("q") for name, values in _items(headers.get("ratelimit-policy", ""))}
    found = []
    for name, values in _items(headers.get("ratelimit", "")):
        limit, left, seconds = limits.get(name), values.get("r"), values.get("t")
        if limit is not None and left is not None:
            reset = now + timedelta(seconds=min(seconds, _LONGEST.total_seconds())) if seconds else None
            found.append(quota_of(name or "requests", limit - left, limit, reset))
    return tightest(quota for quota in found if quota is not None)


def _items(text: str) -> list[tuple[str, dict[str, float]]]:
    """The names of a list and the figures behind each.

    Split rather than matched by a pattern: a hostile list must not take time with the square of its length.
    """
    items = []
    for item in text[:_LONGEST_LIST].split(","):
        name, *parameters = item.split(";")
        name = name.strip().strip('"').strip()
        if parameters and _NAME.fullmatch(name):
            pairs = (parameter.partition("=") for parameter in parameters)
            figures = {key.strip(): number(value) for key, _, value in pairs}
            items.append((name, {key: value for key, value in figures.items() if value is not None}))
    return items


def _first(text: str) -> str:
    """The first of a list: some servers append their policy, `100, 100;w=60`."""
    return text.partition(",")[0].partition(";")[0].strip()


def _moment(text: str, now: datetime) -> datetime | None:
    """When `text` says: `12ms`, `6m0s`, seconds from now, seconds or milliseconds since 1970, ISO 8601."""
    text = _first(text)
    try:
        moment = _as_number(text, now) or _as_duration(text, now) or datetime.fromisoformat(text)
        near = moment.tzinfo is not None and abs(moment - now) <= _LONGEST
        return moment.astimezone(UTC) if near else None
    except (ValueError, OverflowError, OSError):
        return None


def _as_number(text: str, now: datetime) -> datetime | None:
    value = number(text)
    if value is None:
        return None
    if value < _EPOCH:
        return now + timedelta(seconds=value)
    return datetime.fromtimestamp(value / (1000 if value >= _EPOCH_MS else 1), UTC)


def _as_duration(text: str, now: datetime) -> datetime | None:
    found = _DURATION.fullmatch(text) if text else None
    if found is None:
        return None
    days, hours, minutes, seconds, milliseconds = (float(part or 0) for part in found.groups())
    return now + timedelta(days, seconds, 0, milliseconds, minutes, hours)
