"""Programs a test cannot do without: skipped on a user's machine with the way to get them, an error in CI."""

import glob
import os
import shutil

import pytest

_HOW = {
    "redis-server": "install it with your package manager (Debian: apt-get install redis-server)",
    "postgres": "install it with your package manager (Debian: apt-get install postgresql)",
    "chromium": "install it with your package manager (Debian: apt-get install chromium)",
    "npm": "install Node.js 20 or newer from your package manager or https://nodejs.org",
}

_ELSEWHERE = {
    "postgres": ["/usr/lib/postgresql/*/bin/postgres"],
    "chromium": ["/usr/bin/chromium", "/usr/bin/google-chrome", "/usr/bin/chromium-browser"],
}


def missing(what: str, how: str) -> None:
    """Skip the running test, or fail it when `CI=true`, saying what is missing and how to get it."""
    text = f"{what} is needed for this test: {how}"
    if os.environ.get("CI") == "true":
        pytest.fail(text, pytrace=False)
    pytest.skip(text)


def program(name: str) -> str:
    """The path of `name`; without it the test is skipped, or fails in CI."""
    found = shutil.which(name)
    if found:
        return found
    for pattern in _ELSEWHERE.get(name, []):
        for path in sorted(glob.glob(pattern), reverse=True):
            return path
    missing(name, _HOW.get(name, "install it"))
    raise AssertionError
