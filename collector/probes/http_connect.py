"""From a host name to an open TCP connection: the lookup, and the race between the addresses of a name."""

import asyncio
import ipaddress
import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from itertools import chain, zip_longest
from typing import Any

from collector.probes.http_stream import TcpStream

#: What `socket.getaddrinfo` returns for a name.
Found = Sequence[tuple[int, int, int, str, tuple[Any, ...]]]

#: Seconds an address is given before the next one is tried beside it (RFC 8305, section 5).
STAGGER_SECONDS = 0.25


def system_lookup(host: str, port: int) -> Found:
    """What the system's resolver says; blocks. Raises `socket.gaierror`."""
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # a label longer than a name may have
        raise socket.gaierror(socket.EAI_NONAME, str(error)) from error


class Resolver:
    """Looks names up in threads of its own that never hold up the end of the process.

    A lookup cannot be cancelled and may take the system's resolver half a minute. Who asks for a name that
    is being looked up already waits for that answer, so a dead name server costs one thread a name.
    `look_up` takes host and port, may block, and raises `socket.gaierror`.
    """

    def __init__(self, look_up: Callable[[str, int], Found] = system_lookup) -> None:
        self._look_up = look_up
        self._under_way: dict[tuple[str, int], Future[list[str]]] = {}

    async def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of `host`, IPv6 and IPv4 in turn. Raises `socket.gaierror`."""
        key = (host, port)
        answer = self._under_way.get(key)
        if answer is None:
            answer = self._under_way[key] = Future()
            answer.set_running_or_notify_cancel()  # from here on nobody who waits can cancel it
            threading.Thread(target=self._answer, args=(key, answer), name="dns", daemon=True).start()
        return await asyncio.wrap_future(answer)

    def _answer(self, key: tuple[str, int], answer: "Future[list[str]]") -> None:
        try:
            addresses = interleaved(self._look_up(*key))
        except Exception as error:  # noqa: BLE001  who waits for the answer must get one
            self._under_way.pop(key)
            answer.set_exception(error)
        else:
            self._under_way.pop(key)
            answer.set_result(addresses)


def is_address(host: str) -> bool:
    """Whether `host` is an address already and needs no lookup."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


async def connect(addresses: Sequence[str], port: int, stagger: float = STAGGER_SECONDS) -> TcpStream:
    """A connection to the first of `addresses` that answers.

    They are tried in order, each `stagger` seconds after the one before or as soon as that one failed.
    Raises the `OSError` that says most when none answers.
    """
    if len(addresses) == 1:
        return await TcpStream.connect(addresses[0], port)
    waiting = list(addresses)
    tasks: list[asyncio.Task[TcpStream]] = []
    winner: TcpStream | None = None
    try:
        pending: set[asyncio.Task[TcpStream]] = set()
        while waiting or pending:
            if waiting:
                tasks.append(asyncio.create_task(TcpStream.connect(waiting.pop(0), port)))
                pending.add(tasks[-1])
            patience = stagger if waiting else None
            done, pending = await asyncio.wait(pending, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            winner = next((task.result() for task in done if task.exception() is None), None)
            if winner is not None:
                return winner
    finally:
        await _end(tasks, winner)
    errors = [error for task in tasks if isinstance(error := task.exception(), OSError)]
    raise next((error for error in errors if isinstance(error, ConnectionRefusedError)), errors[0])


async def _end(tasks: list[asyncio.Task[TcpStream]], winner: TcpStream | None) -> None:
    """Stop the attempts that lost the race and close what they opened; when cancelled, the winner too."""
    for task in tasks:
        task.cancel()
    try:
        await asyncio.gather(*tasks, return_exceptions=True)
    except asyncio.CancelledError:  # raised once all of them have ended; nobody will take the winner
        winner = None
        raise
    finally:
        opened = (task.result() for task in tasks if not task.cancelled() and task.exception() is None)
        for stream in opened:
            if stream is not winner:
                stream.abort()


def interleaved(found: Found) -> list[str]:
    """Each address once, the families in turn, so that one broken family cannot hide the other."""
    first_family = found[0][0]
    order = dict.fromkeys((family, str(address[0])) for family, _, _, _, address in found)
    first = [address for family, address in order if family == first_family]
    others = [address for family, address in order if family != first_family]
    return [address for address in chain.from_iterable(zip_longest(first, others)) if address is not None]
