"""From tables to rows: who is who, what a column means, and that nothing is lost or said twice."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import ifcopenshell.guid
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from itwin_served import (
    CDM,
    CONCRETE,
    FEED,
    OF_MAPPING,
    WALLS,
    Service,
    as_json,
    asked,
    defined,
    documents,
    fetched,
    partitions,
    recorded,
    rows,
    serve_table,
    warned,
)

from takeoff.core.errors import NotUnderstood
from takeoff.core.refs import Document
from takeoff.vendors.itwin import cite, classes, csvs, guids, names, units
from takeoff.vendors.itwin.plan import Options

VOLUME = defined("NetVolume", quantityType="Volume", calculatedPropertyType="Volume")
MAPPED = [{"ecSchemaName": "*", "ecClassName": "*", "ecPropertyName": "Volume"}]
Found = dict[str, list[dict[str, Any]]]


@pytest.fixture
def service() -> Iterator[Service]:
    found = Service()
    yield found
    found.stop()


def of_table(
    service: Service,
    folder: Path,
    columns: dict[str, str],
    content: str,
    properties: list[dict[str, Any]] | None = None,
    group: str = "Walls",
) -> Found:
    """The rows of a model whose only table has these columns behind ECInstanceId."""
    serve_table(service, {"ECInstanceId": "string", **columns}, content, properties, group)
    return fetched(service, folder)[1]


def of_two(
    service: Service, folder: Path, first: str, second: str, columns: dict[str, str]
) -> Found:
    """The rows of two tables, Walls and Concrete, with the same columns."""
    declared = {"ECInstanceId": "string", **columns}
    serve_table(service, declared, "")
    service.set(f"GET {OF_MAPPING}/groups", as_json(recorded("groups.json")))
    numbers = [name for name, kind in columns.items() if kind == "double"]
    listed = [defined(n, quantityType="Volume", calculatedPropertyType="Volume") for n in numbers]
    attributes = [{"name": name, "dataType": kind} for name, kind in declared.items()]
    entities = []
    for group, group_id in (("Walls", WALLS), ("Concrete", CONCRETE)):
        of_group = f"GET {OF_MAPPING}/groups/{group_id}/properties"
        service.set(of_group, as_json({"properties": listed}))
        entities.append(
            {"name": group, "attributes": attributes, "partitions": [{"location": group}]}
        )
    service.set(f"GET {CDM}", as_json({"entities": entities}))
    service.set(f"GET {CDM}/partitions", partitions({"Walls": first, "Concrete": second}))
    return fetched(service, folder)[1]


def figures(found: Found) -> list[tuple[Any, ...]]:
    kept = ("element_id", "ordinal", "source_set", "source_value")
    return sorted(tuple(row[key] for key in kept) for row in found["quantities"])


def test_an_element_of_two_groups_is_one_and_says_the_same_once(
    service: Service, tmp_path: Path
) -> None:
    columns = {"NetVolume": "double", "Note": "string"}
    found = of_two(service, tmp_path, "0x1,1.5,a\n0x2,2,b\n", "0x2,2,c\n0x1,1.50,a\n", columns)
    assert [row["element_id"] for row in found["elements"]] == ["0x1", "0x2"]
    assert figures(found) == [
        ("0x1", 0, "Takeoff.Walls", "1.5"),
        ("0x2", 0, "Takeoff.Walls", "2"),
    ]
    notes = [(row["element_id"], row["ordinal"], row["text"]) for row in found["properties"]]
    assert notes == [("0x1", 0, "a"), ("0x2", 0, "b"), ("0x2", 1, "c")]


def test_what_differs_between_groups_stays_beside_one_another(
    service: Service, tmp_path: Path
) -> None:
    found = of_two(service, tmp_path, "0x1,1.5\n", "0x1,1.75\n", {"NetVolume": "double"})
    assert figures(found) == [
        ("0x1", 0, "Takeoff.Walls", "1.5"),
        ("0x1", 1, "Takeoff.Concrete", "1.75"),
    ]


def test_a_value_that_only_the_second_group_has_is_kept(service: Service, tmp_path: Path) -> None:
    found = of_two(service, tmp_path, "0x1,\n", "0x1,1.75\n", {"NetVolume": "double"})
    assert figures(found) == [("0x1", 0, "Takeoff.Concrete", "1.75")]


def test_several_rows_of_an_element_in_one_table_are_all_kept(
    service: Service, tmp_path: Path
) -> None:
    """A group of aspects has one row for each; two that are equal are still two."""
    content = "0x1,2\n0x2,5\n0x1,2\n0x1,3\n"
    found = of_table(service, tmp_path, {"NetVolume": "double"}, content, [VOLUME])
    assert len(found["elements"]) == 2
    assert figures(found) == [
        ("0x1", 0, "Takeoff.Walls", "2"),
        ("0x1", 1, "Takeoff.Walls", "2"),
        ("0x1", 2, "Takeoff.Walls", "3"),
        ("0x2", 0, "Takeoff.Walls", "5"),
    ]
    of_first = [row["source_row"] for row in found["quantities"] if row["element_id"] == "0x1"]
    assert of_first == [0, 2, 3]


def test_ordinals_are_unique_over_all_tables(service: Service, tmp_path: Path) -> None:
    _, found = fetched(service, tmp_path)
    for table in ("quantities", "properties", "codes", "materials"):
        keys = [(row["element_no"], row["ordinal"]) for row in found[table]]
        assert len(set(keys)) == len(keys)


def test_what_groups_say_differently_of_an_element_is_not_lost(
    service: Service, tmp_path: Path
) -> None:
    columns = {"UserLabel": "string", "Storey": "string", "Material": "string"}
    found = of_two(service, tmp_path, "0x1,A,,C30\n", "0x1,B,L1,C20\n", columns)
    [element] = found["elements"]
    assert (element["name"], element["storey_name"]) == ("A", "L1")
    assert [(row["name"], row["text"]) for row in found["properties"]] == [("UserLabel", "B")]
    assert [(row["ordinal"], row["material"]) for row in found["materials"]] == [
        (0, "C30"),
        (1, "C20"),
    ]


def test_known_columns_fill_the_elements_row(service: Service, tmp_path: Path) -> None:
    columns = {
        "UserLabel": "Wall 1",
        "IfcClass": "IfcWallStandardCase",
        "Building_Name": "Main",
        "Level": "L1",
        "Room": "R1",
        "TypeName": "W20",
        "Tag": "w-1",
        "Discipline": "Architecture",
        "System": "S",
        "Phase": "New",
        "PredefinedType": "SOLIDWALL",
        "IsExternal": "True",
        "Code_Own": "1.2",
        "Uniclass2015": "EF_25_10",
        "IfcGuid": "0EZsySMZjCBPuG4QeYkpFC",
        "FireRating": "EI60",
    }
    declared = {name: "boolean" if name == "IsExternal" else "string" for name in columns}
    found = of_table(service, tmp_path, declared, "0x1," + ",".join(columns.values()) + "\n")
    [element] = found["elements"]
    expected = {
        "element_id": "0x1",
        "source_id": "0x1",
        "name": "Wall 1",
        "ifc_class": "Wall",
        "source_class": "IfcWallStandardCase",
        "building_name": "Main",
        "storey_name": "L1",
        "space_name": "R1",
        "type_name": "W20",
        "mark": "w-1",
        "discipline": "Architecture",
        "system": "S",
        "phase": "New",
        "predefined_type": "SOLIDWALL",
        "is_external": True,
        "ifc_guid": "0EZsySMZjCBPuG4QeYkpFC",
        "ifc_guid_source": "given",
        "role": "physical",
        "element_no": 0,
        "evidence_no": element["evidence_no"],
        "source_row": 0,
    }
    assert {key: value for key, value in element.items() if value is not None} == expected
    assert [(row["system"], row["code"]) for row in found["codes"]] == [
        ("Own", "1.2"),
        ("Uniclass 2015", "EF_25_10"),
    ]
    assert [row["name"] for row in found["properties"]] == ["FireRating"]


def test_a_known_name_of_another_type_is_a_property(service: Service, tmp_path: Path) -> None:
    found = of_table(service, tmp_path, {"Level": "double"}, "0x1,3\n")
    assert found["elements"][0]["storey_name"] is None
    assert [(row["name"], row["number"]) for row in found["properties"]] == [("Level", 3.0)]


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("Walls", "Wall"),
        ("IfcSlab", "Slab"),
        ("Stair_Flights", "StairFlight"),
        ("curtainwalls", "CurtainWall"),
        ("WallTypes", "WallType"),
        ("Spaces", "Space"),
        ("Elements", None),
        ("Concrete", None),
        ("Bus", None),
    ],
)
def test_the_name_of_a_group_may_name_a_class(group: str, expected: str | None) -> None:
    assert names.class_of_group(group) == expected


@pytest.mark.parametrize(
    ("written", "name", "role"),
    [
        ("IfcWall", "Wall", "physical"),
        ("IFCDynamic:IfcWall", "Wall", "physical"),
        ("IfcSpace", "Space", "space"),
        ("IfcOpeningElement", "OpeningElement", "opening"),
        ("IfcBuildingStorey", "BuildingStorey", "location"),
        ("IfcDoorStyle", "DoorStyle", "type"),
        ("IfcWallType", "WallType", "type"),
        ("IfcGrid", "Grid", "annotation"),
        ("Generic:PhysicalObject", None, "physical"),
        ("IfcElement", None, "physical"),
    ],
)
def test_classes_and_their_roles(written: str, name: str | None, role: str) -> None:
    assert classes.ifc_class(written) == name
    assert classes.role(name) == role


@given(st.lists(st.uuids(), max_size=40))
def test_a_federation_guid_becomes_the_globalid_of_the_same_bits(found: list[uuid.UUID]) -> None:
    given_texts = [str(one) for one in found]
    expected = [None if one.int == 0 else ifcopenshell.guid.compress(one.hex) for one in found]
    assert guids.compressed(pa.array(given_texts, pa.string())).to_pylist() == expected
    upper = [f"{{{text.upper()}}}" for text in given_texts]
    assert guids.compressed(pa.array(upper, pa.string())).to_pylist() == expected


def test_a_guid_that_is_none_is_said_and_kept(service: Service, tmp_path: Path) -> None:
    zeros = str(uuid.UUID(int=0))
    content = f"0x1,no guid\n0x2,{zeros}\n0x3,\n"
    found = of_table(service, tmp_path, {"FederationGuid": "string"}, content)
    assert [row["ifc_guid"] for row in found["elements"]] == [None] * 3
    assert warned(found) == ["guid_invalid", "guid_invalid"]
    assert [row["text"] for row in found["properties"]] == ["no guid", zeros]


def test_a_column_mapped_from_federationguid_is_one_whatever_its_name(
    service: Service, tmp_path: Path
) -> None:
    mapped = [
        {"ecSchemaName": "BisCore", "ecClassName": "Element", "ecPropertyName": "FederationGuid"}
    ]
    properties = [defined("Key", "String", ecProperties=mapped)]
    content = "0x1,0e8f6f1c-5a3b-4c2d-9e10-11aa22bb33cc\n"
    found = of_table(service, tmp_path, {"Key": "string"}, content, properties)
    assert found["elements"][0]["ifc_guid"] == "0EZsySMZjCBPuG4QeYkpFC"
    assert found["properties"] == []


UNITS = {
    "u:M3": ("m3", "1"),
    "CUB_M": ("m3", "1"),
    "Units.CUB_FT": ("m3", "0.028316846592"),
    "Units:CUB_MM": ("m3", "0.000000001"),
    "m³": ("m3", "1"),
    "LITRE": ("m3", "0.001"),
}


@pytest.mark.parametrize(("written", "expected"), UNITS.items())
def test_a_unit_that_another_column_states_is_used(
    service: Service, tmp_path: Path, written: str, expected: tuple[str, str]
) -> None:
    unit = defined("VolumeUnit", "String", formula=" GetPersistenceUnit( NetVolume ) ")
    volume = defined("NetVolume", quantityType="Volume", ecProperties=MAPPED)
    columns = {"NetVolume": "double", "VolumeUnit": "string"}
    found = of_table(service, tmp_path, columns, f"0x1,2,{written}\n0x2,,x\n", [volume, unit])
    [figure] = found["quantities"]
    assert (figure["basis"], figure["origin"], figure["unit_status"]) == (
        "authored",
        "mapping",
        "own",
    )
    assert (figure["source_unit"], figure["unit"]) == (written, expected[0])
    assert figure["value_exact"] == Decimal(2) * Decimal(expected[1])
    assert [(row["element_id"], row["name"]) for row in found["properties"]] == [
        ("0x2", "VolumeUnit")
    ]


@pytest.mark.parametrize("written", ["CUB_US_SURVEY_FT", "SQ_M", "?"])
def test_a_unit_that_does_not_fit_gives_no_value(
    service: Service, tmp_path: Path, written: str
) -> None:
    unit = defined("VolumeUnit", "String", formula="getpersistenceunit(NetVolume)")
    columns = {"NetVolume": "double", "VolumeUnit": "string"}
    found = of_table(service, tmp_path, columns, f"0x1,2,{written}\n", [VOLUME, unit])
    [figure] = found["quantities"]
    assert (figure["value"], figure["unit_status"], figure["source_unit"]) == (
        None,
        "unknown",
        written,
    )
    assert warned(found) == ["unit_unknown"]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (
            {"quantityType": "Volume", "calculatedPropertyType": "Volume"},
            ("volume", "vendor_calculated", "assumed", "m3"),
        ),
        ({"calculatedPropertyType": "Area"}, ("area", "vendor_calculated", "assumed", "m2")),
        (
            {"calculatedPropertyType": "BoundingBoxLongestEdgeLength"},
            ("length", "vendor_calculated", "assumed", "m"),
        ),
        ({"quantityType": "Distance", "formula": "1"}, ("length", "derived", "unknown", None)),
        ({"quantityType": "Mass", "ecProperties": MAPPED}, ("mass", "authored", "unknown", None)),
        (
            {"quantityType": "Volume", "calculatedPropertyType": "Area"},
            ("volume", "vendor_calculated", "unknown", None),
        ),
    ],
)
def test_a_definition_says_what_a_figure_is(
    service: Service, tmp_path: Path, more: dict[str, Any], expected: tuple[str | None, ...]
) -> None:
    properties = [defined("Figure", **more)]
    found = of_table(service, tmp_path, {"Figure": "double"}, "0x1,2\n", properties)
    [figure] = found["quantities"]
    assert (figure["kind"], figure["basis"], figure["unit_status"], figure["unit"]) == expected
    assert figure["source_value"] == "2"


def test_a_number_that_is_not_declared_as_a_quantity_is_a_property(
    service: Service, tmp_path: Path
) -> None:
    """But as a count, and where another column states a unit and IFC has a name for it."""
    properties = [
        defined("NetVolume"),
        defined("Count", "Integer"),
        defined("Other"),
        defined("NetSideArea"),
        defined("AreaUnit", "String", formula="getpersistenceunit(NetSideArea)"),
        defined("Offset"),
        defined("OffsetUnit", "String", formula="getpersistenceunit(Offset)"),
    ]
    columns = {one["propertyName"]: "double" for one in properties}
    columns |= {"Count": "int64", "AreaUnit": "string", "OffsetUnit": "string"}
    found = of_table(service, tmp_path, columns, "0x1,2,3,4,5,u:SQ_FT,6,u:M\n", properties)
    assert [(row["quantity"], row["source_value"], row["unit"]) for row in found["quantities"]] == [
        ("Count", "3", "1"),
        ("NetSideArea", "5", "m2"),
    ]
    assert [(row["name"], row["number"], row["unit"]) for row in found["properties"]] == [
        ("NetVolume", 2.0, None),
        ("Count", 3.0, None),
        ("Other", 4.0, None),
        ("NetSideArea", 5.0, "u:SQ_FT"),
        ("Offset", 6.0, "u:M"),
    ]
    assert warned(found) == ["quantity_type_missing", "quantity_type_missing"]


def path_to(class_name: str, name: str) -> list[dict[str, Any]]:
    return [{"ecSchemaName": "Any", "ecClassName": class_name, "ecPropertyName": name}]


def test_a_column_goes_by_the_property_that_it_shows(service: Service, tmp_path: Path) -> None:
    """Where a column's name is that of its property made an identifier, or with a number behind."""
    of_set = "Qto_WallBaseQuantities"
    properties = [
        defined("Length_2", quantityType="Distance", ecProperties=path_to(of_set, "Length")),
        defined("Unit", "String", formula="getpersistenceunit(Length_2)"),
        defined("Fire_Rating", "String", ecProperties=path_to("Pset_Own", "Fire Rating")),
        defined("Alias", "String", ecProperties=path_to("Pset_Own", "Comment")),
        defined("Plain", "String", ecProperties=path_to("IfcWall", "Plain")),
        defined("Wild", "String", ecProperties=path_to("*", "Wild")),
    ]
    columns = {one["propertyName"]: "string" for one in properties} | {"Length_2": "double"}
    found = of_table(service, tmp_path, columns, "0x1,2,MM,EI60,a,b,c\n", properties)
    [figure] = found["quantities"]
    assert (figure["quantity"], figure["value"]) == ("Length", 0.002)
    assert (figure["source_set"], figure["source_name"]) == (of_set, "Length")
    assert [(row["set_name"], row["name"], row["text"]) for row in found["properties"]] == [
        ("Pset_Own", "Fire Rating", "EI60"),
        ("Pset_Own", "Alias", "a"),
        (None, "Plain", "b"),
        ("Takeoff.Walls", "Wild", "c"),
    ]


