"""Models read from IFC, served as Autodesk and fetched: alike, but for what the wire cannot carry.

Every difference is given a kind by the rules here, and each kind must be explained in
autodesk_cannot_carry.csv. Only files are compared: nothing here knows how either side was read.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from both_ways import Both, Row
from round_trip import (
    MODELS,
    PUBLIC,
    SAMPLE,
    TOLERANCE,
    UNLISTED,
    Difference,
    Key,
    Side,
    both_of,
    kinds,
    listed,
    place,
)

LOOKS = {
    "metric": (("autodesk_units", "metric"),),
    "imperial": (("autodesk_units", "imperial"),),
    "German": (("autodesk_language", "de"),),
    "from IFC": (("autodesk_source", "ifc"),),
}
# Every model in both systems of units, and in the other looks those that have most to lose.
SOME = ("architecture", "services", "structure", "guid_twice_and_missing", "Duplex_A_20110907")
SERVED = [
    (name, look) for look in LOOKS for name in (MODELS if look in ("metric", "imperial") else SOME)
]
# The elements that a takeoff counts; beside them the index has rows of its own.
COUNTED = ("physical", "part", "opening", "space")
OWN_GROUPS = ("type", "location", "mark")
# Parameters that Revit gives to everything, by the category that they stand in.
OWN = {
    "Constraints": ("Level", "Base Constraint", "Base Level", "Elevation"),
    "Construction": ("Function",),
    "Graphics": ("Discipline",),
    "Identity Data": (
        "Mark",
        "Type Name",
        "Assembly Code",
        "Assembly Description",
        "OmniClass Number",
        "OmniClass Title",
    ),
    "IFC Parameters": ("IfcGUID", "Export to IFC As", "IFC Predefined Type"),
    "Materials and Finishes": ("Structural Material",),
    "Mechanical": ("System Name",),
    "Other": ("Project Name",),
    "Phasing": ("Phase Created",),
    "Structural": ("Structural",),
}
OWN_IN = {
    "metric": OWN,
    "imperial": OWN,
    "from IFC": {**OWN, "IFC": (*OWN["IFC Parameters"], "Level")},
    "German": {
        "Abhängigkeiten": ("Ebene", "Abhängigkeit unten", "Basisebene", "Ansicht"),
        "Grafiken": ("Disziplin",),
        "HLS": ("Systemname",),
        "ID-Daten": (
            "Kennzeichen",
            "Typname",
            "Baugruppenkennzeichen",
            "Baugruppenbeschreibung",
            "OmniClass-Nummer",
            "OmniClass-Titel",
        ),
        "IFC-Parameter": ("IfcGUID", "Export nach IFC als", "Vordefinierter IFC-Typ"),
        "Konstruktion": ("Funktion",),
        "Materialien und Oberflächen": ("Tragwerksmaterial",),
        "Phasen": ("Phase erstellt",),
        "Sonstige": ("Projektname",),
        "Tragwerk": ("Tragwerk",),
    },
}
ELEMENT_ID = re.compile(r"[1-9][0-9]{0,9}")
CODE = re.compile(r"Classification\..+\.(Number|Description)(\(\d+\))?")
CODE_FIELDS = {"Assembly Code": "uniformat", "OmniClass": "omniclass"}
# Metres, or square or cubic metres, for one of the unit that a number is shown in.
SI = {"millimeters": 0.001, "centimeters": 0.01, "meters": 1.0, "feet": 0.3048, "ft": 0.3048}
SHORT = {
    "kg": 1.0,
    "mm": 0.001,
    "m": 1.0,
    "m^2": 1.0,
    "m^3": 1.0,
    "ft^2": 0.09290304,
    "ft^3": 0.028316846592,
}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("autodesk_both_ways")


@pytest.fixture(
    scope="module",
    params=SERVED,
    ids=lambda param: "-".join(param),
)
def served(request: pytest.FixtureRequest, folder: Path) -> tuple[Both, str]:
    """One model as it was sent and came, and what it looked like on the wire."""
    name, look = request.param
    shared = request.getfixturevalue("shared") if name in PUBLIC else SAMPLE
    return both_of(name, shared, folder, "autodesk", LOOKS[look]), look


@pytest.fixture(scope="module")
def both(served: tuple[Both, str]) -> Both:
    return served[0]


def test_every_difference_is_of_a_kind_that_the_wire_forces(served: tuple[Both, str]) -> None:
    known = listed("autodesk")
    both, look = served
    found = kinds(both, Rules(both, look).kind_of)
    others = [one for kind, some in found.items() if kind not in known for one in some]
    assert others[:5] == []


def test_the_same_elements_come_each_once(both: Both) -> None:
    sent, came = (
        sorted(
            (row["ifc_guid"] or "", row["ifc_class"], row["name"] or "")
            for row in rows["elements"]
            if row["role"] in COUNTED
        )
        for rows in (both.sent, both.came)
    )
    assert came == sent


def test_the_sums_are_the_same(both: Both) -> None:
    """Of each quantity, as it stands in sets and as it was worked out from the bodies."""
    sent, came = (_sums(rows["quantities"]) for rows in (both.sent, both.came))
    assert sent.keys() == came.keys()
    assert all(math.isclose(came[name], total, rel_tol=1e-9) for name, total in sent.items())


def test_every_kind_on_the_list_is_met(shared: Path, folder: Path) -> None:
    """A kind that no model has any more is not forced by the wire."""
    met: set[str] = set()
    for name in MODELS:
        both = both_of(name, shared, folder, "autodesk", LOOKS["metric"])
        met |= kinds(both, Rules(both, "metric").kind_of).keys()
    assert set(listed("autodesk")) - met == set()


def _sums(rows: list[Row]) -> dict[tuple[str, str], float]:
    """The first figure of each name that stands in a set, and all others."""
    found: dict[tuple[str, str], float] = {}
    seen = set()
    for row in sorted(rows, key=lambda one: (one["element_no"], one["ordinal"])):
        where = (row["element_no"], *place(row), row["quantity"])
        if row["quantity"] is None or row["value"] is None or where in seen:
            continue
        seen.add(where)
        name = (row["quantity"], "in a set" if row["source_set"] else "in none")
        found[name] = found.get(name, 0.0) + row["value"]
    return found


class Rules:
    """Why a difference is there, as far as the wire forces it; all others are `unlisted`."""

    def __init__(self, both: Both, look: str) -> None:
        self._own = OWN_IN[look]
        self._has_element_ids = look != "from IFC"
        self._sent, self._came = Side(both.sent), Side(both.came)
        self._figures = self._sent.rows("quantities")
        self._properties = self._sent.rows("properties")
        self._document = both.came["elements"][0]["element_id"]
        self._codes = {side: side.rows("codes") for side in (self._sent, self._came)}

    def kind_of(self, one: Difference) -> str:
        """The kind of a difference."""
        table, _, column = one.about.partition(".")
        rules: dict[str, Callable[[Difference, str], str]] = {
            "elements": self._of_element,
            "codes": self._of_code,
            "materials": self._of_material,
            "relations": self._of_relation,
            "boxes": self._of_box,
            "locations": self._of_location,
            "quantities": self._of_figure,
            "figure as property": self._of_count,
            "properties": self._of_property,
            "property as figure": self._of_number,
        }
        return rules[table](one, column)

    def _of_element(self, one: Difference, column: str) -> str:
        sent, came = one.sent, one.came
        if sent is None:
            return "rows_of_its_own" if one.where[0] in OWN_GROUPS else UNLISTED
        if came is None:
            return UNLISTED
        is_lost = came.get(column) is None
        if column == "authoring_id":
            is_number = ELEMENT_ID.fullmatch(sent[column] or "")
            return UNLISTED if is_number and self._has_element_ids else "element_id"
        if column == "source_class":
            return "category"
        if column in ("building_id", "building_name") and is_lost and sent["storey_id"] is None:
            return "building_without_level"
        if column in ("space_id", "space_name") and is_lost:
            return "space"
        if column in ("phase", "system", "mark"):
            is_said = any(row["text"] == came[column] for row in self._properties[one.where])
            return "told_by_parameter" if is_said else UNLISTED
        return UNLISTED

    def _of_code(self, one: Difference, column: str) -> str:
        if column == "edition":
            return "code_edition"
        row = one.sent or one.came
        assert row is not None
        if one.sent is not None and row["code"] is None:
            return "code_missing"
        side = self._came if one.sent is not None else self._sent
        others = [other for other in self._codes[side][one.where] if other["code"] == row["code"]]
        if any(_is_field_of(row, other) or _is_field_of(other, row) for other in others):
            return "code_system"
        said = [other["text"] for other in self._properties[one.where]]
        return "told_by_parameter" if one.sent is None and row["code"] in said else UNLISTED

    def _of_material(self, one: Difference, column: str) -> str:
        if one.sent is None:
            return UNLISTED
        if not column:
            return "material_not_first"
        return "material_role" if column == "role" else "material_numbers"

    def _of_relation(self, one: Difference, column: str) -> str:
        is_told = one.sent is None or one.sent["kind"] in ("part_of", "voids")
        return UNLISTED if column or is_told else "relations"

    def _of_box(self, one: Difference, column: str) -> str:
        return UNLISTED if one.sent is None else "boxes"

    def _of_location(self, one: Difference, column: str) -> str:
        assert one.came is not None
        is_document = one.sent is None and one.came["location_id"] == self._document
        is_above = column == "parent_id" and one.came["parent_id"] == self._document
        return "document" if is_document or is_above else UNLISTED

    def _of_figure(self, one: Difference, column: str) -> str:
        sent, came = one.sent, one.came
        if came is None:
            assert sent is not None
            same = [row for row in self._figures[one.where] if place(row) == place(sent)]
            return "name_repeated" if len(same) > 1 else UNLISTED
        if sent is None:
            return "parameter_of_its_own" if self._is_own(came) else UNLISTED
        if "set_name" in sent:
            return self._of_new_figure(sent, came)
        if column in ("source_unit", "source_value", "unit_status"):
            return "unit_of_display"
        if sent["basis"] == "computed" and column in ("basis", "origin", "source_name"):
            return "worked_out"
        return "origin" if column == "origin" else UNLISTED

    def _of_new_figure(self, sent: Row, came: Row) -> str:
        """A property that has come as a figure as well."""
        if came["value"] is None:
            return "number_without_unit" if sent["unit"] is None else UNLISTED
        return "number_with_unit" if sent["unit"] is not None else UNLISTED

    def _of_count(self, one: Difference, column: str) -> str:
        assert one.sent is not None
        assert one.came is not None
        is_count = one.sent["unit"] == "1" and one.sent["quantity"] is None
        return "count" if is_count and one.came["number"] == one.sent["value"] else UNLISTED

    def _of_property(self, one: Difference, column: str) -> str:
        sent, came = one.sent, one.came
        if came is None:
            assert sent is not None
            return self._of_lost_property(one.where, sent)
        if sent is None:
            is_code = came["set_name"] == "Data" and CODE.fullmatch(came["name"]) is not None
            return "parameter_of_its_own" if is_code or self._is_own(came) else UNLISTED
        if "source_set" in sent:
            return "unnamed_figure" if sent["quantity"] is None else UNLISTED
        if column in ("unit", "number") and self._is_same_size(one.where, sent, came):
            return "unit_of_display"
        return self._of_lost_property(one.where, sent)

    def _of_lost_property(self, where: Key, sent: Row) -> str:
        if self._is_own(sent):
            return "name_taken"
        if sent["value_kind"] == "none":
            return "value_not_set"
        same = [row for row in self._properties[where] if place(row) == place(sent)]
        return "name_repeated" if len(same) > 1 else UNLISTED

    def _of_number(self, one: Difference, column: str) -> str:
        """A property that was a figure too has come as the figure alone, for that has a name."""
        assert one.sent is not None
        assert one.came is not None
        figures = [row for row in self._figures[one.where] if place(row) == place(one.sent)]
        same = [row for row in figures if _is_close(row["value"], one.came["value"])]
        return "named_figure" if same and one.came["quantity"] is not None else UNLISTED

    def _is_own(self, row: Row) -> bool:
        category, name = place(row)
        if category is not None and category.startswith("__"):
            return True
        return name in self._own.get(category or "", ())

    def _is_same_size(self, where: Key, sent: Row, came: Row) -> bool:
        """Whether a number is the same but for its unit: as it stood, or as its own figure."""
        if _is_close(sent["number"], came["number"]) and _same_unit(sent["unit"], came["unit"]):
            return True
        factor = _factor(came["unit"])
        figures = [row for row in self._figures[where] if place(row) == place(sent)]
        return factor is not None and any(
            _is_close(row["value"], came["number"] * factor) for row in figures
        )


def _is_field_of(row: Row, other: Row) -> bool:
    """Whether `row` stands in the field that Revit has for the system of `other`."""
    word = CODE_FIELDS.get(row["system"])
    return word is not None and (other["system"] or "").lower().startswith(word)


def _is_close(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=TOLERANCE)


def _factor(unit: str | None) -> float | None:
    """What one of this unit is in SI."""
    if unit is None:
        return None
    name = unit.removeprefix("autodesk.unit.unit:").partition("-")[0]
    known = {**SI, **SHORT, "squareMeters": 1.0, "cubicMeters": 1.0, "kilograms": 1.0}
    return known.get(name)


def _same_unit(sent: str | None, came: str | None) -> bool:
    """Whether an IFC unit as it was read is what the wire calls otherwise."""
    words = {
        "METRE": ("meters", "m"),
        "CENTI METRE": ("centimeters", "cm"),
        "MILLI METRE": ("millimeters", "mm"),
        "FOOT": ("feet", "ft"),
        "INCH": ("inches", "inch"),
        "SQUARE_METRE": ("squareMeters", "m^2"),
        "CUBIC_METRE": ("cubicMeters", "m^3"),
        "DEGREE": ("degrees", "degree"),
        "RADIAN": ("radians", "radian"),
        "KILO GRAM": ("kilograms", "kg"),
        "SECOND": ("seconds", "s"),
    }
    name = (came or "").removeprefix("autodesk.unit.unit:").partition("-")[0]
    return name in words.get(sent or "", ()) or sent == came
