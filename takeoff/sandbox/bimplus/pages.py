"""Lists of objects: what a request selects, and the page or chunk of it that is answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flask import request

from takeoff.sandbox.bimplus.answers import Refused
from takeoff.sandbox.bimplus.content import Objects
from takeoff.sandbox.bimplus.nodes import Numbers
from takeoff.sandbox.bimplus.render import Form
from takeoff.sandbox.switches import Switches

_CHUNKS = {"small": 10, "medium": 1, "large": 0.2}
_DEFAULT_PAGE_SIZE = 100


@dataclass(frozen=True)
class Selection:
    """Objects of one model or of several."""

    parts: Sequence[tuple[Objects, Numbers]]

    def __len__(self) -> int:
        return sum(len(nodes) for _, nodes in self.parts)

    def cut(self, start: int, stop: int) -> Selection:
        """The objects at these places."""
        parts = []
        for objects, nodes in self.parts:
            parts.append((objects, nodes[max(start, 0) : max(stop, 0)]))
            start, stop = start - len(nodes), stop - len(nodes)
        return Selection(parts)

    def texts(self, form: Form, switches: Switches) -> list[str]:
        """Each object as JSON."""
        return [
            text for objects, nodes in self.parts for text in objects.objects(nodes, form, switches)
        ]


@dataclass(frozen=True)
class Cut:
    """A part of a selection; `chunks` null unless it was cut into chunks."""

    selection: Selection
    page: int
    last_page: int
    page_size: int
    chunks: int | None = None


def of_type(objects: Objects, node: int, type_id: str, switches: Switches) -> Numbers:
    """The objects of a type below a node, less what the switches take away."""
    nodes = objects.nodes.below(node, objects.nodes.type_ids.get(type_id, np.array([], np.int64)))
    how = switches["bimplus_objects"]
    first = next((one.id for one in objects.nodes.types if one.layer is not None), None)
    is_short = how == "fewer" or (how == "one_type" and type_id == first)
    return nodes[:-1] if is_short else nodes


def of_layer(objects: Objects, node: int, layer_id: str) -> Numbers:
    """The objects of a layer below a node."""
    nodes = objects.nodes
    found = [n for n, one in enumerate(nodes.types) if one.layer_id == layer_id]
    return nodes.below(node, np.array(found, np.int64))


def cut(selection: Selection, switches: Switches) -> Cut:
    """The page or chunk that the request asks for; all if it asks for none.

    Raises: Refused with 400 for what is no number.
    """
    if "chunk" in request.args or "chunkSize" in request.args:
        return _chunk(selection, switches)
    if "page" in request.args or "pageSize" in request.args:
        return _page(selection, switches)
    if switches["bimplus_chunks"] == "always":
        return _chunk(selection, switches)
    if switches["bimplus_unasked"] == "page":
        return _page(selection, switches)
    return Cut(selection, 1, 1, len(selection))


def listed(cut: Cut, texts: Sequence[str], total: int, switches: Switches) -> str:
    """The answer, bare or in one of the wrappers, as JSON."""
    array = "[" + ",".join(texts) + "]"
    key = switches["bimplus_lists"]
    if key == "bare":
        return array
    told: dict[str, Any] = {
        "actualpage": cut.page,
        "lastpage": cut.last_page,
        "pagesize": cut.page_size,
    }
    if key == "resultlist":
        told |= {"maxresults": total}
    else:
        told |= {"elementsCount": total}
    members = ",".join(f'"{name}":{value}' for name, value in told.items())
    sorting = ',"sortcolumn":null,"sortdirection":null' if key == "resultlist" else ""
    return f'{{"{key}":{array},{members}{sorting}}}'


def _page(selection: Selection, switches: Switches) -> Cut:
    first = int(switches["bimplus_first_page"])
    limit = switches.number("bimplus_page_limit") or 1
    is_asked = "page" in request.args or "pageSize" in request.args
    usual = _DEFAULT_PAGE_SIZE if is_asked else limit
    size = max(min(_number("pageSize", usual), limit), 1)
    page = max(_number("page", first), first)
    last = first + max((len(selection) - 1) // size, 0)
    form = switches["bimplus_pages"]
    if form == "ignored":
        return Cut(selection, page, last, size)
    shown = first if form == "repeat_first" else page
    shown = min(shown, last) if form == "repeat_last" else shown
    start = (shown - first) * size
    return Cut(selection.cut(start, start + size), page, last, size)


def _chunk(selection: Selection, switches: Switches) -> Cut:
    rows = switches.number("bimplus_chunk_rows") or 1
    word = request.args.get("chunkSize", "medium").lower()
    if word not in _CHUNKS:
        raise Refused(400, f"There is no chunkSize {word}.")
    size = max(int(rows / _CHUNKS[word]), 1)
    chunks = max(-(-len(selection) // size), 1)
    chunk = max(_number("chunk", 1), 1)
    start = (chunk - 1) * size
    return Cut(selection.cut(start, start + size), chunk, chunks, size, chunks)


def _number(name: str, default: int) -> int:
    text = request.args.get(name, str(default))
    if not text.isdigit():
        raise Refused(400, f"{name} is no number.")
    return int(text)
