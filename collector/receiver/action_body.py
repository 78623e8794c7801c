"""Bodies of what people do: small JSON objects, closed, every fault told at once."""

import difflib
import re
import unicodedata
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from collector.duration import parse_duration
from collector.receiver.answers import json_answer
from collector.receiver.body import BodyRefused

LONGEST_AUTHOR = 100
LONGEST_NOTE = 4000
SHORTEST_MUTE, LONGEST_MUTE = timedelta(minutes=1), timedelta(days=30)

#: What people write fits many times; nothing else is read here.
_LONGEST_BODY = 64 * 1024
_DAYS = re.compile(r"([0-9]{1,4}) ?d")
_MOST_SHOWN = 50

#: Control characters, and what breaks a line. What joins letters or emoji belongs to names and is taken.
_NOT_IN_A_LINE = {"Cc", "Zl", "Zp"}
#: The author of what nobody did.
_COLLECTOR = "collector"


@dataclass(frozen=True, slots=True)
class BodyFault:
    """What is wrong in a body: where, and what would be right."""

    field: str
    reason: str


class WrongBody(Exception):
    """A body that was understood and is wrong; nothing was changed."""

    def __init__(self, faults: Sequence[BodyFault]) -> None:
        super().__init__("; ".join(f"{fault.field} {fault.reason}" for fault in faults))
        self.faults = tuple(faults)


def wrong_body(error: WrongBody) -> Response:
    """The answer to a wrong body: 422 with every fault."""
    count = len(error.faults)
    faults = "1 fault" if count == 1 else f"{count} faults"
    return json_answer(
        422,
        {
            "error": "wrong_body",
            "message": f"nothing was changed: {faults} in the body",
            "errors": [{"field": fault.field, "reason": fault.reason} for fault in error.faults],
        },
    )


async def read_object(
    request: Request, read_body: Callable[[Request], Awaitable[bytes]], known: Collection[str]
) -> tuple[Mapping[str, Any], list[BodyFault]]:
    """The JSON object `request` carries, and a fault for each key that is not `known`; {} without a body.

    Raises `BodyRefused` for what is no JSON object, or too long.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced[:20]) > _LONGEST_BODY:
        raise _too_long()
    body = await read_body(request)
    if len(body) > _LONGEST_BODY:
        raise _too_long()
    if not body.strip():
        return {}, []
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        message = f"the body is no JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        raise BodyRefused(400, message) from None
    if not isinstance(found, dict):
        raise BodyRefused(400, 'the body must be a JSON object, such as {"author": "ada", "note": "…"}')
    listed = ", ".join(known)
    return found, [
        BodyFault(shown(key), f"unknown key; known are {listed}") for key in found if key not in known
    ]


def author_of(body: Mapping[str, Any], faults: list[BodyFault], mask: Callable[[str], str]) -> str:
    """Who acts, as `body` says, without known secrets; what is wrong with it is added to `faults`."""
    author = body.get("author")
    if author is None:
        faults.append(BodyFault("author", "is missing; say who you are"))
    elif not isinstance(author, str):
        faults.append(BodyFault("author", "must be text"))
    elif not 1 <= len(author.strip()) <= LONGEST_AUTHOR:
        faults.append(BodyFault("author", f"must have 1 to {LONGEST_AUTHOR} characters"))
    elif any(unicodedata.category(letter) in _NOT_IN_A_LINE for letter in author.strip()):
        faults.append(BodyFault("author", "holds control characters or a line break; write one line of text"))
    elif author.strip().lower() == _COLLECTOR:
        faults.append(BodyFault("author", "is what the collector calls itself; say who you are"))
    else:
        return mask(author.strip())
    return ""


def note_of(
    body: Mapping[str, Any],
    faults: list[BodyFault],
    mask: Callable[[str], str],
    required: bool = False,
) -> str:
    """What `body` says in its note, "" without one; known secrets are taken out of it by `mask`."""
    note = body.get("note")
    if note is not None and not isinstance(note, str):
        faults.append(BodyFault("note", "must be text"))
        return ""
    text = (note or "").replace("\r\n", "\n").strip()
    if required and not text:
        faults.append(BodyFault("note", "is missing; say what was found or done"))
    elif len(text) > LONGEST_NOTE:
        faults.append(BodyFault("note", f"has {len(text)} characters; write at most {LONGEST_NOTE}"))
    elif any(unicodedata.category(letter) == "Cc" and letter not in "\n\t" for letter in text):
        faults.append(BodyFault("note", "holds control characters; write text"))
    else:
        return mask(text)
    return ""


def mute_span_of(body: Mapping[str, Any], faults: list[BodyFault]) -> timedelta:
    """How long to be silent: `for`, from one minute to thirty days."""
    value = body.get("for")
    if value is None:
        faults.append(BodyFault("for", 'is missing; write "30m", "2h" or "7d"'))
        return timedelta(0)
    days = _DAYS.fullmatch(value.strip()) if isinstance(value, str) else None
    try:
        span = parse_duration(int(days[1]) * 86_400 if days else value, longest=LONGEST_MUTE)
    except ValueError as error:
        faults.append(BodyFault("for", str(error)))
        return timedelta(0)
    if span < SHORTEST_MUTE:
        faults.append(BodyFault("for", 'is shorter than 1 minute; write "1m" or more'))
    return span


def named(
    value: object, field: str, known: Sequence[str], otherwise: str, faults: list[BodyFault]
) -> str | None:
    """`value` if it is one of `known`; None for null, and for anything else, which is a fault of `field`."""
    if value is None or (isinstance(value, str) and value in known):
        return value
    if isinstance(value, str):
        faults.append(BodyFault(field, unknown(value, known)))
    else:
        faults.append(BodyFault(field, f"must be text, or {otherwise}"))
    return None


def unknown(name: str, known: Sequence[str]) -> str:
    """The words of a fault about a name that is not `known`."""
    near = difflib.get_close_matches(name[:_MOST_SHOWN], known, n=1, cutoff=0.6)
    hint = f'did you mean "{near[0]}"? ' if near else ""
    return f"is not known; {hint}known are {', '.join(known)}"


def shown(value: object) -> str:
    """A key or value of somebody else in one short line, for a fault."""
    text = str(value)
    line = "".join(letter if letter.isprintable() else "?" for letter in text[:_MOST_SHOWN])
    return f"{line}…" if len(text) > _MOST_SHOWN else line


def _too_long() -> BodyRefused:
    return BodyRefused(413, f"the body is longer than {_LONGEST_BODY} bytes")
