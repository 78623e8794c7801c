"""From what the rules see to what people are told: one pure step. Standard library only."""

from analytics.rules.alerting.actions import ActionRefused, acknowledge, add_note, resolve
from analytics.rules.alerting.circumstances import Circumstances
from analytics.rules.alerting.machine import step_alert
from analytics.rules.alerting.retirement import retire
from analytics.rules.alerting.routing import channels_for
from analytics.rules.alerting.state import AlertingState, AlertKey, Step, key_of
from analytics.rules.alerting.step import step
from analytics.rules.alerting.suppression import remembered_for

__all__ = [
    "ActionRefused",
    "AlertKey",
    "AlertingState",
    "Circumstances",
    "Step",
    "acknowledge",
    "add_note",
    "channels_for",
    "key_of",
    "remembered_for",
    "resolve",
    "retire",
    "step",
    "step_alert",
]
