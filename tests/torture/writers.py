"""Processes that commit to one lake at once, while another reads it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from made_up import ROOT, model
from s3_server import BUCKET, missing, serving
from small_lakes import open_lake, rows

from takeoff.config import lake_place
from takeoff.core.lake_url import LakeUrl
from takeoff.lake.checked import CheckedFiles
from takeoff.lake.layout import open_layout
from takeoff.lake.reader import current, files, read_snapshots
from takeoff.lake.verify import verify

from .tally import Part, Sizes, Tally, each
from .watcher import Watcher

ROWS = 500
_PATIENCE_S = 600
_BY_SQL = 25
_READ = "quantities"
_SUM = "select model_id, count(*), sum(value_exact) from quantities group by model_id"
_COMMIT = """
import sys
from pathlib import Path
from made_up import commit_many
from takeoff.config import lake_place
lake, cache, model_id, commits, rows, told = sys.argv[1:]
commit_many(lake_place(lake, Path(cache)), model_id, int(commits), int(rows), Path(told))
"""


class Asker(threading.Thread):
    """Within a `with`, opens the lake again and again and adds up its current figures."""

    def __init__(self, place: Path | LakeUrl) -> None:
        super().__init__()
        self._place, self._layout = place, open_layout(place, create=True)
        self._stop_now = threading.Event()
        self._right = (ROWS, _sum_of(ROWS))
        self.reads = 0
        self.wrong: list[str] = []

    def run(self) -> None:
        try:
            while not self._stop_now.is_set():
                self._read()
        except Exception as error:  # noqa: BLE001 - it is told with the others
            self.wrong.append(f"read {self.reads}: {error!r}")

    def _read(self) -> None:
        """Mostly straight from the files, for that is quick; every now and then by SQL."""
        by_sql = self.reads % _BY_SQL == 0
        for model_id, *figures in self._by_sql() if by_sql else self._from_files():
            if tuple(figures) != self._right:
                self.wrong.append(f"read {self.reads}: {model_id} has {figures}")
        self.reads += 1

    def _by_sql(self) -> Iterator[tuple[object, ...]]:
        if self._layout.remote is not None and not read_snapshots(self._layout):
            return
        with open_lake(self._place) as engine:
            yield from rows(engine, _SUM)

    def _from_files(self) -> Iterator[tuple[object, ...]]:
        for snapshot in current(read_snapshots(self._layout)):
            if self._layout.remote is not None:
                CheckedFiles(self._layout).require(f for f in snapshot.files if f.table == _READ)
            paths = files(self._layout, [snapshot])[_READ]
            exact = pa.chunked_array([c for path in paths for c in _exact(path).chunks])
            yield snapshot.ref.model_id, len(exact), pc.sum(exact).as_py()

    def __enter__(self) -> Asker:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop_now.set()
        self.join()


def _exact(path: Path) -> pa.ChunkedArray:
    return pq.read_table(path, columns=["value_exact"], partitioning=None).column(0)


def _sum_of(rows: int) -> Decimal:
    [batch] = [batch for table, batch in model(rows) if table == "quantities"]
    return sum(batch.column("value_exact").to_pylist(), Decimal(0))


def _run(names: Sequence[str], seeds: Sequence[int], folder: Path) -> Tally:
    """As many commits of each writer as there are seeds; there is no chance but the system's."""
    lake = str(folder / "lake")
    return each(seeds[:1], lambda _: _commit_at_once(lake, names, len(seeds), folder))


def _run_on_s3(names: Sequence[str], seeds: Sequence[int], folder: Path) -> Tally:
    """As `_run`, each writer by a mirror of its own; who asks shares the first one's."""
    if (why := missing()) is not None:
        return Tally(Counter({f"not run: {why}": 1}))
    with serving():
        lake = f"s3://{BUCKET}/lake"
        return each(seeds[:1], lambda _: _commit_at_once(lake, names, len(seeds), folder))


def _commit_at_once(lake: str, names: Sequence[str], commits: int, folder: Path) -> str:
    told = [folder / f"told-{number}" for number in range(len(names))]
    caches = [folder / f"cache-{number}" for number in range(len(names))]
    layout = open_layout(_place(lake, folder / "cache"), create=True)
    with Watcher(layout) as watcher, Asker(_place(lake, caches[0])) as asker:
        running = [
            _start(lake, cache, name, commits, path)
            for cache, name, path in zip(caches, names, told, strict=True)
        ]
        for process in running:
            process.wait(timeout=_PATIENCE_S)
        looks = watcher.looks
    assert [process.returncode for process in running] == [0] * len(names), "a writer failed"
    assert not asker.wrong, f"{asker.wrong[:3]}"
    snapshots = read_snapshots(layout)
    said = {snapshot_id for path in told for snapshot_id in path.read_text().split()}
    assert said == {s.snapshot_id for s in snapshots}, "a commit was lost"
    assert len(snapshots) == len(names) * commits
    last = {name: [s for s in snapshots if s.ref.model_id == name][-1] for name in set(names)}
    assert sorted(current(snapshots), key=str) == sorted(last.values(), key=str)
    report = verify(layout)
    assert not report.findings, f"{report.findings}"
    return f"lake, {len(snapshots):,} commits, {looks:,} looks and {asker.reads:,} reads meanwhile"


def _place(lake: str, cache: Path) -> Path | LakeUrl:
    place = lake_place(lake, cache)
    assert place is not None
    return place


def _start(lake: str, cache: Path, name: str, commits: int, told: Path) -> subprocess.Popen[bytes]:
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "lake")])
    arguments = [lake, str(cache), name, str(commits), str(ROWS), str(told)]
    return subprocess.Popen(
        [sys.executable, "-c", _COMMIT, *arguments], env={**os.environ, "PYTHONPATH": path}
    )


_CHECKED = "no commit lost, each whole from the moment it is seen, sums right at any moment"
PARTS = tuple(
    Part(f"two writers of {models}{place}", _CHECKED, Sizes(few, short=20, full=100), run)
    for place, few, commit_all in (("", 3, _run), (" on S3", 0, _run_on_s3))
    for models, run in (
        ("one model", partial(commit_all, ("house", "house"))),
        ("two models", partial(commit_all, ("house", "shed"))),
    )
)
