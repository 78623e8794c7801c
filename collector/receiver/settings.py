"""What the receiver was told: where it listens, who may speak to it, and how much it takes."""

from dataclasses import dataclass, field

from collector.receiver.address import written_address

MEBIBYTE = 1024 * 1024

#: After decompression, as the specification of OTLP/HTTP recommends.
BODY_LIMIT = 20 * MEBIBYTE


@dataclass(frozen=True, slots=True)
class ReceiverSettings:
    """How one receiver runs. Sizes are bytes, times seconds.

    `in_flight_limit` bounds the bodies of all requests together, `connections` how many may be open at once.
    `head_seconds` is the time for the head of a request, `body_seconds` for its body.
    """

    host: str = "127.0.0.1"
    port: int = 8600
    token: str | None = field(default=None, repr=False)
    body_limit: int = BODY_LIMIT
    in_flight_limit: int = 64 * MEBIBYTE
    head_seconds: float = 10.0
    body_seconds: float = 30.0
    keep_alive_seconds: float = 75.0
    write_seconds: float = 30.0
    stop_seconds: float = 2.0
    connections: int = 500

    @property
    def address(self) -> str:
        """`host:port` as it is written."""
        return written_address(self.host, self.port)
