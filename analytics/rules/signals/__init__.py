"""What the alert rules see: looks (`Signal`) made of checks and of what stands in the tables. Pure functions.

One file a subject; `titles` has the sentences, `observation` what a check is to the rules, `evidence` what
the tables hold beside the checks.
"""

from analytics.rules.signals.evidence import (
    PRESENT_SPAN,
    REACH,
    Circuit,
    CommonFailure,
    Evidence,
    Looks,
    QuotaLevel,
)
from analytics.rules.signals.from_channels import channel_signals
from analytics.rules.signals.looks import check_signals, evidence_signals
from analytics.rules.signals.observation import (
    Observation,
    health,
    observation,
    observation_of_row,
    recorded_observation,
)
from analytics.rules.signals.present import present_status

__all__ = [
    "PRESENT_SPAN",
    "REACH",
    "Circuit",
    "CommonFailure",
    "Evidence",
    "Looks",
    "Observation",
    "QuotaLevel",
    "channel_signals",
    "check_signals",
    "evidence_signals",
    "health",
    "observation",
    "observation_of_row",
    "present_status",
    "recorded_observation",
]
