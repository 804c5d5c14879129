"""Commit a snapshot: all its files first, unseen, then its manifest in one step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from takeoff.core.errors import LakeUnusable, NotUnderstood
from takeoff.core.refs import DataFile, Evidence, ModelRef, Proof, Snapshot, SourceVersion
from takeoff.core.tables import SCHEMA_VERSION, TABLES
from takeoff.core.version import __version__
from takeoff.lake import disk, manifest, mirror
from takeoff.lake.layout import Layout
from takeoff.lake.parts import Identity, PartsWriter
from takeoff.lake.reader import current, read_snapshots
from takeoff.lake.work import Run, stamp


class SnapshotWriter:
    """One snapshot to be: nothing of it is in the lake before `commit` has returned.

    `taken_at` has a time zone. `libraries` are those whose version may change bytes; pyarrow is
    added here. `lineage` needs no `revision_of`: commit knows the model's current snapshot.
    """

    def __init__(
        self,
        layout: Layout,
        run: Run,
        ref: ModelRef,
        *,
        source_version: SourceVersion,
        taken_at: datetime,
        options: Mapping[str, bool],
        libraries: Mapping[str, str],
        lineage: Mapping[str, str] | None = None,
    ) -> None:
        if taken_at.tzinfo is None:
            raise ValueError("taken_at has no time zone")
        for what, text in asdict(ref).items():
            disk.plain_text(text or "", what.replace("_", " "))
        self.snapshot_id = stamp(datetime.now(UTC))
        self._layout = layout
        self._run = run
        self._ref = ref
        self._source_version = source_version
        self._taken_at = taken_at.astimezone(UTC)
        self._options = dict(options)
        self._libraries = {**libraries, "pyarrow": pa.__version__}
        self._lineage = dict(lineage) if lineage is not None else {}
        self._folder = run.folder / self.snapshot_id
        self._parts = PartsWriter(
            self._folder,
            Identity(self.snapshot_id, ref.vendor, ref.project_id, ref.model_id, __version__),
            run.later,
        )

    def write(self, table: str, batch: pa.RecordBatch) -> None:
        """As PartsWriter.write."""
        self._parts.write(table, batch)

    def drop(self) -> None:
        """Remove what was written; nothing of it is to be committed."""
        self._run.remove(self._folder)

    def commit(
        self,
        proof: Proof,
        evidence: Sequence[Evidence],
        stated_totals: Mapping[str, int] | None = None,
        *,
        allow_unproved: bool = False,
    ) -> Snapshot:
        """Make the snapshot visible, durably, and return it.

        `stated_totals` are row counts that the source states; those named like a table must be the
        rows written.
        Raises: NotUnderstood if unproved, not as stated, or in too many pieces for a manifest;
        LakeUnusable. Nothing is committed then.
        """
        if proof.kind == "none" and not allow_unproved:
            raise NotUnderstood(
                f"Nothing proves that all of {self._ref.model_id} was read ({proof.detail}); fetch "
                "again, or allow it with --allow-unproved. Nothing was committed."
            )
        files = self._parts.finish(evidence)
        self._run.settle()
        totals = dict(stated_totals) if stated_totals is not None else {}
        _refuse_other_totals(files, totals)
        manifest_path = self._layout.manifest(self.snapshot_id)
        with _published(self._layout, self._folder, files, commit=manifest_path):
            publish_evidence(self._layout, self._run, evidence)
            snapshot = self._snapshot(proof, evidence, totals, files)
            prepared = self._run.folder / f"{self.snapshot_id}.json"
            disk.write_file(prepared, manifest.to_bytes(snapshot))
            mirror.create(self._layout, prepared, manifest_path)
        self._confirm()
        return snapshot

    def _confirm(self) -> None:
        if self._layout.remote is not None:
            return
        try:
            disk.sync_folder(self._layout.snapshots)
        except LakeUnusable as error:
            raise LakeUnusable(
                f"Snapshot {self.snapshot_id} is committed, but the disk does not confirm that it "
                "will last; check that disk, then run takeoff verify."
            ) from error

    def _snapshot(
        self,
        proof: Proof,
        evidence: Sequence[Evidence],
        stated_totals: dict[str, int],
        files: tuple[DataFile, ...],
    ) -> Snapshot:
        others = (s for s in read_snapshots(self._layout) if s.ref.key == self._ref.key)
        before = next(iter(current(list(others))), None)
        revision_of = {} if before is None else {"revision_of": before.snapshot_id}
        return Snapshot(
            snapshot_id=self.snapshot_id,
            ref=self._ref,
            sequence=1 if before is None else before.sequence + 1,
            taken_at=self._taken_at,
            source_version=self._source_version,
            proof=proof,
            lineage={**self._lineage, **revision_of},
            options=self._options,
            tool_version=__version__,
            schema_version=SCHEMA_VERSION,
            libraries=self._libraries,
            stated_totals=stated_totals,
            files=files,
            evidence=tuple(evidence),
        )


def restore(layout: Layout, folder: Path, files: Sequence[DataFile]) -> None:
    """Put files that were rebuilt under `folder` in the place of missing or damaged ones.

    `files` are DataFiles of a manifest. Raises: ValueError if one in `folder` has other bytes.
    """
    for file in files:
        if disk.measure(folder / file.name) != (file.bytes, file.sha256):
            raise ValueError(f"{folder / file.name} is not {file.name} as committed")
        _put(folder / file.name, layout.file(file.name))
    mirror.send(layout, [layout.file(file.name) for file in files])


def _put(source: Path, target: Path) -> None:
    disk.make_folder(target.parent)
    disk.replace(source, target)
    disk.sync_folder(target.parent)


@contextmanager
def _published(
    layout: Layout, folder: Path, files: Sequence[DataFile], commit: Path
) -> Iterator[None]:
    """The files, durably at their final names; gone again if what is inside fails to `commit`."""
    published: list[Path] = []
    try:
        for file in files:
            target = layout.file(file.name)
            disk.make_folder(target.parent)
            disk.publish(folder / file.name, target)
            published.append(target)
        for parent in sorted({path.parent for path in published}):
            disk.sync_folder(parent)
        mirror.send(layout, published)
        yield
    except BaseException:
        if mirror.is_free(layout, commit):
            mirror.remove(layout, published)
        raise


def publish_evidence(layout: Layout, run: Run, evidence: Sequence[Evidence]) -> None:
    """Staged evidence enters the lake, and stays: another writer may count on it at once.

    Raises: LakeUnusable if a piece is neither staged nor in the lake.
    """
    wanted = dict.fromkeys(item.sha256 for item in evidence if item.location is None)
    staged = [sha256 for sha256 in wanted if disk.exists(run.staged(sha256))]
    for sha256 in staged:
        _put(run.staged(sha256), layout.stored(sha256))
    mirror.send(layout, [layout.stored(sha256) for sha256 in staged])
    kept = [layout.stored(sha256) for sha256 in wanted.keys() - set(staged)]
    for stored, is_there in zip(kept, mirror.are_there(layout, kept), strict=True):
        if not is_there:
            raise LakeUnusable(f"Evidence {layout.shown(stored)} is missing; fetch again.")


def _refuse_other_totals(files: Sequence[DataFile], stated_totals: Mapping[str, int]) -> None:
    for table in TABLES.keys() & stated_totals.keys():
        rows = sum(file.rows for file in files if file.table == table)
        if rows != stated_totals[table]:
            raise NotUnderstood(
                f"The source states {stated_totals[table]} {table}, {rows} were read; "
                "fetch again. Nothing was committed."
            )
