"""Attributes of all objects of one model, as columns: a row is one value of one object."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from takeoff.sandbox.bimplus.nodes import Nodes, Numbers
from takeoff.sandbox.bimplus.vocabulary import (
    ELEMENT_NAME,
    ELEMENT_TYPE,
    GROUP_TEXTS,
    IFC_ID,
    MATERIAL,
    QUANTITIES,
    own_id,
)

_ENCODER = json.JSONEncoder(ensure_ascii=False)
_KEY = ("group_key", "set_name", "name", "description", "id", "type", "unit", "is_length")
_KNOWN_IDS = {"ifc_id": IFC_ID, "element_type": ELEMENT_TYPE, "material": MATERIAL}
_INTERNAL = ("divisionid", "nr", "isobjectvalid")


@dataclass(frozen=True)
class Definition:
    """An attribute as objects have it. `leaf` is its key in the group; `unit` null if it has none.

    `is_length`: its values stand in metres or millimetres, as asked. `quantity`: the standard's
    name, for an attribute of the vendor's Quantity Take Off view. `nth` counts from 1 the
    attributes of one group, name and type in one object.
    """

    group: str
    group_text: str
    leaf: str
    id: str
    name: str | None
    type: str
    unit: str | None = None
    is_length: bool = False
    quantity: str | None = None
    description: str | None = None
    nth: int = 1

    @property
    def is_internal(self) -> bool:
        return self.group in ("element", "general") and self.leaf in _INTERNAL

    @property
    def is_predefined_type(self) -> bool:
        return (self.group, self.leaf, self.type) == ("ifc", "predefinedtype", "string")

    @property
    def is_set(self) -> bool:
        """A property set, whose group has a GUID for a key."""
        return self.group not in GROUP_TEXTS


@dataclass(frozen=True)
class Attributes:
    """Rows object by object, within one group by group. Of number, text and flag one is there.

    Rows of node n are `starts[n]` to `starts[n + 1]`. `text` is JSON; `number` is in the unit that
    is served by default, `si` in SI.
    """

    definitions: tuple[Definition, ...]
    starts: Numbers
    definition: Numbers
    number: pa.Array
    si: pa.Array
    text: pa.Array
    flag: pa.Array

    def rows(self, nodes: Numbers) -> tuple[Numbers, Numbers]:
        """The rows of these nodes one after the other, and for each row its place in `nodes`."""
        first, count = self.starts[nodes], self.starts[nodes + 1] - self.starts[nodes]
        place = np.repeat(np.arange(len(nodes)), count)
        before = np.cumsum(count) - count
        return np.arange(len(place)) - before[place] + first[place], place

    def row_nodes(self) -> Numbers:
        """For each row its node."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))


@dataclass
class _Values:
    """Rows in the making."""

    node: Numbers
    definition: Numbers
    number: pa.Array
    si: pa.Array
    text: pa.Array
    flag: pa.Array


class _Definitions:
    """All definitions met, each with its number."""

    def __init__(self) -> None:
        self.all: list[Definition] = []
        self._numbers: dict[Definition, int] = {}

    def number(self, definition: Definition) -> int:
        if definition not in self._numbers:
            self._numbers[definition] = len(self.all)
            self.all.append(definition)
        return self._numbers[definition]


def read_attributes(
    batches: pa.RecordBatchReader, nodes: Nodes, division_id: str, quantity_group: str
) -> Attributes:
    """The attributes of all `nodes` from the rows of SQL ATTRIBUTES.

    `quantity_group` is where that switch stands.
    """
    known = _Definitions()
    parts = list(_of_nodes(nodes, division_id, known))
    parts += _of_elements(batches, nodes, known)
    values = _joined(parts)
    if quantity_group != "absent":
        values = _joined([values, _quantity_group(values, known, quantity_group)])
    values = _ordered(values, known)
    _tell_apart(values, known)
    starts = np.searchsorted(values.node, np.arange(len(nodes) + 1))
    return Attributes(
        tuple(known.all),
        starts,
        values.definition,
        values.number,
        values.si,
        values.text,
        values.flag,
    )


def json_text(text: str) -> str:
    return _ENCODER.encode(text)


def built_in(group: str, name: str, type_: str, known_id: str | None = None) -> Definition:
    """An attribute of one of the vendor's own groups."""
    leaf = name.lower().replace(" ", "")
    identity = known_id or own_id("attribute", group, name, type_, 1)
    return Definition(group, GROUP_TEXTS[group], leaf, identity, name, type_)


