"""A file of rows in DuckDB, of an index or a diff: written out as lines, counted, and queried."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from takeoff.engines.bars import hide_progress_bar
from takeoff.sandbox.autodesk.parameters import Field
from takeoff.sandbox.autodesk.query import Selected
from takeoff.sandbox.autodesk.query_words import Column
from takeoff.sandbox.autodesk.row_sql import ION, ION_DECIMAL
from takeoff.sandbox.autodesk.switches import Spelling

_LINES = 5_000


def connection() -> duckdb.DuckDBPyConnection:
    """A database of its own in memory, which reads no file and knows how Ion writes numbers."""
    made = duckdb.connect(":memory:", config={"threads": "2", "temp_directory": ""})
    hide_progress_bar(made)
    made.execute("set TimeZone = 'UTC'")
    made.execute("set python_enable_replacements = false")
    made.execute("set enable_external_access = false")
    made.execute(ION)
    made.execute(ION_DECIMAL)
    return made


class RowFile:
    """The rows of one index or diff, in the table `rows`, with the fields that they use.

    `columns` are what a query may name, `line` makes the SQL of one row as JSON from a spelling and
    whether numbers are Ion's. Safe to share by threads.
    """

    def __init__(
        self,
        database: duckdb.DuckDBPyConnection,
        fields: Mapping[str, Field],
        columns: Mapping[str, Column],
    ) -> None:
        self.fields = fields
        self.columns = columns
        self._database = database
        self._lock = threading.Lock()

    def __len__(self) -> int:
        [count] = self._ask("select count(*) from rows")
        return int(count[0])

    def text(self, line: str, params: Mapping[str, Any] | None = None) -> bytes:
        """All rows, one a line; `line` is SQL of ours over `rows s`."""
        return self._lines(f"select {line} from rows s order by s.row_no", params)

    def count(self, selected: Selected) -> int:
        """Rows that meet the condition."""
        [count] = self._ask(
            f"select count(*) from rows s where {selected.condition}", selected.params
        )
        return int(count[0])

    def result(self, selected: Selected, line: str) -> bytes:
        """The lines of a query's result; `line` is for whole rows.

        Raises: duckdb.Error if it cannot be worked out.
        """
        shown = line if selected.line is None else selected.line
        order = "" if selected.is_aggregate else "order by s.row_no"
        asked = f"select {shown} from rows s where {selected.condition} {order}"
        return self._lines(asked, {**selected.params, **selected.line_params})

    def fields_text(self) -> bytes:
        """The file of fields: one a line."""
        lines = (
            {
                "key": key,
                "category": field.category,
                "type": field.type,
                "name": field.name,
                "uom": field.uom,
            }
            for key, field in self.fields.items()
        )
        return "".join(
            json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines
        ).encode()

    def rows(self, statement: str) -> Sequence[tuple[Any, ...]]:
        """Rows of a query of ours."""
        return self._ask(statement)

    def arrow(self, statement: str) -> Any:
        """The same as an Arrow table."""
        with self._cursor() as cursor:
            return cursor.sql(statement).to_arrow_table()

    def close(self) -> None:
        self._database.close()

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        with self._lock:
            return self._database.cursor()

    def _ask(self, statement: str, params: Mapping[str, Any] | None = None) -> list[Any]:
        with self._cursor() as cursor:
            return cursor.execute(statement, dict(params or {})).fetchall()

    def _lines(self, statement: str, params: Mapping[str, Any] | None) -> bytes:
        parts: list[bytes] = []
        with self._cursor() as cursor:
            cursor.execute(statement, dict(params or {}))
            while lines := cursor.fetchmany(_LINES):
                parts.append("".join(f"{line}\n" for (line,) in lines).encode())
        return b"".join(parts)


def line(members: Sequence[tuple[str, str]]) -> str:
    """SQL for a JSON object of (key, SQL that makes JSON or null); null leaves the key out."""
    parts = [f"""'"{key}":' || {made}""" for key, made in members]
    return "'{' || concat_ws(',', " + ", ".join(parts) + ") || '}'"


def text_json(column: str) -> str:
    """SQL of a text column as JSON."""
    return f"cast(to_json({column}) as varchar)"


def number_json(column: str, spelling: Spelling) -> str:
    """SQL of a whole number as JSON, quoted if so spelled."""
    made = f"cast({column} as varchar)"
    return f"'\"' || {made} || '\"'" if spelling.numbers == "quoted" else made


def extent(spelling: Spelling, is_ion: bool, prefix: str = "s.") -> list[tuple[str, str]]:
    """The members that say where a row's body is; its columns' names begin with `prefix`."""
    each = [
        (corner, [_coordinate(f"{prefix}{corner}_{axis}", is_ion) for axis in "xyz"])
        for corner in ("min", "max")
    ]
    arrays = {corner: "'[' || " + " || ',' || ".join(made) + " || ']'" for corner, made in each}
    if spelling.bbox == "none":
        return []
    if spelling.bbox == "bbox":
        both = "'{\"min\":' || " + arrays["min"] + " || ',\"max\":' || " + arrays["max"] + " || '}'"
        return [("bbox", both)]
    if spelling.bbox == "arrays":
        return [("bboxMin", arrays["min"]), ("bboxMax", arrays["max"])]
    return [(f"bbox{corner.capitalize()}", _point(made, ("x", "y", "z"))) for corner, made in each]


def extent_columns(path: str, prefix: str) -> dict[str, Column]:
    """What queries may name of an extent: whole, its corners, and their numbers."""
    columns = {
        f"{path}bbox{corner.capitalize()}.{axis}": Column(f"{prefix}{corner}_{axis}", "number")
        for corner in ("min", "max")
        for axis in "xyz"
    }
    for form in ("bbox", "points"):
        members = extent(Spelling(form, "", "", ""), True, prefix)
        columns |= {f"{path}{key}": Column(made, "json") for key, made in members}
    return columns


def _point(made: Sequence[str], axes: Sequence[str]) -> str:
    members = [f"""'"{axis}":' || {one}""" for axis, one in zip(axes, made, strict=True)]
    return "'{' || " + " || ',' || ".join(members) + " || '}'"


def _coordinate(column: str, is_ion: bool) -> str:
    return f"ion({column})" if is_ion else f"cast({column} as varchar)"
