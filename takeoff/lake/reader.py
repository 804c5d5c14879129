"""What is committed, by its manifests. Files are named once, as explicit lists."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import groupby
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
from pyarrow import json as pajson

from takeoff.core.errors import InputRefused, LakeUnusable
from takeoff.core.refs import DataFile, Snapshot
from takeoff.core.tables import SNAPSHOTS, TABLES
from takeoff.lake import disk, index
from takeoff.lake.layout import Layout

_Item = TypeVar("_Item", str, int, bool)
_COUNTED = ("elements", "quantities", "properties", "warnings")


def read_snapshots(layout: Layout) -> list[Snapshot]:
    """Every committed snapshot, by vendor, project, model, then from the oldest to the current.

    Raises: LakeUnusable naming a manifest that is damaged or of a newer schema.
    """
    known = index.read(layout)
    return sorted((known.snapshot(one) for one in index.listed(layout)), key=_order)


def manifests(layout: Layout) -> list[Path]:
    """The manifest files. Hidden files, such as those that file servers leave, are none."""
    return [one.path for one in index.listed(layout)]


def current(snapshots: Sequence[Snapshot]) -> list[Snapshot]:
    """The newest snapshot of each model among these: by sequence, then taken_at, then id."""
    by_model = groupby(sorted(snapshots, key=_order), key=_model)
    return [list(versions)[-1] for _, versions in by_model]


def find(snapshots: Sequence[Snapshot], selector: str) -> Snapshot:
    """The one snapshot that `selector` names: its snapshot_id, or `vendor:model[@label]`.

    `model` is the model's id or name, case-sensitive; without a label its current snapshot. `label`
    is the source version's label or value, or the sequence number.
    Raises: InputRefused if there is none (with the nearest names) or more than one (listed).
    """
    hits = [s for s in snapshots if s.snapshot_id == selector]
    hits = hits or [s for s in current(snapshots) if selector in _names(s)]
    hits = hits or [s for s in snapshots if selector in _labelled_names(s)]
    if not hits:
        raise InputRefused(f"No snapshot is called {selector}; {_nearest(snapshots, selector)}")
    if len(hits) > 1:
        listed = "; ".join(f"{s.snapshot_id} ({_title(s)})" for s in hits)
        raise InputRefused(f"{selector} names several snapshots, give one's id: {listed}.")
    return hits[0]


def files(layout: Layout, snapshots: Sequence[Snapshot]) -> dict[str, list[Path]]:
    """For every table of core.tables the Parquet files of these snapshots; empty if it has none.

    They are those that the snapshots were committed with, whatever was merged since; those of a
    remote may not be here yet: see lake.checked.
    Raises: LakeUnusable if one is missing or has not the size it was committed with.
    """
    paths: dict[str, list[Path]] = {table: [] for table in TABLES}
    for snapshot in snapshots:
        for file in snapshot.files:
            path = layout.file(file.name)
            paths[file.table].append(_there(path, file) if layout.remote is None else path)
    return paths


def snapshots_table(snapshots: Sequence[Snapshot]) -> pa.Table:
    """The table SNAPSHOTS, one row each in the order given.

    `snapshots` must be all of the lake's, or `is_current` says less than it seems to.
    """
    newest = {s.snapshot_id for s in current(snapshots)}
    rows = [_row(s, is_current=s.snapshot_id in newest) for s in snapshots]
    if not rows:
        return SNAPSHOTS.schema.empty_table()
    # From Python's own objects Arrow makes columns with the help of pandas, whose import takes
    # longer than most questions do.
    columns = json.dumps({name: [row[name] for row in rows] for name in rows[0]}).encode()
    lists = pa.schema(
        pa.field(name, pa.list_(SNAPSHOTS.schema.field(name).type)) for name in rows[0]
    )
    table = pajson.read_json(
        io.BytesIO(columns),
        parse_options=pajson.ParseOptions(explicit_schema=lists),
        read_options=pajson.ReadOptions(block_size=len(columns)),
    )
    arrays = {name: table.column(name).combine_chunks().flatten() for name in rows[0]}
    return pa.table(arrays).select(SNAPSHOTS.schema.names).cast(SNAPSHOTS.schema)


def _there(path: Path, file: DataFile) -> Path:
    with disk.usable(path, "read"):
        size = path.stat().st_size if path.exists() else None
    if size == file.bytes:
        return path
    what = "is missing" if size is None else f"has {size} bytes instead of {file.bytes}"
    raise LakeUnusable(
        f"{path} {what}; run takeoff rebuild, or bring the file back from a copy of the lake."
    )


def _model(snapshot: Snapshot) -> tuple[str, str, str]:
    ref = snapshot.ref
    return ref.vendor, ref.project_id, ref.model_id


def _order(snapshot: Snapshot) -> tuple[object, ...]:
    return *_model(snapshot), snapshot.sequence, snapshot.taken_at, snapshot.snapshot_id


def _names(snapshot: Snapshot) -> Iterator[str]:
    ref = snapshot.ref
    return (f"{ref.vendor}:{name}" for name in (ref.model_id, ref.model_name) if name is not None)


def _labelled_names(snapshot: Snapshot) -> Iterator[str]:
    version = snapshot.source_version
    labels = (version.label, version.value, str(snapshot.sequence))
    return (f"{name}@{label}" for name in _names(snapshot) for label in labels if label is not None)


def _nearest(snapshots: Sequence[Snapshot], selector: str) -> str:
    if not snapshots:
        return "the lake is empty, fetch a model first."
    names = _labelled_names if "@" in selector else _names
    known = sorted({name for snapshot in snapshots for name in names(snapshot)})
    near = [name for name in known if name.casefold() == selector.casefold()]
    near = near or get_close_matches(selector, known, n=3)
    return f"did you mean {' or '.join(near)}?" if near else "list them with: takeoff snapshots."


def _title(snapshot: Snapshot) -> str:
    ref = snapshot.ref
    return f"{ref.vendor}:{ref.model_id}@{snapshot.sequence}, project {ref.project_id}"


def _row(snapshot: Snapshot, *, is_current: bool) -> dict[str, object]:
    ref, version = snapshot.ref, snapshot.source_version
    return {
        "snapshot_id": snapshot.snapshot_id,
        "vendor": ref.vendor,
        "project_id": ref.project_id,
        "model_id": ref.model_id,
        "project_name": ref.project_name,
        "model_name": ref.model_name,
        "sequence": snapshot.sequence,
        "is_current": is_current,
        "taken_at": snapshot.taken_at.isoformat(),
        "source_version_kind": version.kind,
        "source_version": version.value,
        "source_version_label": version.label,
        "proof": snapshot.proof.kind,
        "proof_detail": snapshot.proof.detail,
        "lineage": _json(snapshot.lineage),
        "options": _json(snapshot.options),
        "tool_version": snapshot.tool_version,
        "schema_version": snapshot.schema_version,
        "stated_totals": _json(snapshot.stated_totals),
        **{table: snapshot.rows(table) for table in _COUNTED},
    }


def _json(items: Mapping[str, _Item]) -> str | None:
    """A JSON object with its keys in order; null if there is nothing to say."""
    return json.dumps(items, sort_keys=True, ensure_ascii=False) if items else None
