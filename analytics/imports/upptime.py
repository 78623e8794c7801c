"""Upptime, a clone of its git repository: a commit of `history/<site>.yml` is a check, or stands for many.

Upptime looks every five minutes and commits when the status changed, and once in a while to keep the response
time. So between two commits the status of the first held: what was not committed said the same.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from analytics.coverage import hour_of
from analytics.imports.git_history import Version, is_shallow, is_work_of_git, versions
from analytics.imports.history import History, ImportProblem, Monitor, Observation, Source, Totals
from analytics.imports.reasons import of_code
from analytics.model import Reason, Status

KIND = "upptime"

_STATUS = {"up": Status.HEALTHY, "degraded": Status.DEGRADED, "down": Status.DOWN}
_FIELD = re.compile(r"^(?:- )?(\w+): *(.*?) *$", re.MULTILINE)
_FILE = re.compile(r"history/([^/]+)\.yml")

#: How often Upptime looks.
_INTERVAL = timedelta(minutes=5)

#: It commits at least once a day. After a longer silence nobody knows whether it looked.
_SILENCE = timedelta(hours=30)


def is_one(path: Path) -> bool:
    """Whether there is a clone of an Upptime repository at `path`."""
    return is_work_of_git(path) and ((path / ".upptimerc.yml").exists() or (path / "history").is_dir())


def open_source(path: Path) -> Source:
    """The sites of the clone at `path`, each with what its commits say."""
    found: dict[str, list[Observation]] = defaultdict(list)
    roots: list[str] = []
    for version in versions(path, "history/*.yml"):
        site = _FILE.fullmatch(version.file)
        observation = _observation(version) if site else None
        if site and observation:
            found[site[1]].append(observation)
            roots.append(version.commit)
    if not found:
        raise ImportProblem(f"{path}: no commit holds a history/<site>.yml with a status; is it of Upptime?")
    shallow = f"{path} is a shallow clone, without older commits; `git fetch --unshallow` gets them"
    notes = (shallow,) if is_shallow(path) else ()
    monitors = tuple(_monitor(site, _once_each(found[site])) for site in sorted(found))
    return Source(KIND, f"{KIND}:{path.resolve()}#{roots[0][:12]}", monitors, notes)


def _monitor(site: str, observations: Sequence[Observation]) -> Monitor:
    def read() -> History:
        return History(observations, list(_totals(observations)), _INTERVAL)

    return Monitor(site, len(observations), 0, observations[0].time, observations[-1].time, read)


def _once_each(observations: Sequence[Observation]) -> list[Observation]:
    """In order of time; a commit that changed something else repeats the check before it."""
    return sorted({one.time: one for one in observations}.values(), key=lambda one: one.time)


def _observation(version: Version) -> Observation | None:
    fields: Mapping[str, str] = dict(_FIELD.findall(version.text))
    status = _STATUS.get(fields.get("status", "").strip("'\""))
    if status is None:
        return None
    code, milliseconds = _number(fields.get("code")), _number(fields.get("responseTime"))
    return Observation(
        _moment(fields.get("lastUpdated")) or version.time,
        status,
        _reason(status, code),
        f"HTTP {code}" if code else None,
        milliseconds if status is not Status.DOWN else None,
        {"status": fields["status"], "code": code, "commit": version.commit[:12]},
    )


def _reason(status: Status, code: int) -> Reason:
    if status is Status.HEALTHY:
        return Reason.OK
    return Reason.SLOW if status is Status.DEGRADED else of_code(code)


def _number(text: str | None) -> int:
    found = (text or "").strip("'\"")
    return int(found) if found.isascii() and found.isdigit() and len(found) < 8 else 0


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat((text or "").strip("'\""))
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None


def _totals(observations: Sequence[Observation]) -> Iterator[Totals]:
    """How many checks there were in each hour, those that were not committed among them."""
    times = [one.time for one in observations]
    counts: dict[datetime, dict[Status, int]] = defaultdict(lambda: dict.fromkeys(Status, 0))
    for one in observations:
        counts[hour_of(one.time)][one.status] += 1
    for place, (sooner, later) in enumerate(pairwise(times)):
        moment = sooner + _INTERVAL
        end = min(later, sooner + _SILENCE)
        while moment < end:
            counts[hour_of(moment)][observations[place].status] += 1
            moment += _INTERVAL
    for hour in sorted(counts):
        yield Totals(hour, 1, counts[hour])
