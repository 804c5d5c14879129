"""The query language: what is put together is what the contract writes."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest
from autodesk_rows import field, lines, recorded

from takeoff.core.errors import InputRefused
from takeoff.vendors.autodesk import fields, query
from takeoff.vendors.autodesk.query import (
    Query,
    aggregate,
    all_of,
    any_of,
    at_least,
    at_most,
    between,
    column,
    contains,
    count,
    equal,
    function,
    greater,
    in_category,
    in_view,
    is_drawn,
    is_missing,
    is_there,
    keyword,
    less,
    like,
    literal,
    none_of,
    on_level,
    one_of,
    prop,
    unequal,
)


def test_example_of_the_contract() -> None:
    walls = all_of(equal(prop("pa7275c45"), -2000011), is_drawn())
    columns = {
        "name": prop("p153cb174"),
        "area": prop("p10f4572e"),
        "volume": prop("p188478f2"),
    }
    assert Query(walls, columns, ("s.svf2Id", "s.externalId")).body == {
        "query": {
            "$and": [
                {"$eq": ["s.props.pa7275c45", -2000011]},
                {"$gt": [{"$count": "s.views"}, 0]},
            ]
        },
        "columns": {
            "s.svf2Id": True,
            "s.externalId": True,
            "name": "s.props.p153cb174",
            "area": "s.props.p10f4572e",
            "volume": "s.props.p188478f2",
        },
    }


def test_example_in_the_module() -> None:
    assert doctest.testmod(query).failed == 0


def test_whole_rows_are_asked_for_without_columns() -> None:
    assert Query(is_drawn()).body == {"query": {"$gt": [{"$count": "s.views"}, 0]}}


def test_text_is_a_literal_in_quotes_of_which_those_inside_are_doubled() -> None:
    assert literal("Walls").json == "'Walls'"
    assert literal("O'Neil").json == "'O''Neil'"
    assert literal("s.props.p1").json == "'s.props.p1'"
    assert [literal(value).json for value in (True, 7, 2.5)] == [True, 7, 2.5]


@pytest.mark.parametrize(
    ("condition", "written"),
    [
        (unequal(prop("p1"), "x"), {"$ne": ["s.props.p1", "'x'"]}),
        (less(prop("p1"), 1), {"$lt": ["s.props.p1", 1]}),
        (at_most(prop("p1"), 1), {"$le": ["s.props.p1", 1]}),
        (greater(prop("p1"), 1), {"$gt": ["s.props.p1", 1]}),
        (at_least(prop("p1"), 1), {"$ge": ["s.props.p1", 1]}),
        (like(prop("p1"), "Level%"), {"$like": ["s.props.p1", "'Level%'"]}),
        (between(prop("p1"), 1, 2), {"$between": ["s.props.p1", 1, 2]}),
        (one_of(prop("p1"), "a", "b"), {"$in": ["s.props.p1", "'a'", "'b'"]}),
        (in_view("e7fda9d5"), {"$contains": ["s.views", "'e7fda9d5'"]}),
        (contains(column("s.views"), "x"), {"$contains": ["s.views", "'x'"]}),
        (is_missing(prop("p1")), {"$isnull": "s.props.p1"}),
        (is_there(prop("p1")), {"$notnull": "s.props.p1"}),
        (none_of(is_there(prop("p1"))), {"$not": {"$notnull": "s.props.p1"}}),
        (
            any_of(is_missing(prop("p1")), is_drawn()),
            {"$or": [{"$isnull": "s.props.p1"}, {"$gt": [{"$count": "s.views"}, 0]}]},
        ),
        (
            equal(function("$lower", prop("p1")), "walls"),
            {"$eq": [{"$lower": "s.props.p1"}, "'walls'"]},
        ),
        (
            equal(function("$cast", prop("p1"), keyword("INT")), 1),
            {"$eq": [{"$cast": ["s.props.p1", "INT"]}, 1]},
        ),
    ],
)
def test_conditions(condition: query.Condition, written: object) -> None:
    assert condition.json == written


def test_aggregates_stand_alone() -> None:
    counted = Query(is_drawn(), {"rowCount": count(column("s.svf2Id"))})
    assert counted.body["columns"] == {"rowCount": {"$count": "s.svf2Id"}}
    with pytest.raises(InputRefused, match="beside plain columns"):
        Query(is_drawn(), {"sum": aggregate("$sum", prop("p1")), "name": prop("p2")})
    with pytest.raises(InputRefused, match="beside plain columns"):
        Query(is_drawn(), {"sum": aggregate("$sum", prop("p1"))}, ("s.svf2Id",))


@pytest.mark.parametrize(
    "path", ["props.p1", "s", "s.", "s.a b", "s.props.p1' or '1", "s.props.p-1"]
)
def test_what_is_no_column_is_refused(path: str) -> None:
    with pytest.raises(InputRefused, match="is no column"):
        column(path)


def test_other_names_are_refused() -> None:
    with pytest.raises(InputRefused, match="has no function"):
        function("$drop", 1)
    with pytest.raises(InputRefused, match="no aggregate"):
        aggregate("$median", prop("p1"))
    with pytest.raises(InputRefused, match="name of a column"):
        Query(is_drawn(), {"a b": prop("p1")})
    with pytest.raises(InputRefused, match="no word"):
        keyword("INT'")
    with pytest.raises(InputRefused, match="cannot hold"):
        literal(float("nan"))


def test_keys_are_found_in_the_fields_of_the_index(tmp_path: Path) -> None:
    path = tmp_path / "fields"
    path.write_bytes(recorded("fields.jsonl"))
    found = fields.read(path, "fields")
    assert found.key("Dimensions", "Width") == "p0d0c0002"
    assert found.key("Anything", "Mark") == "p8d70f1c5"
    assert in_category(found, -2000011).json == {"$eq": ["s.props.pa7275c45", -2000011]}
    assert on_level(found, "Level 1").json == {"$eq": ["s.props.p01bbdcf2", "'Level 1'"]}
    assert on_level(found, "L'2", "Base Constraint").json == {
        "$eq": ["s.props.pebcd7501", "'L''2'"]
    }
    with pytest.raises(InputRefused, match=r"ambiguous.*Dimensions.Width.*Construction.Width"):
        found.key(None, "Width")
    with pytest.raises(InputRefused, match="no field 'Breite'"):
        found.key("Dimensions", "Breite")


def test_same_name_in_two_units_is_ambiguous(tmp_path: Path) -> None:
    path = tmp_path / "fields"
    path.write_bytes(lines([field("a", "D", "L", uom="ft"), field("b", "D", "L", uom="mm")]))
    with pytest.raises(InputRefused, match="ambiguous"):
        fields.read(path, "fields").key("D", "L")