def test_a_property_that_is_shown_as_a_quantity_too_is_one_figure(
    service: Service, tmp_path: Path
) -> None:
    paths = path_to("PSet_Revit_Dimensions", "Length")
    properties = [
        defined("Length", quantityType="Distance", ecProperties=paths),
        defined("LengthUnit", "String", formula="getpersistenceunit(Length)"),
        defined("Length_2", ecProperties=paths),
        defined("Length_2Unit", "String", formula="getpersistenceunit(Length_2)"),
    ]
    columns = {
        "Length": "double",
        "LengthUnit": "string",
        "Length_2": "double",
        "Length_2Unit": "string",
    }
    found = of_table(service, tmp_path, columns, "0x1,2,M,2,M\n", properties)
    assert len(found["quantities"]) == 1
    assert [(row["name"], row["number"]) for row in found["properties"]] == [("Length", 2.0)]


@pytest.mark.parametrize(
    ("of_class", "is_told"),
    [("Pset_WallCommon", (True, None)), ("Pset_Other", (None, None)), ("IfcWall", (True, "L1"))],
)
def test_what_stands_in_a_property_set_is_a_property(
    service: Service, tmp_path: Path, of_class: str, is_told: tuple[bool | None, str | None]
) -> None:
    properties = [
        defined("IsExternal", "Boolean", ecProperties=path_to(of_class, "IsExternal")),
        defined("Level", "String", ecProperties=path_to(of_class, "Level")),
        defined("Code", "String", ecProperties=path_to("Pset_Other", "Code")),
    ]
    columns = {"IsExternal": "boolean", "Level": "string", "Code": "string"}
    found = of_table(service, tmp_path, columns, "0x1,true,L1,c\n", properties)
    [element] = found["elements"]
    assert (element["is_external"], element["storey_name"]) == is_told
    assert found["codes"] == []
    kept = {row["name"] for row in found["properties"]}
    assert kept == {"Code"} | ({"IsExternal"} if not is_told[0] else set()) | (
        {"Level"} if not is_told[1] else set()
    )


