"""The rows of an index: what is an element, what it carries, and in which words and units."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from autodesk_wire import (
    BUILDING,
    COLUMN,
    COLUMN_UNIQUE_ID,
    GRID,
    OPENING,
    ROOM,
    STOREY,
    TYPE,
    UNIQUE_ID,
    WALL,
    AutodeskWire,
    Turned,
    lines,
)
from small_lakes import Model, open_lake, rows

from takeoff.lake.layout import open_layout
from takeoff.sandbox import Sandbox

FORGE = "autodesk.unit.unit:"
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_$"
NAME = ("__name__", "name")
CATEGORY_ID = ("__categoryId__", "CategoryId")


def derived(unique_id: str) -> str:
    """The GlobalId of a Revit UniqueId, as section 10 of the contract has it."""
    number = uuid.UUID(unique_id[:36]).int ^ int(unique_id[37:], 16)
    digits = [(number >> (6 * place)) & 63 for place in range(21, -1, -1)]
    return "".join(ALPHABET[digit] for digit in digits)


def units(wire: AutodeskWire, job: dict[str, Any]) -> dict[tuple[str | None, str], str | None]:
    fields = lines(wire.get(job["fieldsUrl"]))
    return {(field["category"], field["name"]): field["uom"] for field in fields}


def test_the_worked_examples_of_the_contract() -> None:
    assert derived(UNIQUE_ID) == WALL
    assert derived(COLUMN_UNIQUE_ID) == COLUMN


def test_external_ids_are_unique_ids_from_which_guids_follow(autodesk: Turned) -> None:
    wire = autodesk()
    job = wire.finished()
    guid = wire.keys(job)["IFC Parameters", "IfcGUID"]
    number = wire.keys(job)["__revit__", "ElementId"]
    found = {row["props"].get(guid): row for row in wire.rows(job).values()}
    assert found[WALL]["externalId"] == UNIQUE_ID
    assert found[COLUMN]["externalId"] == COLUMN_UNIQUE_ID
    for ifc_guid, row in found.items():
        if ifc_guid is not None:
            assert derived(row["externalId"]) == ifc_guid
            assert int(row["externalId"][37:], 16) == int(row["props"][number])


def test_no_guid_follows_where_the_lake_has_none(autodesk: Turned) -> None:
    wire = autodesk()
    job = wire.finished()
    [nameless] = [r for r in wire.rows(job).values() if "nameless" in r["props"].values()]
    assert len(nameless["externalId"]) == 36
    first = lines(wire.get(job["propertiesUrl"]))[0]
    assert first["externalId"].startswith("doc_")
    assert "Revit Document" in first["props"].values()


def test_the_field_ifc_guid_may_be_missing_or_junk(autodesk: Turned) -> None:
    wire = autodesk(autodesk_ifc_guid="none")
    job = wire.finished()
    assert ("IFC Parameters", "IfcGUID") not in wire.keys(job)
    assert UNIQUE_ID in wire.rows(job)
    wire = autodesk(autodesk_ifc_guid="junk")
    assert list(wire.named(wire.finished())) == ["not a GUID"]


def test_which_rows_are_elements(autodesk: Turned) -> None:
    """Those with views and _RC that are no annotations; see section 5.4 of the contract."""
    wire = autodesk()
    job = wire.finished()
    keys = wire.keys(job)
    rc = keys["__category__", "_RC"]
    name = keys[NAME]
    shown = {
        row["props"][name]: row["props"][rc] for row in wire.rows(job).values() if row["views"]
    }
    assert shown == {
        "{3D}": "Views",
        "Plan": "Views",
        "Erdgeschoß": "Levels",
        "A": "Grids",
        "O'Neil's “wall” ø": "Walls",
        "Stütze": "Structural Columns",
        "New": "Windows",
        "Room 1": "Rooms",
        "nameless": "Floors",
    }
    nodes = [row["props"] for row in wire.rows(job).values() if row["props"].get(rc) == "Walls"]
    categories = {props[keys["__category__", "Category"]] for props in nodes}
    assert categories == {
        "Revit Category",
        "Revit Family Name",
        "Revit Family Type",
        "Revit Walls",
    }


def test_only_what_can_be_drawn_has_a_place(autodesk: Turned) -> None:
    wire = autodesk()
    for row in wire.rows(wire.finished()).values():
        is_drawn = row["views"] != [] and "geomHash" in row
        assert ("bbox" in row) is is_drawn


@pytest.mark.parametrize(
    ("form", "keys"),
    [
        ("bbox", {"bbox"}),
        ("points", {"bboxMin", "bboxMax"}),
        ("arrays", {"bboxMin", "bboxMax"}),
        ("none", set()),
    ],
)
def test_the_extent_is_spelled_in_three_ways(autodesk: Turned, form: str, keys: set[str]) -> None:
    wire = autodesk(autodesk_bbox=form)
    row = wire.rows(wire.finished())[UNIQUE_ID]
    assert {key for key in row if key.startswith("bbox")} == keys
    if form == "points":
        assert row["bboxMin"].keys() == {"x", "y", "z"}
    if form == "arrays":
        assert len(row["bboxMax"]) == 3


def test_the_other_name_of_the_database(autodesk: Turned) -> None:
    wire = autodesk(autodesk_database_id="dbId")
    row = wire.rows(wire.finished())[UNIQUE_ID]
    assert "databaseId" not in row
    assert row["dbId"]


def test_a_wall_with_all_that_the_lake_has_of_it(autodesk: Turned) -> None:
    wire = autodesk()
    job = wire.finished(versionUrn=wire.urns[0])
    wall = wire.named(job)[WALL]
    level = next(row["lmvId"] for row in wire.rows(job).values() if level_name(row, wire, job))
    assert wall == {
        NAME: "O'Neil's “wall” ø",
        CATEGORY_ID: -2000011,
        ("__category__", "Category"): "Revit Walls",
        ("__category__", "_RC"): "Walls",
        ("__category__", "_RFN"): "Basic Wall",
        ("__category__", "_RFT"): "Basic Wall:W 200",
        ("__revit__", "ElementId"): "291086",
        ("__internalref__", "Level"): level,
        ("Constraints", "Base Constraint"): "Erdgeschoß",
        ("Identity Data", "Type Name"): "Basic Wall:W 200",
        ("Identity Data", "Mark"): "007",
        ("Identity Data", "Assembly Code"): "B2010",
        ("Identity Data", "Assembly Description"): "Exterior Walls",
        ("Data", "Classification.UNIFORMAT II.Number(2)"): "B2020",
        ("Data", "Classification.Uniclass.Number"): "EF_25_10",
        ("Data", "Classification.Uniclass.Description"): "Walls",
        ("Materials and Finishes", "Structural Material"): "Brick",
        ("Structural", "Structural"): True,
        ("IFC Parameters", "IfcGUID"): WALL,
        ("IFC Parameters", "Export to IFC As"): "IfcWallStandardCase",
        ("Pset_WallCommon", "FireRating"): "EI60",
        ("Pset_WallCommon", "IsExternal"): True,
        ("Site", "Note"): "None",
        ("Site", "Slope"): 12.5,
        ("Site", "Lux"): 3.0,
        ("Site", "Distance"): 2500.0,
        ("Dimensions", "Length"): 2641.6,
        ("Dimensions", "Volume"): 0.27622500001,
        ("Dimensions", "Area"): 6.658,
        ("Dimensions", "Layers"): 4.0,
        ("Dimensions", "Odd"): 7.5,
        (None, "NetVolume"): 0.25,
    }


def level_name(row: dict[str, Any], wire: AutodeskWire, job: dict[str, Any]) -> bool:
    return bool(row["props"].get(wire.keys(job)[CATEGORY_ID]) == -2000240)


def test_metric_units_are_forge_ids_and_differ_by_kind(autodesk: Turned) -> None:
    wire = autodesk()
    found = units(wire, wire.finished())
    assert found["Dimensions", "Length"] == f"{FORGE}millimeters-1.0.1"
    assert found["Dimensions", "Area"] == f"{FORGE}squareMeters-1.0.1"
    assert found["Dimensions", "Volume"] == f"{FORGE}cubicMeters-1.0.1"
    assert found["Site", "Slope"] == f"{FORGE}degrees-1.0.1"
    assert found["Site", "Lux"] == "LUX"
    assert found["Dimensions", "Odd"] == "cup"
    assert found["Dimensions", "Layers"] is None


def test_imperial_units_are_short_and_have_the_known_keys(autodesk: Turned) -> None:
    wire = autodesk(autodesk_units="imperial")
    job = wire.finished()
    found, keys = units(wire, job), wire.keys(job)
    for name, uom, key in (
        ("Length", "ft", "p15f8f5ec"),
        ("Area", "ft^2", "p10f4572e"),
        ("Volume", "ft^3", "p188478f2"),
    ):
        assert (found["Dimensions", name], keys["Dimensions", name]) == (uom, key)
    props = wire.rows(job)[UNIQUE_ID]["props"]
    assert props["p15f8f5ec"] * 0.3048 == pytest.approx(2.6416, rel=1e-12)
    assert props["p188478f2"] * 0.3048**3 == pytest.approx(0.3, rel=1e-12)
    level = wire.rows(job)[next(k for k, r in wire.rows(job).items() if "pdf1348b1" in r["props"])]
    assert level["props"]["pdf1348b1"] * 0.3048 == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("field", "key"),
    [
        (NAME, "p153cb174"),
        (("__category__", "Category"), "p5eddc473"),
        (("__category__", "_RC"), "p20d8441e"),
        (("__category__", "_RFN"), "p30db51f9"),
        (("__category__", "_RFT"), "p13b6b3a0"),
        (CATEGORY_ID, "pa7275c45"),
        (("__parent__", "parent"), "p93e93af5"),
        (("__revit__", "ElementId"), "pedfa76dc"),
        (("Identity Data", "Assembly Code"), "p54217060"),
        (("Identity Data", "Assembly Description"), "p63ed81bb"),
        (("Identity Data", "Mark"), "p8d70f1c5"),
        (("Identity Data", "Type Name"), "p09faf620"),
        (("Materials and Finishes", "Structural Material"), "p6637df3c"),
        (("Constraints", "Base Constraint"), "pebcd7501"),
        (("Constraints", "Base Level"), "pddd761c6"),
        (("Constraints", "Level"), "p01bbdcf2"),
        (("Other", "Project Name"), "pbf75ced9"),
        (("__document__", "schema_name"), "p74a9a490"),
    ],
)
def test_the_known_keys(autodesk: Turned, field: tuple[str, str], key: str) -> None:
    wire = autodesk()
    assert wire.keys(wire.finished())[field] == key


def test_parents_and_types_are_numbers_of_rows_and_volatile(autodesk: Turned) -> None:
    wire = autodesk()
    job = wire.finished()
    found = wire.rows(job)
    by_number = {row["lmvId"]: row for row in found.values()}
    guid = wire.keys(job)["IFC Parameters", "IfcGUID"]
    wall, by_guid = found[UNIQUE_ID], {r["props"].get(guid): r for r in found.values()}
    assert wall["propsIgnored"]["p6a81eafd"] == by_guid[TYPE]["lmvId"]
    assert by_guid[OPENING]["propsIgnored"]["p93e93af5"] == wall["lmvId"]
    assert by_guid[STOREY]["propsIgnored"]["p93e93af5"] == by_guid[BUILDING]["lmvId"]
    for row in found.values():
        assert set(row["propsIgnored"].values()) <= by_number.keys()
        assert row["svf2Id"] != row["lmvId"]


def test_another_language_has_other_words_and_keys(autodesk: Turned) -> None:
    wire = autodesk()
    english = wire.keys(wire.finished())
    wire = autodesk(autodesk_language="de")
    job = wire.finished()
    german = wire.keys(job)
    assert german[CATEGORY_ID] == english[CATEGORY_ID]
    assert german["ID-Daten", "Typname"] != english["Identity Data", "Type Name"]
    assert ("Identity Data", "Type Name") not in german
    wall = wire.rows(job)[UNIQUE_ID]["props"]
    assert wall[german["__category__", "_RC"]] == "Wände"
    assert wall[german[CATEGORY_ID]] == -2000011
    assert "Wände".encode() in wire.get(job["propertiesUrl"]).content


def test_a_model_of_an_ifc_file(autodesk: Turned) -> None:
    wire = autodesk(autodesk_source="ifc")
    assert wire.service.models[0].name == "villa.ifc"
    job = wire.finished()
    found = wire.rows(job)
    assert all(set(row) <= set("0123456789/") for row in found)
    keys = wire.keys(job)
    walls = [r for r in found.values() if r["props"].get(keys["IFC", "IfcGUID"]) == WALL]
    [wall] = walls
    assert wall["props"][keys["__category__", "_RC"]] == "IfcWallStandardCase"
    assert CATEGORY_ID not in keys
    assert ("__revit__", "ElementId") not in keys
    shown = {
        row["props"][keys["IFC", "IfcGUID"]]
        for row in found.values()
        if row["views"] and keys["IFC", "IfcGUID"] in row["props"]
    }
    assert {WALL, COLUMN, ROOM, GRID} <= shown
    assert not {OPENING, TYPE, STOREY} & shown


def test_models_take_turns_in_their_units(tmp_path: Path) -> None:
    for number in range(2):
        model = Model(f"m{number}").add(f"0bTurn000000000000000{number}")
        model.figure("Length", "3.048", source_set="Dimensions").commit(tmp_path / "lake")
    switches = {"autodesk_units": "mixed", "polls": "0"}
    with Sandbox(open_layout(tmp_path / "lake"), switches).start() as running:
        wire = AutodeskWire(running)
        seen = []
        for served in wire.service.models:
            urn = served.model_id.replace("dm.lineage:", "fs.file:vf.") + "?version=1"
            job = wire.finished(versionUrn=urn)
            seen.append(units(wire, job)["Dimensions", "Length"])
        assert seen == [f"{FORGE}millimeters-1.0.1", "ft"]


def test_ids_stay_with_a_row_from_version_to_version(autodesk: Turned) -> None:
    wire = autodesk()
    first, second = (wire.rows(wire.finished(versionUrn=urn)) for urn in wire.urns)
    both = first.keys() & second.keys()
    assert len(both) > 10
    for key in both:
        assert first[key]["svf2Id"] == second[key]["svf2Id"]
        assert first[key]["lmvId"] == second[key]["lmvId"]
        assert first[key]["databaseId"] != second[key]["databaseId"]
    gone = {row["svf2Id"] for row in first.values()} - {r["svf2Id"] for r in second.values()}
    new = {row["svf2Id"] for row in second.values()} - {r["svf2Id"] for r in first.values()}
    assert gone
    assert new
    assert min(new) > max(row["svf2Id"] for row in first.values())


def test_hostile_names_are_only_names(tmp_path: Path) -> None:
    model = Model("'; drop table rows; --", project_id="../..")
    model.add("$v0'\"\\\n", ifc_guid="0bEvil000000000000000'", name="', null); --\u202e\x00\x1f")
    model.figure("Length", "1", source_set="'\"); --", source_name="a\"b\\c'd")
    model.code("sys'tem", 'co"de', "ti\\tle").material("ma'terial")
    model.commit(tmp_path / "lake")
    with Sandbox(open_layout(tmp_path / "lake"), {"polls": "0"}).start() as running:
        wire = AutodeskWire(running)
        job = wire.finished()
        assert ("'\"); --", "a\"b\\c'd") in wire.keys(job)
        [row] = [r for r in wire.rows(job).values() if r["views"] and "geomHash" in r]
        assert "', null); --\u202e\x00\x1f" in row["props"].values()
        found = wire.query(job, {"$eq": ["s.svf2Id", row["svf2Id"]]})
        assert found[0]["props"] == row["props"]


def test_every_figure_of_the_lake_is_carried(autodesk: Turned, two_villas: Path) -> None:
    """In both kinds of units, to 12 digits."""
    with open_lake(two_villas) as engine:
        asked = (
            "select element_id, source_set, "
            "case when basis = 'authored' then source_name else quantity end, value, unit "
            "from quantities where value is not null and unit <> '1'"
        )
        figures = rows(engine, asked)
    factors = {
        "metric": {"m": 0.001, "m2": 1.0, "m3": 1.0},
        "imperial": {"m": 0.3048, "m2": 0.09290304, "m3": 0.028316846592},
    }
    for kind, by_unit in factors.items():
        wire = autodesk(autodesk_units=kind)
        named = wire.named(wire.finished())
        for element_id, source_set, name, value, unit in figures:
            sent = named[element_id][source_set, name]
            assert sent * by_unit[unit] == pytest.approx(value, rel=1e-12)
    assert len(figures) == 7
