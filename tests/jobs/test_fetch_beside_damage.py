"""A fetch beside a damaged revision commits, and says what it could not compare."""

from __future__ import annotations

import shutil
from pathlib import Path

from takeoff.config import Settings
from takeoff.core.progress import Quiet
from takeoff.jobs.fetch import Fetched, IfcOptions, fetch_ifc
from takeoff.lake.layout import open_layout
from takeoff.lake.reader import read_snapshots

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample" / "faulty"


def _fetched(lake: Path, model: Path) -> Fetched:
    [outcome] = fetch_ifc(Settings(lake=lake), [model], IfcOptions(geometry=False), Quiet())
    return outcome


def test_revision_after_a_damaged_one_is_committed_and_says_so(tmp_path: Path) -> None:
    lake, model = tmp_path / "lake", tmp_path / "house.ifc"
    shutil.copyfile(SAMPLE / "area_collapsed.ifc", model)
    first = _fetched(lake, model).snapshot
    assert first is not None
    path = lake / next(file.name for file in first.files if file.table == "elements")
    path.write_bytes(bytes(reversed(path.read_bytes())))
    model.write_bytes(model.read_bytes().replace(b"HEADER;", b"HEADER;/* 2 */", 1))
    second = _fetched(lake, model)
    assert second.snapshot is not None
    assert second.note is not None
    assert "could not be compared" in second.note
    assert f"{path} has changed since it was committed" in second.note
    assert len(read_snapshots(open_layout(lake))) == 2
