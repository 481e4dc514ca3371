"""Words for the service manager, where one listens (sd_notify(3)): READY=1, RELOADING=1, STOPPING=1, STATUS=…"""

import os
import socket
import time


def notify(*lines: str) -> None:
    """Send lines; does nothing where no manager asked for them or it has gone."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if address[:1] not in ("/", "@"):
        return
    name = "\0" + address[1:] if address[0] == "@" else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as manager:
        try:
            manager.sendto("\n".join(lines).encode(), name)
        except OSError:
            return  # a manager that went away needs no words


def reloading() -> None:
    """Type=notify-reload wants the instant, in microseconds of the monotonic clock."""
    notify("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
