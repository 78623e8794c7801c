"""The google_analytics probe: the quota of one property, read with a service account's token.

The Data API: https://developers.google.com/analytics/devguides/reporting/data/v1/rest. The snapshot of quotas
is `properties.getPropertyQuotasSnapshot` of v1alpha, which costs one token of the largest quota.
"""

from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal

from pydantic import AfterValidator

from analytics.model import Basis, Finding, Reason
from collector.client import google_analytics_quota
from collector.probes.api_answer import (
    MOST_ERRORS,
    by_status,
    error_object,
    grouped,
    json_object,
    member,
    said,
    text,
)
from collector.probes.api_call import ApiCall, ask
from collector.probes.api_options import trimmed
from collector.probes.base import ProbeContext, ProbeKind
from collector.probes.google_pause import ServerErrors
from collector.probes.google_quota import as_details, of_day, quotas, used_up
from collector.probes.google_token import AccessTokens
from collector.probes.http_fetch import Fetched
from collector.probes.http_url import network_host, shown_url
from collector.probes.options import HttpUrl, ProbeOptions, Text
from collector.secrets import REFERENCE

_API = "google_analytics"
_HINT = "look at `url`"

#: What is asked, by `method`: HTTP method, path, body.
_METHODS: dict[str, tuple[str, str, Any]] = {
    "snapshot": ("GET", "/v1alpha/properties/{property}/propertyQuotasSnapshot", None),
    "metadata": ("GET", "/v1beta/properties/{property}/metadata", None),
    "report": (
        "POST",
        "/v1beta/properties/{property}:runReport",
        {
            "dateRanges": [{"startDate": "yesterday", "endDate": "today"}],
            "metrics": [{"name": "sessions"}],
            "limit": "1",
            "returnPropertyQuota": True,
        },
    ),
}


def _property(value: str) -> str:
    if REFERENCE.search(value) or value.removeprefix("properties/").isdecimal():
        return value
    if value.upper().startswith(("G-", "UA-", "GT-")):
        raise ValueError("is a measurement id; write the property's number, from Admin → Property details")
    raise ValueError("is no property; write its number, from Admin → Property details")


class GoogleAnalyticsOptions(ProbeOptions):
    """One property, and a service account that may read it. `method` is what is asked of the Data API."""

    property_id: Annotated[Text, AfterValidator(_property)]
    credentials_file: Text
    method: Literal["snapshot", "metadata", "report"] = "snapshot"
    url: HttpUrl = "https://analyticsdata.googleapis.com"

    def number(self) -> str:
        """The property's number alone."""
        return self.property_id.removeprefix("properties/")

    def target(self) -> str:
        return f"{shown_url(trimmed(self.url))}/properties/{self.number()}"

    def host(self) -> str | None:
        return network_host(self.url)


@dataclass
class GoogleAnalytics:
    """The probe with what it remembers between attempts: tokens, and server errors in a row."""

    tokens: AccessTokens = field(default_factory=AccessTokens)
    errors: ServerErrors = field(default_factory=ServerErrors)

    async def probe(self, options: GoogleAnalyticsOptions, context: ProbeContext) -> Finding:
        """A token if the last one ends soon, then one call. The token counts into no latency."""
        token = await self.tokens.get(options.credentials_file, _API, context)
        method, path, body = _METHODS[options.method]
        call = ApiCall(
            api=_API,
            method=method,
            url=f"{trimmed(options.url)}{path.replace('{property}', options.number())}",
            endpoint=path,
            secret=token.value,
            headers={"Authorization": f"Bearer {token.value}"},
            json=body,
            quota=google_analytics_quota,
        )
        finding = await ask(context, call, lambda fetched: judge(fetched, options.number()))
        status = finding.details.get("http_status")
        if status == 401:
            self.tokens.forget(options.credentials_file)
        finding = replace(finding, details={**finding.details, "token_cached": token.cached})
        if finding.reason is Reason.HTTP_5XX:
            return replace(finding, ask_again_after=self.errors.count(options.number()))
        if status is not None:
            self.errors.clear(options.number())
        return finding


def judge(fetched: Fetched, property_number: str) -> Finding:
    """What an answer means. Pure; raises `ProbeFailure` when it is not JSON."""
    if not 200 <= fetched.status < 300:
        return _refused(fetched, property_number)
    answer = json_object(fetched, _HINT)
    found = quotas(answer)
    details: dict[str, Any] = {"quota": as_details(found)} if found else {}
    # Every answer names what it is about, but for a report, which names its kind.
    if not found and not text(answer.get("name")) and not text(answer.get("kind")):
        message = f"the answer is JSON, but not that of the Data API; {_HINT}"
        return Finding(False, Reason.PROTOCOL, message, details)
    empty = used_up(found)
    if empty:
        message = f"property {property_number} answers, but has nothing left of {' and '.join(empty)}"
        return Finding(False, Reason.QUOTA_EXHAUSTED, message, details)
    day = of_day(found)
    left = f", {grouped(day.remaining)} of {grouped(day.limit)} tokens left today" if day else ""
    return Finding(True, Reason.OK, f"property {property_number} answers{left}", details)


def _refused(fetched: Fetched, property_number: str) -> Finding:
    error = error_object(fetched).get("error")
    status, told = text(member(error, "status"), 60), text(member(error, "message"))
    details = {"code": status} if status else {}
    reason, message = _meaning(fetched, status, _why(error), property_number)
    return Finding(False, reason, said(message, told), details)


def _why(error: Any) -> str:
    """The reason in google.rpc.ErrorInfo, such as SERVICE_DISABLED."""
    listed = member(error, "details")
    items = listed[:MOST_ERRORS] if isinstance(listed, list) else []
    found = [text(member(item, "reason"), 60) for item in items]
    return next((reason for reason in found if reason), "")


def _meaning(fetched: Fetched, status: str, why: str, property_number: str) -> tuple[Reason, str]:
    code, named = fetched.status, f" ({status})" if status else ""
    if code == 429 or status == "RESOURCE_EXHAUSTED":
        return Reason.QUOTA_EXHAUSTED, f"answered {code}: the quota of the property is used up{named}"
    if code == 401:
        return Reason.AUTH, f"answered 401: Google does not take the access token{named}"
    if code == 403 and why in ("SERVICE_DISABLED", "accessNotConfigured"):
        return Reason.AUTH, "answered 403: the Data API is not enabled in the service account's project"
    if code == 403:
        role = f"the service account needs the role Viewer in property {property_number}"
        return Reason.AUTH, f"answered 403: {role}, and the Data API must be enabled in its project"
    if code in (400, 404):
        where = "look at `property_id`: the number in Admin → Property details"
        return Reason.HTTP_4XX, f"answered {code}: not a property Google knows; {where}"
    finding = by_status(fetched)
    return finding.reason, f"{finding.message}{named}"


KIND = ProbeKind("google_analytics", GoogleAnalyticsOptions, GoogleAnalytics().probe, Basis.CALLS, 1000, 3000)
