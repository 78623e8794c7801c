"""A message as a mail: text and HTML, threaded by dedup key, with the files of a report. No network."""

import hashlib
import html
from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UniqueUnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from typing import Any

from analytics.alerting import Action, Message
from analytics.model import Severity
from collector.notify.report_files import ReportFiles
from collector.notify.wording import PRODUCT, facts, handles, headline, links, paragraph

_LONGEST_TEXT = 8000
_COLOURS = {Severity.CRITICAL: "#b3261e", Severity.WARNING: "#b26a00", Severity.INFO: "#2b6cb0"}
_OVER, _SEEN = "#2e7d32", "#5f6368"
_REPLIES = (Action.UPDATE, Action.ACKNOWLEDGE, Action.RESOLVE)


class _Subject(BaseHeader):
    """A subject that is never folded before its first word, as the library does where one line is too short.

    Whatever reads headers line by line would find none. The line may have 9 characters more for it.
    """

    max_count = 1

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        UniqueUnstructuredHeader.parse(value, kwds)

    def fold(self, *, policy: Policy) -> str:
        return super().fold(policy=policy).replace(f"{self.name}:{policy.linesep} ", f"{self.name}: ", 1)


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("subject", _Subject)
_POLICY = SMTP.clone(header_factory=_HEADERS)


def mail(
    message: Message, sender: Address, to: list[Address], sent_at: datetime, report: ReportFiles | None = None
) -> EmailMessage:
    """The whole mail. `report` holds the files of an `Action.REPORT`.

    Its Message-ID is the same for every repetition of one message; all mails of a dedup key refer to one
    root, so that they stand together. No mail bears the root as its own: a key may begin several times, and
    mail servers drop the second of two mails with one Message-ID, though it tells of something new.
    """
    found = EmailMessage(policy=_POLICY)
    found["From"] = Address(sender.display_name or PRODUCT, sender.username, sender.domain)
    found["To"] = to
    # What looks like an encoded word (RFC 2047) would be read as one, and could say anything.
    found["Subject"] = headline(message).replace("=?", "= ?")
    found["Date"] = format_datetime(sent_at)
    found["Message-ID"] = message_id(message, sender.domain)
    if message.action is not Action.REPORT:
        root = _identity(f"thread\n{message.dedup_key}", sender.domain)
        found["References"] = root
        if message.action in _REPLIES and not message.over:
            found["In-Reply-To"] = root
    # RFC 3834: nobody's absence is reported to a machine.
    found["Auto-Submitted"] = "auto-generated"
    found["X-Auto-Response-Suppress"] = "All"
    if report is None:
        found.set_content(plain(message))
        found.add_alternative(as_html(message), subtype="html")
    else:
        _put_report(found, message, report, sender.domain)
    return found


def message_id(message: Message, domain: str) -> str:
    """The Message-ID: of dedup key, action and time alone."""
    return _identity(f"{message.dedup_key}\n{message.action}\n{message.at.isoformat()}", domain)


def _identity(said: str, domain: str) -> str:
    return f"<{hashlib.sha256(said.encode('utf-8', 'replace')).hexdigest()[:40]}@{domain}>"


def _put_report(found: EmailMessage, message: Message, report: ReportFiles, domain: str) -> None:
    found.set_content(report.markdown or plain(message))
    if report.html is None:
        if report.picture is not None:
            found.add_attachment(report.picture, "image", "png", filename=report.picture_name)
        return
    chart = _identity(f"chart\n{message.dedup_key}\n{message.at.isoformat()}", domain)
    page, inline = report.page_with_picture(f"cid:{chart[1:-1]}")
    found.add_alternative(page, subtype="html")
    if report.picture is None:
        return
    if inline:
        body = found.get_body(("html",))
        assert isinstance(body, EmailMessage)
        body.add_related(
            report.picture, "image", "png", cid=chart, filename=report.picture_name, disposition="inline"
        )
    else:
        found.add_attachment(report.picture, "image", "png", filename=report.picture_name)


def plain(message: Message) -> str:
    """The text part."""
    parts = [headline(message), paragraph(message.text, _LONGEST_TEXT)]
    parts.append("\n".join(f"{label}: {value}" for label, value in facts(message)))
    parts.append("\n".join([*(f"{text}: {url}" for text, url in links(message)), *handles(message)]))
    parts.append(f"-- \n{PRODUCT}")
    return "\n\n".join(part for part in parts if part) + "\n"


def as_html(message: Message) -> str:
    """The HTML part: inline styles alone, as mail programs want it, every text escaped."""
    rows = "".join(
        f'<tr><th align="left" valign="top" style="padding:2px 16px 2px 0;white-space:nowrap">'
        f'{html.escape(label)}</th><td style="padding:2px 0">{html.escape(value)}</td></tr>\n'
        for label, value in facts(message)
    )
    text = html.escape(paragraph(message.text, _LONGEST_TEXT)).replace("\n", "<br>\n")
    ways = " · ".join(
        f'<a href="{html.escape(url)}">{html.escape(label)}</a>' for label, url in links(message)
    )
    ids = "<br>\n".join(map(html.escape, handles(message)))
    parts = [
        f'<h1 style="font-size:20px;margin:0 0 12px;padding-left:12px;border-left:6px solid '
        f'{_colour(message)}">{html.escape(headline(message))}</h1>',
        f'<p style="margin:0 0 12px">{text}</p>' if text else "",
        f'<table role="presentation" cellspacing="0" style="font-size:14px;margin:0 0 12px">\n{rows}</table>',
        f'<p style="margin:0 0 12px">{ways}</p>' if ways else "",
        f'<p style="margin:0 0 12px;font-size:13px">{ids}</p>' if ids else "",
        f'<p style="margin:0;font-size:12px;opacity:.7">{PRODUCT}</p>',
    ]
    inner = "\n".join(part for part in parts if part)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="color-scheme" content="light dark"></head>\n'
        '<body style="font-family:-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif;font-size:15px;'
        f'line-height:1.5;margin:16px">\n{inner}\n</body></html>\n'
    )


def _colour(message: Message) -> str:
    if message.over or message.action is Action.RESOLVE:
        return _OVER
    if message.action is Action.ACKNOWLEDGE:
        return _SEEN
    return _COLOURS[Severity.INFO if message.action is Action.TEST else message.severity]
