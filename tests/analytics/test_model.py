"""The identity of a service."""

import pickle
import subprocess
import sys

from analytics.model import ServiceKey, ServiceType

KEY = ServiceKey(ServiceType.API, "shopify")


def test_equal_keys_find_each_other_and_others_do_not() -> None:
    table = {KEY: 1, ServiceKey(ServiceType.MCP, "shopify"): 2}

    assert table[ServiceKey(ServiceType("api"), "shopify")] == 1
    assert len(table) == 2
    assert repr(KEY) == "ServiceKey(service_type=<ServiceType.API: 'api'>, service_name='shopify')"


def test_a_key_from_another_process_finds_its_own() -> None:
    script = (
        "import pickle, sys; from analytics.model import ServiceKey, ServiceType;"
        "sys.stdout.buffer.write(pickle.dumps(ServiceKey(ServiceType.API, 'shopify')))"
    )
    made = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True).stdout

    assert {KEY: 1}[pickle.loads(made)] == 1
