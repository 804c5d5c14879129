"""Fetch: from IFC files to committed snapshots, each file complete or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from takeoff.config import Settings
from takeoff.core.errors import InputRefused, LakeUnusable, TakeoffError
from takeoff.core.progress import Progress
from takeoff.core.refs import Evidence, ModelRef, Proof, Snapshot, SourceVersion
from takeoff.core.results import Result, listing
from takeoff.jobs.reading import Rules, decoded, is_read_alike, libraries, read_rules
from takeoff.lake import disk, manifest
from takeoff.lake.checked import CheckedFiles
from takeoff.lake.compaction import read_holdings
from takeoff.lake.evidence import EvidenceStore
from takeoff.lake.layout import Layout, open_layout
from takeoff.lake.reader import current, read_snapshots
from takeoff.lake.work import Run
from takeoff.lake.writer import SnapshotWriter, publish_evidence
from takeoff.vendors import load

DEFAULT_PROJECT = "default"
# The decoder refuses a file without its last line; so whoever has read it has read all of it.
PROOF = Proof("protocol_end", "the file's closing line END-ISO-10303-21 was read")

_COUNTED = ("elements", "quantities", "properties", "warnings")
_MEANINGS = {
    "source": "the file, or vendor, project and model",
    "outcome": "new, revision (of a model that the lake has), unchanged or refused",
    "model": "vendor and model",
    "snapshot_id": "its current snapshot",
    "elements": "elements of all roles",
    "quantities": "figures, authored and computed",
    "properties": "properties",
    "warnings": "things noticed while reading; see the table warnings",
}
_TYPES = {name: pa.int64() for name in _COUNTED}


@dataclass(frozen=True)
class IfcOptions:
    """How IFC files are read. `copy` false leaves the original where it is, cited by its path."""

    project: str = DEFAULT_PROJECT
    model: str | None = None
    geometry: bool = True
    copy: bool = True
    force: bool = False

    @property
    def decoding(self) -> dict[str, bool]:
        """What shapes the rows, as the manifest keeps it."""
        return {"geometry": self.geometry}


@dataclass(frozen=True)
class Fetched:
    """What became of one file or model: a new snapshot, the unchanged current one, or an error.

    `source` is the file's path, or vendor, project and model.

    `note` is what a person should look at, such as a revision that has nothing of the one before.
    """

    source: str
    snapshot: Snapshot | None
    is_new: bool
    error: TakeoffError | None = None
    note: str | None = None

    @property
    def outcome(self) -> str:
        """In a word: new, revision, unchanged or refused."""
        if self.snapshot is None:
            return "refused"
        if not self.is_new:
            return "unchanged"
        return "revision" if "revision_of" in self.snapshot.lineage else "new"


def fetch_ifc(
    settings: Settings, paths: Sequence[Path], options: IfcOptions, progress: Progress
) -> Iterator[Fetched]:
    """Fetch each file into the lake, one snapshot a file; one that fails does not stop the others.

    All files are looked at before the first is read, so that a wrong name changes nothing.
    Raises: InputRefused for a file that cannot be a model or two that would be one model;
    LakeUnusable if the lake cannot be used.
    """
    for path in paths:
        disk.plain_text(str(path), "file name")
    refs = [_ref(path, options) for path in paths]
    _refuse_twins(paths, refs)
    for path in paths:
        load("ifc").client.check(path)
    rules = read_rules(settings)
    layout = open_layout(settings.lake_path(), create=True)
    for path, ref in zip(paths, refs, strict=True):
        try:
            yield _fetch_one(layout, path, ref, options, rules, progress)
        except TakeoffError as error:
            yield Fetched(str(path), None, False, error)


def fetched_rows(outcomes: Sequence[Fetched]) -> Result:
    """One row a file or model, for people."""
    rows = [_row(outcome) for outcome in outcomes]
    schema = pa.schema([(name, _TYPES.get(name, pa.string())) for name in _MEANINGS])
    return listing("Fetched", pa.Table.from_pylist(rows, schema), _MEANINGS)


def _row(outcome: Fetched) -> dict[str, object]:
    snapshot = outcome.snapshot
    if snapshot is None:
        return {"source": outcome.source, "outcome": outcome.outcome}
    counts = {table: snapshot.rows(table) for table in _COUNTED}
    return {
        "source": outcome.source,
        "outcome": outcome.outcome,
        "model": f"{snapshot.ref.vendor}:{snapshot.ref.model_id}",
        "snapshot_id": snapshot.snapshot_id,
        **counts,
    }


def _ref(path: Path, options: IfcOptions) -> ModelRef:
    model_id = options.model or load("ifc").client.model_id(path)
    return ModelRef("ifc", options.project, model_id, options.project, model_id)


def _refuse_twins(paths: Sequence[Path], refs: Sequence[ModelRef]) -> None:
    for ref in refs:
        twins = [str(path) for path, other in zip(paths, refs, strict=True) if other == ref]
        if len(twins) > 1:
            raise InputRefused(
                f"These files would all become the model '{ref.model_id}': {', '.join(twins)}; "
                "fetch them one at a time and name each with --model."
            )


def _fetch_one(
    layout: Layout,
    path: Path,
    ref: ModelRef,
    options: IfcOptions,
    rules: Rules,
    progress: Progress,
) -> Fetched:
    taken_at = datetime.now(UTC)
    versions = libraries(ref.vendor, options.decoding, rules)
    progress.step(f"{path.name}: keeping the evidence")
    with Run(layout) as run:
        store = EvidenceStore(layout, run)
        evidence = store.add_file(path, copy=options.copy)
        known = _unchanged(layout, ref, evidence, options, versions)
        if known is not None:
            publish_evidence(layout, run, [evidence])
            return Fetched(str(path), known, is_new=False)
        writer = SnapshotWriter(
            layout,
            run,
            ref,
            source_version=SourceVersion("sha256", evidence.sha256, path.name),
            taken_at=taken_at,
            options=options.decoding,
            libraries=versions,
        )
        documents = [store.lay_out(evidence, run.folder)]
        batches = decoded(ref.vendor, documents, options.decoding, rules, run, progress)
        for table, batch in batches:
            writer.write(table, batch)
        progress.step(f"{path.name}: committing")
        snapshot = writer.commit(PROOF, [evidence])
    notes = (out_of_order(layout, snapshot), _nothing_shared(layout, snapshot))
    return Fetched(str(path), snapshot, is_new=True, note=" ".join(filter(None, notes)) or None)


def out_of_order(layout: Layout, snapshot: Snapshot) -> str | None:
    """That a fetch began before the one that its revision follows; null if it did not.

    Revisions follow one another as they are committed, whatever the clocks said meanwhile.
    """
    before = _before(layout, snapshot)
    if before is None or before.taken_at <= snapshot.taken_at:
        return None
    return (
        f"{snapshot.ref.model_id} was taken at {snapshot.taken_at:%Y-%m-%d %H:%M:%S} UTC, earlier "
        f"than the revision before it ({before.taken_at:%Y-%m-%d %H:%M:%S}): a clock was set back, "
        "or another fetch was quicker. It is the current one all the same, as the one committed "
        "last; if the other one should be, fetch again."
    )


def _before(layout: Layout, snapshot: Snapshot) -> Snapshot | None:
    """The revision that a committed snapshot follows; null if it is the first."""
    before = snapshot.lineage.get("revision_of")
    return None if before is None else manifest.read(layout.manifest(before))


def _nothing_shared(layout: Layout, snapshot: Snapshot) -> str | None:
    """Two buildings in files of one name look like revisions of one model: say so."""
    old = _before(layout, snapshot)
    if old is None:
        return None
    try:
        then, now = _guids(layout, old), _guids(layout, snapshot)
    except LakeUnusable as error:
        return f"It is committed, but could not be compared with the revision before it: {error}"
    if not then or not now or then & now:
        return None
    return (
        f"{snapshot.ref.model_id} shares no GUID with the revision before it, which it replaces in "
        "reports; if it is another model, fetch it again with --model NAME."
    )


def _guids(layout: Layout, snapshot: Snapshot) -> set[str | None]:
    lying = read_holdings(layout).rows("elements", [snapshot]).every_file
    CheckedFiles(layout).require(lying)
    paths = [layout.file(file.name) for file in lying]
    return {guid for path in paths for guid in _of_snapshot(path, snapshot)} - {None}


def _of_snapshot(path: Path, snapshot: Snapshot) -> list[str | None]:
    """The GUIDs in a file, which may hold rows of other snapshots as well."""
    only = [("snapshot_id", "=", snapshot.snapshot_id)]
    with disk.usable(path, "read"):
        rows = pq.read_table(path, columns=["ifc_guid"], filters=only, partitioning=None)
    values: list[str | None] = rows.column(0).to_pylist()
    return values


def _unchanged(
    layout: Layout,
    ref: ModelRef,
    evidence: Evidence,
    options: IfcOptions,
    versions: dict[str, str],
) -> Snapshot | None:
    """The current snapshot, if reading the same file again would give the same rows."""
    if options.force:
        return None
    for snapshot in current(read_snapshots(layout)):
        same_source = snapshot.source_version.value == evidence.sha256
        same_place = [item.location for item in snapshot.evidence] == [evidence.location]
        same_reading = is_read_alike(snapshot, options.decoding, versions)
        if snapshot.ref == ref and same_source and same_place and same_reading:
            return snapshot
    return None
