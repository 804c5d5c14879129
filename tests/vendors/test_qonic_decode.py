"""What the decoder makes of hand-cut answers, table by table."""

from __future__ import annotations

import json
import math
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from qonic_rows import (
    RECORDED,
    asked_for,
    decoded,
    documents,
    page,
    query,
    recorded,
    result,
)

from takeoff.core.errors import NotUnderstood
from takeoff.core.units import exact
from takeoff.vendors.qonic import rows
from takeoff.vendors.qonic.asked import Sum
from takeoff.vendors.qonic.cite import cite
from takeoff.vendors.qonic.rows import RowReader, as_seen

A, B = "0$aaBBccDDeeFFggHHiiJJ", "0$aaBBccDDeeFFggHHiiJj"
WALL = {"Guid": A, "Class": "Wall", "Name": "W"}
LOOKUPS = ("codifications", "codification_L1", "codification_L2", "materials", "locations")


def prop(set_name: str | None, value: Any) -> dict[str, Any]:
    return {"PropertySet": set_name, "Value": value}


@pytest.fixture
def library(tmp_path: Path) -> dict[str, list[dict[str, Any]]]:
    """All recorded answers of one model, decoded."""
    some = ("available_1", "available_2", "products_1", "products_2", *LOOKUPS)
    answers = [recorded(name) for name in (*some, "custom_properties", "dynamic", "quantities")]
    return decoded(tmp_path, [*answers, asked_for(Sum("op-1", ()))])


@pytest.mark.parametrize("path", sorted(RECORDED.glob("*.json")), ids=lambda path: path.stem)
def test_every_recorded_answer_says_what_it_follows(path: Path) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["follows"].startswith("contract section")
    assert content["path"].startswith("/")


def test_elements_have_role_class_and_place(library: dict[str, list[dict[str, Any]]]) -> None:
    told = [
        (row["element_id"], row["ifc_class"], row["source_class"], row["role"], row["storey_id"])
        for row in library["elements"]
    ]
    assert told == [
        (A, "Wall", "Wall", "physical", "f1"),
        (B, "Wall", "IfcWallStandardCase", "physical", "f2"),
        ("1Space00000000000000_$", "Space", "Space", "space", "f1"),
        ("2Open0000000000000000_", "OpeningElement", "OpeningElement", "opening", "f1"),
    ]
    assert {row["building_id"] for row in library["elements"]} == {"b1"}
    assert [row["space_name"] for row in library["elements"]] == [None, None, "Hall", None]


def test_one_code_row_for_each_library_and_identification(
    library: dict[str, list[dict[str, Any]]],
) -> None:
    told = [
        (row["element_no"], row["system"], row["edition"], row["code"], row["title"])
        for row in library["codes"]
    ]
    assert told == [
        (0, "NL-SfB", "2005", "21.11", "Outer walls"),
        (0, "Omni", None, "23-13", None),
        (3, "NL-SfB", "2005", "99", None),
    ]


def test_properties_keep_text_as_text_and_the_order_of_available_data(
    library: dict[str, list[dict[str, Any]]],
) -> None:
    told = [
        (row["set_name"], row["name"], row["value_kind"], row["text"], row["number"], row["unit"])
        for row in library["properties"]
        if row["element_no"] == 0
    ]
    assert told == [
        ("Pset_WallCommon", "FireRating", "text", "EI60", None, None),
        ("Pset_WallCommon", "LoadBearing", "flag", None, None, None),
        ("Pset_Own", "Mark", "text", "007", None, None),
        ("TestSet", "Cost", "number", None, 12.5, "EUR"),
        (None, "Label", "text", "x", None, None),
    ]


