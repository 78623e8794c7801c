"""Memory that is given back: without this the process grows within minutes, though it holds no more.

Pages are drawn and questions asked in ever other threads. glibc gives threads heaps of their own, up to eight
a core, and every large query leaves holes in one of them; and with Streamlit's collection after each run
switched off, Python's own comes to the oldest garbage only after long.
"""

import ctypes
import gc
from contextlib import suppress
from threading import Event

_EVERY_SECONDS = 60.0

#: What `mallopt` takes: the most heaps there may be, and from which size on (in bytes) a block is a mapping
#: of its own, which goes back when it is freed. Said, it stays so: glibc raises it up to 32 MB otherwise.
_ARENA_MAX, _HEAPS = -8, 2
_MMAP_THRESHOLD, _LARGE = -3, 128 * 1024


def keep_small() -> None:
    """Have all threads share few heaps, and large blocks go back at once; before there are many threads.

    Nothing happens where the allocator is not glibc's.
    """
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(_ARENA_MAX, _HEAPS)
        library.mallopt(_MMAP_THRESHOLD, _LARGE)
    with suppress(ImportError):
        import pyarrow

        # Its own allocator keeps what tables took; they are small here, and short-lived.
        pyarrow.set_memory_pool(pyarrow.system_memory_pool())


def keep_tidy(stop: Event) -> None:
    """`tidy` every minute, until `stop`."""
    while not stop.wait(_EVERY_SECONDS):
        tidy()


def tidy() -> None:
    """Collect garbage, and give what is free back to the system: some 30 ms."""
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
