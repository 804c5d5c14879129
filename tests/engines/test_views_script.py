"""The script of `takeoff sql --init`, loaded into a bare DuckDB: the same rows as the engine's."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from small_lakes import QUERIES, Model, open_lake, rows

from takeoff.cli import main
from takeoff.core.errors import InputRefused
from takeoff.core.tables import TABLES
from takeoff.engines.duckdb import Engine
from takeoff.engines.statements import Member, literal
from takeoff.lake.layout import open_layout
from takeoff.lake.reader import find, read_snapshots
from takeoff.reports import catalog
from takeoff.reports.asked import understand

# Marts at the end of every chain that a session without questions fills.
_MARTS = [
    "takeoff_elements",
    "takeoff_figures",
    "takeoff_materials",
    "takeoff_codes",
    "element_quantities",
    "counted_elements",
    "known_quantities",
    "repeated_elements",
    "model_overlaps",
    "material_layers",
    "scheduled_elements",
    "checked_figures",
]
_REPORTS = ["takeoff", "by_storey", "by_material", "models", "completeness", "not_counted"]


def _house() -> Model:
    house = Model("house").add("a", storey_name="Ground").figure("NetVolume", "2.125")
    house.material("Brick", "layer", thickness_m=0.1).code("UNIFORMAT II", "B2010", "Walls")
    house.add("b", storey_name="Roof").figure("NetVolume", 3).figure("NetVolume", 4)
    house.add("stair", ifc_class="Stair").add("flight", "part", parent_id="stair")
    return house.figure("NetVolume", "0.5").add("hole", "opening", parent_id="a")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two models that share an element, one of them in two revisions, below an awkward folder."""
    folder = tmp_path_factory.mktemp("script") / "job's [1] =ü" / "lake"
    folder.parent.mkdir()
    Model("house").add("a").commit(folder)
    _house().commit(folder)
    Model("ser'vices;\n.shell\0").add("a").add("duct", ifc_class="DuctSegment").figure(
        "Length", 12
    ).commit(folder)
    return folder


@pytest.fixture(scope="module")
def engine(lake: Path) -> Iterator[Engine]:
    with open_lake(lake) as opened:
        yield opened


@pytest.fixture(scope="module")
def script(engine: Engine) -> str:
    return engine.script()


@pytest.fixture(scope="module")
def loaded(script: str) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(script)
        yield connection


def _all(connection: duckdb.DuckDBPyConnection, sql: str, **params: Any) -> list[tuple[Any, ...]]:
    relation = connection.sql(sql, params=params) if params else connection.sql(sql)
    table = relation.to_arrow_reader(1000).read_all()
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


@pytest.mark.parametrize("name", [*TABLES, *(f"all_{table}" for table in TABLES), *_MARTS])
def test_script_shows_the_rows_of_the_engine(
    name: str, engine: Engine, loaded: duckdb.DuckDBPyConnection
) -> None:
    sql = f"select * from {name} order by all"
    assert _all(loaded, sql) == rows(engine, sql)


def test_every_view_of_the_engine_is_there(
    engine: Engine, loaded: duckdb.DuckDBPyConnection
) -> None:
    names = "select table_name from information_schema.tables order by table_name"
    found = engine.sql(names).read_all().column(0).to_pylist()
    assert [name for (name,) in _all(loaded, names)] == found
    assert {"takeoff_elements", "all_elements", "selected_snapshots"} < set(found)


def test_snapshots_are_values_to_the_last_character(
    engine: Engine, loaded: duckdb.DuckDBPyConnection
) -> None:
    for name in ("snapshots", "selected_snapshots"):
        sql = f"select * from {name} order by all"
        assert _all(loaded, sql) == rows(engine, sql)
    assert _all(loaded, "select count(*) from selected_snapshots") == [(2,)]
    assert _all(loaded, "select sum(value_exact) from element_quantities")[0][0] == Decimal(
        "15.125"
    )


@pytest.mark.parametrize("name", _REPORTS)
def test_reports_are_as_the_engine_answers_them(
    name: str, engine: Engine, loaded: duckdb.DuckDBPyConnection
) -> None:
    query = catalog.find(name, [QUERIES])
    values = understand(engine, query, {}).values
    assert _all(loaded, query.sql, **values) == rows(engine, query.sql, params=values)


def test_script_says_when_and_of_what_it_was_made(engine: Engine, script: str) -> None:
    comment = [line for line in script.splitlines()[:12] if line.startswith("--")]
    assert "Made 20" in comment[1]
    assert "make a new one" in comment[2]
    listed = [line for line in comment if "ifc:" in line]
    assert [line[3] for line in listed] == [" ", "*", "*"]
    assert all(snapshot.snapshot_id in "".join(listed) for snapshot in engine.snapshots)


def test_script_is_loaded_again_over_one_of_another_selection(
    lake: Path, engine: Engine, script: str
) -> None:
    first = find(read_snapshots(open_layout(lake)), "ifc:house@1")
    with duckdb.connect() as connection:
        with open_lake(lake, [first], buildings=[Member("Job's", first, True)]) as older:
            connection.execute(older.script())
        assert _all(connection, "select element_id from counted_elements") == [("a",)]
        assert _all(connection, "select building from building_models") == [("Job's",)]
        connection.execute(script)
        assert _all(connection, "select building from building_models") == []
        sql = "select * from counted_elements order by all"
        assert _all(connection, sql) == rows(engine, sql)


def test_relative_script_follows_the_lake(
    lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = lake.parent / "lake.sql"
    assert main(["sql", "--init", "--relative", "--lake", str(lake), "-o", str(script)]) == 0
    assert str(lake.parent) not in script.read_text("utf-8").partition("\n\n")[2]
    moved = tmp_path / "moved"
    shutil.copytree(lake.parent, moved)
    monkeypatch.chdir(moved)
    with duckdb.connect() as connection:
        connection.execute(Path("lake.sql").read_text("utf-8"))
        assert _all(connection, "select count(*) from all_elements") == [(8,)]


def test_wrong_query_of_ones_own_is_named(lake: Path, tmp_path: Path) -> None:
    (tmp_path / "marts").mkdir()
    (tmp_path / "marts" / "lost.sql").write_text("select x from nowhere")
    with (
        open_lake(lake, queries=[tmp_path, QUERIES]) as engine,
        pytest.raises(InputRefused, match=r"lost\.sql is wrong"),
    ):
        engine.script()


@pytest.mark.parametrize("text", ["it's", "a\nb", "\n.shell x", "x\0y", "\r\n", "--", "';", "ü🏗\\"])
def test_text_is_read_as_it_was_in_one_line(text: str) -> None:
    written = literal(text)
    assert "\n" not in written
    assert duckdb.sql(f"select {written}").fetchall() == [(text,)]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "give a QUERY"),
        (["select 1", "--init"], "give a QUERY"),
        (["select 1", "--relative"], "--relative goes with"),
        (["--init", "--format", "csv"], "--format goes with"),
    ],
)
def test_options_that_do_not_go_together(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["sql", *arguments])
    assert ended.value.code == 2
    assert words in capsys.readouterr().err
