"""Lines that hold where their figure satisfies them: what rights arise from.

Such a line is judged as the promise of its contrary: it holds where that is broken. So of several windows or days the
one counts in which it holds, and what nobody observed can neither give a right nor take it.
"""

from collections.abc import Callable
from dataclasses import replace

from config.contract.model import Contract, Promise
from config.contract.noun import Operator
from monitor.sla.model import PromiseResult, Verdict

_CONTRARY: dict[Operator, Operator] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_TURNED = {Verdict.MET: Verdict.BREACHED, Verdict.BREACHED: Verdict.MET, Verdict.INDETERMINATE: Verdict.INDETERMINATE}


def conditions_of(
    contract: Contract, results: Callable[[Contract], tuple[PromiseResult, ...]]
) -> tuple[PromiseResult, ...]:
    """The results of a contract's conditions, met where they hold. ``results`` judges the promises of a contract."""
    if not contract.conditions:
        return ()
    lines = {line.id: line for line in contract.conditions}
    contraries = tuple(_contrary(line) for line in contract.conditions)
    found = results(contract.but(promises=contraries))
    return tuple(_held(lines[result.id], result) for result in found)


def _contrary(line: Promise) -> Promise:
    """The promise that is broken where the line holds; an equality has none, and is judged as it is."""
    if line.operator == "==":
        return line
    return line.but(operator=_CONTRARY[line.operator])


def _held(line: Promise, result: PromiseResult) -> PromiseResult:
    if line.operator == "==" or result.verdict is None:
        return result
    return replace(result, operator=line.operator, verdict=_TURNED[result.verdict])
