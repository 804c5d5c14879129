"""Small files of many snapshots into a few larger ones, row behind row, as one commit."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from takeoff.core.errors import LakeUnusable, TryLater
from takeoff.core.progress import Progress
from takeoff.core.refs import DataFile, Snapshot
from takeoff.core.tables import SCHEMA_VERSION, TABLES
from takeoff.core.version import __version__
from takeoff.lake import compaction, disk, mirror
from takeoff.lake.compaction import Compaction, Holding, Holdings, Piece
from takeoff.lake.layout import Layout, data_name
from takeoff.lake.parquet import ROW_GROUP, write_file
from takeoff.lake.parts import PART_ROWS
from takeoff.lake.reader import current
from takeoff.lake.verify import REBUILD
from takeoff.lake.work import Run, stamp

# Above a quarter of a part, by rows or by the bytes that one may have, a file is left alone.
_SMALL_ROWS = PART_ROWS // 4
_MOST_BYTES = 128 << 20
_SMALL_BYTES = _MOST_BYTES // 4

# Where the rows of a piece are to be read: in this file, behind so many others.
Place = tuple[DataFile, int]


@dataclass(frozen=True)
class Group:
    """What becomes one file: pieces of one table, in their order, and where their rows lie now."""

    table: str
    pieces: tuple[Piece, ...]
    places: tuple[Place, ...]


def plan(snapshots: Sequence[Snapshot], holdings: Holdings) -> list[Group]:
    """What is worth merging; nothing if no table has two small files of one kind.

    Rows of current snapshots are put together, and apart from them those of superseded ones. A file
    that was merged when all of it was current is taken apart once half its rows are not.
    """
    now = {snapshot.snapshot_id for snapshot in current(snapshots)}
    groups: list[Group] = []
    for table in TABLES:
        files = [file for s in snapshots for file in s.files if file.table == table]
        held = {h.file.name: h for h in map(holdings.of, files)}.values()
        open_ = [h for h in held if _is_small(h.file) or _is_stale(h, now)]
        for is_current in (True, False):
            groups += [
                group for group in _packed(table, open_, now, is_current) if not _is_there(group)
            ]
    return groups


def _is_small(file: DataFile) -> bool:
    return file.rows <= _SMALL_ROWS and file.bytes <= _SMALL_BYTES


def _is_stale(holding: Holding, now: set[str]) -> bool:
    """Whether at least half of its rows, but not all, are of superseded snapshots."""
    fresh = sum(piece.rows for piece in holding.pieces if piece.snapshot_id in now)
    return 0 < fresh <= holding.file.rows // 2


def _packed(
    table: str, held: Sequence[Holding], now: set[str], is_current: bool
) -> Iterator[Group]:
    """Pieces of current or of superseded snapshots, as many together as one file may hold."""
    pieces: list[Piece] = []
    places: list[Place] = []
    rows = size = 0
    for holding in held:
        behind = 0
        for piece in holding.pieces:
            share = holding.file.bytes * piece.rows // max(holding.file.rows, 1)
            if (piece.snapshot_id in now) is is_current:
                if pieces and (rows + piece.rows > PART_ROWS or size + share > _MOST_BYTES):
                    yield Group(table, tuple(pieces), tuple(places))
                    pieces, places, rows, size = [], [], 0, 0
                pieces.append(piece)
                places.append((holding.file, behind))
                rows, size = rows + piece.rows, size + share
            behind += piece.rows
    if pieces:
        yield Group(table, tuple(pieces), tuple(places))


def _is_there(group: Group) -> bool:
    """Whether it would be one file again, as it is."""
    (first, _), rows = group.places[0], sum(piece.rows for piece in group.pieces)
    return rows == first.rows and all(file == first for file, _ in group.places)


def write(layout: Layout, folder: Path, groups: Sequence[Group], progress: Progress) -> Compaction:
    """The files of these groups below `folder`, by their names in the lake. Nothing is committed.

    Memory holds one source file and the rows of one row group. Raises: LakeUnusable for a source
    file that is not as committed.
    """
    began = datetime.now(UTC)
    empty = Compaction(stamp(began), began, __version__, SCHEMA_VERSION, pa.__version__, ())
    parts = dict.fromkeys(TABLES, 0)
    merged = []
    for group in groups:
        name = data_name(group.table, empty.compaction_id, parts[group.table])
        parts[group.table] += 1
        rows = _told(_rows(layout, group), progress)
        merged.append(Holding(write_merged(folder, empty, group.table, name, rows), group.pieces))
    return replace(empty, merged=tuple(merged))


def write_merged(
    folder: Path, compaction: Compaction, table: str, name: str, rows: Iterator[pa.Table]
) -> DataFile:
    """One merged file below `folder`; the same rows give the same bytes, however they come."""
    about: dict[str, str | int] = {
        "table": table,
        "schema_version": compaction.schema_version,
        "compaction_id": compaction.compaction_id,
        "tool_version": compaction.tool_version,
    }
    return write_file(folder, table, name, TABLES[table].schema, _row_groups(rows), about)


def read_rows(path: Path, file: DataFile) -> pa.Table:
    """All rows of a file, its bytes compared with what was committed.

    Raises: LakeUnusable.
    """
    if not disk.exists(path):
        raise LakeUnusable(f"{path} is missing; {REBUILD}.")
    with disk.usable(path, "read"):
        raw = path.read_bytes()
    if (len(raw), hashlib.sha256(raw).hexdigest()) != (file.bytes, file.sha256):
        raise LakeUnusable(f"{path} has changed since it was committed; {REBUILD}.")
    # A table read by pq.read_table is a data set first: of small files that is half the time.
    with pq.ParquetFile(pa.BufferReader(raw)) as parquet:
        rows = parquet.read(use_threads=False)
    if not rows.schema.equals(TABLES[file.table].schema):
        raise LakeUnusable(
            f"{path} has other columns than the table {file.table} of this takeoff; install the "
            "takeoff that wrote it, or fetch its model again."
        )
    return rows


def _rows(layout: Layout, group: Group) -> Iterator[pa.Table]:
    """The rows of each piece; neighbours that lie in one file are read with it once."""
    lying = zip(group.pieces, group.places, strict=True)
    for file, those in groupby(lying, key=lambda one: one[1][0]):
        rows = mirror.read(layout, layout.file(file.name), partial(read_rows, file=file))
        yield from (rows.slice(behind, piece.rows) for piece, (_, behind) in those)


def _told(rows: Iterator[pa.Table], progress: Progress) -> Iterator[pa.Table]:
    for piece in rows:
        yield piece
        progress.advance()


def _row_groups(rows: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """The same rows in row groups, each column in one piece."""
    held: list[pa.Table] = []
    count = 0
    for piece in rows:
        held.append(piece)
        count += piece.num_rows
        if count >= ROW_GROUP:
            joined, whole = pa.concat_tables(held), count - count % ROW_GROUP
            for at in range(0, whole, ROW_GROUP):
                yield joined.slice(at, ROW_GROUP).combine_chunks()
            held, count = [joined.slice(whole)], count - whole
    if count:
        yield pa.concat_tables(held).combine_chunks()


def commit(layout: Layout, run: Run, made: Compaction, groups: Sequence[Group]) -> None:
    """Make the files of `made`, which lie in the run's folder, those that readers read.

    Raises: TryLater if another compaction has put some of the rows elsewhere meanwhile;
    LakeUnusable. Nothing is committed then.
    """
    published: list[Path] = []
    try:
        for holding in made.merged:
            target = layout.file(holding.file.name)
            disk.make_folder(target.parent)
            disk.publish(run.folder / holding.file.name, target)
            published.append(target)
        for folder in sorted({path.parent for path in published}):
            disk.sync_folder(folder)
        mirror.send(layout, published)
        disk.make_folder(layout.compactions)
        prepared = run.folder / f"{made.compaction_id}.json"
        disk.write_file(prepared, compaction.to_bytes(made))
        while not _is_first(layout, prepared, groups):
            pass
    except BaseException:
        if _is_absent(layout, made):
            mirror.remove(layout, published)
        raise
    disk.sync_folder(layout.compactions)


def _is_first(layout: Layout, prepared: Path, groups: Sequence[Group]) -> bool:
    """Whether the compaction is committed now; if not, another one has taken the next number."""
    target = compaction.next_manifest(layout)
    # Those before that number are read after it was chosen: none of them is overlooked.
    holder = compaction.read_holdings(layout).holder
    for group in groups:
        for piece, (file, _) in zip(group.pieces, group.places, strict=True):
            if holder(piece.name) != file.name:
                raise TryLater(
                    "Another takeoff compact was quicker with some of the same files; run it "
                    "again for what is left. Nothing was committed."
                )
    try:
        mirror.create(layout, prepared, target)
    except LakeUnusable:
        if not all(mirror.are_there(layout, [target])):
            raise
        return False
    return True


def _is_absent(layout: Layout, made: Compaction) -> bool:
    """Whether the compaction is surely not committed; False in doubt."""
    try:
        paths = compaction.manifests(layout)
        known = [mirror.read(layout, path, compaction.read) for path in paths]
    except (LakeUnusable, TryLater):
        return False
    return all(one.compaction_id != made.compaction_id for one in known)
