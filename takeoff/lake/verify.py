"""Is everything there that the manifests name, as it was committed? Nothing is changed.

Every file is read whole each time: nothing that an earlier check or question found is trusted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from takeoff.core.errors import InputRefused, LakeUnusable
from takeoff.core.progress import Progress, Quiet
from takeoff.core.refs import DataFile, Evidence, Snapshot
from takeoff.core.tables import TABLES
from takeoff.lake import compaction, disk, evidence, manifest, mirror
from takeoff.lake.compaction import Compaction, Holdings
from takeoff.lake.layout import Layout
from takeoff.lake.reader import manifests
from takeoff.lake.work import runs

DAMAGE = "damage"
NOTE = "note"

REBUILD = "run takeoff rebuild, or bring the file back from a copy of the lake"
_COPY = "bring the file back from a copy of the lake"
_MENDS = (
    "run takeoff rebuild if this machine has a copy of it, or bring it back from a copy of the "
    "lake, or fetch the same model again"
)
_REWRITTEN = "says what was committed, but in other bytes"
_UNUSED = "nothing, or delete it while no fetch is running"
_MERGED = "nothing, or takeoff expire, which removes them"
_UNNAMED = f"{_UNUSED}; if a snapshot is missing, put its manifest back in snapshots/ instead"


@dataclass(frozen=True)
class Finding:
    """`severity` is `damage` (something committed is not as it was) or `note` (a leftover).

    `file` is a path, or an object's URL.
    """

    severity: str
    file: Path | str
    what: str
    what_to_do: str


@dataclass(frozen=True)
class Report:
    """What was checked, and what was found, damage first."""

    snapshots: int
    files: int
    evidence: int
    bytes: int
    findings: tuple[Finding, ...]

    @property
    def is_sound(self) -> bool:
        """Nothing committed is missing or changed; leftovers do not count."""
        return all(finding.severity != DAMAGE for finding in self.findings)


def verify(layout: Layout, progress: Progress | None = None) -> Report:
    """Read the whole lake and compare it with its manifests.

    Files: there, size, sha256, rows by the footer, schema by core.tables. Evidence: there, and its
    content's sha256; the original, if it was not copied. Leftovers of killed runs are notes, and so
    are files whose rows were merged into others, while they are there. Of an object store every
    object is fetched, one at a time; the copies on this machine do not count.
    Raises: LakeUnusable if the lake's own folders cannot be listed; TryLater.
    """
    progress = Quiet() if progress is None else progress
    # What lies there is listed before the manifests are read, so that what is committed meanwhile
    # is not taken for a leftover.
    lying = [*mirror.lying(layout, layout.data), *mirror.lying(layout, layout.evidence)]
    paths = manifests(layout)
    compactions, harmed = _compactions(layout)
    snapshots, damaged = _read(layout, paths)
    damaged += harmed
    holdings = Holdings(compactions)
    files = read_files(holdings, snapshots)
    kept = {(item.sha256, item.location): item for s in snapshots for item in s.evidence}
    findings = [
        *damaged,
        *_check_files(layout, files, progress),
        *_check_evidence(layout, list(kept.values()), progress),
        # While a manifest cannot be read, nobody can say what it names.
        *_leftovers(layout, snapshots, compactions, lying if not damaged else ()),
        *_replaced(layout, snapshots, holdings),
    ]
    return Report(
        snapshots=len(paths),
        files=len(files),
        evidence=len(kept),
        bytes=sum(file.bytes for file in files) + sum(item.bytes for item in kept.values()),
        findings=tuple(sorted(findings, key=lambda finding: finding.severity != DAMAGE)),
    )


def read_files(holdings: Holdings, snapshots: Sequence[Snapshot]) -> list[DataFile]:
    """The Parquet files that hold the rows of these snapshots, each once."""
    held = (holdings.of(file).file for snapshot in snapshots for file in snapshot.files)
    return list({file.name: file for file in held}.values())


def first_harmed(
    layout: Layout, files: Iterable[DataFile], *, footers_only: bool = False
) -> Finding | None:
    """The first of these Parquet files that is not as committed; null if all are.

    With `footers_only` what lies between a file's ends is not read, so that it is quick. Files that
    were not brought from a remote are none of those that anybody has read.
    """
    fault = _end_fault if footers_only else _fault
    for file in files:
        path = layout.file(file.name)
        if layout.remote is not None and not disk.exists(path):
            continue
        what = fault(path, file)
        if what is not None:
            return Finding(DAMAGE, path, what, REBUILD)
    return None


def _read(layout: Layout, paths: Sequence[Path]) -> tuple[list[Snapshot], list[Finding]]:
    snapshots, damaged = [], []
    for path in paths:
        try:
            with mirror.judged(layout, path) as there:
                snapshots.append(manifest.read(there))
                if not manifest.is_as_written(there):
                    damaged.append(Finding(DAMAGE, layout.shown(path), _REWRITTEN, _COPY))
        except LakeUnusable as error:
            damaged.append(_harmed(layout, path, error))
    return snapshots, damaged


def _compactions(layout: Layout) -> tuple[list[Compaction], list[Finding]]:
    """In their order. Without one that cannot be read, its files stand for nothing."""
    found, damaged = [], []
    for path in compaction.manifests(layout):
        try:
            with mirror.judged(layout, path) as there:
                found.append(compaction.read(there))
        except LakeUnusable as error:
            damaged.append(_harmed(layout, path, error))
    return found, damaged


def _check_files(
    layout: Layout, files: Sequence[DataFile], progress: Progress
) -> Iterator[Finding]:
    progress.step("Checking tables", len(files))
    for file in files:
        path = layout.file(file.name)
        with mirror.judged(layout, path) as there:
            what = _fault(there, file)
        if what is not None:
            yield Finding(DAMAGE, layout.shown(path), what, REBUILD)
        progress.advance()


def content_fault(path: Path, file: DataFile) -> str | None:
    """What is wrong with the bytes of a data file, as the end of a sentence; None if nothing is."""
    try:
        if not disk.exists(path):
            return "is missing"
        size, sha256 = disk.measure(path)
        if size != file.bytes:
            return f"has {size} bytes, {file.bytes} were committed"
    except LakeUnusable as error:
        return f"cannot be read: {disk.reason(error)}"
    if sha256 != file.sha256:
        return "has changed since it was committed: its sha256 is another"
    return None


def _fault(path: Path, file: DataFile) -> str | None:
    """What is wrong with a Parquet file, its bytes or its rows and columns, as `content_fault`."""
    return content_fault(path, file) or _end_fault(path, file)


def _end_fault(path: Path, file: DataFile) -> str | None:
    """What is wrong with the footer, as `content_fault`."""
    try:
        with disk.usable(path, "read"):
            footer = pq.read_metadata(path)
        return _footer_fault(footer, file)
    except LakeUnusable as error:
        return f"cannot be read: {disk.reason(error)}"
    # A footer with a wrong bit may name types or characters that there are not.
    except (pa.ArrowException, ValueError) as error:
        return f"is no Parquet file: {error}"


def _footer_fault(footer: pq.FileMetaData, file: DataFile) -> str | None:
    if footer.num_rows != file.rows:
        return f"has {footer.num_rows} rows, its manifest says {file.rows}"
    if not footer.schema.to_arrow_schema().equals(TABLES[file.table].schema):
        return f"has other columns than the table {file.table}"
    return None


def _check_evidence(
    layout: Layout, kept: Sequence[Evidence], progress: Progress
) -> Iterator[Finding]:
    progress.step("Checking evidence", len(kept))
    for item in kept:
        try:
            evidence.check(layout, item)
        except (InputRefused, LakeUnusable) as error:
            if item.location is not None:
                yield _damage(Path(item.location), error)
            else:
                yield _harmed(layout, layout.stored(item.sha256), error)
        progress.advance()


def _harmed(layout: Layout, path: Path, error: InputRefused | LakeUnusable) -> Finding:
    """A manifest or evidence, of which another machine may have a copy."""
    found = _damage(path, error)
    if layout.remote is None:
        return found
    return replace(found, file=layout.shown(path), what_to_do=_MENDS)


def _damage(path: Path, error: InputRefused | LakeUnusable) -> Finding:
    # The lake's sentences say what is wrong and, behind the last semicolon, what to do.
    what, _, what_to_do = str(error).rpartition("; ")
    return Finding(DAMAGE, path, what, what_to_do.removesuffix("."))


def _leftovers(
    layout: Layout,
    snapshots: Sequence[Snapshot],
    compactions: Sequence[Compaction],
    lying: Iterable[Path],
) -> Iterator[Finding]:
    """What no manifest names, and the folders of runs."""
    named = {layout.file(file.name) for snapshot in snapshots for file in snapshot.files}
    named |= {layout.file(one.file.name) for made in compactions for one in made.merged}
    named |= {layout.stored(item.sha256) for snapshot in snapshots for item in snapshot.evidence}
    for path in lying:
        if path not in named:
            yield Finding(NOTE, layout.shown(path), "is named by no manifest", _UNNAMED)
    for run in runs(layout):
        if run.alive:
            yield Finding(NOTE, run.folder, "belongs to a fetch that is running", "nothing")
        else:
            yield Finding(NOTE, run.folder, "was left by a fetch that was killed", _UNUSED)


def _replaced(
    layout: Layout, snapshots: Sequence[Snapshot], holdings: Holdings
) -> Iterator[Finding]:
    """What was merged into other files and still lies there, told in one line for each table."""
    there: dict[Path, list[int]] = {}
    replaced = [file for file, _ in holdings.replaced(snapshots)]
    paths = [layout.file(file.name) for file in replaced]
    for file, path, is_there in zip(replaced, paths, mirror.are_there(layout, paths), strict=True):
        if is_there:
            there.setdefault(path.parent, []).append(file.bytes)
    for folder, sizes in there.items():
        what = f"holds {len(sizes):,} files ({sum(sizes):,} bytes) whose rows were merged"
        yield Finding(NOTE, layout.shown(folder), what, _MERGED)