def test_figures_say_what_they_rest_on(library: dict[str, list[dict[str, Any]]]) -> None:
    told = {
        (row["element_no"], row["source_name"]): (
            row["basis"],
            row["origin"],
            row["value_exact"],
            row["unit"],
            row["unit_status"],
        )
        for row in library["quantities"]
        if row["element_no"] < 2
    }
    assert told == {
        (0, "NetVolume"): ("authored", "qto", Decimal("3.25"), "m3", "assumed"),
        (1, "NetVolume"): ("authored", "qto", Decimal("0.1"), "m3", "assumed"),
        (0, "Mass"): ("vendor_calculated", "dynamic", Decimal("812.5"), "kg", "assumed"),
        (1, "Mass"): ("vendor_calculated", "dynamic", Decimal(25), "kg", "assumed"),
        (1, "GrossFootPrintArea"): (
            "vendor_calculated",
            "dynamic",
            Decimal("1.5"),
            "m2",
            "assumed",
        ),
    }


def test_locations_are_a_tree_of_known_kinds(library: dict[str, list[dict[str, Any]]]) -> None:
    told = {
        row["location_id"]: (row["kind"], row["name"], row["parent_id"])
        for row in library["locations"]
    }
    assert told["b1"] == ("building", "Main", "p4")
    assert told["f1"] == ("storey", "L01", "b1")
    assert told["f9"] == ("storey", "L01", "b2")
    assert told["s1"] == ("space", "Hall", "f1")


def test_material_guids_get_their_names(library: dict[str, list[dict[str, Any]]]) -> None:
    assert [row["material"] for row in library["materials"]] == ["Concrete C30"]


@pytest.mark.parametrize(
    ("materials", "names"),
    [
        (["Gypsum", "m-steel"], ["Gypsum", "m-steel"]),
        (
            [[{"name": "Name", "value": "Gypsum"}, {"name": "Thickness", "value": 0.01}]],
            ["Gypsum"],
        ),
        ("", []),
        (None, []),
    ],
)
def test_materials_may_be_lists(tmp_path: Path, materials: Any, names: list[str]) -> None:
    rows = decoded(tmp_path, [(query(), page({**WALL, "MaterialLayerSet": materials}))])
    assert [row["material"] for row in rows["materials"]] == names


def test_materials_of_another_form_are_kept_as_a_property(tmp_path: Path) -> None:
    layers = {"Layers": [{"Material": "Gypsum"}]}
    rows = decoded(tmp_path, [(query(), page({**WALL, "MaterialLayerSet": layers}))])
    assert [json.loads(row["text"]) for row in rows["properties"]] == [layers]
    assert "material_unread" in [row["code"] for row in rows["warnings"]]


def test_a_product_that_comes_twice_in_equal_rows_is_one(tmp_path: Path) -> None:
    first, second = page(WALL), page({**WALL, "Guid": B}, WALL)
    rows = decoded(tmp_path, [(query(1), first), (query(2), second)])
    assert [row["element_id"] for row in rows["elements"]] == [A, B]
    assert [row["element_no"] for row in rows["elements"]] == [0, 1]
    assert [row["source_row"] for row in rows["elements"]] == [0, 0]
    repeated = [row for row in rows["warnings"] if row["code"] == "guid_repeated"]
    assert [(row["element_id"], row["source_row"]) for row in repeated] == [(A, 1)]


def test_a_product_that_comes_twice_in_different_rows_is_refused(tmp_path: Path) -> None:
    answers = [(query(1), page(WALL)), (query(2), page({**WALL, "Name": "other"}))]
    with pytest.raises(NotUnderstood, match="differ"):
        decoded(tmp_path, answers)


def test_a_row_without_guid_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotUnderstood, match="its row 1 has no Guid"):
        decoded(tmp_path, [(query(), page(WALL, {"Guid": "", "Class": "Wall"}))])


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    raw = b'{"result":[{"Guid":"x","Name":"a","Name":"b"}]}'
    with pytest.raises(NotUnderstood, match="'Name' is there twice"):
        decoded(tmp_path, [(query(), raw)])


