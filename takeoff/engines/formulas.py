"""Formulas of measurement rules: arithmetic over named figures, and nothing else.

`GrossSideArea - LargeOpeningArea; NetSideArea + SmallOpeningArea` are two formulas, the better one
first. A name is an IFC quantity, Count (1 for each element), StatedCount (as the model says), or
what `OPENING_FIGURES` names; in front of a quantity may stand the basis that it must have:
`computed.NetVolume`. There are + - * /, brackets, numbers, least(a, b), greatest(a, b) and
round(a, decimals).

A formula is read into a tree, of which SQL of our own is made: no text of a rule is run. Products
are exact to 12 decimals of factors taken to 9; quotients are taken to 9. What cannot be worked out
(a name without figure, division by 0, too large) is null.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from takeoff.core.errors import InputRefused
from takeoff.engines.statements import BASES

# Of the openings that void an element: those above the rule's limit, the others, and all.
OPENING_FIGURES = {
    f"{which}Opening{measure}": measure
    for which in ("Large", "Small", "All")
    for measure in ("Area", "Volume")
}

_CHARACTERS = re.compile(r"[A-Za-z0-9_ .,()+\-*/]+")
_MOST_DECIMALS = 9
_COLUMNS = ("value", "doubt", "basis")
_EXACT = "decimal(32, 12)"
_FACTOR = "decimal(18, 9)"
_SELECT = """with figures as (
    select
        snapshot_id,
        element_no,
        rule_no,
        {wide}
    from rule_figures
    group by snapshot_id, element_no, rule_no
),
chosen as (
    select
        snapshot_id,
        element_no,
        rule_no,
        {columns},
        case {choices} end as formula_no
    from figures
)
select
    snapshot_id,
    element_no,
    rule_no,
    cast(case {texts} end as varchar) as formula,
    cast(case {values} end as decimal(32, 12)) as value_exact,
    cast(case {doubts} end as boolean) as is_doubtful,
    cast(case {lowest} end as varchar) as lowest_basis,
    cast(case {highest} end as varchar) as highest_basis
