"""What an `mcp` entry in services.toml may say."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from collector.probes.http_url import network_host, shown_url
from collector.probes.options import HttpUrl, ProbeOptions, Text
from collector.secrets import MASK, REFERENCE

Transport = Literal["stdio", "http", "sse"]
Era = Literal["auto", "legacy", "modern"]

#: RFC 9110, section 5.6.2: the characters of a header's name.
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
#: What a header's value may hold, and what httpx2 sends unchanged: one line of ASCII.
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e]*")
_SECRET_WORD = re.compile(r"(?i)[\w-]*(key|token|secret|password)[\w-]*")
_VARIABLE_NAME = re.compile(r"[^=\0]+")

_STDIO_INTERVAL = timedelta(minutes=5)
_STDIO_TIMEOUT = timedelta(seconds=30)
_STDIO_HEALTHY_MS = 5000.0


def _headers(value: dict[str, str]) -> dict[str, str]:
    for name, text in value.items():
        if not _HEADER_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of an HTTP header; write it like Authorization")
        if not _HEADER_VALUE.fullmatch(text):
            raise ValueError(f"{name} must be one line of plain ASCII; is there a line break at its end?")
    return value


def _environment(value: dict[str, str]) -> dict[str, str]:
    for name, text in value.items():
        if not _VARIABLE_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of an environment variable; write it like API_KEY")
        if "\0" in text:
            raise ValueError(f"{name} holds a NUL character; an environment variable cannot")
    return value


def _no_nul(value: str) -> str:
    if "\0" in value:
        raise ValueError("holds a NUL character; a command line cannot")
    return value


Word = Annotated[str, AfterValidator(_no_nul)]


class ToolCall(BaseModel):
    """One read-only tool call that ends a check. `expect` must appear in its answer, `reject` must not."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    tool: Text
    arguments: dict[str, Any] = Field(default_factory=dict)
    expect: Text | None = None
    reject: Text | None = None


class McpOptions(ProbeOptions):
    """An MCP server, reached by `url` or started with `command`. See docs/probes/mcp.md."""

    transport: Transport | None = None
    url: HttpUrl | None = None
    headers: Annotated[dict[str, str], AfterValidator(_headers)] = Field(default_factory=dict, repr=False)
    command: Annotated[Text, AfterValidator(_no_nul)] | None = None
    args: list[Word] = Field(default_factory=list, repr=False)
    env: Annotated[dict[str, str], AfterValidator(_environment)] = Field(default_factory=dict, repr=False)
    cwd: Annotated[Text, AfterValidator(_no_nul)] | None = None
    era: Era = "auto"
    call: ToolCall | None = None
    expect_tools: list[Text] = Field(default_factory=list)

    @property
    def speaks(self) -> Transport:
        """The transport: as written, else http for a `url` and stdio for a `command`."""
        return self.transport or ("http" if self.url else "stdio")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        fault = _contradiction(self)
        if fault:
            raise ValueError(fault)
        return self

    def target(self) -> str:
        """The URL without its query, or the command line without what its words say are secrets."""
        if self.url is not None:
            return shown_url(self.url)
        return " ".join([self.command or "", *_shown_words(self.args)])

    def host(self) -> str | None:
        """The host of `url`; None for a started server, and for this machine itself."""
        return network_host(self.url) if self.url is not None else None


def _contradiction(options: McpOptions) -> str | None:
    """What does not fit together, and what would be right; None when all of it fits."""
    if options.url and options.command:
        return "has both url and command; keep url if the server runs already, command if it is started here"
    if not options.url and not options.command:
        return "needs url (a server that runs already) or command (a server that is started for each check)"
    if options.transport == "stdio" and not options.command:
        return 'transport "stdio" needs command; for a url write transport = "http" or "sse", or leave it out'
    if options.transport in ("http", "sse") and not options.url:
        return f'transport "{options.transport}" needs url; for a command write transport = "stdio"'
    if options.url:
        return _misplaced(options, ("args", "env", "cwd"), "belongs to command; a url takes headers")
    if options.headers:
        return "headers belongs to url; a command takes what it needs from env or args"
    return _not_one_word(options.command or "")


def _misplaced(options: McpOptions, names: tuple[str, ...], rule: str) -> str | None:
    given: Mapping[str, Any] = {name: getattr(options, name) for name in names}
    return next((f"{name} {rule}" for name, value in given.items() if value), None)


def _not_one_word(command: str) -> str | None:
    """A whole command line where only the program belongs; a path may hold blanks."""
    if REFERENCE.search(command) or "/" in command or len(command.split()) == 1:
        return None
    program, *words = command.split()
    listed = ", ".join(f'"{word}"' for word in words)
    return f'command is the program alone; write command = "{program}", args = [{listed}]'


def _shown_words(words: list[str]) -> list[str]:
    """`--api-key X`, `--api-key=X` and `API_KEY=X` with `***` for X, unless X is a `${NAME}`."""
    shown, hide = [], False
    for word in words:
        name, equals, value = word.partition("=")
        secret = _SECRET_WORD.fullmatch(name) is not None
        if hide and not REFERENCE.fullmatch(word):
            shown.append(MASK)
        elif secret and equals and not REFERENCE.fullmatch(value):
            shown.append(f"{name}={MASK}")
        else:
            shown.append(word)
        hide = secret and not equals and name.startswith("-")
    return shown


def interval(options: McpOptions) -> timedelta | None:
    """Starting a server costs more than asking one: every 5 minutes."""
    return _STDIO_INTERVAL if options.speaks == "stdio" else None


def timeout(options: McpOptions) -> timedelta | None:
    """`npx` and `pipx` may fetch a package first: 30 seconds."""
    return _STDIO_TIMEOUT if options.speaks == "stdio" else None


def healthy_ms(options: McpOptions) -> float | None:
    """A start through `npx` or `pipx` takes 1 to 2.5 s when all is well: slow is from 5 s on."""
    return _STDIO_HEALTHY_MS if options.speaks == "stdio" else None
