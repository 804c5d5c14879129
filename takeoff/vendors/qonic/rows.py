"""Rows of JSON objects into Arrow columns: strictly, so that nothing is lost without a word.

Arrow's reader is given every key and type that the rows have; any other makes it refuse, and the
rows are looked at again in Python and the schema widened. Where one place holds values of several
kinds, it becomes a struct with a member for each kind.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.json as pj

from takeoff.core import json_text
from takeoff.vendors.qonic import answers

# Members that stand for values that are no object; no JSON of the vendor has keys like these.
BARE = "\1"
BARE_TEXT, BARE_NUMBER, BARE_FLAG, BARE_LIST = "\1text", "\1number", "\1flag", "\1list"

_SCALARS = {BARE_TEXT: pa.string(), BARE_NUMBER: pa.float64(), BARE_FLAG: pa.bool_()}
_RESULT = "result"
# Bytes by which the form of an answer is guessed.
_START = 4_096
# Bytes of an answer from which its shape is learned first.
_FIRST_ROWS = 1 << 20
_FOLD, _OPEN, _CLOSE = 0x20, ord("{"), ord("}")
_ANY = pj.ParseOptions(newlines_in_values=True, unexpected_field_behavior="infer")


@dataclass
class Shape:
    """All that was seen at one place: kinds of scalars, members of objects, items of arrays."""

    scalars: set[str] = field(default_factory=set)
    members: dict[str, Shape] | None = None
    items: Shape | None = None

    def see(self, value: Any) -> None:
        """Widen to hold `value`; null is held by every shape."""
        if isinstance(value, dict):
            if self.members is None:
                self.members = {}
            for key, item in value.items():
                self.members.setdefault(key, Shape()).see(item)
        elif isinstance(value, list):
            if self.items is None:
                self.items = Shape()
            for item in value:
                self.items.see(item)
        elif value is not None:
            self.scalars.add(_bare(value))

    def see_type(self, type_: pa.DataType) -> None:
        """Widen to hold what Arrow found by itself; what it takes for times is text."""
        if pa.types.is_struct(type_):
            if self.members is None:
                self.members = {}
            for item in type_:
                self.members.setdefault(item.name, Shape()).see_type(item.type)
        elif pa.types.is_list(type_):
            if self.items is None:
                self.items = Shape()
            self.items.see_type(type_.value_type)
        elif pa.types.is_boolean(type_):
            self.scalars.add(BARE_FLAG)
        elif pa.types.is_integer(type_) or pa.types.is_floating(type_):
            self.scalars.add(BARE_NUMBER)
        elif not pa.types.is_null(type_):
            self.scalars.add(BARE_TEXT)

    @property
    def is_mixed(self) -> bool:
        """Whether values of several kinds were seen in this place itself."""
        return len(self.scalars) + (self.members is not None) + (self.items is not None) > 1

    @property
    def has_mixed(self) -> bool:
        """Whether this or any place within is mixed; then only the way through Python reads it."""
        inner = [*(self.members or {}).values(), *([self.items] if self.items else [])]
        return self.is_mixed or any(shape.has_mixed for shape in inner)

    def type(self) -> pa.DataType:
        """The Arrow type that holds all that was seen."""
        members = [pa.field(key, item.type()) for key, item in (self.members or {}).items()]
        if self.is_mixed:
            members += [pa.field(bare, _SCALARS[bare]) for bare in sorted(self.scalars)]
            members += [pa.field(BARE_LIST, pa.list_(self.items.type()))] if self.items else []
            return pa.struct(members)
        if self.members is not None:
            return pa.struct(members)
        if self.items is not None:
            return pa.list_(self.items.type())
        return _SCALARS[next(iter(self.scalars))] if self.scalars else pa.null()


def _fitter(shape: Shape) -> Callable[[Any], Any]:
    """Makes a value what `shape.type()` holds: in a mixed place, what is no object becomes one.

    Only places that are mixed, or have such within, are looked at.
    """
    members = {key: _fitter(item) for key, item in (shape.members or {}).items() if item.has_mixed}
    items = _fitter(shape.items) if shape.items is not None and shape.items.has_mixed else None
    is_mixed = shape.is_mixed

    def fitted(value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, dict):
            return value | {key: fit(value[key]) for key, fit in members.items() if key in value}
        if isinstance(value, list):
            inner = value if items is None else [items(item) for item in value]
            return {BARE_LIST: inner} if is_mixed else inner
        return {_bare(value): value} if is_mixed else value

    return fitted


def _bare(value: object) -> str:
    if isinstance(value, bool):
        return BARE_FLAG
    return BARE_TEXT if isinstance(value, str) else BARE_NUMBER


def as_seen(value: Any) -> Any:
    """A value of a column as it was in JSON, but for members that are null or were not there."""
    if isinstance(value, list):
        return [as_seen(item) for item in value]
    if not isinstance(value, dict):
        return value
    bare = [item for key, item in value.items() if key.startswith(BARE) and item is not None]
    if bare:
        return as_seen(bare[0])
    return {key: as_seen(item) for key, item in value.items() if item is not None}


def from_objects(objects: list[dict[str, Any]]) -> pa.StructArray:
    """Objects that are in Python already, as one struct array."""
    shape = Shape(members={})
    for item in objects:
        shape.see(item)
    return pa.array([*map(_fitter(shape), objects)], _never_empty(shape.type()))


class RowReader:
    """Reads answers of one kind; what it learns of their shape serves for those that follow.

    What a read gives does not depend on which answers were read before, but for columns that hold
    nothing. Safe to use from several threads.
    """

    def __init__(self) -> None:
        self._shape = Shape(members={})
        self._strict: tuple[pa.Schema, str] | None = None
        self._lock = threading.Lock()

    def read(self, raw: bytes, name: str) -> pa.StructArray:
        """The rows of `{"result": [...], ...}`, or of a bare array, one struct each.

        Raises: NotUnderstood if there is no array of objects, or a key stands in one twice.
        """
        return self.page(pa.py_buffer(raw), name)[0]

    def page(self, raw: pa.Buffer, name: str) -> tuple[pa.StructArray, dict[str, Any]]:
        """The rows as `read` gives them, and the members that stand beside them."""
        if json_text.first_byte(raw) == b"[":
            array = json_text.without_mark(raw).to_pybytes()
            raw = pa.py_buffer(b'{"result":' + array + b"}")
        if not json_text.arrow_may_read(raw):
            return self._slow(raw.to_pybytes(), name)
        found = self._quick(raw)
        for seen in _to_learn_from(raw):
            if found is None and not self._shape.has_mixed and self._learn(seen):
                found = self._quick(raw)
        return self._slow(raw.to_pybytes(), name) if found is None else found

    def _quick(self, raw: pa.Buffer) -> tuple[pa.StructArray, dict[str, Any]] | None:
        """By the shape known so far; null if it has another, or is no JSON."""
        if self._strict is None:
            return None
        try:
            return _read_strictly(raw, *self._strict)
        except pa.ArrowInvalid:
            return None

    def _learn(self, raw: pa.Buffer) -> bool:
        """Let Arrow look for the shape; false if that does not help: values of several kinds.

        Nor does it if answers are nested deeper than any may be, which would cost Arrow memory.
        """
        if _seems_deep(raw):
            return False
        try:
            seen = pj.read_json(pa.BufferReader(raw), _one_block(raw), _ANY).schema
        except pa.ArrowInvalid:
            return False
        keys = [name for name in seen.names if name.casefold() == _RESULT]
        if len(keys) != 1 or _is_deep(pa.struct(list(seen))):
            return False
        with self._lock:
            self._shape.see_type(pa.struct(list(seen)))
            self._strict = None if self._shape.has_mixed else (_schema(self._shape), keys[0])
        return self._strict is not None

    def _slow(self, raw: bytes, name: str) -> tuple[pa.StructArray, dict[str, Any]]:
        """By way of Python, where values of several kinds are told apart."""
        page = answers.parsed(raw, name)
        answers.refuse_depth(page, raw, name)
        key, rows = rows_of(page, raw, name)
        beside = {member: value for member, value in page.items() if member != key}
        if not rows:
            return pa.array([], pa.struct([])), beside
        for _ in range(2):
            with self._lock:
                schema, fit = _schema(self._shape), _fitter(self._shape)
            try:
                fitted = pa.py_buffer(json.dumps(fit(page)).encode())
                return _read_strictly(fitted, schema, key)[0], beside
            except pa.ArrowInvalid:
                # Something that no page before had; look at all of this one.
                self._see(page, key)
        raise answers.refused(name, raw, "it has no form that a table can hold")

    def _see(self, page: Any, key: str) -> None:
        with self._lock:
            self._shape.see(page)
            self._strict = None if self._shape.has_mixed else (_schema(self._shape), key)


def content(path: Path, name: str) -> pa.Buffer:
    """As `answers.plain`, where the file lies if it is neither packed nor marked."""
    if not path.stat().st_size:
        return pa.py_buffer(b"")
    with pa.memory_map(str(path)) as file:
        raw = file.read_buffer()
    if raw[:_START].to_pybytes().startswith((answers.GZIP, answers.BOM)):
        return pa.py_buffer(answers.plain(path, name))
    return raw


def rows_of(page: Any, raw: bytes, name: str) -> tuple[str, list[dict[str, Any]]]:
    """The key and the rows of a page. Raises: NotUnderstood if it has none, or a row is no object.

    The contract's key is `result`; its case may differ.
    """
    keys = [key for key in page if key.casefold() == _RESULT] if isinstance(page, dict) else []
    if len(keys) != 1 or not isinstance(page[keys[0]], list):
        raise answers.refused(name, raw, "it has no array 'result'")
    if not all(isinstance(row, dict) for row in page[keys[0]]):
        raise answers.refused(name, raw, "a row of 'result' is no object")
    return keys[0], page[keys[0]]


def _schema(shape: Shape) -> pa.Schema:
    return pa.schema([(key, item.type()) for key, item in (shape.members or {}).items()])


def _read_strictly(
    raw: pa.Buffer, schema: pa.Schema, key: str
) -> tuple[pa.StructArray, dict[str, Any]]:
    """One answer is one row of one block.

    Where it stands in one line Arrow need not first find out where it ends, so its bytes are passed
    over once. Whether it does is guessed by its start; a wrong guess is no JSON, and read again.
    """
    is_line = b"\n" not in raw[:_START].to_pybytes()
    try:
        table = _table(raw, schema, is_line=is_line)
    except pa.ArrowInvalid:
        if not is_line:
            raise
        table = _table(raw, schema, is_line=False)
    results = table.column(key).combine_chunks()
    if table.num_rows != 1 or results.null_count or not _holds_objects(results.type):
        raise pa.ArrowInvalid("not one page with rows")
    rows = results.flatten()
    if rows.null_count:
        raise pa.ArrowInvalid("a row that is no object")
    return rows, {name: table.column(name)[0].as_py() for name in table.column_names if name != key}


def _table(raw: pa.Buffer, schema: pa.Schema, *, is_line: bool) -> pa.Table:
    options = pj.ParseOptions(
        explicit_schema=schema,
        newlines_in_values=not is_line,
        unexpected_field_behavior="error",
    )
    return pj.read_json(pa.BufferReader(raw), _one_block(raw), options)


def _holds_objects(type_: pa.DataType) -> bool:
    return bool(pa.types.is_list(type_) and pa.types.is_struct(type_.value_type))


def _seems_deep(raw: pa.Buffer) -> bool:
    """Whether more brackets are open somewhere than levels are allowed, those in texts counted."""
    letters = np.frombuffer(raw, np.uint8)
    # [ and { differ by one bit, as do ] and }.
    folded = letters | _FOLD
    brackets = folded[(folded == _OPEN) | (folded == _CLOSE)]
    steps = np.where(brackets == _OPEN, 1, -1)
    return len(steps) > 0 and int(np.cumsum(steps).max()) > answers.DEEPEST


def _is_deep(type_: pa.DataType) -> bool:
    """Whether values of the type are those that `answers.refuse_depth` refuses."""
    level = [type_]
    for _ in range(answers.DEEPEST):
        level = [inner for outer in level for inner in _within(outer)]
    return bool(level)


def _within(type_: pa.DataType) -> list[pa.DataType]:
    if pa.types.is_struct(type_):
        return [field.type for field in type_]
    return [type_.value_type] if pa.types.is_list(type_) else []


def _to_learn_from(raw: pa.Buffer) -> Iterator[pa.Buffer]:
    """The first rows of a long answer, which mostly have all that the others have; then it all.

    Where these rows end is guessed: what comes may be no JSON, and teaches nothing then.
    """
    if len(raw) > _FIRST_ROWS:
        start = raw[:_FIRST_ROWS].to_pybytes()
        yield pa.py_buffer(start[: start.rfind(b"},{") + 1] + b"]}")
    yield raw


def _one_block(raw: pa.Buffer) -> pj.ReadOptions:
    return pj.ReadOptions(block_size=len(raw) + 1, use_threads=False)


def _never_empty(type_: pa.DataType) -> pa.DataType:
    return pa.struct([]) if pa.types.is_null(type_) else type_
