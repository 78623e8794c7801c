"""What a started server writes: messages out of its standard output, noise among them, and its last words.

MCP allows nothing but messages on standard output. A banner before the first message is forgiven and
noted; a server that writes noise and then nothing more is not speaking MCP. No I/O here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mcp_types import JSONRPCMessage, jsonrpc_message_adapter

from collector.probes.mcp_errors import quoted

#: A server that writes more than this in one check is not answering, it is flooding.
_MOST_BYTES = 32 * 1024 * 1024
#: More noise than any banner.
_MOST_NOISE = 64 * 1024

_TAIL_BYTES = 8 * 1024
_TAIL_LINES = 10
_TAIL_WIDTH = 300

_TELLING = re.compile(
    r"(?i)error|exception|fatal|panic|cannot|could not|unable|denied|missing|required|invalid"
)
#: npm says what is wrong first, and what else one could do after.
_NPM = re.compile(r"^npm (error|ERR!) (?!code\b)\S")
#: Lines that npm and Node.js write after the one that matters.
_BESIDE_THE_POINT = re.compile(r"^at |complete log of this run|^Node\.js v\d")


@dataclass
class Output:
    """Standard output as it arrives. `noise` counts lines that are no message, `quote` is the first."""

    noise: int = 0
    quote: str = ""
    _noise_last: bool = False
    _total: int = 0
    _noise_bytes: int = 0
    _line: bytearray = field(default_factory=bytearray)

    def feed(self, chunk: bytes) -> Iterator[JSONRPCMessage]:
        """The messages that `chunk` completes. Noise and message cannot share a line."""
        self._total += len(chunk)
        *lines, rest = chunk.split(b"\n")
        for line in lines:
            self._line += line
            complete, self._line = bytes(self._line).strip(), bytearray()
            message = self._parse(complete)
            if message is not None:
                yield message
        self._line += rest

    @property
    def flooded(self) -> bool:
        """Whether there is more of it than a server that speaks MCP would write."""
        return self._total > _MOST_BYTES or self._noise_bytes + len(self.unfinished_noise) > _MOST_NOISE

    @property
    def unfinished_noise(self) -> bytes:
        """The line under way when it cannot become a message: those start with a brace."""
        start = bytes(self._line).lstrip()
        return b"" if start.startswith(b"{") else start

    @property
    def only_noise(self) -> bool:
        """Whether the newest thing written is noise: no message came after it."""
        return self._noise_last or bool(self.unfinished_noise)

    @property
    def first_noise(self) -> str:
        """The first line that is no message, quoted and bounded; empty without one."""
        return self.quote or _quote(self.unfinished_noise)

    def _parse(self, line: bytes) -> JSONRPCMessage | None:
        if not line:
            return None
        try:
            message = jsonrpc_message_adapter.validate_json(line, by_name=False)
            self._noise_last = False
            return message
        except ValueError:
            self._noise_last = True
            self.noise += 1
            self._noise_bytes += len(line)
            self.quote = self.quote or _quote(line)
            return None


@dataclass
class LastWords:
    """The end of standard error."""

    _tail: bytearray = field(default_factory=bytearray)

    def feed(self, chunk: bytes) -> None:
        self._tail += chunk
        del self._tail[:-_TAIL_BYTES]

    def lines(self) -> list[str]:
        """The last lines, each bounded, without empty ones."""
        lines = (quoted(line, _TAIL_WIDTH) for line in self._tail.decode(errors="replace").splitlines())
        return [line for line in lines if line][-_TAIL_LINES:]

    def telling(self) -> str:
        """The line that names the fault, else the last line; empty when nothing was written."""
        lines = [line for line in self.lines() if not _BESIDE_THE_POINT.search(line)]
        said_by_npm = [line for line in lines if _NPM.search(line)]
        if said_by_npm:
            return said_by_npm[0]
        faults = [line for line in lines if _TELLING.search(line)]
        return (faults or lines or [""])[-1]


def _quote(line: bytes) -> str:
    return quoted(line[:1024].decode(errors="replace"), 120)
