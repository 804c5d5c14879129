"""A lake on an object store and this machine's copies of its files, kept together.

No object is ever changed but to put right what was harmed, so a copy is as good as the object, once
its sha256 is that of the manifest. Copies are made when they are needed, and may be deleted while
no command runs. Nothing here changes what is done with a lake in a folder.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from takeoff.core.errors import LakeUnusable, TryLater
from takeoff.lake import disk
from takeoff.lake.layout import Layout
from takeoff.lake.remote import all_at_once

_Read = TypeVar("_Read")


def listed(layout: Layout, folder: Path) -> list[Path]:
    """The JSON files that lie in a folder of the lake, such as `snapshots`; without hidden ones.

    With a remote: those that it has now. They are brought if they lack here, and what is gone there
    goes here.
    """
    # What is here before the remote is asked is there, or has been: others commit meanwhile.
    with disk.usable(folder, "read"):
        here = {path for path in folder.iterdir() if _is_record(path)}
    if layout.remote is None:
        return sorted(here)
    there = {
        path for path in _objects(layout, folder) if path.parent == folder and _is_record(path)
    }
    disk.discard(here - there)
    lacking = sorted(there - here)
    found = all_at_once(lambda path: _fetched(layout, path), lacking)
    gone = {path for path, is_there in zip(lacking, found, strict=True) if not is_there}
    return sorted(there - gone)


def lying(layout: Layout, folder: Path) -> list[Path]:
    """Every file in the folders of a folder of the lake, but hidden ones. Nothing is brought."""
    if layout.remote is None:
        with disk.usable(folder, "read"):
            found = list(folder.glob("*/*"))
    else:
        found = _objects(layout, folder)
    return sorted(path for path in found if not path.name.startswith("."))


def read(layout: Layout, path: Path, how: Callable[[Path], _Read]) -> _Read:
    """What `how` makes of a file of the lake; it raises LakeUnusable if the file is harmed.

    A copy that is not here, or harmed, is brought anew: if that is harmed, too, so is the lake.
    """
    if layout.remote is None:
        return how(path)
    if disk.exists(path):
        with suppress(LakeUnusable):
            return how(path)
    _fetched(layout, path)
    with _named(layout, path, path):
        return how(path)


@contextmanager
def judged(layout: Layout, path: Path) -> Iterator[Path]:
    """A file of the lake to be looked at: itself, or for that long a copy of the object, made now.

    There is none if there is no such object.
    """
    if layout.remote is None:
        yield path
        return
    with disk.usable(layout.root, "write"):
        scratch = tempfile.TemporaryDirectory(prefix="judged-", dir=layout.root)
    with scratch as folder:
        copy = Path(folder) / path.name
        layout.remote.fetch(layout.name(path), copy)
        with _named(layout, path, copy):
            yield copy


def is_mended(layout: Layout, path: Path, how: Callable[[Path], object]) -> bool:
    """Whether an object was harmed, and is right again by this machine's copy.

    `how` raises LakeUnusable for a file that is harmed, and so does this if there is no such copy.
    """
    if layout.remote is None:
        return False
    try:
        with judged(layout, path) as there:
            how(there)
    except LakeUnusable as error:
        with suppress(LakeUnusable):
            how(path)
            send(layout, [path])
            return True
        raise error
    return False


def are_there(layout: Layout, paths: Sequence[Path]) -> list[bool]:
    """Whether the lake has each of these files; a remote is asked."""
    remote = layout.remote
    if remote is None:
        return [disk.exists(path) for path in paths]
    return all_at_once(lambda path: remote.size(layout.name(path)) is not None, paths)


def bring(layout: Layout, path: Path) -> bool:
    """Whether the lake has the file, and there is a copy here with as many bytes.

    One that is here stays as it is: the object may be the harmed one.
    """
    if layout.remote is None:
        return disk.exists(path)
    here, there = _size(path), layout.remote.size(layout.name(path))
    return here == there if here is not None else there is not None and _fetched(layout, path)


def send(layout: Layout, paths: Sequence[Path]) -> None:
    """Files that are here become the lake's, or replace harmed ones; return once they are there."""
    remote = layout.remote
    if remote is not None:
        all_at_once(lambda path: remote.put(path, layout.name(path)), paths)


def create(layout: Layout, prepared: Path, target: Path) -> None:
    """The finished file appears in the lake as `target`, whole and in one step: a commit.

    Raises: LakeUnusable if it cannot, or the name is taken; TryLater if a remote does not say what
    became of it.
    """
    remote = layout.remote
    if remote is None:
        disk.publish(prepared, target)
        return
    with disk.usable(prepared, "read"):
        content = prepared.read_bytes()
    try:
        remote.create(content, layout.name(target))
    except TryLater as error:
        raise TryLater(
            f"{remote.at(layout.name(target))} may have been committed or not, no answer came; "
            "look with takeoff snapshots once the store answers, and fetch again if it is not."
        ) from error
    # It is committed; who lists it next brings the copy, if somebody has not already.
    with suppress(LakeUnusable):
        disk.publish(prepared, target)


def is_free(layout: Layout, target: Path) -> bool:
    """Whether what was to be created is surely not there, and will not be; False in doubt."""
    if layout.remote is None:
        return disk.is_absent(target)
    return layout.remote.is_free(layout.name(target))


def remove(layout: Layout, paths: Sequence[Path]) -> None:
    """Delete files that nothing names; one that cannot be deleted stays, and verify lists it."""
    disk.discard(paths)
    if layout.remote is not None:
        layout.remote.delete(map(layout.name, paths))


def _objects(layout: Layout, folder: Path) -> list[Path]:
    assert layout.remote is not None  # there is no other reason to come here
    return [layout.file(name) for name in layout.remote.names(layout.name(folder))]


def _is_record(path: Path) -> bool:
    return path.suffix == ".json" and not path.name.startswith(".")


def _size(path: Path) -> int | None:
    with disk.usable(path, "read"):
        return path.stat().st_size if path.exists() else None


def _fetched(layout: Layout, path: Path) -> bool:
    """Whether the object is there, and so a copy of it now; without it, no copy stays."""
    assert layout.remote is not None  # there is no other reason to come here
    is_there = layout.remote.fetch(layout.name(path), path)
    if not is_there:
        disk.discard([path])
    return is_there


@contextmanager
def _named(layout: Layout, path: Path, copy: Path) -> Iterator[None]:
    """What is said of a copy is meant of the object."""
    try:
        yield
    except LakeUnusable as error:
        told = str(error).replace(str(copy), str(layout.shown(path)))
        raise LakeUnusable(told) from error
