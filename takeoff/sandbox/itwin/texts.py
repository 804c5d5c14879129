"""Tables as text, a column at a time: CSV for partitions, JSON for pages of the feed."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from takeoff.sandbox.switches import Switches

_BOM = b"\xef\xbb\xbf"
_SPECIAL = r'[",\r\n]'
_ENCODER = json.JSONEncoder(ensure_ascii=False)


@dataclass(frozen=True)
class CsvStyle:
    """How a partition is written: RFC 4180, where the contract leaves it open as the switches say.

    `null` is the text of a null; an empty text is always quoted.
    """

    has_names: bool
    null: str
    quotes_all: bool
    line_end: str
    has_bom: bool

    @classmethod
    def of(cls, switches: Switches) -> CsvStyle:
        return cls(
            switches["itwin_csv_header"] == "yes",
            {"empty": "", "quoted": '""', "null": "null"}[switches["itwin_csv_null"]],
            switches["itwin_csv_quotes"] == "all",
            {"lf": "\n", "crlf": "\r\n"}[switches["itwin_csv_lines"]],
            switches["itwin_csv_bom"] == "yes",
        )


def csv(table: pa.Table, style: CsvStyle) -> bytes:
    """The rows of a table, each line ended."""
    lines: list[str] = []
    if style.has_names:
        names = _quoted(pa.array(table.column_names, pa.string()), style.quotes_all)
        lines.append(",".join(names.to_pylist()))
    if table.num_rows:
        cells = [_cells(_whole(column), style) for column in table.columns]
        lines += pc.binary_join_element_wise(*cells, ",").to_pylist()
    text = "".join(f"{line}{style.line_end}" for line in lines)
    return (_BOM if style.has_bom else b"") + text.encode()


def json_rows(table: pa.Table, *, numbers_as_text: bool) -> bytes:
    """The rows of a table as JSON objects with commas between them."""
    if not table.num_rows:
        return b""
    members = [
        pc.binary_join_element_wise(
            f"{_ENCODER.encode(name)}:", _json(_whole(column), numbers_as_text), ""
        )
        for name, column in zip(table.column_names, table.columns, strict=True)
    ]
    objects = pc.binary_join_element_wise(*members, ",")
    return ("{" + "},{".join(objects.to_pylist()) + "}").encode()


def _cells(column: pa.Array, style: CsvStyle) -> pa.Array:
    if pa.types.is_string(column.type):
        encoded = column.dictionary_encode()
        texts = _quoted(encoded.dictionary, style.quotes_all).take(encoded.indices)
    else:
        texts = pc.cast(column, pa.string())
    return pc.fill_null(texts, style.null)


def _quoted(texts: pa.Array, quotes_all: bool) -> pa.Array:
    doubled = pc.replace_substring(texts, '"', '""')
    quoted = pc.binary_join_element_wise('"', doubled, '"', "")
    if quotes_all:
        return quoted
    needs = pc.or_(pc.match_substring_regex(texts, _SPECIAL), pc.equal(texts, ""))
    return pc.if_else(needs, quoted, texts)


def _json(column: pa.Array, numbers_as_text: bool) -> pa.Array:
    """Each value as JSON. Arrow writes a double by the shortest text that reads back as it."""
    if pa.types.is_string(column.type):
        encoded = column.dictionary_encode()
        escaped = [_ENCODER.encode(text) for text in encoded.dictionary.to_pylist()]
        texts = pa.array(escaped, pa.string()).take(encoded.indices)
    else:
        texts = pc.cast(column, pa.string())
        if numbers_as_text and not pa.types.is_boolean(column.type):
            texts = pc.binary_join_element_wise('"', texts, '"', "")
    return pc.fill_null(texts, "null")


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
