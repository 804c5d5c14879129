"""The tree of one model: its root, places, elements with their parts, and layers, as columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from takeoff.sandbox.bimplus.vocabulary import (
    STRUCTURE_IDS,
    STRUCTURE_TYPES,
    TYPES,
    ElementType,
    own_id,
    type_of,
)

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_SLABS = ("Slab", "Roof", "Pavement")

Numbers = npt.NDArray[np.int64]


def is_guid(text: str) -> bool:
    return _GUID.fullmatch(text) is not None


@dataclass
class Nodes:
    """One entry a node, the root first; `parents` and `element_nos` are -1 where there is none.

    `is_child` is null for the tree's structure. `layers` are rows of SQL LAYERS by node.
    """

    ids: list[str] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)
    types: list[ElementType] = field(default_factory=list)
    ifc_types: list[str | None] = field(default_factory=list)
    ifc_ids: list[str | None] = field(default_factory=list)
    is_child: list[bool | None] = field(default_factory=list)
    element_nos: list[int] = field(default_factory=list)
    layers: dict[int, dict[str, Any]] = field(default_factory=dict)
    elevations: dict[int, tuple[float, float]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)

    def add(
        self,
        node_id: str,
        type_: ElementType,
        *,
        parent: int = 0,
        name: str | None = None,
        ifc_type: str | None = None,
        ifc_id: str | None = None,
        is_child: bool | None = None,
        element_no: int = -1,
    ) -> int:
        """The new node's number."""
        self.ids.append(node_id)
        self.parents.append(parent)
        self.names.append(name)
        self.types.append(type_)
        self.ifc_types.append(ifc_type)
        self.ifc_ids.append(ifc_id)
        self.is_child.append(is_child)
        self.element_nos.append(element_no)
        return len(self.ids) - 1

    @cached_property
    def walk(self) -> Walk:
        """The nodes from the root down. Asked for once all nodes are there."""
        return _walk(self.parents)

    @cached_property
    def index(self) -> dict[str, int]:
        return {node_id: node for node, node_id in enumerate(self.ids)}

    @cached_property
    def type_ids(self) -> dict[str, Numbers]:
        """For each element type the nodes of it, in their order."""
        found: dict[str, list[int]] = {}
        for node, one in enumerate(self.types):
            found.setdefault(one.id, []).append(node)
        return {type_id: np.array(nodes, np.int64) for type_id, nodes in found.items()}

    def below(self, node: int, nodes: Numbers) -> Numbers:
        """Those of `nodes` that are below `node`."""
        place = self.walk.place[nodes]
        here = self.walk.place[node]
        found: Numbers = nodes[(place > here) & (place < self.walk.end[here])]
        return found

    def children(self, node: int) -> Numbers:
        """Those right below `node`, in the order of the tree."""
        walk, here = self.walk, self.walk.place[node]
        below = slice(here + 1, walk.end[here])
        found: Numbers = walk.nodes[below][walk.depth[below] == walk.depth[here] + 1]
        return found

    def is_structure(self, node: int) -> bool:
        return self.types[node].id in STRUCTURE_IDS


@dataclass(frozen=True)
class Walk:
    """The nodes in the order of the tree, parents first.

    `nodes` are node numbers by place, `place` the reverse; by place, `depth` counts from 1 at the
    root, and `end` is the place behind the last node below.
    """

    nodes: Numbers
    place: Numbers
    depth: Numbers
    end: Numbers


def read_nodes(
    root_id: str,
    root_name: str,
    key: str,
    *,
    keep_ids: bool,
    elements: pa.Table,
    locations: pa.Table,
    layers: pa.Table | None,
) -> Nodes:
    """The tree of a model whose rows are those of SQL ELEMENTS, LOCATIONS and LAYERS.

    Ids are made of `key` and the element's own; with `keep_ids` those that are GUIDs stay.
    """
    reader = _Reader(Nodes(), key, keep_ids)
    reader.nodes.add(root_id, STRUCTURE_TYPES["root"], parent=-1, name=root_name)
    reader.add_places(locations.to_pylist(), elements)
    reader.add_elements(elements.to_pylist())
    if layers is not None:
        reader.add_layers(layers.to_pylist())
    _ = reader.nodes.walk  # cuts rings of parents
    return reader.nodes


