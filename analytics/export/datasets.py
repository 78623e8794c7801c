"""The catalogue: every dataset by its name, tables first."""

from analytics.export.dataset import Dataset
from analytics.export.errors import unknown
from analytics.export.figures import FIGURES
from analytics.export.tables import TABLES

DATASETS: dict[str, Dataset] = {one.name: one for one in (*TABLES, *FIGURES)}


def dataset_named(name: str) -> Dataset:
    """The dataset of this name; `ExportError` names the nearest one when there is none."""
    found = DATASETS.get(name)
    if found is None:
        all_are = f"`python -m analytics export --list` shows all {len(DATASETS)}"
        raise unknown("dataset", name, DATASETS, all_are)
    return found
