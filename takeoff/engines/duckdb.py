"""DuckDB over a lake: views on the committed Parquet files, and the one way to ask them.

An engine resolves the manifests once, when it is opened: later commits change nothing in its
answers. It can read the lake's data folder and nothing else, and it cannot write. Works with
DuckDB 1.5 and 2; nothing is used that only one of them has.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import threading
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import duckdb
import pyarrow as pa

from takeoff.core.errors import InputRefused, LakeUnusable
from takeoff.core.refs import Snapshot
from takeoff.core.tables import SNAPSHOTS, TABLES, Table
from takeoff.engines import guard
from takeoff.engines.bars import hide_progress_bar
from takeoff.engines.rule_tables import RULE_TABLES
from takeoff.engines.views import View, in_order, needed, read_views, tables_in, with_views
from takeoff.lake.layout import Layout
from takeoff.lake.reader import current, files, snapshots_table
from takeoff.lake.verify import first_harmed

_WRONG = (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException)
# What a question about the views themselves names.
_ABOUT_VIEWS = re.compile(r"duckdb_|information_schema|pragma_|pg_catalog|sqlite_master", re.I)

BASES = ("authored", "vendor_calculated", "computed", "derived")

_BATCH_ROWS = 65_536
_SQL_TYPES = {
    pa.string(): "varchar",
    pa.int32(): "integer",
    pa.int64(): "bigint",
    pa.float64(): "double",
    pa.bool_(): "boolean",
    pa.timestamp("us", tz="UTC"): "timestamptz",
}
# An old and a new snapshot, or a first and another source.
Pair: TypeAlias = tuple[Snapshot, Snapshot]

# Filled by `query` within its own transaction, so that questions asked at once do not mix.
_SESSION = """
create table basis_asked (basis varchar, place integer);
create table quantities_asked (quantity varchar);
create table classes_asked (ifc_class varchar);
create table storeys_asked (storey_name varchar);
create table basis_default (basis varchar, place integer);
create table compared_pairs (
    pair_no integer, old_snapshot_id varchar, new_snapshot_id varchar
);
create table building_models (building varchar, snapshot_id varchar, is_preferred boolean);
create table expected_quantities (
    ifc_class varchar, place integer, quantities varchar, quantity varchar, is_first boolean
);
create table doubted_figures (
    snapshot_id varchar,
    element_no integer,
    element_id varchar,
    quantity varchar,
    kind varchar,
    unit varchar,
    is_derived boolean
);
create table doubted_elements (snapshot_id varchar, element_no integer);
create table explained_elements (snapshot_id varchar, element_no integer);
create table valued_elements (
    snapshot_id varchar,
    element_no integer,
    quantity varchar,
    unit varchar,
    value_exact decimal(32, 12)
);
create table audit_findings (
    check_name varchar,
    severity varchar,
    snapshot_id varchar,
    element_no integer,
    quantity varchar,
    suspected_exact decimal(32, 12)
);
create view basis_order as
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


@dataclass(frozen=True)
class _Source:
    """What an engine reads."""

    layout: Layout
    snapshots: Sequence[Snapshot]

    def harmed(self, error: duckdb.Error) -> str | None:
        """The file that is at fault for an error, and what to do; null if none is to be found."""
        found = first_harmed(self.layout, self.snapshots, footers_only=not _is_damage(error))
        return None if found is None else f"{found.file} {found.what}; {found.what_to_do}."


