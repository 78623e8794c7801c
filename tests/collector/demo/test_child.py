"""A child process of the demo whose parent was killed."""

import os
import subprocess
import sys

from collector.demo.child import ROOT


def test_a_child_that_outlives_its_parent_ends_without_a_word() -> None:
    """There is nobody to read its last words, and a traceback would stand in the terminal of a new demo."""
    reads, writes = os.pipe()
    os.close(reads)
    try:
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                "from collector.demo.child import say; say({'done': 1}); say({'done': 2})",
            ],
            cwd=ROOT,
            stdout=writes,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(writes)
    assert (done.returncode, done.stderr) == (0, "")
