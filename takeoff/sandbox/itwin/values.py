"""What the lake says of one model's elements, as values of EC properties."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from takeoff.core.refs import Snapshot
from takeoff.engines.duckdb import open_engine
from takeoff.lake.layout import Layout
from takeoff.sandbox.itwin import sql
from takeoff.sandbox.itwin.guids import federation_guids

Rows = npt.NDArray[np.int32]

# Columns of elements as EC properties: column of ELEMENTS, class, property, column of a mapping.
_OWN = (
    ("federation_guid", "BisCore", "Element", "FederationGuid", "FederationGuid"),
    ("name", "BisCore", "Element", "UserLabel", "Name"),
    ("ifc_class", "Ifc", "IfcRoot", "Class", "IfcClass"),
    ("source_class", "Ifc", "IfcRoot", "SourceClass", "SourceClass"),
    ("predefined_type", "Ifc", "IfcElement", "PredefinedType", "PredefinedType"),
    ("type_id", "BisCore", "GeometricElement3d", "TypeDefinition.Id", "TypeId"),
    ("type_name", "BisCore", "GeometricElement3d", "TypeDefinition.UserLabel", "TypeName"),
    ("mark", "Ifc", "IfcElement", "Tag", "Mark"),
    ("discipline", "Ifc", "IfcElement", "Discipline", "Discipline"),
    ("building_id", "Ifc", "IfcBuilding", "Id", "BuildingId"),
    ("building_name", "Ifc", "IfcBuilding", "Name", "Building"),
    ("storey_id", "Ifc", "IfcBuildingStorey", "Id", "StoreyId"),
    ("storey_name", "Ifc", "IfcBuildingStorey", "Name", "Storey"),
    ("storey_elevation_m", "Ifc", "IfcBuildingStorey", "Elevation", "StoreyElevation"),
    ("space_id", "Ifc", "IfcSpace", "Id", "SpaceId"),
    ("space_name", "Ifc", "IfcSpace", "Name", "Space"),
    ("system", "Ifc", "IfcSystem", "Name", "System"),
    ("phase", "Ifc", "IfcElement", "Phase", "Phase"),
    ("is_external", "Ifc", "IfcElement", "IsExternal", "IsExternal"),
    ("load_bearing", "Ifc", "IfcElement", "LoadBearing", "LoadBearing"),
    ("parent_id", "BisCore", "Element", "Parent.Id", "ParentId"),
    ("source_id", "BisCore", "ExternalSourceAspect", "Identifier", "SourceId"),
    ("authoring_id", "Ifc", "IfcElement", "AuthoringId", "AuthoringId"),
    ("elevation_m", "BisCore", "SpatialLocationElement", "Elevation", "Elevation"),
)
# Those in metres; all others are texts and flags.
_METRES = ("storey_elevation_m", "elevation_m")
# Labels of those that each class has, even if the lake has no value of them.
_EVERYWHERE = ("FederationGuid", "Name", "IfcClass", "Building", "Storey")
_TYPES = {"text": "String", "flag": "Boolean"}
_QUANTITY_TYPES = {
    "length": "Distance",
    "area": "Area",
    "volume": "Volume",
    "mass": "Mass",
    "time": "Time",
}


@dataclass(frozen=True)
class EcProperty:
    """The values of one EC property: of the elements `rows`, ascending, and of no others.

    `data_type` is String, Double or Boolean. `units` are SI units if `is_si` is true there, else
    words of the source; null if there is none. `written` is what the source wrote. `calculated` is
    the geometry that the service would have measured. `label` is a mapping's name for it.
    """

    schema: str
    class_name: str
    name: str
    label: str
    data_type: str
    rows: Rows = field(repr=False)
    values: pa.Array = field(repr=False)
    is_figure: bool = False
    quantity_type: str | None = None
    calculated: str | None = None
    units: pa.Array | None = field(default=None, repr=False)
    is_si: pa.Array | None = field(default=None, repr=False)
    written: pa.Array | None = field(default=None, repr=False)
    written_units: pa.Array | None = field(default=None, repr=False)

    def at(self, rows: Rows) -> pa.Array:
        """For each of the elements `rows` the place of its value; null if it has none."""
        if not len(self.rows):
            return pa.nulls(len(rows), pa.int64())
        places = np.minimum(np.searchsorted(self.rows, rows), len(self.rows) - 1)
        return pa.array(places, mask=self.rows[places] != rows)

    @property
    def has_units(self) -> bool:
        """Whether one of the values has a unit; a count has none."""
        if self.units is None or self.data_type != "Double":
            return False
        return bool(pc.any(pc.not_equal(self.units, "1")).as_py())


class Elements:
    """A snapshot's elements, read when they are first asked for and shared by all threads.

    Raises, from any member: LakeUnusable if the lake's files are damaged.
    """

    def __init__(self, layout: Layout, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._layout = layout
        self._lock = threading.RLock()

    @property
    def count(self) -> int:
        return len(self.instance_ids)

    @property
    def instance_ids(self) -> pa.Array:
        """ECInstanceId of each."""
        with self._lock:
            return self._columns["instance_id"]

    @property
    def class_names(self) -> pa.Array:
        """The EC class of each, such as IfcWall."""
        with self._lock:
            return self._columns["class_name"]

    @property
    def labels(self) -> pa.Array:
        """UserLabel of each."""
        with self._lock:
            return self._columns["name"]

    @property
    def properties(self) -> list[EcProperty]:
        """All EC properties: the elements' own, calculated geometry, figures, codes, the rest."""
        with self._lock:
            return self._properties

    @property
    def classes(self) -> dict[str, Rows]:
        """The elements of each class, by the classes' names, in the order of these."""
        with self._lock:
            return self._classes

    def by_class(self) -> dict[str, list[EcProperty]]:
        """For each class the EC properties that one of its elements has, in their order.

        Those that tell what and where an element is are there in any case.
        """
        names = list(self.classes)
        numbers = np.empty(self.count, dtype=np.int32)
        for number, rows in enumerate(self.classes.values()):
            numbers[rows] = number
        found: dict[str, list[EcProperty]] = {name: [] for name in names}
        for item in self.properties:
            counts = np.bincount(numbers[item.rows], minlength=len(names))
            is_everywhere = item.schema in ("BisCore", "Ifc") and item.label in _EVERYWHERE
            for name, count in zip(names, counts.tolist(), strict=True):
                if count or is_everywhere:
                    found[name].append(item)
        return found

    @cached_property
    def _read(self) -> tuple[pa.Table, list[tuple[pa.Table, pa.Table]]]:
        """What is asked of the lake, all at once: opening it takes longer than asking."""
        chosen = [self.snapshot]
        with open_engine(self._layout, chosen, selected=chosen) as engine:
            elements = engine.query(sql.ELEMENTS).read_all()
            themes = [
                (engine.query(theme.keys).read_all(), engine.query(theme.values).read_all())
                for theme in sql.THEMES
            ]
        return elements, themes

    @cached_property
    def _columns(self) -> dict[str, pa.Array]:
        columns = _columns(self._read[0])
        return columns | {"federation_guid": federation_guids(columns["ifc_guid"])}

    @cached_property
    def _classes(self) -> dict[str, Rows]:
        names = self._columns["class_name"].dictionary_encode()
        which = names.indices.to_numpy(zero_copy_only=False)
        return {
            name: np.flatnonzero(which == number).astype(np.int32)
            for number, name in sorted(enumerate(names.dictionary.to_pylist()), key=_second)
        }

    @cached_property
    def _properties(self) -> list[EcProperty]:
        own = [
            (_own_length if column in _METRES else _own)(self._columns[column], *names)
            for column, *names in _OWN
        ]
        return own + [item for keys, values in self._read[1] for item in _of_theme(keys, values)]


