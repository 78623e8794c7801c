"""A report as a mail: Markdown and HTML side by side, the picture where the page shows it."""

import base64
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from collector.notify.base import Outcome
from collector.notify.email import Email
from collector.notify.options import EmailOptions
from collector.notify.report_files import LARGEST_FILE, ReportGone, read_report
from collector.secrets import Redactor
from tests.collector.notify.channels import NOW, OPTIONS
from tests.collector.notify.mail_server import MailServer, mail_server
from tests.collector.notify.messages import REPORT
from tests.collector.notify.test_golden import GOLDEN, matches

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
MARKDOWN = "# Daily health summary\n\n15 of 16 services were healthy all day.\n"
EMBEDDED = f'<img alt="Status" src="data:image/png;base64,{base64.b64encode(PICTURE).decode()}">'


def page(image: str) -> str:
    return f"<!DOCTYPE html>\n<html><body><h1>Daily health summary</h1>{image}</body></html>\n"


def written(folder: Path, markdown: str | None, html: str | None, picture: bytes | None) -> str:
    for ending, content in ((".md", markdown), (".html", html)):
        if content is not None:
            (folder / f"daily-2026-11-24{ending}").write_text(content)
    if picture is not None:
        (folder / "daily-2026-11-24.png").write_bytes(picture)
    return str(folder / "daily-2026-11-24")


def channel(port: int) -> Email:
    table = {**OPTIONS["email"], "port": port, "security": "none", "timeout": timedelta(seconds=5)}
    return Email("mail", EmailOptions.model_validate(table), Redactor(), lambda: NOW)


async def received(path: str) -> EmailMessage:
    async with mail_server(MailServer()) as server:
        receipt = await channel(server.port).send(replace(REPORT, path=path))
        assert receipt.outcome is Outcome.ACCEPTED, receipt
    return server.mails()[0]


@pytest.mark.parametrize(
    "image", ['<img src="daily-2026-11-24.png">', '<img alt="x" src="./daily-2026-11-24.png">', EMBEDDED]
)
async def test_the_picture_stands_where_the_page_shows_it(tmp_path: Path, image: str) -> None:
    mail = await received(written(tmp_path, MARKDOWN, page(image), PICTURE))
    assert mail["Subject"] == "Daily health summary, 24 Nov 2026"
    assert "References" not in mail
    text, shown = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert shown is not None
    assert text.get_content().replace("\r\n", "\n") == MARKDOWN
    [picture] = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    assert picture.get_content() == PICTURE
    assert f'src="cid:{picture["Content-ID"][1:-1]}"' in shown.get_content()
    assert "data:" not in shown.get_content()
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"
    ]  # fmt: skip


async def test_the_whole_mail_of_a_report_is_what_the_file_says(tmp_path: Path) -> None:
    path = written(tmp_path, MARKDOWN, page('<img src="daily-2026-11-24.png">'), PICTURE)
    matches(channel(25).rendered(replace(REPORT, path=path)), GOLDEN / "email-report.eml")


async def test_a_picture_that_the_page_does_not_show_is_attached(tmp_path: Path) -> None:
    mail = await received(written(tmp_path, MARKDOWN, page(""), PICTURE))
    assert [part.get_filename() for part in mail.iter_attachments()] == ["daily-2026-11-24.png"]


async def test_a_report_without_page_or_picture_is_sent_as_it_is(tmp_path: Path) -> None:
    mail = await received(written(tmp_path, MARKDOWN, None, None))
    assert mail.get_content().replace("\r\n", "\n") == MARKDOWN
    mail = await received(written(tmp_path, None, page(""), None))
    assert mail.get_content_type() == "multipart/alternative"


async def test_a_report_whose_files_are_gone_is_refused_for_good(tmp_path: Path) -> None:
    for path in (str(tmp_path / "daily-2026-11-24"), ""):
        receipt = await channel(25).send(replace(REPORT, path=path))
        assert receipt.outcome is Outcome.REFUSED
        assert receipt.answer.startswith("the files of the report are gone")
        assert str(tmp_path) not in receipt.answer


def test_a_file_that_no_mail_can_hold_is_left_out(tmp_path: Path) -> None:
    path = written(tmp_path, MARKDOWN, page(""), b"x" * (LARGEST_FILE + 1))
    assert read_report(path).picture is None
    with pytest.raises(ReportGone):
        read_report(str(tmp_path))
