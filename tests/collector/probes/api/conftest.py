"""A service account, made once: its key takes long to make."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from collector.demo.service_account import write_service_account
from tests.collector.probes.api.google import Google, a_google


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The content of a key file."""
    path = tmp_path_factory.mktemp("account") / "key.json"
    write_service_account(path, "http://127.0.0.1:1/token")
    return json.loads(path.read_text())


@pytest.fixture
async def google(account: dict[str, Any], tmp_path: Path) -> AsyncIterator[Google]:
    """A Google in which all is well."""
    async with a_google(account, tmp_path) as found:
        yield found
