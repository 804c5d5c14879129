"""One version of a model as the service indexes it, made of the lake when it is first asked for."""

from __future__ import annotations

import threading
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from takeoff.core.refs import Snapshot
from takeoff.engines.duckdb import open_engine
from takeoff.lake.layout import Layout
from takeoff.sandbox.autodesk import object_sql, row_sql, value_sql
from takeoff.sandbox.autodesk.categories import (
    LEVELS,
    MATERIALS,
    PROJECT,
    ROOMS,
    VIEWS,
    WALLS,
    Category,
    category_of,
)
from takeoff.sandbox.autodesk.ids import external_ids, short, uuid
from takeoff.sandbox.autodesk.parameters import PARAMETERS, VOLATILE, Field, keys, parameter
from takeoff.sandbox.autodesk.query_words import Column
from takeoff.sandbox.autodesk.rowfile import (
    RowFile,
    connection,
    extent,
    extent_columns,
    line,
    number_json,
    text_json,
)
from takeoff.sandbox.autodesk.switches import Looks, Spelling

_OBJECTS = ("props", "props_ion")
_TABLES = ("elements", "quantities", "properties", "codes", "materials", "locations")
_FORGE = "autodesk.unit.unit:"
# By the lake's unit: the unit that is sent, and what to multiply and divide the figure by.
_METRIC = {
    "m": (f"{_FORGE}millimeters-1.0.1", 1000.0, 1.0),
    "m2": (f"{_FORGE}squareMeters-1.0.1", 1.0, 1.0),
    "m3": (f"{_FORGE}cubicMeters-1.0.1", 1.0, 1.0),
    "kg": (f"{_FORGE}kilograms-1.0.0", 1.0, 1.0),
    "s": (f"{_FORGE}seconds-1.0.0", 1.0, 1.0),
}
_IMPERIAL = {
    "m": ("ft", 1.0, 0.3048),
    "m2": ("ft^2", 1.0, 0.09290304),
    "m3": ("ft^3", 1.0, 0.028316846592),
    "kg": ("kg", 1.0, 1.0),
    "s": ("s", 1.0, 1.0),
}
# Units of numbers that are no figures, by how IFC files write them: as a Forge id, and in short.
# All others are sent as written.
_NAMED = {
    "METRE": ("meters-1.0.0", "m"),
    "CENTI METRE": ("centimeters-1.0.1", "cm"),
    "MILLI METRE": ("millimeters-1.0.1", "mm"),
    "FOOT": ("feet-1.0.1", "ft"),
    "INCH": ("inches-1.0.0", "inch"),
    "SQUARE_METRE": ("squareMeters-1.0.1", "m^2"),
    "CUBIC_METRE": ("cubicMeters-1.0.1", "m^3"),
    "KILO GRAM": ("kilograms-1.0.0", "kg"),
    "SECOND": ("seconds-1.0.0", "s"),
    "DEGREE": ("degrees-1.0.1", "degree"),
    "RADIAN": ("radians-1.0.0", "radian"),
}
_PLACES = (
    ("project", PROJECT, "IfcProject"),
    ("site", PROJECT, "IfcSite"),
    ("building", PROJECT, "IfcBuilding"),
    ("storey", LEVELS, "IfcBuildingStorey"),
    ("space", ROOMS, "IfcSpace"),
    ("place", PROJECT, "IfcSpatialElement"),
)
_STRUCTURAL_COLUMNS = -2001330

COLUMNS = {
    "s.svf2Id": Column("s.svf2_id", "integer"),
    "s.lmvId": Column("s.lmv_id", "integer"),
    "s.externalId": Column("s.external_id", "text"),
    "s.lineageId": Column("s.lineage_id", "text"),
    "s.databaseId": Column("s.database_id", "text"),
    "s.dbId": Column("s.database_id", "text"),
    "s.propsHash": Column("s.props_hash", "text"),
    "s.geomHash": Column("s.geom_hash", "text"),
    "s.views": Column("s.views", "array"),
    "s.props": Column("s.props", "object", "s.props_ion"),
    "s.propsIgnored": Column("s.props_ignored", "object"),
    **extent_columns("s.", "s."),
}


