"""A workbook of 1e5 rows of ten columns: pandas with either engine, and ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.bench import peers
from tests.bench.needs import Rows, needs
from tests.bench.race import Goal, Race, Way, inside
from tests.bench.room import Room

# The file that the peers' script reads; its columns have the names that it asks for.
_READ = "perf-out/lay6/wide_sorted.parquet"
_ROWS = """
select
    any_value(elements.model_id) as model,
    any_value(elements.ifc_guid) as Guid,
    any_value(elements.ifc_class) as Class,
    any_value(elements.storey_name) as Floor,
    any_value(materials.material) as Material,
    any_value(codes.code) as Code,
    max(case when quantities.quantity = 'Length' then quantities.value end) as Length,
    max(case when quantities.quantity = 'NetSideArea' then quantities.value end) as NetArea,
    max(case when quantities.quantity = 'NetVolume' then quantities.value end) as NetVolume,
    max(case when quantities.quantity = 'NetVolume' then quantities.value end) * 2400 as Mass
from elements
join quantities on quantities.element_no = elements.element_no
left join materials on materials.element_no = elements.element_no
left join codes on codes.element_no = elements.element_no
group by elements.element_no
order by elements.element_no
"""


def races(room: Room) -> Iterator[Race]:
    """All ways write the rows of one Parquet file, which takeoff has written."""
    for rows in room.sizes(1_000, 100_000):
        read = room.work / f"rows-{rows}.parquet"
        room.takeoff("sql", _ROWS, "--lake", str(room.lake(rows)), "-o", str(read))
        user = [_pandas(engine, rows, read) for engine in ("openpyxl", "xlsxwriter")]
        ours = inside("takeoff", f"{__name__}:takeoff", read=str(read))
        goals = [Goal(way.name, "takeoff", refuse=1.5, reach=8) for way in user]
        yield Race(f"workbook of {rows:,} rows x 10", [*user, ours], goals)


@needs("takeoff.core.results", "takeoff.render.xlsx", "pyarrow.parquet", "pandas")
def takeoff(folder: Path, read: str) -> Rows:
    """The rows as `takeoff sql ... -o rows.xlsx` writes them, with its other sheets."""
    import pyarrow.parquet as pq

    from takeoff.core.results import listing
    from takeoff.render import for_target

    rows, target = pq.read_table(read), folder / "rows.xlsx"
    result = listing("Rows", rows, dict.fromkeys(rows.column_names, ""))
    for_target(target, None, terminal=False).write(result, target)
    return {"rows": rows.num_rows}


def _pandas(engine: str, rows: int, read: Path) -> Way:
    return peers.peer(
        f"pandas {engine}",
        "xlsx.py",
        f"pandas_{engine}",
        [rows],
        needs=("pandas", "duckdb", engine),
        files={_READ: read},
    )
