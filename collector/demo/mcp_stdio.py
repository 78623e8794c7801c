"""A simulated MCP server on standard input and output: `python -m collector.demo.mcp_stdio NAME STAGE_URL`.

It asks the stage, the process that plays the script, what is wrong with it now, and behaves like that.
"""

import json
import sys
import time
import urllib.request

from collector.demo.mcp_servers import make_server
from collector.demo.script import HEALTHY, Fault, FaultKind

_SILENCE_SECONDS = 600.0
_PATIENCE_SECONDS = 2.0


def ask_stage(url: str, name: str) -> Fault:
    """The fault of the MCP server `name` now; healthy when the stage does not answer."""
    try:
        with urllib.request.urlopen(f"{url}/fault/mcp/{name}", timeout=_PATIENCE_SECONDS) as answer:  # noqa: S310
            told = json.load(answer)
    except OSError:
        return HEALTHY
    return Fault(FaultKind(told["kind"]), told["delay_ms"], told["variant"])


def main(name: str, stage_url: str) -> int:
    """Serve until standard input closes; returns the exit code."""
    fault = ask_stage(stage_url, name)
    if fault.kind is FaultKind.EXITED:
        print("google.auth.exceptions.DefaultCredentialsError: (simulated)", file=sys.stderr)
        return 1
    if fault.kind is FaultKind.SILENT:
        time.sleep(_SILENCE_SECONDS)
    time.sleep(fault.delay_ms / 1000.0)
    make_server(name, fault).run("stdio")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
