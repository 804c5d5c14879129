"""SI units of the quantity kinds, and the one way from a source's number to our two values.

`value` is a double for reading and plotting; `value_exact` is a decimal for adding up, because sums
of doubles change with thread count and row order.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Context, Decimal

# Decimals that people are shown; the figures themselves keep all of theirs.
SHOWN_DECIMALS = {"m": 2, "m2": 2, "m3": 3, "kg": 1, "s": 0, "1": 0, "%": 1}

SI_UNITS = {"length": "m", "area": "m2", "volume": "m3", "mass": "kg", "time": "s", "count": "1"}

_QUANTUM = Decimal("1e-12")
_LIMIT = Decimal("1e20")
# Wide enough for any product that fits; what does not comes out as infinity, not as an exception.
_WIDE = Context(prec=60, rounding=ROUND_HALF_EVEN, traps=[])


def shortest(number: float) -> str:
    """The shortest text that reads back as `number`: 5200, not 5200.0; 1e-07 stays as it is."""
    text = repr(number)
    return text[:-2] if text.endswith(".0") else text


def exact(number: float | str | Decimal, factor: Decimal) -> Decimal | None:
    """`number` x `factor`, rounded half even to 12 decimals, as `value_exact` holds it.

    A double is taken by its shortest text, which is what the source wrote in all but odd cases.
    None if it is not finite or does not fit decimal(32,12).
    """
    return converted(number, factor)[1]


def converted(
    number: float | str | Decimal, factor: Decimal
) -> tuple[float | None, Decimal | None]:
    """(`value`, `value_exact`) of `number` x `factor`; the double is the nearest to the product.

    Both are None if the product is not finite or does not fit decimal(32,12).
    """
    if isinstance(number, float) and not math.isfinite(number):
        return None, None
    given = Decimal(repr(number) if isinstance(number, float) else number)
    product = _WIDE.multiply(given, factor)
    if not product.is_finite() or abs(product) >= _LIMIT:
        return None, None
    return float(product), product.quantize(_QUANTUM, context=_WIDE)
