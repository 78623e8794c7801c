"""Whatever a file holds, the answer is a configuration or a ConfigError, never anything else."""

import contextlib
import datetime
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.config import ConfigError, load
from collector.config.entries import CollectorTable, ServiceTable
from collector.config.loading import from_document
from collector.probes.registry import KINDS

KEYS = sorted(
    {"collector", "services", *CollectorTable.model_fields, *ServiceTable.model_fields}
    | {name for kind in KINDS.values() for name in kind.options.model_fields}
)
WORDS = [
    *KINDS,
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
documents = st.fixed_dictionaries(
    {}, optional={"collector": tables | values, "services": st.lists(services | values, max_size=4) | values}
) | st.dictionaries(keys, values, max_size=5)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents)
def test_no_document_breaks_the_validation(document: dict[str, object]) -> None:
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
