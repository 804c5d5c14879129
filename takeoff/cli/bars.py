"""Progress bars on stderr: shown on a terminal only, silent in a pipe."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Column


class Bars:
    """The current step as a bar; finished steps vanish. A `takeoff.core.progress.Progress`."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        # A long name leaves room for the bar, the counts and the time left.
        named = Column(no_wrap=True, overflow="ellipsis", max_width=console.width * 2 // 5)
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False, table_column=named),
            BarColumn(console.width // 5),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Bars:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def step(self, title: str, total: int | None = None) -> None:
        """Replace the bar by one for the next step."""
        if self._task is not None:
            self._progress.remove_task(self._task)
        self._task = self._progress.add_task(title, total=total)

    def advance(self, done: int = 1) -> None:
        """Move the bar; without a step there is none to move."""
        if self._task is not None:
            self._progress.advance(self._task, done)
