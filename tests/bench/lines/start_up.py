"""Whole processes from start to end: the help, the import, and a report as a file."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench.race import Goal, Race, whole
from tests.bench.room import Room

# What the installed command runs.
_COMMAND = "import sys; from takeoff.cli import main; sys.exit(main())"


def races(room: Room) -> Iterator[Race]:
    """Against a Python that does nothing, and one that imports DuckDB."""
    ways = [
        whole("python -c pass", "-c", "pass"),
        whole("takeoff --help", "-c", _COMMAND, "--help"),
        whole("import takeoff", "-c", "import takeoff"),
    ]
    goals = [
        Goal(way.name, "python -c pass", refuse=5, reach=3, holds_small=True) for way in ways[1:]
    ]
    yield Race("start", ways, goals)
    for elements in room.sizes(1_000, 1_000_000):
        yield _report(room, elements)


def _report(room: Room, elements: int) -> Race:
    lake = str(room.lake(elements))
    asked = ("report", "takeoff", "--lake", lake, "-o", "takeoff.csv")
    ways = [
        whole("import duckdb", "-c", "import duckdb"),
        whole("takeoff report", "-c", _COMMAND, *asked),
    ]
    goal = Goal("takeoff report", "import duckdb", refuse=2.5, reach=1.6)
    return Race(f"takeoff of {elements:,} elements to CSV", ways, [goal])
