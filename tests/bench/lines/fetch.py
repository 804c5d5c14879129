"""A fetch beside the script that most people write, beside dlt, and beside the limit: the bytes.

From a service that has its pages ready, and from the sandbox, which works on the same cores.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench import from_service, service
from tests.bench.race import Goal, Race
from tests.bench.room import Room

_GOALS = {
    100_000: (
        Goal("user", "takeoff", refuse=3, reach=6),
        Goal("dlt", "takeoff", refuse=5, reach=10),
    ),
    1_000_000: (
        Goal("user", "takeoff", refuse=5, reach=10),
        Goal("user", "takeoff", refuse=12, reach=25, of="peak_mib"),
    ),
}


def races(room: Room) -> Iterator[Race]:
    """At 1e6 products, which are raced only if asked for, against one peer: it takes minutes."""
    for rows in room.sizes(10_000, 100_000, large=1_000_000):
        name, is_large = f"{rows:,} products x 40 fields", rows > 100_000
        besides = ("spool",) if is_large else ("user_threads", "spool")
        with service.recorded(room.model(rows)) as recorded:
            ways = from_service.ways(("user", "takeoff", *besides), recorded, rows)
            if not is_large:
                ways.append(from_service.dlt(room, recorded, rows))
            yield Race(f"{name}, 0 ms", ways, _GOALS.get(rows, ()), size=rows)
            if not is_large:
                yield from _sandboxed(room, name, recorded, rows)


def _sandboxed(room: Room, name: str, recorded: service.Service, rows: int) -> Iterator[Race]:
    with tempfile.TemporaryDirectory(dir=room.work) as folder:
        lake = Path(folder) / "lake"
        url, token = recorded.base_url, recorded.token
        at = {"TAKEOFF_QONIC_BASE_URL": url, "TAKEOFF_QONIC_TOKEN": token}
        room.takeoff("fetch", "qonic", "--lake", str(lake), environment=at)
        with service.sandbox(lake) as sandbox:
            ways = from_service.ways(("user", "takeoff"), sandbox, rows)
            yield Race(f"{name}, sandbox", ways, [Goal("user", "takeoff", refuse=3, reach=6)])
