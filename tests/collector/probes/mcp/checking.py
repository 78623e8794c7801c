"""Runs one check the way the collector does, and sees what processes it leaves behind."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psutil

from analytics.model import Attempt, Basis, Policy, ServiceKey, ServiceType
from collector.probes.base import ServiceSpec
from collector.probes.mcp import KIND
from collector.probes.mcp_options import McpOptions
from collector.probes.runner import Runner
from collector.secrets import Redactor

SERVERS = Path(__file__).parents[3] / "servers"
_NAME = "HEALTH_TEST_RUN"


@dataclass
class Checker:
    """`check` runs the probe; servers it starts carry `mark` in their environment."""

    runner: Runner
    environment: dict[str, str]
    mark: str = field(default_factory=lambda: uuid4().hex)

    async def check(
        self, *, timeout: float = 10.0, previous: Mapping[str, Any] | None = None, **options: Any
    ) -> Attempt:
        if "command" in options:
            options["env"] = {**options.get("env", {}), _NAME: self.mark}
        return await self.runner.run_attempt(spec(timeout=timeout, **options), 1, previous)

    async def scripted(
        self, *, timeout: float = 10.0, previous: Mapping[str, Any] | None = None, **script: Any
    ) -> Attempt:
        """A check of tests/servers/scripted_stdio.py."""
        return await self.check(timeout=timeout, previous=previous, **scripted(**script))

    def beside(self) -> "Checker":
        """A checker that waits for no slot of this one."""
        runner = Runner(self.runner.http, self.environment, self.runner.redactor, self.runner.now)
        return Checker(runner, self.environment, self.mark)

    def left_behind(self) -> list[str]:
        """What still lives, or lies about as a zombie, of all that the checks started."""
        children = psutil.Process().children()
        found = [f"{child.pid} zombie" for child in children if child.status() == psutil.STATUS_ZOMBIE]
        for process in psutil.process_iter():
            try:
                if process.environ().get(_NAME) == self.mark:
                    found.append(f"{process.pid} {process.status()} {' '.join(process.cmdline())}")
            except psutil.Error:
                continue
        return found


def scripted(**script: Any) -> dict[str, Any]:
    """The options that start tests/servers/scripted_stdio.py with a script."""
    return {"command": sys.executable, "args": [str(SERVERS / "scripted_stdio.py"), json.dumps(script)]}


def spec(*, timeout: float = 10.0, **options: Any) -> ServiceSpec:
    return ServiceSpec(
        key=ServiceKey(ServiceType.MCP, "tested"),
        kind=KIND,
        options=McpOptions.model_validate(options),
        interval=timedelta(minutes=1),
        timeout=timedelta(seconds=timeout),
        policy=Policy(Basis.PRESENT, 2000, 10000, 3, timedelta(minutes=5)),
    )


def checker(client: httpx.AsyncClient, **environment: str) -> Checker:
    runner = Runner(client, environment, Redactor(), lambda: datetime.now(UTC))
    return Checker(runner, environment)
