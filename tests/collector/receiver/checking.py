"""Rows checked without a server around."""

import json
from collections.abc import Callable
from typing import Any

from collector.receiver.row_slices import Slice
from collector.receiver.rows import Checked, RowChecker
from tests.collector.receiver.receiving import NOW


def checker(table: str = "api_metrics", mask: Callable[[str], str] = str) -> RowChecker:
    return RowChecker(table, mask, NOW)


def checked(row: Any, table: str = "api_metrics") -> Checked:
    return checker(table).check_each(Slice([0], [json.dumps(row).encode()]), listing=True)
