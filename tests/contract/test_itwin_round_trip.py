"""Models read from IFC, served as iTwin and fetched: the same, but for what the wire cannot carry.

Every difference is given a kind by the rules here, and each kind must be explained in
itwin_cannot_carry.csv. Elements go by their GUID; where that is missing or repeated, by the id that
the connector had of them, which a column tells.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest
from both_ways import Both, Row, Tables
from round_trip import (
    MODELS,
    PUBLIC,
    SAMPLES,
    TOLERANCE,
    UNLISTED,
    Difference,
    both_of,
    kinds,
    listed,
)

MILLIMETRES = (("itwin_units", "mm"),)
FEED = (("reader", "odata"),)
# Those that have losses which no other model has.
ODD = ("Duplex_A_20110907", "Duplex_Electrical_20121207")
WAYS = (
    *((name, switches, ()) for name in MODELS for switches in ((), MILLIMETRES)),
    *((name, (), FEED) for name in SAMPLES),
)

_SOURCE_ID = ("ExternalSourceAspect", "SourceId")
_NUMBERS = ("element_no", "from_element_no", "to_element_no")
# Elements of the lake that came from elsewhere come after all others.
_LAST = 1 << 30
_COLUMNS = ("mark", "authoring_id", "predefined_type", "name", "phase", "system", "discipline")

Way = tuple[str, tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("itwin_both_ways")


@pytest.fixture(scope="module", params=WAYS, ids=lambda way: str(way).replace("'", ""))
def both(request: pytest.FixtureRequest, folder: Path) -> Both:
    name, switches, asking = request.param
    shared = request.getfixturevalue("shared") if name in PUBLIC else Path()
    return in_order(both_of(name, shared, folder, "itwin", switches, asking))


def test_every_difference_is_of_a_kind_that_the_wire_forces(both: Both) -> None:
    known = listed("itwin")
    others = [one for kind, some in found(both).items() if kind not in known for one in some]
    assert others[:5] == []


def test_the_same_elements_come_each_once(both: Both) -> None:
    sent = sorted(row["ifc_guid"] or "" for row in both.sent["elements"])
    assert sorted(row["ifc_guid"] or "" for row in both.came["elements"]) == sent
    ids = [row["element_id"] for row in both.came["elements"]]
    assert len(ids) == len(set(ids))


def test_every_figure_comes_with_the_same_value(both: Both) -> None:
    """Within 1e-9; counts alone come as numbers. What bodies gave may come under another name."""
    came: dict[tuple[int, str], list[float]] = defaultdict(list)
    for row in both.came["quantities"]:
        came[row["element_no"], row["source_name"]].append(row["value"])
    for row in both.came["properties"]:
        came[row["element_no"], row["name"]].append(row["number"])
    for row in both.sent["quantities"]:
        if row["value"] is not None and row["basis"] != "computed":
            values = [one for one in came[row["element_no"], row["source_name"]] if one is not None]
            assert any(math.isclose(one, row["value"], rel_tol=TOLERANCE) for one in values), row


def test_every_kind_on_the_list_is_met(shared: Path, folder: Path) -> None:
    """A kind that no model has any more is not forced by the wire."""
    models = [name for name in MODELS if name not in PUBLIC or name in ODD]
    met = {
        kind for name in models for kind in found(in_order(both_of(name, shared, folder, "itwin")))
    }
    assert set(listed("itwin")) - met == set()


def in_order(both: Both) -> Both:
    """Elements that came by the numbers of those that were sent."""
    told = {
        row["element_no"]: row["text"]
        for row in both.came["properties"]
        if (row["set_name"], row["name"]) == _SOURCE_ID
    }
    known = {row["source_id"]: row["element_no"] for row in both.sent["elements"]}
    numbers = {
        row["element_no"]: known.get(told.get(row["element_no"]), _LAST + row["element_no"])
        for row in both.came["elements"]
    }
    came: Tables = {
        table: [
            {**row, **{name: numbers[row[name]] for name in _NUMBERS if row.get(name) is not None}}
            for row in rows
        ]
        for table, rows in both.came.items()
    }
    return replace(both, came=came)


def found(both: Both) -> dict[str, list[Difference]]:
    """All differences by kind."""
    return kinds(both, _Rules(both).kind)


class _Rules:
    """The kind of each difference; `UNLISTED` for what nothing forces."""

    def __init__(self, both: Both) -> None:
        self._elements = {row["element_no"]: row for row in both.came["elements"]}
        self._codes = {
            (row["element_no"], row["system"]) for row in both.sent["codes"] if row["code"] is None
        }
        self._projects = {
            row["location_id"] for row in both.sent["locations"] if row["kind"] == "project"
        }

    def kind(self, one: Difference) -> str:
        table, _, column = one.about.partition(".")
        if column and one.sent is not None and one.came is not None:
            return self._of_column(table, column, one.sent, one.came)
        if one.sent is None:
            return self._of_came(table, one.came or {})
        if one.came is not None:
            return _of_count(one.about, one.sent, one.came)
        return self._of_sent(table, one.sent)

    def _of_column(self, table: str, column: str, sent: Row, came: Row) -> str:
        if (table, column) == ("locations", "parent_id"):
            is_project = sent["parent_id"] in self._projects and came["parent_id"] is None
            return "location_project" if is_project else UNLISTED
        if table == "quantities":
            return _of_figure(column, sent, came)
        if sent[column] == "" and came[column] is None:
            return "empty"
        return UNLISTED

    def _of_came(self, table: str, came: Row) -> str:
        if table != "properties":
            return UNLISTED
        if came["name"] == "ECClassId" or (came["set_name"], came["name"]) == _SOURCE_ID:
            return "column_of_its_own"
        is_part = came["name"].startswith("Code_")
        is_of_none = (came["element_no"], came["set_name"]) in self._codes
        return "code_missing" if is_part and is_of_none else UNLISTED

    def _of_sent(self, table: str, sent: Row) -> str:
        if table == "locations":
            return "location_project" if sent["kind"] == "project" else UNLISTED
        if table == "relations":
            return "relations" if sent["kind"] not in ("part_of", "voids") else UNLISTED
        if table == "boxes":
            return "boxes"
        if table == "codes":
            return "code_missing" if sent["code"] is None else UNLISTED
        return self._of_property(sent) if table == "properties" else UNLISTED

    def _of_property(self, sent: Row) -> str:
        if sent["value_kind"] == "none" or sent["text"] == "":
            return "empty"
        element = self._elements[sent["element_no"]]
        columns = [element[name] for name in _COLUMNS]
        is_there = sent["set_name"] is None and sent["text"] in columns
        return "own_attribute" if is_there else UNLISTED


def _of_figure(column: str, sent: Row, came: Row) -> str:
    """Its value is compared like any other column: in SI it is the same."""
    if column in ("origin", "unit_status") and came["origin"] == "mapping":
        return "origin"
    if column in ("source_unit", "source_value"):
        return "unit_as_written"
    is_computed = sent["basis"] == "computed" and came["basis"] != "computed"
    if column in ("basis", "source_set", "source_name") and is_computed:
        return "worked_out"
    is_valueless = sent["value"] is None and came["value"] is None
    return "not_in_si" if column == "unit" and is_valueless else UNLISTED


def _of_count(about: str, sent: Row, came: Row) -> str:
    """A count that came as a number, or as one beside the figure."""
    if about not in ("figure as property", "properties") or "source_name" not in sent:
        return UNLISTED
    is_same = sent["unit"] == "1" and sent["value"] == came["number"]
    return "count" if is_same else UNLISTED
