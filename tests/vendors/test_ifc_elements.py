"""Elements: ids, roles, places, types, properties, materials, codes and relations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ifc_rows import ASSIGNED, BASE, STOREY, UNITS, WALL, read_text

from takeoff.vendors.ifc.warnings import CODES


def _relation(step_id: int, name: str, rest: str) -> str:
    return f"#{step_id}=IFCREL{name}('{step_id:022d}',$,$,$,{rest});\n"


def _by_step(rows: dict[str, Any]) -> dict[str, Any]:
    return {row["source_id"]: row for row in rows["elements"]}


def _codes_of(rows: dict[str, Any]) -> list[str]:
    return [row["code"] for row in rows["warnings"]]


def test_a_guid_used_twice_keeps_both_elements_apart(tmp_path: Path) -> None:
    twin = WALL.replace("#100", "#150").replace("'W'", "'twin'")
    rows = read_text(
        BASE + twin + _relation(151, "CONTAINEDINSPATIALSTRUCTURE", "(#150),#6"), tmp_path
    )
    elements = _by_step(rows)
    assert elements["#100"]["element_id"] == "2XQ$n5SLP5MBLyL442paFx~1"
    assert elements["#150"]["element_id"] == "2XQ$n5SLP5MBLyL442paFx~2"
    assert elements["#100"]["ifc_guid"] == elements["#150"]["ifc_guid"]
    assert _codes_of(rows) == ["guid_repeated", "guid_repeated"]
    assert {row["element_id"] for row in rows["warnings"]} == {
        elements["#100"]["element_id"],
        elements["#150"]["element_id"],
    }


def test_guids_that_differ_in_case_alone_are_two(tmp_path: Path) -> None:
    other = WALL.replace("#100", "#150").replace("paFx", "pafx")
    rows = read_text(
        BASE + other + _relation(151, "CONTAINEDINSPATIALSTRUCTURE", "(#150),#6"), tmp_path
    )
    assert _by_step(rows)["#150"]["element_id"] == "2XQ$n5SLP5MBLyL442pafx"
    assert rows["warnings"] == []


@pytest.mark.parametrize(
    ("guid", "element_id", "code"),
    [
        ("$", "#100", "guid_missing"),
        ("''", "#100", "guid_missing"),
        ("'short'", "short", "guid_invalid"),
        ("'2XQ$n5SLP5MBLyL442pa x'", "2XQ$n5SLP5MBLyL442pa x", "guid_invalid"),
        ("'9XQ$n5SLP5MBLyL442paFx'", "9XQ$n5SLP5MBLyL442paFx", "guid_invalid"),
    ],
)
def test_missing_and_invalid_guids_are_kept(
    tmp_path: Path, guid: str, element_id: str, code: str
) -> None:
    rows = read_text(BASE.replace("'2XQ$n5SLP5MBLyL442paFx'", guid), tmp_path)
    assert _by_step(rows)["#100"]["element_id"] == element_id
    assert _codes_of(rows) == [code]


def test_elements_are_numbered_in_step_order_whatever_the_order_of_the_file(tmp_path: Path) -> None:
    rows = read_text("".join(reversed(BASE.splitlines(keepends=True))), tmp_path)
    ordered = sorted(rows["elements"], key=lambda row: row["element_no"])
    assert [row["source_id"] for row in ordered] == ["#5", "#6", "#100"]
    assert [row["element_no"] for row in ordered] == [0, 1, 2]


def test_roles(tmp_path: Path) -> None:
    records = (
        "#110=IFCOPENINGELEMENT('0000000000000000000110',$,'o',$,$,$,$,$,$);\n"
        "#111=IFCDOOR('0000000000000000000111',$,'d',$,$,$,$,$,2100.,900.,$,$,$);\n"
        "#112=IFCSPACE('0000000000000000000112',$,'s',$,$,$,$,$,$,$,$);\n"
        "#113=IFCWALLTYPE('0000000000000000000113',$,'t',$,$,$,$,$,$,.STANDARD.);\n"
        "#114=IFCGRID('0000000000000000000114',$,'g',$,$,$,$,(),(),$,$);\n"
        "#115=IFCMEMBER('0000000000000000000115',$,'m',$,$,$,$,$,$);\n"
        "#116=IFCBUILDINGELEMENTPART('0000000000000000000116',$,'p',$,$,$,$,$,$);\n"
        "#117=IFCANNOTATION('0000000000000000000117',$,'a',$,$,$,$);\n"
        + _relation(120, "VOIDSELEMENT", "#100,#110")
        + _relation(121, "FILLSELEMENT", "#110,#111")
        + _relation(122, "AGGREGATES", "#100,(#116)")
        + _relation(123, "AGGREGATES", "#6,(#112)")
        + _relation(124, "CONTAINEDINSPATIALSTRUCTURE", "(#115),#112")
        + _relation(125, "DEFINESBYTYPE", "(#100),#113")
    )
    rows = read_text(BASE + records, tmp_path)
    elements = _by_step(rows)
    assert {step: row["role"] for step, row in elements.items()} == {
        "#5": "location",
        "#6": "location",
        "#100": "physical",
        "#110": "opening",
        "#111": "physical",
        "#112": "space",
        "#113": "type",
        "#114": "annotation",
        "#115": "physical",
        "#116": "part",
        "#117": "annotation",
    }
    for step in ("#100", "#110", "#111", "#112", "#115", "#116"):
        assert elements[step]["storey_name"] == "S", step
        assert elements[step]["building_name"] == "B", step
    assert elements["#100"]["storey_elevation_m"] == 3.0
    assert elements["#115"]["space_name"] == "s"
    assert elements["#110"]["parent_id"] == elements["#100"]["element_id"]
    assert elements["#116"]["parent_id"] == elements["#100"]["element_id"]
    assert elements["#111"]["parent_id"] is None
    assert (elements["#100"]["type_id"], elements["#100"]["type_name"]) == (
        "0000000000000000000113",
        "t",
    )
    assert elements["#100"]["predefined_type"] == "STANDARD"
    links = {(r["from_element_id"], r["to_element_id"], r["kind"]) for r in rows["relations"]}
    wall = "2XQ$n5SLP5MBLyL442paFx"
    assert links == {
        ("0000000000000000000110", wall, "voids"),
        ("0000000000000000000111", "0000000000000000000110", "fills"),
        ("0000000000000000000116", wall, "part_of"),
    }
    attributes = [row for row in rows["quantities"] if row["origin"] == "attribute"]
    assert {(row["quantity"], row["value"]) for row in attributes} == {
        ("Height", 2.1),
        ("Width", 0.9),
    }
    assert rows["warnings"] == []


def test_two_buildings_of_one_name_stay_two(tmp_path: Path) -> None:
    records = (
        "#40=IFCBUILDING('0000000000000000000040',$,'B',$,$,$,$,$,.ELEMENT.,$,$,$);\n"
        "#41=IFCBUILDINGSTOREY('0000000000000000000041',$,'S',$,$,$,$,$,.ELEMENT.,0.);\n"
        + _relation(42, "AGGREGATES", "#1,(#40)")
        + _relation(43, "AGGREGATES", "#40,(#41)")
        + WALL.replace("#100", "#150").replace("paFx", "paFy")
        + _relation(44, "CONTAINEDINSPATIALSTRUCTURE", "(#150),#41")
    )
    rows = read_text(BASE + records, tmp_path)
    one, other = (_by_step(rows)[step] for step in ("#100", "#150"))
    assert one["building_name"] == other["building_name"] == "B"
    assert one["building_id"] != other["building_id"]
    assert one["storey_id"] != other["storey_id"]
    buildings = [row for row in rows["locations"] if row["kind"] == "building"]
    assert {row["location_id"] for row in buildings} == {one["building_id"], other["building_id"]}
    (project,) = [row for row in rows["locations"] if row["kind"] == "project"]
    assert {row["parent_id"] for row in buildings} == {project["location_id"]}


def test_an_element_on_no_storey_is_named(tmp_path: Path) -> None:
    rows = read_text(BASE + WALL.replace("#100", "#150").replace("paFx", "paFy"), tmp_path)
    (warning,) = rows["warnings"]
    assert (warning["code"], warning["element_id"]) == ("no_storey", "2XQ$n5SLP5MBLyL442paFy")
    assert _by_step(rows)["#150"]["storey_id"] is None


def test_wholes_that_contain_each_other_do_not_hang_the_reader(tmp_path: Path) -> None:
    other = WALL.replace("#100", "#150").replace("paFx", "paFy")
    records = other + _relation(151, "AGGREGATES", "#100,(#150)")
    records += _relation(152, "AGGREGATES", "#150,(#100)")
    rows = read_text(BASE + records, tmp_path)
    assert _by_step(rows)["#150"]["storey_name"] == "S"
    assert {(row["code"], row["source_row"]) for row in rows["warnings"]} == {
        ("part_of_itself", 100),
        ("part_of_itself", 150),
    }


def test_figures_of_nested_quantities_have_the_path_as_name(tmp_path: Path) -> None:
    records = (
        "#200=IFCQUANTITYLENGTH('L',$,$,10.,$);\n#201=IFCQUANTITYLENGTH('L',$,$,20.,$);\n"
        "#202=IFCPHYSICALCOMPLEXQUANTITY('Layer',$,(#201),'x',$,$);\n"
        "#203=IFCPHYSICALCOMPLEXQUANTITY('Layers',$,(#202),'x',$,$);\n"
        "#210=IFCELEMENTQUANTITY('0000000000000000000210',$,'Q',$,$,(#200,#203,#200));\n"
        + _relation(211, "DEFINESBYPROPERTIES", "(#100),#210")
    )
    rows = read_text(BASE + records, tmp_path)["quantities"]
    assert [(row["source_name"], row["value"], row["ordinal"]) for row in rows] == [
        ("L", 0.01, 0),
        ("Layers/Layer/L", 0.02, 1),
        ("L", 0.01, 2),
    ]


def test_type_figures_are_repeated_unless_the_occurrence_has_its_own(tmp_path: Path) -> None:
    records = (
        "#200=IFCQUANTITYLENGTH('Width',$,$,200.,$);\n"
        "#201=IFCQUANTITYLENGTH('Height',$,$,3000.,$);\n"
        "#202=IFCELEMENTQUANTITY('0000000000000000000202',$,'Q',$,$,(#200,#201));\n"
        "#203=IFCWALLTYPE('0000000000000000000203',$,'t',$,$,(#202),$,$,$,.STANDARD.);\n"
        "#204=IFCQUANTITYLENGTH('Width',$,$,210.,$);\n"
        "#205=IFCELEMENTQUANTITY('0000000000000000000205',$,'Q',$,$,(#204));\n"
        + _relation(206, "DEFINESBYPROPERTIES", "(#100),#205")
        + _relation(207, "DEFINESBYTYPE", "(#100),#203")
    )
    rows = read_text(BASE + records, tmp_path)["quantities"]
    found = {(row["element_id"][:5], row["origin"], row["quantity"], row["value"]) for row in rows}
    assert found == {
        ("2XQ$n", "qto", "Width", 0.21),
        ("2XQ$n", "type", "Height", 3.0),
        ("00000", "qto", "Width", 0.2),
        ("00000", "qto", "Height", 3.0),
    }


def test_every_kind_of_property_keeps_what_the_file_types(tmp_path: Path) -> None:
    records = (
        "#300=IFCPROPERTYSINGLEVALUE('mark',$,IFCLABEL('007'),$);\n"
        "#301=IFCPROPERTYSINGLEVALUE('real',$,IFCREAL(1.5),$);\n"
        "#302=IFCPROPERTYSINGLEVALUE('flag',$,IFCBOOLEAN(.F.),$);\n"
        "#303=IFCPROPERTYSINGLEVALUE('logical',$,IFCLOGICAL(.U.),$);\n"
        "#304=IFCPROPERTYSINGLEVALUE('empty',$,$,$);\n"
        "#305=IFCPROPERTYENUMERATEDVALUE('choice',$,(IFCLABEL('NEW'),IFCLABEL('OLD')),$);\n"
        "#306=IFCPROPERTYBOUNDEDVALUE('range',$,IFCLENGTHMEASURE(9.),IFCLENGTHMEASURE(1.),$,$);\n"
        "#307=IFCPROPERTYLISTVALUE('list',$,(IFCINTEGER(1),IFCINTEGER(2)),$);\n"
        "#308=IFCPROPERTYTABLEVALUE('table',$,(IFCREAL(1.)),(IFCREAL(2.)),$,$,$,$);\n"
        "#309=IFCMATERIAL('steel',$,$);\n"
        "#310=IFCPROPERTYREFERENCEVALUE('ref',$,$,#309);\n"
        "#311=IFCCOMPLEXPROPERTY('outer',$,'u',(#300,#312));\n"
        "#312=IFCCOMPLEXPROPERTY('inner',$,'u',(#301));\n"
        "#313=IFCPROPERTYSINGLEVALUE('length',$,IFCPOSITIVELENGTHMEASURE(2000.),$);\n"
        "#320=IFCPROPERTYSET('0000000000000000000320',$,'S',$,"
        "(#300,#301,#302,#303,#304,#305,#306,#307,#308,#310,#311,#313));\n"
        "#321=IFCDOORLININGPROPERTIES('0000000000000000000321',$,'D',$,50.,$,$,$,$,$,$,$,$,$,$,$,$);\n"
        + _relation(322, "DEFINESBYPROPERTIES", "(#100),#320")
        + _relation(323, "DEFINESBYPROPERTIES", "(#100),#321")
    )
    wall = "#100=IFCWALL('2XQ$n5SLP5MBLyL442paFx',$,'W','about it','T',$,$,'M7',.NOTDEFINED.);\n"
    rows = read_text(BASE.replace(WALL, wall) + records, tmp_path)
    found = [
        (r["set_name"], r["name"], r["value_kind"], r["text"], r["number"], r["flag"], r["unit"])
        for r in sorted(rows["properties"], key=lambda r: (r["element_no"], r["ordinal"]))
        if r["element_id"] == "2XQ$n5SLP5MBLyL442paFx"
    ]
    assert found == [
        (None, "Description", "text", "about it", None, None, None),
        (None, "ObjectType", "text", "T", None, None, None),
        (None, "Tag", "text", "M7", None, None, None),
        (None, "PredefinedType", "text", "NOTDEFINED", None, None, None),
        ("S", "mark", "text", "007", None, None, None),
        ("S", "real", "number", None, 1.5, None, None),
        ("S", "flag", "flag", None, None, False, None),
        ("S", "logical", "text", "U", None, None, None),
        ("S", "empty", "none", None, None, None, None),
        ("S", "choice", "text", "NEW", None, None, None),
        ("S", "choice", "text", "OLD", None, None, None),
        ("S", "range/LowerBoundValue", "number", None, 1.0, None, "MILLI METRE"),
        ("S", "range/UpperBoundValue", "number", None, 9.0, None, "MILLI METRE"),
        ("S", "list", "number", None, 1.0, None, None),
        ("S", "list", "number", None, 2.0, None, None),
        ("S", "table/DefiningValues", "number", None, 1.0, None, None),
        ("S", "table/DefinedValues", "number", None, 2.0, None, None),
        ("S", "ref", "text", "IfcMaterial steel", None, None, None),
        ("S", "outer/mark", "text", "007", None, None, None),
        ("S", "outer/inner/real", "number", None, 1.5, None, None),
        ("S", "length", "number", None, 2000.0, None, "MILLI METRE"),
        ("D", "LiningDepth", "number", None, 50.0, None, "MILLI METRE"),
    ]
    (figure,) = rows["quantities"]
    assert (figure["origin"], figure["source_set"], figure["value"]) == ("pset", "S", 2.0)


def test_common_sets_fill_the_columns_the_occurrence_before_its_type(tmp_path: Path) -> None:
    records = (
        "#300=IFCPROPERTYSINGLEVALUE('IsExternal',$,IFCBOOLEAN(.T.),$);\n"
        "#301=IFCPROPERTYSINGLEVALUE('IsExternal',$,IFCBOOLEAN(.F.),$);\n"
        "#302=IFCPROPERTYSINGLEVALUE('LoadBearing',$,IFCBOOLEAN(.F.),$);\n"
        "#303=IFCPROPERTYENUMERATEDVALUE('Status',$,(IFCLABEL('EXISTING')),$);\n"
        "#310=IFCPROPERTYSET('0000000000000000000310',$,'Pset_WallCommon',$,(#300,#303));\n"
        "#311=IFCPROPERTYSET('0000000000000000000311',$,'Pset_WallCommon',$,(#301,#302));\n"
        "#312=IFCWALLTYPE('0000000000000000000312',$,'t',$,$,(#311),$,$,$,.STANDARD.);\n"
        + _relation(313, "DEFINESBYPROPERTIES", "(#100),#310")
        + _relation(314, "DEFINESBYTYPE", "(#100),#312")
    )
    wall = _by_step(read_text(BASE + records, tmp_path))["#100"]
    assert (wall["is_external"], wall["load_bearing"], wall["phase"]) == (True, False, "EXISTING")


@pytest.mark.parametrize(
    ("material", "expected"),
    [
        ("#400", [("single", "concrete", None, None)]),
        ("#402", [("layer", "concrete", 0.2, None), ("layer", None, 0.05, None)]),
        ("#404", [("layer", "concrete", 0.2, None), ("layer", None, 0.05, None)]),
        ("#406", [("constituent", "concrete", None, 0.25)]),
        ("#408", [("profile", "concrete", None, None)]),
        ("#409", [("list", "concrete", None, None), ("list", "concrete", None, None)]),
    ],
)
@pytest.mark.parametrize("on_type", [False, True])
def test_materials(
    tmp_path: Path, material: str, expected: list[tuple[Any, ...]], on_type: bool
) -> None:
    records = (
        "#400=IFCMATERIAL('concrete',$,$);\n"
        "#401=IFCMATERIALLAYER(#400,200.,$,$,$,$,$);\n#411=IFCMATERIALLAYER($,50.,.T.,$,$,$,$);\n"
        "#402=IFCMATERIALLAYERSET((#401,#411),$,$);\n"
        "#404=IFCMATERIALLAYERSETUSAGE(#402,.AXIS2.,.POSITIVE.,0.,$);\n"
        "#405=IFCMATERIALCONSTITUENT('c',$,#400,0.25,$);\n"
        "#406=IFCMATERIALCONSTITUENTSET('s',$,(#405));\n"
        "#407=IFCMATERIALPROFILE($,$,#400,$,$,$);\n#408=IFCMATERIALPROFILESET($,$,(#407),$);\n"
        "#409=IFCMATERIALLIST((#400,#400));\n"
        "#420=IFCWALLTYPE('0000000000000000000420',$,'t',$,$,$,$,$,$,.STANDARD.);\n"
        + _relation(421, "DEFINESBYTYPE", "(#100),#420")
        + _relation(422, "ASSOCIATESMATERIAL", f"({'#420' if on_type else '#100'}),{material}")
    )
    rows = read_text(BASE + records, tmp_path)["materials"]
    found = [
        (row["role"], row["material"], row["thickness_m"], row["share"])
        for row in rows
        if row["element_id"] == "2XQ$n5SLP5MBLyL442paFx"
    ]
    assert found == expected


def test_codes_of_the_element_and_its_type_with_nested_references(tmp_path: Path) -> None:
    records = (
        "#500=IFCCLASSIFICATION('maker','2nd',$,'NL/SfB',$,$,$);\n"
        "#501=IFCCLASSIFICATIONREFERENCE($,'21','walls',#500,$,$);\n"
        "#502=IFCCLASSIFICATIONREFERENCE($,'21.22','cavity walls',#501,$,$);\n"
        "#503=IFCCLASSIFICATIONREFERENCE($,'B2010',$,$,$,$);\n"
        "#504=IFCWALLTYPE('0000000000000000000504',$,'t',$,$,$,$,$,$,.STANDARD.);\n"
        + _relation(505, "DEFINESBYTYPE", "(#100),#504")
        + _relation(506, "ASSOCIATESCLASSIFICATION", "(#100),#502")
        + _relation(507, "ASSOCIATESCLASSIFICATION", "(#504),#503")
        + _relation(508, "ASSOCIATESCLASSIFICATION", "(#504),#502")
    )
    rows = read_text(BASE + records, tmp_path)["codes"]
    found = [
        (row["ordinal"], row["system"], row["edition"], row["code"], row["title"])
        for row in rows
        if row["element_id"] == "2XQ$n5SLP5MBLyL442paFx"
    ]
    assert found == [
        (0, "NL/SfB", "2nd", "21.22", "cavity walls"),
        (1, None, None, "B2010", None),
    ]


def test_systems_are_named_and_zones_are_none(tmp_path: Path) -> None:
    records = (
        "#600=IFCDISTRIBUTIONSYSTEM('0000000000000000000600',$,'heating',$,$,$,$);\n"
        "#601=IFCZONE('0000000000000000000601',$,'zone',$,$,$);\n"
        "#602=IFCRELASSIGNSTOGROUP('0000000000000000000602',$,$,$,(#100),$,#600);\n"
        "#603=IFCRELASSIGNSTOGROUP('0000000000000000000603',$,$,$,(#100),$,#601);\n"
    )
    assert _by_step(read_text(BASE + records, tmp_path))["#100"]["system"] == "heating"


def test_space_boundaries_lead_from_element_to_space(tmp_path: Path) -> None:
    records = (
        "#112=IFCSPACE('0000000000000000000112',$,'s',$,$,$,$,$,$,$,$);\n"
        + _relation(113, "AGGREGATES", "#6,(#112)")
        + _relation(114, "SPACEBOUNDARY", "#112,#100,$,.PHYSICAL.,.INTERNAL.")
    )
    (link,) = read_text(BASE + records, tmp_path)["relations"]
    assert (link["kind"], link["source_row"]) == ("bounds", 114)
    assert link["from_element_id"] == "2XQ$n5SLP5MBLyL442paFx"
    assert link["to_element_id"] == "0000000000000000000112"


@pytest.mark.parametrize(
    ("name", "tag", "authoring_id"),
    [
        ("'Basic Wall:Brick:138062'", "$", "138062"),
        ("'Stair:Big:151086:1'", "'151086'", "151086"),
        ("'Wall 12'", "'W-7'", None),
        ("'a:b'", "$", None),
    ],
)
def test_authoring_ids(tmp_path: Path, name: str, tag: str, authoring_id: str | None) -> None:
    wall = f"#100=IFCWALL('2XQ$n5SLP5MBLyL442paFx',$,{name},$,$,$,$,{tag},$);\n"
    element = _by_step(read_text(BASE.replace(WALL, wall), tmp_path))["#100"]
    assert element["authoring_id"] == authoring_id


@pytest.mark.parametrize("storeys", ["", STOREY])
def test_a_model_without_elements_says_so(tmp_path: Path, storeys: str) -> None:
    project = "#1=IFCPROJECT('0YvctVUKr0kugbFTf53O9L',$,'P',$,$,$,$,$,#2);\n"
    rows = read_text(project + ASSIGNED + UNITS + storeys, tmp_path)
    assert {row["role"] for row in rows["elements"]} <= {"location"}
    assert _codes_of(rows) == ["no_elements"]


def test_every_warning_code_is_explained(tmp_path: Path) -> None:
    records = BASE.replace("'2XQ$n5SLP5MBLyL442paFx'", "$") + "#900=IFCWALLL('x');\nx\n"
    codes = set(_codes_of(read_text(records, tmp_path)))
    assert codes == {"guid_missing", "class_unknown", "record_broken"}
    assert codes <= CODES.keys()
