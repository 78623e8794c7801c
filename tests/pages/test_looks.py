"""The style sheets as the browser gets them."""

from pathlib import Path

import pytest

CSS = Path(__file__).parent.parent.parent / "pages" / "_ui" / "css"


@pytest.mark.parametrize("path", sorted(CSS.glob("*.css")), ids=lambda path: path.name)
def test_nothing_in_a_style_sheet_is_taken_for_html(path: Path) -> None:
    assert "<" not in path.read_text(), "one such character, and the browser is given no style at all"
