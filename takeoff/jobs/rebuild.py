"""Rebuild: the same bytes again from the evidence; what is missing or damaged is put back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from takeoff.config import Settings
from takeoff.core.errors import LakeUnusable
from takeoff.core.progress import Progress
from takeoff.core.refs import DataFile, Snapshot
from takeoff.core.results import Result, listing
from takeoff.core.tables import SCHEMA_VERSION
from takeoff.core.version import __version__
from takeoff.jobs.reading import Rules, decoded, libraries, read_rules, to_read
from takeoff.jobs.remerge import remerge
from takeoff.lake import manifest, mirror
from takeoff.lake.compaction import Holdings, read_holdings
from takeoff.lake.evidence import EvidenceStore, is_mended
from takeoff.lake.layout import Layout, open_layout
from takeoff.lake.parts import Identity, PartsWriter
from takeoff.lake.reader import find, read_snapshots
from takeoff.lake.verify import content_fault
from takeoff.lake.work import Run
from takeoff.lake.writer import restore

_MEANINGS = {
    "snapshot_id": "the snapshot that was decoded again; null for a file merged of several",
    "file": "its file, relative to the lake",
    "outcome": "same (as committed), restored (was missing, damaged or unreadable), or merged (its "
    "rows are read from a file merged of several, which is in the list)",
}


def rebuild(settings: Settings, chosen: Sequence[str], progress: Progress) -> Result:
    """Decode the evidence of the chosen snapshots, or of all, and compare with what is committed.

    One row a file. Files that are missing or damaged in the lake are restored, and so are those
    that were merged of them; what was merged into another file stays as it is, or gone. The
    original models are not needed unless they were fetched with --no-copy. On an object store
    manifests and evidence are restored, too, and have a row then, if this machine has copies.
    Raises: LakeUnusable if evidence is missing or the bytes differ, naming what has changed since.
    """
    layout = open_layout(settings.lake_path())
    holdings = read_holdings(layout)
    snapshots = read_snapshots(layout)
    wanted = [find(snapshots, name) for name in chosen] if chosen else snapshots
    rules = read_rules(settings)
    again = _Again(layout, rules, progress)
    rows = [row for one in wanted for row in _rebuild_one(again, one, holdings)]
    rows += [
        {"snapshot_id": None, "file": file.name, "outcome": outcome}
        for file, outcome in remerge(layout, holdings, snapshots, wanted, again.decode)
    ]
    schema = pa.schema([(name, pa.string()) for name in _MEANINGS])
    return listing("Rebuilt from the evidence", pa.Table.from_pylist(rows, schema), _MEANINGS)


@dataclass(frozen=True)
class _Again:
    """Decodes snapshots again, as they were decoded when they were fetched."""

    layout: Layout
    rules: Rules
    progress: Progress

    def decode(self, run: Run, snapshot: Snapshot) -> Path:
        """A folder with all its files. Raises: LakeUnusable if one has other bytes than then."""
        folder = run.folder / "rebuilt"
        parts = PartsWriter(folder, Identity.of(snapshot))
        store = EvidenceStore(self.layout, run)
        options = snapshot.options
        documents = [
            store.lay_out(item, run.folder) for item in to_read(snapshot.evidence, options)
        ]
        vendor = snapshot.ref.vendor
        batches = decoded(vendor, documents, options, self.rules, run, self.progress)
        for table, batch in batches:
            parts.write(table, batch)
        _refuse_other_bytes(snapshot, parts.finish(snapshot.evidence), self.rules)
        return folder


def _rebuild_one(
    again: _Again, snapshot: Snapshot, holdings: Holdings
) -> list[dict[str, str | None]]:
    layout = again.layout
    mended = _mended(layout, snapshot)
    with Run(layout) as run:
        folder = again.decode(run, snapshot)
        own = [file for file in snapshot.files if holdings.holder(file.name) == file.name]
        harmed = [file for file in own if _is_harmed(layout, file)]
        restore(layout, folder, harmed)
    outcomes = {
        file.name: "merged" if file not in own else "restored" if file in harmed else "same"
        for file in snapshot.files
    }
    outcomes |= dict.fromkeys(map(layout.name, mended), "restored")
    return [
        {"snapshot_id": snapshot.snapshot_id, "file": name, "outcome": outcome}
        for name, outcome in outcomes.items()
    ]


def _mended(layout: Layout, snapshot: Snapshot) -> list[Path]:
    """The manifest and evidence, as far as they were harmed and are right by a copy."""
    path = layout.manifest(snapshot.snapshot_id)
    # One that is gone by now is not harmed: somebody has taken it out.
    is_there = all(mirror.are_there(layout, [path]))
    known = [path] if is_there and mirror.is_mended(layout, path, manifest.read) else []
    pieces = [item for item in snapshot.evidence if is_mended(layout, item)]
    return [*known, *(layout.stored(item.sha256) for item in pieces)]


def _is_harmed(layout: Layout, file: DataFile) -> bool:
    with mirror.judged(layout, layout.file(file.name)) as there:
        return content_fault(there, file) is not None


def _refuse_other_bytes(snapshot: Snapshot, rebuilt: Sequence[DataFile], rules: Rules) -> None:
    if tuple(rebuilt) == snapshot.files:
        return
    then = {
        **snapshot.libraries,
        "takeoff": snapshot.tool_version,
        "tables": str(snapshot.schema_version),
    }
    now = {
        **libraries(snapshot.ref.vendor, snapshot.options, rules),
        "takeoff": __version__,
        "tables": str(SCHEMA_VERSION),
    }
    changed = [
        f"{name} {then.get(name, 'none')} then, {now.get(name, 'none')} now"
        for name in sorted(then.keys() | now.keys())
        if then.get(name) != now.get(name)
    ]
    why = "; ".join(changed) or "with the same versions of everything, which is a fault of takeoff"
    raise LakeUnusable(
        f"Snapshot {snapshot.snapshot_id} decodes to other bytes ({why}); nothing was changed: "
        "use the versions of then, or add a new snapshot with takeoff rebuild --as-new."
    )
