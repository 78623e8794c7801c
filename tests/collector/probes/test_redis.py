"""The redis probe against a real Redis in every state it can be brought into."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
import trustme

from analytics.model import Reason
from collector.probes.redis import KIND
from tests.collector.probes.attempts import attempt, steps
from tests.plugins.ports import free_port, wait_until
from tests.plugins.redis_server import PASSWORD, RedisServer


@contextmanager
def admin(server: RedisServer) -> Iterator["redis.Redis"]:
    """A client of the test's own, to bring the server into a state."""
    with redis.Redis(port=server.port, password=PASSWORD, decode_responses=True) as client:
        yield client


@pytest.fixture
def second_redis(tmp_path: Path) -> Iterator[RedisServer]:
    folder = tmp_path / "second"
    folder.mkdir()
    server = RedisServer(folder, free_port())
    server.start()
    yield server
    server.stop()


async def test_a_healthy_server(redis_server: RedisServer) -> None:
    done = await attempt(KIND, url=redis_server.url)
    details = done.finding.details
    assert (done.finding.ok, done.finding.reason) == (True, Reason.OK)
    assert done.finding.message.startswith(f"Redis {details['version']}, master, ")
    assert steps(done) == ["connect", "auth", "ping", "info"]
    assert (details["role"], details["mode"], details["loading"]) == ("master", "standalone", False)
    assert details["used_memory_bytes"] > 0
    assert details["connected_clients"] == 1
    assert details["max_clients"] > 1
    assert details["rejected_connections"] == 0
    assert details["last_save_ok"] is True
    assert 0 <= details["last_save_age_seconds"] < 60
    assert 0 <= details["uptime_seconds"] < 60
    assert "max_memory_bytes" not in details, "no limit is set"
    assert sum(details["steps_ms"].values()) <= done.duration_ms


async def test_nothing_stays_connected(redis_server: RedisServer) -> None:
    for _ in range(3):
        assert (await attempt(KIND, url=redis_server.url)).finding.ok
    with admin(redis_server) as client:
        await asyncio.to_thread(
            wait_until, lambda: len(client.client_list()) == 1, "the probe's connections to end"
        )


async def test_a_stopped_server(redis_server: RedisServer) -> None:
    redis_server.stop()
    done = await attempt(KIND, url=redis_server.url)
    assert done.finding.reason is Reason.CONNECT
    assert done.finding.message == "127.0.0.1 refused the connection"
    assert done.duration_ms < 1000, "nothing was tried again"


async def test_a_frozen_server(redis_server: RedisServer) -> None:
    assert redis_server.process is not None
    os.kill(redis_server.process.pid, signal.SIGSTOP)
    try:
        done = await attempt(KIND, timeout=0.5, url=redis_server.url)
    finally:
        os.kill(redis_server.process.pid, signal.SIGCONT)
    assert done.finding.reason is Reason.TIMEOUT
    assert done.finding.message == "no answer within 0.5 s (during auth)"
    assert done.duration_ms <= 500


@pytest.mark.parametrize(
    ("login", "message"),
    [
        (":wrong-password@", "the server does not accept the user name or password"),
        (f"nobody:{PASSWORD}@", "the server does not accept the user name or password"),
        ("", "the server asks for a password, and none is configured"),
    ],
)
async def test_a_wrong_login_is_alive_and_auth(redis_server: RedisServer, login: str, message: str) -> None:
    done = await attempt(KIND, url=f"redis://{login}127.0.0.1:{redis_server.port}")
    assert (done.finding.ok, done.finding.reason, done.finding.message) == (False, Reason.AUTH, message)


async def test_a_password_the_server_does_not_have(redis_server: RedisServer) -> None:
    with admin(redis_server) as client:
        client.config_set("requirepass", "")
    done = await attempt(KIND, url=redis_server.url)
    assert done.finding.reason is Reason.AUTH
    assert "the server has none" in done.finding.message


async def test_a_user_who_may_only_ping(redis_server: RedisServer) -> None:
    with admin(redis_server) as client:
        client.execute_command("ACL SETUSER watcher on >watch-me +ping")
    done = await attempt(KIND, url=f"redis://watcher:watch-me@127.0.0.1:{redis_server.port}")
    assert (done.finding.ok, done.finding.message) == (True, "answers PING; INFO is not allowed")
    assert "info" in done.finding.details["info_refused"]


async def test_a_user_who_may_not_even_ping(redis_server: RedisServer) -> None:
    with admin(redis_server) as client:
        client.execute_command("ACL SETUSER watcher on >watch-me +get")
    done = await attempt(KIND, url=f"redis://watcher:watch-me@127.0.0.1:{redis_server.port}")
    assert (done.finding.reason, done.finding.message) == (Reason.AUTH, "this user may not run the check")


async def test_a_database_that_is_not_there(redis_server: RedisServer) -> None:
    done = await attempt(KIND, url=f"{redis_server.url}99")
    assert done.finding.reason is Reason.UNHEALTHY
    assert done.finding.message == "the server has no database with the number in the URL"


async def test_memory_that_is_full(redis_server: RedisServer) -> None:
    with admin(redis_server) as client:
        client.config_set("maxmemory-policy", "noeviction")
        client.config_set("maxmemory", "100kb")
        with pytest.raises(redis.exceptions.OutOfMemoryError):
            client.set("key", "value")
    done = await attempt(KIND, url=redis_server.url)
    assert done.finding.reason is Reason.UNHEALTHY
    assert done.finding.message == (
        "the memory limit of 100.0 KiB is reached and nothing may be evicted; writes are refused"
    )
    assert done.finding.details["memory_percent"] >= 100


