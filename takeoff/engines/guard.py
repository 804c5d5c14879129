"""What people's own SQL may do: read the lake's tables, by one SELECT or EXPLAIN.

DuckDB's switches keep a query inside the lake's data folder, but COPY could write there, and in
DuckDB 2 a SELECT may hold a COPY, INSERT, UPDATE or DELETE in its WITH clause, even in a read-only
transaction. So the statement's parsed tree is looked at before it runs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import duckdb

from takeoff.core.errors import InputRefused

_READING_NODES = {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"}
# Table functions that make rows or describe the tables; all others read files or change something.
_ROW_MAKERS = {
    "duckdb_columns",
    "duckdb_functions",
    "duckdb_tables",
    "duckdb_types",
    "duckdb_views",
    "generate_series",
    "pragma_table_info",
    "range",
    "unnest",
}
_EXPLAIN = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/)*explain\b(?:\s+analyze\b)?(?:\s*\([^)]*\))?", re.I | re.S
)
_ADVICE = "ask one SELECT, or EXPLAIN of one"


def only_reads(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    """Raises: InputRefused unless `text` is one SELECT or EXPLAIN that only reads tables."""
    explained = _EXPLAIN.match(text)
    tree = _tree(connection, text if explained is None else text[explained.end() :])
    for node in _nodes(tree):
        kind = node.get("type")
        if isinstance(kind, str) and kind.endswith("_NODE") and kind not in _READING_NODES:
            raise InputRefused(
                f"A query only reads, this holds {kind.partition('_')[0]}; {_ADVICE}."
            )
        if kind == "TABLE_FUNCTION":
            _refuse_reach(node["function"].get("function_name", ""))


def _refuse_reach(function: str) -> None:
    if function not in _ROW_MAKERS:
        raise InputRefused(
            f"A query reads the lake's tables and nothing else; the table function {function} "
            f"is refused. The tables: from duckdb_views()."
        )


def _tree(connection: duckdb.DuckDBPyConnection, text: str) -> dict[str, Any]:
    """The parsed tree of one SELECT, as DuckDB states it."""
    statements = connection.extract_statements(text)
    if len(statements) != 1:
        found = f"{len(statements)} statements" if statements else "nothing"
        raise InputRefused(f"One statement at a time, this is {found}; {_ADVICE}.")
    kind = str(statements[0].type).rpartition(".")[2]
    if kind != "SELECT":
        raise InputRefused(f"A query only reads, this is {kind}; {_ADVICE}.")
    rows = connection.execute("select json_serialize_sql($1)", [statements[0].query]).fetchall()
    tree: dict[str, Any] = json.loads(rows[0][0])
    if tree["error"]:
        raise InputRefused(f"DuckDB cannot run this query: {tree['error_message']}; {_ADVICE}.")
    return tree


def _nodes(tree: object) -> Iterator[dict[str, Any]]:
    pending = [tree]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            yield item
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
