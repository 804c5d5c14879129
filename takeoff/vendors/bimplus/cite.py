"""Shows the JSON behind a row, as it stands in the evidence itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from takeoff.core.errors import NotUnderstood
from takeoff.core.json_text import SCANNER
from takeoff.core.refs import Document
from takeoff.vendors.bimplus import answers, paths, tree
from takeoff.vendors.bimplus.glance import WRAPPERS

_BETWEEN = re.compile(r"[\s,:]*")


def cite(document: Document, source_row: int, work: Path) -> list[str]:
    """The text behind row `source_row` of an answer, counted from 0, as it stands there.

    It is an item of the answer's list; of the tree one node without those in it; of calculated
    quantities one object's value with its attribute. Nothing is written to `work`.
    Raises: NotUnderstood if there is no such row.
    """
    raw = answers.plain(document.path)
    kind = paths.kind_of(document.name)
    if kind == "tree":
        found = [_shown(node) for node in tree.nodes(raw, document.name)[source_row:][:1]]
    elif kind == "calculated":
        found = list(_calculated(answers.parsed(raw, document.name)))[source_row:][:1]
    else:
        found = _rows(raw.decode("utf-8"))[source_row:][:1]
    if not found:
        raise NotUnderstood(f"{document.name} has no row {source_row}.")
    return found


def _shown(node: dict[str, Any]) -> str:
    own = {key: item for key, item in node.items() if key.casefold() != tree.CHILDREN}
    return json.dumps(own, ensure_ascii=False)


def _calculated(values: dict[str, dict[str, Any]]) -> Iterator[str]:
    for attribute_id, of_objects in values.items():
        for object_id, value in of_objects.items():
            yield json.dumps({attribute_id: {object_id: value}}, ensure_ascii=False)


def _rows(content: str) -> list[str]:
    """The items of a list, the list in a wrapper, or else the one object that it is."""
    if content.startswith("["):
        return [content[start:end] for _, _, start, end in _parts(content, 0)]
    for key, value, start, end in _parts(content, 0):
        if (key or "").casefold() in WRAPPERS and isinstance(value, list):
            inner = content[start:end]
            at = len(json.dumps(key)) if inner.startswith('"') else 0
            return [inner[a:b] for _, _, a, b in _parts(inner, inner.index("[", at))]
    return [content]


def _parts(content: str, start: int) -> Iterator[tuple[str | None, Any, int, int]]:
    """Key (null in an array), value, and where the text begins and ends, of each part of what
    begins at `start`; the text of a member begins with its key.
    """
    at = _after(content, start)
    is_object = content[at] == "{"
    at = _after(content, at + 1)
    while content[at] not in "}]":
        begin, key = at, None
        if is_object:
            key, at = SCANNER.raw_decode(content, at)
            at = _after(content, at)
        value, at = SCANNER.raw_decode(content, at)
        yield key, value, begin, at
        at = _after(content, at)


def _after(content: str, at: int) -> int:
    found = _BETWEEN.match(content, at)
    return at if found is None else found.end()
