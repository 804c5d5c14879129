"""A look at a list of objects, for no more than the next request needs: who is on it, and where
the list goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj

from takeoff.core import json_text
from takeoff.vendors.bimplus import answers
from takeoff.vendors.bimplus.answers import guid, member
from takeoff.vendors.bimplus.shapes import whole

# What a list may be wrapped in; a bare array is usual.
WRAPPERS = ("resultlist", "objects")

_KEY = "resultlist"
_LOOKED_AT = pa.schema([(_KEY, pa.list_(pa.struct([("id", pa.string())])))])
_OPTIONS = pj.ParseOptions(
    explicit_schema=_LOOKED_AT, newlines_in_values=True, unexpected_field_behavior="ignore"
)


@dataclass(frozen=True)
class Glance:
    """`ids` are those of the rows, in order and lower case. A wrapper says which page it is,
    which one the last, and how long pages are; null if it does not or there is none. `chunks` is
    how many there are of a list that comes in chunks, null if its answer's head does not say.
    """

    ids: list[str]
    page: int | None = None
    last_page: int | None = None
    page_size: int | None = None
    chunks: int | None = None


def at_objects(path: Path, name: str) -> Glance:
    """A list of objects. Raises: NotUnderstood if it is none, or a row has no id."""
    raw = answers.plain(path)
    ids = _quick(raw)
    return _slow(raw, name) if ids is None else Glance(ids)


def _quick(raw: bytes) -> list[str] | None:
    """By Arrow, if it is a bare array; null if it must be looked at closely."""
    wrapped = b'{"%b":%b}' % (_KEY.encode(), raw)
    if not raw.startswith(b"[") or not json_text.arrow_may_read(pa.py_buffer(wrapped)):
        return None
    try:
        block = pj.ReadOptions(block_size=len(wrapped) + 1, use_threads=False)
        table = pj.read_json(pa.BufferReader(wrapped), block, _OPTIONS)
    except pa.ArrowInvalid:
        return None
    rows = table.column(_KEY).combine_chunks()
    objects = rows.flatten()
    ids = objects.field("id")
    if table.num_rows != 1 or rows.null_count or objects.null_count or ids.null_count:
        return None
    if pc.any(pc.equal(ids, "")).as_py():
        return None
    found: list[str] = pc.ascii_lower(ids).to_pylist()
    return found


def _slow(raw: bytes, name: str) -> Glance:
    answer = answers.parsed(raw, name)
    items = answers.listed(answer, *WRAPPERS)
    if items is None:
        raise answers.refused(name, raw, "it is no list of objects")
    ids = [guid(member(item, "id")) for item in items]
    if None in ids:
        raise answers.refused(name, raw, f"its row {ids.index(None)} has no id")
    said: dict[str, Any] = answer if isinstance(answer, dict) else {}
    return Glance(
        [id_ for id_ in ids if id_ is not None],
        whole(member(said, "actualpage")),
        whole(member(said, "lastpage")),
        whole(member(said, "pagesize")),
    )
