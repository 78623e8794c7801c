"""The demo's configuration is one that the collector's own loader takes, with the project's services."""

import tomllib
from pathlib import Path

from collector.config import load
from collector.demo.configuration import configuration
from collector.demo.services import APIS, PROBED

ROOT = Path(__file__).parents[3]

ADDRESSES = {
    **{str(service.key): "http://127.0.0.1:1" for service in PROBED},
    **{f"api/{api.name}": "http://127.0.0.1:1" for api in APIS},
    "infrastructure/redis": "redis://:demo@127.0.0.1:1/0",
    "stage": "http://127.0.0.1:1",
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
