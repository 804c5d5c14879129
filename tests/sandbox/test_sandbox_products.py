"""Product queries over raw HTTP: what a row shows, what is asked for, what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from wire import DOOR, FLOOR, SLAB, SPACE, TWIN_IN_CASE, WALL, Serve, Wire

PLAIN = ["Guid", "Class", "Name", "SpatialLocation", "Code", "MaterialLayerSet"]
UNSET = {"PropertySet": None, "Value": None}


def test_products_are_what_is_neither_location_nor_type_each_guid_once(house_wire: Wire) -> None:
    rows = house_wire.rows()
    assert [row["Guid"] for row in rows] == [WALL, TWIN_IN_CASE, SLAB, DOOR, SPACE]
    assert rows[0]["Name"] == 'The "long" wall\n'
    assert rows[3]["Name"] is None
    assert [row["Class"] for row in rows] == ["Wall", "Wall", "Slab", "Door", "Space"]


def test_available_data_names_every_key_of_a_row(house_wire: Wire) -> None:
    told = house_wire.get(f"{house_wire.products}/properties/available-data").json()
    assert told["fields"][:6] == PLAIN
    assert told["totalCount"] == len(told["fields"])
    assert {"FireRating", "LoadBearing", "Mark", "Distance", "NetVolume"} < set(told["fields"])
    assert all(list(row) == told["fields"] for row in house_wire.rows())


def test_a_property_is_an_object_and_unset_is_two_nulls(house_wire: Wire) -> None:
    rows = house_wire.by_guid({"fields": ["Guid", "FireRating", "LoadBearing", "Mark", "Width"]})
    assert rows[WALL]["FireRating"] == {"PropertySet": "Pset_WallCommon", "Value": "EI60"}
    assert rows[WALL]["LoadBearing"] == {"PropertySet": "Pset_WallCommon", "Value": True}
    assert rows[WALL]["Mark"]["Value"] == "007"
    assert rows[SLAB]["FireRating"] == UNSET
    assert rows[WALL]["Width"] == {"PropertySet": "Qto_BaseQuantities", "Value": None}


def test_figures_are_si_with_every_digit_of_the_lake(house_wire: Wire) -> None:
    answer = house_wire.query({"fields": ["Guid", "NetVolume", "GrossVolume", "Distance", "Glow"]})
    wall = json.loads(answer.text, parse_float=str)["result"][0]
    assert wall["NetVolume"] == {"PropertySet": "Qto_BaseQuantities", "Value": "3.1"}
    assert wall["GrossVolume"]["Value"] == "123456.123456789012"
    assert wall["Distance"] == {"PropertySet": "Site", "Value": "2.5"}
    assert wall["Glow"] == {"PropertySet": "Site", "Value": 3}


def test_property_units_as_written(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake, property_units="as_written")
    assert wire.by_guid()[WALL]["Distance"] == {"PropertySet": "Site", "Value": 2500}


def test_codes_places_and_layers(house_wire: Wire) -> None:
    rows = house_wire.by_guid()
    assert rows[WALL]["Code"] == {
        "NL-SfB": {"Identification": "21.11"},
        "House codes": {"Identification": "A-1"},
    }
    assert rows[WALL]["SpatialLocation"] == {
        "Site": "Site",
        "Building": "House",
        "Floor": "Ground",
        "Space": "",
        "SpatialLocationId": FLOOR,
    }
    assert rows[WALL]["MaterialLayerSet"] == "Brick, Air"
    assert rows[DOOR]["Code"] == {}
    assert rows[DOOR]["MaterialLayerSet"] is None
    assert set(rows[DOOR]["SpatialLocation"].values()) == {""}


@pytest.mark.parametrize(
    ("switches", "field", "set_", "unset"),
    [
        ({"property": "lower"}, "FireRating", {"PropertySet": "Pset_WallCommon", "value": "EI60"},
         {"PropertySet": None, "value": None}),
        ({"property": "scalar"}, "FireRating", "EI60", None),
        ({"values": "text"}, "LoadBearing", {"PropertySet": "Pset_WallCommon", "Value": "true"},
         UNSET),
        ({"values": "text"}, "Mark", {"PropertySet": "Pset_WallCommon", "Value": "007"}, UNSET),
        ({"unset": "empty"}, "Mark", {"PropertySet": "Pset_WallCommon", "Value": "007"},
         {"PropertySet": "", "Value": ""}),
        ({"unset": "null"}, "Mark", {"PropertySet": "Pset_WallCommon", "Value": "007"}, None),
        ({"classes": "prefixed"}, "Class", "IfcWall", "IfcSlab"),
        ({"code": "text"}, "Code", "21.11", ""),
        ({"material_layers": "list"}, "MaterialLayerSet", ["Brick", "Air"], None),
    ],
)  # fmt: skip
def test_shapes_of_values(
    serve: Serve,
    house_lake: Path,
    switches: dict[str, str],
    field: str,
    set_: object,
    unset: object,
) -> None:
    rows = serve(house_lake, **switches).by_guid({"fields": ["Guid", field]})
    assert rows[WALL][field] == set_
    assert rows[SLAB][field] == unset


def test_unset_may_be_no_key(serve: Serve, house_lake: Path) -> None:
    rows = serve(house_lake, unset="missing").by_guid({"fields": ["Guid", "Mark"]})
    assert [guid for guid, row in rows.items() if "Mark" in row] == [WALL]


def test_text_values_keep_figures_exact(serve: Serve, house_lake: Path) -> None:
    row = serve(house_lake, values="text").by_guid()[WALL]
    assert row["GrossVolume"]["Value"] == "123456.123456789012"
    assert row["Width"]["Value"] is None


def test_code_by_library_guid_is_that_of_the_codifications(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake, code="guid")
    libraries = wire.get(f"{wire.project}/codifications").json()["codificationLibraries"]
    names = {library["guid"]: library["name"] for library in libraries}
    code = wire.by_guid()[WALL]["Code"]
    assert {names[guid]: one["Identification"] for guid, one in code.items()} == {
        "NL-SfB": "21.11",
        "House codes": "A-1",
    }


def test_material_layers_as_pairs(serve: Serve, house_lake: Path) -> None:
    wall = serve(house_lake, material_layers="pairs").by_guid()[WALL]
    assert wall["MaterialLayerSet"][0] == [
        {"name": "Name", "value": "Brick"},
        {"name": "Thickness", "value": 0.1},
    ]


@pytest.mark.parametrize("fields", [None, [], PLAIN])
def test_no_fields_are_all_fields(house_wire: Wire, fields: list[str] | None) -> None:
    row = house_wire.rows({"fields": fields})[0]
    assert ("FireRating" in row) == (not fields)
    assert set(PLAIN) <= set(row)


def test_only_what_is_asked_for_comes(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake)
    assert wire.rows({"fields": ["Class"]})[0] == {"Class": "Wall"}
    wire.running.turn(guid_unasked="yes")
    assert wire.rows({"fields": ["Class"]})[0] == {"Guid": WALL, "Class": "Wall"}


def test_field_names_have_their_case(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake)
    assert wire.query({"fields": ["guid"]}).status_code == 400
    wire.running.turn(unknown_field="omitted")
    assert wire.rows({"fields": ["guid", "Class"]})[0] == {"Class": "Wall"}
    assert wire.rows({"fields": ["guid"]}) == [{}] * 5


@pytest.mark.parametrize(
    ("name", "operator", "value", "found"),
    [
        ("Class", "Eq", "Wall", [WALL, TWIN_IN_CASE]),
        ("Class", "equals", "Wall", [WALL, TWIN_IN_CASE]),
        ("Class", "eq", "wall", []),
        ("Class", "Contains", "a", [WALL, TWIN_IN_CASE, SLAB, SPACE]),
        ("Class", "In", ["Slab", "Door"], [SLAB, DOOR]),
        ("Class", "NotIn", ["Slab", "Door"], [WALL, TWIN_IN_CASE, SPACE]),
        ("Class", "NotEquals", "Wall", [SLAB, DOOR, SPACE]),
        ("Guid", "Eq", TWIN_IN_CASE, [TWIN_IN_CASE]),
        ("FireRating", "Eq", "EI60", [WALL]),
        ("FireRating", "NotEquals", "EI60", [TWIN_IN_CASE, SLAB, DOOR, SPACE]),
        ("LoadBearing", "Eq", True, [WALL]),
        ("NetVolume", "Eq", 0.1, [TWIN_IN_CASE]),
        ("NetVolume", "In", [0.1, 0.2], [TWIN_IN_CASE, SLAB]),
        ("Glow", "Eq", 3, [WALL]),
        ("Mark", "Eq", "7", []),
    ],
)
def test_filters(
    house_wire: Wire, name: str, operator: str, value: object, found: list[str]
) -> None:
    assert house_wire.guids((name, operator, value)) == found


def test_filters_are_joined_by_and(house_wire: Wire) -> None:
    both = (("Class", "Eq", "Wall"), ("FireRating", "Eq", "EI30"))
    assert house_wire.guids(*both) == [TWIN_IN_CASE]


@pytest.mark.parametrize("nothing", [[], {}, None])
def test_no_filter_in_all_its_forms(house_wire: Wire, nothing: object) -> None:
    assert len(house_wire.rows({"filters": nothing})) == 5


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"fields": "Guid"},
        {"filters": {"Class": "Wall"}},
        {"filters": [{"property": "Class", "operator": "Like", "value": "W"}]},
        {"filters": [{"property": "Class", "operator": "Eq"}]},
        {"filters": [{"property": "Class", "operator": "Eq", "value": None}]},
        {"filters": [{"property": "Class", "operator": "In", "value": "Wall"}]},
        {"filters": [{"property": "class", "operator": "Eq", "value": "Wall"}]},
        {"filters": [{"property": "Code", "operator": "Eq", "value": "21"}]},
        {"filters": [{"property": "NetSurfaceArea", "operator": "Eq", "value": 9.75}]},
    ],
)
def test_what_cannot_be_asked_is_400(house_wire: Wire, body: object) -> None:
    answer = house_wire.post(f"{house_wire.products}/properties/query", body)
    assert answer.status_code == 400
    assert set(answer.json()) == {"error", "errorDetails"}


def test_old_and_unknown_paths_are_404(house_wire: Wire) -> None:
    assert house_wire.post(f"{house_wire.products}/query", {}).status_code == 404
    assert house_wire.get("/projects/1/models").status_code == 404
    assert house_wire.get(f"{house_wire.project}/models/1/products").status_code == 405
    assert house_wire.get(f"{house_wire.products}/properties/query").status_code == 405


def test_ids_that_are_numbers_stay_and_others_get_one(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake)
    assert wire.get("/projects").json() == {"projects": [{"id": 77, "name": "77"}]}
    models = wire.get("/projects/77/models").json()["models"]
    assert models == [{"id": int(wire.model.split("/")[-1]), "name": "house.ifc"}]
    wire.running.turn(ids="text")
    assert wire.get("/projects").json()["projects"][0]["id"] == "77"
