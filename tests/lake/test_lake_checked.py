"""A data file is compared with its manifest before it is first read, and then no more."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from made_up import commit, model

from takeoff.core.errors import LakeUnusable
from takeoff.core.refs import Snapshot
from takeoff.lake import verify
from takeoff.lake.checked import CheckedFiles
from takeoff.lake.layout import Layout


@pytest.fixture
def house(layout: Layout) -> Snapshot:
    return commit(layout, model(500))


def _flip(path: Path) -> None:
    """One bit in the middle; size and time stay as they were, as when a disk loses it."""
    raw, told = bytearray(path.read_bytes()), path.stat()
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    os.utime(path, ns=(told.st_atime_ns, told.st_mtime_ns))


def test_files_as_committed_are_required_without_a_word(layout: Layout, house: Snapshot) -> None:
    CheckedFiles(layout).require(house.files)


def test_flipped_bit_is_refused_by_name_also_with_size_and_time_as_before(
    layout: Layout, house: Snapshot
) -> None:
    for file in house.files:
        _flip(layout.file(file.name))
        with pytest.raises(LakeUnusable, match=r"its sha256 is another; run takeoff rebuild") as no:
            CheckedFiles(layout).require(house.files)
        assert str(layout.file(file.name)) in str(no.value)
        _flip(layout.file(file.name))


def test_file_is_read_once_and_others_not_at_all(
    layout: Layout, house: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[str] = []
    monkeypatch.setattr(
        verify.disk,
        "measure",
        lambda path: measured.append(path.name) or (house.files[0].bytes, house.files[0].sha256),
    )
    checked = CheckedFiles(layout)
    for _ in range(3):
        checked.require(house.files[:1])
    assert measured == [layout.file(house.files[0].name).name]


def test_file_that_was_refused_is_looked_at_again(layout: Layout, house: Snapshot) -> None:
    checked, path = CheckedFiles(layout), layout.file(house.files[0].name)
    _flip(path)
    with pytest.raises(LakeUnusable):
        checked.require(house.files)
    _flip(path)
    checked.require(house.files)


def test_threads_that_require_at_once_all_wait_for_the_answer(
    layout: Layout, house: Snapshot
) -> None:
    _flip(layout.file(house.files[-1].name))
    checked, refused = CheckedFiles(layout), []

    def require() -> None:
        try:
            checked.require(house.files)
        except LakeUnusable as error:
            refused.append(str(error))

    threads = [threading.Thread(target=require) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 8
