"""Starting the program of an MCP server, and what of our own environment it may see."""

import errno
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from analytics.model import Reason
from collector.probes.base import ProbeFailure
from collector.probes.mcp_options import McpOptions

#: What a program needs to find itself, its home, its package manager and the way out. No credentials.
_INHERITED = (
    *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    *("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"),
    *("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "PIPX_HOME", "PIPX_BIN_DIR"),
    *("npm_config_cache", "npm_config_registry", "NPM_CONFIG_CACHE", "NPM_CONFIG_REGISTRY"),
)


def child_environment(ours: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """The environment of a started server: a short list from `ours`, and all of `given` over it."""
    return {name: ours[name] for name in _INHERITED if name in ours} | dict(given)


def spawn(options: McpOptions, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start the server as the leader of a session and process group of its own, with pipes for all three.

    Raises `ProbeFailure`: `command_missing` when the program cannot be run, `bad_configuration` when the
    working directory cannot be used, `collector_error` when this machine has no room for a process.
    """
    command = options.command or ""
    if options.cwd is not None and not Path(options.cwd).is_dir():
        raise ProbeFailure(Reason.BAD_CONFIGURATION, f"the folder {options.cwd} (cwd) does not exist")
    try:
        return subprocess.Popen(
            [command, *options.args],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env=dict(environment),
            cwd=options.cwd,
            start_new_session=True,
        )
    except FileNotFoundError:
        message = f"{command} was not found; install it, or write its full path"
        if Path(command).is_file():
            message = f"{command} cannot be started: the program its first line names was not found"
        raise ProbeFailure(Reason.COMMAND_MISSING, message) from None
    except PermissionError:
        raise ProbeFailure(Reason.COMMAND_MISSING, f"{command} is not executable") from None
    except OSError as error:
        said = (error.strerror or os.strerror(error.errno or 0)).lower()
        reason = Reason.COLLECTOR_ERROR if _no_room(error) else Reason.COMMAND_MISSING
        raise ProbeFailure(reason, f"{command} cannot be started: {said}") from None


def _no_room(error: OSError) -> bool:
    """Too many processes, open files, or too little memory: the fault of this machine."""
    return isinstance(error, BlockingIOError) or error.errno in (errno.ENOMEM, errno.EMFILE, errno.ENFILE)
