"""How long work tells how far it is, without knowing who looks."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Shown to people only; the work must come out the same whatever is done here."""

    def step(self, title: str, total: int | None = None) -> None:
        """A new step begins; `total` is None where the amount of work is not known."""

    def advance(self, done: int = 1) -> None:
        """`done` more units of the current step are finished."""


class Quiet:
    """Progress that nobody sees."""

    def step(self, title: str, total: int | None = None) -> None:
        """Nothing."""

    def advance(self, done: int = 1) -> None:
        """Nothing."""