def _own(values: pa.Array, schema: str, class_name: str, name: str, label: str) -> EcProperty:
    is_there = pc.is_valid(values)
    rows = np.flatnonzero(is_there.to_numpy(zero_copy_only=False)).astype(np.int32)
    data_type = "Boolean" if pa.types.is_boolean(values.type) else "String"
    return EcProperty(schema, class_name, name, label, data_type, rows, values.filter(is_there))


def _own_length(
    values: pa.Array, schema: str, class_name: str, name: str, label: str
) -> EcProperty:
    bare = _own(values, schema, class_name, name, label)
    metres = pa.repeat(pa.scalar("m"), len(bare.rows))
    return replace(
        bare,
        data_type="Double",
        is_figure=True,
        quantity_type=_QUANTITY_TYPES["length"],
        units=metres,
        is_si=pa.repeat(pa.scalar(True), len(bare.rows)),
        written=bare.values,
        written_units=metres,
    )


def _of_theme(keys: pa.Table, values: pa.Table) -> Iterator[EcProperty]:
    """The EC properties of a theme.

    One of the same name as that before, but of another kind, is in a schema of its own; so is the
    second value that an element has of one.
    """
    columns = _columns(values)
    ends = np.searchsorted(columns["key_no"].to_numpy(), np.arange(len(keys)), side="right")
    start, before = 0, None
    for key, stop in zip(keys.to_pylist(), ends.tolist(), strict=True):
        name = (key["ec_schema"], key["ec_class"], key["ec_property"])
        schema = name[0] if name != before else f"{name[0]}_{key['kind']}"
        run = {column: array[start:stop] for column, array in columns.items()}
        yield from _each_once(schema, key, run)
        start, before = stop, name


