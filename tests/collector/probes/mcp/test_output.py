"""What a started server writes, in whatever pieces it arrives."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.probes.mcp_errors import quoted
from collector.probes.mcp_output import LastWords, Output

MESSAGE = b'{"jsonrpc": "2.0", "id": 1, "result": {}}'


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.sampled_from([MESSAGE, b"noise", b"", b"{}", b"\xff\xfe", MESSAGE + b"\r"]), max_size=8),
    st.lists(st.integers(0, 400), max_size=8),
)
def test_the_pieces_do_not_matter(lines: list[bytes], cuts: list[int]) -> None:
    text = b"".join(line + b"\n" for line in lines)
    edges = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    output = Output()
    found = [message for start, end in pairwise(edges) for message in output.feed(text[start:end])]
    assert len(found) == sum(line.startswith(MESSAGE) for line in lines)
    assert output.noise == sum(line in (b"noise", b"{}", b"\xff\xfe") for line in lines)


def test_whether_noise_came_last() -> None:
    output = Output()
    list(output.feed(b"banner\n"))
    assert output.only_noise
    list(output.feed(MESSAGE + b"\n"))
    assert not output.only_noise
    list(output.feed(b"> "))
    assert output.only_noise
    assert output.first_noise == "banner"


def test_half_a_message_is_no_noise() -> None:
    output = Output()
    list(output.feed(MESSAGE[:20]))
    assert (output.only_noise, output.first_noise) == (False, "")


@pytest.mark.parametrize("flood", [b"x" * 70_000, b"line\n" * 20_000], ids=["one line", "many"])
def test_a_flood_of_noise(flood: bytes) -> None:
    output = Output()
    list(output.feed(flood))
    assert output.flooded


def test_a_long_message_is_no_flood() -> None:
    output = Output()
    list(output.feed(MESSAGE[:-2] + b'"x": "' + b"y" * 1_000_000))
    assert not output.flooded
    found = list(output.feed(b'"}}\n'))
    assert len(found) == 1


@pytest.mark.parametrize(
    ("written", "telling"),
    [
        ("starting\nready\n", "ready"),
        ("", ""),
        (
            "TypeError: x is not a function\n    at main.js:1\n\nNode.js v20.20.2\n",
            "TypeError: x is not a function",
        ),
        (
            "npm error code E404\nnpm error 404 Not Found\nnpm error 404\nnpm error 404 Try a git folder.\n"
            "npm error A complete log of this run can be found in: /home/me/.npm/_logs/1.log\n",
            "npm error 404 Not Found",
        ),
        ("Traceback (most recent call last):\n  File x\nKeyError: 'TOKEN'\n", "KeyError: 'TOKEN'"),
    ],
)
def test_the_line_that_says_why(written: str, telling: str) -> None:
    words = LastWords()
    words.feed(written.encode())
    assert words.telling() == telling


def test_only_the_end_of_a_long_log_is_kept() -> None:
    words = LastWords()
    for number in range(5000):
        words.feed(f"line {number} {'x' * 500}\n".encode())
    lines = words.lines()
    assert len(lines) == 10
    assert lines[-1].startswith("line 4999 ")
    assert max(map(len, lines)) == 300


def test_foreign_text_is_one_printable_line() -> None:
    assert quoted("a\n\tb\x1b[31m\u202e c") == "a b [31m c"
    assert quoted("x" * 200, 10) == "x" * 9 + "…"
