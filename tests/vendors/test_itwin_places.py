"""Where elements are, what they are parts of, and figures that tell of a place or a material."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from itwin_served import CDM, FILES, Service, asked, defined, fetched, partitions, serve_table

from takeoff.core.errors import NotUnderstood

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
) -> Found:
    """The rows of a model whose only table has these columns behind ECInstanceId."""
    serve_table(service, {"ECInstanceId": "string", **columns}, content, properties, "Elements")
    return fetched(service, folder)[1]


def in_unit(name: str, quantity_type: str = "Distance") -> list[dict[str, Any]]:
    """A column and the one that states its unit."""
    formula = f"getpersistenceunit({name})"
    return [
        defined(name, quantityType=quantity_type),
        defined(f"{name}_unit", "String", formula=formula),
    ]


def located(found: Found) -> list[tuple[Any, ...]]:
    kept = ("location_id", "parent_id", "kind", "name", "elevation_m")
    return sorted(tuple(row[key] for key in kept) for row in found["locations"])


def said(found: Found) -> list[tuple[Any, ...]]:
    rows = [(row["element_id"], row["name"], row["text"]) for row in found["properties"]]
    return sorted(row for row in rows if row[1] != "ECClassId")


def test_elements_that_are_places_are_places_in_one_another(
    service: Service, tmp_path: Path
) -> None:
    columns = dict.fromkeys(("IfcClass", "Name", "ParentId", "BuildingId", "StoreyId"), "string")
    columns |= {"Elevation": "double", "Elevation_unit": "string"}
    content = "\n".join(
        (
            "0x1,IfcSite,Plot,,,,,",
            "0x2,IfcBuilding,House,0x1,,,,",
            "0x3,IfcBuildingStorey,Ground,,0x2,,3500,u:MM",
            "0x4,IfcSpace,Hall,,0x2,0x3,,",
            "0x5,IfcWall,W1,0x3,0x2,0x3,7,u:M",
        )
    )
    found = of_table(service, tmp_path, columns, content, in_unit("Elevation"))
    assert located(found) == [
        ("0x1", None, "site", "Plot", None),
        ("0x2", "0x1", "building", "House", None),
        ("0x3", "0x2", "storey", "Ground", 3.5),
        ("0x4", "0x3", "space", "Hall", None),
    ]
    elements = {row["element_id"]: row for row in found["elements"]}
    assert {row["parent_id"] for row in elements.values()} == {None}
    assert elements["0x5"]["storey_elevation_m"] == elements["0x4"]["storey_elevation_m"] == 3.5
    assert found["relations"] == []
    # A wall has no elevation of its own, and a storey is no whole: both stay what they were.
    assert said(found) == [("0x5", "ParentId", "0x3")]
    assert [(row["element_id"], row["value"]) for row in found["quantities"]] == [("0x5", 7)]


def test_places_that_are_named_by_an_id_are_places(service: Service, tmp_path: Path) -> None:
    """As the first element that names them tells; a name alone is none."""
    columns = dict.fromkeys(("BuildingId", "Building", "StoreyId", "Storey", "Space"), "string")
    columns |= {"StoreyElevation": "double", "StoreyElevation_unit": "string"}
    content = "0x1,b,House,s,Ground,Hall,0,M\n0x2,b,Other,s,Ground,,0.5,M\n0x3,,,,Attic,,,\n"
    found = of_table(service, tmp_path, columns, content, in_unit("StoreyElevation"))
    assert located(found) == [
        ("b", None, "building", "House", None),
        ("s", "b", "storey", "Ground", 0.0),
    ]
    elevations = [row["storey_elevation_m"] for row in found["elements"]]
    assert elevations == [0.0, 0.5, None]
    assert said(found) == []


def test_an_elevation_without_a_unit_is_a_figure_without_a_value(
    service: Service, tmp_path: Path
) -> None:
    columns = {"StoreyId": "string", "StoreyElevation": "double"}
    properties = [defined("StoreyElevation", quantityType="Distance")]
    found = of_table(service, tmp_path, columns, "0x1,s,3.5\n", properties)
    assert [row["storey_elevation_m"] for row in found["elements"]] == [None]
    [figure] = found["quantities"]
    assert (figure["source_value"], figure["value"], figure["unit_status"]) == (
        "3.5",
        None,
        "unknown",
    )


def test_places_that_are_in_each_other_are_in_nothing(service: Service, tmp_path: Path) -> None:
    columns = {"IfcClass": "string", "ParentId": "string"}
    content = "0x1,IfcSite,0x2\n0x2,IfcSite,0x1\n0x3,IfcSite,0x3\n0x4,IfcBuilding,0x1\n"
    found = of_table(service, tmp_path, columns, content)
    parents = {row["location_id"]: row["parent_id"] for row in found["locations"]}
    assert parents["0x3"] is None
    assert parents["0x4"] == "0x1"
    assert None in (parents["0x1"], parents["0x2"])


def test_parts_and_openings_are_related_to_what_they_are_in(
    service: Service, tmp_path: Path
) -> None:
    columns = {"IfcClass": "string", "ParentId": "string"}
    content = (
        "0x1,IfcCurtainWall,\n0x2,IfcPlate,0x1\n0x3,IfcOpeningElement,0x1\n"
        "0x4,IfcWall,0x99\n0x5,IfcOpeningElement,0x99\n"
    )
    found = of_table(service, tmp_path, columns, content)
    kept = ("from_element_id", "from_element_no", "to_element_id", "to_element_no", "kind")
    assert [tuple(row[key] for key in kept) for row in found["relations"]] == [
        ("0x2", 1, "0x1", 0, "part_of"),
        ("0x3", 2, "0x1", 0, "voids"),
    ]


def test_layers_have_thicknesses_and_volumes_where_the_unit_is_known(
    service: Service, tmp_path: Path
) -> None:
    columns = {
        "Material_1": "string",
        "Material_1_Thickness": "double",
        "Material_1_Thickness_unit": "string",
        "Material_1_Volume": "double",
    }
    properties = [
        *in_unit("Material_1_Thickness"),
        defined("Material_1_Volume", quantityType="Volume"),
    ]
    content = "0x1,Brick,115,MM,2\n0x2,Wool,5,CUBITS,\n0x3,,7,MM,\n"
    found = of_table(service, tmp_path, columns, content, properties)
    kept = ("element_id", "material", "thickness_m", "volume_m3")
    assert [tuple(row[key] for key in kept) for row in found["materials"]] == [
        ("0x1", "Brick", 0.115, None),
        ("0x2", "Wool", None, None),
    ]
    figures = [
        (row["element_id"], row["source_name"], row["source_value"], row["source_unit"])
        for row in found["quantities"]
    ]
    assert sorted(figures) == [
        ("0x1", "Material_1_Volume", "2", None),
        ("0x2", "Material_1_Thickness", "5", "CUBITS"),
        ("0x3", "Material_1_Thickness", "7", "MM"),
    ]


@pytest.mark.parametrize(
    ("schema", "class_name", "is_told"),
    [
        ("Ifc", "IfcElement", True),
        ("BisCore", "Element", True),
        ("*", "*", True),
        ("Dynamic", "Phasing", False),
    ],
)
def test_what_a_set_has_by_that_very_name_is_a_property(
    service: Service, tmp_path: Path, schema: str, class_name: str, is_told: bool
) -> None:
    path = {"ecSchemaName": schema, "ecClassName": class_name, "ecPropertyName": "Phase"}
    properties = [defined("Phase", "String", ecProperties=[path])]
    found = of_table(service, tmp_path, {"Phase": "string"}, "0x1,New\n", properties)
    [element] = found["elements"]
    assert element["phase"] == ("New" if is_told else None)
    assert bool(found["properties"]) != is_told


def test_a_column_that_is_named_so_on_purpose_tells(service: Service, tmp_path: Path) -> None:
    path = {"ecSchemaName": "Dynamic", "ecClassName": "Rooms", "ecPropertyName": "Level"}
    properties = [defined("Storey", "String", ecProperties=[path])]
    found = of_table(service, tmp_path, {"Storey": "string"}, "0x1,Attic\n", properties)
    assert [row["storey_name"] for row in found["elements"]] == ["Attic"]


def test_titles_and_editions_without_codes_are_properties(service: Service, tmp_path: Path) -> None:
    columns = dict.fromkeys(("Code_House_Edition", "Code_Own_Title"), "string")
    found = of_table(service, tmp_path, columns, "0x1,2026,Walls\n")
    assert found["codes"] == []
    assert said(found) == [
        ("0x1", "Code_House_Edition", "2026"),
        ("0x1", "Code_Own_Title", "Walls"),
    ]


def test_a_type_that_nobody_has_chosen_is_none(service: Service, tmp_path: Path) -> None:
    found = of_table(service, tmp_path, {"PredefinedType": "string"}, "0x1,NOTDEFINED\n0x2,SOLID\n")
    assert [row["predefined_type"] for row in found["elements"]] == [None, "SOLID"]
    assert said(found) == [("0x1", "PredefinedType", "NOTDEFINED")]


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        ("0x1,null,a\n0x2,b,null\n", [None, "b"]),
        ("0x1,null,\n0x2,b,null\n", ["null", "b"]),
        ('0x1,"null",null\n0x2,b,c\n', ["null", "b"]),
        ("0x1,null,a\r\n0x2,,null", ["null", None]),
        ("0x1,null,a\n0x2,b,", ["null", "b"]),
    ],
)
def test_null_is_a_word_only_where_no_field_is_empty(
    service: Service, tmp_path: Path, content: str, texts: list[str | None]
) -> None:
    columns = {"Mark": "string", "Note": "string"}
    found = of_table(service, tmp_path, columns, content)
    assert [row["mark"] for row in found["elements"]] == texts


@pytest.mark.parametrize("content", ["", "ECInstanceId,Mark\n"])
def test_a_table_without_rows_may_be_a_file_without_anything(
    service: Service, tmp_path: Path, content: str
) -> None:
    assert of_table(service, tmp_path, {"Mark": "string"}, content)["elements"] == []


@pytest.mark.parametrize("empty", list(FILES))
def test_a_file_without_anything_among_others_is_refused(
    service: Service, tmp_path: Path, empty: str
) -> None:
    """Others begin with the names of their columns: this one was lost on its way."""
    service.set(f"GET {CDM}/partitions", partitions({**FILES, empty: ""}))
    with pytest.raises(NotUnderstood, match="not even the names of its columns"):
        asked(service, tmp_path)
