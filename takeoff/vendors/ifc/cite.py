"""Shows the record behind a row, as it stands in the evidence itself."""

from __future__ import annotations

import mmap
import re
from collections.abc import Collection
from pathlib import Path

from takeoff.core.errors import NotUnderstood
from takeoff.core.refs import Document
from takeoff.vendors.ifc import container, header, step, values


def cite(document: Document, source_row: int, work: Path) -> list[str]:
    """The texts of the STEP records numbered `source_row`; more than one if the file repeats it.

    `work` takes the model while it is searched, if it is packed.
    Raises: NotUnderstood if there is no such record, or if the file is no whole one.
    """
    return cite_many(document, [source_row], work)[source_row]


def cite_many(document: Document, source_rows: Collection[int], work: Path) -> dict[int, list[str]]:
    """The same for several records, in one walk through the file. Raises: as `cite`."""
    path = container.plain(document.path, document.name, work)
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
            found = _records(text, source_rows)
    except step.Misshapen as error:
        raise NotUnderstood(f"{document.name} {error}") from error
    finally:
        container.remove(path, document.path)
    for source_row in source_rows:
        if source_row not in found:
            raise NotUnderstood(f"{document.name} has no record #{source_row}.")
    return found


def _records(text: mmap.mmap, source_rows: Collection[int]) -> dict[int, list[str]]:
    """Records are walked one by one, so that the same text inside a string is not taken for one.

    Only if a number stands in the file at all; then a walk from the start is worth its while.
    """
    found: dict[int, list[str]] = {}
    if not any(re.search(rb"#0*%d\b" % source_row, text) for source_row in source_rows):
        return found
    wanted = frozenset(source_rows)
    for record in step.records(text, header.data_start(text) or 0, step.Every()):
        if not isinstance(record, int) and record.step_id in wanted:
            shown = values.decoded(text[record.start : record.end]).strip()
            found.setdefault(record.step_id, []).append(shown)
    return found
