from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from made_up import ENVIRONMENT

from takeoff.lake.layout import Layout
from takeoff.lake.work import Run, clear, runs

HOLD = """
import sys
from takeoff.lake.layout import open_layout
from takeoff.lake.work import Run
with Run(open_layout(sys.argv[1])) as run:
    print(run.folder.name, flush=True)
    sys.stdin.read()
"""


def test_folder_goes_at_a_normal_end(layout: Layout) -> None:
    with Run(layout) as run:
        (run.folder / "deep").mkdir()
        (run.folder / "deep" / "page").write_text("x")
    assert list(layout.work.iterdir()) == []


def test_folder_goes_at_an_error(layout: Layout) -> None:
    def break_off() -> None:
        with Run(layout) as run:
            (run.folder / "page").write_text("x")
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        break_off()
    assert list(layout.work.iterdir()) == []


def test_two_runs_have_two_folders(layout: Layout) -> None:
    with Run(layout) as one, Run(layout) as other:
        assert one.folder != other.folder
        assert [run.alive for run in runs(layout)] == [True, True]


def test_killed_run_is_told_from_one_that_goes_on(layout: Layout) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(layout.root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    )
    with child:
        assert child.stdout is not None
        name = child.stdout.readline().strip()
        going_on = runs(layout)
        child.send_signal(signal.SIGKILL)
    after = runs(layout)
    assert [(run.folder.name, run.alive) for run in going_on] == [(name, True)]
    assert [(run.folder.name, run.alive) for run in after] == [(name, False)]


def test_what_was_begun_is_done_when_it_is_settled(layout: Layout) -> None:
    with Run(layout) as run:
        path = run.folder / "page"
        run.begin(lambda: path.write_text("x") and None)
        run.settle()
        assert path.read_text() == "x"
        assert run.later(lambda: 7).result() == 7


def test_what_goes_wrong_with_it_is_raised_when_it_is_settled(layout: Layout) -> None:
    def break_off() -> None:
        raise RuntimeError("broken")

    with Run(layout) as run:
        run.begin(break_off)
        with pytest.raises(RuntimeError, match="broken"):
            run.settle()
        run.settle()


def test_nothing_is_done_after_the_folder_has_gone(layout: Layout) -> None:
    """What is under way is waited for, what was not begun is never done."""

    def write(path: Path) -> None:
        time.sleep(0.05)
        path.write_text("x")

    def break_off() -> None:
        with Run(layout) as run:
            for number in range(50):
                run.begin(lambda number=number: write(run.folder / f"page-{number}"))
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        break_off()
    assert list(layout.work.iterdir()) == []


def test_folders_of_a_purpose_that_is_over_go_but_not_of_runs_that_go_on(layout: Layout) -> None:
    for purpose in ("version 1", "other"):
        with pytest.raises(ValueError, match="halt"), Run(layout, purpose):
            raise ValueError("halt")
    with Run(layout, "version 2") as run:
        clear(layout, lambda purpose: purpose.startswith("version"))
        left = {(one.folder / "purpose").read_text("utf-8") for one in runs(layout)}
        assert run.folder.is_dir()
    assert left == {"other", "version 2"}
    assert [one.alive for one in runs(layout)] == [False]
