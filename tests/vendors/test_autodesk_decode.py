"""From the rows of an index to the neutral tables."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from autodesk_rows import (
    API,
    DIFF,
    NEW,
    OLD,
    RECORD,
    answers,
    codes,
    decoded,
    documents,
    field,
    figures,
    lines,
    model,
    names,
    read,
    recorded,
    row,
)
from autodesk_served import documents as kept_documents
from autodesk_served import fetched, service

from takeoff.core.errors import NotUnderstood
from takeoff.core.progress import Quiet
from takeoff.vendors.autodesk import cite, decode, rows
from takeoff.vendors.autodesk.asked import CodeField, Record
from takeoff.vendors.autodesk.options import Options

NAME = field("n", "__name__", "name")
CATEGORY = field("c", "__category__", "_RC")
NUMBER = field("k", "__categoryId__", "CategoryId", type="Integer")
WALL = {"c": "Walls", "k": -2000011}


def _elements(found: dict[str, list[dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    return {item["name"]: item for item in found["elements"]}


def test_element_has_the_ids_of_the_vendor_of_the_program_and_of_ifc(tmp_path: Path) -> None:
    wall = _elements(model(tmp_path))["Basic Wall [899054]"]
    assert wall["element_id"] == "5e0bc1aa-5715-46e1-a969-6e93a8d1c547-000db7ee"
    assert (wall["source_id"], wall["authoring_id"]) == ("325", "899054")
    assert (wall["ifc_guid"], wall["ifc_guid_source"]) == ("1U2y6gLnL6uQbfRfEet7Af", "derived")
    assert (wall["ifc_class"], wall["source_class"]) == ("Wall", "Walls")
    assert (wall["type_name"], wall["mark"]) == ('Generic - 10"', "007")
    assert wall["type_id"] == "33333333-0000-4000-8000-000000000001-0000030b"
    assert wall["phase"] == "New Construction"


def test_given_guid_goes_before_the_derived_one_unless_it_is_junk(tmp_path: Path) -> None:
    elements = _elements(model(tmp_path))
    duct, odd = elements["Round Duct"], elements["Something"]
    assert (duct["ifc_guid"], duct["ifc_guid_source"]) == ("2O2Fr$t4X7Zf8NOew3FLOH", "given")
    assert odd["ifc_guid_source"] == "derived"


def test_elements_stand_on_levels_with_elevations_in_metres(tmp_path: Path) -> None:
    found = model(tmp_path)
    elements = _elements(found)
    assert [
        (elements[name]["storey_name"], elements[name]["storey_elevation_m"])
        for name in ("Basic Wall [899054]", "M_Concrete-Round-Column [259904]", "Kitchen 101")
    ] == [("Level 1", 0.0), ("Level 2", 3.048), ("Level 1", 0.0)]
    assert [
        (item["kind"], item["name"], item["elevation_m"], item["parent_id"])
        for item in found["locations"]
    ] == [
        ("storey", "Level 1", 0.0, "doc_2f0f1e1d-0000-4000-8000-0000000000aa"),
        ("storey", "Level 2", 3.048, "doc_2f0f1e1d-0000-4000-8000-0000000000aa"),
        ("space", "Kitchen 101", None, "11111111-0000-4000-8000-000000000001-00000137"),
        ("project", "Pavilion", None, None),
    ]


def test_level_is_told_by_reference_in_any_language_and_the_lower_counts(tmp_path: Path) -> None:
    wall = _elements(model(tmp_path, "chinese_"))["基本牆"]
    assert (wall["storey_name"], wall["type_name"]) == ("一樓", "混凝土 20")
    assert (wall["ifc_class"], wall["role"]) == ("Wall", "physical")


def test_level_without_a_row_keeps_its_name_and_is_said(tmp_path: Path) -> None:
    fields = [NAME, CATEGORY, field("l", "Constraints", "Level")]
    written = [row(1, {"c": "Walls", "l": "Mezzanine"}), row(2, {"c": "Walls", "l": "Mezzanine"})]
    found = decoded(tmp_path, fields, written)
    assert [(item["storey_id"], item["storey_name"]) for item in found["elements"]] == [
        (None, "Mezzanine")
    ] * 2
    assert [item["code"] for item in found["warnings"] if "level" in item["code"]] == [
        "level_unknown"
    ]


def test_ifc_file_has_its_classes_and_its_tree(tmp_path: Path) -> None:
    elements = _elements(model(tmp_path, "ifc_"))
    wall, flight = elements["Wall-1"], elements["Flight"]
    assert (wall["element_id"], wall["ifc_guid"]) == ("0/0/0/0", "2O2Fr$t4X7Zf8NOew3FLOH")
    assert (wall["ifc_class"], wall["source_class"]) == ("Wall", "IfcWallStandardCase")
    assert (wall["is_external"], wall["load_bearing"]) == (True, False)
    assert (wall["storey_name"], wall["building_name"]) == ("Ground floor", "Main building")
    assert (flight["parent_id"], flight["storey_id"]) == ("0/0/0/1", "0/0/0")
    assert [elements[name]["role"] for name in ("Project", "Stair", "Flight")] == [
        "location",
        "physical",
        "part",
    ]


def test_parts_and_openings_are_related_to_what_they_are_in(tmp_path: Path) -> None:
    fields = [NAME, field("t", "Item", "Type"), field("p", "__parent__", "parent", type="DbKey")]
    written = [
        row(1, {"n": "Wall", "t": "IfcWall"}),
        row(2, {"n": "Leaf", "t": "IfcPlate", "p": 1}),
        row(3, {"n": "Hole", "t": "IfcOpeningElement", "p": 1}, views=[]),
        row(4, {"n": "Kind", "t": "IfcWallType", "p": 4}),
        row(5, {"n": "Ring", "t": "IfcSlab", "p": 5}),
    ]
    found = decoded(tmp_path, fields, written)
    assert [(item["name"], item["role"], item["parent_id"]) for item in found["elements"]] == [
        ("Wall", "physical", None),
        ("Leaf", "part", "id-1"),
        ("Hole", "opening", "id-1"),
        ("Kind", "type", None),
        ("Ring", "physical", None),
    ]
    assert [
        (item["from_element_no"], item["to_element_no"], item["kind"])
        for item in found["relations"]
    ] == [(1, 0, "part_of"), (2, 0, "voids")]
    assert found["elements"][3]["ifc_class"] == "WallType"


def test_codes_of_revit_and_of_configured_fields(tmp_path: Path) -> None:
    fields = [
        CATEGORY,
        field("a", "Identity Data", "Assembly Code"),
        field("o", "Identity Data", "OmniClass Number"),
        field("f", "IFC Parameters", "ClassificationCode"),
        field("u", "Data", "Our codes"),
        field("t", "Data", "Our titles"),
    ]
    record = replace(RECORD, codes=(CodeField("Ours", "Our codes", "Our titles"),))
    values = {"a": "B2010", "o": "", "f": "[Uniclass]Ss_25:Walls: all", "u": "X-1", "t": "Crosses"}
    found = decoded(tmp_path, fields, [row(1, WALL | values), row(2, {"f": "B20"})], record)
    assert [(item["system"], item["code"], item["title"]) for item in found["codes"]] == [
        ("Assembly Code", "B2010", None),
        ("Ours", "X-1", "Crosses"),
        ("Uniclass", "Ss_25", "Walls: all"),
        (None, "B20", None),
    ]
    assert [item["ordinal"] for item in found["codes"]] == [0, 1, 2, 0]


def test_nothing_of_a_row_is_lost(tmp_path: Path) -> None:
    """Every value is a figure, a property, or one of the columns of elements."""
    found = model(tmp_path)
    written = [json.loads(line) for line in recorded("properties.jsonl").splitlines()]
    wall = next(item for item in written if item["svf2Id"] == 325)
    defined = {
        item["key"]: item["name"] for item in map(json.loads, recorded("fields.jsonl").splitlines())
    }
    own = {"name", "_RC", "_RFT", "ElementId"}
    given = {defined[key] for key in (*wall["props"], *wall["propsIgnored"])} - own
    held = {item["name"] for item in found["properties"] if item["element_no"] == 6}
    held |= {item["source_name"] for item in found["quantities"] if item["element_no"] == 6}
    assert held == given
    assert len(found["elements"]) == len(written)


def test_literal_none_is_a_value_and_what_is_null_is_none(tmp_path: Path) -> None:
    fields = [field("a", "Phasing", "Phase Demolished"), field("b", "Data", "Comment")]
    found = decoded(tmp_path, fields, [row(1, {"a": "None", "b": None})])
    assert [(item["name"], item["text"]) for item in found["properties"]] == [
        ("Phase Demolished", "None")
    ]


def test_values_have_their_own_types(tmp_path: Path) -> None:
    fields = [field(key, "Data", f"Field {key}") for key in "abcdef"]
    written = {"a": 'x "q" \\ ø\n', "b": True, "c": False, "d": -1.5, "e": [1, "x"], "f": {"k": 1}}
    found = decoded(tmp_path, fields, [row(1, written)])
    assert [
        (item["value_kind"], item["text"], item["flag"], item["number"])
        for item in found["properties"]
    ] == [
        ("text", 'x "q" \\ ø\n', None, None),
        ("flag", None, True, None),
        ("flag", None, False, None),
        ("number", None, None, -1.5),
        ("text", '[1,"x"]', None, None),
        ("text", '{"k":1}', None, None),
    ]


def test_key_that_no_field_defines_goes_by_its_key(tmp_path: Path) -> None:
    found = decoded(tmp_path, [NAME], [row(1, {"p9": 1.5})])
    assert [(item["set_name"], item["name"]) for item in found["properties"]] == [(None, "p9")]
    assert "field_unknown" in codes(found)


def test_figures_without_an_ifc_name_are_properties_as_well(tmp_path: Path) -> None:
    fields = [CATEGORY, field("o", "Constraints", "Base Offset", type="Double", uom="mm")]
    found = decoded(tmp_path, fields, [row(1, {"c": "Walls", "o": 250.0})])
    assert [
        (item["quantity"], item["kind"], item["value"], item["unit_status"])
        for item in found["quantities"]
    ] == [(None, "length", 0.25, "own")]
    assert [(item["number"], item["unit"]) for item in found["properties"]] == [(250.0, "mm")]


def test_pieces_need_no_unit(tmp_path: Path) -> None:
    fields = [CATEGORY, field("q", "Data", "Count", type="Integer")]
    found = decoded(tmp_path, fields, [row(1, {"c": "Walls", "q": 3})])
    assert [(item["quantity"], item["value"], item["unit"]) for item in found["quantities"]] == [
        ("Count", 3.0, "1")
    ]


def test_one_index_mixes_units(tmp_path: Path) -> None:
    fields = [
        CATEGORY,
        field("l", "Dimensions", "Length", type="Double", uom="mm"),
        field("a", "Dimensions", "Area", type="Double", uom="m^2"),
    ]
    found = decoded(tmp_path, fields, [row(1, {"c": "Walls", "l": 2641.6, "a": 6.658})])
    assert {item["source_name"]: item["value"] for item in found["quantities"]} == {
        "Length": 2.6416,
        "Area": 6.658,
    }


def test_ambiguous_name_is_said_and_the_first_counts(tmp_path: Path) -> None:
    fields = [NAME, field("a", "Mine", "Mark"), field("b", "Yours", "Mark")]
    found = decoded(tmp_path, fields, [row(1, {"b": "B", "a": "A"}), row(2, {"b": "B"})])
    assert [item["mark"] for item in found["elements"]] == ["A", "B"]
    said = next(item for item in found["warnings"] if item["code"] == "field_ambiguous")
    assert "Mine.Mark (a), Yours.Mark (b)" in said["text"]


def test_name_in_two_categories_is_not_ambiguous_if_one_is_the_known_one(tmp_path: Path) -> None:
    assert "field_ambiguous" not in codes(model(tmp_path))


def test_ids_that_repeat_are_numbered(tmp_path: Path) -> None:
    written = [row(1, {}, externalId="x"), row(2, {}, externalId="x"), row(3, {}, externalId=None)]
    found = decoded(tmp_path, [NAME], written)
    assert [item["element_id"] for item in found["elements"]] == ["x", "x~2", "#3"]
    repeated = [item for item in found["warnings"] if item["code"] == "id_repeated"]
    assert [item["source_row"] for item in repeated] == [1]


def test_row_without_any_id_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotUnderstood, match="row 2 has neither externalId nor svf2Id"):
        decoded(tmp_path, [NAME], [row(1, {}), {"props": {}}])


def test_guids_that_are_shared_or_missing_are_said(tmp_path: Path) -> None:
    fields = [field("g", "IFC Parameters", "IfcGUID")]
    guid = {"g": "2O2Fr$t4X7Zf8NOew3FLOH"}
    found = decoded(tmp_path, fields, [row(1, guid), row(2, guid), row(3, {})])
    texts = {item["code"]: item["text"] for item in found["warnings"]}
    assert texts["guid_repeated"] == "2 elements have the IFC GlobalId 2O2Fr$t4X7Zf8NOew3FLOH."
    assert texts["guid_missing"].startswith("1 elements")


def test_room_with_a_volume_of_zero_is_said(tmp_path: Path) -> None:
    assert "room_volume_zero" in codes(model(tmp_path))


@pytest.mark.parametrize("content", [b"", b"\n"])
def test_empty_index_has_no_rows_and_says_so(content: bytes, tmp_path: Path) -> None:
    found = decoded(tmp_path, recorded("fields.jsonl"), content)
    assert found["elements"] == []
    assert codes(found) == {"no_elements"}


def test_one_line_is_a_row(tmp_path: Path) -> None:
    assert len(decoded(tmp_path, [NAME], lines([row(1, {})]).strip())["elements"]) == 1


def test_byte_order_marks_are_no_part_of_the_rows(tmp_path: Path) -> None:
    mark = b"\xef\xbb\xbf"
    found = decoded(tmp_path, mark + lines([NAME]), mark + lines([row(1, {"n": "ø"})]))
    assert [item["name"] for item in found["elements"]] == ["ø"]


@pytest.mark.parametrize(
    ("fields", "properties"),
    [
        (lines([NAME]), b'{"svf2Id": 1, "pro'),
        (lines([NAME]), b"<html>"),
        (b'{"name": "no key"}', b""),
        (b"[]", b""),
        (b"not json", b""),
    ],
)
def test_answers_of_another_form_are_refused(
    fields: bytes, properties: bytes, tmp_path: Path
) -> None:
    with pytest.raises(NotUnderstood, match="Autodesk's answer to /construction/"):
        decoded(tmp_path, fields, properties)


def test_record_is_needed_and_tells_which_index_counts(tmp_path: Path) -> None:
    found = answers(recorded("fields.jsonl"), recorded("properties.jsonl"))
    with pytest.raises(NotUnderstood, match="record"):
        read(tmp_path / "none", documents(tmp_path / "none", found[:2]))
    older = [(f"{API}/indexes/older/properties", lines([row(1, {})])), *found]
    assert len(read(tmp_path / "two", documents(tmp_path / "two", older))["elements"]) == 14
    with pytest.raises(NotUnderstood, match="index fields is missing"):
        read(tmp_path / "less", documents(tmp_path / "less", found[1:]))


def test_changes_are_those_that_the_service_states(tmp_path: Path) -> None:
    _, found = fetched(service(), tmp_path, Options(previous_version=OLD))
    assert [
        (item["element_no"], item["change"], item["property_names"])
        for item in found["changes_stated"]
    ] == [
        (6, "changed", '["Dimensions.Length", "Identity Data.Mark"]'),
        (7, "changed", None),
        (10, "added", None),
        (14, "removed", '["__name__.name"]'),
    ]
    assert {(item["old_version"], item["new_version"]) for item in found["changes_stated"]} == {
        (OLD, NEW)
    }
    gone = found["changes_stated"][3]
    assert gone["element_id"] == "0d92a122-0000-4000-8000-000000000007-00121ec8"


def test_rows_can_be_walked_back_to_their_lines(tmp_path: Path) -> None:
    _, found = fetched(service(), tmp_path, Options(previous_version=OLD))
    by_no = {document.evidence_no: document for document in kept_documents(tmp_path)}

    def line(item: dict[str, Any]) -> dict[str, Any]:
        cited = cite.cite(by_no[item["evidence_no"]], item["source_row"], tmp_path)
        return json.loads(cited[0])

    figure = next(item for item in found["quantities"] if item["source_value"] == "435.4783")
    assert line(figure)["props"]["p188478f2"] == 435.4783
    assert line(found["changes_stated"][3])["type"] == "OBJECT_REMOVED"
    unknown = next(item for item in found["warnings"] if item["code"] == "unit_unknown")
    assert line(unknown)["uom"] == "kip/inch^2"
    with pytest.raises(NotUnderstood, match="no row 99"):
        cite.cite(by_no[figure["evidence_no"]], 99, tmp_path)
    whole = cite.cite(by_no[0], 0, tmp_path)
    assert json.loads(whole[0])["state"] == "FINISHED"


def test_batches_that_follow_one_another_are_numbered_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = model(tmp_path / "one")
    monkeypatch.setattr(rows, "ROWS_PER_BATCH", 3)
    monkeypatch.setattr(decode, "ROWS_PER_BATCH", 2)
    assert model(tmp_path / "many") == at_once


def test_batches_are_not_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "ROWS_PER_BATCH", 5)
    found = documents(tmp_path, answers(recorded("fields.jsonl"), recorded("properties.jsonl")))
    lengths = [
        len(batch)
        for _, batch in decode.decode(
            found, names=names(), options={}, work=tmp_path, progress=Quiet()
        )
    ]
    assert max(lengths) == 5


def test_revit_without_numbers_of_categories_is_told_by_its_english_names(tmp_path: Path) -> None:
    fields = [NAME, CATEGORY]
    found = decoded(tmp_path, fields, [row(1, {"n": "Slab", "c": "Floors"})])
    assert found["elements"][0]["ifc_class"] == "Slab"


def test_class_that_an_element_is_to_be_exported_as_goes_before_its_category(
    tmp_path: Path,
) -> None:
    fields = [NAME, CATEGORY, NUMBER, field("x", "IFC Parameters", "IfcExportAs")]
    written = [row(1, {"n": "Kerb", "x": "IfcKerb"} | WALL), row(2, {"x": "Default"} | WALL)]
    found = decoded(tmp_path, fields, written)
    assert [item["ifc_class"] for item in found["elements"]] == ["Kerb", "Wall"]


def test_figures_of_a_type_stay_with_the_type(tmp_path: Path) -> None:
    found = model(tmp_path)
    width = ("Width", Decimal("0.276225000000"), "m")
    assert figures(found, 'Generic - 10"') == {"Width": width}


def test_record_goes_there_and_back(tmp_path: Path) -> None:
    from takeoff.core.refs import Document
    from takeoff.vendors.autodesk import asked

    record = Record(NEW, "i", OLD, DIFF, (CodeField("S", "n", "t"),), (("code", "text"),))
    path = tmp_path / "record"
    path.write_bytes(asked.written(record))
    assert asked.read(Document(0, "x", path, "")) == record
