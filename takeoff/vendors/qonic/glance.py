"""A look at a page, for no more than the next request needs: its total, and who is on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from takeoff.vendors.qonic import answers, fields, rows, shelf
from takeoff.vendors.qonic.answers import member, text
from takeoff.vendors.qonic.fields import NotScalar
from takeoff.vendors.qonic.rows import RowReader

# Pages that are parsed at once: each takes several times its size.
_AT_ONCE = 2


@dataclass(frozen=True)
class Glance:
    """`stated_total` is null if the page states none. `ids` are the Guids of its rows, in order."""

    stated_total: int | None
    ids: list[str]
    classes: frozenset[str]


# What is at this path, the answer to that request, with this sha256 if it is known.
Look = Callable[[Path, str, str | None], Glance]


class Glancer:
    """Looks at the pages of one list of products; safe to use from several threads."""

    def __init__(self) -> None:
        self._reader = RowReader()
        self._turns = BoundedSemaphore(_AT_ONCE)

    def at_products(self, path: Path, name: str, sha256: str | None) -> Glance:
        """A page of products, the content of which has this sha256, if that is known.

        Its rows are put by for the decoder.
        Raises: NotUnderstood if it is no complete JSON, has no `result`, or a row has no Guid.
        """
        with self._turns:
            raw = rows.content(path, name)
            found, beside = self._reader.page(raw, name)
            if sha256 is not None:
                shelf.put(path.parent, sha256, found)
            return _seen(found, beside, raw[: answers.SHOWN * 4].to_pybytes(), name)


def at_fields(path: Path, name: str, sha256: str | None = None) -> Glance:
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


def guids_of(raw: bytes, name: str) -> list[str | None]:
    """The Guids of a page's rows, in order. Raises: NotUnderstood."""
    _, found = rows.rows_of(answers.parsed(raw, name), raw, name)
    return [text(member(row, "Guid")) for row in found]


def _seen(found: pa.StructArray, beside: dict[str, Any], start: bytes, name: str) -> Glance:
    """What a page of these rows holds; `start` is how it begins, for errors."""
    columns = fields.columns(found)
    try:
        guids, classes = (_names(columns, key, len(found)) for key in ("Guid", "Class"))
    except NotScalar as error:
        raise answers.refused(name, start, str(error)) from error
    if guids.null_count:
        row = pc.index(pc.is_null(guids), True).as_py()
        raise answers.refused(name, start, f"its row {row} has no Guid")
    different = pc.unique(classes).drop_null().to_pylist()
    return Glance(_total(beside, start, name), guids.to_pylist(), frozenset(different))


def _names(columns: Mapping[str, pa.Array], key: str, length: int) -> pa.Array:
    column = fields.find(columns, key)
    return pa.nulls(length, pa.string()) if column is None else fields.names(column, key)


def _total(page: dict[str, Any], raw: bytes, name: str) -> int | None:
    given = member(page, "totalCount")
    if given is None:
        return None
    written = text(given)
    if written is None or not written.isdecimal():
        raise answers.refused(name, raw, f"its totalCount is {given!r}")
    return int(written)
