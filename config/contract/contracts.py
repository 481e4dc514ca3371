"""``contracts:`` every agreement of a configuration, from texts that build on each other to typed contracts.

texts ─▶ levels, each over its bases ─▶ revisions, each over what was before ─▶ rows, if it is for each
      ─▶ remarks taken out ─▶ the nouns, once for every text that may be in force
"""

from collections.abc import Sequence

from config.contract.each import Data, read_each
from config.contract.levels import Levels, Text, read_text
from config.contract.model import Contract
from config.contract.read import Targets
from config.contract.whole import finished, put_together
from config.errors import Problem
from config.names import check_name
from config.reader import Reader


def read_contracts(reader: Reader, targets: Targets, data: Data) -> dict[str, Contract | None]:
    """Every contract by name; None for one with problems. Templates are none."""
    texts: dict[str, Text] = {}
    for called, entry in reader.fields():
        text = read_text(called, entry)
        if text is not None:
            texts[called] = text
    levels = Levels(texts)
    contracts: dict[str, Contract | None] = {}
    told: set[tuple[str, int, int, str]] = set()
    for called, entry in reader.fields():
        text = texts.get(called)
        if text is not None and text.rows is not None:
            _tell(read_each(text, levels, targets, data, contracts), told, entry.problems)
            continue
        check_name(entry, called)
        chain = None if text is None else levels.chain(text)
        found: list[Problem] = []
        here = Reader(entry.node, entry.path, found, entry.key)
        whole = None if chain is None else put_together(here, chain)
        if text is None or not text.template:
            contracts[called] = None if whole is None else finished(called, here, whole, targets)
        _tell(found, told, entry.problems)
    return contracts


def _tell(found: Sequence[Problem], told: set[tuple[str, int, int, str]], problems: list[Problem]) -> None:
    """What is wrong with a text is told for the first contract that is made of it."""
    new = [one for one in found if (one.file, one.line, one.column, one.text) not in told]
    told.update((one.file, one.line, one.column, one.text) for one in new)
    problems.extend(new)
