"""DuckDB over a lake: views on the committed Parquet files, and the one way to ask them.

An engine resolves the manifests once, when it is opened: later commits change nothing in its
answers. Before a table is first read, its files are compared with their manifests, byte for byte:
see lake.checked. It can read the lake's data folder and nothing else, and it cannot write. Works
with DuckDB 1.5 and 2; nothing is used that only one of them has.
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
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from takeoff.core.errors import InputRefused, LakeUnusable
from takeoff.core.refs import Snapshot
from takeoff.core.tables import SNAPSHOTS, TABLES
from takeoff.engines import guard, statements
from takeoff.engines.bars import hide_progress_bar
from takeoff.engines.source import Source, source_of
from takeoff.engines.statements import Member, Pair, literal, quoted
from takeoff.engines.views import (
    View,
    all_needed,
    made,
    needed,
    read_views,
    with_views,
    words,
)
from takeoff.engines.views_script import Contents, place, views_script
from takeoff.lake.compaction import Rows
from takeoff.lake.layout import Layout
from takeoff.lake.reader import snapshots_table

_WRONG = (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException)
# What a question about the views themselves names.
_ABOUT_VIEWS = re.compile(r"duckdb_|information_schema|pragma_|pg_catalog|sqlite_master", re.I)

_BATCH_ROWS = 65_536
_LATE_ERRORS: Mapping[str, type[duckdb.Error]] = {
    "IO Error": duckdb.IOException,
    "Out of Memory Error": duckdb.OutOfMemoryException,
    "Permission Error": duckdb.PermissionException,
}


class Engine:
    """Answers queries about one selection of snapshots; close it, or use it in a `with`.

    May be shared by threads: every query has a cursor of its own.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        views: Mapping[str, View],
        spill: Path,
        source: Source,
    ) -> None:
        self.snapshots = tuple(source.selected)
        self.pairs = tuple(source.pairs)
        self._connection = connection
        self._unseen = set(source.tables)
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
        Raises: InputRefused with DuckDB's own words; LakeUnusable, before a row is read, if a file
        of the tables read is not as committed.
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
        suggestions included), and for reading or writing anything but the lake's tables;
        LakeUnusable as `query`.
        """
        with _translated(self._source):
            with closing(self._begin("begin transaction read only")) as parser:
                checked = guard.only_reads(parser, text)
            read = needed(self._views, checked)
            self._require(read, checked)
            if _ABOUT_VIEWS.search(checked) is not None:
                self._lay_out(self._source.tables)
                read = all_needed(self._views)
            self._show(read)
            cursor = self._begin("begin transaction read only")
            try:
                relation = cursor.sql(checked)
            except duckdb.CatalogException:
                # Among all names there are, DuckDB says which one may be meant.
                every = all_needed(self._views)
                self._require(every)
                self._lay_out(self._source.tables)
                self._show(every)
                cursor = self._begin("begin transaction read only")
                relation = cursor.sql(checked)
            return _reader(relation, cursor, self._source)

    def fill(self, name: str, rows: pa.Table) -> None:
        """Puts these rows, with all its columns, into one of the session's own tables.

        Every later question sees them, in place of what was there. Marts that are kept and read the
        table must not have been asked for yet.
        """
        columns = ", ".join(quoted(column) for column in rows.column_names)
        with self._lock, _translated(self._source):
            self._connection.register("arriving", rows)
            self._connection.execute(f"delete from {quoted(name)}")
            self._connection.execute(
                f"insert into {quoted(name)} ({columns}) select {columns} from arriving"
            )
            self._connection.unregister("arriving")

    def define(self, name: str, sql: str) -> None:
        """Makes one of the session's own views, such as formula_values, this SELECT of ours.

        Raises: InputRefused with DuckDB's own words.
        """
        with _translated(self._source):
            with closing(self._begin("begin transaction read only")) as parser:
                parser.sql(self._with_views(sql))
            view = View(name, Path(name), sql)
            with self._lock:
                self._views = {**self._views, name: view}
                self._made.discard(name)

    def script(self, folder: Path | None = None) -> str:
        """A script that makes in any DuckDB what this engine shows; what was asked is not in it.

        It names files by their whole path; with `folder` relative to that, where it must be loaded.
        Of a lake on an object store it names this machine's copies, and all are brought.
        Raises: InputRefused for a query file that is wrong; LakeUnusable if a copy is harmed.
        """
        source, remote = self._source, self._source.layout.remote
        if remote is not None:
            source.require(prefix + table for prefix, _ in source.shown for table in TABLES)
        views = {view.name: view for view in all_needed(self._views)}
        _must_load(views)
        root = place(source.layout.root, folder)
        return views_script(
            Contents(
                root=root,
                copied_from=None if remote is None else remote.url,
                snapshots=source.snapshots,
                selected=source.selected,
                tables=tuple(source.views(root)),
                pairs=source.pairs,
                buildings=source.buildings,
                views=views,
            )
        )

    def _begin(self, how: str) -> duckdb.DuckDBPyConnection:
        with self._lock:
            cursor = self._connection.cursor()
        cursor.execute(how)
        return cursor

    def _with_views(self, sql: str) -> str:
        """The SELECT with the views that it reads in front; those that are kept are filled."""
        views = needed(self._views, sql)
        self._require(views, sql)
        for view in views:
            self._keep(view)
        return with_views([view for view in views if not view.is_kept], sql)

    def _require(self, views: Iterable[View], sql: str = "") -> None:
        """The lake's tables that `sql` or these views may read are there, their files checked."""
        names = words(sql).union(*(view.needs for view in views))
        self._source.require(names)
        self._lay_out(names)

    def _lay_out(self, names: Iterable[str]) -> None:
        """Makes those of the lake's tables that are not there yet; each takes a look at its files.

        A question reads few of them.
        """
        with self._lock:
            for name in self._unseen & set(names):
                self._connection.execute(self._source.view(name))
                self._unseen.discard(name)

    def _keep(self, view: View) -> None:
        if not view.is_kept or view.name in self._made:
            return
        read = needed(self._views, " ".join(view.needs))
        self._require([view, *read])
        for other in read:
            self._keep(other)
        with self._lock:
            if view.name not in self._made:
                self._connection.execute(made(self._views, view))
                self._made.add(view.name)

    def _show(self, views: Iterable[View]) -> None:
        """Makes those of these views that are not there yet, in their order.

        Raises: InputRefused if one of them is wrong.
        """
        for view in views:
            self._keep(view)
            with self._lock:
                if view.name not in self._made:
                    _add_view(self._connection, self._views, view)
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
    Raises: InputRefused for an unusable option or query file; LakeUnusable for a compaction that
    cannot be read.
    """
    spill = Path(tempfile.gettempdir()) / f"takeoff-{uuid.uuid4()}"
    source = source_of(layout, snapshots, selected, pairs, buildings)
    connection = duckdb.connect()
    try:
        _configure(connection, threads, memory_limit, spill)
        with _translated(source):
            for statement in statements.session_tables(pairs, buildings):
                connection.execute(statement)
            _add_snapshots(connection, source)
            views = read_views(queries)
            _lock_up(connection, layout)
    except BaseException:
        connection.close()
        raise
    return Engine(connection, views, spill, source)


def _configure(
    connection: duckdb.DuckDBPyConnection,
    threads: int | None,
    memory_limit: str | None,
    spill: Path,
) -> None:
    hide_progress_bar(connection)
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(f"set temp_directory = {literal(str(spill))}")
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
            connection.execute(f"set {name} = {literal(str(value))}")
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
    connection.execute(f"set allowed_directories = [{literal(str(layout.data))}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")


def _add_snapshots(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    columns = ", ".join(quoted(column.name) for column in SNAPSHOTS.columns)
    connection.register("arriving", snapshots_table(source.snapshots))
    connection.execute(f"insert into snapshots select {columns} from arriving")
    connection.unregister("arriving")
    connection.execute(
        "insert into selected_snapshots "
        "select * from snapshots where snapshot_id in (select unnest($1))",
        [[snapshot.snapshot_id for snapshot in source.selected]],
    )


def _add_view(connection: duckdb.DuckDBPyConnection, views: Mapping[str, View], view: View) -> None:
    try:
        connection.execute(made(views, view))
    except _WRONG as error:
        raise InputRefused(f"The query file {view.path} is wrong: {_in_a_line(error)}") from error


def _must_load(views: Mapping[str, View]) -> None:
    """Tries all views on tables without rows. Raises: InputRefused naming a file that is wrong."""
    with closing(duckdb.connect()) as connection:
        for statement in statements.session_tables((), ()):
            connection.execute(statement)
        for prefix in ("all_", ""):
            for table in TABLES.values():
                connection.execute(statements.lake_view(prefix + table.name, table, Rows(), ""))
        for view in views.values():
            _add_view(connection, views, view)


def _reader(
    relation: duckdb.DuckDBPyRelation, cursor: duckdb.DuckDBPyConnection, source: Source
) -> pa.RecordBatchReader:
    """The rows as they come; the cursor, and with it its transaction, ends with them."""
    rows = relation.to_arrow_reader(_BATCH_ROWS)

    def batches() -> Iterator[pa.RecordBatch]:
        with closing(cursor), _translated(source):
            yield from _with_own_errors(rows)

    return pa.RecordBatchReader.from_batches(rows.schema, batches())


def _with_own_errors(rows: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """The batches. What DuckDB says after the first ones, Arrow raises as errors of its own."""
    try:
        yield from rows
    except (OSError, pa.ArrowException) as error:
        kind = _LATE_ERRORS.get(str(error).partition(":")[0], duckdb.InvalidInputException)
        raise kind(str(error)) from error


@contextmanager
def _translated(source: Source) -> Iterator[None]:
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
        if (harmed := source.harmed(footers_only=not _is_damage(error))) is not None:
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
