"""Pages of a feed: JSON rows, typed as the feed's metadata declares its columns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import json as pjson

from takeoff.core import json_text
from takeoff.core.plain import as_json
from takeoff.vendors.itwin import answers

NUMBER, FLAG, TEXT = "number", "flag", "text"
# CDM data types and Edm types; all others are text.
KINDS = {
    "int64": NUMBER,
    "double": NUMBER,
    "decimal": NUMBER,
    "boolean": FLAG,
    "edm.double": NUMBER,
    "edm.single": NUMBER,
    "edm.decimal": NUMBER,
    "edm.int16": NUMBER,
    "edm.int32": NUMBER,
    "edm.int64": NUMBER,
    "edm.byte": NUMBER,
    "edm.sbyte": NUMBER,
    "edm.boolean": FLAG,
}
WHOLE = ("int64", "edm.int16", "edm.int32", "edm.int64", "edm.byte", "edm.sbyte")

_ARROW = {NUMBER: pa.float64(), FLAG: pa.bool_(), TEXT: pa.string()}
# Arrow's reader would cut their digits to those of a double.
_EXACT = ("edm.decimal",)
_OWN = [("@odata.context", pa.string()), ("@odata.nextLink", pa.string())]


def page(path: Path, name: str, columns: Sequence[tuple[str, str]]) -> dict[str, pa.Array]:
    """The rows of a page by column; `columns` are (name, type) as the metadata declares them.

    A value of another type than declared makes its column text, with the value as JSON writes it.
    A column that is not declared comes last, as text.
    Raises: NotUnderstood if it is no page of rows.
    """
    raw = path.read_bytes()
    found = _typed(raw, columns)
    return _as_text(raw, name, columns) if found is None else found


def _typed(raw: bytes, columns: Sequence[tuple[str, str]]) -> dict[str, pa.Array] | None:
    """By Arrow; null if anything is not as declared."""
    is_exact = any(declared.casefold() in _EXACT for _, declared in columns)
    if is_exact or not json_text.arrow_may_read(pa.py_buffer(raw)):
        return None
    row = pa.struct([(column, _arrow_type(declared)) for column, declared in columns])
    schema = pa.schema([*_OWN, ("value", pa.list_(row))])
    options = pjson.ParseOptions(
        explicit_schema=schema, newlines_in_values=True, unexpected_field_behavior="error"
    )
    block = pjson.ReadOptions(block_size=len(raw) + 1, use_threads=False)
    try:
        table = pjson.read_json(pa.BufferReader(raw), block, options)
    except pa.ArrowInvalid:
        return None
    value = table.column("value").combine_chunks()
    if table.num_rows != 1 or value.null_count:
        return None
    rows = value.flatten()
    if rows.null_count:
        return None
    return {column: rows.field(place) for place, (column, _) in enumerate(columns)}


def _as_text(raw: bytes, name: str, columns: Sequence[tuple[str, str]]) -> dict[str, pa.Array]:
    items = answers.objects(answers.parsed(raw, name, exact=True), "value", name)
    declared = [column for column, _ in columns]
    keys = {key for item in items for key in item if not key.startswith("@odata.")}
    return {
        column: pa.array([_text(item.get(column)) for item in items], pa.string())
        for column in [*declared, *sorted(keys - set(declared))]
    }


def _arrow_type(declared: str) -> pa.DataType:
    """Whole numbers stay whole: a double would round those beyond 2**53."""
    word = declared.casefold()
    return pa.int64() if word in WHOLE else _ARROW[KINDS.get(word, TEXT)]


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value or None
    return as_json(value)
