"""What can be said of an ICMP probe, and what is refused before anything runs."""

from fractions import Fraction

import pytest

from config.model import Target
from config.options import checked
from monitor.cli.probe import options as told
from probes.kinds import icmp

MS = 1_000_000


def test_options_are_read_as_a_person_types_them() -> None:
    typed = {"host": "192.0.2.7", "spacing": "200ms", "up when": "loss <= 20%", "dscp": 46}
    options = checked(icmp.Options, typed)
    assert (options.packets, options.spacing, options.version) == (5, 200 * MS, 4)
    assert options.up_when is not None and options.up_when.share == Fraction(1, 5)
    shown = told(Target(name="hq", kind="icmp", options=options, every=10_000 * MS, timeout=1000 * MS))
    assert {name: shown[name] for name in typed} == typed


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"host": "192.0.2.7", "family": 6}, "host '192.0.2.7' is an IPv4 address but family is 6"),
        ({"host": "http://a.example/"}, "'http://a.example/' is no host name; use letters, digits, '-' and '.'"),
        ({"host": "a.example:80"}, "is no host name"),
        ({"host": "a b.example"}, "is no host name"),
        ({"host": "../etc"}, "'../etc' is no host name; use letters, digits, '-' and '.'"),
        (
            {"host": "192.0.2.256"},
            "is no IP address, and no name ends in a number; write it as 192.0.2.7",
        ),
        ({"host": "192.000.002.007"}, "no name ends in a number"),
        ({"host": "0.0.0.0"}, "host '0.0.0.0' is not the address of one machine"),
        ({"host": "255.255.255.255"}, "is not the address of one machine"),
        ({"host": "ff02::1%1"}, "is not the address of one machine"),
        ({"host": "::1", "source": "127.0.0.1"}, "source '127.0.0.1' is IPv4 but the probe goes over IPv6"),
        ({"host": "a.example", "source": "b.example"}, "source 'b.example' is no IP address"),
        ({"host": "a.example", "up when": "loss ~ 3"}, "write it as 'loss <= 20%'"),
        ({"host": "a.example", "up when": "loss <= 120%"}, "a share cannot exceed 100%, not '120%'"),
        ({"host": "a.example", "spacing": "5ms"}, "must be from 20ms to 10s, not 5ms"),
        ({"host": "a.example", "packets": 0}, "greater than or equal to 1"),
        ({"host": "a.example", "size": 8}, "greater than or equal to 24"),
        ({"host": "a.example", "count": 8}, "Unexpected keyword argument"),
    ],
)
def test_a_wrong_option_says_what_would_be_right(options: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError) as caught:
        checked(icmp.Options, options)
    assert said in str(caught.value)
