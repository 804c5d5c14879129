"""CSV and JSON: exact, strict, harmless, with provenance beside them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from example_results import (
    EXACT,
    FORMULAS,
    HOSTILE,
    INNOCENT,
    OBEYED,
    WALLS_SQL,
    of_sql,
    of_table,
    of_texts,
    provenance,
    snapshot,
)
from hypothesis import given
from hypothesis import strategies as st

from takeoff import render
from takeoff.core.errors import InputRefused
from takeoff.core.results import Result

CSV = render.for_target(None, "csv", terminal=False)
JSON = render.for_target(None, "json", terminal=False)

SIGNS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def _csv(result: Result, *, raw: bool = False) -> str:
    stream = io.StringIO(newline="")
    CSV.write(result, stream, raw=raw)
    return stream.getvalue()


def _rows(text: str, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def _refuse(constant: str) -> object:
    raise AssertionError(f"{constant} is no JSON")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def _strict_json(text: str) -> list[dict[str, object]]:
    return json.loads(text, parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_unique)


def _json(result: Result) -> str:
    stream = io.StringIO()
    JSON.write(result, stream)
    return stream.getvalue()


def test_csv_of_figures_nulls_and_empty_texts() -> None:
    assert _csv(of_sql(WALLS_SQL)) == (
        "ifc_class,storey_name,net_volume_m3,counted,is_external\n"
        "Wall,Level 1,1234567.125,20,true\n"
        "Slab,,0.000000000001,3,false\n"
        ',"",-12.5,0,\n'
        "Door,Straße 壁,,,\n"
    )


def test_json_of_figures_nulls_and_empty_texts() -> None:
    names = ["ifc_class", "storey_name", "net_volume_m3", "counted", "is_external"]
    rows = [
        ["Wall", "Level 1", Decimal("1234567.125"), 20, True],
        ["Slab", None, Decimal("0.000000000001"), 3, False],
        [None, "", Decimal("-12.5"), 0, None],
        ["Door", "Straße 壁", None, None, None],
    ]
    expected = [dict(zip(names, row, strict=True)) for row in rows]
    assert _strict_json(_json(of_sql(WALLS_SQL))) == expected


@given(st.lists(st.decimals(-(10**19), 10**19, places=12) | st.none(), max_size=20))
def test_decimals_come_back_exactly(values: list[Decimal | None]) -> None:
    result = of_table(pa.table({"v": pa.array(values, EXACT)}))
    printed = [row[0] for row in _rows(_csv(result))[1:]]
    assert [Decimal(text) if text else None for text in printed] == values
    # Plain digits, no exponent and no noise at the end, here and in JSON.
    assert not any("e" in text.lower() or (text[-1:] == "0" and "." in text) for text in printed)
    pairs = json.loads(_json(result), parse_float=Decimal, parse_int=Decimal)
    assert [pair["v"] for pair in pairs] == values


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=20))
def test_doubles_come_back_exactly(values: list[float]) -> None:
    result = of_table(pa.table({"v": pa.array(values, pa.float64())}))
    assert [float(row[0]) for row in _rows(_csv(result))[1:]] == values
    assert [float(pair["v"]) for pair in json.loads(_json(result))] == values


def test_what_is_not_finite_is_unknown() -> None:
    result = of_sql("select unnest(['nan', 'inf', '-inf', '1.5'])::double as v")
    assert _csv(result) == 'v\n""\n""\n""\n1.5\n'
    assert _strict_json(_json(result)) == [{"v": None}] * 3 + [{"v": Decimal("1.5")}]


def test_numbers_no_double_can_hold() -> None:
    result = of_sql("select 9007199254740993::bigint as b, (10::hugeint ** 30)::hugeint + 1 as h")
    assert _rows(_csv(result))[1][0] == "9007199254740993"
    assert _strict_json(_json(result))[0]["b"] == 9007199254740993


def test_times_are_iso_in_utc() -> None:
    result = of_sql(
        """select timestamptz '2024-01-02 03:04:05+01' as t,
        timestamp '2024-01-02 03:04:05.25' as l,
        date '2024-01-02' as d,
        time '03:04:00' as c,
        timestamp_ns '2024-01-02 00:00:00.123456789' as n,
        interval '1 month 2 days 3.5 seconds' as i,
        timestamp 'infinity' is null as x"""
    )
    assert _strict_json(_json(result)) == [
        {
            "t": "2024-01-02T02:04:05Z",
            "l": "2024-01-02T03:04:05.25",
            "d": "2024-01-02",
            "c": "03:04:00",
            "n": "2024-01-02T00:00:00.123456789",
            "i": "P1M2DT3.5S",
            "x": False,
        }
    ]


def test_nested_values_are_json_in_json_and_json_text_in_csv() -> None:
    result = of_sql(
        """select [1.10::decimal(5,2), null] as l, {'a': 'x"y', 'b': 'nan'::double} as s,
        '\\x01\\xff'::blob as b, 'x'::enum('x', 'y') as e"""
    )
    assert _strict_json(_json(result)) == [
        {"l": [Decimal("1.1"), None], "s": {"a": 'x"y', "b": None}, "b": "01ff", "e": "x"}
    ]
    assert json.loads(_rows(_csv(result))[1][1]) == {"a": 'x"y', "b": None}


def test_every_scalar_type_of_the_engine_can_be_printed() -> None:
    result = of_sql(
        "select uuid() u, '101'::bit bi, true b, 1::utinyint ut, 1.5::float f, null n, "
        "map {'k': 1} m, timestamp 'infinity' t, 5::uhugeint uh"
    )
    assert len(_rows(_csv(result))[1]) == len(_strict_json(_json(result))[0]) == 9


def test_empty_results_keep_their_form() -> None:
    result = of_sql(f"select * from ({WALLS_SQL}) where false")
    assert _csv(result) == "ifc_class,storey_name,net_volume_m3,counted,is_external\n"
    assert json.loads(_json(result)) == []


def test_long_results_are_never_shortened() -> None:
    result = of_sql("select i as element_no from range(25000) r(i) order by i")
    assert [row[0] for row in _rows(_csv(result))[1:]] == [str(i) for i in range(25_000)]
    assert [row["element_no"] for row in json.loads(_json(result))] == list(range(25_000))


def test_unit_stands_in_the_csv_header_once() -> None:
    units = {"net_volume_m3": "m3", "length": "m", "walls": "1"}
    result = of_sql("select 1 as net_volume_m3, 2 as length, 3 as walls, 4 as other", units)
    assert _csv(result).splitlines()[0] == "net_volume_m3,length [m],walls,other"
    assert _csv(result, raw=True).splitlines()[0] == "net_volume_m3,length,walls,other"
    assert list(json.loads(_json(result))[0]) == ["net_volume_m3", "length", "walls", "other"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("payload", FORMULAS)
def test_no_cell_begins_a_formula(payload: str, delimiter: str) -> None:
    """Neither as written nor when opened with the separator of another country."""
    text = _csv(of_texts([payload], name=payload))
    begins = [cell.lstrip(' \u00a0\u200b\ufeff"') for row in _rows(text, delimiter) for cell in row]
    assert not [cell for cell in begins if cell.startswith(SIGNS)]


@pytest.mark.parametrize("payload", OBEYED)
def test_csv_for_people_cannot_command_a_terminal(payload: str) -> None:
    text = _csv(of_texts([payload], name=payload))
    assert all(sign.isprintable() or sign == "\n" for sign in text)


@pytest.mark.parametrize("payload", INNOCENT)
def test_innocent_text_is_untouched(payload: str) -> None:
    assert _rows(_csv(of_texts([payload], name=payload))) == [["no", payload], ["0", payload]]


def test_disarmed_text_is_what_it_was_behind_the_apostrophe() -> None:
    cells = [row[1] for row in _rows(_csv(of_texts(["=1+1", "-1 basement", "'=1+1"])))[1:]]
    assert cells == ["'=1+1", "'-1 basement", "''=1+1"]


def test_numbers_are_never_taken_for_formulas() -> None:
    result = of_sql("select -1 as i, -1.5::decimal(9, 3) as d, -2.5::double as f, '-1' as text")
    assert _csv(result) == "i,d,f,text\n-1,-1.5,-2.5,'-1\n"


@pytest.mark.parametrize("payload", HOSTILE)
def test_raw_csv_and_json_keep_every_character(payload: str) -> None:
    result = of_texts([payload, None], name=payload or "name")
    assert _rows(_csv(result, raw=True))[1:] == [["0", payload], ["1", ""]]
    assert _rows(_csv(result, raw=True))[0] == ["no", payload or "name"]
    assert [row[payload or "name"] for row in _strict_json(_json(result))] == [payload, None]


@pytest.mark.parametrize("payload", OBEYED)
def test_json_cannot_command_a_terminal(payload: str) -> None:
    text = _json(of_texts([payload], name=payload))
    assert not [sign for sign in text if sign in "\x00\x07\x08\x1b\x7f\x9b\u202e\u2066\u2028"]


def test_two_columns_of_one_name_are_refused_by_json_only() -> None:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    assert _csv(of_table(table)) == "a,a\n1,2\n"
    with pytest.raises(InputRefused, match="'a'"):
        _json(of_table(table))


@pytest.mark.parametrize("raw", [True, False])
def test_other_readers_tell_unknown_from_empty(raw: bool, tmp_path: Path) -> None:
    target = tmp_path / "names.csv"
    result = of_table(pa.table({"name": ["Wall", "", None, "007"], "no": [1, 2, 3, None]}))
    CSV.write(result, target, raw=raw)
    with duckdb.connect() as connection:
        rows = connection.sql(
            f"from read_csv('{target}', header=true, allow_quoted_nulls=false, "
            "types={'name': 'VARCHAR'})"
        ).fetchall()
    assert rows == [("Wall", 1), ("", 2), (None, 3), ("007", None)]
    assert pl.read_csv(target, schema_overrides={"name": pl.String})["name"].to_list() == [
        "Wall",
        "",
        None,
        "007",
    ]
    assert pd.read_csv(target)["no"].tolist()[:3] == [1, 2, 3]


def test_lone_unknown_is_a_row_of_its_own() -> None:
    assert len(_rows(_csv(of_table(pa.table({"name": ["a", None, "b"]}))))) == 4


@pytest.mark.parametrize("suffix", ["csv", "json"])
def test_file_has_its_provenance_beside_it(suffix: str, tmp_path: Path) -> None:
    target = tmp_path / f"walls.{suffix}"
    about = provenance(notes=["a \x1b note", "stray \udcff byte"], params={"q": 'a"b'})
    table = pa.table({"length": pa.array([Decimal(1)], EXACT)})
    form = render.for_target(target, None, terminal=False)
    form.write(of_table(table, {"length": "m"}, about), target)
    beside = json.loads((tmp_path / f"walls.{suffix}.provenance.json").read_text("utf-8"))
    assert beside["file"] == target.name
    assert beside["sha256"] == hashlib.sha256(target.read_bytes()).hexdigest()
    assert beside["columns"] == [
        {"name": "length", "type": str(EXACT), "unit": "m", "meaning": "what it means"}
    ]
    assert beside["snapshots"] == [
        {
            "snapshot_id": "snapshot-of-Duplex",
            "vendor": "ifc",
            "project_id": "project 7",
            "project_name": "Project Seven",
            "model_id": "Duplex",
            "model_name": "Duplex Apartment",
            "source_version_kind": "sha256",
            "source_version": snapshot().source_version.value,
            "source_version_label": "rev B",
            "proof": "protocol_end",
            "proof_detail": "end of file read",
            "taken_at": "2025-01-02T03:04:05+00:00",
            "tool_version": "0.1.0",
        }
    ]
    assert beside["notes"] == ["a \x1b note", "stray \udcff byte"]
    assert beside["params"] == {"q": 'a"b'}
    assert (beside["title"], beside["rows"]) == ("Walls by class", 1)
    assert beside["ran_at"] == "2025-03-04T05:06:07+00:00"


def test_csv_says_whether_its_text_is_as_stored(tmp_path: Path) -> None:
    said = []
    for raw in (True, False):
        CSV.write(of_texts(["=1"]), tmp_path / "x.csv", raw=raw)
        said.append(json.loads((tmp_path / "x.csv.provenance.json").read_text())["text"])
    assert said[0] == "as stored"
    assert "apostrophe" in said[1]


def test_printed_and_written_are_the_same(tmp_path: Path) -> None:
    for form, name in ((CSV, "walls.csv"), (JSON, "walls.json")):
        stream = io.StringIO(newline="")
        form.write(of_sql(WALLS_SQL), stream)
        form.write(of_sql(WALLS_SQL), tmp_path / name)
        assert (tmp_path / name).read_bytes() == stream.getvalue().encode()
