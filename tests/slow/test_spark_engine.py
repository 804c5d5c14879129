"""Every shipped report on Spark: DuckDB's rows, in its order, of its types, to the last digit."""

from __future__ import annotations

import importlib.util
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from small_lakes import QUERIES, Model

from takeoff.config import Settings, shipped
from takeoff.core.errors import InputRefused, LakeUnusable
from takeoff.core.progress import Quiet
from takeoff.core.results import Result
from takeoff.engines.engine import Engine
from takeoff.jobs.fetch import IfcOptions, fetch_ifc
from takeoff.jobs.measuring import prepare
from takeoff.jobs.session import comparison, session
from takeoff.lake.layout import open_layout
from takeoff.lake.reader import read_snapshots
from takeoff.reports import catalog
from takeoff.reports.run import run

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

_SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
_FACTORS = str(shipped("data/rules") / "carbon_demo.csv")
_REPORTS = catalog.all_reports([QUERIES])


@pytest.fixture(scope="module", autouse=True)
def _spark_is_here() -> None:
    for module in ("pyspark", "sqlglot"):
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"{module} (pip install 'takeoff[spark]') is not here")
    if shutil.which("java") is None:
        pytest.skip("Java is not here")


@dataclass(frozen=True)
class Both:
    """One session in each engine: of the current snapshots, or of two that are compared."""

    settings: Settings
    duckdb: Engine
    spark: Engine

    def answers(self, query: catalog.Query, **params: str) -> tuple[Result, Result]:
        return self._answer(self.duckdb, query, params), self._answer(self.spark, query, params)

    def _answer(self, engine: Engine, query: catalog.Query, params: dict[str, str]) -> Result:
        measuring = prepare(engine, self.settings, query, params)
        return measuring.noted(query, run(engine, query, params))


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The sample in a folder whose name Spark would take for a pattern, one model in two states."""
    lake = Settings(lake=tmp_path_factory.mktemp("spark") / "a lake[1]{*}=b" / "lake")
    for folder in (_SAMPLE, _SAMPLE / "R2"):
        for fetched in fetch_ifc(lake, sorted(folder.glob("*.ifc")), IfcOptions(), Quiet()):
            assert fetched.error is None
    return lake


def _on_spark(settings: Settings) -> Settings:
    return replace(settings, engine="spark", master="local[2]")


@pytest.fixture(scope="module")
def current(settings: Settings) -> Iterator[Both]:
    with ExitStack() as opened:
        engines = [opened.enter_context(session(s)) for s in (settings, _on_spark(settings))]
        yield Both(settings, *engines)


@pytest.fixture(scope="module")
def compared(settings: Settings) -> Iterator[Both]:
    named = ["ifc:Lindenhof_architecture@1", "ifc:Lindenhof_architecture"]
    with ExitStack() as opened:
        asked = (settings, _on_spark(settings))
        engines = [opened.enter_context(comparison(each, named)) for each in asked]
        yield Both(settings, *engines)


@pytest.mark.parametrize("query", _REPORTS, ids=[query.name for query in _REPORTS])
def test_report_is_the_same(query: catalog.Query, request: pytest.FixtureRequest) -> None:
    both: Both = request.getfixturevalue("current" if query.compares is None else "compared")
    needs_factors = "factors" in {param.name for param in query.params}
    ours, theirs = both.answers(query, **({"factors": _FACTORS} if needs_factors else {}))
    assert theirs.table.schema == ours.table.schema
    assert theirs.table.to_pylist() == ours.table.to_pylist()
    assert theirs.provenance.notes == ours.provenance.notes
    assert ours.table.num_rows > 0 or query.name in ("control_totals", "stated_changes")


def test_what_is_asked_reaches_the_marts(current: Both) -> None:
    asked = {
        "by": "model,storey,class,type",
        "quantity": "NetVolume,Length",
        "basis": "computed,authored",
        "class": "Wall,Slab",
    }
    ours, theirs = current.answers(catalog.find("takeoff", [QUERIES]), **asked)
    assert theirs.table.to_pylist() == ours.table.to_pylist()
    assert ours.table.num_rows > 0
    usual, theirs = current.answers(catalog.find("takeoff", [QUERIES]))
    assert theirs.table.to_pylist() == usual.table.to_pylist()
    assert usual.table.num_rows > ours.table.num_rows


_ARITHMETIC = """
select
    ordinal,
    value,
    value_exact,
    cast(value as decimal(32, 12)) as exact,
    cast(value as decimal(38, 3)) as to_the_millimetre,
    try_cast(value as decimal(12, 3)) as small,
    try_cast(value * 1000000.0 as decimal(18, 6)) as larger,
    round(value, 2) as rounded,
    round(value) as whole,
    round(value_exact, 3) as exact_rounded,
    cast(value_exact as double) as as_double,
    cast(value_exact as bigint) as as_whole,
    value / 3 as third,
    value_exact / 7 as seventh,
    cast(value_exact / 7 as decimal(32, 12)) as seventh_exact,
    value_exact * cast(0.333333333 as decimal(9, 9)) as product,
    ordinal / 4 as quarter,
    cast(cast(value_exact as decimal(38, 3)) as varchar) as told,
    value > value_exact as is_more,
    greatest(value_exact, 1.5) as at_least,
    abs(value_exact - 5000.5) as away
