"""The file around the records: sections, header, comments, strings, what stands behind."""

from __future__ import annotations

import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from ifc_rows import BASE, WALL, decoded, read_text, step_text

from takeoff.core.errors import NotUnderstood
from takeoff.core.refs import Document
from takeoff.vendors.ifc.cite import cite

SECOND = "#101=IFCWALL('2XQ$n5SLP5MBLyL442paFy',$,'second',$,$,$,$,$,$);\n"
THIRD = "#102=IFCWALL('2XQ$n5SLP5MBLyL442paFz',$,'third',$,$,$,$,$,$);\n"
PLACED = "#103=IFCRELCONTAINEDINSPATIALSTRUCTURE('3ZvctVUKr0kugbFTf53O9L',$,$,$,(#101,#102),#6);\n"


def _walls(rows: dict[str, Any]) -> list[str]:
    return [row["source_id"] for row in rows["elements"] if row["ifc_class"] == "Wall"]


def _read(text: str, folder: Path) -> dict[str, list[dict[str, Any]]]:
    path = folder / "m.ifc"
    path.write_text(text, "utf-8", newline="")
    return decoded(path, folder)


@pytest.mark.parametrize(
    "between",
    [
        "ENDSEC;\nDATA;\n",
        "ENDSEC; /* DATA; */ DATA('second',('IFC4'));\n",
        "ENDSEC;\nDATA('a;b''c',('IFC4'));\n",
        "endsec;\ndata;\n",
        "ENDSEC;\n",
    ],
)
def test_all_data_sections_are_read(tmp_path: Path, between: str) -> None:
    rows = _read(step_text(BASE + between + SECOND + THIRD + PLACED), tmp_path)
    assert _walls(rows) == ["#100", "#101", "#102"]
    assert rows["warnings"] == []


def test_the_first_data_section_may_have_parameters_and_small_letters(tmp_path: Path) -> None:
    for head in ("data;", "DATA('only',('IFC4'));", "DATA /* ; */ ;"):
        rows = _read(step_text(BASE).replace("DATA;", head, 1), tmp_path)
        assert (_walls(rows), rows["warnings"]) == (["#100"], [])


@pytest.mark.parametrize(
    ("behind", "words"),
    [
        (step_text(BASE), "second model"),
        ("\n" + step_text(BASE), "second model"),
        ("DATA;\n" + SECOND + "ENDSEC;\n", "records behind its end"),
        ("x" * 9000 + SECOND, "records behind its end"),
    ],
)
def test_what_stands_behind_the_end_is_never_lost(tmp_path: Path, behind: str, words: str) -> None:
    with pytest.raises(NotUnderstood, match=words):
        _read(step_text(BASE) + behind, tmp_path)


@pytest.mark.parametrize(
    "behind", ["\n\n\x00\x00", "/* done */\n", "x" * 9000, "SIGNATURE;x=;ENDSEC;"]
)
def test_what_holds_no_records_may_stand_behind_the_end(tmp_path: Path, behind: str) -> None:
    assert _walls(_read(step_text(BASE) + behind, tmp_path)) == ["#100"]


def test_an_end_in_a_string_is_none(tmp_path: Path) -> None:
    text = step_text(BASE.replace("'W'", "'ENDSEC;\nEND-ISO-10303-21;\n'"), end="")
    with pytest.raises(NotUnderstood, match="cut short"):
        _read(text, tmp_path)


def test_comments_may_hold_apostrophes_and_stand_anywhere(tmp_path: Path) -> None:
    second = SECOND.replace("$,'second'", "$ /* don't; #12= ( */,'second'")
    third = THIRD.replace("=IFCWALL(", " /**/ = /*a*/ IFCWALL /* 'b */ ( /* c */ ")
    long = "/*" + "* it's; #1=IFCWALL('x');\n" * 900 + "*/\n"
    rows = read_text(BASE + long + second + third + long + PLACED, tmp_path)
    assert [row["name"] for row in rows["elements"][-2:]] == ["second", "third"]
    assert rows["elements"][-1]["element_id"] == "2XQ$n5SLP5MBLyL442paFz"
    assert rows["warnings"] == []


def test_a_record_with_comments_is_cited(tmp_path: Path) -> None:
    path = tmp_path / "m.ifc"
    path.write_text(step_text(BASE + "#101 /* 'a */ = IFCWALL('x' /* ; */);\n"))
    found = cite(Document(0, path.name, path, ""), 101, tmp_path)
    assert found == ["#101 /* 'a */ = IFCWALL('x' /* ; */);"]


