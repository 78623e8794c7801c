"""What fires now, what fired lately, and what was kept from people and why. HTML."""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from pages._ui import filters, notices, panels, words
from pages._ui.alerts.rows import Firing, Kept, Standing
from pages._ui.alerts.selection import PAGE, key_of, service_label
from pages._ui.marks import severity_pill
from pages._ui.rule_words import rule_name
from pages._ui.tables import Column, Row, table
from pages._ui.times import lasting, moment, told
from pages._ui.view import View

#: Firings on one page.
SHOWN = 10

#: Standing alerts shown where nobody is told of the rest, and reasons of what was kept from people.
_FEW = 6
_REASONS = 8


def standing_card(found: Sequence[Standing], view: View) -> str:
    """The alerts that fire or wait to: those people are told of first, of the others a few unless all are
    asked for (`show=all`)."""
    ordered = sorted(found, key=lambda one: (bool(one.quiet), not one.fires))
    if not ordered:
        body = notices.empty("Nothing fires", "No rule finds anything wrong just now.")
        return panels.card("Firing now", body, classes="alerts-standing")
    loud = sum(not one.quiet for one in ordered)
    shown = ordered if view.get("show") == "all" else ordered[: max(_FEW, loud)]
    columns = [
        Column("Severity"),
        Column("What"),
        Column("Rule", wide_only=True),
        Column("Since", wide_only=True),
        Column("Told?", wide_only=True),
    ]
    rows = [
        Row(
            (
                severity_pill(one.severity),
                _what(one.title, one.service, one.incident, view, lasting(one.since))
                + _below(one.quiet, one.fires),
                _rule(one.rule, view),
                lasting(one.since),
                _told(one.quiet, one.fires),
            )
        )
        for one in shown
    ]
    aside = panels.download("alerts")
    body = _table("Alerts that fire", columns, rows, view) + _more(len(ordered) - len(shown), view)
    about = "and what is not sure yet" if any(not one.fires for one in found) else ""
    return panels.card("Firing now", body, about=about, aside=aside, classes="alerts-standing alerts-list")


def firings_card(found: Sequence[Firing], view: View, period: str, zone: ZoneInfo, now: datetime) -> str:
    """The page of firings that is asked for, the newest first."""
    if not found:
        body = notices.empty("No alert fired", f"None in {period}. A longer time range may show some.")
        return panels.card("Recent firings", body, classes="alerts-firings")
    columns = [
        Column("Severity"),
        Column("What"),
        Column("Rule", wide_only=True),
        Column("Began", wide_only=True),
        Column("Lasted", number=True, wide_only=True),
        Column("Told?", wide_only=True),
    ]
    pages = max(1, -(-len(found) // SHOWN))
    first = (min(view.page, pages) - 1) * SHOWN
    rows = [
        Row(
            (
                severity_pill(one.severity),
                _what(one.title, one.service, one.incident, view, moment(one.begun, zone, now))
                + _below(one.quiet, True),
                _rule(one.rule, view),
                moment(one.begun, zone, now),
                "still" if one.ended is None else words.span(one.ended - one.begun),
                _told(one.quiet, True),
            )
        )
        for one in found[first : first + SHOWN]
    ]
    aside = panels.download("alert_events", period=view.range or "7d")
    body = _table("Alerts that fired", columns, rows, view) + filters.pager(view, PAGE, pages)
    return panels.card(
        "Recent firings",
        body,
        about=f"{len(found)} in {period}",
        aside=aside,
        classes="alerts-firings alerts-list",
    )


def kept_card(found: Sequence[Kept], view: View, period: str, zone: ZoneInfo, now: datetime) -> str:
    """What people were spared, and why: the most frequent first."""
    columns = [
        Column("Service"),
        Column("Rule", wide_only=True),
        Column("Why nobody was told"),
        Column("Times", number=True),
        Column("Last", wide_only=True),
    ]
    ordered = sorted(found, key=lambda one: (-one.times, -one.last_at.timestamp()))
    rows = [
        Row(
            (
                _service(one.service, view),
                _rule(one.rule, view),
                told(one.why, zone, now),
                f"{one.times:,}",
                moment(one.last_at, zone, now),
            )
        )
        for one in ordered[:_REASONS]
    ]
    more = len(ordered) - _REASONS
    below = f'<p class="alerts-more">and {more} more, in the file to download</p>' if more > 0 else ""
    aside = panels.download("suppressed_alerts", period=view.range or "7d")
    return panels.card(
        "Kept from people",
        table("Kept from people", columns, rows) + below,
        about=f"fired in {period}, and nobody was told",
        aside=aside,
        classes="alerts-kept",
    )


def _table(caption: str, columns: list[Column], rows: list[Row], view: View) -> str:
    """The table; where one rule is looked at it is not named in every row."""
    if view.get("rule"):
        place = next(place for place, column in enumerate(columns) if column.heading == "Rule")
        columns = columns[:place] + columns[place + 1 :]
        rows = [Row([*row.cells[:place], *row.cells[place + 1 :]]) for row in rows]
    return table(caption, columns, rows)


def _more(count: int, view: View) -> str:
    if count <= 0:
        return ""
    href = escape(view.href(PAGE, **{**dict(view.own), "show": "all"}))
    link = f'<a class="link" data-in-app data-keep="show-all" href="{href}">Show all</a>'
    return f'<p class="alerts-more">and {count} more, of which nobody is told. {link}</p>'


def _what(title: str, service: str, incident: str, view: View, when: str) -> str:
    """The title, leading to its incident where there is one, and the service below."""
    said = escape(title) or "–"
    if incident:
        href = escape(view.href("incidents", incident=incident))
        keep = f'data-keep="incident-{escape(incident)}"'
        said = f'<a class="alerts-title" data-in-app {keep} href="{href}">{said}</a>'
    return (
        f'<span class="alerts-what">{said}</span><span class="alerts-below">{_service(service, view)}'
        f'<span class="alerts-narrow-inline">{when}</span></span>'
    )


def _service(service: str, view: View) -> str:
    key = key_of(service)
    label = escape(service_label(service))
    if key is None:
        return label
    href = escape(view.href("service", service=key))
    return f'<a class="alerts-service" data-in-app href="{href}">{label}</a>'


def _rule(rule: str, view: View) -> str:
    href = escape(view.href(PAGE, rule=rule))
    return f'<a class="alerts-service" data-in-app href="{href}">{escape(rule_name(rule))}</a>'


def _told(quiet: str, fires: bool) -> str:
    if not fires:
        return '<span class="alerts-quiet">not yet sure</span>'
    if quiet:
        return f'<span class="alerts-quiet long">No: {escape(quiet)}</span>'
    return "Yes"


def _below(quiet: str, fires: bool) -> str:
    """Why nobody was told, where a narrow window has no column for it."""
    return f'<span class="alerts-narrow">{_told(quiet, fires)}</span>' if quiet and fires else ""
