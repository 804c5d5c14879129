"""The evidence of a report's lines: element by element what was measured, by which rule, from what.

A row is a figure behind what an element gives to a line. What the element gives stands in `value`,
on the first of its rows only, so that `value` adds up to the line, of each `quantity` if the line
shows several. What the vendor itself states of the line is a row before them, with side `stated`.
A line without elements has one row that says so.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, DivisionByZero, InvalidOperation
from pathlib import Path
from typing import Any

from takeoff.core.plain import number
from takeoff.core.results import Result
from takeoff.engines.engine import Engine
from takeoff.engines.formulas import read_formulas
from takeoff.jobs.evidence_columns import NO_ELEMENT, OF_LINE, STATED, as_result
from takeoff.jobs.records import Place, Record, Records
from takeoff.lake.layout import Layout
from takeoff.reports.asked import Asked, understand
from takeoff.reports.catalog import Query
from takeoff.reports.explained_rows import PROPERTIES, Key, Row, read_of
from takeoff.reports.figures_behind import Figures, read_figures
from takeoff.reports.line_shares import Line, Share, Statement, shares, statements
from takeoff.reports.valuations import Valuation, valuations

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
_DIGITS = 12


@dataclass(frozen=True)
class _Known:
    """What was read of the elements and rules behind the lines."""

    figures: Figures
    labels: Mapping[Key, Row]
    rules: Mapping[int, Row]
    values: Mapping[tuple[int, Key], Valuation]
    properties: Mapping[Key, Sequence[Row]]


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
    shown = _shown(query, asked, given, known.figures)
    rows = [row for share in given for row in _rows(share, known, shown[share.line.number])]
    rows = _by_line(lines, _stated(engine, statements(engine, query, asked, lines)), rows)
    rule_set, _, basis_order = result.provenance.basis.partition("; ")
    with tempfile.TemporaryDirectory() as scratch:
        records = Records(layout, engine.snapshots, Path(scratch)).at(
            place for row in rows if (place := _place(row)) is not None
        )
        told = [
            {**row, **_cited(row, records), "rule_set": rule_set, "basis_order": basis_order}
            for row in rows
        ]
    return as_result(query, result, told)


def _shown(
    query: Query, asked: Asked, given: Sequence[Share], figures: Figures
) -> Mapping[int, Sequence[tuple[str, ...]]]:
    """By line number the quantities of those columns that say something, and of those that cannot.

    A column is null, too, where figures disagree or are in an unknown unit: these are shown.
    """
    columns = {
        figure.column: tuple(_asked_of(name, asked) for name in figure.quantities)
        for figure in query.figures
    }
    shown = {
        (share.line.number, column)
        for share in given
        for column, names in columns.items()
        if share.is_told
        or share.line.columns.get(column) is not None
        or figures.are_unusable(share.element, names)
    }
    return {
        number: [names for column, names in columns.items() if (number, column) in shown]
        for number in {share.line.number for share in given}
    }


def _asked_of(name: str, asked: Asked) -> str:
    return str(asked.values[name[1:]]) if name.startswith("$") else name


def _by_line(lines: Sequence[Line], stated: Iterable[Row], of_elements: Sequence[Row]) -> list[Row]:
    """Line by line what is stated, then the elements; a row that says so where there are none."""
    held = {row["line_no"] for row in of_elements}
    nothing = [
        {**_of_line(line, line.columns), "state": NO_ELEMENT}
        for line in lines
        if line.number not in held
    ]
    return sorted([*stated, *nothing, *of_elements], key=lambda row: row["line_no"])


def _stated(engine: Engine, stated: Sequence[Statement]) -> Iterator[Row]:
    """What vendors state of lines, each with the place where it stands."""
    refs = {snapshot.snapshot_id: snapshot.ref for snapshot in engine.snapshots}
    for one in stated:
        snapshot_id, evidence_no, source_row = one.place
        yield {
            **_of_line(one.line, one.line.columns),
            "vendor": refs[snapshot_id].vendor,
            "project_id": refs[snapshot_id].project_id,
            "model_id": refs[snapshot_id].model_id,
            "side": STATED,
            "quantity": one.quantity,
            "value": one.value,
            "unit": one.unit,
            "figure": one.quantity,
            "figure_value": one.value,
            "figure_unit": one.unit,
            "source_name": one.operation_id,
            "snapshot_id": snapshot_id,
            "evidence_no": evidence_no,
            "source_row": source_row,
        }


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
    return _Known(figures, labels, rules, values, _changed_properties(engine, given))


def _changed_properties(engine: Engine, given: Sequence[Share]) -> Mapping[Key, Sequence[Row]]:
    """By element those that have another value on the other side, where a line names such."""
    found: dict[Key, list[Row]] = {}
    if elements := [share.element for share in given if share.columns.get("properties")]:
        for row in read_of(engine, PROPERTIES, elements):
            found.setdefault((row["snapshot_id"], row["element_no"]), []).append(row)
    return found


def _rows(share: Share, known: _Known, shown: Sequence[Sequence[str]]) -> Iterator[Row]:
    """The element's rows; what it gives stands on the first, of each quantity that is `shown`."""
    names = tuple(known.figures.first_of(share.element, quantities) for quantities in shown)
    if share.is_told or not names:
        yield from _of_share(replace(share, figures=names), known)
        return
    for name in names:
        yield from _of_share(replace(share, quantity=name), known)