def _of_nodes(nodes: Nodes, division_id: str, known: _Definitions) -> Iterator[_Values]:
    """The groups that every object has: element and general."""
    every = range(len(nodes))
    wholes = {nodes.parents[node] for node in every if nodes.is_child[node]}
    type_ids = [json_text(one.id) for one in nodes.types]
    yield _texts(
        known, built_in("element", "divisionid", "guid"), [f'"{division_id}"'] * len(nodes)
    )
    yield _texts(known, built_in("element", "elementtyp", "guid"), type_ids)
    yield _flags(known, built_in("element", "isparent", "boolean"), [n in wholes for n in every])
    yield _numbers(known, built_in("element", "nr", "int"), dict.fromkeys(every, 0.0))
    names = [None if name is None else json_text(name) for name in nodes.names]
    yield _texts(known, built_in("general", "Name", "string", ELEMENT_NAME), names)
    yield _flags(known, built_in("general", "isobjectvalid", "boolean"), [True] * len(nodes))
    materials: list[str | None] = [None] * len(nodes)
    for node, row in nodes.layers.items():
        materials[node] = None if row["material"] is None else json_text(row["material"])
    yield _texts(known, built_in("materialelement", "Material", "string", MATERIAL), materials)
    layers = nodes.layers.items()
    for name, column, unit in (
        ("Thickness", "thickness_m", "mm"),
        ("Volume", "volume_m3", "m3"),
        ("Share", "share", None),
    ):
        is_length = unit == "mm"
        definition = replace(built_in("quantity", name, "double"), unit=unit, is_length=is_length)
        si = {node: row[column] for node, row in layers if row[column] is not None}
        shown = {node: row["thickness_mm"] for node, row in layers} if is_length else si
        yield _numbers(known, definition, {node: shown[node] for node in si}, si)
    elevation = replace(built_in("ifc", "Elevation", "double"), unit="mm", is_length=True)
    metres = {node: pair[0] for node, pair in nodes.elevations.items()}
    shown = {node: pair[1] for node, pair in nodes.elevations.items()}
    yield _numbers(known, elevation, shown, metres)


def _texts(known: _Definitions, definition: Definition, texts: Sequence[str | None]) -> _Values:
    """`texts` are JSON, one a node; no row where there is none."""
    node = np.array([n for n, text in enumerate(texts) if text is not None], np.int64)
    there = pa.array([text for text in texts if text is not None], pa.string())
    return _values(known, definition, node, text=there)


def _flags(known: _Definitions, definition: Definition, flags: Sequence[bool]) -> _Values:
    return _values(known, definition, np.arange(len(flags)), flag=pa.array(flags, pa.bool_()))


def _numbers(
    known: _Definitions,
    definition: Definition,
    shown: dict[int, float],
    si: dict[int, float] | None = None,
) -> _Values:
    node = np.array(list(shown), np.int64)
    number = pa.array(list(shown.values()), pa.float64())
    same = number if si is None else pa.array([si[n] for n in shown], pa.float64())
    return _values(known, definition, node, number=number, si=same)


def _values(
    known: _Definitions, definition: Definition, node: Numbers, **columns: pa.Array
) -> _Values:
    empty = {
        "number": pa.nulls(len(node), pa.float64()),
        "si": pa.nulls(len(node), pa.float64()),
        "text": pa.nulls(len(node), pa.string()),
        "flag": pa.nulls(len(node), pa.bool_()),
    }
    number = known.number(definition)
    return _Values(node, np.full(len(node), number, np.int64), **(empty | columns))


def _of_elements(
    batches: pa.RecordBatchReader, nodes: Nodes, known: _Definitions
) -> Iterator[_Values]:
    element_nos = np.array(nodes.element_nos, np.int64)
    node_of = np.full(max(int(element_nos.max(initial=-1)) + 1, 1), -1, np.int64)
    node_of[element_nos[element_nos >= 0]] = np.flatnonzero(element_nos >= 0)
    for batch in batches:
        keys, which = _keys(batch)
        definition = np.array([known.number(_definition(*key)) for key in keys], np.int64)[which]
        texts = batch.column("text").dictionary_encode()
        encoded = [None if t is None else json_text(t) for t in texts.dictionary.to_pylist()]
        yield _Values(
            node_of[batch.column("element_no").to_numpy()],
            definition,
            batch.column("number"),
            batch.column("si"),
            pa.array(encoded, pa.string()).take(texts.indices),
            batch.column("flag"),
        )


