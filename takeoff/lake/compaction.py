"""Which file holds a snapshot's rows, once small files have been merged into larger ones.

A compaction is one manifest, `compactions/<number>.json`; creating it exclusively is the commit. It
names new files and, for each, the files of snapshots whose rows it holds, whole and in order. Those
are never changed, and stay until `expire`. Every reader takes the compactions in the order of their
numbers: rows lie where the last one put them. One that would take some of a file's rows and leave
others there is passed over whole, so that no rows are there twice: whoever commits looks at all
numbers before his own, so that there is none such but by a fault.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from takeoff.core.errors import LakeUnusable, NotUnderstood
from takeoff.core.refs import DataFile, Snapshot
from takeoff.lake import disk, manifest, mirror
from takeoff.lake.layout import Layout

_NAME = re.compile(r"[0-9]{8}\.json")
_STEM = re.compile(r"[0-9A-Za-z-]+")
_SEAL = ',\n "sha256": "'
_END = '"\n}\n'
_CURE = "bring the file back from a copy of the lake"


class Piece(NamedTuple):
    """A file that a snapshot was committed with: its name, and how many rows it has."""

    name: str
    rows: int

    @property
    def snapshot_id(self) -> str:
        """The snapshot whose rows these are."""
        return self.name.rpartition("/")[2].rpartition("-")[0]


@dataclass(frozen=True)
class Holding:
    """A data file, and the pieces whose rows it holds, one behind the other."""

    file: DataFile
    pieces: tuple[Piece, ...]

    @classmethod
    def of_itself(cls, file: DataFile) -> Holding:
        """A file that still holds its own rows."""
        return cls(file, (Piece(file.name, file.rows),))


@dataclass(frozen=True)
class Compaction:
    """Files that were merged at once; `compaction_id` is part of their names.

    `tool_version` and `schema_version` stand in their footers, too; `pyarrow` wrote their bytes.
    """

    compaction_id: str
    made_at: datetime
    tool_version: str
    schema_version: int
    pyarrow: str
    merged: tuple[Holding, ...]


@dataclass(frozen=True)
class Rows:
    """Where rows of one table lie: all those in `files`, and in `shared` those of some snapshots.

    These are `shown`; all others whose rows are in `shared` are `hidden`.
    """

    files: tuple[DataFile, ...] = ()
    shared: tuple[DataFile, ...] = ()
    shown: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()

    @property
    def every_file(self) -> tuple[DataFile, ...]:
        return *self.files, *self.shared


class Holdings:
    """Which files hold the rows of which pieces, as of some compactions in their order."""

    def __init__(self, compactions: Iterable[Compaction] = ()) -> None:
        self._of: dict[str, Holding] = {}
        self._emptied: dict[str, Compaction] = {}
        self._idle: list[tuple[DataFile, Compaction]] = []
        self._made_by: dict[str, Compaction] = {}
        for one in compactions:
            self._follow(one)

    def _follow(self, compaction: Compaction) -> None:
        if not self._takes(compaction):
            self._idle += [(holding.file, compaction) for holding in compaction.merged]
            return
        for holding in compaction.merged:
            self._made_by[holding.file.name] = compaction
            for piece in holding.pieces:
                before = self._of.get(piece.name)
                if before is None:
                    self._emptied[piece.name] = compaction
                else:
                    self._idle.append((before.file, compaction))
                self._of[piece.name] = holding

    def _takes(self, compaction: Compaction) -> bool:
        """Whether a compaction may follow: it takes all rows of a file, or none."""
        names = {piece.name for holding in compaction.merged for piece in holding.pieces}
        emptied = (self._of[name] for name in names & self._of.keys())
        return all(piece.name in names for holding in emptied for piece in holding.pieces)

    def holder(self, name: str) -> str:
        """The name of the file that holds the rows of a piece."""
        return self._of[name].file.name if name in self._of else name

    def of(self, file: DataFile) -> Holding:
        """What holds the rows of a file that a snapshot was committed with; itself, if need be."""
        return self._of.get(file.name) or Holding.of_itself(file)

    def merged(self) -> list[Holding]:
        """All files that were merged and are read."""
        return list({holding.file.name: holding for holding in self._of.values()}.values())

    def made_by(self, merged: Holding) -> Compaction:
        """The compaction that a merged file came with."""
        return self._made_by[merged.file.name]

    def replaced(self, snapshots: Iterable[Snapshot]) -> Iterator[tuple[DataFile, Compaction]]:
        """Every file that was committed and is not read any more, and since when: once each."""
        for snapshot in snapshots:
            for file in snapshot.files:
                if file.name in self._of:
                    yield file, self._emptied[file.name]
        yield from {file.name: (file, since) for file, since in self._idle}.values()

    def rows(self, table: str, snapshots: Iterable[Snapshot]) -> Rows:
        """Where the rows of these snapshots lie; each file stands once."""
        wanted: set[str] = set()
        held: set[str] = set()
        files: list[DataFile] = []
        shared: list[DataFile] = []
        merged: dict[str, Holding] = {}
        for snapshot in snapshots:
            wanted.add(snapshot.snapshot_id)
            for file in snapshot.files:
                if file.table == table and (holding := self._of.get(file.name)) is None:
                    files.append(file)
                elif file.table == table and holding is not None:
                    merged[holding.file.name] = holding
        for holding in merged.values():
            ids = {piece.snapshot_id for piece in holding.pieces}
            if ids <= wanted:
                files.append(holding.file)
            else:
                shared.append(holding.file)
                held |= ids
        shown, hidden = sorted(held & wanted), sorted(held - wanted)
        return Rows(tuple(files), tuple(shared), tuple(shown), tuple(hidden))


def manifests(layout: Layout) -> list[Path]:
    """The compactions' files in their order; none in a lake that was never compacted."""
    if layout.remote is not None:
        disk.make_scratch(layout.compactions)
    elif not disk.exists(layout.compactions):
        return []
    paths = mirror.listed(layout, layout.compactions)
    return [path for path in paths if _NAME.fullmatch(path.name)]


