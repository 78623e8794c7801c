"""A small MCP server over standard input and output that misbehaves as its one argument says.

The argument is a JSON table; every key may be left out:
era           "legacy", "modern" or "both": what it answers; "legacy" refuses the rest with an error
ignore        methods it never answers
answers       method → result, in place of its own
errors        method → [code, message]
tools         names of its tools
noise         text for standard output before anything else, written as it stands
noise_on      method → text for standard output before its answer
mute          methods it answers with that text alone
slow          method → seconds until its answer
stderr        text for standard error before anything else
start_after   seconds until it reads its input
exit_on       method (or "start") at which it ends …
exit_code     … with this code; negative for a signal it sends itself
child         "group" or "stray": it starts a program that stays in, or leaves, its process group
farewell      a file it writes when its input ends or SIGTERM comes, before it ends
stubborn      ignores SIGTERM and the end of its input
variables     environment variables it shows as tools, `NAME=value`
"""

import json
import os
import signal
import subprocess
import sys
import time
from typing import Any

OPTIONS: dict[str, Any] = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
IDENTITY = {"name": "scripted", "version": "1.2.3"}
#: A program that outlives its parent unless somebody ends it.
_LONG = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(120)",
]


def say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def leave_if(moment: str) -> None:
    if OPTIONS.get("exit_on") != moment:
        return
    code = OPTIONS.get("exit_code", 0)
    if code < 0:
        os.kill(os.getpid(), -code)
    sys.stdout.flush()
    os._exit(code)


def tools() -> list[dict[str, Any]]:
    names = list(OPTIONS.get("tools", ["one", "two"]))
    names += [f"{name}={os.environ.get(name)}" for name in OPTIONS.get("variables", [])]
    return [{"name": name, "inputSchema": {"type": "object"}} for name in names]


def result(method: str) -> dict[str, Any] | None:
    era = OPTIONS.get("era", "both")
    modern = {"resultType": "complete", "ttlMs": 0, "cacheScope": "private"}
    if method in OPTIONS.get("answers", {}):
        return dict(OPTIONS["answers"][method])
    if method == "server/discover" and era != "legacy":
        meta = {"io.modelcontextprotocol/serverInfo": IDENTITY}
        return {**modern, "supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}}, "_meta": meta}
    if method == "initialize" and era != "modern":
        return {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": IDENTITY}
    if method == "tools/list":
        return {**(modern if era != "legacy" else {}), "tools": tools()}
    return None


def answer(line: str) -> None:
    message = json.loads(line)
    method = message["method"]
    if "id" not in message or method in OPTIONS.get("ignore", []):
        return
    leave_if(method)
    say(OPTIONS.get("noise_on", {}).get(method, ""))
    if method in OPTIONS.get("mute", []):
        return
    time.sleep(OPTIONS.get("slow", {}).get(method, 0))
    reply: dict[str, Any] = {"jsonrpc": "2.0", "id": message["id"]}
    found = result(method)
    if method in OPTIONS.get("errors", {}):
        code, text = OPTIONS["errors"][method]
        reply["error"] = {"code": code, "message": text}
    elif found is None:
        reply["error"] = {"code": -32601, "message": "Method not found"}
    else:
        reply["result"] = found
    say(json.dumps(reply) + "\n")


def farewell(*_: object) -> None:
    time.sleep(0.3)
    with open(OPTIONS["farewell"], "w") as file:
        file.write("bye")
    os._exit(0)


def main() -> None:
    if OPTIONS.get("stubborn"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if "farewell" in OPTIONS:
        signal.signal(signal.SIGTERM, farewell)
    if "child" in OPTIONS:
        subprocess.Popen(_LONG, start_new_session=OPTIONS["child"] == "stray")
    print(OPTIONS.get("stderr", ""), file=sys.stderr, end="", flush=True)
    say(OPTIONS.get("noise", ""))
    leave_if("start")
    time.sleep(OPTIONS.get("start_after", 0))
    for line in sys.stdin:
        answer(line)
    if "farewell" in OPTIONS:
        farewell()
    while OPTIONS.get("stubborn"):
        time.sleep(1)


if __name__ == "__main__":
    main()
