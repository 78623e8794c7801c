"""What `health.incident` and `health.replay` give: several tables that belong together, and what they say."""

from dataclasses import dataclass
from datetime import timedelta
from html import escape

import pandas as pd

from analytics.rules.wording import lasting


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident: `about` it (a row), its timeline `events`, what was sent (`notifications`).

    `began_at` and `ended_at` are when its first sign was and when it was over, or the end of what is known.
    `service` is written type/name.
    """

    about: pd.Series
    events: pd.DataFrame
    notifications: pd.DataFrame
    service: str
    began_at: pd.Timestamp
    ended_at: pd.Timestamp

    def __repr__(self) -> str:
        lasted = lasting(timedelta(seconds=float(self.about["seconds"])))
        state = "over" if pd.notna(self.about["resolved_at"]) else "still going on"
        return (
            f"{self.about['severity']} incident of {self.service}: {self.about['title']}\n"
            f"began {self.began_at:%Y-%m-%d %H:%M:%S %Z}, {state} after {lasted}; "
            f"{len(self.events)} events, {len(self.notifications)} notifications"
        )


@dataclass(frozen=True, slots=True)
class Replay:
    """What other alert settings would have made of a period: `summary` says it in sentences.

    `settings` are the changes, a line each. `pages_before` and `pages` are what people were (by the rules in
    force) and would have been sent, `incidents_before` and `incidents` the same of incidents, `changes` what
    became of each incident. `recorded` are the incidents as they really happened, `pages_recorded` the pages.
    `verdicts_changed` counts the checks that other limits judge in another way.
    """

    settings: tuple[str, ...]
    summary: tuple[str, ...]
    pages_before: pd.DataFrame
    pages: pd.DataFrame
    incidents_before: pd.DataFrame
    incidents: pd.DataFrame
    changes: pd.DataFrame
    recorded: pd.DataFrame
    pages_recorded: pd.DataFrame
    verdicts_changed: int

    def __repr__(self) -> str:
        return "\n".join([*(f"  {line}" for line in self.settings or ("nothing is changed",)), *self.summary])

    def _repr_html_(self) -> str:
        changed = "".join(f"<li><code>{escape(line)}</code></li>" for line in self.settings)
        said = "".join(f"<li>{escape(line)}</li>" for line in self.summary)
        return f"<p>{'Changed:' if changed else 'Nothing is changed.'}</p><ul>{changed}</ul><ul>{said}</ul>"
