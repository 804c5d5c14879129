"""What was noticed while reading: the words for it, and where rows for it are gathered."""

from __future__ import annotations

from takeoff.core.tables import TABLES
from takeoff.vendors.ifc.batches import Rows

# code -> what it means. The text of each warning says which record or element.
CODES = {
    "class_unknown": "a record's class is not in the schema",
    "geometry_failed": "no body could be made of an element",
    "geometry_open": "an element's body is not closed and has no volume",
    "guid_invalid": "a GlobalId is not 22 characters of the IFC alphabet",
    "guid_missing": "an element has no GlobalId",
    "guid_repeated": "several elements share one GlobalId",
    "no_elements": "the model holds no elements",
    "no_storey": "an element is on no storey",
    "openings_failed": "an opening of an element could not be cut; no net figures",
    "part_of_itself": "an element is a part of its own part",
    "record_broken": "a record breaks the rules of the file format",
    "record_repeated": "a STEP id is used twice; the first record counts",
    "reference_broken": "a record refers to one that is not there",
    "set_cut": "a set holds itself or nests more than is read",
    "storey_ambiguous": "an element is contained on two storeys; the first counts",
    "unit_missing": "the file names no unit for a kind of figure",
    "unit_repeated": "the file names two units for one kind; the first counts",
    "unit_unknown": "a unit cannot be brought to SI",
    "value_out_of_range": "a figure is not finite or too large",
    "value_unreadable": "a figure is not a number",
    "whole_ambiguous": "an element is a part of two wholes; the first counts",
    "whole_not_counted": "an element is a part of what is not counted, and counts itself",
}


class Warnings:
    """The warnings of one model, numbered in the order in which they come."""

    def __init__(self, evidence_no: int) -> None:
        self.rows = Rows(TABLES["warnings"].decoded)
        self._evidence_no = evidence_no
        self._count = 0
        self._said: set[tuple[str, object]] = set()

    def add(
        self,
        code: str,
        text: str,
        step_id: int | None,
        element: tuple[str, int] | None = None,
    ) -> None:
        """One row; `element` is (element_id, element_no), null if none is concerned."""
        element_id, element_no = element if element is not None else (None, None)
        self.rows.append(
            (self._count, element_id, element_no, code, text, self._evidence_no, step_id)
        )
        self._count += 1

    def add_once(self, code: str, key: object, text: str, step_id: int | None) -> None:
        """As `add`, unless this code was said of this key before."""
        if (code, key) not in self._said:
            self._said.add((code, key))
            self.add(code, text, step_id)
