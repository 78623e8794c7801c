"""The supabase probe: auth, REST, storage and, with a DSN, the database of one project, each on its own.

Paths and answers: https://supabase.com/docs/guides/troubleshooting and, for the status codes of a paused or
restricted project, https://supabase.com/docs/guides/platform/http-status-codes.
"""

import json
from functools import partial
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from analytics.model import Finding, Reason
from collector.probes import postgres
from collector.probes.base import ProbeContext, ProbeKind
from collector.probes.http_fetch import Fetched, fetch
from collector.probes.http_status import judge_status, status_details
from collector.probes.http_url import network_host, shown_url
from collector.probes.options import HttpUrl, ProbeOptions, Text
from collector.probes.parts import Part, PartProbe, ask_parts, worst
from collector.secrets import REFERENCE

_PAUSED = 540
_RESTRICTED = 402


def _table(value: str) -> str:
    if not REFERENCE.search(value) and not value.replace("_", "").isalnum():
        raise ValueError("is no table name; write the name alone, like health")
    return value


class SupabaseOptions(ProbeOptions):
    """Options of supabase. `key` is a publishable key; `table` a small table that key may read."""

    url: HttpUrl
    key: Text = Field(repr=False)
    table: Annotated[Text, AfterValidator(_table)] | None = None
    dsn: Text | None = Field(default=None, repr=False)

    def target(self) -> str:
        return shown_url(self.url)

    def host(self) -> str | None:
        return network_host(self.url)


async def probe(options: SupabaseOptions, context: ProbeContext) -> Finding:
    """Ask all parts at once. The worst one gives the reason; the message names every part that fails."""
    probes: dict[str, PartProbe] = {
        "auth": partial(_auth, options),
        "rest": partial(_rest, options),
        "storage": partial(_storage, options),
    }
    if options.dsn is not None:
        probes["database"] = partial(postgres.check, options.dsn)
    return judge(await ask_parts(context, probes))


def judge(parts: list[Part]) -> Finding:
    """What the parts say together. Pure."""
    details = {"parts": {part.name: part.as_details() for part in parts}}
    failing = [part for part in parts if not part.finding.ok]
    if not failing:
        return Finding(True, Reason.OK, f"{_names(parts)} answer", details)
    reason = worst(parts).finding.reason
    if all(part.finding.details.get("http_status") == _PAUSED for part in failing):
        return Finding(False, reason, "the project is paused", details)
    said = "; ".join(f"{part.name}: {part.finding.message}" for part in failing)
    good = [part for part in parts if part.finding.ok]
    others = f" ({_names(good)} answer{'s' if len(good) == 1 else ''})" if good else ""
    return Finding(False, reason, f"{said}{others}", details)


async def _auth(options: SupabaseOptions, context: ProbeContext) -> Finding:
    fetched = await _get(options, context, "/auth/v1/health")
    finding = _judged(fetched)
    if not finding.ok:
        return finding
    health = fetched.json()
    if not isinstance(health, dict) or "version" not in health:
        return Finding(False, Reason.PROTOCOL, "the answer is not that of the auth service", finding.details)
    version = {"version": str(health["version"])[:40]}
    return Finding(True, Reason.OK, finding.message, {**finding.details, **version})


async def _rest(options: SupabaseOptions, context: ProbeContext) -> Finding:
    if options.table is not None:
        return _judged(await _get(options, context, f"/rest/v1/{options.table}?select=*&limit=1"))
    fetched = await _get(options, context, "/rest/v1/")
    finding = _judged(fetched)
    if fetched.status in (401, 403):
        # The root is closed to publishable keys. That the gateway says so does not prove the REST service,
        # but a wrong key shows in the auth part, and a table would settle it.
        message = f"answered {fetched.status}, as its root does to publishable keys; name a `table` to query"
        return Finding(True, Reason.OK, message, finding.details)
    return finding


async def _storage(options: SupabaseOptions, context: ProbeContext) -> Finding:
    fetched = await _get(options, context, "/storage/v1/status")
    finding = _judged(fetched)
    said = _json_object(fetched)
    if finding.ok and said.get("healthy") is False:
        return Finding(False, Reason.UNHEALTHY, "it answers, but says it is not healthy", finding.details)
    return finding


async def _get(options: SupabaseOptions, context: ProbeContext, path: str) -> Fetched:
    headers = {"apikey": options.key}
    if options.key.startswith("eyJ"):
        # The older keys are JWTs and name the role only here; a newer key is refused in this header.
        headers["Authorization"] = f"Bearer {options.key}"
    return await fetch(context, "GET", f"{options.url.rstrip('/')}{path}", headers=headers)


def _judged(fetched: Fetched) -> Finding:
    """The status of an answer, with what Supabase's own codes mean."""
    reason, message = judge_status(fetched.status)
    details = {**fetched.details, **status_details(fetched.status, fetched.headers)}
    said = _json_object(fetched)
    code = str(said.get("code", ""))[:20]
    if reason is not Reason.OK and code:
        details["code"] = code
    if fetched.status == _PAUSED:
        message = "answered 540: the project is paused"
    elif fetched.status == _RESTRICTED:
        message = "answered 402: the project is restricted, over its quota or unpaid"
    elif code == "42501":
        reason, message = Reason.AUTH, "it answers, but the key has no grant to read the table (42501)"
    elif code == "PGRST205":
        message = "it answers, but knows no such table (PGRST205)"
    elif code.startswith("PGRST00"):
        message = f"it answers, but cannot reach its database ({code})"
    return Finding(reason is Reason.OK, reason, message, details)


def _json_object(fetched: Fetched) -> dict[str, Any]:
    try:
        value = json.loads(fetched.body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _names(parts: list[Part]) -> str:
    names = [part.name for part in parts]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


KIND = ProbeKind("supabase", SupabaseOptions, probe)
