"""What people's own SQL may do: read the lake's tables, by one SELECT or EXPLAIN.

DuckDB's switches keep a query inside the lake's data folder, but COPY could write there, and in
DuckDB 2 a SELECT may hold a COPY, INSERT, UPDATE or DELETE in its WITH clause, even in a read-only
transaction. So the statement's parsed tree is looked at before it runs, and what runs is the very
text that was parsed: an EXPLAIN is taken off before and put in front of it again, in our own words.
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
_EXPLAIN = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*explain\b(\s+analyze\b)?", re.I | re.S)
_OPTION = r"\s*(?:analyze(?:\s+\w+)?|format\s+\w+)\s*"
_OPTIONS = re.compile(rf"\s*\(({_OPTION}(?:,{_OPTION})*)\)", re.I)
_ADVICE = "ask one SELECT, or EXPLAIN of one"


def only_reads(connection: duckdb.DuckDBPyConnection, text: str) -> str:
    """What may be run of `text`: one SELECT that only reads tables, or an EXPLAIN of one.

    Raises: InputRefused for anything else.
    """
    explain, asked = _split_explain(text)
    select = _one_select(connection, asked)
    for node in _nodes(_tree(connection, select)):
        kind = node.get("type")
        if isinstance(kind, str) and kind.endswith("_NODE") and kind not in _READING_NODES:
            raise InputRefused(
                f"A query only reads, this holds {kind.partition('_')[0]}; {_ADVICE}."
            )
        if kind == "TABLE_FUNCTION":
            _refuse_reach(node["function"].get("function_name", ""))
    return explain + select


def _split_explain(text: str) -> tuple[str, str]:
    """An EXPLAIN in front, rebuilt with options always stated, and the text that is left.

    With an option list of ours in front, no bracket or comment in the rest can be read as one.
    """
    found = _EXPLAIN.match(text)
    if found is None:
        return "", text
    options = None if found[1] else _OPTIONS.match(text, found.end())
    if options is None:
        given, end = "analyze, format text" if found[1] else "format text", found.end()
    else:
        given, end = " ".join(options[1].split()), options.end()
    return f"explain ({given}) ", text[end:]


def _refuse_reach(function: str) -> None:
    if function not in _ROW_MAKERS:
        raise InputRefused(
            f"A query reads the lake's tables and nothing else; the table function {function} "
            f"is refused. The tables: from duckdb_views()."
        )


def _one_select(connection: duckdb.DuckDBPyConnection, text: str) -> str:
    """The text of the only statement, a SELECT, as DuckDB cuts it out."""
    statements = connection.extract_statements(text)
    if len(statements) != 1:
        found = f"{len(statements)} statements" if statements else "nothing"
        raise InputRefused(f"One statement at a time, this is {found}; {_ADVICE}.")
    kind = str(statements[0].type).rpartition(".")[2]
    if kind != "SELECT":
        raise InputRefused(f"A query only reads, this is {kind}; {_ADVICE}.")
    return str(statements[0].query)


def _tree(connection: duckdb.DuckDBPyConnection, select: str) -> dict[str, Any]:
    """The parsed tree of one SELECT, as DuckDB states it."""
    rows = connection.execute("select json_serialize_sql($1)", [select]).fetchall()
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
