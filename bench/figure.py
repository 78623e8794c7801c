"""One measured figure, and how a list of them is shown."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` in `unit`; with a `limit`, whether it is met. `lower_is_better` says which side is good."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    lower_is_better: bool = True

    @property
    def met(self) -> bool | None:
        """Whether the limit is kept, None without one."""
        if self.limit is None:
            return None
        return self.value <= self.limit if self.lower_is_better else self.value >= self.limit


def number(value: float) -> str:
    """Three significant digits, and no exponent."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def table(figures: Sequence[Figure]) -> str:
    """A Markdown table that is also readable in a terminal."""
    rows = [("figure", "measured", "limit", "")]
    for figure in figures:
        sign = "≤" if figure.lower_is_better else "≥"
        limit = "" if figure.limit is None else f"{sign} {number(figure.limit)} {figure.unit}"
        rows.append((figure.name, f"{number(figure.value)} {figure.unit}", limit, _verdict(figure)))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _verdict(figure: Figure) -> str:
    return {None: "", True: "met", False: "MISSED"}[figure.met]
