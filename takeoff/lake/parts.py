"""Neutral rows into Parquet files: the one way, for a commit and for a rebuild.

The same batches give the same bytes with the same pyarrow, whatever the number of threads: a table
is cut into parts by row count, each part is ordered by the table's unique key and written by one
thread, while the rows of the next come.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from takeoff.core.errors import NotUnderstood
from takeoff.core.refs import DataFile, Evidence, Snapshot
from takeoff.core.tables import SCHEMA_VERSION, SNAPSHOT_COLUMNS, TABLES, Table
from takeoff.lake import disk, keys
from takeoff.lake.layout import data_name
from takeoff.lake.parquet import ROW_GROUP, has_twins, write_file

PART_ROWS = 16 * ROW_GROUP
# Text of one part stays far below the 2 GiB that one Arrow array of text can hold.
PART_BYTES = 512 << 20
_UNIQUE_ELEMENTS = ("element_no", "element_id")
# Different texts in a part up to which a column is written from one dictionary.
_FEW = 1_024
# Parts of one table that are being written while the next one fills.
_UNDER_WAY = 1

Later = Callable[[Callable[[], DataFile]], "Future[DataFile]"]


def at_once(work: Callable[[], DataFile]) -> Future[DataFile]:
    """The part, written before anything else is done."""
    done: Future[DataFile] = Future()
    done.set_result(work())
    return done


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

    `later` takes the work of writing a part; see `Run.later`. Memory holds at most two parts of
    each table. Nothing here commits.
    """

    def __init__(self, folder: Path, identity: Identity, later: Later = at_once) -> None:
        self._folder = folder
        self._identity = identity
        self._later = later
        self._tables: dict[str, _TableParts] = {}

    def write(self, table: str, batch: pa.RecordBatch) -> None:
        """Rows of `table` with exactly the columns of TABLES[table].decoded, in any order.

        Text may be ENCODED. What is wrong with a part may be raised with a later one.
        Raises: KeyError or TypeError for a decoder's bug in table or columns; NotUnderstood for a
        null where none may be or two rows with one key; LakeUnusable.
        """
        if table not in self._tables:
            self._tables[table] = _TableParts(
                self._folder, self._identity, TABLES[table], self._later
            )
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
        return self._tables[table].files() if table in self._tables else []

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

    def __init__(self, folder: Path, identity: Identity, table: Table, later: Later) -> None:
        self._folder = folder
        self._identity = identity
        self._table = table
        self._later = later
        self._schema = table.schema
        self._decoded = table.decoded
        self._held: list[pa.RecordBatch] = []
        self._held_rows = 0
        self._held_bytes = 0
        self._begun: deque[Future[DataFile]] = deque()
        self._files: list[DataFile] = []

    def write(self, batch: pa.RecordBatch) -> None:
        self._check(batch)
        while batch.num_rows:
            room = PART_ROWS - self._held_rows
            self._hold(batch.slice(0, room))
            batch = batch.slice(room)
            if self._held_rows == PART_ROWS or self._held_bytes >= PART_BYTES:
                self.close()

    def close(self) -> None:
        """Begin to write what is held as one part; nothing if there is nothing."""
        if not self._held:
            return
        held, number = self._held, len(self._files) + len(self._begun)
        self._held, self._held_rows, self._held_bytes = [], 0, 0
        self._begun.append(self._later(lambda: self._write_part(held, number)))
        while len(self._begun) > _UNDER_WAY:
            self._files.append(self._begun.popleft().result())

    def files(self) -> list[DataFile]:
        """All parts, once they are written."""
        while self._begun:
            self._files.append(self._begun.popleft().result())
        return self._files

    def _hold(self, batch: pa.RecordBatch) -> None:
        self._held.append(batch)
        self._held_rows += batch.num_rows
        self._held_bytes += batch.nbytes

    def _check(self, batch: pa.RecordBatch) -> None:
        if not self._table.takes(batch.schema):
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

    def _write_part(self, held: list[pa.RecordBatch], number: int) -> DataFile:
        rows = self._identified(_ordered(self._table, _joined(self._decoded, held)))
        held.clear()
        about: dict[str, str | int] = {
            "table": self._table.name,
            "schema_version": SCHEMA_VERSION,
            "snapshot_id": self._identity.snapshot_id,
            "tool_version": self._identity.tool_version,
        }
        name = data_name(self._table.name, self._identity.snapshot_id, number)
        groups = (rows.slice(at, ROW_GROUP) for at in range(0, rows.num_rows, ROW_GROUP))
        return write_file(self._folder, self._table.name, name, rows.schema, groups, about)

    def _identified(self, rows: pa.Table) -> pa.Table:
        """The rows with the ids of their snapshot, in the order of the table's columns."""
        ids, same = asdict(self._identity), pa.array(np.zeros(rows.num_rows, dtype=np.int32))
        columns = {
            field.name: pa.DictionaryArray.from_arrays(same, pa.array([ids[field.name]]))
            if field.name in SNAPSHOT_COLUMNS
            else rows.column(field.name)
            for field in self._schema
        }
        fields = [field.with_type(columns[field.name].type) for field in self._schema]
        return pa.Table.from_arrays(list(columns.values()), schema=pa.schema(fields))


