"""Data files are compared with their manifests before anything is read from them.

A figure that a flipped bit changed looks like any other: only the sha256 tells. It is taken once a
session, of all bytes of a file, before the first question to its table. What becomes of the file
while the session lasts is not looked at. Files of tables that nobody asks about are not read;
`verify` reads everything. Files on an object store are brought to this machine here.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Lock

from takeoff.core.errors import LakeUnusable
from takeoff.core.refs import DataFile
from takeoff.lake import mirror
from takeoff.lake.layout import Layout
from takeoff.lake.verify import REBUILD, content_fault

_AT_ONCE = 4


class CheckedFiles:
    """Which files of one lake are known to be as committed. May be shared by threads."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._sound: set[str] = set()
        self._lock = Lock()

    def require(self, files: Iterable[DataFile]) -> None:
        """Return once all these files are known to be as committed; none is read twice.

        Raises: LakeUnusable naming a file that is not, and what to do.
        """
        with self._lock:
            unknown = {file.name: file for file in files if file.name not in self._sound}
            if not unknown:
                return
            with ThreadPoolExecutor(min(_AT_ONCE, len(unknown))) as readers:
                for name in readers.map(self._sound_name, unknown.values()):
                    self._sound.add(name)

    def _sound_name(self, file: DataFile) -> str:
        mirror.read(self._layout, self._layout.file(file.name), partial(_must_be_sound, file))
        return file.name


def _must_be_sound(file: DataFile, path: Path) -> None:
    what = content_fault(path, file)
    if what is not None:
        raise LakeUnusable(f"{path} {what}; {REBUILD}.")
