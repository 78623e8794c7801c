"""The chatwoot probe: what an installation says of itself, and whether it takes the token.

`/api` answers 200 also when something behind it fails: app/controllers/api_controller.rb of
https://github.com/chatwoot/chatwoot. The profile is https://developers.chatwoot.com/api-reference/profile.
"""

from typing import Any

from analytics.model import Basis, Finding, Reason
from collector.probes.api_answer import by_status, error_object, json_object, member, text
from collector.probes.api_call import ApiCall, ask
from collector.probes.api_options import Token, trimmed
from collector.probes.base import ProbeContext, ProbeKind
from collector.probes.http_fetch import Fetched
from collector.probes.http_url import network_host, shown_url
from collector.probes.options import HttpUrl, ProbeOptions

_STATUS = "/api"
_PROFILE = "/api/v1/profile"
_HINT = "`url` must be the address of the installation itself"

#: What `/api` tells about, in words.
_BEHIND = {"queue_services": "the queue (Redis)", "data_services": "the database"}


class ChatwootOptions(ProbeOptions):
    """One Chatwoot installation, and the access token of one of its users."""

    url: HttpUrl
    access_token: Token

    def target(self) -> str:
        return shown_url(self.url)

    def host(self) -> str | None:
        return network_host(self.url)


async def probe(options: ChatwootOptions, context: ProbeContext) -> Finding:
    """Two calls. The token is sent only to what has shown itself as a Chatwoot that is well."""
    base = trimmed(options.url)
    status = ApiCall("chatwoot", "GET", f"{base}{_STATUS}", _STATUS, secret=options.access_token)
    installation = await ask(context, status, judge_status_page)
    if not installation.ok:
        return installation
    profile = ApiCall(
        api="chatwoot",
        method="GET",
        url=f"{base}{_PROFILE}",
        endpoint=_PROFILE,
        secret=options.access_token,
        headers={"api_access_token": options.access_token},
    )
    account = await ask(context, profile, judge_profile)
    return joined(installation, account)


def judge_status_page(fetched: Fetched) -> Finding:
    """What `/api` says. Pure; raises `ProbeFailure` when it is not JSON."""
    if not 200 <= fetched.status < 300:
        finding = by_status(fetched)
        hint = f"; {_HINT}" if fetched.status == 404 else ""
        return Finding(False, finding.reason, f"{finding.message}{hint}")
    answer = json_object(fetched, _HINT)
    told = {name: text(member(answer, name), 20) for name in ("version", *_BEHIND)}
    details = {name: value for name, value in told.items() if value}
    if not details:
        return Finding(False, Reason.PROTOCOL, f"the answer is JSON, but not that of Chatwoot; {_HINT}")
    name = _name(details)
    failing = [words for key, words in _BEHIND.items() if details.get(key, "ok") != "ok"]
    if failing:
        message = f"{name} answers, but says that {' and '.join(failing)} fail{'s' * (len(failing) == 1)}"
        return Finding(False, Reason.UNHEALTHY, message, details)
    behind = ", queue and database are ok" if _BEHIND.keys() <= details.keys() else ""
    return Finding(True, Reason.OK, f"{name} answers{behind}", details)


def judge_profile(fetched: Fetched) -> Finding:
    """Whether the token is taken; whose it is stays out of what is kept. Pure; raises `ProbeFailure`."""
    if fetched.status in (401, 403):
        message = f"Chatwoot answers, but refuses the access token ({fetched.status})"
        return Finding(False, Reason.AUTH, message)
    if not 200 <= fetched.status < 300:
        answer = error_object(fetched)
        more = text(answer.get("error")) or text(answer.get("message"))
        finding = by_status(fetched, more)
        return Finding(False, finding.reason, f"the profile {finding.message}")
    if member(json_object(fetched, _HINT), "id") is None:
        return Finding(False, Reason.PROTOCOL, f"the answer is JSON, but no profile; {_HINT}")
    return Finding(True, Reason.OK, "the access token is accepted")


def joined(installation: Finding, account: Finding) -> Finding:
    """Both calls as one finding. The slower of the two is the latency: each of them is a call. Pure."""
    details = {**installation.details, **account.details}
    latency_ms = max(installation.latency_ms or 0.0, account.latency_ms or 0.0)
    if not account.ok:
        return Finding(False, account.reason, account.message, details, latency_ms)
    message = f"{installation.message}, and {account.message}"
    return Finding(True, Reason.OK, message, details, latency_ms)


def _name(details: dict[str, Any]) -> str:
    return f"Chatwoot {details['version']}" if "version" in details else "Chatwoot"


KIND = ProbeKind("chatwoot", ChatwootOptions, probe, Basis.CALLS, 800, 2000)
