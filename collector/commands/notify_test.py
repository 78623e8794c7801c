"""`python -m collector notify-test [CHANNEL]`: a marked test message, and what the other side answers."""

import asyncio
import socket
import ssl
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from analytics.alerting import Action, Message
from analytics.model import Severity
from analytics.rules.wording import did_you_mean
from collector.commands import ExitCode
from collector.notify.base import Channel, Outcome, Receipt
from collector.notify.options import ChannelSpec, WrongOptions
from collector.notify.registry import open_channels
from collector.probes.http_transport import probe_client
from collector.secrets import Redactor
from collector.wiring import utc_now

_HOW = 'no channel is configured; write one into services.toml, like [channels.team] kind = "slack"'
_TEXT = "This is a test message. Nothing is wrong, and nothing needs to be done."


def notify_test(
    specs: Sequence[ChannelSpec],
    wanted: str | None,
    environment: Mapping[str, str],
    redactor: Redactor,
    now: Callable[[], datetime] = utc_now,
    tls: ssl.SSLContext | None = None,
    host: str | None = None,
) -> ExitCode:
    """Send a test message to every channel of `specs`, or to the one named `wanted`; a line of output each.

    `DONE` when all that are on accepted it, `UNEXPECTED` when one did not, `USAGE` when there is nothing to
    test: no channel, none of that name, none that is on, or a value that cannot be. `tls` is what HTTPS
    trusts, the authorities of the world unless given; `host` is what this machine is called, its own name
    unless given.
    """
    chosen = [spec for spec in specs if wanted is None or spec.name == wanted]
    if not chosen:
        return _wrong(_unknown(specs, wanted) if specs else _HOW)
    return asyncio.run(_test(chosen, wanted, environment, redactor, now, tls, host or socket.gethostname()))


async def _test(
    specs: Sequence[ChannelSpec],
    wanted: str | None,
    environment: Mapping[str, str],
    redactor: Redactor,
    now: Callable[[], datetime],
    tls: ssl.SSLContext | None,
    host: str,
) -> ExitCode:
    async with probe_client(tls) as http:
        channels: list[Channel] = []
        for spec in specs:
            try:
                opened, off = open_channels([spec], environment, http, redactor)
            except WrongOptions as wrong:
                return _wrong(*_faults(spec, wrong))
            channels += opened
            for name, missing in off.items():
                if wanted is not None:
                    return _wrong(f"{name} is off: {_and(missing)} not set")
                print(f"{name} ({spec.kind}): off, {_and(missing)} not set")
        if not channels:
            return _wrong("no channel is on: set the variables, then test again")
        # One after another: people read the lines as they come.
        good = [await _told(channel, marked_message(now(), channel.name, host)) for channel in channels]
    return ExitCode.DONE if all(good) else ExitCode.UNEXPECTED


def marked_message(at: datetime, channel: str, host: str) -> Message:
    """A message that says of itself that it is a test, of what, and from where; no two share a dedup key."""
    return Message(
        action=Action.TEST,
        dedup_key=f"test/{uuid4()}",
        service="collector",
        severity=Severity.INFO,
        title=f"channel {channel} from {host}",
        text=_TEXT,
        at=at,
        began_at=at,
    )


async def _told(channel: Channel, message: Message) -> bool:
    started = time.perf_counter()
    receipt = await channel.send(message)
    took = f"{1000 * (time.perf_counter() - started):.0f} ms"
    said = f"{channel.name} ({channel.kind}): {_became(receipt)} in {took}: {receipt.answer}"
    good = receipt.outcome is Outcome.ACCEPTED
    if receipt.outcome is Outcome.FAILED:
        wait = "" if receipt.retry_after is None else f"asks to wait {receipt.retry_after:.0f} s; "
        said += f"; {wait}a real message would be tried again"
    if good and channel.kind == "pagerduty":
        # It made an alert there, and that must not stay open.
        end = await channel.send(replace(message, action=Action.RESOLVE))
        good = end.outcome is Outcome.ACCEPTED
        said += ", and resolved again" if good else f"; its resolve {_became(end)}: {end.answer}"
    print(said, flush=True)
    return good


def _became(receipt: Receipt) -> str:
    return {Outcome.ACCEPTED: "accepted", Outcome.REFUSED: "refused for good"}.get(receipt.outcome, "failed")


def _unknown(specs: Sequence[ChannelSpec], wanted: str | None) -> str:
    known = [spec.name for spec in specs]
    hint = did_you_mean(wanted or "", known)
    return f'"{wanted}" is no configured channel; {hint}there are: {", ".join(known)}'


def _faults(spec: ChannelSpec, wrong: WrongOptions) -> list[str]:
    return [
        f"channels.{spec.name}{'.' + key if key else ''}: the value {said}"
        for key, said in wrong.faults.items()
    ]


def _and(names: Sequence[str]) -> str:
    return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'}"


def _wrong(*lines: str) -> ExitCode:
    for text in lines:
        print(text, file=sys.stderr)
    return ExitCode.USAGE
