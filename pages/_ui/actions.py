"""What people do here is done by the collector: calls to its HTTP API, each with an outcome in one line.

Nothing here raises. The token stays on the server, and is in no outcome. Ask `access.may_act` before.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx

from analytics.db import DatabaseError, listening_at, locate
from pages._ui import reading

_USUAL = "http://127.0.0.1:8600"

#: The collector answers once it has written, which waits for a busy database.
_TIMEOUT = httpx.Timeout(10.0, connect=2.0)

_LONGEST = 400
_MASK = "•••"

Method = Literal["GET", "POST", "PUT", "DELETE"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a call: whether it was done, one line for people, and what the collector answered.

    `status` is the HTTP status, None when there was no answer.
    """

    done: bool
    says: str
    status: int | None = None
    answer: Any = None


def acknowledge(incident_id: str, author: str, note: str = "") -> Outcome:
    """Take an incident on: it is being looked into, and nobody else is called for it."""
    return _told(call("POST", f"/incidents/{incident_id}/acknowledge", _said(author, note)), "Acknowledged.")


def resolve(incident_id: str, author: str, note: str) -> Outcome:
    """End an incident by hand. A note is asked for."""
    return _told(call("POST", f"/incidents/{incident_id}/resolve", _said(author, note)), "Resolved.")


def add_note(incident_id: str, author: str, note: str) -> Outcome:
    """Write down what was found or done."""
    return _told(call("POST", f"/incidents/{incident_id}/note", _said(author, note)), "Note added.")


def mutes() -> Outcome:
    """The mutes that hold: `answer["mutes"]`."""
    return call("GET", "/mutes")


def mute(service: str | None, rule: str | None, span: str, author: str, note: str = "") -> Outcome:
    """Tell nobody of `service` and `rule` (None: all) for `span`, as "2h". Checks go on."""
    body = {"service": service, "rule": rule, "for": span, **_said(author, note)}
    return _told(call("POST", "/mutes", body), "Muted.")


def end_mute(mute_id: str, author: str) -> Outcome:
    """Take a mute back."""
    return _told(call("DELETE", f"/mutes/{mute_id}", {"author": author}), "The mute has ended.")


def alert_rules() -> Outcome:
    """The rules in force, in words of services.toml, and where each setting comes from: in `answer`."""
    return call("GET", "/alert-rules")


def change_alert_rules(
    author: str, note: str, rules: Mapping[str, Any], services: Mapping[str, Any] | None = None
) -> Outcome:
    """Change settings of rules: for all services `{rule: {word: value}}`, for some `{service: {rule: …}}`."""
    body = {**_said(author, note), "rules": dict(rules), "services": dict(services or {})}
    return _told(call("PUT", "/alert-rules", {name: part for name, part in body.items() if part}), "Changed.")


def call(method: Method, path: str, body: Mapping[str, Any] | None = None) -> Outcome:
    """Ask the collector. `path` begins with a slash, `body` is sent as JSON."""
    address = collector_address()
    token = os.environ.get("HEALTH_TOKEN", "").strip()
    fault = _fault_of(address)
    if fault:
        return Outcome(False, fault)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        # trust_env: a proxy of the environment must not see the token on its way to this machine.
        with httpx.Client(base_url=address, timeout=_TIMEOUT, trust_env=False, headers=headers) as client:
            answer = client.request(method, path, json=None if body is None else dict(body))
    except httpx.TimeoutException:
        return Outcome(
            False, f"The collector at {_shown(address)} did not answer in time. It may have done it."
        )
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, ValueError):
        return Outcome(False, f"The collector cannot be reached at {_shown(address)}. Is it running?")
    found = _outcome(answer, token, address)
    if found.done and method != "GET":
        reading.forget()  # what was done is on the page with its next refresh
    return found


def collector_address() -> str:
    """Where the collector listens: HEALTH_COLLECTOR_URL, or what it wrote beside its file, or the usual."""
    told = os.environ.get("HEALTH_COLLECTOR_URL", "").strip()
    if told:
        return told.rstrip("/")
    try:
        location = locate(os.environ.get("HEALTH_DB", ""), os.environ.get("HEALTH_DATA_PATH", ""))
    except DatabaseError:
        return _USUAL
    return listening_at(location) or _USUAL


def _said(author: str, note: str) -> dict[str, Any]:
    return {"author": author, "note": note}


def _told(outcome: Outcome, says: str) -> Outcome:
    return Outcome(True, says, outcome.status, outcome.answer) if outcome.done else outcome


def _fault_of(address: str) -> str:
    if address == "off":
        return "HEALTH_COLLECTOR_URL is off: this dashboard only shows."
    try:
        parts = urlsplit(address)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return ""
    except ValueError:
        pass
    return "HEALTH_COLLECTOR_URL is no address of a collector; write it like http://127.0.0.1:8600."


def _shown(address: str) -> str:
    """Host and port alone: an address may hold a password."""
    return urlsplit(address).netloc.rpartition("@")[2]


def _outcome(answer: httpx.Response, token: str, address: str) -> Outcome:
    content = _content(answer)
    if answer.is_success:
        if content is None:
            return Outcome(
                False, f"What answers at {_shown(address)} is not the collector.", answer.status_code
            )
        return Outcome(True, "Done.", answer.status_code, content)
    if answer.status_code in (401, 403):
        says = "The collector does not take this dashboard's token: compare HEALTH_TOKEN on both sides."
    elif isinstance(content, dict) and isinstance(content.get("message"), str):
        says = f"Not done: {_reasons(content)}"
    else:
        says = f"Not done: {_shown(address)} answered {answer.status_code}, as no collector does."
    return Outcome(False, _clean(says, token), answer.status_code, content)


def _content(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


def _reasons(content: Mapping[str, Any]) -> str:
    faults = content.get("errors")
    if isinstance(faults, list) and faults:
        return "; ".join(f"{one.get('field')} {one.get('reason')}" for one in faults if isinstance(one, dict))
    return str(content["message"])


def _clean(text: str, token: str) -> str:
    line = " ".join((text.replace(token, _MASK) if token else text).split())
    return f"{line[:_LONGEST]}…" if len(line) > _LONGEST else line
