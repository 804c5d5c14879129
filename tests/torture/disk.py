"""Disks that are full, fail or lie, clocks that jump: nothing half committed, all damage named."""

from __future__ import annotations

import errno
import os
import random
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from failing import FailsAt
from made_up import commit, model
from small_lakes import open_lake, rows

from takeoff.core.errors import InputRefused, LakeUnusable
from takeoff.core.refs import Snapshot
from takeoff.lake import evidence, journal, work, writer
from takeoff.lake.layout import open_layout
from takeoff.lake.reader import current, read_snapshots
from takeoff.lake.verify import DAMAGE, verify

from .tally import Part, Sizes, Tally, each

_ERRORS = ("EIO", "ENOSPC", "EDQUOT", "EROFS", "EACCES", "EFBIG", "ESTALE", "ENODEV")
_CALLS = ("fsync", "link", "replace", "mkdir", "stat", "open", "unlink", "scandir", "fstat")
_MANY = 5
_ZONES = ("UTC", "America/St_Johns", "Asia/Kathmandu", "Pacific/Kiritimati", "Europe/Berlin")
_SUM = (
    "select count(*), min(name), max(name), sum(value_exact), min(quantity), max(quantity) "
    "from all_quantities join all_elements using (snapshot_id, element_no)"
)
# The folders of what it reads.
_ASKED = ("elements", "quantities", "snapshots")


