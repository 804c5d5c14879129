"""The evidence of a report's lines: element by element what was measured, by which rule, from what.

A row is a figure behind what an element gives to a line. What the element gives stands in `value`,
on the first of its rows only, so that `value` adds up to the line.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, DivisionByZero, InvalidOperation
from pathlib import Path
from typing import Any

import pyarrow as pa

from takeoff.core.plain import number
from takeoff.core.results import Result, ResultColumn
from takeoff.engines.duckdb import Engine
from takeoff.engines.formulas import read_formulas
from takeoff.jobs.records import Place, Record, Records
from takeoff.lake.layout import Layout
from takeoff.reports.asked import understand
from takeoff.reports.catalog import Query
from takeoff.reports.explained_rows import Key, Row, read_of
from takeoff.reports.figures_behind import Figures, read_figures
from takeoff.reports.line_shares import Line, Share, shares
from takeoff.reports.valuations import Valuation, valuations

_LINE = {
    "line_no": "line of the report, from 1; of a bill in its machine layout",
    "line": "what tells the line from others",
    "vendor": "vendor of the model",
    "project_id": "project of the model",
    "model_id": "the model",
    "side": "old or new, where two are compared; of sources the first is old",
    "element_id": "the element's id at the vendor",
    "ifc_guid": "IFC GlobalId",
    "ifc_class": "IFC class without Ifc",
    "name": "the element's name",
    "type_name": "name of its type",
    "storey_name": "its storey",
    "quantity": "IFC4X3 quantity name; null if the line is not about one",
    "value": "what the element gives to the line, on its first row only; null if it gives nothing",
    "unit": "SI unit of value",
    "basis": "authored, vendor_calculated, computed or derived; mixed if it rests on several",
    "state": "counted, missing or doubtful; or the reason why it is not counted",
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
_OF_COLUMNS = (*_RATE, *_FACTOR, "item", "item_source", "asked", "material")
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
    "source_name": "name as written, or the definition that it was computed by",
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
_LABELS = """
select
    counted_elements.snapshot_id,
    counted_elements.element_no,
    counted_elements.vendor,
    counted_elements.project_id,
    counted_elements.model_id,
    counted_elements.element_id,
    counted_elements.ifc_guid,
    counted_elements.ifc_class,
    counted_elements.name,
    counted_elements.type_name,
    counted_elements.storey_name,
    counted_elements.not_counted_reason
from counted_elements
join explained_elements
    on explained_elements.snapshot_id = counted_elements.snapshot_id
    and explained_elements.element_no = counted_elements.element_no
"""
_RULES = "select rule_no, rule, formula, opening_above from rules where kind = 'measurement'"
_SIGNS = ("rule", "split", "pricing", "module")
_DIGITS = 12


@dataclass(frozen=True)
class _Known:
    """What was read of the elements and rules behind the lines."""

    figures: Figures
    labels: Mapping[Key, Row]
    rules: Mapping[int, Row]
    values: Mapping[tuple[int, Key], Valuation]


def line_evidence(
    engine: Engine,
    layout: Layout,
    query: Query,
    params: Mapping[str, Any],
    result: Result,
    lines: Sequence[Line],
) -> Result:
    """The evidence of these lines of `result`, which `query` answered to `params`.

    Columns of rules, rates and factors are there if the report has them.
    Raises: InputRefused for a report that does not say which elements its lines hold; LakeUnusable
    if the evidence is missing or damaged.
    """
    asked = understand(engine, query, params)
    given = shares(engine, query, asked, lines)
    known = _read(engine, given, asked.basis, str(params.get("of") or "material"))
    rows = [row for share in given for row in _rows(share, known)]
    rule_set, _, basis_order = result.provenance.basis.partition("; ")
    with tempfile.TemporaryDirectory() as scratch:
        records = Records(layout, engine.snapshots, Path(scratch)).at(
            place for row in rows if (place := _place(row)) is not None
        )
        told = [
            {**row, **_cited(row, records), "rule_set": rule_set, "basis_order": basis_order}
            for row in rows
        ]
    return _result(query, result, told)


def _read(engine: Engine, given: Sequence[Share], basis: Sequence[str], of: str) -> _Known:
    elements = [share.element for share in given]
    values = valuations(engine, given, basis, of)
    ways = [way for valuation in values.values() for way in valuation.ways]
    by_rule = any(share.rule_no is not None for share in (*given, *ways))
    figures = read_figures(engine, elements, basis=basis, by_rule=by_rule)
    labels = {
        (row["snapshot_id"], row["element_no"]): row for row in read_of(engine, _LABELS, elements)
    }
    rules = {row["rule_no"]: row for row in engine.query(_RULES).read_all().to_pylist()}
    return _Known(figures, labels, rules, values)


def _rows(share: Share, known: _Known) -> Iterator[Row]:
    """The element's rows; what it gives stands on the first."""
    valuation = known.values.get(share.key)
    given = _given(share, known)
    rows = [
        {**figure, **_about(way, known), "conversion": _conversion(figure)}
        for way in ([share] if valuation is None else valuation.ways)
        for figure in _figures(way, known) or [known.figures.itself(way.element)]
    ]
    for place, row in enumerate(rows):
        yield {**row, **given, "value": given["value"] if place == 0 else None}


