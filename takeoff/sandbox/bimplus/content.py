"""What one snapshot holds, as the objects of a model: read when first asked for, then kept."""

from __future__ import annotations

import json
import tempfile
import threading
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from takeoff.core.refs import Evidence, Snapshot
from takeoff.engines.duckdb import Engine, open_engine
from takeoff.lake.evidence import lay_out
from takeoff.lake.layout import Layout
from takeoff.sandbox.bimplus import sql
from takeoff.sandbox.bimplus.attributes import Attributes, json_text, read_attributes
from takeoff.sandbox.bimplus.nodes import Nodes, Numbers, read_nodes
from takeoff.sandbox.bimplus.render import Form, Looks, Renderer, tree
from takeoff.sandbox.bimplus.vocabulary import QUANTITIES, TYPES, ElementType, own_id, type_of
from takeoff.sandbox.switches import Switches

_FORMS = {"list": ',"children":[]}', "null": ',"children":null}', "absent": "}"}
_NO_PLACES = pa.table(
    {name: pa.array([], pa.string()) for name in ("element_id", "location_id", "kind")}
)


@dataclass(frozen=True)
class Place:
    """Where a snapshot is served: its model's id and the ids and name of the tree's root."""

    division_id: str
    topology_id: str
    parent_id: str
    name: str


@dataclass(frozen=True)
class File:
    """The document that a model was made of."""

    name: str
    content: bytes
    content_type: str = "application/octet-stream"


@dataclass(frozen=True)
class Objects:
    """The objects of a model as they stand under some switches."""

    place: Place
    nodes: Nodes
    attributes: Attributes

    def tree(self, node: int, switches: Switches, *, hide_elements: bool, short: bool) -> str:
        """The tree from `node` down, as JSON."""
        walk = self.nodes.walk
        begin = int(walk.place[node])
        walked = np.arange(begin, int(walk.end[begin]))
        if hide_elements:
            shown = [n == 0 or self.nodes.is_structure(n) for n in walk.nodes[walked].tolist()]
            walked = walked[np.array(shown, np.bool_)]
            if not len(walked):
                walked = np.array([begin])
        heads = [self._head(n, switches, short) for n in walk.nodes[walked].tolist()]
        return tree(self.nodes, heads, walked, _FORMS[switches["bimplus_children"]])

    def renderer(self, switches: Switches) -> Renderer:
        return Renderer(self.nodes, self.attributes, Looks.at(switches))

    def objects(self, nodes: Numbers, form: Form, switches: Switches) -> list[str]:
        """These nodes as JSON objects."""
        return self.renderer(switches).objects(nodes, form)

    def column(self, node: int, attribute_id: str, switches: Switches) -> str:
        """An attribute of all objects from `node` down, by the objects' ids, as JSON."""
        rows = self._rows_of(attribute_id)
        owners = self.attributes.row_nodes()[rows]
        walk = self.nodes.walk
        begin = walk.place[node]
        inside = (walk.place[owners] >= begin) & (walk.place[owners] < walk.end[begin])
        values = self.renderer(switches).values(rows[inside])
        ids = [self.nodes.ids[owner] for owner in owners[inside].tolist()]
        pairs = zip(ids, values, strict=True)
        return "{" + ",".join(f'"{one}":{value}' for one, value in pairs) + "}"

    def attribute(self, node: int, attribute_id: str, switches: Switches) -> dict[str, Any] | None:
        """One attribute of one object with its definition; None if it has none such."""
        rows = self._rows_of(attribute_id)
        here = rows[self.attributes.row_nodes()[rows] == node]
        return self.renderer(switches).definition(int(here[0])) if len(here) else None

    def having(self, attribute_id: str, value: str) -> list[str]:
        """Ids of the objects whose attribute has that very text."""
        rows = self._rows_of(attribute_id)
        texts = self.attributes.text.take(pa.array(rows)).to_pylist()
        wanted = json_text(value)
        hits = [row for row, text in zip(rows.tolist(), texts, strict=True) if text == wanted]
        owners = self.attributes.row_nodes()
        return [self.nodes.ids[int(owners[row])] for row in hits]

    def calculated(self, ifc_classes: set[str], switches: Switches) -> dict[str, dict[str, Any]]:
        """The figures of the Quantity Take Off view: attribute, object, value."""
        found: dict[str, dict[str, Any]] = {}
        renderer, owners = self.renderer(switches), self.attributes.row_nodes()
        for number, definition in enumerate(self.attributes.definitions):
            if definition.quantity is None:
                continue
            rows = np.flatnonzero(self.attributes.definition == number)
            column = found.setdefault(definition.id, {})
            values = zip(owners[rows].tolist(), renderer.values(rows), strict=True)
            for node, value in values:
                if self.nodes.types[node].ifc_class in ifc_classes:
                    column[self.nodes.ids[node]] = json.loads(value)
        return {attribute: column for attribute, column in found.items() if column}

    def _rows_of(self, attribute_id: str) -> Numbers:
        definitions = self.attributes.definitions
        numbers = [n for n, one in enumerate(definitions) if one.id == attribute_id]
        return np.flatnonzero(np.isin(self.attributes.definition, numbers))

    def _head(self, node: int, switches: Switches, short: bool) -> str:
        nodes, one = self.nodes, self.nodes.types[node]
        members = [f'{{"id":"{nodes.ids[node]}"']
        parent = nodes.parents[node]
        if not short:
            parent_id = self.place.parent_id if parent < 0 else nodes.ids[parent]
            members.append(f'"parent":"{parent_id}"')
        name = nodes.names[node]
        if name is not None:
            members.append(f'"name":{json_text(name)}')
        members += [f'"type":{json_text(one.word)}', f'"elementTypeId":"{one.id}"']
        if parent < 0:
            members += [f'"divisionId":"{self.place.division_id}"', '"number":0']
        tree_keys = switches["bimplus_tree_keys"]
        if one.layer_id is not None and tree_keys != "no_layer":
            members.append(f'"layerid":"{one.layer_id}"')
        if not short and tree_keys != "no_ifc":
            members += self._ifc_members(node, switches)
        if nodes.is_child[node] is not None:
            members.append(f'"isChild":{"true" if nodes.is_child[node] else "false"}')
        return ",".join(members)

    def _ifc_members(self, node: int, switches: Switches) -> list[str]:
        members = []
        ifc_type, ifc_id = self.nodes.ifc_types[node], self.nodes.ifc_ids[node]
        if ifc_type is not None:
            if switches["bimplus_ifc_types"] == "prefixed":
                ifc_type = f"ID_IFC{ifc_type.removeprefix('Ifc')}"
            members.append(f'"ifcType":{json_text(ifc_type)}')
        if ifc_id is not None:
            members.append(f'"ifcId":{json_text(ifc_id)}')
        return members


