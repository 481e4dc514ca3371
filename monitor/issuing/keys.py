"""The key that statements are signed with: Ed25519 (RFC 8032), made at the first need, in a file beside the store for
its owner only. Whoever has the public half can tell that a statement came from the holder of the other.

What computes with keys is loaded by those who do: seven megabytes, which the daemon leaves to another process
(``apart.py``)."""

import base64
import os
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from monitor.durable import flush_directory, publish

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ALGORITHM = "ed25519"


class Public(Protocol):
    """The half of a key that everybody may have."""

    def public_bytes_raw(self) -> bytes:
        """Its 32 bytes."""


class Key(Protocol):
    """What signs: an ``Ed25519PrivateKey``, or whoever has it. Both may raise KeyTrouble."""

    def public_key(self) -> Public:
        """The other half."""

    def sign(self, data: bytes, /) -> bytes:
        """The signature, of 64 bytes."""


class KeyTrouble(Exception):
    """The signing key cannot be read or made; the text says what to do."""


def key_file(store: str) -> Path:
    """Where the key of a store lies."""
    return Path(store + ".key")


def signing_key(store: str) -> "Ed25519PrivateKey":
    """The store's key; made if there is none. Raises KeyTrouble."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    path = key_file(store)
    try:
        if not path.exists():
            _make(path)
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except OSError as error:
        raise KeyTrouble(f"{path}: the key that statements are signed with: {error.strerror}") from error
    except ValueError as error:
        rest = "" if path.stat().st_size else "; it is empty, so remove it if there never was one"
        raise KeyTrouble(f"{path}: no signing key; put back the one that was there{rest}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyTrouble(f"{path}: not an Ed25519 key; put back the one that was there")
    return key


def _make(path: Path) -> None:
    """A new key, on disk before it is used: a statement must never carry a signature nobody can make again."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)  # of a disk that failed, or of a process that had this number and was killed
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        publish(beside, path)
    except FileExistsError:  # another process made one meanwhile: it has its name on disk before it is used here too
        flush_directory(path.parent)
    finally:
        beside.unlink(missing_ok=True)


def public_text(key: Key) -> str:
    """The public half as base64, as statements carry it."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def sign(key: Key, digest: str) -> dict[str, object]:
    """The signature of a digest as a statement carries it."""
    return {
        "algorithm": ALGORITHM,
        "key": public_text(key),
        "value": base64.b64encode(key.sign(digest.encode())).decode(),
    }


def signed_by(signature: object, digest: str) -> str:
    """The public key whose holder signed the digest. Raises ValueError where the signature does not hold."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if not isinstance(signature, dict) or signature.get("algorithm") != ALGORITHM:
        raise ValueError("is not signed with ed25519")
    try:
        raw, value = (base64.b64decode(str(signature[name]), validate=True) for name in ("key", "value"))
        Ed25519PublicKey.from_public_bytes(raw).verify(value, digest.encode())
    except (KeyError, ValueError, InvalidSignature) as error:
        raise ValueError("has a signature that does not hold: it was altered, or signed by somebody else") from error
    return str(signature["key"])
