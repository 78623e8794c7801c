"""The command line as it is typed, and its help. Knows nothing of data, so that help is there at once."""

import argparse
from typing import Any

from analytics.commands.usage import LONGEST, SHORTEST, Parser, days, seconds

_EPILOG = """\
exit codes:
  0 done   2 wrong usage   3 the database cannot be used   1 anything unexpected   130 Ctrl-C
  status: 0 all is healthy, 1 it is not, 4 anything unexpected

environment (a flag beats it):
  HEALTH_DB         the database, or ducklake:postgres:host=... dbname=...
                    default: data/health.duckdb, and to read also data/demo.duckdb when that is missing
  HEALTH_DATA_PATH  where a DuckLake keeps its Parquet files
  HEALTH_DEBUG      1 shows the traceback of an unexpected error
  NO_COLOR          anything: no colour"""

_PERIOD = 'a length such as "24h" or "7d", or moments such as "2026-11-01/2026-11-08"'

#: What histories can be taken over, as `analytics.imports.KINDS` has them.
HISTORIES = ("uptime-kuma", "upptime", "gatus")
TYPES = ("mcp", "api", "webhook", "infrastructure")


def parser() -> argparse.ArgumentParser:
    """The parser of everything that `python -m analytics` understands.

    A namespace has `command` (None without one), `json`, and `db` if it was named.
    """
    found = Parser(
        prog="python -m analytics",
        description="What was recorded: how things stand, how they changed, and might have been.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_common(found)
    commands = found.add_subparsers(dest="command", metavar="COMMAND")
    for add in (_status, _trends, _incidents, _slo, _replay, _export, _import):
        _add_common(add(commands))
    return found


def _command(commands: Any, name: str, about: str, examples: str) -> argparse.ArgumentParser:
    added: argparse.ArgumentParser = commands.add_parser(
        name,
        help=about,
        description=f"{about[0].upper()}{about[1:]}.",
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return added


def _add_common(parser: argparse.ArgumentParser) -> None:
    """The flags every command has; SUPPRESS keeps a command from undoing what stood before it."""
    parser.add_argument(
        "--db", metavar="PATH", default=argparse.SUPPRESS, help="default: $HEALTH_DB or data/health.duckdb"
    )
    parser.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help="one JSON document, for programs"
    )


def _add_services(parser: argparse.ArgumentParser, about: str = "only this one; may be repeated") -> None:
    parser.add_argument("--service", metavar="TYPE/NAME", action="append", dest="services", help=about)


def _status(commands: Any) -> argparse.ArgumentParser:
    added = _command(
        commands,
        "status",
        "how every service stands now; exits with 0 when all are healthy, with 1 when not",
        "  python -m analytics status\n"
        "  python -m analytics status --watch\n"
        "  python -m analytics status --json | jq '.services[] | select(.status == \"down\")'\n"
        "  python -m analytics status --ignore-unknown || echo 'look at it'",
    )
    added.add_argument(
        "--ignore-unknown",
        action="store_true",
        help="a service that was checked and is unknown (no credentials, no traffic yet) does not count",
    )
    added.add_argument(
        "--watch",
        metavar="SECONDS",
        nargs="?",
        type=seconds,
        const=10.0,
        help="stay, and look again every SECONDS (default: 10) until Ctrl-C",
    )
    return added


def _trends(commands: Any) -> argparse.ArgumentParser:
    added = _command(
        commands,
        "trends",
        "uptime, traffic and latency of a period, and how they changed against the one before",
        "  python -m analytics trends\n"
        "  python -m analytics trends 7d --by endpoint --service api/shopify\n"
        "  python -m analytics trends 2026-11-01/2026-11-08 --by type",
    )
    added.add_argument("period", metavar="PERIOD", nargs="?", default="24h", help=f"{_PERIOD}; default: 24h")
    added.add_argument(
        "--by", choices=["service", "type", "endpoint", "all"], default="service", help="default: service"
    )
    _add_services(added)
    return added


def _incidents(commands: Any) -> argparse.ArgumentParser:
    added = _command(
        commands,
        "incidents",
        "the incidents of a period, or the timeline of one",
        "  python -m analytics incidents --open\n"
        "  python -m analytics incidents --since 30d --service api/shopify\n"
        "  python -m analytics incidents 01a2227b-13a1",
    )
    added.add_argument("id", metavar="ID", nargs="?", help="the beginning of an id suffices")
    added.add_argument("--since", metavar="PERIOD", default="7d", help=f"{_PERIOD}; default: 7d")
    added.add_argument("--open", action="store_true", help="only those that are not over, however old")
    _add_services(added)
    return added


def _slo(commands: Any) -> argparse.ArgumentParser:
    added = _command(
        commands,
        "slo",
        "how objectives were kept in the last days, and what is left of the error budgets",
        "  python -m analytics slo\n"
        "  python -m analytics slo --days 7\n"
        "  python -m analytics slo --service api/openai --json",
    )
    added.add_argument(
        "--days",
        metavar="N",
        type=days,
        default=30,
        help=f"so many days before now, {SHORTEST} to {LONGEST}; default: 30",
    )
    _add_services(added)
    return added


def _replay(commands: Any) -> argparse.ArgumentParser:
    added = _command(
        commands,
        "replay",
        "which pages and incidents other alert rules would have made of what was recorded",
        "  python -m analytics replay --set alerts.service_down.checks=5\n"
        "  python -m analytics replay --since 7d --set services.api/shopify.healthy_ms=800 \\\n"
        "      --set alerts.flapping.quiet_from=2\n"
        "  python -m analytics replay --rules proposed.toml",
    )
    added.add_argument("--since", metavar="PERIOD", default="30d", help=f"{_PERIOD}; default: 30d")
    added.add_argument("--until", metavar="MOMENT", help="such as 2026-11-20T08:00 (UTC); default: now")
    added.add_argument(
        "--set",
        metavar="SETTING=VALUE",
        action="append",
        default=[],
        dest="settings",
        help="a setting as services.toml has it; may be repeated. Without any: the rules in force",
    )
    added.add_argument(
        "--rules", metavar="FILE", help="a services.toml whose alert rules and limits are tried"
    )
    _add_services(added, "show only this one; may be repeated")
    return added


def _export(commands: Any) -> argparse.ArgumentParser:
    added = _command(
        commands,
        "export",
        "a table or figure as CSV, JSON, NDJSON or Parquet",
        "  python -m analytics export --list\n"
        "  python -m analytics export api_metrics --period 7d --out calls.parquet\n"
        "  python -m analytics export availability --period 30d --columns service_name,uptime_percent\n"
        "  python -m analytics export integration_health_checks --service api/shopify --out - | head",
    )
    added.add_argument("dataset", metavar="DATASET", nargs="?", help="what; --list shows all")
    added.add_argument("--list", action="store_true", help="what there is, with a line about each")
    added.add_argument("--out", metavar="FILE", default="-", help="default: -, which is standard output")
    added.add_argument(
        "--format", metavar="FORMAT", help="csv, json, ndjson or parquet; default: the file's ending, or csv"
    )
    added.add_argument(
        "--period", metavar="PERIOD", help=f"{_PERIOD}; default: all of a table, 24h of a figure"
    )
    added.add_argument("--since", metavar="MOMENT", help="instead of --period: from then on, or a length")
    added.add_argument("--until", metavar="MOMENT", help="just before then; default: now")
    added.add_argument("--columns", metavar="A,B", help="only these, in this order")
    added.add_argument(
        "--status", metavar="STATUS", action="append", dest="statuses", help="only rows with this status"
    )
    added.add_argument("--timezone", metavar="ZONE", default="UTC", help="of times as text; default: UTC")
    _add_services(added, "only rows about this one; may be repeated")
    return added


def _import(commands: Any) -> argparse.ArgumentParser:
    added = _command(
        commands,
        "import",
        "take over the history of Uptime Kuma, Upptime or Gatus",
        "  python -m analytics import kuma.db --dry-run\n"
        "  python -m analytics import uptime-kuma kuma.db --map 'Shop API=api/shopify'\n"
        "  python -m analytics import ./status-pages --as api",
    )
    added.add_argument(
        "history",
        metavar="KIND",
        nargs="?",
        choices=HISTORIES,
        help=f"{', '.join(HISTORIES)}; default: found out",
    )
    added.add_argument(
        "path", metavar="PATH", help="kuma.db, the SQLite file of Gatus, or a clone of Upptime"
    )
    added.add_argument(
        "--map",
        metavar="MONITOR=TYPE/NAME",
        action="append",
        default=[],
        dest="mapping",
        help="which service a monitor is; may be repeated",
    )
    added.add_argument(
        "--as",
        metavar="TYPE",
        choices=TYPES,
        default="infrastructure",
        dest="service_type",
        help="the type of those that are not mapped: mcp, api, webhook or infrastructure (the default)",
    )
    added.add_argument("--dry-run", action="store_true", help="only show what would come")
    return added
