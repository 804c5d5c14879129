"""The text of a STEP file (ISO 10303-21): its records, those that are broken, and their values.

Every record is accounted for. ifcopenshell 0.9 reads on without a word where a file is damaged: a
missing bracket costs the record that follows, a stray word between two records costs all the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from mmap import mmap
from typing import NamedTuple

Buffer = bytes | mmap

# Groups are not possessive: Python before 3.11.5 goes on at the wrong place behind one that fails.
# Comments within a record are bounded, so that one without an end costs no search of all the rest.
_COMMENT = rb"/\*[^*]{0,4096}+\*++(?:[^/*][^*]{0,4096}+\*++){0,64}/"
BLANK = rb"\s*+(?:" + _COMMENT + rb"\s*+)*"
# What follows a string tells it from what stands between two: an apostrophe too few or too many is
# noticed at once, and a string may hold whatever it likes.
STRING = rb"'[^']*+'(?='|\s*+[,)/])"
_NAME = rb"([A-Za-z]\w*+)"
# More digits than a 64-bit number holds are no STEP id, nor are zeros alone.
_ID = rb"#0*+([1-9]\d{0,17}+)"
_RECORD = re.compile(
    BLANK + rb"(" + _ID + rb"\s*+=\s*+" + _NAME + rb"\s*+"
    rb"(\([^'=;/]*+(?:" + STRING + rb"[^'=;/]*+)*));"
)
_COMMENTED = re.compile(
    BLANK + rb"(" + _ID + rb"" + BLANK + rb"=" + BLANK + _NAME + BLANK + rb"(\([^'=;/]*+"
    rb"(?:(?:" + STRING + rb"|" + _COMMENT + rb")[^'=;/]*+)*));"
)
_GAP = re.compile(BLANK)
_STRING_OR_COMMENT = re.compile(rb"('[^']*+')|/\*.*?\*/", re.DOTALL)
# Group 1 is there if a record or a keyword begins behind the line's or the record's end.
_NEXT = re.compile(
    rb"[\r\n;]\s*+((?=#\d++\s*+=\s*+[A-Za-z/]|ENDSEC\s*+;|DATA\s*+[;(]|END-ISO))?", re.IGNORECASE
)
_HEAD = re.compile(_ID + rb"\s*+=\s*+([A-Za-z]\w*+)\s*+")
_INNER = rb"[^'();]++|'[^']*+'"
DATA = (
    rb"DATA" + BLANK + rb"(?:\((?:" + _INNER + rb"|\((?:" + _INNER + rb")*\))*\)" + BLANK + rb")?"
)
_SWITCH = re.compile(BLANK + rb"(?:ENDSEC" + BLANK + rb"|" + DATA + rb");", re.IGNORECASE)
_END = re.compile(BLANK + rb"END-ISO-10303-21" + BLANK + rb";", re.IGNORECASE)
# A broken record may go on to the end of the file; nobody looks further into it than this.
_BROKEN_KEPT = 1 << 16
_MORE = re.compile(
    rb"((?<!END-)ISO-10303-21\s*+;)|#\d++"
    + BLANK
    + rb"="
    + BLANK
    + rb"[A-Za-z]\w*+"
    + BLANK
    + rb"\("
)


class Misshapen(Exception):
    """What is wrong with the file as a whole, to be said behind its name."""


class Record(NamedTuple):
    """One record: STEP id, class in capitals, its arguments in brackets, where it lies.

    `whole` is false if it could not be read to its end by the rules; what is in `arguments` then
    may be cut. `step_id` 0: not even the id could be read.
    """

    step_id: int
    name: bytes
    arguments: bytes
    start: int
    end: int
    whole: bool = True


class Every(dict[bytes, bool]):
    """Every class is wanted."""

    def __missing__(self, name: bytes) -> bool:
        return True


def records(text: Buffer, start: int, wanted: Mapping[bytes, bool]) -> Iterator[Record | int]:
    """The records from `start` to the end of the exchange file, in the order of the file.

    A record whose class is wanted, and every broken one, comes as a Record; runs of others come as
    the number of them. Reading goes on after a broken record at the next line that begins one, and
    through all DATA sections.

    Raises: Misshapen, after the last record, if the file is cut short or goes on behind its end.
    """
    skipped = 0
    last_close: int | None = None
    match = _RECORD.match
    while True:
        found = match(text, start)
        if found is None or not (
            (arguments := found[4]).endswith(b")")
            and arguments.count(b"(") == arguments.count(b")")
        ):
            found = _commented(text, start)
        if found is not None:
            step_id, name, arguments = found.group(2, 3, 4)
            start = found.end()
            if wanted[name]:
                yield Record(int(step_id), name, arguments, found.start(1), start)
            else:
                skipped += 1
            continue
        yield skipped
        skipped = 0
        if end := _END.match(text, start):
            _check_rest(text, end.end())
            return
        if last_close is None:
            last_close = text.rfind(b"*/")
        passed = _passed(text, start, last_close)
        if passed is None:
            broken = _broken(text, start)
            yield broken
            passed = broken.end
        start = passed


def _commented(text: Buffer, start: int) -> re.Match[bytes] | None:
    """A record with comments in it, or with brackets in its strings; None if there is no such."""
    found = _COMMENTED.match(text, start)
    if found is None:
        return None
    bare = _STRING_OR_COMMENT.sub(b"", found[4])
    whole = bare.count(b"(") == bare.count(b")") and bare.rstrip().endswith(b")")
    return found if whole else None


def _passed(text: Buffer, start: int, last_close: int) -> int | None:
    """Where to read on behind what holds no records: a keyword, a long comment; None if it may.

    `last_close` is where the last comment of all ends, so that none is searched for in vain.
    Raises: Misshapen if the text ends here.
    """
    if switch := _SWITCH.match(text, start):
        return switch.end()
    first = _first(text, start)
    if first == len(text):
        raise Misshapen(
            "is cut short: it does not end with END-ISO-10303-21; copy or export the file again."
        )
    if text[first : first + 2] == b"/*" and first + 2 <= last_close:
        return text.find(b"*/", first + 2) + 2
    return None


def _first(text: Buffer, start: int) -> int:
    """Where the first byte stands that is neither blank nor in a comment."""
    gap = _GAP.match(text, start)
    return gap.end() if gap else start


def _check_rest(text: Buffer, start: int) -> None:
    """Behind the end there may be blanks, comments and what cannot hold records."""
    first = _first(text, start)
    found = _MORE.search(text, first)
    if found is not None and found[1]:
        raise Misshapen("holds a second model behind the end of the first; fetch them one by one.")
    if found is not None:
        raise Misshapen("goes on with records behind its end; export the file again.")


def _broken(text: Buffer, start: int) -> Record:
    first = _first(text, start)
    breaks = _NEXT.finditer(text, first + 1)
    end = next((found.end() for found in breaks if found[1] is not None), len(text))
    head = _HEAD.match(text, first)
    if head is None:
        rest = text[first : min(end, first + _BROKEN_KEPT)].strip()
        return Record(0, b"", rest, first, end, whole=False)
    arguments = text[head.end() : min(end, head.end() + _BROKEN_KEPT)].strip()
    return Record(int(head.group(1)), head.group(2), arguments, first, end, whole=False)
