"""The columns of the evidence of a report's lines, and what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa

from takeoff.core.results import Result, ResultColumn
from takeoff.reports.catalog import Query
from takeoff.reports.explained_rows import Row

# What `side` and `state` say of rows that are about no element.
STATED = "stated"
NO_ELEMENT = "no element"

_LINE = {
    "line_no": "line of the report, from 1; of a bill in its machine layout",
    "line": "what tells the line from others",
    "vendor": "vendor of the model",
    "project_id": "project of the model",
    "model_id": "the model",
    "side": "old (of sources the first) or new; stated: no element, but what the vendor states",
    "element_id": "the element's id at the vendor",
    "ifc_guid": "IFC GlobalId",
    "ifc_class": "IFC class without Ifc",
    "name": "the element's name",
    "type_name": "name of its type",
    "storey_name": "its storey",
    "quantity": "IFC4X3 quantity name; null if what it gives to the line is not about one",
    "value": "what the element gives to the line, on its first row only; null if it gives nothing",
    "unit": "SI unit of value",
    "basis": "authored, vendor_calculated, computed or derived; mixed if it rests on several",
    "state": "counted, part, missing, doubtful, why not counted; no element: the line holds none",
    "rule_set": "measurement rules that were used",
    "basis_order": "order in which figures are picked",
}
_RULE = {
    "item": "item of the bill; null unless measured",
    "item_source": "who gave the item: measurement rule, model, rule (of the mapping)",
    "rule": "measurement rule; null if none fits",
    "formula": "formula that the element was measured by; all of the rule's if none could be",
    "opening_above": "openings larger than this (m2 or m3) are Large in formulas, others Small",
    "asked": "what an undecided element would have to say",
}
_SPLIT = {
    "material": "the material of the element's piece; null if none",
    "split": "how the element's figure is split: whole, layers, constituents, not split",
}
_RATE = {
    "waste_factor": "what the line's value is multiplied by",
    "pricing": "priced, unpriced, refused (unit of the rate) or no quantity; null if not asked",
    "rate": "price as the rate file states it; null if there is none",
    "rate_unit": "what it is for, as the file states it",
    "unit_rate": "the same for one unit of the bill",
    "currency": "of rate and unit_rate",
    "rate_source": "where the rate comes from",
}
_FACTOR = {
    "module": "module of EN 15978",
    "rating": "rated, no factor, no quantity or refused (no way to the declared unit)",
    "kg_co2e_factor": "kg CO2e per declared unit, as the file states it; null if there is none",
    "declared_unit": "unit of the factor",
    "density_kg_m3": "density that the factor states",
    "factor_source": "where the factor comes from",
    "factor_version": "its version",
}
# Columns that the line itself has.
OF_LINE = (*_RATE, *_FACTOR, "item", "item_source", "asked", "material")
_FIGURE = {
    "figure": "the quantity behind it, or a name of the formula; null if none is",
    "figure_element_id": "whose figure it is: the element's, a part's or an opening's",
    "figure_value": "the figure in SI; null if it is not known",
    "figure_unit": "its SI unit",
    "figure_basis": "authored, vendor_calculated, computed or derived",
    "origin": "kind of place it was read from; rule: worked out from the rows below",
    "picked": "it was used",
    "picked_because": "why, or why not",
    "source_set": "set as written",
    "source_name": "name as written, the definition that it was computed by, or the vendor's "
    "operation",
    "source_value": "number as written",
    "source_unit": "unit as written",
    "unit_status": "declared, own, derived, assumed or unknown",
    "conversion": "from the number as written to SI",
    "evidence": "the document or answer it was read from",
    "sha256": "sha256 of that",
    "source_row": "record in it",
    "record": "the record as it stands there: of the figure, or else of the element",
    "snapshot_id": "the snapshot it belongs to",
}
_EXACT = pa.decimal128(38, 12)
_TYPES = {
    **dict.fromkeys(("line_no", "source_row"), pa.int64()),
    **dict.fromkeys(("value", "figure_value", "opening_above"), _EXACT),
    **dict.fromkeys(
        ("waste_factor", "rate", "unit_rate", "kg_co2e_factor", "density_kg_m3"),
        pa.decimal128(38, 9),
    ),
    "picked": pa.bool_(),
}
_WORDS = {pa.int64(): "bigint", pa.bool_(): "boolean", pa.string(): "text"}
_SIGNS = ("rule", "split", "pricing", "module")


def _meanings(query: Query, rows: Sequence[Row]) -> dict[str, str]:
    """Columns of rules, materials, rates and factors where the report has them, or its rows do."""
    columns = {column.name for column in query.columns}
    known = {name for row in rows for name in _SIGNS if row.get(name) is not None} | columns
    return {
        **_LINE,
        **(_RULE if "rule" in known else {}),
        **(_SPLIT if "split" in known else {}),
        **(_RATE if "pricing" in known else {}),
        **(_FACTOR if known & {"kg_co2e_factor", "module"} else {}),
        **_FIGURE,
    }


def as_result(query: Query, result: Result, rows: Sequence[Row]) -> Result:
    """These rows as the evidence of `result`, which `query` answered."""
    meanings = _meanings(query, rows)
    schema = pa.schema([(name, _TYPES.get(name, pa.string())) for name in meanings])
    plain = [{name: row.get(name) for name in meanings} for row in rows]
    about = result.provenance
    return Result(
        columns=tuple(_column(field, meanings[field.name]) for field in schema),
        table=pa.Table.from_pylist(plain, schema),
        provenance=replace(
            about,
            title=f"Evidence of {about.title}",
            question="What did each element give to a line, by which rule, and from which record?",
        ),
    )


def _column(field: pa.Field, meaning: str) -> ResultColumn:
    """Only `value` is in the unit of its row; other figures are shown with all their digits."""
    unit = "" if pa.types.is_decimal(field.type) and field.name != "value" else None
    return ResultColumn(field.name, _WORDS.get(field.type, "decimal"), unit, meaning)
