"""The code of docs/recipes/express.md, run as a real Express app under Node."""

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.collector.webhooks.ingesting import TOKEN, Collector
from tests.collector.webhooks.signing import SECRETS, Delivery
from tests.need import program
from tests.servers import npm

ROOT = Path(__file__).parents[3]
RECIPE = ROOT / "docs" / "recipes" / "express.md"
APP = Path(npm.__file__).parent / "webhooks-node"


def code(name: str) -> str:
    """The code block of the recipe that begins with `// name`."""
    (found,) = re.findall(rf"```js\n(// {re.escape(name)}\n.*?)```", RECIPE.read_text(), re.DOTALL)
    return str(found)


@dataclass
class Express:
    """The running app, and the collector it reports to."""

    url: str
    collector: Collector

    def deliver(self, delivery: Delivery, path: str | None = None) -> httpx.Response:
        return httpx.post(
            self.url + (path or f"/{delivery.scheme}"),
            headers=delivery.headers | {"Content-Type": "application/json"},
            content=delivery.body,
            trust_env=False,
            verify=False,
        )

    def rows(self) -> list[dict[str, Any]]:
        """What was reported since the last time; the app is asked to send it now."""
        assert httpx.post(f"{self.url}/flush", trust_env=False, verify=False).status_code == 200
        rows = [dict(row) for row in self.collector.rows]
        self.collector.rows.clear()
        return rows

    def row(self) -> dict[str, Any]:
        (row,) = self.rows()
        return row


def started(folder: Path, script: Path, collector: str, **variables: str) -> subprocess.Popen[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "NODE_PATH": str(npm.installed(APP)),
        "RECIPE": str(folder / "webhook-monitor.cjs"),
        "SECRETS": json.dumps(SECRETS),
        "HEALTH_COLLECTOR_URL": collector,
        "HEALTH_TOKEN": TOKEN,
    }
    command = [program("node"), "--throw-deprecation", str(script)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment | variables)
