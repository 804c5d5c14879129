"""Reading Bimplus' answers: values of every form, and the tree of every shape."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from bimplus_rows import (
    ITEM,
    TYPES,
    UNITS,
    decoded,
    documents,
    model,
    node,
    of_one,
    place,
    wall,
)
from bimplus_served import RECORDED, TREE, WALL, WALLS, Rows, codes, guid, names, recorded

from takeoff.core.errors import NotUnderstood
from takeoff.core.progress import Quiet
from takeoff.vendors.bimplus import answers, asked, cite, classes, decode, paths, shapes
from takeoff.vendors.bimplus.noticed import CODES

NET_VOLUME = "70eb68d9-ab84-4575-8702-d12e15a536cc"
TYPE_NAME = "a0e8ae2c-c869-4ec3-9019-25d3704be707"
MATERIAL = "c0f7d432-6f66-4f1a-adab-717e5fa299c1"
LAYER = "cbe76618-9ac5-4600-afa2-cfad331be043"
MM_RECORD = "f99f40cf-da64-4c4f-8434-cb90722ba485"
RECESS = "0a98744d-baf5-4606-ad86-2097a93f188f"
CLASHES = "a330fde2-1a2f-48ed-a6e3-90b92965dca6"
COMPARISON = "8fdb13a4-92c3-49fd-b074-7c481d601274"


def one_value(folder: Path, definition: dict[str, Any]) -> dict[str, Any]:
    """The one property that a definition becomes."""
    found = of_one(folder, {"freeattributes": {"it": {"id": guid(70), **definition}}})
    [row] = found["properties"]
    return {key: row[key] for key in ("value_kind", "text", "number", "flag", "unit")}


@pytest.mark.parametrize(
    ("type_", "value", "kind", "expected"),
    [
        ("string", "007", "text", "007"),
        ("string", 7, "text", "7"),
        ("String", "x", "text", "x"),
        ("guid", "A-1", "text", "A-1"),
        ("datetime", "2015-07-07T09:21:15.8138934", "text", "2015-07-07T09:21:15.8138934"),
        ("double", 2.5, "number", 2.5),
        ("double", "2.50", "number", 2.5),
        ("double", " 1e3 ", "number", 1000.0),
        ("double", "6,88", "number", 6.88),
        ("double", "1.234,5", "text", "1.234,5"),
        ("double", "much", "text", "much"),
        ("int", "12", "number", 12.0),
        ("int32", 12, "number", 12.0),
        ("boolean", True, "flag", True),
        ("boolean", 1, "flag", True),
        ("boolean", "1", "flag", True),
        ("boolean", "true", "flag", True),
        ("boolean", "True", "flag", True),
        ("boolean", 0, "flag", False),
        ("boolean", "0", "flag", False),
        ("boolean", "false", "flag", False),
        ("boolean", "maybe", "text", "maybe"),
        ("intarray", [1, 2], "text", "[1,2]"),
        ("stringarray", ["a"], "text", '["a"]'),
        (None, 4, "number", 4.0),
        (None, "4", "text", "4"),
        (None, False, "flag", False),
        ("of a later version", 4, "number", 4.0),
    ],
)
def test_values_are_read_by_their_type(
    tmp_path: Path, type_: str | None, value: Any, kind: str, expected: Any
) -> None:
    found = one_value(tmp_path, {"name": "It", "type": type_, "value": value})
    assert found["value_kind"] == kind
    assert found[kind] == expected


@pytest.mark.parametrize("value", [None, "", "absent"])
def test_a_value_that_is_not_set_is_no_row(tmp_path: Path, value: Any) -> None:
    definition = {"id": guid(70), "name": "It", "type": "string", "value": value}
    if value == "absent":
        del definition["value"]
    found = of_one(tmp_path, {"freeattributes": {"it": definition}, "empty": {}, "none": None})
    assert found["properties"] == found["quantities"] == []
    assert len(found["elements"]) == 1


def test_a_comma_in_a_number_is_said(tmp_path: Path) -> None:
    found = of_one(tmp_path, {"a": {"w": {"name": "W", "type": "double", "value": "0,5"}}})
    assert [row["number"] for row in found["properties"]] == [0.5]
    assert "comma_as_point" in codes(found)


@pytest.mark.parametrize(
    "definition",
    [
        {"1": "existing", "2": "new"},
        json.dumps({"1": "existing", "2": "new"}),
        ["none", "existing", "new"],
        [{"code": 1, "name": "existing"}, {"code": 2, "name": "new"}],
        [{"Key": "1", "Label": "existing"}, {"Key": "2", "Label": "new"}],
    ],
    ids=["object", "text", "list", "objects", "objects in another case"],
)
@pytest.mark.parametrize("value", [2, "2", 2.0])
def test_enumerations_keep_label_and_code(tmp_path: Path, definition: Any, value: Any) -> None:
    state = {
        "id": guid(70),
        "name": "State",
        "type": "int",
        "control": "ENUMERATION",
        "value": value,
        "enumdefinition": definition,
    }
    after = {"name": "After", "type": "string", "value": "x"}
    found = of_one(tmp_path, {"freeattributes": {"state": state, "after": after}})
    told = [
        (row["name"], row["text"], row["number"], row["ordinal"]) for row in found["properties"]
    ]
    assert told == [
        ("State", "new", None, 0),
        ("State.code", None, 2.0, 1),
        ("After", "x", None, 2),
    ]


def test_a_code_without_a_label_stays_and_is_said(tmp_path: Path) -> None:
    state = {"name": "State", "type": "int", "value": 9, "enumdefinition": {"1": "existing"}}
    found = of_one(tmp_path, {"a": {"state": state}})
    assert [row["number"] for row in found["properties"]] == [9.0]
    assert "label_missing" in codes(found)


def test_a_flag_that_is_an_enumeration_stays_a_flag(tmp_path: Path) -> None:
    yes = {"name": "Is", "type": "boolean", "value": 1, "enumdefinition": {"0": "no", "1": "yes"}}
    found = of_one(tmp_path, {"a": {"it": yes}})["properties"]
    assert [(row["name"], row["flag"], row["text"]) for row in found] == [
        ("Is", True, None),
        ("Is.label", None, "yes"),
    ]


def test_what_the_viewer_hides_is_kept_and_said(tmp_path: Path) -> None:
    hidden = {"name": "Hidden", "type": "string", "value": "x", "isInternal": True}
    found = of_one(tmp_path, {"a": {"it": hidden}})
    assert [row["text"] for row in found["properties"]] == ["x"]
    assert [row["text"] for row in found["warnings"] if row["code"] == "attribute_internal"] == [
        "a.Hidden is internal: the vendor's own viewer does not show it."
    ]


@pytest.mark.parametrize(
    ("unit", "value", "exact"),
    [
        ("mm3", 1e9, "1"),
        ("m3", 1.25, "1.25"),
        ("m³", "1.25", "1.25"),
        ("l", 1250, "1.25"),
        ("mm", 1.25, None),
        ("bushel", 1.25, None),
        (None, 1.25, None),
    ],
)
def test_a_known_quantity_counts_in_its_own_unit_only(
    tmp_path: Path, unit: str | None, value: Any, exact: str | None
) -> None:
    volume = {"id": NET_VOLUME.upper(), "name": "Nettovolumen", "type": "double", "value": value}
    found = of_one(tmp_path, {"anything": {"nv": {**volume, "unit": unit}}})
    [row] = found["quantities"]
    assert (row["quantity"], row["kind"], row["origin"]) == ("NetVolume", "volume", "qto")
    assert row["value_exact"] == (None if exact is None else Decimal(exact))
    assert row["source_unit"] == unit
    assert row["unit_status"] == ("unknown" if exact is None else "own")
    expected = {"unit_unknown"} if unit else {"unit_missing"}
    assert codes(found) & {"unit_unknown", "unit_missing"} == (set() if exact else expected)
    assert found["properties"] == []


def test_a_quantity_is_known_by_the_key_where_attributes_go_by_their_ids(tmp_path: Path) -> None:
    found = of_one(tmp_path, {"content": {NET_VOLUME: {"value": 2, "unit": "m3"}}})
    assert [(row["quantity"], row["value"]) for row in found["quantities"]] == [("NetVolume", 2.0)]


@pytest.mark.parametrize("key", ["unitId", "unitid", "UnitID"])
def test_a_unit_may_be_named_by_its_id_alone(tmp_path: Path, key: str) -> None:
    length = {"name": "Länge", "type": "double", "value": 250, key: MM_RECORD.upper()}
    other = {"name": "Other", "type": "double", "value": 1, "unitId": guid(99), "unitid": guid(98)}
    found = decoded(
        tmp_path,
        model(node(20)),
        [wall({"a": {"l": length, "o": other}})],
        others={UNITS: recorded("units")},
    )
    assert [(row["source_unit"], row["value"]) for row in found["quantities"]] == [("mm", 0.25)]
    assert {row["name"] for row in found["properties"]} == {"Länge", "Other"}


def test_a_unit_that_its_own_record_contradicts_gives_no_value(tmp_path: Path) -> None:
    records = [{"id": MM_RECORD, "unit": "mm", "contextUnitType": "AREAUNIT"}]
    length = {"id": "0f1bf4dd-901c-4772-90b0-7817e3fe3d4d", "unit": "mm", "unitId": MM_RECORD}
    found = decoded(
        tmp_path,
        model(node(20)),
        [wall({"a": {"l": {**length, "name": "L", "type": "double", "value": 5}}})],
        others={UNITS: records},
    )
    assert [(row["source_unit"], row["value"]) for row in found["quantities"]] == [("mm", None)]
    assert "unit_contradicted" in codes(found)


def test_a_property_with_a_unit_is_a_figure_as_well_and_one_with_another_is_not(
    tmp_path: Path,
) -> None:
    group = {
        "Thickness": {"name": "Thickness", "type": "double", "value": 24, "unit": "cm"},
        "U": {"name": "U", "type": "double", "value": 0.2, "unit": "W/m2K"},
    }
    found = of_one(tmp_path, {"Pset_Own": group})
    [row] = found["quantities"]
    assert (row["source_set"], row["origin"], row["value"]) == ("Pset_Own", "pset", 0.24)
    assert [(row["name"], row["number"], row["unit"]) for row in found["properties"]] == [
        ("Thickness", 24.0, "cm"),
        ("U", 0.2, "W/m2K"),
    ]


def test_quantity_sets_are_figures_only_and_counts_need_no_unit(tmp_path: Path) -> None:
    group = {
        "GrossVolume": {"name": "GrossVolume", "type": "double", "value": 3, "unit": "m3"},
        "Count": {"name": "Count", "type": "int", "value": 4},
        "NetVolume": {"name": "NetVolume", "type": "double", "value": 2},
    }
    sets = {guid(71): "Qto_WallBaseQuantities"}
    found = of_one(tmp_path, {guid(71): group}, localizedAttributeGroups=sets)
    told = {row["quantity"]: (row["value"], row["unit_status"]) for row in found["quantities"]}
    assert told == {
        "GrossVolume": (3.0, "own"),
        "Count": (4.0, "assumed"),
        "NetVolume": (None, "unknown"),
    }
    assert {row["source_set"] for row in found["quantities"]} == {"Qto_WallBaseQuantities"}
    assert found["properties"] == []


def test_groups_may_be_missing_or_hold_groups(tmp_path: Path) -> None:
    attributes = {
        "plain": 5,
        "defined": {"id": guid(70), "name": "Defined", "type": "string", "value": "x"},
        "propertysets": {
            "Pset_Own": {"Mark": {"ID": guid(72), "Type": "string", "Value": "007"}, "Bare": True},
            "Alone": {"id": guid(73), "type": "string", "value": "y"},
        },
    }
    found = of_one(tmp_path, attributes)["properties"]
    told = [(row["set_name"], row["name"], row["text"], row["number"]) for row in found]
    assert told == [
        (None, "plain", None, 5.0),
        (None, "Defined", "x", None),
        ("Pset_Own", "Mark", "007", None),
        ("Pset_Own", "Bare", None, None),
        ("propertysets", "Alone", "y", None),
    ]


@pytest.mark.parametrize("blanks", [{"indent": 2}, {"separators": (" ,\n\t", " :\r\n")}])
def test_blanks_between_change_nothing(tmp_path: Path, blanks: dict[str, Any]) -> None:
    definition = {"id": guid(70), "name": "It", "type": "double", "value": 1.5, "unit": "m"}
    rows = [wall({"a": {"it": definition, "list": [1, 2], "none": None, "is": True}})]
    plain = decoded(tmp_path / "plain", model(node(20)), rows)
    lists = {WALLS: json.dumps(rows, **blanks).encode()}
    assert (
        decoded(tmp_path / "spread", json.dumps(model(node(20)), **blanks).encode(), lists) == plain
    )
    assert len(plain["properties"]) == 3


@pytest.mark.parametrize("attributes", [[1], "text", 5])
def test_attributes_that_are_no_object_are_refused(tmp_path: Path, attributes: Any) -> None:
    with pytest.raises(NotUnderstood, match="row 1"):
        decoded(tmp_path, model(node(20), node(21)), [wall(None), wall(attributes, 21)])


def test_keys_are_found_in_any_case(tmp_path: Path) -> None:
    attributes = {"a": {"it": {"ID": guid(70), "NAME": "It", "TYPE": "double", "VALUE": "1.5"}}}
    row = {"Id": guid(20).upper(), "Name": "Called", "Attributes": attributes}
    top = model({"ID": guid(20), "ElementTypeID": "10074EEF-9418-4d64-9c6d-23932835a7f1"})
    found = decoded(tmp_path, top, [row])
    [element] = found["elements"]
    assert (element["element_id"], element["name"]) == (guid(20), "Called")
    assert [(row["name"], row["number"]) for row in found["properties"]] == [("It", 1.5)]


def test_what_belongs_in_columns_stays_a_property_as_well(tmp_path: Path) -> None:
    attributes = {
        "ifc": {"ifcgloballyuniqueid": "1Guid00000000000000000"},
        "allplan": {"allplan_guid": guid(80)},
        "Pset_WallCommon": {"IsExternal": True, "LoadBearing": "x", "Status": "New"},
        "Pset_Other": {"IsExternal": False},
        "classification": {"Uniclass": "EF_25_10"},
        "general": {TYPE_NAME: {"id": TYPE_NAME, "name": "Elementtyp", "value": "Wall 240"}},
    }
    found = of_one(tmp_path, attributes)
    [row] = found["elements"]
    assert row["type_name"] == "Wall 240"
    assert (row["ifc_guid"], row["ifc_guid_source"]) == ("1Guid00000000000000000", "given")
    assert (row["authoring_id"], row["is_external"], row["phase"]) == (guid(80), True, "New")
    assert row["load_bearing"] is None
    assert [(row["system"], row["code"]) for row in found["codes"]] == [("Uniclass", "EF_25_10")]
    assert len(found["properties"]) == 8


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"PredefinedType": "SOLIDWALL"}, "SOLIDWALL"),
        ({"PredefinedType": "USERDEFINED", "ObjectType": "Bench"}, "Bench"),
        ({"PredefinedType": "USERDEFINED"}, "USERDEFINED"),
        ({"PredefinedType": "NOTDEFINED"}, None),
        ({"ObjectType": "Bench"}, None),
    ],
)
def test_attributes_of_ifc_keep_their_meaning(
    tmp_path: Path, said: dict[str, str], expected: str | None
) -> None:
    [row] = of_one(tmp_path, {"ifc": {**said, "Tag": "007"}})["elements"]
    assert (row["predefined_type"], row["mark"]) == (expected, "007")


def test_codes_have_the_title_and_edition_that_stand_beside_them(tmp_path: Path) -> None:
    group = {
        "NL-SfB": "21.11",
        "NL-SfB title": "Outer walls",
        "Uniclass edition": "2015",
        "Uniclass": "EF_25_10",
        "Work title": "W",
    }
    names_ = {guid(71): "Classification"}
    rows = [
        wall({guid(71): group}, localizedAttributeGroups=names_),
        wall({guid(71): {"NL-SfB": "22"}}, 21, localizedAttributeGroups=names_),
    ]
    found = decoded(tmp_path, model(node(20), node(21)), rows)["codes"]
    told = [
        (
            row["element_no"],
            row["ordinal"],
            row["system"],
            row["edition"],
            row["code"],
            row["title"],
        )
        for row in found
    ]
    assert told == [
        (0, 0, "NL-SfB", None, "21.11", "Outer walls"),
        (0, 1, "Uniclass", "2015", "EF_25_10", None),
        (0, 2, "Work title", None, "W", None),
        (1, 0, "NL-SfB", None, "22", None),
    ]


def test_the_materials_of_a_wall_are_those_of_its_layers_in_their_order(tmp_path: Path) -> None:
    layer = {"elementTypeId": LAYER, "type": "MaterialLayer", "isChild": True}
    top = model(node(20, node(21, **layer), node(22, **layer), node(23, **layer)), node(24))
    lists = {
        WALLS: [wall(made_of("Brick")), wall(made_of("Wood"), 24)],
        WALLS.replace(WALL, LAYER): [
            wall({**made_of("Render"), "quantity": {"thickness": 15}}, 22),
            wall(made_of("Plaster", thickness={"value": 1.5, "unit": "cm"}), 21),
            wall({}, 23),
        ],
    }
    found = decoded(tmp_path, top, lists)["materials"]
    told = [(row["element_id"], row["ordinal"], row["role"], row["material"]) for row in found]
    assert told == [
        (guid(20), 0, "layer", "Plaster"),
        (guid(20), 1, "layer", "Render"),
        (guid(21), 0, "single", "Plaster"),
        (guid(22), 0, "single", "Render"),
        (guid(24), 0, "single", "Wood"),
    ]
    assert [row["thickness_m"] for row in found] == [0.015, 0.015, None, None, None]
    assert [(row["evidence_no"], row["source_row"]) for row in found[:2]] == [(2, 1), (2, 0)]


def test_what_the_tree_says_goes_before_what_objects_say(tmp_path: Path) -> None:
    top = model(node(20, ifcId="2Tree00000000000000000", allplanGuid=guid(81)))
    attributes = {"ifc": {"ifcgloballyuniqueid": "1Guid00000000000000000"}}
    [row] = decoded(tmp_path, top, [wall(attributes)])["elements"]
    assert (row["ifc_guid"], row["authoring_id"]) == ("2Tree00000000000000000", guid(81))


def test_an_object_that_comes_twice_counts_once_if_it_is_the_same(tmp_path: Path) -> None:
    row = wall({"a": {"it": 1}})
    found = decoded(tmp_path, model(node(20)), [row, row])
    assert len(found["properties"]) == 1
    assert "id_repeated" in codes(found)
    with pytest.raises(NotUnderstood, match="differ"):
        decoded(tmp_path / "other", model(node(20)), [row, wall({"a": {"it": 2}})])
    lists = {WALLS: [row], f"{WALLS}&page=1&pageSize=1": {"resultlist": [row]}}
    assert len(decoded(tmp_path / "pages", model(node(20)), lists)["properties"]) == 1


def test_ordinals_go_on_over_the_lists_and_what_was_calculated(tmp_path: Path) -> None:
    volume = {"value": 2, "unit": "m3"}
    calculated = {NET_VOLUME.upper(): {guid(20).upper(): "2.5", guid(21): None, guid(77): 1}}
    entry = f"/content/freeattributes/{NET_VOLUME}"
    found = decoded(
        tmp_path,
        model(node(20), node(21)),
        [wall({"content": {NET_VOLUME: volume}}), wall({}, 21)],
        record={
            "calculated": "/acme/services/BaseQuantities",
            "attributes": ((NET_VOLUME, entry),),
        },
        others={
            "/acme/services/BaseQuantities": calculated,
            entry: {"id": NET_VOLUME, "name": "Net Volume", "unit": "m3"},
        },
    )
    told = [(row["basis"], row["ordinal"], row["value_exact"]) for row in found["quantities"]]
    assert told == [("authored", 0, Decimal(2)), ("vendor_calculated", 1, Decimal("2.5"))]
    assert {row["origin"] for row in found["quantities"]} == {"qto", "dynamic"}
    assert "guid_unknown" in codes(found)


@pytest.mark.parametrize("answer", [[], {"a": 1}, b'{"a": {'])
def test_calculated_quantities_of_another_form_are_refused(tmp_path: Path, answer: Any) -> None:
    path = "/acme/services/BaseQuantities"
    with pytest.raises(NotUnderstood, match="BaseQuantities"):
        decoded(
            tmp_path,
            model(node(20)),
            [wall({})],
            record={"calculated": path},
            others={path: answer},
        )


def made_of(material: str, **quantities: Any) -> dict[str, Any]:
    """Attributes of an object of this material."""
    return {"m": {"x": {"id": MATERIAL, "value": material}}, "quantity": quantities}


def storeys(found: Rows) -> dict[str, str | None]:
    return {row["element_id"]: row["storey_id"] for row in found["elements"]}


def kinds(found: Rows) -> dict[str, str]:
    return {row["location_id"]: row["kind"] for row in found["locations"]}


def test_places_are_told_by_their_ifc_class(tmp_path: Path) -> None:
    storey = place(12, node(20), node(21, ifcType="IfcSpace"), ifc="ID_IFCBuildingStorey")
    top = model(place(10, place(11, storey, node(22), ifc="IfcBuilding"), ifc="IFCSITE"))
    found = decoded(tmp_path, top)
    assert kinds(found) == {
        guid(3): "project",
        guid(10): "site",
        guid(11): "building",
        guid(12): "storey",
        guid(21): "space",
    }
    rows = {row["element_id"]: row for row in found["elements"]}
    assert (rows[guid(20)]["storey_name"], rows[guid(20)]["building_id"]) == ("place 12", guid(11))
    assert (rows[guid(22)]["storey_id"], rows[guid(22)]["building_name"]) == (None, "place 11")
    assert rows[guid(21)]["role"] == "space"
    assert [row["role"] for row in found["elements"]].count("location") == 3
    parents = {row["location_id"]: row["parent_id"] for row in found["locations"]}
    assert parents[guid(12)] == guid(11)
    assert "no_storey" in codes(found)


def test_places_without_a_class_are_told_by_what_they_hold(tmp_path: Path) -> None:
    top = model(place(10, place(11, node(20)), place(12, node(21))))
    found = decoded(tmp_path, top)
    assert kinds(found)[guid(10)] == "building"
    assert storeys(found)[guid(20)] == guid(11)
    assert storeys(found)[guid(21)] == guid(12)


def test_a_group_within_a_storey_is_no_storey(tmp_path: Path) -> None:
    grouped = place(11, place(12, node(20)), ifc="IfcBuildingStorey")
    loose = place(13, place(14, node(21), ifc="IfcBuildingStorey"), node(22))
    found = decoded(tmp_path, model(grouped, loose))
    assert storeys(found)[guid(20)] == guid(11)
    assert kinds(found)[guid(12)] == "part"
    assert kinds(found)[guid(13)] == "building"
    assert storeys(found)[guid(22)] is None


def test_a_storey_that_is_an_element_holds_what_is_in_it(tmp_path: Path) -> None:
    storey = {"elementTypeId": "8a20adef-b06d-47ec-9d1d-f3bed748c72b", "type": "Storey"}
    found = decoded(tmp_path, model(node(11, node(20), ifcType=None, **storey)))
    assert storeys(found) == {guid(11): None, guid(20): guid(11)}
    assert kinds(found)[guid(11)] == "storey"


def test_elements_right_below_the_model_are_on_no_storey(tmp_path: Path) -> None:
    found = decoded(tmp_path, model(node(20)))
    assert storeys(found) == {guid(20): None}


@pytest.mark.parametrize("is_child", [True, "true", 1])
def test_parts_of_parts_are_parts_and_what_fills_an_opening_is_not(
    tmp_path: Path, is_child: Any
) -> None:
    layer = node(21, node(22, isChild=is_child), isChild=is_child)
    opening = node(30, node(31, isChild=is_child, ifcType="IfcDoor"), layerid=RECESS)
    beside = node(40, isChild=False)
    of_room = node(50, node(51, isChild=is_child), ifcType="IfcSpace")
    found = decoded(tmp_path, model(place(10, node(20, layer, opening, beside), of_room)))
    roles = {row["element_id"]: (row["role"], row["parent_id"]) for row in found["elements"]}
    assert roles[guid(21)] == ("part", guid(20))
    assert roles[guid(22)] == ("part", guid(21))
    assert roles[guid(30)] == ("opening", guid(20))
    assert roles[guid(31)] == ("physical", None)
    assert roles[guid(40)] == ("physical", None)
    assert roles[guid(51)] == ("physical", None)
    told = {(row["from_element_id"], row["kind"]) for row in found["relations"]}
    assert (guid(31), "fills") in told
    assert (guid(30), "voids") in told
    spaces = {row["element_id"]: row["space_id"] for row in found["elements"]}
    assert spaces[guid(51)] == guid(50)


@pytest.mark.parametrize("how", ["layer of clashes", "comparison of revisions"])
def test_what_is_no_building_part_is_skipped_with_all_below(tmp_path: Path, how: str) -> None:
    said = {"layerid": CLASHES} if how.startswith("layer") else {"elementTypeId": COMPARISON}
    found = decoded(tmp_path, model(place(10, node(20), node(60, node(61), node(20), **said))))
    assert {row["element_id"] for row in found["elements"]} == {guid(10), guid(20)}
    assert "layer_skipped" in codes(found)
    assert "id_repeated" not in codes(found)


def test_a_node_that_is_there_twice_counts_where_it_stands_first(tmp_path: Path) -> None:
    top = model(place(10, node(20)), place(11, node(20, node(21)), node(22)))
    found = decoded(tmp_path, top)
    assert storeys(found)[guid(20)] == guid(10)
    assert storeys(found)[guid(21)] == guid(10)
    assert "id_repeated" in codes(found)


def test_a_missing_layer_is_said_and_is_unknown(tmp_path: Path) -> None:
    found = decoded(tmp_path, model(node(20, layerid=None)))
    assert [row["discipline"] for row in found["elements"]] == [None]
    assert "layer_missing" in codes(found)


@pytest.mark.parametrize("children", [None, "absent", []])
def test_children_may_be_null_or_absent(tmp_path: Path, children: Any) -> None:
    leaf = {**node(20), "children": children}
    if children == "absent":
        del leaf["children"]
    assert len(decoded(tmp_path, model(leaf))["elements"]) == 1


def test_a_tree_may_be_deeper_than_any_stack(tmp_path: Path) -> None:
    depth = 20 * sys.getrecursionlimit()
    start = b"".join(
        b'{"id":"%s","elementTypeId":"%s","name":"a, {[\\"b\\"]}","children":[ null,'
        % (guid(100 + number).encode(), ITEM.encode())
        for number in range(depth)
    )
    raw = start + json.dumps(node(20)).encode() + b" ] }" * depth
    found = decoded(tmp_path, raw)
    assert len(found["elements"]) == depth + 1
    assert storeys(found)[guid(20)] == guid(100 + depth - 1)
    assert found["locations"][0]["name"] == 'a, {["b"]}'
    [document] = documents(tmp_path, [(TREE, raw)])
    assert json.loads(cite.cite(document, depth, tmp_path)[0])["id"] == guid(20)


def test_only_a_tree_may_be_deeper_than_a_stack() -> None:
    raw = b"[" * 10_000 + b"]" * 10_000
    with pytest.raises(NotUnderstood, match="nested too deeply"):
        answers.parsed(raw, "/units")
    with pytest.raises(NotUnderstood, match=r"no list of objects; it begins: \[\[\["):
        shapes.several(answers.parsed_tree(raw, "/units"), shapes.unit, "/units")


def test_an_answer_deeper_than_any_tree_is_refused() -> None:
    with pytest.raises(NotUnderstood, match="nested deeper than 100,000"):
        answers.parsed_tree(b'{"a":[' * 100_000, TREE)


@pytest.mark.parametrize("ending", [b"", b"]", b"}", b"]}]", b'"a"}', b"]}, 1"])
def test_a_deep_answer_that_is_cut_or_wrong_is_refused(ending: bytes) -> None:
    depth = 20 * sys.getrecursionlimit()
    raw = b'{"a":[' * depth + b"1" + b"]}" * (depth - 1) + ending
    with pytest.raises(NotUnderstood, match="no JSON"):
        answers.parsed_tree(raw, TREE)


@pytest.mark.parametrize(
    ("tree", "why"),
    [
        ("text", "no tree"),
        ([1], "no object"),
        ({"name": "x", "children": []}, "node 0 has no id"),
        ({"id": guid(3), "children": 5}, "no tree"),
        (b"{", "no JSON"),
    ],
)
def test_a_tree_that_is_none_is_refused(tmp_path: Path, tree: Any, why: str) -> None:
    with pytest.raises(NotUnderstood, match=why):
        decoded(tmp_path, tree)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("IfcWall", "Wall"),
        ("ID_IFCWall", "Wall"),
        ("id_ifcwall", "Wall"),
        ("IFCWALLSTANDARDCASE", "Wall"),
        ("IfcSlabElementedCase", "Slab"),
        ("Wall", "Wall"),
        ("ID_IFCBuildingElementProxy", "BuildingElementProxy"),
        ("IfcOfALaterVersion", "OfALaterVersion"),
        ("", None),
        (None, None),
    ],
)
def test_classes_are_the_same_in_every_spelling(written: str | None, expected: str | None) -> None:
    assert classes.ifc_class(written) == expected


@pytest.mark.parametrize("of_type", ["ID_IFCColumn", None])
def test_a_class_that_the_tree_leaves_out_is_that_of_the_type(
    tmp_path: Path, of_type: str | None
) -> None:
    types = [{"id": guid(90), "type": "Column", "ifcType": of_type}]
    nodes = (
        node(20, elementTypeId=guid(90), type="Column", ifcType=None),
        node(21, elementTypeId=guid(91), type="GeometryObject", ifcType=None),
    )
    found = decoded(tmp_path, model(*nodes), others={TYPES: types})
    assert [row["ifc_class"] for row in found["elements"]] == ["Column", None]
    assert [row["source_class"] for row in found["elements"]] == ["Column", "GeometryObject"]


def test_layers_and_rooms_are_what_the_contract_says(tmp_path: Path) -> None:
    room = {"elementTypeId": "885fb391-013b-4baa-b35b-1b50f6b7d31b", "type": "Room"}
    opening = {"type": "SlabOpening", "elementTypeId": guid(90)}
    grid = {"ifcType": "IfcGrid"}
    top = model(node(20, ifcType=None, **room), node(21, ifcType=None, **opening), node(22, **grid))
    roles = [row["role"] for row in decoded(tmp_path, top)["elements"]]
    assert roles == ["space", "opening", "annotation"]


def test_every_code_is_explained() -> None:
    source = Path(decode.__file__).parent
    written = {
        code
        for file in source.glob("*.py")
        if file.name != "noticed.py"
        for code in CODES
        if f'"{code}"' in file.read_text(encoding="utf-8")
    }
    from_values = {"unit_unknown", "value_out_of_range", "value_unreadable"}
    assert written | from_values == set(CODES)


def test_answers_that_do_not_count_are_passed_over(tmp_path: Path) -> None:
    others = {f"{WALLS}&page=7": [wall({"a": {"it": 9}})], "/acme/anything": b"<html>"}
    found = decoded(tmp_path, model(node(20)), [wall({"a": {"it": 1}})], others=others)
    assert [row["number"] for row in found["properties"]] == [1.0]


def test_without_the_record_or_an_answer_nothing_is_read(tmp_path: Path) -> None:
    given = documents(tmp_path, [(TREE, model())])
    with pytest.raises(NotUnderstood, match="record of what was asked"):
        list(decode.decode(given, names=names(), options={}, work=tmp_path, progress=Quiet()))
    record = asked.written(asked.Record(tree=TREE, lists=(WALLS,)))
    given = documents(tmp_path, [(TREE, model()), (paths.ASKED, record)])
    with pytest.raises(NotUnderstood, match="missing from the evidence"):
        list(decode.decode(given, names=names(), options={}, work=tmp_path, progress=Quiet()))


@pytest.mark.parametrize(
    "folder", ["with [brackets] and * in it", pytest.param("plain", marks=pytest.mark.slow)]
)
def test_lists_of_many_objects_are_read_in_order_whatever_the_folder_is_called(
    tmp_path: Path, folder: str
) -> None:
    count = 45_000
    nodes = [{"id": guid(number), "elementTypeId": guid(90)} for number in range(100, 100 + count)]
    objects = [wall({"a": {"n": at}}, 100 + at) for at in range(count)]
    found = decoded(tmp_path / folder, model(*nodes), objects)
    assert [row["number"] for row in found["properties"]] == list(range(count))
    assert [row["source_row"] for row in found["properties"]] == list(range(count))
    assert [row["element_no"] for row in found["properties"]] == list(range(count))


def test_short_lists_are_read_together_and_each_row_is_known_by_its_own(tmp_path: Path) -> None:
    pages = [f"{WALLS}&page={page}&pageSize=2" for page in range(4)]
    others = {"Id": guid(23), "NAME": "other", "Attributes": {"a": {"it": {"Value": 3}}}}
    lists: dict[str, Any] = {
        pages[0]: [wall({"a": {"it": 0}}, 20), wall({"a": {"it": 1}}, 21)],
        pages[1]: [],
        pages[2]: {"resultlist": [wall({"a": {"it": 2}}, 22)]},
        pages[3]: [others],
    }
    top = model(*(node(number) for number in range(20, 24)))
    found = decoded(tmp_path, top, lists)
    told = [(row["number"], row["evidence_no"], row["source_row"]) for row in found["properties"]]
    assert told == [(0, 1, 0), (1, 1, 1), (2, 3, 0), (3, 4, 0)]

    lists[pages[2]] = [wall({}, 22), wall([1], 23)]
    with pytest.raises(NotUnderstood, match=r"page=2&pageSize=2 .*row 1 "):
        decoded(tmp_path / "odd", top, lists)


def test_rows_can_be_shown_as_they_stand_in_the_evidence(tmp_path: Path) -> None:
    answer = b'\xef\xbb\xbf [ {"id":"a", "n" : 1.50} ,\n{"id":"b"}]'
    wrapped = b'{"pagesize":2,"resultlist":[{"id":"a"},{"id": "b"}]}'
    calculated = b'{"x":{"a":1,"b":2},"y":{"a":3}}'
    given = documents(
        tmp_path,
        [
            (WALLS, answer),
            (f"{WALLS}&page=2", wrapped),
            ("/acme/services/BaseQuantities", calculated),
            (TREE, model(node(20))),
            ("/acme/divisions/1", b'{"id":"d"}'),
        ],
    )
    shown = [
        cite.cite(given[0], 0, tmp_path),
        cite.cite(given[0], 1, tmp_path),
        cite.cite(given[1], 1, tmp_path),
        cite.cite(given[2], 2, tmp_path),
        cite.cite(given[4], 0, tmp_path),
    ]
    assert shown == [
        ['{"id":"a", "n" : 1.50}'],
        ['{"id":"b"}'],
        ['{"id": "b"}'],
        ['{"y": {"a": 3}}'],
        ['{"id":"d"}'],
    ]
    assert '"children"' not in cite.cite(given[3], 0, tmp_path)[0]
    assert guid(20) in cite.cite(given[3], 1, tmp_path)[0]
    with pytest.raises(NotUnderstood, match="no row 9"):
        cite.cite(given[0], 9, tmp_path)


def test_every_recorded_answer_says_what_it_follows() -> None:
    for file in RECORDED.glob("*.json"):
        said = json.loads(file.read_text(encoding="utf-8"))
        assert said["follows"].startswith("contract ")
        assert said["path"].startswith("/")
