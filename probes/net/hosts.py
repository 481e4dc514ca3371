"""The hosts file (hosts(5)): names that no server is asked about."""

import ipaddress
import socket
from pathlib import Path

from probes.net.host import of_one_machine

LOOPBACK = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}


class Hosts:
    """``localhost`` is the loopback address whatever the file says of it or not (RFC 6761 section 6.3).

    ``trouble``: why the file that is there could not be read, for lack of descriptors say. What it said before stands,
    and of another name nobody knows whether it stands there: a name server's "no" to it proves nothing. Lines that send
    names nowhere (``0.0.0.0 ads.example``) are passed over.
    """

    def __init__(self, path: Path) -> None:
        self.trouble: str | None = None
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._names: dict[tuple[str, int], str] = {}

    def refresh(self) -> None:
        """Read the file again if it was written since."""
        self.trouble = None
        try:
            found = self._path.stat()
            stamp = (found.st_mtime_ns, found.st_size)
            if stamp == self._stamp:
                return
            self._names = _read(self._path.read_text(errors="replace"))
            self._stamp = stamp
        except (FileNotFoundError, NotADirectoryError):
            self._names, self._stamp = {}, None  # no hosts file is as good as an empty one
        except OSError as error:
            self._stamp, self.trouble = None, f"{self._path} cannot be read: {error.strerror}"

    def find(self, name: str, family: int) -> str | None:
        """The first address of that family; ``name`` in lower case."""
        if name == "localhost" or name.endswith(".localhost"):
            return LOOPBACK[socket.AddressFamily(family)]
        return self._names.get((name, family))


def _read(text: str) -> dict[tuple[str, int], str]:
    names: dict[tuple[str, int], str] = {}
    for line in text.splitlines():
        fields = line.partition("#")[0].split()
        try:
            address = ipaddress.ip_address(fields[0]) if fields else None
        except ValueError:
            continue  # as the C library does with a line it cannot read
        if address is not None and of_one_machine(str(address)):
            family = socket.AF_INET if address.version == 4 else socket.AF_INET6
            for name in fields[1:]:
                names.setdefault((name.lower().rstrip("."), family), str(address))
    return names