class Engine:
    """Answers queries about one selection of snapshots; close it, or use it in a `with`.

    May be shared by threads: every query has a cursor of its own.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        snapshots: Sequence[Snapshot],
        pairs: Sequence[Pair],
        views: Mapping[str, View],
        spill: Path,
        source: _Source,
    ) -> None:
        self.snapshots = tuple(snapshots)
        self.pairs = tuple(pairs)
        self._connection = connection
        self._views = dict(views)
        self._spill = spill
        self._source = source
        self._lock = threading.Lock()
        self._made: set[str] = set()

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the session; readers that are still open end with it."""
        self._connection.close()
        shutil.rmtree(self._spill, ignore_errors=True)

    def query(
        self,
        sql: str,
        params: Mapping[str, Any] | None = None,
        *,
        basis: Sequence[str] = (),
        quantities: Sequence[str] = (),
        classes: Sequence[str] = (),
        storeys: Sequence[str] = (),
    ) -> pa.RecordBatchReader:
        """The answer to one SELECT of ours, read as it comes; `$name` in it is `params[name]`.

        The marts pick figures of these `basis` only, the best first, and show these `quantities`
        only, of elements of these `classes` on these `storeys`; empty means all four bases in their
        usual order, and all quantities, classes and storeys that there are.
        Raises: InputRefused with DuckDB's own words; LakeUnusable if a file cannot be read.
        """
        with _translated(self._source):
            whole = self._with_views(sql)
            cursor = self._begin("begin transaction")
            for place, name in enumerate(basis):
                cursor.execute("insert into basis_asked values ($1, $2)", [name, place])
            for table, names in (
                ("quantities_asked", quantities),
                ("classes_asked", classes),
                ("storeys_asked", storeys),
            ):
                for name in dict.fromkeys(names):
                    cursor.execute(f"insert into {table} values ($1)", [name])
            try:
                relation = cursor.sql(whole, params=dict(params)) if params else cursor.sql(whole)
            except _WRONG:
                self._show(needed(self._views, sql))
                raise
            return _reader(relation, cursor, self._source)

    def sql(self, text: str) -> pa.RecordBatchReader:
        """The answer to people's own SQL: exactly one SELECT or EXPLAIN over the lake's tables.

        Raises: InputRefused for anything else, for wrong SQL (with DuckDB's own words, its
        suggestions included), and for reading or writing anything but the lake's tables.
        """
        with _translated(self._source):
            with closing(self._begin("begin transaction read only")) as parser:
                checked = guard.only_reads(parser, text)
            is_about_views = _ABOUT_VIEWS.search(checked) is not None
            self._show(self._views.values() if is_about_views else needed(self._views, checked))
            cursor = self._begin("begin transaction read only")
            try:
                relation = cursor.sql(checked)
            except duckdb.CatalogException:
                # Among all names there are, DuckDB says which one may be meant.
                self._show(self._views.values())
                cursor = self._begin("begin transaction read only")
                relation = cursor.sql(checked)
            return _reader(relation, cursor, self._source)

    def fill(self, name: str, rows: pa.Table) -> None:
        """Puts these rows, with all its columns, into one of the session's own tables.

        Every later question sees them, in place of what was there. Marts that are kept and read the
        table must not have been asked for yet.
        """
        columns = ", ".join(_name(column) for column in rows.column_names)
        with self._lock, _translated(self._source):
            self._connection.register("arriving", rows)
            self._connection.execute(f"delete from {_name(name)}")
            self._connection.execute(
                f"insert into {_name(name)} ({columns}) select {columns} from arriving"
            )
            self._connection.unregister("arriving")

    def define(self, name: str, sql: str) -> None:
        """Makes one of the session's own views, such as formula_values, this SELECT of ours.

        Raises: InputRefused with DuckDB's own words.
        """
        with _translated(self._source):
            with closing(self._begin("begin transaction read only")) as parser:
                parser.sql(self._with_views(sql))
            view = View(name, Path(name), sql, tables_in(sql))
            with self._lock:
                self._views = in_order(self._views | {name: view})
                self._made.discard(name)

    def _begin(self, how: str) -> duckdb.DuckDBPyConnection:
        with self._lock:
            cursor = self._connection.cursor()
        cursor.execute(how)
        return cursor

    def _with_views(self, sql: str) -> str:
        """The SELECT with the views that it reads in front; those that are kept are filled.

        In one statement DuckDB plans a view once that many others read; views of its own it would
        plan again wherever they are read.
        """
        return self._after(needed(self._views, sql), sql)

    def _after(self, views: Sequence[View], sql: str) -> str:
        for view in views:
            self._keep(view)
        return with_views([view for view in views if not view.is_kept], sql)

    def _keep(self, view: View) -> None:
        if not view.is_kept or view.name in self._made:
            return
        whole = self._after(needed(self._views, " ".join(view.needs)), view.sql)
        with self._lock:
            if view.name not in self._made:
                self._connection.execute(f"create table {view.name} as {whole}")
                self._made.add(view.name)

    def _show(self, views: Iterable[View]) -> None:
        """Makes those of these views that are not there yet, in their order.

        Raises: InputRefused if one of them is wrong.
        """
        for view in views:
            self._keep(view)
            with self._lock:
                if view.name not in self._made:
                    _add_view(self._connection, view)
                    self._made.add(view.name)


