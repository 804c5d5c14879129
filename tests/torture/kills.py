"""Processes killed at random moments: the lake ends as if nothing had happened, and nobody ever
sees half of anything.
"""

from __future__ import annotations

import hashlib
import random
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from going_on import asked, got, must_not_repeat, turn
from made_up import commit, model, tree
from vendors_under_test import VENDORS, Vendor, left_over, walls

from takeoff.config import Settings
from takeoff.core.progress import Quiet
from takeoff.core.refs import Snapshot
from takeoff.jobs.fetch import IfcOptions, fetch_ifc
from takeoff.lake.layout import open_layout
from takeoff.lake.reader import files, read_snapshots
from takeoff.lake.verify import verify
from takeoff.sandbox import Running, Sandbox

from .killing import Job, Victims
from .tally import Part, Sizes, Tally, each
from .watcher import Watcher

PRODUCTS = 25
_SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
_IFC = _SAMPLE / "Lindenhof_structure.ifc"
_PHASES = ("ask", "ask", "decode", "commit", "end")
# What is not the same in two snapshots of one model: ids of ours and of operations, and moments.
_OWN = ("snapshot_id", "operation_id", "fetched_at")


def digest(lake: Path, snapshot: Snapshot) -> str:
    """One hash over all rows of a snapshot, but for what differs from one fetch to the next."""
    told = hashlib.sha256()
    for table, paths in files(open_layout(lake), [snapshot]).items():
        if table == "evidence":
            continue
        for path in paths:
            frame = pl.read_parquet(path)
            told.update(table.encode())
            told.update(frame.drop([n for n in _OWN if n in frame.columns]).write_csv().encode())
    return told.hexdigest()


@dataclass(frozen=True)
class _Source:
    """A vendor, or IFC files: how it is fetched, what comes undisturbed and how long that takes."""

    job: Job
    vendor: Vendor | None
    digest: str
    phases: Mapping[str, float]


class _Fetches:
    """Fetches from all sources that are killed and taken up again."""

    def __init__(self, victims: Victims, running: Running, folder: Path) -> None:
        self._victims, self._running, self._folder = victims, running, folder
        services = [self._source(self._job(vendor), vendor) for vendor in VENDORS]
        self._sources = [*services, self._source({"verb": "fetch_ifc", "file": str(_IFC)}, None)]

    def once(self, seed: int) -> str:
        """One kill, and what must be true before and after the next fetch."""
        chance = random.Random(seed)
        source = chance.choice(self._sources)
        phase = chance.choice(_PHASES)
        lake = self._folder / f"lake-{seed}"
        open_layout(lake, create=True)
        job = {**source.job, "lake": str(lake), "parallel": chance.choice((1, 8))}
        with Watcher(open_layout(lake)):
            self._turn(source)
            after_s = chance.uniform(0, 0.8) * source.phases[phase]
            was_killed = self._victims.kill(job, phase, after_s)
            if read_snapshots(open_layout(lake)):
                self._must_be_asked_anew(source, lake, job)
                ending = "committed before"
            else:
                self._must_go_on(source, lake, job)
                ending = f"killed in {phase}"
        shutil.rmtree(lake)
        return ending if was_killed else "ended before"

    def _must_go_on(self, source: _Source, lake: Path, job: Job) -> None:
        before, first = got(lake), self._pages(source)
        # The switches stay as they are: a service does not change because its client was killed.
        self._running.forget()
        self._victims.whole(job)
        self._must_be_whole(source, lake, 1)
        if source.vendor is not None:
            must_not_repeat(self._running, source.vendor, before)
            twice = sum((first & self._pages(source)).values())
            assert twice <= job["parallel"], f"{twice} pages were asked twice"
            assert left_over(lake) == [], "a work folder is left"

    def _must_be_asked_anew(self, source: _Source, lake: Path, job: Job) -> None:
        """What is committed stands; the next fetch is another one, not the same answers again."""
        self._must_be_whole(source, lake, 1)
        self._turn(source)
        self._victims.whole(job)
        if source.vendor is not None:
            self._must_be_whole(source, lake, 2)
            assert self._pages(source), "answers of a fetch that had ended were taken for new"

    def _must_be_whole(self, source: _Source, lake: Path, count: int) -> None:
        snapshots = read_snapshots(open_layout(lake))
        assert len(snapshots) == count, f"{len(snapshots)} snapshots instead of {count}"
        for snapshot in snapshots:
            assert digest(lake, snapshot) == source.digest, "other rows than undisturbed"
        report = verify(open_layout(lake))
        assert report.is_sound, f"{report.findings}"

    def _pages(self, source: _Source) -> Counter[Any]:
        """How often each page was asked for since the last turn."""
        if source.vendor is None:
            return Counter()
        seen = asked(self._running, source.vendor)
        return Counter(wire for one, wire in seen if one.endpoint == source.vendor.pages)

    def _turn(self, source: _Source) -> None:
        self._running.forget()
        if source.vendor is not None:
            turn(self._running, **source.vendor.many)

    def _job(self, vendor: Vendor) -> Job:
        service = self._running.at(vendor.name)
        access = {"base_url": service.base_url, "token": service.token}
        return {"verb": "fetch", "vendor": vendor.name, **access}

    def _source(self, job: Job, vendor: Vendor | None) -> _Source:
        """Fetched once, undisturbed."""
        lake = self._folder / f"clean-{job['verb']}-{job.get('vendor')}"
        if vendor is not None:
            turn(self._running, **vendor.many)
        job = {**job, "lake": str(lake), "parallel": 8}
        phases = self._victims.whole(job)
        [snapshot] = read_snapshots(open_layout(lake))
        return _Source(job, vendor, digest(lake, snapshot), phases)


