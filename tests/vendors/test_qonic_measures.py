"""Units and names of the vendor's figures, against published factors."""

from __future__ import annotations

from decimal import Decimal

import pytest
from qonic_rows import names

from takeoff.vendors.qonic import classes, measures


@pytest.mark.parametrize(
    ("name", "kind", "factor"),
    [
        ("m³", "volume", "1"),
        ("L", "volume", "0.001"),
        ("ft3", "volume", "0.028316846592"),
        ("in", "length", "0.0254"),
        ("ft²", "area", "0.09290304"),
        ("lb", "mass", "0.45359237"),
        ("t", "mass", "1000"),
        ("h", "time", "3600"),
    ],
)
def test_units_have_their_published_factor(name: str, kind: str, factor: str) -> None:
    found = measures.unit(name)
    assert found is not None
    assert (found.kind, found.factor) == (kind, Decimal(factor))


@pytest.mark.parametrize("name", ["furlong", "m4", "", "cubic", None])
def test_what_is_no_unit_has_no_factor(name: str | None) -> None:
    assert measures.unit(name) is None


@pytest.mark.parametrize("unit", ["mm", "cm", "ft"])
def test_areas_and_volumes_are_powers_of_their_length(unit: str) -> None:
    length, area, volume = (measures.unit(unit + power) for power in ("", "2", "3"))
    assert length is not None
    assert area is not None
    assert volume is not None
    assert (area.factor, volume.factor) == (length.factor**2, length.factor**3)


@pytest.mark.parametrize(
    ("name", "ifc_class", "meant"),
    [
        ("NetVolume", "Wall", ("NetVolume", "volume")),
        ("GrossFootprintArea", "Wall", ("GrossFootPrintArea", "area")),
        ("Mass", "Wall", (None, "mass")),
        ("Fluffiness", "Wall", (None, None)),
    ],
)
def test_a_name_tells_quantity_and_kind(
    name: str, ifc_class: str, meant: tuple[str | None, str | None]
) -> None:
    assert measures.meaning(names(), name, ifc_class, None) == meant


@pytest.mark.parametrize(
    ("written", "ifc_class", "role"),
    [
        ("Wall", "Wall", "physical"),
        ("IfcWallStandardCase", "Wall", "physical"),
        ("IfcWallElementedCase", "Wall", "physical"),
        ("IfcSpace", "Space", "space"),
        ("OpeningStandardCase", "Opening", "opening"),
        ("IfcOpeningElement", "OpeningElement", "opening"),
        ("BuildingStorey", "BuildingStorey", "location"),
        ("Grid", "Grid", "annotation"),
        ("CurtainWall", "CurtainWall", "physical"),
        (None, None, "physical"),
    ],
)
def test_classes_and_roles(written: str | None, ifc_class: str | None, role: str) -> None:
    assert (classes.ifc_class(written), classes.role(written)) == (ifc_class, role)
