"""Pinned npm packages, installed once and kept in a folder named after their lock file."""

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.need import missing, program

HERE = Path(__file__).parent
CACHE = HERE.parent.parent / ".cache" / "mcp-servers"
_FILES = ("package.json", "package-lock.json")


def installed(folder: Path = HERE) -> Path:
    """The `node_modules` of the package.json in `folder`: the MCP servers, unless told otherwise.

    A test without npm is skipped, or fails in CI.
    """
    npm, node = program("npm"), program("node")
    digest = hashlib.sha256(b"".join((folder / name).read_bytes() for name in _FILES)).hexdigest()[:16]
    place = CACHE / digest
    if not place.is_dir():
        CACHE.mkdir(parents=True, exist_ok=True)
        _install(npm, folder, place)
    assert node
    return place / "node_modules"


def _install(npm: str, folder: Path, place: Path) -> None:
    """Install beside and rename: an interrupted install leaves nothing that looks complete."""
    with tempfile.TemporaryDirectory(dir=CACHE) as temporary:
        beside = Path(temporary) / "packages"
        beside.mkdir()
        for name in _FILES:
            shutil.copy(folder / name, beside)
        done = subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
            cwd=beside,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            missing("npm ci", f"it failed with: {done.stderr.strip()[-500:]}")
        try:
            beside.rename(place)
        except OSError:
            assert place.is_dir(), "another test run has installed the same meanwhile"
