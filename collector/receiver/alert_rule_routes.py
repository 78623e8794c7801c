"""`/alert-rules`: how alerts are decided now, where that comes from, and changing it without a restart."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from analytics.alert_settings import read_changes
from analytics.alerting import AlertPolicy, AlertRule, RuleSettings
from analytics.db import Connection
from analytics.model import ServiceKey
from analytics.rules.rule_changes import RuleChange, with_changes
from collector.receiver.acting import Work, answered, written_time
from collector.receiver.action_body import WrongBody, author_of, note_of, read_object
from collector.receiver.alert_rule_changing import Rulebook, changes_of, wishes_of
from collector.receiver.answers import json_answer
from collector.store_actions import insert_changes

_KEYS = ("author", "note", "rules", "services")


@dataclass(frozen=True, slots=True)
class AlertRules:
    """The routes. `act` writes, `read` reads the database; what is changed holds from the next look on."""

    act: Work
    read: Work
    book: Rulebook
    read_body: Callable[[Request], Awaitable[bytes]]
    now: Callable[[], datetime]
    mask: Callable[[str], str]

    def routes(self) -> list[Route]:
        """One, for both methods: so that a wrong one is told both."""
        return [Route("/alert-rules", partial(answered, self._handle, self.mask), methods=["GET", "PUT"])]

    async def _handle(self, request: Request) -> Response:
        return await (self._change(request) if request.method == "PUT" else self._show())

    async def _show(self) -> Response:
        return json_answer(200, described(self.book, await self.read(read_changes)))

    async def _change(self, request: Request) -> Response:
        body, faults = await read_object(request, self.read_body, _KEYS)
        author = author_of(body, faults, self.mask)
        note = note_of(body, faults, self.mask)
        wishes = wishes_of(body, self.book, faults)
        now = self.now()

        def work(connection: Connection) -> tuple[RuleChange, ...]:
            changes = changes_of(wishes, self.book, read_changes(connection), (now, author, note))
            if not faults:
                insert_changes(connection, changes)
            return read_changes(connection)

        try:
            changes = await (self.read if faults else self.act)(work)
        except WrongBody as error:
            raise WrongBody([*faults, *error.faults]) from None
        if faults:
            raise WrongBody(faults)
        return json_answer(200, described(self.book, changes))


def described(book: Rulebook, changes: Sequence[RuleChange]) -> dict[str, Any]:
    """Every rule with its settings in the words of services.toml, and where each comes from.

    `from` says of each word `default`, `file` or `changed`; of a service `rule` where it has nothing of its
    own. Services are listed where they have. `changed` is who changed what of it, and when.
    """
    policy = with_changes(book.policy, changes)
    newest = {(change.service, change.rule): change for change in changes if change.settings}
    services: dict[str, dict[str, Any]] = {}
    for service in book.services:
        for rule in AlertRule:
            if (service, rule) in policy.overrides:
                common = (book.policy.rules[rule], "rule")
                entry = _entry(book, policy, (service, rule), common, newest.get((service, rule)))
                services.setdefault(str(service), {})[rule.value] = entry
    rules = {
        rule.value: _entry(
            book, policy, (None, rule), (book.defaults[rule], "default"), newest.get((None, rule))
        )
        for rule in AlertRule
    }
    return {"rules": rules, "services": services}


def _entry(
    book: Rulebook,
    policy: AlertPolicy,
    place: tuple[ServiceKey | None, AlertRule],
    weaker: tuple[RuleSettings, str],
    change: RuleChange | None,
) -> dict[str, Any]:
    """One rule. `weaker` is what holds when the file says nothing of it, and how that is called."""
    service, rule = place
    file = book.table(rule, book.policy.settings(rule, service))
    otherwise = book.table(rule, weaker[0])
    told: Mapping[str, Any] = {} if change is None else change.settings
    return {
        "settings": book.table(rule, policy.settings(rule, service)),
        "from": {
            word: "changed" if word in told else weaker[1] if file[word] == otherwise[word] else "file"
            for word in file
        },
        "changed": None if change is None else _who(change),
    }


def _who(change: RuleChange) -> dict[str, Any]:
    return {"by": change.author, "at": written_time(change.at), "note": change.note}
