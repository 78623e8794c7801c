"""From a named query to a DataFrame."""

from typing import Any

import duckdb
import pandas as pd

from analytics.named_sql import query


def frame(connection: duckdb.DuckDBPyConnection, name: str, **values: Any) -> pd.DataFrame:
    """What the query called `name` returns for `values`; times are aware UTC."""
    table = connection.execute(query(name), values).to_arrow_table()
    found: pd.DataFrame = table.to_pandas()
    for column in found.select_dtypes("datetimetz"):
        found[column] = found[column].dt.tz_convert("UTC")
    return found