async def test_full_memory_that_may_be_evicted_is_a_cache_at_work(redis_server: RedisServer) -> None:
    with admin(redis_server) as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
        client.config_set("maxmemory", "100kb")
    done = await attempt(KIND, url=redis_server.url)
    assert done.finding.ok
    assert done.finding.details["max_memory_bytes"] == 100 * 1024
    assert "% of the limit)" in done.finding.message


async def test_no_connection_left_and_then_the_refusals_are_told(redis_server: RedisServer) -> None:
    with admin(redis_server) as client:
        client.config_set("maxclients", 1)
        done = await attempt(KIND, url=redis_server.url)
        client.config_set("maxclients", 100)
    assert done.finding.reason in (Reason.UNHEALTHY, Reason.CONNECT), "the reset may overtake the words"
    again = await attempt(KIND, previous={"rejected_connections": 0}, url=redis_server.url)
    assert again.finding.ok
    assert again.finding.details["rejected_connections"] == 1
    assert again.finding.details["rejected_since_last_check"] == 1
    assert again.finding.message.endswith("refused 1 connection since the last check")


async def test_a_save_that_failed(second_redis: RedisServer) -> None:
    second_redis.folder.rmdir()
    with admin(second_redis) as client:
        client.bgsave()
        wait_until(lambda: client.info()["rdb_last_bgsave_status"] == "err", "the save to fail")
    done = await attempt(KIND, url=second_redis.url)
    assert done.finding.reason is Reason.UNHEALTHY
    assert done.finding.message.startswith("the last save to disk failed")
    assert done.finding.details["last_save_ok"] is False


async def test_a_server_that_is_still_loading(redis_server: RedisServer) -> None:
    with admin(redis_server) as client:
        client.mset({f"key:{number}": "value" for number in range(20_000)})
        client.save()
    redis_server.stop()
    slowly = ["--key-load-delay", "500", "--loading-process-events-interval-bytes", "1024"]
    redis_server.start(*slowly)
    done = await attempt(KIND, url=redis_server.url)
    assert done.finding.reason is Reason.UNHEALTHY
    assert done.finding.message == "the server is loading its data and does not serve yet"


async def test_a_replica_and_then_without_its_master(
    redis_server: RedisServer, second_redis: RedisServer
) -> None:
    with admin(second_redis) as client:
        client.config_set("masterauth", PASSWORD)
        client.replicaof("127.0.0.1", redis_server.port)
        wait_until(lambda: client.info()["master_link_status"] == "up", "the replica to follow")
        done = await attempt(KIND, url=second_redis.url)
        assert (done.finding.ok, done.finding.details["role"]) == (True, "slave")
        redis_server.stop()
        wait_until(lambda: client.info()["master_link_status"] == "down", "the link to break")
        done = await attempt(KIND, url=second_redis.url)
        assert done.finding.reason is Reason.UNHEALTHY
        master = f"127.0.0.1:{redis_server.port}"
        assert done.finding.message.startswith(f"is a replica without a link to its master {master}")
        client.config_set("replica-serve-stale-data", "no")
        done = await attempt(KIND, url=second_redis.url)
    assert done.finding.reason is Reason.UNHEALTHY
    assert done.finding.message == "is a replica that lost its master and therefore does not serve"


async def test_tls(redis_server: RedisServer, tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    certificate.private_key_pem.write_to_path(tmp_path / "key.pem")
    certificate.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    redis_server.stop()
    files = ["--tls-cert-file", "cert.pem", "--tls-key-file", "key.pem", "--tls-auth-clients", "no"]
    tls_port = free_port()
    redis_server.start("--tls-port", str(tls_port), *files)
    url = f"rediss://:{PASSWORD}@127.0.0.1:{tls_port}"
    trusted = await attempt(KIND, url=f"{url}?ssl_ca_certs={tmp_path}/ca.pem")
    assert trusted.finding.ok, trusted.finding.message
    unknown = await attempt(KIND, url=url)
    assert unknown.finding.reason is Reason.TLS
    assert unknown.finding.message.startswith("the certificate of 127.0.0.1 is not valid: ")
    no_file = await attempt(KIND, url=f"{url}?ssl_ca_certs={tmp_path}/none.pem")
    assert no_file.finding.reason is Reason.BAD_CONFIGURATION
    plain = await attempt(KIND, url=f"redis://127.0.0.1:{tls_port}")
    assert plain.finding.reason in (Reason.PROTOCOL, Reason.CONNECT)


async def test_a_unix_socket(redis_server: RedisServer, tmp_path: Path) -> None:
    redis_server.stop()
    redis_server.start("--unixsocket", "redis.sock")
    done = await attempt(KIND, url=f"unix://:{PASSWORD}@{tmp_path}/redis.sock")
    assert done.finding.ok, done.finding.message
    assert steps(done) == ["connect", "ping", "info"]
    wrong = await attempt(KIND, url=f"unix://:wrong@{tmp_path}/redis.sock")
    assert wrong.finding.reason is Reason.AUTH
    missing = await attempt(KIND, url=f"unix://{tmp_path}/none.sock")
    assert missing.finding.reason is Reason.CONNECT
    assert missing.finding.message == f"there is no socket {tmp_path}/none.sock"
