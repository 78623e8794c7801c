"""What must hold of webhook sources: each has one service, and a secret that can be one."""

from collections.abc import Iterator, Sequence

from collector.config.faults import Fault
from collector.config.services import Draft
from collector.probes.webhook import WebhookOptions
from collector.secrets import references
from collector.webhooks.verification import check_secrets


def delivery_faults(drafts: Sequence[Draft]) -> list[Fault]:
    """Sources that two services have, and secrets, written out in the file, that cannot be one.

    Services that are switched off are not looked at.
    """
    faults: list[Fault] = []
    first: dict[str, Draft] = {}
    for draft in drafts:
        options = draft.options
        if not isinstance(options, WebhookOptions) or draft.key is None or not draft.common.enabled:
            continue
        source = options.source or draft.key.service_name
        other = first.setdefault(source, draft)
        # Of two services with the same name that is told already.
        if other is not draft and other.key != draft.key:
            text = (
                f'"{source}" is already the source of services[{other.index}] ({other.key}); '
                f"give one of the two another source"
            )
            faults.append(Fault((*draft.where, "source" if options.source else "name"), text))
        faults += _wrong_secrets(draft, options, source)
    return faults


def _wrong_secrets(draft: Draft, options: WebhookOptions, source: str) -> Iterator[Fault]:
    for name in ("secret", "old_secret"):
        value = getattr(options, name)
        if value is None or references(value):
            continue
        try:
            check_secrets(options.signed_as(source), [value])
        except ValueError as error:
            yield Fault((*draft.where, name), f"the value cannot be used: {error}")
