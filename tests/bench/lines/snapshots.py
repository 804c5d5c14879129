"""Many small snapshots: opening their lake, and a report over the current ones.

Beside them the same rows in one model. Within a session only the question is timed, all files that
it reads still unread.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from takeoff.config import Settings
from takeoff.jobs.report import Question, report
from takeoff.jobs.session import session
from tests.bench import many, race
from tests.bench.needs import Rows, needs
from tests.bench.race import Goal, Race
from tests.bench.room import Room

_SUMS = """
select count(*) as figures, sum(value_exact) as total
from element_quantities
inner join counted_elements
    on counted_elements.snapshot_id = element_quantities.snapshot_id
    and counted_elements.element_no = element_quantities.element_no
where counted_elements.counted and element_quantities.quantity = 'NetVolume'
"""


def races(room: Room) -> list[Race]:
    """A race for opening, for one sum in an open session, and for a report as a whole process."""
    return [one for models in room.sizes(20, 1_000) for one in _races(room, models)]


def _races(room: Room, models: int) -> list[Race]:
    folder = room.many(models)
    count = f"{models * many.REVISIONS:,} snapshots"
    lakes = {name: str(folder / name) for name in ("one", "many", "compacted")}
    here = f"{__name__}:"
    return [
        Race(
            f"open {count}",
            [
                race.inside(name, f"{here}opened", lake=lakes[name])
                for name in ("many", "compacted")
            ],
            [Goal("compacted", None, refuse=1_000, reach=1_000, holds_small=True)],
            agree=["snapshots"],
        ),
        Race(
            f"one sum over the current of {count}",
            [race.inside(name, f"{here}summed", lake=lake) for name, lake in lakes.items()],
            [Goal("compacted", "one", refuse=2, reach=1.5)],
            agree=["figures", "thousandths"],
        ),
        Race(
            f"report by_class over the current of {count}",
            [race.inside(name, f"{here}reported", lake=lake) for name, lake in lakes.items()],
            [Goal("compacted", "one", refuse=3, reach=1.5)],
        ),
    ]


@needs("takeoff.engines.duckdb", "pandas")
def opened(_: Path, lake: str) -> Rows:
    """A session on the lake, until it can be asked."""
    with session(Settings(lake=Path(lake))) as engine:
        [count] = engine.query("select count(*) from snapshots").read_all().column(0).to_pylist()
        return {"snapshots": count}


@needs("takeoff.engines.duckdb", "pandas")
def summed(_: Path, lake: str) -> Iterator[Rows]:
    """One sum over all current figures, in a session that is open."""
    with session(Settings(lake=Path(lake))) as engine:
        yield {}
        [row] = engine.query(_SUMS).read_all().to_pylist()
        yield {"figures": row["figures"], "thousandths": int(row["total"] * 1_000)}


@needs("takeoff.engines.duckdb", "pandas")
def reported(_: Path, lake: str) -> Rows:
    """A report from the opening of its lake to its last line."""
    return {"lines": report(Settings(lake=Path(lake)), Question("by_class")).table.num_rows}
