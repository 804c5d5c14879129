"""What an engine shows of a lake, and what it does with odd ones."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from pathlib import Path

import pyarrow as pa
import pytest
from small_lakes import QUERIES, Model, open_lake, rows

from takeoff.core.errors import InputRefused, LakeUnusable
from takeoff.core.tables import SCHEMA_VERSION, SNAPSHOTS, TABLES
from takeoff.engines.duckdb import open_engine
from takeoff.lake.layout import open_layout
from takeoff.lake.reader import find, read_snapshots


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    folder = tmp_path / "lake"
    Model("house").add("a").figure("NetVolume", 2).add("b").commit(folder)
    return folder


def _plain(schema: pa.Schema) -> pa.Schema:
    return pa.schema([pa.field(field.name, field.type) for field in schema])


@pytest.mark.parametrize("prefix", ["", "all_"])
def test_tables_have_the_stated_columns_filled_or_empty(lake: Path, prefix: str) -> None:
    with open_lake(lake) as engine:
        for name, table in TABLES.items():
            schema = engine.query(f"select * from {prefix}{name}").schema
            names = [field.name for field in schema]
            assert names == table.schema.names
            for stated, found in zip(table.schema, schema, strict=True):
                assert str(found.type).replace("Etc/", "") == str(stated.type), (name, found)


def test_lake_without_snapshots_has_all_tables(tmp_path: Path) -> None:
    open_layout(tmp_path / "lake", create=True)
    with open_lake(tmp_path / "lake") as engine:
        assert rows(engine, "select count(*) from elements") == [(0,)]
        assert rows(engine, "select count(*) from element_quantities") == [(0,)]
        assert engine.query("select * from snapshots").schema.names == SNAPSHOTS.schema.names


def test_lake_written_before_a_table_was_there_is_read_beside_a_new_snapshot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = tmp_path / "lake"
    with monkeypatch.context() as before:
        before.setattr("takeoff.lake.writer.SCHEMA_VERSION", 1)
        before.setattr("takeoff.lake.parts.SCHEMA_VERSION", 1)
        old = Model("house").add("a").figure("NetVolume", 2).commit(lake)
    assert "boxes" not in {file.table for file in old.files}
    with open_lake(lake) as engine:
        assert rows(engine, "select count(*) from boxes") == [(0,)]
    new = Model("house").add("a").figure("NetVolume", 2).box(0, 0, 0, 1, 1, 1).commit(lake)
    with open_lake(lake, pairs=[(old, new)]) as engine:
        versions = rows(engine, "select schema_version from snapshots order by sequence")
        assert versions == [(1,), (SCHEMA_VERSION,)]
        assert rows(engine, "select snapshot_id, max_x_m from boxes") == [(new.snapshot_id, 1.0)]
        assert rows(engine, "select change from element_changes") == [("same",)]


def test_current_snapshots_unless_older_ones_are_selected(lake: Path) -> None:
    Model("house").add("a").add("b").add("c").commit(lake)
    with open_lake(lake) as engine:
        assert rows(engine, "select count(*) from elements") == [(3,)]
        assert rows(engine, "select count(*) from all_elements") == [(5,)]
    first = find(read_snapshots(open_layout(lake)), "ifc:house@1")
    with open_lake(lake, [first]) as engine:
        assert engine.snapshots == (first,)
        assert rows(engine, "select count(*) from elements") == [(2,)]
        assert rows(engine, "select sequence from snapshots order by sequence") == [(1,), (2,)]


@pytest.mark.parametrize("name", ["model_id=x", "job's [1] *", "wände ü", 'a"b', "100%"])
def test_folder_names_do_not_matter(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name / "lake"
    folder.parent.mkdir()
    Model("house").add("a").figure("NetVolume", 2).commit(folder)
    with open_lake(folder) as engine:
        assert rows(engine, "select model_id, value_exact from quantities")[0][0] == "house"


def test_pattern_in_the_folder_name_does_not_reach_its_neighbours(tmp_path: Path) -> None:
    for name in ("job[1]", "job1"):
        (tmp_path / name).mkdir()
        Model(name).add(name).commit(tmp_path / name / "lake")
    with open_lake(tmp_path / "job[1]" / "lake") as engine:
        assert rows(engine, "select element_id from elements") == [("job[1]",)]


def test_ids_are_told_apart_by_case_and_spaces(tmp_path: Path) -> None:
    ids = ["aB", "Ab", "a b", "a  b", "$x/../y", "🏗", "x" * 300]
    model = Model("house")
    for element_id in ids:
        model.add(element_id)
    model.commit(tmp_path / "lake")
    with open_lake(tmp_path / "lake") as engine:
        found = rows(engine, "select element_id from counted_elements order by element_no")
        assert [element_id for (element_id,) in found] == ids


def test_queries_read_side_by_side(lake: Path) -> None:
    with open_lake(lake) as engine:
        first = engine.query("select range as n from range(300000)")
        second = engine.query("select element_id from elements order by element_no")
        assert first.read_next_batch().num_rows > 0
        assert second.read_all().to_pydict() == {"element_id": ["a", "b"]}
        assert first.read_all().num_rows > 100_000


def test_a_basis_is_asked_of_one_query_only(lake: Path) -> None:
    Model("two").add("c").figure("NetVolume", 3).figure("NetVolume", 4, "computed").commit(lake)
    sql = "select value_exact from element_quantities where element_id = 'c'"
    with open_lake(lake) as engine:
        computed = engine.query(sql, basis=["computed"])
        assert rows(engine, sql) == [(3,)]
        assert computed.read_all().to_pylist() == [{"value_exact": 4}]
        assert rows(engine, sql, quantities=["NetArea"]) == []
        assert rows(engine, sql) == [(3,)]


def test_threads_share_an_engine(lake: Path) -> None:
    found: list[object] = []
    with open_lake(lake) as engine:

        def ask(basis: str) -> None:
            for _ in range(5):
                found.append(rows(engine, "select basis from element_quantities", basis=[basis]))

        threads = [threading.Thread(target=ask, args=(b,)) for b in ("authored", "computed")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(map(str, found)) == ["[('authored',)]"] * 5 + ["[]"] * 5


def test_commits_after_opening_are_not_seen(lake: Path) -> None:
    with open_lake(lake) as engine:
        Model("late").add("z").commit(lake)
        assert rows(engine, "select count(*) from elements") == [(2,)]


def test_spills_within_the_memory_limit_and_cleans_up(lake: Path, tmp_path: Path) -> None:
    sql = "select count(distinct n || 'x' || n) as n from (select range as n from range(2000000))"
    with open_lake(lake, memory_limit="60MB", threads=1) as engine:
        assert rows(engine, sql) == [(2_000_000,)]
        spill = engine._spill
    assert not spill.exists()


def test_too_little_memory_is_one_sentence(lake: Path) -> None:
    with open_lake(lake, memory_limit="10MB") as engine:
        sql = "select list(n) as n from (select range as n from range(20000000))"
        with pytest.raises(InputRefused, match="raise memory_limit"):
            engine.query(sql).read_all()


@pytest.mark.parametrize(
    ("name", "value"), [("threads", 0), ("memory_limit", "a lot"), ("threads", "two'")]
)
def test_unusable_option_is_refused(lake: Path, name: str, value: object) -> None:
    with pytest.raises(InputRefused, match=f"{name} cannot be"):
        open_lake(lake, **{name: value})


def test_threads_beyond_all_sense_are_refused_at_once(lake: Path) -> None:
    with pytest.raises(InputRefused, match="threads cannot be 5000: this machine has"):
        open_lake(lake, threads=5000)


def test_a_snapshot_selected_twice_is_there_once(lake: Path) -> None:
    (only,) = read_snapshots(open_layout(lake))
    with open_lake(lake, [only, only]) as engine:
        assert engine.snapshots == (only,)
        assert rows(engine, "select count(*) from counted_elements where counted") == [(2,)]
        assert rows(engine, "select sum(value_exact) from element_quantities") == [(2,)]


def test_missing_file_is_damage_to_whoever_asks_its_table(lake: Path) -> None:
    """To look for all files of all snapshots would take longer than most questions do."""
    for path in (lake / "data" / "quantities").iterdir():
        path.unlink()
    with open_lake(lake) as engine:
        assert rows(engine, "select count(*) from elements") == [(2,)]
        for name in ("quantities", "all_quantities", "element_quantities"):
            with pytest.raises(LakeUnusable, match="is missing; run takeoff rebuild"):
                engine.query(f"select count(*) from {name}")


def _refused(path: Path) -> AbstractContextManager[object]:
    """Refused by the file's name, with what to do."""
    return pytest.raises(LakeUnusable, match=f"{path.name} .*; run takeoff rebuild")


