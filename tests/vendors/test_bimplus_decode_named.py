"""Reading Bimplus' answers where names are those of something else: groups, sets and ports."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from bimplus_rows import decoded, model, node, of_one, place, wall
from bimplus_served import guid

NET_VOLUME = "70eb68d9-ab84-4575-8702-d12e15a536cc"


def defined(value: Any, name: str | None = None) -> dict[str, Any]:
    """A text as a definition has it."""
    told = {"id": guid(70), "type": "string", "value": value}
    return told if name is None else {**told, "name": name}


@pytest.mark.parametrize(
    "names",
    [("ID", "Type"), ("id", "type"), ("Value",), ("VALUE", "Mark"), ("ID", "Type", "Value")],
    ids="-".join,
)
@pytest.mark.parametrize("is_named", [True, False], ids=["named", "by key"])
@pytest.mark.parametrize("around", ["attributes", "propertysets"])
def test_a_set_whose_properties_are_called_as_a_definitions_keys_is_a_set(
    tmp_path: Path, names: tuple[str, ...], is_named: bool, around: str
) -> None:
    group = {name: defined(f"is {name}", name if is_named else None) for name in names}
    sets: dict[str, Any] = {"Pset_Own": group}
    found = of_one(tmp_path, sets if around == "attributes" else {around: sets})
    told = [(row["set_name"], row["name"], row["text"]) for row in found["properties"]]
    assert told == [("Pset_Own", name, f"is {name}") for name in names]


@pytest.mark.parametrize("names", [("ID", "Type"), ("Value",)], ids="-".join)
def test_a_set_keeps_the_plain_values_beside_such_properties(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    group = {**{name: defined(f"is {name}") for name in names}, "Mark": "M-1"}
    found = of_one(tmp_path, {"Pset_Own": group})["properties"]
    told = {row["name"]: (row["set_name"], row["text"]) for row in found}
    assert told == {
        **{name: ("Pset_Own", f"is {name}") for name in names},
        "Mark": ("Pset_Own", "M-1"),
    }


def test_what_stands_in_the_calculated_group_was_calculated_by_the_service(tmp_path: Path) -> None:
    """A quantity of the vendor's view and one of an own name; what is no figure is a property."""
    volume = {"id": NET_VOLUME, "name": "Net Volume", "type": "double", "unit": "m3"}
    girth = {"id": guid(71), "name": "Girth", "type": "double", "value": 3, "unit": "m"}
    attributes = {
        "content": {NET_VOLUME: {**volume, "value": 2}},
        "CalculatedProperties": {
            "netvolume": {**volume, "value": 2.5},
            "girth": girth,
            "state": defined("done", "State"),
        },
    }
    found = of_one(tmp_path, attributes)
    told = [
        (row["source_name"], row["basis"], row["origin"], row["value_exact"])
        for row in found["quantities"]
    ]
    assert told == [
        ("Net Volume", "authored", "qto", Decimal(2)),
        ("Net Volume", "vendor_calculated", "dynamic", Decimal("2.5")),
        ("Girth", "vendor_calculated", "dynamic", Decimal(3)),
    ]
    assert [(row["name"], row["text"]) for row in found["properties"]] == [("State", "done")]


@pytest.mark.parametrize("ifc", ["IfcDistributionPort", "ID_IFCPort", "IfcAnnotation"])
def test_a_port_of_an_element_has_it_as_parent_and_is_no_part_of_it(
    tmp_path: Path, ifc: str
) -> None:
    of_duct = node(21, ifcType=ifc, isChild=True)
    of_part = node(23, ifcType=ifc, isChild=True)
    duct = node(20, of_duct, node(22, of_part, isChild=True), ifcType="IfcDuctSegment")
    loose = node(24, ifcType=ifc)
    beside = node(25, node(26, ifcType=ifc, isChild=False), ifcType="IfcDuctSegment")
    found = decoded(tmp_path, model(place(10, duct, loose, beside)), [wall({})])
    told = {row["element_id"]: (row["role"], row["parent_id"]) for row in found["elements"]}
    assert told[guid(21)] == ("annotation", guid(20))
    assert told[guid(22)] == ("part", guid(20))
    assert told[guid(23)] == ("annotation", guid(22))
    assert told[guid(24)] == told[guid(26)] == ("annotation", None)
    assert {(row["from_element_id"], row["kind"]) for row in found["relations"]} == {
        (guid(22), "part_of")
    }