def _about(share: Share, known: _Known) -> Row:
    """The line, the element, and the rule, rate or factor by which it is in the line."""
    rule = {} if share.rule_no is None else known.rules[share.rule_no]
    return {
        **_of_line(share.line, share.columns),
        **known.labels[share.element],
        "side": share.side,
        "split": share.split,
        "rule": rule.get("rule") or share.columns.get("rule"),
        "formula": share.formula or rule.get("formula"),
        "opening_above": rule.get("opening_above"),
    }


def _of_line(line: Line, columns: Mapping[str, Any]) -> Row:
    """`columns` are the line's; or those of one rate or factor of several that it has."""
    return {
        **{name: columns.get(name) for name in _OF_COLUMNS},
        "line_no": line.number,
        "line": line.name,
        "rating": columns.get("rating" if "rating" in columns else "state"),
        "factor_source": columns.get("source"),
        "factor_version": columns.get("version"),
    }


def _figures(share: Share, known: _Known) -> list[Row]:
    """What stands behind what the element gives; nothing if the line is about no figure."""
    if share.rule_no is None:
        if share.quantity is None:
            return []
        return known.figures.of_quantity(share.element, share.quantity)
    rule = known.rules[share.rule_no]
    formulas = read_formulas(share.formula or rule["formula"])
    names = dict.fromkeys(name for formula in formulas for name in formula.names)
    return [
        row
        for name in names
        for row in known.figures.of_rule(share.element, share.rule_no, name, rule["opening_above"])
    ]


def _given(share: Share, known: _Known) -> Row:
    """Value, unit, basis and state of what the element gives to the line."""
    value, unit, basis, is_doubtful = _value(share, known)
    is_about_figures = share.is_told or share.quantity is not None
    state = "missing" if is_about_figures and value is None else "counted"
    reason = known.labels[share.element]["not_counted_reason"]
    return {
        "quantity": share.quantity,
        "value": value,
        "unit": unit,
        "basis": None if is_doubtful else basis,
        "state": reason or ("doubtful" if is_doubtful else state),
    }


def _value(share: Share, known: _Known) -> tuple[Decimal | None, str | None, str | None, bool]:
    """What it gives, in which unit, on which basis, and whether its figures disagree."""
    if share.is_told:
        return share.value, share.unit, share.basis, share.is_doubtful
    if (valuation := known.values.get(share.key)) is not None:
        return valuation.value, valuation.unit, None, False
    if share.quantity is None:
        return None, None, None, False
    if share.quantity == "Count":
        return Decimal(1), "1", None, False
    stated = "Count" if share.quantity == "StatedCount" else share.quantity
    picked = known.figures.picked.get((share.element, stated))
    if picked is None:
        return None, None, None, False
    return picked["value_exact"], picked["unit"], picked["basis"], picked["is_doubtful"]


def _conversion(figure: Mapping[str, Any]) -> str | None:
    """12500 mm x 0.001 = 12.5 m; without the factor if it is 1. Null if no number was written."""
    written = figure.get("source_value")
    if written is None:
        return None
    unit = figure["source_unit"] or "without unit"
    if figure["figure_value"] is None:
        return f"{written} {unit}, not converted"
    factor = _factor(written, figure["value"])
    times = "" if factor in (None, "1") else f" x {factor}"
    return f"{written} {unit}{times} = {number(figure['figure_value'])} {figure['figure_unit']}"


def _factor(written: str, value: float) -> str | None:
    try:
        factor = Decimal(repr(value)) / Decimal(written)
    except (InvalidOperation, DivisionByZero):
        return None
    rounded = Decimal(f"{factor:.{_DIGITS - 1}e}")
    return number(rounded)


def _place(row: Mapping[str, Any]) -> Place | None:
    """Where it was read; what is worked out from other figures stands in no document."""
    if row.get("origin") == "rule":
        return None
    return row["snapshot_id"], row["evidence_no"], row["source_row"]


def _cited(row: Mapping[str, Any], records: Mapping[Place, Record]) -> Row:
    if (place := _place(row)) is None:
        return {"source_row": None}
    return dict(records[place].columns()) if place in records else {}


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


def _result(query: Query, result: Result, rows: Sequence[Row]) -> Result:
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