@pytest.mark.parametrize(
    "value", [[1, 2], {"Unit": "m"}, [{"a": 1}]], ids=["list", "object", "objects"]
)
def test_a_value_of_unlisted_form_is_refused_with_its_beginning(tmp_path: Path, value: Any) -> None:
    answer = page({**WALL, "Odd": prop("Pset", value)})
    with pytest.raises(NotUnderstood) as refused:
        decoded(tmp_path, [(query(), answer)])
    assert json.dumps(answer)[:200] in str(refused.value)
    assert len(str(refused.value)) < 600


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ({"PropertySet": "P", "Value": "x"}, [("P", "x", None, None)]),
        ({"PropertySet": "P", "value": 2.5}, [("P", None, 2.5, None)]),
        ({"propertySet": "P", "value": False}, [("P", None, None, False)]),
        ("x", [(None, "x", None, None)]),
        (7, [(None, None, 7.0, None)]),
        ({"PropertySet": None, "Value": None}, []),
        ({"PropertySet": "", "Value": ""}, []),
        (None, []),
    ],
)
def test_property_values_in_all_listed_forms(
    tmp_path: Path, field: Any, told: list[tuple[Any, ...]]
) -> None:
    rows = decoded(tmp_path, [(query(), page({**WALL, "F": field}))])
    assert [
        (row["set_name"], row["text"], row["number"], row["flag"]) for row in rows["properties"]
    ] == told


def test_values_of_several_kinds_in_one_field_keep_their_kinds(tmp_path: Path) -> None:
    """Text, number and flag in one field, also where the pages before had one of them only."""
    values = ["007", 7, True, None, "", 1.5]
    fields = [
        *(prop("P", value) for value in values),
        "bare",
    ]
    first = page({**WALL, "F": prop("P", "only text")})
    second = page(*({"Guid": f"g{n}", "F": field} for n, field in enumerate(fields)))
    rows = decoded(tmp_path, [(query(1), first), (query(2), second)])
    told = [
        (row["element_id"], row["set_name"], row["text"], row["number"], row["flag"])
        for row in rows["properties"]
    ]
    assert told == [
        (A, "P", "only text", None, None),
        ("g0", "P", "007", None, None),
        ("g1", "P", None, 7.0, None),
        ("g2", "P", None, None, True),
        ("g5", "P", None, 1.5, None),
        ("g6", None, "bare", None, None),
    ]


def test_rows_do_not_depend_on_the_pages_before(tmp_path: Path) -> None:
    """A page is read alike whether the reader knows its shape already or learns it first."""
    pages = [
        page({"Guid": f"g{n}", "Class": "Wall", "X": prop("P", value), "Code": code})
        for n, (value, code) in enumerate(
            [(1, {}), ("a", "21"), (None, {"L": {"Identification": "2"}})]
        )
    ]
    together = decoded(tmp_path, [(query(n + 1), one) for n, one in enumerate(pages)])
    for number, one in enumerate(pages):
        alone = decoded(tmp_path / str(number), [(query(), one)])
        for table in ("properties", "codes"):
            for row in alone[table]:
                moved = {**row, "element_no": number, "evidence_no": number}
                assert moved in together[table]


@pytest.mark.parametrize("late", [{"Late": 1.5}, {"Mark": 7}, {"Mark": None}, {"Code": {"L": {}}}])
@pytest.mark.parametrize("filler", ["x" * 900, "},{" * 300])
def test_a_long_page_may_hold_late_what_its_first_rows_do_not(
    late: dict[str, Any], filler: str
) -> None:
    rows = [{"Guid": str(n), "Mark": "007", "Note": filler, "Code": None} for n in range(1_500)]
    rows[-1] |= late
    raw = json.dumps({"result": rows}, separators=(",", ":")).encode()
    found = RowReader().read(raw, "page 1").to_pylist()
    assert len(raw) > 1 << 20
    told = [{key: value for key, value in row.items() if value is not None} for row in rows]
    assert [as_seen(row) for row in found] == told


def test_objects_of_unknown_meaning_are_taken_apart(tmp_path: Path) -> None:
    rows = decoded(tmp_path, [(query(), page({**WALL, "Odd": {"A": "x", "B": {"C": 2}}}))])
    told = [(row["name"], row["text"], row["number"]) for row in rows["properties"]]
    assert told == [("Odd.A", "x", None), ("Odd.B.C", None, 2.0)]


