"""Filters of a query: an array joined by AND, with the operators that clients are seen to send."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from takeoff.sandbox.qonic.answers import Refused
from takeoff.sandbox.qonic.columns import Column

_LISTS = ("in", "notin")
_NEGATED = {"notequals": "equals", "notin": "in"}
_SAME = {"eq": "equals"}
_OPERATORS = ("equals", "contains", "notequals", *_LISTS)


@dataclass(frozen=True)
class Filter:
    """One condition; `operator` in lower case, eq written equals."""

    property: str
    operator: str
    value: Any


def read_filters(
    given: Any, columns: Mapping[str, Column], own_name: Callable[[str], str]
) -> tuple[Filter, ...]:
    """The filters of a body; [], {}, null and absence are none. `own_name` is that of a field.

    Raises: Refused with 400.
    """
    if given is None or given == {}:
        return ()
    if not isinstance(given, list):
        raise _refused("filters is an array of objects with property, operator and value.")
    return tuple(_read(item, columns, own_name) for item in given)


def matching(filters: tuple[Filter, ...], columns: Mapping[str, Column]) -> pa.Array:
    """One flag a product: whether it meets all filters, of which there is at least one.

    A property that is not set meets NotEquals and NotIn only.
    """
    mask = _matching(filters[0], columns)
    for one in filters[1:]:
        mask = pc.and_(mask, _matching(one, columns))
    return mask


def _matching(one: Filter, columns: Mapping[str, Column]) -> pa.Array:
    column = columns[one.property]
    test = _test(_NEGATED.get(one.operator, one.operator), one.value)
    hits = pa.array([value is not None and test(value) for value in column.values], pa.bool_())
    mask = hits.take(column.place).fill_null(False)
    return pc.invert(mask) if one.operator in _NEGATED else mask


def _test(operator: str, wanted: Any) -> Callable[[Any], bool]:
    if operator == "contains":
        part = _text(wanted)
        return lambda value: part in _text(value)
    texts = {_text(one) for one in (wanted if operator == "in" else [wanted])}
    return lambda value: _text(value) in texts


def _text(value: Any) -> str:
    """12, 12.0 and "12" are the same; text is compared with its case."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else json.dumps(value)


def _read(item: Any, columns: Mapping[str, Column], own_name: Callable[[str], str]) -> Filter:
    if not isinstance(item, dict) or not {"property", "operator", "value"} <= item.keys():
        raise _refused("A filter has property, operator and value.")
    name, word, value = own_name(str(item["property"])), item["operator"], item["value"]
    operator = _SAME.get(str(word).lower(), str(word).lower())
    if operator not in _OPERATORS:
        raise _refused(f"There is no operator '{word}'.")
    if name not in columns or not columns[name].can_filter:
        raise _refused(f"Products cannot be filtered by '{name}'.")
    scalars = value if isinstance(value, list) else [value]
    if isinstance(value, list) != (operator in _LISTS) or not all(map(_is_scalar, scalars)):
        raise _refused(f"The operator {word} takes {'an array' if operator in _LISTS else 'one'}.")
    return Filter(name, operator, tuple(value) if isinstance(value, list) else value)


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | float | bool)


def _refused(details: str) -> Refused:
    return Refused(400, "InvalidFilter", details, "filters")
