"""What a fetch has got so far: raw answers and small facts, so that a killed fetch goes on.

An answer's line is written after its file and says what the file holds, so that a file that a power
cut has harmed is asked for again. A note is on disk before the call that wrote it returns. A line
cut by a kill is not there.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from takeoff.core.sink import Asked
from takeoff.lake import disk

_JOURNAL = "journal.jsonl"


@dataclass(frozen=True)
class Answer:
    """One raw answer that is kept: what was asked, the plain file it is in, what that holds."""

    asked: Asked
    order: tuple[int, ...]
    status: int | None
    fetched_at: datetime
    path: Path
    bytes: int
    sha256: str

    @property
    def is_whole(self) -> bool:
        """Whether the file is there and holds what it held when it was kept."""
        return self.path.is_file() and disk.measure(self.path) == (self.bytes, self.sha256)


class HasFolder(Protocol):
    """A run, or what stands for one that has ended."""

    @property
    def folder(self) -> Path: ...


class Journal:
    """A `takeoff.core.sink.Sink` on a run's folder; reads what a run before it has written.

    `kept` is told of each answer once it is kept, by the thread that keeps it.
    """

    def __init__(self, run: HasFolder, kept: Callable[[Answer], None] | None = None) -> None:
        self._folder = run.folder
        self._tell = kept
        self._lock = threading.Condition()
        self._complete: tuple[int, ...] = ()
        self._has_ended = False
        self._answers: dict[Asked, Answer] = {}
        self._notes: dict[str, str] = {}
        self._parts = 0
        # Counts answers that were kept again, too: no file is written over.
        self._kept = 0
        self._sweep()
        self._read()

    def held(self, asked: Asked) -> Path | None:
        with self._lock:
            answer = self._answers.get(asked)
        return None if answer is None else answer.path

    def part(self) -> Path:
        with self._lock:
            self._parts += 1
            return self._folder / f"answer-{os.getpid()}-{self._parts}.part"

    def keep(
        self,
        asked: Asked,
        part: Path,
        *,
        order: tuple[int, ...],
        status: int | None,
        sha256: str | None = None,
    ) -> Path:
        if sha256 is None:
            size, sha256 = disk.measure(part)
        else:
            with disk.usable(part, "read"):
                size = part.stat().st_size
        with self._lock:
            path = self._folder / f"answer-{self._kept:06d}"
            self._kept += 1
            disk.replace(part, path)
            answer = Answer(asked, order, status, datetime.now(UTC), path, size, sha256)
            self._append(_line(answer))
            self._answers[asked] = answer
        if self._tell is not None:
            self._tell(answer)
        return path

    def complete(self, order: tuple[int, ...]) -> None:
        with self._lock:
            self._complete = max(self._complete, order)
            self._lock.notify_all()

    def end(self) -> None:
        """Nothing more comes: for `coming`, all there is is complete."""
        with self._lock:
            self._has_ended = True
            self._lock.notify_all()

    def coming(self) -> Iterator[Answer]:
        """The answers in their order as they are complete; waits for the next one until `end`."""
        given = 0
        while more := self._more(given):
            yield from more
            given += len(more)

    def _more(self, given: int) -> list[Answer]:
        """Those that are complete, but for the first ones; none if all were given."""
        with self._lock:
            self._lock.wait_for(lambda: self._has_ended or len(self._completed()) > given)
            return self._completed()[given:]

    def note(self, key: str, value: str) -> None:
        with self._lock:
            self._append({"note": key, "value": value})
            disk.sync_file(self._folder / _JOURNAL)
            self._notes[key] = value

    def noted(self, key: str) -> str | None:
        with self._lock:
            return self._notes.get(key)

    def answers(self) -> list[Answer]:
        """All that is kept, by the order that the client gave."""
        with self._lock:
            return self._sorted()

    def _sorted(self) -> list[Answer]:
        return sorted(self._answers.values(), key=lambda answer: answer.order)

    def _completed(self) -> list[Answer]:
        if self._has_ended:
            return self._sorted()
        return [answer for answer in self._sorted() if answer.order < self._complete]

    def _append(self, line: dict[str, object]) -> None:
        path = self._folder / _JOURNAL
        with disk.usable(path, "write"), path.open("ab") as file:
            file.write(json.dumps(line).encode() + b"\n")

    def _sweep(self) -> None:
        """What a killed try was in the middle of goes."""
        with disk.usable(self._folder, "write"):
            for part in self._folder.glob("*.part"):
                part.unlink()

    def _read(self) -> None:
        """What is there, but for a line that is not whole and answers that are harmed."""
        path = self._folder / _JOURNAL
        if not path.exists():
            return
        with disk.usable(path, "read"):
            content = path.read_bytes()
        good = 0
        for line in content.splitlines(keepends=True):
            read = _parsed(line)
            if read is None:
                break
            good += len(line)
            self._take(read)
        if good < len(content):
            with disk.usable(path, "write"):
                os.truncate(path, good)
        self._answers = {asked: one for asked, one in self._answers.items() if one.is_whole}

    def _take(self, line: dict[str, Any]) -> None:
        if "note" in line:
            self._notes[line["note"]] = line["value"]
            return
        self._kept += 1
        answer = _answer(line, self._folder)
        self._answers[answer.asked] = answer


def _line(answer: Answer) -> dict[str, object]:
    return {
        "method": answer.asked.method,
        "path": answer.asked.path,
        "body_sha256": answer.asked.body_sha256,
        "order": answer.order,
        "status": answer.status,
        "fetched_at": answer.fetched_at.isoformat(),
        "file": answer.path.name,
        "bytes": answer.bytes,
        "sha256": answer.sha256,
    }


def _answer(line: dict[str, Any], folder: Path) -> Answer:
    return Answer(
        asked=Asked(line["method"], line["path"], line["body_sha256"]),
        order=tuple(line["order"]),
        status=line["status"],
        fetched_at=datetime.fromisoformat(line["fetched_at"]),
        path=folder / line["file"],
        bytes=line["bytes"],
        sha256=line["sha256"],
    )


def _parsed(line: bytes) -> dict[str, Any] | None:
    """The line, if it is whole: it ends as such, and a power cut has not left zeros in it."""
    if not line.endswith(b"\n"):
        return None
    try:
        read: dict[str, Any] = json.loads(line)
    except ValueError:
        return None
    return read
