from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from made_up import (
    ENVIRONMENT,
    PROVED,
    Batches,
    commit,
    elements,
    model,
    quantities,
    tree,
    writer,
)

from takeoff.core.errors import InputRefused, LakeUnusable, NotUnderstood
from takeoff.core.refs import DataFile, Proof, Snapshot
from takeoff.core.tables import SCHEMA_VERSION, TABLES
from takeoff.lake import parquet, parts
from takeoff.lake.evidence import EvidenceStore
from takeoff.lake.layout import Layout
from takeoff.lake.parts import Identity, PartsWriter
from takeoff.lake.reader import files, read_snapshots
from takeoff.lake.work import Run
from takeoff.lake.writer import restore

HOUSE = Identity("20260301T083000Z-000000000001", "ifc", "site", "house", "0.1.0")
WRITE_HOUSE = """
import sys
from pathlib import Path
import pyarrow as pa
from made_up import model
from takeoff.lake import parts
from test_lake_writer import HOUSE
pa.set_cpu_count(int(sys.argv[2]))
parts.PART_ROWS = 8_000
house = parts.PartsWriter(Path(sys.argv[1]), HOUSE)
for table, batch in model(20_000):
    house.write(table, batch)
print([file.sha256 for file in house.finish([])])
"""


def written(folder: Path, batches: Batches, identity: Identity = HOUSE) -> tuple[DataFile, ...]:
    house = PartsWriter(folder, identity)
    for table, batch in batches:
        house.write(table, batch)
    return house.finish([])


def cut(batches: Batches, rows: int) -> Iterator[tuple[str, pa.RecordBatch]]:
    for table, batch in batches:
        for start in range(0, batch.num_rows, rows):
            yield table, batch.slice(start, rows)


def test_committed_rows_are_read_back(layout: Layout) -> None:
    batches = model(100)
    snapshot = commit(layout, batches)
    for table, batch in batches:
        lying = pq.read_table(files(layout, [snapshot])[table])
        assert lying.schema == TABLES[table].schema
        given = pa.Table.from_batches([batch])
        key = [(name, "ascending") for name in TABLES[table].key]
        assert lying.select(given.column_names).sort_by(key) == given.sort_by(key)
        assert set(lying["snapshot_id"].to_pylist()) == {snapshot.snapshot_id}
        assert set(lying["model_id"].to_pylist()) == {"house"}
    assert (snapshot.rows("elements"), snapshot.rows("materials")) == (100, 0)


def test_files_are_named_by_table_and_snapshot_and_empty_tables_have_none(layout: Layout) -> None:
    snapshot = commit(layout, model(2))
    assert [file.name for file in snapshot.files] == [
        f"data/elements/{snapshot.snapshot_id}-00000.parquet",
        f"data/quantities/{snapshot.snapshot_id}-00000.parquet",
    ]
    assert sorted(path.name for path in layout.data.iterdir()) == ["elements", "quantities"]


def test_model_without_rows_is_a_snapshot_too(layout: Layout) -> None:
    snapshot = commit(layout, [("elements", elements([]))])
    assert snapshot.files == ()
    assert read_snapshots(layout) == [snapshot]


def test_each_part_is_ordered_by_the_key_and_cut_in_row_groups(tmp_path: Path) -> None:
    ids = [f"e{number}" for number in range(40_000)]
    backwards = quantities(ids).take(pa.array(range(39_999, -1, -1)))
    (file,) = written(tmp_path, [("quantities", backwards)])
    footer = pq.read_metadata(tmp_path / file.name)
    assert [footer.row_group(group).num_rows for group in range(footer.num_row_groups)] == [
        16_384,
        16_384,
        40_000 - 2 * 16_384,
    ]
    assert footer.row_group(0).column(0).compression == "ZSTD"
    keys = pq.read_table(tmp_path / file.name).select(["quantity", "element_no"]).to_pylist()
    numbers = [(row["quantity"] is None, row["element_no"]) for row in keys]
    assert numbers == sorted(numbers)


