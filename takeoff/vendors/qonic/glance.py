"""A look at a page, for no more than the next request needs: its total, and who is on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj

from takeoff.vendors.qonic import answers, rows
from takeoff.vendors.qonic.answers import member, text

_LOOKED_AT = pa.schema(
    [
        ("totalCount", pa.int64()),
        ("result", pa.list_(pa.struct([("Guid", pa.string()), ("Class", pa.string())]))),
    ]
)
_OPTIONS = pj.ParseOptions(
    explicit_schema=_LOOKED_AT, newlines_in_values=True, unexpected_field_behavior="ignore"
)


@dataclass(frozen=True)
class Glance:
    """`stated_total` is null if the page states none. `ids` are the Guids of its rows, in order."""

    stated_total: int | None
    ids: list[str]
    classes: frozenset[str]


def at_products(path: Path, name: str) -> Glance:
    """A page of products.

    Raises: NotUnderstood if it is no complete JSON, has no `result`, or a row has no Guid.
    """
    raw = answers.plain(path, name)
    found = _quick(raw)
    return _slow(raw, name) if found is None else found


def at_fields(path: Path, name: str) -> Glance:
    """A page of field names. Raises: NotUnderstood if it has no array `fields` of names."""
    raw = answers.plain(path, name)
    page = answers.parsed(raw, name)
    fields = member(page, "fields") if isinstance(page, dict) else None
    if not isinstance(fields, list) or not all(isinstance(item, str) for item in fields):
        raise answers.refused(name, raw, "it has no array 'fields' of names")
    return Glance(_total(page, raw, name), fields, frozenset())


def total_of(raw: bytes, name: str) -> int | None:
    """The total that a page states; null if it states none. Raises: NotUnderstood."""
    page = answers.parsed(raw, name)
    if isinstance(page, list):
        return None
    if not isinstance(page, dict):
        raise answers.refused(name, raw, "it is no object")
    return _total(page, raw, name)


def _quick(raw: bytes) -> Glance | None:
    """By Arrow, with the keys as the contract writes them; null if it must be looked at closely."""
    try:
        block = pj.ReadOptions(block_size=len(raw) + 1, use_threads=False)
        table = pj.read_json(pa.BufferReader(raw), block, _OPTIONS)
    except pa.ArrowInvalid:
        return None
    results = table.column("result").combine_chunks()
    products = results.flatten()
    if table.num_rows != 1 or results.null_count or products.null_count:
        return None
    guids = products.field("Guid")
    total = table.column("totalCount")[0].as_py()
    if guids.null_count or pc.any(pc.equal(guids, "")).as_py() or total is None:
        return None
    classes = pc.unique(products.field("Class")).drop_null().to_pylist()
    return Glance(total, guids.to_pylist(), frozenset(classes) - {""})


def _slow(raw: bytes, name: str) -> Glance:
    page = answers.parsed(raw, name)
    page = {"result": page} if isinstance(page, list) else page
    products = rows.rows_of(page, raw, name)[1]
    guids = [text(member(product, "guid")) for product in products]
    if None in guids:
        raise answers.refused(name, raw, f"its row {guids.index(None)} has no Guid")
    classes = {text(member(product, "class")) for product in products}
    ids = [guid for guid in guids if guid is not None]
    return Glance(_total(page, raw, name), ids, frozenset(one for one in classes if one))


def _total(page: dict[str, Any], raw: bytes, name: str) -> int | None:
    given = member(page, "totalCount")
    if given is None:
        return None
    written = text(given)
    if written is None or not written.isdecimal():
        raise answers.refused(name, raw, f"its totalCount is {given!r}")
    return int(written)
