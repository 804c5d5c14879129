"""Exact decimals: how a model's own numbers become SI, and how they are printed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext

QUANTUM = Decimal("1e-12")
SI_UNIT = {"length": "m", "area": "m2", "volume": "m3", "mass": "kg", "count": "1"}
POWER = {"length": 1, "area": 2, "volume": 3}
_PRECISE = Context(prec=60)


@dataclass(frozen=True)
class Units:
    """What a model declares: per kind the unit's name as written, and its size in SI.

    An area or volume unit that is missing follows from the length unit.
    """

    length_si: Decimal
    declared: dict[str, tuple[str, Decimal]]

    def name(self, kind: str) -> str:
        """The unit's name as written; empty for counts and where nothing is written."""
        return self.declared[kind][0] if kind in self.declared else ""

    def status(self, kind: str) -> str:
        """Declared, derived from the length unit, or unknown."""
        if kind in self.declared or kind == "count":
            return "declared"
        return "derived" if kind in POWER else "unknown"

    def factor(self, kind: str) -> Decimal:
        """SI size of the unit that figures of this kind are written in; KeyError if unknown."""
        if kind in self.declared:
            return self.declared[kind][1]
        return Decimal(1) if kind == "count" else times(*[self.length_si] * POWER[kind])

    def raw(self, kind: str, native: Decimal) -> Decimal:
        """The number to write for a product of native lengths: mm x mm where m2 is declared, ..."""
        si = times(native, *[self.length_si] * POWER[kind])
        return tidy(_PRECISE.divide(si, self.factor(kind)))


def times(*numbers: Decimal) -> Decimal:
    """The product with nothing rounded (60 digits)."""
    product = Decimal(1)
    for number in numbers:
        product = _PRECISE.multiply(product, number)
    return product


def to_si(raw: Decimal, factor: Decimal) -> Decimal:
    """`raw` x `factor`, rounded half even to 12 decimals."""
    with localcontext(_PRECISE):
        return tidy((raw * factor).quantize(QUANTUM, rounding=ROUND_HALF_EVEN))


def tidy(number: Decimal) -> Decimal:
    """The same number without trailing zeros."""
    return _PRECISE.plus(number).normalize(_PRECISE)


def plain(number: Decimal) -> str:
    """Decimal text without exponent: 5200, 0.015."""
    text = format(tidy(number), "f")
    return "0" if text == "-0" else text