from chosen"""
_SIGNS: Mapping[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-"}


@dataclass(frozen=True)
class Formula:
    """One formula as written, and its tree. `names` are those it reads, each once, in order."""

    text: str
    tree: ast.expr
    names: tuple[str, ...]

    def sql(self, columns: Mapping[str, str]) -> str:
        """The formula as a portable SQL expression over `columns`, one for each name."""
        return _sql(self.tree, self.text, columns)


@dataclass(frozen=True)
class RuleFormulas:
    """The formulas of one rule, the best first."""

    rule_no: int
    formulas: tuple[Formula, ...]


def read_formulas(text: str) -> tuple[Formula, ...]:
    """The formulas in `text`, between semicolons. Raises: InputRefused for all but arithmetic."""
    return tuple(_read(part.strip()) for part in text.split(";"))


def formula_values(rules: Sequence[RuleFormulas]) -> str:
    """The SELECT that works the formulas of all rules out over the mart rule_figures.

    An element takes the first formula whose names all have figures. A doubtful figure ends the
    search: no later formula stands in for one that is contradicted. `rules` are not empty.
    """
    names = sorted({name for rule in rules for f in rule.formulas for name in f.names})
    number = {name: place for place, name in enumerate(names, start=1)}
    value = {name: f"value_{place}" for name, place in number.items()}

    def told(of: Callable[[Formula], str]) -> str:
        return "\n        ".join(_cases(rules, of))

    return _SELECT.format(
        wide=",\n        ".join(_wide(name, place) for name, place in number.items()),
        columns=",\n        ".join(f"{c}_{n}" for c in _COLUMNS for n in number.values()),
        choices="\n        ".join(_choices(rules, number)),
        texts=told(lambda f: f"'{f.text}'"),
        values=told(lambda f: f"case when not {_doubt(f, number)} then {f.sql(value)} end"),
        doubts=told(lambda f: _doubt(f, number)),
        lowest=told(lambda f: _extreme("least", f, number)),
        highest=told(lambda f: _extreme("greatest", f, number)),
    )


def _wide(name: str, place: int) -> str:
    """The columns of one name: its figure, whether it is doubtful, and its basis."""
    at = f"case when figure = '{name}' then"
    return (
        f"max({at} value_exact end) as value_{place}, "
        f"coalesce(max({at} case when is_doubtful then 1 else 0 end end), 0) = 1 as doubt_{place}, "
        f"max({at} basis end) as basis_{place}"
    )


def _choices(rules: Sequence[RuleFormulas], number: Mapping[str, int]) -> Iterator[str]:
    for rule in rules:
        for place, formula in enumerate(rule.formulas, start=1):
            known = [f"value_{number[name]} is not null" for name in formula.names] or ["true"]
            yield (
                f"when rule_no = {rule.rule_no} and ({_doubt(formula, number)} "
                f"or ({' and '.join(known)})) then {place}"
            )


def _cases(rules: Sequence[RuleFormulas], of: Callable[[Formula], str]) -> Iterator[str]:
    for rule in rules:
        for place, formula in enumerate(rule.formulas, start=1):
            yield f"when rule_no = {rule.rule_no} and formula_no = {place} then {of(formula)}"


def _doubt(formula: Formula, number: Mapping[str, int]) -> str:
    return f"({' or '.join(f'doubt_{number[name]}' for name in formula.names) or 'false'})"


def _extreme(function: str, formula: Formula, number: Mapping[str, int]) -> str:
    """The first or last basis by name; what has none, such as Count, says nothing."""
    columns = [f"basis_{number[name]}" for name in formula.names]
    if len(columns) < 2:
        return columns[0] if columns else "null"
    return f"{function}({', '.join(columns)})"


def _read(text: str) -> Formula:
    if not _CHARACTERS.fullmatch(text) or "--" in text:
        raise _refused(text, "it may hold names, numbers, + - * / , and brackets")
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError) as error:
        raise _refused(text, "it cannot be read") from error
    names = tuple(dict.fromkeys(_names(tree, text)))
    return Formula(text, tree, names)


def _names(node: ast.expr, text: str) -> Iterator[str]:
    """The names below `node`, left to right. Raises: InputRefused for what is no arithmetic."""
    match node:
        case ast.Name(id=name):
            yield name
        case ast.Attribute(value=ast.Name(id=basis), attr=name):
            if basis not in BASES:
                raise _refused(text, f"'{basis}' is no basis; there are {', '.join(BASES)}")
            yield f"{basis}.{name}"
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), right=right):
            yield from _names(left, text)
            yield from _names(right, text)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            yield from _names(operand, text)
        case ast.Call(func=ast.Name(id="least" | "greatest"), args=[_, _, *_], keywords=[]):
            for part in node.args:
                yield from _names(part, text)
        case ast.Call(func=ast.Name(id="round"), args=[value, decimals], keywords=[]):
            _decimals(decimals, text)
            yield from _names(value, text)
        case ast.Constant():
            _number(node, text)
        case _:
            raise _refused(text, f"'{ast.unparse(node)}' is no arithmetic over figures")


def _sql(node: ast.expr, text: str, columns: Mapping[str, str]) -> str:
    match node:
        case ast.Name(id=name):
            return columns[name]
        case ast.Attribute(value=ast.Name(id=basis), attr=name):
            return columns[f"{basis}.{name}"]
        case ast.Constant():
            return f"cast({_number(node, text)} as {_EXACT})"
        case ast.UnaryOp(op=op, operand=operand):
            inner = _sql(operand, text, columns)
            return f"(-{inner})" if isinstance(op, ast.USub) else inner
        case ast.BinOp(left=left, op=op, right=right):
            return _two(op, _sql(left, text, columns), _sql(right, text, columns))
        case ast.Call(func=ast.Name(id="round"), args=[value, decimals]):
            rounded = f"round({_sql(value, text, columns)}, {_decimals(decimals, text)})"
            return f"try_cast({rounded} as {_EXACT})"
        case ast.Call(func=ast.Name(id=function), args=parts):
            return _of_known(function, [_sql(part, text, columns) for part in parts])
    raise _refused(text, "it is no arithmetic over figures")


def _two(op: ast.operator, left: str, right: str) -> str:
    """Each result has one stated type, so that no engine chooses a scale of its own."""
    match op:
        case ast.Mult():
            product = f"try_cast({left} as {_FACTOR}) * try_cast({right} as {_FACTOR})"
        case ast.Div():
            quotient = f"cast({left} as double) / nullif(cast({right} as double), 0)"
            product = f"round({quotient}, {_MOST_DECIMALS})"
        case _:
            product = f"{left} {_SIGNS[type(op)]} {right}"
    return f"try_cast({product} as {_EXACT})"


def _of_known(function: str, parts: Sequence[str]) -> str:
    """Null if one is: engines leave nulls out, which would make unknown the same as nothing."""
    known = " and ".join(f"{part} is not null" for part in parts)
    return f"case when {known} then {function}({', '.join(parts)}) end"


def _number(node: ast.Constant, text: str) -> str:
    """The number as it is written; a double in between would change its digits."""
    written = ast.get_source_segment(text, node) or ""
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,12})?", written):
        raise _refused(text, f"'{written}' is no plain number such as 12.5")
    return str(Decimal(written))


def _decimals(node: ast.expr, text: str) -> int:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        if 0 <= node.value <= _MOST_DECIMALS:
            return node.value
    raise _refused(text, f"round takes 0 to {_MOST_DECIMALS} decimals")


def _refused(text: str, why: str) -> InputRefused:
    return InputRefused(f"The formula '{text}' is refused: {why}.")
