"""`notify-test`: a line a channel, and the exit code scripts rely on."""

import asyncio
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from collector.commands import ExitCode
from collector.commands.notify_test import notify_test
from collector.notify.options import ChannelSpec
from collector.secrets import Redactor
from tests.collector.notify.channels import NO_AUTHORITIES, ROUTING_KEY, SLACK_PATH, spec
from tests.collector.notify.mail_server import MailServer, mail_server
from tests.collector.probes.http.server import answers, response, routes, serving

SUCCESS = '{"status":"success","message":"Event processed"}'
GOOD = routes({"/pd": response(202, SUCCESS), "/slack": response(200, "ok"), "/hook": response(204)})


def notified(specs: Sequence[ChannelSpec], wanted: str | None, environment: dict[str, str]) -> ExitCode:
    return notify_test(
        specs,
        wanted,
        environment,
        Redactor(),
        lambda: datetime(2026, 11, 24, tzinfo=UTC),
        NO_AUTHORITIES,
        "monitor-1",
    )


async def run_command(
    specs: Sequence[ChannelSpec], wanted: str | None = None, environment: dict[str, str] | None = None
) -> ExitCode:
    return await asyncio.to_thread(notified, specs, wanted, environment or {})


async def test_every_channel_is_told_once_and_says_what_it_was_answered(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with serving(GOOD) as server, mail_server(MailServer()) as mails:
        specs = [
            spec("pagerduty", url=server.url("/pd")),
            spec("slack", url=server.url("/slack")),
            spec("email", port=mails.port, security="none"),
            spec("webhook", url=server.url("/hook")),
        ]
        assert await run_command(specs) is ExitCode.DONE
    shown = re.sub(r"\d+ ms", "N ms", capsys.readouterr().out)
    assert shown.splitlines() == [
        f"my-pagerduty (pagerduty): accepted in N ms: 202 {SUCCESS}, and resolved again",
        "my-slack (slack): accepted in N ms: 200 ok",
        "my-email (email): accepted in N ms: 250 2.0.0 queued as 4WxYz",
        "my-webhook (webhook): accepted in N ms: 204",
    ]
    begun, ended, slack, hook = (json.loads(request.body) for request in server.requests)
    assert (begun["event_action"], begun["payload"]["severity"]) == ("trigger", "info")
    assert begun["payload"]["summary"] == "TEST of channel my-pagerduty from monitor-1"
    assert (ended["event_action"], ended["dedup_key"]) == ("resolve", begun["dedup_key"])
    assert "TEST of channel my-slack from monitor-1" in slack["text"]
    assert hook["type"] == "alert.test"
    assert mails.mails()[0]["Subject"] == "TEST of channel my-email from monitor-1"


async def test_one_channel_may_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    async with serving(GOOD) as server:
        specs = [spec("pagerduty", url=server.url("/pd")), spec("slack", url=server.url("/slack"))]
        assert await run_command(specs, "my-slack") is ExitCode.DONE
    assert [request.path for request in server.requests] == ["/slack"]
    assert capsys.readouterr().out.startswith("my-slack (slack): accepted in ")


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [(404, "no_service", "refused for good"), (429, "slow down", "failed"), (500, "rollup_error", "failed")],
)
async def test_a_channel_that_does_not_accept_it_fails_the_command(
    capsys: pytest.CaptureFixture[str], status: int, body: str, said: str
) -> None:
    async with serving(answers(status, body)) as server:
        assert await run_command([spec("slack", url=server.url())]) is ExitCode.UNEXPECTED
    shown = capsys.readouterr().out
    assert re.match(rf"my-slack \(slack\): {said} in \d+ ms: {status} {body}", shown)


async def test_a_channel_that_asks_to_wait_would_be_told_later(capsys: pytest.CaptureFixture[str]) -> None:
    async with serving(answers(429, "slow down", **{"Retry-After": "7"})) as server:
        assert await run_command([spec("slack", url=server.url())]) is ExitCode.UNEXPECTED
    ending = "429 slow down; asks to wait 7 s; a real message would be tried again\n"
    assert capsys.readouterr().out.endswith(ending)


async def test_channels_whose_variables_are_not_set_are_named_and_no_failure(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with serving(GOOD) as server:
        specs = [spec("slack", url="${SLACK_WEBHOOK_URL}"), spec("webhook", url=server.url("/hook"))]
        assert await run_command(specs) is ExitCode.DONE
    assert "my-slack (slack): off, SLACK_WEBHOOK_URL is not set\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("specs", "wanted", "said"),
    [
        ([], None, "no channel is configured; write one into services.toml"),
        ([], "team", "no channel is configured"),
        ([spec("slack")], "my-slak", '"my-slak" is no configured channel; did you mean "my-slack"?'),
        ([spec("slack"), spec("webhook")], "oncall", "there are: my-slack, my-webhook"),
        ([spec("slack", url="${URL}")], None, "no channel is on: set the variables"),
        ([spec("slack", url="${URL}")], "my-slack", "my-slack is off: URL is not set\n"),
    ],
)
def test_nothing_to_test_is_a_wrong_call(
    capsys: pytest.CaptureFixture[str], specs: list[ChannelSpec], wanted: str | None, said: str
) -> None:
    assert notified(specs, wanted, {}) is ExitCode.USAGE
    assert said in capsys.readouterr().err


def test_a_wrong_value_of_the_environment_is_told_and_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    specs = [spec("pagerduty", routing_key="${KEY}")]
    assert notified(specs, None, {"KEY": "rubbish-key"}) is ExitCode.USAGE
    shown = capsys.readouterr()
    assert shown.err.startswith("channels.my-pagerduty.routing_key: the value is no integration key")
    assert "rubbish-key" not in shown.err + shown.out


async def test_no_secret_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    async with serving(answers(400, f"bad {ROUTING_KEY} {SLACK_PATH}")) as server:
        specs = [spec("pagerduty", url=server.url()), spec("slack", url=server.url(SLACK_PATH))]
        assert await run_command(specs) is ExitCode.UNEXPECTED
    assert ROUTING_KEY not in (shown := capsys.readouterr().out)
    assert SLACK_PATH not in shown.splitlines()[1]