def test_a_line_in_a_string_is_no_record(tmp_path: Path) -> None:
    name = "a;b #12=IFCWALL(''x'');\r\n#13=IFCWALL(''q'')"
    rows = _read(step_text(BASE + SECOND.replace("second", name) + THIRD + PLACED), tmp_path)
    assert _walls(rows) == ["#100", "#101", "#102"]
    assert rows["elements"][-2]["name"] == "a;b #12=IFCWALL('x');\r\n#13=IFCWALL('q')"
    assert rows["warnings"] == []


@pytest.mark.parametrize(
    "description", ["'x; DATA; #1=IFCWALL('", "''/* it's\n DATA; */", "'FILE_SCHEMA((''AP214''));'"]
)
def test_nothing_in_the_header_is_taken_for_data(tmp_path: Path, description: str) -> None:
    text = step_text(BASE).replace("FILE_DESCRIPTION((''", f"FILE_DESCRIPTION(({description}")
    rows = _read(text, tmp_path)
    assert (_walls(rows), rows["warnings"]) == (["#100"], [])


def test_an_apostrophe_too_many_in_the_header_costs_nothing(tmp_path: Path) -> None:
    text = step_text(BASE).replace("FILE_NAME(''", "FILE_NAME('Jim's model.ifc'")
    rows = _read(text, tmp_path)
    assert (_walls(rows), rows["warnings"]) == (["#100"], [])


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 20, "0"])
def test_what_is_no_step_id_is_named_and_costs_no_other(tmp_path: Path, number: str) -> None:
    rows = read_text(BASE + SECOND.replace("101", number) + THIRD + PLACED, tmp_path)
    assert _walls(rows) == ["#100", "#102"]
    codes = [row["code"] for row in rows["warnings"]]
    assert codes == ["record_broken", "reference_broken"]


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 20])
def test_what_is_no_reference_is_named_and_costs_no_other(tmp_path: Path, number: str) -> None:
    records = SECOND + THIRD + PLACED.replace("(#101", f"(#{number},#101")
    rows = read_text(BASE + records, tmp_path)
    assert [row["storey_name"] for row in rows["elements"][-2:]] == ["S", "S"]
    (warning,) = rows["warnings"]
    assert (warning["code"], warning["source_row"]) == ("record_broken", 103)


@pytest.mark.parametrize("depth", [40, 50_000])
def test_values_in_values_in_values_are_no_trouble(tmp_path: Path, depth: int) -> None:
    nested = "IFCLABEL(" * depth + "'x'" + ")" * depth
    records = (
        f"#200=IFCPROPERTYSINGLEVALUE('A',$,{nested},$);\n"
        "#202=IFCPROPERTYSINGLEVALUE('B',$,IFCLABEL('b'),$);\n"
        "#210=IFCPROPERTYSET('0XvctVUKr0kugbFTf53O9L',$,'P',$,(#200,#202));\n"
        "#211=IFCRELDEFINESBYPROPERTIES('0WvctVUKr0kugbFTf53O9L',$,$,$,(#100),#210);\n"
    )
    rows = read_text(BASE + records, tmp_path)
    found = {row["name"]: row["text"] for row in rows["properties"] if row["set_name"] == "P"}
    assert (set(found), found["B"]) == ({"A", "B"}, "b")
    assert [row["code"] for row in rows["warnings"]] == ["record_broken"]


@pytest.mark.parametrize(
    "broken",
    [
        "#%d=IFCWALL('a",
        "/*\n#%d=IFCWALL($);",
        pytest.param("#%d=IFCWALL(',", marks=pytest.mark.slow),
        pytest.param("#%d=IFCWALL(/* ", marks=pytest.mark.slow),
        pytest.param("#%d=", marks=pytest.mark.slow),
    ],
)
def test_many_broken_records_take_time_in_proportion(tmp_path: Path, broken: str) -> None:
    def seconds(count: int) -> float:
        text = "\n".join(broken % number for number in range(1000, 1000 + count))
        start = time.process_time()
        read_text(BASE + text + "\n" * count, tmp_path)
        return time.process_time() - start

    seconds(100)
    assert seconds(16_000) < 12 * seconds(4_000) + 0.5


@pytest.mark.parametrize(
    "beside", ["__MACOSX/m/._model.ifc", "m/._model.ifc", "__MACOSX/model.ifc"]
)
def test_what_macos_packs_beside_a_model_is_none(tmp_path: Path, beside: str) -> None:
    path = tmp_path / "mac.ifczip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("m/Haus: EG.ifc", step_text(BASE + WALL.replace("100", "101", 1)))
        archive.writestr(beside, b"\x00\x05\x16\x07")
    assert _walls(decoded(path, tmp_path)) == ["#100", "#101"]


def test_a_colon_in_a_name_leads_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "m.ifczip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Haus: EG.ifc", step_text(BASE))
    assert _walls(decoded(path, tmp_path)) == ["#100"]