def _column(path: Path, name: str) -> pa.ChunkedArray:
    with disk.usable(path, "read"), pq.ParquetFile(path) as file:
        return file.read([name]).column(name)


def _joined(decoded: pa.Schema, held: Sequence[pa.RecordBatch]) -> pa.Table:
    """The batches as one table, each column in one piece, text encoded where that is of use."""
    columns = {}
    for field in decoded:
        pieces = [batch.column(field.name) for batch in held]
        if pa.types.is_string(field.type):
            columns[field.name] = _text(field, pieces)
        else:
            columns[field.name] = pa.concat_arrays(pieces)
    return pa.table(columns)


def _text(field: pa.Field, pieces: Sequence[pa.Array]) -> pa.Array:
    """Pieces of a column of text, some of them ENCODED, as one.

    It is encoded if one of them is and there are few different texts. The dictionary then holds
    these in order: so it does not depend on how the rows came.
    """
    encodes = has_twins(field) and any(map(_is_encoded, pieces))
    if not encodes:
        return pa.concat_arrays([_plain(piece) for piece in pieces])
    alike = [piece if _is_encoded(piece) else piece.dictionary_encode() for piece in pieces]
    joined = pa.chunked_array(alike).unify_dictionaries().combine_chunks()
    order = np.argsort(pc.rank(joined.dictionary, tiebreaker="first").to_numpy())
    used = np.zeros(len(order), dtype=bool)
    used[joined.indices.drop_null().to_numpy()] = True
    order = order[used[order]]
    if len(order) > _FEW:
        return joined.dictionary_decode()
    places = np.zeros(len(used), dtype=np.int32)
    places[order] = np.arange(len(order))
    texts = joined.dictionary.take(pa.array(order))
    return pa.DictionaryArray.from_arrays(pa.array(places).take(joined.indices), texts)


def _is_encoded(column: pa.Array) -> bool:
    return bool(pa.types.is_dictionary(column.type))


def _plain(column: pa.Array) -> pa.Array:
    return column.dictionary_decode() if _is_encoded(column) else column


def _ordered(table: Table, rows: pa.Table) -> pa.Table:
    """`rows` by the table's key, nulls last. Raises: NotUnderstood if a key is there twice."""
    found, repeated = keys.ordered(rows, table.key)
    if repeated is not None:
        row = found.select(table.key).slice(repeated, 1).to_pylist()[0]
        raise NotUnderstood(
            f"Two rows of {table.name} have the same key {row}; the reader of this source is at "
            "fault: report it with the model. Nothing was committed."
        )
    return found


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
