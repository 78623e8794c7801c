"""Keeping pandas out of a process that has no use for it."""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

_NAME = "pandas"


class _NoPandas(MetaPathFinder):
    """Finds nothing under the name of pandas, and says so.

    An entry of None in `sys.modules` would be simpler, but pyarrow takes that for a pandas without a version.
    """

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname == _NAME:
            raise ModuleNotFoundError(f"No module named {_NAME!r}", name=_NAME)
        return None


def keep_pandas_out() -> None:
    """Make `import pandas` fail in this process; for programs that never make a DataFrame, at their start.

    DuckDB imports pandas, and that pyarrow, as soon as a value is bound to a statement: it might be a missing
    value of pandas. Measured: 85 MB of memory and 0.35 s. Where there is no pandas, it does without.
    """
    if _NAME not in sys.modules:
        sys.meta_path.insert(0, _NoPandas())
