"""Warnings about records: those that are broken, doubled, of no known class, or lead nowhere."""

from __future__ import annotations

from takeoff.vendors.ifc.elements import Elements
from takeoff.vendors.ifc.links import Links
from takeoff.vendors.ifc.model import Model
from takeoff.vendors.ifc.spatial import Places
from takeoff.vendors.ifc.step import Record
from takeoff.vendors.ifc.warnings import Warnings

_SHOWN = 60


def warn_of_records(model: Model, links: Links, elements: Elements, warnings: Warnings) -> None:
    """One warning for each record that could not be read as it should, in the order of the file."""
    for record in model.broken:
        text = f"{_name(record)} cannot be read completely: {_start(record)}"
        warnings.add("record_broken", text, *_concerned(record, elements))
    for record in model.repeated:
        text = f"{_name(record)} has the number of an earlier record, which counts."
        warnings.add("record_repeated", text, *_concerned(record, elements))
    for record in model.unknown:
        text = f"{_name(record)} is of a class that {model.schema.name} does not know."
        warnings.add("class_unknown", text, *_concerned(record, elements))
    for cls, relation, missing in links.missing:
        text = f"#{relation} ({cls}) refers to #{missing}, which is not there."
        warnings.add("reference_broken", text, relation)


def warn_of_misfits(model: Model, elements: Elements, warnings: Warnings) -> None:
    """One warning for each record asked for that has not the values of its class."""
    for step_id, text in sorted(model.misfits.items()):
        warnings.add("record_broken", text, step_id, elements.key(step_id))


def warn_of_places(links: Links, places: Places, elements: Elements, warnings: Warnings) -> None:
    """One warning for each element that relations put on two storeys or into two wholes."""
    said: set[int] = set()
    for step_id, other, relation in links.other_containers:
        first, second = links.container_of[step_id], places.within(other)
        if step_id not in said and places.within(first).storey_id != second.storey_id:
            said.add(step_id)
            text = f"#{step_id} is contained in #{first} and in #{other}; #{first} counts."
            warnings.add("storey_ambiguous", text, relation, elements.key(step_id))
    said.clear()
    for step_id, other, relation in links.other_wholes:
        if step_id not in said:
            said.add(step_id)
            text = f"#{step_id} is a part of #{links.whole_of[step_id]} and of #{other}; "
            text += "the first counts."
            warnings.add("whole_ambiguous", text, relation, elements.key(step_id))


def _concerned(record: Record, elements: Elements) -> tuple[int | None, tuple[str, int] | None]:
    step_id = record.step_id or None
    return step_id, None if step_id is None else elements.key(step_id)


def _name(record: Record) -> str:
    if not record.step_id:
        return f"A passage at byte {record.start}"
    return f"#{record.step_id}={record.name.decode('ascii', 'replace')}"


def _start(record: Record) -> str:
    return repr(record.arguments[:_SHOWN].decode("utf-8", "replace"))
