"""One element by its IFC GUID: what one sees of it, in a new session and in one that is open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.bench.needs import Rows, needs
from tests.bench.race import Goal, Race, inside
from tests.bench.room import Room

_WAYS = ("duckdb_alone", "takeoff", "takeoff_open")
_GOALS = [Goal(way, None, refuse=60, reach=20) for way in _WAYS[1:]]
_COLUMNS = "element_id, ifc_class, name, storey_name, type_name, is_external, role"


def races(room: Room) -> Iterator[Race]:
    """Beside DuckDB over the same files, with nothing checked."""
    for elements in room.sizes(1_000, 100_000, 1_000_000, large=10_000_000):
        asked = {"lake": str(room.lake(elements)), "guid": _a_guid(room, elements)}
        ways = [inside(name, f"{__name__}:{name}", **asked) for name in _WAYS]
        name = f"one of {elements:,} elements by GUID"
        yield Race(name, ways, _GOALS, ("found",), elements)


# pyarrow imports pandas with the first array that it makes of Python objects.
@needs("takeoff.jobs.sql", "takeoff.engines.duckdb", "pyarrow.parquet", "pandas")
def takeoff(folder: Path, lake: str, guid: str) -> Rows:
    """`takeoff sql`."""
    from takeoff.config import Settings
    from takeoff.jobs.sql import sql

    return {"found": sql(Settings(lake=Path(lake)), _query("elements", guid)).table.num_rows}


@needs("takeoff.jobs.session", "takeoff.engines.duckdb", "takeoff.reports.run", "pyarrow.parquet")
def takeoff_open(folder: Path, lake: str, guid: str) -> Iterator[Rows]:
    """A later question of a session, whose files are known to be as committed."""
    from takeoff.config import Settings
    from takeoff.jobs.session import session
    from takeoff.reports.run import free

    with session(Settings(lake=Path(lake))) as engine:
        yield {"found": free(engine, _query("elements", "none")).table.num_rows}
        yield {"found": free(engine, _query("elements", guid)).table.num_rows}


@needs("duckdb", "pyarrow")
def duckdb_alone(folder: Path, lake: str, guid: str) -> Rows:
    """read_parquet with a filter."""
    import duckdb

    files = f"read_parquet('{lake}/data/elements/*.parquet')"
    with duckdb.connect() as connection:
        rows = connection.sql(
            f"select {_COLUMNS} from {files} where ifc_guid = '{guid}'"
        ).fetchall()
    return {"found": len(rows)}


def _query(table: str, guid: str) -> str:
    return f"select {_COLUMNS} from {table} where ifc_guid = '{guid}'"


def _a_guid(room: Room, elements: int) -> str:
    """Of the element in the middle of the first model."""
    target = room.work / f"guid-{elements}.csv"
    query = "select ifc_guid from elements order by model_id, element_no limit 1 offset "
    offset = min(elements, 1_000_000) // 2
    lake = str(room.lake(elements))
    room.takeoff("sql", f"{query}{offset}", "--lake", lake, "--raw", "-o", str(target))
    return target.read_text("utf-8").split()[1]
