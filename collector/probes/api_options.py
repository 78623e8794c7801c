"""What the options of the API probes have in common."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from collector.secrets import REFERENCE

_PRINTABLE = re.compile(r"[!-~]+")


def _token(value: str) -> str:
    """Refuse what no header may hold, above all the line break at the end of a value read from a file."""
    if REFERENCE.search(value) or _PRINTABLE.fullmatch(value):
        return value
    if value.strip() != value:
        raise ValueError("begins or ends with a space or a line break; write the token alone")
    raise ValueError("holds characters that no token has; write the token alone")


#: A token or key that is sent in a header.
Token = Annotated[str, Field(min_length=1), AfterValidator(_token)]


def trimmed(url: str) -> str:
    """`url` as the base that paths are put behind."""
    return url.partition("#")[0].partition("?")[0].rstrip("/")
