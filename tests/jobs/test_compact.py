"""compact and expire change where rows lie and nothing else; what is harmed is put right."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from small_lakes import Model, open_lake, rows

from takeoff.cli import main
from takeoff.config import Settings
from takeoff.core.errors import LakeUnusable
from takeoff.core.progress import Quiet
from takeoff.jobs.compact import compact
from takeoff.jobs.expire import expire
from takeoff.jobs.fetch import IfcOptions, fetch_ifc
from takeoff.jobs.rebuild import rebuild
from takeoff.jobs.renew import renew
from takeoff.jobs.verify import verify
from takeoff.lake.compaction import read_holdings
from takeoff.lake.layout import open_layout
from takeoff.lake.reader import read_snapshots

_SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
_NOW = timedelta(0)
_GUID = "3GE55Mj4LMgvbS2ZSIoqSV"
_REPORTS = (
    ["report", "takeoff", "--by", "model,class"],
    ["report", "takeoff", "--snapshot", "ifc:house@1"],
    ["changes", "ifc:house@1", "ifc:house@3"],
    ["sql", "select snapshot_id, element_id from all_elements order by snapshot_id, element_no"],
    ["sql", "select count(*), sum(value_exact) from quantities", "--snapshot", "ifc:house@2"],
    ["sql", "select * from element_quantities order by all"],
    ["explain", "b", "NetVolume"],
)


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """Three revisions of a house, a shed, and a barn that has materials as well."""
    folder = tmp_path / "lake"
    for volume in (1, 2, 3):
        house = Model("house").add("a").figure("NetVolume", volume).add("b", ifc_class="Slab")
        house.figure("NetVolume", volume * 10).figure("NetArea", 5).commit(folder)
    Model("shed").add("a").figure("NetVolume", 3).prop("Pset", "mark", "A").commit(folder)
    Model("barn").add("c").figure("NetVolume", 7).material("Concrete").commit(folder)
    return folder


@pytest.fixture
def read(tmp_path: Path) -> Settings:
    """A lake of three small models that are IFC files, with their evidence."""
    settings = Settings(lake=tmp_path / "read")
    for number, name in enumerate(("services", "structure", "services")):
        file = tmp_path / f"{name}{number}.ifc"
        shutil.copy(_SAMPLE / f"Lindenhof_{name}.ifc", file)
        [fetched] = fetch_ifc(settings, [file], IfcOptions(geometry=False), Quiet())
        assert fetched.error is None
    return settings


def tree(lake: Path) -> dict[str, bytes]:
    """Every file below."""
    paths = [path for path in lake.rglob("*") if path.is_file()]
    return {str(path.relative_to(lake)): path.read_bytes() for path in paths}


def _compact(lake: Path) -> int:
    return int(compact(Settings(lake=lake), Quiet()).result.table.num_rows)


def _expire(lake: Path, older_than: timedelta = _NOW) -> int:
    table = expire(Settings(lake=lake), Quiet(), older_than).result.table.to_pylist()
    return sum(row["files"] for row in table if row["outcome"] == "removed")


def _answers(lake: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[str]:
    for words in _REPORTS:
        assert main([*words, "--lake", str(lake), "--format", "csv"]) == 0, words
        yield capsys.readouterr().out


def test_answers_are_the_same_after_compact_and_after_expire(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = list(_answers(lake, capsys))
    assert _compact(lake) == 2
    assert list(_answers(lake, capsys)) == before
    assert _expire(lake) == 10
    assert list(_answers(lake, capsys)) == before
    Model("barn").add("c").figure("NetVolume", 8).commit(lake)
    later = _answers(lake, capsys)
    assert [next(later) for _ in range(3)][1:] == before[1:3]


def test_rows_of_superseded_snapshots_in_a_merged_file_are_not_shown(lake: Path) -> None:
    """Of three models' rows in one file first those of one are superseded, then those of two."""
    asked = "select model_id, value_exact from quantities where quantity = 'NetVolume' order by all"
    _compact(lake)
    _expire(lake)
    shed, house = ("shed", Decimal(3)), [("house", Decimal(3)), ("house", Decimal(30))]
    for model_id, volume, right, elements in (
        ("barn", 8, [("barn", Decimal(8)), *house, shed], 9),
        ("house", 9, [("barn", Decimal(8)), ("house", Decimal(9)), shed], 10),
    ):
        Model(model_id).add("a").figure("NetVolume", volume).commit(lake)
        with open_lake(lake) as engine:
            assert rows(engine, asked) == right
            assert rows(engine, "select count(*) from all_elements") == [(elements,)]


def test_script_of_views_gives_the_same_rows(lake: Path, tmp_path: Path) -> None:
    asked = "select * from all_quantities order by all"
    of_current = "select * from quantities order by all"
    with open_lake(lake) as engine:
        before = rows(engine, asked), rows(engine, of_current)
    for change in (_compact, _expire):
        assert change(lake)
        Model("barn").add("d").figure("NetVolume", 8).commit(lake)
        script = tmp_path / "lake.sql"
        assert main(["sql", "--init", "--lake", str(lake), "-o", str(script)]) == 0
        with duckdb.connect() as plain, open_lake(lake) as engine:
            plain.execute(script.read_text("utf-8"))
            found = plain.execute(asked).fetchall(), plain.execute(of_current).fetchall()
            assert found == (rows(engine, asked), rows(engine, of_current))
        assert set(before[0]) < set(found[0])


