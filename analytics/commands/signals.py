"""Being told to end: an exception, so that nothing half done is left."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

#: A second one within so many seconds (two by Ctrl-C, two by a closing terminal) says nothing new.
_AGAIN = 1.0

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class Ended(KeyboardInterrupt):
    """The process was told to end."""


class Told:
    """Whether this process was told to end, and by which signal. DuckDB makes its own error of `Ended`."""

    number: int | None = None
    _at = 0.0

    @property
    def code(self) -> int | None:
        """The exit code that says so, None when nobody did."""
        return None if self.number is None else 128 + self.number

    def hear(self, number: int, _frame: FrameType | None) -> None:
        """The handler. Raises `Ended`."""
        if self.number is not None and time.monotonic() - self._at < _AGAIN:
            return
        self.number = self.number or number
        self._at = time.monotonic()
        raise Ended


@contextmanager
def listening() -> Iterator[Told]:
    """Ctrl-C, SIGTERM and SIGHUP raise `Ended` in the block, except what is ignored (nohup).

    Only the main thread is told; in any other nothing changes.
    """
    told = Told()
    before = {}
    if threading.current_thread() is threading.main_thread():
        heard = [one for one in _SIGNALS if signal.getsignal(one) is not signal.SIG_IGN]
        before = {one: signal.signal(one, told.hear) for one in heard}
    try:
        yield told
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
