"""Models that contradict themselves: nothing is counted twice, lost, or given a number in doubt."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from ifc_rows import ASSIGNED, BASE, PROJECT, STOREY, UNITS, read_text

Rows = dict[str, list[dict[str, Any]]]

SECOND = "#101=IFCWALL('2XQ$n5SLP5MBLyL442paFy',$,'second',$,$,$,$,$,$);\n"
DEFINES = "#211=IFCRELDEFINESBYPROPERTIES('0WvctVUKr0kugbFTf53O9L',$,$,$,(#100),#210);\n"


def _codes(rows: Rows) -> Counter[str]:
    return Counter(row["code"] for row in rows["warnings"])


def _roles(rows: Rows) -> dict[str, str]:
    return {row["source_id"]: row["role"] for row in rows["elements"] if row["role"] != "location"}


def _measured(quantities: str, folder: Path, schema: str = "IFC4") -> Rows:
    """The rows with a set of the quantities #200 and #201 on the wall."""
    size = "(#200,#201)"
    records = f"#210=IFCELEMENTQUANTITY('0XvctVUKr0kugbFTf53O9L',$,'Q',$,$,{size});\n" + DEFINES
    other = "" if "#201" in quantities else "#201=IFCQUANTITYCOUNT('N',$,$,1.,$);\n"
    if schema == "IFC2X3":
        other = other.replace(",$);", ");")
    return read_text(BASE + quantities + other + records, folder, schema=schema)


@pytest.mark.parametrize(
    ("values", "schema"),
    [
        ("'NetVolume',$,$,1,5,$", "IFC4"),
        ("'NetVolume',$,$,1,5", "IFC4"),
        ("'NetVolume',$,$,1,5", "IFC2X3"),
        ("'NetVolume',$,$,1.5", "IFC4"),
        ("'NetVolume',$,$,1.5,$", "IFC2X3"),
    ],
)
def test_a_figure_among_too_many_or_too_few_values_has_none(
    tmp_path: Path, values: str, schema: str
) -> None:
    rows = _measured(f"#200=IFCQUANTITYVOLUME({values});\n", tmp_path, schema)
    figure = rows["quantities"][0]
    assert (figure["source_value"], figure["value"], figure["value_exact"]) == (
        "1.5" if "1.5" in values else "1",
        None,
        None,
    )
    assert _codes(rows)["value_unreadable"] == 1
    expected = 0 if (values, schema) == ("'NetVolume',$,$,1,5", "IFC4") else 1
    found = [row["code"] for row in rows["warnings"] if row["source_row"] == 200]
    assert found.count("record_broken") == expected


def test_a_property_with_a_decimal_comma_has_no_number(tmp_path: Path) -> None:
    records = (
        "#200=IFCPROPERTYSINGLEVALUE('V',$,IFCVOLUMEMEASURE(1,5),$);\n"
        "#210=IFCPROPERTYSET('0XvctVUKr0kugbFTf53O9L',$,'P',$,(#200));\n" + DEFINES
    )
    rows = read_text(BASE + records, tmp_path)
    (figure,) = rows["quantities"]
    assert figure["value"] is None
    (value,) = [row for row in rows["properties"] if row["set_name"] == "P"]
    assert (value["value_kind"], value["text"], value["number"]) == ("text", "1, 5", None)
    assert _codes(rows) == {"value_unreadable": 1}


@pytest.mark.parametrize(
    "values", ["'2XQ$n5SLP5MBLyL442paFy'", "'2XQ$n5SLP5MBLyL442paFy'" + ",$" * 12]
)
def test_an_element_with_other_values_than_its_class_has_stays(tmp_path: Path, values: str) -> None:
    rows = read_text(BASE + f"#101=IFCWALL({values});\n", tmp_path)
    assert rows["elements"][-1]["element_id"] == "2XQ$n5SLP5MBLyL442paFy"
    (broken,) = [row for row in rows["warnings"] if row["code"] == "record_broken"]
    assert (broken["source_row"], broken["element_id"]) == (101, "2XQ$n5SLP5MBLyL442paFy")


def test_a_shifted_attribute_is_no_figure(tmp_path: Path) -> None:
    """Without the Tag, the width would stand where the height belongs."""
    door = "#101=IFCDOOR('2XQ$n5SLP5MBLyL442paFy',$,'D',$,$,$,$,2100.,900.,$,$,$);\n"
    rows = read_text(BASE + door, tmp_path)
    assert [row["value"] for row in rows["quantities"]] == []
    assert _codes(rows)["record_broken"] == 1


