"""Getting data out: any table or figure as CSV, JSON, NDJSON or Parquet, in a file or a stream.

    with read_only(locate("data/health.duckdb")) as connection:
        export(connection, "api_metrics", None, "calls.csv", since=since, until=until)

Rows pass through in batches, so millions of them need no more memory than a few. A file appears under its
name when it is complete, and never before.
"""

from analytics.export.dataset import Dataset
from analytics.export.datasets import DATASETS, dataset_named
from analytics.export.errors import ExportError
from analytics.export.exporting import Exported, count, export
from analytics.export.formats import FORMATS, Format, format_for
from analytics.export.looking import Look, look
from analytics.export.places import is_file, is_standard_output

__all__ = [
    "DATASETS",
    "FORMATS",
    "Dataset",
    "ExportError",
    "Exported",
    "Format",
    "Look",
    "count",
    "dataset_named",
    "export",
    "format_for",
    "is_file",
    "is_standard_output",
    "look",
]
