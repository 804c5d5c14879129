"""Decodes the first answers of a model while others are still waited for.

What comes of it counts only if, in the end, they were the first of all; else everything is decoded
once more, from the answers that are there then. So are those that could not be decoded: whatever
is wrong with them is told of the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from types import TracebackType

import pyarrow as pa

from takeoff.core.progress import Progress
from takeoff.core.refs import Document
from takeoff.lake.journal import Journal
from takeoff.lake.writer import SnapshotWriter

Batches = Iterator[tuple[str, pa.RecordBatch]]
Decode = Callable[[Iterator[Document], Progress], Batches]


class Following(AbstractContextManager["Following"]):
    """`with Following(journal, writer, progress) as following:` around the asking for a model.

    What was written goes with the block, unless it is all there is.
    """

    def __init__(self, journal: Journal, writer: SnapshotWriter, progress: Progress) -> None:
        self._journal, self._writer = journal, writer
        self._progress = _Later(progress)
        self._is_wanted = True
        self._is_whole = False
        self._pool = ThreadPoolExecutor(1)
        self._read: Future[list[Document]] | None = None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._is_wanted = False
        self._journal.end()
        self._pool.shutdown()
        if not self._is_whole:
            self._writer.drop()

    def begin(self, decode: Decode) -> None:
        """From now on rows of what has come are written."""
        self._read = self._pool.submit(self._all, decode)

    def has_written(self, documents: Sequence[Document]) -> bool:
        """Whether all rows of these documents, which are all there are, were written.

        It waits for those that are not yet.
        """
        if self._read is None:
            return False
        self._progress.is_shown = True
        self._journal.end()
        has_read = self._read.exception() is None
        self._is_whole = has_read and self._read.result() == list(documents)
        return self._is_whole

    def _all(self, decode: Decode) -> list[Document]:
        """What was read."""
        read: list[Document] = []
        for table, batch in decode(self._noted(read), self._progress):
            self._writer.write(table, batch)
        return read

    def _noted(self, read: list[Document]) -> Iterator[Document]:
        for number, answer in enumerate(self._journal.coming()):
            if not self._is_wanted:
                return
            read.append(Document(number, answer.asked.path, answer.path, answer.sha256))
            yield read[-1]


class _Later:
    """Progress that nobody sees before the answers are all there: until then theirs is shown."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self.is_shown = False

    def step(self, title: str, total: int | None = None) -> None:
        """As told, once it is shown."""
        if self.is_shown:
            self._progress.step(title, total)

    def advance(self, done: int = 1) -> None:
        """As told, once it is shown."""
        if self.is_shown:
            self._progress.advance(done)
