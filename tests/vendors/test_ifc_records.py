"""Damaged files: what cannot be read is refused or named, and costs nothing else."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from ifc_rows import BASE, WALL, decoded, read_text, step_text

from takeoff.core.errors import InputRefused, NotUnderstood

SECOND = "#101=IFCWALL('2XQ$n5SLP5MBLyL442paFy',$,'second',$,$,$,$,$,$);\n"
THIRD = "#102=IFCWALL('2XQ$n5SLP5MBLyL442paFz',$,'third',$,$,$,$,$,$);\n"
PLACED = "#103=IFCRELCONTAINEDINSPATIALSTRUCTURE('3ZvctVUKr0kugbFTf53O9L',$,$,$,(#101,#102),#6);\n"


def _walls(rows: dict[str, Any]) -> dict[str, str | None]:
    return {row["source_id"]: row["name"] for row in rows["elements"] if row["ifc_class"] == "Wall"}


@pytest.mark.parametrize(
    "broken",
    [
        SECOND.replace(");", ";"),
        SECOND.replace(";", ""),
        SECOND.replace("paFy'", "paFy"),
        SECOND.replace("$,$,$);", "$,$,(($);"),
    ],
    ids=["bracket", "semicolon", "quote", "list"],
)
def test_a_broken_record_costs_no_other(tmp_path: Path, broken: str) -> None:
    rows = read_text(BASE + broken + THIRD + PLACED, tmp_path)
    assert {"#100", "#101", "#102"} == set(_walls(rows))
    assert _walls(rows)["#102"] == "third"
    (warning,) = rows["warnings"]
    assert (warning["code"], warning["source_row"]) == ("record_broken", 101)
    assert warning["element_no"] is not None


@pytest.mark.parametrize(
    ("broken", "element_id", "name"),
    [
        (SECOND.replace(");", ";"), "2XQ$n5SLP5MBLyL442paFy", None),
        (SECOND.replace("paFy'", "paFy"), "#101", None),
    ],
)
def test_of_a_broken_element_only_what_is_sure_is_told(
    tmp_path: Path, broken: str, element_id: str, name: str | None
) -> None:
    rows = read_text(BASE + broken + THIRD + PLACED, tmp_path)
    (element,) = [row for row in rows["elements"] if row["source_id"] == "#101"]
    assert (element["element_id"], element["name"]) == (element_id, name)
    assert element["storey_name"] == "S"


def test_a_broken_figure_keeps_its_row_without_a_value(tmp_path: Path) -> None:
    """A value before the break may itself be cut: 12 may be what is left of 125."""
    figures = (
        "#200=IFCQUANTITYAREA('A',$,$,12\n#201=IFCQUANTITYAREA('B',$,$,7.,$);\n"
        "#210=IFCELEMENTQUANTITY('0XvctVUKr0kugbFTf53O9L',$,'Q',$,$,(#200,#201));\n"
        "#211=IFCRELDEFINESBYPROPERTIES('0WvctVUKr0kugbFTf53O9L',$,$,$,(#100),#210);\n"
    )
    rows = read_text(BASE + figures, tmp_path)
    found = [(row["source_name"], row["value"]) for row in rows["quantities"]]
    assert found == [("A", None), ("B", 7.0)]
    assert [row["code"] for row in rows["warnings"]] == ["record_broken", "value_unreadable"]


def test_garbage_between_records_costs_none(tmp_path: Path) -> None:
    rows = read_text(BASE + "@@@ garbage\n" + SECOND + THIRD + PLACED, tmp_path)
    assert set(_walls(rows)) == {"#100", "#101", "#102"}
    assert [row["code"] for row in rows["warnings"]] == ["record_broken"]


def test_strings_may_hold_semicolons_records_and_line_breaks(tmp_path: Path) -> None:
    name = "a;#12=IFCWALL(''b'');\n /* no comment */ \\\\ "
    rows = read_text(BASE + SECOND.replace("second", name) + THIRD + PLACED, tmp_path)
    assert _walls(rows)["#101"] == "a;#12=IFCWALL('b');\n /* no comment */ \\ "
    assert rows["warnings"] == []


def test_records_may_span_lines_and_stand_side_by_side(tmp_path: Path) -> None:
    second = SECOND.replace(",", "\r\n ,").replace("=", " =\n").strip()
    rows = read_text(BASE + second + "/* #7=\n(' */" + THIRD + PLACED, tmp_path)
    assert _walls(rows) == {"#100": "W", "#101": "second", "#102": "third"}
    assert rows["warnings"] == []


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("\\X2\\00E4\\X0\\", "ä"),
        ("\\X2\\D83DDE00\\X0\\", "😀"),
        ("\\X4\\0001F600\\X0\\", "😀"),
        ("\\X\\E4", "ä"),
        ("\\S\\d", "ä"),
        ("\\PE\\\\S\\1", "Б"),
        ("ä 日本", "ä 日本"),
        ("it''s", "it's"),
        ("C:\\\\x", "C:\\x"),
    ],
)
def test_strings_are_read_as_people_wrote_them(tmp_path: Path, written: str, read: str) -> None:
    rows = read_text(BASE.replace("'W'", f"'{written}'"), tmp_path)
    assert _walls(rows)["#100"] == read


def test_western_bytes_are_read_where_utf_8_does_not_fit(tmp_path: Path) -> None:
    path = tmp_path / "old.ifc"
    path.write_bytes(step_text(BASE.replace("'W'", "'Wände'")).encode("cp1252"))
    assert _walls(decoded(path, tmp_path))["#100"] == "Wände"


def test_a_step_id_used_twice_counts_once(tmp_path: Path) -> None:
    rows = read_text(BASE + WALL.replace("'W'", "'other'"), tmp_path)
    assert _walls(rows) == {"#100": "W"}
    assert [row["code"] for row in rows["warnings"]] == ["record_repeated"]


def test_a_class_that_the_schema_does_not_know_is_named(tmp_path: Path) -> None:
    rows = read_text(BASE + "#900=IFCWALLL('x',$);\n", tmp_path)
    (warning,) = rows["warnings"]
    assert (warning["code"], warning["source_row"]) == ("class_unknown", 900)


def test_references_to_what_is_not_there_are_named(tmp_path: Path) -> None:
    records = (
        "#300=IFCRELCONTAINEDINSPATIALSTRUCTURE('3ZvctVUKr0kugbFTf53O9L',$,$,$,(#777),#6);\n"
        "#301=IFCRELVOIDSELEMENT('1XvctVUKr0kugbFTf53O9L',$,$,$,#100,#778);\n"
        "#302=IFCPROPERTYSET('0UvctVUKr0kugbFTf53O9L',$,'S',$,(#779));\n"
        "#303=IFCRELDEFINESBYPROPERTIES('0TvctVUKr0kugbFTf53O9L',$,$,$,(#100),#302);\n"
    )
    rows = read_text(BASE + records, tmp_path)
    assert Counter(row["code"] for row in rows["warnings"]) == {"reference_broken": 3}
    assert all(
        any(
            f"#{missing} " in row["text"] or f"#{missing}," in row["text"]
            for row in rows["warnings"]
        )
        for missing in (777, 778, 779)
    )


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (b"", InputRefused, "empty"),
        (b"hello world\n", InputRefused, "not an IFC file"),
        (b"<ifcXML/>", InputRefused, "not an IFC file"),
        (b"ISO-10303-21;\nHEADER;\nENDSEC;\n", InputRefused, "names no schema"),
        (step_text(BASE, "IFC4X1").encode(), InputRefused, "IFC4X1"),
        (step_text(BASE, "AP214").encode(), InputRefused, "AP214"),
        (step_text("").encode(), InputRefused, "no records"),
        (step_text(BASE, end="").encode(), NotUnderstood, "cut short"),
        (step_text(BASE).encode()[:-30], NotUnderstood, "cut short"),
        (step_text(BASE).encode()[:400], NotUnderstood, "cut short"),
    ],
)
def test_files_that_are_no_whole_model_are_refused(
    tmp_path: Path, content: bytes, error: type[Exception], words: str
) -> None:
    path = tmp_path / "bad.ifc"
    path.write_bytes(content)
    with pytest.raises(error, match=words) as raised:
        decoded(path, tmp_path)
    assert str(raised.value).startswith("bad.ifc")


def test_a_real_model_cut_anywhere_is_never_taken_for_a_whole_one(
    shared: Path, tmp_path: Path
) -> None:
    whole = (shared / "ifc" / "PCERT_Building-Hvac.ifc").read_bytes()
    path = tmp_path / "cut.ifc"
    for size in range(0, len(whole.rstrip()) - 1, 9973):
        path.write_bytes(whole[:size])
        with pytest.raises((InputRefused, NotUnderstood)):
            decoded(path, tmp_path)


@pytest.mark.parametrize("schema", ["IFC2X3", "IFC4", "IFC4X3", "IFC4X3_ADD2", "IFC4_ADD2_TC1"])
def test_schemas_that_are_read(tmp_path: Path, schema: str) -> None:
    assert "#100" in _walls(read_text(BASE, tmp_path, schema=schema))


def test_classes_are_read_in_any_case_of_letters(tmp_path: Path) -> None:
    assert _walls(read_text(BASE.replace("IFCWALL", "IfcWall"), tmp_path)) == {"#100": "W"}
