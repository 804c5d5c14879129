"""What switches make of objects: pages, wrappers, units, numbers, layers, calculated figures."""

from __future__ import annotations

from pathlib import Path

import pytest
from bimplus_wire import (
    DOOR,
    LENGTH,
    MATERIAL_LAYER,
    NET_VOLUME,
    ROOM_TYPE,
    WALL,
    WALL_TYPE,
    Bimplus,
    by_name,
    small_house,
)
from wire import Serve, lake_of, row_of_walls


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lake_of(tmp_path_factory.mktemp("lakes") / "bimplus", small_house())


@pytest.fixture(scope="module")
def walls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """25 walls."""
    return lake_of(tmp_path_factory.mktemp("lakes") / "bimplus_walls", row_of_walls(25))


def test_the_trees_shapes(serve: Serve, lake: Path) -> None:
    wire = Bimplus(serve(lake, bimplus_ifc_types="prefixed"))
    assert wire.node(DOOR)["ifcType"] == "ID_IFCDoor"
    wire.running.turn(bimplus_tree_keys="no_ifc")
    assert not any({"ifcId", "ifcType"} & set(node) for node in wire.nodes())
    wire.running.turn(bimplus_tree_keys="no_layer")
    assert not any("layerid" in node for node in wire.nodes())
    wire.running.turn(bimplus_tree_keys="all", bimplus_children="null")
    assert wire.node(DOOR)["children"] is None
    wire.running.turn(bimplus_children="absent")
    assert "children" not in wire.node(DOOR)


def test_pages(serve: Serve, walls: Path) -> None:
    wire = Bimplus(serve(walls))
    every = [one["id"] for one in wire.of_type(WALL_TYPE)]
    assert len(every) == 25

    def page(number: int, **switches: str) -> list[str]:
        wire.running.turn(**switches)
        asked = {"type": WALL_TYPE, "page": str(number), "pageSize": "10"}
        return [one["id"] for one in wire.json(wire.root, params=asked)]

    assert [page(number) for number in (1, 2, 3, 4)] == [
        every[:10],
        every[10:20],
        every[20:],
        [],
    ]
    assert page(0, bimplus_first_page="0") == every[:10]
    assert page(2) == every[20:]
    assert page(4, bimplus_first_page="1", bimplus_pages="repeat_last") == every[20:]
    assert page(3, bimplus_pages="repeat_first") == every[:10]
    assert page(9, bimplus_pages="ignored") == every
    assert page(1, bimplus_pages="good", bimplus_page_limit="4") == every[:4]
    assert wire.get(wire.root, params={"type": WALL_TYPE, "page": "x"}).status_code == 400


def test_chunks_state_how_many_there_are(serve: Serve, walls: Path) -> None:
    wire = Bimplus(serve(walls, bimplus_chunk_rows="10"))
    every = [one["id"] for one in wire.of_type(WALL_TYPE)]
    found = []
    for chunk in ("1", "2", "3"):
        asked = {"type": WALL_TYPE, "chunkSize": "medium", "chunk": chunk}
        answer = wire.get(f"{wire.root}/properties/8", params=asked)
        assert answer.headers["X-Total-Count"] == "3"
        found += [one["id"] for one in answer.json()]
    assert found == every
    wire.running.turn(bimplus_chunks="always")
    answer = wire.get(f"{wire.root}/properties/8", params={"type": WALL_TYPE})
    assert (len(answer.json()), answer.headers["X-Total-Count"]) == (10, "3")


def test_lists_in_wrappers(serve: Serve, walls: Path) -> None:
    wire = Bimplus(serve(walls, bimplus_lists="resultlist"))
    asked = {"type": WALL_TYPE, "page": "2", "pageSize": "10"}
    told = wire.json(wire.root, params=asked)
    names = ("actualpage", "lastpage", "pagesize", "maxresults")
    assert [told[name] for name in names] == [2, 3, 10, 25]
    assert {"sortcolumn", "sortdirection"} <= set(told)
    assert len(told["resultlist"]) == 10
    wire.running.turn(bimplus_lists="objects")
    told = wire.json(wire.root, params=asked)
    assert (told["elementsCount"], len(told["objects"])) == (25, 10)


def test_a_list_may_have_fewer_than_the_tree_says(serve: Serve, lake: Path) -> None:
    wire = Bimplus(serve(lake, bimplus_objects="fewer"))
    assert (len(wire.of_type(WALL_TYPE)), len(wire.of_type(ROOM_TYPE))) == (1, 0)
    wire.running.turn(bimplus_objects="one_type")
    counts = [len(wire.of_type(one)) for one in (WALL_TYPE, ROOM_TYPE, MATERIAL_LAYER)]
    assert counts == [1, 1, 2]


def test_units_of_lengths(serve: Serve, lake: Path) -> None:
    wire = Bimplus(serve(lake, bimplus_lengths="m"))
    length = wire.attributes(WALL)["Qto_BaseQuantities", "Length"]
    assert (length["value"], length["unit"]) == (5.2, "m")
    wire.running.turn(bimplus_lengths="mixed")
    lengths = [
        attribute
        for node in wire.nodes()[1:]
        for attribute in by_name(wire.object(node["id"])).values()
        if attribute.get("unit") in ("m", "mm")
    ]
    assert {one["unit"] for one in lengths} == {"m", "mm"}
    metres = {one["value"] / {"m": 1, "mm": 1000}[one["unit"]] for one in lengths}
    assert {5.2, 5.3, 0.24, 0.06, 0.9, 0.3, 2.5} <= metres


