"""Decoding again: the same bytes by any number of threads, what order costs, and the limit."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench import again, service
from tests.bench.race import Goal, Race, inside
from tests.bench.room import Room

_DECODED = "tests.bench.again:decoded"


def races(room: Room) -> Iterator[Race]:
    """The files of 1, 2 and 4 threads must be equal; those of rows as they came are others."""
    for rows in room.sizes(10_000, 100_000):
        with service.recorded(room.model(rows)) as recorded:
            lake = str(again.fetched(room, "qonic", recorded, f"fetched-qonic-{rows}"))
        threads = [
            inside(f"{count} threads", _DECODED, lake=lake, threads=count) for count in (1, 2, 4)
        ]
        name = f"decoding {rows:,} products again"
        yield Race(name, threads, agree=("sha256", *again.TABLES))
        unordered = inside("as they came", _DECODED, lake=lake, is_ordered=False)
        ordered = inside("ordered", _DECODED, lake=lake)
        goals = [Goal("ordered", "as they came", refuse=1.25, reach=1.05)]
        yield Race(f"{name}, in order", [unordered, ordered], goals, agree=again.TABLES)
        by_hand = inside("by hand", "tests.bench.by_hand:decoded", pages=str(room.model(rows)))
        yield Race(f"{name}, beside SQL that knows them", [by_hand, ordered], agree=again.TABLES)
