"""Units of bills and prices: exact there and back, or refused by name."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from takeoff.config import Settings
from takeoff.core.errors import InputRefused
from takeoff.reports.bill_units import UnitTable, per_unit, read_units


@pytest.fixture(scope="module")
def units() -> UnitTable:
    return read_units(Settings())


@pytest.mark.parametrize(
    ("name", "kind", "factor"),
    [
        ("100 Nr", "count", "100"),
        ("1000 Stück", "count", "1000"),
        ("1000 LF", "length", "304.8"),
        ("CY", "volume", "0.764554857984"),
        ("SF", "area", "0.09290304"),
        ("lb", "mass", "0.45359237"),
        ("short ton", "mass", "907.18474"),
        ("t", "mass", "1000"),
        ("Masch.-Std.", "machine time", "1"),
        ("hrs", "working time", "1"),
    ],
)
def test_a_unit_is_known_exactly(units: UnitTable, name: str, kind: str, factor: str) -> None:
    unit = units.named(name)
    assert (unit.kind, unit.factor) == (kind, Fraction(factor))


@pytest.mark.parametrize(
    "name", ["ton", "cwt", "min", "lump sum", "m4", "", "0 m", "-1 m", "1.5 m"]
)
def test_a_unit_of_no_or_several_meanings_is_refused_by_name(units: UnitTable, name: str) -> None:
    with pytest.raises(InputRefused, match=f"The unit '{name}' is refused"):
        units.named(name)


def test_a_ton_beside_american_units_alone_is_a_short_one(units: UnitTable) -> None:
    assert units.named("ton", {"CY", "1000 EA", "ton"}).factor == Fraction("907.18474")
    for beside in ({"CY", "m3"}, {"Nr"}, {"ton"}):
        with pytest.raises(InputRefused, match="'ton' is refused"):
            units.named("ton", beside)


def test_there_and_back_for_each_pair_of_units(units: UnitTable) -> None:
    known = list(units.factors().values())
    for one in known:
        for other in known:
            if one.kind == other.kind:
                there = Fraction(1) * other.factor / one.factor
                assert there * one.factor / other.factor == 1
            else:
                with pytest.raises(InputRefused, match="cannot be one per"):
                    per_unit(Decimal(1), one, other)


def test_a_rate_per_cubic_yard_in_cubic_metres(units: UnitTable) -> None:
    rate = per_unit(Decimal("75.31"), units.named("CY"), units.named("m3"))
    assert rate == Decimal("98.501761141")
