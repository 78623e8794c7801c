"""The commands of docs/webhooks.md, pasted into a shell: the deliveries they make by hand are genuine."""

import asyncio
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.collector.receiver.webhooks import receiving, source
from tests.collector.webhooks.signing import SECRETS

DOCUMENT = Path(__file__).parents[3] / "docs" / "webhooks.md"
NEEDED = ("curl", "openssl", "od")


def commands() -> list[str]:
    """The indented blocks that call curl."""
    blocks = re.findall(r"(?:^    .*\n)+", DOCUMENT.read_text(), re.MULTILINE)
    return [block for block in blocks if "curl" in block]


def answer(command: str, port: str) -> tuple[int, str]:
    """Status and body of what the last curl of `command` was answered."""
    here = command.replace("127.0.0.1:8600", f"127.0.0.1:{port}").replace("curl -i ", "curl -si ")
    secrets = {
        "SHOPIFY_WEBHOOK_SECRET": SECRETS["shopify"],
        "BILLING_WEBHOOK_SECRET": SECRETS["standard"],
    }
    done = subprocess.run(
        ["bash", "-c", here],
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
        env={**os.environ, **secrets},
    )
    head, _, body = done.stdout.partition("\n\n")
    return int(head.split()[1]), body


@pytest.mark.skipif(
    not all(shutil.which(name) for name in NEEDED), reason=f"the commands of the document need {NEEDED}"
)
async def test_every_delivery_of_the_document_is_genuine_and_a_changed_one_is_not() -> None:
    sources = source("shopify"), source("standard", source="billing")
    async with receiving(*sources, now=lambda: datetime.now(UTC)) as running:
        port = running.url.rpartition(":")[2]
        assert len(commands()) == 2
        for command in commands():
            assert await asyncio.to_thread(answer, command, port) == (200, '{"ok":true}')
            changed = command.replace('--data-binary "$BODY"', '--data-binary "$BODY "')
            status, body = await asyncio.to_thread(answer, changed, port)
            assert (status, '"bad_signature"' in body) == (401, True)
    assert [(row["source"], row["event_type"], row["verified"]) for row in running.rows] == [
        ("shopify", "orders/create", True),
        ("shopify", "orders/create", False),
        ("billing", "invoice.paid", True),
        ("billing", None, False),
    ]
