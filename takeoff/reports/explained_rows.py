"""The rows that explanations are made of: those of some elements, read all at once.

Each SELECT joins `explained_elements`, a table of the session that `read_of` fills.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import pyarrow as pa

from takeoff.engines.engine import Engine

# An element: snapshot_id, element_no.
Key: TypeAlias = tuple[str, int]
Row: TypeAlias = dict[str, Any]

_OF_EXPLAINED = """
from {table}
join explained_elements
    on explained_elements.snapshot_id = {table}.snapshot_id
    and explained_elements.element_no = {table}.{element}
"""
ELEMENTS = """
select
    elements.snapshot_id,
    elements.element_no,
    elements.element_id,
    elements.evidence_no,
    elements.source_row
""" + _OF_EXPLAINED.format(table="elements", element="element_no")
_GUIDS = (
    """
select
    elements.ifc_guid
"""
    + _OF_EXPLAINED.format(table="elements", element="element_no")
    + """
order by elements.vendor, elements.project_id, elements.model_id, elements.snapshot_id,
    elements.element_no
"""
)
PICKED = """
select
    element_quantities.snapshot_id,
    element_quantities.element_no,
    element_quantities.quantity,
    element_quantities.value_exact,
    element_quantities.unit,
    element_quantities.basis,
    element_quantities.origin,
    element_quantities.ordinal,
    element_quantities.source_set,
    element_quantities.is_doubtful,
    element_quantities.picked_because
""" + _OF_EXPLAINED.format(table="element_quantities", element="element_no")
STATED = (
    """
select
    quantities.snapshot_id,
    quantities.element_no,
    quantities.quantity,
    quantities.basis,
    quantities.origin,
    quantities.ordinal,
    quantities.source_set,
    quantities.source_name,
    quantities.source_value,
    quantities.source_unit,
    quantities.unit_status,
    quantities.value,
    quantities.value_exact,
    quantities.unit,
    quantities.evidence_no,
    quantities.source_row
"""
    + _OF_EXPLAINED.format(table="quantities", element="element_no")
    + """
order by quantities.snapshot_id, quantities.element_no, quantities.ordinal
"""
)
# A part that an earlier model holds already gives nothing to its whole here.
PARTS = (
    """
select
    part_links.snapshot_id,
    part_links.whole_no,
    part_links.element_no
"""
    + _OF_EXPLAINED.format(table="part_links", element="whole_no")
    + """
left join repeated_elements
    on repeated_elements.snapshot_id = part_links.snapshot_id
    and repeated_elements.element_no = part_links.element_no
where repeated_elements.element_no is null
order by part_links.snapshot_id, part_links.whole_no, part_links.element_no
"""
)
OPENINGS = (
    """
select
    opening_figures.snapshot_id,
    opening_figures.host_no,
    opening_figures.element_no,
    opening_figures.area_m2,
    opening_figures.volume_m3
"""
    + _OF_EXPLAINED.format(table="opening_figures", element="host_no")
    + """
order by opening_figures.snapshot_id, opening_figures.host_no, opening_figures.element_no
"""
)
FILLINGS = (
    """
select distinct
    relations.snapshot_id,
    relations.to_element_no as host_no,
    relations.from_element_no as element_no
"""
    + _OF_EXPLAINED.format(table="relations", element="to_element_no")
    + """
where relations.kind = 'fills'
order by relations.snapshot_id, host_no, element_no
"""
)
BY_RULE = """
select
    rule_figures.snapshot_id,
    rule_figures.element_no,
    rule_figures.rule_no,
    rule_figures.figure,
    rule_figures.value_exact,
    rule_figures.is_doubtful,
    rule_figures.basis
""" + _OF_EXPLAINED.format(table="rule_figures", element="element_no")

# Of snapshots that are compared: each side's properties that have another value on the other.
PROPERTIES = """
with sides as (
    select
        compared_pairs.old_snapshot_id as snapshot_id,
        property_changes.old_no as element_no,
        property_changes.set_name,
        property_changes.name
    from property_changes
    join compared_pairs
        on compared_pairs.pair_no = property_changes.pair_no
    union all
    select
        compared_pairs.new_snapshot_id as snapshot_id,
        property_changes.new_no as element_no,
        property_changes.set_name,
        property_changes.name
    from property_changes
    join compared_pairs
        on compared_pairs.pair_no = property_changes.pair_no
)
select
    properties.snapshot_id,
    properties.element_no,
    properties.set_name as source_set,
    properties.name as source_name,
    coalesce(
        properties.text, cast(properties.number as varchar), cast(properties.flag as varchar)
    ) as source_value,
    properties.unit as source_unit,
    properties.evidence_no,
    properties.source_row
from sides
join explained_elements
    on explained_elements.snapshot_id = sides.snapshot_id
    and explained_elements.element_no = sides.element_no
join properties
    on properties.snapshot_id = sides.snapshot_id
    and properties.element_no = sides.element_no
    and properties.name = sides.name
    and coalesce(properties.set_name, '') = coalesce(sides.set_name, '')
order by properties.snapshot_id, properties.element_no, properties.ordinal
"""


@dataclass(frozen=True)
class Guids:
    """IFC GUIDs, each once, in the order of models and elements; how many elements have none."""

    guids: tuple[str, ...]
    elements: int
    without: int


def guids_of(engine: Engine, elements: Iterable[Key]) -> Guids:
    """The GUIDs of these elements; one that is named twice counts once."""
    stated = [row["ifc_guid"] for row in read_of(engine, _GUIDS, elements)]
    known = [guid for guid in stated if guid is not None]
    return Guids(tuple(dict.fromkeys(known)), len(stated), len(stated) - len(known))


def read_of(
    engine: Engine,
    sql: str,
    elements: Iterable[Key],
    basis: Sequence[str] = (),
    quantities: Sequence[str] = (),
) -> list[Row]:
    """The rows of a SELECT of ours that joins `explained_elements`, which are `elements`."""
    keys = list(dict.fromkeys(elements))
    engine.fill(
        "explained_elements",
        pa.table(
            {
                "snapshot_id": pa.array([key[0] for key in keys], pa.string()),
                "element_no": pa.array([key[1] for key in keys], pa.int32()),
            }
        ),
    )
    answer = engine.query(sql, basis=basis, quantities=quantities)
    rows: list[Row] = answer.read_all().to_pylist()
    return rows