def _each_once(schema: str, key: dict[str, Any], run: dict[str, pa.Array]) -> Iterator[EcProperty]:
    """The values of one key: the first that each element has, then the second, ..."""
    rows = run["row_no"].to_numpy()
    is_first = np.append(True, rows[1:] != rows[:-1])
    if is_first.all():
        yield _property(schema, key, run)
        return
    firsts = np.flatnonzero(is_first)
    place = np.arange(len(rows)) - firsts[np.cumsum(is_first) - 1]
    for number in range(int(place.max()) + 1):
        part = {name: array.filter(pa.array(place == number)) for name, array in run.items()}
        yield _property(schema if number == 0 else f"{schema}_{number + 1}", key, part)


def _property(schema: str, key: dict[str, Any], run: dict[str, pa.Array]) -> EcProperty:
    class_name, name, kind = key["ec_class"], key["ec_property"], key["kind"]
    is_figure = "is_si" in run
    data_type = "Double" if is_figure else _TYPES.get(kind, "Double")
    column = {"String": "text", "Boolean": "flag"}.get(data_type, "number")
    return EcProperty(
        schema,
        class_name,
        name,
        _label(schema, class_name, name),
        data_type,
        run["row_no"].to_numpy(),
        run[column],
        is_figure,
        _QUANTITY_TYPES.get(kind) if is_figure else None,
        key["calculated"],
        run.get("unit"),
        run.get("is_si"),
        run.get("written"),
        run.get("written_unit"),
    )


def _label(schema: str, class_name: str, name: str) -> str:
    if schema.startswith("IfcClassification"):
        word = {"Identification": "", "Name": "_Title", "Edition": "_Edition"}[name]
        return f"Code_{class_name}{word}"
    if schema.startswith("IfcMaterial"):
        return class_name if name == "Name" else f"{class_name}_{name}"
    return name


def _columns(table: pa.Table) -> dict[str, pa.Array]:
    return {
        name: pa.concat_arrays(table[name].chunks)
        if table[name].num_chunks
        else pa.array([], table[name].type)
        for name in table.column_names
    }


def _second(pair: tuple[int, str]) -> str:
    return pair[1]
