"""One model as it is served: its products in columns, read from the lake when first asked for."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from takeoff.core.refs import Snapshot
from takeoff.engines.duckdb import Engine, open_engine
from takeoff.lake.layout import Layout
from takeoff.sandbox.qonic import sql
from takeoff.sandbox.qonic.answers import handle, json_bytes
from takeoff.sandbox.qonic.columns import (
    Column,
    json_texts,
    numbers,
    plain,
    properties,
    structured,
)

PLAIN_FIELDS = ("Guid", "Class", "Name", "SpatialLocation", "Code", "MaterialLayerSet")


_PLACE = ("building_id", "building_name", "storey_id", "storey_name", "space_id", "space_name")


@dataclass(frozen=True)
class Looks:
    """The switches that shape products' own values, and so their columns."""

    classes: str
    code: str
    no_code: str
    material_layers: str
    property_units: str


class Model:
    """A snapshot as a model of the vendor's. `number` is its id on the wire, as text.

    Everything is read once, when it is first needed, and shared by all threads.
    Raises, from any member: LakeUnusable if the lake's files are damaged.
    """

    def __init__(self, layout: Layout, snapshot: Snapshot, number: str, name: str) -> None:
        self.layout = layout
        self.snapshot = snapshot
        self.number = number
        self.name = name
        self._lock = threading.RLock()
        self._engine: Engine | None = None
        self._columns: dict[Looks, dict[str, Column]] = {}
        self._property_columns: dict[str, dict[str, Column]] = {}

    def columns(self, looks: Looks) -> Mapping[str, Column]:
        """Every field by its name, in the order that they are listed in."""
        with self._lock:
            if looks not in self._columns:
                self._columns[looks] = self._shaped(looks)
            return self._columns[looks]

    @property
    def count(self) -> int:
        """Products that are served."""
        with self._lock:
            return int(self._products.num_rows)

    @property
    def served(self) -> pa.Array:
        """The rows of the products that there are."""
        return numbers(self.count)

    @property
    def is_changed(self) -> bool:
        """Whether it differs from what the lake holds."""
        return False

    @property
    def row_of(self) -> Mapping[str, int]:
        """The product's row by its Guid."""
        with self._lock:
            return self._row_of

    @property
    def guids(self) -> Column:
        with self._lock:
            return self._guids

    @property
    def dynamic(self) -> Mapping[str, Column]:
        """The dynamic properties by their names; cells are numbers as JSON."""
        with self._lock:
            return self._dynamic

    @property
    def counted(self) -> Mapping[str, pa.Array]:
        """For each quantity of a calculator one decimal a product; null if it has none."""
        with self._lock:
            return self._counted

    def rows(self, statement: str) -> list[dict[str, Any]]:
        """Rows of a query of ours about this model."""
        rows: list[dict[str, Any]] = self._ask(statement).to_pylist()
        return rows

    def close(self) -> None:
        """Nothing more can be read; what was read before stays."""
        with self._lock:
            if self._engine is not None:
                self._engine.close()
                self._engine = None

    def _ask(self, statement: str, params: Mapping[str, Any] | None = None) -> pa.Table:
        with self._lock:
            if self._engine is None:
                chosen = [self.snapshot]
                self._engine = open_engine(self.layout, chosen, selected=chosen)
            return self._engine.query(statement, params).read_all()

    @cached_property
    def _products(self) -> pa.Table:
        return self._ask(sql.PRODUCTS)

    @cached_property
    def _guids(self) -> Column:
        return plain("Guid", self._products["ifc_guid"].to_pylist())

    @cached_property
    def _row_of(self) -> dict[str, int]:
        return {guid: row for row, guid in enumerate(self._products["ifc_guid"].to_pylist())}

    @cached_property
    def _dynamic(self) -> dict[str, Column]:
        table = self._ask(sql.DYNAMIC)
        return {
            field: properties(field, part["row_no"], _nulls(part), _values(part), self.count)
            for field, part in _by(table, "field")
        }

    @cached_property
    def _counted(self) -> dict[str, pa.Array]:
        table = self._ask(sql.COUNTED)
        every = numbers(self.count)
        return {
            quantity: part["value_exact"].take(pc.index_in(every, value_set=part["row_no"]))
            for quantity, part in _by(table, "quantity")
        }

    def _shaped(self, looks: Looks) -> dict[str, Column]:
        classes = self._products["class"].to_pylist()
        if looks.classes == "prefixed":
            classes = [None if name is None else f"Ifc{name}" for name in classes]
        own = [
            self._guids,
            plain("Class", classes),
            plain("Name", self._products["name"].to_pylist()),
            structured("SpatialLocation", self._spatial()),
            structured("Code", self._codes(looks), is_left_out=looks.no_code == "missing"),
            structured("MaterialLayerSet", self._layers(looks.material_layers)),
        ]
        return {column.name: column for column in own} | self._properties(looks.property_units)

    def _properties(self, units: str) -> dict[str, Column]:
        if units not in self._property_columns:
            table = self._ask(sql.CELLS, {"as_written": units == "as_written"})
            self._property_columns[units] = {
                field: properties(field, part["row_no"], _sets(part), _values(part), self.count)
                for field, part in _by(table, "field")
                if field not in PLAIN_FIELDS
            }
        return self._property_columns[units]

    def _spatial(self) -> list[str]:
        sites = _sites(self.rows(sql.LOCATIONS))
        places = zip(*(self._products[name].to_pylist() for name in _PLACE), strict=True)
        known: dict[tuple[str | None, ...], str] = {}
        return [known.get(p) or known.setdefault(p, _spatial_location(p, sites)) for p in places]

    def _codes(self, looks: Looks) -> list[str | None]:
        nothing = '""' if looks.code == "text" else "{}"
        by_row: list[str | None] = [nothing if looks.no_code == "empty" else None] * self.count
        for row_no, codes in groupby(self.rows(sql.CODES), itemgetter("row_no")):
            by_row[row_no] = json_bytes(_code(list(codes), looks.code)).decode()
        return by_row

    def _layers(self, form: str) -> list[str | None]:
        by_row: list[str | None] = [None] * self.count
        for row_no, layers in groupby(self.rows(sql.LAYERS), itemgetter("row_no")):
            by_row[row_no] = json_bytes(_layer_set(list(layers), form)).decode()
        return by_row


