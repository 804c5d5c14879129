"""The rows that the tree gives: elements, locations, and the relations between elements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from takeoff.core.tables import TABLES
from takeoff.vendors.bimplus import known
from takeoff.vendors.bimplus.gathered import Gathered, coalesced
from takeoff.vendors.bimplus.places import Places
from takeoff.vendors.bimplus.tree import Tree
from takeoff.vendors.noticed import batch
from takeoff.vendors.values import as_batch

_WHOLES = ("physical", "part")


def elements(
    tree: Tree,
    places: Places,
    gathered: Gathered,
    layer_names: Mapping[str, str | None],
    evidence_no: int,
) -> pa.RecordBatch:
    """One row for each object of the tree, in its order."""
    at = [place for place, role in enumerate(places.roles) if role is not None]
    count = len(at)

    def of(column: list[str | None]) -> list[str | None]:
        return [column[place] for place in at]

    def around(nearest: list[int]) -> tuple[pa.Array, pa.Array]:
        found = [nearest[place] for place in at]
        ids = [None if one < 0 else tree.ids[one] for one in found]
        names = [None if one < 0 else tree.names[one] for one in found]
        return pa.array(ids, pa.string()), pa.array(names, pa.string())

    ifc_guid = coalesced(of(tree.ifc_ids), gathered.column("ifc_guid", count))
    building_id, building_name = around(places.buildings)
    storey_id, storey_name = around(places.storeys)
    space_id, space_name = around(places.spaces)
    elevation = gathered.column("elevation_m", count)
    storeys = [places.storeys[place] for place in at]
    of_storeys = pa.array(
        [places.numbers[one] if one >= 0 else None for one in storeys], pa.int64()
    )
    layers = [layer_names.get(layer or "") for layer in of(tree.layers)]
    nothing = pa.nulls(count, pa.string())
    stated: dict[str, pa.Array] = {
        "element_id": pa.array([tree.ids[place] for place in at], pa.string()),
        "element_no": pa.array(range(count), pa.int32()),
        "authoring_id": coalesced(of(tree.authoring_ids), gathered.column("authoring_id", count)),
        "ifc_guid": ifc_guid,
        "ifc_guid_source": pc.if_else(pc.is_valid(ifc_guid), "given", None),
        "ifc_class": pa.array(of(tree.classes), pa.string()),
        "source_class": pa.array(of(tree.written), pa.string()),
        "name": coalesced(of(tree.names), gathered.column("name", count)),
        "predefined_type": _predefined_type(gathered, count),
        "type_name": gathered.column("type_name", count),
        "mark": gathered.column("mark", count),
        "discipline": pa.array(layers, pa.string()),
        "building_id": building_id,
        "building_name": building_name,
        "storey_id": storey_id,
        "storey_name": storey_name,
        "space_id": space_id,
        "space_name": space_name,
        "storey_elevation_m": elevation.take(pa.array(of_storeys, pa.int64())),
        "phase": gathered.column("phase", count),
        "is_external": gathered.column("is_external", count),
        "load_bearing": gathered.column("load_bearing", count),
        "parent_id": pa.array([_parent(tree, places, place) for place in at], pa.string()),
        "role": pa.array([places.roles[place] for place in at], pa.string()),
        "evidence_no": pa.repeat(pa.scalar(evidence_no, pa.int32()), count),
        "source_row": pa.array([tree.rows[place] for place in at], pa.int64()),
    }
    unstated = (name for name in TABLES["elements"].decoded.names if name not in stated)
    return as_batch("elements", {**stated, **dict.fromkeys(unstated, nothing)})


def _predefined_type(gathered: Gathered, count: int) -> pa.Array:
    """The predefined type, or for USERDEFINED the text that says which; null if none is given."""
    written = gathered.column("predefined_type", count)
    by_user = pc.coalesce(gathered.column("object_type", count), written)
    found = pc.if_else(pc.equal(written, "USERDEFINED"), by_user, written)
    return pc.if_else(pc.equal(written, "NOTDEFINED"), None, found)


def locations(tree: Tree, places: Places, gathered: Gathered, evidence_no: int) -> pa.RecordBatch:
    """One row for each place of the tree, rooms among them."""
    elevations = gathered.column("elevation_m", places.count)

    def found() -> Iterator[tuple[object, ...]]:
        for at, kind in enumerate(places.kinds):
            if kind is None:
                continue
            above, number = places.above[at], places.numbers[at]
            is_storey = kind == "storey" and number >= 0
            yield (
                tree.ids[at],
                None if above < 0 else tree.ids[above],
                kind,
                tree.names[at],
                elevations[number].as_py() if is_storey else None,
                evidence_no,
                tree.rows[at],
            )

    return batch("locations", found())


def materials(tree: Tree, places: Places, gathered: Gathered) -> pa.RecordBatch:
    """The material of each element; of one that is made of layers, its layers in their order.

    A layer is an object of its own and keeps its material; its row stands where that is said.
    """
    names = gathered.column("material", places.count).to_pylist()
    thicknesses = gathered.column("thickness_m", places.count).to_pylist()
    traces = [gathered.column(name, places.count) for name in ("evidence_no", "source_row")]
    layers: dict[int, list[int]] = {}
    for at, parent in enumerate(tree.parents):
        is_layer = tree.type_ids[at] in known.MATERIAL_LAYERS and places.roles[at] == "part"
        if is_layer and names[places.numbers[at]] is not None:
            layers.setdefault(parent, []).append(at)

    def found() -> Iterator[tuple[object, ...]]:
        for at, number in enumerate(places.numbers):
            of = layers.get(at, [at] if number >= 0 and names[number] is not None else [])
            role = "layer" if at in layers else "single"
            for ordinal, layer in enumerate(of):
                said = places.numbers[layer]
                trace = [column[said].as_py() for column in traces]
                thickness_m = thicknesses[said] if role == "layer" else None
                yield (
                    tree.ids[at],
                    number,
                    ordinal,
                    role,
                    names[said],
                    thickness_m,
                    None,
                    None,
                    *trace,
                )

    return batch("materials", found())


def relations(tree: Tree, places: Places, evidence_no: int) -> pa.RecordBatch:
    """Parts of wholes, openings in hosts, and what stands in an opening."""

    def found() -> Iterator[tuple[object, ...]]:
        for at, parent in enumerate(tree.parents):
            kind = _relation(places, at, parent)
            if kind is not None:
                yield (
                    tree.ids[at],
                    places.numbers[at],
                    tree.ids[parent],
                    places.numbers[parent],
                    kind,
                    evidence_no,
                    tree.rows[at],
                )

    return batch("relations", found())


def _relation(places: Places, at: int, parent: int) -> str | None:
    role, above = places.roles[at], places.roles[parent] if parent >= 0 else None
    if role == "part":
        return "part_of"
    if role == "opening" and above in _WHOLES:
        return "voids"
    return "fills" if role == "physical" and above == "opening" else None


def _parent(tree: Tree, places: Places, at: int) -> str | None:
    """The whole that an element is a part of or is drawn beside, or the host that it voids."""
    parent = tree.parents[at]
    is_within = _relation(places, at, parent) in ("part_of", "voids")
    if tree.is_child[at] and parent >= 0 and places.roles[at] == "annotation":
        is_within = places.roles[parent] in _WHOLES
    return tree.ids[parent] if is_within else None
