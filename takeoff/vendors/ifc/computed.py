"""Hands a model's bodies to geometry, freed of records that would stop it."""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, cast

from takeoff.core.progress import Progress
from takeoff.vendors.ifc import apart, container, header, step, values
from takeoff.vendors.ifc.model import Model
from takeoff.vendors.ifc.warnings import Warnings

if TYPE_CHECKING:
    from takeoff.vendors.ifc.geometry import Measured

_TRAILER = b"ENDSEC;\nEND-ISO-10303-21;\n"


Measuring = Callable[[Warnings, Progress], "Iterator[Measured]"]


@contextmanager
def measuring(model: Model, name: str, work: Path) -> Iterator[Measuring]:
    """Gives the computed figures and boxes of all elements with a body, in the order of STEP ids.

    They are worked out from here on, while other things are done. Records that ifcopenshell would
    stumble over are left out, with a warning each, in a copy of the model under `work`; it would
    leave out others with them, or refuse the whole file. `name` is the model's, for errors.
    Raises: InputRefused, to whoever takes them, if the geometry kernel breaks off.
    """
    with apart.speaking(model.path, name, model.record_count) as notes:

        def measured(warnings: Warnings, progress: Progress) -> Iterator[Measured]:
            first = next(notes, apart.Unreadable())
            if isinstance(first, apart.Unreadable):
                yield from _measured_in_copy(model, name, work, warnings, progress)
            else:
                yield from _heard(chain([first], notes), warnings, progress)

        yield measured


def _measured_in_copy(
    model: Model, name: str, work: Path, warnings: Warnings, progress: Progress
) -> Iterator[Measured]:
    copy = container.scratch_file(work)
    try:
        try:
            _write_readable(model, copy, warnings)
        except OSError as error:
            raise container.no_room(work, error) from error
        with apart.speaking(copy, name, None) as notes:
            first = next(notes, apart.Unreadable())
            if isinstance(first, apart.Unreadable):
                text = "ifcopenshell cannot open the model; nothing was computed from its geometry."
                warnings.add("geometry_failed", text, None)
                return
            yield from _heard(chain([first], notes), warnings, progress)
    finally:
        copy.unlink(missing_ok=True)


def _heard(notes: Iterable[object], warnings: Warnings, progress: Progress) -> Iterator[Measured]:
    """The figures among these notes; what else they say goes to warnings and progress."""
    for note in notes:
        if isinstance(note, apart.Step):
            progress.step(note.title, note.total)
        elif isinstance(note, apart.Advance):
            progress.advance(note.done)
        elif isinstance(note, apart.LeftOut):
            warnings.add("record_broken", note.text, note.step_id)
        else:
            yield cast("Measured", note)


def _write_readable(model: Model, target: Path, warnings: Warnings) -> None:
    """All records that keep to the rules, each number once, with the header as it is."""
    seen: set[int] = set()
    known_broken = {record.start for record in model.broken}
    with (
        model.path.open("rb") as source,
        mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ) as text,
        target.open("wb") as copy,
    ):
        start = header.data_start(text) or 0
        copy.write(text[:start])
        copy.write(b"\n")
        for record in step.records(text, start, step.Every()):
            if isinstance(record, int) or record.step_id in seen:
                continue
            if record.whole and values.is_readable(record.arguments):
                seen.add(record.step_id)
                copy.write(text[record.start : record.end])
                copy.write(b"\n")
            elif record.start not in known_broken:
                shown = values.decoded(record.arguments[:60])
                name = f"#{record.step_id}={record.name.decode('ascii', 'replace')}"
                text_ = f"{name} holds what is no value, and was left out of the geometry: {shown}"
                warnings.add("record_broken", text_, record.step_id or None)
        copy.write(_TRAILER)
