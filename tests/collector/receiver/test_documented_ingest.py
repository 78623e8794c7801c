"""The commands of docs/ingest.md, pasted into a shell: they work, and their answers are those shown."""

import asyncio
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.collector.receiver.receiving import receiving

DOCUMENT = Path(__file__).parents[3] / "docs" / "ingest.md"


def commands() -> list[str]:
    """The indented blocks that call curl."""
    blocks = re.findall(r"(?:^    .*\n)+", DOCUMENT.read_text(), re.MULTILINE)
    return [block for block in blocks if "curl" in block]


def run(command: str, port: int) -> str:
    here = command.replace("127.0.0.1:8600", f"127.0.0.1:{port}").replace("curl ", "curl -s ")
    return subprocess.run(["bash", "-c", here], capture_output=True, text=True, check=True, timeout=20).stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="the commands of the document need curl")
async def test_every_command_of_the_document_works_as_pasted() -> None:
    async with receiving() as receiver:
        answers = [await asyncio.to_thread(run, command, receiver.port) for command in commands()]
        stored = [json.loads(answer) for answer in answers]
        assert [answer.get("stored") for answer in stored] == [1, 2, 1, None]
        assert stored[2]["errors"][0] == {
            "index": 1,
            "field": "api_name",
            "reason": "is missing; every row needs it",
        }
        assert stored[3]["status"] == "ok"
        assert len(receiver.rows) == 4


async def test_the_health_shown_has_the_fields_it_has() -> None:
    shown = re.search(r'    (\{"status":"ok".*?\})\n\n', DOCUMENT.read_text(), re.DOTALL)
    async with receiving() as receiver:
        answer = (await receiver.http.get("/healthz")).json()
    assert shown is not None
    assert list(json.loads(shown[1])) == list(answer)
