"""Another process that writes checks of its own, as a running collector does.

Run as `python -m tests.analytics.imports.writer <database> <first moment> <rows>`; it says a line after each.
"""

import sys
from datetime import datetime, timedelta
from functools import partial

import duckdb

from analytics import rollups
from analytics.db import keep_pandas_out, locate, transact
from analytics.ids import uuid7
from analytics.model import ServiceKey, ServiceType
from collector.store import insert_rows

REDIS = ServiceKey(ServiceType.INFRASTRUCTURE, "redis")


def write(connection: duckdb.DuckDBPyConnection, moment: datetime, run: object) -> None:
    """A check at `moment`."""
    row = {
        "id": uuid7(),
        "timestamp": moment,
        "service_type": "infrastructure",
        "service_name": "redis",
        "status": "healthy",
        "reason": "ok",
        "attempt": 1,
        "run_id": run,
    }
    insert_rows(connection, "integration_health_checks", [row])
    rollups.mark_late(connection, [], moment, [(REDIS, moment)])


def main() -> None:
    """One row a transaction, a minute apart."""
    keep_pandas_out()
    database, first, count = sys.argv[1:]
    location, run = locate(database), uuid7()
    for place in range(int(count)):
        moment = datetime.fromisoformat(first) + timedelta(minutes=place)
        transact(location, partial(write, moment=moment, run=run))
        print("written", flush=True)


if __name__ == "__main__":
    main()
