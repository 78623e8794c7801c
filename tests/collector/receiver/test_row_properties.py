"""No JSON and no bytes at all break the cutting and the checking of rows."""

import contextlib
import json
from datetime import UTC
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from collector.receiver.row_shapes import SHAPES
from collector.receiver.row_slices import BrokenBody, Elements, lines
from tests.collector.receiver.checking import checked, checker

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
COLUMNS = sorted({column for shape in SHAPES.values() for column in shape.columns})
ROWS = st.dictionaries(st.sampled_from(COLUMNS) | st.text(), ANY_JSON, max_size=6)


@given(st.sampled_from(sorted(SHAPES)), ROWS | ANY_JSON)
def test_any_json_is_a_row_or_a_fault(table: str, value: Any) -> None:
    found = checked(value, table)
    assert len(found.rows) + found.refused == 1
    assert bool(found.faults) == bool(found.refused)
    for row in found.rows:
        assert set(row) <= set(SHAPES[table].columns)
        assert row["timestamp"].tzinfo is UTC
        assert "\0" not in "".join(text for text in row.values() if isinstance(text, str))
    for said in found.faults:
        assert (said.field or "").isprintable()
        assert said.reason.isprintable()


@given(
    st.lists(ANY_JSON, max_size=8),
    st.sampled_from([None, 1]),
    st.sampled_from([(",", ":"), (" ,\n ", " : ")]),
)
def test_an_array_is_cut_where_its_elements_end(
    values: list[Any], indent: int | None, marks: tuple[str, str]
) -> None:
    body = (
        json.dumps(values, indent=indent, separators=marks)
        .replace("NaN", "1")
        .replace("Infinity", "1")
        .encode()
    )
    elements = Elements(body, 0)
    texts: list[bytes | None] = []
    while not elements.done:
        slice_ = elements.exact()
        assert slice_.places == list(range(len(texts), len(texts) + len(slice_.texts)))
        texts += slice_.texts
    assert [json.loads(text or b"") for text in texts] == json.loads(body)


@given(
    st.lists(
        st.dictionaries(st.text(), st.text() | st.just("},{") | st.just('"},\n{"'), max_size=3), max_size=8
    )
)
def test_a_rough_cut_that_is_well_formed_is_a_right_one(rows: list[dict[str, str]]) -> None:
    body = json.dumps(rows).encode()
    elements = Elements(body, 0)
    count = 0
    while not elements.done:
        slice_ = elements.rough()
        if slice_ is not None and checker().check(slice_).well_formed:
            assert slice_.texts == [json.dumps(row).encode() for row in rows[count:][: len(slice_.texts)]]
            elements.take(slice_)
        else:
            slice_ = elements.exact()
        count += len(slice_.texts)
    assert count == len(rows)


@given(st.binary(max_size=200))
def test_any_bytes_are_an_array_or_a_clear_fault(inside: bytes) -> None:
    elements = Elements(b"[" + inside + b"]", 0)
    with contextlib.suppress(BrokenBody):
        while not elements.done:
            checker().check_each(elements.exact(), listing=True)


@given(st.lists(st.sampled_from(["", " ", "{}", "\r", "x" * 70_000, "y" * 30_000]), max_size=12))
def test_lines_keep_their_numbers(texts: list[str]) -> None:
    found = [
        (place, text)
        for slice_ in lines("\n".join(texts).encode())
        for place, text in zip(slice_.places, slice_.texts, strict=True)
    ]
    assert found == [
        (number, text.encode() if len(text) <= 65_536 else None)
        for number, text in enumerate(texts)
        if text.strip()
    ]
