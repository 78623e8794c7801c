"""The sentences of the alerts: one line for people that says who, what and how much. Pure text."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from analytics.model import Reason, ServiceKey
from analytics.rules.naming import label
from analytics.rules.wording import milliseconds

#: Longer lines are cut by the screens they are read on; what was cut stands in the message.
LONGEST_TITLE = 160
_LONGEST_NAME = 60

_PHRASES = {
    Reason.PASSED_ON_RETRY: "answers only when asked again",
    Reason.SLOW: "slow",
    Reason.CONNECT: "cannot be reached",
    Reason.DNS: "cannot be found",
    Reason.TIMEOUT: "not answering",
    Reason.TLS: "has no valid certificate",
    Reason.AUTH: "refuses our credentials",
    Reason.RATE_LIMITED: "rate limited",
    Reason.QUOTA_EXHAUSTED: "out of quota",
    Reason.HTTP_4XX: "refuses requests",
    Reason.PROTOCOL: "answers nonsense",
    Reason.UNHEALTHY: "unhealthy",
    Reason.SCHEMA_CHANGED: "changed its tools",
    Reason.EXITED: "does not start",
    Reason.CIRCUIT_OPEN: "not called",
    Reason.PROCESSING_FAILED: "not processed",
}
_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def phrase(reason: Reason, otherwise: str = "failing") -> str:
    """What a service does that is in trouble for `reason`: "not answering", "rate limited"."""
    return _PHRASES.get(reason, otherwise)


def trouble(service: ServiceKey, reason: Reason, message: str, otherwise: str = "failing") -> str:
    """`Redis not answering: connection refused`."""
    return one_line(f"{label(service)} {phrase(reason, otherwise)}", message)


def failing_calls(
    service: ServiceKey,
    reason: Reason,
    status_code: int | None,
    alike: int,
    failed: int,
    total: int,
    span: timedelta,
) -> str:
    """`Shopify API rate limited: 429 on 18 % of 312 calls in 5 minutes`.

    Of the `failed` calls `alike` failed in the most common way, which is `status_code` or else `reason`.
    """
    what = (
        str(status_code) if status_code is not None and status_code >= 400 else reason.value.replace("_", " ")
    )
    share, counted = portion(failed, total), f"of {plural(total, 'call')} in {in_words(span)}"
    said = (
        f"{what} on {share} {counted}" if alike == failed else f"{share} {counted} failed, most with {what}"
    )
    return one_line(f"{label(service)} {phrase(reason)}", said)


def slow_calls(service: ServiceKey, p95_ms: float, limit_ms: float, total: int, span: timedelta) -> str:
    """`OpenAI API slow: P95 3.4 s over 120 calls in 10 minutes, limit 3.0 s`."""
    calls = f"{plural(total, 'call')} in {in_words(span)}"
    return one_line(
        f"{label(service)} slow", f"P95 {milliseconds(p95_ms)} over {calls}, limit {milliseconds(limit_ms)}"
    )


def slow_answer(service: ServiceKey, measured_ms: float, limit_ms: float) -> str:
    """`Redis slow: answered in 1.2 s, limit 1.0 s`."""
    return one_line(
        f"{label(service)} slow", f"answered in {milliseconds(measured_ms)}, limit {milliseconds(limit_ms)}"
    )


def open_circuits(service: ServiceKey, origins: Sequence[str]) -> str:
    """`Shopify API: the circuit breaker of shop-worker is open`."""
    verb, noun = ("is", "breaker") if len(origins) == 1 else ("are", "breakers")
    named = listed(quoted(origin) or "an unnamed client" for origin in origins)
    return one_line(f"{label(service)}", f"the circuit {noun} of {named} {verb} open")


def unverified(service: ServiceKey, failed: int, total: int, span: timedelta) -> str:
    """`Shopify webhooks: wrong signature on 18 % of 312 deliveries in 1 hour`."""
    counted = f"{portion(failed, total)} of {plural(total, 'delivery')} in {in_words(span)}"
    return one_line(label(service), f"wrong signature on {counted}")


def silent(service: ServiceKey, message: str) -> str:
    """`Shopify webhooks silent: no deliveries for 42 min; usually one every 3 s`."""
    return one_line(f"{label(service)} silent", message)


def quota(service: ServiceKey, name: str, share: float, resets_in: timedelta | None) -> str:
    """`OpenAI API: 93 % of the quota "tokens" used, resets in 42 minutes`."""
    resets = f", resets in {in_words(resets_in)}" if resets_in is not None else ""
    return one_line(label(service), f'{int(share)} % of the quota "{quoted(name)}" used{resets}')


def tools(service: ServiceKey, changes: str) -> str:
    """`Context7 MCP server changed its tools: removed get-library-docs`."""
    return one_line(f"{label(service)} changed its tools", changes)


def certificate(service: ServiceKey, days_left: int) -> str:
    """`Chatwoot API: its certificate ends in 5 days`."""
    if days_left < 0:
        return f"{label(service)}: its certificate has ended"
    when = "within a day" if days_left == 0 else f"in {plural(days_left, 'day')}"
    return f"{label(service)}: its certificate ends {when}"


def burn(service: ServiceKey, rate: float, bad: int, known: int, span: timedelta, objective: float) -> str:
    """`Redis spends its error budget 50 times too fast: 3 of 60 checks in 1 hour down, objective 99.9 %`."""
    many = f"{rate:.0f} times" if rate < 1e6 else "endlessly"
    said = f"{bad} of {plural(known, 'check')} in {in_words(span)} down, objective {objective:g} %"
    return one_line(f"{label(service)} spends its error budget {many} too fast", said)


def blind(services: int) -> str:
    """`The collector's own network is lost: 9 services cannot be seen`."""
    return f"The collector's own network is lost: {plural(services, 'service')} cannot be seen"


def channel_failing(channel: str, waiting: int, refused: int) -> str:
    """`Alerts do not get through to oncall: 3 messages wait`."""
    said = [f"{plural(waiting, 'message')} wait{'s' if waiting == 1 else ''}"] if waiting else []
    said += [f"{plural(refused, 'message')} refused for good"] if refused else []
    return one_line(f"Alerts do not get through to {channel}", ", ".join(said) or "the last one failed")


def portion(part: int, whole: int) -> str:
    """`18 %` of calls; below ten with one decimal where there is one."""
    share = 100.0 * part / whole if whole else 0.0
    return f"{int(share)} %" if share >= 10 else f"{int(share * 10) / 10:g} %"


def in_words(duration: timedelta) -> str:
    """`5 minutes`, `1 hour`: in the largest unit that divides it, otherwise cut to its largest unit."""
    seconds = max(0, int(duration.total_seconds()))
    for size, unit in _UNITS:
        if seconds >= size and (seconds % size == 0 or seconds >= 2 * size):
            return plural(seconds // size, unit)
    return plural(seconds, "second")


def plural(number: int, noun: str) -> str:
    """`1 call`, `3 deliveries`."""
    if number == 1:
        return f"1 {noun}"
    return (
        f"{number} {noun[:-1]}ies" if noun.endswith("y") and noun[-2] not in "aeiou" else f"{number} {noun}s"
    )


def listed(names: Iterable[str], most: int = 3) -> str:
    """`a`, `a and b`, `a, b, c and 2 more`."""
    found = list(names)
    shown, more = found[:most], len(found) - most
    if more > 0:
        return f"{', '.join(shown)} and {more} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def one_line(head: str, said: str) -> str:
    """`head: said` in one line without control characters, cut to `LONGEST_TITLE` characters."""
    return _clean(f"{head}: {said}" if said else head, LONGEST_TITLE)


def quoted(name: object) -> str:
    """A name from outside, as it may stand in a sentence: short, in one line."""
    return _clean(str(name), _LONGEST_NAME)


def _clean(text: str, longest: int) -> str:
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else " " for letter in text)
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"
