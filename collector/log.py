"""Structured logs: one line an event on standard error, no secrets.

`HEALTH_LOG=json` writes JSON instead of `key=value`. structlog does the work: it is maintained, has no
dependencies, and its processors are the one place where every event passes the redactor.
"""

import contextlib
import io
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO, cast

import structlog

from collector.secrets import Redactor

Logger = structlog.typing.FilteringBoundLogger


def configure(redactor: Redactor, style: str = "text") -> Logger:
    """The logger of this process. `style` is "text" or "json"."""

    def mask(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {key: redactor.mask_all(value) for key, value in event.items()}

    renderer: Any = structlog.processors.JSONRenderer(default=str)
    if style != "json":
        renderer = structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"])
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _plain,
            mask,
            renderer,
        ],
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _Unfailing())),
        cache_logger_on_first_use=False,
    )
    logger: Logger = structlog.get_logger()
    return logger


class _Unfailing(io.TextIOBase):
    """Standard error, except that what cannot be written there (a full disk, a closed pipe) is let go.

    A log that cannot be written must not end what wanted to tell it.
    """

    def write(self, text: str, /) -> int:
        with contextlib.suppress(OSError, ValueError):
            return sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()


def _plain(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Everything that is no number, flag or text becomes text, so that no line breaks."""
    return {
        key: value if value is None or isinstance(value, bool | int | float) else _one_line(str(value))
        for key, value in event.items()
    }


def _one_line(text: str) -> str:
    return " ".join(text.split())
