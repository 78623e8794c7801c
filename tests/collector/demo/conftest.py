"""Running upstreams, shared by the tests of one file, and a runner of the real probes."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from analytics.model import Attempt, ServiceKey
from collector.config import load
from collector.demo import Upstreams, running_upstreams
from collector.demo.configuration import write_configuration
from collector.probes.base import ServiceSpec
from collector.probes.http_transport import probe_client
from collector.probes.runner import Runner
from collector.secrets import Redactor


class Looker:
    """Looks at the upstreams with the collector's own probes, at moments of the script."""

    def __init__(self, upstreams: Upstreams, runner: Runner, specs: dict[ServiceKey, ServiceSpec]) -> None:
        self.upstreams = upstreams
        self.specs = specs
        self._runner = runner

    async def look(self, key: ServiceKey, previous: Attempt | None = None) -> Attempt:
        """One attempt at the service; `previous` is its last good one."""
        baseline = previous.finding.details if previous else None
        return await self._runner.run_attempt(self.specs[key], 1, baseline)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def looker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Looker]:
    """Upstreams that stand still while all is well, and the real probes pointed at them."""
    path: Path = tmp_path_factory.mktemp("demo") / "demo.toml"
    async with running_upstreams() as upstreams, probe_client() as http:
        await upstreams.hold(0.0)
        write_configuration(path, upstreams)
        runner = Runner(http, {}, Redactor(), lambda: datetime.now(UTC))
        specs = {spec.key: spec for spec in load(path).services}
        yield Looker(upstreams, runner, specs)
