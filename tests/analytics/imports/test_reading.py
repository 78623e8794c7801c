"""What is read of each source: times, statuses, reasons, sums; and what is no source at all."""

import os
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analytics.imports import ImportProblem, detect
from analytics.imports.history import History
from analytics.imports.sources import open_source
from analytics.model import Reason, Status
from tests.analytics.imports.other_monitors import (
    GATUS,
    KUMA,
    KUMA_SUMS,
    UpptimeClone,
    beat,
    fill,
    result,
    sqlite_file,
)

DAY = datetime(2026, 3, 29, tzinfo=UTC)


def histories(path: Path) -> dict[str, History]:
    return {one.name: one.read() for one in open_source(path).monitors}


@pytest.fixture
def kuma(tmp_path: Path) -> Path:
    """A `kuma.db` of 1.x with one monitor, number 1."""
    path = sqlite_file(tmp_path / "kuma.db", KUMA)
    fill(path, "monitor", [{"id": 1, "name": "Shop (prod)", "interval": 30, "created_date": "2025-01-01"}])
    return path


@pytest.fixture
def gatus(tmp_path: Path) -> Path:
    """A file of Gatus with one endpoint, number 1."""
    path = sqlite_file(tmp_path / "gatus.db", GATUS)
    row = {"endpoint_id": 1, "endpoint_key": "core_web", "endpoint_name": "web", "endpoint_group": "core"}
    fill(path, "endpoints", [row])
    return path


def test_heartbeats_of_kuma(kuma: Path) -> None:
    rows = [
        beat(1, DAY + timedelta(milliseconds=123), msg="200 - OK", ping=41.6, duration=30, important=1),
        beat(1, DAY + timedelta(minutes=1), 2, msg="timeout of 48000ms exceeded"),
        beat(1, DAY + timedelta(minutes=2), 0, msg="getaddrinfo ENOTFOUND shop.example"),
        beat(1, DAY + timedelta(minutes=3), 3, msg="Monitor under maintenance"),
    ]
    fill(kuma, "heartbeat", rows)

    history = histories(kuma)["Shop (prod)"]

    assert [(one.status, one.reason, one.milliseconds) for one in history.observations] == [
        (Status.HEALTHY, Reason.OK, 42),
        (Status.DEGRADED, Reason.TIMEOUT, None),
        (Status.DOWN, Reason.DNS, None),
        (Status.UNKNOWN, Reason.NO_DATA, None),
    ]
    first = history.observations[0]
    assert first.time == DAY + timedelta(milliseconds=123)
    assert first.original == {"status": "up", "duration_seconds": 30, "important": True}
    assert history.interval == timedelta(seconds=30)
    assert history.totals == []


def test_the_hour_that_local_clocks_skip_is_an_hour_like_any(kuma: Path) -> None:
    moments = [DAY + timedelta(minutes=30 * place) for place in range(6)]
    fill(kuma, "heartbeat", [beat(1, moment) for moment in moments])

    assert [one.time for one in histories(kuma)["Shop (prod)"].observations] == moments


def test_sums_of_kuma(tmp_path: Path) -> None:
    path = sqlite_file(tmp_path / "kuma.db", KUMA, KUMA_SUMS)
    fill(path, "monitor", [{"id": 7, "name": "db"}])
    fill(path, "heartbeat", [beat(7, DAY + timedelta(hours=30))])
    hour = {"monitor_id": 7, "timestamp": int(DAY.timestamp()), "ping": 1.5, "up": 58, "down": 2}
    fill(path, "stat_hourly", [{**hour, "extras": '{"maintenance": 3}'}])
    fill(path, "stat_daily", [{**hour, "up": 1400, "down": 40, "extras": "no json"}])

    (monitor,) = open_source(path).monitors
    hourly, daily = monitor.read().totals

    assert (monitor.first, monitor.last, monitor.sums) == (DAY, DAY + timedelta(hours=30), 2)
    assert (hourly.begun, hourly.hours) == (DAY, 1)
    assert hourly.counts == {Status.HEALTHY: 58, Status.DOWN: 2, Status.UNKNOWN: 3}
    assert (daily.hours, daily.counts[Status.HEALTHY], daily.counts[Status.UNKNOWN]) == (24, 1400, 0)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (
            "2026-03-29 02:30:00.123456789 +0000 UTC",
            DAY + timedelta(hours=2, minutes=30, microseconds=123456),
        ),
        ("2026-03-29 02:30:00 +0000 UTC", DAY + timedelta(hours=2, minutes=30)),
        ("2026-03-29 04:30:00.5 +0200 CEST m=+0.015", DAY + timedelta(hours=2, minutes=30, milliseconds=500)),
        ("2026-03-29 02:30:00.25+00:00", DAY + timedelta(hours=2, minutes=30, milliseconds=250)),
        ("2026-03-28T23:00:00-03:30", DAY + timedelta(hours=2, minutes=30)),
        ("2026-03-29T02:30:00Z", DAY + timedelta(hours=2, minutes=30)),
    ],
)
def test_times_of_gatus(gatus: Path, written: str, meant: datetime) -> None:
    fill(gatus, "endpoint_results", [result(1, written)])

    assert histories(gatus)["core/web"].observations[0].time == meant


