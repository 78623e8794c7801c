"""What is kept of each finished hour when its single rows are gone: making it, mending it, and forgetting.

Everything here runs inside the caller's transaction (`analytics.db.transact`):

    def work(connection):
        step = next_step(connection, now)
        if step is not None:
            take(connection, step)
"""

from analytics.rollups.late import mark_late
from analytics.rollups.retention import delete_raw, delete_rollups, proven_now
from analytics.rollups.rolling import roll_up
from analytics.rollups.steps import Kind, Step, next_step, take

__all__ = [
    "Kind",
    "Step",
    "delete_raw",
    "delete_rollups",
    "mark_late",
    "next_step",
    "proven_now",
    "roll_up",
    "take",
]
