"""E-mail addresses as people write them: `a@example.com`, or `Health <a@example.com>`."""

import re
from email.headerregistry import Address

#: The common part of RFC 5322: no quoted local parts, no comments, a domain with a dot or a machine's name.
_ADDRESS = re.compile(
    r"(?P<local>[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*)"
    r"@(?P<domain>[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*)"
)
_NAMED = re.compile(r"(?P<name>[^<>\"\\]{0,100}?) *<(?P<address>[^<>]{3,254})>")

HOW = 'write it like "oncall@example.com"'


def address_fault(value: str) -> str | None:
    """What is wrong with `value` as an address, as the rest of a sentence; None when nothing is."""
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in value):
        return f"holds a line break or another control character; {HOW}"
    found = _parsed(value)
    if found is None:
        return f"is no e-mail address; {HOW}"
    return f"is longer than mail allows; {HOW}" if len(found.addr_spec) > 254 else None


def mail_address(value: str) -> Address:
    """`value` as the standard library has it. Raises ValueError with the fault."""
    fault = address_fault(value)
    found = _parsed(value)
    if fault or found is None:
        raise ValueError(fault)
    return found


def _parsed(value: str) -> Address | None:
    named = _NAMED.fullmatch(value.strip())
    name, address = (named["name"].strip(), named["address"]) if named else ("", value.strip())
    found = _ADDRESS.fullmatch(address)
    if found is None or len(found["local"]) > 64:
        return None
    return Address(name, found["local"], found["domain"])