def test_results_of_gatus(gatus: Path) -> None:
    rows = [
        result(1, "2026-03-29 00:00:00 +0000 UTC"),
        result(1, "2026-03-29 00:01:00 +0000 UTC", 0, status=503),
        result(
            1, "2026-03-29 00:02:00 +0000 UTC", 0, status=0, connected=0, errors="Get: x509: bad|~|second"
        ),
        result(1, "2026-03-29 00:03:00 +0000 UTC", 0, status=200),
    ]
    fill(gatus, "endpoint_results", rows)

    history = histories(gatus)["core/web"]

    assert [(one.status, one.reason, one.milliseconds) for one in history.observations] == [
        (Status.HEALTHY, Reason.OK, 123),
        (Status.DOWN, Reason.HTTP_5XX, None),
        (Status.DOWN, Reason.TLS, None),
        (Status.DOWN, Reason.UNHEALTHY, None),
    ]
    assert history.observations[2].message == "Get: x509: bad; second"
    assert history.interval == timedelta(minutes=1)


def test_sums_of_gatus_are_of_days_or_of_hours(gatus: Path) -> None:
    begun = [DAY - timedelta(hours=49), DAY - timedelta(hours=25)] + [
        DAY - timedelta(hours=hours) for hours in (1, 0)
    ]
    sums = [
        {
            "endpoint_id": 1,
            "hour_unix_timestamp": int(moment.timestamp()),
            "total_executions": total,
            "successful_executions": total - 1,
            "total_response_time": 5,
        }
        for moment, total in zip(begun, [1440, 60, 60, 12], strict=True)
    ]
    fill(gatus, "endpoint_uptimes", sums)

    totals = histories(gatus)["core/web"].totals

    assert [one.hours for one in totals] == [24, 1, 1, 1]
    assert totals[0].counts == {Status.HEALTHY: 1439, Status.DOWN: 1}


def test_commits_of_upptime(tmp_path: Path) -> None:
    clone = UpptimeClone(tmp_path / "status")
    clone.check("shop", DAY + timedelta(milliseconds=250))
    clone.check("shop", DAY + timedelta(minutes=30), "down", 502, 7)
    clone.check("blog", DAY + timedelta(minutes=31), "degraded", 200, 9000)
    clone.commit({"history/readme.md": "words", "history/none.yml": "a: b"}, DAY, "no check")
    clone.check("shop", DAY + timedelta(minutes=50))

    source = open_source(clone.path)
    found = {one.name: one.read() for one in source.monitors}

    assert source.notes == ()
    assert list(found) == ["blog", "shop"]
    assert found["blog"].observations[0][1:5] == (Status.DEGRADED, Reason.SLOW, "HTTP 200", 9000)
    assert [(one.time, one.status, one.reason, one.milliseconds) for one in found["shop"].observations] == [
        (DAY + timedelta(milliseconds=250), Status.HEALTHY, Reason.OK, 98),
        (DAY + timedelta(minutes=30), Status.DOWN, Reason.HTTP_5XX, None),
        (DAY + timedelta(minutes=50), Status.HEALTHY, Reason.OK, 98),
    ]
    (hour,) = found["shop"].totals
    assert hour.counts == {Status.HEALTHY: 7, Status.DOWN: 4, Status.DEGRADED: 0, Status.UNKNOWN: 0}


