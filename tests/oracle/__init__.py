"""A second evaluator, slow and plain: it asks at every instant that matters what was known about it.

It shares no span algebra, no fold and no calendar with the house. Given the same facts it must give the same figures,
to the nanosecond; where the two differ, one of them is wrong. The readings it took are in README.md beside this file.
"""
