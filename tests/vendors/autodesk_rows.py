"""Decoding hand-cut answers of Autodesk in tests: documents from lines, rows as dictionaries."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from takeoff.core.progress import Quiet
from takeoff.core.quantity_names import QuantityNames
from takeoff.core.refs import Document
from takeoff.core.tables import TABLES
from takeoff.vendors.autodesk import asked, decode
from takeoff.vendors.autodesk.asked import Record
from takeoff.vendors.autodesk.options import UNICLASS
from takeoff.vendors.autodesk.paths import ASKED

ROOT = Path(__file__).resolve().parents[2]
RECORDED = ROOT / "tests" / "recorded" / "autodesk"
PROJECT = "f83cef12-deef-4771-9feb-4f85643e3c46"
LINEAGE = "urn:adsk.wipprod:dm.lineage:PavilionPavilionPavili"
OLD, NEW = (f"urn:adsk.wipprod:fs.file:vf.PavilionPavilionPavili?version={n}" for n in (3, 4))
INDEX, DIFF = "qTmPiKJZ7siqxkTNpWGANw", "d1ffd1ffd1ffd1ffd1ff-_"
API = f"/construction/index/v2/projects/{PROJECT}"
RECORD = Record(NEW, INDEX, codes=UNICLASS)

Rows = dict[str, list[dict[str, Any]]]
Lines = bytes | Sequence[Mapping[str, Any]]


def names() -> QuantityNames:
    """The rules that takeoff ships."""
    with (ROOT / "data" / "rules" / "quantity_names.csv").open(encoding="utf-8") as file:
        return QuantityNames.from_rows(list(csv.DictReader(file)))


def recorded(name: str) -> bytes:
    """One recorded file as it is."""
    return (RECORDED / name).read_bytes()


def lines(content: Lines) -> bytes:
    """Objects as lines of JSON; bytes as they are."""
    if isinstance(content, bytes):
        return content
    return b"".join(json.dumps(item, ensure_ascii=False).encode() + b"\n" for item in content)


def documents(folder: Path, answers: Iterable[tuple[str, bytes]]) -> list[Document]:
    """Answers laid out as files."""
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for number, (path, content) in enumerate(answers):
        file = folder / f"document-{number}"
        file.write_bytes(content)
        found.append(Document(number, path, file, ""))
    return found


def answers(fields: Lines, properties: Lines, record: Record = RECORD) -> list[tuple[str, bytes]]:
    """The answers of a fetch that the decoder reads."""
    return [
        (f"{API}/indexes/{INDEX}/fields", lines(fields)),
        (f"{API}/indexes/{INDEX}/properties", lines(properties)),
        (ASKED, asked.written(record)),
    ]


def read(folder: Path, found: Iterable[Document]) -> Rows:
    """All neutral rows, in the order of each table's key; the schema of each batch is checked."""
    rows: Rows = defaultdict(list)
    for table, batch in decode.decode(
        list(found), names=names(), options={}, work=folder, progress=Quiet()
    ):
        assert TABLES[table].takes(batch.schema)
        batch.validate(full=True)
        rows[table].extend(batch.to_pylist())
    for table, some in rows.items():
        some.sort(key=lambda row: [(row[key] is None, row[key]) for key in TABLES[table].key])
    return rows


def decoded(folder: Path, fields: Lines, properties: Lines, record: Record = RECORD) -> Rows:
    """The neutral rows of an index."""
    return read(folder, documents(folder, answers(fields, properties, record)))


def model(folder: Path, name: str = "") -> Rows:
    """The neutral rows of a recorded model: imperial, or `metric_`, `chinese_`, `ifc_`."""
    return decoded(folder, recorded(f"{name}fields.jsonl"), recorded(f"{name}properties.jsonl"))


def figures(rows: Rows, name: str) -> dict[str, tuple[Any, ...]]:
    """(quantity, value, unit) by the source's name, of the element called `name`."""
    element = next(row for row in rows["elements"] if row["name"] == name)
    return {
        row["source_name"]: (row["quantity"], row["value_exact"], row["unit"])
        for row in rows["quantities"]
        if row["element_no"] == element["element_no"]
    }


def codes(rows: Rows) -> set[str]:
    """The codes of all warnings."""
    return {row["code"] for row in rows["warnings"]}


def field(key: str, category: str | None, name: str, **more: object) -> dict[str, Any]:
    """A definition."""
    return {"key": key, "category": category, "name": name, "type": "String", "uom": None} | more


def row(number: int, props: Mapping[str, object], **more: object) -> dict[str, Any]:
    """A row that a view shows."""
    return {
        "svf2Id": number,
        "externalId": f"id-{number}",
        "lmvId": number,
        "props": dict(props),
        "views": ["v"],
    } | more
