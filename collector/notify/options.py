"""The options of every channel kind: closed, frozen, `${NAME}` left in place until a channel opens."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from analytics.model import Severity
from collector.duration import Duration
from collector.notify.option_values import (
    holds_reference,
    host_name,
    http_url,
    https_url,
    login,
    mail_address,
    routing_key,
    timeout,
    webhook_secret,
)
from collector.probes.http_url import is_loopback
from collector.secrets import REFERENCE, Redactor, fill

#: A shorter part of a URL ("/alerts") is no secret, and masking it would hide ordinary words.
_SHORTEST_SECRET_PART = 16


class WrongOptions(ValueError):
    """Options that cannot be.

    `faults`: the key as services.toml has it ("" for the whole) → what is wrong and what would be right, as
    the rest of a sentence that shows no value.
    """

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{key} {fault}".strip() for key, fault in faults.items()))
        self.faults = dict(faults)


# Under names of their own: inside a model the name of a check may be that of a field.
Timeout = Annotated[Duration, AfterValidator(timeout)]
RoutingKey = Annotated[str, AfterValidator(routing_key)]
HttpsUrl = Annotated[str, AfterValidator(https_url)]
HttpUrl = Annotated[str, AfterValidator(http_url)]
WebhookSecret = Annotated[str, AfterValidator(webhook_secret)]
HostName = Annotated[str, AfterValidator(host_name)]
MailAddress = Annotated[str, AfterValidator(mail_address)]
Login = Annotated[str, Field(min_length=1), AfterValidator(login)]


class ChannelOptions(BaseModel):
    """Options of one channel kind, as they stand in services.toml. Subclasses add fields.

    `secrets` names the keys whose values are never shown.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, hide_input_in_errors=True, validate_default=True
    )
    secrets: ClassVar[frozenset[str]] = frozenset()

    timeout: Timeout = timedelta(seconds=10)

    def __repr__(self) -> str:
        """The options that are set, by name alone: any value may be a secret."""
        return f"{type(self).__name__}({', '.join(sorted(self.model_fields_set))})"

    def __str__(self) -> str:
        return repr(self)

    def resolve(self, environment: Mapping[str, str], redactor: Redactor | None = None) -> Self:
        """The same options with every `${NAME}` filled from `environment`, validated again.

        `redactor` learns what was filled in, and the secrets that stand in the file itself. Raises
        `collector.secrets.MissingVariables` naming all that are not set, `WrongOptions` for values that
        cannot be.
        """
        redactor = redactor or Redactor()
        values = fill(self.model_dump(by_alias=True, exclude_unset=True), environment, redactor)
        try:
            filled = type(self).model_validate(values)
        except ValidationError as error:
            raise WrongOptions(_faults(error)) from None
        for key in self.secrets:
            value = getattr(filled, key)
            if value:
                redactor.learn(value)
                _learn_parts(value, redactor)
        return filled


def _learn_parts(value: str, redactor: Redactor) -> None:
    """Of a URL what makes it a password: other programs tell of a request by its path alone."""
    if "://" not in value:
        return
    parts = urlsplit(value)
    for part in (parts.path, parts.path.rpartition("/")[2], parts.query):
        if len(part) >= _SHORTEST_SECRET_PART:
            redactor.learn(part)


def _faults(error: ValidationError) -> dict[str, str]:
    faults: dict[str, str] = {}
    for found in error.errors(include_url=False, include_input=False):
        key = ".".join(str(part) for part in found["loc"])
        said = re.sub(r"^(Value error|Assertion failed), ", "", found["msg"])
        faults.setdefault(key, said if found["type"] == "value_error" else f"is wrong: {said}")
    return faults


class PagerDutyOptions(ChannelOptions):
    """PagerDuty, Events API v2. `url` of the EU region: https://events.eu.pagerduty.com/v2/enqueue."""

    secrets: ClassVar[frozenset[str]] = frozenset({"routing_key"})

    routing_key: RoutingKey = Field(repr=False)
    url: HttpsUrl = "https://events.pagerduty.com/v2/enqueue"


class SlackOptions(ChannelOptions):
    """A Slack incoming webhook. Its URL is its password."""

    secrets: ClassVar[frozenset[str]] = frozenset({"url"})

    url: HttpsUrl = Field(repr=False)


class EmailOptions(ChannelOptions):
    """A mail server and who is written to. `security`: "starttls" (port 587), "tls" (465) or "none"."""

    secrets: ClassVar[frozenset[str]] = frozenset({"password"})

    host: HostName
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: Login | None = None
    password: Login | None = Field(default=None, repr=False)
    from_: MailAddress = Field(alias="from")
    to: list[MailAddress] = Field(min_length=1, max_length=50)

    @model_validator(mode="after")
    def _login_is_whole_and_safe(self) -> Self:
        if (self.username is None) != (self.password is None):
            have, lack = ("username", "password") if self.username else ("password", "username")
            raise ValueError(f"has a {have} and no {lack}; write both or neither")
        open_to_all = self.security == "none" and not holds_reference(self.host)
        if self.username is not None and open_to_all and not is_loopback(self.host):
            raise ValueError('would send its password unencrypted; write security = "starttls" or "tls"')
        return self


class WebhookOptions(ChannelOptions):
    """A URL that takes signed webhooks (Standard Webhooks)."""

    secrets: ClassVar[frozenset[str]] = frozenset({"url", "secret"})

    url: HttpUrl = Field(repr=False)
    secret: WebhookSecret = Field(repr=False)


CHANNEL_KINDS: dict[str, type[ChannelOptions]] = {
    "pagerduty": PagerDutyOptions,
    "slack": SlackOptions,
    "email": EmailOptions,
    "webhook": WebhookOptions,
}

#: What a channel is told of when its table does not say: after the design document, section 6.2.
DEFAULT_SEVERITIES: dict[str, tuple[Severity, ...]] = {
    "pagerduty": (Severity.CRITICAL,),
    "slack": (Severity.WARNING,),
    "email": (Severity.INFO,),
    "webhook": (Severity.CRITICAL, Severity.WARNING, Severity.INFO),
}


@dataclass(frozen=True)
class ChannelSpec:
    """One `[channels.NAME]` of services.toml. Shows no secret in its repr."""

    name: str
    kind: str
    severities: tuple[Severity, ...]
    options: ChannelOptions

    def variables(self) -> list[str]:
        """The environment variables its options name, in order, each once."""
        dumped: dict[str, Any] = self.options.model_dump(by_alias=True)
        found = [name for value in dumped.values() for name in _references(value)]
        return list(dict.fromkeys(found))


def _references(value: Any) -> list[str]:
    texts = value if isinstance(value, list) else [value]
    return [name for text in texts if isinstance(text, str) for name in REFERENCE.findall(text)]
