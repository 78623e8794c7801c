"""Memory comes back: garbage that Streamlit no longer collects, and what is free."""

import gc
import subprocess
import sys
import weakref
from threading import Event, Thread

import pytest

from pages._ui.serving import memory
from tests.plugins.ports import wait_until


class Knot:
    """It holds itself."""

    def __init__(self) -> None:
        self.itself = self


def test_what_only_holds_itself_is_collected_every_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_EVERY_SECONDS", 0.01)
    stop = Event()
    keeper = Thread(target=memory.keep_tidy, args=(stop,))
    gc.disable()
    try:
        knot = weakref.ref(Knot())
        assert knot() is not None
        keeper.start()
        wait_until(lambda: knot() is None, "the garbage is collected", 10)
    finally:
        gc.enable()
        stop.set()
        keeper.join()


_HEAPS = """
import ctypes, sys
from threading import Barrier, Thread
from pages._ui.serving import memory
if sys.argv[1] == "small":
    memory.keep_small()
met = Barrier(12)
def work():
    blocks = [ctypes.create_string_buffer(9_000) for _ in range(20)]
    met.wait()
threads = [Thread(target=work) for _ in range(12)]
for one in threads: one.start()
for one in threads: one.join()
ctypes.CDLL(None).malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
out = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, out)
libc.fflush(out)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the allocator is glibc's on Linux")
def test_many_threads_share_few_heaps() -> None:
    def heaps(how: str) -> int:
        done = subprocess.run([sys.executable, "-c", _HEAPS, how], capture_output=True, text=True, check=True)
        return done.stdout.count("<heap nr=")

    assert heaps("small") <= 3 < heaps("as it is")
