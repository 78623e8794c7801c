"""One span as the rest of the receiver sees it, whichever encoding it came in."""

from dataclasses import dataclass

Scalar = str | int | float | bool

#: `Span.kind` of a call to another service, as OTLP numbers it.
CLIENT = 3
#: `Span.status` of a span that failed, as OTLP numbers it.
ERROR = 2

#: The attributes that say something about an HTTP call: the stable names, then those before version 1.23 of
#: https://opentelemetry.io/docs/specs/semconv/http/http-spans/
WANTED = frozenset(
    {
        "http.request.method",
        "http.request.resend_count",
        "http.response.status_code",
        "server.address",
        "server.port",
        "url.full",
        "url.path",
        "url.scheme",
        "url.template",
        "error.type",
        "http.method",
        "http.resend_count",
        "http.status_code",
        "http.url",
        "http.target",
        "http.host",
        "http.scheme",
        "net.peer.name",
        "net.peer.port",
    }
)

#: SDKs keep 128 attributes a span unless told otherwise; what stands behind these is not looked at.
MOST_ATTRIBUTES = 256
#: Of one request. JavaScript sends 512 at once, a collector of OpenTelemetry 8,192.
MOST_SPANS = 100_000
#: Nothing that is kept of a text is longer than this.
LONGEST_TEXT = 4000


class MalformedTraces(Exception):
    """The body of a request is no OTLP; the message is one line that says where and what would be right."""


class TooManyTraces(Exception):
    """The request holds more than is decoded at once; the message says how much that is."""

    def __init__(self, most: int, what: str) -> None:
        super().__init__(f"the request holds more than {most} {what}; send it in several requests")


@dataclass(slots=True)
class Span:
    """A span with the `WANTED` attributes alone; only spans of kind `CLIENT` have any.

    Times are nanoseconds since 1970. `parent_id` is empty for a root. `exception_type` comes from the span's
    newest event of an exception, and is looked for in failed spans alone; empty without one.
    """

    trace_id: bytes
    span_id: bytes
    parent_id: bytes
    kind: int
    start_ns: int
    end_ns: int
    attributes: dict[str, Scalar]
    status: int = 0
    message: str = ""
    exception_type: str = ""
    service_name: str = ""


@dataclass(frozen=True, slots=True)
class BadSpan:
    """A span that cannot be used: its place in the request, and what is wrong with it."""

    place: str
    problem: str
