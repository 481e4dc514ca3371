"""Where a store may lie: on a file system whose locks and flushes mean what they say.

Network file systems do not promise that a lock held by one machine is seen by another, nor that what was flushed
is on a disk; SQLite's own documentation asks not to use them (section 2.1 of "How To Corrupt An SQLite Database
File"). So they are refused by name.
"""

from pathlib import Path

from monitor.store.port import StoreError

_MOUNTS = Path("/proc/self/mountinfo")
_UNSAFE = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "glusterfs", "9p"})


def refuse_unsafe(path: Path) -> None:
    """Raise StoreError ``store_unsafe_filesystem`` if ``path`` would lie on a network file system."""
    if not _MOUNTS.exists():
        return
    kind = filesystem_of(path, _MOUNTS.read_text("utf-8", "surrogateescape"))
    if kind in _UNSAFE or kind.startswith("fuse."):
        raise StoreError(
            "store_unsafe_filesystem",
            f"{path}: it would lie on a {kind} file system, where locks and flushes cannot be trusted; "
            "put the store on a local disk",
        )


def filesystem_of(path: Path, mounts: str) -> str:
    """The type of the file system that holds ``path``, from the text of /proc/self/mountinfo (proc(5)).

    The longest mount point that is an ancestor wins, of equal ones the last mounted; "" if none is.
    """
    best: tuple[int, str] = (-1, "")
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) < 5 or not after:
            continue
        point = Path(_unescaped(fields[4]))
        if path.is_relative_to(point) and len(point.parts) >= best[0]:
            best = (len(point.parts), after.split(" ")[0])
    return best[1]


def _unescaped(text: str) -> str:
    for code, sign in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, sign)
    return text
