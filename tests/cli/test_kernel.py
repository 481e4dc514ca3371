"""``upheld doctor`` names what the kernel gives, and the next best where it gives less."""

import socket
from dataclasses import replace

from monitor.cli.kernel import _icmp, features
from probes.net.icmp.sockets import open_socket
from tests.lab.space import allow_datagram, needs_root, own_network


@needs_root
def test_the_way_that_is_really_used_is_named() -> None:
    with own_network():
        texts = [text for _, text in features()]
        assert any(text.startswith("ICMP over IPv4: raw socket") for text in texts)
        allow_datagram()
        texts = [text for _, text in features()]
    assert any(text.startswith("ICMP over IPv4: unprivileged datagram socket") for text in texts)
    subjects = ("ICMP over IPv6", "timestamps over IPv4", "overflow", "buffer", "system calls", "arrival of answers")
    for subject in subjects:
        assert any(text.startswith(subject) for text in texts), subject


@needs_root
def test_each_feature_that_is_missing_has_its_next_best_told() -> None:
    with own_network():
        opened = open_socket(socket.AF_INET)
    with opened.sock:
        cases = (
            (replace(opened, stamps_sent=False), "by the kernel on receipt"),
            (replace(opened, stamps_sent=False, stamps_received=False), "by our own clock; a busy machine"),
        )
        for less, text in cases:
            poor = [told for fine, told in _icmp("IPv4", less) if not fine]
            assert len(poor) == 1 and text in poor[0]
        small = [told for _, told in _icmp("IPv4", replace(opened, buffer=212_992))]
        assert any("208 KiB" in told and "rmem_max" in told for told in small)
