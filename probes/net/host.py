"""What a machine is called in the configuration: a literal address, or a name that a resolver can be asked for.

Told apart before anything runs: a typing error that went to the resolver would come back as "no such name", which is
held against the target.
"""

import ipaddress
import re
from contextlib import suppress

_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_.])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


def host(text: str) -> tuple[str, bool]:
    """The host in ASCII, and whether it is an address. Raises ValueError that says what would be right.

    What ends in a number is meant for an IPv4 address, and no name does (RFC 3696 section 2).
    """
    with suppress(ValueError):
        return str(ipaddress.ip_address(text)), True
    try:
        name = text.encode("idna").decode("ascii").lower()
    except UnicodeError:
        name = ""
    if not _NAME.fullmatch(name) or ".." in name:
        raise ValueError(f"{text!r} is no host name; use letters, digits, '-' and '.'")
    if _NUMBER.fullmatch(name.rstrip(".").rpartition(".")[2]):
        raise ValueError(f"{text!r} is no IP address, and no name ends in a number; write it as 192.0.2.7")
    return name, False


def of_one_machine(address: str) -> bool:
    """Whether a machine answers for itself there. The unspecified address leads to ourselves (connect(2)), and is what
    lists of unwanted names give in place of an answer; behind a group's are many."""
    ip = ipaddress.ip_address(address)
    return not (ip.is_unspecified or ip.is_multicast or address == "255.255.255.255")
