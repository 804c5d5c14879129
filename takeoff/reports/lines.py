"""The elements behind a report's lines, each with the figure that it gave, or why it gave none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from takeoff.core.errors import InputRefused
from takeoff.core.results import Provenance, Result, ResultColumn
from takeoff.core.version import __version__
from takeoff.engines.engine import Engine
from takeoff.reports import notes
from takeoff.reports.asked import Asked, refuse_misspelt, understand
from takeoff.reports.catalog import Query

_MEANINGS = {
    "vendor": "vendor of the model",
    "project_id": "project of the model",
    "model_id": "the model",
    "element_id": "the element's id at the vendor",
    "ifc_guid": "IFC GlobalId",
    "ifc_class": "IFC class without Ifc",
    "name": "the element's name",
    "type_name": "name of its type",
    "storey_name": "its storey",
    "quantity": "IFC4X3 quantity name; null if the line is not about one",
    "value": "its figure in the line's sum; null if it has none",
    "unit": "SI unit",
    "basis": "authored, vendor_calculated, computed or derived",
    "state": "counted, missing or doubtful; or the reason why it is not counted",
    "picked_because": "why this figure, and not another",
    "snapshot_id": "the snapshot it belongs to",
}
_TYPES = {"value": "decimal"}

# What an element gives to a line: its figure of the quantity, itself for Count, or its own share.
_FROM_ELEMENTS = """
    select
        chosen.snapshot_id,
        chosen.element_no,
        $quantity as quantity,
        case
            when $quantity = 'Count' then cast(1 as decimal(38, 12))
            else cast(element_quantities.value_exact as decimal(38, 12))
        end as value,
        case when $quantity = 'Count' then '1' else element_quantities.unit end as unit,
        element_quantities.basis,
        coalesce(element_quantities.is_doubtful, false) as is_doubtful,
        element_quantities.picked_because
    from chosen
    left join element_quantities
        on element_quantities.snapshot_id = chosen.snapshot_id
        and element_quantities.element_no = chosen.element_no
        and element_quantities.quantity
        = case when $quantity = 'StatedCount' then 'Count' else $quantity end
        and $quantity <> 'Count'
"""
_FROM_PIECES = """
    select
        chosen.snapshot_id,
        chosen.element_no,
        chosen.quantity,
        chosen.value_exact as value,
        chosen.unit,
        chosen.basis,
        chosen.is_doubtful,
        'its piece by ' || chosen.split as picked_because
    from chosen
"""
_LINES = """
with chosen as (
    select {columns}
    from {mart}
    where {conditions}
),
figures as ({figures})
select
    counted_elements.vendor,
    counted_elements.project_id,
    counted_elements.model_id,
    counted_elements.element_id,
    counted_elements.ifc_guid,
    counted_elements.ifc_class,
    counted_elements.name,
    counted_elements.type_name,
    counted_elements.storey_name,
    figures.quantity,
    figures.value,
    figures.unit,
    figures.basis,
    case
        when not counted_elements.counted then counted_elements.not_counted_reason
        when figures.is_doubtful then 'doubtful'
        when figures.quantity is not null and figures.value is null then 'missing'
        else 'counted'
    end as state,
    figures.picked_because,
    counted_elements.snapshot_id
from figures
join counted_elements
    on counted_elements.snapshot_id = figures.snapshot_id
    and counted_elements.element_no = figures.element_no
order by
    counted_elements.vendor,
    counted_elements.project_id,
    counted_elements.model_id,
    counted_elements.snapshot_id,
    counted_elements.element_no,
    figures.quantity
"""
_ELEMENT_COLUMNS = "snapshot_id, element_no"
_PIECE_COLUMNS = "snapshot_id, element_no, quantity, value_exact, unit, basis, is_doubtful, split"


def elements_behind(
    engine: Engine, query: Query, where: Mapping[str, str | None], params: Mapping[str, Any]
) -> Result:
    """The elements of the report's lines that have the values `where`; None and '' mean null.

    Columns that `where` does not name may have any value. Without `quantity` there are no figures,
    unless the report splits them itself.
    Raises: InputRefused for a report without elements, for a column that tells no lines apart, and
    for a quantity that looks misspelt.
    """
    asked = understand(engine, query, params)
    mart = _mart(query)
    _refuse_unknown(query, where, asked)
    refuse_misspelt(engine, [name for key, name in where.items() if key == "quantity" and name])
    splits = "split" in query.grain
    about_elements = {n: value for n, value in where.items() if splits or n != "quantity"}
    values: dict[str, str | None] = {f"at_{n}": v for n, v in about_elements.items() if v}
    if not splits:
        values["quantity"] = where.get("quantity") or None
    sql = _LINES.format(
        columns=_PIECE_COLUMNS if splits else _ELEMENT_COLUMNS,
        mart=mart,
        conditions=_conditions(about_elements),
        figures=_FROM_PIECES if splits else _FROM_ELEMENTS,
    )
    table = engine.query(
        sql,
        values,
        basis=asked.basis,
        quantities=asked.quantities if splits else (),
        classes=asked.classes,
        storeys=asked.storeys,
    ).read_all()
    columns = tuple(ResultColumn(n, _TYPES.get(n, "text"), None, m) for n, m in _MEANINGS.items())
    return Result(columns, table, _provenance(engine, query, asked, where))


def _mart(query: Query) -> str:
    if query.elements is None:
        raise InputRefused(f"The report {query.name} does not say which elements its lines hold.")
    return query.elements


def _refuse_unknown(query: Query, where: Mapping[str, str | None], asked: Asked) -> None:
    known = [name for name in query.grain if name not in asked.hidden_columns]
    for name in where:
        if name not in known:
            raise InputRefused(
                f"The lines of report {query.name} are not told apart by '{name}'; "
                f"they are by {', '.join(known)}."
            )


def _conditions(where: Mapping[str, str | None]) -> str:
    """Conditions on columns that the header names; the values are bound, never spliced."""
    parts = [
        f"cast({name} as varchar) = $at_{name}" if value else f"({name} is null or {name} = '')"
        for name, value in where.items()
    ]
    return "\n        and ".join(parts) or "true"


def _provenance(
    engine: Engine, query: Query, asked: Asked, where: Mapping[str, str | None]
) -> Provenance:
    lines = ", ".join(f"{name} = {value or 'null'}" for name, value in where.items())
    return Provenance(
        report=query.name,
        title=f"Elements behind {query.title}",
        question=f"Which elements stand behind the lines with {lines or 'any value'}?",
        params=asked.shown,
        snapshots=engine.snapshots,
        basis=notes.basis_in_words(asked.basis),
        notes=notes.unproved(engine),
        tool_version=__version__,
        ran_at=datetime.now(UTC),
    )