def test_between_commits_the_status_held_but_not_for_ever(tmp_path: Path) -> None:
    clone = UpptimeClone(tmp_path / "status")
    clone.check("shop", DAY)
    clone.check("shop", DAY + timedelta(days=10))

    totals = histories(clone.path)["shop"].totals

    assert sum(sum(one.counts.values()) for one in totals) == 30 * 12 + 1
    assert totals[-1].begun == DAY + timedelta(days=10)


def test_kinds_are_told_apart(kuma: Path, gatus: Path, tmp_path: Path) -> None:
    clone = UpptimeClone(tmp_path / "status")

    assert [detect(path) for path in (kuma, gatus, clone.path)] == ["uptime-kuma", "gatus", "upptime"]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (None, "there is no such file or folder"),
        (b"", "holds no history that is known here"),
        (b"SQLite format 3\0 and then nothing", "holds no history that is known here"),
        (b"\x89PNG\r\n", "holds no history that is known here"),
    ],
)
def test_what_is_no_source(tmp_path: Path, content: bytes | None, fault: str) -> None:
    path = tmp_path / "some.db"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ImportProblem) as raised:
        open_source(path)

    assert str(raised.value).startswith(f"{path}: {fault}; expected kuma.db of Uptime Kuma")
    assert "\n" not in str(raised.value)


def test_the_wrong_kind_and_an_empty_source(kuma: Path) -> None:
    with pytest.raises(ImportProblem, match="is no history of Gatus"):
        open_source(kuma, "gatus")
    with pytest.raises(ImportProblem, match="there is not a single check of Uptime Kuma in it yet"):
        open_source(kuma)


def test_a_running_kuma_is_read_and_nothing_is_changed(kuma: Path) -> None:
    with closing(sqlite3.connect(kuma)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute(
            "INSERT INTO heartbeat (monitor_id, status, time) VALUES (1, 1, '2026-03-29 00:00:00.000')"
        )
        writer.commit()
        before = kuma.read_bytes()

        assert len(histories(kuma)["Shop (prod)"].observations) == 1

        assert kuma.read_bytes() == before


def test_a_folder_that_may_not_be_written_to(kuma: Path) -> None:
    fill(kuma, "heartbeat", [beat(1, DAY)])
    before = sorted(os.listdir(kuma.parent))

    histories(kuma)

    assert sorted(os.listdir(kuma.parent)) == before


def test_hostile_words(kuma: Path) -> None:
    message = "connect to redis://user:secret@db:6379\0failed\n" + "x" * 2000
    fill(kuma, "heartbeat", [beat(1, DAY, 0, msg=message)])
    with closing(sqlite3.connect(kuma)) as writer:
        writer.execute("UPDATE monitor SET name = CAST(x'ff27' AS TEXT)")
        writer.commit()

    ((name, history),) = histories(kuma).items()

    assert name == "\ufffd'"
    said = history.observations[0].message or ""
    assert said.startswith("connect to redis://***@db:6379failed xxx")
    assert len(said) == 500


def test_the_repository_that_is_meant_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clone = UpptimeClone(tmp_path / "status")
    clone.check("shop", DAY)
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))

    assert [one.name for one in open_source(clone.path).monitors] == ["shop"]


def test_a_shallow_clone_is_told(tmp_path: Path) -> None:
    clone = UpptimeClone(tmp_path / "status")
    for minute in (0, 30):
        clone.check("shop", DAY + timedelta(minutes=minute))
    shallow = tmp_path / "shallow"
    command = ["git", "clone", "--quiet", "--depth=1", clone.path.as_uri(), str(shallow)]
    subprocess.run(command, check=True)

    source = open_source(shallow)

    assert [one.observations for one in source.monitors] == [1]
    assert source.notes == (
        f"{shallow} is a shallow clone, without older commits; `git fetch --unshallow` gets them",
    )


def test_a_git_that_refuses_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "status"
    (path / "history").mkdir(parents=True)
    (path / ".git").write_text("gitdir: /nowhere\n")

    with pytest.raises(ImportProblem, match=r"^.*status: git cannot read it: [^\n]*$"):
        open_source(path)
