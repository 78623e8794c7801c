"""Durations of rules and windows: as others, and up to a week, in days too."""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

from collector.duration import parse_duration

_DAYS = re.compile(r"([0-9]{1,4}) ?d")
_SHORTEST_WINDOW = timedelta(minutes=1)

#: Whoever wants to hear of a trouble only after a week does not want to hear of it.
LONGEST_SPAN = timedelta(days=7)


def parse_span(value: Any) -> timedelta:
    """`value` ("10m", "2h", "7d" or seconds) as a duration above zero and up to 7 days.

    Raises ValueError with a fault's words.
    """
    days = _DAYS.fullmatch(value.strip()) if isinstance(value, str) else None
    return parse_duration(int(days[1]) * 86_400 if days else value, longest=LONGEST_SPAN)


def _window(value: timedelta) -> timedelta:
    if value < _SHORTEST_WINDOW:
        raise ValueError('is shorter than 1 minute; write "1m" or more')
    return value


#: A field that holds a duration of up to a week.
Span = Annotated[timedelta, BeforeValidator(parse_span)]

#: How much traffic one look covers.
Window = Annotated[timedelta, BeforeValidator(parse_span), AfterValidator(_window)]
