"""The files other monitors keep, with the tables their own migrations make, as far as they are read."""

import os
import sqlite3
import subprocess
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

KUMA = """
CREATE TABLE [setting](
  [id] INTEGER PRIMARY KEY AUTOINCREMENT, [key] VARCHAR(200) NOT NULL UNIQUE, [value] TEXT,
  [type] VARCHAR(20));
CREATE TABLE "monitor" (
  "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "name" VARCHAR(150), "active" BOOLEAN NOT NULL DEFAULT 1,
  "user_id" INTEGER, "interval" INTEGER NOT NULL DEFAULT 20, "url" TEXT, "type" VARCHAR(20),
  "hostname" VARCHAR(255), "port" INTEGER, "created_date" DATETIME, "maxretries" INTEGER NOT NULL DEFAULT 0);
CREATE TABLE [heartbeat](
  [id] INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, [important] BOOLEAN NOT NULL DEFAULT 0,
  [monitor_id] INTEGER NOT NULL REFERENCES [monitor]([id]) ON DELETE CASCADE ON UPDATE CASCADE,
  [status] SMALLINT NOT NULL, [msg] TEXT, [time] DATETIME NOT NULL, [ping] INTEGER,
  [duration] INTEGER NOT NULL DEFAULT 0, [down_count] INTEGER DEFAULT 0 NOT NULL);
CREATE INDEX monitor_time_index ON heartbeat (monitor_id, time);
"""

#: What 2.x has beside that.
KUMA_SUMS = """
CREATE TABLE `stat_hourly` (
  `id` integer not null primary key autoincrement, `monitor_id` integer not null,
  `timestamp` integer not null, `ping` float not null,
  `ping_min` float not null default '0', `ping_max` float not null default '0',
  `up` smallint not null, `down` smallint not null, `extras` text default null);
CREATE TABLE `stat_daily` (
  `id` integer not null primary key autoincrement, `monitor_id` integer not null,
  `timestamp` integer not null, `ping` float not null,
  `ping_min` float not null default '0', `ping_max` float not null default '0',
  `up` smallint not null, `down` smallint not null, `extras` text default null);
"""

GATUS = """
CREATE TABLE endpoints (
  endpoint_id INTEGER PRIMARY KEY, endpoint_key TEXT UNIQUE, endpoint_name TEXT NOT NULL,
  endpoint_group TEXT NOT NULL, UNIQUE(endpoint_name, endpoint_group));
CREATE TABLE endpoint_results (
  endpoint_result_id INTEGER PRIMARY KEY,
  endpoint_id INTEGER NOT NULL REFERENCES endpoints(endpoint_id) ON DELETE CASCADE,
  success INTEGER NOT NULL, errors TEXT NOT NULL, connected INTEGER NOT NULL, status INTEGER NOT NULL,
  dns_rcode TEXT NOT NULL, certificate_expiration INTEGER NOT NULL, domain_expiration INTEGER NOT NULL,
  hostname TEXT NOT NULL, ip TEXT NOT NULL, duration INTEGER NOT NULL, timestamp TIMESTAMP NOT NULL);
CREATE TABLE endpoint_uptimes (
  endpoint_uptime_id INTEGER PRIMARY KEY,
  endpoint_id INTEGER NOT NULL REFERENCES endpoints(endpoint_id) ON DELETE CASCADE,
  hour_unix_timestamp INTEGER NOT NULL, total_executions INTEGER NOT NULL,
  successful_executions INTEGER NOT NULL, total_response_time INTEGER NOT NULL,
  UNIQUE(endpoint_id, hour_unix_timestamp));
"""

Row = Mapping[str, Any]


def sqlite_file(path: Path, *schemas: str) -> Path:
    """An empty SQLite file with these tables."""
    with closing(sqlite3.connect(path)) as connection:
        for schema in schemas:
            connection.executescript(schema)
    return path


def fill(path: Path, table: str, rows: Iterable[Row]) -> None:
    """Put `rows` into `table`; they need not all have the same columns."""
    with closing(sqlite3.connect(path)) as connection:
        for row in rows:
            names, marks = ", ".join(row), ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))
        connection.commit()


def kuma_time(moment: datetime) -> str:
    """UTC without saying so, with milliseconds."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.") + f"{moment.microsecond // 1000:03}"


def beat(monitor: int, moment: datetime, status: int = 1, **said: Any) -> Row:
    """A row of `heartbeat`."""
    ping = 42 if status == 1 else None
    return {"monitor_id": monitor, "time": kuma_time(moment), "status": status, "ping": ping, **said}


def result(endpoint: int, moment: str, success: int = 1, **said: Any) -> Row:
    """A row of `endpoint_results`; `moment` as Gatus wrote it."""
    return {
        "endpoint_id": endpoint,
        "success": success,
        "errors": "",
        "connected": 1,
        "status": 200,
        "dns_rcode": "",
        "certificate_expiration": 0,
        "domain_expiration": 0,
        "hostname": "example.org",
        "ip": "",
        "duration": 123_456_789,
        "timestamp": moment,
        **said,
    }


class UpptimeClone:
    """A git repository such as Upptime commits to."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "history").mkdir(parents=True)
        self._git("init", "--quiet", "--initial-branch=main")
        self.commit(
            {".upptimerc.yml": "owner: somebody\n"}, datetime(2026, 1, 1, tzinfo=UTC), "Initial commit"
        )

    def check(
        self, site: str, moment: datetime, status: str = "up", code: int = 200, milliseconds: int = 98
    ) -> None:
        """What Upptime writes and commits after a check."""
        text = (
            f"url: https://example.org\nstatus: {status}\ncode: {code}\nresponseTime: {milliseconds}\n"
            f"lastUpdated: {moment.isoformat(timespec='milliseconds').replace('+00:00', 'Z')}\n"
            "startTime: 2026-01-01T00:00:00.000Z\n"
            "generator: Upptime <https://github.com/upptime/upptime>\n"
        )
        subject = f"🟩 {site} is {status} ({code} in {milliseconds} ms) [skip ci] [upptime]"
        self.commit({f"history/{site}.yml": text}, moment, subject)

    def commit(self, files: Mapping[str, str], moment: datetime, subject: str) -> None:
        """Commit `files` (path and text) at `moment`."""
        for name, text in files.items():
            (self.path / name).write_text(text)
        self._git("add", "--all")
        self._git(
            "commit", "--quiet", f"--message={subject}", date=moment.strftime("%Y-%m-%dT%H:%M:%S+00:00")
        )

    def _git(self, *arguments: str, date: str = "") -> None:
        who = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b.c", "GIT_AUTHOR_DATE": date}
        who |= {"GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b.c", "GIT_COMMITTER_DATE": date}
        plain = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "PATH": os.environ["PATH"]}
        subprocess.run(["git", "-C", str(self.path), *arguments], check=True, env={**plain, **who})
