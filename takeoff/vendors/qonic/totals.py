"""The rows of `control_totals`: sums that the service states, to check ours against."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from takeoff.core.units import SI_UNITS, converted
from takeoff.vendors.noticed import Noticed
from takeoff.vendors.qonic import answers, fields, measures, results
from takeoff.vendors.qonic.asked import Sum
from takeoff.vendors.qonic.lookups import Answer
from takeoff.vendors.qonic.paths import CALCULATORS
from takeoff.vendors.qonic.results import PerProduct, Total, Totals

_KINDS = {
    "Count": "count",
    "Length": "length",
    "NetArea": "area",
    "GrossArea": "area",
    "NetVolume": "volume",
    "GrossVolume": "volume",
}
_ONE = Decimal(1)


class ControlTotals:
    """Gathers the sums of one model, numbered in the order of the answers."""

    def __init__(self) -> None:
        self.rows: list[tuple[object, ...]] = []
        self.noticed: list[Noticed] = []

    def add(self, answer: Answer, asked: Sum, found: Totals | PerProduct) -> None:
        """The sums of one answer; of values of products, their sum. Not computed is no row."""
        if isinstance(found, PerProduct):
            said = f"{answer.name} lists products; the totals are the sums of what it lists."
            self.noticed.append(Noticed("total_summed", said, answer.evidence_no))
        else:
            unit = "" if any(total.unit for total in found.totals) else "; SI is assumed"
            said = f"Totals came as {found.form}{unit}."
            self.noticed.append(
                Noticed("result_shape", said, answer.evidence_no, once=found.form + unit)
            )
        totals = _summed(found) if isinstance(found, PerProduct) else found.totals
        for total in totals:
            self._add(answer, asked, total)

    def _add(self, answer: Answer, asked: Sum, total: Total) -> None:
        kind = _KINDS[total.calculator]
        unit = measures.unit(total.unit)
        factor = _ONE if total.unit is None else None
        if unit is not None and unit.kind == kind:
            factor = unit.factor
        value, exact = (None, None) if factor is None else converted(total.value, factor)
        if exact is None:
            why = "its unit is unknown" if factor is None else "it is out of range"
            said = f"The total {total.calculator} = {total.value} {total.unit or ''} has no value: "
            code = "unit_unknown" if factor is None else "value_out_of_range"
            self.noticed.append(Noticed(code, said + why + ".", answer.evidence_no, total.row))
        self.rows.append(
            (
                len(self.rows),
                total.calculator,
                asked.words,
                value,
                exact,
                None if factor is None else SI_UNITS[kind],
                asked.operation_id,
                answer.evidence_no,
                total.row,
            )
        )


def count_of(answer: Answer) -> int | None:
    """How many products the answer to a sum over all says there are; null if it does not say.

    Raises: NotUnderstood if it has none of the listed forms.
    """
    found = results.quantities(answer, frozenset())
    totals = found.totals if isinstance(found, Totals) else ()
    counts = [Decimal(total.value) for total in totals if total.calculator == "Count"]
    return int(counts[0]) if counts and counts[0] == int(counts[0]) else None


def _summed(found: PerProduct) -> list[Total]:
    """The sum of each calculator over the products that have a figure."""
    columns = fields.columns(found.rows)
    totals = []
    for name in CALCULATORS:
        column = fields.find(columns, name)
        item = None if column is None else next(iter(fields.fields(name, column)), None)
        if item is None:
            continue
        texts = pc.coalesce(item.values.text, pc.cast(item.values.number, pa.string()))
        numbers = [text for text in texts.drop_null().to_pylist() if answers.is_number(text)]
        if numbers:
            total = sum((Decimal(text) for text in numbers), Decimal(0))
            totals.append(Total(name, format(total, "f"), None, 0))
    return totals
