"""Which monitor becomes which service, and what is refused before anything is written."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analytics import imports
from analytics.db import Location, transact
from analytics.imports.planning import service_name
from analytics.model import ServiceKey, ServiceType
from collector.config.entries import usable_name
from tests.analytics.imports.other_monitors import KUMA, beat, fill, sqlite_file
from tests.empty_database import empty_database

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
_SERVICE = """
    INSERT INTO services (service_type, service_name, position, probe, target, interval_seconds,
        stale_after_seconds, healthy_ms, down_ms, enabled, depends_on, updated_at)
    VALUES ('infrastructure', 'redis', 0, 'redis', '', 60, 300, 100, 0, true, '[]', $now)
"""


@pytest.fixture
def location(tmp_path: Path) -> Location:
    """A database in which `infrastructure/redis` is monitored."""
    found = empty_database(tmp_path)
    transact(found, lambda connection: connection.execute(_SERVICE, {"now": NOW}))
    return found


def kuma(folder: Path, *names: str) -> Path:
    """A `kuma.db` with a monitor and a heartbeat for each of `names`."""
    path = sqlite_file(folder / "kuma.db", KUMA)
    fill(path, "monitor", [{"id": place, "name": name} for place, name in enumerate(names)])
    moments = [NOW - timedelta(minutes=place) for place in range(len(names))]
    fill(path, "heartbeat", [beat(place, moment) for place, moment in enumerate(moments)])
    return path


def test_a_plan_names_services_and_writes_nothing(location: Location, tmp_path: Path) -> None:
    path = kuma(tmp_path, "Shop", "Main DB")
    mapping = {"Shop": ServiceKey(ServiceType.API, "shopify")}

    plan = imports.plan(location, path, service_type=ServiceType.MCP, mapping=mapping)

    assert plan.kind == "uptime-kuma"
    assert [str(one.service) for one in plan.services] == ["api/shopify", "mcp/main-db"]
    assert (plan.observations, plan.sums) == (2, 0)
    assert (plan.first, plan.last) == (NOW - timedelta(minutes=1), NOW)
    assert list(tmp_path.glob("*.wal")) == []


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Łódź API (prod)", "lodz-api-prod"),
        ("core/web_1.example.org", "core-web_1.example.org"),
        ("  --Main  DB--  ", "main-db"),
        ("数据库", ""),
        ("../../etc/passwd'; DROP TABLE", "etc-passwd-drop-table"),
        ("x" * 300, "x" * 100),
    ],
)
def test_names_of_services(title: str, name: str) -> None:
    assert service_name(title) == name


@pytest.mark.parametrize(
    ("names", "mapping", "fault"),
    [
        (
            ("My API", "my-api"),
            {},
            "monitors 'My API' and 'my-api' would both be infrastructure/my-api; "
            'name one of them with --map "my-api=infrastructure/my-api-2"',
        ),
        (("Same", "Same"), {}, "two monitors are called 'Same': give one of them another name there"),
        (
            ("数据库",),
            {},
            "monitor '数据库': no name of a service can be made of it; "
            'name one with --map "数据库=infrastructure/some-name"',
        ),
        (
            ("Shop",),
            {"Shopp": ServiceKey(ServiceType.API, "shop")},
            '--map "Shopp=api/shop": no monitor is called so; there are Shop',
        ),
        (
            ("Redis",),
            {},
            "monitor 'Redis' would be infrastructure/redis, which is monitored here; say that it is the same "
            'with --map "Redis=infrastructure/redis", or map it to another name',
        ),
    ],
)
def test_what_is_refused(
    location: Location, tmp_path: Path, names: tuple[str, ...], mapping: dict[str, ServiceKey], fault: str
) -> None:
    path = kuma(tmp_path, *names)

    with pytest.raises(imports.ImportProblem) as raised:
        imports.plan(location, path, mapping=mapping)

    assert str(raised.value) == fault


def test_into_a_monitored_service_when_it_is_said_or_was_done(location: Location, tmp_path: Path) -> None:
    path = kuma(tmp_path, "Redis")
    said = imports.plan(location, path, mapping={"Redis": ServiceKey(ServiceType.INFRASTRUCTURE, "redis")})
    imports.run(location, said, NOW)

    again = imports.plan(location, path)

    assert [str(one.service) for one in again.services] == ["infrastructure/redis"]


@pytest.mark.parametrize(
    "name", ["shop", "a.b_c-1", "x" * 100, "x" * 101, "../../x", "ü", "Shop", "-a", "a\n", ""]
)
def test_a_name_that_is_said_is_one_of_services_toml(location: Location, tmp_path: Path, name: str) -> None:
    path = kuma(tmp_path, "Shop")
    mapping = {"Shop": ServiceKey(ServiceType.API, name)}
    try:
        usable_name(name, "service")
    except ValueError:
        with pytest.raises(
            imports.ImportProblem, match=r"^--map 'Shop': [^\n]* is no name of a service; use"
        ):
            imports.plan(location, path, mapping=mapping)
    else:
        assert imports.plan(location, path, mapping=mapping).services[0].service.service_name == name
