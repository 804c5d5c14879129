"""Files of tables: downloaded several at once, kept in the order of the tables, and whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from takeoff.core.errors import TryLater
from takeoff.core.progress import Progress
from takeoff.core.sink import Sink
from takeoff.http.messages import Request
from takeoff.http.session import Session

_TRIES = 2


@dataclass(frozen=True)
class File:
    """One file that is wanted, and its place in the evidence."""

    request: Request
    order: tuple[int, ...]


def fetch(
    session: Session, sink: Sink, files: Sequence[File], parallel: int, progress: Progress
) -> None:
    """Keep each file that is not held already.

    Raises: VendorRefused; TryLater, also if nothing tells whether a file is whole; NotUnderstood.
    """
    missing = [one for one in files if sink.held(one.request.asked) is None]
    progress.advance(len(files) - len(missing))
    with ThreadPoolExecutor(parallel) as pool:
        for _ in _in_order(pool, session, sink, missing):
            progress.advance()


def _in_order(
    pool: ThreadPoolExecutor, session: Session, sink: Sink, files: Sequence[File]
) -> Iterator[None]:
    """After an error nothing more is begun."""
    running = [pool.submit(_fetch_one, session, sink, one) for one in files]
    try:
        for future in running:
            yield future.result()
    finally:
        for future in running:
            future.cancel()


def _fetch_one(session: Session, sink: Sink, file: File) -> None:
    """CSV has no end of its own: a file that comes without its length is asked for once more."""
    for _ in range(_TRIES):
        part = sink.part()
        answer = session.download(file.request, part)
        if answer.is_framed:
            sink.keep(file.request.asked, part, order=file.order, status=answer.status)
            return
        part.unlink()
    raise TryLater(
        f"iTwin's answer to {file.request.path} came without its length, so nobody can tell "
        "whether it is whole; if a proxy stands between, it must pass Content-Length on."
    )
