"""Shipped reports beside what people write over the same Parquet: SQL, pandas, Polars.

The SQL is what one writes who knows that every figure of this lake is authored and stands once: it
adds up the same decimals. `sql, each once` is by one who does not know that it stands once, and
lets no figure count twice: the limit for us, who do not know it either. pandas and Polars read the
columns that they need and add up doubles. The shipped reports find out for themselves which figures
and elements count, and compare every file with its manifest before they read it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.needs import Rows, needs
from tests.bench.race import Goal, Race, inside
from tests.bench.room import Room

_MEMORY = "2GB"
_KEYS = ["snapshot_id", "element_no"]
# What a pandas of 1e7 elements and their figures costs in time and memory.
_LARGE_GOALS = (
    Goal("pandas", "takeoff", refuse=8, reach=15),
    Goal("pandas", "takeoff", refuse=6, reach=10, of="peak_mib"),
)


@dataclass(frozen=True)
class _Asked:
    """A shipped report and its groups, which to people are `columns` of the elements.

    `text` is the column of another `table` that they group by as well.
    """

    report: str
    by: Sequence[str]
    columns: Sequence[str]
    table: str | None = None
    text: str | None = None


_REPORTS = (
    _Asked("takeoff", ["class"], ["ifc_class"]),
    _Asked("by_storey", [], ["building_name", "storey_name", "ifc_class"]),
    _Asked("takeoff", ["class", "material"], ["ifc_class"], "materials", "material"),
    _Asked("takeoff", ["class", "code"], ["ifc_class"], "codes", "code"),
)


def races(room: Room) -> Iterator[Race]:
    """All ways must bring as many lines, and the same net volume to the cubic metre."""
    for elements in room.sizes(1_000, 100_000, 1_000_000, large=10_000_000):
        lake = str(room.lake(elements))
        for asked in _REPORTS:
            told = {"columns": asked.columns, "table": asked.table, "text": asked.text}
            ways = [
                inside(name, f"{__name__}:{name}_way", lake=lake, **told)
                for name in ("sql", "pandas", "polars")
            ]
            careful = f"{__name__}:sql_way"
            ways.insert(1, inside("sql, each once", careful, lake=lake, is_careful=True, **told))
            ours = inside(
                "takeoff", f"{__name__}:takeoff", lake=lake, report=asked.report, by=asked.by
            )
            by = f" by {', '.join(asked.by)}" if asked.by else ""
            goals = [Goal("takeoff", "sql", refuse=1.5, reach=1.2)]
            if elements >= 10_000_000:
                goals += _LARGE_GOALS
            name = f"{asked.report}{by} of {elements:,} elements"
            agree = ("lines", "net_volume_m3")
            yield Race(name, [*ways, ours], goals, agree, elements)


# pyarrow imports pandas with the first array that it makes of Python objects.
@needs("takeoff.jobs.report", "takeoff.engines.duckdb", "pyarrow.parquet", "pandas")
def takeoff(folder: Path, lake: str, report: str, by: Sequence[str]) -> Rows:
    """`takeoff report`, without writing its answer anywhere."""
    from takeoff.config import Settings
    from takeoff.jobs import report as job

    settings = Settings(lake=Path(lake), memory_limit=_MEMORY)
    answer = job.report(settings, job.Question(report, by=by)).table
    return _answer(answer["quantity"].to_pylist(), answer["value"].to_pylist())


@needs("duckdb", "pyarrow")
def sql_way(
    folder: Path,
    lake: str,
    columns: Sequence[str],
    table: str | None,
    text: str | None,
    is_careful: bool = False,
) -> Rows:
    """Hand-written SQL over the files: no look at manifests, sources, openings or twins.

    With `is_careful`, of equal figures of one element one is added up, and of others none.
    """
    import duckdb

    def files(name: str) -> str:
        return f"read_parquet('{lake}/data/{name}/*.parquet')"

    told = [f"e.{column}" for column in columns]
    join = ""
    if table is not None:
        told.append(f"t.{text}")
        join = f"left join {files(table)} t using (snapshot_id, element_no)"
    groups = ", ".join(told)
    figures = files("quantities")
    if is_careful:
        figures = f"""(
            select
                snapshot_id, element_no, quantity,
                case when min(value_exact) = max(value_exact) then min(value_exact) end
                    as value_exact
            from {figures} group by snapshot_id, element_no, quantity
        )"""
    query = f"""
    with e as (select * from {files("elements")} where role = 'physical')
    select {groups}, 'Count' as quantity, cast(count(*) as decimal(38, 12)) as value, count(*) as n
    from e {join} group by {groups}
    union all
    select {groups}, quantity, cast(sum(value_exact) as decimal(38, 12)) as value, count(*) as n
    from e join {figures} q using (snapshot_id, element_no) {join}
    group by {groups}, quantity
    order by all
    """
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        connection.execute(f"set memory_limit = '{_MEMORY}'")
        answer = connection.sql(query).to_arrow_table()
    return _answer(answer["quantity"].to_pylist(), answer["value"].to_pylist())


@needs("pandas", "pyarrow.parquet", "pyarrow.dataset", "pandas.core.arrays.arrow")
def pandas_way(
    folder: Path, lake: str, columns: Sequence[str], table: str | None, text: str | None
) -> Rows:
    """read_parquet with columns named, merge, groupby."""
    import pandas as pd

    def read(name: str, *wanted: str) -> pd.DataFrame:
        return pd.read_parquet(f"{lake}/data/{name}", columns=[*_KEYS, *wanted])

    groups = [*columns]
    e = read("elements", *columns, "role")
    e = e[e.role == "physical"].drop(columns="role")
    if table is not None and text is not None:
        e = e.merge(read(table, text), on=_KEYS, how="left")
        groups.append(text)
    figures = e.merge(read("quantities", "quantity", "value"), on=_KEYS)
    sums = figures.groupby([*groups, "quantity"], dropna=False, observed=True).value.agg(
        ["sum", "count"]
    )
    counts = e.groupby(groups, dropna=False, observed=True).size()
    named = sums.reset_index()
    return _answer(
        ["Count"] * len(counts) + named.quantity.tolist(), [0] * len(counts) + named["sum"].tolist()
    )


@needs("polars")
def polars_way(
    folder: Path, lake: str, columns: Sequence[str], table: str | None, text: str | None
) -> Rows:
    """scan_parquet, join, group_by, with the streaming engine."""
    import polars as pl

    def scan(name: str, *wanted: str) -> pl.LazyFrame:
        return pl.scan_parquet(f"{lake}/data/{name}/*.parquet").select(*_KEYS, *wanted)

    groups = [*columns]
    e = scan("elements", *columns, "role").filter(pl.col("role") == "physical")
    if table is not None and text is not None:
        e = e.join(scan(table, text), on=_KEYS, how="left")
        groups.append(text)
    figures = e.join(scan("quantities", "quantity", "value"), on=_KEYS)
    sums = figures.group_by(*groups, "quantity").agg(pl.col("value").sum(), pl.len())
    counts = e.group_by(*groups).agg(pl.len())
    of_figures, of_counts = pl.collect_all([sums, counts], engine="streaming")
    names = ["Count"] * len(of_counts) + of_figures["quantity"].to_list()
    return _answer(names, [0] * len(of_counts) + of_figures["value"].to_list())


def _answer(quantities: Sequence[str], values: Sequence[float]) -> Rows:
    volumes = (v for q, v in zip(quantities, values, strict=True) if q == "NetVolume")
    return {"lines": len(quantities), "net_volume_m3": round(sum(volumes))}