def open_engine(
    layout: Layout,
    snapshots: Sequence[Snapshot],
    *,
    selected: Sequence[Snapshot] | None = None,
    pairs: Sequence[Pair] = (),
    buildings: Sequence[Member] = (),
    queries: Sequence[Path] = (),
    threads: int | None = None,
    memory_limit: str | None = None,
) -> Engine:
    """An engine on all `snapshots` of a lake: `all_elements`, ... and the table `snapshots`.

    `elements`, ... show those `selected`, or else the current snapshot of every model. `queries`
    are folders with `staging/` and `marts/`, whose files become views; the first to hold a file
    wins. `memory_limit` is such as 2GB; what does not fit is spilled to the temporary folder. A
    snapshot that is given twice is there once. With `pairs` the session compares: each of their
    snapshots is selected and judged by itself, as if the others were not there. `buildings` says
    which models draw one building, and whose elements count first.
    Raises: InputRefused for an unusable option or query file; LakeUnusable if a file is missing.
    """
    snapshots = _each_once(snapshots)
    chosen = current(snapshots) if selected is None else _each_once(selected)
    if pairs:
        chosen = _each_once([snapshot for pair in pairs for snapshot in pair])
    spill = Path(tempfile.gettempdir()) / f"takeoff-{uuid.uuid4()}"
    source = _Source(layout, snapshots)
    connection = duckdb.connect()
    try:
        _configure(connection, threads, memory_limit, spill)
        with _translated(source):
            connection.execute(_SESSION)
            connection.execute(RULE_TABLES)
            connection.executemany(
                "insert into basis_default values ($1, $2)", [[b, i] for i, b in enumerate(BASES)]
            )
            _add_snapshots(connection, snapshots, chosen)
            _add_rows(connection, "compared_pairs", _numbered(pairs))
            _add_rows(connection, "building_models", _members(buildings))
            _add_tables(connection, "all_", files(layout, snapshots))
            _add_tables(connection, "", files(layout, chosen))
            views = read_views(queries)
            _lock_up(connection, layout)
    except BaseException:
        connection.close()
        raise
    return Engine(connection, chosen, pairs, views, spill, source)


def _numbered(pairs: Sequence[Pair]) -> list[tuple[Any, ...]]:
    ids = [(old.snapshot_id, new.snapshot_id) for old, new in pairs]
    return [(number, *pair) for number, pair in enumerate(ids)]


def _members(buildings: Sequence[Member]) -> list[tuple[Any, ...]]:
    return [(one.building, one.snapshot.snapshot_id, one.is_preferred) for one in buildings]


def _add_rows(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[Any, ...]]
) -> None:
    for row in rows:
        places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
        connection.execute(f"insert into {table} values ({places})", list(row))


def _each_once(snapshots: Sequence[Snapshot]) -> list[Snapshot]:
    return list({snapshot.snapshot_id: snapshot for snapshot in snapshots}.values())


def _configure(
    connection: duckdb.DuckDBPyConnection,
    threads: int | None,
    memory_limit: str | None,
    spill: Path,
) -> None:
    hide_progress_bar(connection)
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(f"set temp_directory = {_text(str(spill))}")
    most = _most_threads()
    if isinstance(threads, int) and threads > most:
        raise InputRefused(
            f"threads cannot be {threads}: this machine has {os.cpu_count()} processors, "
            f"and more than {most} threads would only wait for one another."
        )
    for name, value in (("threads", threads), ("memory_limit", memory_limit)):
        if value is None:
            continue
        try:
            connection.execute(f"set {name} = {_text(str(value))}")
        except duckdb.Error as error:
            raise InputRefused(
                f"{name} cannot be {value!r}; give threads as a whole number from 1 and "
                "memory_limit such as 2GB."
            ) from error


def _most_threads() -> int:
    """DuckDB takes any number, and is stuck for minutes in starting thousands."""
    return max(64, 4 * (os.cpu_count() or 1))


