"""Files that are merged: which are, what readers read then, and what nobody may lose."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from made_up import ENVIRONMENT, commit, model, tree

from takeoff.core.errors import LakeUnusable, TryLater
from takeoff.core.progress import Quiet
from takeoff.core.refs import DataFile, Snapshot
from takeoff.lake import compaction, merging
from takeoff.lake.compaction import Compaction, Holding, Holdings, Piece, read_holdings
from takeoff.lake.layout import Layout, open_layout
from takeoff.lake.parts import PART_ROWS
from takeoff.lake.reader import current, read_snapshots
from takeoff.lake.verify import verify
from takeoff.lake.work import Run

_ROWS = {"house": 500, "shed": 300}


def _compact(layout: Layout, before_commit: Callable[[], None] = lambda: None) -> Compaction | None:
    groups = merging.plan(read_snapshots(layout), read_holdings(layout))
    if not groups:
        return None
    with Run(layout) as run:
        made = merging.write(layout, run.folder, groups, Quiet())
        before_commit()
        merging.commit(layout, run, made, groups)
    return made


@pytest.fixture
def lake(layout: Layout) -> Layout:
    """Three models; two of them have a superseded snapshot."""
    for model_id, rows in _ROWS.items():
        commit(layout, model(rows - 100), model_id)
    for model_id, rows in {**_ROWS, "barn": 40}.items():
        commit(layout, model(rows), model_id)
    return layout


def _ids(layout: Layout, table: str, snapshots: list[Snapshot]) -> list[tuple[str, int]]:
    """Snapshot and number of every row that a reader sees, by what it is told to read."""
    rows = read_holdings(layout).rows(table, snapshots)
    found = []
    for file in rows.every_file:
        read = pq.read_table(layout.file(file.name), columns=["snapshot_id", "element_no"])
        for snapshot_id, number in zip(*read.to_pydict().values(), strict=True):
            if file in rows.files or snapshot_id in rows.shown:
                found.append((snapshot_id, number))
    return sorted(found)


def test_rows_are_the_same_for_any_choice_of_snapshots(lake: Layout) -> None:
    every = read_snapshots(lake)
    choices = [every, every[:1], every[1:3], every[::2], []]
    tables = ("elements", "quantities", "materials")
    before = [_ids(lake, table, chosen) for chosen in choices for table in tables]
    assert _compact(lake) is not None
    assert [_ids(lake, table, chosen) for chosen in choices for table in tables] == before


def test_current_rows_are_put_together_and_superseded_ones_apart(lake: Layout) -> None:
    made = _compact(lake)
    assert made is not None
    now = {
        s.snapshot_id for s in read_snapshots(lake) if s.ref.model_id == "barn" or s.sequence == 2
    }
    of_elements = [h for h in made.merged if h.file.table == "elements"]
    assert [h.file.rows for h in of_elements] == [840, 600]
    assert [{p.snapshot_id in now for p in h.pieces} for h in of_elements] == [{True}, {False}]
    rows = read_holdings(lake).rows(
        "elements", [s for s in read_snapshots(lake) if s.snapshot_id in now]
    )
    assert (rows.files, rows.shared) == ((of_elements[0].file,), ())


def test_files_hold_the_pieces_whole_and_in_order(lake: Layout) -> None:
    made = _compact(lake)
    assert made is not None
    for holding in made.merged:
        whole, behind = pq.read_table(lake.file(holding.file.name)), 0
        for piece in holding.pieces:
            assert whole.slice(behind, piece.rows).equals(pq.read_table(lake.file(piece.name)))
            behind += piece.rows
        assert behind == whole.num_rows


def test_nothing_committed_is_touched_and_the_lake_is_sound(lake: Layout) -> None:
    before = tree(lake.root)
    _compact(lake)
    after = tree(lake.root)
    assert {name: after[name] for name in before} == before
    report = verify(lake)
    assert report.is_sound
    assert [(f.file.name, f.severity) for f in report.findings] == [
        ("elements", "note"),
        ("quantities", "note"),
    ]
    assert all("holds 5 files" in finding.what for finding in report.findings)


def test_compacted_lake_is_left_alone(lake: Layout) -> None:
    _compact(lake)
    before = tree(lake.root)
    assert _compact(lake) is None
    assert tree(lake.root) == before


def test_one_snapshot_and_an_empty_lake_are_left_alone(layout: Layout) -> None:
    assert _compact(layout) is None
    commit(layout, model(50))
    assert _compact(layout) is None


def test_large_files_are_left_alone(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "_SMALL_ROWS", 100)
    for model_id, rows in (("a", 100), ("b", 101), ("c", 100)):
        commit(layout, model(rows), model_id)
    made = _compact(layout)
    assert made is not None
    assert {holding.file.rows for holding in made.merged} == {200}


def test_merged_files_are_no_longer_than_a_part(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "PART_ROWS", 250)
    monkeypatch.setattr(merging, "_SMALL_ROWS", 100)
    for number in range(6):
        commit(layout, model(100), f"m{number}")
    made = _compact(layout)
    assert made is not None
    assert [h.file.rows for h in made.merged if h.file.table == "elements"] == [200, 200, 200]
    assert _compact(layout) is None


def test_next_compaction_merges_files_of_an_earlier_one(lake: Layout) -> None:
    every = [s.snapshot_id for s in read_snapshots(lake)]
    first = _compact(lake)
    commit(lake, model(60), "barn")
    commit(lake, model(70), "garage")
    snapshots = read_snapshots(lake)
    before = [_ids(lake, "elements", [s]) for s in snapshots]
    second = _compact(lake)
    assert first is not None
    assert second is not None
    assert [_ids(lake, "elements", [s]) for s in snapshots] == before
    read = {h.file.name for h in read_holdings(lake).merged()}
    assert read == {h.file.name for h in second.merged}
    superseded = [h for h in second.merged if h.file.table == "elements"][1]
    assert {p.snapshot_id for p in superseded.pieces} - set(every) == set()
    assert sum(piece.rows for piece in superseded.pieces) == 400 + 200 + 40
    replaced = {file.name for file, _ in read_holdings(lake).replaced(snapshots)}
    assert replaced == {f.name for s in snapshots for f in s.files} | {
        h.file.name for h in first.merged
    }
    assert verify(lake).is_sound


def test_file_that_became_half_superseded_is_taken_apart(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else reports on current snapshots would read ever more rows that they do not show."""
    monkeypatch.setattr(merging, "PART_ROWS", 400)
    for number in range(4):
        commit(layout, model(100), f"m{number}")
    _compact(layout)
    monkeypatch.setattr(merging, "_SMALL_ROWS", 100)
    commit(layout, model(100), "m0")
    assert _compact(layout) is None
    commit(layout, model(100), "m1")
    now = current(read_snapshots(layout))
    before = read_holdings(layout).rows("elements", now)
    assert [file.rows for file in before.shared] == [400]
    assert _compact(layout) is not None
    after = read_holdings(layout).rows("elements", now)
    assert (after.shared, [file.rows for file in after.files]) == ((), [400])


