"""What the IFC schemas say: classes, what they descend from, and where their attributes stand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import ifcopenshell.ifcopenshell_wrapper as wrapper

# The schema that ifcopenshell knows, by the start of the name in the file's header.
_KNOWN = (("IFC4X3", "IFC4X3_ADD2"), ("IFC2X3", "IFC2X3"))
_EDITIONS_OF_4 = ("IFC4", "IFC4_ADD1", "IFC4_ADD2", "IFC4_ADD2_TC1", "IFC4_TC1")


def supported(name: str | None) -> str | None:
    """The schema to read `name` by: IFC2X3, IFC4 or IFC4X3_ADD2; None if it is none of these."""
    if name is None:
        return None
    for start, known in _KNOWN:
        if name.startswith(start):
            return known
    return "IFC4" if name in _EDITIONS_OF_4 else None


@dataclass(frozen=True, eq=False, slots=True)
class EntityClass:
    """One class: its name as the schema spells it, its ancestors with itself, its attributes.

    `types` names for each attribute the type that the schema declares, such as
    IfcPositiveLengthMeasure; "" for lists and the like. `size` is how many attributes there are.
    """

    name: str
    ancestors: frozenset[str]
    attributes: tuple[str, ...]
    types: tuple[str, ...]
    positions: dict[str, int]
    size: int

    def is_a(self, *names: str) -> bool:
        """Whether it is one of `names` or descends from one."""
        return not self.ancestors.isdisjoint(names)


class Schema:
    """The classes of one schema, looked up by their names in the file."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._declared = wrapper.schema_by_name(name)
        self._classes: dict[bytes, EntityClass | None] = {}

    def find(self, name: bytes) -> EntityClass | None:
        """The class that a record names, in any case of letters; None if there is none such."""
        if name not in self._classes:
            self._classes[name] = self._look_up(name.decode("ascii", "replace"))
        return self._classes[name]

    def _look_up(self, name: str) -> EntityClass | None:
        try:
            declared = self._declared.declaration_by_name(name.upper())
        except RuntimeError:
            return None
        entity = declared.as_entity()
        return None if entity is None else _entity_class(entity)


def _entity_class(entity: Any) -> EntityClass:
    attributes = entity.all_attributes()
    names = tuple(attribute.name() for attribute in attributes)
    return EntityClass(
        name=entity.name(),
        ancestors=frozenset(_lineage(entity)),
        attributes=names,
        types=tuple(_type_name(attribute) for attribute in attributes),
        positions={name: place for place, name in enumerate(names)},
        size=len(names),
    )


def _lineage(entity: Any) -> list[str]:
    names = []
    while entity is not None:
        names.append(entity.name())
        entity = entity.supertype()
    return names


def _type_name(attribute: Any) -> str:
    named = attribute.type_of_attribute().as_named_type()
    return str(named.declared_type().name()) if named is not None else ""


@cache
def schema(name: str) -> Schema:
    """The schema `name`, as `supported` gave it."""
    return Schema(name)
