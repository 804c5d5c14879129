"""A property index, packed JSON lines: json_normalize, single-purpose scripts, and our decoder.

The scripts write one wide file of the index alone. Ours reads the index of the same elements, as
the sandbox serves it, with names and units from the other answers, into the neutral tables. All
unpack the same file; takeoff does so while it downloads, and is charged for it here. That of 1e6
lines is the one of 1e5 with its elements ten times, each time as others: the sandbox keeps what it
serves in memory.
"""

from __future__ import annotations

import gzip
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.bench import again, peers, service
from tests.bench.race import Goal, Race, Way, inside
from tests.bench.room import Room

_READ = "perf-out/index"
_FILE = "index.ndjson.gz"
_OPTIONS = {
    "user": ("pandas", "pyarrow"),
    "isal_pyarrow": ("isal", "pyarrow", "orjson"),
    "isal_parts_duck": ("isal", "duckdb", "orjson", "pyarrow"),
}
_MOST_SERVED = 100_000
# What tells an element of an index from others: numbers, the id in Revit, the id in IFC.
_ITS_OWN = re.compile(
    rb'^({"svf2Id":)([0-9]+)(,.*"externalId":"[0-9a-f-]{36}-)([0-9a-f]{8})(","lmvId":)([0-9]+)'
    rb'(,.*":"[0-3])([0-9A-Za-z_$])([0-9A-Za-z_$]{20}")'
)
_LETTERS = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_$"
_GOALS = {
    100_000: [Goal("user", "takeoff", refuse=8, reach=15)],
    1_000_000: [Goal("takeoff", "isal_parts_duck", refuse=1.6, reach=1.15)],
}


def races(room: Room) -> Iterator[Race]:
    """At 1e6 lines, which are raced only if asked for, without json_normalize: it takes 8 GB."""
    for rows in room.sizes(1_000, 100_000, large=1_000_000):
        served = min(rows, _MOST_SERVED)
        lake = _served(room, served)
        index = _packed(room, lake, served)
        if rows > served:
            index = _repeated(room, index, rows, rows // served)
        names = [name for name in _OPTIONS if name != "user" or rows < 1_000_000]
        ways = [*(_peer(name, index) for name in names)]
        decoded = "tests.bench.again:decoded"
        ways.append(inside("takeoff", decoded, lake=str(lake), packed=str(index)))
        yield Race(f"index of {rows:,} lines", ways, _GOALS.get(rows, ()), size=rows)


def _peer(name: str, index: Path) -> Way:
    files = {f"{_READ}/{_FILE}": index}
    return peers.peer(name, "ndjson.py", name, [_READ], needs=_OPTIONS[name], files=files)


def _served(room: Room, rows: int) -> Path:
    """A lake with the model as Autodesk's, fetched from the sandbox over one of Qonic's."""
    with service.recorded(room.model(rows)) as recorded:
        lake = again.fetched(room, "qonic", recorded, f"fetched-qonic-{rows}")
    with service.sandbox(lake, "autodesk") as sandbox:
        return again.fetched(room, "autodesk", sandbox, f"fetched-autodesk-{rows}")


def _packed(room: Room, lake: Path, rows: int) -> Path:
    """The rows of the lake's index, packed as a service sends them."""
    from takeoff.lake.evidence import lay_out
    from takeoff.lake.layout import open_layout
    from takeoff.lake.reader import read_snapshots

    kept = room.data / f"index-{rows}.ndjson.gz"
    if not kept.is_file():
        layout = open_layout(lake)
        (snapshot,) = read_snapshots(layout)
        (index,) = (item for item in snapshot.evidence if item.path.endswith(again.INDEX))
        document = lay_out(layout, index, room.work / f"index-{rows}")
        part = kept.with_suffix(".part")
        with document.path.open("rb") as plain, gzip.open(part, "wb", 6) as packed:
            shutil.copyfileobj(plain, packed)
        part.rename(kept)
    return kept


def _repeated(room: Room, index: Path, rows: int, times: int) -> Path:
    """The index with each of its elements so many times, no two of which have an id in common."""
    kept = room.data / f"index-{rows}.ndjson.gz"
    if not kept.is_file():
        part = kept.with_suffix(".part")
        with gzip.open(part, "wb", 6) as packed:
            for turn in range(times):
                with gzip.open(index) as lines:
                    packed.writelines(_others(lines, turn))
        with gzip.open(part) as lines:
            found = sum(_ITS_OWN.match(line) is not None for line in lines)
        if found != rows:
            raise RuntimeError(f"{part}: {found:,} elements, not {rows:,}; does _ITS_OWN fit them?")
        part.rename(kept)
    return kept


def _others(lines: Iterable[bytes], turn: int) -> Iterator[bytes]:
    """The lines with ids of their own for each turn; those of no element in the first alone."""
    for line in lines:
        its = _ITS_OWN.match(line)
        if its is None:
            if not turn:
                yield line
            continue
        letter = _LETTERS[(_LETTERS.index(its[8]) + turn) % len(_LETTERS)]
        yield (
            b"%b%d%b%08x%b%d%b%c%b"
            % (
                its[1],
                int(its[2]) + turn * 10_000_000,
                its[3],
                int(its[4], 16) + turn * 0x1000000,
                its[5],
                int(its[6]) + turn * 10_000_000,
                its[7],
                letter,
                its[9],
            )
            + line[its.end() :]
        )
