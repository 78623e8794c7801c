"""The openai probe: the list of models, which costs no tokens and needs a valid key.

Answers: https://platform.openai.com/docs/api-reference/models. Errors and their codes:
https://platform.openai.com/docs/guides/error-codes.
"""

from typing import Any

from analytics.model import Basis, Finding, Reason
from collector.probes.api_answer import (
    by_status,
    error_object,
    grouped,
    json_object,
    member,
    number,
    said,
    text,
)
from collector.probes.api_call import ApiCall, ask
from collector.probes.api_options import Token, trimmed
from collector.probes.base import ProbeContext, ProbeKind
from collector.probes.http_fetch import Fetched
from collector.probes.http_url import network_host, shown_url
from collector.probes.options import HttpUrl, ProbeOptions, Text

_ENDPOINT = "/v1/models"
_HINT = "look at `url`"

#: Money and limits a person set, not the rate of requests: waiting does not help.
_QUOTA = {
    "insufficient_quota",
    "credit_balance_exhausted",
    "billing_hard_limit_reached",
    "billing_not_active",
}
_COUNTRY = "unsupported_country_region_territory"
_OVERLOADED = {"slow_down", "server_is_overloaded", "engine_overloaded"}


class OpenAIOptions(ProbeOptions):
    """The OpenAI API, or something that speaks like it. `expect_model` must be in the list of models."""

    api_key: Token
    url: HttpUrl = "https://api.openai.com"
    expect_model: Text | None = None
    organization: Token | None = None
    project: Token | None = None

    def base(self) -> str:
        """Where the paths of the API begin; many write the address with the /v1 of their client library."""
        return trimmed(self.url).removesuffix("/v1")

    def target(self) -> str:
        return shown_url(self.base())

    def host(self) -> str | None:
        return network_host(self.url)


async def probe(options: OpenAIOptions, context: ProbeContext) -> Finding:
    """One list of models."""
    headers = {"Authorization": f"Bearer {options.api_key}"}
    if options.organization is not None:
        headers["OpenAI-Organization"] = options.organization
    if options.project is not None:
        headers["OpenAI-Project"] = options.project
    call = ApiCall(
        "openai", "GET", f"{options.base()}{_ENDPOINT}", _ENDPOINT, secret=options.api_key, headers=headers
    )
    return await ask(context, call, lambda fetched: judge(fetched, options.expect_model))


def judge(fetched: Fetched, expected: str | None) -> Finding:
    """What an answer means. Pure; raises `ProbeFailure` when it is no list of models."""
    details = _headers(fetched)
    if not 200 <= fetched.status < 300:
        return _refused(fetched, details)
    listed = member(json_object(fetched, _HINT), "data")
    if not isinstance(listed, list):
        message = f"the answer is JSON, but no list of models; {_HINT}"
        return Finding(False, Reason.PROTOCOL, message, details)
    details["models"] = len(listed)
    if not listed:
        message = "it answers, but offers no model to this key"
        return Finding(False, Reason.UNHEALTHY, message, details)
    if expected is not None and not any(member(model, "id") == expected for model in listed):
        message = f"it answers, but does not offer the model {text(expected, 80)}"
        return Finding(False, Reason.UNHEALTHY, message, details)
    offered = f"{grouped(len(listed))} model{'s' * (len(listed) != 1)}"
    among = f", {text(expected, 80)} among them" if expected is not None else ""
    return Finding(True, Reason.OK, f"it answers and offers {offered}{among}", details)


def _headers(fetched: Fetched) -> dict[str, Any]:
    """The id under which OpenAI's support finds the request, and the time it took over there."""
    details: dict[str, Any] = {}
    if request_id := text(fetched.headers.get("x-request-id"), 80):
        details["request_id"] = request_id
    try:
        milliseconds = number(float(fetched.headers.get("openai-processing-ms", "")))
    except ValueError:
        milliseconds = None
    if milliseconds is not None:
        details["processing_ms"] = milliseconds
    return details


def _refused(fetched: Fetched, details: dict[str, Any]) -> Finding:
    error = error_object(fetched).get("error")
    code = text(member(error, "code"), 60) or text(member(error, "type"), 60)
    told = text(member(error, "message")) or text(error)
    if code:
        details["code"] = code
    reason, message = _meaning(fetched, code, str(member(error, "type")))
    return Finding(False, reason, said(message, told), details)


def _meaning(fetched: Fetched, code: str, kind: str) -> tuple[Reason, str]:
    status, named = fetched.status, f" ({code})" if code else ""
    if quota := _QUOTA & {code, kind}:
        return Reason.QUOTA_EXHAUSTED, f"the account's credit or limit is used up ({min(quota)})"
    if status == 401:
        what = "the organization or project" if "organization" in code else "the API key"
        return Reason.AUTH, f"answered 401: OpenAI refuses {what}{named}"
    if status == 403 and code == _COUNTRY:
        return Reason.HTTP_4XX, "answered 403: OpenAI does not serve the country this machine is in"
    if status == 403:
        return (
            Reason.AUTH,
            f"answered 403: OpenAI answers, but this key or this network may not do that{named}",
        )
    if status == 429:
        return Reason.RATE_LIMITED, f"answered 429: too many requests{named}"
    if status >= 500 and (code in _OVERLOADED or status == 503):
        return Reason.HTTP_5XX, f"answered {status}: OpenAI is overloaded{named}"
    finding = by_status(fetched)
    return finding.reason, f"{finding.message}{named}"


KIND = ProbeKind("openai", OpenAIOptions, probe, Basis.CALLS, 3000, 5000)