def next_manifest(layout: Layout) -> Path:
    """The name that the next compaction gets, if it is the first to take it."""
    taken = [int(path.stem) for path in manifests(layout)]
    return layout.compactions / f"{max(taken, default=0) + 1:08d}.json"


def read_holdings(layout: Layout) -> Holdings:
    """What all committed compactions together say.

    Raises: LakeUnusable naming a manifest that is damaged or of a newer schema.
    """
    return Holdings(mirror.read(layout, path, read) for path in manifests(layout))


def to_bytes(compaction: Compaction) -> bytes:
    """The manifest's content: JSON that people can read, with its own checksum at the end.

    Raises: NotUnderstood if there is more of it than `read` takes.
    """
    content = asdict(compaction) | {
        "made_at": compaction.made_at.isoformat(),
        "merged": [
            {**asdict(holding.file), "pieces": {_stem(p.name): p.rows for p in holding.pieces}}
            for holding in compaction.merged
        ],
    }
    body = json.dumps(content, indent=1).removesuffix("\n}")
    written = f"{body}{_SEAL}{hashlib.sha256(body.encode()).hexdigest()}{_END}".encode()
    if len(written) > manifest.MOST_BYTES:
        raise NotUnderstood(
            f"A compaction of {sum(len(h.pieces) for h in compaction.merged):,} files is more than "
            f"a manifest of {manifest.MOST_BYTES:,} bytes names. Nothing was committed."
        )
    return written


def read(path: Path) -> Compaction:
    """The compaction that a manifest states. Keys that we do not know are passed over.

    Raises: LakeUnusable naming the file if it is damaged or of a newer schema.
    """
    with disk.usable(path, "read", _CURE), path.open("rb") as file:
        raw = file.read(manifest.MOST_BYTES + 1)
    try:
        body, _, seal = raw.decode().rpartition(_SEAL)
        if seal != hashlib.sha256(body.encode()).hexdigest() + _END:
            raise ValueError("another checksum")
        content = json.loads(body + "}")
        manifest.refuse_newer(content["schema_version"], path)
        return _compaction(content)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise LakeUnusable(f"Manifest {path} is damaged; {_CURE}.") from error


def _compaction(content: dict[str, Any]) -> Compaction:
    found = Compaction(
        compaction_id=content["compaction_id"],
        made_at=datetime.fromisoformat(content["made_at"]),
        tool_version=content["tool_version"],
        schema_version=content["schema_version"],
        pyarrow=content["pyarrow"],
        merged=tuple(_holding(one) for one in content["merged"]),
    )
    names = [piece.name for holding in found.merged for piece in holding.pieces]
    if len(set(names)) < len(names):
        raise ValueError("a file stands twice")
    return found


def _holding(content: dict[str, Any]) -> Holding:
    table = content["table"]
    file = DataFile(table, content["name"], content["rows"], content["bytes"], content["sha256"])
    pieces = tuple(
        Piece(f"data/{table}/{stem}.parquet", rows) for stem, rows in content["pieces"].items()
    )
    if sum(piece.rows for piece in pieces) != file.rows:
        raise ValueError("other rows than its pieces")
    if not manifest.is_ours(table, file.name) or not all(map(_STEM.fullmatch, content["pieces"])):
        raise ValueError("a file outside the lake")
    return Holding(file, pieces)


def _stem(name: str) -> str:
    return name.rpartition("/")[2].removesuffix(".parquet")
