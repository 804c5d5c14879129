"""Files of one JSON object a line."""

from __future__ import annotations

from pathlib import Path


def count_lines(path: Path) -> int:
    """Lines that hold something. A file without any is a result without rows."""
    with path.open("rb") as lines:
        return sum(not line.isspace() for line in lines)


def line_at(path: Path, row: int) -> str | None:
    """The line at `row`, counted from 0 over those that hold something; null if there is none."""
    with path.open("rb") as lines:
        written = (line for line in lines if not line.isspace())
        found = next((line for at, line in enumerate(written) if at == row), None)
    return None if found is None else found.decode("utf-8-sig").rstrip("\r\n")
