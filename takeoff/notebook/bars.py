"""Progress in a notebook: one bar below the cell, which goes when the work is done."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from importlib import import_module
from typing import Any

from takeoff.core.plain import harmless
from takeoff.core.progress import Progress, Quiet

_PAUSE_S = 0.2
# Shows a piece of HTML.
Draw = Callable[[str], None]


@contextmanager
def bar() -> Iterator[Progress]:
    """A bar where a Jupyter kernel runs; elsewhere nothing is shown."""
    if not _is_in_kernel():
        yield Quiet()
        return
    shown = _display()
    try:
        yield _Bar(shown)
    finally:
        shown("")


def _display() -> Draw:
    """What shows a piece of HTML below the cell, in place of what it showed before."""
    ipython: Any = import_module("IPython.display")
    handle = ipython.display(ipython.HTML(""), display_id=True)
    return lambda text: handle.update(ipython.HTML(text))


def _is_in_kernel() -> bool:
    ipython: Any = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return getattr(shell, "kernel", None) is not None


class _Bar:
    """The current step; it is drawn a few times a second at most."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._title, self._done = "", 0
        self._total: int | None = None
        self._drawn_s = self._began_s = time.monotonic()

    def step(self, title: str, total: int | None = None) -> None:
        self._title, self._total, self._done = title, total, 0
        self._began_s = time.monotonic()
        self._show()

    def advance(self, done: int = 1) -> None:
        self._done += done
        if time.monotonic() - self._drawn_s >= _PAUSE_S:
            self._show()

    def _show(self) -> None:
        self._drawn_s = time.monotonic()
        spent_s = self._drawn_s - self._began_s
        of = f"value={self._done} max={self._total}" if self._total else ""
        count = f"{self._done:,}" if self._total is None else f"{self._done:,} of {self._total:,}"
        self._draw(
            f"<progress {of}></progress> {escape(harmless(self._title))}: {count}, {spent_s:.0f} s"
        )
