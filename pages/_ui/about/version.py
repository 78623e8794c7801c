"""The version of this dashboard, as the project says it."""

import tomllib
from pathlib import Path

_PROJECT = Path(__file__).parents[3] / "pyproject.toml"


def _version() -> str:
    try:
        return str(tomllib.loads(_PROJECT.read_text())["project"]["version"])
    except (OSError, KeyError, tomllib.TOMLDecodeError):
        return "unknown"


VERSION = _version()
