"""The rows of `relations`: which element voids, fills, is part of or bounds which."""

from __future__ import annotations

from collections.abc import Iterator

from takeoff.vendors.ifc.elements import Elements
from takeoff.vendors.ifc.links import Links


def rows(links: Links, elements: Elements, evidence_no: int) -> Iterator[tuple[object, ...]]:
    """The values of `relations`, in the order of its columns; only between element rows.

    A storey in a building, or a space in a storey, is a matter of `locations`.
    """
    for kind, found in (
        ("voids", links.voids),
        ("fills", links.fills),
        ("part_of", links.parts),
        ("bounds", links.bounds),
    ):
        for from_step, to_step, relation in found:
            start, end = elements.key(from_step), elements.key(to_step)
            if start is None or end is None:
                continue
            if kind == "part_of" and elements.roles[to_step] == "location":
                continue
            yield (*start, *end, kind, evidence_no, relation)
