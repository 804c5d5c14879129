"""Rows in the order of their key, and keys that are there twice."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest

from takeoff.lake import keys

LARGE = 2**62


def _table(rows: list[tuple[str | None, int, int]], *, encoded: bool = False) -> pa.Table:
    name, number, ordinal = zip(*rows, strict=True)
    names = pa.array(name, pa.string())
    return pa.table(
        {
            "name": names.dictionary_encode() if encoded else names,
            "number": pa.array(number, pa.int64()),
            "ordinal": pa.array(ordinal, pa.int32()),
        }
    )


def _rows(table: pa.Table) -> list[tuple[object, ...]]:
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


@pytest.mark.parametrize("encoded", [False, True])
@pytest.mark.parametrize("largest", [3, 2**31, LARGE], ids=["near", "wide", "far"])
def test_rows_are_ordered_as_arrow_orders_them(encoded: bool, largest: int) -> None:
    """Also where the mixed number of a row would not fit 64 bits without more ado."""
    chance = random.Random(7)
    names = ["Area", "area", "Ärea", "", None]
    rows = {
        (chance.choice(names), chance.randrange(-largest, largest), chance.randrange(4))
        for _ in range(500)
    }
    table = _table(sorted(rows, key=lambda row: hash(row)), encoded=encoded)
    key = ["name", "number", "ordinal"]
    ordered, repeated = keys.ordered(table, key)
    expected = _table(_rows(table)).sort_by([(name, "ascending") for name in key])
    assert _rows(ordered) == _rows(expected)
    assert repeated is None


def test_rows_that_lie_in_order_are_given_back_as_they_are() -> None:
    table = _table([("a", 1, 0), ("a", 1, 1), ("b", 0, 0), (None, 0, 0)])
    assert keys.ordered(table, ["name", "number", "ordinal"])[0] is table


@pytest.mark.parametrize("name", ["a", None])
def test_first_key_that_is_there_twice_is_told(name: str | None) -> None:
    table = _table([("x", 9, 9), (name, 5, 0), ("a", 1, 0), (name, 5, 0)])
    ordered, repeated = keys.ordered(table, ["name", "number", "ordinal"])
    assert repeated is not None
    assert _rows(ordered)[repeated] == _rows(ordered)[repeated + 1] == (name, 5, 0)


def test_no_rows_and_one_row_are_in_order() -> None:
    for count in (0, 1):
        table = _table([("a", 1, 0), ("b", 1, 0)]).slice(0, count)
        assert keys.ordered(table, ["name", "number"]) == (table, None)


def test_keys_of_wide_numbers_do_not_overflow_when_they_are_mixed() -> None:
    """Three columns of 31 bits each are more than one number of 64 holds."""
    chance = random.Random(11)
    names = ["a", "b", "c"]
    columns = {name: [chance.randrange(2**31 - 1) for _ in range(300)] for name in names}
    # The first two are often the same, so that the last decides.
    columns["a"] = [value % 2 * (2**31 - 2) for value in columns["a"]]
    columns["b"] = [value % 3 * (2**30 - 1) for value in columns["b"]]
    table = pa.table({name: pa.array(values, pa.int32()) for name, values in columns.items()})
    ordered, repeated = keys.ordered(table, names)
    assert _rows(ordered) == sorted(_rows(table))
    assert repeated is None


def test_of_several_keys_that_are_there_twice_the_first_is_told() -> None:
    table = _table([("b", 2, 0), ("a", 1, 0), ("b", 2, 0), ("a", 1, 0)])
    ordered, repeated = keys.ordered(table, ["name", "number", "ordinal"])
    assert (repeated, _rows(ordered)[0]) == (0, ("a", 1, 0))
