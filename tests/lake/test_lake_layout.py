from __future__ import annotations

import threading
from pathlib import Path

import pytest
from made_up import ROOT, tree

from takeoff.core.errors import LakeUnusable
from takeoff.lake.layout import Layout, open_layout


def test_new_lake_opens_again_without_create(tmp_path: Path) -> None:
    made = open_layout(tmp_path / "new" / "lake", create=True)
    assert open_layout(tmp_path / "new" / "lake") == made == Layout(tmp_path / "new" / "lake")


@pytest.mark.parametrize("create", [True, False])
def test_file_is_refused(tmp_path: Path, create: bool) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("dear diary")
    with pytest.raises(LakeUnusable, match=r"notes\.txt is a file, not a lake"):
        open_layout(path, create=create)
    assert path.read_text() == "dear diary"


def test_missing_lake_is_refused_when_reading(tmp_path: Path) -> None:
    with pytest.raises(LakeUnusable, match="There is no lake at"):
        open_layout(tmp_path / "nowhere")
    assert tree(tmp_path) == {}


@pytest.mark.parametrize("create", [True, False])
def test_folder_with_other_things_is_left_alone(tmp_path: Path, create: bool) -> None:
    (tmp_path / "thesis.tex").write_text("x")
    before = tree(tmp_path)
    with pytest.raises(LakeUnusable, match="neither a lake nor empty|is not a lake"):
        open_layout(tmp_path, create=create)
    assert tree(tmp_path) == before


def test_lake_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(LakeUnusable, match="Cannot create"):
        open_layout(tmp_path / "file" / "lake", create=True)


def test_empty_folder_with_hidden_files_becomes_a_lake(tmp_path: Path) -> None:
    (tmp_path / ".DS_Store").write_text("x")
    assert open_layout(tmp_path, create=True).snapshots.is_dir()


def test_many_may_create_one_lake_at_once(tmp_path: Path) -> None:
    failures: list[LakeUnusable] = []
    start = threading.Barrier(8)

    def create() -> None:
        start.wait()
        try:
            open_layout(tmp_path / "lake", create=True)
        except LakeUnusable as error:
            failures.append(error)

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_only_disk_and_work_change_the_file_system() -> None:
    """The lake's other files leave that to them, so that an object store has one place to go."""
    calls = ("os.link", "os.replace", ".rename(", ".mkdir(", "os.fsync", "shutil", ".write_bytes(")
    found = {
        path.name
        for path in (ROOT / "takeoff" / "lake").glob("*.py")
        if any(call in path.read_text() for call in calls)
    }
    assert found == {"disk.py", "work.py"}
