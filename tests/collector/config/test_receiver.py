"""What the file and the environment together make of the receiver, and which hosts are which API."""

from pathlib import Path

import pytest

from collector.config import ConfigError, describe, literal_secrets, receiver_settings, trace_hosts
from tests.collector.config.writing import REDIS, written

TOKEN = "0123456789abcdef"
APIS = """
[[services]]
type = "api"
name = "openai"
probe = "openai"
api_key = "${OPENAI_API_KEY}"

[[services]]
type = "api"
name = "chat"
probe = "chatwoot"
url = "${CHATWOOT_URL}"
access_token = "x"

[[services]]
type = "api"
name = "shopify"
probe = "shopify"
shop = "demo"
access_token = "x"
"""


def settings(folder: Path, text: str = "", **environment: str):
    return receiver_settings(written(folder, text + REDIS), environment)


def faults(folder: Path, text: str = "", **environment: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        settings(folder, text, **environment)
    return [fault.replace(f"{folder}/", "") for fault in caught.value.faults]


def test_nothing_written_is_this_machine_alone(tmp_path: Path) -> None:
    found = settings(tmp_path)
    assert (found.address, found.token, found.body_limit) == ("127.0.0.1:8600", None, 20 * 1024 * 1024)


def test_the_file_says_otherwise(tmp_path: Path) -> None:
    text = '[receiver]\nlisten = "0.0.0.0:9600"\ntoken = "${INGEST_TOKEN}"\nbody_limit = 4096\n'
    found = settings(tmp_path, text, INGEST_TOKEN=TOKEN)
    assert (found.address, found.token, found.body_limit) == ("0.0.0.0:9600", TOKEN, 4096)


def test_the_environment_beats_the_file(tmp_path: Path) -> None:
    text = '[receiver]\nlisten = "0.0.0.0:9600"\ntoken = "${INGEST_TOKEN}"\n'
    found = settings(tmp_path, text, INGEST_TOKEN="x", HEALTH_TOKEN=f" {TOKEN}\n", HEALTH_LISTEN="[::1]:1")
    assert (found.address, found.token) == ("[::1]:1", TOKEN)


def test_off_is_off_whatever_else_is_wrong(tmp_path: Path) -> None:
    assert settings(tmp_path, "[receiver]\nenabled = false\n", HEALTH_LISTEN="nonsense") is None


@pytest.mark.parametrize("address", ["0.0.0.0:8600", "[::]:8600", "10.0.0.5:8600", "health.example.com:8600"])
def test_without_a_token_no_other_machine_may_reach_it(tmp_path: Path, address: str) -> None:
    told = f"{address} is reachable from other machines; set HEALTH_TOKEN or listen on 127.0.0.1"
    assert faults(tmp_path, HEALTH_LISTEN=address) == [f"HEALTH_LISTEN: {told}"]
    text = f'[receiver]\nlisten = "{address}"\n'
    assert faults(tmp_path, text, HEALTH_TOKEN="") == [f"services.toml: receiver.listen: {told}"]
    assert settings(tmp_path, text, HEALTH_TOKEN=TOKEN).address == address


@pytest.mark.parametrize("address", ["127.0.0.1:8600", "localhost:8600", "[::1]:8600", "127.1.2.3:0"])
def test_without_a_token_this_machine_may(tmp_path: Path, address: str) -> None:
    assert settings(tmp_path, HEALTH_LISTEN=address).address == address


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("hunter2", "the value has 7 characters; write 16 to 512, as openssl rand -hex 32 makes"),
        ("x" * 513, "the value has 513 characters; write 16 to 512, as openssl rand -hex 32 makes"),
        (
            "hunter2 with spaces",
            "the value holds characters that no bearer token has; "
            "write letters, digits and . _ ~ + / - alone",
        ),
    ],
)
def test_a_token_that_cannot_be_one_is_told_and_not_shown(tmp_path: Path, token: str, words: str) -> None:
    assert faults(tmp_path, HEALTH_TOKEN=token) == [f"HEALTH_TOKEN: {words}"]
    text = '[receiver]\ntoken = "${INGEST_TOKEN}"\n'
    assert faults(tmp_path, text, INGEST_TOKEN=token) == [f"INGEST_TOKEN: {words}"]


def test_an_address_in_the_environment_that_is_none(tmp_path: Path) -> None:
    assert faults(tmp_path, HEALTH_LISTEN="8600") == [
        'HEALTH_LISTEN: "8600" is no host and port; write it like "127.0.0.1:8600"'
    ]


def test_no_repr_and_no_description_shows_the_token(tmp_path: Path) -> None:
    config = written(tmp_path, f'[receiver]\ntoken = "{TOKEN}"\n' + REDIS)
    assert TOKEN in literal_secrets(config)
    shown = [repr(config), repr(receiver_settings(config, {})), describe(config, {})]
    assert not any(TOKEN in text for text in shown)


def receiver_line(folder: Path, text: str = "", **environment: str) -> str:
    return describe(written(folder, text + REDIS), environment).splitlines()[2]


def test_the_description_says_where_and_for_whom(tmp_path: Path) -> None:
    assert receiver_line(tmp_path) == (
        "receiver: http://127.0.0.1:8600, HEALTH_TOKEN not set: programs on this machine alone, "
        "traces of 0 hosts"
    )
    assert "8600, INGEST_TOKEN not set:" in receiver_line(tmp_path, '[receiver]\ntoken = "${INGEST_TOKEN}"\n')
    assert receiver_line(tmp_path, HEALTH_TOKEN=TOKEN, HEALTH_LISTEN="0.0.0.0:80") == (
        "receiver: http://0.0.0.0:80, token set, traces of 0 hosts"
    )
    assert receiver_line(tmp_path, "[receiver]\nenabled = false\n") == "receiver: off"


def test_hosts_of_apis_are_known_once_their_variables_are_set(tmp_path: Path) -> None:
    config = written(tmp_path, APIS)
    known = {"api.openai.com": "openai", "demo.myshopify.com": "shopify"}
    assert trace_hosts(config, {}) == known
    environment = {"CHATWOOT_URL": "http://[::1]:3000/app"}
    assert trace_hosts(config, environment) == {**known, "[::1]:3000": "chat"}
    assert trace_hosts(config, {"CHATWOOT_URL": "http://[broken"}) == known


def test_the_table_of_hosts_adds_and_overrides(tmp_path: Path) -> None:
    text = '[traces]\nhosts = { "API.openai.com" = "gateway", "*.example.com" = "example" }\n'
    assert trace_hosts(written(tmp_path, text + APIS), {}) == {
        "api.openai.com": "gateway",
        "demo.myshopify.com": "shopify",
        "*.example.com": "example",
    }
