"""Neutral rows into Parquet files: the one way, for a commit and for a rebuild.

The same batches give the same bytes with the same pyarrow, whatever the number of threads: a table
is cut into parts by row count, each part is ordered by the table's unique key and written by one
thread.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from takeoff.core.errors import LakeUnusable, NotUnderstood
from takeoff.core.refs import DataFile, Evidence, Snapshot
from takeoff.core.tables import SCHEMA_VERSION, SNAPSHOT_COLUMNS, TABLES, Table
from takeoff.lake import disk
from takeoff.lake.layout import data_name

PART_ROWS = 500_000
# Text of one part stays far below the 2 GiB that one Arrow array of text can hold.
PART_BYTES = 512 << 20
ROW_GROUP = 16_384
FOOTER_KEY = "takeoff"
_ZSTD_LEVEL = 3
_UNIQUE_ELEMENTS = ("element_no", "element_id")


@dataclass(frozen=True)
class Identity:
    """What the writer adds to rows and footers. The ids are the columns of these names."""

    snapshot_id: str
    vendor: str
    project_id: str
    model_id: str
    tool_version: str

    @classmethod
    def of(cls, snapshot: Snapshot) -> Identity:
        """The identity under which a committed snapshot was written."""
        ref = snapshot.ref
        return cls(
            snapshot.snapshot_id,
            ref.vendor,
            ref.project_id,
            ref.model_id,
            snapshot.tool_version,
        )


class PartsWriter:
    """The Parquet files of one snapshot, written under `folder` by their names in the lake.

    Memory holds at most one part of each table. Nothing here commits.
    """

    def __init__(self, folder: Path, identity: Identity) -> None:
        self._folder = folder
        self._identity = identity
        self._tables: dict[str, _TableParts] = {}

    def write(self, table: str, batch: pa.RecordBatch) -> None:
        """Rows of `table` with exactly the columns of TABLES[table].decoded, in any order.

        Raises: KeyError or TypeError for a decoder's bug in table or columns; NotUnderstood for a
        null where none may be or two rows with one key; LakeUnusable.
        """
        if table not in self._tables:
            self._tables[table] = _TableParts(self._folder, self._identity, TABLES[table])
        self._tables[table].write(batch)

    def finish(self, evidence: Sequence[Evidence]) -> tuple[DataFile, ...]:
        """Write what is still held, and the table `evidence`; the files, in order of the tables.

        Every footer's row count is checked, and that element ids and numbers are unique.
        Raises: as `write`.
        """
        if evidence:
            self.write("evidence", _evidence_rows(evidence))
        for parts in self._tables.values():
            parts.close()
        files = tuple(file for name in TABLES for file in self._files(name))
        self._refuse_repeated_elements(files)
        return files

    def _files(self, table: str) -> list[DataFile]:
        return self._tables[table].files if table in self._tables else []

    def _refuse_repeated_elements(self, files: Sequence[DataFile]) -> None:
        paths = [self._folder / file.name for file in files if file.table == "elements"]
        for column in _UNIQUE_ELEMENTS if paths else ():
            values = pa.chunked_array(
                [chunk for path in paths for chunk in _column(path, column).chunks]
            )
            if pc.count_distinct(values).as_py() != len(values):
                raise NotUnderstood(
                    f"Two elements have the same {column} {_first_repeated(values)!r}; the reader "
                    "of this source is at fault: report it with the model. Nothing was committed."
                )


class _TableParts:
    """One table's rows, held until they fill a part."""

    def __init__(self, folder: Path, identity: Identity, table: Table) -> None:
        self.files: list[DataFile] = []
        self._folder = folder
        self._identity = identity
        self._table = table
        self._schema = table.schema
        self._decoded = table.decoded
        self._held: list[pa.RecordBatch] = []
        self._held_rows = 0
        self._held_bytes = 0

    def write(self, batch: pa.RecordBatch) -> None:
        self._check(batch)
        while batch.num_rows:
            room = PART_ROWS - self._held_rows
            self._hold(batch.slice(0, room))
            batch = batch.slice(room)
            if self._held_rows == PART_ROWS or self._held_bytes >= PART_BYTES:
                self.close()

    def close(self) -> None:
        """Write what is held as one part; nothing if there is nothing."""
        if not self._held:
            return
        rows = _ordered(self._table, pa.Table.from_batches(self._held))
        self._held, self._held_rows, self._held_bytes = [], 0, 0
        self.files.append(self._write_part(rows))

    def _hold(self, batch: pa.RecordBatch) -> None:
        self._held.append(batch)
        self._held_rows += batch.num_rows
        self._held_bytes += batch.nbytes

    def _check(self, batch: pa.RecordBatch) -> None:
        if not batch.schema.equals(self._decoded):
            raise TypeError(
                f"A batch for {self._table.name} has other columns than TABLES[...].decoded: "
                f"{_difference(batch.schema, self._decoded)}"
            )
        for field, column in zip(self._decoded, batch.columns, strict=True):
            if not field.nullable and column.null_count:
                raise NotUnderstood(
                    f"A row of {self._table.name} has no {field.name}; the reader of this source "
                    "is at fault: report it with the model. Nothing was committed."
                )

    def _write_part(self, rows: pa.Table) -> DataFile:
        name = data_name(self._table.name, self._identity.snapshot_id, len(self.files))
        path = self._folder / name
        disk.make_scratch(path.parent)
        with disk.usable(path, "write"):
            self._write_rows(path, rows)
            written = pq.read_metadata(path).num_rows
        if written != rows.num_rows:
            raise LakeUnusable(
                f"{path} holds {written} rows of the {rows.num_rows} written to it; "
                "check that disk and run again."
            )
        disk.sync_file(path)
        size, sha256 = disk.measure(path)
        return DataFile(self._table.name, name, rows.num_rows, size, sha256)

    def _write_rows(self, path: Path, rows: pa.Table) -> None:
        with pq.ParquetWriter(
            path, self._schema, version="2.6", compression="zstd", compression_level=_ZSTD_LEVEL
        ) as writer:
            # Beside the schema, not in it: the schema is the same in every file of a table.
            writer.add_key_value_metadata(self._metadata())
            for start in range(0, rows.num_rows, ROW_GROUP):
                writer.write_table(self._identified(rows.slice(start, ROW_GROUP)), ROW_GROUP)

    def _identified(self, rows: pa.Table) -> pa.Table:
        ids = asdict(self._identity)
        columns = [
            pa.repeat(ids[field.name], rows.num_rows)
            if field.name in SNAPSHOT_COLUMNS
            else rows.column(field.name)
            for field in self._schema
        ]
        return pa.Table.from_arrays(columns, schema=self._schema)

    def _metadata(self) -> dict[str, str]:
        about = {
            "table": self._table.name,
            "schema_version": SCHEMA_VERSION,
            "snapshot_id": self._identity.snapshot_id,
            "tool_version": self._identity.tool_version,
        }
        # One entry: the order of several depends on how pyarrow was built.
        return {FOOTER_KEY: json.dumps(about)}


