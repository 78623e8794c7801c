"""The formats, and which one a file's ending asks for."""

from enum import StrEnum
from pathlib import Path
from typing import Any

from analytics.export.errors import ExportError, unknown


class Format(StrEnum):
    """How rows are written down."""

    CSV = "csv"
    JSON = "json"
    NDJSON = "ndjson"
    PARQUET = "parquet"


FORMATS: dict[str, Format] = {one.value: one for one in Format}
_ENDINGS = {f".{name}": one for name, one in FORMATS.items()} | {".jsonl": Format.NDJSON}


def format_for(name: str | None, target: Any) -> Format:
    """The format called `name`, or without one what the ending of `target` says.

    Raises `ExportError` when there is no such format, when nothing says one, and when the two say different.
    """
    ending = Path(target).suffix.lower() if isinstance(target, str | Path) else ""
    meant = _ENDINGS.get(ending)
    if name is None:
        if meant is None:
            where = target if isinstance(target, str | Path) else "the stream"
            raise ExportError(
                f"{where}: nothing says its format: let it end in {', '.join(_ENDINGS)}, "
                f"or say which of {', '.join(FORMATS)}"
            )
        return meant
    found = FORMATS.get(name.lower())
    if found is None:
        raise unknown("format", name, FORMATS)
    if meant not in (None, found):
        raise ExportError(
            f"{target}: it ends in {ending}, but the format is to be {found}: change one of them"
        )
    return found
