"""Kills at random moments, two writers at once, and a reader that looks all the time."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from made_up import ENVIRONMENT, commit, model

from takeoff.lake import disk
from takeoff.lake.layout import Layout
from takeoff.lake.reader import current, files, read_snapshots
from takeoff.lake.verify import verify

PROGRAM = Path(__file__).with_name("made_up.py")
ROWS = 3_000


class Watcher(threading.Thread):
    """Reads every snapshot that it sees for the first time, whole, until told to stop."""

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        self._layout = layout
        self._stop_now = threading.Event()
        self.seen: set[str] = set()
        self.looks = 0
        self.failure: Exception | None = None

    def run(self) -> None:
        try:
            while not self._stop_now.wait(0.002):
                self.look()
        except Exception as error:  # noqa: BLE001 - handed to the test, which raises it
            self.failure = error

    def look(self) -> None:
        self.looks += 1
        snapshots = read_snapshots(self._layout)
        gone = self.seen - {snapshot.snapshot_id for snapshot in snapshots}
        if gone:
            raise AssertionError(f"snapshots that were there are gone: {gone}")
        for snapshot in snapshots:
            if snapshot.snapshot_id in self.seen:
                continue
            files(self._layout, [snapshot])
            for file in snapshot.files:
                path = self._layout.file(file.name)
                if disk.measure(path) != (file.bytes, file.sha256):
                    raise AssertionError(f"{path} is not as its manifest says")
                if pq.read_metadata(path).num_rows != file.rows:
                    raise AssertionError(f"{path} has other rows than its manifest says")
            for item in snapshot.evidence:
                if not self._layout.stored(item.sha256).exists():
                    raise AssertionError(f"the evidence of {snapshot.snapshot_id} is not there")
            self.seen.add(snapshot.snapshot_id)

    def finish(self) -> None:
        self._stop_now.set()
        self.join()
        if self.failure is not None:
            raise self.failure


@pytest.fixture
def watcher(layout: Layout) -> Watcher:
    watching = Watcher(layout)
    watching.start()
    return watching


def _start(layout: Layout, model_id: str, commits: int) -> subprocess.Popen[str]:
    command = [sys.executable, str(PROGRAM), str(layout.root), model_id, str(commits), str(ROWS)]
    return subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True)


def test_kill_at_any_moment_leaves_whole_snapshots_only(layout: Layout, watcher: Watcher) -> None:
    chance = random.Random(20260301)
    told: list[str] = []
    for _ in range(15):
        child = _start(layout, "house", commits=100)
        with child:
            assert child.stdout is not None
            told.append(child.stdout.readline().strip())
            try:
                child.wait(chance.uniform(0, 0.15))
            except subprocess.TimeoutExpired:
                child.kill()
            told += child.stdout.read().split()
    watcher.finish()
    snapshots = read_snapshots(layout)
    report = verify(layout)
    assert report.is_sound, report.findings
    assert set(told) <= {snapshot.snapshot_id for snapshot in snapshots}
    assert [s.sequence for s in snapshots] == list(range(1, len(snapshots) + 1))
    assert all(s.rows("elements") == s.rows("quantities") == ROWS for s in snapshots)
    assert any(layout.work.iterdir()), "no kill hit a run at work"
    assert watcher.looks > 15
    assert commit(layout, model(10)).sequence == len(snapshots) + 1


def test_two_processes_commit_to_one_lake_at_once(layout: Layout, watcher: Watcher) -> None:
    children = [_start(layout, model_id, commits=15) for model_id in ("house", "shed")]
    told = [set(child.communicate(timeout=60)[0].split()) for child in children]
    watcher.finish()
    snapshots = read_snapshots(layout)
    assert [child.returncode for child in children] == [0, 0]
    assert told[0] | told[1] == {snapshot.snapshot_id for snapshot in snapshots}
    assert [(s.ref.model_id, s.sequence) for s in snapshots] == [
        (model_id, number) for model_id in ("house", "shed") for number in range(1, 16)
    ]
    report = verify(layout)
    assert (report.findings, report.snapshots, report.evidence) == ((), 30, 30)


def test_two_processes_revise_one_model_at_once(layout: Layout) -> None:
    """Equal sequence numbers may come out; every snapshot is there, and one is current."""
    children = [_start(layout, "house", commits=5) for _ in range(2)]
    told = [set(child.communicate(timeout=60)[0].split()) for child in children]
    snapshots = read_snapshots(layout)
    assert told[0] | told[1] == {snapshot.snapshot_id for snapshot in snapshots}
    assert len(snapshots) == 10
    assert current(snapshots) == [snapshots[-1]]
    assert verify(layout).findings == ()