def test_layers_have_roles_and_shares_and_may_repeat(service: Service, tmp_path: Path) -> None:
    columns = {
        "Material_1": "string",
        "Material_1_Role": "string",
        "Material_1_Share": "double",
        "Material_2": "string",
        "Material_2_Role": "string",
        "Material_3": "string",
        "Material_3_Role": "string",
    }
    content = "0x1,Gypsum,layer,0.5,Gypsum,layer,Wool,odd\n0x2,,layer,,Steel,,,\n"
    found = of_table(service, tmp_path, columns, content)
    kept = ("element_id", "ordinal", "role", "material", "share")
    assert [tuple(row[key] for key in kept) for row in found["materials"]] == [
        ("0x1", 0, "layer", "Gypsum", 0.5),
        ("0x1", 1, "layer", "Gypsum", None),
        ("0x1", 2, "single", "Wool", None),
        ("0x2", 0, "single", "Steel", None),
    ]
    assert [(row["element_id"], row["name"], row["text"]) for row in found["properties"]] == [
        ("0x1", "Material_3_Role", "odd"),
        ("0x2", "Material_1_Role", "layer"),
    ]


def test_codes_have_titles_editions_and_the_name_of_their_system(
    service: Service, tmp_path: Path
) -> None:
    columns = dict.fromkeys(
        ("Code_Our_list", "Code_Our_list_Title", "Code_Our_list_Edition"), "string"
    )
    properties = [
        defined("Code_Our_list", "String", ecProperties=path_to("Our list", "Identification"))
    ]
    found = of_table(service, tmp_path, columns, "0x1,1.2,Walls,2026\n0x2,,Lost,\n", properties)
    kept = ("element_id", "system", "edition", "code", "title")
    assert [tuple(row[key] for key in kept) for row in found["codes"]] == [
        ("0x1", "Our list", "2026", "1.2", "Walls")
    ]
    assert [(row["element_id"], row["text"]) for row in found["properties"]] == [("0x2", "Lost")]


