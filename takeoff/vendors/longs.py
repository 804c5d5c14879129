"""Long columns of values: which different texts they hold, and numbers brought to SI.

Arrow and numpy do the work; nothing here loops over rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from takeoff.core.tables import EXACT
from takeoff.core.units import converted

Indices = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Encoded = tuple[Sequence[str | None], Indices]
Product = Callable[[pa.Array], pa.Array]

_ONE = Decimal(1)
# A double in these bounds has at most 17 digits before and 38 after the point.
_LEAST, _MOST = 1e-21, 1e17
_WRITTEN = pa.decimal256(56, 38)
# From here on it has at most 19 after the point, which is several times quicker.
_NEAR_LEAST, _NEAR = 1e-3, pa.decimal128(38, 19)
_FACTOR_DIGITS = 19


def ranks(rows: Indices) -> Indices:
    """The place of each value among those of its element, from 0; `rows` ascend."""
    places = np.arange(len(rows))
    is_first = np.append(True, rows[1:] != rows[:-1])[: len(rows)]
    found: Indices = places - np.maximum.accumulate(np.where(is_first, places, 0))
    return found


def spread(values: Sequence[str | None], indices: Indices) -> pa.Array:
    """The text that each index names."""
    return pa.array(values, pa.string()).take(pa.array(indices))


def named(values: Sequence[str | None], indices: Indices) -> pa.Array:
    """As `spread`, but ENCODED: a dictionary of the different texts, null where there is none."""
    found = pa.array(values, pa.string()).dictionary_encode()
    places = found.indices.take(pa.array(indices))
    return pa.DictionaryArray.from_arrays(places, found.dictionary)


def encoded(column: pa.Array) -> Encoded:
    """The different texts of a column, null among them if it is there, and which one a row has."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    texts: list[str | None] = column.dictionary.to_pylist()
    indices = column.indices
    if column.null_count:
        indices = indices.fill_null(len(texts))
        texts.append(None)
    return texts, indices.to_numpy().astype(np.int64)


def plain(column: pa.Array) -> pa.Array:
    """The column without its dictionary, if it has one."""
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def combinations(found: Sequence[Encoded]) -> tuple[list[tuple[str | None, ...]], Indices]:
    """The different combinations of encoded columns, and for each row which one it is."""
    mixed = np.zeros(len(found[0][1]), dtype=np.int64)
    for texts, indices in found:
        mixed = mixed * max(len(texts), 1) + indices
    which = pa.array(mixed).dictionary_encode()
    rows = _apart(which.dictionary.to_numpy(), [texts for texts, _ in found])
    return rows, which.indices.to_numpy().astype(np.int64)


def in_si(
    numbers: pa.Array,
    texts: pa.Array,
    factors: Sequence[Decimal | None],
    which: Indices,
    *,
    shortest: pa.Array | None = None,
) -> tuple[pa.Array, pa.Array]:
    """`value` and `value_exact` of each row, as `core.units.converted` for a whole column.

    The number of a row is its text, if it has one, else its double, taken by its shortest text;
    its factor is `factors[which]`, and a null factor gives null. `shortest` are these shortest
    texts, if they are at hand.
    """
    shortest = pc.cast(numbers, pa.string()) if shortest is None else shortest
    value, value_exact = pa.nulls(len(numbers), pa.float64()), pa.nulls(len(numbers), EXACT)
    magnitude = pc.abs(numbers).fill_null(0).to_numpy(zero_copy_only=False)
    is_usual = (magnitude == 0) | ((magnitude >= _LEAST) & (magnitude < _MOST))
    is_usual &= pc.is_null(texts).to_numpy(zero_copy_only=False)
    is_near = (magnitude == 0) | (magnitude >= _NEAR_LEAST)
    done = np.array([factor is None for factor in factors], dtype=bool)[which]
    for factor in dict.fromkeys(factor for factor in factors if factor is not None):
        of_factor = np.array([given == factor for given in factors], dtype=bool)[which]
        for where, product in _ways(factor, of_factor & is_usual, is_near):
            if where.any():
                at = pa.array(where)
                exact = product(shortest.filter(at))
                double = numbers.filter(at) if factor == _ONE else _doubles(exact)
                rounded = pc.round(exact, EXACT.scale, "half_to_even").cast(EXACT)
                value = _placed(value, where, double)
                value_exact = _placed(value_exact, where, rounded)
                done |= where
    odd = np.flatnonzero(~done)
    pairs = [
        _converted(texts[row].as_py(), numbers[row].as_py(), factors[which[row]])
        for row in odd.tolist()
    ]
    value = _placed(value, ~done, pa.array([pair[0] for pair in pairs], pa.float64()))
    return value, _placed(value_exact, ~done, pa.array([pair[1] for pair in pairs], EXACT))


def _ways(factor: Decimal, where: Flags, is_near: Flags) -> list[tuple[Flags, Product]]:
    """How texts become exact products with the factor, and of which rows; others go one by one."""
    scalar = _as_scalar(factor)
    if scalar is None:
        return []

    def wide(texts: pa.Array) -> pa.Array:
        return pc.multiply(pc.cast(texts, _WRITTEN), scalar)

    if factor != _ONE:
        return [(where, wide)]
    return [(where & is_near, lambda texts: pc.cast(texts, _NEAR)), (where & ~is_near, wide)]


def _apart(numbers: Indices, found: Sequence[Sequence[str | None]]) -> list[tuple[str | None, ...]]:
    """For each number the texts whose indices were mixed into it."""
    columns = []
    for texts in reversed(found):
        numbers, indices = np.divmod(numbers, max(len(texts), 1))
        columns.append([texts[index] for index in indices.tolist()])
    return list(zip(*reversed(columns), strict=True))


def _as_scalar(factor: Decimal) -> pa.Scalar | None:
    """The factor in the decimal type with which no product overflows; null if it has none."""
    digits = len(factor.as_tuple().digits)
    exponent = factor.as_tuple().exponent
    if not isinstance(exponent, int) or max(digits, digits + exponent) > _FACTOR_DIGITS:
        return None
    scale = max(0, -exponent)
    return None if scale > _FACTOR_DIGITS else pa.scalar(factor, pa.decimal256(19, scale))


def _doubles(exact: pa.Array) -> pa.Array:
    """The double nearest to each decimal; Arrow's own cast of decimals rounds more than once."""
    return pc.cast(pc.cast(exact, pa.string()), pa.float64())


def _placed(column: pa.Array, where: Flags, found: pa.Array) -> pa.Array:
    if len(found) == len(column):
        return found
    return pc.replace_with_mask(column, pa.array(where), found) if len(found) else column


def _converted(
    text: str | None, number: float | None, factor: Decimal | None
) -> tuple[float | None, Decimal | None]:
    given = number if text is None else text
    return (None, None) if given is None or factor is None else converted(given, factor)
