"""What a fetch has got so far: raw answers and small facts, so that a killed fetch goes on.

Each line of the journal is on disk before the call that wrote it returns; an answer's line is
written after its file. A line cut by a kill is not there.
"""

from __future__ import annotations

import json
import os
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from takeoff.core.sink import Asked
from takeoff.lake import disk
from takeoff.lake.work import Run

_JOURNAL = "journal.jsonl"


@dataclass(frozen=True)
class Answer:
    """One raw answer that is kept: what was asked, and the plain file it is in."""

    asked: Asked
    order: tuple[int, ...]
    status: int | None
    fetched_at: datetime
    path: Path


class Journal:
    """A `takeoff.core.sink.Sink` on a run's folder; reads what a run before it has written."""

    def __init__(self, run: Run) -> None:
        self._folder = run.folder
        self._lock = threading.Lock()
        self._answers: dict[Asked, Answer] = {}
        self._notes: dict[str, str] = {}
        self._parts = 0
        # Counts answers that were kept again, too: no file is written over.
        self._kept = 0
        self._read()

    def held(self, asked: Asked) -> Path | None:
        with self._lock:
            answer = self._answers.get(asked)
        return None if answer is None else answer.path

    def part(self) -> Path:
        with self._lock:
            self._parts += 1
            return self._folder / f"answer-{os.getpid()}-{self._parts}.part"

    def keep(self, asked: Asked, part: Path, *, order: tuple[int, ...], status: int | None) -> Path:
        disk.sync_file(part)
        with self._lock:
            path = self._folder / f"answer-{self._kept:06d}"
            self._kept += 1
            disk.replace(part, path)
            fetched_at = datetime.now(UTC)
            self._append(
                {
                    "method": asked.method,
                    "path": asked.path,
                    "body_sha256": asked.body_sha256,
                    "order": order,
                    "status": status,
                    "fetched_at": fetched_at.isoformat(),
                    "file": path.name,
                }
            )
            self._answers[asked] = Answer(asked, order, status, fetched_at, path)
        return path

    def note(self, key: str, value: str) -> None:
        with self._lock:
            self._append({"note": key, "value": value})
            self._notes[key] = value

    def noted(self, key: str) -> str | None:
        with self._lock:
            return self._notes.get(key)

    def answers(self) -> list[Answer]:
        """All that is kept, by the order that the client gave."""
        with self._lock:
            return sorted(self._answers.values(), key=lambda answer: answer.order)

    def _append(self, line: dict[str, object]) -> None:
        disk.append(self._folder / _JOURNAL, json.dumps(line).encode() + b"\n")

    def _read(self) -> None:
        path = self._folder / _JOURNAL
        if not path.exists():
            return
        with disk.usable(path, "read"):
            whole, _, cut = path.read_bytes().rpartition(b"\n")
        if cut:
            with disk.usable(path, "write"):
                os.truncate(path, len(whole) + 1)
        for line in whole.splitlines():
            self._take(json.loads(line))

    def _take(self, line: dict[str, Any]) -> None:
        if "note" in line:
            self._notes[line["note"]] = line["value"]
            return
        self._kept += 1
        asked = Asked(line["method"], line["path"], line["body_sha256"])
        self._answers[asked] = Answer(
            asked=asked,
            order=tuple(line["order"]),
            status=line["status"],
            fetched_at=datetime.fromisoformat(line["fetched_at"]),
            path=self._folder / line["file"],
        )
