"""Facts into the store: through the daemon where one runs on it, else straight into it.

Only one process writes a store. The daemon's door is used when the store says that somebody holds it; whoever may
read the token beside the store may write through the door.
"""

import http.client
import json
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from config.model import Config, Listen
from monitor.cli.common import BAD_FACTS, HELD, UNAVAILABLE, USAGE, fail
from monitor.sla.facts import Fact

if TYPE_CHECKING:
    from monitor.cli.staging import Staging

LINES, BYTES = 1_000, 2 << 20
WAIT = 60.0
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def add_facts(config: Config, facts: Sequence[Fact]) -> None:
    """Record some facts, or end the command saying why not. They must not contradict what is recorded."""
    from monitor.cli.staging import Staging
    from monitor.render.facts import ON_LINE, FactsError

    try:
        with Staging.of("what was given", ON_LINE) as staged:
            staged.take(enumerate(facts, 1))
            add(config, staged)
    except FactsError as error:
        fail(BAD_FACTS, str(error))


def add(config: Config, staged: "Staging") -> int:
    """Record all of the facts and give how many were new, or end the command saying why not. Raises FactsError where
    they contradict what is recorded: both together could not be read again."""
    from monitor.cli.writing import record
    from monitor.store.port import StoreError, StoreHeld

    try:
        try:
            return record(config, staged)
        except StoreHeld as held:
            return through_daemon(config, staged, str(held))
    except StoreError as error:
        fail(UNAVAILABLE, str(error))


def through_daemon(config: Config, staged: "Staging", held: str) -> int:
    """Send the facts to the process that holds the store, in parts, each answered when it is on disk. All of them are
    held against the store before the first is sent. Of one that is cut short the parts that were answered stay."""
    from monitor.cli.reading import reader
    from monitor.web.facts_door import PATH

    token = _token(config, held)
    with reader(config) as store:
        known = staged.agree(store.facts(*staged.span)) if staged.span is not None else 0
        known += sum(staged.samples.known(some, store) for some in staged.samples)
        staged.refuse()
    sent = 0
    for body, count in _parts(staged) if known < len(staged) else ():
        status, text = _post(config.daemon.web, PATH, token, body, held)
        if status != 200:
            rest = f"; {sent} facts were recorded before: import all of them again" if sent else ""
            code, what = (
                (BAD_FACTS, text)
                if status == 422
                else (UNAVAILABLE, f"the daemon did not take the facts ({status}): {text}")
            )
            fail(code, what + rest)
        sent += count
    return len(staged) - known


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


def _parts(staged: "Staging") -> Iterator[tuple[bytes, int]]:
    """Bodies of lines, none larger than the door takes, and how many there are in each."""
    from monitor.render.fact_lines import line

    part, size = list[bytes](), 0
    for facts in chain[Sequence[Fact]](staged.samples, staged.others()):
        for fact in facts:
            text = line(fact).encode()
            if part and (len(part) == LINES or size + len(text) > BYTES):
                yield b"\n".join(part), len(part)
                part, size = [], 0
            part.append(text)
            size += len(text) + 1
    if part:
        yield b"\n".join(part), len(part)


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
