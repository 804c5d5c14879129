"""Expire: files whose rows were merged into others go, once no open reader can want them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pyarrow as pa

from takeoff.config import Settings
from takeoff.core.errors import LakeUnusable
from takeoff.core.progress import Progress
from takeoff.core.refs import DataFile
from takeoff.core.results import Result, listing
from takeoff.lake import disk, mirror
from takeoff.lake.compaction import Holdings, read_holdings
from takeoff.lake.layout import Layout, open_layout
from takeoff.lake.reader import read_snapshots
from takeoff.lake.verify import REBUILD, content_fault

GRACE = timedelta(days=7)

_SCHEMA = pa.schema(
    [
        ("table", pa.string()),
        ("outcome", pa.string()),
        ("files", pa.int64()),
        ("bytes", pa.int64()),
        ("merged_at", pa.timestamp("us", tz="UTC")),
    ]
)
_MEANINGS = {
    "table": "the table whose files these are",
    "outcome": "removed, to be removed (with --dry-run), or kept (merged too recently)",
    "files": "files whose rows were merged into others",
    "bytes": "bytes of these files",
    "merged_at": "when the newest of them was merged",
}


class Expired(NamedTuple):
    """What was removed and what was kept, and the same in a sentence."""

    result: Result
    sentence: str


@dataclass(frozen=True)
class _Old:
    file: DataFile
    merged_at: datetime


def expire(
    settings: Settings, progress: Progress, older_than: timedelta = GRACE, *, dry_run: bool = False
) -> Expired:
    """Remove the files that were merged into others at least so long ago, and are not read since.

    Snapshots stay, superseded ones too. One row a table and outcome; files that are gone are not
    counted. Raises: LakeUnusable, before anything is removed, if a file that holds their rows now
    is not as committed; also if one cannot be removed.
    """
    layout = open_layout(settings.lake_path())
    holdings = read_holdings(layout)
    snapshots = read_snapshots(layout)
    replaced = [_Old(file, since.made_at) for file, since in holdings.replaced(snapshots)]
    are_there = mirror.are_there(layout, [layout.file(one.file.name) for one in replaced])
    old = [one for one, is_there in zip(replaced, are_there, strict=True) if is_there]
    until = datetime.now(UTC) - older_than
    due = [one for one in old if one.merged_at <= until]
    kept = [one for one in old if one.merged_at > until]
    if due:
        _require_merged(layout, holdings, progress)
    if not dry_run:
        _remove(layout, due, progress)
    done = "to be removed" if dry_run else "removed"
    rows = [*_rows(due, done), *_rows(kept, "kept")]
    table = pa.Table.from_pylist(rows, _SCHEMA)
    return Expired(listing("Expired files", table, _MEANINGS), _sentence(due, kept, done))


def _require_merged(layout: Layout, holdings: Holdings, progress: Progress) -> None:
    """What is harmed can be put right from the files that it was made of."""
    merged = holdings.merged()
    progress.step("Checking merged files", len(merged))
    for holding in merged:
        path = layout.file(holding.file.name)
        with mirror.judged(layout, path) as there:
            what = content_fault(there, holding.file)
        if what is not None:
            raise LakeUnusable(f"{layout.shown(path)} {what}. Nothing was removed; {REBUILD}.")
        progress.advance()


def _remove(layout: Layout, due: Sequence[_Old], progress: Progress) -> None:
    progress.step("Removing files", len(due))
    for one in due:
        path = layout.file(one.file.name)
        if layout.remote is None:
            disk.remove(path)
        else:
            mirror.remove(layout, [path])
        progress.advance()


def _rows(old: Iterable[_Old], outcome: str) -> list[Mapping[str, object]]:
    by_table: dict[str, list[_Old]] = {}
    for one in old:
        by_table.setdefault(one.file.table, []).append(one)
    return [
        {
            "table": table,
            "outcome": outcome,
            "files": len(those),
            "bytes": sum(one.file.bytes for one in those),
            "merged_at": max(one.merged_at for one in those),
        }
        for table, those in by_table.items()
    ]


def _sentence(due: Sequence[_Old], kept: Sequence[_Old], done: str) -> str:
    told = []
    for those, word in ((due, done), (kept, "kept, as they were merged too recently")):
        if those:
            size = sum(one.file.bytes for one in those)
            told.append(f"{len(those):,} files ({size:,} bytes) {word}")
    return (
        f"{'; '.join(told)}." if told else "No file was merged into another; nothing was removed."
    )