def _keys(batch: pa.RecordBatch) -> tuple[list[tuple[str | None, ...]], Numbers]:
    """What the definitions of the batch are made of, and for each row which one it is."""
    columns = [pc.cast(batch.column(name), pa.string()) for name in _KEY]
    which = np.zeros(batch.num_rows, np.int64)
    first = np.zeros(0, np.int64)
    for column in columns:
        encoded = column.dictionary_encode()
        own = encoded.indices.fill_null(len(encoded.dictionary)).to_numpy().astype(np.int64)
        both = which * (len(encoded.dictionary) + 1) + own
        _, first, which = np.unique(both, return_index=True, return_inverse=True)
    rows = [column.take(pa.array(first)).to_pylist() for column in columns]
    return list(zip(*rows, strict=True)), which


def _definition(
    group_key: str | None,
    set_name: str | None,
    name: str | None,
    description: str | None,
    known: str | None,
    type_: str | None,
    unit: str | None,
    is_length: str | None,
) -> Definition:
    group, group_text = group_key or "", set_name or ""
    if group_key is None:
        group = own_id("attribute group", set_name)
        leaf = name or ""
    else:
        group_text = GROUP_TEXTS[group_key]
        leaf = (name or "").lower().replace(" ", "")
    quantity = known if known in QUANTITIES else None
    identity = QUANTITIES[quantity][1] if quantity else _KNOWN_IDS.get(known or "")
    return Definition(
        group=group,
        group_text=group_text,
        leaf=leaf,
        id=identity or own_id("attribute", group, name, type_, 1),
        name=name,
        description=description,
        type=type_ or "string",
        unit=unit,
        is_length=is_length == "true",
        quantity=quantity,
    )


_GROUP_QUANTITY = {
    "Length": ("length",),
    "Width": ("width",),
    "Height": ("height",),
    "NetVolume": ("volume",),
    "NetArea": ("area",),
    "NetSideArea": ("area",),
}


def _quantity_group(values: _Values, known: _Definitions, switch: str) -> _Values:
    """The built-in group quantity, from the figures of the Quantity Take Off view."""
    copies: dict[int, int] = {}
    for number, definition in enumerate(list(known.all)):
        for leaf in _GROUP_QUANTITY.get(definition.quantity or "", ()):
            copy = replace(
                built_in("quantity", leaf.title(), "double"),
                unit=definition.unit,
                is_length=definition.is_length,
            )
            if switch == "no_unit" and not copy.is_length:
                copy = replace(copy, unit=None)
            copies[number] = known.number(copy)
    rows = np.flatnonzero(np.isin(values.definition, list(copies)))
    taken = pa.array(rows)
    return _Values(
        values.node[rows],
        np.array([copies[int(one)] for one in values.definition[rows]], np.int64),
        values.number.take(taken),
        values.si.take(taken),
        values.text.take(taken),
        values.flag.take(taken),
    )


def _joined(parts: Sequence[_Values]) -> _Values:
    return _Values(
        np.concatenate([part.node for part in parts]),
        np.concatenate([part.definition for part in parts]),
        *(
            pa.concat_arrays([getattr(part, column) for part in parts])
            for column in ("number", "si", "text", "flag")
        ),
    )


def _ordered(values: _Values, known: _Definitions) -> _Values:
    """By node, then group in the order of their first definition, then as they came."""
    groups = _codes([definition.group for definition in known.all])
    rows = np.lexsort((np.arange(len(values.node)), groups[values.definition], values.node))
    taken = pa.array(rows)
    return _Values(
        values.node[rows],
        values.definition[rows],
        values.number.take(taken),
        values.si.take(taken),
        values.text.take(taken),
        values.flag.take(taken),
    )


def _tell_apart(values: _Values, known: _Definitions) -> None:
    """Of rows that would have one key in one object all but the first get keys of their own."""
    leaves = _codes([(one.group, one.leaf) for one in known.all])
    leaf = leaves[values.definition]
    order = np.lexsort((np.arange(len(leaf)), leaf, values.node))
    node, leaf = values.node[order], leaf[order]
    again = (node[1:] == node[:-1]) & (leaf[1:] == leaf[:-1])
    nth = 1
    last = -1
    for place in np.flatnonzero(again):
        nth = nth + 1 if place == last + 1 else 2
        last = int(place)
        row = order[place + 1]
        first = known.all[values.definition[row]]
        own = own_id("attribute", first.group, first.name, first.type, nth)
        # A known id stays: it is there once in an object.
        identity = first.id if first.quantity is not None else own
        copy = replace(first, leaf=own, id=identity, nth=nth)
        values.definition[row] = known.number(copy)


def _codes(keys: Sequence[Hashable]) -> Numbers:
    """Numbers for keys, by first appearance."""
    codes: dict[Hashable, int] = {}
    return np.array([codes.setdefault(key, len(codes)) for key in keys], np.int64)
