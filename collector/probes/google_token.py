"""Access tokens of service accounts, each asked for once an hour.

The token endpoint and its answers: https://developers.google.com/identity/protocols/oauth2/service-account.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from analytics.model import Reason
from collector.client import endpoint_template
from collector.probes.api_answer import by_status, error_object, json_object, number, said, text
from collector.probes.api_call import ORIGIN
from collector.probes.base import ProbeContext, ProbeFailure, Steps
from collector.probes.google_key import ServiceAccount, read_key_file, signed_assertion
from collector.probes.http_fetch import Fetched, fetch

_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}

#: A token is renewed this long before it ends, so that it does not end on the way.
_EARLY_SECONDS = 300.0
#: What a token is good for when its endpoint does not say: the usual hour of Google's.
_USUAL_SECONDS = 3600.0
_LONGEST_SECONDS = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token, when it has to be renewed on the monotonic clock, and whether it is from before."""

    value: str = field(repr=False)
    renew_at: float
    cached: bool = False


@dataclass
class AccessTokens:
    """The tokens of this process, one a key file. A key file with other content gets a token of its own.

    `wall` gives seconds since 1970, for the assertion; `clock` is monotonic, for the end of a token.
    """

    wall: Callable[[], float] = time.time
    clock: Callable[[], float] = time.monotonic
    _kept: dict[str, tuple[str, AccessToken]] = field(default_factory=dict, repr=False)

    async def get(self, path: str, api: str, context: ProbeContext) -> AccessToken:
        """A token of the account in the key file at `path`, measured as the step `token`.

        Raises `ProbeFailure`. When the token endpoint is at fault, `context.calls` has a row of it under
        the name `api`: a call that could not be made for want of a token failed too.
        """
        with context.steps.step("token"):
            account = await asyncio.to_thread(read_key_file, path)
            digest, kept = self._kept.get(path, ("", None))
            if kept is not None and digest == account.digest and self.clock() < kept.renew_at:
                return replace(kept, cached=True)
            assertion = await asyncio.to_thread(signed_assertion, path, account, self.wall())
            token = await self._exchange(account, assertion, api, context)
        self._kept[path] = (account.digest, token)
        return token

    def forget(self, path: str) -> None:
        """Ask for a new token the next time: the API did not take this one."""
        self._kept.pop(path, None)

    async def _exchange(
        self, account: ServiceAccount, assertion: str, api: str, context: ProbeContext
    ) -> AccessToken:
        body = urlencode({"grant_type": _GRANT, "assertion": assertion})
        row = _Row(api, account.token_uri, datetime.fromtimestamp(self.wall(), UTC), self.clock())
        # The phases of this exchange are not those of the call that is measured.
        own = replace(context, steps=Steps(), notes={})
        status: int | None = None
        try:
            fetched = await fetch(own, "POST", account.token_uri, headers=_FORM, content=body)
            status = fetched.status
            return self._token(fetched)
        except ProbeFailure as failure:
            message = f"the token endpoint: {failure.message}"
            context.calls.append(row.failed(self.clock(), status, failure.reason, message))
            raise ProbeFailure(failure.reason, message, {"token_endpoint": own.notes}) from None
        except asyncio.CancelledError:
            message = f"the token endpoint: no answer within {context.timeout:g} s"
            context.calls.append(row.failed(self.clock(), None, Reason.TIMEOUT, message))
            raise

    def _token(self, fetched: Fetched) -> AccessToken:
        if not 200 <= fetched.status < 300:
            raise _refused(fetched)
        answer = json_object(fetched, "look at token_uri in the key file")
        value = answer.get("access_token")
        if not isinstance(value, str) or not value.isascii() or not value.isprintable() or not value.strip():
            raise ProbeFailure(Reason.PROTOCOL, "its answer holds no access token")
        seconds = number(answer.get("expires_in")) or _USUAL_SECONDS
        return AccessToken(value, self.clock() + min(seconds, _LONGEST_SECONDS) - _EARLY_SECONDS)


@dataclass(frozen=True, slots=True)
class _Row:
    """The row of an exchange that fails, as far as it is known at its start."""

    api: str
    uri: str
    started_at: datetime
    started: float

    def failed(self, now: float, status: int | None, reason: Reason, message: str) -> dict[str, Any]:
        return {
            "timestamp": self.started_at,
            "api_name": self.api,
            "endpoint": endpoint_template(urlsplit(self.uri).path or "/"),
            "method": "POST",
            "status_code": status,
            "response_time_ms": round(1000.0 * (now - self.started)),
            "error_message": message,
            "retries": 0,
            "reason": str(reason),
            "origin": ORIGIN,
        }


def _refused(fetched: Fetched) -> ProbeFailure:
    """What an answer without a token means. `invalid_grant` has many causes; Google names the one."""
    answer = error_object(fetched)
    code, told = text(answer.get("error"), 60), text(answer.get("error_description"))
    named = f" ({code})" if code else ""
    if code == "invalid_grant":
        hint = "; is the clock of this machine right?" if "timeframe" in told.lower() else ""
        message = said(f"it refuses the service account{named}", told) + hint
        return ProbeFailure(Reason.AUTH, message)
    if code in ("invalid_client", "unauthorized_client", "access_denied", "account_not_found"):
        return ProbeFailure(Reason.AUTH, said(f"it refuses the service account{named}", told))
    finding = by_status(fetched)
    return ProbeFailure(finding.reason, said(f"{finding.message}{named}", told))
