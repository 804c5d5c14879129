"""A fetch that was killed goes on: answers and notes are held, each once, in the client's order."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from made_up import PROVED, model, writer

from takeoff.core.errors import TakeoffError
from takeoff.core.sink import Asked
from takeoff.lake.journal import Answer, Journal
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


def test_who_is_told_of_an_answer_finds_it_kept(layout: Layout) -> None:
    told: list[tuple[str, list[Answer]]] = []

    def tell(answer: Answer) -> None:
        told.append((answer.path.read_text(), Journal(run).answers()))

    with Run(layout, None) as run:
        journal = Journal(run, tell)
        for number in (2, 1):
            _keep(journal, number)
    assert [text for text, _ in told] == ["page 2", "page 1"]
    assert [[answer.order for answer in kept] for _, kept in told] == [[(1, 2)], [(1, 1), (1, 2)]]


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


def test_run_that_had_committed_is_not_taken_over(layout: Layout) -> None:
    """Killed before it could clear up: its answers must not be taken for those of a new fetch."""

    def commit_and_fail(run: Run) -> None:
        _keep(Journal(run), 1)
        one = writer(layout, run)
        one.write(*model(3)[0])
        one.commit(PROVED, [])

    with pytest.raises(TakeoffError):
        _fail(layout, "products", commit_and_fail)
    with Run(layout, "products") as run:
        assert not run.is_resumed
        assert Journal(run).answers() == []
    assert len(runs(layout)) == 1


def test_run_without_a_purpose_leaves_nothing(layout: Layout) -> None:
    with pytest.raises(TakeoffError):
        _fail(layout, None, lambda run: (run.folder / "part").write_text("x"))
    assert runs(layout) == []


@pytest.mark.parametrize("harm", [b"", b"\0\0\0\0\0\0", b"page 1 and more"])
def test_answer_that_was_harmed_is_asked_for_again(layout: Layout, harm: bytes) -> None:
    """A power cut may leave a file's name and length without its content."""
    with pytest.raises(TakeoffError):
        _fail(layout, "products", lambda run: [_keep(Journal(run), n) for n in (1, 2)])
    (leftover,) = runs(layout)
    kept = sorted(leftover.folder.glob("answer-??????"))
    kept[0].write_bytes(harm)
    with Run(layout, "products") as run:
        journal = Journal(run)
        assert [answer.order for answer in journal.answers()] == [(1, 2)]
        assert journal.held(_page(1)) is None


def test_lines_after_one_that_was_harmed_do_not_count(layout: Layout) -> None:
    with Run(layout, "products") as run:
        _keep(Journal(run), 1)
        with (run.folder / "journal.jsonl").open("ab") as file:
            file.write(bytes(30) + b'\n{"note": "a", "value": "b"}\n')
        again = Journal(run)
        assert (again.noted("a"), len(again.answers())) == (None, 1)
        again.note("c", "d")
        assert Journal(run).noted("c") == "d"


def test_what_a_killed_try_was_in_the_middle_of_goes(layout: Layout) -> None:
    with pytest.raises(TakeoffError):
        _fail(layout, "products", lambda run: Journal(run).part().write_text("half a pa"))
    with Run(layout, "products") as run:
        Journal(run)
        assert list(run.folder.glob("*.part")) == []
