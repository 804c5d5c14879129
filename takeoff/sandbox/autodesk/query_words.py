"""The words of the service's query language: types, functions, and how results are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

COMPARISONS = {"$lt": "<", "$le": "<=", "$eq": "=", "$ne": "<>", "$ge": ">=", "$gt": ">"}
ARITHMETIC = {"$add": "+", "$sub": "-", "$mul": "*", "$div": "/", "$mod": "%"}
TEXT_FUNCTIONS = {"$lower": "lower", "$upper": "upper", "$trim": "trim"}
AGGREGATES = ("$count", "$sum", "$avg", "$min", "$max")
PARTS = ("year", "month", "day", "hour", "minute", "second")
TYPES = {
    "int": "integer",
    "integer": "integer",
    "float": "number",
    "double": "number",
    "decimal": "number",
    "numeric": "number",
    "string": "text",
    "varchar": "text",
    "bool": "flag",
    "boolean": "flag",
    "timestamp": "time",
}
SQL_TYPES = {
    "integer": "bigint",
    "number": "double",
    "text": "varchar",
    "flag": "boolean",
    "time": "timestamptz",
}
BY_FIELD = {"Double": "number", "Integer": "integer", "DbKey": "integer", "Boolean": "flag"}


class BadQuery(Exception):
    """The query cannot be read; `where` is the part of the request that is wrong."""

    def __init__(self, detail: str, where: str = "query") -> None:
        super().__init__(detail)
        self.where = where


@dataclass(frozen=True)
class Column:
    """What a path stands for: our SQL, and its type.

    Types are number, integer, text, flag, time, array, decimal (a sum), object (JSON whose members
    are fields, `ion` as results write it) and json (JSON as it stands in rows).
    """

    sql: str
    type: str
    ion: str | None = None


def double(node: float) -> float:
    try:
        return float(node)
    except OverflowError as error:
        raise BadQuery("A number is too large.") from error


def only(name: str, value: Any) -> Any:
    """The one argument of a function, which may stand in a list."""
    if isinstance(value, list):
        if len(value) != 1:
            raise BadQuery(f"{name} takes one value.")
        return value[0]
    return value


def part_of_time(name: str, value: Any, count: int) -> tuple[str, list[Any]]:
    """The part of a time that a function works on, and its other arguments."""
    if not isinstance(value, list) or len(value) != count or not isinstance(value[0], str):
        raise BadQuery(f"{name} takes a part of a time and {count - 1} values.")
    part = value[0].strip("'").lower()
    if part not in PARTS:
        raise BadQuery(f"There is no part of a time {value[0]}; there are {', '.join(PARTS)}.")
    return part, value[1:]


def written(made: Column, *, is_ion: bool) -> str:
    """SQL that writes it as JSON, its numbers as Ion's or as rows have them; null is left out."""
    if made.type == "number":
        number = f"cast({made.sql} as double)"
        return f"ion({number})" if is_ion else f"cast({number} as varchar)"
    if made.type == "decimal":
        as_double = f"cast(cast({made.sql} as double) as varchar)"
        return f"ion_decimal({made.sql})" if is_ion else as_double
    if made.type in ("integer", "flag"):
        return f"cast({made.sql} as varchar)"
    if made.type == "object":
        return (made.ion if is_ion else None) or made.sql
    if made.type == "json":
        return made.sql
    return f"cast(to_json({made.sql}) as varchar)"
