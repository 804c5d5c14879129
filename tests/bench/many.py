"""A made-up lake of many small snapshots: `python -m tests.bench.many FOLDER MODELS`.

Below the folder: `many`, so many models with five snapshots each; `compacted`, the same after
`takeoff compact`; and `one`, with the rows of the current snapshots in one model. Written past the
lake's own commit, which looks at all earlier manifests and waits for the disk each time.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from takeoff.config import Settings
from takeoff.core.progress import Quiet
from takeoff.core.refs import Evidence, ModelRef, Proof, Snapshot, SourceVersion
from takeoff.core.tables import SCHEMA_VERSION
from takeoff.core.version import __version__
from takeoff.jobs.compact import compact
from takeoff.lake import disk, manifest
from takeoff.lake.layout import Layout, open_layout
from takeoff.lake.parts import Identity, PartsWriter
from takeoff.lake.work import stamp
from tests.bench import lakes

REVISIONS = 5
ELEMENTS = 200

_TAKEN_AT = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
_EVIDENCE = Evidence(0, "FILE", "made-up.ifc", None, None, 3, "ab" * 32, _TAKEN_AT, "/made-up.ifc")


def make(folder: Path, models: int) -> None:
    """Write the three lakes, unless they are there."""
    ready = folder / "made.txt"
    if ready.is_file():
        return
    shutil.rmtree(folder, ignore_errors=True)
    disk.sync_file = _at_once  # type: ignore[assignment]
    many = open_layout(folder / "many", create=True)
    for model in range(models):
        for revision in range(1, REVISIONS + 1):
            _commit(many, f"model-{model}", revision, lambda w, m=model: _write(w, m, 0))
    one = open_layout(folder / "one", create=True)
    _commit(one, "all", 1, lambda writer: [_write(writer, m, m * ELEMENTS) for m in range(models)])
    shutil.copytree(folder / "many", folder / "compacted")
    compact(Settings(lake=folder / "compacted"), Quiet())
    ready.write_text(f"{models}\n", "utf-8")


def _write(writer: PartsWriter, model: int, first: int) -> None:
    """The rows of a model, the same in each revision, its elements numbered from `first` on."""
    chance, same = np.random.default_rng(model), lakes.Differing.none(ELEMENTS)
    for table, columns in lakes.tables(chance, first, ELEMENTS, same):
        writer.write(table, lakes.batch(table, columns))


def _commit(
    layout: Layout, model_id: str, sequence: int, write: Callable[[PartsWriter], object]
) -> None:
    ref = ModelRef("ifc", "bench", model_id, "Bench", model_id)
    snapshot_id = stamp(datetime.now(UTC))
    identity = Identity(snapshot_id, ref.vendor, ref.project_id, model_id, __version__)
    writer = PartsWriter(layout.root, identity)
    write(writer)
    snapshot = Snapshot(
        snapshot_id=snapshot_id,
        ref=ref,
        sequence=sequence,
        taken_at=_TAKEN_AT,
        source_version=SourceVersion("none", None, None),
        proof=Proof("protocol_end", "made up"),
        lineage={},
        options={},
        tool_version=__version__,
        schema_version=SCHEMA_VERSION,
        libraries={"pyarrow": pa.__version__},
        stated_totals={},
        files=writer.finish([_EVIDENCE]),
        evidence=(_EVIDENCE,),
    )
    layout.manifest(snapshot_id).write_bytes(manifest.to_bytes(snapshot))


def _at_once(_: Path) -> None:
    """What is made up need not outlive a power cut."""


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]))
