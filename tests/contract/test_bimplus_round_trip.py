"""Models read from IFC, served as Bimplus and fetched: the same, but for what the wire cannot
carry.

Every difference is given a kind by the rules here, and each kind must be explained in
bimplus_cannot_carry.csv.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest
from both_ways import Both, Row, Tables
from round_trip import MODELS, PUBLIC, TOLERANCE, UNLISTED, Difference, both_of, kinds, listed

METRES = (("bimplus_lengths", "m"),)
# Those that have losses which no other model has.
ODD = (
    "Duplex_A_20110907",
    "Duplex_Electrical_20121207",
    "Schependomlaan_kalkzandsteen",
    "BIMWhale_LargeBuilding",
)

# Groups of attributes that every object has by itself; `materialelement` says its material.
_OWN_GROUPS = ("element", "general", "materialelement", "Classification")
_LAYERS = ("MaterialLayer", "SlabLayer")
_IN_MM = {
    "METRE": 1000,
    "FOOT": 304.8,
    "INCH": 25.4,
    "CENTI METRE": 10,
    "MILLI METRE": 1,
    "m": 1000,
    "mm": 1,
}
# Columns of elements that come as attributes of the group `ifc`, and some of them as columns, too.
_AS_ATTRIBUTES = ("authoring_id", "system", "phase", "discipline")
_COLUMNS = (
    "Tag PredefinedType System Phase Discipline AuthoringId SourceClass IsExternal LoadBearing"
).split()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bimplus_both_ways")


@pytest.fixture(
    scope="module", params=[(name, form) for name in MODELS for form in ((), METRES)], ids=str
)
def both(request: pytest.FixtureRequest, folder: Path) -> Both:
    name, switches = request.param
    shared = request.getfixturevalue("shared") if name in PUBLIC else Path()
    return both_of(name, shared, folder, "bimplus", switches)


def test_every_difference_is_of_a_kind_that_the_wire_forces(both: Both) -> None:
    known = listed("bimplus")
    others = [one for kind, some in found(both).items() if kind not in known for one in some]
    assert others[:5] == []


def test_the_same_elements_come_each_once(both: Both) -> None:
    """By their IFC GUID; layers come as objects of their own and have none."""
    sent, came = (
        sorted(row["ifc_guid"] or "" for row in rows["elements"] if _is_object(row))
        for rows in (both.sent, both.came)
    )
    assert came == sent
    ids = [row["element_id"] for row in both.came["elements"]]
    assert len(ids) == len(set(ids))


def test_every_kind_on_the_list_is_met(shared: Path, folder: Path) -> None:
    """A kind that no model has any more is not forced by the wire."""
    models = [
        both_of(name, shared, folder, "bimplus")
        for name in MODELS
        if name not in PUBLIC or name in ODD
    ]
    met = {kind for both in models for kind in found(both)}
    assert set(listed("bimplus")) - met == set()


def _is_object(row: Row) -> bool:
    return row["role"] != "type" and row["source_class"] not in _LAYERS


def found(both: Both) -> dict[str, list[Difference]]:
    """All differences by kind. A value of no set stands in the group `ifc`: it is the same."""
    came = {
        **both.came,
        "properties": [_without_group(row, "set_name") for row in both.came["properties"]],
        "quantities": [_without_group(row, "source_set") for row in both.came["quantities"]],
    }
    rules = _Rules(both)
    return kinds(replace(both, came=came), rules.kind)


def _without_group(row: Row, column: str) -> Row:
    return {**row, column: None} if row[column] == "ifc" else row


class _Rules:
    """The kind of each difference; `UNLISTED` for what nothing forces."""

    def __init__(self, both: Both) -> None:
        self._attributes: dict[str, set[str]] = defaultdict(set)
        self._layers = {row["element_no"] for row in both.came["elements"] if _is_layer(row)}
        guids = {row["element_no"]: row["ifc_guid"] for row in both.came["elements"]}
        for row in both.came["properties"]:
            if row["text"] is not None:
                self._attributes[guids[row["element_no"]] or ""].add(row["text"])
        self._sent, self._came = (_materials(rows) for rows in (both.sent, both.came))

    def kind(self, one: Difference) -> str | None:
        if one.where[0] == "type":
            return "type_element"
        table, _, column = one.about.partition(".")
        if column and table in ("elements", "quantities", "properties", "materials", "locations"):
            assert one.sent is not None
            assert one.came is not None
            of_column = {
                "elements": self._element,
                "quantities": self._figure,
                "properties": self._property,
                "materials": self._material,
                "locations": self._place,
            }
            return of_column[table](column, one.sent, one.came)
        return self._row(table, one)

    def _row(self, table: str, one: Difference) -> str:
        row = one.sent or one.came
        assert row is not None
        if table == "elements":
            return "layer_as_element" if _is_layer(row) else UNLISTED
        if table == "locations":
            return "location_project" if row["kind"] == "project" else UNLISTED
        if table == "relations":
            return self._relation(one)
        if table == "boxes":
            return "boxes" if one.came is None else UNLISTED
        if one.sent is None and row["element_no"] in self._layers:
            return "layer_as_element"
        if table == "materials":
            return "materials_joined" if self._is_joined(one) else UNLISTED
        if table == "codes":
            beside = row["system"].endswith((" edition", " title"))
            is_bare = row["code"] is None if one.came is None else beside
            return "code_without_identification" if is_bare else UNLISTED
        if table == "properties" and one.sent is None:
            if row["set_name"] is None and row["name"] in _COLUMNS:
                return "element_column"
            is_own = row["set_name"] in _OWN_GROUPS or row["name"] == "ifcgloballyuniqueid"
            return "own_attribute" if is_own else UNLISTED
        if table == "properties" and one.came is None and _is_empty(row):
            return "empty"
        if one.about == "figure as property" and row["kind"] == "count":
            return "count_without_unit"
        if one.sent is not None and one.came is not None:
            return _property_and_figure(one.sent, one.came)
        return UNLISTED

    def _is_joined(self, one: Difference) -> bool:
        """Whether the other side's materials of the element are parts of this one, or it of one."""
        row, others = (one.sent, self._came) if one.came is None else (one.came, self._sent)
        assert row is not None
        said = row["material"] or ""
        return any(other in said or said in other for other in others[one.where[1]])

    def _relation(self, one: Difference) -> str:
        row = one.sent or one.came
        assert row is not None
        if one.sent is None:
            return "layer_as_element" if row["kind"] == "part_of" else UNLISTED
        return "relations" if row["kind"] in ("fills", "bounds", "in_system") else UNLISTED

    def _element(self, column: str, sent: Row, came: Row) -> str:
        said = sent[column]
        if column == "type_id" and came[column] is None:
            return "type_element"
        if column == "discipline" and (came[column] or "").startswith("ID_"):
            return "discipline_is_layer"
        if column == "predefined_type" and came[column] is None and sent["type_id"] is not None:
            return "predefined_type_of_type"
        is_attribute = said in self._attributes[sent["ifc_guid"] or ""]
        if column in _AS_ATTRIBUTES and came[column] is None and is_attribute:
            return "element_column"
        return UNLISTED

    def _figure(self, column: str, sent: Row, came: Row) -> str:
        if column in ("source_value", "source_unit", "unit_status"):
            return "unit_as_written"
        if came["basis"] == "vendor_calculated":
            is_told = column in ("basis", "origin", "source_set", "source_name")
            return "origin_not_told" if is_told and sent["basis"] != "authored" else UNLISTED
        return "origin_not_told" if column == "origin" else UNLISTED

    def _property(self, column: str, sent: Row, came: Row) -> str:
        is_same = column == "unit" or (
            column == "number"
            and math.isclose(
                sent["number"] * _IN_MM.get(sent["unit"], math.nan),
                came["number"] * _IN_MM.get(came["unit"], math.nan),
                rel_tol=TOLERANCE,
            )
        )
        return "unit_as_written" if is_same else UNLISTED

    def _material(self, column: str, sent: Row, came: Row) -> str:
        if column == "role" and "single" in (sent["role"], came["role"]):
            return "material_role"
        if column == "thickness_m" and (sent["role"], came["role"]) == ("single", "layer"):
            return "material_role"
        return UNLISTED

    def _place(self, column: str, sent: Row, came: Row) -> str:
        if column == "parent_id" and sent["kind"] == "site":
            return "location_project"
        return UNLISTED


def _materials(rows: Tables) -> dict[str, set[str]]:
    """The names of materials by the GUID of the element; those without one are together."""
    guids = {row["element_no"]: row["ifc_guid"] for row in rows["elements"]}
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows["materials"]:
        found[guids[row["element_no"]] or ""].add(row["material"] or "")
    return found


def _is_layer(row: Row) -> bool:
    return row["source_class"] in _LAYERS and row["ifc_guid"] is None


def _is_empty(row: Row) -> bool:
    return row["value_kind"] == "none" or row["text"] == ""


def _property_and_figure(sent: Row, came: Row) -> str:
    """A number that is a figure on one side, and alone or beside it a property on the other."""
    is_number = all(row.get("value_kind", "number") == "number" for row in (sent, came))
    return "property_as_figure" if is_number else UNLISTED
