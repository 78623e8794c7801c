"""The words of alerting. Standard library only; everything is frozen; times are timezone-aware UTC."""

from analytics.alerting.messages import Action, Message, Outgoing
from analytics.alerting.rules import INCIDENT_RULES, AlertPolicy, AlertRule, FlappingSettings, RuleSettings
from analytics.alerting.sights import ChannelHealth, Health, Mute, Route, Signal
from analytics.alerting.state import Alert, AlertEvent, AlertState, Incident, IncidentEvent

__all__ = [
    "INCIDENT_RULES",
    "Action",
    "Alert",
    "AlertEvent",
    "AlertPolicy",
    "AlertRule",
    "AlertState",
    "ChannelHealth",
    "FlappingSettings",
    "Health",
    "Incident",
    "IncidentEvent",
    "Message",
    "Mute",
    "Outgoing",
    "Route",
    "RuleSettings",
    "Signal",
]
