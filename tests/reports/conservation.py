"""Conservation: what the lines of a report hold, what has no value and what is excluded is all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

from small_lakes import QUERIES, open_lake, rows

from takeoff.config import Settings
from takeoff.engines.duckdb import Engine
from takeoff.jobs.measuring import prepare
from takeoff.reports import catalog
from takeoff.reports.catalog import Query
from takeoff.reports.run import run

GROUPINGS = ("its own", "none", "all")
QUANTITIES = ["NetVolume", "NetArea", "Length"]
FACTORS = """\
key_kind,key,module,kg_co2e,declared_unit,density_kg_m3,source,version
material,Brick,A1-A3,200,t,1800,made up,1
material,Brick,D,-0.5,kg,1800,made up,1
item,B2010,A1-A3,7,m2,,made up,1
"""
Line = Mapping[str, Any]
_TOTALS = """
select
    element_quantities.quantity,
    sum(element_quantities.value_exact) as value
from element_quantities
join counted_elements
    on counted_elements.snapshot_id = element_quantities.snapshot_id
    and counted_elements.element_no = element_quantities.element_no
where counted_elements.counted
group by element_quantities.quantity
"""
_ONE_FIGURE = """
select count(*) - count(distinct (snapshot_id, element_no, quantity))
from element_quantities
"""


def partitioning(compares: str | None = None) -> list[Query]:
    """The shipped reports whose header says what their lines add up to."""
    found = catalog.all_reports([QUERIES])
    return [query for query in found if query.partitions and query.compares == compares]


def check_every_report(
    lake: Path, elements: int, rules: str = "vobc", groupings: Sequence[str] = GROUPINGS
) -> None:
    """Each report that partitions, in these of its groupings, over a lake of so many elements."""
    factors = lake.parent / "factors.csv"
    factors.write_text(FACTORS, encoding="utf-8")
    asked = {"rules": rules, "factors": str(factors)}
    with open_lake(lake) as engine:
        prepare(engine, Settings(lake=lake), catalog.find("carbon_items", [QUERIES]), asked)
        excluded = _sum(_lines(engine, "not_counted"), "elements")
        models = _lines(engine, "models")
        assert _sum(models, "elements") == elements
        assert _sum(models, "counted") + excluded == elements
        assert rows(engine, _ONE_FIGURE) == [(0,)]
        totals: dict[str, Decimal] = dict(rows(engine, _TOTALS))
        for query in partitioning():
            for by in _groupings(query, groupings):
                lines = _lines(engine, query.name, **_given(query, asked), **by)
                check_lines(engine, query, lines, elements - excluded, totals)


def check_lines(
    engine: Engine,
    query: Query,
    lines: Sequence[Line],
    counted: int,
    totals: Mapping[str, Decimal],
) -> None:
    """`counted`: how many elements count; `totals`: what they have together, by quantity."""
    what, each = _partition(query)
    for line in lines:
        _check_line(line)
    if what not in ("elements", "volumes"):
        (behind,) = rows(engine, f"select count(*) from {query.elements}")
        assert _sum(lines, "elements") == behind[0], query.name
        return
    for place, told in _apart(lines, each).items():
        where = (query.name, each, place)
        if what == "elements":
            assert _sum(told, "elements") == counted, where
        if (value := _value_column(query)) is not None:
            quantity = told[0].get("quantity", "NetVolume")
            expected = counted if quantity == "Count" else totals.get(quantity)
            assert _total(told, value) == expected, where
    if what == "volumes":
        found = (
            f"select count(*) from (select distinct snapshot_id, element_no from {query.elements})"
        )
        assert rows(engine, found) == [(counted,)], query.name
    assert lines or not counted, query.name


def _partition(query: Query) -> tuple[str, list[str]]:
    """What the lines add up to, and apart by which columns: `elements of each trade and module`."""
    assert query.partitions is not None
    what, _, each = query.partitions.partition(";")[0].partition(" of each ")
    columns = each.split(" and ") if each else []
    has_quantities = "quantity" in _params(query) and "quantity" in _columns(query)
    return what, [*columns, "quantity"] if has_quantities else columns


def _value_column(query: Query) -> str | None:
    """The column that holds a plain sum of IFC quantities; null where a formula makes it."""
    if "quantity" in _params(query) and "value" in _columns(query):
        return "value"
    return next((name for name in ("volume_m3", "net_volume_m3") if name in _columns(query)), None)


def _check_line(line: Line) -> None:
    """In value, without one and doubtful are all of the line, where it tells these apart."""
    if {"counted", "missing", "doubtful"} <= line.keys():
        assert line["counted"] + line["missing"] + line["doubtful"] == line["elements"]
        assert min(line["counted"], line["missing"], line["doubtful"]) >= 0


def _groupings(query: Query, asked: Sequence[str]) -> list[dict[str, Any]]:
    names = [grouping.name for grouping in query.groupings]
    known = {"its own": {}, "none": {"by": []}, "all": {"by": names}}
    return [known[name] for name in asked] if names else [{}]


def _given(query: Query, asked: Mapping[str, str]) -> dict[str, Any]:
    given: dict[str, Any] = {name: asked[name] for name in _params(query) & asked.keys()}
    if "quantity" in _params(query):
        choices = next(param.choices for param in query.params if param.name == "quantity")
        given["quantity"] = QUANTITIES[:1] if choices else QUANTITIES
    return given


def _params(query: Query) -> set[str]:
    return {param.name for param in query.params}


def _columns(query: Query) -> set[str]:
    return {column.name for column in query.columns}


def _lines(engine: Engine, name: str, **params: Any) -> list[dict[str, Any]]:
    query = catalog.find(name, [QUERIES])
    found: list[dict[str, Any]] = run(engine, query, params).table.to_pylist()
    return found


def _apart(lines: Sequence[Line], columns: Sequence[str]) -> dict[tuple[Any, ...], list[Line]]:
    told: dict[tuple[Any, ...], list[Line]] = defaultdict(list)
    for line in lines:
        told[tuple(line[column] for column in columns)].append(line)
    return told


def _sum(lines: Sequence[Line], column: str) -> int:
    return sum(line[column] for line in lines)


def _total(lines: Sequence[Line], column: str) -> Decimal | None:
    """Exact; null if no line has a value."""
    known = [line[column] for line in lines if line[column] is not None]
    with localcontext(prec=60):
        return sum(known, Decimal(0)) if known else None