def test_same_files_give_the_same_bytes(lake: Layout, tmp_path: Path) -> None:
    made = _compact(lake)
    assert made is not None
    for holding in made.merged:
        pieces = (pq.read_table(lake.file(piece.name)) for piece in holding.pieces)
        again = merging.write_merged(tmp_path, made, holding.file.table, holding.file.name, pieces)
        assert again == holding.file


def test_harmed_source_is_named_and_nothing_is_committed(lake: Layout) -> None:
    path = lake.file(read_snapshots(lake)[0].files[0].name)
    raw = bytearray(path.read_bytes())
    raw[30] ^= 1
    path.write_bytes(raw)
    before = tree(lake.root)
    with pytest.raises(LakeUnusable, match=f"{path.name} has changed since it was committed"):
        _compact(lake)
    assert tree(lake.root) == before


def test_manifest_is_read_as_it_was_written(lake: Layout) -> None:
    made = _compact(lake)
    assert made is not None
    (path,) = compaction.manifests(lake)
    assert compaction.read(path) == made
    assert json.loads(path.read_text())["compaction_id"] == made.compaction_id


def test_every_flipped_bit_of_a_manifest_is_noticed(lake: Layout) -> None:
    _compact(lake)
    (path,) = compaction.manifests(lake)
    raw = path.read_bytes()
    for place in range(0, len(raw), 7):
        path.write_bytes(raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :])
        with pytest.raises(LakeUnusable, match=r"00000001\.json is damaged"):
            compaction.read(path)
    report = verify(lake)
    assert (report.is_sound, report.findings[0].file) == (False, path)


