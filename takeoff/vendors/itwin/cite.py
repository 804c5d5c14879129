"""Shows the text behind a row, as it stands in the evidence itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from takeoff.core.errors import NotUnderstood
from takeoff.core.json_text import SCANNER
from takeoff.core.refs import Document
from takeoff.vendors.itwin import csvs

_BETWEEN = re.compile(r"[\s,:]*")


def cite(document: Document, source_row: int, work: Path) -> list[str]:
    """The text behind row `source_row` of an answer, counted from 0, as it stands there.

    Of a partition it is the header, if it has one, and the row; of a page of a feed or of a list
    the item. Nothing is written to `work`.
    Raises: NotUnderstood if there is no such row.
    """
    texts = _items(document) if _is_json(document.path) else _csv_rows(document)
    found = next(islice(texts, source_row, None), None)
    if found is None:
        raise NotUnderstood(f"{document.name} has no row {source_row}.")
    return [found]


def _csv_rows(document: Document) -> Iterator[str]:
    header = ""
    for number, (row, written) in enumerate(csvs.records(document.path, document.name)):
        if number == 0 and csvs.looks_like_header(row):
            header = f"{written}\n"
            continue
        yield header + written


def _items(document: Document) -> Iterator[str]:
    """The items of the first list of the answer's object."""
    content = document.path.read_text(encoding="utf-8-sig")
    at = _after(content, 0) + 1
    while content[at := _after(content, at)] != "}":
        _, at = SCANNER.raw_decode(content, at)
        at = _after(content, at)
        if content[at] == "[":
            yield from _members(content, at + 1)
            return
        _, at = SCANNER.raw_decode(content, at)


def _members(content: str, at: int) -> Iterator[str]:
    while content[at := _after(content, at)] != "]":
        begin = at
        _, at = SCANNER.raw_decode(content, at)
        yield content[begin:at]


def _after(content: str, at: int) -> int:
    found = _BETWEEN.match(content, at)
    return at if found is None else found.end()


def _is_json(path: Path) -> bool:
    with path.open("rb") as raw:
        return raw.read(64).lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"{"
