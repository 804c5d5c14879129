"""From lists of objects to long values: one row for each attribute of each object, by DuckDB.

Contract 6.4: `attributes` holds groups, a group holds attributes by key; an attribute is a plain
value, or an object that defines it and has the `value` in it. A group may be missing around them,
or hold groups itself. Keys of definitions are found whatever their case.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from takeoff.core.refs import Document
from takeoff.vendors.bimplus import answers, queries
from takeoff.vendors.bimplus.glance import WRAPPERS
from takeoff.vendors.bimplus.queries import Spellings

_ROWS_AT_ONCE = 20_000
_BYTES_AT_ONCE = 4 * 1024 * 1024


@dataclass(frozen=True)
class Slice:
    """Some rows of a list. `ids` in lower case and `names` are one a row, the first being row
    `first`; `group_texts` is the JSON object that says what groups are called.

    `values` has the columns of the query above, ordered by `row_no`, which counts in the whole
    list.
    """

    first: int
    ids: pa.Array
    names: pa.Array
    group_texts: pa.Array
    values: pa.Table

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Calculated:
    """The values of one attribute: the objects' ids in lower case, each value as a number or else
    as text, and its place among all values of the answer.
    """

    attribute_id: str
    ids: pa.Array
    numbers: pa.Array
    texts: pa.Array
    rows: pa.Array


def together(documents: Sequence[Document]) -> Iterator[list[Document]]:
    """Lists in their order, small ones with their neighbours: each reading has its costs."""
    several: list[Document] = []
    size = 0
    for document in documents:
        own = document.path.stat().st_size
        if several and size + own > _BYTES_AT_ONCE:
            yield several
            several, size = [], 0
        several.append(document)
        size += own
    if several:
        yield several


class Objects:
    """Reads lists of objects. `work` takes what does not fit in memory."""

    def __init__(self, work: Path) -> None:
        self._work = work
        self._con = duckdb.connect()
        self._con.execute("set temp_directory = $folder", {"folder": str(work)})

    def close(self) -> None:
        """Free what was read."""
        self._con.close()

    def read(self, documents: Sequence[Document]) -> Iterator[tuple[Document, Slice]]:
        """The rows of these lists, in order; small lists are best read `together`.

        Raises: NotUnderstood if one is no list of objects.
        """
        try:
            firsts = self._load(documents)
            # Of several lists all rows are one piece, so that none was given out if it fails.
            most = _ROWS_AT_ONCE if len(documents) == 1 else max(firsts[-1], 1)
            for first in range(0, firsts[-1], most):
                yield from self._cut(first, min(first + most, firsts[-1]), documents, firsts)
        except duckdb.Error as error:
            if len(documents) > 1:
                for document in documents:
                    yield from self.read([document])
                return
            [alone] = documents
            said = str(error).splitlines()[0]
            raise answers.refused(
                alone.name, answers.plain(alone.path), f"it is no list of objects ({said})"
            ) from error

    def calculated(self, path: Path, name: str) -> Iterator[Calculated]:
        """Attribute id -> object id -> value, one attribute after the other, in order.

        Raises: NotUnderstood if it is not of this form.
        """
        raw = answers.plain(path)
        values = answers.parsed(raw, name)
        if not isinstance(values, dict) or not all(isinstance(v, dict) for v in values.values()):
            raise answers.refused(name, raw, "it is no map of attributes to objects")
        try:
            self._con.execute(queries.CALCULATED, {"answer": raw.decode("utf-8")})
            found = self._con.execute(
                "select attribute_no, any_value(attribute_id) from calculated group by 1 order by 1"
            )
            for attribute_no, attribute_id in found.fetchall():
                values = self._con.sql(
                    "select object_id, number, text, row_no from calculated "
                    "where attribute_no = $no order by row_no",
                    params={"no": attribute_no},
                ).to_arrow_table()
                columns = (values.column(at).combine_chunks() for at in range(4))
                yield Calculated(attribute_id, *columns)
        except duckdb.Error as error:
            said = str(error).splitlines()[0]
            raise answers.refused(name, raw, f"it is no map of maps ({said})") from error

    def _load(self, documents: Sequence[Document]) -> list[int]:
        """Where the rows of each list begin among all rows, and last how many these are."""
        self._con.execute("create or replace temp table objects (row_no bigint, object json)")
        firsts = [0]
        for document in documents:
            with self._plain(document) as path:
                [(count,)] = self._con.execute(
                    """
                    insert into objects
                    select row_number() over () - 1 + $first, json
                    from read_json_objects($path, format = 'array', compression = 'uncompressed')
                    """,
                    {"path": _literal(path), "first": firsts[-1]},
                ).fetchall()
            firsts.append(firsts[-1] + int(count))
        found = self._con.execute("select distinct unnest(json_keys(object)) from objects")
        self._spellings = Spellings([key for (key,) in found.fetchall()])
        return firsts

    @contextmanager
    def _plain(self, document: Document) -> Iterator[Path]:
        """A file that holds the bare array: the answer itself if it does."""
        with document.path.open("rb") as file:
            is_bare = file.read(1) == b"["
        if is_bare:
            yield document.path
            return
        raw = answers.plain(document.path)
        if not raw.startswith(b"["):
            items = answers.listed(answers.parsed(raw, document.name), *WRAPPERS)
            if items is None:
                raise answers.refused(document.name, raw, "it is no list of objects")
            raw = json.dumps(items).encode()
        plain = self._work / "objects.json"
        plain.write_bytes(raw)
        try:
            yield plain
        finally:
            plain.unlink(missing_ok=True)

    def _cut(
        self, first: int, end: int, documents: Sequence[Document], firsts: Sequence[int]
    ) -> Iterator[tuple[Document, Slice]]:
        """These rows, each list's by themselves."""
        top, values = self._rows(first, end)
        row_nos = values.column("row_no").to_numpy()
        for document, begins, ends in zip(documents, firsts, firsts[1:], strict=False):
            start, stop = max(first, begins), min(end, ends)
            if start >= stop:
                continue
            of_list = top.slice(start - first, stop - start)
            at, until = np.searchsorted(row_nos, (start, stop)).tolist()
            own = values.slice(at, until - at)
            own = own.set_column(0, "row_no", pc.subtract(own.column(0), begins))
            ids, names, group_texts = (of_list.column(at).combine_chunks() for at in range(3))
            yield document, Slice(start - begins, ids, names, group_texts, own)

    def _rows(self, first: int, end: int) -> tuple[pa.Table, pa.Table]:
        """What stands at the top of these rows' objects, and the values of their attributes."""
        at = {"first": first, "last": end - 1}
        top = self._con.sql(
            f"""
            select
                lower({self._spellings.text("object", "id")}) as id,
                {self._spellings.text("object", "name")} as name,
                {self._spellings.text("object", "localizedattributegroups")} as group_texts
            from objects
            where row_no between $first and $last
            order by row_no
            """,
            params=at,
        ).to_arrow_table()
        attributes = self._spellings.json("object", "attributes")
        self._con.execute(queries.ARRANGED.format(attributes=attributes), at)
        self._refuse_others()
        self._con.execute(queries.GROUPS)
        self._con.execute(queries.ATTRIBUTES)
        keys = self._keys("attributes")
        self._con.execute(queries.nested(Spellings(keys)))
        keys = sorted({*keys, *self._keys("nested")})
        return top, self._con.sql(queries.values(Spellings(keys))).to_arrow_table()

    def _refuse_others(self) -> None:
        """Raises: duckdb.InvalidInputException if the attributes of some object are no object."""
        odd = self._con.execute(queries.ODD).fetchall()
        if odd:
            raise duckdb.InvalidInputException(f"the attributes of its row {odd[0][0]} are none")

    def _keys(self, table: str) -> list[str]:
        found = self._con.execute(queries.KEYS.format(table=table)).fetchall()
        return [key for (key,) in found]


def _literal(path: Path) -> str:
    """The path with what DuckDB would take for a pattern taken literally."""
    return "".join(f"[{char}]" if char in "*?[" else char for char in str(path))
