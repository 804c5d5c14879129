"""A summary of the manifests in one file, so that a lake of thousands opens fast.

It is made of them, and can be made again at any time. A manifest counts for what the index says of
it only while its size and the time when it was written are those that the index knows, and only if
the index is whole; all others are read themselves. `verify` does not look at it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from takeoff.core.errors import LakeUnusable
from takeoff.core.refs import Snapshot
from takeoff.lake import disk, manifest, mirror
from takeoff.lake.layout import Layout

_HEAD = b"takeoff index 1 "
# Fewer manifests are read as quickly as the index.
_WORTH = 100


@dataclass(frozen=True)
class Listed:
    """A manifest as its folder lists it."""

    path: Path
    size: int
    written_ns: int


class Index:
    """What is known of manifests without reading them, by their names."""

    def __init__(self, layout: Layout, lines: Mapping[str, bytes]) -> None:
        self._layout, self._lines = layout, lines

    def __len__(self) -> int:
        return len(self._lines)

    def knows(self, listed: Listed) -> bool:
        """Whether it has this very manifest."""
        line = self._lines.get(listed.path.name)
        return line is not None and line.startswith(_key(listed))

    def snapshot(self, listed: Listed) -> Snapshot:
        """What a manifest says; it is read if the index does not know it.

        Raises: LakeUnusable naming a manifest that is damaged or of a newer schema.
        """
        if not self.knows(listed):
            return mirror.read(self._layout, listed.path, manifest.read)
        content = self._lines[listed.path.name][len(_key(listed)) :]
        return manifest.of_content(json.loads(content), listed.path)

    def line(self, listed: Listed) -> bytes:
        """What the index is to hold of a manifest; raises as `snapshot`."""
        if self.knows(listed):
            return self._lines[listed.path.name]
        mirror.read(self._layout, listed.path, manifest.read)
        content = json.loads(listed.path.read_bytes())
        return _key(listed) + json.dumps(content, separators=(",", ":")).encode()


def listed(layout: Layout) -> list[Listed]:
    """The manifests, by name. Hidden files, such as those that file servers leave, are none."""
    paths = mirror.listed(layout, layout.snapshots)
    with disk.usable(layout.snapshots, "read"):
        stats = [path.stat() for path in paths]
    return [
        Listed(path, stat.st_size, stat.st_mtime_ns)
        for path, stat in zip(paths, stats, strict=True)
    ]


def read(layout: Layout) -> Index:
    """The index as it lies there; an empty one if there is none, or it is damaged or unreadable."""
    try:
        raw = _place(layout).read_bytes()
    except OSError:
        return Index(layout, {})
    head, _, body = raw.partition(b"\n")
    if head != _head(body):
        return Index(layout, {})
    lines = body.splitlines()
    return Index(layout, {line.partition(b" ")[0].decode(): line for line in lines})


def renew(layout: Layout, work: Path) -> None:
    """Write the index anew if manifests came or went since; `work` is a folder for the draft.

    Where that cannot be done nothing is lost: the manifests are read themselves.
    """
    manifests, known = listed(layout), read(layout)
    is_right = len(known) == len(manifests) and all(map(known.knows, manifests))
    if is_right or len(manifests) < _WORTH:
        return
    try:
        _write(layout, work, [known.line(one) for one in manifests])
    except (LakeUnusable, OSError, ValueError):
        return


def _write(layout: Layout, work: Path, lines: Sequence[bytes]) -> None:
    body, draft = b"\n".join(lines), work / "index"
    disk.make_folder(layout.index)
    disk.write_file(draft, _head(body) + b"\n" + body)
    disk.replace(draft, _place(layout))


def _place(layout: Layout) -> Path:
    return layout.index / "snapshots"


def _head(body: bytes) -> bytes:
    return _HEAD + hashlib.sha256(body).hexdigest().encode()


def _key(listed: Listed) -> bytes:
    return f"{listed.path.name} {listed.size} {listed.written_ns} ".encode()
