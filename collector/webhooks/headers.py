"""Reading the headers of a delivery, which anybody may have written."""

import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b

from collector.webhooks.reasons import DeliveryReason

#: What the caller has: a mapping (multi-valued ones give every pair in `items()`), or the pairs of ASGI.
HeaderSource = Mapping[str, str] | Iterable[tuple[str | bytes, str | bytes]]

#: No signature header of the three schemes comes near this, also with several signatures in it.
LONGEST_VALUE = 4096
#: Characters of a delivery id or event type that are kept.
LONGEST_NAME = 200

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+=@-]*")


class Refused(Exception):
    """The delivery cannot be verified; why, in a word and in a sentence."""

    def __init__(self, reason: DeliveryReason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


class DeliveryHeaders:
    """Headers by name, without regard to case. Values are kept as they came."""

    def __init__(self, headers: HeaderSource) -> None:
        self._values: dict[str, list[str]] = {}
        pairs = headers.items() if isinstance(headers, Mapping) else headers
        for name, value in pairs:
            self._values.setdefault(_text(name).lower(), []).append(_text(value))

    def present(self, names: Sequence[str]) -> str:
        """The first of `names` that was sent; the first of all when none was."""
        return next((name for name in names if name.lower() in self._values), names[0])

    def required(self, name: str) -> str:
        """The value of `name`. Raises `Refused` when it is missing, ambiguous or cannot be genuine."""
        values = self._values.get(name.lower(), [])
        if not any(values):
            raise Refused(DeliveryReason.MISSING_SIGNATURE, f"the header {name} is missing")
        if len(values) > 1:
            raise Refused(DeliveryReason.MALFORMED_SIGNATURE, f"the header {name} came more than once")
        if len(values[0]) > LONGEST_VALUE:
            raise Refused(DeliveryReason.MALFORMED_SIGNATURE, f"the header {name} is too long")
        if not values[0].isascii():
            raise Refused(DeliveryReason.MALFORMED_SIGNATURE, f"the header {name} is not ASCII")
        return values[0]

    def event_type(self, names: Sequence[str]) -> str | None:
        """The event type from the first of the headers `names` that came; None if it is not one."""
        return plain_name(self._only(names)) if names else None

    def delivery_id(self, names: Sequence[str]) -> str | None:
        """The id from the first of the headers `names` that came; None if it is not one.

        One that is longer than what is kept ends in a digest of the whole: two ids stay two.
        """
        value = self._only(names)
        name = plain_name(value)
        if value is None or name is None or len(value) <= LONGEST_NAME:
            return name
        digest = blake2b(value.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        return f"{name[: LONGEST_NAME - len(digest) - 1]}-{digest}"

    def _only(self, names: Sequence[str]) -> str | None:
        values = self._values.get(self.present(names).lower(), [])
        return values[0] if len(values) == 1 else None


def plain_name(value: object) -> str | None:
    """`value`, at most 200 characters, if it reads like an id or event type; prose and markup do not."""
    if not isinstance(value, str) or not _NAME.fullmatch(value[:LONGEST_NAME]):
        return None
    return value[:LONGEST_NAME]


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")
