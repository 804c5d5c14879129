"""Spark over a lake: the same queries over the same files as DuckDB, and the same figures.

For lakes too large for one machine: the work is shared out among those of a cluster, which all must
reach the lake's folder by the same path. What a query reads more than once is worked out once and
kept by the cluster while the session lasts. Types and names are DuckDB's: each query is first bound
there, on tables without rows. What an answer holds comes to this process whole.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

import duckdb
import pyarrow as pa
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

from takeoff.core.errors import InputRefused, LakeUnusable
from takeoff.core.refs import DataFile, Snapshot
from takeoff.core.tables import TABLES
from takeoff.engines.portable import Part, in_spark, parts
from takeoff.engines.shapes import Shapes
from takeoff.engines.source import Source, source_of
from takeoff.engines.spark_start import start
from takeoff.engines.statements import BASIS_ORDER, Member, Pair
from takeoff.engines.views import View, needed, read_views, words
from takeoff.lake.layout import Layout
from takeoff.lake.reader import snapshots_table

_ASKED = "asked"
_CAUSE = re.compile(r"^Caused by: (.+)$", re.MULTILINE)
_PATTERN = re.compile(r"[\\\[\]{}*?]")
# Of all that a part rests on: a query's text, or how often a table of the session has changed.
_State: TypeAlias = frozenset[tuple[str, str | int]]


@dataclass(frozen=True)
class _Made:
    """A part as Spark has it: of which state of the session's tables, and whether it is kept."""

    state: _State
    is_kept: bool


