"""The limit for decoding: SQL by someone who knows this model's fields and their types.

It reads the same pages and writes the rows of the same three tables in the same order, by DuckDB,
as fast as that goes, and nothing else: no evidence, no proof, no field or type that comes
unexpected, no units, no trace to where a value stood.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.bench.needs import Rows, needs

_PLACES = 'STRUCT("Building" VARCHAR, "Floor" VARCHAR, "Space" VARCHAR)'
_OWN = {
    **dict.fromkeys(("Guid", "Class", "Name", "MaterialLayerSet"), "VARCHAR"),
    "SpatialLocation": _PLACES,
    "Code": 'STRUCT("Elements" STRUCT("Identification" VARCHAR))',
}
_TYPES = {str: "VARCHAR", bool: "BOOLEAN", int: "DOUBLE", float: "DOUBLE"}
_ELEMENTS = """
select
    element_no, Guid as element_id, Class as ifc_class, Name as name, MaterialLayerSet as material,
    SpatialLocation.Building as building_name, SpatialLocation.Floor as storey_name,
    SpatialLocation.Space as space_name, Code.Elements.Identification as code
from products order by element_no
"""


@needs("duckdb")
def decoded(folder: Path, pages: str) -> Iterator[Rows]:
    """Pages as `models` has made them, whose fields are looked at before the clock starts."""
    import duckdb

    fields = _fields(json.loads((Path(pages) / "00001.json").read_bytes())["result"])
    figures = [name for name, (kind, place) in fields.items() if place.startswith("Qto_")]
    others = {name: kind for name, (kind, _) in fields.items() if name not in figures}
    yield {}
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        connection.execute(_products(pages, {name: kind for name, (kind, _) in fields.items()}))
        tables = (
            ("elements", _ELEMENTS),
            ("quantities", _quantities(figures)),
            ("properties", _properties(others)),
        )
        yield {name: _written(connection, folder / f"{name}.parquet", sql) for name, sql in tables}


def _fields(products: list[dict[str, Any]]) -> dict[str, tuple[str, str]]:
    """Of each property its type and the first set that it stands in."""
    found: dict[str, tuple[str, str]] = {}
    for product in products:
        for name in product.keys() - _OWN.keys() - found.keys():
            if product[name]["Value"] is not None:
                kind = _TYPES[type(product[name]["Value"])]
                found[name] = (kind, product[name]["PropertySet"])
    return dict(sorted(found.items()))


def _products(pages: str, kinds: Mapping[str, str]) -> str:
    values = {
        name: f'STRUCT("PropertySet" VARCHAR, "Value" {kind})' for name, kind in kinds.items()
    }
    row = ", ".join(f'"{name}" {kind}' for name, kind in {**_OWN, **values}.items())
    return f"""
    create table products as
    select cast(row_number() over () - 1 as integer) as element_no, *
    from (
        select unnest(result, max_depth := 2)
        from read_json(
            '{pages}/0*.json', format = 'unstructured', maximum_object_size = 67108864,
            columns = {{'totalCount': 'BIGINT', 'result': 'STRUCT({row})[]'}}
        )
    )
    """


def _quantities(names: list[str]) -> str:
    each = " union all ".join(
        f"""
        select
            element_no, '{name}' as quantity, "{name}".PropertySet as source_set,
            "{name}"."Value" as value, cast("{name}"."Value" as decimal(32, 12)) as value_exact
        from products where "{name}"."Value" is not null
        """
        for name in names
    )
    return f"select * from ({each}) order by quantity, element_no"


def _properties(kinds: Mapping[str, str]) -> str:
    columns = {"text": "VARCHAR", "number": "DOUBLE", "flag": "BOOLEAN"}
    told = []
    for ordinal, (name, kind) in enumerate(kinds.items()):
        values = [
            f"'{column}': " + (f'"{name}"."Value"' if kind == its else f"cast(null as {its})")
            for column, its in columns.items()
        ]
        told.append(
            f"""{{'name': '{name}', 'set_name': "{name}".PropertySet, 'ordinal': {ordinal}, """
            f"{', '.join(values)}}}"
        )
    return f"""
    select element_no, p.set_name, p.name, p.ordinal, p.text, p.number, p.flag
    from (select element_no, unnest([{", ".join(told)}]) as p from products)
    where coalesce(p.text, cast(p.number as varchar), cast(p.flag as varchar)) is not null
    order by element_no, p.ordinal
    """


def _written(connection: Any, target: Path, sql: str) -> int:
    [(rows,)] = connection.execute(
        f"copy ({sql}) to '{target}' (format parquet, compression zstd)"
    ).fetchall()
    return int(rows)
