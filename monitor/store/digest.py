"""A short digest beside every stored body: a flipped bit is noticed before it becomes a figure.

It covers what places the body too (its target, its span), so that a body cannot be read in another's place.
It is no signature: who can write the file can write the digest.
"""

from hashlib import blake2b, sha256

from monitor.store.port import StoreError

SIZE = 8
UNLIKE = "what is stored is not what was written; restore the latest backup"
"""What is said of a record whose digest does not fit."""


def digest(body: bytes | str, *place: object) -> bytes:
    """The digest of a body that belongs at ``place``."""
    made = blake2b(repr(place).encode("utf-8", "surrogatepass"), digest_size=SIZE)
    made.update(body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body)
    return made.digest()


def quick(body: bytes, *place: object) -> bytes:
    """The same for what is written and read several times before it is put away: processors compute it in a third of
    the time."""
    made = sha256(repr(place).encode())
    made.update(body)
    return made.digest()[:SIZE]


def verify_quick(stored: bytes, body: bytes, name: str, *place: object) -> None:
    """As ``verify``, for either digest: journals were written with the other one before."""
    if not isinstance(body, bytes) or stored != quick(body, *place):
        verify(stored, body, name, *place)


def verify(stored: bytes, body: bytes | str, name: str, *place: object) -> None:
    """Raise StoreError ``store_damaged`` naming the record unless the digest is that of the body at its place."""
    # A damaged file can give any type for a column.
    if not isinstance(body, bytes | str) or stored != digest(body, *place):
        raise StoreError("store_damaged", f"{name}: {UNLIKE}")
