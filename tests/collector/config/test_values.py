"""What a valid file turns into: defaults, what is derived from what, and the order of the file."""

from datetime import timedelta
from pathlib import Path

import pytest

from analytics.model import Basis, ServiceKey, ServiceType
from collector.duration import parse_duration, written
from tests.collector.config import writing
from tests.collector.config.writing import REDIS, SHOPIFY, STDIO, WEBHOOK


def seconds(value: float) -> timedelta:
    return timedelta(seconds=value)


def test_the_smallest_file_has_every_default(tmp_path: Path) -> None:
    config = writing.written(tmp_path, REDIS)
    assert config.path == tmp_path / "services.toml"
    assert (config.interval, config.timeout, config.retry_interval) == (seconds(60), seconds(10), seconds(5))
    assert config.retention_days == 30
    assert config.canary == ("1.1.1.1:53", "8.8.8.8:53")
    (spec,) = config.services
    assert spec.key == ServiceKey(ServiceType.INFRASTRUCTURE, "redis")
    assert (spec.interval, spec.timeout) == (seconds(60), seconds(10))
    assert (spec.enabled, spec.depends_on, spec.runbook) == (True, (), None)
    assert spec.policy.basis is Basis.PRESENT
    assert spec.policy.sure_after == 3
    assert spec.policy.stale_after == timedelta(minutes=5)
    assert (spec.policy.healthy_above_percent, spec.policy.down_below_percent) == (95, 90)


def test_the_collector_table_is_read(tmp_path: Path) -> None:
    head = '[collector]\ninterval = 30\ntimeout = "2.5s"\nretry_interval = "500ms"\n'
    head += "retention_days = 7\ncanary = []\n"
    config = writing.written(tmp_path, head + REDIS)
    assert (config.interval, config.timeout, config.retry_interval) == (
        seconds(30),
        seconds(2.5),
        seconds(0.5),
    )
    assert (config.retention_days, config.canary) == (7, ())
    assert (config.services[0].interval, config.services[0].timeout) == (seconds(30), seconds(2.5))


def test_services_keep_the_order_of_the_file(tmp_path: Path) -> None:
    config = writing.written(tmp_path, WEBHOOK + SHOPIFY + REDIS)
    assert [str(spec.key) for spec in config.services] == [
        "webhook/chatwoot",
        "api/shopify",
        "infrastructure/redis",
    ]


def test_one_name_may_stand_in_several_groups(tmp_path: Path) -> None:
    config = writing.written(tmp_path, SHOPIFY + WEBHOOK.replace("chatwoot", "shopify"))
    assert [str(spec.key) for spec in config.services] == ["api/shopify", "webhook/shopify"]


def test_apis_are_sure_after_more_than_five_failures(tmp_path: Path) -> None:
    policies = [spec.policy for spec in writing.written(tmp_path, SHOPIFY + REDIS + WEBHOOK).services]
    assert [policy.sure_after for policy in policies] == [6, 3, 3]


@pytest.mark.parametrize(
    ("interval", "stale"),
    [("10s", 300), ("2m", 300), ("121s", 302.5), ("10m", 1500), ("1h", 9000)],
)
def test_data_grows_stale_with_the_interval(tmp_path: Path, interval: str, stale: float) -> None:
    (spec,) = writing.written(tmp_path, REDIS + f'interval = "{interval}"\n').services
    assert spec.policy.stale_after == seconds(stale)


def test_deliveries_grow_stale_after_an_hour(tmp_path: Path) -> None:
    (spec,) = writing.written(tmp_path, WEBHOOK + 'interval = "10s"\n').services
    assert spec.policy.stale_after == timedelta(hours=1)


@pytest.mark.parametrize(
    ("written", "limits"),
    [
        ("", (1000, 3000)),
        ("healthy_ms = 500", (500, 3000)),
        ("healthy_ms = 3000", (3000, 3000)),
        ("down_ms = 1500.5", (1000, 1500.5)),
        ("healthy_ms = 5000\ndown_ms = 9000", (5000, 9000)),
    ],
)
def test_limits_of_an_api(tmp_path: Path, written: str, limits: tuple[float, float]) -> None:
    (spec,) = writing.written(tmp_path, SHOPIFY + written).services
    assert (spec.policy.healthy_ms, spec.policy.down_ms) == limits


