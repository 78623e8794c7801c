"""A real SMTP server (aiosmtpd) on loopback that does what a test tells it."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope


@dataclass
class MailServer:
    """`recipient` and `data` are its answers (a recipient's own beats `recipient`), `taken` what it took.

    `goodbye` "reset" and "hang" are what it does with a QUIT, which sets `left`.
    """

    recipient: str = "250 OK"
    recipients: dict[str, str] = field(default_factory=dict)
    data: str = "250 2.0.0 queued as 4WxYz"
    login: tuple[str, str] | None = None
    goodbye: str = ""
    left: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0
    taken: list[Envelope] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any
    ) -> str:
        answer = self.recipients.get(address, self.recipient)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:
        if self.data.startswith("250"):
            self.taken.append(envelope)
        return self.data

    async def handle_QUIT(self, server: SMTP, _session: Any, _envelope: Envelope) -> str:
        self.left.set()
        if self.goodbye == "hang":
            await asyncio.Event().wait()
        if self.goodbye == "reset" and server.transport is not None:
            server.transport.abort()
        return "221 Bye"

    def authenticate(
        self, _server: Any, _session: Any, _envelope: Any, mechanism: str, given: Any
    ) -> AuthResult:
        self.logins.append(mechanism)
        right = self.login == (given.login.decode(), given.password.decode())
        return AuthResult(success=right, handled=right)

    def mails(self) -> list[EmailMessage]:
        """What it took, parsed as a mail program would."""
        found = [
            message_from_bytes(envelope.original_content or b"", policy=default) for envelope in self.taken
        ]
        assert all(isinstance(mail, EmailMessage) for mail in found)
        return found  # type: ignore[return-value]


@contextlib.asynccontextmanager
async def mail_server(
    server: MailServer, tls: ssl.SSLContext | None = None, from_the_start: bool = False
) -> AsyncIterator[MailServer]:
    """Run `server`; `tls` is offered as STARTTLS, or spoken from the start."""
    sessions: list[SMTP] = []

    def session() -> SMTP:
        made = SMTP(
            server,
            hostname="mail.test",
            tls_context=None if from_the_start else tls,
            authenticator=server.authenticate if server.login else None,
            auth_require_tls=server.login is None or (tls is not None and not from_the_start),
            loop=asyncio.get_running_loop(),
        )
        sessions.append(made)
        return made

    running = await asyncio.get_running_loop().create_server(
        session, "127.0.0.1", 0, ssl=tls if from_the_start else None
    )
    server.port = running.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        running.close()
        for made in sessions:
            if made.transport is not None:
                made.transport.abort()
        await asyncio.sleep(0)
