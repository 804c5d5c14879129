"""Queries of groups: the simple form of ECSQL that names one class and compares its properties.

    SELECT ECInstanceId, ECClassId FROM Ifc.IfcWall [WHERE UserLabel = 'W1' AND ...]

Conditions are =, <>, LIKE, IN and IS [NOT] NULL with texts, numbers and hex ids, joined by AND.
Classes are those of the schema Ifc, and of bis (BisCore) some that all elements are of.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from takeoff.sandbox.itwin.values import Elements, Rows

_QUERY = re.compile(
    r"\s*SELECT\s+(?P<what>.+?)\s+FROM\s+\[?(?P<schema>\w+)\]?\s*[.:]\s*\[?(?P<class>\w+)\]?"
    r"(?:\s+(?:AS\s+)?(?P<alias>(?!WHERE\b)\w+))?(?:\s+WHERE\s+(?P<where>.+?))?\s*;?\s*",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(
    r"(?P<name>[\w.]+)\s*(?:(?P<null>IS\s+(?P<not>NOT\s+)?NULL)"
    r"|(?P<sign>=|<>|!=|LIKE\b|IN\b)\s*(?P<value>.+))",
    re.IGNORECASE | re.DOTALL,
)
_AND = re.compile(r"\s+AND\s+(?=(?:[^']*'[^']*')*[^']*$)", re.IGNORECASE)
_LITERAL = re.compile(r"'(?:[^']|'')*'|0x[0-9a-f]+|[+-]?\d+(?:\.\d+)?", re.IGNORECASE)
# BIS classes that every element served is of.
_EVERY = ("element", "geometricelement", "geometricelement3d", "spatialelement", "physicalelement")

Flags = npt.NDArray[np.bool_]


class QueryRefused(Exception):
    """The service cannot answer this query; says why."""


@dataclass(frozen=True)
class Found:
    """The elements that a query finds, and which of the leading columns it selects."""

    rows: Rows
    selected: frozenset[str]

    def has(self, column: str) -> bool:
        return column.lower() in self.selected or "*" in self.selected


def find(query: str, elements: Elements) -> Found:
    """The elements of a group, in their order. Raises: QueryRefused."""
    parts = _QUERY.fullmatch(query)
    if parts is None:
        raise QueryRefused("The query is not of the form SELECT ... FROM schema.Class [WHERE ...].")
    rows = _of_class(parts["schema"], parts["class"], elements)
    alias = parts["alias"]
    if parts["where"]:
        keep = np.ones(len(rows), dtype=bool)
        for text in _AND.split(parts["where"].strip()):
            keep &= _condition(text, alias, rows, elements)
        rows = rows[keep]
    selected = frozenset(_selected(text, alias) for text in parts["what"].split(","))
    if not ({"*", "ecinstanceid"} & selected):
        rows = rows[:0]
    return Found(rows, selected)


def _of_class(schema: str, class_name: str, elements: Elements) -> Rows:
    if schema.lower() in ("bis", "biscore"):
        if class_name.lower() in _EVERY:
            return np.arange(elements.count, dtype=np.int32)
        raise QueryRefused(f"The class {schema}.{class_name} does not exist.")
    if schema.lower() != "ifc":
        raise QueryRefused(f"The schema {schema} does not exist.")
    for name, rows in elements.classes.items():
        if name.lower() == class_name.lower():
            return rows
    raise QueryRefused(f"The class {schema}.{class_name} does not exist.")


def _selected(text: str, alias: str | None) -> str:
    """The name that a selected expression goes by: the last word of `x`, `e.x` or `x AS y`."""
    words = _plain(text.strip(), alias).split()
    return words[-1].strip("[]").lower() if words else ""


def _condition(text: str, alias: str | None, rows: Rows, elements: Elements) -> Flags:
    parts = _CONDITION.fullmatch(text.strip())
    if parts is None:
        raise QueryRefused(f"The condition cannot be translated: {text.strip()}")
    values = _values(_plain(parts["name"], alias), rows, elements)
    if parts["null"]:
        return _flags(pc.is_valid(values) if parts["not"] else pc.is_null(values))
    sign, told = parts["sign"].upper(), parts["value"].strip()
    if sign == "IN":
        return _flags(pc.is_in(values, value_set=pa.array(_list(told), pa.string())))
    [given] = _literals(told, 1)
    if sign == "LIKE":
        return _flags(pc.match_like(values, given))
    return _flags(pc.equal(values, given) if sign == "=" else pc.not_equal(values, given))


def _values(name: str, rows: Rows, elements: Elements) -> pa.Array:
    """A property of the elements as text, the first there is; null where they have none."""
    if name.lower() == "ecinstanceid":
        return elements.instance_ids.take(pa.array(rows))
    wanted = name.lower()
    found = [p for p in elements.properties if wanted in (p.name.lower(), p.label.lower())]
    if not found:
        raise QueryRefused(f"There is no property {name}.")
    return pc.coalesce(*(pc.cast(p.values, pa.string()).take(p.at(rows)) for p in found))


def _list(text: str) -> list[str]:
    if not (text.startswith("(") and text.endswith(")")):
        raise QueryRefused(f"IN needs a list in brackets, not {text}")
    return _literals(text[1:-1])


def _literals(text: str, count: int | None = None) -> list[str]:
    found = _LITERAL.findall(text)
    between = _LITERAL.sub("", text).replace(" ", "")
    if not found or between != "," * (len(found) - 1) or count not in (None, len(found)):
        raise QueryRefused(f"This is no literal: {text}")
    return [one[1:-1].replace("''", "'") if one.startswith("'") else one for one in found]


def _plain(name: str, alias: str | None) -> str:
    """A name without the alias of its class before it."""
    start = f"{alias}."
    return name[len(start) :] if alias and name.lower().startswith(start.lower()) else name


def _flags(values: Any) -> Flags:
    flags: Flags = pc.fill_null(values, False).to_numpy(zero_copy_only=False)
    return flags