def _lock_up(connection: duckdb.DuckDBPyConnection, layout: Layout) -> None:
    """From here on: the lake's data folder is readable, nothing else, and no setting changes."""
    connection.execute("set python_enable_replacements = false")
    connection.execute("set autoinstall_known_extensions = false")
    connection.execute("set autoload_known_extensions = false")
    connection.execute(f"set allowed_directories = [{_text(str(layout.data))}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")


def _add_snapshots(
    connection: duckdb.DuckDBPyConnection,
    snapshots: Sequence[Snapshot],
    chosen: Sequence[Snapshot],
) -> None:
    columns = ", ".join(_name(column.name) for column in SNAPSHOTS.columns)
    ids = {snapshot.snapshot_id for snapshot in chosen}
    every = snapshots_table(snapshots)
    selected = every.filter(pa.array([s.snapshot_id in ids for s in snapshots], pa.bool_()))
    for name, rows in (("snapshots", every), ("selected_snapshots", selected)):
        connection.register("arriving", rows)
        connection.execute(f"create table {name} as select {columns} from arriving")
        connection.unregister("arriving")


def _add_tables(
    connection: duckdb.DuckDBPyConnection, prefix: str, paths: Mapping[str, Sequence[Path]]
) -> None:
    for name, table in TABLES.items():
        body = _scan(table, paths[name]) if paths[name] else _nothing(table)
        connection.execute(f"create view {prefix}{name} as {body}")


def _scan(table: Table, paths: Sequence[Path]) -> str:
    """Columns by name, files by name; a folder called `a=b` above the lake adds no column."""
    columns = ", ".join(_name(column.name) for column in table.columns)
    listed = ", ".join(_text(str(path)) for path in paths)
    return f"select {columns} from read_parquet([{listed}], hive_partitioning = false)"


def _nothing(table: Table) -> str:
    columns = (f"cast(null as {_sql_type(c.type)}) as {_name(c.name)}" for c in table.columns)
    return f"select {', '.join(columns)} where false"


def _add_view(connection: duckdb.DuckDBPyConnection, view: View) -> None:
    try:
        connection.execute(f"create or replace view {view.name} as {view.sql}")
    except _WRONG as error:
        raise InputRefused(f"The query file {view.path} is wrong: {_in_a_line(error)}") from error


def _sql_type(type_: pa.DataType) -> str:
    if pa.types.is_decimal(type_):
        return f"decimal({type_.precision}, {type_.scale})"
    return _SQL_TYPES[type_]


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _reader(
    relation: duckdb.DuckDBPyRelation, cursor: duckdb.DuckDBPyConnection, source: _Source
) -> pa.RecordBatchReader:
    """The rows as they come; the cursor, and with it its transaction, ends with them."""
    rows = relation.to_arrow_reader(_BATCH_ROWS)

    def batches() -> Iterator[pa.RecordBatch]:
        with closing(cursor), _translated(source):
            yield from rows

    return pa.RecordBatchReader.from_batches(rows.schema, batches())


@contextmanager
def _translated(source: _Source) -> Iterator[None]:
    """DuckDB's errors as ours, by what the reader can do about them.

    A file of the lake that is not as committed is looked for, and named.
    """
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise InputRefused(
            f"The question needs more memory than it may use; raise memory_limit or ask for less: "
            f"{_in_a_line(error)}"
        ) from error
    except duckdb.PermissionException as error:
        raise InputRefused(
            f"A query reads the lake's tables and nothing else: {_in_a_line(error)}"
        ) from error
    except duckdb.Error as error:
        if (harmed := source.harmed(error)) is not None:
            raise LakeUnusable(harmed) from error
        if _is_damage(error):
            raise _damaged(error) from error
        raise InputRefused(f"DuckDB cannot run this query: {_in_a_line(error)}") from error


def _is_damage(error: duckdb.Error) -> bool:
    """Whether a file of the lake is at fault; DuckDB gives broken pages no class of their own."""
    of_no_class = type(error) is duckdb.Error
    return of_no_class or isinstance(error, duckdb.IOException) or ".parquet" in str(error)


def _damaged(error: duckdb.Error) -> LakeUnusable:
    return LakeUnusable(
        f"A file of the lake cannot be read, check it with takeoff verify: {_in_a_line(error)}"
    )


def _in_a_line(error: duckdb.Error) -> str:
    """DuckDB's own words, its suggestions included, without the picture of the place."""
    return " ".join(str(error).partition("\nLINE ")[0].split())
