"""An IFC file in memory as far as takeoff reads it: all but shapes, placements and presentation."""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from takeoff.core.errors import InputRefused, NotUnderstood
from takeoff.core.progress import Progress
from takeoff.vendors.ifc import header, step
from takeoff.vendors.ifc.schema import EntityClass, Schema, schema, supported
from takeoff.vendors.ifc.values import Flawed, Number, Ref, Typed, Unreadable, Value, parse

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
_FIRST_TEXT = re.compile(rb"\(\s*'([^'\r\n]*)'")
_GUID_BYTES = re.compile(rb"[0-3][0-9A-Za-z_$]{21}")


class Entity:
    """One record with its values by attribute name. Attributes that are not there are null."""

    __slots__ = ("cls", "step_id", "values")

    def __init__(self, step_id: int, cls: EntityClass, values: list[Value]) -> None:
        self.step_id, self.cls, self.values = step_id, cls, values

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
    """Records by STEP id and by class, and those that could not be read as they should.

    `misfits` are those whose values are not as many as their class has, or cannot be told apart,
    as far as they were asked for; with what is wrong in words.
    """

    schema: Schema
    path: Path
    record_count: int = 0
    kept: dict[int, tuple[EntityClass, bytes]] = field(default_factory=dict)
    by_class: dict[str, list[int]] = field(default_factory=dict)
    broken: list[step.Record] = field(default_factory=list)
    repeated: list[step.Record] = field(default_factory=list)
    unknown: list[step.Record] = field(default_factory=list)
    salvaged: set[int] = field(default_factory=set)
    misfits: dict[int, str] = field(default_factory=dict)

    def get(self, step_id: int | None) -> Entity | None:
        """The record of this id, if it is there and of a class that is kept."""
        if step_id is None:
            return None
        return self._entity(int(step_id)) if step_id in self.kept else None

    def of_class(self, *names: str) -> Iterator[Entity]:
        """All records of these classes and their descendants, in STEP-id order."""
        for step_id in self.ids(*names):
            yield self._entity(step_id)

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

    def _entity(self, step_id: int) -> Entity:
        cls, arguments = self.kept[step_id]
        values = parse(arguments)
        if len(values) != cls.size or type(values) is Flawed:
            values = self._misfit(step_id, cls, values)
        return Entity(step_id, cls, values)

    def _misfit(self, step_id: int, cls: EntityClass, values: list[Value]) -> list[Value]:
        """Values without their numbers: 1,5 for 1.5 is one value too many and makes another 1."""
        if step_id not in self.salvaged:
            flaw = f"has {len(values)} values where {self.schema.name} has {cls.size}"
            if type(values) is Flawed:
                flaw = "holds a reference that is none, or nests too deep"
            self.misfits[step_id] = f"#{step_id} ({cls.name}) {flaw}; its numbers do not count."
        return [_doubted(value) for value in values]


def _doubted(value: Value) -> Value:
    if isinstance(value, Typed):
        return Typed(value.name, _doubted(value.value))
    return Unreadable(value) if isinstance(value, Number) else value


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
    NotUnderstood if it is cut short or goes on behind its end.
    """
    with path.open("rb") as file:
        if file.seek(0, 2) == 0:
            raise InputRefused(f"{name} is empty; export the model again.")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
            return _read(text, path, name, progress)


def _read(text: mmap.mmap, path: Path, name: str, progress: Progress) -> Model:
    known = supported(checked_schema(text, name))
    start = header.data_start(text)
    if start is None:
        raise NotUnderstood(f"{name} is cut short: it has no DATA section; export it again.")
    model = Model(schema(known or ""), path)
    progress.step(f"{name}: reading records", len(text))
    try:
        _collect(model, text, start, progress)
    except step.Misshapen as error:
        raise NotUnderstood(f"{name} {error}") from error
    if model.record_count == 0:
        raise InputRefused(f"{name} holds no model: its DATA section has no records.")
    return model


def checked_schema(text: step.Buffer, name: str) -> str:
    """The schema as the header names it. Raises: InputRefused if it is none that we read."""
    if not text[:512].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"ISO-10303-21"):
        raise InputRefused(f"{name} is not an IFC file: it does not begin with ISO-10303-21.")
    stated = header.schema_name(text)
    if stated is None:
        raise InputRefused(f"{name} is not an IFC file: its header names no schema.")
    if supported(stated) is None:
        raise InputRefused(
            f"{name} is written in the schema {stated}; takeoff reads IFC2X3, IFC4 and IFC4X3 - "
            "export it again in one of these."
        )
    return stated


def _collect(model: Model, text: mmap.mmap, start: int, progress: Progress) -> None:
    done = 0
    for record in step.records(text, start, _Wanted(model.schema)):
        if isinstance(record, int):
            model.record_count += record
            continue
        model.record_count += 1
        if record.end - done > 1 << 20:
            progress.advance(record.end - done)
            done = record.end
        _keep(model, record)
    progress.advance(len(text) - done)


def _keep(model: Model, record: step.Record) -> None:
    cls = model.schema.find(record.name)
    arguments = record.arguments
    if not record.whole:
        model.broken.append(record)
        if cls is None or not cls.is_a(*_KEPT):
            return
        arguments = _salvaged(record, cls)
        model.salvaged.add(record.step_id)
    elif cls is None:
        model.unknown.append(record)
        return
    if record.step_id in model.kept:
        model.repeated.append(record)
        return
    model.kept[record.step_id] = (cls, arguments)
    model.by_class.setdefault(cls.name, []).append(record.step_id)


def _salvaged(record: step.Record, cls: EntityClass) -> bytes:
    """What is sure of a broken record: the first of its values, a GlobalId or a name, if any.

    Where the record broke, a later value may be cut or stand in another's place.
    """
    found = _FIRST_TEXT.match(record.arguments)
    if found is None or (cls.is_a("IfcRoot") and not _GUID_BYTES.fullmatch(found[1])):
        return b"()"
    return found[0] + b")"


class _Wanted(dict[bytes, bool]):
    """Whether records of a class, named as in the file, are to be seen: kept or unknown ones."""

    def __init__(self, known: Schema) -> None:
        super().__init__()
        self._schema = known

    def __missing__(self, name: bytes) -> bool:
        cls = self._schema.find(name)
        self[name] = cls is None or cls.is_a(*_KEPT)
        return self[name]
