"""Text as cells, sheets and tables of a workbook can hold it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from takeoff.core.plain import harmless

# Limits that Excel states, in UTF-16 units: of a cell, a sheet's name, a column's name in a table.
LENGTH_OF_A_CELL = 32_767
LENGTH_OF_A_NAME = 31
LENGTH_OF_A_HEADING = 255
CUT = " ... [cut: longer than a cell can be]"

COVER, OUTLINE, EVIDENCE, PROVENANCE = "Cover", "Outline", "Evidence", "Provenance"
# Excel's own name for a sheet, and those of our other sheets.
_TAKEN = {"", "history", *(name.lower() for name in (COVER, OUTLINE, EVIDENCE, PROVENANCE))}


def clean(text: str) -> str:
    """Text that XML can hold and Excel can read; line breaks and tabs stay."""
    return shortened(harmless(text, keep="\t\n"), LENGTH_OF_A_CELL, CUT)


def shortened(text: str, most: int, mark: str) -> str:
    """At most `most` UTF-16 units, which is how Excel counts, with `mark` at the end of a cut."""
    if 2 * len(text) <= most:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * most:
        return text
    return units[: 2 * (most - len(mark))].decode("utf-16-le", "ignore") + mark


def sheet_name(wanted: str) -> str:
    """`wanted` as Excel allows it: 31 characters, none of []:*?/\\, no quote at its ends."""
    name = re.sub(r"[\[\]:*?/\\]", "-", harmless(wanted))
    name = shortened(name, LENGTH_OF_A_NAME, "").strip("' ")
    return "Result" if name.lower() in _TAKEN else name


def continued(name: str, number: int) -> str:
    """The name of the sheet that goes on where that many sheets end; 1 is the first of them."""
    suffix = "" if number == 1 else f" ({number})"
    return shortened(name, LENGTH_OF_A_NAME - len(suffix), "").strip("' ") + suffix


def unlike(headings: Iterable[str]) -> list[str]:
    """Headings as a table needs them: one line each, none empty, no two alike in any case."""
    taken: set[str] = set()
    names = []
    for number, heading in enumerate(headings, start=1):
        wanted = shortened(harmless(heading), LENGTH_OF_A_HEADING - 6, "") or f"column {number}"
        name, again = wanted, 1
        while name.lower() in taken:
            again += 1
            name = f"{wanted} ({again})"
        taken.add(name.lower())
        names.append(name)
    return names
