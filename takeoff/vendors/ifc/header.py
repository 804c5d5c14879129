"""The header of a STEP file: the schema that it names, and where the records begin behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from takeoff.vendors.ifc.step import BLANK, DATA, STRING, Buffer

_LIMIT = 1 << 20
_STATEMENT = re.compile(
    rb"(?:\s|/\*.*?\*/)*+([^'/;]*+(?:(?:" + STRING + rb"|/\*.*?\*/|/)[^'/;]*+)*+);", re.DOTALL
)
_DATA = re.compile(DATA, re.IGNORECASE)
_SCHEMA = re.compile(
    rb"FILE_SCHEMA" + BLANK + rb"\(" + BLANK + rb"\(" + BLANK + rb"'([^']*)'", re.IGNORECASE
)
# Where an apostrophe too many or too few spoils the header.
_LOOSE_DATA = re.compile(
    rb"[;\s](?i:" + DATA + rb");(?=" + BLANK + rb"(?:#\d|(?i:ENDSEC)))", re.DOTALL
)


def schema_name(text: Buffer) -> str | None:
    """The first schema that the header names, in capitals; None if it names none."""
    found = next(filter(None, (_SCHEMA.match(part[1]) for part in _statements(text))), None)
    found = found or _SCHEMA.search(text[: min(_LIMIT, data_start(text) or _LIMIT)])
    return found.group(1).decode("ascii", "replace").strip().upper() if found else None


def data_start(text: Buffer) -> int | None:
    """Where the records begin; None if there is no DATA section."""
    end = 0
    for part in _statements(text):
        end = part.end()
        if _DATA.fullmatch(part[1]):
            return end
    found = _LOOSE_DATA.search(text, max(0, end - 1))
    return found.end() if found else None


def _statements(text: Buffer) -> Iterator[re.Match[bytes]]:
    """What stands before each semicolon, to the first that is no statement of a header."""
    found = _STATEMENT.match(text)
    while found is not None and not found[1].startswith(b"#"):
        yield found
        found = _STATEMENT.match(text, found.end())