class _Reader:
    """Adds nodes; remembers which node is which element or place."""

    def __init__(self, nodes: Nodes, key: str, keep_ids: bool) -> None:
        self.nodes = nodes
        self._key = key
        self._keep_ids = keep_ids
        self._places: dict[str, int] = {}
        self._place_parents: dict[str, str | None] = {}
        self._elements: dict[str, int] = {}
        self._by_no: dict[int, int] = {}

    def add_places(self, locations: Sequence[dict[str, Any]], elements: pa.Table) -> None:
        """Sites, buildings and storeys; spaces only if no element stands for them."""
        element_ids = set(elements["element_id"].to_pylist())
        for row in locations:
            location_id, kind = row["location_id"], row["kind"]
            self._place_parents[location_id] = row["parent_id"]
            if kind == "space" and location_id in element_ids:
                continue
            type_ = TYPES["Room"] if kind == "space" else STRUCTURE_TYPES[kind]
            node = self.nodes.add(
                self._id(location_id),
                type_,
                name=row["name"],
                ifc_type=f"Ifc{type_.ifc_class}",
                is_child=False if kind == "space" else None,
            )
            self._places[location_id] = node
            if row["elevation_m"] is not None:
                self.nodes.elevations[node] = row["elevation_m"], row["elevation_mm"]

    def add_elements(self, rows: Sequence[dict[str, Any]]) -> None:
        classes = {row["element_id"]: row["ifc_class"] for row in rows}
        for row in rows:
            element_id = row["element_id"]
            if row["role"] == "location" and element_id in self._places:
                self._name(self._places[element_id], row)
            else:
                self._elements[element_id] = self._add(row, classes.get(row["parent_id"]))
            node = self._elements.get(element_id, self._places.get(element_id, 0))
            self._by_no[row["element_no"]] = node
        for row in rows:
            if row["element_id"] in self._elements:
                self._put(self._elements[row["element_id"]], row)
        for location_id, node in self._places.items():
            self.nodes.parents[node] = self._place(self._place_parents[location_id], node)

    def add_layers(self, rows: Iterable[dict[str, Any]]) -> None:
        """A child for each layer of an element's material."""
        for row in rows:
            parent = self._by_no[row["element_no"]]
            is_slab = self.nodes.types[parent].ifc_class in _SLABS
            node = self.nodes.add(
                own_id(self.nodes.ids[parent], "layer", row["ordinal"]),
                TYPES["SlabLayer" if is_slab else "MaterialLayer"],
                parent=parent,
                name=row["material"],
                is_child=True,
            )
            self.nodes.layers[node] = row

    def _id(self, element_id: str) -> str:
        if self._keep_ids and is_guid(element_id):
            return element_id.lower()
        return own_id(self._key, element_id)

    def _name(self, node: int, row: dict[str, Any]) -> None:
        """The element behind a place says more of it."""
        self.nodes.ifc_types[node] = _ifc_type(row)
        self.nodes.ifc_ids[node] = row["ifc_guid"]
        self.nodes.element_nos[node] = row["element_no"]

    def _add(self, row: dict[str, Any], host: str | None) -> int:
        return self.nodes.add(
            self._id(row["element_id"]),
            type_of(row["ifc_class"], row["role"], row["filled_by"], host),
            name=row["name"],
            ifc_type=_ifc_type(row),
            ifc_id=row["ifc_guid"],
            is_child=False,
            element_no=row["element_no"],
        )

    def _put(self, node: int, row: dict[str, Any]) -> None:
        """Below its whole or host, else in its room, storey or building."""
        whole = self._elements.get(row["parent_id"])
        if whole is not None and whole != node:
            self.nodes.parents[node] = whole
            self.nodes.is_child[node] = True
            return
        if row["role"] == "space" and row["element_id"] in self._place_parents:
            self.nodes.parents[node] = self._place(self._place_parents[row["element_id"]], node)
            return
        places = (row["space_id"], row["storey_id"], row["building_id"])
        found = (self._place(place, node) for place in places if place is not None)
        self.nodes.parents[node] = next((place for place in found if place), 0)

    def _place(self, location_id: str | None, node: int) -> int:
        """The node of a place; the root if it is not known, or `node` itself."""
        if location_id is None:
            return 0
        place = self._places.get(location_id, self._elements.get(location_id, 0))
        return 0 if place == node else place


def _ifc_type(row: dict[str, Any]) -> str | None:
    """The class as written, if it is one of the IFC's."""
    source_class: str | None = row["source_class"]
    if source_class is not None and source_class.startswith("Ifc"):
        return source_class
    return None if row["ifc_class"] is None else f"Ifc{row['ifc_class']}"


def _walk(parents: list[int]) -> Walk:
    """A ring of parents, which no good tree has, is cut and hangs from the root."""
    children: list[list[int]] = [[] for _ in parents]
    for node, parent in enumerate(parents):
        if parent >= 0:
            children[parent].append(node)
    nodes: list[int] = []
    depth: list[int] = []
    end = [0] * len(parents)
    seen = bytearray(len(parents))
    _descend(0, 1, children, nodes, depth, end, seen)
    for node in range(len(parents)):
        if not seen[node]:
            children[parents[node]].remove(node)
            parents[node] = 0
            _descend(node, 2, children, nodes, depth, end, seen)
            end[0] = len(nodes)
    order = np.array(nodes, np.int64)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return Walk(order, place, np.array(depth, np.int64), np.array(end, np.int64))


def _descend(
    start: int,
    level: int,
    children: list[list[int]],
    nodes: list[int],
    depth: list[int],
    end: list[int],
    seen: bytearray,
) -> None:
    """Append `start` and all below it; without recursion, for depth is the data's choice."""
    open_: list[tuple[int, int]] = []
    stack = [(start, level)]
    while stack:
        node, at = stack.pop()
        while open_ and open_[-1][1] >= at:
            end[open_.pop()[0]] = len(nodes)
        open_.append((len(nodes), at))
        seen[node] = 1
        nodes.append(node)
        depth.append(at)
        stack.extend((child, at + 1) for child in reversed(children[node]))
    for place, _ in open_:
        end[place] = len(nodes)
