"""Text in columns, for what `--check-config` prints."""

from collections.abc import Mapping, Sequence


def aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """One line a row, the cells of each column equally wide. All rows are equally long."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def variable_state(name: str, environment: Mapping[str, str]) -> str:
    """`NAME (set)` or `NAME (not set)`."""
    return f"{name} ({'set' if environment.get(name) else 'not set'})"
