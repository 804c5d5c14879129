"""A run's own folder under work/: what a fetch writes before it commits.

The folder goes when the run ends, well or badly. Only a killed run leaves it; the run's lock, which
the system releases at its death, tells such a folder from that of a run still going on.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from takeoff.lake import disk
from takeoff.lake.layout import Layout

if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


_LOCK = "lock"


def stamp(moment: datetime) -> str:
    """A name never used before: 20261122T153641Z-1a2b3c4d5e6f, UTC and 48 random bits."""
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(6)}"


class Run:
    """`with Run(layout) as run:` gives `run.folder`, new, empty, and ours alone.

    Raises: LakeUnusable if it cannot be made.
    """

    def __init__(self, layout: Layout) -> None:
        self.folder = layout.work / stamp(datetime.now(UTC))
        self._lock: int | None = None

    def __enter__(self) -> Run:
        disk.make_scratch(self.folder)
        with disk.usable(self.folder, "write"):
            self._lock = os.open(self.folder / _LOCK, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o644)
            _lock(self._lock)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
        # What cannot be removed harms nobody, and verify lists it.
        shutil.rmtree(self.folder, ignore_errors=True)

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


def _is_locked(path: Path) -> bool:
    try:
        file = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        _lock(file)
    except OSError:
        return True
    finally:
        os.close(file)
    return False
