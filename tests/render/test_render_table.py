"""The table for people: aligned, rounded by unit, harmless, and never wider than it must be."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from example_results import HOSTILE, WALLS_SQL, of_sql, of_table, of_texts, provenance, snapshot
from rich.cells import cell_len

from takeoff import render
from takeoff.core.results import Result

TABLE = render.for_target(None, "table", terminal=True)
THIN = "\u202f"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class OldTerminal(io.TextIOWrapper):
    def __init__(self, encoding: str) -> None:
        super().__init__(io.BytesIO(), encoding=encoding, newline="")

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def _printed(result: Result, stream: io.StringIO | None = None) -> str:
    stream = io.StringIO() if stream is None else stream
    TABLE.write(result, stream)
    return stream.getvalue()


def _row(result: Result, containing: str) -> list[str]:
    lines = [line for line in _printed(result).splitlines() if containing in line]
    return re.split(r" {2,}", lines[0].strip())


def test_table_reads_like_this() -> None:
    assert _printed(of_sql(WALLS_SQL, {"net_volume_m3": "m3"})) == (
        "Walls by class\n"
        "How much wall is there?\n"
        "\n"
        "ifc_class  storey_name   net_volume_m3  counted  is_external\n"
        "────────────────────────────────────────────────────────────\n"
        f"Wall       Level 1       1{THIN}234{THIN}567.125       20  true\n"
        "Slab       –            0.000000000001        3  false\n"
        "–                              -12.500        0  –\n"
        "Door       Straße 壁                 –        –  –\n"
        "\n"
        "4 rows\n"
        "note: 3 elements have no volume\n"
        "rounded for reading; csv, json and parquet hold all digits\n"
        "basis: authored before computed\n"
        "model: ifc:Duplex (Duplex Apartment), sha256 rev B, taken 2025-01-02, proof protocol_end,"
        " snapshot snapshot-of-Duplex\n"
        "takeoff 0.1.0, 2025-03-04 05:06 UTC\n"
    )


@pytest.mark.parametrize(
    ("unit", "shown"),
    [
        ("m", "1.24"),
        ("m2", "1.24"),
        ("m3", "1.235"),
        ("kg", "1.2"),
        ("s", "1"),
        ("furlong", "1.235"),
    ],
)
def test_decimals_by_the_column_unit(unit: str, shown: str) -> None:
    result = of_sql("select 'x' as what, 1.235::decimal(32, 12) as figure", {"figure": unit})
    assert _row(result, "x  ")[-1] == shown
    assert f"figure [{unit}]" in _printed(result)


def test_decimals_by_the_row_unit_in_long_form() -> None:
    sql = """select * from (values
        ('a', 'm3', 1.23456::decimal(32, 12), 12),
        ('b', 'm', 1.23456, 3),
        ('c', null, 1.23456, 4),
        ('d', 'm3', null, 5)
    ) as rows_of(what, unit, total, counted)"""
    assert _row(of_sql(sql), "a ") == ["a", "m3", "1.235", "12"]
    assert _row(of_sql(sql), "b ") == ["b", "m", "1.23", "3"]
    assert _row(of_sql(sql), "c ") == ["c", "–", "1.23456", "4"]
    assert _row(of_sql(sql), "d ") == ["d", "m3", "–", "5"]


def test_free_sql_shows_all_digits() -> None:
    free = of_sql("select 'm3' as unit, 1.23456::decimal(32, 12) as total")
    about = provenance(report=None)
    assert "1.23456" in _printed(Result(free.columns, free.table, about))


def test_figure_too_small_to_round_is_not_shown_as_none() -> None:
    result = of_sql("select 'x' as what, 0.0004::decimal(32, 12) as v", {"v": "m3"})
    assert _row(result, "x  ")[-1] == "0.0004"


def test_numbers_that_name_something_are_not_grouped() -> None:
    result = of_sql("select 12345 as element_no, 12345 as walls")
    assert _printed(result).splitlines()[5] == f"     12345  12{THIN}345"


@pytest.mark.parametrize("payload", [payload for payload in HOSTILE if payload.strip()])
def test_text_is_shown_and_obeyed_by_nobody(payload: str) -> None:
    about = provenance(
        title=payload, notes=[payload], snapshots=[snapshot(payload)], params={"p": payload}
    )
    result = of_texts([payload], name=payload)
    text = _printed(Result(result.columns, result.table, about))
    joiners = {"\u200b", "\u200d", "\ufeff", "\u00a0"}
    assert all(sign.isprintable() or sign in joiners or sign == "\n" for sign in text)
    # One line each for title, question, blank, heading, rule, row, blank and five of the foot.
    assert text.count("\n") == 12
    if payload.isprintable() and payload == payload.strip():
        # Title, heading, cell, note, and the model in its id and its snapshot's.
        assert text.count(payload) >= 6


def test_width_of_wide_letters_keeps_columns_aligned() -> None:
    names = ["壁", "Straße", "e\u0301", "\U0001f3e0", "x" * 9]
    result = of_sql(f"select unnest({names!r}) as name, 1 as figure")
    rows = _printed(result).splitlines()[5:10]
    assert {cell_len(row) for row in rows} == {len("x" * 9) + 2 + len("figure")}


@pytest.mark.parametrize("columns", ["60", "100", "200"])
def test_terminal_width_is_respected(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    sql = "select repeat('wall ', 30) as a_long_name, 1.5 as net_volume_of_all_walls, 'b' as b"
    text = re.sub("\x1b\\[[0-9;]*m", "", _printed(of_sql(sql), Terminal()))
    assert max(map(cell_len, text.splitlines())) <= int(columns)
    assert text.count("wall ") + text.count("wall\n") + text.count("wall  ") >= 30


def test_figures_are_never_cut_however_narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    sql = "select 'a long name' as name, 123456789.5 as a, 987654321.25 as b, 555555555 as c"
    text = _printed(of_sql(sql), Terminal())
    for figure in ("123 456 789.5", "987 654 321.25", "555 555 555"):
        assert figure.replace(" ", THIN) in text


def test_pipe_is_as_wide_as_need_be() -> None:
    sql = "select repeat('wall ', 60) as name, 1 as figure"
    assert "wall " * 60 in _printed(of_sql(sql))


def test_long_table_is_shortened_on_a_terminal_only() -> None:
    result = of_sql("select i as element_no, 'row ' || i as name from range(5000) r(i) order by i")
    on_terminal, in_pipe = _printed(result, Terminal()), _printed(result)
    assert "row 199" in on_terminal
    assert "row 200" not in on_terminal
    assert f"... 4{THIN}800 more rows (a terminal shows 200; -o FILE writes all)" in on_terminal
    assert "row 4999" in in_pipe
    assert f"5{THIN}000 rows" in in_pipe


def test_colour_on_a_terminal_unless_it_is_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    dim_dash = "\x1b[2m–"
    assert "\x1b" not in _printed(of_sql(WALLS_SQL))
    assert "\x1b[2m" in _printed(of_sql(WALLS_SQL), Terminal())
    monkeypatch.setenv("NO_COLOR", "1")
    colours = set(re.findall("\x1b\\[([0-9;]*)m", _printed(of_sql(WALLS_SQL), Terminal())))
    assert colours <= {"0", "1", "2"}
    monkeypatch.setenv("TERM", "dumb")
    assert dim_dash not in _printed(of_sql(WALLS_SQL), Terminal())


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "cp437"])
def test_old_character_sets_get_what_they_can_show(encoding: str) -> None:
    stream = OldTerminal(encoding)
    TABLE.write(of_sql(WALLS_SQL), stream)
    stream.flush()
    text = stream.buffer.getvalue().decode(encoding)  # type: ignore[attr-defined]
    assert "1 234 567.125" in text.replace("\u202f", " ")
    assert "Level 1" in text


def test_empty_result_says_so() -> None:
    text = _printed(of_sql(f"select * from ({WALLS_SQL}) where false"))
    assert "ifc_class  storey_name  net_volume_m3" in text
    assert "\nno rows\n" in text


def test_unproved_model_is_said_aloud_and_many_are_counted() -> None:
    snapshots = [snapshot(f"model {i}", "none" if i == 0 else "stated_total") for i in range(20)]
    result = of_sql("select 1 as a")
    text = _printed(Result(result.columns, result.table, provenance(snapshots=snapshots)))
    assert "model 0 (Duplex Apartment), sha256 rev B, taken 2025-01-02, not proved complete" in text
    assert text.count("model: ") == 8
    assert "... 12 more models" in text


def test_table_in_a_file_is_plain_text(tmp_path: Path) -> None:
    target = tmp_path / "walls.table"
    TABLE.write(of_sql(WALLS_SQL), target)
    assert target.read_text("utf-8") == _printed(of_sql(WALLS_SQL))
    assert list(tmp_path.iterdir()) == [target]


def test_doubles_huge_and_tiny() -> None:
    result = of_sql("select 'x' as what, 1e300 as a, 1e-9 as b, 1234567.5::double as c")
    assert _row(result, "x  ") == ["x", "1e+300", "1e-09", f"1{THIN}234{THIN}567.5"]
    assert of_table(result.table).columns == result.columns
