"""UUID version 7."""

from uuid import RFC_4122

from hypothesis import given
from hypothesis import strategies as st

from analytics.ids import uuid7


@given(st.integers(0, 2**48 - 1))
def test_version_variant_and_time(milliseconds: int) -> None:
    made = uuid7(milliseconds)
    assert made.version == 7
    assert made.variant == RFC_4122
    assert made.int >> 80 == milliseconds


@given(st.lists(st.integers(0, 2**48 - 1), min_size=2, unique=True))
def test_they_sort_by_time(times: list[int]) -> None:
    assert sorted(times) == [made.int >> 80 for made in sorted(uuid7(time) for time in times)]


def test_they_differ_within_a_millisecond() -> None:
    assert len({uuid7(1) for _ in range(10_000)}) == 10_000
