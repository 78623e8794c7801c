"""Every wrong file of tests/configs against its exact words, as tests/configs/faults.txt has them."""

from pathlib import Path

import pytest

from collector.config import ConfigError, load

CONFIGS = Path(__file__).parents[2] / "configs"
BAD = sorted(path.name for path in CONFIGS.glob("bad-*.toml"))
GOOD = sorted(path.name for path in CONFIGS.glob("good-*.toml"))
FAULTS = (CONFIGS / "faults.txt").read_text().splitlines()


def faults_of(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert str(caught.value) == "\n".join(caught.value.faults)
    return caught.value.faults


@pytest.fixture(autouse=True)
def in_configs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CONFIGS)


@pytest.mark.parametrize("name", BAD)
def test_a_wrong_file_says_what_is_wrong(name: str) -> None:
    expected = [line for line in FAULTS if line.startswith(f"{name}: ")]
    assert expected, f"{name} has no line in faults.txt"
    assert faults_of(Path(name)) == expected


def test_every_expected_line_belongs_to_a_file() -> None:
    assert [line for line in FAULTS if line.split(": ")[0] not in BAD] == []


def test_there_are_enough_of_them() -> None:
    assert len(BAD) >= 25


@pytest.mark.parametrize("name", GOOD)
def test_a_good_file_is_taken(name: str) -> None:
    assert load(Path(name)).services


def test_no_fault_shows_a_secret() -> None:
    shown = "\n".join(FAULTS)
    for secret in ("hunter2", "hunt/er2", "74123"):
        assert any(secret in Path(name).read_text(errors="replace") for name in BAD), secret
        assert secret not in shown


def test_all_faults_at_once_and_in_the_order_of_the_file() -> None:
    faults = faults_of(Path("bad-everything.toml"))
    text = Path("bad-everything.toml").read_text()
    paths = [fault.split(": ")[1] for fault in faults]
    present = [path for path in paths if path != "services[1].url"]
    assert len(faults) == 10
    keys = [path.rpartition(".")[2].partition("[")[0] for path in present]
    places = []
    for key in keys:
        places.append(text.index(key, places[-1] if places else 0))
    assert places == sorted(places)
    assert paths[-2] == "services[1].url", "what is missing comes after what stands in the table"


def test_a_file_that_is_not_there() -> None:
    assert faults_of(Path("none.toml")) == [
        "none.toml: there is no such file; name one with --config or HEALTH_CONFIG"
    ]


def test_a_folder(tmp_path: Path) -> None:
    assert faults_of(tmp_path) == [f"{tmp_path}: is a folder; name the file in it"]


def test_a_path_no_system_can_open() -> None:
    assert len(faults_of(Path("with\0nul.toml"))) == 1


def test_a_path_through_a_file() -> None:
    assert faults_of(Path("good-smallest.toml/services.toml")) == [
        "good-smallest.toml/services.toml: cannot be read: Not a directory"
    ]
