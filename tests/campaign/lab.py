"""A hundred thousand packets, forty of a hundred spoilt, counted exactly: ``make campaign-lab``.

The lab's mixed test at full length, with the batch system calls and without them, with targets that are started
together and one by one. Needs root, for its network namespaces. ``UPHELD_LAB_PACKETS`` says how many packets the four
send in all, a hundred thousand each unless given.
"""

import os
import sys

import pytest

TEST = "tests/lab/test_icmp_faults.py::test_measured_is_what_was_injected_in_every_class_of_fault"


def main() -> int:
    """The exit status of pytest. A campaign that could not run has shown nothing, so that without root it fails."""
    if os.geteuid() != 0:
        print("network namespaces need root", file=sys.stderr)
        return 1
    os.environ.setdefault("UPHELD_LAB_PACKETS", "400000")
    return int(pytest.main(["--verbose", "--durations=2", TEST]))


if __name__ == "__main__":
    sys.exit(main())
