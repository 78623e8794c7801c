"""The commands of docs/alerts.md, pasted into a shell, work; its rules and its Python are those there are."""

import asyncio
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from analytics.alerting import INCIDENT_RULES, AlertRule
from collector.receiver.server import serving
from collector.receiver.settings import ReceiverSettings
from tests.collector.receiver.acting import acting

DOCUMENT = (Path(__file__).parents[3] / "docs" / "alerts.md").read_text(encoding="utf-8")
COMMANDS = [
    block for block in re.findall(r"(?:^    .*\n)+", DOCUMENT, re.MULTILINE) if block.startswith("    curl")
]


def run(command: str, port: int, names: dict[str, str]) -> Any:
    here = command.replace("127.0.0.1:8600", f"127.0.0.1:{port}").replace("curl ", "curl -s ")
    environment = {"PATH": os.environ["PATH"], **names}
    done = subprocess.run(
        ["bash", "-c", here], capture_output=True, text=True, check=True, timeout=20, env=environment
    )
    return json.loads(done.stdout)


@pytest.mark.skipif(shutil.which("curl") is None, reason="the commands of the document need curl")
async def test_every_command_of_the_document_works_as_pasted(tmp_path: Path) -> None:
    async with acting(tmp_path, token=None) as here:
        names = {"ID": str(here.incident())}
        answers = []
        async with serving(ReceiverSettings(port=0), here.app) as port:
            for command in COMMANDS:
                answers.append(await asyncio.to_thread(run, command, port, names))
                if "for" in answers[-1] or "until" in answers[-1]:
                    names["MUTE"] = answers[-1]["id"]
    assert not [answer for answer in answers if "error" in answer]
    listed, taken, noted, resolved, muted, ended, rules, changed, back = answers
    assert [incident["id"] for incident in listed["incidents"]] == [names["ID"]]
    assert [one["status"] for one in (taken, noted, resolved)] == [
        "investigating",
        "investigating",
        "resolved",
    ]
    assert (muted["author"], ended["ended_by"]) == ("ada", "ada")
    checks = [one["rules"]["service_down"]["settings"]["checks"] for one in (rules, changed, back)]
    assert checks == [3, 5, 3]
    assert back["services"]["api/shopify"]["slow_response"]["settings"]["for"] == "20m"


def test_every_rule_is_in_the_document_with_what_it_opens() -> None:
    rows = re.findall(r"^\| `(\w+)` \| .* \| (yes|no) \|$", DOCUMENT, re.MULTILINE)
    assert dict(rows) == {rule.value: "yes" if rule in INCIDENT_RULES else "no" for rule in AlertRule}


def test_the_python_of_the_document_is_python() -> None:
    program = re.search(r"(?:^    .*\n|^\n)*^    from datetime.*\n(?:^    .*\n|^\n)+", DOCUMENT, re.MULTILINE)
    assert program is not None
    compile("\n".join(line[4:] for line in program[0].splitlines()), "docs/alerts.md", "exec")