class Version:
    """A snapshot as the version of an item. `number` counts from 1.

    Each of its row files is made once and shared by all threads. `earlier` is the version before.
    Raises, from any member: LakeUnusable if the lake's files are damaged.
    """

    def __init__(
        self,
        layout: Layout,
        snapshot: Snapshot,
        number: int,
        lineage: str,
        name: str,
        earlier: Version | None,
    ) -> None:
        self.snapshot = snapshot
        self.number = number
        self.name = name
        self.lineage = lineage
        self.earlier = earlier
        self._layout = layout
        self._lock = threading.RLock()
        self._files: dict[Looks, RowFile] = {}
        self._numbers: dict[str, pa.Table] = {}

    def urn(self, region: str) -> str:
        return f"urn:adsk.{region}:fs.file:vf.{self.lineage}?version={self.number}"

    def lineage_id(self, spelling: str) -> str:
        """The id of the lineage in rows; `changing` gives every version another."""
        changing = (str(self.number),) if spelling == "changing" else ()
        return short("lineage", self.lineage, *changing)

    @property
    def database_id(self) -> str:
        return short("database", self.lineage, str(self.number))

    @property
    def view_ids(self) -> tuple[str, str]:
        """Of the view that shows bodies, and of the plan that shows levels and annotations."""
        return short("view", self.lineage, "{3D}"), short("view", self.lineage, "plan")

    def rows(self, looks: Looks) -> RowFile:
        """The rows of the index, in the table `rows`."""
        with self._lock:
            if looks not in self._files:
                self._files[looks] = self._made(looks)
            return self._files[looks]

    def close(self) -> None:
        with self._lock:
            for file in self._files.values():
                file.close()
            self._files.clear()

    def _read(self) -> dict[str, pa.Table]:
        """The snapshot's tables."""
        chosen = [self.snapshot]
        with open_engine(self._layout, chosen, selected=chosen) as engine:
            return {name: engine.query(f"select * from {name}").read_all() for name in _TABLES}

    def _made(self, looks: Looks) -> RowFile:
        database = connection()
        try:
            self._arrange(database, looks)
            given = _given_keys(database)
            self._fill(database)
        except BaseException:
            database.close()
            raise
        return RowFile(database, given, COLUMNS)

    def _arrange(self, database: duckdb.DuckDBPyConnection, looks: Looks) -> None:
        """The objects with their numbers, and every value of them with its field."""
        read = self._read()
        for name, table in (read | _told(read["elements"], looks)).items():
            database.register(name, table)
        source = {"source": looks.source}
        database.execute(object_sql.PLACES)
        database.execute(object_sql.PRODUCTS, source)
        database.execute(object_sql.OBJECTS, {**source, "document": self.name})
        self._number(database, looks.source)
        external = self._external(database, looks.source)
        database.register("external", external)
        database.execute(
            value_sql.own_cells(),
            {
                **source,
                "guids": looks.ifc_guid,
                "walls": WALLS.id,
                "columns": _STRUCTURAL_COLUMNS,
                "project": self.snapshot.ref.project_name or self.snapshot.ref.project_id,
            },
        )
        database.execute(value_sql.CODE_CELLS)
        database.execute(value_sql.CELLS)

    def _number(self, database: duckdb.DuckDBPyConnection, source: str) -> None:
        database.register("earlier", self._earlier_numbers(source))
        database.execute(object_sql.NUMBERS)
        database.execute(object_sql.PLACED)
        self._numbers[source] = database.sql("select * from numbers").to_arrow_table()

    def _earlier_numbers(self, source: str) -> pa.Table:
        if self.earlier is None:
            schema = pa.schema([("key", pa.string()), ("svf2_id", pa.int32())])
            return schema.empty_table()
        return self.earlier.numbers(source)

    def numbers(self, source: str) -> pa.Table:
        """svf2Ids by the keys of our own, of this and all earlier versions."""
        with self._lock:
            if source not in self._numbers:
                self.rows(Looks("metric", "en", source, "field"))
            return self._numbers[source]

    def _external(self, database: duckdb.DuckDBPyConnection, source: str) -> pa.Table:
        asked = "select row_no, sort, key, own_id, ifc_guid, authoring_id, svf2_id from placed"
        placed = database.sql(f"{asked} order by row_no").fetchall()
        told = [
            (own_id or key, guid or own_id, authoring, svf2)
            for _, _, key, own_id, guid, authoring, svf2 in placed
        ]
        made = external_ids(told)
        if source == "ifc":
            ids = [f"0/{sort}/{svf2}" for _, sort, _, _, _, _, svf2 in placed]
        else:
            ids = [
                self._id(row[1], row[2], own) for row, (own, _) in zip(placed, made, strict=True)
            ]
        return pa.table(
            {
                "row_no": pa.array([row[0] for row in placed], pa.int32()),
                "external_id": pa.array(ids, pa.string()),
                "element_number": pa.array(
                    [
                        number if row[1] in (1, 2, 7, 8) else None
                        for row, (_, number) in zip(placed, made, strict=True)
                    ],
                    pa.string(),
                ),
            }
        )

    def _id(self, sort: int, key: str, own: str) -> str:
        if sort == 0:
            return f"doc_{uuid('document', self.lineage)}"
        return f"{own}-Prototype" if key.startswith("type name:") else own

    def _fill(self, database: duckdb.DuckDBPyConnection) -> None:
        """The rows; what they were made of is given up, but for what diffs look at."""
        view_3d, view_plan = self.view_ids
        database.execute(row_sql.MEMBERS)
        for name, is_volatile in (("told", False), ("ignored", True)):
            members = database.sql(row_sql.JOINED, params={"volatile": is_volatile})
            database.register(name, _objects(members.to_arrow_table()))
        database.execute(
            row_sql.ROWS,
            {
                "lineage_id": self.lineage_id("stable"),
                "own_lineage_id": self.lineage_id("changing"),
                "database_id": self.database_id,
                "view_3d": view_3d,
                "view_plan": view_plan,
            },
        )
        for name in (*_TABLES, "told", "ignored"):
            database.unregister(name)
        for name in ("own_cells", "code_cells", "cells", "placed", "objects", "products", "places"):
            database.execute(f"drop table {name}")


