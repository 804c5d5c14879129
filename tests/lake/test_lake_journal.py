"""A fetch that was killed goes on: answers and notes are held, each once, in the client's order."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from takeoff.core.errors import TakeoffError
from takeoff.core.sink import Asked
from takeoff.lake.journal import Journal
from takeoff.lake.layout import Layout, open_layout
from takeoff.lake.work import Run, runs


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return open_layout(tmp_path / "lake", create=True)


def _page(number: int) -> Asked:
    return Asked("POST", f"/v1/products?page={number}", "ab" * 32)


def _keep(journal: Journal, number: int) -> None:
    part = journal.part()
    part.write_text(f"page {number}")
    journal.keep(_page(number), part, order=(1, number), status=200)


def _fail(layout: Layout, purpose: str | None, act: Callable[[Run], object]) -> None:
    """A run that does something and then ends in an error."""
    with Run(layout, purpose) as run:
        act(run)
        raise TakeoffError("the network went away")


_KILLED = """
import os, signal, sys
from takeoff.core.sink import Asked
from takeoff.lake.journal import Journal
from takeoff.lake.layout import open_layout
from takeoff.lake.work import Run

with Run(open_layout(sys.argv[1]), "products") as run:
    journal = Journal(run)
    for number in (3, 1, 2):
        part = journal.part()
        part.write_text(f"page {number}")
        journal.keep(Asked("POST", f"/v1/products?page={number}", "ab" * 32), part,
                     order=(1, number), status=200)
    journal.note("operation", "op-7")
    journal.part().write_text("half a pa")
    with open(run.folder / "journal.jsonl", "ab") as file:
        file.write(b'{"note": "operati')
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_killed_run_is_taken_over_with_its_answers_and_notes(layout: Layout) -> None:
    killed = subprocess.run([sys.executable, "-c", _KILLED, str(layout.root)], check=False)
    assert killed.returncode == -signal.SIGKILL
    with Run(layout, "products") as run:
        journal = Journal(run)
        assert run.is_resumed
        assert journal.noted("operation") == "op-7"
        held = journal.held(_page(2))
        assert held is not None
        assert held.read_text() == "page 2"
        assert journal.held(_page(4)) is None
        _keep(journal, 4)
        journal.note("operation", "op-8")
        assert [answer.order for answer in journal.answers()] == [(1, n) for n in (1, 2, 3, 4)]
        again = Journal(run)
        assert again.noted("operation") == "op-8"
        assert [answer.path.read_text() for answer in again.answers()] == [
            f"page {number}" for number in (1, 2, 3, 4)
        ]
    assert runs(layout) == []


def test_run_that_ended_in_an_error_is_taken_over(layout: Layout) -> None:
    with pytest.raises(TakeoffError):
        _fail(layout, "products", lambda run: _keep(Journal(run), 1))
    with Run(layout, "products") as run:
        assert run.is_resumed
        assert Journal(run).held(_page(1)) is not None


def test_discarded_run_is_not_taken_over(layout: Layout) -> None:
    with pytest.raises(TakeoffError):
        _fail(layout, "products", lambda run: (_keep(Journal(run), 1), run.discard()))
    assert runs(layout) == []


def test_run_of_another_purpose_or_still_alive_is_left_alone(layout: Layout) -> None:
    with pytest.raises(TakeoffError):
        _fail(layout, "products of one model", lambda run: _keep(Journal(run), 1))
    with Run(layout, "products") as first, Run(layout, "products") as second:
        assert not first.is_resumed
        assert not second.is_resumed
        assert first.folder != second.folder


def test_run_without_a_purpose_leaves_nothing(layout: Layout) -> None:
    with pytest.raises(TakeoffError):
        _fail(layout, None, lambda run: (run.folder / "part").write_text("x"))
    assert runs(layout) == []
