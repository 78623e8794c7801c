"""What Redis's INFO says about the server's state. Pure functions.

The fields are those of https://redis.io/docs/latest/commands/info/; servers older than a field leave it out,
and a field that is missing is no fault.
"""

from collections.abc import Mapping
from typing import Any

from analytics.model import Finding, Reason

Info = Mapping[str, str]


def parse_info(text: str) -> dict[str, str]:
    """`field:value` lines as a table; section headings and what is no field are left out."""
    pairs = (line.partition(":") for line in text.splitlines() if not line.startswith("#"))
    return {key: value for key, colon, value in pairs if colon}


def judge(info: Info, previous: Mapping[str, Any]) -> Finding:
    """The finding for a server that answered. `previous` is `details` of the last good check."""
    details = details_of(info, previous)
    fault = _fault(info, details)
    if fault:
        return Finding(False, Reason.UNHEALTHY, fault, details)
    return Finding(True, Reason.OK, _summary(details), details)


def details_of(info: Info, previous: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that are kept, in plain units: bytes, seconds, percent. Absent ones are left out."""
    server, version = _server(info)
    used, limit = _number(info, "used_memory"), _number(info, "maxmemory")
    clients, most = _number(info, "connected_clients"), _number(info, "maxclients")
    rejected = _number(info, "rejected_connections")
    kept = {
        "server": server,
        "version": version,
        "mode": info.get("redis_mode"),
        "role": info.get("role"),
        "uptime_seconds": _number(info, "uptime_in_seconds"),
        "used_memory_bytes": used,
        "max_memory_bytes": limit or None,
        "memory_percent": _percent(used, limit),
        "memory_policy": info.get("maxmemory_policy"),
        "evicted_keys": _number(info, "evicted_keys"),
        "connected_clients": clients,
        "max_clients": most,
        "clients_percent": _percent(clients, most),
        "rejected_connections": rejected,
        "rejected_since_last_check": _increase(rejected, previous.get("rejected_connections")),
        "last_save_ok": _is_ok(info, "rdb_last_bgsave_status"),
        "last_save_age_seconds": _save_age(info),
        "aof_write_ok": _is_ok(info, "aof_last_write_status") if _on(info, "aof_enabled") else None,
        "loading": _on(info, "loading"),
        "master_link": info.get("master_link_status"),
        "master_link_down_seconds": _number(info, "master_link_down_since_seconds"),
    }
    return {name: value for name, value in kept.items() if value is not None}


def _fault(info: Info, details: Mapping[str, Any]) -> str | None:
    """What is wrong with a server that answers, worst first; None when all is well."""
    if details.get("loading"):
        return "the server is loading its data and does not serve yet"
    if details.get("master_link", "up") != "up":
        return _lost_master(info)
    if details.get("last_save_ok") is False:
        return "the last save to disk failed; a restart would lose data, and writes may be refused"
    if details.get("aof_write_ok") is False:
        return "the last write to the append-only file failed; writes are refused"
    full = details.get("memory_percent", 0) >= 100
    if full and details.get("memory_policy") == "noeviction":
        limit = _bytes(details["max_memory_bytes"])
        return f"the memory limit of {limit} is reached and nothing may be evicted; writes are refused"
    return None


def _lost_master(info: Info) -> str:
    if _on(info, "master_sync_in_progress"):
        return "is a replica that is still copying its master's data"
    master = f"{info.get('master_host', '?')}:{info.get('master_port', '?')}"
    seconds = _number(info, "master_link_down_since_seconds")
    since = f" for {seconds} s" if seconds is not None and seconds >= 0 else ""
    return f"is a replica without a link to its master {master}{since}; what it serves grows old"


def _summary(details: Mapping[str, Any]) -> str:
    parts = [f"{details['server']} {details['version']}", str(details.get("role", ""))]
    if "used_memory_bytes" in details:
        share = f" ({details['memory_percent']:g} % of the limit)" if "memory_percent" in details else ""
        parts.append(_bytes(details["used_memory_bytes"]) + share)
    refused = details.get("rejected_since_last_check", 0)
    if refused:
        parts.append(f"refused {refused} connection{'' if refused == 1 else 's'} since the last check")
    return ", ".join(part for part in parts if part)


def _server(info: Info) -> tuple[str, str]:
    """Valkey keeps `redis_version` for old clients and tells its own beside it."""
    if "valkey_version" in info:
        return "Valkey", info["valkey_version"]
    return "Redis", info.get("redis_version", "?")


def _save_age(info: Info) -> int | None:
    """Seconds since the last save, by the server's own clock: ours may differ."""
    now, saved = _number(info, "server_time_usec"), _number(info, "rdb_last_save_time")
    return max(0, now // 1_000_000 - saved) if now is not None and saved is not None else None


def _increase(total: int | None, before: Any) -> int | None:
    """How much a counter rose; one that fell was reset by a restart and counts from zero."""
    if total is None or not isinstance(before, int):
        return None
    return total - before if total >= before else total


def _percent(part: int | None, whole: int | None) -> float | None:
    """Two decimals, cut: 99.999 % of a limit is not the limit."""
    return int(10_000 * part / whole) / 100 if part is not None and whole else None


def _number(info: Info, field: str) -> int | None:
    try:
        return int(info[field])
    except (KeyError, ValueError):
        return None


def _is_ok(info: Info, field: str) -> bool | None:
    return info[field] == "ok" if field in info else None


def _on(info: Info, field: str) -> bool | None:
    return info[field] == "1" if field in info else None


def _bytes(count: int) -> str:
    size = float(count)
    for unit in ("B", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GiB"