def test_an_element_with_a_parent_among_the_elements_is_a_part(
    service: Service, tmp_path: Path
) -> None:
    content = "\n".join(
        (
            "0x1,IfcCurtainWall,",
            "0x2,IfcPlate,0x1",
            "0x3,IfcOpeningElement,0x1",
            "0x4,IfcWall,0x99",
            "0x5,IfcWall,0x6",
            "0x6,IfcWall,0x5",
            "0x7,IfcWall,0x3",
        )
    )
    columns = {"IfcClass": "string", "ParentId": "string"}
    found = of_table(service, tmp_path, columns, content)
    assert [(row["role"], row["parent_id"]) for row in found["elements"]] == [
        ("physical", None),
        ("part", "0x1"),
        ("opening", "0x1"),
        ("physical", "0x99"),
        ("physical", "0x6"),
        ("physical", "0x5"),
        ("physical", "0x3"),
    ]


@pytest.mark.parametrize("quantity_type", ["Monetary", "Force"])
def test_money_and_force_are_properties(
    service: Service, tmp_path: Path, quantity_type: str
) -> None:
    properties = [defined("Amount", quantityType=quantity_type)]
    found = of_table(service, tmp_path, {"Amount": "double"}, "0x1,2.5\n", properties)
    assert found["quantities"] == []
    assert [(row["name"], row["number"]) for row in found["properties"]] == [("Amount", 2.5)]