def _full(seeds: Sequence[int], folder: Path) -> Tally:
    """A limit on the size of files stands for a full disk: a write ends in the middle."""
    commits = _Commits(folder)
    commits.whole()
    largest = max(path.stat().st_size for path in folder.rglob("*") if path.is_file())

    @contextmanager
    def limited(chance: random.Random) -> Iterator[None]:
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (chance.randrange(largest), limits[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    return each(seeds, lambda seed: commits.under(limited, random.Random(seed)))


def _failing(seeds: Sequence[int], folder: Path) -> Tally:
    """One call of the system fails, some time in a commit."""

    @contextmanager
    def failing(chance: random.Random) -> Iterator[None]:
        name, error = chance.choice(_CALLS), getattr(errno, chance.choice(_ERRORS))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, name, FailsAt(getattr(os, name), chance.randint(1, 30), error))
            yield

    commits = _Commits(folder)
    commits.whole()
    return each(seeds, lambda seed: commits.under(failing, random.Random(seed)))


Trouble = Callable[[random.Random], AbstractContextManager[None]]


class _Commits:
    """Commits to one lake while there is trouble: all of one, or nothing and what to do next."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._document = folder, folder / "house.ifc"
        self._batches = model(300)

    def whole(self) -> None:
        """Into a new lake."""
        self._layout = open_layout(Path(mkdtemp(dir=self._folder)), create=True)
        self._document.write_bytes(os.urandom(20_000))
        commit(self._layout, self._batches, document=self._document)

    def under(self, trouble: Trouble, chance: random.Random) -> str:
        """A word for how it ended; the lake is a new one after some commits."""
        self._document.write_bytes(chance.randbytes(chance.randrange(20_000)))
        if len(before := read_snapshots(self._layout)) > _MANY:
            self.whole()
            before = read_snapshots(self._layout)
        ending = "committed"
        with trouble(chance):
            try:
                commit(self._layout, self._batches, document=self._document)
            except (LakeUnusable, InputRefused) as error:
                ending = str(error)
        assert ending == "committed" or "; " in ending, f"nothing to do next: {ending}"
        is_there = ending == "committed" or "does not confirm" in ending
        after = read_snapshots(self._layout)
        assert after[: len(before)] == before, "a snapshot is gone or changed"
        assert len(after) == len(before) + is_there, f"{len(after) - len(before)} came: {ending}"
        assert verify(self._layout).is_sound, "the lake is damaged"
        return "committed" if is_there else "refused"


def _clocks(seeds: Sequence[int], folder: Path) -> Tally:
    """Before each commit the clock jumps by up to two minutes, or the time zone changes."""
    layout = open_layout(folder / "lake", create=True)
    patch = pytest.MonkeyPatch()
    last: list[Snapshot] = []

    def once(seed: int) -> str:
        chance = random.Random(seed)
        patch.setenv("TZ", chance.choice(_ZONES))
        time.tzset()
        moved_s = chance.uniform(-120, 120)
        for module in (evidence, journal, work, writer):
            if hasattr(module, "datetime"):
                patch.setattr(module, "datetime", _moved(moved_s))
        snapshot = commit(layout, model(5))
        snapshots = read_snapshots(layout)
        assert current(snapshots) == [snapshots[-1]] == [snapshot], "it is not the current one"
        assert snapshots[:-1] == last, "others are not in the order in which they came"
        last.append(snapshot)
        seconds = abs(_made(snapshot) - datetime.now(UTC) - timedelta(seconds=moved_s))
        assert seconds < timedelta(seconds=30), f"its id is not in UTC: {snapshot.snapshot_id}"
        return "backwards" if moved_s < 0 else "forwards"

    try:
        tally = each(seeds, once)
    finally:
        patch.undo()
        time.tzset()
    if verify(layout).findings:
        tally.findings.append(f"afterwards: {verify(layout).findings}")
    return tally


def _moved(seconds: float) -> type[datetime]:
    """A clock that is so many seconds ahead."""

    class Moved(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return datetime.now(tz) + timedelta(seconds=seconds)

    return Moved


def _made(snapshot: Snapshot) -> datetime:
    return datetime.strptime(snapshot.snapshot_id[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


Harm = Callable[[Path, bytes, random.Random], str]


class _Harmed:
    """A lake one of whose files is harmed at a time; verify and reports must name it."""

    def __init__(self, folder: Path) -> None:
        self.layout = open_layout(folder / "lake", create=True)
        document = folder / "Häuser.ifc"
        for name in ("shed", "Häuser Süd"):
            document.write_text(name * 3_000)
            commit(self.layout, model(200), name, document)
        self.snapshots = read_snapshots(self.layout)
        self.kinds: dict[str, list[Path]] = {
            kind: sorted(path for path in (self.layout.root / kind).rglob("*") if path.is_file())
            for kind in ("data", "snapshots", "evidence")
        }
        self.sums = self._asked()

    def once(self, harm: Harm, chance: random.Random) -> str:
        kind = chance.choice(list(self.kinds))
        path = chance.choice(self.kinds[kind])
        content = path.read_bytes()
        try:
            told = harm(path, content, chance)
            self._must_be_found(path, told)
            return self._must_be_refused(kind, path)
        finally:
            path.write_bytes(content)

    def _must_be_found(self, path: Path, told: str) -> None:
        damage = [one for one in verify(self.layout).findings if one.severity == DAMAGE]
        assert [one.file for one in damage] == [path], f"{path.name}, {told}: found {damage}"
        assert damage[0].what
        assert damage[0].what_to_do, f"nothing to do about {path.name}, {told}"

    def _must_be_refused(self, kind: str, path: Path) -> str:
        """A question does not read the evidence, and of the data only the tables that it names."""
        try:
            sums = self._asked()
        except LakeUnusable as error:
            refusal = str(error)
        else:
            assert sums == self.sums, f"other figures without a word: {path.name}"
            assert path.parent.name not in _ASKED, f"{path.name} was read unchecked"
            return f"not read ({kind})"
        assert path.name in refusal, f"{path.name} is not named: {refusal}"
        assert "; " in refusal, f"nothing to do next: {refusal}"
        return f"refused ({kind})"

    def _asked(self) -> list[tuple[Any, ...]]:
        with open_lake(self.layout.root) as engine:
            return rows(engine, _SUM)


def _flip(path: Path, content: bytes, chance: random.Random) -> str:
    at, bit = chance.randrange(len(content)), chance.randrange(8)
    path.write_bytes(content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1 :])
    return f"bit {bit} of byte {at}"


def _cut(path: Path, content: bytes, chance: random.Random) -> str:
    size = chance.choice((0, chance.randrange(len(content))))
    path.write_bytes(content[:size])
    return f"cut to {size} bytes"


def _lose(path: Path, content: bytes, chance: random.Random) -> str:
    """A manifest is cut instead: without it there never was such a snapshot."""
    if path.suffix == ".json":
        return _cut(path, content, chance)
    path.unlink()
    return "lost"


def _damaged(harms: Sequence[Harm], seeds: Sequence[int], folder: Path) -> Tally:
    harmed = _Harmed(folder)

    def once(seed: int) -> str:
        chance = random.Random(seed)
        return harmed.once(chance.choice(harms), chance)

    return each(seeds, once)


PARTS = (
    Part(
        "full disk",
        "all of a commit, or nothing and a word that says what to do; the lake sound",
        Sizes(few=6, short=50, full=500),
        _full,
    ),
    Part(
        "failing disk",
        "as with a full one, for eight errors at any call of the system",
        Sizes(few=6, short=200, full=2_000),
        _failing,
    ),
    Part(
        "jumping clock",
        "the snapshot committed last is the current one, all others in their order",
        Sizes(few=6, short=50, full=200),
        _clocks,
    ),
    Part(
        "lost and cut files",
        "verify names the file and what to do; reports refuse it by name",
        Sizes(few=6, short=50, full=500),
        partial(_damaged, (_cut, _cut, _lose)),
    ),
    Part(
        "flipped bits",
        "verify names the file and what to do; reports refuse it by name, or do not read it",
        Sizes(few=6, short=100, full=1_000),
        partial(_damaged, (_flip,)),
    ),
)
