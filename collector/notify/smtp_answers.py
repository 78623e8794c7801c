"""The one place where answers and failures of SMTP become outcomes and sentences."""

import ssl
from collections.abc import Mapping, Sequence

import aiosmtplib

from collector.notify.base import Outcome, Receipt
from collector.probes.network_faults import explain_network

LONGEST_ANSWER = 300

#: What a refusal with this code usually means (RFC 5321, RFC 4954).
_HINTS = {
    530: "the server wants a login first; write username and password",
    534: "the server wants another way to log in, often a password made for programs",
    535: "the server does not know this username and password",
    550: "the server does not know a recipient, or does not send for this address",
    553: "the server does not take this address",
}


def accepted(answer: str, refused: Mapping[str, tuple[int, str]]) -> Receipt:
    """The mail was taken; `refused` are the recipients that were not."""
    said = f"250 {answer}" if not answer.startswith("250") else answer
    if refused:
        some = ", ".join(f"{address}: {code} {text}" for address, (code, text) in refused.items())
        said = f"{said}; not for {some}"
    return Receipt(Outcome.ACCEPTED, said)


def failure(error: Exception, host: str) -> Receipt:
    """What `error` says of a mail for `host`: 5xx refused for good, all else failed for now."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return _recipients(error.recipients)
    if isinstance(error, aiosmtplib.SMTPResponseException) and error.code >= 400:
        return _answered(error.code, error.message)
    return Receipt(Outcome.FAILED, _said(error, host))


def _recipients(refused: Sequence[aiosmtplib.SMTPRecipientRefused]) -> Receipt:
    """For good only when no recipient may be taken later."""
    passing = [found for found in refused if found.code < 500]
    chosen = (passing or refused)[0]
    receipt = _answered(chosen.code, chosen.message)
    return Receipt(receipt.outcome, f"{chosen.recipient}: {receipt.answer}")


def _answered(code: int, message: str) -> Receipt:
    outcome = Outcome.REFUSED if code >= 500 else Outcome.FAILED
    hint = f" ({_HINTS[code]})" if code in _HINTS else ""
    return Receipt(outcome, f"{code} {message[:LONGEST_ANSWER]}{hint}")


def _is_about_login(said: str) -> bool:
    """The library has no error of its own for it."""
    return "AUTH extension" in said or "authentication method" in said


def _said(error: Exception, host: str) -> str:
    if isinstance(error, aiosmtplib.SMTPException) and _is_about_login(str(error)):
        return f"{host} offers no login here; leave out username and password, or write another port"
    if isinstance(error, aiosmtplib.SMTPException) and "STARTTLS" in str(error):
        return (
            f"{host} offers no STARTTLS, and nothing is sent unencrypted; "
            'write security = "tls" with its port (465), or "none" for a server on this machine'
        )
    if isinstance(error, UnicodeError):
        return f"{host} is no name of a mail server"
    cause: BaseException | None = error
    while cause is not None:
        known = explain_network(cause, host) if isinstance(cause, OSError | ssl.SSLError) else None
        if known is not None and not isinstance(cause, aiosmtplib.SMTPException):
            return known[1]
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, TimeoutError):
        return f"{host} did not answer in time"
    if isinstance(error, aiosmtplib.SMTPServerDisconnected | ConnectionError):
        return f"{host} closed the connection before it took the mail"
    return f"{host} does not speak SMTP as it should: {type(error).__name__}"
