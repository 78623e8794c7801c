"""Acting on an incident: what is offered to whom, what becomes of it, and that nothing written is lost."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui import reading
from tests.collector.receiver.receiving import TOKEN
from tests.pages import samples
from tests.pages.collecting import Collector, collecting
from tests.pages.conftest import ROOT, html_of
from tests.plugins.ports import free_port

Visit = Callable[[UUID], AppTest]


@pytest.fixture(scope="module")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    with collecting(tmp_path_factory.mktemp("collector")) as found:
        samples.insert(found.location, datetime.now(UTC), faults={})
        yield found


@pytest.fixture
def visit(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> Visit:
    """Opens the page of an incident as Anna, who is signed in and may act."""
    monkeypatch.setenv("HEALTH_DB", str(collector.location.path))
    monkeypatch.setenv("HEALTH_COLLECTOR_URL", collector.url)
    monkeypatch.setenv("HEALTH_TOKEN", TOKEN)
    monkeypatch.setenv("HEALTH_ACTORS", "anna@example.com")
    reading.clear()

    def run(incident: UUID) -> AppTest:
        app = AppTest.from_file(str(ROOT / "pages" / "incidents.py"), default_timeout=30)
        app.secrets["auth"] = {"client_id": "dashboard"}
        app.user = {"is_logged_in": True, "email": "anna@example.com"}
        app.query_params["incident"] = str(incident)
        return app.run()

    return run


def offered(app: AppTest) -> list[str]:
    """The buttons of actions."""
    return [button.label for button in app.button if button.label not in ("Sign in", "Sign out")]


def outcome(app: AppTest) -> str:
    """What became of the last action."""
    said = next(html for html in html_of(app).split("\n") if "incidents-outcome" in html)
    return said.partition(">")[2].removesuffix("</div>")


def test_an_incident_is_taken_on_written_about_and_ended(collector: Collector, visit: Visit) -> None:
    app = visit(collector.incident())
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
    app = visit(collector.incident())
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
    app = visit(collector.incident())
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
    app = visit(collector.incident())
    assert [button.label for button in app.button if button.label.startswith("Sign")] == ["Sign out"]
    app.user = {"is_logged_in": False}
    app.run()
    assert [button.label for button in app.button] == ["Sign in"]
    assert "Read-only: sign in to act." in html_of(app)
