"""One query session: a lake's manifests resolved once, and an engine on what was chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from takeoff.config import Settings
from takeoff.core.errors import InputRefused
from takeoff.core.refs import Snapshot
from takeoff.engines.duckdb import Engine, open_engine
from takeoff.lake.layout import open_layout
from takeoff.lake.reader import current, find, read_snapshots


@contextmanager
def session(
    settings: Settings, chosen: Sequence[str] = (), models: Sequence[str] = ()
) -> Iterator[Engine]:
    """An engine on the snapshots `chosen` by selector, or else the current ones, of `models`.

    Raises: InputRefused for a name that the lake does not hold; LakeUnusable.
    """
    layout = open_layout(settings.lake_path())
    snapshots = read_snapshots(layout)
    named = {found.snapshot_id: found for found in (find(snapshots, name) for name in chosen)}
    picked = list(named.values()) if chosen else current(snapshots)
    engine = open_engine(
        layout,
        snapshots,
        selected=_of_models(picked, models),
        queries=settings.query_folders(),
        threads=settings.threads,
        memory_limit=settings.memory_limit,
    )
    try:
        yield engine
    finally:
        engine.close()


def _of_models(snapshots: Sequence[Snapshot], models: Sequence[str]) -> list[Snapshot]:
    """Those whose model id, or `vendor:model`, is among `models`; all of them if none is named."""
    names = {id(s): {s.ref.model_id, f"{s.ref.vendor}:{s.ref.model_id}"} for s in snapshots}
    known = sorted({s.ref.model_id for s in snapshots})
    for model in models:
        if not any(model in name for name in names.values()):
            raise InputRefused(f"The lake has no model '{model}'; it has {', '.join(known)}.")
    return [s for s in snapshots if not models or names[id(s)] & set(models)]
