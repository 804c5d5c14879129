"""Explain: from an element's quantity back to the records in the evidence that state it.

Reports show a count that a model states as StatedCount, because Count is their number of elements.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from takeoff.config import Settings
from takeoff.core.errors import InputRefused
from takeoff.core.results import Result, listing
from takeoff.engines.engine import Engine
from takeoff.jobs.records import Place, Record, Records
from takeoff.jobs.session import checking_session
from takeoff.lake.layout import open_layout

_MEANINGS = {
    "element_id": "the element whose figure this is; a part, if the whole's figure is derived",
    "name": "its name",
    "ifc_class": "its class",
    "picked": "reports use this figure",
    "picked_because": "why, or why not",
    "quantity": "IFC4X3 quantity name",
    "basis": "authored, vendor_calculated, computed or derived",
    "origin": "kind of place it was read from",
    "source_set": "set as written",
    "source_name": "name as written, or the definition that it was computed by",
    "source_value": "number as written",
    "source_unit": "unit as written",
    "unit_status": "declared, own, derived, assumed or unknown",
    "value": "the figure in SI",
    "unit": "its SI unit",
    "snapshot_id": "the snapshot it belongs to",
    "evidence": "the document or answer it was read from",
    "sha256": "sha256 of that",
    "source_row": "record in it",
    "record": "the record as it stands there, and those that it leads to",
}
_TEXT = pa.string()
_TYPES = {
    "picked": pa.bool_(),
    "value": pa.decimal128(32, 12),
    "source_row": pa.int64(),
}
_ELEMENTS = """
select snapshot_id, element_no, element_id, name, ifc_class, vendor, model_id, ifc_guid
from elements
where element_id = $element or ifc_guid = $element
order by vendor, project_id, model_id, element_no
"""
# A part that an earlier model holds already gives nothing to its whole here.
_PARTS = """
select elements.snapshot_id, elements.element_no, elements.element_id, elements.name,
    elements.ifc_class
from part_links
join elements
    on elements.snapshot_id = part_links.snapshot_id
    and elements.element_no = part_links.element_no
left join repeated_elements
    on repeated_elements.snapshot_id = part_links.snapshot_id
    and repeated_elements.element_no = part_links.element_no
where part_links.snapshot_id = $snapshot_id
    and part_links.whole_no = $element_no
    and repeated_elements.element_no is null
order by elements.element_no
"""
_FIGURES = """
select *
from all_quantities
where snapshot_id = $snapshot_id
    and element_no = $element_no
    and (quantity = $quantity or source_name = $quantity)
order by ordinal
"""
_PICKED = """
select *
from element_quantities
where snapshot_id = $snapshot_id
    and element_no = $element_no
    and quantity = $quantity
"""


@dataclass(frozen=True)
class Explanation:
    """One element's quantity: its figures, the picked one first, each with its record."""

    element: Mapping[str, Any]
    quantity: str
    figures: Result


def explain(
    settings: Settings,
    element: str,
    quantity: str,
    *,
    snapshots: Sequence[str] = (),
    models: Sequence[str] = (),
    basis: str | None = None,
) -> Explanation:
    """The figures of `quantity` (IFC name, or a source's own name) of `element`, and their records.

    `element` is an element_id or an IFC GUID. A figure that is the sum of an element's parts is
    explained by the figures of the parts. `basis` keeps the figures of that basis only.
    Raises: InputRefused if there is no such element (or several: they are listed) or no such
    figure; LakeUnusable if the evidence is missing or damaged.
    """
    layout = open_layout(settings.lake_path())
    with (
        checking_session(settings, snapshots, models) as engine,
        tempfile.TemporaryDirectory() as scratch,
    ):
        found = _the_element(engine, element)
        figures = _figures(engine, found, quantity)
        kept = [f for f in figures if basis is None or f["basis"] == basis]
        if not kept:
            raise InputRefused(_no_figure(engine, found, quantity, basis))
        records = Records(layout, engine.snapshots, Path(scratch)).at(
            place for figure in kept if (place := _place(figure)) is not None
        )
        rows = [{**figure, **_cited(figure, records)} for figure in kept]
    return Explanation(found, quantity, _result(f"{quantity} of {element}", rows))


