"""What is made of INFO, for what is not at hand: a failing append-only file, Valkey, old servers."""

from typing import Any

import pytest

from analytics.model import Reason
from collector.probes.redis_info import judge, parse_info

WELL = """# Server
redis_version:7.0.15
redis_mode:standalone
server_time_usec:1764000000999999
uptime_in_seconds:900

# Clients
connected_clients:3
maxclients:10000

# Memory
used_memory:1048576
maxmemory:0
maxmemory_policy:noeviction

# Persistence
loading:0
rdb_last_save_time:1763999400
rdb_last_bgsave_status:ok
aof_enabled:0
aof_last_write_status:ok

# Stats
rejected_connections:7
evicted_keys:0

# Replication
role:master
"""


def judged(previous: dict[str, Any] | None = None, **changes: object) -> Any:
    info = parse_info(WELL) | {name: str(value) for name, value in changes.items()}
    return judge(info, previous or {})


def test_a_server_that_is_well() -> None:
    finding = judged()
    assert (finding.ok, finding.message) == (True, "Redis 7.0.15, master, 1.0 MiB")
    assert finding.details == {
        "server": "Redis",
        "version": "7.0.15",
        "mode": "standalone",
        "role": "master",
        "uptime_seconds": 900,
        "used_memory_bytes": 1048576,
        "memory_policy": "noeviction",
        "evicted_keys": 0,
        "connected_clients": 3,
        "max_clients": 10000,
        "clients_percent": 0.03,
        "rejected_connections": 7,
        "last_save_ok": True,
        "last_save_age_seconds": 600,
        "loading": False,
    }


def test_an_old_server_tells_less_and_is_well() -> None:
    finding = judge(parse_info("redis_version:2.8.4\r\nrole:master\r\n"), {})
    assert (finding.ok, finding.message) == (True, "Redis 2.8.4, master")


def test_valkey_tells_its_own_version() -> None:
    finding = judged(valkey_version="8.1.0", server_name="valkey")
    assert finding.message.startswith("Valkey 8.1.0, ")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"loading": 1}, "is loading its data"),
        ({"aof_enabled": 1, "aof_last_write_status": "err"}, "append-only file failed"),
        ({"rdb_last_bgsave_status": "err"}, "the last save to disk failed"),
        (
            {"role": "slave", "master_link_status": "down", "master_sync_in_progress": 1},
            "still copying its master's data",
        ),
        (
            {
                "role": "slave",
                "master_link_status": "down",
                "master_host": "10.0.0.1",
                "master_port": 6379,
                "master_link_down_since_seconds": 42,
            },
            "without a link to its master 10.0.0.1:6379 for 42 s",
        ),
        ({"maxmemory": 1048576}, "the memory limit of 1.0 MiB is reached"),
    ],
)
def test_what_is_wrong_with_a_server_that_answers(changes: dict[str, object], words: str) -> None:
    finding = judged(**changes)
    assert (finding.ok, finding.reason) == (False, Reason.UNHEALTHY)
    assert words in finding.message


@pytest.mark.parametrize(
    "changes",
    [
        {"aof_last_write_status": "err"},
        {"maxmemory": 1048577},
        {"maxmemory": 1048576, "maxmemory_policy": "allkeys-lru"},
        {"role": "slave", "master_link_status": "up"},
    ],
    ids=["no append-only file", "one byte below the limit", "a cache", "a replica"],
)
def test_what_is_not_wrong(changes: dict[str, object]) -> None:
    assert judged(**changes).ok


@pytest.mark.parametrize(("before", "since"), [(7, 0), (5, 2), (9, 7), (None, None), ("7", None)], ids=str)
def test_refused_connections_since_the_last_check(before: object, since: int | None) -> None:
    finding = judged({"rejected_connections": before})
    assert finding.details.get("rejected_since_last_check") == since
    assert ("refused" in finding.message) == bool(since)


def test_numbers_that_are_none_are_left_out() -> None:
    details = judged(used_memory="much", connected_clients="").details
    assert "used_memory_bytes" not in details
    assert "connected_clients" not in details
