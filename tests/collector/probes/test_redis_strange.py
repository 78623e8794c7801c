"""The redis probe against what is no Redis, or a strange one, and the options it takes."""

import pytest
from pydantic import ValidationError

from analytics.model import Reason
from collector.probes.redis import KIND, RedisOptions
from tests.collector.probes.attempts import HANG_UP, attempt, steps, talking
from tests.plugins.redis_server import PASSWORD, RedisServer


async def test_a_name_that_does_not_exist() -> None:
    done = await attempt(KIND, url="redis://redis.invalid")
    assert done.finding.reason is Reason.DNS
    assert "redis.invalid" in done.finding.message
    assert steps(done) == ["dns"]


async def test_a_server_that_says_nothing() -> None:
    async with talking() as silent:
        done = await attempt(KIND, timeout=0.3, url=f"redis://127.0.0.1:{silent.port}")
    assert (done.finding.reason, len(silent.heard)) == (Reason.TIMEOUT, 1)
    assert done.finding.message == "no answer within 0.3 s (during ping)"


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ([b"HTTP/1.1 400 Bad Request\r\n\r\n"], Reason.PROTOCOL),
        ([b"$abc\r\n"], Reason.PROTOCOL),
        ([b"*1\r\n" * 5000], Reason.PROTOCOL),
        ([b"+PANG\r\n"], Reason.PROTOCOL),
        ([b":1\r\n"], Reason.PROTOCOL),
        ([b"+PONG\r\n", b"+fine\r\n"], Reason.PROTOCOL),
        ([b"+PONG\r\n", b"*0\r\n"], Reason.PROTOCOL),
        ([HANG_UP], Reason.CONNECT),
        ([b"+PONG\r\n", HANG_UP], Reason.CONNECT),
        ([b"-DENIED Redis is running in protected mode\r\n"], Reason.AUTH),
        ([b"-CLUSTERDOWN Hash slot not served\r\n"], Reason.UNHEALTHY),
        ([b"-BUSY Redis is busy running a script\r\n"], Reason.UNHEALTHY),
        ([b"-ERR something new\r\n"], Reason.UNHEALTHY),
    ],
)
async def test_what_is_no_redis_or_a_strange_one(answers: list[bytes], reason: Reason) -> None:
    async with talking(*answers) as strange:
        done = await attempt(KIND, timeout=2, url=f"redis://127.0.0.1:{strange.port}")
    assert (done.finding.ok, done.finding.reason) == (False, reason), done.finding.message
    assert len(strange.heard) == 1, "one attempt is one connection"


async def test_a_server_that_repeats_the_password() -> None:
    answer = b"-ERR unknown command `AUTH`, with args beginning with: `hunter2-literal`\r\n"
    async with talking(answer) as indiscreet:
        done = await attempt(KIND, url=f"redis://:hunter2-literal@127.0.0.1:{indiscreet.port}")
    assert done.finding.reason is Reason.UNHEALTHY
    assert "hunter2" not in str(done)


async def test_a_url_from_the_environment(redis_server: RedisServer) -> None:
    options = {"url": "${REDIS_URL}"}
    missing = await attempt(KIND, **options)
    assert (missing.finding.reason, missing.finding.message) == (
        Reason.MISSING_CREDENTIALS,
        "REDIS_URL is not set",
    )
    wrong = await attempt(KIND, environment={"REDIS_URL": "hunter2"}, **options)
    assert wrong.finding.reason is Reason.BAD_CONFIGURATION
    assert "hunter2" not in wrong.finding.message
    found = await attempt(KIND, environment={"REDIS_URL": redis_server.url}, **options)
    assert found.finding.ok
    assert PASSWORD not in str(found)


@pytest.mark.parametrize(
    ("url", "target", "host"),
    [
        ("redis://cache.example.com", "redis://cache.example.com", "cache.example.com"),
        ("rediss://a:b@cache.example.com:6380/2", "rediss://cache.example.com:6380/2", "cache.example.com"),
        ("redis://:${PASSWORD}@cache.example.com", "redis://cache.example.com", "cache.example.com"),
        ("redis://localhost", "redis://localhost", None),
        ("unix:///run/redis.sock", "unix:///run/redis.sock", None),
        ("${REDIS_URL}", "${REDIS_URL}", None),
    ],
)
def test_what_is_shown_and_what_it_depends_on(url: str, target: str, host: str | None) -> None:
    options = RedisOptions(url=url)
    assert (options.target(), options.host()) == (target, host)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:6379",
        "http://localhost",
        "redis://",
        "redis://:pa/ss@host",
        "redis://:pa#ss@host",
        "redis://host:port",
        "redis://host:99999",
        "redis://host/main",
        "redis://host?db=main",
        "redis://host?socket_timeout=5",
        "rediss://host?ssl_cert_reqs=maybe",
        "unix://",
    ],
)
def test_what_is_no_redis_url(url: str) -> None:
    with pytest.raises(ValidationError):
        RedisOptions(url=url)
