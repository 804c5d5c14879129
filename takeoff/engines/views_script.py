"""A script of views: what a session shows of a lake, for any DuckDB without this toolkit."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from takeoff.core.plain import harmless
from takeoff.core.refs import Snapshot
from takeoff.core.version import __version__
from takeoff.engines.statements import Member, Pair, rows_of, session_tables
from takeoff.engines.views import View, made
from takeoff.lake.reader import snapshots_table


@dataclass(frozen=True)
class Contents:
    """What a script shows: all `snapshots` of a lake, and of them those `selected`.

    `root` is the folder with its files; if these are copies, `copied_from` is the lake's URL.
    `tables` are the statements that make the lake's tables.
    """

    root: str
    copied_from: str | None
    snapshots: Sequence[Snapshot]
    selected: Sequence[Snapshot]
    tables: Sequence[str]
    pairs: Sequence[Pair]
    buildings: Sequence[Member]
    views: Mapping[str, View]


def place(root: Path, folder: Path | None) -> str:
    """The lake's folder as a script names it: whole, or relative to `folder`.

    Links are followed: a program that works in a folder goes up from where that really is.
    """
    if folder is None:
        return root.as_posix()
    return Path(os.path.relpath(os.path.realpath(root), os.path.realpath(folder))).as_posix()


def views_script(contents: Contents) -> str:
    """The script: its comment, then statements that each replace what an earlier one made."""
    statements = (text.strip().removesuffix(";") for text in _statements(contents))
    return "".join((*_comment(contents), *(f"\n{text}\n;\n" for text in statements)))


def _statements(contents: Contents) -> Iterator[str]:
    """Marts that are kept go first: none of an earlier script stays if this one fails."""
    views = contents.views.values()
    yield from (f"drop table if exists {view.name}" for view in views if view.is_kept)
    yield from session_tables(contents.pairs, contents.buildings)
    selected = {snapshot.snapshot_id for snapshot in contents.selected}
    every = snapshots_table(contents.snapshots).to_pylist()
    yield from rows_of("snapshots", [tuple(row.values()) for row in every])
    yield from rows_of(
        "selected_snapshots",
        [tuple(row.values()) for row in every if row["snapshot_id"] in selected],
    )
    yield from contents.tables
    yield from (made(contents.views, view) for view in views)


def _comment(contents: Contents) -> Iterator[str]:
    """When it was made, and of which snapshots; what models are called cannot end a comment."""
    made_at, lake = datetime.now(UTC), contents.copied_from
    lines = [
        "Tables, marts and staging views for DuckDB 1.5 or later, of the lake "
        f"{contents.root if lake is None else lake}",
        f"Made {made_at:%Y-%m-%d %H:%M} UTC by takeoff {__version__} of the snapshots below.",
        "What is committed later, it does not show: make a new one then, takeoff sql --init.",
        *_of_copies(contents),
        "",
        "elements, quantities, ... and all marts show the snapshots marked *; all_elements, ...",
        "and snapshots show every one. Start with: select * from takeoff_elements",
        "",
        *_listed(contents),
    ]
    return (f"-- {harmless(line)}".rstrip() + "\n" for line in lines)


def _of_copies(contents: Contents) -> Iterator[str]:
    if contents.copied_from is not None:
        yield f"It reads the copies of its files that this machine keeps in {contents.root},"
        yield "and nothing once they are deleted, or on another machine."


def _listed(contents: Contents) -> Iterator[str]:
    selected = {snapshot.snapshot_id for snapshot in contents.selected}
    for snapshot in contents.snapshots:
        mark = "*" if snapshot.snapshot_id in selected else " "
        name = f"{snapshot.ref.vendor}:{snapshot.ref.model_id}@{snapshot.sequence}"
        yield f"{mark} {snapshot.snapshot_id}  {name}, taken {snapshot.taken_at:%Y-%m-%d %H:%M} UTC"
    if not contents.snapshots:
        yield "  no snapshot: the lake is empty"
