"""Makes the files of one report. For a process of its own: Altair and vl-convert stay in memory."""

import os
from pathlib import Path

from analytics.db import Location, read_only
from collector.reports.figures import Report, read_report
from collector.reports.headline import headline
from collector.reports.periods import Period
from collector.reports.recording import MadeReport

_PATIENCE = 10.0


def make(location: Location, period: Period, folder: Path, nicer: int = 0) -> MadeReport:
    """Write `<folder>/<label>.md`, `.html` and, when there is data, `.png`; each appears whole or not at all.

    `nicer` is by how much this process gives way to others once it has read everything; while it reads,
    somebody may wait for it. Raises `analytics.db.DatabaseError`, and OSError when the folder cannot be used.
    """
    report = read_report(lambda: read_only(location, _PATIENCE), period)
    os.nice(nicer)
    return write(report, folder)


def write(report: Report, folder: Path) -> MadeReport:
    """The files of `report` in `folder`, which is made when it is not there."""
    from collector.reports import rendering

    page = rendering.document(report)
    base = folder / report.period.label
    drawn = _drawn(report)
    folder.mkdir(parents=True, exist_ok=True)
    if drawn:
        _put(base.with_name(f"{base.name}.png"), drawn)
    else:
        base.with_name(f"{base.name}.png").unlink(missing_ok=True)
    _put(base.with_name(f"{base.name}.html"), rendering.html(page, drawn).encode())
    _put(base.with_name(f"{base.name}.md"), rendering.markdown(page, f"{base.name}.png").encode())
    return MadeReport(report.period, base, headline(report))


def _drawn(report: Report) -> bytes:
    if not report.has_data:
        return b""
    # Only here: a report that has nothing to draw need not pay for it.
    from collector.reports.chart import picture

    return picture(report)


def _put(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(content)
    part.replace(path)
