"""Fixtures every test may use. Nothing of the machine's own settings reaches a test."""

import os

import pytest

pytest_plugins = [
    "tests.plugins.sharing_out",
    "tests.plugins.redis_server",
    "tests.plugins.postgres_server",
    "tests.plugins.databases",
]

_FOREIGN = ("HEALTH_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT", "PG")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No HEALTH_* setting, proxy or certificate setting of the machine reaches a test."""
    for name in list(os.environ):
        if name.upper().startswith(_FOREIGN):
            monkeypatch.delenv(name)
