"""Facts into the store: through the daemon where one runs on it, else straight into it.

Only one process writes a store. The daemon's door is used when the store says that somebody holds it; whoever may
read the token beside the store may write through the door.
"""

import http.client
import json
from collections.abc import Iterator, Sequence

from config.model import Config, Listen
from monitor.cli.common import BAD_FACTS, HELD, UNAVAILABLE, USAGE, fail
from monitor.sla.facts import Fact, HeartbeatFact
from monitor.sla.words import FOREVER
from probes.sample import Sample

LINES = 1_000
WAIT = 60.0
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def add_facts(config: Config, facts: Sequence[Fact]) -> None:
    """Record the facts, or end the command saying why not. They must not contradict each other."""
    from monitor.cli.writing import record
    from monitor.store.port import StoreError, StoreHeld

    _agree(config, facts)
    try:
        record(config, facts)
    except StoreHeld as held:
        through_daemon(config, facts, str(held))
    except StoreError as error:
        fail(UNAVAILABLE, str(error))


def _agree(config: Config, facts: Sequence[Fact]) -> None:
    """Ends the command where the facts contradict what is recorded: both together could not be read again."""
    from monitor.cli.reading import reader
    from monitor.render.facts import FactsError, against
    from monitor.store.factcodec import span_of
    from monitor.store.which import is_made

    others = [fact for fact in facts if not isinstance(fact, Sample | HeartbeatFact)]
    if not others or not is_made(config.daemon.store):
        return
    spans = [span_of(fact) for fact in others]
    start = min((first for _, first, _ in spans if first is not None), default=0)
    end = max((FOREVER if last is None else last for _, _, last in spans), default=FOREVER)
    try:
        with reader(config) as store:
            against(others, store.facts(start, end), config.daemon.shown)
    except FactsError as error:
        fail(BAD_FACTS, str(error))


def through_daemon(config: Config, facts: Sequence[Fact], held: str) -> None:
    """Send the facts to the process that holds the store, in parts, each answered when it is on disk."""
    from monitor.web.facts_door import PATH

    token = _token(config, held)
    for body in _parts(facts):
        status, text = _post(config.daemon.web, PATH, token, body, held)
        if status == 422:
            fail(BAD_FACTS, text)
        if status != 200:
            fail(UNAVAILABLE, f"the daemon did not take the facts ({status}): {text}")


def through_door(config: Config, path: str, asked: dict[str, str], held: str) -> dict[str, object]:
    """Ask the process that holds the store for something; its answer."""
    status, text = _post(config.daemon.web, path, _token(config, held), json.dumps(asked).encode(), held)
    if status == 422:
        fail(USAGE, text)
    if status != 200:
        fail(UNAVAILABLE, f"the daemon did not do it ({status}): {text}")
    answer: dict[str, object] = json.loads(text)
    return answer


def _token(config: Config, held: str) -> str:
    from monitor.web.token import token_file

    path = token_file(config.daemon.beside)
    try:
        return path.read_text()
    except OSError as error:
        fail(HELD, f"{held}; its token cannot be read: {path}: {error.strerror}")


def _parts(facts: Sequence[Fact]) -> Iterator[bytes]:
    from monitor.render.fact_lines import line

    for start in range(0, len(facts), LINES):
        yield "\n".join(line(fact) for fact in facts[start : start + LINES]).encode()


def _post(listen: Listen, path: str, token: str, body: bytes, held: str) -> tuple[int, str]:
    host = _ANY.get(listen.host, listen.host)
    connection = http.client.HTTPConnection(host, listen.port, timeout=WAIT)
    try:
        connection.request("POST", path, body, {"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace").strip()
    except (OSError, http.client.HTTPException) as error:
        fail(UNAVAILABLE, f"{held}, and nobody answers at {host}:{listen.port}: {error}")
    finally:
        connection.close()
