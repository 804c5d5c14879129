"""The cells of a column by their type: text, number or flag."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from takeoff.vendors.itwin.columns import Column
from takeoff.vendors.itwin.rows import FLAG, NUMBER

_NUMERAL = r"^[-+]?(\d+\.?\d*|\.\d+)([Ee][-+]?\d+)?$"
# Digits that a double keeps; of what was a double itself, 17 tell it from all others. A number with
# more stays text, with all of them.
_DOUBLES, _DIGITS, _DIGITS_OF_DOUBLE = ("double", "edm.double", "edm.single"), 15, 17
_WHOLE_IN_DOUBLE = 1 << 53
_NOT_SIGNIFICANT = r"^[-+.0]*|[Ee].*|[^\d]"
_TRUE, _FALSE = ("true", "1"), ("false", "0")


@dataclass(frozen=True)
class Typed:
    """The values of a column; at most one of the three is filled in a row."""

    text: pa.Array
    number: pa.Array
    flag: pa.Array

    @property
    def is_set(self) -> pa.Array:
        """Where there is a value."""
        return pc.or_(
            pc.or_(pc.is_valid(self.text), pc.is_valid(self.number)), pc.is_valid(self.flag)
        )


def typed(values: pa.Array, column: Column) -> Typed:
    """The values as their column is typed; text that is no number or flag stays text."""
    length = len(values)
    text, number = pa.nulls(length, pa.string()), pa.nulls(length, pa.float64())
    flag = pa.nulls(length, pa.bool_())
    if pa.types.is_boolean(values.type):
        return Typed(text, number, values)
    if pa.types.is_floating(values.type):
        return Typed(text, values, flag)
    if pa.types.is_integer(values.type):
        return _whole(values, flag)
    values = pc.if_else(pc.equal(values, ""), None, values)
    if column.kind == NUMBER:
        is_double = column.declared.casefold() in _DOUBLES
        return _number(values, flag, _DIGITS_OF_DOUBLE if is_double else _DIGITS)
    if column.kind == FLAG:
        return _flag(values, number)
    return Typed(values, number, flag)


def _number(values: pa.Array, flag: pa.Array, most: int) -> Typed:
    try:
        number = pc.cast(values, pa.float64())
    except pa.ArrowInvalid:
        is_numeral = pc.match_substring_regex(values, _NUMERAL)
        number = pc.cast(pc.if_else(is_numeral, values, None), pa.float64())
    fits = pc.fill_null(pc.and_(pc.is_finite(number), _is_short(values, most)), False)
    return Typed(pc.if_else(fits, None, values), pc.if_else(fits, number, None), flag)


def _whole(values: pa.Array, flag: pa.Array) -> Typed:
    is_low, is_high = pc.less(values, -_WHOLE_IN_DOUBLE), pc.greater(values, _WHOLE_IN_DOUBLE)
    fits = pc.fill_null(pc.invert(pc.or_(is_low, is_high)), False)
    number = pc.cast(pc.if_else(fits, values, None), pa.float64())
    return Typed(pc.if_else(fits, None, pc.cast(values, pa.string())), number, flag)


def _is_short(values: pa.Array, most: int) -> pa.Array:
    """Whether numerals have at most so many significant digits; only long ones are looked at."""
    short = pc.fill_null(pc.less_equal(pc.utf8_length(values), most), True)
    long = pc.replace_substring_regex(values.filter(pc.invert(short)), _NOT_SIGNIFICANT, "")
    if not len(long):
        return short
    fits = pc.less_equal(pc.utf8_length(long), most)
    return pc.replace_with_mask(short, pc.invert(short), fits)


def _flag(values: pa.Array, number: pa.Array) -> Typed:
    folded = pc.utf8_lower(values)
    is_true = pc.is_in(folded, value_set=pa.array(_TRUE))
    is_false = pc.is_in(folded, value_set=pa.array(_FALSE))
    flag = pc.if_else(is_true, True, pc.if_else(is_false, False, None))
    return Typed(pc.if_else(pc.is_valid(flag), None, values), number, flag.cast(pa.bool_()))
