"""What a calculation answers: sums, or values of each product. The file's form is not documented.

Every form that the contract lists is read, as JSON or CSV, packed or not; which one it was is told.
Any other is refused.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa

from takeoff.core.errors import NotUnderstood
from takeoff.vendors.qonic import answers, rows
from takeoff.vendors.qonic.answers import GUID, member, text
from takeoff.vendors.qonic.lookups import Answer
from takeoff.vendors.qonic.paths import CALCULATORS

_WRAPPERS = frozenset(("result", "results", "quantities", "data", "values"))
# Keys beside the values that say nothing about them.
_ABOUT = frozenset(
    """
    id kind status operationid percentagecompleted totalcount page pagesize unitsystem
    """.split()
)
_NAMED = ("calculator", "name", "quantity")
_FIGURES = ("value", "total", "result")
_CALCULATORS = {name.casefold(): name for name in CALCULATORS}


@dataclass(frozen=True)
class Total:
    """A sum that the vendor states: the number as written, its unit if one is named."""

    calculator: str
    value: str
    unit: str | None
    row: int


@dataclass(frozen=True)
class PerProduct:
    """Values of products, one struct each with `Guid` and the values by name."""

    rows: pa.StructArray
    form: str


@dataclass(frozen=True)
class Totals:
    """Sums, in the order of the answer."""

    totals: tuple[Total, ...]
    form: str


def quantities(answer: Answer, known_guids: Set[str]) -> Totals | PerProduct:
    """A quantities result. Raises: NotUnderstood if it has none of the listed forms."""
    if not answers.looks_like_json(answer.raw):
        return _csv(answer, is_quantities=True)
    value, wrapper = _unwrapped(answers.parsed(answer.raw, answer.name, exact=True))
    found = _totals(answer, value)
    if found is not None:
        return Totals(found, f"{wrapper}{'list' if isinstance(value, list) else 'object'} of sums")
    objects = _products(value, known_guids)
    if not objects and (known_guids or value not in ([], {})):
        raise answers.refused(answer.name, answer.raw, "it has none of the known forms")
    return PerProduct(_struct(objects), f"{wrapper}values of each product")


def dynamic(answer: Answer, reader: rows.RowReader, known_guids: Set[str]) -> PerProduct:
    """A dynamic-properties result. Raises: NotUnderstood if it has none of the listed forms."""
    if not answers.looks_like_json(answer.raw):
        found = _csv(answer, is_quantities=False)
        if isinstance(found, PerProduct):
            return found
        raise answers.refused(answer.name, answer.raw, "the table has no column Guid")
    if (quick := _quick(answer, reader)) is not None:
        return PerProduct(quick, "rows of products")
    value, wrapper = _unwrapped(answers.parsed(answer.raw, answer.name))
    objects = _products(value, known_guids) or by_field(value, known_guids)
    if not objects and not _is_nothing(value, known_guids):
        raise answers.refused(answer.name, answer.raw, "it has none of the known forms")
    return PerProduct(_struct(objects), f"{wrapper}values of each product")


def _quick(answer: Answer, reader: rows.RowReader) -> pa.StructArray | None:
    """Rows as the product query has them, the expected form; null if it is another."""
    try:
        found = reader.read(answer.raw, answer.name)
    except NotUnderstood:
        return None
    keys = {item.name.casefold() for item in found.type}
    return found if "guid" in keys and "properties" not in keys else None


def says_nothing(key: str | None) -> bool:
    """Whether a member only stands beside the values: id, status, page, ..."""
    return key is not None and key.casefold() in _ABOUT


def wrapper(keys: Iterable[str]) -> str | None:
    """The one key of an object that holds the values, as in `{"result": ...}`; else null."""
    inner = [key for key in keys if not says_nothing(key)]
    return inner[0] if len(inner) == 1 and inner[0].casefold() in _WRAPPERS else None


def _unwrapped(value: Any) -> tuple[Any, str]:
    """The value inside `{"result": ...}` and the like, and which of these it was."""
    key = wrapper(value) if isinstance(value, dict) else None
    if key is not None and isinstance(value[key], dict | list):
        return value[key], f"{key}: "
    return value, ""


def _totals(answer: Answer, value: Any) -> tuple[Total, ...] | None:
    """Sums by calculator; null if it holds something else."""
    if isinstance(value, dict):
        pairs = [(key, item) for key, item in value.items() if not says_nothing(key)]
    elif isinstance(value, list) and all(isinstance(item, dict) for item in value):
        if any(member(item, "guid") is not None for item in value):
            return None
        pairs = [(text(member(item, *_NAMED)) or "", item) for item in value]
    else:
        return None
    if not pairs or not all(key.casefold() in _CALCULATORS for key, _ in pairs):
        return None
    found = (_total(answer, key, item, row) for row, (key, item) in enumerate(pairs))
    return tuple(total for total in found if total is not None)


def _total(answer: Answer, key: str, item: Any, row: int) -> Total | None:
    """One sum; null where the vendor has not computed it, which is not 0."""
    number = member(item, *_FIGURES) if isinstance(item, dict) else item
    unit = text(member(item, "unit")) if isinstance(item, dict) else None
    if number is None or number == "":
        return None
    written = str(number) if isinstance(number, Decimal) else number
    if not isinstance(written, str) or not answers.is_number(written):
        raise answers.refused(answer.name, answer.raw, f"the sum of {key} is no number")
    return Total(_CALCULATORS[key.casefold()], written, unit, row)


def _products(value: Any, known_guids: Set[str]) -> list[dict[str, Any]]:
    """One object a product, from a list of them or an object keyed by Guid; else none."""
    if isinstance(value, list):
        is_products = all(isinstance(item, dict) and _guid_of(item) for item in value)
        return [_flat(item) for item in value] if is_products else []
    if _is_keyed_by_guid(value, known_guids) and all(isinstance(v, dict) for v in value.values()):
        return [{**item, "Guid": guid} for guid, item in value.items()]
    return []


def by_field(value: Any, known_guids: Set[str] = frozenset()) -> list[dict[str, Any]]:
    """One object a product, from `{field: {Guid: value}}`; else none."""
    if not isinstance(value, dict) or not value:
        return []
    if not all(inner == {} or _is_keyed_by_guid(inner, known_guids) for inner in value.values()):
        return []
    found: dict[str, dict[str, Any]] = {}
    for name, inner in value.items():
        for guid, item in inner.items():
            found.setdefault(guid, {"Guid": guid})[name] = item
    return list(found.values())


def _is_nothing(value: Any, known_guids: Set[str]) -> bool:
    """No values at all: fields without any, or no products when there are none."""
    if isinstance(value, dict) and value:
        return all(inner == {} for inner in value.values())
    return not known_guids and value in ([], {})


def _is_keyed_by_guid(value: Any, known_guids: Set[str]) -> bool:
    return (
        isinstance(value, dict)
        and bool(value)
        and all(GUID.fullmatch(key) or key in known_guids for key in value)
    )


def _guid_of(item: Mapping[str, Any]) -> str | None:
    return text(member(item, "guid"))


def _flat(item: Mapping[str, Any]) -> dict[str, Any]:
    """A product's values by name; `properties` as name/value pairs are laid beside them."""
    pairs = member(item, "properties")
    if not isinstance(pairs, list):
        return {**item, "Guid": _guid_of(item)} if "Guid" not in item else dict(item)
    found: dict[str, Any] = {"Guid": _guid_of(item)}
    for pair in pairs:
        if not isinstance(pair, dict) or text(member(pair, "name")) is None:
            return {}
        found[str(member(pair, "name"))] = member(pair, "value")
    return found


