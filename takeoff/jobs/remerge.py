"""Files that were merged, put right: out of the very rows that they were made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from takeoff.core.errors import LakeUnusable
from takeoff.core.refs import DataFile, Snapshot
from takeoff.lake import disk, mirror
from takeoff.lake.compaction import Compaction, Holding, Holdings
from takeoff.lake.layout import Layout
from takeoff.lake.merging import read_rows, write_merged
from takeoff.lake.verify import content_fault
from takeoff.lake.work import Run
from takeoff.lake.writer import restore

# Decodes a snapshot again; the folder that has its files, by their names in the lake.
Decode = Callable[[Run, Snapshot], Path]


def remerge(
    layout: Layout,
    holdings: Holdings,
    snapshots: Sequence[Snapshot],
    wanted: Sequence[Snapshot],
    decode: Decode,
) -> Iterator[tuple[DataFile, str]]:
    """Every merged file with rows of the `wanted` snapshots, and its outcome: same or restored.

    Rows come from the files that were merged; where one is gone or harmed, `decode` makes it again.
    Raises: LakeUnusable if other bytes come out.
    """
    ids = {snapshot.snapshot_id for snapshot in wanted}
    for holding in holdings.merged():
        if not any(piece.snapshot_id in ids for piece in holding.pieces):
            continue
        with mirror.judged(layout, layout.file(holding.file.name)) as there:
            is_sound = content_fault(there, holding.file) is None
        if is_sound:
            yield holding.file, "same"
        else:
            _restore(layout, holding, holdings.made_by(holding), snapshots, decode)
            yield holding.file, "restored"


def _restore(
    layout: Layout,
    holding: Holding,
    made: Compaction,
    snapshots: Sequence[Snapshot],
    decode: Decode,
) -> None:
    with Run(layout) as run:
        rows = _rows(layout, run, holding, snapshots, decode)
        again = run.folder / "merged"
        file = write_merged(again, made, holding.file.table, holding.file.name, rows)
        if file != holding.file:
            raise LakeUnusable(
                f"{layout.file(file.name)} comes out with other bytes (pyarrow {made.pyarrow} "
                f"then, {pa.__version__} now); nothing was changed: use the version of then."
            )
        restore(layout, again, [file])


def _rows(
    layout: Layout,
    run: Run,
    holding: Holding,
    snapshots: Sequence[Snapshot],
    decode: Decode,
) -> Iterator[pa.Table]:
    """The rows of each piece, in their order."""
    committed = {file.name: (file, s) for s in snapshots for file in s.files}
    decoded: set[str] = set()
    for piece in holding.pieces:
        if piece.name not in committed:
            raise LakeUnusable(
                f"{layout.file(holding.file.name)} holds rows of {piece.snapshot_id}, which has no "
                "manifest; bring that back from a copy of the lake."
            )
        file, snapshot = committed[piece.name]
        path = layout.file(file.name)
        if not mirror.bring(layout, path) or content_fault(path, file) is not None:
            path = run.folder / file.name
            if snapshot.snapshot_id not in decoded:
                _decode(layout, run, snapshot, decode)
                decoded.add(snapshot.snapshot_id)
        yield read_rows(path, file)


def _decode(layout: Layout, run: Run, snapshot: Snapshot, decode: Decode) -> None:
    """All files of the snapshot into the run's folder; decoders want a folder of their own."""
    with Run(layout) as own:
        folder = decode(own, snapshot)
        for file in snapshot.files:
            target = run.folder / file.name
            disk.make_scratch(target.parent)
            disk.replace(folder / file.name, target)
