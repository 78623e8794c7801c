"""What the receiver leaves behind when it ends."""

import threading

from collector.reception import decoding_thread


def test_traces_in_hand_are_not_waited_for_at_the_end() -> None:
    begun, may_end = threading.Event(), threading.Event()

    def decode() -> bool:
        begun.set()
        return may_end.wait(10)

    with decoding_thread() as thread:
        in_hand, waiting = thread.submit(decode), thread.submit(decode)
        assert begun.wait(10)
    assert not in_hand.done()
    assert waiting.cancelled()
    may_end.set()
    assert in_hand.result(10)
