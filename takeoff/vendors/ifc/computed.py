"""Hands a model's bodies to geometry: opened with ifcopenshell, freed of its broken records."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import ifcopenshell

from takeoff.core.progress import Progress
from takeoff.vendors.ifc import container, header, step, values
from takeoff.vendors.ifc.model import Model
from takeoff.vendors.ifc.warnings import Warnings

if TYPE_CHECKING:
    from takeoff.vendors.ifc.geometry import Measured

# Links that the geometry kernel follows without a look at what they lead to: the process dies.
_FOLLOWED = (
    ("IfcRelAggregates", "RelatingObject", "IfcObjectDefinition"),
    ("IfcRelVoidsElement", "RelatedOpeningElement", "IfcFeatureElementSubtraction"),
)
_TRAILER = b"ENDSEC;\nEND-ISO-10303-21;\n"


def measured(
    model: Model, work: Path, warnings: Warnings, progress: Progress
) -> Iterator[Measured]:
    """The computed figures and boxes of all elements with a body, in no particular order.

    Records that ifcopenshell would stumble over are left out, with a warning each, in a copy of the
    model under `work`; it would leave out others with them, or refuse the whole file.
    """
    # The geometry kernel takes a second to load: not for those who do without.
    from takeoff.vendors.ifc.geometry import figures

    copy = container.scratch_file(work)
    try:
        opened = _opened(model.path)
        if opened is None or _record_count(opened) != model.record_count:
            try:
                _write_readable(model, copy, warnings)
            except OSError as error:
                raise container.no_room(work, error) from error
            opened = _opened(copy)
        if opened is None:
            text = "ifcopenshell cannot open the model; nothing was computed from its geometry."
            warnings.add("geometry_failed", text, None)
            return
        _drop_stray_links(opened, warnings)
        yield from figures(opened, progress)
    finally:
        copy.unlink(missing_ok=True)


def _opened(path: Path) -> ifcopenshell.file | None:
    try:
        return ifcopenshell.open(path, ".ifc")
    except (ifcopenshell.Error, OSError):
        return None


def _drop_stray_links(opened: ifcopenshell.file, warnings: Warnings) -> None:
    """Links that lead to what cannot stand there go, with a warning each."""
    for name, attribute, wanted in _FOLLOWED:
        for link in opened.by_type(name):
            end = getattr(link, attribute)
            if end is None or not end.is_a(wanted):
                found = "nothing" if end is None else f"#{end.id()}, an {end.is_a()}"
                text = f"#{link.id()}={name.upper()} leads to {found} where an {wanted} belongs, "
                warnings.add("record_broken", text + "and was left out of the geometry.", link.id())
                opened.remove(link)


def _record_count(opened: ifcopenshell.file) -> int:
    return len(opened.entity_names())


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
