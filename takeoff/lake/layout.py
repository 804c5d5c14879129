"""Where everything lies in a lake. Names are made of our own ids only, never of vendor text."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from takeoff.core.errors import LakeUnusable
from takeoff.lake import disk


@dataclass(frozen=True)
class Layout:
    """The paths of one lake; says nothing about what exists."""

    root: Path

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def snapshots(self) -> Path:
        return self.root / "snapshots"

    @property
    def evidence(self) -> Path:
        return self.root / "evidence"

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def compactions(self) -> Path:
        return self.root / "compactions"

    @property
    def index(self) -> Path:
        return self.root / "index"

    def manifest(self, snapshot_id: str) -> Path:
        """The file whose existence is the commit."""
        return self.snapshots / f"{snapshot_id}.json"

    def stored(self, sha256: str) -> Path:
        """Raw content, zstd-compressed, by the sha256 of what it was before compression."""
        return self.evidence / sha256[:2] / f"{sha256}.zst"

    def file(self, name: str) -> Path:
        """A file that a manifest names, such as `data/elements/<snapshot_id>-00000.parquet`."""
        return self.root.joinpath(*name.split("/"))


def data_name(table: str, snapshot_id: str, part: int) -> str:
    """Name of a Parquet file, relative to the lake, with `/` on every system."""
    return f"data/{table}/{snapshot_id}-{part:05d}.parquet"


def open_layout(path: str | Path, *, create: bool = False) -> Layout:
    """The lake in folder `path`; with `create` it is made there if the folder is new or empty.

    A folder is a lake if it holds `snapshots/`. Hidden files do not count as content.
    Raises: LakeUnusable if it is a file, missing, another folder, or not writable (`create`).
    """
    root = Path(os.path.abspath(path))
    layout = Layout(root)
    with disk.usable(root, "read"):
        if root.exists() and not root.is_dir():
            raise LakeUnusable(f"{root} is a file, not a lake; name a folder.")
        if create:
            _make(layout)
        else:
            _must_be_lake(layout)
    return layout


def _must_be_lake(layout: Layout) -> None:
    if not layout.root.exists():
        raise LakeUnusable(f"There is no lake at {layout.root}; fetch a model into it first.")
    if not layout.snapshots.is_dir():
        raise LakeUnusable(
            f"{layout.root} is not a lake, it has no folder snapshots; name a folder that is one."
        )


def _make(layout: Layout) -> None:
    if not may_become_lake(layout):
        raise LakeUnusable(
            f"{layout.root} is neither a lake nor empty; name an empty or a new folder."
        )
    # snapshots/ comes first: it makes the folder a lake for others who create it at this moment.
    for folder in (layout.snapshots, layout.data, layout.evidence, layout.work):
        disk.make_folder(folder)
    if not os.access(layout.root, os.W_OK):
        raise LakeUnusable(
            f"You may not write to the lake {layout.root}; get the right to, or name another."
        )


def may_become_lake(layout: Layout) -> bool:
    """Whether the folder is one, or new, or empty but for hidden files."""
    if not layout.root.exists():
        return True
    names = {entry.name for entry in layout.root.iterdir()}
    return layout.snapshots.name in names or all(name.startswith(".") for name in names)
