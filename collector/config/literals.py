"""Secrets that stand in the file as they are, so that a redactor can learn them before anything is logged."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from collector.config.model import Config
from collector.config.words import is_credential
from collector.secrets import REFERENCE


def literal_secrets(config: Config) -> list[str]:
    """Every password, token and key written out in the file, in its order; `${NAME}` values are not."""
    found = [
        secret
        for spec in config.services
        for secret in _secrets(spec.options.model_dump(exclude_unset=True), secret=False)
    ]
    found += _secrets({"token": config.receiver.token}, secret=False)
    return list(dict.fromkeys(found))


def _secrets(value: Any, secret: bool) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _secrets(item, secret or is_credential(key))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _secrets(item, secret)
    elif isinstance(value, str) and not REFERENCE.search(value):
        if "://" in value:
            yield from _password(value)
        elif secret and value:
            yield from dict.fromkeys([value, value.split()[-1] if value.split() else value])


def _password(url: str) -> Iterator[str]:
    """The password of a URL, as written and as it is sent."""
    try:
        password = urlsplit(url).password
    except ValueError:
        return
    if password:
        yield from dict.fromkeys([password, unquote(password)])
