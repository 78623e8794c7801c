"""What every test of the MCP probe uses."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.collector.probes.mcp.checking import Checker, checker
from tests.servers import npm


@pytest.fixture
async def mcp() -> AsyncIterator[Checker]:
    """Runs checks; afterwards nothing that they started may be left."""
    async with httpx.AsyncClient(verify=False) as client:
        checks = checker(client, TOKEN="a-very-secret-token")
        yield checks
        assert checks.left_behind() == []


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The pinned MCP servers from npm."""
    return npm.installed()
