"""Makes the demo's history in a process of its own, with a progress bar.

    python -m collector.demo.history DB DAYS SEED

It needs numpy and pyarrow and about a gigabyte for some seconds; the collector that follows does not.
"""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from tqdm import tqdm

from analytics.db import DatabaseError, locate
from collector.demo.history.write import write_history

_DONE, _DATABASE = 0, 3


def main(arguments: Sequence[str]) -> int:
    """Write the history of `DAYS` up to now into `DB`; 3 with one line when the database cannot be used."""
    database, days, seed = arguments
    layout = "{desc:<24} {bar} {percentage:3.0f} %  {elapsed}"
    bar: tqdm[Any]
    with tqdm(total=100, disable=None, bar_format=layout) as bar:

        def progress(share: float, label: str) -> None:
            bar.set_description_str(label)
            bar.update(round(100 * share) - bar.n)

        try:
            write_history(locate(database), datetime.now(UTC), int(days), int(seed), progress)
        except DatabaseError as error:
            bar.close()
            print(error, file=sys.stderr)
            return _DATABASE
        except KeyboardInterrupt:
            return _DONE
    return _DONE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
