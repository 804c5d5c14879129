"""Our SQL keeps to what Spark and DuckDB both understand, and is put into Spark's words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

import pytest
from small_lakes import QUERIES

pytest.importorskip("sqlglot", reason="sqlglot (pip install 'takeoff[spark]') is not here")

from sqlglot import exp, parse_one

from takeoff.engines.portable import NotPortable, in_spark, parts
from takeoff.engines.shapes import Shapes
from takeoff.engines.statements import BASIS_ORDER
from takeoff.engines.views import all_needed, read_views

_PARAMETER = re.compile(r"\$([a-z_]+)")


@pytest.fixture(scope="module")
def shapes() -> Iterator[Shapes]:
    learnt = Shapes((), ())
    learnt.learn("basis_order", BASIS_ORDER)
    learnt.learn(
        "figures", "select 1.5 as exact, cast(1 as double) as measured, 'a' as name, 1 as n"
    )
    yield learnt
    learnt.close()


def _spark(shapes: Shapes, called: str, sql: str, **params: object) -> str:
    """The last part in Spark's words; those before it are learnt."""
    for part in parts(called, sql, params):
        shapes.learn(part.name, part.sql)
        text = in_spark(part, shapes.columns)
    return text


def test_every_shipped_query_is_portable(shapes: Shapes) -> None:
    views = all_needed(read_views([QUERIES]))
    assert len(views) > 50
    for view in views:
        _spark(shapes, view.name, view.sql)
    asked = sorted(
        path for room in ("reports", "checks") for path in (QUERIES / room).glob("*.sql")
    )
    assert len(asked) > 50
    for path in asked:
        sql = path.read_text("utf-8").rstrip().rstrip(";")
        params = {name: _any_value(name) for name in _PARAMETER.findall(sql)}
        _spark(shapes, f"answer_of_{path.stem}", sql, **params)


def _any_value(name: str) -> object:
    return True if name.startswith("by_") else None


@pytest.mark.parametrize(
    ("sql", "construct"),
    [
        ("select n from figures qualify row_number() over (order by n) = 1", "QUALIFY"),
        ("pivot figures on name using sum(n)", "no SELECT|PIVOT"),
        ("select * from figures", r"\*; name the columns"),
        ("select * exclude (n) from figures", r"\*; name the columns"),
        ("select median(n) from figures", r"median\(\)"),
        ("select list(n) from figures", r"function \w+\(\)"),
        ("select strftime(now(), '%Y') from figures", r"function \w+\(\)"),
        ("select printf('%d', n) from figures", r"function \w+\(\)"),
        ("select name, sum(n) from figures group by all", "GROUP BY ALL"),
        ("select distinct on (name) name, n from figures", "DISTINCT ON"),
        ("select figures.n from figures join figures as b using (n)", "USING"),
        ("select figures.n from figures anti join figures as b on b.n = figures.n", "ANTI"),
        ("select sum(n) filter (where n > 1) from figures", "FILTER"),
        ("select unnest([1, 2]) as n", r"explode\(\)"),
        ("select n // 2 from figures", "//"),
        ("with recursive a as (select 1 as n) select n from a", "WITH RECURSIVE"),
        ("select n from figures where name like name", "LIKE"),
        ("select sum(measured) from figures", "sum of doubles"),
        ("select cast(measured as integer) from figures", "double cast to a whole number"),
        ("select coalesce(measured, exact) from figures", "double beside a decimal in coalesce"),
        ("select round(measured, n) from figures", "decimals that are no plain number"),
        ("delete from figures", "no SELECT"),
    ],
)
def test_what_is_not_portable_is_named(shapes: Shapes, sql: str, construct: str) -> None:
    with pytest.raises(NotPortable, match=construct):
        _spark(shapes, "mine", sql)


@pytest.mark.parametrize("value", ["O'Brien", "back\\slash", "a' or '1' = '1", "';--", "${x}", ""])
def test_a_value_is_one_literal(shapes: Shapes, value: str) -> None:
    text = _spark(shapes, "mine", "select n from figures where name = $name", name=value)
    (literal,) = parse_one(text, dialect="spark").find_all(exp.Literal)
    assert literal.is_string
    assert literal.this == value


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal("1E-7"), "0.0000001"),
        (Decimal("-0.50"), "-0.50"),
        (True, "TRUE"),
        (None, "NULL"),
        (12, "12"),
    ],
)
def test_a_value_keeps_its_digits(shapes: Shapes, value: object, written: str) -> None:
    assert f"SELECT {written} AS" in _spark(shapes, "mine", "select $v as v", v=value)


@pytest.mark.parametrize(
    ("duckdb", "spark"),
    [
        ("string_agg(name, '; ' order by name)", "WITHIN GROUP"),
        ("row_number() over (order by exact)", "NULLS LAST"),
        ("n / 2", "CAST(figures.n AS DOUBLE) / CAST(2 AS DOUBLE)"),
        ("regexp_extract(name, '^[a-z]')", ", 0)"),
        ("cast(name as varchar)", "AS STRING"),
        ("bit_count(bit_or(n))", "BIT_COUNT(BIT_OR(figures.n))"),
        ("cast(1 as bigint) << n", "SHIFTLEFT(CAST(1 AS BIGINT), figures.n)"),
    ],
)
def test_a_word_of_duckdb_in_spark(shapes: Shapes, duckdb: str, spark: str) -> None:
    assert spark in _spark(shapes, "mine", f"select {duckdb} as told from figures")


def test_names_of_a_with_become_parts_in_order() -> None:
    sql = (
        "with a as (select n from figures), b as (select a.n from a join a as c on c.n = a.n) "
        "select n from (select n from b) as d"
    )
    found = parts("mine", sql)
    assert [part.name for part in found] == ["mine__a", "mine__b", "mine__d", "mine"]
    assert [part.reads for part in found] == [
        ("figures",),
        ("mine__a", "mine__a"),
        ("mine__b",),
        ("mine__d",),
    ]


def test_a_name_of_a_with_may_be_that_of_the_table_it_reads() -> None:
    first, last = parts("mine", "with figures as (select n from figures) select n from figures")
    assert first.reads == ("figures",)
    assert last.reads == ("mine__figures",)
