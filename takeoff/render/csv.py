"""Comma-separated text in UTF-8: the unit in the header, provenance in a file beside it.

Text that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, CSV injection),
and control characters are shown as pictures; `raw` leaves all text and column names as they are.
Numbers are never touched. An unknown value is empty, an empty text is "".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyarrow as pa

from takeoff.core.plain import harmless, is_number, texts
from takeoff.core.progress import Progress
from takeoff.core.results import Result
from takeoff.render import QUIET, Target, write_text

NEEDS_FILE = False
HOLDS_EVIDENCE = False

ROWS_AT_ONCE = 10_000

# At the beginning of a cell, and behind the separators at which a spreadsheet set to another
# country would begin one.
_SIGN = r"""(?=[\s"'\u200b\ufeff]*[=+\-@＝＋－＠])"""
_FORMULA = re.compile(rf"""^(?=[\t\r\n])|(?:^|(?<=[;\t\r\n])){_SIGN}""")
_SPECIAL = re.compile(r'[",\r\n]')


def write(result: Result, target: Target, *, raw: bool = False, progress: Progress = QUIET) -> None:
    """All rows, in order; `raw` for machines (text exactly as stored, bare column names)."""
    text = "as stored" if raw else "formulas disarmed by an apostrophe, controls shown as pictures"
    write_text(result, target, _lines(result, raw), sidecar={"text": text})


def _lines(result: Result, raw: bool) -> Iterator[str]:
    names = [column.name if raw else guarded(column.heading) for column in result.columns]
    yield ",".join(map(_field, names)) + "\n"
    for start in range(0, result.table.num_rows, ROWS_AT_ONCE):
        part = result.table.slice(start, ROWS_AT_ONCE)
        columns = [_fields(part.column(i), raw) for i in range(part.num_columns)]
        yield from (_line(row) for row in zip(*columns, strict=True))


def _fields(column: pa.ChunkedArray, raw: bool) -> list[str]:
    if is_number(column.type):
        return [text or "" for text in texts(column)]
    guard = str if raw else guarded
    return ["" if text is None else _field(guard(text)) for text in texts(column)]


def _line(fields: tuple[str, ...]) -> str:
    """A lone unknown value is quoted: readers skip empty lines."""
    return (",".join(fields) if fields != ("",) else '""') + "\n"


def guarded(text: str) -> str:
    """`text` such that no spreadsheet runs it and no terminal obeys it."""
    return _FORMULA.sub("'", harmless(text, keep="\t\r\n"))


def _field(text: str) -> str:
    """Quoted if need be. The csv module cannot tell unknown from empty before Python 3.12."""
    if text and not _SPECIAL.search(text) and text == text.strip():
        return text
    return '"' + text.replace('"', '""') + '"'
