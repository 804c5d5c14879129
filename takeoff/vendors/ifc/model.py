"""An IFC file in memory as far as takeoff reads it: all but shapes, placements and presentation."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from takeoff.core.errors import InputRefused, NotUnderstood
from takeoff.core.progress import Progress
from takeoff.vendors.ifc import step
from takeoff.vendors.ifc.schema import EntityClass, Schema, schema, supported
from takeoff.vendors.ifc.values import Ref, Typed, Value, parse

# Records of these classes and their descendants are kept; all others are only counted.
_KEPT = (
    "IfcRoot",
    "IfcProperty",
    "IfcPhysicalQuantity",
    "IfcMaterial",
    "IfcMaterialDefinition",
    "IfcMaterialLayer",
    "IfcMaterialLayerSet",
    "IfcMaterialList",
    "IfcMaterialUsageDefinition",
    "IfcMaterialLayerSetUsage",
    "IfcClassification",
    "IfcExternalReference",
    "IfcClassificationNotation",
    "IfcClassificationNotationFacet",
    "IfcUnitAssignment",
    "IfcNamedUnit",
    "IfcDerivedUnit",
    "IfcDerivedUnitElement",
    "IfcMeasureWithUnit",
    "IfcMonetaryUnit",
    "IfcDimensionalExponents",
)


@dataclass(frozen=True, slots=True)
class Entity:
    """One record with its values by attribute name. Attributes that are not there are null."""

    step_id: int
    cls: EntityClass
    values: list[Value]

    def __getitem__(self, name: str) -> Value:
        place = self.cls.positions.get(name)
        return None if place is None or place >= len(self.values) else self.values[place]

    def text(self, name: str) -> str | None:
        """The attribute as text; null if it is empty or none."""
        return text_of(self[name])

    def ref(self, name: str) -> Ref | None:
        value = self[name]
        return value if isinstance(value, Ref) else None

    def refs(self, name: str) -> list[Ref]:
        """References of the attribute, be it one or a list of them."""
        return refs_of(self[name])


@dataclass
class Model:
    """Records by STEP id and by class, and those that could not be read as they should."""

    schema: Schema
    path: Path
    record_count: int = 0
    kept: dict[int, tuple[EntityClass, bytes]] = field(default_factory=dict)
    by_class: dict[str, list[int]] = field(default_factory=dict)
    broken: list[step.Record] = field(default_factory=list)
    repeated: list[step.Record] = field(default_factory=list)
    unknown: list[step.Record] = field(default_factory=list)

    def get(self, step_id: int | None) -> Entity | None:
        """The record of this id, if it is there and of a class that is kept."""
        found = None if step_id is None else self.kept.get(step_id)
        return None if found is None or step_id is None else self._entity(int(step_id), found)

    def of_class(self, *names: str) -> Iterator[Entity]:
        """All records of these classes and their descendants, in STEP-id order."""
        for step_id in self.ids(*names):
            yield self._entity(step_id, self.kept[step_id])

    def ids(self, *names: str) -> list[int]:
        """STEP ids of all records of these classes and their descendants, in order."""
        found: list[int] = []
        for ids in self.by_class.values():
            if ids and self.kept[ids[0]][0].is_a(*names):
                found += ids
        return sorted(found)

    def cls(self, step_id: int) -> EntityClass | None:
        found = self.kept.get(step_id)
        return None if found is None else found[0]

    def _entity(self, step_id: int, found: tuple[EntityClass, bytes]) -> Entity:
        return Entity(step_id, found[0], parse(found[1]))


def text_of(value: Value) -> str | None:
    """Text of a string, number or word, bare or typed; null if it is empty or none of these."""
    if isinstance(value, Typed):
        value = value.value
    return str(value) if isinstance(value, str) and value != "" else None


def refs_of(value: Value) -> list[Ref]:
    """The references in a value: itself, or those in a list or typed list."""
    if isinstance(value, Ref):
        return [value]
    if isinstance(value, Typed):
        return refs_of(value.value)
    if isinstance(value, list):
        return [ref for item in value for ref in refs_of(item)]
    return []


def read(path: Path, name: str, progress: Progress) -> Model:
    """The model in the plain IFC file at `path`; `name` is what people call it.

    Raises: InputRefused if it is no IFC file of a schema we read, or holds no records;
    NotUnderstood if it is cut short.
    """
    with path.open("rb") as file:
        if file.seek(0, 2) == 0:
            raise InputRefused(f"{name} is empty; export the model again.")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
            return _read(text, path, name, progress)


def _read(text: mmap.mmap, path: Path, name: str, progress: Progress) -> Model:
    known = supported(checked_schema(text, name))
    start = step.data_start(text)
    if start is None or not step.is_ended(text):
        raise NotUnderstood(
            f"{name} is cut short: it does not end with END-ISO-10303-21; "
            "copy or export the file again."
        )
    model = Model(schema(known or ""), path)
    progress.step(f"{name}: reading records", len(text))
    _collect(model, text, start, progress)
    if model.record_count == 0:
        raise InputRefused(f"{name} holds no model: its DATA section has no records.")
    return model


def checked_schema(text: step.Buffer, name: str) -> str:
    """The schema as the header names it. Raises: InputRefused if it is none that we read."""
    if not text[:512].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"ISO-10303-21"):
        raise InputRefused(f"{name} is not an IFC file: it does not begin with ISO-10303-21.")
    stated = step.schema_name(text)
    if stated is None:
        raise InputRefused(f"{name} is not an IFC file: its header names no schema.")
    if supported(stated) is None:
        raise InputRefused(
            f"{name} is written in the schema {stated}; takeoff reads IFC2X3, IFC4 and IFC4X3 - "
            "export it again in one of these."
        )
    return stated


def _collect(model: Model, text: mmap.mmap, start: int, progress: Progress) -> None:
    done = start
    for record in step.records(text, start, _Wanted(model.schema)):
        if isinstance(record, int):
            model.record_count += record
            continue
        model.record_count += 1
        if record.end - done > 1 << 20:
            progress.advance(record.end - done)
            done = record.end
        _keep(model, record)


def _keep(model: Model, record: step.Record) -> None:
    if not record.whole:
        model.broken.append(record)
    cls = model.schema.find(record.name) if record.step_id else None
    if cls is None:
        if record.whole:
            model.unknown.append(record)
    elif record.step_id in model.kept:
        model.repeated.append(record)
    elif cls.is_a(*_KEPT):
        model.kept[record.step_id] = (cls, record.arguments)
        model.by_class.setdefault(cls.name, []).append(record.step_id)


class _Wanted(dict[bytes, bool]):
    """Whether records of a class, named as in the file, are to be seen: kept or unknown ones."""

    def __init__(self, known: Schema) -> None:
        super().__init__()
        self._schema = known

    def __missing__(self, name: bytes) -> bool:
        cls = self._schema.find(name)
        self[name] = cls is None or cls.is_a(*_KEPT)
        return self[name]
