"""What each reason means and what to do about it, one line each, in the order they are read. Plain text."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from analytics.model import Reason

#: What is alive and refuses is degraded by a check, and yet serves nobody when it refuses everybody.
_OF_CALLS = "An API is down when its newest calls all end so."


@dataclass(frozen=True, slots=True)
class Meaning:
    """`means` and `do` are sentences."""

    means: str
    do: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """Reasons that say the same kind of thing."""

    title: str
    about: str
    reasons: Mapping[Reason, Meaning]


def _chapter(title: str, about: str, reasons: dict[Reason, Meaning]) -> Chapter:
    return Chapter(title, about, MappingProxyType(reasons))


CHAPTERS = (
    _chapter(
        "It is well",
        "nothing to do",
        {Reason.OK: Meaning("Everything is as it should be.", "Nothing.")},
    ),
    _chapter(
        "It does not answer",
        "down as soon as it is sure, degraded until then",
        {
            Reason.DNS: Meaning(
                "Its name has no address.", "Check the name in services.toml, then the zone it lies in."
            ),
            Reason.CONNECT: Meaning(
                "The connection is refused, reset or finds no way.",
                "Is it running, and does a firewall or a port stand between?",
            ),
            Reason.TLS: Meaning(
                "Its certificate or the handshake fails.", "Look at the certificate's names and its end."
            ),
            Reason.TIMEOUT: Meaning(
                "No answer in time; the message names the step.",
                "Look at its load, and at the network on the way.",
            ),
            Reason.EXITED: Meaning(
                "A server that was started as a program ended before it had answered.",
                "Start its command by hand and read what it says.",
            ),
        },
    ),
    _chapter(
        "It answers, and not as it should",
        "the service is there; what it says is wrong",
        {
            Reason.HTTP_5XX: Meaning(
                "It says that it has failed.", "Read its logs, and its vendor's status page."
            ),
            Reason.HTTP_4XX: Meaning(
                "It says that we ask wrongly.", "Compare the address and version with its documentation."
            ),
            Reason.PROTOCOL: Meaning(
                "What it says is not what its protocol says.",
                "Does a proxy or a login page answer in its place?",
            ),
            Reason.UNHEALTHY: Meaning(
                "It says itself that something is wrong.", "Mend what the message names."
            ),
            Reason.AUTH: Meaning(
                "It is alive and does not take our credentials. " + _OF_CALLS,
                "Renew the key or its scopes.",
            ),
            Reason.RATE_LIMITED: Meaning(
                "It is alive and refuses because we ask too often. " + _OF_CALLS,
                "Find who calls so much, and slow it down.",
            ),
            Reason.QUOTA_EXHAUSTED: Meaning(
                "It is alive and refuses because a quota or the credit is used up. " + _OF_CALLS,
                "Raise the quota, or wait for its reset.",
            ),
            Reason.SCHEMA_CHANGED: Meaning(
                "An MCP server's tools changed, shrank, or lack an expected one.",
                "See which on the service's page, and adapt who uses them.",
            ),
            Reason.SLOW: Meaning(
                "It answers later than its limit.", "See which step or endpoint takes the time."
            ),
            Reason.PASSED_ON_RETRY: Meaning(
                "The first attempt failed, a repeat passed.", "Nothing at once; often means trouble to come."
            ),
        },
    ),
    _chapter(
        "Its traffic fails",
        "decided by the calls or deliveries of the last hour",
        {
            Reason.ERROR_RATE: Meaning(
                "Too many calls failed, or too few deliveries were genuine.",
                "See which endpoint and which error on the service's page.",
            ),
            Reason.CONSECUTIVE_FAILURES: Meaning(
                "The newest calls failed one after the other.", "Ask it once by hand: explain names the step."
            ),
            Reason.PROCESSING_FAILED: Meaning(
                "Deliveries were genuine, and our application did not take them.",
                "Read our application's log: this one is ours.",
            ),
            Reason.CIRCUIT_OPEN: Meaning(
                "A program's circuit breaker did not send the calls at all.",
                "Mend why the calls before it failed; it closes by itself.",
            ),
        },
    ),
    _chapter(
        "The monitor could not know",
        "unknown, and never counted as down time",
        {
            Reason.NO_DATA: Meaning(
                "Nothing was seen in time, or a webhook source has gone quiet.",
                "Does the sender still have our address?",
            ),
            Reason.MISSING_CREDENTIALS: Meaning(
                "A variable is not set; the message names it.", "Set it for the collector and start it again."
            ),
            Reason.BAD_CONFIGURATION: Meaning(
                "A variable holds something that cannot be used.",
                "Correct it; the message says what is right.",
            ),
            Reason.COMMAND_MISSING: Meaning(
                "The command of a server is not on the collector's machine.",
                "Install it, or correct its path.",
            ),
            Reason.COLLECTOR_OFFLINE: Meaning(
                "The collector was not running, or its own network was gone.",
                "Start the collector; look at its machine's network.",
            ),
            Reason.COLLECTOR_ERROR: Meaning(
                "A fault of the monitor itself.", "Read the collector's log, and report it."
            ),
        },
    ),
)
