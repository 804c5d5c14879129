"""What odd answers once made of the readers, each by itself."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from random import Random

import pyarrow as pa
import pytest
from reading import Lake, Recorded, recorded
from small_lakes import open_lake, rows

from takeoff.cli import main
from takeoff.core.errors import NotUnderstood
from takeoff.core.refs import Document
from takeoff.vendors.autodesk import answers as autodesk
from takeoff.vendors.bimplus import answers as bimplus
from takeoff.vendors.bimplus import cite as bimplus_cite
from takeoff.vendors.bimplus import glance as bimplus_glance
from takeoff.vendors.bimplus import shapes as bimplus_shapes
from takeoff.vendors.itwin import answers as itwin
from takeoff.vendors.itwin import cite as itwin_cite
from takeoff.vendors.itwin import csvs as itwin_csvs
from takeoff.vendors.itwin import rows as itwin_rows
from takeoff.vendors.qonic import answers as qonic
from takeoff.vendors.qonic import cite

_ROOT = Path(__file__).resolve().parents[2]
_FAULTY = _ROOT / "data" / "sample" / "faulty"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def _with(vendor: str, place: str, change: Callable[[bytes], bytes]) -> Recorded:
    """The recorded answers, of which the one whose name has `place` in it is another."""
    read = recorded(vendor)
    name = next(name for name in read.answers if place in name)
    assert change(read.answers[name]) != read.answers[name]
    answers = dict(read.answers) | {name: change(read.answers[name])}
    return Recorded(read.vendor, read.options, answers)


@pytest.mark.parametrize(
    ("vendor", "place", "change"),
    [
        ("autodesk", "/properties", lambda raw: raw[: len(raw) // 2]),
        ("autodesk", "/fields", lambda raw: raw.replace(b"Elevation", b"\xf4levation")),
        ("autodesk", "/fields", lambda raw: raw.replace(b"Base Constraint", rb"Base \ud83c")),
        ("qonic", "properties/query", lambda raw: raw.replace(b'"Name":"', b'"Name":"\xe5')),
        ("qonic", "properties/query", lambda raw: raw.replace(b'"Name":', b'"Na\xff":')),
        ("qonic", "properties/query", lambda raw: b"null"),
        ("qonic", "properties/query", lambda raw: raw.replace(b'"result":[', b'"result":{"a":[')),
        (
            "qonic",
            "properties/query",
            lambda raw: raw.replace(b'"result":[', b'"result":{"0":').replace(b"}]}", b"}}}"),
        ),
        (
            "qonic",
            "properties/query",
            lambda raw: raw.replace(
                b'"Name"', b'"Deep":' + b"[" * 900 + b"]" * 900 + b',"Name"', 1
            ),
        ),
        (
            "qonic",
            "properties/query",
            lambda raw: raw.replace(b'"Name"', b'"Deep":' + b"[" * 40 + b"]" * 40 + b',"Name"', 1),
        ),
    ],
    ids=[
        "cut after the first rows",
        "no UTF-8",
        "half a character",
        "a name in another encoding",
        "a key in another encoding",
        "null, by which Arrow crashes",
        "an object that does not end",
        "an object",
        "very deep",
        "deep",
    ],
)
def test_odd_answer_is_not_understood(
    lake: Lake, vendor: str, place: str, change: Callable[[bytes], bytes]
) -> None:
    assert lake.outcome(_with(vendor, place, change), Random(0)) == "NotUnderstood"


@pytest.mark.parametrize("text", [bimplus.text, qonic.text])
def test_number_that_names_nothing_is_no_name(text: Callable[[object], str | None]) -> None:
    """An exponent of nine digits would be a number of a billion digits."""
    for number in (float("nan"), float("inf"), -1e400, Decimal("1e999999999"), 1e300):
        assert text(number) is None
    assert text(7.0) == text(7) == "7"


@pytest.mark.parametrize("whole", [autodesk.whole, bimplus_shapes.whole, itwin.whole])
def test_text_of_too_many_digits_is_no_count(whole: Callable[[object], int | None]) -> None:
    assert whole("9" * 5_000) is None
    assert whole("12") == 12


def test_row_with_a_number_of_thousands_of_digits_is_cited_as_it_stands(tmp_path: Path) -> None:
    page = b'{"result":[{"Guid":"a","Name":' + b"9" * 5_000 + b"}]}"
    (tmp_path / "page").write_bytes(page)
    document = Document(0, "/projects/1/models/1/products/properties/query", tmp_path / "page", "")
    [cited] = cite.cite(document, 0, tmp_path)
    assert cited == page.decode()[len('{"result":[') : -2]


def test_item_with_a_number_of_thousands_of_digits_is_cited_as_it_stands(tmp_path: Path) -> None:
    """Of Bimplus's lists and iTwin's."""
    row = '{"id": "a", "size": ' + "9" * 5_000 + "}"
    (tmp_path / "list").write_text(f"[{row}]", "utf-8")
    (tmp_path / "object").write_text(f'{{"changes": [{row}]}}', "utf-8")
    of_list = Document(0, "/team/objects/divisions", tmp_path / "list", "")
    of_object = Document(0, "/imodels/1/changesets", tmp_path / "object", "")
    assert bimplus_cite.cite(of_list, 0, tmp_path) == [row]
    assert itwin_cite.cite(of_object, 0, tmp_path) == [row]


def test_rows_in_another_encoding_are_refused(tmp_path: Path) -> None:
    """Arrow's reader of JSON lets any bytes by, and other readers of its texts crash."""
    (tmp_path / "list").write_bytes(b'[{"id": "B\xfcro"}]')
    with pytest.raises(NotUnderstood, match="it is no JSON .'utf-8' codec can't decode byte 0xfc"):
        bimplus_glance.at_objects(tmp_path / "list", "/objects")
    (tmp_path / "page").write_bytes(b'{"value": [{"Name": "B\xfcro"}]}')
    with pytest.raises(NotUnderstood, match="it is no JSON .'utf-8' codec can't decode byte 0xfc"):
        itwin_rows.page(tmp_path / "page", "/entities", [("Name", "Edm.String")])


