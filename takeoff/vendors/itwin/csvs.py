"""Partitions: CSV files of which only the order of the columns is documented.

Read so that every likely form is taken: with a byte order mark or without, with a header or
without, quoted (RFC 4180) or not, any line ends; empty is null. Where no field of a file is empty,
but some are `null` without quotes, that is how it writes null. A row that is wider or narrower than
the table is refused.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from io import TextIOWrapper
from itertools import chain
from pathlib import Path

import pyarrow as pa
from pyarrow import csv as pcsv

from takeoff.vendors.itwin import answers
from takeoff.vendors.itwin.names import ID

BLOCK_BYTES = 8 << 20
_PARSE = pcsv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False)
_CHUNK = 1 << 20
_QUOTE = b'"'
_EMPTY, _NULL = "", "null"
# Quotes around nothing are nothing, too.
_EMPTY_FIELD = re.compile(rb'[,\n\r](?:"")?,|,(?:"")?[\n\r]')
_NULL_FIELD = re.compile(rb"[,\n\r]null[,\n\r]")
_LONGEST_FIELD = 8


def batches(
    path: Path, name: str, columns: Sequence[str], wanted: Sequence[int]
) -> Iterator[list[pa.Array]]:
    """The wanted columns as text, a block of rows at a time.

    Raises: NotUnderstood for a row of another width, a field that does not end, bytes that are no
    UTF-8, or a header that names other columns than the table has.
    """
    skipped = 1 if has_header(path, name, columns) else 0
    if not _has_rows(path, skipped):
        return
    _refuse_open_quote(path, name)
    null = _null(path)
    keys = [str(place) for place in range(len(columns))]
    read = pcsv.ReadOptions(column_names=keys, skip_rows=skipped, block_size=BLOCK_BYTES)
    convert = pcsv.ConvertOptions(
        column_types=dict.fromkeys(keys, pa.string()),
        include_columns=[keys[place] for place in wanted],
        strings_can_be_null=True,
        quoted_strings_can_be_null=null == _EMPTY,
        null_values=[null],
    )
    try:
        with pcsv.open_csv(path, read, _PARSE, convert) as reader:
            for batch in reader:
                yield list(batch.columns)
    except pa.ArrowInvalid as error:
        raise answers.refused(name, _start(path), str(error).partition("\n")[0]) from error


def has_header(path: Path, name: str, columns: Sequence[str]) -> bool:
    """Whether the first row names the columns. Raises: NotUnderstood if it names others."""
    first = first_row(path, name)
    if [cell.casefold() for cell in first] == [column.casefold() for column in columns]:
        return True
    if looks_like_header(first):
        names = ", ".join(columns)[: answers.SHOWN]
        why = f"its header names other columns than the table has ({names})"
        raise answers.refused(name, _start(path), why)
    return False


def first_row(path: Path, name: str) -> list[str]:
    """The cells of the first row; empty if there is none. Raises: NotUnderstood if it is no CSV."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        try:
            return next(csv.reader(lines), [])
        except csv.Error as error:
            raise answers.refused(name, _start(path), f"it is no CSV ({error})") from error


def looks_like_header(row: Sequence[str]) -> bool:
    """Whether a row names columns: no element has the name of its id column for an id."""
    return any(cell.casefold() == ID.casefold() for cell in row)


def records(path: Path, name: str) -> Iterator[tuple[list[str], str]]:
    """Every row of the file, and how it is written, without its line end.

    Raises: NotUnderstood for a field of more than 131,072 characters.
    """
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        noted = _Noted(lines)
        try:
            for row in csv.reader(noted):
                yield row, noted.taken().rstrip("\r\n")
        except csv.Error as error:
            raise answers.refused(name, _start(path), f"it is no CSV ({error})") from error


class _Noted:
    """Lines on their way to the reader, which takes several for a row with line ends in it."""

    def __init__(self, lines: TextIOWrapper) -> None:
        self._lines = lines
        self._since: list[str] = []

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self._since.append(line)
            yield line

    def taken(self) -> str:
        """The lines since the last call."""
        taken, self._since = "".join(self._since), []
        return taken


def _has_rows(path: Path, skipped: int) -> bool:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        for _ in range(skipped):
            next(lines, None)
        return any(line.strip("\r\n") for line in lines)


def _refuse_open_quote(path: Path, name: str) -> None:
    """A field that is opened and not closed would swallow the rows behind it."""
    with path.open("rb") as raw:
        quotes = sum(chunk.count(_QUOTE) for chunk in iter(lambda: raw.read(_CHUNK), b""))
    if quotes % 2 == 0:
        return
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        try:
            for _ in csv.reader(lines, strict=True):
                pass
        except csv.Error as error:
            raise answers.refused(name, _start(path), f"it is no whole CSV ({error})") from error


def _null(path: Path) -> str:
    """How a file writes null. Its fields are looked for wherever they are, in quotes as well."""
    is_written = False
    before = b"\n"
    with path.open("rb") as raw:
        for chunk in chain(iter(lambda: raw.read(_CHUNK), b""), (b"\n",)):
            seen = before + chunk
            if _EMPTY_FIELD.search(seen):
                return _EMPTY
            is_written = is_written or _NULL_FIELD.search(seen) is not None
            before = seen[-_LONGEST_FIELD:]
    return _NULL if is_written else _EMPTY


def _start(path: Path) -> bytes:
    with path.open("rb") as raw:
        return raw.read(answers.SHOWN * 4)
