"""The settlement of a judged period: what is owed, in money and in kind, and what may be claimed or done."""

from monitor.sla.settle.settlement import Settled, exposure, lines_of, settle

__all__ = ["Settled", "exposure", "lines_of", "settle"]
