"""From services.toml to the sources that the receiver takes deliveries of."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analytics.db import read_only
from collector.config import load
from collector.receiver.webhook_source import WebhookSource
from collector.secrets import Redactor
from collector.sources import known_names, reported_sources, seen_deliveries, webhook_sources
from tests.collector.scripted import database, record

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)

CONFIGURATION = """
[[services]]
type = "webhook"
name = "shopify"
probe = "webhook"
secret = "${NEW}"
old_secret = "${OLD}"
upstream = "http://127.0.0.1:3000/${PATH_OF_APP}"
answer_within = "3s"
tolerance = "1m"

[[services]]
type = "webhook"
name = "chat"
probe = "webhook"
scheme = "chatwoot"
secret = "written out"

[[services]]
type = "webhook"
name = "billing"
source = "stripe"
probe = "webhook"
secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

[[services]]
type = "webhook"
name = "reported"
probe = "webhook"

[[services]]
type = "webhook"
name = "off"
probe = "webhook"
enabled = false
secret = "written out"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "services.toml").write_text(CONFIGURATION)
    return tmp_path


def sources(folder: Path, **environment: str) -> dict[str, WebhookSource]:
    return webhook_sources(load(folder / "services.toml").services, environment, Redactor())


def test_only_sources_with_a_secret_are_taken_here(folder: Path) -> None:
    found = sources(folder)
    assert {name: source.scheme for name, source in found.items()} == {
        "shopify": "shopify",
        "chat": "chatwoot",
        "stripe": "standard",
    }


def test_a_source_without_a_secret_is_reported(folder: Path) -> None:
    assert reported_sources(load(folder / "services.toml").services) == {"reported"}


def test_names_are_known_by_the_table_whose_rows_bear_them(folder: Path) -> None:
    with (folder / "services.toml").open("a") as file:
        file.write('[[services]]\ntype = "api"\nname = "openai"\nprobe = "openai"\napi_key = "x"\n')
    assert known_names(load(folder / "services.toml").services) == {
        "api_metrics": {"openai"},
        "circuit_events": {"openai"},
        "webhook_metrics": {"shopify", "chat", "stripe", "reported", "off"},
    }


def test_what_is_written_arrives(folder: Path) -> None:
    source = sources(folder, NEW="new", OLD="old", PATH_OF_APP="hooks")["shopify"]
    assert source.current_secrets() == ["new", "old"]
    assert source.upstream == "http://127.0.0.1:3000/hooks"
    assert (source.seconds, source.tolerance) == (3.0, timedelta(minutes=1))


def test_an_old_secret_that_is_not_set_is_none(folder: Path) -> None:
    source = sources(folder, NEW="new", PATH_OF_APP="hooks")["shopify"]
    assert source.current_secrets() == ["new"]
    assert source.upstream is not None


def test_a_secret_that_is_not_set_is_named(folder: Path) -> None:
    source = sources(folder, PATH_OF_APP="hooks")["shopify"]
    assert source.current_secrets() == []
    assert source.on_unset == "NEW is not set"


def test_a_present_secret_that_cannot_be_one_is_named_by_its_variable(tmp_path: Path) -> None:
    text = '[[services]]\ntype = "webhook"\nname = "pay"\nprobe = "webhook"\nsecret = "${PAY}"\n'
    (tmp_path / "services.toml").write_text(f'{text}old_secret = "${{PAY_OLD}}"\n')
    source = sources(tmp_path, PAY="not base64!")["pay"]
    with pytest.raises(ValueError, match=r"^PAY: the secret is not whsec_ and base64") as caught:
        source.current_secrets()
    assert "not base64!" not in str(caught.value)
    right = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    assert sources(tmp_path, PAY=right, PAY_OLD="not base64!")["pay"].current_secrets() == [right]


def test_another_variable_that_holds_nonsense_is_named_too(tmp_path: Path) -> None:
    text = '[[services]]\ntype = "webhook"\nname = "shopify"\nprobe = "webhook"\nsecret = "${NEW}"\n'
    (tmp_path / "services.toml").write_text(f'{text}upstream = "${{APP}}"\n')
    source = sources(tmp_path, NEW="new", APP="localhost:3000")["shopify"]
    with pytest.raises(ValueError, match=r"^APP: upstream is no http URL; write it like ") as caught:
        source.current_secrets()
    assert "localhost" not in str(caught.value)


def test_no_secret_is_shown(folder: Path) -> None:
    assert "written out" not in repr(sources(folder))


def test_a_restart_knows_what_was_processed(folder: Path) -> None:
    location = database(folder)

    def delivery(name: str, age: timedelta = timedelta(hours=1), **columns: object) -> dict[str, object]:
        row = {"timestamp": NOW - age, "source": "shopify", "webhook_id": name, "verified": True}
        return {**row, "processed": True, **columns}

    rows = [
        delivery("done"),
        delivery("taken", processed=None),
        delivery("failed", processed=False),
        delivery("forged", verified=False),
        delivery("long ago", timedelta(days=4)),
        delivery("nameless", webhook_id=None),
    ]
    record(location, "webhook_metrics", rows)
    with read_only(location) as connection:
        seen = seen_deliveries(connection, NOW)
    assert {
        name for name in ("done", "taken", "failed", "forged", "long ago") if ("shopify", name) in seen
    } == {
        "done",
        "taken",
    }
