"""From what somebody asks to change of the alert rules to the changes to keep, or every fault of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from analytics.alerting import AlertPolicy, AlertRule, RuleSettings
from analytics.model import ServiceKey
from analytics.rules.rule_changes import RuleChange, change_of, with_changes
from collector.receiver.action_body import BodyFault, WrongBody, shown, unknown

_RULES = [rule.value for rule in AlertRule]


class ReadRule(Protocol):
    """Settings of a rule from the words of services.toml: `collector.config.rule_settings.rule_settings`."""

    def __call__(
        self, rule: AlertRule, table: Mapping[str, Any], base: RuleSettings, where: str, /
    ) -> tuple[RuleSettings, list[str]]: ...


@dataclass(frozen=True, slots=True)
class Rulebook:
    """What the configuration knows of rules.

    `policy` is the one of services.toml, `defaults` hold where it says nothing. `read` takes words to
    settings, `table` settings to words. `misfit` is why a rule says nothing of a service, None when it does.
    """

    policy: AlertPolicy
    defaults: Mapping[AlertRule, RuleSettings]
    services: Sequence[ServiceKey]
    read: ReadRule
    table: Callable[[AlertRule, RuleSettings], dict[str, Any]]
    misfit: Callable[[AlertRule, ServiceKey], str | None]


@dataclass(frozen=True, slots=True)
class Wish:
    """One rule, for one service or (None) for all, that is to be changed; without `words`: changed back."""

    where: str
    rule: AlertRule
    service: ServiceKey | None
    words: Mapping[str, Any] | None


def wishes_of(body: Mapping[str, Any], book: Rulebook, faults: list[BodyFault]) -> list[Wish]:
    """What `body` asks for in `rules` and `services`; what is wrong with it is added to `faults`."""
    services = {str(service): service for service in book.services}
    found = list(_wishes(body.get("rules"), "rules", None, faults))
    for name, tables in _entries(body.get("services"), "services", faults):
        if name not in services:
            faults.append(BodyFault(f"services.{shown(name)}", unknown(name, list(services))))
            continue
        if tables is None:
            faults.append(
                BodyFault(f"services.{name}", "must be an object of rules; null takes one rule back")
            )
            continue
        for wish in _wishes(tables, f"services.{name}", services[name], faults):
            wrong = book.misfit(wish.rule, services[name])
            if wrong is None:
                found.append(wish)
            else:
                faults.append(BodyFault(wish.where, wrong))
    if not found and not faults:
        faults.append(BodyFault("rules", 'is missing; write {"service_down": {"checks": 5}}, or services'))
    return found


def changes_of(
    wishes: Sequence[Wish],
    book: Rulebook,
    known: Sequence[RuleChange],
    said: tuple[datetime, str, str],
) -> list[RuleChange]:
    """The changes that fulfil `wishes`, where `known` are in force; what holds already is not among them.

    `said` is when, by whom, and with which note. Raises `WrongBody` with every fault.
    """
    before = {(change.rule, change.service): change.settings for change in known}
    faults: list[BodyFault] = []
    changes: list[RuleChange] = []
    # Rules first: what a service has of its own is judged by the rule as it will be.
    for wish in sorted(wishes, key=lambda one: one.service is not None):
        own = before.get((wish.rule, wish.service), {})
        settings = _settled(wish, own, book, [*known, *changes], faults)
        if settings != own:
            changes.append(RuleChange(wish.rule, wish.service, settings, *said))
    if faults:
        raise WrongBody(faults)
    return changes


def _settled(
    wish: Wish,
    own: Mapping[str, Any],
    book: Rulebook,
    others: Sequence[RuleChange],
    faults: list[BodyFault],
) -> dict[str, Any]:
    """What is changed of the rule when the wish is fulfilled; `own` is what was changed of it before."""
    if wish.words is None:
        return {}
    place = (wish.rule, wish.service)
    without = [change for change in others if (change.rule, change.service) != place]
    base = with_changes(book.policy, without).settings(wish.rule, wish.service)
    known = list(book.table(wish.rule, base))
    taken_back = [word for word, value in wish.words.items() if value is None]
    faults += [
        BodyFault(f"{wish.where}.{shown(word)}", unknown(word, known))
        for word in taken_back
        if word not in known
    ]
    words = {
        word: value
        for word, value in {**own, **wish.words}.items()
        if word not in taken_back and (word in wish.words or word in known)
    }
    settings, sentences = book.read(wish.rule, words, base, wish.where)
    faults += [BodyFault(*_parted(sentence)) for sentence in sentences]
    return {} if sentences else change_of(words, settings)


def _parted(sentence: str) -> tuple[str, str]:
    place, _, reason = sentence.partition(": ")
    return place, reason


def _wishes(
    tables: object, where: str, service: ServiceKey | None, faults: list[BodyFault]
) -> Iterator[Wish]:
    for name, words in _entries(tables, where, faults):
        place = f"{where}.{shown(name)}"
        if name not in _RULES:
            faults.append(BodyFault(place, unknown(name, _RULES)))
        elif words is not None and not isinstance(words, Mapping):
            faults.append(BodyFault(place, "must be an object of settings, or null to take the change back"))
        else:
            yield Wish(place, AlertRule(name), service, words)


def _entries(tables: object, where: str, faults: list[BodyFault]) -> Iterator[tuple[str, Any]]:
    if tables is None:
        return
    if isinstance(tables, Mapping):
        yield from tables.items()
    else:
        faults.append(BodyFault(where, "must be an object"))