def test_page_with_a_byte_order_mark_keeps_its_types(tmp_path: Path) -> None:
    (tmp_path / "page").write_bytes(b'\xef\xbb\xbf\n{"value": [{"Length": 2.5}]}')
    (found,) = itwin_rows.page(tmp_path / "page", "/entities", [("Length", "Edm.Double")]).values()
    assert (found.type, found.to_pylist()) == (pa.float64(), [2.5])


def test_page_that_is_null_is_refused(tmp_path: Path) -> None:
    """Arrow's reader of JSON ends the process by it."""
    (tmp_path / "page").write_bytes(b" null")
    with pytest.raises(NotUnderstood, match="it is no list of objects"):
        bimplus_glance.at_objects(tmp_path / "page", "/objects")
    with pytest.raises(NotUnderstood, match="it is no object"):
        itwin_rows.page(tmp_path / "page", "/entities", [("Name", "Edm.String")])


def test_half_a_character_is_shown_in_the_refusal() -> None:
    with pytest.raises(NotUnderstood, match=r"it is no object; it begins: \"\?\""):
        itwin.as_object("\ud800", "/imodels/1")


@pytest.mark.parametrize(
    "parsed",
    [autodesk.parsed, bimplus.parsed, bimplus.parsed_tree, itwin.parsed, qonic.parsed],
    ids=lambda parsed: f"{parsed.__module__.split('.')[2]}-{parsed.__name__}",
)
def test_names_that_end_in_half_a_character_are_refused(
    parsed: Callable[[bytes, str], object],
) -> None:
    """As Arrow and DuckDB refuse them; whole ones, and what only looks like one, are read."""
    for text in (r'{"name": ["Tree \ud83c"]}', r'{"\udf33": 1}'):
        with pytest.raises(
            NotUnderstood, match=r"half a character, .ud83c|half a character, .udf33"
        ):
            parsed(text.encode(), "/answer")
    assert parsed(rb'{"name": "Tree \ud83c\udf33"}', "/answer") == {"name": "Tree \U0001f333"}
    assert parsed(rb'{"name": "C:\\ud83c"}', "/answer") == {"name": r"C:\ud83c"}


def test_tree_that_is_too_deep_for_the_stack_may_hold_no_half_character() -> None:
    deep = b"[" * 5_000 + rb'"\ud83c"' + b"]" * 5_000
    with pytest.raises(NotUnderstood, match="half a character"):
        bimplus.parsed_tree(deep, "/tree")


def test_refusal_of_a_header_names_a_few_columns_only(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("ECInstanceId,Other\n1,2\n", "utf-8")
    columns = ["ECInstanceId", "a" * 9_000]
    with pytest.raises(NotUnderstood, match="names other columns") as refused:
        itwin_csvs.has_header(tmp_path / "rows.csv", "/partitions", columns)
    assert len(str(refused.value)) < 600


def test_member_that_a_relation_names_twice_is_one(tmp_path: Path) -> None:
    """A relation's members are a set; a material or a part would count twice."""
    (text,) = recorded("ifc").answers.values()
    twice = re.sub(rb"(=IFCREL.*,\()(#\d+)([,)])", rb"\1\2,\2\3", text)
    assert twice.count(b"#") == text.count(b"#") + 13
    found = []
    for name, content in (("plain", text), ("twice", twice)):
        (tmp_path / f"{name}.ifc").write_bytes(content)
        lake = str(tmp_path / name)
        asked = ["fetch", "ifc", str(tmp_path / f"{name}.ifc"), "--lake", lake, "--no-geometry"]
        assert main(asked) == 0
        with open_lake(Path(lake)) as engine:
            found.append([rows(engine, select) for select in _RELATED])
    assert found[0] == found[1]
    assert all(found[0])


_RELATED = (
    "select element_no, material from materials order by all",
    "select element_no, quantity, ordinal, value_exact from quantities order by all",
    "select from_element_no, to_element_no, kind from relations order by all",
)


@pytest.mark.slow
def test_links_to_what_cannot_stand_there_do_not_end_the_process(tmp_path: Path) -> None:
    """The geometry kernel follows them; a whole that is a unit, an opening that is one."""
    text = (_FAULTY / "openings_like_roof.ifc").read_text("utf-8")
    unit = re.search(r"#\d+(?==IFCSIUNIT)", text)
    assert unit is not None
    wrong = re.sub(r"(IFCRELVOIDSELEMENT\(.*),#\d+\)", rf"\1,{unit[0]})", text, count=1)
    wrong = re.sub(r"(IFCRELAGGREGATES\('.*),#\d+,\(", rf"\1,{unit[0]},(", wrong)
    assert wrong.count(f",{unit[0]})") > text.count(f",{unit[0]})")
    (tmp_path / "wrong.ifc").write_text(wrong, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "takeoff", "fetch", "ifc", "wrong.ifc", "--lake", "lake"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
    )
    assert done.returncode == 0, done.stderr
    with open_lake(tmp_path / "lake") as engine:
        told = rows(engine, "select text from warnings where code = 'record_broken' order by text")
    assert len(told) >= 2
    assert all("leads to" in text and "left out of the geometry" in text for (text,) in told)