def test_figures_below_nothing_stay_as_they_are(tmp_path: Path) -> None:
    rows = _measured("#200=IFCQUANTITYVOLUME('NetVolume',$,$,-5.,$);\n", tmp_path)
    assert (rows["quantities"][0]["value"], _codes(rows)) == (-5.0, {})


def _parts(*pairs: tuple[int, int]) -> str:
    return "".join(
        f"#{400 + number}=IFCRELAGGREGATES('{number:022}',$,$,$,#{whole},(#{part}));\n"
        for number, (whole, part) in enumerate(pairs)
    )


@pytest.mark.parametrize(
    ("pairs", "part_of_itself"),
    [(((100, 100),), {100}), (((100, 101), (101, 100)), {100, 101})],
    ids=["itself", "ring"],
)
def test_what_is_a_part_of_itself_counts(
    tmp_path: Path, pairs: tuple[tuple[int, int], ...], part_of_itself: set[int]
) -> None:
    rows = read_text(BASE + SECOND + _parts(*pairs), tmp_path)
    assert _roles(rows) == {"#100": "physical", "#101": "physical"}
    warned = {row["source_row"] for row in rows["warnings"] if row["code"] == "part_of_itself"}
    assert warned == part_of_itself
    assert all(row["parent_id"] is None for row in rows["elements"])


def test_a_part_of_a_ring_is_a_part(tmp_path: Path) -> None:
    third = SECOND.replace("#101", "#102").replace("paFy", "paFz")
    rows = read_text(BASE + SECOND + third + _parts((100, 101), (101, 100), (101, 102)), tmp_path)
    assert _roles(rows) == {"#100": "physical", "#101": "physical", "#102": "part"}


@pytest.mark.parametrize(
    ("whole", "warned"),
    [
        ("IFCOPENINGELEMENT('0A00000000000000000001',$,$,$,$,$,$,$,$)", True),
        ("IFCVIRTUALELEMENT('0A00000000000000000001',$,$,$,$,$,$,$)", True),
        ("IFCANNOTATION('0A00000000000000000001',$,$,$,$,$,$)", True),
        ("IFCSPACE('0A00000000000000000001',$,$,$,$,$,$,$,$,$,$)", False),
    ],
)
def test_a_part_of_what_is_not_counted_counts_itself(
    tmp_path: Path, whole: str, warned: bool
) -> None:
    rows = read_text(BASE + SECOND + f"#110={whole};\n" + _parts((110, 100), (100, 101)), tmp_path)
    roles = _roles(rows)
    assert (roles["#100"], roles["#101"]) == ("physical", "part")
    found = [row["source_row"] for row in rows["warnings"] if row["code"] == "whole_not_counted"]
    assert found == ([100] if warned else [])


def test_a_projection_is_a_part_of_its_host_if_it_has_one(tmp_path: Path) -> None:
    projection = "#110=IFCPROJECTIONELEMENT('0A00000000000000000001',$,$,$,$,$,$,$,$);\n"
    hosted = "#111=IFCRELPROJECTSELEMENT('0A00000000000000000002',$,$,$,#100,#110);\n"
    assert _roles(read_text(BASE + projection + hosted, tmp_path))["#110"] == "part"
    assert _roles(read_text(BASE + projection, tmp_path))["#110"] == "physical"


def test_two_storeys_are_one_and_a_warning(tmp_path: Path) -> None:
    records = (
        "#16=IFCBUILDINGSTOREY('2YvctVUKr0kugbFTf53O9M',$,'T',$,$,$,$,$,.ELEMENT.,6000.);\n"
        "#17=IFCRELAGGREGATES('3YvctVUKr0kugbFTf53O9M',$,$,$,#5,(#16));\n"
        "#18=IFCRELCONTAINEDINSPATIALSTRUCTURE('1ZvctVUKr0kugbFTf53O9M',$,$,$,(#100),#16);\n"
        "#19=IFCRELCONTAINEDINSPATIALSTRUCTURE('1ZvctVUKr0kugbFTf53O9N',$,$,$,(#100),#16);\n"
    )
    rows = read_text(BASE + records, tmp_path)
    assert rows["elements"][-1]["storey_name"] == "S"
    (warning,) = rows["warnings"]
    assert (warning["code"], warning["source_row"]) == ("storey_ambiguous", 18)
    assert warning["element_id"] == "2XQ$n5SLP5MBLyL442paFx"


