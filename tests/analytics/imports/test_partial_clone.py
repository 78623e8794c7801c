"""A clone that lacks what it names: nothing is fetched, and no program that it names is run."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from analytics.imports import ImportProblem
from analytics.imports.sources import open_source
from tests.analytics.imports.other_monitors import UpptimeClone


@pytest.mark.parametrize("lacking", ["blob:none", "tree:0"])
def test_no_program_of_the_clone_is_run(tmp_path: Path, lacking: str) -> None:
    clone = UpptimeClone(tmp_path / "status")
    clone.check("shop", datetime(2026, 3, 29, tzinfo=UTC))
    _git(clone.path, "config", "uploadpack.allowFilter", "true")
    partial, ran = tmp_path / "partial", tmp_path / "ran"
    _git(tmp_path, "clone", "-q", "--no-checkout", f"--filter={lacking}", clone.path.as_uri(), str(partial))
    (partial / "history").mkdir()
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {ran}\nexit 1\n")
    program.chmod(0o755)
    _git(partial, "config", "core.sshCommand", str(program))
    _git(partial, "config", "remote.origin.uploadpack", str(program))
    _git(partial, "config", "protocol.allow", "always")
    for address in ("ssh://nowhere.invalid/x", clone.path.as_uri(), f"ext::{program}"):
        _git(partial, "config", "remote.origin.url", address)

        with pytest.raises(ImportProblem) as raised:
            open_source(partial)

        assert str(raised.value) == (
            f"{partial}: the content of some versions is not in this clone; a full clone is needed: "
            f"`git clone` without --filter and --depth"
        )
        assert not ran.exists()
    subprocess.run(["git", "-C", partial, "cat-file", "-p", "HEAD:history/shop.yml"], capture_output=True)
    assert ran.exists(), "the clone would run its program"


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)
