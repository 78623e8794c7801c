"""Runs one check in a process that inherits orphans, as process 1 of a container does, and lists its zombies.

The argument is the JSON table of options of the server to check.
"""

import asyncio
import ctypes
import json
import sys

import httpx
import psutil

from tests.collector.probes.mcp.checking import checker

_PR_SET_CHILD_SUBREAPER = 36  # prctl(2)


async def main() -> None:
    async with httpx.AsyncClient(verify=False) as client:
        attempt = await checker(client).check(**json.loads(sys.argv[1]))
    children = psutil.Process().children(recursive=True)
    print(json.dumps([attempt.finding.reason, [child.status() for child in children]]))


if __name__ == "__main__":
    assert ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    asyncio.run(main())