def test_a_value_that_may_be_mapped_or_calculated_has_no_assumed_unit(
    service: Service, tmp_path: Path
) -> None:
    both = defined(
        "NetVolume", quantityType="Volume", calculatedPropertyType="Volume", ecProperties=MAPPED
    )
    found = of_table(service, tmp_path, {"NetVolume": "double"}, "0x1,2\n", [both])
    [figure] = found["quantities"]
    assert (figure["basis"], figure["unit_status"], figure["value"]) == (
        "authored",
        "unknown",
        None,
    )
    assert sorted(warned(found)) == ["unit_unknown", "value_origin_unclear"]


def test_numbers_keep_their_digits_and_what_is_none_is_kept(
    service: Service, tmp_path: Path
) -> None:
    values = ["0.1", "-1.5e-3", "NaN", "1,5", "x", "12345678901234567890.5"]
    content = "\n".join(f'0x{at},"{value}"' for at, value in enumerate(values))
    found = of_table(service, tmp_path, {"NetVolume": "double"}, content, [VOLUME])
    kept = {row["element_id"]: row["value_exact"] for row in found["quantities"]}
    assert kept == {
        "0x0": Decimal("0.1"),
        "0x1": Decimal("-0.0015"),
        "0x5": Decimal("12345678901234567890.5"),
    }
    assert {row["element_id"]: row["text"] for row in found["properties"]} == {
        "0x2": "NaN",
        "0x3": "1,5",
        "0x4": "x",
    }
    assert warned(found) == ["value_unreadable"] * 3