def _column(path: Path, name: str) -> pa.ChunkedArray:
    with disk.usable(path, "read"), pq.ParquetFile(path) as file:
        return file.read([name]).column(name)


def _ordered(table: Table, rows: pa.Table) -> pa.Table:
    """`rows` by the table's key, nulls last. Raises: NotUnderstood if a key is there twice."""
    keys = [(column, "ascending") for column in table.key]
    ordered = rows.combine_chunks().take(pc.sort_indices(rows, sort_keys=keys))
    repeated = _same_key_as_next(table, ordered)
    if pc.any(repeated).as_py():
        row = ordered.select(table.key).slice(repeated.index(True).as_py(), 1).to_pylist()[0]
        raise NotUnderstood(
            f"Two rows of {table.name} have the same key {row}; the reader of this source is at "
            "fault: report it with the model. Nothing was committed."
        )
    return ordered


def _same_key_as_next(table: Table, ordered: pa.Table) -> pa.ChunkedArray:
    same = pa.chunked_array([pa.repeat(True, ordered.num_rows - 1)])
    for name in table.key:
        this, following = ordered.column(name)[:-1], ordered.column(name)[1:]
        both_null = pc.and_(pc.is_null(this), pc.is_null(following))
        equal = pc.fill_null(pc.equal(this, following), False)
        same = pc.and_(same, pc.or_(equal, both_null))
    return same


def _first_repeated(values: pa.ChunkedArray) -> str | int:
    counts = pc.value_counts(values)
    repeated = counts.filter(pc.greater(counts.field("counts"), 1))
    found: str | int = repeated.field("values")[0].as_py()
    return found


def _difference(given: pa.Schema, wanted: pa.Schema) -> str:
    if given.names != wanted.names:
        return f"columns {given.names}, not {wanted.names}"
    pairs = zip(given, wanted, strict=True)
    return "; ".join(f"{ours} given, not {theirs}" for ours, theirs in pairs if ours != theirs)


def _evidence_rows(evidence: Sequence[Evidence]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(
        [asdict(item) for item in evidence], schema=TABLES["evidence"].decoded
    )