def _the_element(engine: Engine, element: str) -> dict[str, Any]:
    hits = _rows(engine, _ELEMENTS, element=element)
    if not hits:
        raise InputRefused(
            f"No element has the id or GUID '{element}' in the snapshots asked; "
            "ids are case-sensitive, and older snapshots are asked with --snapshot."
        )
    if len(hits) > 1:
        listed = "; ".join(
            f"{hit['element_id']} ({hit['ifc_class']} {hit['name']!r}) in "
            f"{hit['vendor']}:{hit['model_id']}"
            for hit in hits
        )
        raise InputRefused(
            f"'{element}' names {len(hits)} elements: {listed}; "
            "give the element_id, or the model with --model."
        )
    return hits[0]


def _figures(engine: Engine, element: Mapping[str, Any], quantity: str) -> list[dict[str, Any]]:
    """What is known of the quantity, the picked figure first; parts' figures behind a sum."""
    key = {"snapshot_id": element["snapshot_id"], "element_no": element["element_no"]}
    stated = "Count" if quantity == "StatedCount" else quantity
    picked = next(iter(_rows(engine, _PICKED, **key, quantity=stated)), None)
    own = [
        {**_named(element), **figure, **_choice(figure, picked)}
        for figure in _rows(engine, _FIGURES, **key, quantity=stated)
    ]
    if picked is not None and picked["origin"] == "rule":
        return [{**_named(element), **picked, "picked": True}, *_parts(engine, key, stated), *own]
    return sorted(own, key=lambda figure: not figure["picked"])


def _parts(engine: Engine, key: Mapping[str, Any], quantity: str) -> list[dict[str, Any]]:
    """The figures that a whole's sum is made of."""
    figures = [f for part in _rows(engine, _PARTS, **key) for f in _figures(engine, part, quantity)]
    return [figure for figure in figures if figure["picked"]]


def _choice(figure: Mapping[str, Any], picked: Mapping[str, Any] | None) -> dict[str, Any]:
    """Whether reports use the figure; why, and also why none is used where they disagree."""
    if picked is None:
        return {"picked": False, "picked_because": None}
    is_picked = figure["ordinal"] == picked["ordinal"]
    concerned = is_picked or picked["is_doubtful"]
    return {"picked": is_picked, "picked_because": picked["picked_because"] if concerned else None}


def _named(element: Mapping[str, Any]) -> dict[str, Any]:
    return {name: element[name] for name in ("element_id", "name", "ifc_class")}


def _no_figure(engine: Engine, element: Mapping[str, Any], quantity: str, basis: str | None) -> str:
    known = _rows(
        engine,
        "select distinct quantity from all_quantities where snapshot_id = $snapshot_id"
        " and element_no = $element_no and quantity is not null order by quantity",
        snapshot_id=element["snapshot_id"],
        element_no=element["element_no"],
    )
    names = ", ".join(row["quantity"] for row in known) or "none"
    of_basis = "" if basis is None else f" on the basis '{basis}'"
    return (
        f"{element['ifc_class']} {element['element_id']} has no {quantity}{of_basis}; "
        f"it has: {names}."
    )


def _place(figure: Mapping[str, Any]) -> Place | None:
    """Where it was read; a sum of parts stands in no document, its parts do."""
    if figure["origin"] == "rule":
        return None
    return figure["snapshot_id"], figure["evidence_no"], figure["source_row"]


def _cited(figure: Mapping[str, Any], records: Mapping[Place, Record]) -> dict[str, str]:
    record = None if (place := _place(figure)) is None else records.get(place)
    return {} if record is None else record.columns()


def _rows(engine: Engine, sql: str, **params: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = engine.query(sql, params).read_all().to_pylist()
    return rows


def _result(title: str, rows: Sequence[Mapping[str, Any]]) -> Result:
    schema = pa.schema([(name, _TYPES.get(name, _TEXT)) for name in _MEANINGS])
    plain = [
        {**{name: row.get(name) for name in _MEANINGS}, "value": row["value_exact"]} for row in rows
    ]
    return listing(title, pa.Table.from_pylist(plain, schema), _MEANINGS)