class Content:
    """A snapshot at its place. Everything is read once, when first needed; threads may share it.

    Raises, from any member: LakeUnusable if the lake's files are damaged.
    """

    def __init__(self, layout: Layout, snapshot: Snapshot, place: Place) -> None:
        self.snapshot = snapshot
        self.place = place
        self._layout = layout
        self._lock = threading.RLock()
        self._engine: Engine | None = None
        self._objects: dict[tuple[str, str], Objects] = {}

    def objects(self, switches: Switches) -> Objects:
        """Its objects; none at all while the switches say that the model is empty."""
        if switches["bimplus_status"] in ("DONE_EMPTY_MODEL", "EMPTY"):
            return no_objects(self.place)
        looks = switches["bimplus_layers"], switches["bimplus_quantity_group"]
        with self._lock:
            if looks not in self._objects:
                self._objects[looks] = self._read(*looks)
            return self._objects[looks]

    @cached_property
    def types(self) -> list[ElementType]:
        """The element types in use, openings taken as one, without reading the objects."""
        with self._lock:
            rows = self._ask(sql.USED).to_pylist()
        types = [type_of(row["ifc_class"], row["role"]) for row in rows]
        if any(row["has_layers"] for row in rows):
            types.append(TYPES["MaterialLayer"])
        return list(dict.fromkeys(types))

    @property
    def document(self) -> Evidence | None:
        """The IFC document that it was read from; None if there is none, or not just one."""
        found = [one for one in self.snapshot.evidence if one.path.lower().endswith(_SUFFIXES)]
        return found[0] if len(found) == 1 else None

    def file(self) -> File | None:
        """That document with its content. Raises: InputRefused if it lies elsewhere and is gone."""
        document = self.document
        if document is None:
            return None
        with tempfile.TemporaryDirectory(prefix="takeoff-") as folder:
            content = lay_out(self._layout, document, Path(folder)).path.read_bytes()
        return File(document.path, content)

    @property
    def size(self) -> int:
        """Bytes of what the lake keeps of it."""
        return sum(file.bytes for file in self.snapshot.files)

    def close(self) -> None:
        """Nothing more can be read; what was read before stays."""
        with self._lock:
            if self._engine is not None:
                self._engine.close()
                self._engine = None

    def _ask(self, statement: str, params: dict[str, Any] | None = None) -> pa.Table:
        return self._reader(statement, params).read_all()

    def _reader(self, statement: str, params: dict[str, Any] | None) -> pa.RecordBatchReader:
        if self._engine is None:
            chosen = [self.snapshot]
            self._engine = open_engine(self._layout, chosen, selected=chosen)
        return self._engine.query(statement, params)

    def _read(self, layers: str, quantity_group: str) -> Objects:
        ref = self.snapshot.ref
        nodes = read_nodes(
            self.place.topology_id,
            self.place.name,
            own_id("objects", ref.vendor, ref.project_id, ref.model_id),
            keep_ids=ref.vendor == "bimplus",
            elements=self._ask(sql.ELEMENTS),
            locations=self._ask(sql.LOCATIONS),
            layers=self._ask(sql.LAYERS) if layers == "children" else None,
        )
        asked = {"quantities": list(QUANTITIES), "with_layers": layers != "children"}
        batches = self._reader(sql.ATTRIBUTES, asked)
        attributes = read_attributes(batches, nodes, self.place.division_id, quantity_group)
        return Objects(self.place, nodes, attributes)


_SUFFIXES = (".ifc", ".ifczip", ".ifcxml", ".ifc.gz")


def no_objects(place: Place) -> Objects:
    """A model that has nothing but its root."""
    nodes = read_nodes(
        place.topology_id,
        place.name,
        "",
        keep_ids=False,
        elements=_NO_PLACES,
        locations=_NO_PLACES,
        layers=None,
    )
    schema = pa.schema([])
    batches = pa.RecordBatchReader.from_batches(schema, [])
    return Objects(place, nodes, read_attributes(batches, nodes, place.division_id, "absent"))
