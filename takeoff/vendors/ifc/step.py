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

_BLANK = rb"\s*+(?:/\*.*?\*/\s*+)*+"
_RECORD = re.compile(
    _BLANK + rb"(#(\d++)\s*+=\s*+([A-Za-z]\w*+)\s*+(\([^';]*+(?:'[^']*+'[^';]*+)*+));", re.DOTALL
)
_GAP = re.compile(_BLANK, re.DOTALL)
_REST = re.compile(rb"\s*+\Z")
_STRING = re.compile(rb"'[^']*+'")
_NEXT = re.compile(rb"[\r\n;]\s*+(?=#\d++\s*+=\s*+[A-Za-z]|ENDSEC\s*+;|DATA\s*+[;(]|END-ISO)")
_INNER = re.compile(rb"[\r\n]\s*+#\d++\s*+=\s*+[A-Za-z]\w*+\s*+\(")
_SWITCH = re.compile(
    _BLANK + rb"(?:ENDSEC\s*+;" + _BLANK + rb"DATA\s*+(?:\([^;]*+\))?+\s*+;)", re.DOTALL
)
_TRAILER = re.compile(_BLANK + rb"ENDSEC\s*+;.*?END-ISO-10303-21\s*+;", re.DOTALL)
_HEAD = re.compile(rb"#(\d+)\s*=\s*([A-Za-z]\w*)\s*")
_DATA = re.compile(rb"(?:^|[;\s])DATA\s*(?:\([^;]*\))?\s*;")
_SCHEMA = re.compile(rb"FILE_SCHEMA\s*\(\s*\(\s*'([^']*)'", re.IGNORECASE)
_HEADER_LIMIT = 1 << 20


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


def schema_name(text: Buffer) -> str | None:
    """The first schema that the header names, in capitals; None if it names none."""
    found = _SCHEMA.search(text[:_HEADER_LIMIT])
    return found.group(1).decode("ascii", "replace").strip().upper() if found else None


def data_start(text: Buffer) -> int | None:
    """Where the records begin; None if there is no DATA section."""
    found = _DATA.search(text)
    return found.end() if found else None


def is_ended(text: Buffer) -> bool:
    """Whether the file's last line says that this is all of it."""
    tail = text[max(0, len(text) - 4096) :]
    return re.search(rb"END-ISO-10303-21\s*;\s*", tail) is not None


def records(text: Buffer, start: int, wanted: Mapping[bytes, bool]) -> Iterator[Record | int]:
    """The records from `start` to the end of the last DATA section, in the order of the file.

    A record whose class is wanted, and every broken one, comes as a Record; runs of others come as
    the number of them. Reading goes on after a broken record at the next line that begins one.
    """
    skipped = 0
    match = _RECORD.match
    while True:
        found = match(text, start)
        if found is not None:
            _, step_id, name, arguments = found.groups()
            balanced = arguments.count(b"(") == arguments.count(b")") and b"=" not in arguments
            if balanced or not _is_broken(arguments):
                start = found.end()
                if wanted[name]:
                    yield Record(int(step_id), name, arguments, found.start(1), start)
                else:
                    skipped += 1
                continue
        yield skipped
        skipped = 0
        if switch := _SWITCH.match(text, start):
            start = switch.end()
        elif _TRAILER.match(text, start) or _REST.match(text, start):
            return
        else:
            broken = _broken(text, start)
            start = broken.end
            yield broken


def _is_broken(arguments: bytes) -> bool:
    """Whether brackets do not match or a second record hides in it; strings do not count."""
    if _INNER.search(arguments):
        return True
    bare = _STRING.sub(b"", arguments)
    return bare.count(b"(") != bare.count(b")") or b"=" in bare or not bare.rstrip().endswith(b")")


def _broken(text: Buffer, start: int) -> Record:
    gap = _GAP.match(text, start)
    first = gap.end() if gap else start
    following = _NEXT.search(text, first + 1)
    end = following.end() if following else len(text)
    head = _HEAD.match(text, first)
    if head is None:
        return Record(0, b"", text[first:end].strip(), first, end, whole=False)
    arguments = text[head.end() : end].strip()
    return Record(int(head.group(1)), head.group(2), arguments, first, end, whole=False)
