"""From the path of a URL to the endpoint it stands for: words stay, whatever names one thing becomes `{id}`.

Without it every order would be an endpoint of its own, and ids, tokens and e-mail addresses would end up in
the database. A name in plain letters (`/users/alice`) cannot be told from a word: use placeholders for those.
"""

import re
from functools import lru_cache

#: The longest endpoint, in characters, and the most segments; `*` stands for what was cut off.
MAX_LENGTH = 200
MAX_SEGMENTS = 20

ID = "{id}"
_MORE = "*"
_LONGEST_INPUT = 2000
_LONGEST_WORD, _LONGEST_CAPITALS = 32, 10
_MOST_PARTS = 6

_ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/]*")
_GID = re.compile(r"gid:/{1,2}[^/]*/[^/]*/[^/]*", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\{[A-Za-z_][A-Za-z0-9_]{0,39}\}")
_VERSION = re.compile(r"v\d{1,3}(\.\d{1,3}){0,2}((p\d{1,2})?(alpha|beta|rc|preview)\d{0,2})?", re.IGNORECASE)
_CALENDAR_VERSION = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
_EXTENSION = re.compile(r"[^@]+\.(json|xml|csv|html?|txt|pdf|js|css|png|jpe?g|gif|svg|webp|zip|gz|ics|ya?ml)")
_HEX = re.compile(r"[0-9a-fA-F]{8,}")
_LETTERS = re.compile(r"[A-Za-z]+")
_CAPITALS = re.compile(r"[A-Z]+")
_HUMPS = re.compile(r"[A-Z]*[a-z]+(?:[A-Z]+[a-z]+)*[A-Z]*")
_ONE_DIGIT = re.compile(r"[a-z]{2,}\d")
_WORDS_WITH_DIGITS = frozenset({"s3", "i18n", "l10n", "2fa", "base64", "sha256", "utf8", "x509"})
_SEPARATORS = re.compile(r"[._~-]+")


def endpoint_template(path: str) -> str:
    """The endpoint of `path`, a path or a whole URL: `/orders/4242.json?x=1` → `/orders/{id}.json`.

    Kept are words, versions (`v1`, `v1beta`, `2026-10`) and placeholders (`{customer}`). Numbers, UUIDs, hex
    digits from 8 on, tokens, e-mail addresses, global ids, days and anything percent-encoded become `{id}`.
    Query and fragment are dropped. At most `MAX_LENGTH` characters; the template of a template is itself.
    """
    if len(path) > _LONGEST_INPUT:
        path = path[:_LONGEST_INPUT].rpartition("/")[0] + "/" + _MORE
    return _template(path)


@lru_cache(maxsize=4096)
def _template(path: str) -> str:
    path = path.partition("#")[0].partition("?")[0]
    path = _ORIGIN.sub("", path, count=1) if _ORIGIN.match(path) else path
    path = _GID.sub(ID, path)
    segments = [_segment(segment) for segment in path.split("/") if segment]
    start = "" if segments and path[0] != "/" else "/"
    return start + "/".join(_bounded(segments))


def _bounded(segments: list[str]) -> list[str]:
    if len(segments) > MAX_SEGMENTS or sum(map(len, segments)) + len(segments) > MAX_LENGTH:
        segments = segments[: MAX_SEGMENTS - 1]
        while sum(map(len, segments)) + len(segments) + 2 > MAX_LENGTH:
            segments.pop()
        segments.append(_MORE)
    return segments


@lru_cache(maxsize=4096)
def _segment(segment: str) -> str:
    if _is_constant(segment):
        return segment
    # Google's custom methods: `4242:runReport` is the method runReport of a thing.
    thing, colon, verb = segment.rpartition(":")
    if colon and thing and _is_word(verb):
        return f"{_segment(thing)}:{verb}"
    named = _EXTENSION.fullmatch(segment)
    if named and ":" not in segment:
        return f"{ID}.{named[1]}"
    return ID


def _is_constant(segment: str) -> bool:
    if segment in (_MORE, "@me"):
        return True
    segment = _PLACEHOLDER.sub("x", segment)
    if _VERSION.fullmatch(segment) or _CALENDAR_VERSION.fullmatch(segment):
        return True
    parts = [part for part in _SEPARATORS.split(segment.removeprefix("$")) if part]
    return 0 < len(parts) <= _MOST_PARTS and all(map(_is_word, parts))


def _is_word(part: str) -> bool:
    if part in _WORDS_WITH_DIGITS:
        return True
    if len(part) > _LONGEST_WORD or _HEX.fullmatch(part):
        return False
    if _CAPITALS.fullmatch(part):
        return len(part) <= _LONGEST_CAPITALS
    if not _LETTERS.fullmatch(part):
        return bool(_ONE_DIGIT.fullmatch(part) or _VERSION.fullmatch(part))
    return len(part) <= 4 or _reads_like_words(part)


def _reads_like_words(letters: str) -> bool:
    """Words in camel case have few capitals; half of a random token's letters are."""
    capitals = sum(map(str.isupper, letters))
    return bool(_HUMPS.fullmatch(letters)) and capitals <= 1 + len(letters) // 4
