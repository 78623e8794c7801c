"""Whatever a file holds, the answer is a configuration or a ConfigError, never anything else."""

import contextlib
import datetime
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.alerting import AlertRule
from collector.config import ConfigError, load
from collector.config.alerting import AlertsTable, FlappingTable
from collector.config.channels import ChannelTable
from collector.config.entries import CollectorTable, ServiceTable
from collector.config.loading import from_document
from collector.config.maintenance import MaintenanceTable
from collector.config.reporting import ReportsTable
from collector.config.rule_settings import table_of
from collector.config.watching import HeartbeatTable, VendorTable
from collector.notify.options import CHANNEL_KINDS
from collector.probes.registry import KINDS

TABLES = ("alerts", "channels", "maintenance", "heartbeat", "reports", "vendors")
MODELS = (
    CollectorTable,
    ServiceTable,
    AlertsTable,
    FlappingTable,
    ChannelTable,
    MaintenanceTable,
    HeartbeatTable,
    ReportsTable,
    VendorTable,
    *CHANNEL_KINDS.values(),
    *(table_of(rule) for rule in AlertRule),
)
KEYS = sorted(
    {"collector", "services", *TABLES}
    | {field.alias or name for model in MODELS for name, field in model.model_fields.items()}
    | {name for kind in KINDS.values() for name in kind.options.model_fields}
)
WORDS = [
    *KINDS,
    *CHANNEL_KINDS,
    "critical",
    "sun",
    "mon 08:00",
    "UTC",
    "*",
    "mcp",
    "api",
    "infrastructure",
    "infrastructure/redis",
    "60s",
    "0s",
    "-1h",
    "${X}",
    "${",
    "${1}",
]
URLS = [
    "redis://:p@h:1/0",
    "postgresql://u@h/d",
    "http://h",
    "http://[::1",
    "unix://",
    "redis://h:99999",
    "://",
]

scalars = st.one_of(
    st.sampled_from(WORDS + URLS),
    st.text(max_size=20),
    st.booleans(),
    st.integers(),
    st.integers(min_value=10**300, max_value=10**310),
    st.floats(),
    st.dates(),
    st.times(),
    st.datetimes(timezones=st.sampled_from([None, datetime.UTC])),
)
keys = st.one_of(st.sampled_from(KEYS), st.text(max_size=8))
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=12,
)
tables = st.dictionaries(keys, values, max_size=8)
services = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["mcp", "api", "webhook", "infrastructure"]) | values,
        "name": st.sampled_from(["redis", "shopify"]) | values,
        "probe": st.sampled_from(list(KINDS)) | values,
        **{key: values for key in KEYS if key not in ("type", "name", "probe", "collector", "services")},
    },
)
channel_keys = {
    field.alias or name: values
    for model in CHANNEL_KINDS.values()
    for name, field in model.model_fields.items()
}
window_keys = st.sampled_from(["name", "services", "start", "end", "weekly", "at", "for", "timezone"])
documents = st.fixed_dictionaries(
    {},
    optional={
        "collector": tables | values,
        "services": st.lists(services | values, max_size=4) | values,
        "alerts": values,
        "channels": values,
    },
) | st.dictionaries(keys, values, max_size=5)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents)
def test_no_document_breaks_the_validation(document: dict[str, object]) -> None:
    for fault in faults_of(document):
        assert fault.startswith("services.toml: ")
        assert len(fault.splitlines()) == 1, fault


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.fixed_dictionaries(
        {
            "services": st.just(
                [{"type": "infrastructure", "name": "redis", "probe": "redis", "url": "redis://h"}]
            )
        },
        optional={
            "alerts": st.dictionaries(st.sampled_from(list(AlertsTable.model_fields)), tables | values),
            "channels": st.dictionaries(
                st.text(max_size=4),
                st.fixed_dictionaries({"kind": st.sampled_from(list(CHANNEL_KINDS))}, optional=channel_keys),
                max_size=3,
            ),
            "maintenance": st.lists(st.dictionaries(window_keys, values), max_size=3),
            "heartbeat": tables,
            "reports": st.dictionaries(st.sampled_from(list(ReportsTable.model_fields)), values),
            "vendors": st.lists(st.dictionaries(st.sampled_from(list(VendorTable.model_fields)), values)),
        },
    )
)
def test_no_table_about_telling_people_breaks_the_validation(document: dict[str, object]) -> None:
    for fault in faults_of(document):
        assert fault.startswith("services.toml: ")
        assert len(fault.splitlines()) == 1, fault


def faults_of(document: dict[str, object]) -> list[str]:
    try:
        config = from_document(document, Path("services.toml"))
    except ConfigError as error:
        return error.faults or ["no fault was named"]
    return [] if config.services else ["a configuration without services"]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=80) | st.text(alphabet="[]{}=\"'.,#\n\\ abc019-:", max_size=80).map(str.encode))
def test_no_bytes_break_the_reader(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "services.toml"
    path.write_bytes(content)
    with contextlib.suppress(ConfigError):
        load(path)
