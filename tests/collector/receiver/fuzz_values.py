"""Values no reader of JSON expects where they stand, and ways to damage bytes."""

import copy
import json
import random
import string
from collections.abc import Callable
from typing import Any

#: Written as they are: most of them are no JSON, or none that fits anything.
_LITERALS = (
    *("NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1e-999", "0x10", "01", "+1", ".5", "5.", "1_000"),
    *("1" + "0" * 400, "1" + "0" * 5000, "-" + "9" * 30, "9223372036854775808", "2147483648", "-0", "-0.0"),
    *("nul", "True", "undefined", "'x'", '"\\ud800"', '"\\udc00\\ud800"', '"\\u0000"', '"\\x41"', '"\t"'),
    *('"', "[" * 500 + "]" * 500, '{"a":' * 300 + "1" + "}" * 300, "[" * 20_000, '{"a":' * 5000, "[]", "{}"),
    *('"\U0001f4a9"', '"\u202e"', '"\ufeff"', '"\u2028"', "/**/1", "1 2", "", "\x00", "\x7f", '"\\"'),
)
_TEXTS = (
    *("", " ", "\x00", "a\x00b", "\n\r", "'; DROP TABLE api_metrics; --", "%s%n%x", "${HEALTH_TOKEN}"),
    *("../../x", "x" * 201, "x" * 2001, "x" * 70_000, "ﬀ" * 100, "\u0130", "İ" * 101, "ß" * 100, "\ud800"),
    *("e\u0301" * 60, "2026-02-30T00:00:00Z", "2026-11-24T25:00:00Z", "9999-12-31T23:59:59+23:59"),
    *("0001-01-01T00:00:00Z", "2026-11-24T09:30:00", "2026-11-24T09:30:60Z", "2026-11-24T09:30:00+99:99"),
    *("0000-00-00T00:00:00Z", "٢٠٢٦-١١-٢٤T٠٩:٣٠:٠٠Z", "2016-11-24T09:30:00.123456789Z", "1700000000", "now"),
    *("infinity", "-infinity", "00000000-0000-0000-0000-000000000000"),
    *("ffffffff-ffff-ffff-ffff-ffffffffffff", "{0198c0de}", "0" * 36, "GET\r\nX: y"),
    *("https://user:pa55word@h/x?token=s3cr3t#f", "/" * 2000, "/a?" + "b" * 1900, "//", "?", "#"),
)
_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 99, 600, 2**31, 2**53 + 1, 2**63, 2**64, -(2**63) - 1, 10**30, 0.5, -0.0),
    *(1e308, 5e-324, [], {}, [None], {"": None}, [[]], {"a": {"b": [1, "2", None]}}, [1] * 1000),
)
_MARKS = (b'"', b"{", b"[", b"\n", b",", b"\\", b"\0")


class Raw:
    """JSON text that is written as it is."""

    def __init__(self, text: str) -> None:
        self.text = text


def nasty(rng: random.Random) -> Any:
    """A value; may be `Raw`."""
    kind = rng.randrange(4)
    if kind == 0:
        return Raw(rng.choice(_LITERALS))
    if kind == 1:
        return rng.choice(_TEXTS)
    if kind == 2:
        return "".join(chr(rng.choice((rng.randrange(128), rng.randrange(0xD800)))) for _ in range(12))
    return copy.deepcopy(rng.choice(_VALUES))


def write(value: Any, rng: random.Random) -> bytes:
    """`value`, in which `Raw` may stand, as JSON; spaces and escapes differ from time to time."""
    escaped = rng.random() < 0.5
    separators = rng.choice(((",", ":"), (", ", ": "), (" ,\n", " :\t")))
    held: dict[str, str] = {}

    def hold(raw: object) -> str:
        assert isinstance(raw, Raw)
        key = f"@raw-{len(held)}@"
        held[key] = raw.text
        return key

    text = json.dumps(value, ensure_ascii=escaped, separators=separators, default=hold)
    for key, raw in held.items():
        text = text.replace(f'"{key}"', raw)
    return text.encode("utf-8", "surrogatepass")


def damaged(content: bytes, rng: random.Random) -> bytes:
    """`content` with one to four places changed."""
    result = bytearray(content)
    for _ in range(rng.randint(1, 4)):
        rng.choice(_DAMAGES)(result, rng)
    return bytes(result)


def _flip(content: bytearray, rng: random.Random) -> None:
    if content:
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)


def _overwrite(content: bytearray, rng: random.Random) -> None:
    if content:
        content[rng.randrange(len(content))] = rng.choice((0, 0xFF, 0x80, 0xC0, 0x7F, 0x22, 0x7B, 0x0A))


def _insert(content: bytearray, rng: random.Random) -> None:
    at = rng.randint(0, len(content))
    content[at:at] = rng.choice((rng.randbytes(rng.randint(1, 40)), *_MARKS))


def _delete(content: bytearray, rng: random.Random) -> None:
    at = rng.randint(0, len(content))
    del content[at : at + rng.randint(1, 30)]


def _cut(content: bytearray, rng: random.Random) -> None:
    del content[rng.randint(0, len(content)) :]


def _repeat(content: bytearray, rng: random.Random) -> None:
    at = rng.randint(0, len(content))
    content[at:at] = content[at : at + 200] * rng.randint(1, 20)


def _digits(content: bytearray, rng: random.Random) -> None:
    at = rng.randint(0, len(content))
    content[at:at] = "".join(rng.choices(string.digits, k=rng.choice((1, 20, 400)))).encode()


_DAMAGES: tuple[Callable[[bytearray, random.Random], None], ...] = (
    *(_flip, _flip, _overwrite, _insert, _delete, _cut, _repeat, _digits),
)
