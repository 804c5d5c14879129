"""Shows the line behind a row, as it stands in the evidence itself."""

from __future__ import annotations

from pathlib import Path

from takeoff.core.errors import NotUnderstood
from takeoff.core.refs import Document
from takeoff.vendors.autodesk import paths
from takeoff.vendors.autodesk.lines import line_at

_OF_LINES = ("fields", "properties")


def cite(document: Document, source_row: int, work: Path) -> list[str]:
    """The text behind row `source_row` of an answer, counted from 0, as it stands there.

    It is a line of a file of rows or definitions; of any other answer all of it. Nothing is
    written to `work`.
    Raises: NotUnderstood if there is no such row.
    """
    kind = paths.kind_of(document.name) or ""
    if not kind.endswith(_OF_LINES):
        return [document.path.read_text(encoding="utf-8-sig")]
    line = line_at(document.path, source_row)
    if line is None:
        raise NotUnderstood(f"{document.name} has no row {source_row}.")
    return [line]