def row_line(spelling: Spelling, *, is_ion: bool) -> str:
    """SQL that writes a row of an index."""
    lineage = "s.own_lineage_id" if spelling.lineage == "changing" else "s.lineage_id"
    return line(
        [
            ("svf2Id", number_json("s.svf2_id", spelling)),
            ("lineageId", text_json(lineage)),
            ("externalId", text_json("s.external_id")),
            ("lmvId", number_json("s.lmv_id", spelling)),
            (spelling.database_id, text_json("s.database_id")),
            ("props", "s.props_ion" if is_ion else "s.props"),
            ("propsHash", text_json("s.props_hash")),
            ("propsIgnored", "s.props_ignored"),
            ("geomHash", text_json("s.geom_hash")),
            *extent(spelling, is_ion),
            ("views", text_json("s.views")),
        ]
    )


def _given_keys(database: duckdb.DuckDBPyConnection) -> dict[str, Field]:
    """The fields that occur, by their keys; the table `fields` is made of them."""
    fields = [Field(*row) for row in database.sql(value_sql.FIELDS).fetchall()]
    given = keys(fields)
    table = pa.table(
        {
            "no": pa.array(range(len(fields)), pa.int32()),
            "key": pa.array([given[field] for field in fields], pa.string()),
            "category": pa.array([field.category for field in fields], pa.string()),
            "name": pa.array([field.name for field in fields], pa.string()),
            "type": pa.array([field.type for field in fields], pa.string()),
            "uom": pa.array([field.uom for field in fields], pa.string()),
            "is_volatile": pa.array([field.category in VOLATILE for field in fields], pa.bool_()),
        }
    )
    database.register("fields", table)
    return {given[field]: field for field in fields}


