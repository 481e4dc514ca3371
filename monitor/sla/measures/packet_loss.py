"""Packet loss: what packet delivery leaves of one (RFC 6673: round-trip loss; a reply after the wait is lost)."""

from monitor.sla.measures.packet_delivery import values

NAME = "packet-loss"
UNIT = "ratio"
METHOD = "packet-loss/1"
POOLED = True

__all__ = ["METHOD", "NAME", "POOLED", "UNIT", "values"]
