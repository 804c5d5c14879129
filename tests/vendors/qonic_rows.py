"""Decoding hand-cut answers of Qonic in tests: documents from JSON, rows as plain dictionaries."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from takeoff.core.progress import Quiet
from takeoff.core.quantity_names import QuantityNames
from takeoff.core.refs import Document
from takeoff.core.tables import TABLES
from takeoff.vendors.qonic import asked, decode
from takeoff.vendors.qonic.paths import ASKED

ROOT = Path(__file__).resolve().parents[2]
RECORDED = ROOT / "tests" / "recorded" / "qonic"
MODEL = "/projects/6234/models/11097"
Rows = dict[str, list[dict[str, Any]]]


def names() -> QuantityNames:
    """The rules that takeoff ships."""
    with (ROOT / "data" / "rules" / "quantity_names.csv").open(encoding="utf-8") as file:
        return QuantityNames.from_rows(list(csv.DictReader(file)))


def recorded(name: str) -> tuple[str, Any]:
    """(request path, answer) of one recorded answer."""
    found = json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))
    return found["path"], found["answer"]


def query(page: int = 1) -> str:
    """The request path of a page of products."""
    return f"{MODEL}/products/properties/query?page={page}&pageSize=5000"


def result(kind: str, operation: str = "op-1") -> str:
    """The request path of a result."""
    return f"{MODEL}/products/{kind}/{operation}/result"


def page(*products: Mapping[str, Any]) -> dict[str, Any]:
    """A page that holds all products."""
    total = len(products)
    return {"totalCount": total, "page": 1, "pageSize": 1000, "result": list(products)}


def asked_for(*sums: asked.Sum) -> tuple[str, bytes]:
    """The client's record of these sums."""
    return ASKED, asked.written(asked.Record((1, 2, 3, 4), sums))


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


def decoded(folder: Path, answers: Iterable[tuple[str, Any]]) -> Rows:
    """All neutral rows, in the order of each table's key; the schema of each batch is checked."""
    rows: Rows = defaultdict(list)
    for table, batch in decode.decode(
        documents(folder, answers), names=names(), options={}, work=folder, progress=Quiet()
    ):
        assert TABLES[table].takes(batch.schema)
        batch.validate(full=True)
        rows[table].extend(batch.to_pylist())
    for table, found in rows.items():
        found.sort(key=lambda row: [(row[key] is None, row[key]) for key in TABLES[table].key])
    return rows
