"""No figure comes from a data file that is not as committed."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from small_lakes import Model, open_lake, rows

from takeoff.core.errors import InputRefused, LakeUnusable
from takeoff.core.refs import Snapshot
from takeoff.lake.layout import open_layout
from takeoff.lake.reader import read_snapshots

_OLD, _NEW = Decimal("2.718281828459"), Decimal("3.141592653589")


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """A house, and its second revision with another volume."""
    folder = tmp_path / "lake"
    for volume in (_OLD, _NEW):
        house = Model("house").add("a").figure("NetVolume", str(volume)).prop("Pset", "mark", "A")
        house.commit(folder)
    return folder


def _snapshots(lake: Path) -> list[Snapshot]:
    return read_snapshots(open_layout(lake))


def _flip(lake: Path, table: str) -> Path:
    """One bit of the current snapshot's rows is another."""
    name = next(file.name for file in _snapshots(lake)[-1].files if file.table == table)
    raw = bytearray((lake / name).read_bytes())
    raw[30] ^= 1
    (lake / name).write_bytes(raw)
    return lake / name


def _change_volume(lake: Path, snapshot: Snapshot, volume: Decimal) -> Path:
    """Flip a bit of the number itself, where it lies among the rows: no reader can tell."""
    path = lake / next(file.name for file in snapshot.files if file.table == "quantities")
    raw = path.read_bytes()
    for found in re.finditer(re.escape(int(volume * 10**12).to_bytes(6, "big")), raw):
        at = found.start() + 3
        path.write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
        if pq.read_table(path)["value_exact"].to_pylist() != [volume]:
            return path
    raise AssertionError(f"{volume} does not lie in {path}")


def _refused(path: Path) -> str:
    return rf"{re.escape(str(path))} has changed since it was committed.*; run takeoff rebuild"


@pytest.mark.parametrize(
    "sql",
    [
        "select sum(value_exact) from quantities",
        "select sum(value_exact) from element_quantities",
        'select count(*) from "ALL_Quantities"',
        "with those as (select * from main.quantities) select count(*) from those",
    ],
)
def test_flipped_bit_that_changes_a_value_is_refused_by_name(lake: Path, sql: str) -> None:
    path = _change_volume(lake, _snapshots(lake)[-1], _NEW)
    with open_lake(lake) as engine, pytest.raises(LakeUnusable, match=_refused(path)):
        engine.query(sql)
    with open_lake(lake) as engine, pytest.raises(LakeUnusable, match=_refused(path)):
        engine.sql(sql)


def test_tables_that_are_not_asked_about_stop_nobody(lake: Path) -> None:
    _flip(lake, "properties")
    with open_lake(lake) as engine:
        assert rows(engine, "select sum(value_exact) from quantities") == [(_NEW,)]
        assert rows(engine, "select count(*) from elements") == [(1,)]


def test_older_revision_is_looked_at_when_it_is_asked_about(lake: Path) -> None:
    path = _change_volume(lake, _snapshots(lake)[0], _OLD)
    with open_lake(lake) as engine:
        assert rows(engine, "select sum(value_exact) from quantities") == [(_NEW,)]
        with pytest.raises(LakeUnusable, match=_refused(path)):
            engine.query("select sum(value_exact) from all_quantities")


def test_selected_snapshots_are_those_looked_at(lake: Path) -> None:
    path = _change_volume(lake, _snapshots(lake)[0], _OLD)
    first = _snapshots(lake)[:1]
    with open_lake(lake, first) as engine, pytest.raises(LakeUnusable, match=_refused(path)):
        engine.query("select sum(value_exact) from quantities")


def test_marts_that_are_kept_are_not_filled_from_a_harmed_file(lake: Path) -> None:
    """A question that names no table of the lake fills them."""
    path = _flip(lake, "elements")
    with open_lake(lake) as engine:
        with pytest.raises(LakeUnusable, match=_refused(path)):
            engine.sql("select view_name from duckdb_views() order by view_name")


def test_wrong_sql_is_still_told_in_the_words_of_duckdb(lake: Path) -> None:
    with open_lake(lake) as engine, pytest.raises(InputRefused, match=r"element_quantities"):
        engine.sql("select * from element_quantitie")
