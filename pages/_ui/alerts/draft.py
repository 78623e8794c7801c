"""From what somebody wrote into the form to what would be changed, or one line for each fault. Pure."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analytics.alerting import AlertPolicy, AlertRule
from analytics.model import ServiceKey
from analytics.rules.alert_values import value_of
from analytics.rules.alert_words import rule_rows
from pages._ui.alerts.rehearsal import Settings
from pages._ui.alerts.wording import LABELS, Setting, value_in_words


@dataclass(frozen=True, slots=True)
class Draft:
    """The settings that would be other ones, in the words of services.toml, durations in seconds.

    `faults` has a line for each that cannot be; `steps` says in words what changes.
    """

    rule: AlertRule
    service: ServiceKey | None
    words: tuple[tuple[str, Any], ...]
    steps: tuple[str, ...]
    faults: tuple[str, ...]

    @property
    def settings(self) -> Settings:
        """The same as paths of a rehearsal."""
        own = "" if self.service is None else f"services.{self.service}."
        return tuple((f"{own}alerts.{self.rule}.{word}", value) for word, value in self.words)


def draft_of(
    rule: AlertRule, service: ServiceKey | None, held: tuple[Setting, ...], written: Mapping[str, Any]
) -> Draft:
    """What `written` (by word, as the fields hold it) changes of the settings that are `held` now."""
    words, steps, faults = [], [], []
    for one in held:
        said = written.get(one.word, one.value)
        try:
            value = value_of(one.word, said)
        except ValueError as error:
            faults.append(f'{LABELS[one.word]} "{str(said)[:40]}": it {error}')
            continue
        if value != one.value:
            words.append((one.word, value))
            steps.append(f"{one.label}: {one.said} → {value_in_words(one.word, value)}")
    return Draft(rule, service, tuple(words), tuple(steps), tuple(faults))


def basis_of(policy: AlertPolicy) -> str:
    """What tells these rules from other ones."""
    said = json.dumps(rule_rows(policy), sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()[:16]
