"""The base of every probe's options: closed, frozen, and with `${NAME}` left in place until a check runs."""

from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from collector.secrets import REFERENCE


def _http_url(value: str) -> str:
    """Accept an http(s) URL with a host; a value with `${NAME}` is looked at again once it is filled."""
    if REFERENCE.search(value):
        return value
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is no http URL; write it like https://example.com/health")
    return value


#: An http or https URL.
HttpUrl = Annotated[str, AfterValidator(_http_url)]

#: Text that must not be empty.
Text = Annotated[str, Field(min_length=1)]


class ProbeOptions(BaseModel):
    """Options of one probe kind, as they stand in services.toml. Subclasses add fields."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    def __repr__(self) -> str:
        """The options that are set, by name alone: any value may be a secret."""
        return f"{type(self).__name__}({', '.join(sorted(self.model_fields_set))})"

    def __str__(self) -> str:
        return repr(self)

    def target(self) -> str:
        """What is checked, in a few words for people; may still hold `${NAME}`, never a secret."""
        return ""

    def host(self) -> str | None:
        """The network host this probe depends on, None when it needs no network."""
        return None

    def filled(self, values: dict[str, Any]) -> "ProbeOptions":
        """The same options with `values` in place of the templates, validated again."""
        return type(self).model_validate(values)
