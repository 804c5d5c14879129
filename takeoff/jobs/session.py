"""One query session: a lake's manifests resolved once, and an engine on what was chosen.

The tables [[buildings]] of takeoff.toml say which models draw one building, and whose elements
count first where several hold the same:

    [[buildings]]
    name = "Lindenhof"
    models = ["ifc:Lindenhof_architecture", "qonic:4711"]       vendor:model, by id or name
    prefer = "ifc"                                              a vendor, or one of the models
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from functools import partial

from takeoff.config import Building, Settings
from takeoff.core.errors import InputRefused
from takeoff.core.refs import Snapshot
from takeoff.engines.duckdb import open_engine
from takeoff.engines.engine import Engine
from takeoff.engines.statements import Member, Pair
from takeoff.lake.layout import Layout, open_layout
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
    with closing(_engine(settings, layout, snapshots, _of_models(picked, models), ())) as engine:
        yield engine


def checking_session(
    settings: Settings, chosen: Sequence[str] = (), models: Sequence[str] = ()
) -> AbstractContextManager[Engine]:
    """As `session`, of DuckDB whatever engine is wanted: Spark runs no checks and explains nothing.

    Raises: as `session`.
    """
    return session(replace(settings, engine="duckdb"), chosen, models)


@contextmanager
def comparison(settings: Settings, chosen: Sequence[str]) -> Iterator[Engine]:
    """An engine that compares the first snapshot of `chosen`, by selector, with each other one.

    Raises: InputRefused for a name that the lake does not hold; LakeUnusable.
    """
    layout = open_layout(settings.lake_path())
    snapshots = read_snapshots(layout)
    first, *others = (find(snapshots, name) for name in chosen)
    pairs = [(first, other) for other in others]
    with closing(_engine(settings, layout, snapshots, [first, *others], pairs)) as engine:
        yield engine


def _engine(
    settings: Settings,
    layout: Layout,
    snapshots: Sequence[Snapshot],
    selected: Sequence[Snapshot],
    pairs: Sequence[Pair],
) -> Engine:
    return _opener(settings)(
        layout,
        snapshots,
        selected=selected,
        pairs=pairs,
        buildings=[m for building in settings.buildings for m in _members(building, selected)],
        queries=settings.query_folders(),
        threads=settings.threads,
        memory_limit=settings.memory_limit,
    )


def _opener(settings: Settings) -> Callable[..., Engine]:
    """What opens the engine that was asked for. Raises: InputRefused if Spark is not installed."""
    if settings.engine == "duckdb":
        return open_engine
    try:
        from takeoff.engines import spark
    except ImportError as error:
        raise InputRefused(
            f"The engine spark needs {error.name}, which is not installed; "
            "run: pip install 'takeoff[spark]'."
        ) from error
    return partial(spark.open_engine, master=settings.master)


def _members(building: Building, selected: Sequence[Snapshot]) -> list[Member]:
    """Those of the snapshots asked about that draw the building."""
    drawing = [s for s in selected if _names(s) & set(building.models)]
    return [
        Member(building.name, s, s.ref.vendor == building.prefer or building.prefer in _names(s))
        for s in drawing
    ]


def _names(snapshot: Snapshot) -> set[str]:
    """What a model may be called where models are named."""
    ref = snapshot.ref
    ids = [name for name in (ref.model_id, ref.model_name) if name is not None]
    return {*ids, *(f"{ref.vendor}:{name}" for name in ids)}


def _of_models(snapshots: Sequence[Snapshot], models: Sequence[str]) -> list[Snapshot]:
    """Those whose model id, or `vendor:model`, is among `models`; all of them if none is named."""
    names = {id(s): {s.ref.model_id, f"{s.ref.vendor}:{s.ref.model_id}"} for s in snapshots}
    known = sorted({s.ref.model_id for s in snapshots})
    for model in models:
        if not any(model in name for name in names.values()):
            raise InputRefused(f"The lake has no model '{model}'; it has {', '.join(known)}.")
    return [s for s in snapshots if not models or names[id(s)] & set(models)]