@pytest.mark.parametrize(
    ("name", "rows"), [("data/elements/../../x.parquet", 1), ("data/codes/a.parquet", 1)]
)
def test_manifest_never_names_a_file_elsewhere(tmp_path: Path, name: str, rows: int) -> None:
    file = replace(_holding("new", "a").file, name=name, rows=rows)
    path = tmp_path / "00000001.json"
    path.write_bytes(
        compaction.to_bytes(_made("c", Holding(file, (Piece("data/elements/a.parquet", rows),))))
    )
    with pytest.raises(LakeUnusable, match="is damaged"):
        compaction.read(path)


def _holding(name: str, *pieces: str) -> Holding:
    held = tuple(Piece(f"data/elements/{piece}.parquet", 1) for piece in pieces)
    return Holding(DataFile("elements", f"data/elements/{name}.parquet", len(held), 9, "0"), held)


def _made(compaction_id: str, *merged: Holding) -> Compaction:
    return Compaction(compaction_id, datetime.now(UTC), "1", 1, "26", merged)


def test_compaction_that_would_tear_a_file_apart_is_passed_over() -> None:
    """Of x = a b the second takes b alone: a would be read from x, and b with it a second time."""
    first, second = _made("1", _holding("x", "a", "b")), _made("2", _holding("y", "b", "c"))
    third = _made("3", _holding("z", "a", "b", "c"))
    holder = Holdings([first, second]).holder
    assert [_last(holder(f"data/elements/{name}.parquet")) for name in "abc"] == ["x", "x", "c"]
    holder = Holdings([first, second, third]).holder
    assert [_last(holder(f"data/elements/{name}.parquet")) for name in "abc"] == ["z", "z", "z"]


def _last(name: str) -> str:
    return name.rpartition("/")[2].removesuffix(".parquet")


def test_compaction_that_another_one_outran_is_not_committed(lake: Layout) -> None:
    with pytest.raises(TryLater, match="Another takeoff compact was quicker"):
        _compact(lake, before_commit=lambda: _compact(lake))
    assert len(compaction.manifests(lake)) == 1
    report = verify(lake)
    assert report.is_sound
    assert all("were merged" in finding.what for finding in report.findings)


def test_compaction_of_other_files_at_the_same_moment_gets_the_next_number(layout: Layout) -> None:
    """Each was planned when the other was not there; they share no file."""
    for number in range(4):
        commit(layout, model(10 + number), f"m{number}")
    before = _ids(layout, "elements", read_snapshots(layout))
    groups = merging.plan(read_snapshots(layout), read_holdings(layout))
    for group in groups:
        with Run(layout) as run:
            made = merging.write(layout, run.folder, [group], Quiet())
            merging.commit(layout, run, made, [group])
    assert [path.name for path in compaction.manifests(layout)] == [
        "00000001.json",
        "00000002.json",
    ]
    assert _ids(layout, "elements", read_snapshots(layout)) == before


_AT_ONCE = """
import sys
from test_lake_compaction import _compact
from takeoff.core.errors import TryLater
from takeoff.lake.layout import open_layout
layout = open_layout(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
try:
    print("merged" if _compact(layout) else "nothing")
except TryLater:
    print("outrun")
"""


def test_two_processes_at_once_give_no_row_twice(lake: Layout) -> None:
    for number in range(12):
        commit(lake, model(30 + number), f"m{number}")
    snapshots = read_snapshots(lake)
    before = [_ids(lake, table, snapshots) for table in ("elements", "quantities")]
    path = str(Path(__file__).parent)
    environment = {**ENVIRONMENT, "PYTHONPATH": f"{ENVIRONMENT['PYTHONPATH']}:{path}"}
    running = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", _AT_ONCE, str(lake.root)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    ended = [process.communicate("go\n", timeout=120)[0].strip() for process in running]
    assert "merged" in ended
    assert set(ended) <= {"merged", "outrun", "nothing"}
    assert [_ids(lake, table, snapshots) for table in ("elements", "quantities")] == before
    report = verify(open_layout(lake.root))
    assert report.is_sound
    assert all("were merged" in finding.what for finding in report.findings)
    assert PART_ROWS > sum(s.rows("elements") for s in snapshots)
    assert len(read_holdings(lake).merged()) == 4
