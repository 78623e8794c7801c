"""Banners and states of a whole page."""

from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui import notices
from pages._ui.reading import Problem, Trouble

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BUSY = Problem(Trouble.BUSY, "data/health.duckdb: process 4711 has it open")


def read(seconds_ago: float) -> datetime:
    return NOW - timedelta(seconds=seconds_ago)


def test_a_trouble_of_a_moment_needs_no_banner_however_old_the_data() -> None:
    assert notices.held(BUSY, read(25), read(10), NOW) == ""


def test_old_data_is_labelled_however_short_the_trouble() -> None:
    assert "Showing what was read" in notices.held(BUSY, read(46), read(1), NOW)


def test_older_data_says_how_old_it_is_and_why() -> None:
    banner = notices.held(BUSY, read(11), read(11), NOW)

    assert "The database is busy." in banner
    assert "at 11:59:49 UTC" in banner
    assert "4711" not in banner


def test_an_unreadable_database_says_what_is_wrong_with_it() -> None:
    banner = notices.held(Problem(Trouble.UNREADABLE, "no <permission>"), read(60), read(60), NOW)

    assert "The database cannot be read." in banner
    assert "no &lt;permission&gt;" in banner


@pytest.mark.parametrize("trouble", Trouble)
def test_every_trouble_has_a_headline_and_a_page_that_escapes(trouble: Trouble) -> None:
    page = notices.state(Problem(trouble, "<b>where & what</b>"))

    assert notices.HEADLINES[trouble]
    assert "&lt;b&gt;where &amp; what&lt;/b&gt;" in page


def test_an_unexpected_error_is_a_designed_state_without_details() -> None:
    def script() -> None:
        from pages._ui import server

        assert server.on_script_error(ValueError("a secret"))

    app = AppTest.from_function(script).run()

    (drawn,) = app.get("html")
    assert "This page could not be drawn" in drawn.proto.body
    assert "secret" not in drawn.proto.body


def test_what_the_address_says_wrongly_is_said_and_escaped() -> None:
    said = notices.faults(['range: period "<b>" is not understood', "page: it is a number"])

    assert "Left out of the address." in said
    assert "&lt;b&gt;" in said
    assert notices.faults([]) == ""
