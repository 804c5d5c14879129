"""What columns the tables of a session have, learnt from DuckDB on tables without rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
import pyarrow as pa

from takeoff.core.tables import TABLES
from takeoff.engines import statements
from takeoff.engines.statements import Member, Pair
from takeoff.lake.compaction import Rows


class Shapes:
    """Names and types of columns, by table: the session's own, the lake's, and of its queries.

    `rows` are those of the session's own tables before anything is asked.
    """

    def __init__(self, pairs: Sequence[Pair], buildings: Sequence[Member]) -> None:
        self.columns: dict[str, Mapping[str, str]] = {}
        self._connection = duckdb.connect()
        for statement in statements.session_tables(pairs, buildings):
            self._connection.execute(statement)
        self.rows = {name: self._rows(name) for name in self._names("duckdb_tables", "table_name")}
        for prefix in ("all_", ""):
            for table in TABLES.values():
                nothing = statements.lake_view(prefix + table.name, table, Rows(), "")
                self._connection.execute(nothing)
        self._views = set(self._names("duckdb_views", "view_name"))
        for name in (*self.rows, *self._views):
            self._describe(name)

    def close(self) -> None:
        self._connection.close()

    def learn(self, name: str, sql: str) -> None:
        """From here on there is a table `name` with the columns of this SELECT, and no rows."""
        if name in self._views:
            self._connection.execute(f"drop view {name}")
            self._views.remove(name)
        select = f"select * from ({sql}\n) limit 0"
        self._connection.execute(f"create or replace table {name} as {select}")
        self._describe(name)

    def answer(self, name: str) -> pa.Schema:
        """The columns of a table that was learnt, as DuckDB gives them out."""
        return self._rows(name).schema

    def _names(self, function: str, column: str) -> list[str]:
        self._connection.execute(f"select {column} from {function}() where not internal")
        return [name for (name,) in self._connection.fetchall()]

    def _rows(self, name: str) -> pa.Table:
        relation = self._connection.sql(f"select * from {name}")
        return relation.to_arrow_reader(65_536).read_all()

    def _describe(self, name: str) -> None:
        self._connection.execute(f"describe {name}")
        self.columns[name] = {row[0]: row[1] for row in self._connection.fetchall()}
