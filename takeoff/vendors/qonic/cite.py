"""Shows the JSON behind a row, as it stands in the evidence itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from takeoff.core.errors import NotUnderstood
from takeoff.core.json_text import SCANNER
from takeoff.core.refs import Document
from takeoff.vendors.qonic import answers, lookups, paths, results
from takeoff.vendors.qonic.lookups import Answer

_BETWEEN = re.compile(r"[\s,:]*")
_LINE_ENDS = re.compile(r"\r?\n")


class _Part(NamedTuple):
    """A member of an object or an item of an array (key null), and where its text stands."""

    key: str | None
    value: Any
    start: int
    end: int


def cite(document: Document, source_row: int, work: Path) -> list[str]:
    """The text behind row `source_row` of an answer, counted from 0, as it stands there.

    It is an item of the answer's array or a member of its object; of a table the header and a line;
    of the locations one location without those in it; of values that are listed field by field
    those of one product. Nothing is written to `work`.
    Raises: NotUnderstood if there is no such row.
    """
    raw = answers.plain(document.path, document.name)
    answer = Answer(document.name, document.evidence_no, raw)
    if paths.kind_of(document.name) == "locations":
        rows = lookups.location_texts(answer)
    elif answers.looks_like_json(raw):
        rows = _rows(raw.decode("utf-8"))
    else:
        header, *lines = [line for line in _LINE_ENDS.split(raw.decode("utf-8")) if line]
        rows = [f"{header}\n{line}" for line in lines]
    if source_row >= len(rows):
        raise NotUnderstood(f"{document.name} has no row {source_row}.")
    return [rows[source_row]]


def _rows(content: str) -> list[str]:
    parts = list(_parts(content, 0))
    wrapper = results.wrapper([part.key for part in parts if part.key is not None])
    inner = next((part for part in parts if part.key is not None and part.key == wrapper), None)
    if inner is not None:
        start = content.index(":", inner.start + len(json.dumps(inner.key))) + 1
        parts = list(_parts(content, start))
    parts = [part for part in parts if not results.says_nothing(part.key)]
    values = {part.key: part.value for part in parts if part.key is not None}
    if by_product := results.by_field(values):
        return [json.dumps(row, ensure_ascii=False) for row in by_product]
    return [content[part.start : part.end] for part in parts]


def _parts(content: str, start: int) -> Iterator[_Part]:
    """The parts of the object or array that begins at or after `start`."""
    at = _after(content, start)
    is_object = content[at] == "{"
    at = _after(content, at + 1)
    while content[at] not in "}]":
        begin, key = at, None
        if is_object:
            key, at = SCANNER.raw_decode(content, at)
            at = _after(content, at)
        value, at = SCANNER.raw_decode(content, at)
        yield _Part(key, value, begin, at)
        at = _after(content, at)


def _after(content: str, at: int) -> int:
    found = _BETWEEN.match(content, at)
    return at if found is None else found.end()
