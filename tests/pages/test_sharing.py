"""What is drawn of the same is drawn once, and of anything else anew."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest

from pages._ui import sharing
from pages._ui.sharing import shared
from pages._ui.view import View

drawn: list[str] = []


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    drawn.clear()
    sharing._made.clear()
    yield
    sharing._made.clear()


def draw(rows: list[int], view: View, name: str = "") -> str:
    drawn.append(name)
    return f"{name}{rows}{view.range}"


def draw_otherwise(rows: list[int], view: View) -> str:
    return f"otherwise {draw(rows, view)}"


def test_the_same_object_and_equal_plain_values_are_drawn_once() -> None:
    rows = [1, 2]
    assert shared(draw, rows, View("7d"), "a") == "a[1, 2]7d"
    assert shared(draw, rows, View("7d"), "a") == "a[1, 2]7d"
    assert drawn == ["a"]


def test_another_object_view_name_or_function_is_drawn_anew() -> None:
    rows = [1, 2]
    said = [
        shared(draw, rows, View("7d")),
        shared(draw, [1, 3], View("7d")),
        shared(draw, rows, View("30d")),
        shared(draw, rows, View("7d"), "a"),
        shared(draw, rows, View("7d"), name="b"),
        shared(draw_otherwise, rows, View("7d")),
    ]
    assert said == ["[1, 2]7d", "[1, 3]7d", "[1, 2]30d", "a[1, 2]7d", "b[1, 2]7d", "otherwise [1, 2]7d"]


def test_an_object_that_takes_the_place_of_another_is_not_taken_for_it() -> None:
    said = {shared(draw, [number], View()) for number in range(200)}
    assert len(said) == 200


def test_zones_are_told_apart() -> None:
    assert shared(str, ZoneInfo("Europe/Berlin")) != shared(str, ZoneInfo("UTC"))


def test_what_nobody_asks_for_any_more_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [1]
    shared(draw, rows, View(), "old")
    monkeypatch.setattr(sharing, "_KEPT_SECONDS", -1.0)
    shared(draw, rows, View(), "new")
    assert len(sharing._made) == 1
