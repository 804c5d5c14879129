"""Compactions and expiries killed at random moments: no row is lost, moved or there twice."""

from __future__ import annotations

import hashlib
import random
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl
from made_up import commit, model, tree

from takeoff.lake import compaction
from takeoff.lake.layout import Layout, open_layout
from takeoff.lake.reader import read_snapshots
from takeoff.lake.verify import verify

from .killing import Victims
from .tally import Part, Sizes, Tally, each

_MODELS, _REVISIONS = 8, 3
_TABLES = ("elements", "quantities")


def rows_read(layout: Layout) -> dict[str, str]:
    """One hash over the rows that a reader sees of each snapshot, as it is told where they lie."""
    found = {}
    for snapshot in read_snapshots(layout):
        told = hashlib.sha256()
        for table in _TABLES:
            lying = compaction.read_holdings(layout).rows(table, [snapshot]).every_file
            frames = [pl.read_parquet(layout.file(file.name)) for file in lying]
            rows = pl.concat(frames).filter(pl.col("snapshot_id") == snapshot.snapshot_id)
            told.update(rows.sort("element_no").write_csv().encode())
        found[snapshot.snapshot_id] = told.hexdigest()
    return found


class _Lake:
    """A lake of small files, what its readers see, and how long its compaction lasts."""

    def __init__(self, victims: Victims, folder: Path, *, is_merged: bool) -> None:
        self.layout = open_layout(folder / "whole", create=True)
        for revision in range(_REVISIONS):
            for number in range(_MODELS):
                commit(self.layout, model(50 + number + revision), f"m{number}")
        if is_merged:
            victims.whole({"verb": "compact", "lake": str(self.layout.root)})
        self.rows = rows_read(self.layout)
        self.files = tree(self.layout.root)

    def copied(self, folder: Path) -> Layout:
        return open_layout(shutil.copytree(self.layout.root, folder))


def _compact(seeds: Sequence[int], folder: Path) -> Tally:
    def once(seed: int) -> str:
        chance = random.Random(seed)
        layout = lake.copied(folder / f"lake-{seed}")
        job = {"verb": "compact", "lake": str(layout.root)}
        phase = chance.choice(("merge", "commit", "commit", "end"))
        was_killed = victims.kill(job, phase, chance.uniform(0, 0.9) * phases[phase])
        is_committed = bool(compaction.manifests(layout))
        _must_be_as_before(lake, layout)
        victims.whole(job)
        _must_be_as_before(lake, layout)
        assert len(compaction.manifests(layout)) == 1, "merged twice, or not at all"
        shutil.rmtree(layout.root)
        ending = "committed before" if is_committed else f"killed in {phase}"
        return ending if was_killed else "ended before"

    with Victims() as victims:
        lake = _Lake(victims, folder, is_merged=False)
        trial = {"verb": "compact", "lake": str(lake.copied(folder / "trial").root)}
        phases = victims.whole(trial)
        return each(seeds, once)


def _must_be_as_before(lake: _Lake, layout: Layout) -> None:
    """Every row is read once, and every file that was committed is there as it was."""
    assert rows_read(layout) == lake.rows, "other rows than before"
    files = tree(layout.root)
    assert {name: files.get(name) for name in lake.files} == lake.files, "a file is another"
    report = verify(layout)
    assert report.is_sound, f"{report.findings}"


def _expire(seeds: Sequence[int], folder: Path) -> Tally:
    def once(seed: int) -> str:
        chance = random.Random(seed)
        layout = lake.copied(folder / f"lake-{seed}")
        job = {"verb": "expire", "lake": str(layout.root)}
        was_killed = victims.kill(job, "remove", chance.uniform(0, 0.9) * phases["remove"])
        left = _must_be_without(lake, layout, replaced)
        victims.whole(job)
        assert _must_be_without(lake, layout, replaced) == 0, "not all of them went"
        shutil.rmtree(layout.root)
        return f"killed with {'some' if left else 'none'} left" if was_killed else "ended before"

    with Victims() as victims:
        lake = _Lake(victims, folder, is_merged=True)
        holdings = compaction.read_holdings(lake.layout)
        replaced = {file.name for file, _ in holdings.replaced(read_snapshots(lake.layout))}
        trial = {"verb": "expire", "lake": str(lake.copied(folder / "trial").root)}
        phases = victims.whole(trial)
        return each(seeds, once)


def _must_be_without(lake: _Lake, layout: Layout, replaced: set[str]) -> int:
    """Nothing but what was merged may be gone; how many of those files are still there."""
    assert rows_read(layout) == lake.rows, "other rows than before"
    files: Mapping[str, str] = tree(layout.root)
    kept = {name: sha256 for name, sha256 in lake.files.items() if name not in replaced}
    assert {name: files.get(name) for name in kept} == kept, "a file that is read is another"
    report = verify(layout)
    assert report.is_sound, f"{report.findings}"
    return len(replaced & files.keys())


PARTS = (
    Part(
        "kills of compactions",
        "every row read once, every committed file as it was; the next compaction goes through",
        Sizes(few=1, short=10, full=100),
        _compact,
    ),
    Part(
        "kills of expiries",
        "every row read once, nothing gone that is read; the next expiry removes the rest",
        Sizes(few=1, short=10, full=100),
        _expire,
    ),
)