class Engine:
    """Answers queries about one selection of snapshots; close it, or use it in a `with`.

    May be shared by threads; their questions are answered one after the other.
    """

    def __init__(self, spark: SparkSession, source: Source, views: Mapping[str, View]) -> None:
        self.snapshots = tuple(source.selected)
        self.pairs = tuple(source.pairs)
        self._spark = spark
        self._source = source
        order = View("basis_order", Path("basis_order"), BASIS_ORDER)
        self._views = {**views, order.name: order}
        self._shapes = Shapes(source.pairs, source.buildings)
        self._rows = {
            **self._shapes.rows,
            "snapshots": snapshots_table(source.snapshots),
            "selected_snapshots": snapshots_table(source.selected),
        }
        self._changes: Counter[str] = Counter()
        self._parts: dict[str, Sequence[Part]] = {}
        self._texts: dict[str, str] = {}
        self._laid_out: set[str] = set()
        self._made: dict[str, _Made] = {}
        self._lock = threading.RLock()

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the session: what was kept for it may go."""
        self._shapes.close()
        # Of a Spark that has ended meanwhile, nothing is left.
        with suppress(PySparkException, Py4JError):
            for name in (*self._laid_out, *self._made):
                self._spark.catalog.dropTempView(name)

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
        """As DuckDB's engine answers it, but read whole before this returns.

        Raises: InputRefused for what is not portable, or with Spark's own words; LakeUnusable,
        before a row is read, if a file of the tables read is not as committed.
        """
        with self._lock, _translated(self._source):
            self._ask("basis_asked", [basis, range(len(basis))])
            self._ask("quantities_asked", [dict.fromkeys(quantities)])
            self._ask("classes_asked", [dict.fromkeys(classes)])
            self._ask("storeys_asked", [dict.fromkeys(storeys)])
            self._parts[_ASKED] = parts(_ASKED, sql, params or {})
            views = needed(self._views, sql)
            self._require(views, sql)
            *before, last = self._understood([*(view.name for view in views), _ASKED])
            self._make(before, last)
            table = self._spark.sql(self._texts[last.name]).toArrow()
            return table.cast(self._shapes.answer(last.name)).to_reader()

    def sql(self, text: str) -> NoReturn:
        """Raises: InputRefused, always."""
        raise InputRefused(
            "SQL of your own is in DuckDB's words, which Spark does not all know; "
            "ask it with --engine duckdb."
        )

    def fill(self, name: str, rows: pa.Table) -> None:
        """As DuckDB's engine; marts that read the table are worked out anew."""
        schema = self._shapes.rows[name].schema
        columns = [
            rows.column(field.name).cast(field.type)
            if field.name in rows.column_names
            else pa.nulls(rows.num_rows, field.type)
            for field in schema
        ]
        with self._lock:
            self._put(name, pa.table(columns, schema=schema))

    def define(self, name: str, sql: str) -> None:
        """As DuckDB's engine. Raises: InputRefused if the SELECT is wrong, or not portable."""
        view = View(name, Path(name), sql)
        with self._lock, _translated(self._source):
            self._parts.pop(name, None)
            self._changes[name] += 1
            self._rows.pop(name, None)
            self._views = {**self._views, name: view}
            self._understood([read.name for read in needed(self._views, name)])

    def script(self, folder: Path | None = None) -> NoReturn:
        """Raises: InputRefused, always."""
        raise InputRefused(
            "A script of views is in DuckDB's words and for it; ask for it with --engine duckdb."
        )

    def _ask(self, name: str, columns: Sequence[Iterable[object]]) -> None:
        schema = self._shapes.rows[name].schema
        rows = pa.table([pa.array(list(column)) for column in columns], schema=schema)
        if rows != self._rows[name]:
            self._put(name, rows)

    def _put(self, name: str, rows: pa.Table) -> None:
        self._rows[name] = rows
        self._changes[name] += 1
        self._laid_out.discard(name)

    def _require(self, views: Sequence[View], sql: str) -> None:
        """The tables that these read are there, the lake's files compared with their manifests."""
        names = words(sql).union(*(view.needs for view in views))
        self._source.require(names)
        for name in sorted(names - self._laid_out):
            frame = self._frame(name)
            if frame is not None:
                frame.createOrReplaceTempView(name)
                self._laid_out.add(name)

    def _frame(self, name: str) -> DataFrame | None:
        """The rows of one of the lake's or the session's own tables; null if it is none."""
        if name in self._rows:
            return self._spark.createDataFrame(self._rows[name])
        if name not in self._source.tables:
            return None
        schema, rows = TABLES[name.removeprefix("all_")].schema, self._source.rows(name)
        frame = self._scan(schema, rows.files)
        if not rows.shared:
            return frame
        of_shown = self._scan(schema, rows.shared)
        return frame.union(of_shown.where(of_shown["snapshot_id"].isin(list(rows.shown))))

    def _scan(self, schema: pa.Schema, files: Sequence[DataFile]) -> DataFrame:
        if not files:
            return self._spark.createDataFrame(schema.empty_table())
        paths = [_spelt(self._source.layout.file(file.name)) for file in files]
        return self._spark.read.schema(from_arrow_schema(schema)).parquet(*paths)

    def _understood(self, names: Iterable[str]) -> list[Part]:
        """All parts of these views, each after those it reads; their columns are known then."""
        found: list[Part] = []
        for name in names:
            if name not in self._parts:
                self._parts[name] = parts(name, self._views[name].sql)
                self._texts = {part: text for part, text in self._texts.items() if part != name}
            for part in self._parts[name]:
                if name == _ASKED or part.name not in self._texts:
                    self._shapes.learn(part.name, part.sql)
                    self._texts[part.name] = in_spark(part, self._shapes.columns)
                found.append(part)
        return found

    def _make(self, before: Sequence[Part], last: Part) -> None:
        """Makes the parts that are not there as they should be; what is read twice is kept."""
        times = Counter(name for part in (*before, last) for name in part.reads)
        states: dict[str, _State] = {}
        for part in before:
            states[part.name] = state = self._state(part, states)
            view = self._views.get(part.name)
            is_kept = times[part.name] > 1 or (view is not None and view.is_kept)
            made = self._made.get(part.name)
            if made is not None and made.state == state and made.is_kept >= is_kept:
                continue
            frame = self._spark.sql(self._texts[part.name])
            if is_kept:
                frame = self._kept(frame)
            frame.createOrReplaceTempView(part.name)
            self._made[part.name] = _Made(state, is_kept)

    def _kept(self, frame: DataFrame) -> DataFrame:
        """The same rows, worked out once, when they are first read.

        What Spark guesses of their size is left behind: it multiplies sizes wherever tables are
        joined, and of what rests on many joins the guess alone would fill the memory.
        """
        once = frame.localCheckpoint(eager=False)._jdf
        session = self._spark._jsparkSession
        rows = once.queryExecution().logical().rdd()
        return DataFrame(session.internalCreateDataFrame(rows, once.schema(), False), self._spark)

    def _state(self, part: Part, states: Mapping[str, _State]) -> _State:
        own = {(part.name, self._texts[part.name])}
        read = (states.get(name) or {(name, self._changes[name])} for name in part.reads)
        return frozenset(own.union(*read))


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
    master: str | None = None,
) -> Engine:
    """An engine as engines.duckdb opens it, in Spark on `master`; on this machine if null.

    Raises: InputRefused if Spark does not start, or for an unusable query file; LakeUnusable for a
    compaction that cannot be read.
    """
    source = source_of(layout, snapshots, selected, pairs, buildings)
    views = read_views(queries)
    spark = start(master, threads, memory_limit)
    with _translated(source):
        return Engine(spark, source, views)


def _spelt(path: Path) -> str:
    """A file's name as Spark reads it: what else would be a pattern of names stands for itself."""
    return "file:" + _PATTERN.sub(r"\\\g<0>", path.absolute().as_posix())


@contextmanager
def _translated(source: Source) -> Iterator[None]:
    """Spark's errors as ours. A file of the lake that is not as committed is looked for first."""
    try:
        yield
    except (PySparkException, Py4JError, pa.ArrowException) as error:
        if (harmed := source.harmed(footers_only=True)) is not None:
            raise LakeUnusable(harmed) from error
        raise InputRefused(f"Spark cannot run this query: {_in_a_line(error)}") from error
    except duckdb.Error as error:
        raise InputRefused(f"DuckDB cannot run this query: {_in_a_line(error)}") from error


def _in_a_line(error: Exception) -> str:
    """What is wrong at the bottom of it, without the plan and the program's own places."""
    causes = _CAUSE.findall(str(error))
    told = causes[-1] if causes else str(error)
    told = told.partition("\nLINE ")[0].partition("\n\tat ")[0].partition("SQLSTATE")[0]
    return " ".join(told.split())[:400]
