"""Whole payloads: a file for each channel and case. `UPDATE_GOLDEN=1` writes them anew; look at the diff."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.collector.notify.channels import client, opened
from tests.collector.notify.messages import CASES

GOLDEN = Path(__file__).parent / "golden"
_BOUNDARY = re.compile(r"===============\d+==")
KINDS = ("pagerduty", "slack", "email", "webhook")


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_sent_is_what_the_file_says(kind: str, case: str) -> None:
    async with client() as http:
        rendered = opened(kind, http).rendered(CASES[case])
    ending = "eml" if isinstance(rendered, str) else "json"
    matches(rendered, GOLDEN / f"{kind}-{case}.{ending}")


def test_there_is_no_golden_file_without_its_case() -> None:
    known = {f"{kind}-{case}" for kind in KINDS for case in CASES} | {"email-report"}
    assert {path.stem for path in GOLDEN.iterdir()} <= known


def matches(rendered: Mapping[str, Any] | str, file: Path) -> None:
    """Compare what a channel would send with `file`, whole."""
    found = normalised(rendered) if isinstance(rendered, str) else json.dumps(rendered, indent=2) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(found)
    assert found == file.read_text()


def normalised(mail: str) -> str:
    """Boundaries are drawn by lot, so that no text can hold them; here they are numbered."""
    seen = dict.fromkeys(_BOUNDARY.findall(mail))
    for number, boundary in enumerate(seen, 1):
        mail = mail.replace(boundary, f"==boundary-{number}==")
    return mail.replace("\r\n", "\n")
