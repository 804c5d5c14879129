"""Pages of products and of field names, and how the switches make them differ from what they say.

What is asked for again is answered from memory: encoded pages are kept, up to a size.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from takeoff.sandbox.faults import Control
from takeoff.sandbox.qonic.answers import Refused, json_bytes
from takeoff.sandbox.qonic.columns import Column, Style, encode
from takeoff.sandbox.qonic.filters import Filter, matching, read_filters
from takeoff.sandbox.qonic.model import Looks, Model
from takeoff.sandbox.switches import Switches

DEFAULT_SIZE = 1000
LARGEST_SIZE = 5000  # "pageSize (default 1000, max 5000)": vendor document

_KEPT_BYTES = 256 * 2**20
_KEPT_LISTS = 256


@dataclass(frozen=True)
class Paging:
    """Which page is asked for, from 1, and how many rows it holds at most."""

    page: int
    size: int


@dataclass(frozen=True)
class Query:
    """What a query asks of a model's products."""

    model: Model
    fields: tuple[str, ...]
    filters: tuple[Filter, ...]
    looks: Looks
    style: Style


class Pages:
    """Answers product queries; safe to share by threads."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._lock = threading.Lock()
        self._rows: dict[tuple[Model, tuple[Filter, ...]], pa.Array] = {}
        self._kept: OrderedDict[tuple[object, ...], bytes] = OrderedDict()
        self._kept_bytes = 0

    def answer(self, query: Query, paging: Paging, switches: Switches) -> bytes:
        """One page, encoded, with the paging keys that the switches leave."""
        rows = self.rows(query.model, query.filters, query.looks)
        rows = rows[::-1] if switches["row_order"] == "reversed" else rows
        stated, rows = self._stated(query, rows, switches)
        if switches["paging_keys"] == "result":
            return b'{"result":[' + self._encoded(query, rows) + b"]}"
        head: dict[str, Any] = {} if stated is None else {"totalCount": stated}
        head |= {"page": paging.page, "pageSize": paging.size}
        stream = _stream(rows, paging.size, switches["rows"])
        page = 1 if switches["rows"] == "ignored" else paging.page
        part = stream[(page - 1) * paging.size : page * paging.size]
        return json_bytes(head)[:-1] + b',"result":[' + self._encoded(query, part) + b"]}"

    def rows(self, model: Model, filters: tuple[Filter, ...], looks: Looks) -> pa.Array:
        """The places of the products that meet the filters."""
        key = (model, filters)
        with self._lock:
            known = self._rows.get(key)
        if known is None:
            known = model.served
            if filters:
                known = known.filter(matching(filters, model.columns(looks)).take(known))
            with self._lock:
                self._rows[key] = known
                if len(self._rows) > _KEPT_LISTS:
                    del self._rows[next(iter(self._rows))]
        return known

    def _stated(
        self, query: Query, rows: pa.Array, switches: Switches
    ) -> tuple[int | None, pa.Array]:
        """totalCount, and the products that there are at this moment."""
        total = len(rows)
        if switches["total"] == "absent":
            return None, rows
        if switches["total"] == "stated" or total == 0:
            return total, rows
        asked_before = self._control.count(f"total of {query.model.number} {query.filters}")
        if switches["total"] == "moving":
            return total + asked_before, rows
        return (total, rows) if asked_before else (total - 1, rows[: total - 1])

    def _encoded(self, query: Query, rows: pa.Array) -> bytes:
        run = _run(rows)
        which = tuple(rows.to_pylist()) if run is None else (run.start, run.stop, None)
        key = (query.model, query.fields, query.looks, query.style, which)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        columns = query.model.columns(query.looks)
        page = encode([columns[name] for name in query.fields], query.style, run or rows, len(rows))
        self._keep(key, page)
        return page

    def _keep(self, key: tuple[object, ...], page: bytes) -> None:
        with self._lock:
            if key in self._kept or len(page) > _KEPT_BYTES:
                return
            self._kept[key] = page
            self._kept_bytes += len(page)
            while self._kept_bytes > _KEPT_BYTES:
                _, oldest = self._kept.popitem(last=False)
                self._kept_bytes -= len(oldest)


def read_query(body: Any, model: Model, switches: Switches) -> Query:
    """What the body of a product query asks. Raises: Refused with 400."""
    must_be_object(body)
    columns = model.columns(looks(switches))
    fields = read_fields(body.get("fields"), columns, switches)
    if switches["guid_unasked"] == "yes" and "Guid" not in fields:
        fields = ("Guid", *fields)
    filters = filters_of(body, columns, switches)
    style = Style(switches["property"], switches["values"], switches["unset"])
    return Query(model, fields, filters, looks(switches), style)


def filters_of(
    body: Mapping[str, Any], columns: Mapping[str, Column], switches: Switches
) -> tuple[Filter, ...]:
    """The filters of a query's body. Raises: Refused with 400."""
    return read_filters(
        body.get("filters"), columns, lambda name: own_name(name, columns, switches)
    )


