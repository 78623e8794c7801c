"""`connect()` and what a notebook asks of it: each method opens the database, reads, and closes it again."""

import os
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import duckdb
import pandas as pd
from pandas.errors import Pandas4Warning

from analytics import incident_queries, queries, standing_queries
from analytics.db import Connection
from analytics.db.errors import mask
from analytics.frames import frame
from analytics.named_sql import query
from analytics.notebook.door import NoSuchThing, When, explained_by, standing
from analytics.notebook.figures import Figures
from analytics.notebook.finding import find
from analytics.notebook.told import Incident, Replay
from analytics.replay import WrongSettings, rehearse, summary
from analytics.replay.frames import comparison_frame, incidents_frame, pages_frame
from analytics.rules.wording import span


def connect(
    database: str | Path | None = None,
    timezone: str = "UTC",
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> "Health":
    """The figures of `database`, by default of $HEALTH_DB, else data/health.duckdb, else data/demo.duckdb.

    A relative path counts from the working directory, or from the nearest folder above it in which it is.
    Times are shown in `timezone`, such as "Europe/Berlin". Raises `NoDatabase` with one line when there is
    none; standard error says so where the demo's is read unasked. Nothing stays open: the collector is never
    in anybody's way, and each call sees the newest rows.
    """
    found = find(database, Path.cwd(), os.environ, lambda line: print(line, file=sys.stderr))
    return Health(found, timezone, clock)


class Health(Figures):
    """Everything one database says, a method a question. Made by `connect()`; Shift-Tab tells the columns.

    A period is a length that ends now ("90m", "24h", "7d"), two moments ("2026-11-01/2026-11-08"), a pair of
    times, or what `health.period` gave. In a file whose collector has been silent for a day "now" is its
    newest heartbeat. `services` are written type/name: "api/openai", or a list of them; None is all.
    """

    def sql(self, statement: str, /, **values: Any) -> pd.DataFrame:
        """What a statement of your own returns; `$name` in it is bound to the argument `name`.

        health.sql("FROM api_metrics WHERE api_name = $api LIMIT 10", api="openai")

        Inside the statement times are UTC. The tables and their columns: `health.tables()`, docs/data.md.
        Raises `NoSuchThing`, with what DuckDB says of a statement that it does not carry out.
        """
        return self.frame(lambda connection: _selected(connection, statement, values or None))

    def tables(self) -> pd.DataFrame:
        """What can be asked with `sql`; docs/data.md explains it. Columns: table, rows, columns (names)."""

        def work(connection: Connection) -> pd.DataFrame:
            names = _selected(connection, query("table_columns"), None)
            found = names.groupby("table_name")["column_name"].agg(", ".join)
            rows = [connection.table(f'"{table}"').count("*").fetchall()[0][0] for table in found.index]
            return pd.DataFrame({"table": list(found.index), "rows": rows, "columns": list(found)})

        return self.frame(work)

    @explained_by(queries.services)
    def services(self) -> pd.DataFrame:
        """The services that are monitored."""
        return self.frame(queries.services)

    @explained_by(standing_queries.standing)
    def standing(self) -> pd.DataFrame:
        """How every service stands now."""
        return self.frame(lambda connection: standing_queries.standing(connection, self.now_in(connection)))

    @explained_by(incident_queries.incidents)
    def incidents(self, period: When = "30d") -> pd.DataFrame:
        """The incidents of `period`."""

        def work(connection: Connection) -> pd.DataFrame:
            asked = self.period_in(connection, period)
            return incident_queries.incidents(connection, asked.since, asked.until)

        return self.frame(work)

    def incident(self, incident_id: str | UUID) -> Incident:
        """One incident with its timeline and what was sent about it; `incidents()` has the ids.

        `.about` is its row of `incidents()`; `.events` has id, timestamp, kind, author, message;
        `.notifications` has channel, action, state, attempts, created_at, delivered_at, last_error and more.
        """
        try:
            key = UUID(str(incident_id))
        except ValueError:
            raise NoSuchThing(
                f"incident {str(incident_id)!r} is no id; write one of incidents()['id']"
            ) from None

        def work(connection: Connection) -> tuple[datetime, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
            now = self.now_in(connection)
            return (
                now,
                frame(connection, "one_incident", id=key, now=now),
                incident_queries.incident_events(connection, key),
                incident_queries.notifications(connection, key),
            )

        now, about, events, notifications = self.read(work)
        if about.empty:
            raise NoSuchThing(f"incident {key}: there is none of this id; incidents() has them")
        row = self.shown(about).iloc[0]
        began = row["began_at"] if pd.notna(row["began_at"]) else row["created_at"]
        ended = row["resolved_at"]
        return Incident(
            about=row,
            events=self.shown(events),
            notifications=self.shown(notifications),
            service=f"{row['service_type']}/{row['service_name']}",
            began_at=began,
            ended_at=ended if pd.notna(ended) else pd.Timestamp(now).tz_convert(self.timezone),
        )

    @explained_by(incident_queries.incident_figures)
    def incident_figures(self, period: When = "30d") -> pd.DataFrame:
        """How fast the incidents of `period` were noticed, told, acknowledged and over."""

        def work(connection: Connection) -> pd.DataFrame:
            asked = self.period_in(connection, period)
            return incident_queries.incident_figures(connection, asked.since, asked.until)

        return self.frame(work)

    def replay(
        self,
        period: When = "30d",
        settings: Sequence[str] | Mapping[str, Any] = (),
        rules: str | Path | None = None,
    ) -> Replay:
        """What other alert settings would have made of `period`; thirty days take some seconds.

        health.replay("30d", {"alerts.service_down.checks": 5})

        Settings are written as in services.toml: `alerts.RULE.SETTING`, `alerts.recovery_checks`,
        `services.TYPE/NAME.healthy_ms`, …; `rules` is another services.toml to take them from. Nothing is
        written and nobody is told. Single rows are needed, so it goes back about a month.
        """

        def work(connection: Connection) -> Replay:
            asked = self.period_in(connection, period)
            path = None if rules is None else Path(rules)
            made = rehearse(connection, asked.since, asked.until, settings, rules=path)
            return Replay(
                settings=made.settings.said,
                summary=summary(made.comparison, made.data_since),
                pages_before=self.shown(pages_frame(made.baseline)),
                pages=self.shown(pages_frame(made.rehearsed)),
                incidents_before=self.shown(incidents_frame(made.baseline)),
                incidents=self.shown(incidents_frame(made.rehearsed)),
                changes=self.shown(comparison_frame(made.comparison)),
                recorded=self.shown(incidents_frame(made.recorded)),
                pages_recorded=self.shown(pages_frame(made.recorded)),
                verdicts_changed=made.verdicts_changed,
            )

        try:
            return self.read(work)
        except WrongSettings as error:
            raise NoSuchThing("; ".join(error.faults)) from None

    def __repr__(self) -> str:
        return f"{self.location}\n{self._said()}"

    def _repr_html_(self) -> str:
        return f"<b>{escape(str(self.location))}</b><br>{escape(self._said())}"

    def _said(self) -> str:
        newest_run, newest_check, services = self.read(standing)
        monitored = f"{services} {'service' if services == 1 else 'services'}"
        if newest_check is None:
            return f"{monitored}, no check yet: start the collector, or make a demo with: make demo"
        age = span(max(self._clock().astimezone(UTC) - newest_check, timedelta(0)))
        said = f"{monitored}, newest check {age} ago, times in {self.timezone}"
        now = self.now
        if newest_run is not None and now == newest_run:
            shown = now.astimezone(ZoneInfo(self.timezone))
            said += f'; the collector has stopped, so periods such as "7d" end at {shown:%Y-%m-%d %H:%M}'
        return said


def _selected(connection: Connection, statement: str, values: Mapping[str, Any] | None) -> pd.DataFrame:
    """What a statement returns, of any types, as DuckDB makes a frame of it."""
    with warnings.catch_warnings():
        # DuckDB uses a part of pandas that this version of pandas calls outdated.
        warnings.simplefilter("ignore", Pandas4Warning)
        try:
            found = connection.execute(statement, values)
            if found is None:
                raise NoSuchThing("there is no statement in it; write one such as FROM services")
            return found.df()
        except duckdb.Error as error:
            raise NoSuchThing(_refused(error)) from error


def _refused(error: duckdb.Error) -> str:
    """What DuckDB says, on one line: of its picture of the statement the number of the line."""
    said, picture, where = str(error).partition("\n\nLINE ")
    line = f" (line {where.partition(':')[0]})" if picture else ""
    return f"{mask(said)}{line}"
