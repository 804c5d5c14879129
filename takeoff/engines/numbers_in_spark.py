"""Arithmetic as DuckDB does it, in Spark's words; what cannot be said so is refused.

DuckDB rounds a double by way of its product with a power of ten, Spark by the decimal digits that
the double is written with. DuckDB divides everything as doubles, Spark decimals as decimals. A
double as text is written otherwise (1e16, 1.0E16): it may be compared with others, not shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from sqlglot import exp, parse_one

_Type = exp.DataType.Type
_LIKE_ITS_CONTENT = (exp.Paren, exp.Neg, exp.Abs, exp.Max, exp.Min, exp.Alias, exp.Window)
_WHOLES = (exp.Count, exp.RowNumber, exp.Rank, exp.DenseRank, exp.Length, exp.StrPosition)
_OF_SEVERAL = (exp.Case, exp.Coalesce, exp.Greatest, exp.Least, exp.Nullif)
_COMPARED = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)
# Whole numbers up to here are doubles exactly.
_EXACT = 2**53
# A double without decimals is worked out from its upper and its lower binary digits.
_HALF = 2**40
_LARGEST = 2**103


class NotAlike(Exception):
    """Arithmetic that Spark would do otherwise, in words."""


@dataclass(frozen=True)
class Number:
    """A kind of number: exact with `scale` decimals, none if it is whole; a double if null."""

    scale: int | None

    @property
    def is_double(self) -> bool:
        return self.scale is None


_Kind: TypeAlias = Number | None
_KindOf: TypeAlias = Callable[[exp.Expr], _Kind]
_DOUBLE = Number(None)
_WHOLE = Number(0)


def as_duckdb_counts(tree: exp.Expr) -> exp.Expr:
    """The SELECT, whose columns know their types, so that Spark's figures are DuckDB's.

    Raises: NotAlike.
    """
    kinds: dict[int, _Kind] = {}
    nodes = list(tree.walk())
    kept = list(nodes)
    for node in reversed(nodes):
        kind = _kind(node, lambda part: kinds.get(id(part)))
        put = _put(node, lambda part: kinds.get(id(part)))
        kinds[id(put)] = kind
        if put is not node:
            kept.append(put)
            node.replace(put)
    return tree


def _kind(node: exp.Expr, of: _KindOf) -> _Kind:
    """What kind of number this is for DuckDB; null if it is none."""
    match node:
        case exp.Column():
            return _of_type(node.type)
        case exp.Literal():
            return _of_literal(node)
        case exp.Cast():  # try_cast, too
            return _of_type(node.to)
        case exp.Round() | exp.Floor() | exp.Ceil():
            return _rounded(node, of(node.this))
        case exp.Div() | exp.Avg():
            return _DOUBLE
        case exp.Add() | exp.Sub():
            return _common([of(node.this), of(node.expression)])
        case exp.Mul():
            return _product(of(node.this), of(node.expression))
        case exp.Sum():
            if (kind := of(node.this)) == _DOUBLE:
                raise NotAlike("a sum of doubles, which depends on their order; sum decimals")
            return kind
        case exp.Subquery():
            return of(node.selects[0]) if node.selects else None
    if isinstance(node, _LIKE_ITS_CONTENT):
        return of(node.this)
    if isinstance(node, _OF_SEVERAL):
        return _one_kind(node, list(_choices(node)), of)
    return _WHOLE if isinstance(node, _WHOLES) else None


def _of_type(type_: exp.DataType | None) -> _Kind:
    if type_ is None:
        return None
    if type_.is_type(_Type.DOUBLE, _Type.FLOAT):
        return _DOUBLE
    if type_.is_type(_Type.DECIMAL):
        return Number(int(type_.expressions[1].name))
    is_whole = type_.is_type(*exp.DataType.INTEGER_TYPES, _Type.INT128)
    return _WHOLE if is_whole else None


def _of_literal(node: exp.Literal) -> _Kind:
    if node.is_string:
        return None
    return _DOUBLE if "e" in node.name.lower() else Number(len(node.name.partition(".")[2]))


def _rounded(node: exp.Expr, kind: _Kind) -> _Kind:
    if kind is None or kind.scale is None:
        return kind
    return Number(min(kind.scale, _decimals(node)))


def _decimals(node: exp.Expr) -> int:
    """To how many decimals a figure is rounded."""
    given = node.args.get("decimals")
    if given is None:
        return 0
    if not isinstance(given, exp.Literal):
        raise NotAlike("round() to decimals that are no plain number")
    return int(given.name)


def _product(left: _Kind, right: _Kind) -> _Kind:
    if left is None or right is None:
        return None
    if left.scale is None or right.scale is None:
        return _DOUBLE
    return Number(left.scale + right.scale)


def _common(kinds: Iterable[_Kind]) -> _Kind:
    """The kind that all of these become when they meet; what is no number, is null."""
    scales = [kind.scale for kind in kinds if kind is not None]
    if not scales:
        return None
    exact = [scale for scale in scales if scale is not None]
    return _DOUBLE if len(exact) < len(scales) else Number(max(exact))


def _choices(node: exp.Expr) -> Iterable[exp.Expr]:
    """The values of which such a function gives one."""
    if isinstance(node, exp.Case):
        yield from (case.args["true"] for case in node.args["ifs"])
        if (default := node.args.get("default")) is not None:
            yield default
    elif isinstance(node, exp.Nullif):
        yield node.this
    else:
        yield from (node.this, *node.expressions)


def _one_kind(node: exp.Expr, values: list[exp.Expr], of: _KindOf) -> _Kind:
    kinds = [of(value) for value in values if not isinstance(value, exp.Literal)]
    doubles = [kind is not None and kind.is_double for kind in kinds]
    if any(doubles) and any(kind is not None and kind.scale for kind in kinds):
        raise NotAlike(f"a double beside a decimal in {node.key}; cast one of them")
    return _common([of(value) for value in values])


def _put(node: exp.Expr, of: _KindOf) -> exp.Expr:
    """The node in words by which Spark works out what DuckDB does; itself if it does so anyway."""
    match node:
        case exp.Div():
            left, right = node.this, node.expression
            return exp.Div(this=_double(left, of(left)), expression=_double(right, of(right)))
        case exp.Cast():
            return _cast(node, of(node.this))
        case exp.Round() if of(node.this) == _DOUBLE:
            power = f"1e{_decimals(node)}D"
            return _words(f"round(x * {power}) / {power}", node.this)
        case exp.Add() | exp.Sub() | exp.Mul() | exp.Mod():
            _make_both_double(node, of)
    if isinstance(node, _COMPARED):
        _make_both_double(node, of)
    return node


def _make_both_double(node: exp.Expr, of: _KindOf) -> None:
    kinds = {side: of(node.args[side]) for side in ("this", "expression")}
    if _DOUBLE in kinds.values():
        for side, kind in kinds.items():
            if kind is not None and not kind.is_double:
                node.set(side, _double(node.args[side].copy(), kind))


def _cast(node: exp.Cast, kind: _Kind) -> exp.Expr:
    """From one kind of number to another."""
    to = _of_type(node.to)
    if kind is None or to is None:
        return node
    if to.is_double:
        return _double(node.this, kind)
    if node.to.is_type(_Type.DECIMAL):
        if not kind.is_double:
            return node
        precision, scale = (int(size.name) for size in node.to.expressions)
        return _exact(node.this, precision, scale, is_tried=isinstance(node, exp.TryCast))
    if kind.is_double:
        raise NotAlike("a double cast to a whole number; round it, and cast it to a decimal")
    if kind.scale:
        node.set("this", exp.Round(this=node.this.copy()))
    return node


def _double(node: exp.Expr, kind: _Kind) -> exp.Expr:
    """A number as a double. Of many digits, DuckDB converts those after the point by themselves."""
    if kind is None or kind.is_double:
        return node
    if not kind.scale or isinstance(node, exp.Literal):
        return exp.cast(node, _Type.DOUBLE)
    most = f"{_EXACT // 10**kind.scale}.{_EXACT % 10**kind.scale:0{kind.scale}d}BD"
    return _words(
        f"case when abs(x) <= {most} then cast(x as double) "
        "else cast(x - x % 1 as double) + cast(x % 1 as double) end",
        node,
    )


def _exact(node: exp.Expr, precision: int, scale: int, *, is_tried: bool) -> exp.Expr:
    """A double as a decimal: its product with a power of ten is rounded, half away from 0."""
    whole = f"round(x * 1e{scale}D)"
    upper = f"floor({whole} / {_HALF}D)"
    lower = f"{whole} - {upper} * {_HALF}D"
    digits = (
        f"(cast({upper} as decimal(20, 0)) * cast({_HALF} as decimal(13, 0))"
        f" + cast({lower} as decimal(13, 0)))"
    )
    unit = f" * 0.{'0' * (scale - 1)}1BD" if scale else ""
    too_large = "null" if is_tried else "raise_error('a number has more digits than its column')"
    return _words(
        f"case when abs({whole}) < {min(10**precision, _LARGEST):.0f}D "
        f"then cast({digits}{unit} as decimal({precision}, {scale})) "
        f"when x is not null then {too_large} end",
        node,
    )


def _words(spark: str, x: exp.Expr) -> exp.Expr:
    """An expression in Spark's words, with `x` wherever it says x."""
    tree = parse_one(f"({spark})", dialect="spark")
    return tree.transform(
        lambda part: x.copy() if isinstance(part, exp.Column) and part.name == "x" else part
    )