def library_handle(system: str | None, edition: str | None) -> str:
    """The GUID of a codification library; the same in every project."""
    return handle("codification", system, edition)


def _code(codes: list[dict[str, Any]], form: str) -> Any:
    if form == "text":
        return codes[0]["code"]
    shown: dict[str, dict[str, str]] = {}
    for code in codes:
        system = code["system"] or ""
        key = library_handle(code["system"], code["edition"]) if form == "guid" else system
        # An object has a key once: of two codes of one library the first is kept.
        shown.setdefault(key, {"Identification": code["code"]})
    return shown


def _layer_set(layers: list[dict[str, Any]], form: str) -> Any:
    names = [layer["material"] for layer in layers]
    if form == "list":
        return names
    if form == "text":
        return ", ".join(name or "" for name in names)
    return [
        [
            {"name": "Name", "value": layer["material"]},
            {"name": "Thickness", "value": layer["thickness_m"]},
        ]
        for layer in layers
    ]


def _spatial_location(place: tuple[str | None, ...], sites: Mapping[str, str | None]) -> str:
    """As JSON; `place` has the columns _PLACE."""
    building_id, building, storey_id, storey, space_id, space = place
    deepest = space_id or storey_id or building_id or ""
    location = {
        "Site": sites.get(deepest) or "",
        "Building": building or "",
        "Floor": storey or "",
        "Space": space or "",
        "SpatialLocationId": deepest,
    }
    return json_bytes(location).decode()


def _sites(locations: list[dict[str, Any]]) -> dict[str, str | None]:
    """For every location the name of the site that it lies in."""
    by_id = {location["location_id"]: location for location in locations}

    def site(location: dict[str, Any] | None, steps: int = 0) -> str | None:
        if location is None or steps > len(by_id):
            return None
        if location["kind"] == "site":
            name: str | None = location["name"]
            return name
        return site(by_id.get(location["parent_id"]), steps + 1)

    return {location_id: site(location) for location_id, location in by_id.items()}


def _by(table: pa.Table, name: str) -> Iterator[tuple[str, dict[str, pa.Array]]]:
    """The parts of a table that is ordered by `name`, with its columns as single arrays."""
    columns = {column: _whole(table[column]) for column in table.column_names}
    if table.num_rows == 0:
        return
    runs = pc.run_end_encode(columns[name])
    start = 0
    for value, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
        yield value, {column: whole[start:end] for column, whole in columns.items()}
        start = end


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def _sets(part: dict[str, pa.Array]) -> pa.Array:
    return json_texts(part["set_name"]).fill_null("null")


def _nulls(part: dict[str, pa.Array]) -> pa.Array:
    return pa.array(["null"] * len(part["row_no"]), pa.string())


def _values(part: dict[str, pa.Array]) -> pa.Array:
    """The values as JSON texts; a number keeps every digit that the lake has of it.

    Arrow writes a double by the shortest text that reads back as it, 5200 without a point.
    """
    digits = pc.utf8_rtrim(pc.utf8_rtrim(part["digits"], "0"), ".")
    parts = [digits, pc.cast(part["number"], pa.string())]
    if "flag" in part:
        parts += [pc.cast(part["flag"], pa.string()), json_texts(part["text"])]
    return pc.coalesce(*parts).fill_null("null")
