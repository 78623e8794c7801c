"""History from other monitors: Uptime Kuma, Upptime and Gatus, taken over once and never twice.

    plan = imports.plan(location, Path("kuma.db"), now)
    done = imports.run(location, plan, now)

Each check of the other monitor becomes a row of `integration_health_checks`; of what it kept only as a sum,
the sum. The source is read only. What the file has of a service already is never doubled: a second run adds
nothing, a later one what is new.
"""

from analytics.imports.history import ImportProblem
from analytics.imports.planning import ImportPlan, PlannedService, plan
from analytics.imports.running import Imported, ImportedService, run
from analytics.imports.sources import KINDS, detect

__all__ = [
    "KINDS",
    "ImportPlan",
    "ImportProblem",
    "Imported",
    "ImportedService",
    "PlannedService",
    "detect",
    "plan",
    "run",
]
