"""The http probe: one request, and whether the answer is the one that was expected."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from analytics.model import Finding, Reason
from collector.probes.base import ProbeContext, ProbeKind
from collector.probes.http_fetch import Fetched, fetch
from collector.probes.http_status import StatusCodes, judge_status, status_details
from collector.probes.http_url import network_host, shown_url
from collector.probes.options import HttpUrl, ProbeOptions, Text

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def _headers(value: dict[str, str]) -> dict[str, str]:
    """Refuse what would break out of a header. The text names the header, never its value."""
    for name, content in value.items():
        if not _TOKEN.fullmatch(name):
            raise ValueError(f"holds {name!r}, which is no header name")
        if any(ord(letter) < 32 or ord(letter) == 127 for letter in content.replace("\t", "")):
            raise ValueError(f"holds a line break or control character in {name}; write it in one line")
        if not content.isascii():
            raise ValueError(f"holds letters outside ASCII in {name}; a header cannot carry them")
    return value


#: Header names and values.
Headers = Annotated[dict[str, str], AfterValidator(_headers)]


class HttpOptions(ProbeOptions):
    """Options of http. `expect_status` is any 2xx unless given; `expect_body` is text that must appear."""

    url: HttpUrl = Field(repr=False)
    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] = "GET"
    headers: Headers = Field(default_factory=dict, repr=False)
    body: str | None = Field(default=None, repr=False)
    expect_status: StatusCodes = ("2xx",)
    expect_body: Text | None = None
    follow_redirects: bool = True

    def target(self) -> str:
        return shown_url(self.url) if self.method == "GET" else f"{self.method} {shown_url(self.url)}"

    def host(self) -> str | None:
        return network_host(self.url)


async def probe(options: HttpOptions, context: ProbeContext) -> Finding:
    """Ask once and judge the answer. Raises `ProbeFailure` when there is none."""
    fetched = await fetch(
        context,
        options.method,
        options.url,
        headers=options.headers,
        content=options.body,
        follow_redirects=options.follow_redirects,
    )
    reason, message = judge(options, fetched)
    return Finding(reason is Reason.OK, reason, message, answer_details(fetched), fetched.elapsed_ms)


def judge(options: HttpOptions, fetched: Fetched) -> tuple[Reason, str]:
    """The reason and the sentence for an answer: its status first, then its body. Pure."""
    reason, message = judge_status(fetched.status, options.expect_status)
    if reason is not Reason.OK or options.expect_body is None or options.expect_body in fetched.text():
        return reason, message
    where = f"the first {len(fetched.body)} bytes of the body" if fetched.truncated else "the body"
    return Reason.UNHEALTHY, f"{message}, but the expected text is not in {where}"


def answer_details(fetched: Fetched) -> Mapping[str, Any]:
    """What is kept of an answer: status, size, redirects, address and TLS facts; never the body."""
    details = status_details(fetched.status, fetched.headers)
    details["body_bytes"] = len(fetched.body)
    if fetched.truncated:
        details["body_truncated"] = True
    if fetched.redirects:
        details["redirects"] = fetched.redirects
        details["final_url"] = fetched.url
    return details | dict(fetched.details)


KIND = ProbeKind("http", HttpOptions, probe)
