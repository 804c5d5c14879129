"""Tables of the mapping Takeoff over raw HTTP: each value of the lake, in every spelling."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from itwin_wire import Itwin, federation_guid
from small_lakes import Model
from wire import (
    BUILDING,
    DOOR,
    FLOOR,
    SLAB,
    TWIN_IN_CASE,
    WALL,
    Serve,
    fetch,
    lake_of,
    port,
    row_of_walls,
)

LEADING = ["ECInstanceId", "ECClassId", "UserLabel", "BBoxLow", "BBoxHigh"]
QTO = "Qto_BaseQuantities"
_BOM = b"\xef\xbb\xbf"


@pytest.fixture
def house(serve: Serve, house_lake: Path) -> Itwin:
    return Itwin(serve(house_lake))


def test_one_group_a_class_and_one_row_an_element(house: Itwin) -> None:
    counts = {name: len(house.rows(name)) for name in house.groups()}
    # The wall whose GUID is another's and the one without a GUID are elements like any other.
    assert counts == {
        "BuildingStorey": 1,
        "Door": 1,
        "Slab": 1,
        "Space": 1,
        "Wall": 4,
        "WallType": 1,
    }


def test_every_table_begins_with_the_same_five_texts(house: Itwin) -> None:
    for entity in house.entities().values():
        leading = entity["attributes"][:5]
        assert [attribute["name"] for attribute in leading] == LEADING
        assert {attribute["dataType"] for attribute in leading} == {"string"}


def test_federation_guid_is_the_same_128_bits(house: Itwin) -> None:
    ec = house.properties("Wall")["FederationGuid"]["ecProperties"]
    told = {"ecSchemaName": "BisCore", "ecClassName": "Element", "ecPropertyName": "FederationGuid"}
    assert ec == [told]
    guids = [row["FederationGuid"] for row in house.rows("Wall")]
    expected = [federation_guid(guid) for guid in (WALL, WALL, TWIN_IN_CASE)]
    assert sorted(guid or "" for guid in guids) == sorted([*expected, ""])


def test_a_known_guid_in_both_forms() -> None:
    # Worked out by hand: digit 1 is 1, so the 126th bit from the end of 22 digits of 6 bits.
    assert federation_guid("1000000000000000000000") == "40000000-0000-0000-0000-000000000000"
    assert federation_guid("000000000000000000000$") == "00000000-0000-0000-0000-00000000003f"


def test_what_stands_in_columns_of_its_own(house: Itwin) -> None:
    wall = house.row("Wall", federation_guid(WALL))
    assert wall["Name"] == wall["UserLabel"] == 'The "long" wall\n'
    told = {name: wall[name] for name in ("IfcClass", "Building", "Storey", "BuildingId")}
    assert told == {
        "IfcClass": "IfcWall",
        "Building": "House",
        "Storey": "Ground",
        "BuildingId": BUILDING,
    }
    storey = house.rows("BuildingStorey")[0]
    assert wall["StoreyId"] == storey["ECInstanceId"]
    assert storey["FederationGuid"] is None, f"{FLOOR} is no GlobalId"


def test_figures_say_set_name_kind_and_unit(house: Itwin) -> None:
    volume = house.column("Wall", QTO, "NetVolume")
    item = house.properties("Wall")[volume]
    assert (item["dataType"], item["quantityType"]) == ("Double", "Volume")
    assert item["calculatedPropertyType"] is None
    wall = house.row("Wall", federation_guid(WALL))
    assert (wall[volume], wall[f"{volume}_unit"]) == ("3.1", "u:M3")
    unit = house.properties("Wall")[f"{volume}_unit"]
    assert unit["dataType"] == "String"
    assert unit["formula"] == f"getpersistenceunit({volume})"
    assert house.row("Wall", federation_guid(TWIN_IN_CASE))[volume] == "0.1"


def test_a_double_keeps_all_its_digits(house: Itwin) -> None:
    wall = house.row("Wall", federation_guid(WALL))
    gross = wall[house.column("Wall", QTO, "GrossVolume")]
    assert float(gross or "nan") == float("123456.123456789012")


def test_geometry_is_calculated_by_the_service(house: Itwin) -> None:
    properties = house.properties("Wall")
    assert properties["NetVolume"]["calculatedPropertyType"] == "Volume"
    assert properties["NetSurfaceArea"]["calculatedPropertyType"] == "Area"
    assert properties["NetVolume"]["ecProperties"] == []
    wall = house.row("Wall", federation_guid(WALL))
    assert (wall["NetVolume"], wall["NetSurfaceArea"]) == ("3.3", "9.75")
    assert house.rows("Door")[0]["NetVolume"] == "0.05"


def test_geometry_that_no_type_fits_is_an_ec_property(serve_new: Serve, tmp_path: Path) -> None:
    model = Model("geometry").add("0kkkkkkkkkkkkkkkkkkkkk").add("0lllllllllllllllllllll")
    model.figure("Length", "7", basis="computed", source_name="longest_extent")
    model.add("0mmmmmmmmmmmmmmmmmmmmm")
    model.figure("Length", "5", basis="computed", source_name="extent_along")
    house = Itwin(serve_new(lake_of(tmp_path / "lake", model)))
    properties = house.properties("Wall")
    assert properties["Length"]["calculatedPropertyType"] == "BoundingBoxLongestEdgeLength"
    other = house.column("Wall", "Geometry", "Length")
    assert properties[other]["calculatedPropertyType"] is None
    rows = [(row["Length"], row[other]) for row in house.rows("Wall")]
    assert rows == [(None, None), ("7", None), (None, "5")]


def test_a_value_of_another_kind_has_a_column_of_its_own(serve_new: Serve, tmp_path: Path) -> None:
    model = Model("kinds")
    for guid, kind, value in (
        ("0nnnnnnnnnnnnnnnnnnnnn", "text", "x"),
        ("0ooooooooooooooooooooo", "number", 2.0),
    ):
        model.add(guid)
        told = {"value_kind": kind, kind: value, "set_name": "S", "name": "N", "ordinal": 0}
        last = {key: model.rows["elements"][-1][key] for key in ("element_id", "element_no")}
        trace = {"evidence_no": 0, "source_row": 1}
        model.rows.setdefault("properties", []).append(last | told | trace)
    house = Itwin(serve_new(lake_of(tmp_path / "lake", model)))
    text = house.column("Wall", "S", "N", dataType="String")
    number = house.column("Wall", "S", "N", dataType="Double")
    assert [(row[text], row[number]) for row in house.rows("Wall")] == [("x", None), (None, "2")]


def test_figures_of_property_sets_stand_beside_their_properties(house: Itwin) -> None:
    wall = house.row("Wall", federation_guid(WALL))
    figure = house.column("Wall", "Site", "Distance", quantityType="Distance")
    written = house.column("Wall", "Site", "Distance", quantityType=None)
    assert (wall[figure], wall[f"{figure}_unit"]) == ("2.5", "u:M")
    assert (wall[written], wall[f"{written}_unit"]) == ("2500", "MILLI METRE")


def test_properties_keep_their_types(house: Itwin) -> None:
    wall = house.row("Wall", federation_guid(WALL))
    types = {name: item["dataType"] for name, item in house.properties("Wall").items()}
    rating = house.column("Wall", "Pset_WallCommon", "FireRating")
    bearing = house.column("Wall", "Pset_WallCommon", "LoadBearing")
    mark = house.column("Wall", "Pset_WallCommon", "Mark")
    other = house.column("Wall", "Other", "FireRating")
    assert (wall[rating], types[rating]) == ("EI60", "String")
    assert (wall[bearing], types[bearing]) == ("true", "Boolean")
    assert (wall[mark], types[mark]) == ("007", "String")
    assert wall[other] == "the second of its name"


def test_attributes_without_a_set_have_the_class_for_one(house: Itwin) -> None:
    name = house.column("BuildingStorey", "IfcBuildingStorey", "LongName")
    assert house.rows("BuildingStorey")[0][name] == "Ground floor"


def test_codes_have_their_system_for_a_class(house: Itwin) -> None:
    wall = house.row("Wall", federation_guid(WALL))
    first, second = (
        next(
            item["propertyName"]
            for item in house.properties("Wall").values()
            for ec in item["ecProperties"]
            if (ec["ecSchemaName"], ec["ecClassName"]) == (schema, "NL-SfB")
            and ec["ecPropertyName"] == "Identification"
        )
        for schema in ("IfcClassification", "IfcClassification_2")
    )
    assert (wall[first], wall[second]) == ("21.11", "21.12")
    assert wall[house.column("Wall", "NL-SfB", "Name")] == "Outer walls"
    assert wall[house.column("Wall", "House codes", "Identification")] == "A-1"


def test_materials_in_their_order(house: Itwin) -> None:
    wall = house.row("Wall", federation_guid(WALL))
    names = [f"Material_{place}{word}" for place in (1, 2) for word in ("", "_Role", "_Thickness")]
    assert [wall[name] for name in names] == ["Brick", "layer", "0.1", "Air", "layer", "0.04"]


def test_instance_ids_are_hex_distinct_and_stay(serve_new: Serve, house_lake: Path) -> None:
    ids = []
    for _ in range(2):
        house = Itwin(serve_new(house_lake))
        ids.append([row["ECInstanceId"] for name in house.groups() for row in house.rows(name)])
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 9
    assert all(one is not None and 0 < int(one, 16) < 2**64 and one[:2] == "0x" for one in ids[0])


def test_class_ids_are_hex_or_names(serve: Serve, house_lake: Path) -> None:
    ids = {row["ECClassId"] for row in Itwin(serve(house_lake)).rows("Wall")}
    assert len(ids) == 1
    assert int(ids.pop() or "", 16) > 0
    named = Itwin(serve(house_lake, itwin_class_id="name")).rows("Slab")
    assert [row["ECClassId"] for row in named] == ["Ifc.IfcSlab"]


@pytest.mark.parametrize(
    ("switches", "told"),
    [
        ({"itwin_units": "m"}, ("8", "u:M2")),
        ({"itwin_units": "mm"}, ("8000000", "u:MM2")),
        ({"itwin_units": "unknown"}, ("8", "u:HOUSE_UNIT")),
        ({"itwin_units": "none"}, ("8", None)),
        ({"itwin_unit_spelling": "named"}, ("8", "SQ_M")),
        ({"itwin_unit_spelling": "plain"}, ("8", "m2")),
        ({"itwin_units": "mm", "itwin_unit_spelling": "named"}, ("8000000", "SQ_MM")),
        ({"itwin_null_quantities": "yes"}, (None, None)),
    ],
)
def test_persistence_units(
    serve: Serve, house_lake: Path, switches: dict[str, str], told: tuple[str | None, ...]
) -> None:
    house = Itwin(serve(house_lake, **switches))
    area = house.column("Slab", QTO, "NetArea")
    slab = house.row("Slab", federation_guid(SLAB))
    assert (slab[area], slab[f"{area}_unit"]) == told


def test_millimetres_are_the_figure_in_si_within_1e_9(serve: Serve, house_lake: Path) -> None:
    house = Itwin(serve(house_lake, itwin_units="mm"))
    wall = house.row("Wall", federation_guid(WALL))
    gross = float(wall[house.column("Wall", QTO, "GrossVolume")] or "nan") * 1e-9
    assert gross == pytest.approx(123456.123456789012, rel=1e-12)
    assert wall["NetVolume"] == "3.3", "what the service calculates is in metres"


def test_calculated_values_may_have_no_unit(serve: Serve, house_lake: Path) -> None:
    house = Itwin(serve(house_lake, itwin_calculated_unit="null"))
    door = house.row("Door", federation_guid(DOOR))
    assert (door["NetVolume"], door["NetVolume_unit"]) == ("0.05", None)


def test_a_partition_is_rfc_4180(house: Itwin) -> None:
    answer = house.partition("Wall/part00000.csv")
    assert answer.headers["Content-Type"].startswith("text/csv")
    lines = answer.content.split(b"\n")
    assert lines[0].startswith(b"ECInstanceId,ECClassId,UserLabel,BBoxLow,BBoxHigh,")
    assert b',"The ""long"" wall\n",' in answer.content
    assert answer.content.endswith(b"\n")
    assert b"\r" not in answer.content


@pytest.mark.parametrize(
    ("switches", "there", "not_there"),
    [
        ({"itwin_csv_header": "no"}, b"The", b"ECInstanceId"),
        ({"itwin_csv_null": "quoted"}, b',"",', b",,"),
        ({"itwin_csv_null": "null"}, b",null,", b",,"),
        ({"itwin_csv_quotes": "all"}, b'"ECInstanceId","ECClassId",', b",EI60,"),
        ({"itwin_csv_lines": "crlf"}, b",\r\n0x2", b",\n0x2"),
        ({"itwin_csv_bom": "yes"}, _BOM + b"ECInstanceId", b"never"),
    ],
)
def test_csv_spellings(
    serve: Serve, house_lake: Path, switches: dict[str, str], there: bytes, not_there: bytes
) -> None:
    content = Itwin(serve(house_lake, **switches)).partition("Wall/part00000.csv").content
    assert there in content
    assert not_there not in content


def test_an_empty_text_is_not_a_null(serve_new: Serve, tmp_path: Path) -> None:
    model = Model("texts").add("0eeeeeeeeeeeeeeeeeeeee", name="")
    house = Itwin(serve_new(lake_of(tmp_path / "lake", model)))
    fields = house.partition("Wall/part00000.csv").content.splitlines()[1].split(b",")
    assert fields[2:5] == [b'""', b"", b""]


@pytest.mark.parametrize(
    ("word", "content_type"),
    [("csv", "text/csv"), ("octets", "application/octet-stream"), ("text", "text/plain")],
)
def test_content_types_of_partitions(
    serve: Serve, house_lake: Path, word: str, content_type: str
) -> None:
    answer = Itwin(serve(house_lake, itwin_csv_type=word)).partition("Wall/part00000.csv")
    assert answer.headers["Content-Type"].startswith(content_type)


def test_several_partitions_have_each_row_once(serve: Serve, walls_lake: Path) -> None:
    walls = Itwin(serve(walls_lake, itwin_partitions="4"))
    parts = walls.entities()["Wall"]["partitions"]
    assert [part["location"] for part in parts] == [f"Wall/part0000{n}.csv" for n in range(4)]
    names = [row["Name"] for row in walls.rows("Wall")]
    assert names == [f"{number:022d}" for number in range(25)]


def test_partitions_may_lie_in_the_storage(serve: Serve, house_lake: Path) -> None:
    at_once = Itwin(serve(house_lake)).partition("Door/part00000.csv")
    house = Itwin(serve(house_lake, itwin_partition_redirect="storage"))
    answer = house.partition("Door/part00000.csv")
    location = answer.headers["Location"]
    assert answer.status_code == 302
    assert port(location) == port(house.running.storage_url) != port(house.base_url)
    assert fetch(location).content == at_once.content
    refused = fetch(location, headers=house.headers)
    assert refused.status_code == 400, "the storage wants no header of ours"


def test_partitions_may_lie_at_another_path(serve: Serve, house_lake: Path) -> None:
    house = Itwin(serve(house_lake, itwin_partition_redirect="relative"))
    answer = house.partition("Door/part00000.csv")
    location = answer.headers["Location"]
    assert (answer.status_code, location[0]) == (302, "/")
    assert house.get(location).content.startswith(b"ECInstanceId,")


def test_there_is_no_other_partition(house: Itwin) -> None:
    for location in ("Wall/part00001.csv", "Wall", "Roof/part00000.csv", "../Wall/part00000.csv"):
        assert house.partition(location).status_code == 404


def test_a_table_capped_at_100_rows(serve_new: Serve, tmp_path: Path) -> None:
    many = Itwin(serve_new(lake_of(tmp_path / "lake", row_of_walls(130)), itwin_capped="yes"))
    assert len(many.rows("Wall")) == 100
    many.running.turn(itwin_capped="no")
    assert len(many.rows("Wall")) == 130


def test_what_the_source_wrote(serve_new: Serve, tmp_path: Path) -> None:
    model = Model("written").add("0fffffffffffffffffffff")
    model.figure("Width", "0.3", source_value="300", source_unit="MILLI METRE")
    model.figure("Height", None, source_value="7.5", source_unit="CUBIT", unit=None)
    lake = lake_of(tmp_path / "lake", model)
    house = Itwin(serve_new(lake))
    width, height = (house.column("Wall", QTO, name) for name in ("Width", "Height"))
    wall = house.rows("Wall")[0]
    assert [wall[width], wall[f"{width}_unit"]] == ["0.3", "u:M"]
    # A unit that the lake does not know goes as it is, with the source's own number.
    assert [wall[height], wall[f"{height}_unit"]] == ["7.5", "CUBIT"]
    house.running.turn(itwin_units="written")
    wall = house.rows("Wall")[0]
    assert [wall[width], wall[f"{width}_unit"]] == ["300", "MILLI METRE"]


def test_the_second_figure_of_one_name_is_not_lost(serve_new: Serve, tmp_path: Path) -> None:
    model = Model("twice").add("0ggggggggggggggggggggg")
    model.figure("NetVolume", "1.5").figure("NetVolume", "2.5")
    house = Itwin(serve_new(lake_of(tmp_path / "lake", model)))
    names = {
        ec["ecSchemaName"]: name
        for name, item in house.properties("Wall").items()
        for ec in item["ecProperties"]
        if ec["ecPropertyName"] == "NetVolume"
    }
    wall = house.rows("Wall")[0]
    assert {schema: wall[name] for schema, name in names.items()} == {
        "IfcQuantity": "1.5",
        "IfcQuantity_2": "2.5",
    }


def test_what_a_lake_of_itwin_knows_keeps_its_ids(serve_new: Serve, tmp_path: Path) -> None:
    itwin_id, imodel_id = (f"0000000{n}-1111-4222-8333-444444444444" for n in (1, 2))
    model = Model(imodel_id, vendor="itwin", project_id=itwin_id)
    model.add("0x20000000123", source_id="0x20000000123", ifc_guid=None)
    wire = Itwin(serve_new(lake_of(tmp_path / "lake", model)))
    assert (wire.itwin_id, wire.imodel_id) == (itwin_id, imodel_id)
    row = wire.rows("Wall")[0]
    assert row["ECInstanceId"] == "0x20000000123"
    assert "SourceId" not in row


def test_names_of_columns_are_identifiers_and_differ(serve_new: Serve, tmp_path: Path) -> None:
    model = Model("names").add("0hhhhhhhhhhhhhhhhhhhhh", ifc_class=None, source_class="2 walls!")
    for name in ("a b", "a-b", "A_B", "9", "Ä", "name"):
        model.figure(None, "1", source_name=name)
    house = Itwin(serve_new(lake_of(tmp_path / "lake", model)))
    [group] = house.groups()
    names = list(house.properties(group))
    assert all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) for name in [group, *names])
    assert len({name.lower() for name in names}) == len(names)
    told = {
        ec["ecPropertyName"]
        for item in house.properties(group).values()
        for ec in item["ecProperties"]
    }
    assert {"a b", "a-b", "A_B", "9", "Ä", "name"} <= told
