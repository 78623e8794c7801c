"""The door for notebooks: every figure of the product as a DataFrame, in one line each.

from analytics.notebook import connect

health = connect()
health.availability("7d")
"""

from analytics.notebook.charts import (
    SEVERITY_COLOURS,
    STATUS_COLOURS,
    TooLittle,
    draw,
    house_style,
    wall_clock,
)
from analytics.notebook.door import NoSuchThing
from analytics.notebook.finding import NoDatabase
from analytics.notebook.health import Health, connect
from analytics.notebook.told import Incident, Replay

__all__ = [
    "SEVERITY_COLOURS",
    "STATUS_COLOURS",
    "Health",
    "Incident",
    "NoDatabase",
    "NoSuchThing",
    "Replay",
    "TooLittle",
    "connect",
    "draw",
    "house_style",
    "wall_clock",
]
