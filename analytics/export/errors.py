"""What can go wrong with an export, in one line for a person."""

import errno
from collections.abc import Iterable

from analytics.rules.wording import did_you_mean

_WORDS = {
    errno.ENOSPC: "there is no room on the disk: make room",
    errno.EFBIG: "there is no room on the disk: make room",
    errno.EDQUOT: "there is no room on the disk: make room",
    errno.EACCES: "no permission: this user must be able to write there",
    errno.EPERM: "no permission: this user must be able to write there",
    errno.EROFS: "no permission: this user must be able to write there",
    errno.ENOENT: "its folder does not exist: create it or name another",
    errno.ENOTDIR: "its folder does not exist: create it or name another",
    errno.EISDIR: "it is a folder: name a file in it",
    errno.ELOOP: "its links go round in circles: name a file",
    errno.EBADF: "it is closed: send it somewhere, or name a file",
    errno.ENAMETOOLONG: "its name is too long: name it shorter",
}


class ExportError(Exception):
    """An export is not possible as asked. Its text is one line: where, what, and what would be right."""

    def __init__(self, text: str) -> None:
        super().__init__(" ".join(text.split()))


def of_system(error: OSError, where: str) -> ExportError:
    """What the system refuses about `where`, in our words."""
    return ExportError(f"{where}: {_WORDS.get(error.errno or 0, error.strerror or str(error))}")


def unknown(what: str, name: str, known: Iterable[str], all_are: str = "") -> ExportError:
    """There is no `what` of this `name`: names the nearest, and all that there are or, where those are too
    many for a line, how to see them (`all_are`)."""
    names = list(known)
    hint = did_you_mean(name, names)
    shown = name if len(name) <= 60 else f"{name[:60]}…"
    return ExportError(
        f'there is no {what} "{shown}": {hint}{all_are or "there are " + (", ".join(names) or "none")}'
    )
