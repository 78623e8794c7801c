"""The messages the channels are tested with."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from analytics.alerting import Action, Message
from analytics.model import Severity

AT = datetime(2026, 11, 24, 10, 2, 30, tzinfo=UTC)
BEGAN = AT - timedelta(seconds=20)

CRITICAL = Message(
    action=Action.TRIGGER,
    dedup_key="incident/01930a5e-0000-7000-8000-000000000001",
    service="infrastructure/supabase",
    severity=Severity.CRITICAL,
    title="Supabase is down: connection refused",
    text="3 checks in a row failed: db.example.com refused the connection.",
    at=AT,
    began_at=BEGAN,
    rule="service_down",
    reason="connect",
    incident_id="01930a5e-0000-7000-8000-000000000001",
    vendor="elevated errors since 08:41",
    affected=("mcp/supabase", "api/shop"),
    runbook="https://monitor.example.com/runbooks/connect",
    dashboard="https://health.example.com",
)
WARNING = replace(
    CRITICAL,
    dedup_key="incident/01930a5e-0000-7000-8000-000000000002",
    service="api/shopify",
    severity=Severity.WARNING,
    title="Shopify API rate limited: 429 on 18 % of 312 calls in 5 minutes",
    text="56 of 312 calls were answered 429.",
    rule="high_error_rate",
    reason="rate_limited",
    vendor="",
    affected=(),
)
HOSTILE_TEXT = (
    '<!channel> <!here> <@U024BE7LH> @here *bold* `code` <https://evil.example|click> & <script>alert("1")'
    "</script>\r\nBcc: everyone@example.com\r\n\r\nSubject: other\x00\x07\u202eabc :smile: [x](http://y) "
    "\ud800 "
    "\N{FIRE}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{PERSONAL COMPUTER}"
)
HOSTILE = replace(
    CRITICAL,
    dedup_key="incident/<!here>\r\nBcc: x@example.com",
    service="api/<b>x</b>",
    title=HOSTILE_TEXT,
    text=HOSTILE_TEXT,
    reason="<img src=x>",
    vendor=HOSTILE_TEXT,
    affected=(HOSTILE_TEXT, "b"),
    author="<@U1>\r\nTo: y@example.com",
    note=HOSTILE_TEXT,
    runbook='javascript:alert("1")',
    dashboard="https://health.example.com/?a=1&b=<2>",
)
LONG_TEXT = "<&> \N{FIRE} it went wrong again \n" * 360
LONG = replace(
    CRITICAL,
    dedup_key="notice/" + "k" * 400,
    service="api/" + "s" * 300,
    title=LONG_TEXT,
    text=LONG_TEXT,
    vendor=LONG_TEXT,
    note=LONG_TEXT,
    author=LONG_TEXT,
    affected=tuple(f"mcp/{'a' * 300}-{number}" for number in range(300)),
    runbook="https://monitor.example.com/" + "r" * 1900,
)

CASES: dict[str, Message] = {
    "trigger-critical": CRITICAL,
    "trigger-warning": WARNING,
    "update": replace(
        WARNING, action=Action.UPDATE, severity=Severity.CRITICAL, at=AT + timedelta(minutes=5)
    ),
    "acknowledge": replace(
        CRITICAL, action=Action.ACKNOWLEDGE, author="Ada", note="looking at it", at=AT + timedelta(minutes=2)
    ),
    "trigger-again": replace(
        CRITICAL,
        text="It was well for 4 min, and is down again.",
        at=BEGAN + timedelta(minutes=6),
        relapses=3,
    ),
    "resolve-by-hand": replace(
        WARNING,
        action=Action.RESOLVE,
        author="Ada",
        note="the key is a new one",
        ended_at=AT + timedelta(minutes=17),
        at=AT + timedelta(minutes=17),
    ),
    "resolve": replace(
        CRITICAL,
        action=Action.RESOLVE,
        text="It answers again.",
        ended_at=AT + timedelta(minutes=72),
        at=AT + timedelta(minutes=73),
        relapses=2,
    ),
    "over-trigger": replace(CRITICAL, over=True, ended_at=AT + timedelta(minutes=4)),
    "over-resolve": replace(
        CRITICAL,
        action=Action.RESOLVE,
        over=True,
        ended_at=AT + timedelta(hours=20),
        at=AT + timedelta(hours=20, minutes=1),
    ),
    "notice-certificate": replace(
        WARNING,
        dedup_key="notice/certificate_expiry/api/shopify",
        title="The certificate of shop.example.com ends in 13 days",
        text="It ends on 7 Dec 2026. Renew it.",
        rule="certificate_expiry",
        reason="tls",
        incident_id="",
    ),
    "test": Message(
        action=Action.TEST,
        dedup_key="test/1",
        service="collector",
        severity=Severity.INFO,
        title="channel team from monitor-1",
        text="This is a test message. Nothing is wrong, and nothing needs to be done.",
        at=AT,
        began_at=AT,
    ),
    "hostile": HOSTILE,
    "long": LONG,
}

REPORT = Message(
    action=Action.REPORT,
    dedup_key="report/daily/2026-11-24",
    service="collector",
    severity=Severity.INFO,
    title="Daily health summary, 24 Nov 2026",
    text="15 of 16 services were healthy all day.",
    at=AT,
    began_at=AT - timedelta(days=1),
)