def test_every_value_is_in_quantities_or_properties(service: Service, tmp_path: Path) -> None:
    columns = {
        f"C{number}": kind
        for number, kind in enumerate(
            ("string", "double", "boolean", "GUID", "JSON", "dateTime", "int64", "decimal")
        )
    }
    content = '0x1,text,1.5,true,g,"{""a"":1}",2026-01-05,7,1.25\n'
    found = of_table(service, tmp_path, columns, content)
    assert [(row["name"], row["value_kind"]) for row in found["properties"]] == [
        ("C0", "text"),
        ("C1", "number"),
        ("C2", "flag"),
        ("C3", "text"),
        ("C4", "text"),
        ("C5", "text"),
        ("C6", "number"),
        ("C7", "number"),
    ]


def test_rows_are_cited_as_they_stand(service: Service, tmp_path: Path) -> None:
    _, found = fetched(service, tmp_path)
    by_no = {document.evidence_no: document for document in documents(tmp_path)}
    header = "ECInstanceId,ECClassId,UserLabel,"
    for row in found["elements"]:
        [cited] = cite.cite(by_no[row["evidence_no"]], row["source_row"], tmp_path)
        first, _, second = cited.partition("\n")
        assert first.startswith(header)
        assert second.startswith(row["element_id"])
    of_three = cite.cite(by_no[found["elements"][2]["evidence_no"]], 0, tmp_path)
    assert of_three[0].endswith('"two\nlines",,L2')
    with pytest.raises(NotUnderstood):
        cite.cite(by_no[found["elements"][0]["evidence_no"]], 2, tmp_path)


