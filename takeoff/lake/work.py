"""A run's own folder under work/: what a fetch writes before it commits.

The folder goes when the run ends, well or badly. Only a killed run leaves it; the run's lock, which
the system releases at its death, tells such a folder from that of a run still going on.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import pyarrow as pa

from takeoff.lake import disk, mirror
from takeoff.lake.layout import Layout

if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


T = TypeVar("T")

_HELPERS = 2
_LOCK = "lock"
_PURPOSE = "purpose"
_SECONDS = "%Y%m%dT%H%M%SZ"
_FOR_EVER = timedelta.max


def stamp(moment: datetime) -> str:
    """A name never used before: 20261122T153641Z-1a2b3c4d5e6f, UTC and 48 random bits."""
    return f"{moment.astimezone(UTC):{_SECONDS}}-{secrets.token_hex(6)}"


class Run:
    """`with Run(layout) as run:` gives `run.folder`, new, empty, and ours alone.

    With a `purpose`, text that says what is fetched and how, the folder of an earlier run with the
    same purpose that was killed or ended in an error is taken over with all in it: `is_resumed`.
    One that began longer than `within` ago is not, as what it has got may no longer fit together,
    nor one that began as far in the future, by a clock that has been set back since; nor
    one that had committed: its answers are of then, and the next fetch wants those of now.
    Such a run's folder goes when it ends well, or when `discard` was called.

    While it lasts Arrow takes memory from the system's own allocator: Arrow's gives back to the
    system what a page has taken, which the system clears anew for the next one.
    Raises: LakeUnusable if it cannot be made.
    """

    def __init__(
        self, layout: Layout, purpose: str | None = None, *, within: timedelta = _FOR_EVER
    ) -> None:
        self._began = datetime.now(UTC)
        self.folder = layout.work / stamp(self._began)
        self.is_resumed = False
        self._layout = layout
        self._purpose = purpose
        self._within = within
        self._is_kept_on_error = purpose is not None
        self._lock: int | None = None
        self._helpers = ThreadPoolExecutor(_HELPERS)
        self._begun: list[Future[None]] = []
        self._memory = pa.default_memory_pool()

    def __enter__(self) -> Run:
        if self._purpose is None or not self._take_over():
            self._make_folder()
        pa.set_memory_pool(pa.system_memory_pool())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._helpers.shutdown(cancel_futures=True)
        pa.set_memory_pool(self._memory)
        if error is None or not self._is_kept_on_error:
            # What cannot be removed harms nobody, and verify lists it; rmtree ignores not all.
            with suppress(OSError):
                shutil.rmtree(self.folder, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def discard(self) -> None:
        """What was fetched cannot be right: nothing of it is to be taken over."""
        self._is_kept_on_error = False

    def later(self, work: Callable[[], T]) -> Future[T]:
        """What `work` gives, once one of two threads has done it; it ends before the run does."""
        return self._helpers.submit(work)

    def begin(self, work: Callable[[], None]) -> None:
        """As `later`, for what must be done before the commit: see `settle`."""
        self._begun.append(self.later(work))

    def settle(self) -> None:
        """Return once all that was begun is done. Raises what went wrong with it."""
        while self._begun:
            self._begun.pop(0).result()

    def remove(self, folder: Path) -> None:
        """Remove a folder of ours and all in it, as far as that can be done before the run ends."""
        shutil.rmtree(folder, ignore_errors=True)

    def _make_folder(self) -> None:
        disk.make_scratch(self.folder)
        with disk.usable(self.folder, "write"):
            self._lock = os.open(self.folder / _LOCK, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o644)
            _lock(self._lock)
        if self._purpose is not None:
            disk.write_file(self.folder / _PURPOSE, self._purpose.encode())

    def _take_over(self) -> bool:
        """Whether the folder of an ended run with our purpose is ours now; the newest one."""
        for leftover in reversed(runs(self._layout)):
            is_ours = _purpose(leftover.folder) == self._purpose
            if leftover.alive or not is_ours or not self._is_recent(leftover.folder):
                continue
            lock = _locked(leftover.folder / _LOCK)
            if lock is None:
                continue
            if not _has_ended(self._layout, leftover.folder):
                self.folder, self._lock, self.is_resumed = leftover.folder, lock, True
                return True
            os.close(lock)
        return False

    def _is_recent(self, folder: Path) -> bool:
        try:
            began = datetime.strptime(folder.name.partition("-")[0], _SECONDS).replace(tzinfo=UTC)
        except ValueError:
            return False
        return abs(self._began - began) <= self._within

    def staged(self, sha256: str) -> Path:
        """Evidence of this run that goes into the lake with the commit."""
        return self.folder / "evidence" / f"{sha256}.zst"


@dataclass(frozen=True)
class Leftover:
    """A folder under work/; `alive` if its run still goes on."""

    folder: Path
    alive: bool


def runs(layout: Layout) -> list[Leftover]:
    """Every run's folder, oldest first: of runs that go on, and of runs that were killed."""
    if not layout.work.is_dir():
        return []
    with disk.usable(layout.work, "read"):
        folders = sorted(entry for entry in layout.work.iterdir() if entry.is_dir())
    return [Leftover(folder, _is_locked(folder / _LOCK)) for folder in folders]


def killed(layout: Layout, purpose: str) -> Path | None:
    """The folder of the newest run with this purpose that ended without its end; null if none."""
    for leftover in reversed(runs(layout)):
        if not leftover.alive and _purpose(leftover.folder) == purpose:
            return leftover.folder
    return None


def clear(layout: Layout, is_over: Callable[[str], bool]) -> None:
    """Remove the folders of ended runs whose purpose nobody will have again, by `is_over`."""
    for leftover in runs(layout):
        purpose = None if leftover.alive else _purpose(leftover.folder)
        lock = _locked(leftover.folder / _LOCK) if purpose is not None else None
        if purpose is None or lock is None:
            continue
        if is_over(purpose):
            shutil.rmtree(leftover.folder, ignore_errors=True)
        os.close(lock)


def _has_ended(layout: Layout, folder: Path) -> bool:
    """Whether a run's folder is gone, or the snapshot that was written in it is in the lake."""
    with disk.usable(folder, "read"):
        if not folder.is_dir():
            return True
        written = {layout.manifest(entry.stem) for entry in folder.iterdir()}
    return not written.isdisjoint(mirror.listed(layout, layout.snapshots))


def _purpose(folder: Path) -> str | None:
    try:
        return (folder / _PURPOSE).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _is_locked(path: Path) -> bool:
    if not path.exists():
        return False
    lock = _locked(path)
    if lock is None:
        return True
    os.close(lock)
    return False


def _locked(path: Path) -> int | None:
    """The lock's open file, if it was free and is ours now."""
    try:
        file = os.open(path, os.O_RDWR)
    except OSError:
        return None
    try:
        _lock(file)
    except OSError:
        os.close(file)
        return None
    return file