@pytest.mark.skipif(not parquet._CAN_FILTER, reason="this pyarrow writes no Bloom filters")
def test_row_groups_without_a_wanted_element_can_be_passed_over(tmp_path: Path) -> None:
    """One group of 16,384 rows has it; a filter lets 1 of 20 others through by mistake."""
    ids = [f"e{number}" for number in range(20 * 16_384)]
    files = written(tmp_path, [("elements", elements(ids))])
    paths = [str(tmp_path / file.name) for file in files]
    probe = "select bloom_filter_excludes from parquet_bloom_probe($paths, $column, $wanted)"

    def passed_over(column: str, wanted: str) -> int:
        asked = {"paths": paths, "column": column, "wanted": wanted}
        return sum(row[0] for row in duckdb.execute(probe, asked).fetchall())

    wanted = ids[:: 16_384 // 2]
    over = [passed_over("element_id", each) for each in wanted]
    assert max(over) <= 19
    assert sum(over) > 0.9 * 19 * len(over)
    assert passed_over("element_id", "no element") >= 15


def test_footer_says_what_the_file_is(tmp_path: Path) -> None:
    (file,) = written(tmp_path, [("elements", elements(["a"]))])
    footer = pq.read_metadata(tmp_path / file.name).metadata
    assert json.loads(footer[b"takeoff"]) == {
        "table": "elements",
        "schema_version": SCHEMA_VERSION,
        "snapshot_id": HOUSE.snapshot_id,
        "tool_version": "0.1.0",
    }


def test_every_file_of_a_table_has_the_same_schema(tmp_path: Path) -> None:
    other = Identity("20260301T083000Z-000000000002", "qonic", "p", "m", "9.9")
    (one,) = written(tmp_path, [("elements", elements(["a"]))])
    (two,) = written(tmp_path, [("elements", encoded(elements(["b"])))], other)
    schemas = [pq.read_schema(tmp_path / file.name) for file in (one, two)]
    assert schemas == [TABLES["elements"].schema] * 2
    assert len({pq.ParquetFile(tmp_path / file.name).schema for file in (one, two)}) == 1


def encoded(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The same rows, their text dictionary-encoded, with texts in the dictionary that none has."""
    columns = [
        _encoded(column) if pa.types.is_string(column.type) else column for column in batch.columns
    ]
    fields = [
        field.with_type(column.type) for field, column in zip(batch.schema, columns, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=pa.schema(fields))


def _encoded(column: pa.Array) -> pa.Array:
    found = column.dictionary_encode()
    texts = pa.concat_arrays([pa.array(["of no row"]), found.dictionary])
    places = pc.add(found.indices, 1).cast(pa.int32())
    return pa.DictionaryArray.from_arrays(places, texts)


def test_encoded_text_gives_the_same_rows(tmp_path: Path) -> None:
    plain = written(tmp_path / "a", model(3_000))
    given = [(table, encoded(batch)) for table, batch in model(3_000)]
    assert all(TABLES[table].takes(batch.schema) for table, batch in given)
    for one, two in zip(plain, written(tmp_path / "b", given), strict=True):
        assert pq.read_table(tmp_path / "a" / one.name) == pq.read_table(tmp_path / "b" / two.name)


def test_bytes_do_not_depend_on_which_texts_a_dictionary_names_first(tmp_path: Path) -> None:
    """Nor on texts in it that no row has, nor on whether each batch has one of its own."""
    batches = [(table, encoded(batch)) for table, batch in model(300)]
    shuffled = pa.array([(number * 7) % 300 for number in range(300)])
    others = [(table, encoded(batch.take(shuffled))) for table, batch in model(300)]
    pieces = [(table, encoded(batch)) for table, batch in cut(model(300), 70)]
    files = written(tmp_path / "a", batches)
    assert written(tmp_path / "b", others) == files
    assert written(tmp_path / "c", pieces) == files


def test_text_that_hardly_repeats_is_written_without_a_common_dictionary(tmp_path: Path) -> None:
    batch = elements([f"e{number}" for number in range(2_000)])
    names = pa.array([f"wall {number}" for number in range(2_000)])
    at = batch.schema.get_field_index("name")
    (file,) = written(tmp_path, [("elements", encoded(batch.set_column(at, "name", names)))])
    assert pq.read_table(tmp_path / file.name)["name"].to_pylist() == names.to_pylist()


@pytest.mark.parametrize("rows", [7, 700, 1_000, 2_500])
def test_bytes_do_not_depend_on_how_batches_are_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr(parts, "PART_ROWS", 1_000)
    batches = model(2_500)
    whole = written(tmp_path / "whole", batches)
    assert [file.rows for file in whole] == [1_000, 1_000, 500] * 2
    assert written(tmp_path / "cut", list(cut(batches, rows))) == whole


def test_bytes_do_not_depend_on_the_order_inside_a_part(tmp_path: Path) -> None:
    shuffled = [
        (table, batch.take(pa.array([(number * 7) % 100 for number in range(100)])))
        for table, batch in model(100)
    ]
    assert written(tmp_path / "a", shuffled) == written(tmp_path / "b", model(100))


def test_bytes_do_not_depend_on_threads_or_process(tmp_path: Path) -> None:
    path = f"{ENVIRONMENT['PYTHONPATH']}:{Path(__file__).parent}"
    said = {
        subprocess.run(
            [sys.executable, "-c", WRITE_HOUSE, str(tmp_path / threads), threads],
            env=ENVIRONMENT | {"PYTHONPATH": path, "PYTHONHASHSEED": threads},
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
        for threads in ("1", "4")
    }
    assert len(said) == 1
    assert len(json.loads(said.pop().replace(b"'", b'"'))) == 6


def test_large_text_closes_a_part_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", 100_000)
    batches = [("elements", elements([f"{'long' * 100}{no}"], no)) for no in range(500)]
    lying = written(tmp_path, batches)
    assert len(lying) > 1
    assert sum(file.rows for file in lying) == 500


def test_rebuilding_under_the_same_identity_gives_the_same_files(
    layout: Layout, tmp_path: Path
) -> None:
    snapshot = commit(layout, model(1_000))
    assert written(tmp_path, model(1_000), Identity.of(snapshot)) == snapshot.files


def test_restore_puts_rebuilt_files_back(layout: Layout, tmp_path: Path) -> None:
    snapshot = commit(layout, model(1_000))
    before = tree(layout.root)
    layout.file(snapshot.files[0].name).write_bytes(b"damaged")
    layout.file(snapshot.files[1].name).unlink()
    rebuilt = written(layout.work / "rebuild", model(1_000), Identity.of(snapshot))
    restore(layout, layout.work / "rebuild", rebuilt)
    after = {name: sha256 for name, sha256 in tree(layout.root).items() if "work/" not in name}
    assert after == before


def test_restore_refuses_other_bytes(layout: Layout) -> None:
    snapshot = commit(layout, model(10))
    written(layout.work / "rebuild", model(11), Identity.of(snapshot))
    with pytest.raises(ValueError, match="as committed"):
        restore(layout, layout.work / "rebuild", snapshot.files)


def test_batch_with_other_columns_is_a_bug(layout: Layout) -> None:
    batch = elements(["a"])
    with Run(layout) as run:
        house = writer(layout, run)
        with pytest.raises(TypeError, match="columns"):
            house.write("elements", batch.drop_columns(["name"]))
        number = batch.schema.get_field_index("element_no")
        with pytest.raises(TypeError, match="element_no: int64"):
            house.write(
                "elements",
                batch.set_column(number, "element_no", batch["element_no"].cast(pa.int64())),
            )
        with pytest.raises(KeyError, match="walls"):
            house.write("walls", batch)


def test_null_where_none_may_be_is_refused(layout: Layout) -> None:
    decoded = TABLES["elements"].decoded
    row = elements(["a"]).to_pylist()[0] | {"element_id": None}
    with (
        Run(layout) as run,
        pytest.raises(NotUnderstood, match="row of elements has no element_id"),
    ):
        writer(layout, run).write("elements", pa.RecordBatch.from_pylist([row], schema=decoded))


@pytest.mark.parametrize(
    ("batches", "what"),
    [
        ([elements(["a", "b", "a"])], "same element_id 'a'"),
        ([elements(["a"] * 2_000)], "same element_id 'a'"),
        ([elements(["a", "b"]), elements(["c"], first_no=1)], "same key {'element_no': 1}"),
    ],
)
def test_repeated_element_is_refused(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, batches: list[pa.RecordBatch], what: str
) -> None:
    monkeypatch.setattr(parts, "PART_ROWS", 1_000)
    before = tree(layout.root)
    with pytest.raises(NotUnderstood, match=what):
        commit(layout, [("elements", batch) for batch in batches])
    assert tree(layout.root) == before


def test_element_number_repeated_in_another_part_is_refused(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "PART_ROWS", 10)
    first, second = elements([f"a{n}" for n in range(10)]), elements([f"b{n}" for n in range(10)])
    with pytest.raises(NotUnderstood, match="same element_no 0"):
        commit(layout, [("elements", first), ("elements", second)])


def test_figure_given_twice_is_refused(layout: Layout) -> None:
    with pytest.raises(NotUnderstood, match=r"Two rows of quantities .*'quantity': None"):
        commit(layout, [("quantities", quantities(["a"])), ("quantities", quantities(["a"]))])


def test_element_ids_that_differ_in_case_only_are_two(layout: Layout) -> None:
    snapshot = commit(layout, [("elements", elements(["1aB", "1ab"]))])
    assert snapshot.rows("elements") == 2


def test_unproved_is_refused_unless_allowed(layout: Layout) -> None:
    unproved = Proof("none", "the vendor states no total")
    with Run(layout) as run:
        with pytest.raises(NotUnderstood, match="--allow-unproved"):
            writer(layout, run).commit(unproved, [])
        snapshot = writer(layout, run).commit(unproved, [], allow_unproved=True)
    assert [s.proof.kind for s in read_snapshots(layout)] == ["none"]
    assert snapshot.sequence == 1


@pytest.mark.parametrize("stated", [1, 3])
def test_other_rows_than_stated_are_refused(layout: Layout, stated: int) -> None:
    with Run(layout) as run:
        house = writer(layout, run)
        house.write("elements", elements(["a", "b"]))
        with pytest.raises(NotUnderstood, match=f"states {stated} elements, 2 were read"):
            house.commit(PROVED, [], {"elements": stated})
    assert read_snapshots(layout) == []


def test_as_many_rows_as_stated_are_committed_whatever_other_tables_hold(layout: Layout) -> None:
    with Run(layout) as run:
        house = writer(layout, run)
        for table, batch in model(7):
            house.write(table, batch)
        stated = {"elements": 7, "products": 99, "properties": 0}
        assert house.commit(PROVED, [], stated).stated_totals == stated


def test_evidence_behind_one_that_is_not_copied_is_published(
    layout: Layout, tmp_path: Path
) -> None:
    for name in ("left.ifc", "copied.ifc"):
        (tmp_path / name).write_text(name)
    with Run(layout) as run:
        store = EvidenceStore(layout, run)
        left = store.add_file(tmp_path / "left.ifc", copy=False)
        copied = store.add_file(tmp_path / "copied.ifc")
        writer(layout, run).commit(PROVED, [left, copied])
    assert [layout.stored(one.sha256).exists() for one in (left, copied)] == [False, True]


def test_missing_evidence_is_refused(layout: Layout, tmp_path: Path) -> None:
    document = tmp_path / "a.ifc"
    document.write_text("x")
    evidence = commit(layout, [], document=document).evidence
    layout.stored(evidence[0].sha256).unlink()
    before = tree(layout.root)
    with Run(layout) as run:
        house = writer(layout, run)
        house.write("elements", elements(["a"]))
        with pytest.raises(LakeUnusable, match="is missing"):
            house.commit(PROVED, evidence)
    assert tree(layout.root) == before


def test_sequence_counts_a_model_and_lineage_names_the_snapshot_before(layout: Layout) -> None:
    first = commit(layout, model(1))
    other = commit(layout, model(1), "House")
    second = commit(layout, model(2))
    assert [s.sequence for s in (first, other, second)] == [1, 1, 2]
    assert commit(layout, model(3)).sequence == 3
    assert [s.lineage for s in (first, other, second)] == [
        {},
        {},
        {"revision_of": first.snapshot_id},
    ]


def test_time_without_zone_is_a_bug_and_other_zones_become_utc(layout: Layout) -> None:
    with Run(layout) as run:
        with pytest.raises(ValueError, match="time zone"):
            writer(layout, run, taken_at=datetime(2026, 3, 1))  # noqa: DTZ001 - the bug itself
        taken_at = datetime.fromisoformat("2026-03-01T09:30:00+01:00")
        snapshot = writer(layout, run, taken_at=taken_at).commit(PROVED, [])
    assert snapshot.taken_at == datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
    assert read_snapshots(layout)[0].taken_at.isoformat() == "2026-03-01T08:30:00+00:00"


def test_libraries_name_the_one_that_writes_parquet(layout: Layout) -> None:
    assert commit(layout, []).libraries == {"ifcopenshell": "0.9.0", "pyarrow": pa.__version__}


HOSTILE = [
    "$HOME",
    "a/b",
    "../../etc/passwd",
    "/abs",
    "..",
    "C:\\x",
    "CON",
    "project=007",
    "007",
    " spaces ",
    "trailing.",
    "emoji 🏠",
    "x" * 300,
    "nul\0inside",
    "new\nline",
    "case",
    "CASE",
    "Å",  # composed
    "A\u030a",  # the same letter from two characters
    "\u202eabc",
    "a'b\"c;--",
    "%2e%2e",
    "",
]


def test_hostile_ids_stay_data(layout: Layout) -> None:
    for model_id in HOSTILE:
        commit(layout, [("elements", elements(HOSTILE))], model_id)
    snapshots = read_snapshots(layout)
    assert {s.ref.model_id for s in snapshots} == set(HOSTILE)
    assert {s.sequence for s in snapshots} == {1}
    allowed = set("abcdefghijklmnopqrstuvwxyz0123456789TZ-./")
    assert all(set(name) <= allowed for name in tree(layout.root))
    for snapshot in snapshots:
        rows = pq.read_table(files(layout, [snapshot])["elements"])
        assert rows["element_id"].to_pylist() == HOSTILE
        assert set(rows["model_id"].to_pylist()) == {snapshot.ref.model_id}


def test_model_id_that_is_no_unicode_is_refused(layout: Layout) -> None:
    with Run(layout) as run, pytest.raises(InputRefused, match="model id .* not valid Unicode"):
        writer(layout, run, "mod\udcffel")


@pytest.fixture
def plain(layout: Layout) -> tuple[Snapshot, str]:
    """A committed snapshot, and the glob that people write for a table."""
    ids = [*HOSTILE, *(f"e{number}" for number in range(20_000))]
    commit(layout, model(10), "shed")
    snapshot = commit(layout, [("elements", elements(ids)), ("quantities", quantities(ids))])
    return snapshot, str(layout.data)


def test_duckdb_reads_the_files_plain(plain: tuple[Snapshot, str]) -> None:
    import duckdb

    snapshot, data = plain
    with duckdb.connect() as con:
        relation = con.sql(
            f"select element_id, element_no, is_external, storey_elevation_m, ifc_guid "
            f"from '{data}/elements/*.parquet' where snapshot_id = $id order by element_no",
            params={"id": snapshot.snapshot_id},
        )
        assert [str(kind) for kind in relation.types] == [
            "VARCHAR",
            "INTEGER",
            "BOOLEAN",
            "DOUBLE",
            "VARCHAR",
        ]
        assert [row[0] for row in relation.fetchall()][: len(HOSTILE)] == HOSTILE
        total = con.sql(
            f"select sum(value_exact), typeof(any_value(value_exact)) "
            f"from '{data}/quantities/*.parquet' where snapshot_id = $id",
            params={"id": snapshot.snapshot_id},
        ).fetchall()[0]
    count = snapshot.rows("quantities")
    assert total == (Decimal(count * (count - 1)) / 16, "DECIMAL(32,12)")


def test_pandas_reads_the_files_plain(plain: tuple[Snapshot, str]) -> None:
    import pandas as pd

    snapshot, data = plain
    frame = pd.read_parquet(f"{data}/elements/{snapshot.snapshot_id}-00000.parquet")
    assert frame["element_id"].tolist()[: len(HOSTILE)] == HOSTILE
    assert (frame["element_no"].dtype, frame["is_external"].dtype) == ("int32", "bool")
    whole = pd.read_parquet(f"{data}/quantities")
    assert len(whole) == snapshot.rows("quantities") + 10
    assert isinstance(whole["value_exact"].iloc[0], Decimal)


def test_polars_reads_the_files_plain(plain: tuple[Snapshot, str]) -> None:
    import polars as pl

    snapshot, data = plain
    frame = pl.read_parquet(f"{data}/elements/*.parquet")
    assert frame.schema["element_no"] == pl.Int32
    mine = frame.filter(pl.col("snapshot_id") == snapshot.snapshot_id)
    assert mine["element_id"].to_list()[: len(HOSTILE)] == HOSTILE
    figures = pl.read_parquet(f"{data}/quantities/*.parquet")
    assert figures.schema["value_exact"] == pl.Decimal(32, 12)