def test_a_figure_written_as_text_keeps_its_text(tmp_path: Path) -> None:
    wall = {**WALL, "NetVolume": prop("Qto_WallBaseQuantities", "3.2500")}
    row = decoded(tmp_path, [(query(), page(wall))])["quantities"][0]
    assert (row["source_value"], row["value"]) == ("3.2500", 3.25)


def test_text_in_a_quantity_set_stays_a_property(tmp_path: Path) -> None:
    wall = {**WALL, "NetVolume": prop("Qto_WallBaseQuantities", "3,25")}
    rows = decoded(tmp_path, [(query(), page(wall))])
    assert not rows["quantities"]
    assert [row["text"] for row in rows["properties"]] == ["3,25"]
    assert "value_unreadable" in [row["code"] for row in rows["warnings"]]


def test_a_name_that_measures_nothing_known_has_no_value(tmp_path: Path) -> None:
    wall = {**WALL, "Fluffiness": prop("Qto_WallBaseQuantities", 3)}
    row = decoded(tmp_path, [(query(), page(wall))])["quantities"][0]
    assert (row["quantity"], row["kind"], row["value"], row["unit"]) == (None, "other", None, None)
    assert (row["source_value"], row["unit_status"]) == ("3", "unknown")


@pytest.mark.parametrize(
    ("unit", "value", "status"),
    [
        ("mm", Decimal("0.0025"), "own"),
        ("furlong", None, "unknown"),
        (None, Decimal("2.5"), "assumed"),
    ],
)
def test_custom_properties_name_units(
    tmp_path: Path, unit: str | None, value: Decimal | None, status: str
) -> None:
    definition = {"name": "Width", "measureType": "Length", "unitName": unit}
    sets = {"sets": [{"name": "BaseQuantities", "propertyDefinitions": [definition]}]}
    wall = {**WALL, "Width": prop("BaseQuantities", 2.5)}
    answers = [(query(), page(wall)), ("/projects/6234/customProperties", sets)]
    row = decoded(tmp_path, answers)["quantities"][0]
    assert (row["value_exact"], row["unit_status"], row["source_unit"]) == (value, status, unit)
    assert row["quantity"] == "Width"


def test_a_measured_property_is_figure_and_property(tmp_path: Path) -> None:
    definition = {"name": "Volume", "measureType": "IfcVolumeMeasure", "unitName": "l"}
    sets = {"sets": [{"name": "Own", "propertyDefinitions": [definition]}]}
    wall = {**WALL, "Volume": prop("Own", 250)}
    answers = [(query(), page(wall)), ("/projects/6234/customProperties", sets)]
    rows = decoded(tmp_path, answers)
    assert [(r["origin"], r["value_exact"]) for r in rows["quantities"]] == [
        ("pset", Decimal("0.25"))
    ]
    assert [(r["number"], r["unit"]) for r in rows["properties"]] == [(250.0, "l")]


def test_two_definitions_that_disagree_give_no_unit(tmp_path: Path) -> None:
    definitions = [{"name": "Width", "measureType": "Length", "unitName": u} for u in ("m", "mm")]
    sets = {"sets": [{"name": "BaseQuantities", "propertyDefinitions": definitions}]}
    wall = {**WALL, "Width": prop("BaseQuantities", 2.5)}
    answers = [(query(), page(wall)), ("/projects/6234/customProperties", sets)]
    row = decoded(tmp_path, answers)["quantities"][0]
    assert (row["value"], row["unit_status"], row["source_unit"]) == (None, "unknown", "m or mm")


