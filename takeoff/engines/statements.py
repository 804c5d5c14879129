"""The statements that make a session: an engine runs them, a script of views holds them.

All of them replace what is there, so that a script can be loaded again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import TypeAlias

import pyarrow as pa

from takeoff.core.refs import DataFile, Snapshot
from takeoff.core.tables import SNAPSHOTS, Table
from takeoff.engines.rule_tables import RULE_TABLES
from takeoff.lake.compaction import Rows

BASES = ("authored", "vendor_calculated", "computed", "derived")
# An old and a new snapshot, or a first and another source.
Pair: TypeAlias = tuple[Snapshot, Snapshot]
Value: TypeAlias = str | int | bool | datetime | None

_CONTROLS = re.compile("[\x00-\x1f]")
_SQL_TYPES = {
    pa.string(): "varchar",
    pa.int32(): "integer",
    pa.int64(): "bigint",
    pa.float64(): "double",
    pa.bool_(): "boolean",
    pa.timestamp("us", tz="UTC"): "timestamptz",
}

# Filled by `query` within its own transaction, so that questions asked at once do not mix.
_SESSION = """
create or replace table basis_asked (basis varchar, place integer);
create or replace table quantities_asked (quantity varchar);
create or replace table classes_asked (ifc_class varchar);
create or replace table storeys_asked (storey_name varchar);
create or replace table basis_default (basis varchar, place integer);
create or replace table compared_pairs (
    pair_no integer, old_snapshot_id varchar, new_snapshot_id varchar
);
create or replace table building_models (
    building varchar, snapshot_id varchar, is_preferred boolean
);
create or replace table expected_quantities (
    ifc_class varchar, place integer, quantities varchar, quantity varchar, is_first boolean
);
create or replace table doubted_figures (
    snapshot_id varchar,
    element_no integer,
    element_id varchar,
    quantity varchar,
    kind varchar,
    unit varchar,
    is_derived boolean
);
create or replace table doubted_elements (snapshot_id varchar, element_no integer);
create or replace table explained_elements (snapshot_id varchar, element_no integer);
create or replace table valued_elements (
    snapshot_id varchar,
    element_no integer,
    quantity varchar,
    unit varchar,
    value_exact decimal(32, 12)
);
create or replace table audit_findings (
    check_name varchar,
    severity varchar,
    snapshot_id varchar,
    element_no integer,
    quantity varchar,
    suspected_exact decimal(32, 12)
);
"""
BASIS_ORDER = """
select basis, place from basis_asked
union all
select basis, place from basis_default where not exists (select 1 from basis_asked)
"""


@dataclass(frozen=True)
class Member:
    """A snapshot that draws the `building`; elements of a preferred one count before others."""

    building: str
    snapshot: Snapshot
    is_preferred: bool


def session_tables(pairs: Sequence[Pair], buildings: Sequence[Member]) -> Iterator[str]:
    """The session's own tables with the rows of one that was asked nothing yet.

    `snapshots` and `selected_snapshots` are there, but empty.
    """
    yield _SESSION
    yield f"create or replace view basis_order as {BASIS_ORDER}"
    yield RULE_TABLES
    columns = ", ".join(f"{quoted(c.name)} {_sql_type(c.type)}" for c in SNAPSHOTS.columns)
    for name in ("snapshots", "selected_snapshots"):
        yield f"create or replace table {name} ({columns})"
    compared = [(old.snapshot_id, new.snapshot_id) for old, new in pairs]
    yield from rows_of("basis_default", [(basis, place) for place, basis in enumerate(BASES)])
    yield from rows_of("compared_pairs", [(no, *pair) for no, pair in enumerate(compared)])
    yield from rows_of(
        "building_models", [(m.building, m.snapshot.snapshot_id, m.is_preferred) for m in buildings]
    )


def rows_of(table: str, rows: Iterable[Sequence[Value]]) -> Iterator[str]:
    """The statement that puts these rows into a table of the session; none if there are none."""
    values = ",\n".join(f"({', '.join(literal(value) for value in row)})" for row in rows)
    if values:
        yield f"insert into {table} values\n{values}"


def lake_view(name: str, table: Table, rows: Rows, root: PurePath | str) -> str:
    """One of the lake's tables under this name, over an explicit list of files below `root`."""
    scans = []
    if rows.files:
        scans.append(_scan(table, rows.files, root))
    if rows.shared:
        scans.append(f"{_scan(table, rows.shared, root)} where {_of_shown(rows)}")
    return f"create or replace view {name} as {' union all '.join(scans) or _nothing(table)}"


def quoted(name: str) -> str:
    """A name as SQL reads it."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: Value) -> str:
    """A value as SQL reads it. Control characters are told by their numbers, in one line."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime):
        return f"timestamptz '{value.isoformat()}'"
    plain = value.replace("'", "''")
    return "'" + _CONTROLS.sub(lambda found: f"' || chr({ord(found[0])}) || '", plain) + "'"


def _scan(table: Table, files: Sequence[DataFile], root: PurePath | str) -> str:
    """Columns by name, files by name; a folder called `a=b` above the lake adds no column."""
    columns = ", ".join(quoted(column.name) for column in table.columns)
    listed = ", ".join(literal(f"{root}/{file.name}") for file in files)
    return f"select {columns} from read_parquet([{listed}], hive_partitioning = false)"


def _of_shown(rows: Rows) -> str:
    """That a row is of a snapshot that is shown, by the shorter of the lists."""
    ids, word = min((rows.shown, "in"), (rows.hidden, "not in"), key=lambda one: len(one[0]))
    return f"snapshot_id {word} ({', '.join(map(literal, ids))})"


def _nothing(table: Table) -> str:
    columns = (f"cast(null as {_sql_type(c.type)}) as {quoted(c.name)}" for c in table.columns)
    return f"select {', '.join(columns)} where false"


def _sql_type(type_: pa.DataType) -> str:
    if pa.types.is_decimal(type_):
        return f"decimal({type_.precision}, {type_.scale})"
    return _SQL_TYPES[type_]