def _of_share(share: Share, known: _Known) -> Iterator[Row]:
    valuation = known.values.get(share.key)
    given = _given(share, known)
    rows = [
        {**figure, **_about(way, known), "conversion": _conversion(figure)}
        for way in ([share] if valuation is None else valuation.ways)
        for figure in _figures(way, known) or [known.figures.itself(way.element)]
    ]
    if share.columns.get("properties"):
        about = {**_about(share, known), "figure": None}
        rows += [{**about, **row} for row in known.properties.get(share.element, ())]
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
        **{name: columns.get(name) for name in OF_LINE},
        "line_no": line.number,
        "line": line.name,
        "rating": columns.get("rating" if "rating" in columns else "state"),
        "factor_source": columns.get("source"),
        "factor_version": columns.get("version"),
    }


def _figures(share: Share, known: _Known) -> list[Row]:
    """What stands behind what the element gives; nothing if the line is about no figure."""
    if share.rule_no is None:
        own = () if share.quantity is None else (share.quantity,)
        behind = share.figures or own
        return [row for name in behind for row in known.figures.of_quantity(share.element, name)]
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
    if is_doubtful:
        state = "doubtful"
    else:
        state = "missing" if is_about_figures and value is None else "counted"
    return {
        "quantity": None if share.quantity is None else share.quantity.strip('"'),
        "value": None if share.is_listed is False else value,
        "unit": unit,
        "basis": None if is_doubtful else basis,
        "state": _state(share, known, state),
    }


def _state(share: Share, known: _Known, state: str) -> str:
    """`state` of what gives something; else why it does not, in the line's own words if it has any.

    A line of a schedule says itself whether its elements are counted, parts or neither.
    """
    if share.is_listed is None:
        return str(known.labels[share.element]["not_counted_reason"] or state)
    if share.is_listed and state != "counted":
        return state
    return str(share.columns.get("state") or state)


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
    picked = known.figures.used(share.element, share.quantity)
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
    if row.get("origin") == "rule" or row.get("state") == NO_ELEMENT:
        return None
    return row["snapshot_id"], row["evidence_no"], row["source_row"]


def _cited(row: Mapping[str, Any], records: Mapping[Place, Record]) -> Row:
    if (place := _place(row)) is None:
        return {"source_row": None}
    return dict(records[place].columns()) if place in records else {}
