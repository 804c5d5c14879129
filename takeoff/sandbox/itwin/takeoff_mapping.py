"""The mapping that every model of the lake has: a group a class, a column a value that it has."""

from __future__ import annotations

import re
from collections.abc import Iterator

from takeoff.sandbox.itwin.answers import own_id
from takeoff.sandbox.itwin.definitions import Ec, Group, Property
from takeoff.sandbox.itwin.values import EcProperty, Elements

NAME = "Takeoff"
LEADING = ("ECInstanceId", "ECClassId", "UserLabel", "BBoxLow", "BBoxHigh")
_LONGEST = 128
_NO_WORD = re.compile(r"[^A-Za-z0-9_]+")


def groups(mapping_id: str, elements: Elements) -> tuple[Group, ...]:
    """Groups by their classes' names, without Ifc, each with its properties.

    A model without elements has one group for whatever may come.
    """
    names = _Names()
    found = []
    for class_name, there in elements.by_class().items():
        name = names.free(class_name.removeprefix("Ifc"))
        found.append(_group(mapping_id, name, f"Ifc.{class_name}", there))
    return tuple(found) or (_group(mapping_id, "Elements", "bis.Element", []),)


def _group(mapping_id: str, name: str, class_name: str, there: list[EcProperty]) -> Group:
    group_id = own_id(mapping_id, class_name.removeprefix("Ifc."))
    query = f"SELECT ECInstanceId, ECClassId, UserLabel FROM {class_name}"
    return Group(group_id, name, query, properties=tuple(_columns(group_id, there)))


def _columns(group_id: str, there: list[EcProperty]) -> Iterator[Property]:
    names = _Names(LEADING)
    for item in there:
        name = names.free(item.label)
        yield _column(group_id, name, item)
        if item.has_units:
            unit_name = names.free(f"{name}_unit")
            formula = f"getpersistenceunit({name})"
            unit_id = own_id(group_id, unit_name)
            yield Property(unit_id, unit_name, "String", formula=formula)


def _column(group_id: str, name: str, item: EcProperty) -> Property:
    """Geometry of a type that the service measures has no EC property; all else has one."""
    ec = () if item.calculated else (Ec(item.schema, item.class_name, item.name),)
    property_id = own_id(group_id, name)
    return Property(property_id, name, item.data_type, item.quantity_type, ec, item.calculated)


class _Names:
    """Identifiers that differ from one another, whatever their case."""

    def __init__(self, taken: tuple[str, ...] = ()) -> None:
        self._taken = {name.casefold() for name in taken}

    def free(self, text: str) -> str:
        """`text` as an identifier; with a number behind it if that is taken."""
        plain = _NO_WORD.sub("_", text).strip("_") or "_"
        start = (plain if not plain[0].isdigit() else f"_{plain}")[: _LONGEST - 12]
        name, count = start, 1
        while name.casefold() in self._taken:
            count += 1
            name = f"{start}_{count}"
        self._taken.add(name.casefold())
        return name
