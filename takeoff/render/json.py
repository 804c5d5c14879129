"""A list of flat JSON objects, one a line, under the column names; provenance in a file beside it.

Numbers have all their digits, unknown is null, times are ISO 8601 text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pyarrow as pa

from takeoff.core.errors import InputRefused
from takeoff.core.plain import as_json, is_number, json_text, texts
from takeoff.core.progress import Progress
from takeoff.core.results import Result
from takeoff.render import QUIET, Target, write_text

NEEDS_FILE = False
HOLDS_EVIDENCE = False

ROWS_AT_ONCE = 10_000

# Legal in JSON as they are, but a terminal may obey them and JavaScript may end a line at them.
_OBEYED = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def write(result: Result, target: Target, *, raw: bool = False, progress: Progress = QUIET) -> None:
    """All rows, in order.

    Raises: InputRefused if two columns have one name, as an object could keep only one of them.
    """
    names = [column.name for column in result.columns]
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise InputRefused(
            f"Two columns are called {twice[0]!r}, which JSON cannot hold; rename one with AS."
        )
    write_text(result, target, _lines(result, names), sidecar={})


def _lines(result: Result, names: list[str]) -> Iterator[str]:
    keys = [f"{_escaped(json_text(name))}: " for name in names]
    yield "["
    separator = "\n"
    for start in range(0, result.table.num_rows, ROWS_AT_ONCE):
        part = result.table.slice(start, ROWS_AT_ONCE)
        columns = [_values(part.column(i)) for i in range(part.num_columns)]
        for row in zip(*columns, strict=True):
            members = ", ".join(key + value for key, value in zip(keys, row, strict=True))
            yield f"{separator}{{{members}}}"
            separator = ",\n"
    yield "]\n" if separator == "\n" else "\n]\n"


def _values(column: pa.ChunkedArray) -> list[str]:
    if is_number(column.type):
        return [text or "null" for text in texts(column)]
    if pa.types.is_boolean(column.type) or pa.types.is_nested(column.type):
        return [_escaped(as_json(value)) for value in column.to_pylist()]
    return ["null" if text is None else _escaped(json_text(text)) for text in texts(column)]


def _escaped(text: str) -> str:
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
