"""Where everything lies in a lake. Names are made of our own ids only, never of vendor text."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from takeoff.core.errors import LakeUnusable
from takeoff.core.lake_url import LakeUrl
from takeoff.lake import disk
from takeoff.lake.remote import Remote


@dataclass(frozen=True)
class Layout:
    """The paths of one lake; says nothing about what exists.

    With a `remote` the lake is there, and `root` is this machine's mirror of it: see lake.mirror.
    """

    root: Path
    remote: Remote | None = None

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

    def name(self, path: Path) -> str:
        """The name, relative to the lake and with `/`, of a file in it."""
        return path.relative_to(self.root).as_posix()

    def shown(self, path: Path) -> Path | str:
        """A file of the lake as people are told of it: its path, or the URL that it mirrors."""
        return path if self.remote is None else self.remote.at(self.name(path))


def data_name(table: str, snapshot_id: str, part: int) -> str:
    """Name of a Parquet file, relative to the lake, with `/` on every system."""
    return f"data/{table}/{snapshot_id}-{part:05d}.parquet"


def open_layout(place: str | Path | LakeUrl, *, create: bool = False) -> Layout:
    """The lake in a folder or at a URL; with `create` it is made there if that is new or empty.

    A folder is a lake if it holds `snapshots/`. Hidden files do not count as content.
    Raises: LakeUnusable if it is a file, missing, another folder, or not writable (`create`).
    With a URL also InputRefused if a library is missing, and TryLater if it cannot be reached.
    """
    if isinstance(place, LakeUrl):
        return _open_remote(place, create=create)
    root = Path(os.path.abspath(place))
    layout = Layout(root)
    with disk.usable(root, "read"):
        if root.exists() and not root.is_dir():
            raise LakeUnusable(f"{root} is a file, not a lake; name a folder.")
        if create:
            _make(layout)
        else:
            _must_be_lake(layout)
    return layout


def _open_remote(place: LakeUrl, *, create: bool) -> Layout:
    """There are no folders there: it is a lake if it holds a snapshot."""
    remote = Remote(place.url)
    layout = Layout(place.mirror, remote)
    if create and not may_become_lake(layout):
        raise LakeUnusable(f"{place} is neither a lake nor empty; name another prefix.")
    if not create and not remote.names(layout.snapshots.name):
        raise LakeUnusable(f"There is no lake at {place}; fetch a model into it first.")
    for folder in _folders(layout):
        disk.make_folder(folder)
    return layout


def _folders(layout: Layout) -> tuple[Path, ...]:
    """Those of a lake; snapshots/ first: it makes a folder a lake for others who create it now."""
    return layout.snapshots, layout.data, layout.evidence, layout.work


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
    for folder in _folders(layout):
        disk.make_folder(folder)
    if not os.access(layout.root, os.W_OK):
        raise LakeUnusable(
            f"You may not write to the lake {layout.root}; get the right to, or name another."
        )


def may_become_lake(layout: Layout) -> bool:
    """Whether the folder is one, or new, or empty but for hidden files; so with a remote's prefix.

    There a first fetch that was killed has left data without a snapshot.
    """
    if layout.remote is not None:
        names, ours = set(layout.remote.top()), {folder.name for folder in _folders(layout)}
        return layout.snapshots.name in names or all(
            name in ours or name.startswith(".") for name in names
        )
    if not layout.root.exists():
        return True
    names = {entry.name for entry in layout.root.iterdir()}
    return layout.snapshots.name in names or all(name.startswith(".") for name in names)
