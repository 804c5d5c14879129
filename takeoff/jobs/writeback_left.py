"""What a write-back that was killed has left: its session, and perhaps some of its changes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from takeoff.core.refs import ModelRef
from takeoff.lake.journal import Journal
from takeoff.lake.layout import Layout
from takeoff.lake.work import killed


def purpose(ref: ModelRef) -> str:
    """What the run's folder is called for: one write-back of a model at a time."""
    return f"writeback {' '.join(ref.key)}"


def left_open(layout: Layout, ref: ModelRef) -> str | None:
    """In words, what a write-back of this model that was killed has left; null if none has."""
    folder = killed(layout, purpose(ref))
    if folder is None:
        return None
    journal = Journal(_Folder(folder))
    began, answered = journal.noted("began"), journal.noted("answered") or "0"
    if journal.noted("session") is None:
        return None
    return (
        f"A write-back of this model was killed in its session, which began {began}: {answered} of "
        f"{journal.noted('values')} values were answered and may stand as unpublished changes. Add "
        "--discard-earlier to discard your unpublished changes and end that session first; by "
        "itself it ends after 30 minutes without activity."
    )


@dataclass(frozen=True)
class _Folder:
    """A run that has ended, for reading its journal."""

    folder: Path
