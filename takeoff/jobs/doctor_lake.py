"""Doctor's look at the lake: can it be reached, read and written, and is there room?"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from takeoff.core.errors import LakeUnusable, TakeoffError
from takeoff.core.lake_url import LakeUrl
from takeoff.core.tables import SCHEMA_VERSION
from takeoff.jobs.diagnosis import Diagnosis, broken, counted, failed, warning
from takeoff.lake.layout import Layout, may_become_lake, open_layout
from takeoff.lake.reader import current, read_snapshots
from takeoff.lake.remote import Remote
from takeoff.lake.work import stamp

# A large model with its pages on the way may well take as much.
_LITTLE_SPACE = 1 << 30
_GIB = 1 << 30
_READ = "lake"
_WRITTEN = "lake is writable"


def examine_lake(place: Path | LakeUrl | None, *, offline: bool) -> Iterator[Diagnosis]:
    """Whether it can be read and written, and has room; all that it holds is not verified.

    A folder is not changed. On an object store only trying tells: one object is made and deleted,
    unless `offline`, when it is not asked at all.
    """
    if place is None:
        yield Diagnosis(_READ, "none is named; a command takes --lake FOLDER")
    elif isinstance(place, LakeUrl):
        yield from _at_url(place, offline=offline)
    else:
        yield from _in_folder(Layout(Path(os.path.abspath(place))))


def _at_url(place: LakeUrl, *, offline: bool) -> Iterator[Diagnosis]:
    if offline:
        yield Diagnosis(_READ, f"{place} was not asked")
    else:
        try:
            layout = open_layout(place, create=True)
            found = f"{place}: {_held(layout)}"
        except TakeoffError as error:
            yield broken(_READ, error, "name another lake with --lake")
            return
        yield Diagnosis(_READ, f"{found}; copies are kept in {layout.root}")
        yield _tried(Remote(place.url))
    yield _space(_nearest(place.mirror))


def _tried(remote: Remote) -> Diagnosis:
    """An object is created, cannot be created again, and is deleted."""
    name = f"work/{stamp(datetime.now(UTC))}"
    try:
        remote.create(b"first", name)
    except TakeoffError as error:
        found, _, cure = str(error).rpartition("; ")
        return warning(_WRITTEN, found, cure)
    try:
        remote.create(b"second", name)
        is_exclusive = False
    except LakeUnusable:
        is_exclusive = True
    except TakeoffError as error:
        return broken(_WRITTEN, error, "try again later")
    finally:
        remote.delete([name])
    if not is_exclusive:
        found = "yes, but an object that is there can be created again, unseen"
        return warning(_WRITTEN, found, "use a store that knows If-None-Match")
    if remote.size(name) is not None:
        found = f"yes, but {remote.at(name)} cannot be deleted"
        return warning(_WRITTEN, found, "get the right to delete: a fetch that fails leaves files")
    return Diagnosis(_WRITTEN, "yes")


def _in_folder(layout: Layout) -> Iterator[Diagnosis]:
    try:
        if _is_still_empty(layout):
            found = f"{layout.root} is still empty; the first fetch makes a lake of it"
        else:
            found = f"{layout.root}: {_held(open_layout(layout.root))}"
    except OSError as error:
        cure = "get the right to read it, or name another lake"
        yield failed(_READ, f"{layout.root} cannot be read: {error.strerror}", cure, LakeUnusable)
        return
    except TakeoffError as error:
        yield broken(_READ, error, "name another folder with --lake")
        return
    yield Diagnosis(_READ, found)
    place = _nearest(layout.root)
    yield _writing(layout, place)
    yield _space(place)


def _is_still_empty(layout: Layout) -> bool:
    is_folder = not layout.root.exists() or layout.root.is_dir()
    return is_folder and may_become_lake(layout) and not layout.snapshots.exists()


def _held(layout: Layout) -> str:
    snapshots = read_snapshots(layout)
    versions = sorted({snapshot.schema_version for snapshot in snapshots})
    older = [str(version) for version in versions if version < SCHEMA_VERSION]
    tables = f"tables of version {SCHEMA_VERSION}"
    if older:
        tables = f"{tables}, some of the older {' and '.join(older)}"
    models = counted(len(current(snapshots)), "model")
    return f"{counted(len(snapshots), 'snapshot')} of {models}, {tables}"


def _writing(layout: Layout, place: Path) -> Diagnosis:
    folders = [place, *(f for f in (layout.snapshots, layout.data, layout.work) if f.is_dir())]
    locked = [str(folder) for folder in folders if not os.access(folder, os.W_OK | os.X_OK)]
    if locked:
        cure = "get the right to write there if you fetch; reports need it not"
        return warning(_WRITTEN, f"you may not write to {', '.join(locked)}", cure)
    return Diagnosis(_WRITTEN, "yes")


def _space(place: Path) -> Diagnosis:
    free = shutil.disk_usage(place).free
    found = f"{free / _GIB:,.1f} GiB are free at {place}"
    if free < _LITTLE_SPACE:
        return warning("disk space", found, "free some before you fetch: a fetch needs room")
    return Diagnosis("disk space", found)


def _nearest(path: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    return next(folder for folder in (path, *path.parents) if folder.is_dir())
