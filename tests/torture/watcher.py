"""A reader that looks at a lake all the time while others write to it."""

from __future__ import annotations

import threading
from types import TracebackType

import pyarrow.parquet as pq

from takeoff.lake import disk, mirror
from takeoff.lake.layout import Layout
from takeoff.lake.reader import files, read_snapshots


class Watcher(threading.Thread):
    """Within a `with`, reads every snapshot that it sees for the first time, whole.

    At its end it looks once more, and raises what it has found.
    """

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
                with mirror.judged(self._layout, self._layout.file(file.name)) as path:
                    if disk.measure(path) != (file.bytes, file.sha256):
                        raise AssertionError(f"{path} is not as its manifest says")
                    if pq.read_metadata(path).num_rows != file.rows:
                        raise AssertionError(f"{path} has other rows than its manifest says")
            stored = [self._layout.stored(item.sha256) for item in snapshot.evidence]
            if not all(mirror.are_there(self._layout, stored)):
                raise AssertionError(f"the evidence of {snapshot.snapshot_id} is not there")
            self.seen.add(snapshot.snapshot_id)

    def __enter__(self) -> Watcher:
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
        if error is None:
            self.look()
        if error is None and self.failure is not None:
            raise self.failure