def _told(elements: pa.Table, looks: Looks) -> dict[str, pa.Table]:
    """What stands beside the lake's tables: categories, units and parameters as they look."""
    both = elements.select(["ifc_class", "role"]).group_by(["ifc_class", "role"]).aggregate([])
    classes = [
        {**row, "category_id": category.id, "category": category.named(looks.language)}
        for row in both.to_pylist()
        for category in [category_of(row["ifc_class"], row["role"])]
    ]
    uoms = _METRIC if looks.units == "metric" else _IMPERIAL
    fields = {name: parameter(name, looks.language, looks.source) for name in PARAMETERS}
    return {
        "classes": _table(
            classes, "ifc_class:string role:string category_id:int32 category:string"
        ),
        "place_categories": _table(
            [
                {**_category(category, looks), "kind": kind, "ifc_class": name}
                for kind, category, name in _PLACES
            ],
            "kind:string category_id:int32 category:string ifc_class:string",
        ),
        "view_rows": _table(
            [
                {**_category(VIEWS, looks), "name": "{3D}", "n": 1, "view": "3d"},
                {**_category(VIEWS, looks), "name": "Plan", "n": 2, "view": "plan"},
            ],
            "name:string n:int64 category_id:int32 category:string view:string",
        ),
        "material_rows": _table([_category(MATERIALS, looks)], "category_id:int32 category:string"),
        "uoms": _table(
            [
                {"unit": unit, "uom": uom, "times": times, "over": over}
                for unit, (uom, times, over) in uoms.items()
            ],
            "unit:string uom:string times:double over:double",
        ),
        "spelled": _table(
            [
                {"unit": unit, "uom": brief if looks.units == "imperial" else _FORGE + forge}
                for unit, (forge, brief) in _NAMED.items()
            ],
            "unit:string uom:string",
        ),
        "parameters": _table(
            [
                {"parameter": name, "category": f.category, "name": f.name, "type": f.type}
                for name, f in fields.items()
            ],
            "parameter:string category:string name:string type:string",
        ),
    }


def _objects(members: pa.Table) -> pa.Table:
    """For each row its members in one text, of members that come ordered by row.

    Columns are row_no, props and props_ion; braces are not around them.
    Joined in Arrow: an ordered aggregate in SQL takes ten times as long.
    """
    if members.num_rows == 0:
        schema = pa.schema([("row_no", pa.int32()), *((n, pa.string()) for n in _OBJECTS)])
        return schema.empty_table()
    runs = pc.run_end_encode(members["row_no"].combine_chunks())
    ends = pa.array([0, *runs.run_ends.to_pylist()], pa.int32())
    columns, comma = {"row_no": runs.values}, pa.scalar(",", pa.large_string())
    for column, name in zip(("raw", "ion"), _OBJECTS, strict=True):
        texts = members[column].cast(pa.large_string()).combine_chunks()
        columns[name] = pc.binary_join(pa.ListArray.from_arrays(ends, texts), comma)
    return pa.table(columns)


def _category(category: Category, looks: Looks) -> dict[str, Any]:
    return {"category_id": category.id, "category": category.named(looks.language)}


def _table(rows: list[dict[str, Any]], columns: str) -> pa.Table:
    """`columns` are name:type."""
    pairs = (column.split(":") for column in columns.split())
    schema = pa.schema([(name, pa.type_for_alias(type_)) for name, type_ in pairs])
    return pa.Table.from_pylist(rows, schema=schema)
