"""A statement as CSV: one row a promise, figures exact and as shown, for a spreadsheet."""

import csv
import io

from monitor.render.statement_json import exact, scale
from monitor.sla.model import Statement

HEADER = (
    "contract",
    "period",
    "service",
    "promise",
    "text",
    "unit",
    "target",
    "value",
    "lower",
    "upper",
    "display",
    "verdict",
    "credit",
    "currency",
)


def render(statement: Statement) -> str:
    """The rows, with a header, ``\\n`` between them."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    credits = {(line.service, line.promise): line for line in statement.credits}
    for result in statement.promises:
        credit = credits.get((result.service, result.id))
        figures = (result.target, result.value, result.lower, result.upper)
        writer.writerow(
            [
                statement.contract,
                statement.period.label,
                result.service,
                result.id,
                result.text,
                result.unit,
                *("" if value is None else exact(value) for value in figures),
                "" if result.value is None else scale(result).display(result.value),
                result.verdict or "",
                "" if credit is None or credit.amount is None else f"{credit.amount:f}",
                "" if credit is None else credit.currency or "",
            ]
        )
    return out.getvalue()
