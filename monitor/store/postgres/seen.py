"""Where a PostgreSQL store keeps which identities are stored; see ``monitor.store.seen``."""

from monitor.store.digest import digest, verify
from monitor.store.postgres.connection import Connection
from monitor.store.postgres.names import Names
from monitor.store.seen import Block


def read(connection: Connection, block: Block) -> bytes | None:
    """A block's bits as they are stored."""
    row = connection.execute(
        "SELECT vantage, boot, digest, bits FROM seen WHERE block = %s::bigint "
        "AND vantage = (SELECT id FROM names WHERE text = %s) AND boot = (SELECT id FROM names WHERE text = %s)",
        (block[2], block[0], block[1]),
    ).fetchone()
    if row is None:
        return None
    vantage, boot, stored, bits = row
    assert isinstance(stored, bytes) and isinstance(bits, bytes)
    verify(stored, bits, f"identities of boot {block[1]}", vantage, boot, block[2])
    return bits


class Write:
    """Stores one block's bits."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def __call__(self, connection: Connection, block: Block, bits: bytes) -> None:
        vantage, boot = self._names.of(connection, block[:2])
        connection.execute(
            "INSERT INTO seen VALUES (%s, %s, %s, %s, %s) ON CONFLICT (vantage, boot, block) "
            "DO UPDATE SET digest = EXCLUDED.digest, bits = EXCLUDED.bits",
            (vantage, boot, block[2], digest(bits, vantage, boot, block[2]), bits),
        )
