"""Units of bills, prices and carbon factors: `m3`, `CY`, `100 Nr`, `1000 m`, `Machine hours`.

They are read from data/rules/bill_units.csv, and spelt exactly as there, whatever the case. A unit
without a factor there has several meanings; it is refused by name. Factors are exact.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path

from takeoff.config import Settings, read_rows
from takeoff.core.errors import InputRefused

FILE = "bill_units.csv"
SI_UNITS = {
    "length": "m",
    "area": "m2",
    "volume": "m3",
    "mass": "kg",
    "count": "1",
    "working time": "h",
    "machine time": "machine h",
}

_MANY = re.compile(r"([1-9][0-9]{0,8}) +(\S.*)")
_AMERICAN = frozenset("lf sf sy cy cf bf ly lb lbs ft ft2 ft3 yd in acre".split())
_METRIC = frozenset("m mm cm km lm lfm m2 m² ha m3 m³ l kg g t tonne".split())
_SHORT_TON = Fraction("907.18474")
_RATE_PLACES = Decimal("1e-9")


@dataclass(frozen=True)
class BillUnit:
    """A unit as written, what it measures, and how many SI units (or hours) one of it is."""

    name: str
    kind: str
    factor: Fraction

    @property
    def si_unit(self) -> str:
        return SI_UNITS[self.kind]


class UnitTable:
    """The units that there are; `note` says why one without a factor cannot be used."""

    def __init__(self, units: Mapping[str, BillUnit], unusable: Mapping[str, str]) -> None:
        self._units = units
        self._unusable = unusable

    def named(self, text: str, beside: Collection[str] = ()) -> BillUnit:
        """The unit `text`; `beside` are the units of the same prices, which tell what a ton is.

        Raises: InputRefused by name for one that is not known, or that has several meanings.
        """
        many = _MANY.fullmatch(text.strip())
        name = many[2] if many else text.strip()
        count = int(many[1]) if many else 1
        if name.casefold() == "ton" and _are_american(beside):
            return BillUnit(text, "mass", count * _SHORT_TON)
        if (found := self._units.get(name.casefold())) is not None:
            return BillUnit(text, found.kind, count * found.factor)
        why = self._unusable.get(name.casefold())
        raise InputRefused(
            f"The unit '{text}' is refused: {why or f'it is not known; {FILE} lists the units'}."
        )

    def factors(self) -> dict[str, BillUnit]:
        """All units with a factor, by their name in lower case."""
        return dict(self._units)


def read_units(settings: Settings) -> UnitTable:
    """The units of the project, or of the package. Raises: InputRefused if a row is wrong."""
    path = settings.rules_file(FILE)
    units: dict[str, BillUnit] = {}
    unusable: dict[str, str] = {}
    for row in read_rows(path):
        name = (row.get("unit") or "").strip()
        if not row.get("factor"):
            unusable[name.casefold()] = row.get("note") or "it has several meanings"
            continue
        units[name.casefold()] = BillUnit(name, row["kind"], _factor(path, row))
    return UnitTable(units, unusable)


def per_unit(rate: Decimal, priced: BillUnit, wanted: BillUnit) -> Decimal:
    """A rate per `priced` as a rate per `wanted`, rounded half even to 9 decimals.

    Raises: InputRefused if the two measure different things.
    """
    if priced.kind != wanted.kind:
        raise InputRefused(
            f"A rate per {priced.name} ({priced.kind}) cannot be one per {wanted.name} "
            f"({wanted.kind})."
        )
    return rounded(Fraction(rate) * wanted.factor / priced.factor)


def rounded(number: Fraction) -> Decimal:
    """`number` rounded half even to 9 decimals."""
    return Decimal(round(number / Fraction(_RATE_PLACES))) * _RATE_PLACES


def _factor(path: Path, row: Mapping[str, str]) -> Fraction:
    try:
        factor = Fraction(Decimal(row["factor"]))
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise InputRefused(f"{path}: the factor of {row['unit']} is no number.") from error
    if factor <= 0 or row["kind"] not in SI_UNITS:
        raise InputRefused(
            f"{path}: {row['unit']} needs a factor above 0 and one of the kinds "
            f"{', '.join(SI_UNITS)}."
        )
    return factor


def _are_american(beside: Collection[str]) -> bool:
    """Whether these units are American ones and no metric ones, but for pieces and hours."""
    bare = {(_MANY.fullmatch(name.strip()) or ("", "", name))[2].casefold() for name in beside}
    return bool(bare & _AMERICAN) and not bare & _METRIC
