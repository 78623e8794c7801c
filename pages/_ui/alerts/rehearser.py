"""The process that rehearses: it is told what over its standard input, and says how far it is on the other.

Python's own objects go both ways, between a process and the one that started it. What was read stays in it
for the next one, and goes with it: it ends when its input does.
"""

import os
import pickle
import sys
from typing import BinaryIO

from pages._ui.alerts.rehearsal import Memory, Progress, rehearsed

#: Pages go first.
_NICE = 10


def serve(told: BinaryIO, answers: BinaryIO) -> None:
    """Rehearse what is `told`, one after the other, until nothing more comes."""
    memory = Memory()

    def answer(progress: Progress) -> None:
        pickle.dump(progress, answers)
        answers.flush()

    while True:
        try:
            job = pickle.load(told)  # noqa: S301 - from the process that started this one
        except EOFError:
            return
        answer(rehearsed(job, memory, lambda share: answer(Progress(share))))


def main() -> None:
    """What is printed goes to the log: the standard output is for answers."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    os.nice(_NICE)
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