def test_exact_values_are_those_of_the_core(tmp_path: Path) -> None:
    """Whole columns are converted at once; each must be what core.units.exact says of it."""
    chance = random.Random(5)
    numbers = [chance.uniform(-1, 1) * 10 ** chance.randint(-14, 19) for _ in range(400)]
    numbers += [0.0, 1e-13, 5e-13, 2.5e-12, 1.5e-12, 0.1, 1e19, 99999999999999999999.0, 1e-45]
    walls = [
        {"Guid": f"g{n}", "Class": "Wall", "NetVolume": prop("Qto_WallBaseQuantities", number)}
        for n, number in enumerate(numbers)
    ]
    rows = decoded(tmp_path, [(query(), page(*walls))])["quantities"]
    assert [row["value_exact"] for row in rows] == [exact(n, Decimal(1)) for n in numbers]


@pytest.mark.parametrize("number", [1e20, -1e300, math.inf, math.nan])
def test_a_figure_out_of_range_has_no_value_and_is_named(tmp_path: Path, number: float) -> None:
    wall = {**WALL, "NetVolume": prop("Qto_WallBaseQuantities", number)}
    rows = decoded(tmp_path, [(query(), page(wall))])
    assert [(r["value"], r["value_exact"]) for r in rows["quantities"]] == [(None, None)]
    assert "value_out_of_range" in [row["code"] for row in rows["warnings"]]


def test_spatial_location_without_look_up_keeps_names_and_the_deepest_id(tmp_path: Path) -> None:
    place = {"Site": "", "Building": "Main", "Floor": "L1", "Space": "", "SpatialLocationId": "f"}
    rows = decoded(tmp_path, [(query(), page({**WALL, "SpatialLocation": place}))])
    row = rows["elements"][0]
    assert (row["building_id"], row["building_name"]) == (None, "Main")
    assert (row["storey_id"], row["storey_name"]) == ("f", "L1")


def test_codes_as_plain_text_have_no_system(tmp_path: Path) -> None:
    rows = decoded(tmp_path, [(query(), page({**WALL, "Code": "21.11"}))])
    assert [(row["system"], row["code"]) for row in rows["codes"]] == [(None, "21.11")]


def test_codes_without_identification_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotUnderstood, match="Identification"):
        decoded(tmp_path, [(query(), page({**WALL, "Code": {"L1": {"Number": "21"}}}))])


def test_common_sets_fill_the_columns_of_elements(tmp_path: Path) -> None:
    common, own = "Pset_WallCommon", "Own"
    walls = [
        {**WALL, "IsExternal": prop(common, True), "LoadBearing": prop(own, True)},
        {**WALL, "Guid": B, "IsExternal": prop(common, False), "Status": prop(common, "NEW")},
    ]
    rows = decoded(tmp_path, [(query(), page(*walls))])["elements"]
    told = [(row["is_external"], row["load_bearing"], row["phase"]) for row in rows]
    assert told == [(True, None, None), (False, None, "NEW")]


def test_no_products_is_an_empty_model(tmp_path: Path) -> None:
    rows = decoded(tmp_path, [(query(), {"totalCount": 0, "page": 1, "result": []})])
    assert not rows["elements"]
    assert "no_elements" in [row["code"] for row in rows["warnings"]]


def test_keys_are_found_in_any_case_and_unknown_ones_ignored(tmp_path: Path) -> None:
    answer = {"TotalCount": 1, "Result": [{"guid": A, "class": "Wall", "name": "W"}], "New": {}}
    row = decoded(tmp_path, [(query(), answer)])["elements"][0]
    assert (row["element_id"], row["ifc_class"], row["name"]) == (A, "Wall", "W")


@pytest.mark.parametrize("break_", [b"\n", b"\r\n"])
def test_rows_whose_first_line_ends_late_are_read(break_: bytes) -> None:
    rows = [{**WALL, "Name": f"wall {n}"} for n in range(2_000)]
    reader, line = RowReader(), json.dumps(page(*rows)).encode()
    broken = line.replace(b'{"Guid"', break_ + b'{"Guid"')
    late = line[:9_000] + line[9_000:].replace(b'{"Guid"', break_ + b'{"Guid"')
    assert break_ not in late[:8_000]
    wanted = reader.read(line, "page 1")
    assert wanted.to_pylist() == rows
    assert reader.read(broken, "page 2") == wanted
    assert reader.read(late, "page 3") == wanted
    for raw in (line + b"\n" + line, late + line, late[:-1], line[:-1] + b"\n"):
        with pytest.raises(NotUnderstood):
            reader.read(raw, "page 4")


