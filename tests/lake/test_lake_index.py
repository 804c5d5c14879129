"""The index makes opening fast; what it says counts only where it is surely right."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from made_up import commit, model

from takeoff.core.errors import LakeUnusable
from takeoff.core.refs import Snapshot
from takeoff.lake import index, manifest
from takeoff.lake.layout import Layout
from takeoff.lake.reader import read_snapshots
from takeoff.lake.verify import verify
from takeoff.lake.work import Run


@pytest.fixture
def lake(layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """A lake of three snapshots with evidence, and its index."""
    monkeypatch.setattr(index, "_WORTH", 3)
    (tmp_path / "house.ifc").write_text("a house")
    for name in ("house", "shed", "house"):
        commit(layout, model(20), name, tmp_path / "house.ifc")
    _renew(layout)
    return layout


def _renew(layout: Layout) -> None:
    with Run(layout) as run:
        index.renew(layout, run.folder)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The manifests that were read themselves."""
    names: list[str] = []
    read: Callable[[Path], Snapshot] = manifest.read
    monkeypatch.setattr(manifest, "read", lambda path: names.append(path.name) or read(path))
    return names


def _place(lake: Layout) -> Path:
    (path,) = lake.index.iterdir()
    return path


def test_no_manifest_is_read_that_the_index_knows(lake: Layout, opened: list[str]) -> None:
    indexed = read_snapshots(lake)
    assert opened == []
    _place(lake).unlink()
    assert read_snapshots(lake) == indexed
    assert len(opened) == 3


def test_snapshot_committed_since_is_read_itself(lake: Layout, opened: list[str]) -> None:
    last = commit(lake, model(30), "shed")
    opened.clear()
    found = read_snapshots(lake)
    assert opened == [f"{last.snapshot_id}.json"]
    assert last in found
    _renew(lake)
    opened.clear()
    assert read_snapshots(lake) == found
    assert opened == []


def test_manifest_that_is_gone_is_no_snapshot_whatever_the_index_says(lake: Layout) -> None:
    gone = read_snapshots(lake)[0]
    lake.manifest(gone.snapshot_id).unlink()
    assert gone not in read_snapshots(lake)
    assert len(read_snapshots(lake)) == 2


def test_changed_manifest_is_refused_as_without_the_index(lake: Layout) -> None:
    path = lake.manifest(read_snapshots(lake)[0].snapshot_id)
    raw = path.read_bytes()
    path.write_bytes(raw.replace(b"house", b"horse"))
    os.utime(path, ns=(0, 0))
    with pytest.raises(LakeUnusable, match="is damaged"):
        read_snapshots(lake)


def test_damaged_index_is_passed_over(lake: Layout) -> None:
    """And the lake is sound with it."""
    whole, right = _place(lake).read_bytes(), read_snapshots(lake)
    for place in range(0, len(whole), 97):
        _place(lake).write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert read_snapshots(lake) == right
    for harmed in (b"", b"\n", whole[:100], whole[:-1], whole + b"x"):
        _place(lake).write_bytes(harmed)
        assert read_snapshots(lake) == right
    assert verify(lake).findings == ()
    _renew(lake)
    assert _place(lake).read_bytes() == whole


def test_index_is_left_alone_while_it_is_right(lake: Layout) -> None:
    before = _place(lake).stat().st_mtime_ns
    _renew(lake)
    assert _place(lake).stat().st_mtime_ns == before


def test_damaged_manifest_does_not_enter_the_index(lake: Layout) -> None:
    last = commit(lake, model(30), "shed")
    path = lake.manifest(last.snapshot_id)
    path.write_bytes(path.read_bytes()[:-3])
    before = _place(lake).read_bytes()
    _renew(lake)
    assert _place(lake).read_bytes() == before
    with pytest.raises(LakeUnusable, match="is damaged"):
        read_snapshots(lake)


def test_lake_of_few_snapshots_gets_no_index(layout: Layout) -> None:
    commit(layout, model(10))
    _renew(layout)
    assert not layout.index.exists()
