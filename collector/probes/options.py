"""The base of every probe's options: closed, frozen, and with `${NAME}` left in place until a check runs."""

from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from collector.secrets import REFERENCE


def http_url_like(example: str) -> Callable[[str], str]:
    """A check that accepts http(s) URLs with a host; `example` is what its ValueError shows as right.

    A value with `${NAME}` is looked at again once it is filled.
    """

    def check(value: str) -> str:
        if REFERENCE.search(value):
            return value
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"is no http URL; write it like {example}")
        return value

    return check


#: An http or https URL.
HttpUrl = Annotated[str, AfterValidator(http_url_like("https://example.com/health"))]

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
