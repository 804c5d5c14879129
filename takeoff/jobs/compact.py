"""Compact: small files of many snapshots become a few larger ones; the old ones stay for a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import pyarrow as pa

from takeoff.config import Settings
from takeoff.core.progress import Progress
from takeoff.core.results import Result, listing
from takeoff.lake import index
from takeoff.lake.compaction import read_holdings
from takeoff.lake.layout import Layout, open_layout
from takeoff.lake.merging import Group, commit, plan, write
from takeoff.lake.reader import read_snapshots
from takeoff.lake.work import Run

# Files that one commit takes: their names are some 5 MB.
_MOST_FILES = 100_000
_MEANINGS = {
    "table": "the table whose files were merged",
    "files_before": "files that held its rows, and are not read any more",
    "files_after": "files that hold the same rows now",
    "rows": "rows in them",
    "bytes_before": "bytes of the files that are not read any more",
    "bytes_after": "bytes of those that are read now",
}


class Compacted(NamedTuple):
    """What was merged, a row a table, and the same in a sentence."""

    result: Result
    sentence: str


def compact(settings: Settings, progress: Progress) -> Compacted:
    """Merge the small files of each table, where there are any; no row and no figure changes.

    Raises: TryLater if another compaction was quicker; LakeUnusable if a file is not as committed.
    What was merged before that stays merged.
    """
    layout = open_layout(settings.lake_path())
    groups = plan(read_snapshots(layout), read_holdings(layout))
    progress.step("Merging files", sum(len(group.pieces) for group in groups))
    rows = [row for batch in _batches(groups) for row in _merge(layout, batch, progress)]
    with Run(layout) as run:
        index.renew(layout, run.folder)
    types = {"table": pa.string()}
    schema = pa.schema([(name, types.get(name, pa.int64())) for name in _MEANINGS])
    table = pa.Table.from_pylist(rows, schema)
    return Compacted(listing("Merged files", table, _MEANINGS), _sentence(rows))


def _batches(groups: Sequence[Group]) -> Iterator[list[Group]]:
    """Whole tables, for all rows of a file are to be taken at once; few enough for a manifest."""
    batch: list[Group] = []
    for _, of_table in groupby(groups, key=lambda group: group.table):
        more = list(of_table)
        if batch and _pieces(batch) + _pieces(more) > _MOST_FILES:
            yield batch
            batch = []
        batch += more
    if batch:
        yield batch


def _pieces(groups: Sequence[Group]) -> int:
    return sum(len(group.pieces) for group in groups)


def _merge(
    layout: Layout, groups: Sequence[Group], progress: Progress
) -> Iterator[dict[str, str | int]]:
    with Run(layout) as run:
        made = write(layout, run.folder, groups, progress)
        commit(layout, run, made, groups)
    pairs = zip(groups, made.merged, strict=True)
    for table, of_table in groupby(pairs, key=lambda pair: pair[0].table):
        those = list(of_table)
        before = {file.name: file.bytes for group, _ in those for file, _ in group.places}
        after = [merged.file for _, merged in those]
        yield {
            "table": table,
            "files_before": len(before),
            "files_after": len(after),
            "rows": sum(file.rows for file in after),
            "bytes_before": sum(before.values()),
            "bytes_after": sum(file.bytes for file in after),
        }


def _sentence(rows: Sequence[dict[str, str | int]]) -> str:
    if not rows:
        return "There are no small files to merge; they stay as they are."
    before, after = (
        sum(int(row[name]) for row in rows) for name in ("files_before", "files_after")
    )
    return (
        f"{before:,} files were merged into {after:,}. The old ones stay, for readers that are "
        "open; remove them later with: takeoff expire"
    )
