"""The command line: reads it, wires the parts, turns errors into one clear line and an exit code."""

import argparse
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from analytics.db import DatabaseError, keep_pandas_out, locate
from collector import __version__
from collector.commands import ExitCode, UsageError
from collector.config import (
    Config,
    ConfigError,
    channel_secrets,
    check_environment,
    literal_secrets,
    load,
    receiver_token,
)
from collector.intake import Intake
from collector.log import configure
from collector.receiver.server import ListenError
from collector.secrets import Redactor
from collector.wiring import Setting

_EPILOG = """\
exit codes:
  0 done   2 wrong configuration or usage   3 the database cannot be used   1 anything unexpected

environment (a flag beats it):
  HEALTH_CONFIG     the configuration, default services.toml
  HEALTH_DB         the database, default data/health.duckdb, or ducklake:postgres:host=... dbname=...
  HEALTH_DATA_PATH  where a DuckLake keeps its Parquet files
  HEALTH_LISTEN     where the receiver listens, default 127.0.0.1:8600
  HEALTH_TOKEN      the receiver's bearer token; needed to listen for other machines
  HEALTH_LOG        json for JSON log lines, default text
  HEALTH_DEBUG      1 shows the traceback of an unexpected error"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m collector",
        description="Probe the services of services.toml and write what is found into the database.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_common(parser)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument(
        "--once", action="store_true", help="one cycle, then exit 0, also when services are down"
    )
    mode.add_argument(
        "--check-config", action="store_true", help="print what would run, secrets masked, and exit"
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    one = commands.add_parser("explain", help="check one service and show every step; writes nothing")
    one.add_argument("service", metavar="TYPE/NAME", help="for example mcp/context7")
    _add_common(one)
    test = commands.add_parser("notify-test", help="send a marked test message, and show what is answered")
    test.add_argument("channel", metavar="CHANNEL", nargs="?", help="as services.toml names it; default: all")
    _add_common(test)
    made = commands.add_parser("report", help="make a report: Markdown, HTML and a picture")
    made.add_argument("kind", choices=["daily", "weekly"])
    made.add_argument("--at", metavar="TIME", help="when its period ended, such as 2026-11-24T08:00")
    made.add_argument("--out", metavar="FOLDER", help="default: reports.folder of services.toml")
    made.add_argument("--send", action="store_true", help="mail it too")
    _add_common(made)
    demo = commands.add_parser("demo", help="simulated services, the collector and 30 days of history")
    demo.add_argument("--days", type=int, default=30, help="days of history to generate (default: 30)")
    _add_common(demo)
    return parser


def _add_common(parser: argparse.ArgumentParser) -> None:
    """The flags every command has; SUPPRESS keeps a subcommand from undoing what stood before it."""
    parser.add_argument(
        "--config", metavar="FILE", default=argparse.SUPPRESS, help="default: $HEALTH_CONFIG or services.toml"
    )
    parser.add_argument(
        "--db", metavar="PATH", default=argparse.SUPPRESS, help="default: $HEALTH_DB or data/health.duckdb"
    )


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> ExitCode:
    """Run one command; every foreseen trouble is one line on standard error a fault."""
    options = _parser().parse_args(arguments)
    redactor = Redactor()
    log = configure(redactor, environment.get("HEALTH_LOG", "text"))
    try:
        if options.command == "demo":
            from collector.commands.demo import demo

            return demo(getattr(options, "db", None), options.days, environment, redactor, log)
        path = Path(getattr(options, "config", None) or environment.get("HEALTH_CONFIG") or "services.toml")
        database = getattr(options, "db", None) or environment.get("HEALTH_DB") or None
        location = locate(database, environment.get("HEALTH_DATA_PATH"))
        config = load(path)
        _learn_secrets(redactor, config, environment)
        setting = Setting(config, location, environment, redactor, log, Intake(log))
        return _command(setting, options)
    except ConfigError as error:
        return _fail(ExitCode.USAGE, *error.faults)
    except (UsageError, ListenError) as error:
        return _fail(ExitCode.USAGE, str(error))
    except DatabaseError as error:
        return _fail(ExitCode.DATABASE, redactor.mask(str(error)))
    except KeyboardInterrupt:
        return ExitCode.DONE
    except BrokenPipeError:
        # Whoever read the output has seen enough (`| head`); nothing more can be said there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.DONE
    except Exception as error:
        if environment.get("HEALTH_DEBUG"):
            raise
        return _fail(ExitCode.UNEXPECTED, redactor.mask(f"unexpected {type(error).__name__}: {error}"))


def _learn_secrets(redactor: Redactor, config: Config, environment: Mapping[str, str]) -> None:
    token = receiver_token(config, environment)
    for secret in [
        *literal_secrets(config),
        *channel_secrets(config, environment),
        *([token] if token else []),
    ]:
        redactor.learn(secret)


def _command(setting: Setting, options: argparse.Namespace) -> ExitCode:
    """Run the command of `options`; each brings along what only it needs."""
    config, environment = setting.config, setting.environment
    if options.command == "explain":
        from collector.commands.explain import explain

        return explain(setting, options.service)
    if options.command == "notify-test":
        from collector.commands.notify_test import notify_test

        return notify_test(config.channels, options.channel, environment, setting.redactor)
    if options.command == "report":
        from collector.commands.report import report

        return report(setting, options.kind, options.at, options.out, options.send)
    # Told before the database is touched.
    check_environment(config, environment, listening=not options.once)
    if options.check_config:
        from collector.commands.check_config import check_config

        return check_config(setting)
    from collector.commands.run import run, run_once

    return run_once(setting) if options.once else run(setting)


def _fail(code: ExitCode, *lines: str) -> ExitCode:
    for line in lines:
        print(line, file=sys.stderr)
    return code


if __name__ == "__main__":
    # `schedule` plans in local time; in UTC no hour is ever skipped or repeated.
    os.environ["TZ"] = "UTC"
    time.tzset()
    keep_pandas_out()
    # So long the event loop waits for the interpreter while another thread has it (5 ms unless told).
    sys.setswitchinterval(0.001)
    sys.exit(main(sys.argv[1:], os.environ))