def read_fields(given: Any, columns: Mapping[str, Column], switches: Switches) -> tuple[str, ...]:
    """The fields to answer; empty, null and absence are all."""
    if given is None or given == []:
        return tuple(columns)
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        raise Refused(400, "InvalidFields", "fields is an array of names.", "fields")
    given = [own_name(name, columns, switches) for name in given]
    unknown = [name for name in given if name not in columns]
    if unknown and switches["unknown_field"] == "400":
        raise Refused(400, "UnknownField", f"There is no field '{unknown[0]}'.", "fields")
    return tuple(dict.fromkeys(name for name in given if name in columns))


def own_name(name: str, columns: Mapping[str, Column], switches: Switches) -> str:
    """The field's name as it is listed, if the case of names does not matter; else as given."""
    if name in columns or switches["field_case"] == "exact":
        return name
    return next((one for one in columns if one.casefold() == name.casefold()), name)


def read_paging(asked: Mapping[str, str], switches: Switches) -> Paging:
    """`page` and `pageSize` of a product query. Raises: Refused with 400."""
    size = _number(asked, "pageSize", DEFAULT_SIZE)
    if size > LARGEST_SIZE and switches["page_size_over"] == "400":
        raise Refused(400, "InvalidPageSize", f"pageSize is {LARGEST_SIZE} at most.", "pageSize")
    limit = switches.number("page_limit") or LARGEST_SIZE
    return Paging(_number(asked, "page", 1), min(size, limit, LARGEST_SIZE))


def field_names(names: Sequence[str], asked: Mapping[str, str], switches: Switches) -> bytes:
    """A page of field names. Raises: Refused with 400."""
    if switches["available_keys"] == "fields":
        return json_bytes({"fields": list(names)})
    limit = switches.number("available_limit") or DEFAULT_SIZE
    size = min(_number(asked, "pageSize", DEFAULT_SIZE), limit)
    page = _number(asked, "page", 1)
    told: dict[str, Any] = {
        "fields": list(names[(page - 1) * size : page * size]),
        "totalCount": len(names),
    }
    paging = {} if switches["available_keys"] == "total" else {"page": page, "pageSize": size}
    return json_bytes(told | paging)


def looks(switches: Switches) -> Looks:
    return Looks(
        switches["classes"],
        switches["code"],
        switches["no_code"],
        switches["material_layers"],
        switches["property_units"],
    )


def must_be_object(body: Any) -> None:
    if not isinstance(body, dict):
        raise Refused(400, "InvalidBody", "The body is a JSON object.")


def _stream(rows: pa.Array, size: int, kind: str) -> pa.Array:
    """The products in the order that pages are cut from; `size` is that of the pages."""
    if kind == "short":
        return rows[: max(len(rows) - 1, 0)]
    if kind == "repeated" and len(rows) > size:
        return pa.concat_arrays([rows[:size], rows[size - 1 :]])
    if kind == "lost" and len(rows) > size:
        return pa.concat_arrays([rows[:size], rows[size - 1 : size], rows[size + 1 :]])
    return rows


def _run(rows: pa.Array) -> slice | None:
    """The rows as a slice, if each is the one after that before it."""
    if len(rows) == 0 or pc.any(pc.not_equal(pc.subtract(rows[1:], rows[:-1]), 1)).as_py():
        return None
    return slice(rows[0].as_py(), rows[-1].as_py() + 1)


def _number(asked: Mapping[str, str], name: str, default: int) -> int:
    given = asked.get(name)
    if given is None:
        return default
    if not (given.isascii() and given.isdigit() and int(given) > 0):
        raise Refused(400, "InvalidPaging", f"{name} is a whole number from 1.", name)
    return int(given)