def test_session_that_is_open_goes_on_with_the_old_files(lake: Path) -> None:
    asked = "select count(*), sum(value_exact) from all_quantities"
    with open_lake(lake) as first, open_lake(lake) as second:
        before = rows(first, asked)
        assert _compact(lake)
        assert rows(second, asked) == before
        assert rows(first, asked) == before
        assert _expire(lake)
        with pytest.raises(LakeUnusable, match="is missing"):
            rows(second, "select count(*) from all_elements")


def test_only_what_was_merged_long_enough_ago_expires(lake: Path) -> None:
    assert _expire(lake) == 0
    assert _compact(lake)
    before = tree(lake)
    assert _expire(lake, timedelta(days=7)) == 0
    told = expire(Settings(lake=lake), Quiet(), _NOW, dry_run=True)
    assert {row["outcome"] for row in told.result.table.to_pylist()} == {"to be removed"}
    assert tree(lake) == before
    assert _expire(lake) == 10
    assert _expire(lake) == 0
    after = tree(lake)
    assert after.items() < before.items()
    assert len(before) - len(after) == 10


def test_what_is_superseded_by_a_later_compaction_expires_too(lake: Path) -> None:
    _compact(lake)
    Model("garage").add("c").figure("NetVolume", 7).commit(lake)
    _compact(lake)
    _expire(lake)
    named = {h.file.name for h in read_holdings(open_layout(lake)).merged()}
    lying = {path.relative_to(lake).as_posix() for path in (lake / "data").glob("*/*")}
    alone = {name for name in lying if "materials" in name or "properties" in name}
    assert lying - alone == named
    assert len(alone) == 2


def test_nothing_expires_while_what_holds_its_rows_is_harmed(lake: Path) -> None:
    _compact(lake)
    harmed = lake / read_holdings(open_layout(lake)).merged()[0].file.name
    harmed.write_bytes(harmed.read_bytes()[:-1])
    before = tree(lake)
    with pytest.raises(LakeUnusable, match="Nothing was removed; run takeoff rebuild"):
        _expire(lake)
    assert tree(lake) == before


def test_verify_notes_what_was_merged_and_misses_nothing_that_expired(lake: Path) -> None:
    _compact(lake)
    found = verify(Settings(lake=lake), Quiet())
    assert found.is_sound
    told = found.result.table.to_pylist()
    assert {row["what_to_do"] for row in told} == {"nothing, or takeoff expire, which removes them"}
    _expire(lake)
    found = verify(Settings(lake=lake), Quiet())
    assert (found.is_sound, found.result.table.num_rows) == (True, 0)
    path = lake / read_holdings(open_layout(lake)).merged()[0].file.name
    path.unlink()
    found = verify(Settings(lake=lake), Quiet())
    assert [row["file"] for row in found.result.table.to_pylist()] == [str(path)]
    assert not found.is_sound


@pytest.mark.parametrize("is_expired", [False, True])
def test_harmed_merged_file_is_rebuilt_to_the_same_bytes(read: Settings, is_expired: bool) -> None:
    """From the files that it was made of, or else from the evidence."""
    lake = read.lake_path()
    assert _compact(lake)
    if is_expired:
        assert _expire(lake)
    whole = tree(lake)
    lost, cut = [lake / h.file.name for h in read_holdings(open_layout(lake)).merged()][:2]
    lost.unlink()
    cut.write_bytes(cut.read_bytes()[:100])
    assert not verify(read, Quiet()).is_sound
    told = {row["file"]: row["outcome"] for row in rebuild(read, [], Quiet()).table.to_pylist()}
    assert tree(lake) == whole
    merged = {name: outcome for name, outcome in told.items() if (lake / name) in (lost, cut)}
    assert set(merged.values()) == {"restored"}
    assert len(merged) == 2
    assert set(told.values()) == {"merged", "restored", "same"}
    assert verify(read, Quiet()).is_sound


def test_one_snapshot_of_a_compacted_lake_is_rebuilt(read: Settings) -> None:
    lake = read.lake_path()
    _compact(lake)
    _expire(lake)
    whole, chosen = tree(lake), read_snapshots(open_layout(lake))[0].snapshot_id
    told = rebuild(read, [chosen], Quiet()).table.to_pylist()
    assert {row["outcome"] for row in told if row["snapshot_id"] == chosen} == {"merged"}
    assert {row["outcome"] for row in told if row["snapshot_id"] is None} == {"same"}
    assert tree(lake) == whole


def test_model_is_renewed_and_fetched_again_after_expire(read: Settings, tmp_path: Path) -> None:
    """With the revision before it is compared, whose GUIDs are read from a merged file."""
    lake = read.lake_path()
    _compact(lake)
    _expire(lake)
    assert set(renew(read, [], Quiet()).df()["outcome"]) == {"alike"}
    shutil.copy(_SAMPLE / "Lindenhof_structure.ifc", tmp_path / "services0.ifc")
    options = IfcOptions(geometry=False)
    [other] = fetch_ifc(read, [tmp_path / "services0.ifc"], options, Quiet())
    assert other.error is None
    assert other.note is None
    assert other.snapshot is not None
    assert other.snapshot.sequence == 2


def test_commands_say_what_they_did(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words, said in (
        (["compact"], "10 files were merged into 4."),
        (["compact"], "There are no small files to merge; they stay as they are."),
        (["expire"], "kept, as they were merged too recently."),
        (["expire", "--older-than", "0d", "--dry-run"], "10 files ("),
        (["expire", "--older-than", "0h"], " removed."),
        (["expire"], "No file was merged into another; nothing was removed."),
    ):
        assert main([*words, "--lake", str(lake), "--format", "json"]) == 0
        assert said in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main(["expire", "--older-than", "7", "--lake", str(lake)])
