"""Mappings that make a value when it is asked for."""

from collections.abc import Callable

import pytest

from analytics.replay.lazy import Computed, Lazy, Parsed


def squares(made: list[int]) -> Callable[[int], int | None]:
    """None of what is negative; notes what was asked for."""

    def make(number: int) -> int | None:
        made.append(number)
        return None if number < 0 else number * number

    return make


@pytest.mark.parametrize("kind", [Computed, Lazy])
def test_a_mapping_as_any_other(kind: type[Computed[int, int]]) -> None:
    found = kind((2, -1, 3), squares([]))
    assert dict(found) == {2: 4, 3: 9}
    assert (len(found), found[5], found.get(-7), found.get(-7, 1)) == (2, 25, None, 1)
    assert 2 in found
    assert -1 not in found
    with pytest.raises(KeyError):
        found[-1]


def test_made_once_or_each_time() -> None:
    once, again = [], []
    lazy, computed = Lazy((), squares(once)), Computed((), squares(again))
    for found in (lazy, computed):
        assert [found.get(-2), found.get(4), found.get(4), found[4]] == [None, 16, 16, 16]
    assert once == [-2, 4]
    assert again == [-2, 4, 4, 4]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"a": {"b": 1}, "c": null}', {"a": {"b": 1}, "c": None}),
        ("{}", {}),
        (None, {}),
        ("", {}),
        ("[1]", {}),
    ],
)
def test_what_stands_in_a_text(text: str | None, found: dict[str, object]) -> None:
    parsed = Parsed(lambda: text)
    assert dict(parsed) == found
    assert len(parsed) == len(found)
    assert [parsed.get(name, "none") for name in ("a", "b", "c")] == [
        found.get(name, "none") for name in ("a", "b", "c")
    ]
    assert ("b" in parsed, "a" in parsed) == (False, "a" in found)


def test_a_text_is_read_and_taken_apart_only_for_what_may_stand_in_it() -> None:
    read: list[str] = []
    parsed = Parsed(lambda: read.append("once") or "{broken")  # type: ignore[func-returns-value]
    assert parsed.get("other", 7) == 7
    with pytest.raises(ValueError, match="Expecting property name"):
        parsed.get("broken")
    assert read == ["once"]
