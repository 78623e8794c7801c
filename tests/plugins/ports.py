"""Loopback ports and waiting for a condition, shared by the fixtures that start real servers."""

import contextlib
import random
import socket
import time
from collections.abc import Callable

#: Below the ports of outgoing connections: one of those could take it before the server does.
_PORTS = range(15_000, 32_000)


def free_port(*addresses: str) -> int:
    """A TCP port that nobody uses now on any of `addresses` (127.0.0.1 unless told)."""
    while True:
        port = random.choice(_PORTS)
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            for address in addresses or ("127.0.0.1",):
                stack.enter_context(socket.socket()).bind((address, port))
            return port


def wait_until(condition: Callable[[], object], what: str, seconds: float = 20.0) -> None:
    """Return as soon as `condition()` is true; AssertionError naming `what` if it is not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds:g} s for {what}"
        time.sleep(0.02)


def answers(port: int) -> bool:
    """Whether something accepts connections on 127.0.0.1:port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
