"""Banners and states of a whole page."""

from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui import notices
from pages._ui.data import Problem, Trouble
from pages._ui.snapshot import Snapshot

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BUSY = Problem(Trouble.BUSY, "data/health.duckdb: process 4711 has it open")


def read(seconds_ago: float) -> Snapshot:
    return Snapshot(NOW - timedelta(seconds=seconds_ago), None, ())


def test_data_of_a_moment_ago_needs_no_banner() -> None:
    assert notices.held(BUSY, read(10), NOW) == ""


def test_older_data_says_how_old_it_is_and_why() -> None:
    banner = notices.held(BUSY, read(11), NOW)

    assert "The database is busy." in banner
    assert "at 11:59:49 UTC" in banner
    assert "4711" not in banner


def test_an_unreadable_database_says_what_is_wrong_with_it() -> None:
    banner = notices.held(Problem(Trouble.UNREADABLE, "no <permission>"), read(60), NOW)

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
    assert "Something went wrong" in drawn.proto.body
    assert "secret" not in drawn.proto.body
