"""The frames of a protobuf message, without decoding what is in them.

A request is taken apart by hand down to its spans, so that each is decoded for itself: a broken or huge one
costs nobody but itself, memory never holds more than one decoded span, and other threads get their turn.
Source: https://protobuf.dev/programming-guides/encoding/
"""

from collections.abc import Iterator

from collector.receiver.otlp_span import MalformedTraces, TooManyTraces

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_LONGEST_VARINT = 10
#: Fields outside of spans: a hundred thousand spans, each with a resource and a scope of its own, have fewer.
_MOST_FIELDS = 1_000_000


class Frames:
    """Takes the messages of one request apart, up to a number of fields that no sender needs."""

    def __init__(self) -> None:
        self._left = _MOST_FIELDS

    def of(self, data: memoryview, field: int, what: str) -> Iterator[memoryview]:
        """The contents of every `field` of the message `data` that holds bytes, in their order.

        Raises `MalformedTraces`, which names `what` the message is, when `data` is no protobuf message, and
        `TooManyTraces`.
        """
        position, size = 0, len(data)
        while position < size:
            self._left -= 1
            if self._left < 0:
                raise TooManyTraces(_MOST_FIELDS, "fields")
            key, start = _varint(data, position, what)
            start, position = _extent(data, key, start, what)
            if key == field << 3 | _BYTES:
                yield data[start:position]


def _extent(data: memoryview, key: int, position: int, what: str) -> tuple[int, int]:
    """Where the value of the field `key` begins and ends; its length or key stands before `position`."""
    wire = key & 7
    length = 0
    if key < 8:
        raise MalformedTraces(f"{what} is no protobuf message: a field has the number 0")
    if wire == _BYTES:
        length, position = _varint(data, position, what)
    elif wire == _VARINT:
        _, position = _varint(data, position, what)
    elif wire in (_FIXED64, _FIXED32):
        length = 8 if wire == _FIXED64 else 4
    else:
        raise MalformedTraces(f"{what} is no protobuf message: there is no wire type {wire} in OTLP")
    if position + length > len(data):
        there = len(data) - position
        raise MalformedTraces(f"{what} is cut off: {length} bytes should follow, {there} are there")
    return position, position + length


def _varint(data: memoryview, position: int, what: str) -> tuple[int, int]:
    """The number at `position`, and the position behind it."""
    value = shift = 0
    for byte in data[position : position + _LONGEST_VARINT]:
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
    raise MalformedTraces(f"{what} is no protobuf message: a number in it does not end")
