"""Made-up models in the neutral tables, and ways to commit them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa

from takeoff.core.lake_url import LakeUrl
from takeoff.core.refs import Evidence, ModelRef, Proof, Snapshot, SourceVersion
from takeoff.core.tables import TABLES
from takeoff.lake.evidence import EvidenceStore
from takeoff.lake.layout import Layout, open_layout
from takeoff.lake.work import Run
from takeoff.lake.writer import SnapshotWriter

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
TAKEN_AT = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
PROVED = Proof("protocol_end", "read to END-ISO-10303-21")

Batches = list[tuple[str, pa.RecordBatch]]


def elements(ids: Sequence[str], first_no: int = 0) -> pa.RecordBatch:
    numbers = range(first_no, first_no + len(ids))
    return _batch(
        "elements",
        len(ids),
        element_id=ids,
        element_no=numbers,
        name=[f"wall {number}" for number in numbers],
        storey_elevation_m=[3.0 * (number % 4) for number in numbers],
        is_external=[number % 2 == 0 for number in numbers],
        role=["physical"] * len(ids),
        evidence_no=[0] * len(ids),
        source_row=[100 + number for number in numbers],
    )


def quantities(ids: Sequence[str], first_no: int = 0) -> pa.RecordBatch:
    numbers = range(first_no, first_no + len(ids))
    same = {
        "kind": "volume",
        "basis": "authored",
        "origin": "qto",
        "ordinal": 0,
        "source_name": "NetVolume",
        "unit_status": "declared",
        "unit": "m3",
        "evidence_no": 0,
    }
    return _batch(
        "quantities",
        len(ids),
        element_id=ids,
        element_no=numbers,
        quantity=["NetVolume" if number % 3 else None for number in numbers],
        value=[number / 8 for number in numbers],
        value_exact=[Decimal(number) / 8 for number in numbers],
        source_row=[10_000 + number for number in numbers],
        **{name: [value] * len(ids) for name, value in same.items()},
    )


def _batch(table: str, rows: int, **columns: Sequence[object]) -> pa.RecordBatch:
    decoded = TABLES[table].decoded
    return pa.RecordBatch.from_arrays(
        [pa.array(columns.get(field.name, [None] * rows), field.type) for field in decoded],
        schema=decoded,
    )


def model(rows: int) -> Batches:
    ids = [f"e{number}" for number in range(rows)]
    return [("elements", elements(ids)), ("quantities", quantities(ids))]


def writer(layout: Layout, run: Run, model_id: str = "house", **changes: object) -> SnapshotWriter:
    ref = ModelRef("ifc", "site 7", model_id, "Site seven", f"{model_id}.ifc")
    told: dict[str, object] = {
        "source_version": SourceVersion("sha256", "ab12", "first"),
        "taken_at": TAKEN_AT,
        "options": {"geometry": True},
        "libraries": {"ifcopenshell": "0.9.0"},
    }
    return SnapshotWriter(layout, run, ref, **(told | changes))  # type: ignore[arg-type]


def commit(
    layout: Layout, batches: Batches, model_id: str = "house", document: Path | None = None
) -> Snapshot:
    """One committed snapshot of these batches, with `document` (if any) as its evidence."""
    with Run(layout) as run:
        store = EvidenceStore(layout, run)
        evidence: list[Evidence] = [] if document is None else [store.add_file(document)]
        one = writer(layout, run, model_id)
        for table, batch in batches:
            one.write(table, batch)
        return one.commit(PROVED, evidence)


def tree(folder: Path) -> dict[str, str]:
    """Every file below, with its sha256."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def commit_many(lake: Path | LakeUrl, model_id: str, commits: int, rows: int, told: Path) -> None:
    """Commit so many revisions of a model, each with a document; their ids go into `told`."""
    layout = open_layout(lake, create=True)
    batches = model(rows)
    document = told.with_suffix(".ifc")
    for number in range(commits):
        document.write_text(f"{model_id} {number} {os.getpid()}\n" * 20_000)
        snapshot = commit(layout, batches, model_id, document)
        with told.open("a") as file:
            file.write(f"{snapshot.snapshot_id}\n")
