"""Property and quantity sets: read once into figures and properties, whoever they belong to."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from takeoff.vendors.ifc.converter import MEASURES, Converter, Figure, Source
from takeoff.vendors.ifc.elements import CommonValues
from takeoff.vendors.ifc.model import Entity, Model, refs_of, text_of
from takeoff.vendors.ifc.values import Number, Ref, Typed, Unreadable, Value, Word

_QUANTITY_KINDS = {
    "IfcQuantityLength": "length",
    "IfcQuantityArea": "area",
    "IfcQuantityVolume": "volume",
    "IfcQuantityCount": "count",
    "IfcQuantityWeight": "mass",
    "IfcQuantityTime": "time",
}
# Class that holds others -> the attribute that does.
_QUANTITY_MEMBERS = {
    "IfcElementQuantity": "Quantities",
    "IfcPhysicalComplexQuantity": "HasQuantities",
}
_PROPERTY_MEMBERS = {"IfcPropertySet": "HasProperties", "IfcComplexProperty": "HasProperties"}
# Name, description and unit come first in every physical quantity, then its value.
_VALUE_AT = 3
# Sets nest two or three levels deep; these bounds are for sets that hold themselves.
_DEEPEST = 16
_MOST_NESTED = 10_000


class Property(NamedTuple):
    """One property, ready but for the element. `value_kind` says which of the next is filled."""

    set_name: str | None
    name: str | None
    value_kind: str
    text: str | None
    number: float | None
    flag: bool | None
    unit: str | None
    step_id: int


@dataclass(frozen=True)
class SetContent:
    """What one set holds, in the order of the file.

    `missing` are members that are not there, `cut` the first whose own members were not read.
    """

    figures: list[Figure]
    properties: list[Property]
    common: CommonValues
    missing: list[int]
    cut: list[int]


class Sets:
    """Reads sets; those that several elements share are kept."""

    def __init__(self, model: Model, converter: Converter, shared: set[int]) -> None:
        self._model, self._converter = model, converter
        self._shared = shared
        self._known: dict[int, SetContent] = {}

    def content(self, step_id: int) -> SetContent:
        known = self._known.get(step_id)
        if known is None:
            known = self._read(step_id)
            if step_id in self._shared:
                self._known[step_id] = known
        return known

    def _read(self, step_id: int) -> SetContent:
        content = SetContent([], [], CommonValues(), [], [])
        entity = self._model.get(step_id)
        if entity is None:
            return content
        if entity.cls.name == "IfcElementQuantity":
            for name, member in self._members(entity, _QUANTITY_MEMBERS, content):
                self._quantity(member, entity.text("Name"), name, content)
        elif entity.cls.is_a("IfcPropertySet"):
            for name, member in self._members(entity, _PROPERTY_MEMBERS, content):
                self._property(member, entity.text("Name"), name, content)
        else:
            _predefined(entity, self._converter, content)
        return SetContent(
            content.figures,
            content.properties,
            _common(content.properties),
            content.missing,
            content.cut,
        )

    def _members(
        self, entity: Entity, names: Mapping[str, str], content: SetContent
    ) -> Iterator[tuple[str | None, Entity]]:
        """(name, record) of all quantities or properties, those of complex ones as path/name.

        `names` has for each class that holds others the attribute that does. What is not there and
        what nests too deep goes to `content`.
        """
        waiting = [(entity.step_id, "", iter(entity.refs(names[entity.cls.name])))]
        nested = 0
        while waiting:
            _, path, refs = waiting[-1]
            ref = next(refs, None)
            if ref is None:
                waiting.pop()
            elif (member := self._model.get(ref)) is None:
                content.missing.append(ref)
            elif (attribute := names.get(member.cls.name)) is None:
                yield path + (member.text("Name") or "") or None, member
            elif nested > _MOST_NESTED or not _may_hold(waiting, ref):
                content.cut[:] = content.cut or [ref]
            else:
                inner = list(dict.fromkeys(member.refs(attribute)))
                nested += len(inner)
                waiting.append((ref, f"{path}{member.text('Name') or ''}/", iter(inner)))

    def _quantity(
        self, entity: Entity, set_name: str | None, name: str | None, content: SetContent
    ) -> None:
        kind = _QUANTITY_KINDS.get(entity.cls.name, "other")
        value = entity.values[_VALUE_AT] if len(entity.values) > _VALUE_AT else None
        if isinstance(entity["Formula"], Number):
            # 1,5 for 1.5: the formula is a text.
            value = Unreadable(text_of(value) or "")
        source = Source("qto", set_name, name, entity.step_id)
        content.figures.append(self._converter.figure(kind, value, entity.ref("Unit"), source))

    def _property(
        self, entity: Entity, set_name: str | None, name: str | None, content: SetContent
    ) -> None:
        if entity.cls.name == "IfcPropertySingleValue":
            self._single(entity, set_name, name, content)
        else:
            content.properties.extend(self._several(entity, set_name, name))

    def _single(
        self, entity: Entity, set_name: str | None, name: str | None, content: SetContent
    ) -> None:
        value, own = entity["NominalValue"], entity.ref("Unit")
        kind = self._kind(value, own)
        unit_text = self._unit_text(value, own)
        if kind is not None:
            source = Source("pset", set_name, name, entity.step_id)
            content.figures.append(self._converter.figure(kind, value, own, source))
        content.properties.append(as_property(set_name, name, value, unit_text, entity.step_id))

    def _kind(self, value: Value, own: Ref | None) -> str | None:
        """What kind of figure a property's value is: by its type, or if that says nothing by the
        unit that it names; null if it is none."""
        if not isinstance(value, Typed):
            return None
        kind = MEASURES.get(value.name)
        unit = self._converter.units.own(own)
        if kind is None and unit is not None and value.name == "IFCREAL":
            return unit.kind if unit.kind != "other" else None
        return kind

    def _unit_text(self, value: Value, own: Ref | None) -> str | None:
        unit = self._converter.units.own(own)
        if unit is None and isinstance(value, Typed):
            unit = self._converter.units.declared(unit_type(value.name))
        return None if unit is None else unit.text

    def _several(
        self, entity: Entity, set_name: str | None, name: str | None
    ) -> Iterator[Property]:
        """The values of a property that has several: one row each, those of a role under a path."""
        own = entity.ref("Unit")
        roles = _ROLES.get(entity.cls.name)
        if roles is None:
            text = self._described(entity.ref("PropertyReference"))
            yield Property(
                set_name,
                name,
                "none" if text is None else "text",
                text,
                None,
                None,
                None,
                entity.step_id,
            )
            return
        for attribute, path, unit_attribute in roles:
            value = entity[attribute]
            unit = own if unit_attribute is None else entity.ref(unit_attribute)
            for item in value if isinstance(value, list) else [value]:
                if item is not None:
                    unit_text = self._unit_text(item, unit)
                    yield as_property(
                        set_name, (name or "") + path or None, item, unit_text, entity.step_id
                    )

    def _described(self, ref: Ref | None) -> str | None:
        """What a reference points to, in words: class and name, or the STEP id if not kept."""
        if ref is None:
            return None
        entity = self._model.get(ref)
        if entity is None:
            return f"#{int(ref)}"
        return f"{entity.cls.name} {entity.text('Name') or f'#{int(ref)}'}"


def _may_hold(outer: list[tuple[int, str, Iterator[Ref]]], ref: int) -> bool:
    """Whether what lies within `outer` may hold others: not if it holds itself or is too deep."""
    return len(outer) <= _DEEPEST and all(ref != step_id for step_id, _, _ in outer)


# Class -> (attribute, what its rows are called behind the property's name, unit attribute).
_ROLES: dict[str, tuple[tuple[str, str, str | None], ...]] = {
    "IfcPropertyEnumeratedValue": (("EnumerationValues", "", None),),
    "IfcPropertyListValue": (("ListValues", "", None),),
    "IfcPropertyBoundedValue": (
        ("LowerBoundValue", "/LowerBoundValue", None),
        ("SetPointValue", "/SetPointValue", None),
        ("UpperBoundValue", "/UpperBoundValue", None),
    ),
    "IfcPropertyTableValue": (
        ("DefiningValues", "/DefiningValues", "DefiningUnit"),
        ("DefinedValues", "/DefinedValues", "DefinedUnit"),
    ),
}


def as_property(
    set_name: str | None, name: str | None, value: Value, unit: str | None, step_id: int
) -> Property:
    """A value as the file types it: number, flag, text, or none if there is no value."""
    bare = value.value if isinstance(value, Typed) else value
    if bare is None:
        return Property(set_name, name, "none", None, None, None, None, step_id)
    if isinstance(bare, Number):
        number = float(bare)
        if math.isfinite(number):
            return Property(set_name, name, "number", None, number, None, unit, step_id)
    if isinstance(bare, Word) and bare in ("T", "F"):
        return Property(set_name, name, "flag", None, None, bare == "T", None, step_id)
    if isinstance(bare, list):
        text = ", ".join(text_of(item) or "" for item in bare)
        return Property(set_name, name, "text", text, None, None, None, step_id)
    return Property(set_name, name, "text", str(bare), None, None, None, step_id)


@cache
def unit_type(measure: str) -> str:
    """IFCPOSITIVELENGTHMEASURE -> LENGTHUNIT: the type of unit that a measure is in."""
    stem = measure.upper().removeprefix("IFC").removesuffix("MEASURE")
    return stem.removeprefix("POSITIVE").removeprefix("NONNEGATIVE") + "UNIT"


def attribute_properties(
    entity: Entity, converter: Converter, set_name: str | None, skipped: frozenset[str]
) -> Iterator[Property]:
    """The entity's own attributes that are set, save references to other records."""
    for name, value, type_ in zip(
        entity.cls.attributes, entity.values, entity.cls.types, strict=False
    ):
        if value is None or name in skipped or isinstance(value, Ref) or refs_of(value):
            continue
        unit = converter.units.declared(unit_type(type_)) if type_ else None
        yield as_property(
            set_name, name, value, None if unit is None else unit.text, entity.step_id
        )


_ROOT = frozenset(("GlobalId", "OwnerHistory", "Name", "Description"))


def _predefined(entity: Entity, converter: Converter, content: SetContent) -> None:
    """A set that the schema itself defines, such as IfcDoorLiningProperties."""
    set_name = entity.text("Name") or entity.cls.name
    content.properties.extend(attribute_properties(entity, converter, set_name, _ROOT))


def _common(properties: list[Property]) -> CommonValues:
    """What a set Pset_*Common says; nothing for other sets."""
    set_name = properties[0].set_name if properties else None
    if set_name is None or not (set_name.startswith("Pset_") and set_name.endswith("Common")):
        return CommonValues()
    flags = {item.name: item.flag for item in properties if item.flag is not None}
    texts = {item.name: item.text for item in properties if item.text is not None}
    return CommonValues(flags.get("IsExternal"), flags.get("LoadBearing"), texts.get("Status"))
