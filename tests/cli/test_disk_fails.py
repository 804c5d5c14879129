"""A disk that no longer gives back a file of a lake: which one, what to do, and that it helps."""

from __future__ import annotations

import csv
import errno
import io
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from takeoff.cli import main

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample" / "faulty" / "area_collapsed.ifc"
FETCH = ("fetch", "ifc", "house.ifc", "--no-geometry")
FIGURE = ("1K5uX4vrXOXQXRqUXJioXy", "NetArea")
READ = "Input/output error, its disk may be failing"


class Told(NamedTuple):
    code: int
    out: str
    words: str


Ask = Callable[..., Told]


@pytest.fixture
def ask(desk: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Runs a command on a lake with one model in it."""
    shutil.copyfile(SAMPLE, desk / "house.ifc")

    def run(*command: str) -> Told:
        code = main([*command, "--lake", "lake", "--format", "csv"])
        return Told(code, *capsys.readouterr())

    assert run(*FETCH).code == 0
    return run


class _Unreadable(io.FileIO):
    """A file of which the disk gives back nothing."""

    def readinto(self, buffer: Any) -> int:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    readall = readinto  # type: ignore[assignment]


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Path]]:
    """The one file of this pattern is on a bad spot; another in its place is not."""
    bad: list[int] = []
    opened = Path.open

    def open_(path: Path, mode: str = "r", *more: Any, **named: Any) -> Any:
        if mode == "rb" and path.exists() and path.stat().st_ino in bad:
            return io.BufferedReader(_Unreadable(path))
        return opened(path, mode, *more, **named)

    monkeypatch.setattr(Path, "open", open_)
    held = []

    def spoil(pattern: str) -> Path:
        [path] = Path.cwd().glob(pattern)
        # Held open, so that no new file gets its number.
        held.append(opened(path, "rb"))
        bad.append(path.stat().st_ino)
        return path

    yield spoil
    for file in held:
        file.close()


def _findings(told: Told) -> list[tuple[str, ...]]:
    return [
        (row["severity"], row["file"], row["what"], row["what_to_do"])
        for row in csv.DictReader(io.StringIO(told.out))
    ]


def _must_be_told(told: Told, path: Path, cure: str) -> None:
    assert told.code == 7
    assert told.words.count(str(path)) == 1
    assert told.words.endswith(f"{READ}; {cure}.\n")
    assert told.words.count("\n") == 1


QUESTIONS: Sequence[Sequence[str]] = (
    ("report", "takeoff"),
    ("explain", *FIGURE),
    ("sql", "select count(*) as n from elements"),
)
REBUILD = "run takeoff rebuild, or bring the file back from a copy of the lake"
MANIFEST = (
    "bring the file back from a copy of the lake, or move it out of the lake and fetch its model "
    "again"
)
EVIDENCE = "bring the file back from a copy of the lake, or fetch the same model again"


def test_table_that_cannot_be_read_is_named_and_rebuilt(ask: Ask, broken) -> None:
    path = broken("lake/data/elements/*.parquet")
    for question in QUESTIONS:
        _must_be_told(ask(*question), path, REBUILD)
    told = ask("verify")
    assert told.code == 7
    assert _findings(told) == [("damage", str(path), f"cannot be read: {READ}", REBUILD)]
    told = ask("rebuild")
    assert told.code == 0
    assert told.out.count(",restored") == 1
    assert ask("verify").code == 0


def test_manifest_that_cannot_be_read_is_named(ask: Ask, broken) -> None:
    path = broken("lake/snapshots/*.json")
    for question in (*QUESTIONS, ("rebuild",), FETCH):
        _must_be_told(ask(*question), path, MANIFEST)
    told = ask("verify")
    assert told.code == 7
    assert _findings(told) == [("damage", str(path), f"Cannot read {path}: {READ}", MANIFEST)]
    path.unlink()
    assert ask(*FETCH).code == 0


def test_evidence_that_cannot_be_read_is_named_and_fetched_again(ask: Ask, broken) -> None:
    path = broken("lake/evidence/*/*.zst")
    assert ask("report", "takeoff").code == 0
    for question in (("explain", *FIGURE), ("rebuild",)):
        _must_be_told(ask(*question), path, EVIDENCE)
    told = ask("verify")
    assert told.code == 7
    assert _findings(told) == [("damage", str(path), f"Cannot read {path}: {READ}", EVIDENCE)]
    assert ask(*FETCH).code == 0
    assert ask("verify").code == 0


def test_model_that_cannot_be_read_is_named(ask: Ask, broken) -> None:
    """The original of evidence that was not copied into the lake."""
    assert ask(*FETCH, "--no-copy", "--model", "beside").code == 0
    path = broken("house.ifc")
    told = ask("verify")
    assert told.code == 7
    cure = "check that disk, and put the file back from a copy of it"
    assert _findings(told) == [("damage", str(path), f"Cannot read {path}: {READ}", cure)]
    told = ask(*FETCH)
    assert told.code == 3
    assert told.words.endswith("; name a file that you may read, on a disk that is sound.\n")
