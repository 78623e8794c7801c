"""One line an event, and no secret in any of them."""

import json

import pytest

from collector.log import configure
from collector.secrets import Redactor


def test_text_is_one_line_with_masked_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    redactor = Redactor()
    redactor.learn("hunter2-secret")
    log = configure(redactor)
    log.warning("status_changed", service="api/x", message="bad key hunter2-secret\nsecond line", n=3)
    out = capsys.readouterr().err
    assert out.count("\n") == 1
    assert "hunter2" not in out
    assert 'message="bad key *** second line"' in out
    assert " level=warning event=status_changed " in out
    assert "n=3" in out


def test_json_style(capsys: pytest.CaptureFixture[str]) -> None:
    configure(Redactor(), "json").info("started", services=16, database="redis://:pw@h")
    event = json.loads(capsys.readouterr().err)
    assert event["event"] == "started"
    assert event["services"] == 16
    assert event["database"] == "redis://***@h"
