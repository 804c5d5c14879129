"""Units of fields in both spellings."""

from __future__ import annotations

from decimal import Decimal

import pytest

from takeoff.vendors.autodesk.units import is_bare, unit_of

FORGE = "autodesk.unit.unit:"


@pytest.mark.parametrize(
    ("short", "forge", "kind", "factor"),
    [
        ("ft", "feet-1.0.1", "length", "0.3048"),
        ("m", "meters-1.0.0", "length", "1"),
        ("mm", "millimeters-1.0.1", "length", "0.001"),
        ("ft^2", "squareFeet-1.0.1", "area", "0.09290304"),
        ("m^2", "squareMeters-1.0.1", "area", "1"),
        ("mm^2", "squareMillimeters-1.0.1", "area", "0.000001"),
        ("ft^3", "cubicFeet-1.0.1", "volume", "0.028316846592"),
        ("m^3", "cubicMeters-1.0.1", "volume", "1"),
        ("mm^3", "cubicMillimeters-1.0.1", "volume", "0.000000001"),
        ("l", "liters-9.9.9", "volume", "0.001"),
        ("kg", "kilograms", "mass", "1"),
    ],
)
def test_both_spellings_are_the_same_unit(short: str, forge: str, kind: str, factor: str) -> None:
    for uom in (short, FORGE + forge):
        unit = unit_of(uom)
        assert unit is not None
        assert (unit.kind, unit.factor) == (kind, Decimal(factor))


@pytest.mark.parametrize(
    ("forge", "kind", "factor"),
    [
        ("feetFractionalInches-1.0.0", "length", "0.3048"),
        ("fractionalInches-1.0.0", "length", "0.0254"),
        ("usGallons-1.0.0", "volume", "0.003785411784"),
        ("cubicYards-1.0.1", "volume", "0.764554857984"),
    ],
)
def test_ways_to_show_a_figure_do_not_change_its_size(forge: str, kind: str, factor: str) -> None:
    unit = unit_of(FORGE + forge)
    assert unit is not None
    assert (unit.kind, unit.factor) == (kind, Decimal(factor))


@pytest.mark.parametrize(
    "uom",
    ["kip/inch^2", "radian", f"{FORGE}degrees-1.0.1", f"{FORGE}kipsPerSquareInch-1.0.1", "", None],
)
def test_other_units_are_none_of_ours(uom: str | None) -> None:
    assert unit_of(uom) is None


def test_no_unit_and_the_unit_of_bare_numbers_are_the_same() -> None:
    assert is_bare(None)
    assert is_bare(f"{FORGE}general-1.0.1")
    assert not is_bare("radian")
    assert not is_bare(f"{FORGE}degrees-1.0.1")
