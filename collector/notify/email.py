"""E-mail over SMTP (RFC 5321), with STARTTLS, TLS from the start, or neither."""

import asyncio
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import aiosmtplib
import certifi

from analytics.alerting import Action, Message
from collector.duration import written
from collector.notify.addresses import mail_address
from collector.notify.base import Outcome, Receipt
from collector.notify.email_message import mail
from collector.notify.options import EmailOptions
from collector.notify.report_files import ReportFiles, ReportGone, read_report
from collector.notify.smtp_answers import LONGEST_ANSWER, accepted, failure
from collector.notify.wording import line
from collector.secrets import Redactor

#: Seconds for a goodbye after the mail was accepted. Whether it is heard changes nothing.
_GOODBYE_SECONDS = 1.0


def mail_context() -> ssl.SSLContext:
    """Certificates are checked against the system's authorities (`SSL_CERT_FILE`) and Mozilla's list."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


class Email:
    """One mail server and those who are written to. `clock` gives seconds since 1970."""

    def __init__(
        self,
        name: str,
        options: EmailOptions,
        redactor: Redactor,
        clock: Callable[[], float] = time.time,
        tls: Callable[[], ssl.SSLContext] = mail_context,
    ) -> None:
        self.name = name
        self.kind = "email"
        self.for_machines = False
        self._options = options
        self._from = mail_address(options.from_)
        self._to = [mail_address(address) for address in options.to]
        self._redactor = redactor
        self._clock = clock
        self._tls = tls
        self._context: ssl.SSLContext | None = None

    def __repr__(self) -> str:
        return f"Email({self.name!r})"

    def takes(self, message: Message) -> bool:  # noqa: ARG002  the contract of every channel
        """Everything."""
        return True

    def rendered(self, message: Message) -> str:
        """The whole mail as it would go over the wire. Raises `ReportGone` for a report without files."""
        report = read_report(message.path) if message.action is Action.REPORT else None
        return mail(message, self._from, self._to, self._now(), report).as_string()

    async def send(self, message: Message) -> Receipt:
        """One mail to all. 5xx is refused for good; 4xx, the network, a missing STARTTLS failed for now."""
        timeout, client = self._options.timeout, None
        try:
            async with asyncio.timeout(timeout.total_seconds()):
                client = self._client()
                report = await asyncio.to_thread(_report, message)
                receipt = await self._deliver(client, message, report)
            await _say_goodbye(client)
        except ReportGone as gone:
            return Receipt(Outcome.REFUSED, self._shown(str(gone)))
        except TimeoutError:
            return Receipt(Outcome.FAILED, f"{self._options.host} did not answer within {written(timeout)}")
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            receipt = failure(error, self._options.host)
        finally:
            if client is not None:
                client.close()
        return Receipt(receipt.outcome, self._shown(receipt.answer))

    async def _deliver(
        self, client: aiosmtplib.SMTP, message: Message, report: ReportFiles | None
    ) -> Receipt:
        await client.connect()
        if self._options.username is not None and self._options.password is not None:
            await client.login(self._options.username, self._options.password)
        refused, answer = await client.send_message(
            mail(message, self._from, self._to, self._now(), report),
            sender=self._from.addr_spec,
            recipients=[address.addr_spec for address in self._to],
        )
        return accepted(answer, refused)

    def _client(self) -> aiosmtplib.SMTP:
        options = self._options
        if options.security != "none" and self._context is None:
            self._context = self._tls()
        return aiosmtplib.SMTP(
            hostname=options.host.strip("[]"),
            port=options.port,
            use_tls=options.security == "tls",
            start_tls=options.security == "starttls",
            tls_context=self._context if options.security != "none" else None,
            timeout=None,  # `send` keeps the deadline; `wait_for` of Python 3.11 may lose a cancellation
            local_hostname=_own_name(),
        )

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)

    def _shown(self, text: str) -> str:
        return line(self._redactor.mask(text), LONGEST_ANSWER)


def _report(message: Message) -> ReportFiles | None:
    return read_report(message.path) if message.action is Action.REPORT else None


async def _say_goodbye(client: aiosmtplib.SMTP) -> None:
    """The mail is theirs now: nothing that becomes of the goodbye may make it be sent again.

    Neither may a cancellation: what is cancelled here has ended, but for this courtesy.
    """
    with suppress(aiosmtplib.SMTPException, OSError, ValueError, asyncio.CancelledError):
        async with asyncio.timeout(_GOODBYE_SECONDS):
            await client.quit()


def _own_name() -> str:
    """What this machine calls itself in EHLO. The library would ask the name servers, which may take long."""
    name = socket.gethostname()
    return name if name.isascii() and name.replace("-", "").replace(".", "").isalnum() else "[127.0.0.1]"
