"""Renew: what today's readers make of a snapshot's evidence, committed as a new snapshot.

So a lake of an earlier version gets the tables and columns that came since, and the original models
are not needed. Nothing that was committed is touched: the old snapshots stay, with their figures.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from takeoff.config import Settings
from takeoff.core.errors import InputRefused, TryLater
from takeoff.core.progress import Progress
from takeoff.core.refs import Snapshot
from takeoff.core.results import Result, listing
from takeoff.jobs.reading import Rules, decoded, is_read_alike, libraries, read_rules, to_read
from takeoff.lake.evidence import EvidenceStore
from takeoff.lake.layout import Layout, open_layout
from takeoff.lake.reader import current, find, read_snapshots
from takeoff.lake.work import Run
from takeoff.lake.writer import SnapshotWriter

# The snapshot whose evidence was decoded again, in the lineage of the new one.
RENEWAL_OF = "renewal_of"
_MEANINGS = {
    "model": "vendor and model",
    "old_snapshot_id": "the current snapshot until now; it stays in the lake",
    "old_schema_version": "the version of its tables",
    "outcome": "renewed, or alike (today's readers would make the same of it)",
    "snapshot_id": "the current snapshot now",
    "schema_version": "the version of its tables",
}
_TYPES = {"old_schema_version": pa.int32(), "schema_version": pa.int32()}


def renew(settings: Settings, chosen: Sequence[str], progress: Progress) -> Result:
    """Decode the evidence of the chosen current snapshots, or of all, and commit what comes out.

    One row a model. A snapshot that would come out the same is left alone. Each model is renewed
    complete or not at all; one that fails stops the rest, not those before it.
    Raises: InputRefused for a snapshot that is not its model's current one, and for an original
    that was fetched with --no-copy and is gone; LakeUnusable; NotUnderstood; TryLater.
    """
    layout = open_layout(settings.lake_path())
    snapshots = read_snapshots(layout)
    now = current(snapshots)
    wanted = [_current(now, find(snapshots, name)) for name in chosen] if chosen else now
    rules = read_rules(settings)
    rows = [_row(old, _renewed(layout, old, rules, progress)) for old in wanted]
    schema = pa.schema([(name, _TYPES.get(name, pa.string())) for name in _MEANINGS])
    return listing("Renewed from the evidence", pa.Table.from_pylist(rows, schema), _MEANINGS)


def _current(now: Sequence[Snapshot], snapshot: Snapshot) -> Snapshot:
    if snapshot not in now:
        raise InputRefused(
            f"{snapshot.snapshot_id} is not the current snapshot of {snapshot.ref.model_id}, and "
            "would become it; name the current one."
        )
    return snapshot


def _row(old: Snapshot, new: Snapshot) -> dict[str, str | int]:
    return {
        "model": f"{old.ref.vendor}:{old.ref.model_id}",
        "old_snapshot_id": old.snapshot_id,
        "old_schema_version": old.schema_version,
        "outcome": "alike" if new is old else "renewed",
        "snapshot_id": new.snapshot_id,
        "schema_version": new.schema_version,
    }


def _renewed(layout: Layout, old: Snapshot, rules: Rules, progress: Progress) -> Snapshot:
    versions = libraries(old.ref.vendor, old.options, rules)
    if is_read_alike(old, old.options, versions):
        return old
    with Run(layout) as run:
        writer = SnapshotWriter(
            layout,
            run,
            old.ref,
            source_version=old.source_version,
            taken_at=old.taken_at,
            options=old.options,
            libraries=versions,
            lineage={**old.lineage, RENEWAL_OF: old.snapshot_id},
        )
        store = EvidenceStore(layout, run)
        documents = [store.lay_out(item, run.folder) for item in to_read(old.evidence, old.options)]
        batches = decoded(old.ref.vendor, documents, old.options, rules, run, progress)
        for table, batch in batches:
            writer.write(table, batch)
        _refuse_newer(layout, old)
        return writer.commit(old.proof, old.evidence, old.stated_totals, allow_unproved=True)


def _refuse_newer(layout: Layout, old: Snapshot) -> None:
    if old not in current(read_snapshots(layout)):
        raise TryLater(
            f"{old.ref.model_id} was fetched anew meanwhile; run takeoff rebuild --as-new again."
        )
