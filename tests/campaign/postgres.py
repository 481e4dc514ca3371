"""``make campaign-postgres``: 100 kills of a PostgreSQL server amid appends and sealing.

See ``tests.store.postgres_kills``."""

import json
import sys

from tests.postgres import Server
from tests.store.postgres_kills import campaign


def main() -> None:
    """Kills as often as the first argument says, by the seed of the second; ends with 1 where anything was lost."""
    kills, seed = (int(given) for given in (*sys.argv[1:3], *("100", "1")[len(sys.argv[1:3]) :]))
    server = Server()
    try:
        found = campaign(server, kills, seed)
    finally:
        server.remove()
    print(json.dumps(found))
    if any(found[key] for key in ("acked_lost", "double_counted", "account_differs", "unsound", "unlike")):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
