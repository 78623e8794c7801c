"""`python -m collector --check-config`: what would run, with secrets masked; starts nothing."""

from collector.commands import ExitCode
from collector.config import describe
from collector.wiring import Setting, utc_now


def check_config(setting: Setting) -> ExitCode:
    """Print the services as they would be checked and the variables they need."""
    print(describe(setting.config, setting.environment, utc_now()))
    return ExitCode.DONE