def test_symbols_and_values_without_a_unit(serve: Serve, lake: Path) -> None:
    wire = Bimplus(serve(lake, bimplus_symbols="superscript"))
    assert wire.attributes(WALL)["Qto_BaseQuantities", "NetSideArea"]["unit"] == "m²"
    assert [one["unit"] for one in wire.json("/content/units", params={"symbol": "m³"})] == ["m³"]
    wire.running.turn(bimplus_units="absent")
    assert not any("unit" in one for one in wire.attributes(WALL).values())
    wire.running.turn(bimplus_units="some")
    figures = [one for one in wire.attributes(WALL).values() if one["type"] == "double"]
    assert {("unit" in one) for one in figures} == {True, False}


def test_how_values_are_written(serve: Serve, lake: Path) -> None:
    wire = Bimplus(serve(lake, bimplus_numbers="text", bimplus_booleans="text_one"))
    told = wire.attributes(WALL)
    assert told["Qto_BaseQuantities", "NetVolume"]["value"] == "3.120000000001"
    assert told["Pset_WallCommon", "IsExternal"]["value"] == "1"
    wire.running.turn(bimplus_numbers="comma", bimplus_booleans="one")
    told = wire.attributes(WALL)
    assert told["Qto_BaseQuantities", "NetVolume"]["value"] == "3,120000000001"
    assert told["Pset_WallCommon", "IsExternal"]["value"] == 1


def test_an_enumeration_has_codes_and_labels(serve: Serve, lake: Path) -> None:
    wire = Bimplus(serve(lake, bimplus_enumeration="object"))
    told = wire.attributes(DOOR)["IFC", "PredefinedType"]
    assert (told["type"], told["control"]) == ("int", "Enumeration")
    assert told["enumdefinition"][str(told["value"])] == "DOOR"
    wire.running.turn(bimplus_enumeration="list")
    told = wire.attributes(DOOR)["IFC", "PredefinedType"]
    assert told["enumdefinition"][told["value"]] == "DOOR"


def test_property_sets_may_need_their_flag(serve: Serve, lake: Path) -> None:
    wire = Bimplus(serve(lake, bimplus_sets="flag16"))
    wall = wire.node(WALL)["id"]
    assert ("Pset_WallCommon", "FireRating") not in by_name(wire.object(wall, 8))
    assert ("Pset_WallCommon", "FireRating") in by_name(wire.object(wall, 24))


def test_the_group_of_quantities(serve: Serve, lake: Path) -> None:
    wire = Bimplus(serve(lake, bimplus_quantity_group="no_unit"))
    told = wire.attributes(WALL)
    length, volume = told["Quantities", "Length"], told["Quantities", "Volume"]
    assert (length["value"], length["unit"]) == (5200, "mm")
    assert (volume["value"], "unit" in volume) == (3.120000000001, False)
    wire.running.turn(bimplus_quantity_group="units")
    assert wire.attributes(WALL)["Quantities", "Volume"]["unit"] == "m3"


def test_layers_may_be_attributes_of_their_wall(serve: Serve, lake: Path) -> None:
    wire = Bimplus(serve(lake, bimplus_layers="attributes"))
    assert wire.of_type(MATERIAL_LAYER) == []
    told = wire.attributes(WALL)
    assert told["Material", "Material"]["value"] == "Brick, Air"
    thickness = told["Material", "Thickness 1"]
    assert (thickness["value"], thickness["unit"]) == (240, "mm")


def test_calculated_quantities(serve: Serve, lake: Path) -> None:
    wire = Bimplus(serve(lake))
    path = f"/{wire.slug}/services/BaseQuantities"
    settings = {"overwriteExistingSettings": False}
    asked = {"projectId": wire.project_id, "modelId": wire.division_id, "settings": settings}

    def calculate(*quantities: object, **changes: object) -> dict[str, dict[str, float]]:
        body = {"baseQuantities": {**asked, "quantities": list(quantities)}, "runAsync": False}
        answer = wire.ask("POST", path, json={**body, **changes})
        assert answer.status_code in (200, 202), answer.text
        told: dict[str, dict[str, float]] = answer.json()
        return told

    walls = calculate(0, 12)
    wall = wire.node(WALL)["id"]
    assert (walls[LENGTH], walls[NET_VOLUME]) == ({wall: 5200}, {wall: 3.120000000001})
    assert calculate("WallBaseQuantities") == walls
    assert list(calculate(13)[NET_VOLUME].values()) == [1.25]
    assert calculate(1) == {}
    assert calculate(0, runAsync=True) == {}
    tag = wire.tag()
    wire.running.turn(bimplus_calculated="forbidden")
    assert wire.ask("POST", path, json={"baseQuantities": asked}).status_code == 403
    assert wire.tag() == tag


def test_calculating_may_write(serve_new: Serve, lake: Path) -> None:
    wire = Bimplus(serve_new(lake, bimplus_calculated="moves_tag"))
    tag = wire.tag()
    asked = {"projectId": wire.project_id, "modelId": wire.division_id, "quantities": [0]}
    path = f"/{wire.slug}/services/BaseQuantities"
    assert wire.ask("POST", path, json={"baseQuantities": asked}).status_code == 200
    assert wire.tag() != tag
