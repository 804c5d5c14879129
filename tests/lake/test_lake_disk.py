"""Full, read-only, limited and failing disks: one clear sentence, and the lake as before."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from failing import FailsAt
from made_up import ENVIRONMENT, commit, model, tree

from takeoff.core.errors import InputRefused, LakeUnusable
from takeoff.lake.layout import Layout, open_layout
from takeoff.lake.reader import read_snapshots
from takeoff.lake.verify import verify
from takeoff.lake.work import Run, runs

HERE = Path(__file__).parent
IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def _mount(*arguments: str) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"cannot mount a small disk here: {done.stderr.strip()}")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MiB of its own."""
    if not IS_ROOT or sys.platform != "linux":
        pytest.skip("mounting a small disk takes root on Linux")
    folder = tmp_path / "disk"
    folder.mkdir()
    _mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder))
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("free_kilobytes", [0, 4, 12, 30, 60, 120])
def test_full_disk_leaves_the_lake_as_it_was(
    small_disk: Path, tmp_path: Path, free_kilobytes: int
) -> None:
    layout = open_layout(small_disk / "lake", create=True)
    snapshot = commit(layout, model(100))
    before = tree(layout.root)
    document = tmp_path / "noise.ifc"
    document.write_bytes(os.urandom(70 << 10))
    disk = os.statvfs(small_disk)
    filler = small_disk / "filler"
    filler.write_bytes(bytes(disk.f_bavail * disk.f_frsize - (free_kilobytes << 10)))
    with pytest.raises(LakeUnusable, match="No space left on device; free some space there"):
        commit(layout, model(4_000), document=document)
    assert tree(layout.root) == before
    assert list(layout.work.iterdir()) == []
    filler.unlink()
    assert commit(layout, model(4_000), document=document).sequence == snapshot.sequence + 1
    assert verify(layout).findings == ()


def test_read_only_disk_is_refused(small_disk: Path) -> None:
    layout = open_layout(small_disk / "lake", create=True)
    snapshot = commit(layout, model(100))
    before = tree(layout.root)
    _mount("-o", "remount,ro", str(small_disk))
    with pytest.raises(LakeUnusable, match="You may not write to the lake"):
        open_layout(layout.root, create=True)
    with pytest.raises(LakeUnusable, match="Read-only file system; make that disk writable"):
        commit(layout, model(100))
    assert tree(layout.root) == before
    assert read_snapshots(open_layout(layout.root)) == [snapshot]
    assert verify(layout).is_sound


def test_folder_without_permission_is_refused(layout: Layout) -> None:
    layout.root.chmod(0o555)
    if os.access(layout.root, os.W_OK):
        pytest.skip("this user may write everywhere")
    with pytest.raises(LakeUnusable, match="You may not write to the lake"):
        open_layout(layout.root, create=True)
    layout.work.chmod(0o555)
    with pytest.raises(LakeUnusable, match="Permission denied; get the right"):
        commit(layout, model(100))
    assert read_snapshots(layout) == []


def test_limit_on_file_sizes_is_refused(layout: Layout) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(layout.root)],
        env=ENVIRONMENT | {"PYTHONPATH": f"{ENVIRONMENT['PYTHONPATH']}:{HERE}"},
        preexec_fn=limit,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "File too large; raise the limit on file sizes" in done.stdout
    assert tree(layout.root) == {}


LIMITED = """
import sys
from made_up import commit, model
from takeoff.core.errors import InputRefused, LakeUnusable
from takeoff.lake.layout import open_layout
try:
    commit(open_layout(sys.argv[1]), model(20_000))
except LakeUnusable as error:
    print(error)
"""


@pytest.mark.parametrize("name", ["fsync", "link", "replace", "mkdir", "stat"])
def test_disk_that_fails_at_any_call_commits_all_or_nothing(
    layout: Layout, tmp_path: Path, name: str
) -> None:
    """Each call in turn fails, until a commit needs fewer calls than that."""
    document = tmp_path / "house.ifc"
    first = commit(layout, model(20))
    for call in range(1, 200):
        document.write_text(f"{name} {call}")
        before = read_snapshots(layout)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, name, FailsAt(getattr(os, name), call))
            try:
                commit(layout, model(20), document=document)
            except (LakeUnusable, InputRefused) as error:
                refusal = str(error)
            else:
                break
        after = read_snapshots(layout)
        is_committed = "is committed, but the disk does not confirm" in refusal
        assert len(after) == len(before) + is_committed
        assert is_committed or "Input/output error, its disk may be failing; " in refusal
        assert verify(layout).is_sound
    assert call > 1
    assert read_snapshots(layout)[0] == first


@pytest.mark.parametrize("name", ["fstat", "unlink", "rmdir", "scandir", "lstat"])
def test_run_whose_folder_cannot_be_removed_has_committed_all_the_same(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with Run(layout) as run:
        (run.folder / "deep").mkdir()
        monkeypatch.setattr(os, name, FailsAt(getattr(os, name), 1))
    monkeypatch.undo()
    assert not any(leftover.alive for leftover in runs(layout))


def test_file_system_without_hard_links_commits_by_renaming(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    snapshot = commit(layout, model(20))
    assert read_snapshots(layout) == [snapshot]
    assert verify(layout).findings == ()


def test_names_in_use_are_never_overwritten(layout: Layout) -> None:
    from takeoff.lake.disk import publish

    for name in ("a", "b"):
        (layout.work / name).write_text(name)
    publish(layout.work / "a", layout.snapshots / "x.json")
    with pytest.raises(LakeUnusable, match="File exists"):
        publish(layout.work / "b", layout.snapshots / "x.json")
    assert (layout.snapshots / "x.json").read_text() == "a"
