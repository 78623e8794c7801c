"""Calls to the collector: what was done, what was refused and why, and what is wrong with the way there."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from analytics.db import CollectorLock, FileLocation, announce_listening
from pages._ui import actions, reading
from pages._ui.actions import Outcome
from tests.collector.receiver.receiving import TOKEN
from tests.pages.collecting import Collector, collecting
from tests.plugins.ports import free_port


@pytest.fixture(scope="module")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    with collecting(tmp_path_factory.mktemp("collector")) as found:
        yield found


@pytest.fixture(autouse=True)
def here(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dashboard that knows the collector and its token."""
    monkeypatch.setenv("HEALTH_DB", str(collector.location.path))
    monkeypatch.setenv("HEALTH_COLLECTOR_URL", collector.url)
    monkeypatch.setenv("HEALTH_TOKEN", TOKEN)


def test_an_incident_is_acknowledged_noted_and_resolved(collector: Collector) -> None:
    incident = str(collector.incident())
    done = actions.acknowledge(incident, "ada")
    assert (done.done, done.says, done.status) == (True, "Acknowledged.", 200)
    assert done.answer["acknowledged_by"] == "ada"
    collector.acting.now += timedelta(seconds=1)
    assert actions.add_note(incident, "ada", "asked Shopify").says == "Note added."
    collector.acting.now += timedelta(seconds=1)
    assert actions.resolve(incident, "ben", "key renewed").says == "Resolved."
    kinds = [
        kind for (kind,) in collector.acting.rows("SELECT kind FROM incident_events ORDER BY timestamp, id")
    ]
    assert kinds == ["acknowledged", "note", "resolved"]


def test_a_refusal_says_why_in_one_line(collector: Collector) -> None:
    incident = str(collector.incident())
    assert actions.resolve(incident, "ada", "").says == (
        "Not done: note is missing; say what was found or done"
    )
    actions.acknowledge(incident, "ada")
    taken = actions.acknowledge(incident, "ben")
    assert not taken.done
    assert taken.status == 409
    assert taken.says.startswith("Not done: acknowledged already by ada at ")
    unknown = actions.acknowledge("00000000-0000-7000-8000-000000000000", "ada")
    assert unknown.says == "Not done: no incident has this id; GET /incidents lists them"


def test_mutes_and_rules_are_read_and_changed() -> None:
    muted = actions.mute("api/shopify", None, "2h", "ada", "we know")
    assert (muted.done, muted.says) == (True, "Muted.")
    listed = actions.mutes()
    assert [one["service"] for one in listed.answer["mutes"]] == ["api/shopify"]
    assert actions.end_mute(muted.answer["id"], "ada").says == "The mute has ended."
    assert actions.mutes().answer["mutes"] == []
    assert actions.mute("api/nothing", None, "2h", "ada").says.startswith("Not done: service is not known")
    assert actions.change_alert_rules("ada", "calmer", {"service_degraded": {"for": "20m"}}).done
    assert actions.alert_rules().answer["rules"]["service_degraded"]["settings"]["for"] == "20m"


def test_what_was_done_is_read_at_once(collector: Collector) -> None:
    def acknowledged(connection: object, _now: object) -> int:
        found = connection.execute("SELECT count(acknowledged_by) FROM integration_incidents").fetchone()  # type: ignore[attr-defined]
        return int(found[0])

    incident = str(collector.incident())
    before = reading.ask(acknowledged).value
    assert before is not None
    actions.acknowledge(incident, "ada")
    assert reading.ask(acknowledged).value == before + 1


@pytest.mark.parametrize("token", ["", "another-token-altogether", "schlüssel-mit-umlaut-1"])
def test_a_wrong_token_is_told_and_is_in_no_line(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEALTH_TOKEN", token)
    refused = actions.mutes()
    assert not refused.done
    assert not token or token not in refused.says
    if token.isascii():
        assert refused.says == (
            "The collector does not take this dashboard's token: compare HEALTH_TOKEN on both sides."
        )


def test_nobody_there_is_told_without_the_password_of_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv("HEALTH_COLLECTOR_URL", f"http://ada:hunter2@127.0.0.1:{port}")
    gone = actions.acknowledge("1", "ada")
    assert gone == Outcome(False, f"The collector cannot be reached at 127.0.0.1:{port}. Is it running?")


@pytest.mark.parametrize(
    "address", ["127.0.0.1:8600", "ftp://127.0.0.1", "http://[::1", "http://:8600", "nowhere"]
)
def test_what_is_no_address_is_told(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEALTH_COLLECTOR_URL", address)
    assert actions.mutes().says == (
        "HEALTH_COLLECTOR_URL is no address of a collector; write it like http://127.0.0.1:8600."
    )


def test_a_dashboard_told_to_only_show_calls_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEALTH_COLLECTOR_URL", "off")
    assert actions.mutes().says == "HEALTH_COLLECTOR_URL is off: this dashboard only shows."


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (200, "<html>a router</html>", "What answers at {} is not the collector."),
        (302, "", "Not done: {} answered 302, as no collector does."),
        (500, json.dumps({"message": f"saw {TOKEN}\nand broke"}), "Not done: saw ••• and broke"),
        (422, json.dumps({"message": "x", "errors": [{"field": "a", "reason": "b"}, 7]}), "Not done: a b"),
        (500, json.dumps({"message": "x" * 900}), f"Not done: {'x' * 390}…"),
    ],
)
def test_whatever_else_answers_is_told(
    status: int, body: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with answering(status, body) as address:
        monkeypatch.setenv("HEALTH_COLLECTOR_URL", f"http://{address}")
        found = actions.mutes()
    assert (found.done, found.says) == (False, says.format(address))


def test_the_collector_is_found_by_what_it_wrote_beside_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    location = FileLocation(tmp_path / "health.duckdb")
    monkeypatch.setenv("HEALTH_DB", str(location.path))
    monkeypatch.delenv("HEALTH_COLLECTOR_URL")
    assert actions.collector_address() == "http://127.0.0.1:8600"
    with CollectorLock(location):
        announce_listening(location, "http://127.0.0.1:40123")
        assert actions.collector_address() == "http://127.0.0.1:40123"
        monkeypatch.setenv("HEALTH_COLLECTOR_URL", "http://elsewhere:8600/")
        assert actions.collector_address() == "http://elsewhere:8600"


@contextmanager
def answering(status: int, body: str) -> Iterator[str]:
    """Somebody who gives this answer to everything; where."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
