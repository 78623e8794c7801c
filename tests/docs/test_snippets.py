"""Python on the pages can be copied as it stands: what it uses is imported, and what it imports is there."""

import ast
import builtins
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
#: Lines that are indented, and what stands between fences, where the first of them imports something.
_SNIPPET = re.compile(
    r"^```python\n([\s\S]+?)^```$|((?:^    (?:from|import) .+\n)(?:^    .*\n|^\n(?=    ))*)", re.MULTILINE
)


def snippets() -> Iterator[tuple[str, str]]:
    for name in ("import.md", "export.md", "notebooks.md"):
        for fenced, indented in _SNIPPET.findall((DOCS / name).read_text()):
            yield name, fenced or textwrap.dedent(indented)


@pytest.mark.parametrize(("page", "code"), list(snippets()))
def test_a_snippet_lacks_nothing(page: str, code: str) -> None:
    tree = ast.parse(code, page)
    there = set(vars(builtins))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom | ast.Import):
            exec(compile(ast.Module([node], []), page, "exec"), {})
            there |= {name.asname or name.name for name in node.names}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            there.add(node.id)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert sorted(used - there) == []
