"""Commands that are told to end leave nothing half done, and say so by their exit code alone."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from analytics.commands import export as export_command
from analytics.commands.signals import listening
from tests.analytics.commands.saying import Say

SIGNALS = [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]


@pytest.fixture(autouse=True)
def not_ignored() -> Iterator[None]:
    """The signals as a terminal sends them: who starts the tests in the background ignores some of them."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number, _ in SIGNALS}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_an_export_leaves_no_file(
    demo: Path,
    say: Say,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: signal.Signals,
    code: int,
) -> None:
    def stop(rows: int) -> None:
        if rows:
            seen.extend(os.listdir(tmp_path))
            os.kill(os.getpid(), number)

    def telling(*_: object) -> Callable[[int], None]:
        return stop

    seen: list[str] = []
    monkeypatch.setattr(export_command, "_telling", telling)
    before = signal.getsignal(number)
    said = say("export", "services", "--out", str(tmp_path / "a.csv"), db=demo)
    assert (said.code, said.out, said.err) == (code, "", "")
    assert len(seen) == 1
    assert os.listdir(tmp_path) == []
    assert signal.getsignal(number) == before


def test_what_is_ignored_stays_ignored() -> None:
    """As under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with listening() as told:
            os.kill(os.getpid(), signal.SIGHUP)
            assert told.code is None
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_two_at_once_are_one() -> None:
    with listening() as told:
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGHUP)
        assert told.code == 143