def test_a_storey_and_a_space_on_it_are_no_two_storeys(tmp_path: Path) -> None:
    records = (
        "#16=IFCSPACE('2YvctVUKr0kugbFTf53O9M',$,'R',$,$,$,$,$,$,$,$);\n"
        "#17=IFCRELAGGREGATES('3YvctVUKr0kugbFTf53O9M',$,$,$,#6,(#16));\n"
        "#18=IFCRELCONTAINEDINSPATIALSTRUCTURE('1ZvctVUKr0kugbFTf53O9M',$,$,$,(#100),#16);\n"
        "#19=IFCRELCONTAINEDINSPATIALSTRUCTURE('1ZvctVUKr0kugbFTf53O9N',$,$,$,(#100),#6);\n"
    )
    assert _codes(read_text(BASE + records, tmp_path)) == {}


def test_two_wholes_are_one_and_a_warning(tmp_path: Path) -> None:
    third = SECOND.replace("#101", "#102").replace("paFy", "paFz")
    pairs = ((100, 102), (101, 102), (101, 102))
    rows = read_text(BASE + SECOND + third + _parts(*pairs), tmp_path)
    assert rows["elements"][-1]["parent_id"] == "2XQ$n5SLP5MBLyL442paFx"
    assert _roles(rows)["#102"] == "part"
    found = [row["source_row"] for row in rows["warnings"] if row["code"] == "whole_ambiguous"]
    assert found == [401]


LAYERS = (
    "#300=IFCMATERIAL('Brick',$,$);\n#301=IFCMATERIALLAYER(#300,100.,$,$,$,$,$);\n"
    "#302=IFCMATERIALLAYERSET((#301),$,$);\n"
    "#303=IFCMATERIALLAYERSETUSAGE(#302,.AXIS2.,.POSITIVE.,0.,$);\n"
    "#304=IFCMATERIALLAYERSETUSAGE(#302,.AXIS2.,.NEGATIVE.,0.,$);\n"
)


def _associated(*definitions: int) -> str:
    return "".join(
        f"#{310 + no}=IFCRELASSOCIATESMATERIAL('{no:022}',$,$,$,(#100,#100),#{definition});\n"
        for no, definition in enumerate(definitions)
    )


@pytest.mark.parametrize("definitions", [(302,), (302, 302), (302, 303), (303, 304)])
def test_layers_associated_twice_count_once(tmp_path: Path, definitions: tuple[int, ...]) -> None:
    rows = read_text(BASE + LAYERS + _associated(*definitions), tmp_path)
    assert [(row["material"], row["thickness_m"]) for row in rows["materials"]] == [("Brick", 0.1)]
    assert rows["warnings"] == []


@pytest.mark.parametrize("lead", ["#303", "#304", "#999", "$", "#100"])
def test_a_usage_that_leads_to_no_materials_is_named(tmp_path: Path, lead: str) -> None:
    layers = LAYERS.replace("LAYERSETUSAGE(#302,.AXIS2.,.POS", f"LAYERSETUSAGE({lead},.AXIS2.,.POS")
    rows = read_text(BASE + layers + _associated(303), tmp_path)
    assert rows["materials"] == []
    (warning,) = rows["warnings"]
    assert (warning["code"], warning["source_row"]) == ("reference_broken", 303)


def test_ids_are_unique_whatever_the_texts_are(tmp_path: Path) -> None:
    texts = ["X", "X", "X~1", "X~2", "X~2", "#105", "", "#107", "X~2~1", "#101~1"]
    records = "".join(
        f"#{101 + number}=IFCWALL('{text}',$,$,$,$,$,$,$,$);\n" for number, text in enumerate(texts)
    )
    rows = read_text(BASE + records, tmp_path)
    ids = [row["element_id"] for row in rows["elements"]]
    assert len(ids) == len(set(ids)) == 13
    assert ids[3:6] == ["X~1", "X~2", "#103"]
    assert _codes(rows)["guid_invalid"] == 9
    assert _codes(rows)["guid_repeated"] == 4


