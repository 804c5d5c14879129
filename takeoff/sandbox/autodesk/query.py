"""The service's query language as DuckDB's SQL over `rows s`.

Whatever comes from the query - texts, numbers, keys of fields, names of columns - is bound as a
parameter; the SQL itself is made of our own words only. Types are told from the fields, so that
text and numbers are never compared: such a comparison is unknown, as is one with a missing value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from takeoff.sandbox.autodesk.parameters import Field
from takeoff.sandbox.autodesk.query_words import (
    AGGREGATES,
    ARITHMETIC,
    BY_FIELD,
    COMPARISONS,
    SQL_TYPES,
    TEXT_FUNCTIONS,
    TYPES,
    BadQuery,
    Column,
    double,
    only,
    part_of_time,
    written,
)

_PATH = re.compile(r"s(\.[A-Za-z_][A-Za-z0-9_]*)+")
_KEY = re.compile(r"p[0-9a-f]{8}")
_PARAMETER = re.compile(r"\$(v\d+)\b")
_DEEPEST = 60


@dataclass(frozen=True)
class Selected:
    """A query as SQL over `rows s`: the condition, and one row of the result as JSON.

    `line` is None if whole rows are asked for. `params` are those of the condition, `line_params`
    those of the line.
    """

    condition: str
    params: Mapping[str, Any]
    line: str | None
    line_params: Mapping[str, Any]
    is_aggregate: bool


def translate(
    query: Any,
    columns: Any,
    known: Mapping[str, Column],
    fields: Mapping[str, Field],
    *,
    is_ion: bool,
) -> Selected:
    """`query` and `columns` of a request; `known` are the columns by their paths.

    With `is_ion` numbers are written as Ion's.

    Raises: BadQuery.
    """
    translation = _Translation(known, fields, is_ion)
    condition = translation.condition(query, 0)
    line = translation.selection(columns)
    return Selected(
        condition,
        translation.used(condition),
        line,
        translation.used(line or ""),
        "aggregate" in translation.uses,
    )


@dataclass
class _Translation:
    known: Mapping[str, Column]
    fields: Mapping[str, Field]
    is_ion: bool
    params: dict[str, Any] = field(default_factory=dict)
    # What an expression was made of: values of the row, aggregates of all rows.
    uses: set[str] = field(default_factory=set)
    is_of_rows: bool = True

    def bound(self, value: Any) -> str:
        name = f"v{len(self.params)}"
        self.params[name] = value
        return f"${name}"

    def used(self, sql: str) -> dict[str, Any]:
        """The parameters that stand in `sql`: a comparison that is unknown anyway needs none."""
        return {name: self.params[name] for name in _PARAMETER.findall(sql)}

    # Conditions.

    def condition(self, node: Any, depth: int) -> str:
        if depth > _DEEPEST:
            raise BadQuery("The query is nested too deeply.")
        if isinstance(node, list) and node:
            return self._joined(node, "or", depth)
        if isinstance(node, dict) and node:
            parts = [self._one(name, value, depth + 1) for name, value in node.items()]
            return "(" + " and ".join(parts) + ")"
        raise BadQuery("A condition is an object or a list of such, and not empty.")

    def _joined(self, nodes: Any, word: str, depth: int) -> str:
        if not isinstance(nodes, list) or not nodes:
            raise BadQuery(f"${word} takes a list of conditions.")
        parts = [self.condition(node, depth + 1) for node in nodes]
        return "(" + f" {word} ".join(parts) + ")"

    def _one(self, name: str, value: Any, depth: int) -> str:
        if not name.startswith("$"):
            return self._compared("=", self._path(name), self.expression(value, depth))
        if name in ("$and", "$or"):
            return self._joined(value, name[1:], depth)
        if name == "$not":
            return f"(not {self.condition(value, depth)})"
        if name in COMPARISONS:
            left, right = self._several(name, value, depth, 2, 2)
            return self._compared(COMPARISONS[name], left, right)
        if name in ("$isnull", "$notnull"):
            word = "null" if name == "$isnull" else "not null"
            return f"({self.expression(value, depth).sql} is {word})"
        if name == "$like":
            left, right = self._several(name, value, depth, 2, 2)
            return f"({self._of(left, 'text')} like {self._of(right, 'text')})"
        if name == "$between":
            left, low, high = self._listed(name, value, depth, 2, 2)
            parts = (self._compared(">=", left, low), self._compared("<=", left, high))
            return "(" + " and ".join(parts) + ")"
        if name == "$in":
            left, *others = self._listed(name, value, depth, 1, None)
            return "(" + " or ".join(self._compared("=", left, one) for one in others) + ")"
        if name == "$contains":
            array, one = self._several(name, value, depth, 2, 2)
            if array.type != "array":
                raise BadQuery("$contains looks for a value in a list, such as s.views.")
            return f"list_contains({array.sql}, {self._of(one, 'text')})"
        raise BadQuery(f"There is no condition {name}.")

    def _listed(
        self, name: str, value: Any, depth: int, least: int, most: int | None
    ) -> list[Column]:
        """`[e, a, b]` or `{path: [a, b]}`."""
        if isinstance(value, dict):
            if len(value) != 1 or not isinstance(next(iter(value.values())), list):
                raise BadQuery(f"{name} takes one path with a list of values.")
            [(path, values)] = value.items()
            value = [path, *values]
        return self._several(name, value, depth, least + 1, None if most is None else most + 1)

    def _several(
        self, name: str, value: Any, depth: int, least: int, most: int | None
    ) -> list[Column]:
        if not isinstance(value, list) or len(value) < least:
            raise BadQuery(f"{name} takes a list of {least} values.")
        if most is not None and len(value) > most:
            raise BadQuery(f"{name} takes a list of {most} values at most.")
        return [self.expression(one, depth) for one in value]

    def _compared(self, sign: str, left: Column, right: Column) -> str:
        numbers = ("number", "integer", "decimal")
        if left.type in numbers and right.type in numbers:
            return f"({left.sql} {sign} {right.sql})"
        if left.type == right.type and left.type in ("text", "flag", "time"):
            return f"({left.sql} {sign} {right.sql})"
        return "cast(null as boolean)"

    # Expressions.

    def expression(self, node: Any, depth: int) -> Column:
        if depth > _DEEPEST:
            raise BadQuery("The query is nested too deeply.")
        if node is None:
            return Column("cast(null as varchar)", "null")
        if isinstance(node, bool):
            return Column(self.bound(node), "flag")
        if isinstance(node, int | float):
            return Column(f"cast({self.bound(double(node))} as double)", "number")
        if isinstance(node, str):
            return self._text(node)
        if isinstance(node, dict) and len(node) == 1:
            [(name, value)] = node.items()
            return self._call(name, value, depth + 1)
        raise BadQuery("An expression is a value, a path, or an object with one function.")

    def _text(self, node: str) -> Column:
        if len(node) >= 2 and node.startswith("'") and node.endswith("'"):
            inner = node[1:-1]
            if "'" in inner.replace("''", ""):
                raise BadQuery(f"A quote within {node} must be doubled.")
            text = inner.replace("''", "'")
            return Column(f"cast({self.bound(text)} as varchar)", "text")
        return self._path(node)

    def _path(self, path: str) -> Column:
        self.uses.add("row")
        if path in self.known:
            return self.known[path]
        parent, _, key = path.rpartition(".")
        holder = self.known.get(parent)
        if holder is not None and holder.type == "object" and _KEY.fullmatch(key):
            return self._field(holder, key)
        if _PATH.fullmatch(path):
            return Column("cast(null as varchar)", "null")
        raise BadQuery(f"{path} is no path; texts stand in single quotes.")

    def _field(self, holder: Column, key: str) -> Column:
        found = self.fields.get(key)
        if found is None:
            return Column("cast(null as varchar)", "null")
        made = f"json_extract_string({holder.sql}, {self.bound('$.' + key)})"
        type_ = BY_FIELD.get(found.type, "text")
        return Column(f"try_cast({made} as {SQL_TYPES[type_]})", type_)

    def _call(self, name: str, value: Any, depth: int) -> Column:
        calls: dict[str, Callable[[], Column]] = {
            "$neg": lambda: Column(
                f"(-{self._of(self.expression(value, depth), 'number')})", "number"
            ),
            "$cat": lambda: self._cat(value, depth),
            "$coalesce": lambda: self._first(value, depth),
            "$nullif": lambda: self._nullif(value, depth),
            "$cast": lambda: self._cast(value, depth),
            "$case": lambda: self._case(value, depth),
            "$substring": lambda: self._substring(value, depth),
            "$char_length": lambda: Column(
                f"length({self._of(self.expression(value, depth), 'text')})", "integer"
            ),
            "$to_string": lambda: self._as_text(self.expression(only(name, value), depth)),
            "$to_timestamp": lambda: Column(
                f"try_cast({self._of(self.expression(only(name, value), depth), 'text')}"
                " as timestamptz)",
                "time",
            ),
            "$extract": lambda: self._extract(value, depth),
            "$date_add": lambda: self._date_add(value, depth),
            "$date_diff": lambda: self._date_diff(value, depth),
            "$utcnow": lambda: Column("cast(current_timestamp as timestamptz)", "time"),
        }
        if name in calls:
            return calls[name]()
        if name in ARITHMETIC:
            return self._arithmetic(name, value, depth)
        if name in TEXT_FUNCTIONS:
            of = self._of(self.expression(only(name, value), depth), "text")
            return Column(f"{TEXT_FUNCTIONS[name]}({of})", "text")
        if name in AGGREGATES:
            return self._aggregate(name, only(name, value), depth)
        raise BadQuery(f"There is no function {name}.")

    def _of(self, made: Column, type_: str) -> str:
        """Its SQL if it is of that type; null for a value of another."""
        numbers = ("number", "integer", "decimal")
        if made.type == type_ or (type_ == "number" and made.type in numbers):
            return made.sql
        return f"cast(null as {SQL_TYPES[type_]})"

    def _arithmetic(self, name: str, value: Any, depth: int) -> Column:
        parts = self._several(name, value, depth, 2, None)
        numbers = [f"cast({self._of(one, 'number')} as double)" for one in parts]
        made = numbers[0]
        for one in numbers[1:]:
            divisor = f"nullif({one}, 0)" if name in ("$div", "$mod") else one
            made = f"({made} {ARITHMETIC[name]} {divisor})"
        return Column(made, "number")

    def _cat(self, value: Any, depth: int) -> Column:
        parts = [self._as_text(one) for one in self._several("$cat", value, depth, 1, None)]
        return Column("(" + " || ".join(one.sql for one in parts) + ")", "text")

    def _first(self, value: Any, depth: int) -> Column:
        parts = self._several("$coalesce", value, depth, 1, None)
        type_ = next((one.type for one in parts if one.type != "null"), "text")
        if type_ not in SQL_TYPES:
            raise BadQuery("$coalesce takes texts, numbers, flags or times.")
        type_ = "number" if type_ == "integer" else type_
        return Column("coalesce(" + ", ".join(self._of(one, type_) for one in parts) + ")", type_)

    def _nullif(self, value: Any, depth: int) -> Column:
        left, right = self._several("$nullif", value, depth, 2, 2)
        same = self._compared("=", left, right)
        return Column(f"(case when {same} then null else {left.sql} end)", left.type)

    def _cast(self, value: Any, depth: int) -> Column:
        if not isinstance(value, list) or len(value) != 2 or not isinstance(value[1], str):
            raise BadQuery("$cast takes an expression and a type.")
        type_ = TYPES.get(value[1].strip("'").lower())
        if type_ is None:
            raise BadQuery(f"There is no type {value[1]}.")
        made = self.expression(value[0], depth)
        whole = f"cast({made.sql} as double)" if made.type == "number" else made.sql
        return Column(f"try_cast({whole} as {SQL_TYPES[type_]})", type_)

    def _case(self, value: Any, depth: int) -> Column:
        """A list of [condition, expression], and at its end what else, if anything."""
        if not isinstance(value, list) or not value:
            raise BadQuery("$case takes a list of [condition, expression].")
        pairs = [one for one in value if isinstance(one, list)]
        others = [one for one in value if not isinstance(one, list)]
        if not pairs or len(others) > 1 or any(len(one) != 2 for one in pairs):
            raise BadQuery("$case takes pairs of a condition and an expression.")
        was_of_rows, self.is_of_rows = self.is_of_rows, True
        tests = [self.condition(test, depth) for test, _ in pairs]
        self.is_of_rows = was_of_rows
        results = [self.expression(one, depth) for _, one in pairs]
        made = list(zip(tests, results, strict=True))
        last = self.expression(others[0], depth) if others else None
        type_ = next((one.type for _, one in made if one.type != "null"), "text")
        if type_ not in SQL_TYPES:
            raise BadQuery("$case gives texts, numbers, flags or times.")
        whens = " ".join(f"when {test} then {self._of(one, type_)}" for test, one in made)
        ending = "" if last is None else f" else {self._of(last, type_)}"
        return Column(f"(case {whens}{ending} end)", type_)

    def _substring(self, value: Any, depth: int) -> Column:
        of, *places = self._several("$substring", value, depth, 2, 3)
        numbers = ", ".join(f"try_cast({self._of(one, 'number')} as bigint)" for one in places)
        return Column(f"substring({self._of(of, 'text')}, {numbers})", "text")

    def _as_text(self, made: Column) -> Column:
        if made.type not in SQL_TYPES and made.type != "null":
            raise BadQuery("Only texts, numbers, flags and times can be texts.")
        return Column(f"cast({made.sql} as varchar)", "text")

    def _extract(self, value: Any, depth: int) -> Column:
        part, rest = part_of_time("$extract", value, 2)
        time = self._of(self.expression(rest[0], depth), "time")
        return Column(f"cast(date_part('{part}', {time}) as bigint)", "integer")

    def _date_add(self, value: Any, depth: int) -> Column:
        part, rest = part_of_time("$date_add", value, 3)
        count = self._of(self.expression(rest[0], depth), "number")
        time = self._of(self.expression(rest[1], depth), "time")
        return Column(f"({time} + try_cast({count} as integer) * interval '1 {part}')", "time")

    def _date_diff(self, value: Any, depth: int) -> Column:
        part, rest = part_of_time("$date_diff", value, 3)
        first, last = (self._of(self.expression(one, depth), "time") for one in rest)
        return Column(f"date_diff('{part}', {first}, {last})", "integer")

    def _aggregate(self, name: str, value: Any, depth: int) -> Column:
        """Of all rows; within a condition only the items of a list can be counted."""
        uses, self.uses = self.uses, set()
        of = self.expression(value, depth)
        if "aggregate" in self.uses:
            raise BadQuery("An aggregate cannot be of an aggregate.", "columns")
        if self.is_of_rows:
            if name != "$count" or of.type != "array":
                raise BadQuery(f"A condition is about one row; {name} is about all.")
            self.uses |= uses
            return Column(f"len({of.sql})", "integer")
        self.uses = uses | {"aggregate"}
        if name == "$count":
            return Column(f"count({of.sql})", "integer")
        if name in ("$sum", "$avg"):
            number = self._of(of, "number")
            exact = f"try_cast(cast({number} as varchar) as decimal(38, 12))"
            return Column(f"cast({name[1:]}({exact}) as decimal(38, 12))", "decimal")
        return Column(f"{name[1:]}({of.sql})", of.type)

    # Columns.

    def selection(self, columns: Any) -> str | None:
        self.uses, self.is_of_rows = set(), False
        if columns is None:
            return None
        if not isinstance(columns, dict) or not columns:
            raise BadQuery("columns is an object of names and expressions.", "columns")
        made = {}
        for name, value in columns.items():
            if value is True:
                made[name.rpartition(".")[2]] = self._path(name)
            elif value is not False:
                made[name] = self.expression(value, 0)
        if len(self.uses) > 1 or not made:
            raise BadQuery("Columns are all of rows, or all of aggregates.", "columns")
        members = [
            (self.bound(json.dumps(name, ensure_ascii=False) + ":"), one)
            for name, one in made.items()
        ]
        parts = [f"{name} || {written(one, is_ion=self.is_ion)}" for name, one in members]
        return "'{' || concat_ws(',', " + ", ".join(parts) + ") || '}'"