def _struct(objects: list[dict[str, Any]]) -> pa.StructArray:
    return rows.from_objects([_doubles(item) for item in objects])


def _doubles(item: Any) -> Any:
    if isinstance(item, dict):
        return {key: _doubles(inner) for key, inner in item.items()}
    return float(item) if isinstance(item, Decimal) else item


def _csv(answer: Answer, *, is_quantities: bool) -> Totals | PerProduct:
    """A table with a header: values of products, or sums one a row or one a column."""
    header, *lines = _lines(answer)
    folded = [name.casefold() for name in header]
    objects = [dict(zip(header, line, strict=True)) for line in lines]
    if "guid" in folded:
        return PerProduct(_struct([_flat(item) for item in objects]), "CSV: values of each product")
    one: Any = objects
    if len(objects) == 1 and not set(folded) & set(_NAMED):
        one = objects[0]
    found = _totals(answer, one) if is_quantities else None
    if found is None:
        raise answers.refused(answer.name, answer.raw, "it is neither JSON nor a table we know")
    return Totals(found, "CSV: sums")


def _lines(answer: Answer) -> list[list[str]]:
    """The cells of all lines, the header first. Raises: NotUnderstood if they are no table."""
    try:
        content = answer.raw.decode("utf-8")
        first = content.partition("\n")[0]
        comma = max(",;\t", key=first.count)
        table = csv.reader(io.StringIO(content), delimiter=comma, strict=True)
        lines = [line for line in table if line]
    except (UnicodeDecodeError, csv.Error) as error:
        raise answers.refused(answer.name, answer.raw, "it is neither JSON nor a table") from error
    if not lines or any(len(line) != len(lines[0]) for line in lines):
        raise answers.refused(answer.name, answer.raw, "it is neither JSON nor a table")
    return lines