@pytest.mark.parametrize(("offset", "value"), [("5.", None), ("$", 3.6576), ("0.", 3.6576)])
def test_a_unit_with_an_offset_is_unknown(tmp_path: Path, offset: str, value: float | None) -> None:
    records = (
        "#13=IFCSIUNIT(*,.LENGTHUNIT.,$,.METRE.);\n"
        "#14=IFCMEASUREWITHUNIT(IFCLENGTHMEASURE(0.3048),#13);\n"
        f"#15=IFCCONVERSIONBASEDUNITWITHOFFSET($,.LENGTHUNIT.,'odd',#14,{offset});\n"
        "#200=IFCQUANTITYLENGTH('Length',$,#15,12.,$);\n"
    )
    rows = _measured(records, tmp_path)
    figure = rows["quantities"][0]
    assert (figure["value"], figure["source_unit"]) == (value, "odd")
    assert figure["unit_status"] == ("unknown" if value is None else "own")
    assert _codes(rows) == ({"unit_unknown": 1} if value is None else {})


@pytest.mark.parametrize(
    "units",
    [
        "#13=IFCDERIVEDUNITELEMENT(#10,1E999999999);\n",
        "#13=IFCDERIVEDUNITELEMENT(#10,999999999);\n",
        "#13=IFCDERIVEDUNITELEMENT(#14,1);\n",
    ],
)
def test_units_that_are_none_are_unknown(tmp_path: Path, units: str) -> None:
    unit = units + "#14=IFCDERIVEDUNIT((#13,#13,#13),.USERDEFINED.,'odd',$);\n"
    rows = _measured(unit + "#200=IFCQUANTITYLENGTH('Length',$,#14,12.,$);\n", tmp_path)
    assert (rows["quantities"][0]["value"], rows["quantities"][0]["unit_status"]) == (
        None,
        "unknown",
    )


def test_a_complex_quantity_that_holds_itself_is_read_once(tmp_path: Path) -> None:
    quantities = (
        "#200=IFCPHYSICALCOMPLEXQUANTITY('Layers',$,(#202,#201),'layer',$,$);\n"
        "#201=IFCPHYSICALCOMPLEXQUANTITY('Loop',$,(#202,#200),'layer',$,$);\n"
        "#202=IFCQUANTITYVOLUME('V',$,$,2.,$);\n"
        "#210=IFCELEMENTQUANTITY('0XvctVUKr0kugbFTf53O9L',$,'Q',$,$,(#200));\n"
    )
    rows = read_text(BASE + quantities + DEFINES, tmp_path)
    assert [row["source_name"] for row in rows["quantities"]] == ["Layers/V", "Layers/Loop/V"]
    (warning,) = rows["warnings"]
    assert (warning["code"], warning["source_row"]) == ("set_cut", 200)


def test_what_is_nested_without_measure_is_cut(tmp_path: Path) -> None:
    """Each of 14 levels holds the two of the next: 16,384 figures in 60 records."""
    quantities = "".join(
        f"#{300 + 2 * level + twin}=IFCPHYSICALCOMPLEXQUANTITY('x',$,"
        f"(#{302 + 2 * level},#{303 + 2 * level}),'layer',$,$);\n"
        for level in range(14)
        for twin in (0, 1)
    )
    leaves = "#328=IFCQUANTITYVOLUME('V',$,$,2.,$);\n#329=IFCQUANTITYVOLUME('V',$,$,2.,$);\n"
    holder = "#210=IFCELEMENTQUANTITY('0XvctVUKr0kugbFTf53O9L',$,'Q',$,$,(#300));\n"
    rows = read_text(BASE + quantities + leaves + holder + DEFINES, tmp_path)
    assert 1_000 < len(rows["quantities"]) <= 10_000
    assert _codes(rows) == {"set_cut": 1}


def test_long_chains_of_parts_take_time_in_proportion(tmp_path: Path) -> None:
    def seconds(count: int) -> float:
        walls = "".join(
            f"#{1000 + number}=IFCWALL('{number:022}',$,$,$,$,$,$,$,$);\n"
            for number in range(count)
        )
        relations = "".join(
            f"#{90000 + no}=IFCRELAGGREGATES('{no:022}',$,$,$,#{1000 + no},(#{1001 + no}));\n"
            for no in range(count - 1)
        )
        held = (
            "#80000=IFCRELCONTAINEDINSPATIALSTRUCTURE('1ZvctVUKr0kugbFTf53O9L',$,$,$,(#1000),#6);\n"
        )
        start = time.process_time()
        rows = read_text(PROJECT + ASSIGNED + UNITS + STOREY + walls + relations + held, tmp_path)
        assert {row["storey_name"] for row in rows["elements"][2:]} == {"S"}
        return time.process_time() - start

    seconds(100)
    assert seconds(8_000) < 12 * seconds(2_000) + 0.5
