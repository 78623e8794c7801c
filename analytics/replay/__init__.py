"""The alert rules over recorded history: what they made of it, and what others would have made of it."""

from analytics.replay.again import rehearse
from analytics.replay.comparison import Comparison, Pair, compare
from analytics.replay.engine import Outcome, replay
from analytics.replay.outcome import Account, Page, Trouble, account
from analytics.replay.past import read_recorded
from analytics.replay.reading import read_recording
from analytics.replay.recording import Monitored, Recording
from analytics.replay.rehearsal import Past, Rehearsal, read_past, rehearse_past
from analytics.replay.settings import Changed, WrongSettings, changed_settings
from analytics.replay.summary import is_cut, summary

__all__ = [
    "Account",
    "Changed",
    "Comparison",
    "Monitored",
    "Outcome",
    "Page",
    "Pair",
    "Past",
    "Recording",
    "Rehearsal",
    "Trouble",
    "WrongSettings",
    "account",
    "changed_settings",
    "compare",
    "is_cut",
    "read_past",
    "read_recorded",
    "read_recording",
    "rehearse",
    "rehearse_past",
    "replay",
    "summary",
]