def test_rows_of_a_feed_are_cited_as_they_stand(service: Service, tmp_path: Path) -> None:
    _, found = fetched(service, tmp_path, Options(reader="odata"))
    by_no = {document.evidence_no: document for document in documents(tmp_path)}
    for row in found["elements"]:
        document = by_no[row["evidence_no"]]
        assert document.name.startswith(FEED)
        [cited] = cite.cite(document, row["source_row"], tmp_path)
        assert f'"ECInstanceId": "{row["element_id"]}"' in cited


def test_a_partition_without_a_header_is_cited_by_its_row(tmp_path: Path) -> None:
    path = tmp_path / "part.csv"
    path.write_bytes(b"\xef\xbb\xbf0x1,a\r\n0x2,b\r\n")
    assert cite.cite(Document(0, "x", path, ""), 1, tmp_path) == ["0x2,b"]


def test_answers_that_are_missing_are_refused(service: Service, tmp_path: Path) -> None:
    asked(service, tmp_path)
    [gone] = [one for one in documents(tmp_path) if "part00001" in one.name]
    journal = (tmp_path / "journal.jsonl").read_text()
    kept = [line for line in journal.splitlines(keepends=True) if "part00001" not in line]
    (tmp_path / "journal.jsonl").write_text("".join(kept))
    with pytest.raises(NotUnderstood, match="not among the evidence"):
        rows(tmp_path)
    assert gone.path.exists()


def test_the_same_evidence_gives_the_same_rows(service: Service, tmp_path: Path) -> None:
    asked(service, tmp_path)
    assert rows(tmp_path) == rows(tmp_path)


@pytest.mark.parametrize("written", [None, "", "M3X", "u:", "US_SURVEY_FT"])
def test_what_is_no_unit_is_none(written: str | None) -> None:
    assert units.unit(written) is None


def test_a_file_that_begins_with_no_row_is_refused(tmp_path: Path) -> None:
    (tmp_path / "part").write_text("a" * 200_000)
    with pytest.raises(NotUnderstood, match="it is no CSV"):
        csvs.first_row(tmp_path / "part", "/a/b?signature=s")


@pytest.mark.parametrize("written", ["0x1," + "a" * 200_000, '0x1,"' + "a\n" * 100_000])
def test_a_row_with_a_field_too_long_to_cite_is_refused(tmp_path: Path, written: str) -> None:
    (tmp_path / "part").write_text(f"0x0,b\n{written}")
    part = Document(0, "/a/b?signature=s", tmp_path / "part", "")
    assert cite.cite(part, 0, tmp_path) == ["0x0,b"]
    with pytest.raises(NotUnderstood, match=r"answer to /a/b is not understood: it is no CSV"):
        cite.cite(part, 1, tmp_path)
