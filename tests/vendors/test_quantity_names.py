"""From a source's quantity names to IFC4X3's: exact, by kind, class and set; else none."""

from __future__ import annotations

import csv

import ifcopenshell.util.pset
import pytest
from ifc_rows import RULES, names

from takeoff.core.errors import InputRefused
from takeoff.core.quantity_names import QuantityNames

KINDS = {
    "Q_LENGTH": "length",
    "Q_AREA": "area",
    "Q_VOLUME": "volume",
    "Q_COUNT": "count",
    "Q_WEIGHT": "mass",
    "Q_TIME": "time",
}


def _standard() -> list[tuple[str, str, str, str]]:
    """(set, class, quantity, kind) of every quantity in the standard's own templates."""
    found = []
    for file in ifcopenshell.util.pset.get_template("IFC4X3").templates:
        for template in file.by_type("IfcPropertySetTemplate"):
            if template.Name.startswith("Qto_"):
                for entity in template.ApplicableEntity.split(","):
                    ifc_class = entity.split("/")[0].removeprefix("Ifc")
                    for quantity in template.HasPropertyTemplates:
                        kind = KINDS[quantity.TemplateType]
                        found.append((template.Name, ifc_class, quantity.Name, kind))
    return found


def test_every_standard_quantity_keeps_its_name() -> None:
    table, standard = names(), _standard()
    assert len(standard) > 300
    for set_name, ifc_class, quantity, kind in standard:
        ifc_class = ifc_class.removesuffix("Type")
        assert table.quantity(quantity, kind, ifc_class, set_name) == quantity


def test_every_quantity_given_is_one_of_the_standard() -> None:
    standard = {quantity for _, _, quantity, _ in _standard()}
    with RULES.open(encoding="utf-8", newline="") as file:
        given = {row["quantity"] for row in csv.DictReader(file)}
    assert given - {""} <= standard


@pytest.mark.parametrize(
    ("asked", "quantity"),
    [
        (("GrossFootprintArea", "area", "Wall", "BaseQuantities"), "GrossFootPrintArea"),
        (("NetHeigtht", "length", "BuildingStorey", "Qto"), "NetHeight"),
        (("Area", "area", "Wall", "PSet_Revit_Dimensions"), "NetSideArea"),
        (("Area", "area", "Slab", "Dimensions"), "NetArea"),
        (("Area", "area", "Space", "Dimensions"), "NetFloorArea"),
        (("Area", "area", "Wall", "ArchiCADQuantities"), None),
        (("Area", "area", "Door", "BaseQuantities"), "Area"),
        (("Area", "area", "Door", "Dimensions"), None),
        (("Area", "area", "Beam", "Dimensions"), None),
        (("Area", "length", "Wall", "Dimensions"), None),
        (("Volume", "volume", "Beam", "PSet_Revit_Dimensions"), "NetVolume"),
        (("Volume", "volume", "OpeningElement", "PSet_Revit_Dimensions"), "Volume"),
        (("Volume", "volume", "Wall", "Some set"), None),
        (("netvolume", "volume", "Wall", "Q"), None),
        (("OverallHeight", "length", "Door", None), "Height"),
        (("Length (A)", "length", "Column", "ArchiCADQuantities"), None),
        (("Netto-Volumen", "volume", "Member", "ArchiCADQuantities"), "NetVolume"),
        ((None, "length", "Door", None), None),
    ],
)
def test_names(asked: tuple[str | None, str, str, str | None], quantity: str | None) -> None:
    assert names().quantity(*asked) == quantity


def _row(ifc_classes: str, sets: str, quantity: str) -> dict[str, str]:
    return {
        "source_name": "N",
        "kind": "area",
        "ifc_classes": ifc_classes,
        "sets": sets,
        "quantity": quantity,
    }


def test_the_row_that_says_most_counts() -> None:
    table = QuantityNames.from_rows(
        [_row("", "", "a"), _row("Wall", "", "b"), _row("", "S|T", "c"), _row("Wall", "T", "d")]
    )
    assert table.quantity("N", "area", "Slab", None) == "a"
    assert table.quantity("N", "area", "Wall", "X") == "b"
    assert table.quantity("N", "area", "Wall", "S") == "c"
    assert table.quantity("N", "area", "Wall", "T") == "d"


def test_two_answers_are_none() -> None:
    table = QuantityNames.from_rows([_row("Wall|Slab", "", "a"), _row("Slab", "", "b")])
    assert table.quantity("N", "area", "Wall", None) == "a"
    assert table.quantity("N", "area", "Slab", None) is None


def test_a_row_without_a_column_is_refused() -> None:
    with pytest.raises(InputRefused, match="'quantity'"):
        QuantityNames.from_rows([{k: v for k, v in _row("", "", "a").items() if k != "quantity"}])
