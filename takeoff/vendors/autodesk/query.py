"""Queries over the rows of an index or diff, put together from typed parts.

The service turns a query into SQL over rows that it calls `s`: text is a literal in single quotes
inside the JSON text, and text without quotes names a column. There is no GROUP BY, ORDER BY, LIMIT
or JOIN. What a row does not have is left out of its result, and no comparison matches it.

    >>> walls = all_of(equal(prop("pa7275c45"), -2000011), is_drawn())
    >>> Query(walls, {"area": prop("p10f4572e")}, ("s.externalId",)).body["query"]["$and"][0]
    {'$eq': ['s.props.pa7275c45', -2000011]}
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from takeoff.core.errors import InputRefused
from takeoff.vendors.autodesk.fields import Fields

Scalar = str | int | float | bool

_COLUMN = re.compile(r"s(?:\.[A-Za-z_][A-Za-z0-9_]*)+")
_ALIAS = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_AGGREGATES = frozenset(("$count", "$sum", "$avg", "$min", "$max"))
_FUNCTIONS = frozenset(
    """
    $neg $add $sub $mul $div $mod $cat $coalesce $cast $nullif $date_add $date_diff $extract
    $substring $to_string $to_timestamp $char_length $lower $upper $trim $utcnow $case
    """.split()
)


@dataclass(frozen=True)
class Expression:
    """A column, literal, function or aggregate, as JSON. `is_aggregate` stands for all rows."""

    json: Any
    is_aggregate: bool = False


@dataclass(frozen=True)
class Condition:
    """What a row must meet, as JSON."""

    json: Any


Operand = Expression | Scalar


@dataclass(frozen=True)
class Query:
    """Rows that meet `where`: whole, or `columns` by the name that they get, and `kept` columns.

    `kept` are column paths that go by their last part, such as `s.svf2Id`.
    Raises: InputRefused for a name that the service does not take, and for aggregates beside plain
    columns: they make one row of all.
    """

    where: Condition
    columns: Mapping[str, Expression] = field(default_factory=dict)
    kept: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for alias in self.columns:
            if not _ALIAS.fullmatch(alias):
                raise InputRefused(f"'{alias}' cannot be the name of a column; use letters.")
        aggregates = [one.is_aggregate for one in self.columns.values()]
        if any(aggregates) and (not all(aggregates) or self.kept):
            raise InputRefused("Counts and sums cannot stand beside plain columns; ask for each.")

    @property
    def body(self) -> dict[str, Any]:
        """As the service takes it."""
        columns = {column(path).json: True for path in self.kept}
        columns |= {alias: one.json for alias, one in self.columns.items()}
        return {"query": self.where.json} | ({"columns": columns} if columns else {})


def column(path: str) -> Expression:
    """A column by its path, such as `s.externalId` or `s.prev.props.p1b2aabe1`."""
    if not _COLUMN.fullmatch(path):
        raise InputRefused(f"'{path}' is no column; one begins with 's.', such as s.externalId.")
    return Expression(path)


def prop(key: str) -> Expression:
    """The property of this key; which key it is, the fields of the same index tell."""
    return column(f"s.props.{key}")


def literal(value: Scalar) -> Expression:
    """Text in single quotes, those inside doubled; numbers, true and false as they are."""
    if isinstance(value, str):
        return Expression("'" + value.replace("'", "''") + "'")
    if isinstance(value, float) and not math.isfinite(value):
        raise InputRefused(f"A query cannot hold the number {value}.")
    return Expression(value)


def keyword(word: str) -> Expression:
    """A word of the language itself, such as the type in a `$cast`."""
    if not _ALIAS.fullmatch(word):
        raise InputRefused(f"'{word}' is no word of the query language.")
    return Expression(word)


def function(name: str, *operands: Operand) -> Expression:
    """A function of the language by its name, such as `$lower`. Raises: InputRefused."""
    if name not in _FUNCTIONS:
        known = ", ".join(sorted(_FUNCTIONS))
        raise InputRefused(f"The query language has no function '{name}'; it has: {known}.")
    values = [_json(operand) for operand in operands]
    return Expression({name: values[0] if len(values) == 1 else values})


def count(of: Expression) -> Expression:
    """In a condition the number of items of a list; in columns the number of rows."""
    return Expression({"$count": of.json}, is_aggregate=True)


def aggregate(name: str, of: Expression) -> Expression:
    """`$sum`, `$avg`, `$min`, `$max` or `$count` over all rows. Raises: InputRefused."""
    if name not in _AGGREGATES:
        raise InputRefused(
            f"'{name}' is no aggregate; there are: {', '.join(sorted(_AGGREGATES))}."
        )
    return Expression({name: of.json}, is_aggregate=True)


def equal(left: Operand, right: Operand) -> Condition:
    """Both are there and the same."""
    return _compared("$eq", left, right)


def unequal(left: Operand, right: Operand) -> Condition:
    """Both are there and differ."""
    return _compared("$ne", left, right)


def less(left: Operand, right: Operand) -> Condition:
    """The left one is less."""
    return _compared("$lt", left, right)


def at_most(left: Operand, right: Operand) -> Condition:
    """The left one is less or the same."""
    return _compared("$le", left, right)


def greater(left: Operand, right: Operand) -> Condition:
    """The left one is more."""
    return _compared("$gt", left, right)


def at_least(left: Operand, right: Operand) -> Condition:
    """The left one is more or the same."""
    return _compared("$ge", left, right)


def like(left: Operand, pattern: str) -> Condition:
    """Text in which `%` stands for anything; case counts."""
    return _compared("$like", left, pattern)


def between(value: Operand, low: Operand, high: Operand) -> Condition:
    """From `low` to `high`, both included."""
    return Condition({"$between": [_json(value), _json(low), _json(high)]})


def one_of(value: Operand, *choices: Operand) -> Condition:
    """Equal to one of the choices."""
    return Condition({"$in": [_json(value), *map(_json, choices)]})


def contains(items: Expression, item: Operand) -> Condition:
    """A column that is a list holds the item."""
    return Condition({"$contains": [items.json, _json(item)]})


def is_missing(value: Expression) -> Condition:
    """The row has no such value."""
    return Condition({"$isnull": value.json})


def is_there(value: Expression) -> Condition:
    """The row has such a value."""
    return Condition({"$notnull": value.json})


def all_of(*conditions: Condition) -> Condition:
    """Every one is met."""
    return Condition({"$and": [one.json for one in conditions]})


def any_of(*conditions: Condition) -> Condition:
    """At least one is met."""
    return Condition({"$or": [one.json for one in conditions]})


def none_of(condition: Condition) -> Condition:
    """It is not met."""
    return Condition({"$not": condition.json})


def is_drawn() -> Condition:
    """Some view shows the row; what no view shows is no element."""
    return greater(count(column("s.views")), 0)


def in_category(fields: Fields, category_id: int) -> Condition:
    """In the category of this number of Revit's, the same in every language: -2000011 walls.

    So are the nodes of the tree above them: those that some view shows are elements.

    Raises: InputRefused if the index states no categories.
    """
    return equal(prop(fields.key("__categoryId__", "CategoryId")), category_id)


def on_level(fields: Fields, level: str, name: str = "Level") -> Condition:
    """On the level of this name; `name` is that of the field, in the language of the model.

    Raises: InputRefused if the index has no such field, or several.
    """
    return equal(prop(fields.key("Constraints", name)), level)


def in_view(view_id: str) -> Condition:
    """The view of this id, as the manifest has it, shows the row."""
    return contains(column("s.views"), view_id)


def _compared(operator: str, left: Operand, right: Operand) -> Condition:
    return Condition({operator: [_json(left), _json(right)]})


def _json(operand: Operand) -> Any:
    return (operand if isinstance(operand, Expression) else literal(operand)).json
