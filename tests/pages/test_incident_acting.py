"""Acting on an incident: what is offered to whom, what becomes of it, and that nothing written is lost."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from tests.collector.receiver.receiving import TOKEN
from tests.pages.collecting import Collector, Visit, offered, visiting, watching
from tests.pages.conftest import html_of
from tests.plugins.ports import free_port


@pytest.fixture(scope="module")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    with watching(tmp_path_factory.mktemp("collector")) as found:
        yield found


@pytest.fixture
def visit(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> Visit:
    return visiting("incidents.py", collector, monkeypatch)


def outcome(app: AppTest) -> str:
    """What became of the last action."""
    said = next(html for html in html_of(app).split("\n") if "incidents-outcome" in html)
    return said.partition(">")[2].removesuffix("</div>")


def test_an_incident_is_taken_on_written_about_and_ended(collector: Collector, visit: Visit) -> None:
    app = visit(incident=collector.incident())
    assert offered(app) == ["Acknowledge", "Add note", "Resolve"]
    app.text_area[0].input("Looking at the logs.").run()
    app.button(key="incident-acknowledge").click().run()
    assert outcome(app) == "Acknowledged."
    assert app.text_area[0].value == ""
    assert "anna@example.com is on it" in html_of(app)
    assert "Looking at the logs." in html_of(app)
    assert offered(app) == ["Add note", "Resolve"]

    app.text_area[0].input("The key was renewed.").run()
    app.button(key="incident-resolve").click().run()
    assert outcome(app) == "Resolved."
    assert "It is over." in html_of(app)
    assert offered(app) == ["Add note"]
    assert TOKEN not in html_of(app)


def test_what_was_refused_keeps_its_text(
    collector: Collector, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = visit(incident=collector.incident())
    app.button(key="incident-resolve").click().run()
    assert outcome(app) == "Not done: note is missing; say what was found or done"
    assert offered(app) == ["Acknowledge", "Add note", "Resolve"]

    monkeypatch.setenv("HEALTH_COLLECTOR_URL", f"http://127.0.0.1:{free_port()}")
    app.text_area[0].input("Long in the writing.").run()
    app.button(key="incident-add-note").click().run()
    assert "cannot be reached" in outcome(app)
    assert app.text_area[0].value == "Long in the writing."

    monkeypatch.setenv("HEALTH_COLLECTOR_URL", collector.url)
    app.button(key="incident-add-note").click().run()
    assert outcome(app) == "Note added."
    assert app.text_area[0].value == ""


def test_who_may_act_is_asked_again_when_it_is_done(
    collector: Collector, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = visit(incident=collector.incident())
    before = collector.acting.writes
    monkeypatch.setenv("HEALTH_ACTORS", "ben@example.com")
    app.button(key="incident-acknowledge").click().run()
    refused = "Read-only: anna@example.com is not in HEALTH_ACTORS, the list of who may act."
    assert outcome(app) == refused
    assert offered(app) == []
    assert collector.acting.writes == before


def test_who_is_not_signed_in_is_offered_to_sign_in_and_nothing_else(
    collector: Collector, visit: Visit
) -> None:
    app = visit(incident=collector.incident())
    assert [button.label for button in app.button if button.label.startswith("Sign")] == ["Sign out"]
    app.user = {"is_logged_in": False}
    app.run()
    assert [button.label for button in app.button] == ["Sign in"]
    assert "Read-only: sign in to act." in html_of(app)
