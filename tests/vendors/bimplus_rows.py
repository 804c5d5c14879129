"""Decoding hand-cut trees and objects of Bimplus in tests, without any service."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bimplus_served import TOPOLOGY, TREE, WALL, WALLS, Rows, guid, names

from takeoff.core.progress import Quiet
from takeoff.core.refs import Document
from takeoff.core.tables import TABLES
from takeoff.vendors.bimplus import asked, decode
from takeoff.vendors.bimplus.asked import Record
from takeoff.vendors.bimplus.paths import ASKED

ITEM = "d72696e0-6f5e-4883-a54d-f36ccb3b5f3b"
MODEL_NODE = "e003e080-f21b-4f8a-8c4c-4c9c5026cf50"
BUILDING_LAYER = "0f106af0-a919-44c5-b211-15bd5ef620b6"
UNITS = "/content/units"
TYPES = f"/acme/projects/{guid(1)}/element-types"


def node(number: int, *children: Any, **said: Any) -> dict[str, Any]:
    """A wall unless it says something else; what is None is left out."""
    usual = {"type": "Wall", "elementTypeId": WALL, "layerid": BUILDING_LAYER, "ifcType": "IfcWall"}
    members = {"id": guid(number), "name": f"object {number}", **usual, **said}
    kept = {key: value for key, value in members.items() if value is not None}
    return {**kept, "children": list(children)}


def place(number: int, *children: Any, ifc: str | None = None, **said: Any) -> dict[str, Any]:
    """A node that holds others."""
    usual = {"type": "TopologyItem", "elementTypeId": ITEM, "layerid": None}
    return node(number, *children, **{**usual, "ifcType": ifc, "name": f"place {number}", **said})


def model(*children: Any) -> dict[str, Any]:
    """The tree of a model."""
    top = {"elementTypeId": MODEL_NODE, "type": "TopologyDivision", "id": TOPOLOGY}
    return place(3, *children, **top)


def wall(attributes: Any, number: int = 20, **said: Any) -> dict[str, Any]:
    """An object as a list has it."""
    return {"id": guid(number), "name": f"object {number}", "attributes": attributes, **said}


def documents(folder: Path, answers: Iterable[tuple[str, Any]]) -> list[Document]:
    """Answers laid out as files: bytes as they are, anything else as JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for number, (path, answer) in enumerate(answers):
        file = folder / f"document-{number}"
        raw = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        file.write_bytes(raw)
        found.append(Document(number, path, file, ""))
    return found


def decoded(
    folder: Path,
    tree: Any,
    lists: Mapping[str, Any] | Sequence[Any] = (),
    *,
    record: Mapping[str, Any] | None = None,
    others: Mapping[str, Any] | None = None,
) -> Rows:
    """All neutral rows, in the order of each table's key; every batch is checked.

    `lists` are the answers by request path, or the walls alone.
    """
    by_path = lists if isinstance(lists, Mapping) else {WALLS: list(lists)}
    whole = Record(tree=TREE, lists=tuple(by_path), **(record or {}))
    answers = [(TREE, tree), *by_path.items(), *(others or {}).items()]
    given = documents(folder, [*answers, (ASKED, asked.written(whole))])
    rows: Rows = defaultdict(list)
    for table, batch in decode.decode(
        given, names=names(), options={}, work=folder, progress=Quiet()
    ):
        assert TABLES[table].takes(batch.schema)
        batch.validate(full=True)
        rows[table].extend(batch.to_pylist())
    for table, found in rows.items():
        found.sort(key=lambda row: [(row[key] is None, row[key]) for key in TABLES[table].key])
    return rows


def of_one(folder: Path, attributes: Any, **said: Any) -> Rows:
    """The rows of a single wall with these attributes."""
    return decoded(folder, model(node(20)), [wall(attributes, **said)])
