"""Answers ready to be sent, and whether whoever asks has one already. Pure."""

import gzip
import hashlib
import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Encoded:
    """A JSON document as it is sent, also compressed, and the tag that only the very same document has."""

    body: bytes
    packed: bytes
    etag: str


def encoded(document: Any) -> Encoded:
    """`document` as JSON. Numbers that are none must be None already: ValueError."""
    body = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    return Encoded(
        body, gzip.compress(body, 6, mtime=0), f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    )


def has_it(if_none_match: str, etag: str) -> bool:
    """Whether the header If-None-Match names `etag`, also in the weak form of a compressed answer."""
    named = [one.strip().removeprefix("W/") for one in if_none_match.split(",")]
    return "*" in named or etag in named
