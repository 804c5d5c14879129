"""Parquet: types and digits kept, provenance and units inside, read by others without our help."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from example_results import HOSTILE, WALLS_SQL, of_sql, of_table, of_texts, provenance

from takeoff import render
from takeoff.core.errors import InputRefused
from takeoff.core.results import Result

PARQUET = render.for_target(Path("walls.parquet"), None, terminal=False)
VOLUMES = [Decimal("1234567.125"), Decimal("0.000000000001"), Decimal("-12.5"), None]


def _written(result: Result, folder: Path) -> Path:
    target = folder / "walls.parquet"
    PARQUET.write(result, target)
    return target


def test_arrow_reads_back_the_very_table(tmp_path: Path) -> None:
    result = of_sql(WALLS_SQL, {"net_volume_m3": "m3"})
    read = pq.read_table(_written(result, tmp_path))
    assert read.to_pylist() == result.table.to_pylist()
    assert read.schema.types == result.table.schema.types


def test_duckdb_reads_decimals_as_decimals(tmp_path: Path) -> None:
    target = _written(of_sql(WALLS_SQL), tmp_path)
    with duckdb.connect() as connection:
        relation = connection.sql(f"select net_volume_m3, counted from '{target}'")
        assert [str(kind) for kind in relation.types] == ["DECIMAL(38,12)", "DECIMAL(38,0)"]
        assert [row[0] for row in relation.fetchall()] == VOLUMES


def test_polars_reads_decimals_as_decimals(tmp_path: Path) -> None:
    frame = pl.read_parquet(_written(of_sql(WALLS_SQL), tmp_path))
    assert frame.schema["net_volume_m3"] == pl.Decimal(38, 12)
    assert frame["net_volume_m3"].to_list() == VOLUMES
    assert frame["storey_name"].to_list() == ["Level 1", None, "", "Straße 壁"]


def test_pandas_reads_decimals_as_decimals(tmp_path: Path) -> None:
    frame = pd.read_parquet(_written(of_sql(WALLS_SQL), tmp_path))
    assert frame["net_volume_m3"].tolist() == VOLUMES
    assert frame["net_volume_m3"].iloc[:3].sum() == Decimal("1234554.625000000001")


def test_sum_of_integers_keeps_every_digit(tmp_path: Path) -> None:
    """DuckDB's own Parquet writer turns such a sum into a double."""
    target = _written(
        of_sql("select sum(v) as s from (values (9007199254740993), (2)) t(v)"), tmp_path
    )
    assert pq.read_table(target).to_pylist() == [{"s": Decimal(9007199254740995)}]


def test_provenance_units_and_meanings_are_in_the_file(tmp_path: Path) -> None:
    about = provenance(notes=["a note", "stray \udcff byte"])
    table = of_sql(WALLS_SQL).table
    target = _written(of_table(table, {"net_volume_m3": "m3"}, about), tmp_path)
    schema = pq.read_schema(target)
    stated = json.loads(schema.metadata[b"takeoff"])
    assert stated["title"] == "Walls by class"
    assert stated["notes"] == ["a note", "stray \udcff byte"]
    assert stated["snapshots"][0]["snapshot_id"] == "snapshot-of-Duplex"
    assert stated["columns"][2]["unit"] == "m3"
    assert schema.field("net_volume_m3").metadata[b"unit"] == b"m3"
    assert schema.field("ifc_class").metadata[b"meaning"] == b"what it means"
    with duckdb.connect() as connection:
        keys = connection.sql(f"select decode(key) from parquet_kv_metadata('{target}')").fetchall()
    assert ("takeoff",) in keys
    assert "takeoff" in pl.read_parquet_metadata(target)
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


def test_text_is_kept_as_it_is(tmp_path: Path) -> None:
    for number, payload in enumerate(HOSTILE):
        target = tmp_path / f"{number}.parquet"
        PARQUET.write(of_texts([payload, None], name=payload or "name"), target)
        assert pq.read_table(target).column(1).to_pylist() == [payload, None]
        assert pq.read_schema(target).names == ["no", payload or "name"]


def test_empty_result_keeps_its_types(tmp_path: Path) -> None:
    result = of_sql(f"select * from ({WALLS_SQL}) where false")
    read = pq.read_table(_written(result, tmp_path))
    assert (read.num_rows, read.schema.types) == (0, result.table.schema.types)


@pytest.mark.parametrize("twin", ["a", "A"])
def test_columns_that_readers_confuse_are_refused(twin: str, tmp_path: Path) -> None:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", twin])
    with pytest.raises(InputRefused, match="called 'a'"):
        _written(of_table(table), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_type_without_a_form_in_parquet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="cast it to text"):
        _written(of_sql("select interval '3 days' as span"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_row_groups_are_small_enough_to_skip(tmp_path: Path) -> None:
    target = _written(of_sql("select i as element_no from range(40000) r(i)"), tmp_path)
    assert pq.ParquetFile(target).num_row_groups == 3
