"""People's own SQL reads the lake's tables, and can do nothing else."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from small_lakes import Model, open_lake

from takeoff.core.errors import InputRefused, TakeoffError
from takeoff.engines.duckdb import Engine


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("free") / "lake"
    Model("house").add("a").figure("NetVolume", 2).add("b").commit(folder)
    (folder / "evidence" / "ab").mkdir(parents=True)
    (folder / "evidence" / "ab" / "secret.csv").write_text("secret\n4711\n")
    (folder.parent / "outside.csv").write_text("secret\n4711\n")
    return folder


@pytest.fixture(scope="module")
def engine(lake: Path) -> Iterator[Engine]:
    with open_lake(lake) as opened:
        yield opened


def _tree(folder: Path) -> dict[str, str]:
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("select count(*) as n from elements", [{"n": 2}]),
        ("select count(*) as n from elements;", [{"n": 2}]),
        ("-- how many\nfrom elements select count(*) as n", [{"n": 2}]),
        ("with e as (select * from elements) select count(*) as n from e", [{"n": 2}]),
        ("select 1 as n union all select 2 order by n", [{"n": 1}, {"n": 2}]),
        ("values (7)", [{"col0": 7}]),
        ("select * from range(2)", [{"range": 0}, {"range": 1}]),
        ("select sum(value_exact) > 1 as n from element_quantities", [{"n": True}]),
        (
            "with recursive t(n) as (select 1 union all select n + 1 from t where n < 3)"
            " select max(n) as n from t",
            [{"n": 3}],
        ),
    ],
)
def test_one_select_is_answered(engine: Engine, text: str, expected: object) -> None:
    assert engine.sql(text).read_all().to_pylist() == expected


@pytest.mark.parametrize(
    "text",
    [
        "explain select * from elements",
        "/* why */ EXPLAIN ANALYZE select count(*) from elements",
        "explain (format json) select 1",
        "explain (analyze, format json) select 1",
        "explain (select 1)",
        "explain analyze (select 1) union all (select 2)",
        "explain/**/(/**/select 1)",
        "explain -- the plan\nselect 1",
        "describe elements",
        "summarize elements",
        "show tables",
        "select view_name from duckdb_views()",
    ],
)
def test_questions_about_the_tables_are_answered(engine: Engine, text: str) -> None:
    assert engine.sql(text).read_all().num_rows > 0


WRITES = [
    "create table t (x int)",
    "create view v as select 1",
    "insert into basis_asked values ('computed', 0)",
    "delete from snapshots",
    "update snapshots set vendor = 'x'",
    "drop view elements",
    "alter table snapshots add column x int",
    "truncate snapshots",
    "copy (select 1) to '{lake}/data/elements/x.csv'",
    "copy snapshots to '{outside}.copy'",
    "copy snapshots from '{outside}'",
    "export database '{lake}/data/x'",
    "attach '{lake}/data/x.db'",
    "explain analyze copy (select 1) to '{lake}/data/x.csv'",
    "explain analyze insert into basis_asked values ('computed', 0)",
    "explain /* */ analyze copy (select 1) to '{lake}/data/x.csv'",
    "explain (/*)select 1--*/ analyze) copy (select 1) to '{lake}/data/x.csv'",
    "explain (/*)select 1--*/ analyze) insert into basis_asked values ('computed', 0)",
    "explain (analyze) copy (select 1) to '{lake}/data/x.csv'",
    "explain (analyze, format json) copy (select 1) to '{lake}/data/x.csv'",
    "explain (format json, /*)select 1--*/ analyze) copy (select 1) to '{lake}/data/x.csv'",
    "explain analyze/*(format text) select 1--*/copy (select 1) to '{lake}/data/x.csv'",
    "/* /* */ explain */ explain analyze copy (select 1) to '{lake}/data/x.csv'",
    "explain (analyze) (format text) copy (select 1) to '{lake}/data/x.csv'",
    "explain explain analyze copy (select 1) to '{lake}/data/x.csv'",
    "explain (select 1) ; copy (select 1) to '{lake}/data/x.csv'",
    "explain ('/*') copy (select 1) to '{lake}/data/x.csv' --*/ select 1",
    "with x as (copy (select 1 as a) to '{lake}/data/x.csv') select * from x",
    "with y as (select 1), x as (copy (select 1 as a) to '{lake}/data/x.csv') select * from y",
    "with x as (insert into basis_asked values ('computed', 0) returning *) select * from x",
    "with x as (delete from snapshots returning *) select * from x",
    "explain analyze with x as (copy (select 1 as a) to '{lake}/data/x.csv') select * from x",
    "select * from (with x as (copy (select 1 as a) to '{lake}/data/x.csv') select * from x)",
    "select * from query('copy (select 1) to ''{lake}/data/x.csv''')",
    "from enable_profiling(save_location = '{lake}/data/x.json')",
    "from enable_logging(storage = 'file', storage_path = '{lake}/data')",
    "call enable_logging(storage = 'file', storage_path = '{lake}/data')",
    "from force_checkpoint()",
    "checkpoint",
    "vacuum",
    "begin",
    "commit",
    "prepare p as select 1",
    "execute p",
    "set threads = 1",
    "set variable x = 1",
    "reset threads",
    "set lock_configuration = false",
    "set enable_external_access = true",
    "set allowed_directories = ['/']",
    "pragma enable_profiling",
    "pragma profiling_output = '{lake}/data/x.json'",
    "install httpfs",
    "load httpfs",
    "call pragma_version()",
    "use memory",
    "select 1; select 2",
    "select 1; copy (select 1) to '{lake}/data/x.csv'",
    "",
    " -- nothing",
    ";",
]
READS = [
    "select * from read_csv('{evidence}')",
    "select * from read_text('{evidence}')",
    "select * from read_blob('{evidence}')",
    "select * from read_json('{evidence}')",
    "select * from read_parquet('{evidence}')",
    "select * from parquet_scan('{outside}')",
    "select * from parquet_metadata('{outside}')",
    "select * from parquet_schema('{outside}')",
    "select * from sniff_csv('{outside}')",
    "select * from '{evidence}'",
    "select * from '{outside}'",
    'select * from "{outside}"',
    "select * from '{lake}/data/../evidence/ab/secret.csv'",
    "select * from read_text('{lake}/data/../evidence/ab/secret.csv')",
    "select * from read_text('{lake}/data/elements/../../../outside.csv')",
    "select (select content from read_text('{outside}')) as x",
    "select * from elements where name in (select content from read_text('{outside}'))",
    "with x as (select * from read_csv('{outside}')) select * from x",
    "select * from elements, lateral (select * from read_text('{outside}'))",
    "select 1 union all select content from read_text('{outside}')",
    "explain analyze select * from read_text('{outside}')",
    "describe '{outside}'",
    "summarize '{outside}'",
    "select * from glob('{lake}/**')",
    "select * from glob('/etc/*')",
    "select * from read_csv('https://example.com/x.csv')",
    "select * from 's3://bucket/x.parquet'",
    "select * from query('select * from read_text(''{outside}'')')",
    "select * from query_table('{outside}')",
    "select * from duckdb_secrets()",
    "select * from which_secret('{outside}', 's3')",
    "select * from duckdb_settings()",
    "explain (/*)select 1--*/ analyze) select * from duckdb_settings()",
    "explain (/*)select 1--*/ analyze) select * from read_text('{outside}')",
    "explain analyze (from read_text('{outside}'))",
    "select getenv('HOME')",
    "select * from frame",
    "select * from read_text('file://{outside}')",
    "select * from read_text('/proc/self/environ')",
    "select * from read_text('/dev/stdin')",
    "select * from sqlite_scan('{outside}', 'x')",
    "select * from read_duckdb('{outside}')",
    "select * from read_xlsx('{outside}')",
    "select * from st_read('{outside}')",
]


@pytest.mark.parametrize("text", WRITES + READS)
def test_everything_else_is_refused_and_changes_nothing(
    engine: Engine, lake: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pa.table({"secret": [4711]})
    monkeypatch.setenv("HOME", "4711")
    before = _tree(lake.parent)
    asked = text.format(
        lake=lake, outside=lake.parent / "outside.csv", evidence=lake / "evidence/ab/secret.csv"
    )
    with pytest.raises(InputRefused) as refused:
        engine.sql(asked).read_all()
    assert "4711" not in str(refused.value)
    assert len(str(refused.value)) > 20
    assert _tree(lake.parent) == before
    assert frame.num_rows == 1


def test_answers_are_as_before_after_all_attacks(engine: Engine, lake: Path) -> None:
    for text in WRITES + READS:
        asked = text.format(lake=lake, outside=lake.parent / "outside.csv", evidence=os.devnull)
        with pytest.raises(TakeoffError):
            engine.sql(asked).read_all()
    figures = engine.sql("select basis, value_exact from element_quantities").read_all()
    assert figures.to_pylist() == [{"basis": "authored", "value_exact": 2}]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("select * from elemnts", "elements"),
        ("select elment_id from elements", "element_id"),
        ("select coutn(*) from elements", "count"),
        ("selec 1", "syntax error"),
        ("select 1/'a'", "Could not convert|conversion|Conversion"),
    ],
)
def test_wrong_sql_keeps_the_engines_own_words(engine: Engine, text: str, hint: str) -> None:
    with pytest.raises(InputRefused, match=hint):
        engine.sql(text).read_all()