def _fetch(seeds: Sequence[int], folder: Path) -> Tally:
    walls(PRODUCTS).commit(folder / "served")
    with Victims() as victims, Sandbox(open_layout(folder / "served")).start() as running:
        return each(seeds, _Fetches(victims, running, folder).once)


def _commit(seeds: Sequence[int], folder: Path) -> Tally:
    """All kills hit writers of one lake, that one watcher reads."""
    layout, told, rows = open_layout(folder / "lake", create=True), folder / "told", 3_000
    job = {"verb": "commit", "lake": str(layout.root), "told": str(told)}
    job |= {"commits": 100, "rows": rows}

    def once(seed: int) -> str:
        was_killed = victims.kill(job, "commit", random.Random(seed).uniform(0.02, 0.4))
        snapshots = read_snapshots(layout)
        said = set(told.read_text().split()) if told.exists() else set()
        assert said <= {s.snapshot_id for s in snapshots}, "a commit was lost"
        assert [s.sequence for s in snapshots] == list(range(1, len(snapshots) + 1))
        assert all(s.rows("elements") == s.rows("quantities") == rows for s in snapshots)
        return "killed" if was_killed else "ended before"

    with Victims() as victims, Watcher(layout) as watcher:
        tally = each(seeds, once)
        watcher.look()
    report = verify(layout)
    if not report.is_sound:
        tally.findings.append(f"afterwards: {report.findings}")
    if commit(layout, model(10)).sequence != len(watcher.seen) + 1:
        tally.findings.append("afterwards: the next commit has not the next number")
    tally.ended[f"commits, {watcher.looks:,} looks"] += len(watcher.seen)
    return tally


def _rebuild(seeds: Sequence[int], folder: Path) -> Tally:
    """Of one lake: before each rebuild one or two files are lost or cut, afterwards it is equal."""
    lake = folder / "lake"
    settings, options = Settings(lake=lake), IfcOptions(geometry=False)
    [fetched] = fetch_ifc(settings, [_IFC], options, Quiet())
    assert fetched.snapshot is not None, fetched.error
    names = [file.name for file in fetched.snapshot.files]
    whole = tree(lake)
    job = {"verb": "rebuild", "lake": str(lake)}

    def once(seed: int) -> str:
        chance = random.Random(seed)
        harmed = {name: _harm(lake / name, chance) for name in chance.sample(names, 2)}
        was_killed = victims.kill(job, "rebuild", chance.uniform(0, 0.9) * lasts_s)
        for name, sha256 in _committed(lake).items():
            assert sha256 in (whole[name], harmed.get(name)), f"{name} is neither old nor new"
        victims.whole(job)
        assert _committed(lake) == whole, "other bytes than undisturbed"
        shutil.rmtree(lake / "work")
        return "killed" if was_killed else "ended before"

    with Victims() as victims:
        lasts_s = victims.whole(job)["rebuild"]
        return each(seeds, once)


def _harm(path: Path, chance: random.Random) -> str | None:
    """Lose the file or cut it; the sha256 of what is left."""
    content = path.read_bytes()
    path.unlink()
    if chance.random() < 0.5:
        return None
    path.write_bytes(content[: chance.randrange(len(content))])
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _committed(lake: Path) -> dict[str, str]:
    return {name: sha256 for name, sha256 in tree(lake).items() if not name.startswith("work")}


PARTS = (
    Part(
        "kills of fetches",
        "rows equal by hash to an undisturbed fetch, nothing half seen, no answer that was kept "
        "asked for again, and of those under way no more than are asked at once",
        Sizes(few=1, short=30, full=300),
        _fetch,
    ),
    Part(
        "kills of commits",
        "no commit lost, all that a reader saw whole",
        Sizes(few=1, short=10, full=100),
        _commit,
    ),
    Part(
        "kills of rebuilds",
        "each file as committed or as it was harmed; after the next rebuild the same bytes",
        Sizes(few=1, short=10, full=100),
        _rebuild,
    ),
)