def test_a_printed_page_is_read(tmp_path: Path) -> None:
    raw = json.dumps(page({**WALL, "Name": "a\nb"}), indent=2).encode()
    again = json.dumps(page({**WALL, "Guid": B}), indent=2).encode()
    rows = decoded(tmp_path, [(query(1), raw), (query(2), again)])
    assert [row["name"] for row in rows["elements"]] == ["a\nb", "W"]


@pytest.mark.parametrize("raw", [b"{", b"[1]", b'{"rows":[]}', b'{"result":[null]}', b"<html>"])
def test_a_page_of_another_form_is_refused(tmp_path: Path, raw: bytes) -> None:
    with pytest.raises(NotUnderstood, match="it begins: "):
        decoded(tmp_path, [(query(), raw)])


def test_an_answer_to_no_request_of_ours_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotUnderstood, match="/projects/1/secrets"):
        decoded(tmp_path, [("/projects/1/secrets", {})])


def test_rows_are_cited_as_they_stand_in_the_answer(tmp_path: Path) -> None:
    raw = b'{"totalCount":2,"result":[ {"Guid": "a","X":0.1000}, {"Guid":"b"}]}'
    [document] = documents(tmp_path, [(query(), raw)])
    assert cite(document, 0, tmp_path) == ['{"Guid": "a","X":0.1000}']
    assert cite(document, 1, tmp_path) == ['{"Guid":"b"}']
    with pytest.raises(NotUnderstood, match="no row 2"):
        cite(document, 2, tmp_path)


@pytest.mark.parametrize(
    ("raw", "row", "text"),
    [
        (b'{"Count":12,"NetVolume":34.50}', 1, '"NetVolume":34.50'),
        (b'{"result":{"Count":12,"NetVolume":34.50}}', 1, '"NetVolume":34.50'),
        (b'[{"calculator":"Count","value":1.0}]', 0, '{"calculator":"Count","value":1.0}'),
        (b"Guid,Mass\r\nx,1.50\r\n", 0, "Guid,Mass\nx,1.50"),
    ],
)
def test_results_are_cited(tmp_path: Path, raw: bytes, row: int, text: str) -> None:
    [document] = documents(tmp_path, [(result("quantities"), raw)])
    assert cite(document, row, tmp_path) == [text]


def test_values_by_field_are_cited_by_product(tmp_path: Path) -> None:
    answer = {"Mass": {A: 1, B: 2}, "Area": {B: 3}}
    [document] = documents(tmp_path, [(result("dynamic-properties"), answer)])
    [text] = cite(document, 1, tmp_path)
    assert json.loads(text) == {"Guid": B, "Mass": 2, "Area": 3}


def test_a_location_is_cited_without_those_in_it(tmp_path: Path) -> None:
    [document] = documents(tmp_path, [recorded("locations")])
    [text] = cite(document, 2, tmp_path)
    assert json.loads(text)["name"] == "L01"
    assert "children" not in json.loads(text)


@pytest.mark.parametrize("raw", [b'[{"a":' * 100_000, b'{"result":[{"a":' + b"[" * 100_000])
def test_arrow_is_not_let_near_what_is_nested_deeply(
    raw: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would take kilobytes for every bracket."""
    monkeypatch.setattr(rows.pj, "read_json", None)
    with pytest.raises(NotUnderstood, match="nested too deeply"):
        RowReader().read(raw, "page 1")


def test_brackets_in_a_text_are_no_nesting() -> None:
    row = {**WALL, "Name": "[" * 1_000}
    assert RowReader().read(json.dumps(page(row)).encode(), "page 1").to_pylist() == [row]


def test_array_with_a_byte_order_mark_is_read() -> None:
    raw = b"\xef\xbb\xbf" + json.dumps([WALL]).encode()
    assert RowReader().read(raw, "page 1").to_pylist() == [WALL]
