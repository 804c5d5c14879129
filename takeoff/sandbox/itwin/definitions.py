"""Mappings, groups and properties as they stand; what is changed is put in their place."""

from __future__ import annotations

import re
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from takeoff.sandbox.itwin.answers import Refused, required

DATA_TYPES = ("Boolean", "Integer", "Double", "String")
QUANTITY_TYPES = ("Area", "Distance", "Force", "Mass", "Monetary", "Time", "Volume")
_BOX = ("Longest", "Intermediate", "Shortest")
CALCULATED_TYPES = (
    "Length",
    "Area",
    "Volume",
    *(f"BoundingBox{side}EdgeLength" for side in _BOX),
    "BoundingBoxDiagonalLength",
    *(f"BoundingBox{side}FaceDiagonalLength" for side in _BOX),
)
# "OData simple identifiers": letter or _ first, then letters, digits or _, at most 128.
_IDENTIFIER = re.compile(r"[^\W\d]\w{0,127}")


@dataclass(frozen=True)
class Ec:
    """Which EC property a column takes its values from; `*` is any schema or class."""

    schema: str
    class_name: str
    name: str

    def shown(self) -> dict[str, str]:
        return {
            "ecSchemaName": self.schema,
            "ecClassName": self.class_name,
            "ecPropertyName": self.name,
        }


@dataclass(frozen=True)
class Property:
    """One column of a group's table: the first of its EC properties, its geometry, its formula."""

    id: str
    name: str
    data_type: str
    quantity_type: str | None = None
    ec: tuple[Ec, ...] = ()
    calculated: str | None = None
    formula: str | None = None

    def shown(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "propertyName": self.name,
            "dataType": self.data_type,
            "quantityType": self.quantity_type,
            "ecProperties": [one.shown() for one in self.ec],
            "calculatedPropertyType": self.calculated,
            "formula": self.formula,
        }


@dataclass(frozen=True)
class Group:
    """One table of a mapping. `metadata` are pairs of a key and a value, or null."""

    id: str
    name: str
    query: str
    description: str = ""
    metadata: tuple[tuple[str, str | None], ...] = ()
    properties: tuple[Property, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Mapping:
    """A mapping as it stands; its groups are kept beside it."""

    id: str
    imodel_id: str
    name: str
    description: str
    is_enabled: bool
    created_on: datetime
    created_by: str
    modified_on: datetime
    modified_by: str


def is_identifier(name: object) -> bool:
    return isinstance(name, str) and _IDENTIFIER.fullmatch(name) is not None


def read_name(given: Map[str, Any], key: str) -> str:
    """A name of a mapping, group or property. Raises: Refused with 422."""
    name = required(given, key)
    if not is_identifier(name):
        raise refused(key, "A name is letters, digits and _, at most 128, with no digit first.")
    return str(name)


def read_property(given: Map[str, Any], property_id: str) -> Property:
    """A property as it was sent. Raises: Refused with 422."""
    ec = given.get("ecProperties") or []
    if not isinstance(ec, list) or not all(isinstance(one, dict) for one in ec):
        raise refused("ecProperties", "ecProperties is a list of objects.")
    return Property(
        property_id,
        read_name(given, "propertyName"),
        _one_of(given, "dataType", DATA_TYPES) or "String",
        _one_of(given, "quantityType", QUANTITY_TYPES),
        tuple(_read_ec(one) for one in ec),
        _one_of(given, "calculatedPropertyType", CALCULATED_TYPES),
        _text(given, "formula"),
    )


def read_metadata(given: Map[str, Any]) -> tuple[tuple[str, str | None], ...]:
    """Raises: Refused with 422."""
    told = given.get("metadata") or []
    if not isinstance(told, list) or not all(
        isinstance(one, dict) and "key" in one for one in told
    ):
        raise refused("metadata", "metadata is a list of a key and a value each.")
    return tuple((str(one["key"]), _text(one, "value")) for one in told)


def refused(target: str, message: str) -> Refused:
    """422 for a value of Grouping and Mapping."""
    detail = {"code": "InvalidValue", "message": message, "target": target}
    return Refused(422, "InvalidGroupingAndMappingRequest", message, details=[detail])


def _read_ec(one: Map[str, Any]) -> Ec:
    names = ("ecSchemaName", "ecClassName", "ecPropertyName")
    return Ec(*(str(required(one, name)) for name in names))


def _one_of(given: Map[str, Any], key: str, words: tuple[str, ...]) -> str | None:
    value = given.get(key)
    if key == "dataType" and value is None:
        required(given, key)
    if value is not None and value not in words:
        raise refused(key, f"{key} is one of {', '.join(words)}.")
    return value


def _text(given: Map[str, Any], key: str) -> str | None:
    value = given.get(key)
    return None if value is None else str(value)