def test_damaged_file_is_named(lake: Path) -> None:
    (path,) = (lake / "data" / "quantities").iterdir()
    path.write_bytes(path.read_bytes()[:-8] + b"01234567")
    with open_lake(lake) as engine, _refused(path):
        rows(engine, "select count(*) from quantities")


def test_file_with_damaged_rows_is_named(lake: Path) -> None:
    (path,) = (lake / "data" / "quantities").iterdir()
    content = path.read_bytes()
    path.write_bytes(content[:4] + bytes(300) + content[304:])
    with open_lake(lake) as engine, _refused(path):
        rows(engine, "select snapshot_id || element_id from quantities")


def test_file_with_a_damaged_column_name_is_named(lake: Path) -> None:
    (path,) = (lake / "data" / "elements").iterdir()
    path.write_bytes(path.read_bytes().replace(b"storey_name", b"storey_nbme"))
    with _refused(path), open_lake(lake) as engine:
        rows(engine, "select storey_name from elements")


def test_file_lost_after_opening_is_named(lake: Path) -> None:
    (path,) = (lake / "data" / "quantities").iterdir()
    with open_lake(lake) as engine:
        path.unlink()
        with _refused(path):
            engine.sql("select sum(value_exact) as value from quantities").read_all()


def test_own_views_stand_before_shipped_ones(lake: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    (own / "marts").mkdir(parents=True)
    (own / "marts" / "walls.sql").write_text("select element_id from big_walls;\n")
    (own / "marts" / "big_walls.sql").write_text(
        "select element_id from counted_elements where ifc_class = 'Wall' and element_id = 'a'"
    )
    with open_lake(lake, queries=[own, QUERIES]) as engine:
        assert rows(engine, "select element_id from walls") == [("a",)]


@pytest.mark.parametrize(
    ("name", "sql", "words"),
    [
        ("broken.sql", "select from where", "broken.sql"),
        ("nowhere.sql", "select x from no_such_table", "nowhere.sql"),
        ("Bad-Name.sql", "select 1 as x", "lower case"),
        ("ring.sql", "select x from ring", "one another"),
    ],
)
def test_wrong_view_file_is_named(
    lake: Path, tmp_path: Path, name: str, sql: str, words: str
) -> None:
    (tmp_path / "own" / "marts").mkdir(parents=True)
    (tmp_path / "own" / "marts" / name).write_text(sql)
    with (
        pytest.raises(InputRefused, match=words),
        open_lake(lake, queries=[tmp_path / "own", QUERIES]) as engine,
    ):
        rows(engine, f"select x from {Path(name).stem}")


def test_wrong_view_file_stands_in_the_way_of_no_other_question(lake: Path, tmp_path: Path) -> None:
    (tmp_path / "own" / "marts").mkdir(parents=True)
    (tmp_path / "own" / "marts" / "broken.sql").write_text("select from where")
    with open_lake(lake, queries=[tmp_path / "own", QUERIES]) as engine:
        assert rows(engine, "select count(*) from counted_elements")[0][0] > 0
        with pytest.raises(InputRefused, match=r"broken\.sql"):
            engine.query("select x from broken")
        with pytest.raises(InputRefused, match=r"broken\.sql"):
            engine.script()


def test_costly_marts_are_worked_out_once_and_only_if_needed(lake: Path) -> None:
    with open_lake(lake) as engine:
        rows(engine, "select count(*) from elements")
        kept = {name for name, view in engine._views.items() if view.is_kept}
        assert engine._made == set()
        rows(engine, "select count(*) from counted_elements")
        assert engine._made & kept == {
            "element_twins",
            "model_overlaps",
            "part_links",
            "repeated_elements",
            "wholes",
        }
        assert len(engine._made) < len(engine._views)


def test_engine_closes_when_it_cannot_open(lake: Path) -> None:
    layout = open_layout(lake)
    with pytest.raises(InputRefused):
        open_engine(layout, read_snapshots(layout), threads=-1)