from quantities
order by ordinal
"""


def _hard_numbers() -> list[str]:
    """Numbers of 12 decimals at most, among them halves, and many digits before the point."""
    some = random.Random(7)
    told = ["0", "-0.5", "2.5", "0.000000000001", "9007.199254740993", "12345678.901234567891"]
    for size in (1, 100, 10_000, 1_000_000, 1_000_000_000):
        for _ in range(60):
            told.append(f"{some.uniform(-size, size):.12f}")
            told.append(f"{some.randrange(-size * 1000, size * 1000) / 1000 + 0.0005:.4f}")
            told.append(f"{some.randrange(size)}.{some.randrange(10**12):012d}")
    return told


def test_arithmetic_is_the_same_to_the_last_digit(tmp_path: Path) -> None:
    model = Model("numbers").add("wall")
    for number in _hard_numbers():
        model.figure("NetVolume", number)
    model.figure("NetVolume", None).commit(tmp_path / "lake")
    settings = Settings(lake=tmp_path / "lake")
    with session(settings) as duckdb, session(_on_spark(settings)) as spark:
        ours, theirs = (engine.query(_ARITHMETIC).read_all() for engine in (duckdb, spark))
    assert theirs.schema == ours.schema
    for name in ours.column_names:
        told, said = theirs.column(name).to_pylist(), ours.column(name).to_pylist()
        assert told == said, name
    assert ours.num_rows > 900


_TEXT = """
select
    ordinal,
    source_name,
    lower(source_name) as lowered,
    left(source_name, 3) as first_three,
    length(source_name) as letters,
    trim(source_name) as trimmed,
    md5(source_name) as hashed,
    replace(source_name, 'a', chr(31)) as replaced,
    regexp_extract(source_name, '^[A-Za-z_]+') as word,
    regexp_matches(source_name, '[0-9]{2}$') as is_numbered,
    strpos(source_name, '_') as place,
    concat_ws('/', source_name, quantity, kind) as joined,
    source_name like '%a_b%' as is_like,
    row_number() over (order by source_name desc, ordinal) as place_from_last
from quantities
order by source_name, ordinal
"""


def test_texts_are_the_same(tmp_path: Path) -> None:
    model = Model("texts").add("wall")
    for name in (
        "Länge 12",
        "ab",
        "AB",
        "a_b",
        " a ",
        "",
        None,
        "ß\\d",
        "日本語",
        "a'b\"c",
        "😀x",
        "Z",
    ):
        model.figure("NetVolume", 1, source_name=name)
    model.commit(tmp_path / "lake")
    settings = Settings(lake=tmp_path / "lake")
    with session(settings) as duckdb, session(_on_spark(settings)) as spark:
        ours, theirs = (engine.query(_TEXT).read_all() for engine in (duckdb, spark))
    assert theirs.schema == ours.schema
    assert theirs.to_pylist() == ours.to_pylist()


def test_file_that_was_changed_is_named_before_a_row_is_read(tmp_path: Path) -> None:
    Model("house").add("wall").figure("NetVolume", 1).commit(tmp_path / "lake")
    layout = open_layout(tmp_path / "lake")
    (snapshot,) = read_snapshots(layout)
    (elements,) = (layout.file(file.name) for file in snapshot.files if file.table == "elements")
    content = bytearray(elements.read_bytes())
    content[len(content) // 2] ^= 1
    elements.chmod(0o644)
    elements.write_bytes(content)
    with session(_on_spark(Settings(lake=tmp_path / "lake"))) as spark:
        with pytest.raises(LakeUnusable, match=elements.name):
            spark.query("select element_no from elements")


def test_what_spark_cannot_do_is_refused(current: Both) -> None:
    with pytest.raises(InputRefused, match="ask it with --engine duckdb"):
        current.spark.sql("select 1")
    with pytest.raises(InputRefused, match="ask for it with --engine duckdb"):
        current.spark.script()
    with pytest.raises(InputRefused, match="it holds QUALIFY"):
        current.spark.query("select 1 as n qualify row_number() over () = 1")
    with pytest.raises(InputRefused, match="no_such_table"):
        current.spark.query("select n from no_such_table")


def _takeoff(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "takeoff", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)


def test_the_command_says_what_it_says_without_spark(settings: Settings) -> None:
    told = [
        _takeoff("report", "models", "--lake", settings.lake, "--engine", engine)
        for engine in ("duckdb", "spark")
    ]
    assert told[0].returncode == 0
    assert [(run.stdout, run.stderr) for run in told[1:]] == [(told[0].stdout, told[0].stderr)]


@pytest.mark.parametrize("master", ["local[x]", "nowhere", "spark://"])
def test_a_master_that_is_none_is_refused_in_a_line(settings: Settings, master: str) -> None:
    told = _takeoff(
        *("report", "models", "--lake", settings.lake, "--engine", "spark", "--master", master)
    )
    assert told.returncode == InputRefused.exit_code
    assert told.stderr.count("\n") == 1
    assert "Spark does not start" in told.stderr
    assert told.stdout == ""
