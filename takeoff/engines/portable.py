"""Our SQL, written for DuckDB, as Spark understands it: the same rows, to the last digit.

A query may hold what both engines do alike, or what can be said in Spark's words so that it does:
the portable subset. All else is refused by name, before anything is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from sqlglot import ErrorLevel, exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

from takeoff.core.errors import InputRefused
from takeoff.engines.numbers_in_spark import NotAlike, as_duckdb_counts

# Of every table its columns, and their types in DuckDB's words.
Columns: TypeAlias = Mapping[str, Mapping[str, str]]

_REFUSED: Mapping[type[exp.Expr], str] = {
    exp.Qualify: "QUALIFY; number the rows in a sub-query",
    exp.Pivot: "PIVOT; write sum(case when ... end)",
    exp.Filter: "FILTER; write sum(case when ... end)",
    exp.Unnest: "UNNEST; keep a row for each value",
    exp.Lateral: "LATERAL; join a sub-query",
    exp.TableSample: "SAMPLE, which draws other rows each time",
    exp.Lambda: "a lambda",
    exp.IntDiv: "//; write floor(a / b)",
}
_FUNCTIONS = (
    *(exp.Abs, exp.Ceil, exp.Floor, exp.Greatest, exp.Least, exp.Round),
    *(exp.Avg, exp.Count, exp.GroupConcat, exp.Max, exp.Min, exp.Sum),
    *(exp.Case, exp.Cast, exp.Coalesce, exp.Exists, exp.If, exp.Nullif, exp.TryCast),
    *(exp.Chr, exp.Concat, exp.ConcatWs, exp.Left, exp.Length, exp.Lower, exp.MD5, exp.Upper),
    *(exp.RegexpExtract, exp.RegexpLike, exp.Replace, exp.StrPosition, exp.Substring, exp.Trim),
    *(exp.DenseRank, exp.Rank, exp.RowNumber, exp.Connector),
    exp.BitwiseOrAgg,
)
# Both engines have it by this name, and sqlglot does not know it from DuckDB.
_BIT_COUNT = "bit_count"


class NotPortable(InputRefused):
    """SQL that Spark would not answer as DuckDB does. Nothing was asked."""


@dataclass(frozen=True)
class Part:
    """One SELECT without a WITH: a query itself, or what it names in its WITH or its FROM.

    `sql` is in DuckDB's words. `reads` names each table as often as it stands there.
    """

    name: str
    sql: str
    reads: tuple[str, ...]


def parts(name: str, sql: str, params: Mapping[str, Any] | None = None) -> list[Part]:
    """The query as parts, each after those that it reads; the last is called `name`.

    The others are called after it: `name__holdings`. Each `$word` becomes the literal of
    `params[word]`. Raises: NotPortable naming what Spark would answer otherwise, or not at all.
    """
    try:
        read = parse_one(sql, dialect="duckdb")
    except SqlglotError as error:
        raise NotPortable(f"The query {name} cannot be read for Spark: {error}") from error
    tree = read.transform(lambda node: _with_value(node, params), copy=False)
    if not isinstance(tree, exp.Query):
        raise NotPortable(f"The query {name} cannot run on Spark: it is no SELECT.")
    for node in tree.walk():
        if (construct := _construct(node)) is not None:
            raise _refused(name, construct)
    return list(_flat(name, tree, {}))


def in_spark(part: Part, columns: Columns) -> str:
    """One part in Spark's words; `columns` are those of all tables that it reads.

    Raises: NotPortable for numbers that Spark would work out otherwise.
    """
    schema = MappingSchema({name: dict(columns[name]) for name in part.reads}, dialect="duckdb")
    tree = parse_one(part.sql, dialect="duckdb")
    try:
        named = qualify(tree, schema=schema, dialect="duckdb", quote_identifiers=False)
        alike = as_duckdb_counts(annotate_types(named, schema=schema, dialect="duckdb"))
        return alike.sql(dialect="spark", copy=False, unsupported_level=ErrorLevel.RAISE)
    except NotAlike as error:
        raise _refused(part.name, str(error)) from error
    except SqlglotError as error:
        raise NotPortable(f"The query {part.name} cannot be put for Spark: {error}") from error


def _refused(name: str, construct: str) -> NotPortable:
    return NotPortable(f"The query {name} cannot run on Spark: it holds {construct}.")


def _with_value(node: exp.Expr, params: Mapping[str, Any] | None) -> exp.Expr:
    """A value as a literal; a number keeps its decimals as they were given."""
    if params is None or not isinstance(node, exp.Placeholder):
        return node
    value = params[node.name]
    if isinstance(value, Decimal):
        return parse_one(f"{value:f}", dialect="duckdb")
    return exp.convert(value)


def _construct(node: exp.Expr) -> str | None:
    """What is not portable about this node alone; null if nothing is."""
    for kind, words in _REFUSED.items():
        if isinstance(node, kind):
            return words
    match node:
        case exp.Anonymous() if node.name.lower() != _BIT_COUNT:
            return f"the function {node.name.lower()}()"
        case exp.Func() if not isinstance(node, (*_FUNCTIONS, exp.Anonymous)):
            return f"the function {node.sql_name().lower()}()"
        case exp.Star() if not isinstance(node.parent, exp.Count):
            return "*; name the columns"
        case exp.Group() if node.args.get("all"):
            return "GROUP BY ALL; name the columns"
        case exp.Distinct() if node.args.get("on") is not None:
            return "DISTINCT ON; number the rows in a sub-query"
        case exp.Join() if node.args.get("using") or node.method or node.kind in ("SEMI", "ANTI"):
            return f"{node.method or node.kind or 'JOIN ... USING'}; join ON what is equal"
        case exp.With() if node.args.get("recursive"):
            return "WITH RECURSIVE"
        case exp.With() if isinstance(node.parent, exp.Query) and _is_in_expression(node.parent):
            return "WITH in an expression; put it in front of the query"
        case exp.Like() if not node.expression.is_string or "\\" in node.expression.name:
            return "LIKE with anything but a plain text; write strpos"
        case exp.Union() if node.args.get("by_name"):
            return "UNION BY NAME; name the columns"
    return None


def _is_in_expression(query: exp.Query) -> bool:
    around = query.parent
    return isinstance(around, (exp.Exists, exp.In)) or (
        isinstance(around, exp.Subquery) and not isinstance(around.parent, (exp.From, exp.Join))
    )


def _flat(name: str, tree: exp.Query, known: Mapping[str, str]) -> Iterator[Part]:
    """The parts of `tree`; `known` says what names that stand around it are called as parts."""
    known = dict(known)
    for cte in tree.ctes:
        inner = f"{name}__{cte.alias}"
        yield from _flat(inner, cte.this, known)
        known[cte.alias] = inner
    tree.set("with_", None)
    while (nested := _nested(tree)) is not None:
        inner = f"{name}__{nested.alias}"
        yield from _flat(inner, nested.this, known)
        nested.replace(exp.alias_(exp.to_table(inner), nested.alias, table=True))
    for table in tree.find_all(exp.Table):
        if table.name in known:
            called = table.alias_or_name
            table.set("this", exp.to_identifier(known[table.name]))
            table.set("alias", exp.TableAlias(this=exp.to_identifier(called)))
    reads = tuple(table.name.lower() for table in tree.find_all(exp.Table))
    yield Part(name, tree.sql(dialect="duckdb", copy=False), reads)


def _nested(tree: exp.Expr) -> exp.Subquery | None:
    """A query in FROM or JOIN; null if there is none."""
    for found in tree.find_all(exp.Subquery):
        if isinstance(found.parent, (exp.From, exp.Join)) and isinstance(found.this, exp.Query):
            return found
    return None
