"""Objects over raw HTTP: the tree, lists, forms of an object, columns, the catalogue."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest
from bimplus_wire import (
    BUILDING_MODEL,
    CHAIR,
    DOOR,
    DOOR_OPENING,
    FLIGHT,
    GRID,
    HELP_MODEL,
    IFC_ID,
    ITEM,
    LENGTH,
    MATERIAL,
    MATERIAL_LAYER,
    MILLIMETRE,
    NET_SIDE_AREA,
    NET_VOLUME,
    OPENING,
    RECESS_MODEL,
    ROOM,
    ROOM_MODEL,
    ROOM_TYPE,
    ROOT_TYPE,
    STAIR,
    STOREY,
    WALL,
    WALL_TYPE,
    Bimplus,
    by_name,
    small_house,
    walked,
)
from wire import Serve, lake_of, row_of_walls


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lake_of(tmp_path_factory.mktemp("lakes") / "bimplus", small_house())


@pytest.fixture
def wire(serve: Serve, lake: Path) -> Bimplus:
    return Bimplus(serve(lake))


def test_the_tree_is_the_contracts(wire: Bimplus) -> None:
    root = wire.tree()
    assert (root["type"], root["elementTypeId"]) == ("TopologyDivision", ROOT_TYPE)
    assert (root["parent"], root["divisionId"]) == (wire.project_id, wire.division_id)
    assert (root["level"], root["number"]) == (1, 0)
    [site] = [node for node in root["children"] if node["name"] == "Site"]
    [building] = site["children"]
    [storey] = building["children"]
    assert (storey["type"], storey["elementTypeId"]) == ("TopologyItem", ITEM)
    assert (storey["ifcType"], storey["ifcId"]) == ("IfcBuildingStorey", STOREY)
    assert storey["level"] == 4
    wall = next(node for node in storey["children"] if node.get("ifcId") == WALL)
    assert wall["parent"] == storey["id"]
    assert (wall["type"], wall["elementTypeId"], wall["isChild"]) == ("Wall", WALL_TYPE, False)
    assert (wall["layerid"], wall["ifcType"]) == (BUILDING_MODEL, "IfcWallStandardCase")


def test_parts_layers_and_openings_are_children(wire: Bimplus) -> None:
    wall = wire.node(WALL)
    children = [(node["type"], node["name"], node["isChild"]) for node in wall["children"]]
    assert children == [
        ("DoorOpening", "Hole", True),
        ("MaterialLayer", "Brick", True),
        ("MaterialLayer", "Air", True),
    ]
    opening = wire.node(OPENING)
    assert (opening["layerid"], opening["elementTypeId"]) == (RECESS_MODEL, DOOR_OPENING)
    [flight] = wire.node(STAIR)["children"]
    assert (flight["ifcId"], flight["isChild"]) == (FLIGHT, True)
    assert "name" not in wire.node(STAIR)


def test_what_is_in_a_room_is_below_it_but_no_part(wire: Bimplus) -> None:
    room = wire.node(ROOM)
    assert (room["type"], room["elementTypeId"], room["layerid"]) == ("Room", ROOM_TYPE, ROOM_MODEL)
    assert [(node["ifcId"], node["isChild"]) for node in room["children"]] == [(CHAIR, False)]
    assert wire.node(GRID)["layerid"] == HELP_MODEL


def test_types_have_no_object(wire: Bimplus) -> None:
    assert "W 30" not in [node.get("name") for node in wire.nodes()]


def test_the_tree_can_be_asked_for_in_short_and_without_elements(wire: Bimplus) -> None:
    full, short = wire.nodes(), wire.nodes(shortinfo="true")
    assert [node["id"] for node in short] == [node["id"] for node in full]
    assert not any({"parent", "ifcId", "ifcType"} & set(node) for node in short)
    structure = wire.nodes(hideElements="true")
    assert [node["name"] for node in structure] == [
        "small house.ifc",
        "Site",
        "House",
        "Ground floor",
    ]
    room = wire.node(ROOM)
    below = list(walked(wire.json(f"/{wire.slug}/objects/{room['id']}/topology")))
    assert [node.get("ifcId") for node in below] == [ROOM, CHAIR]
    project = wire.json(f"{wire.project}/topology")
    assert (project["id"], project["children"]) == (wire.project_id, [wire.tree()])


def test_lists_by_type_are_what_the_tree_has(wire: Bimplus) -> None:
    counted: dict[str, list[str]] = {}
    for node in wire.nodes()[1:]:
        counted.setdefault(node["elementTypeId"], []).append(node["id"])
    for type_id, ids in counted.items():
        assert sorted(one["id"] for one in wire.of_type(type_id)) == sorted(ids)
    below_project = wire.json(
        f"/{wire.slug}/objects/{wire.project_id}/properties/8", params={"type": WALL_TYPE}
    )
    assert below_project == wire.of_type(WALL_TYPE)
    assert len(below_project) == 2
    types = {one["id"]: one for one in wire.json(f"{wire.project}/element-types")}
    elements = {one: ids for one, ids in counted.items() if one in types}
    assert {one["id"]: one["elementsCount"] for one in types.values()} == {
        one: len(ids) for one, ids in elements.items()
    }
    assert types[WALL_TYPE]["layer"] == BUILDING_MODEL
    assert set(types[WALL_TYPE]) == {
        *("type", "category", "name", "ifcType", "id", "layer", "localization", "elementsCount")
    }


def test_element_types_are_listed(wire: Bimplus) -> None:
    types = {one["id"]: one for one in wire.json("/content/element-types")}
    assert types[WALL_TYPE]["ifcType"] == "ID_IFCWall"
    assert wire.json(f"/{wire.slug}/element-types/{WALL_TYPE}") == types[WALL_TYPE]
    furniture = next(one for one in types.values() if one["type"] == "Furniture")
    assert wire.json(f"/{wire.slug}/element-types/{furniture['id']}") == furniture
    assert wire.get(f"/{wire.slug}/element-types/none").status_code == 404
    structure = wire.json(f"/{wire.slug}/element-types/topology")
    assert {ROOT_TYPE, ITEM} <= {one["id"] for one in structure}


def test_an_object_with_definitions(wire: Bimplus) -> None:
    told = wire.attributes(WALL)
    length = told["Qto_BaseQuantities", "Length"]
    assert length["id"] == LENGTH
    assert (length["type"], length["value"], length["unit"]) == ("double", 5200, "mm")
    assert length["unitId"] == MILLIMETRE
    volume = told["Qto_BaseQuantities", "NetVolume"]
    assert (volume["id"], volume["unit"]) == (NET_VOLUME, "m3")
    assert volume["value"] == 3.120000000001
    assert told["Qto_BaseQuantities", "NetSideArea"]["id"] == NET_SIDE_AREA
    other = told["Other quantities", "Length"]
    assert (other["value"], other["unit"]) == (5300, "mm")
    assert other["id"] != LENGTH  # an object has an attribute once
    assert told["IFC", "ifcgloballyuniqueid"]["value"] == WALL
    assert told["IFC", "ifcgloballyuniqueid"]["id"] == IFC_ID
    assert told["General", "Element Type"]["value"] == "W 30"
    assert told["Element", "divisionid"]["isInternal"] is True


def test_nothing_of_an_element_is_left_out(wire: Bimplus) -> None:
    told = wire.attributes(WALL)
    bricks = told["Qto_BaseQuantities", "Bricks"]
    assert (bricks["type"], bricks["value"], "unit" in bricks) == ("int", 7, False)
    glow = told["Qto_BaseQuantities", "Glow"]
    assert (glow["value"], glow["unit"]) == (3, "CANDELA")
    distance = told["Site", "Distance"]  # as a property and as a figure: once
    assert (distance["value"], distance["unit"]) == (2500, "mm")
    heat = told["Site", "Heat"]
    assert (heat["value"], heat["unit"]) == (0.24, "WATT")
    assert told["Pset_WallCommon", "IsExternal"]["value"] is True
    assert told["Pset_WallCommon", "FireRating"]["value"] == "EI60"
    assert "value" not in told["Pset_WallCommon", "Status"]
    marks = [one["value"] for one in told.values() if one.get("name") == "Mark"]
    assert marks == ["007", "008"]
    codes = [one["value"] for (text, _), one in told.items() if text == "Classification"]
    assert codes == ["B2010", "Outer walls", "B2011"]
    door = wire.attributes(DOOR)
    assert door["IFC", "OverallWidth"]["value"] == 900
    assert door["IFC", "PredefinedType"]["value"] == "DOOR"
    material = door["Material", "Material"]
    assert (material["id"], material["value"]) == (MATERIAL, "Larch, Glass")
    assert (door["Material", "Material 2"]["value"], door["Material", "Share 2"]["value"]) == (
        "Glass",
        0.7,
    )
    flight = wire.attributes(FLIGHT)
    assert flight["IFC", "Tag"]["value"] == "ST-1"
    computed = flight["Calculated properties", "NetVolume"]
    assert (computed["value"], computed["description"]) == (1.25, "volume")


def test_places_and_layers_are_objects_too(wire: Bimplus) -> None:
    [site, building, storey] = [node["id"] for node in wire.nodes(hideElements="true")[1:]]
    elevation = by_name(wire.object(storey))["IFC", "Elevation"]
    assert (elevation["value"], elevation["unit"]) == (-2800, "mm")
    assert {one["id"] for one in wire.of_type(ITEM)} == {building, storey}
    layers = [by_name(one) for one in wire.of_type(MATERIAL_LAYER)]
    told = [
        (one["Material", "Material"]["value"], one["Quantities", "Thickness"]["value"])
        for one in layers
    ]
    assert told == [("Brick", 240), ("Air", 60)]


def test_the_flags_of_an_object(wire: Bimplus) -> None:
    wall = wire.node(WALL)["id"]
    plain = wire.object(wall, 0)
    assert plain["attributes"]["ifc"]["ifcgloballyuniqueid"] == WALL
    assert plain["attributes"]["general"]["name"] == "Outer wall"
    assert plain["elementtyp"] == WALL_TYPE
    assert wire.object(wall, 1) == plain
    assert wire.json(f"/{wire.slug}/objects/{wall}") == plain
    assert wire.object(wall, 24) == wire.object(wall, 8)
    children = wire.object(wall, 2)["children"]
    assert [child["type"] for child in children] == [
        "DoorOpening",
        "MaterialLayer",
        "MaterialLayer",
    ]
    assert LENGTH in wire.object(wall, 128)["freeattributes"]
    assert wire.get(f"/{wire.slug}/objects/{wall}/properties/9").status_code == 400


def test_all_attributes_by_their_ids(wire: Bimplus) -> None:
    path = f"/{wire.slug}/objects/{wire.node(WALL)['id']}"
    asked = {"freeattributes": "true", "internal": "true"}
    assert wire.json(path, params=asked)["attributes"]["content"][LENGTH] == 5200
    asked["attributedefinition"] = "true"
    told = wire.json(path, params=asked)["attributes"]["content"]
    assert (told[LENGTH]["value"], told[LENGTH]["unit"]) == (5200, "mm")


def test_columns_and_single_attributes(wire: Bimplus) -> None:
    wall, opening = wire.node(WALL)["id"], wire.node(OPENING)["id"]
    path = f"{wire.root}/attributes"
    assert wire.json(f"{path}/{LENGTH}", params={"children": "true"}) == {wall: 5200}
    guids = wire.json(f"{path}/{IFC_ID}", params={"children": "true"})
    assert (guids[wall], guids[opening]) == (WALL, OPENING)
    one = wire.json(
        f"/{wire.slug}/objects/{wall}/attributes/{LENGTH}", params={"attributeDefinition": "true"}
    )
    assert (one["id"], one["value"], one["unit"]) == (LENGTH, 5200, "mm")
    assert wire.get(f"/{wire.slug}/objects/{opening}/attributes/{LENGTH}").status_code == 404


def test_an_object_is_found_by_its_ifc_id(wire: Bimplus) -> None:
    path = f"/{wire.slug}/objects/{wire.project_id}/query"
    wall = wire.node(WALL)["id"]
    asked = {IFC_ID: WALL, "divisions": wire.division_id}
    assert wire.json(path, params=asked) == [wall]
    assert wire.json(path, params={IFC_ID: "none"}) == []
    assert wire.json(path, params={**asked, "divisions": wire.project_id}) == []
    assert wire.get(path).status_code == 400


def test_a_layer_is_listed(wire: Bimplus) -> None:
    told = wire.json(wire.root, params={"layer": RECESS_MODEL, "internal": "true"})
    assert [one["type"] for one in told] == ["DoorOpening"]


def test_units_have_records(wire: Bimplus) -> None:
    [millimetre] = wire.json("/content/units", params={"symbol": "mm"})
    assert millimetre == {
        "id": MILLIMETRE,
        "unit": "mm",
        "name": "mm",
        "description": "length",
        "contextUnitType": "LENGTHUNIT",
        "baseunits": [
            {
                "baseunitid": "7be3452a-47f9-4fd8-bd94-ef6c967d684e",
                "usequence": 1,
                "ufactor": 0.001,
                "upower": 1,
            }
        ],
    }
    assert wire.json(f"/content/units/{MILLIMETRE}") == millimetre
    every = {one["unit"]: one for one in wire.json(f"/{wire.slug}/units")}
    assert "baseunits" not in every["m"]
    assert every["CANDELA"]["contextUnitType"] == "USERDEFINED"
    used = wire.attributes(WALL).values()
    assert {one["unitId"] for one in used if "unit" in one} <= {one["id"] for one in every.values()}


def test_attributes_have_a_catalogue(wire: Bimplus) -> None:
    length = wire.json(f"/content/freeattributes/{LENGTH}")
    assert (length["name"], length["type"], length["unit"]) == ("Length", "double", "mm")
    assert (length["unitid"], length["visible"], length["changeable"]) == (MILLIMETRE, 1, 0)
    every = {one["id"]: one for one in wire.json(f"/{wire.slug}/freeattributes")}
    used = {one["id"]: one for one in wire.attributes(WALL).values()}
    assert set(used) <= set(every)
    for identity, one in used.items():
        assert every[identity].get("unit") == one.get("unit")
    groups = wire.json(f"/{wire.slug}/freeattributegroups")
    tree = wire.json(f"/{wire.slug}/freeattributes", params={"topology": "true"})
    assert [one["id"] for one in tree] == [one["id"] for one in groups]
    site = next(one for one in groups if one["name"] == "Site")
    path = f"/{wire.slug}/freeattributegroups/{site['id']}/freeattributes"
    assert [one["name"] for one in wire.json(path)] == ["Distance", "Heat"]
    assert wire.get("/content/freeattributes/none").status_code == 404


def test_filters_count_their_nodes(wire: Bimplus) -> None:
    [one] = wire.json(f"{wire.project}/filters")
    tree = wire.json(f"{wire.project}/filters/{one['id']}")
    layers = {layer["name"]: layer for layer in tree["children"]}
    assert layers["ID_RecessModel"]["count"] == 1
    assert tree["count"] == sum(layer["count"] for layer in layers.values())
    assert wire.get(f"{wire.project}/filters/none").status_code == 404


def test_objects_of_a_type_as_an_excel_file(wire: Bimplus) -> None:
    told = wire.json(f"{wire.project}/objects/export/excel", params={"typeId": WALL_TYPE})
    answer = wire.get(f"/{wire.slug}/attachments/{told['attachment_id']}/download")
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).active.values)
    assert "Length" in rows[0]
    assert {row[0] for row in rows[1:]} == {one["id"] for one in wire.of_type(WALL_TYPE)}


def test_odd_models_are_served_whole(serve_new: Serve, tmp_path: Path) -> None:
    """Parts of one another, a part of itself, and names that no person wrote."""
    model = row_of_walls(1)
    model.add("2Ring00000000000000001", parent_id="2Ring00000000000000002")
    model.add("2Ring00000000000000002", parent_id="2Ring00000000000000001")
    model.add("2Self00000000000000001", parent_id="2Self00000000000000001", name="a\x1fb\u2028")
    model.figure(None, "1", source_set="set\x1f", source_name='"\\\x1e')
    wire = Bimplus(serve_new(lake_of(tmp_path / "lake", model)))
    found = [node["ifcId"] for node in wire.nodes()[1:]]
    assert sorted(found) == sorted(row["element_id"] for row in model.rows["elements"])
    assert len(wire.of_type(WALL_TYPE)) == 4
    assert wire.node("2Self00000000000000001")["name"] == "a\x1fb\u2028"
    assert wire.attributes("2Self00000000000000001")["set\x1f", '"\\\x1e']["value"] == 1000


def test_ids_are_the_same_from_start_to_start(serve_new: Serve, lake: Path) -> None:
    first, second = (Bimplus(serve_new(lake)) for _ in range(2))
    assert first.tree() == second.tree()
    assert first.of_type(WALL_TYPE) == second.of_type(WALL_TYPE)
