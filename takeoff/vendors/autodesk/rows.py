"""Reads a file of rows, one JSON object a line, in batches of columns; the properties as lists.

There are thousands of property keys and each row has some of them, so that they are no columns.
DuckDB reads the lines: it takes numbers as JSON has them, also those of other JSON writers, and
text as UTF-8.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from takeoff.core.errors import NotUnderstood
from takeoff.engines.bars import hide_progress_bar
from takeoff.vendors.autodesk.answers import refused
from takeoff.vendors.longs import Indices

ROWS_PER_BATCH = 4_000
_MEMORY = "1GB"
_THREADS = 2
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

# Ids as text: they are opaque, and some look like numbers in exponent form.
_COLUMNS = {
    "svf2Id": "VARCHAR",
    "lmvId": "VARCHAR",
    "externalId": "VARCHAR",
    "views": "VARCHAR[]",
    "props": "JSON",
    "propsIgnored": "JSON",
}
_DIFF_COLUMNS = {**_COLUMNS, "type": "VARCHAR", "prev": "JSON"}


@dataclass(frozen=True)
class Pairs:
    """The keys and values of rows: `element` is the row that each stands in, ascending.

    `values` are JSON texts; a member that is null is not among them.
    """

    element: Indices
    keys: pa.Array
    values: pa.Array


class Rows:
    """One file of rows. `work` is a folder for what does not fit into memory."""

    def __init__(self, path: Path, name: str, work: Path) -> None:
        self._path, self._name, self._work = path, name, work

    def heads(self, keys: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """svf2Id, lmvId, externalId, the number of views, and `values`: a list, one text per key.

        Text comes without quotes. Raises: NotUnderstood.
        """
        pointers = [_pointer(key) for key in keys]
        found = (
            "json_extract_string(props, $pointers), json_extract_string(propsIgnored, $pointers)"
        )
        query = f"""
            select svf2Id, lmvId, externalId, coalesce(len(views), 0)::integer as views, {found}
            from {self._lines(_COLUMNS)}
        """
        for batch in self._batches(query, pointers):
            yield batch.rename_columns(
                ["svf2Id", "lmvId", "externalId", "views", "props", "ignored"]
            )

    def pairs(self) -> Iterator[tuple[int, Pairs]]:
        """(number of rows, their keys and values), batch by batch. Raises: NotUnderstood."""
        query = f"""
            select
                list_concat(json_keys(props), json_keys(propsIgnored)) as keys,
                list_concat(
                    json_extract(props, '$.*'), json_extract(propsIgnored, '$.*')
                ) as values,
            from {self._lines(_COLUMNS)}
        """
        for batch in self._batches(query):
            yield len(batch), _pairs(batch.column("keys"), batch.column("values"))

    def changes(self) -> Iterator[pa.RecordBatch]:
        """externalId, type, and the `keys` of the properties that differ. Raises: NotUnderstood."""
        query = f"""
            select externalId, type, json_keys(prev, '/props') as keys
            from {self._lines(_DIFF_COLUMNS)}
        """
        yield from self._batches(query)

    def _lines(self, columns: dict[str, str]) -> str:
        described = ", ".join(f"{name}: '{type_}'" for name, type_ in columns.items())
        return f"""
            read_json(
                $path,
                format = 'newline_delimited',
                columns = {{{described}}},
                compression = 'uncompressed'
            )
        """

    def _batches(self, query: str, pointers: Sequence[str] = ()) -> Iterator[pa.RecordBatch]:
        plain = _without_mark(self._path, self._work)
        if not plain.stat().st_size:
            return
        params = {"path": str(plain)} | ({"pointers": list(pointers)} if pointers else {})
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": _MEMORY,
            "threads": _THREADS,
            "temp_directory": str(self._work / "duckdb"),
            "arrow_lossless_conversion": False,
        }
        try:
            with duckdb.connect(config=config) as connection:
                hide_progress_bar(connection)
                found = connection.sql(query, params=params)
                yield from found.to_arrow_reader(ROWS_PER_BATCH)
        # What DuckDB says after the first rows, Arrow raises as an error of its own.
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            why = str(error).splitlines()[0]
            raise refused(
                self._name, _start(plain), f"it cannot be read as lines of JSON ({why})"
            ) from error


def _pairs(keys: pa.ListArray, values: pa.ListArray) -> Pairs:
    lengths = np.diff(keys.offsets.to_numpy())
    element = np.repeat(np.arange(len(keys)), lengths)
    flat_keys, flat_values = keys.flatten(), values.flatten()
    if len(flat_keys) != len(flat_values):
        raise NotUnderstood("A row of Autodesk's properties has keys without values.")
    return Pairs(element, flat_keys, flat_values)


def _pointer(key: str) -> str:
    """The key as a JSON pointer."""
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _without_mark(path: Path, work: Path) -> Path:
    """The file, without a byte order mark."""
    with path.open("rb") as file:
        if file.read(len(_BYTE_ORDER_MARK)) != _BYTE_ORDER_MARK:
            return path
        plain = work / f"{path.name}-without-mark"
        with plain.open("wb") as target:
            while piece := file.read(1 << 20):
                target.write(piece)
    return plain


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(1_000)
