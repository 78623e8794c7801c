"""The demo's configuration is one that the collector's own loader takes, with the project's services."""

import json
import stat
import tomllib
from pathlib import Path

from collector.config import load
from collector.demo.configuration import configuration, write_configuration
from collector.demo.services import APIS, PROBED
from collector.demo.stage import ScriptClock
from collector.demo.upstreams import Upstreams
from collector.probes.google_key import read_key_file, signed_assertion

ROOT = Path(__file__).parents[3]

ADDRESSES = {
    **{str(service.key): "http://127.0.0.1:1" for service in PROBED},
    **{f"api/{api.name}": "http://127.0.0.1:1" for api in APIS},
    "infrastructure/redis": "redis://:demo@127.0.0.1:1/0",
    "stage": "http://127.0.0.1:1",
    "application": "http://127.0.0.1:1",
    "inbox": "http://127.0.0.1:1",
    "status-pages": "http://127.0.0.1:1",
}


def _loaded(folder: Path):
    path = folder / "demo.toml"
    path.write_text(configuration(ADDRESSES), encoding="utf-8")
    return load(path)


def test_the_loader_takes_it_and_finds_sixteen_services(tmp_path: Path):
    config = _loaded(tmp_path)
    assert len(config.services) == 16
    assert config.interval.total_seconds() == 10


def test_it_has_the_services_of_the_file_the_project_ships(tmp_path: Path):
    shipped = tomllib.loads((ROOT / "services.toml").read_text("utf-8"))["services"]
    wanted = {f"{service['type']}/{service['name']}" for service in shipped}
    assert {str(spec.key) for spec in _loaded(tmp_path).services} == wanted


def test_nothing_in_it_needs_a_variable_or_another_machine(tmp_path: Path):
    config = _loaded(tmp_path)
    assert "${" not in (tmp_path / "demo.toml").read_text("utf-8")
    assert config.canary == ()
    assert {spec.options.host() for spec in config.services if spec.kind.run} <= {None, "127.0.0.1"}


def test_the_key_file_beside_it_is_good_and_for_its_owner_alone(tmp_path: Path):
    path = tmp_path / "demo.toml"
    key_file = tmp_path / "demo-service-account.json"
    key_file.write_text("left behind, and open to everybody")
    key_file.chmod(0o644)
    write_configuration(path, Upstreams(ADDRESSES, ScriptClock(), None))
    [options] = [spec.options for spec in load(path).services if spec.key.service_name == "google_analytics"]
    assert options.credentials_file == str(key_file)
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    account = read_key_file(str(key_file))
    assert account.token_uri == "http://127.0.0.1:1/token"
    assert signed_assertion(str(key_file), account, 0.0).count(".") == 2
    assert "PRIVATE KEY" in json.loads(key_file.read_text())["private_key"]


def test_make_demo_gives_the_dashboard_the_token_of_the_demo():
    token = tomllib.loads(configuration(ADDRESSES))["receiver"]["token"]
    assert f'HEALTH_TOKEN="$${{HEALTH_TOKEN:-{token}}}"' in (ROOT / "Makefile").read_text()
