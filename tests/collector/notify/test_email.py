"""Mails to a real SMTP server on loopback, and to servers that are none."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
import trustme

from collector.notify.base import Outcome, Receipt
from collector.notify.email import Email
from collector.secrets import Redactor
from tests.collector.notify.channels import NOW, OPTIONS, PASSWORD, QUICK
from tests.collector.notify.mail_server import MailServer, mail_server
from tests.collector.notify.messages import CASES, CRITICAL, HOSTILE
from tests.collector.probes.http.certificates import server_context, trusting
from tests.collector.probes.http.server import Connection, listening

A, R, F = Outcome.ACCEPTED, Outcome.REFUSED, Outcome.FAILED
LOGIN = {"username": "health", "password": PASSWORD}


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def channel(server: MailServer, trust: ssl.SSLContext | None = None, **options: Any) -> Email:
    table = {
        **OPTIONS["email"],
        "port": server.port,
        "security": "none",
        "timeout": timedelta(seconds=5),
        **options,
    }
    redactor = Redactor()
    found = QUICK["email"].model_validate(table).resolve({}, redactor)
    return Email("mail", found, redactor, lambda: NOW, lambda: trust or ssl.create_default_context())


async def told(server: MailServer, **options: Any) -> Receipt:
    async with mail_server(server):
        return await channel(server, **options).send(CRITICAL)


async def test_a_mail_goes_to_every_recipient_and_the_answer_is_kept() -> None:
    server = MailServer()
    assert await told(server) == Receipt(A, "250 2.0.0 queued as 4WxYz")
    assert server.taken[0].mail_from == "health@example.com"
    assert server.taken[0].rcpt_tos == ["oncall@example.com", "zoe@example.com"]
    mail = server.mails()[0]
    assert mail["Subject"] == "[critical] Supabase is down: connection refused"
    assert mail["From"] == "Integration Health Dashboard <health@example.com>"
    assert mail["To"] == "oncall@example.com, Zoë <zoe@example.com>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


async def test_the_mails_of_an_incident_are_one_thread_and_a_repeat_is_the_same_mail() -> None:
    server = MailServer()
    cases = [CASES[name] for name in ("trigger-critical", "acknowledge", "resolve", "trigger-warning")]
    async with mail_server(server):
        for message in [*cases, cases[0]]:
            await channel(server).send(message)
    first, second, third, other, repeated = server.mails()
    assert first["References"] == second["References"] == third["References"]
    assert first["References"] == second["In-Reply-To"] == third["In-Reply-To"]
    assert "In-Reply-To" not in first, "it answers nothing"
    assert other["References"] != first["References"]
    assert len({mail["Message-ID"] for mail in (first, second, third, other)}) == 4
    assert repeated["Message-ID"] == first["Message-ID"]
    assert [mail["Subject"] for mail in (second, third)] == [
        "Acknowledged by Ada: Supabase is down: connection refused",
        "Resolved after 1 h 12 min with pauses: Supabase is down: connection refused",
    ]


async def test_a_long_subject_begins_on_its_own_line() -> None:
    server = MailServer()
    async with mail_server(server):
        await channel(server).send(CASES["trigger-warning"])
    sent = server.taken[0].original_content
    assert (
        b"\r\nSubject: [warning] Shopify API rate limited: 429 on 18 % of 312 calls in 5 minutes\r\n" in sent
    )


async def test_text_from_outside_adds_no_header_no_recipient_and_no_markup() -> None:
    server = MailServer()
    async with mail_server(server):
        assert (await channel(server).send(HOSTILE)).outcome is A
    mail = server.mails()[0]
    assert "Bcc" not in mail
    assert len(mail.get_all("Subject", [])) == 1
    assert mail["Subject"].startswith("[critical] <!channel> <!here>")
    assert "\N{FIRE}" in mail["Subject"]
    assert server.taken[0].rcpt_tos == ["oncall@example.com", "zoe@example.com"]
    page = mail.get_body(("html",))
    assert page is not None
    assert "<script" not in page.get_content()
    assert "<img" not in page.get_content()


@pytest.mark.parametrize(
    ("server", "outcome", "said"),
    [
        (MailServer(recipient="450 4.2.1 try later"), F, "oncall@example.com: 450 4.2.1 try later"),
        (
            MailServer(recipient="550 5.1.1 no such user"),
            R,
            "550 5.1.1 no such user (the server does not know",
        ),
        (MailServer(data="451 4.3.0 disk full"), F, "451 4.3.0 disk full"),
        (MailServer(data="554 5.7.1 looks like spam"), R, "554 5.7.1 looks like spam"),
        (MailServer(data="421 closing"), F, "421 closing"),
        (
            MailServer(recipients={"oncall@example.com": "550 gone", "zoe@example.com": "451 greylisted"}),
            F,
            "zoe@example.com: 451 greylisted",
        ),
    ],
)
async def test_the_servers_code_decides_whether_to_try_again(
    server: MailServer, outcome: Outcome, said: str
) -> None:
    receipt = await told(server)
    assert receipt.outcome is outcome
    assert said in receipt.answer
    assert server.taken == []


async def test_a_recipient_that_is_refused_beside_one_that_is_not_is_named() -> None:
    server = MailServer(recipients={"zoe@example.com": "550 5.1.1 no such user"})
    receipt = await told(server)
    assert receipt == Receipt(A, "250 2.0.0 queued as 4WxYz; not for zoe@example.com: 550 5.1.1 no such user")


async def test_a_wrong_password_is_refused_for_good_and_not_shown() -> None:
    server = MailServer(login=("health", "another"))
    receipt = await told(server, **LOGIN)
    assert receipt.outcome is R
    assert receipt.answer.startswith("535 ")
    assert "the server does not know this username and password" in receipt.answer
    assert PASSWORD not in receipt.answer


async def test_a_right_password_logs_in() -> None:
    server = MailServer(login=("health", PASSWORD))
    assert (await told(server, **LOGIN)).outcome is A
    assert server.logins


async def test_a_server_without_login_says_so() -> None:
    receipt = await told(MailServer(), **LOGIN)
    assert receipt.outcome is F
    assert "offers no login here" in receipt.answer


async def test_nothing_is_sent_when_starttls_is_not_offered() -> None:
    server = MailServer(login=("health", PASSWORD))
    receipt = await told(server, security="starttls", **LOGIN)
    assert receipt.outcome is F
    assert "127.0.0.1 offers no STARTTLS, and nothing is sent unencrypted" in receipt.answer
    assert server.logins == server.taken == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_trusted_certificate_is_enough_for_a_login(authority: trustme.CA, security: str) -> None:
    server = MailServer(login=("health", PASSWORD))
    tls = server_context(authority, "127.0.0.1", ends_in=timedelta(days=1))
    async with mail_server(server, tls, security == "tls"):
        receipt = await channel(server, trusting(authority), security=security, **LOGIN).send(CRITICAL)
    assert receipt.outcome is A
    assert len(server.taken) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("name", ["127.0.0.1", "other.example.com"])
async def test_a_certificate_of_nobody_known_or_of_another_gets_nothing(
    authority: trustme.CA, security: str, name: str
) -> None:
    server = MailServer(login=("health", PASSWORD))
    trust = None if name == "127.0.0.1" else trusting(authority)
    async with mail_server(
        server, server_context(authority, name, ends_in=timedelta(days=1)), security == "tls"
    ):
        receipt = await channel(server, trust, security=security, **LOGIN).send(CRITICAL)
    assert receipt.outcome is F
    assert "the certificate of 127.0.0.1 is not valid" in receipt.answer
    assert server.logins == server.taken == []


@asynccontextmanager
async def strange(first: bytes, then_silent: bool = True) -> AsyncIterator[MailServer]:
    async def talk(connection: Connection) -> None:
        await connection.send(first)
        if then_silent:
            await connection.stay_silent()

    async with listening(talk) as port:
        yield MailServer(port=port)


@pytest.mark.parametrize("first", [b"", b"220 mail.test ESMTP\r\n"])
async def test_a_server_that_hangs_ends_with_the_timeout(first: bytes) -> None:
    started = time.monotonic()
    async with strange(first) as server:
        receipt = await channel(server, timeout=timedelta(milliseconds=200)).send(CRITICAL)
    assert receipt == Receipt(F, "127.0.0.1 did not answer within 200ms")
    assert time.monotonic() - started < 8


@pytest.mark.parametrize(
    ("first", "outcome", "said"),
    [
        (b"", F, "closed the connection before it took the mail"),
        (b"220 mail.test ESMTP\r\n", F, "closed the connection before it took the mail"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", F, "127.0.0.1 "),
        (b"\x00\xff\xfe garbage\r\n", F, "127.0.0.1 "),
        (b"421 4.3.2 too busy\r\n", F, "421 4.3.2 too busy"),
        (b"554 5.7.1 you are blocked\r\n", R, "554 5.7.1 you are blocked"),
    ],
)
async def test_a_server_that_is_none_is_a_failure_in_words(first: bytes, outcome: Outcome, said: str) -> None:
    async with strange(first, then_silent=False) as server:
        receipt = await channel(server).send(CRITICAL)
    assert receipt.outcome is outcome
    assert said in receipt.answer


async def test_a_server_that_is_not_there_is_a_failure_for_now() -> None:
    async with strange(b"") as server:
        pass
    receipt = await channel(server).send(CRITICAL)
    assert receipt == Receipt(F, "127.0.0.1 refused the connection")


async def test_a_name_that_does_not_exist_is_a_failure_for_now() -> None:
    receipt = await channel(MailServer(port=25), host="mail.invalid").send(CRITICAL)
    assert receipt.outcome is F
    assert "mail.invalid" in receipt.answer


async def test_a_mail_that_was_taken_is_accepted_even_when_the_goodbye_is_not_heard() -> None:
    server = MailServer(goodbye="reset")
    assert await told(server) == Receipt(A, "250 2.0.0 queued as 4WxYz")


async def test_a_goodbye_that_hangs_takes_nothing_back_though_the_timeout_is_over() -> None:
    server = MailServer(goodbye="hang")
    started = time.monotonic()
    assert await told(server, timeout=timedelta(milliseconds=300)) == Receipt(A, "250 2.0.0 queued as 4WxYz")
    assert 0.3 < time.monotonic() - started < 8
    assert len(server.taken) == 1


async def test_an_attempt_that_is_cancelled_in_its_goodbye_still_tells_that_it_was_accepted() -> None:
    async with mail_server(MailServer(goodbye="hang")) as server:
        task = asyncio.create_task(channel(server).send(CRITICAL))
        await server.left.wait()
        task.cancel()
        assert await task == Receipt(A, "250 2.0.0 queued as 4WxYz")


async def test_a_cancelled_attempt_ends_at_once() -> None:
    reached = asyncio.Event()

    async def talk(connection: Connection) -> None:
        reached.set()
        await connection.stay_silent()

    async with listening(talk) as port:
        task = asyncio.create_task(channel(MailServer(port=port)).send(CRITICAL))
        await reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


def test_a_channel_shows_no_secret() -> None:
    found = channel(MailServer(port=25), **LOGIN)
    assert PASSWORD not in repr(found) + str(found) + found.rendered(CRITICAL)
