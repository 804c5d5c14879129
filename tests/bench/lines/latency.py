"""A service that takes half a second for an answer: 20 pages, and 200 beside the bytes alone."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench import from_service, service
from tests.bench.race import Goal, Race
from tests.bench.room import Room

_PAGE_ROWS = 5_000
_AGAINST_PEERS = (
    Goal("user", "takeoff", refuse=8, reach=12),
    Goal("user_threads", "takeoff", refuse=4, reach=6.5),
    Goal("dlt", "takeoff", refuse=10, reach=18),
)
_AGAINST_BYTES = (Goal("takeoff", "spool", refuse=1.2, reach=1.08),)


def races(room: Room) -> Iterator[Race]:
    """Eight pages are asked for at once, but by the plain script and by dlt."""
    delay_ms = 50 if room.is_small else 500
    (few,) = room.sizes(2, 20)
    with service.recorded(room.model(few * _PAGE_ROWS), delay_ms) as recorded:
        rows = few * _PAGE_ROWS
        ways = from_service.ways(("user", "user_threads", "takeoff", "spool"), recorded, rows)
        every = [*ways, from_service.dlt(room, recorded, rows)]
        yield Race(f"{few} pages of {_PAGE_ROWS:,}, {delay_ms} ms", every, _AGAINST_PEERS)
    (many,) = room.sizes(2, 200)
    with service.recorded(room.model(many * _PAGE_ROWS), delay_ms) as recorded:
        ways = from_service.ways(("spool", "takeoff"), recorded, many * _PAGE_ROWS)
        name = f"{many} pages of {_PAGE_ROWS:,}, {delay_ms} ms, beside the bytes"
        yield Race(name, ways, _AGAINST_BYTES)
