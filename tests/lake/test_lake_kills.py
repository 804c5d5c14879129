"""Kills at random moments, two writers at once, and a reader that looks all the time."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from made_up import ENVIRONMENT, ROOT, commit, model

from takeoff.lake import disk
from takeoff.lake.layout import Layout
from takeoff.lake.reader import current, files, read_snapshots
from takeoff.lake.verify import verify

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
        self.look()
        if self.failure is not None:
            raise self.failure


@pytest.fixture
def watcher(layout: Layout) -> Watcher:
    watching = Watcher(layout)
    watching.start()
    return watching


def _start(program: str, *arguments: object) -> subprocess.Popen[str]:
    path = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        env=ENVIRONMENT | {"PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


COMMIT = """
import sys
from pathlib import Path
from made_up import commit_many
lake, model_id, commits, rows, told = sys.argv[1:]
commit_many(Path(lake), model_id, int(commits), int(rows), Path(told))
"""

# What is to be killed starts at once: all it needs has been imported, also by pyarrow.
FORK = """
import os, sys
from pathlib import Path
from made_up import commit_many, model
lake, told, rows = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
model(1)
for _ in sys.stdin:
    child = os.fork()
    if not child:
        try:
            commit_many(lake, "house", 100, rows, told)
        finally:
            os._exit(1)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def _kill_one(server: subprocess.Popen[str], after_s: float) -> int:
    """The exit code of a process killed so long after its start."""
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write("\n")
    server.stdin.flush()
    child = int(server.stdout.readline())
    time.sleep(after_s)
    os.kill(child, signal.SIGKILL)
    return int(server.stdout.readline())


def test_kill_at_any_moment_leaves_whole_snapshots_only(
    layout: Layout, watcher: Watcher, tmp_path: Path
) -> None:
    chance = random.Random(20260301)
    told = tmp_path / "told"
    with _start(FORK, layout.root, told, ROWS) as server:
        for _ in range(15):
            assert _kill_one(server, after_s=chance.uniform(0.02, 0.5)) == -signal.SIGKILL
        server.communicate()
    watcher.finish()
    snapshots = read_snapshots(layout)
    report = verify(layout)
    assert report.is_sound, report.findings
    assert set(told.read_text().split()) <= {snapshot.snapshot_id for snapshot in snapshots}
    assert [s.sequence for s in snapshots] == list(range(1, len(snapshots) + 1))
    assert all(s.rows("elements") == s.rows("quantities") == ROWS for s in snapshots)
    assert len(snapshots) > 5
    assert any(layout.work.iterdir()), "no kill hit a run at work"
    assert watcher.seen == {snapshot.snapshot_id for snapshot in snapshots}
    assert commit(layout, model(10)).sequence == len(snapshots) + 1


def test_two_processes_commit_to_one_lake_at_once(
    layout: Layout, watcher: Watcher, tmp_path: Path
) -> None:
    names = ("house", "shed")
    running = [_start(COMMIT, layout.root, name, 15, ROWS, tmp_path / name) for name in names]
    for process in running:
        process.communicate(timeout=60)
    watcher.finish()
    assert [process.returncode for process in running] == [0, 0]
    snapshots = read_snapshots(layout)
    assert [(tmp_path / name).read_text().split() for name in names] == [
        [s.snapshot_id for s in snapshots if s.ref.model_id == name] for name in names
    ]
    assert [(s.ref.model_id, s.sequence) for s in snapshots] == [
        (name, number) for name in names for number in range(1, 16)
    ]
    report = verify(layout)
    assert (report.findings, report.snapshots, report.evidence) == ((), 30, 30)


def test_two_processes_revise_one_model_at_once(layout: Layout, tmp_path: Path) -> None:
    """Equal sequence numbers may come out; every snapshot is there, and one is current."""
    told = [tmp_path / "told-0", tmp_path / "told-1"]
    running = [_start(COMMIT, layout.root, "house", 5, ROWS, path) for path in told]
    for process in running:
        process.communicate(timeout=60)
    snapshots = read_snapshots(layout)
    said = {snapshot_id for path in told for snapshot_id in path.read_text().split()}
    assert said == {snapshot.snapshot_id for snapshot in snapshots}
    assert len(snapshots) == 10
    assert current(snapshots) == [snapshots[-1]]
    assert verify(layout).findings == ()
