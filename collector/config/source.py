"""Reads the file: whatever keeps it from being TOML becomes one sentence with the place."""

import re
import tomllib
from pathlib import Path
from typing import Any

from collector.config.model import ConfigError

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def read_document(path: Path) -> dict[str, Any]:
    """The tables of the TOML file at `path`. Raises ConfigError with one fault."""
    text = _read_text(path)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path}: {_broken(str(error))}"]) from None
    except RecursionError:
        raise ConfigError([f"{path}: is nested too deeply; a few levels are enough"]) from None
    except ValueError:
        raise ConfigError([f"{path}: holds a number that is far too long"]) from None


def _read_text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        line = before.count(b"\n") + 1
        fault = f"{path}: line {line}: is not UTF-8; save the file with the encoding UTF-8"
    except FileNotFoundError:
        fault = f"{path}: there is no such file; name one with --config or HEALTH_CONFIG"
    except IsADirectoryError:
        fault = f"{path}: is a folder; name the file in it"
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        fault = f"{path}: cannot be read: {why}"
    raise ConfigError([fault])


def _broken(said: str) -> str:
    """The parser's words with the place in front, so that an editor's "go to line" is at hand."""
    place = _PLACE.search(said)
    words = said[: place.start()] if place else said
    words = words[:1].lower() + words[1:]
    if "hex value" in words or "unescaped" in words:
        words += "; for a text with backslashes use single quotes"
    if place is None:
        return f"is no TOML: {words}"
    where = f"line {place[1]}, column {place[2]}" if place[1] else "at its end"
    return f"{where}: is no TOML: {words}"