def test_a_probed_service_needs_only_the_healthy_limit(tmp_path: Path) -> None:
    (spec,) = writing.written(tmp_path, REDIS + "healthy_ms = 20000\n").services
    assert spec.policy.healthy_ms == 20000
    assert spec.policy.down_ms >= spec.policy.healthy_ms


def test_a_server_that_is_started_is_checked_less_often(tmp_path: Path) -> None:
    (spec,) = writing.written(tmp_path, STDIO).services
    assert (spec.interval, spec.timeout) == (timedelta(minutes=5), seconds(30))
    assert spec.policy.stale_after == seconds(750)
    assert spec.policy.healthy_ms == 5000


def test_unless_it_says_otherwise(tmp_path: Path) -> None:
    (spec,) = writing.written(tmp_path, STDIO + 'interval = "20s"\nhealthy_ms = 700\n').services
    assert (spec.interval, spec.timeout, spec.policy.healthy_ms) == (seconds(20), seconds(20), 700)


def test_or_the_collector_is_slower_still(tmp_path: Path) -> None:
    (spec,) = writing.written(tmp_path, '[collector]\ninterval = "15m"\ntimeout = "2m"\n' + STDIO).services
    assert (spec.interval, spec.timeout) == (timedelta(minutes=15), timedelta(minutes=2))


def test_what_is_inherited_gives_way_to_a_short_interval(tmp_path: Path) -> None:
    config = writing.written(tmp_path, '[collector]\ninterval = "2s"\n' + REDIS)
    assert (config.timeout, config.retry_interval) == (seconds(2), seconds(2))
    (spec,) = writing.written(tmp_path, REDIS + 'interval = "3s"\n').services
    assert (spec.interval, spec.timeout) == (seconds(3), seconds(3))


def test_dependencies_are_keys_of_services(tmp_path: Path) -> None:
    text = WEBHOOK + 'depends_on = ["api/shopify", "infrastructure/redis", "api/shopify"]\n' + SHOPIFY + REDIS
    spec = writing.written(tmp_path, text).services[0]
    assert [str(key) for key in spec.depends_on] == ["api/shopify", "infrastructure/redis"]


def test_a_diamond_of_dependencies_is_no_circle(tmp_path: Path) -> None:
    service = REDIS.replace('"redis"\nprobe', '"{}"\nprobe')
    text = service.format("a") + 'depends_on = ["infrastructure/b", "infrastructure/c"]\n'
    text += service.format("b") + 'depends_on = ["infrastructure/d"]\n'
    text += service.format("c") + 'depends_on = ["infrastructure/d"]\n' + service.format("d")
    assert len(writing.written(tmp_path, text).services) == 4


def test_variables_stay_in_place_until_a_check_runs(tmp_path: Path) -> None:
    (spec,) = writing.written(tmp_path, REDIS.replace("redis://127.0.0.1:6379", "${REDIS_URL}")).services
    assert spec.options.model_dump(exclude_unset=True) == {"url": "${REDIS_URL}"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("60s", 60),
        ("5m", 300),
        ("1h", 3600),
        ("500ms", 0.5),
        ("1.5h", 5400),
        (" 10 s ", 10),
        ("24h", 86400),
        (10, 10),
        (0.25, 0.25),
    ],
)
def test_durations(value: object, expected: float) -> None:
    assert parse_duration(value) == seconds(expected)


@pytest.mark.parametrize(
    "value", ["", "s", "10", "1d", "1h30m", "+5s", "5S", "١٠s", "1e3s", [], None, 10**400]
)
def test_what_is_no_duration(value: object) -> None:
    with pytest.raises(ValueError, match=r"^is "):
        parse_duration(value)


@pytest.mark.parametrize("text", ["500ms", "1s", "90s", "5m", "1h", "24h", "1500ms", "0.5ms"])
def test_a_duration_is_written_as_it_is_read(text: str) -> None:
    assert written(parse_duration(text)) == text
