"""Lakes that earlier releases wrote open as they are, and report what they reported then."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import pytest
from old_lakes.make import QUESTIONS
from small_lakes import open_lake, rows

from takeoff.cli import main
from takeoff.config import Settings
from takeoff.core.errors import InputRefused, LakeUnusable
from takeoff.core.progress import Quiet
from takeoff.core.tables import SCHEMA_VERSION
from takeoff.jobs.rebuild import rebuild
from takeoff.jobs.renew import RENEWAL_OF, renew
from takeoff.lake.layout import open_layout
from takeoff.lake.reader import current, read_snapshots
from takeoff.lake.verify import verify

_HERE = Path(__file__).parent
OLD = sorted(path.parent for path in _HERE.glob("*/lake"))
_MOST_BYTES = 300_000


@pytest.fixture(params=OLD, ids=lambda folder: folder.name)
def old(request: pytest.FixtureRequest) -> Path:
    folder: Path = request.param
    return folder


@pytest.fixture
def lake(old: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(old / "lake", tmp_path / "lake"))


def _bytes(folder: Path) -> dict[Path, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder): path.read_bytes() for path in paths}


def _answer(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_every_schema_has_its_lake() -> None:
    versions = [read_snapshots(open_layout(folder / "lake"))[0].schema_version for folder in OLD]
    assert versions == list(range(1, SCHEMA_VERSION + 1))


def test_kept_lake_is_small_sound_and_names_no_machine(old: Path) -> None:
    content = _bytes(old)
    assert sum(map(len, content.values())) < _MOST_BYTES
    assert verify(open_layout(old / "lake")).findings == ()
    assert not [path for path, raw in content.items() if b"/home/" in raw or b"/tmp/" in raw]


@pytest.mark.parametrize("name", QUESTIONS)
def test_old_lake_reports_what_it_reported_then(
    old: Path, lake: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Columns may have come since; those of then, their rows and order are the same."""
    before = _bytes(lake)
    assert main([*QUESTIONS[name], "--lake", str(lake), "--format", "csv"]) == 0
    then = _answer((old / "figures" / f"{name}.csv").read_text("utf-8"))
    now = _answer(capsys.readouterr().out)
    assert [{key: row[key] for key in then[0]} for row in now] == then
    assert len(then) > 40
    assert _bytes(lake) == before


def test_schema_is_renewed_by_a_command_beside_the_old_snapshots(lake: Path) -> None:
    before, layout = _bytes(lake), open_layout(lake)
    old_ones = read_snapshots(layout)
    told = renew(Settings(lake=lake), [], Quiet())
    # With the very libraries that wrote it, a lake of the present schema would come out the same.
    may_be = {"renewed"} if old_ones[0].schema_version < SCHEMA_VERSION else {"renewed", "alike"}
    assert set(told.df()["outcome"]) <= may_be
    assert {path: raw for path, raw in _bytes(lake).items() if path in before} == before
    new_ones = current(read_snapshots(layout))
    assert {snapshot.schema_version for snapshot in new_ones} == {SCHEMA_VERSION}
    assert verify(layout).findings == ()
    for old_one, new_one in zip(old_ones, new_ones, strict=True):
        if new_one != old_one:
            assert new_one.lineage[RENEWAL_OF] == old_one.snapshot_id
            assert new_one.lineage["revision_of"] == old_one.snapshot_id
        assert new_one.evidence == old_one.evidence
        assert new_one.taken_at == old_one.taken_at
        assert new_one.rows("elements") == old_one.rows("elements")
    with open_lake(lake) as engine:
        assert rows(engine, "select count(*) > 0 from boxes") == [(True,)]
        assert rows(engine, "select count(*) from elements") == [
            (sum(snapshot.rows("elements") for snapshot in old_ones),)
        ]
    again = renew(Settings(lake=lake), [], Quiet())
    assert again.df()["outcome"].tolist() == ["alike", "alike"]


def _of_schema_1(tmp_path: Path) -> Path:
    return Path(shutil.copytree(_HERE / "schema_1" / "lake", tmp_path / "lake"))


def test_rebuild_changes_no_snapshot_of_an_older_schema_and_says_what_to_do(
    tmp_path: Path,
) -> None:
    lake = _of_schema_1(tmp_path)
    before = _bytes(lake)
    with pytest.raises(LakeUnusable, match=r"tables 1 then, 2 now.*takeoff rebuild --as-new"):
        rebuild(Settings(lake=lake), [], Quiet())
    assert {path: raw for path, raw in _bytes(lake).items() if path in before} == before


def test_only_a_current_snapshot_is_renewed(tmp_path: Path) -> None:
    lake = _of_schema_1(tmp_path)
    (first, _) = read_snapshots(open_layout(lake))
    assert main(["rebuild", "--as-new", "--snapshot", first.snapshot_id, "--lake", str(lake)]) == 0
    assert len(read_snapshots(open_layout(lake))) == 3
    with pytest.raises(InputRefused, match="is not the current snapshot"):
        renew(Settings(lake=lake), [first.snapshot_id], Quiet())
