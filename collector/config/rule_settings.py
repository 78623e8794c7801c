"""Between the table of a rule, as people write it, and `RuleSettings`, as the rules read it: both ways."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from analytics.alerting import AlertRule, RuleSettings
from analytics.model import Severity
from collector.config.alert_tables import RuleTable, RuleTables
from collector.config.faults import written_path
from collector.config.sentences import sound_part
from collector.duration import written

#: How a table calls what it is compared with; `RuleSettings` calls all of them `limit`.
_LIMITS = ("above_percent", "below_percent", "days")


def default_settings() -> dict[AlertRule, RuleSettings]:
    """Every rule as it is when the file says nothing."""
    tables = RuleTables()
    blank = RuleSettings(Severity.WARNING)
    return {rule: settings_of(tables.of(rule), blank, complete=True) for rule in AlertRule}


def settings_of(table: RuleTable, base: RuleSettings, complete: bool = False) -> RuleSettings:
    """`base` with what `table` says; `complete` takes the table's defaults too."""
    names = type(table).model_fields if complete else table.model_fields_set
    said = {_setting(name): getattr(table, name) for name in names}
    if "limit" in said:
        said["limit"] = float(said["limit"])
    return replace(base, **said)


def rule_settings(
    rule: AlertRule, table: Mapping[str, Any], base: RuleSettings, where: str
) -> tuple[RuleSettings, list[str]]:
    """`base` with what `table` says of `rule`, and one sentence for each thing that is wrong.

    `where` is the path of `table` for the sentences. Keys and bounds are those of `[alerts.RULE]`. With a
    fault the settings are `base` with what is right.
    """
    if not isinstance(table, Mapping):
        return base, [f"{where}: is no table"]
    sound, faults = sound_part(table_of(rule), table, ())
    sentences = [f"{_place(where, written_path(fault.where))}: {fault.text}" for fault in faults]
    return (settings_of(sound, base) if sound else base), sentences


def rule_table(rule: AlertRule, settings: RuleSettings) -> dict[str, Any]:
    """`settings` as the table of `rule` that says them: the keys of that rule alone, durations as text.

    `rule_settings` of it gives `settings` again, for every key that the rule has.
    """
    fields = table_of(rule).model_fields
    return {field.alias or name: _value(getattr(settings, _setting(name))) for name, field in fields.items()}


def table_of(rule: AlertRule) -> type[RuleTable]:
    """The model of `[alerts.RULE]`."""
    return type(RuleTables().of(rule))


def _setting(name: str) -> str:
    return "limit" if name in _LIMITS else name


def _value(value: Any) -> Any:
    if isinstance(value, timedelta):
        return written(value)
    if isinstance(value, Severity):
        return value.value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _place(where: str, inner: str) -> str:
    return f"{where}.{inner}" if where and inner else where or inner
