"""What is a change of an element, and what is noise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small_lakes import QUERIES, Model, open_lake

from takeoff.reports import catalog
from takeoff.reports.run import run

WALL = {
    "ifc_class": "Wall",
    "name": "W",
    "type_name": "T",
    "mark": "007",
    "storey_id": "s1",
    "storey_name": "Ground",
    "building_id": "b1",
    "building_name": "House",
    "load_bearing": True,
}


def _wall(vendor: str = "ifc", **told: Any) -> Model:
    return Model("m", vendor=vendor).add("w", **{**WALL, **told})


def _lines(tmp_path: Path, old: Model, new: Model, **params: Any) -> list[dict[str, Any]]:
    pair = (old.commit(tmp_path / "lake"), new.commit(tmp_path / "lake"))
    with open_lake(tmp_path / "lake", pairs=[pair]) as engine:
        query = catalog.find("changed_elements", [QUERIES])
        lines: list[dict[str, Any]] = run(engine, query, {"same": True, **params}).table.to_pylist()
    return lines


def _became(tmp_path: Path, old: Model, new: Model) -> tuple[str, str | None]:
    (line,) = _lines(tmp_path, old, new)
    return line["change"], line["what"]


CHANGED = [
    ({"name": "Other"}, "changed", "name"),
    ({"type_name": None}, "changed", "type"),
    ({"mark": "7"}, "changed", "mark"),
    ({"ifc_class": "Slab"}, "changed", "class"),
    ({"load_bearing": False}, "changed", "load bearing"),
    ({"load_bearing": None}, "changed", "load bearing"),
    ({"storey_id": "s2", "storey_name": "Roof"}, "moved", "storey"),
    ({"storey_id": None, "storey_name": None}, "moved", "storey"),
    ({"building_id": "b2", "building_name": "Barn"}, "moved", "building"),
    ({"space_id": "r1", "space_name": "Hall"}, "moved", "space"),
    ({"name": "Other", "storey_id": "s2", "storey_name": "Roof"}, "changed", "name, storey"),
    ({"storey_name": "Level 0"}, "same", None),
    ({"storey_id": "of another export"}, "same", None),
    ({"element_no": 5, "source_row": 99}, "same", None),
]


@pytest.mark.parametrize(("told", "change", "what"), CHANGED)
def test_what_differs_is_named(
    tmp_path: Path, told: dict[str, Any], change: str, what: str | None
) -> None:
    told = {name: value for name, value in told.items() if name != "element_no"}
    assert _became(tmp_path, _wall(), _wall(**told)) == (change, what)


def test_between_vendors_only_what_both_know_can_differ(tmp_path: Path) -> None:
    old = _wall().figure("NetVolume", 2).material("Brick")
    new = _wall("qonic", mark=None, type_name=None, storey_id="q", load_bearing=None)
    assert _became(tmp_path, old, new) == ("same", None)


def test_between_vendors_what_both_know_differs(tmp_path: Path) -> None:
    old = _wall().figure("NetVolume", 2)
    new = _wall("qonic", type_name="Other").figure("NetVolume", 3)
    assert _became(tmp_path, old, new) == ("changed", "figures, type")


@pytest.mark.parametrize(("value", "change"), [("2.000001", "same"), ("2.00001", "changed")])
def test_figures_that_differ_by_a_millionth_are_the_same(
    tmp_path: Path, value: str, change: str
) -> None:
    old, new = _wall().figure("NetVolume", 2), _wall().figure("NetVolume", value)
    assert _became(tmp_path, old, new)[0] == change


def test_a_figure_that_is_no_longer_known_is_a_change(tmp_path: Path) -> None:
    (line,) = _lines(tmp_path, _wall().figure("NetVolume", 2), _wall().figure("NetVolume", None))
    assert (line["change"], line["quantity"]) == ("changed", "NetVolume")
    assert (line["old_value"], line["new_value"], line["delta"]) == (2, None, None)


def test_sets_in_another_order_are_no_change(tmp_path: Path) -> None:
    old, new = _wall(), _wall()
    for model, names in ((old, ("Length", "NetVolume")), (new, ("NetVolume", "Length"))):
        for name in names:
            model.figure(name, 3)
    for model, names in ((old, "ABC"), (new, "CAB")):
        for name in names:
            model.prop(f"Pset_{name}", "Rating", f"F{name}").material(name, "list")
    assert _became(tmp_path, old, new) == ("same", None)


NOISE = [
    ("Site", "Gang", "A"),
    ("Pset_Site", "Crew", "A"),
    ("Site", "Last Modified", "yesterday"),
    ("Site", "ModifiedDate", "1700000000"),
    ("Site", "Touched", "2026-03-01T08:00:00"),
]


@pytest.mark.parametrize(("set_name", "name", "text"), NOISE)
def test_noise_is_no_change(tmp_path: Path, set_name: str, name: str, text: str) -> None:
    old = _wall().prop("Site", "Crew", "A").prop("Site", "Last Modified", "today")
    old.prop("Site", "ModifiedDate", "1600000000").prop("Site", "Touched", "2025-01-01")
    new = _wall().prop(set_name, name, text)
    assert _became(tmp_path, old, new) == ("same", None)


@pytest.mark.parametrize("name", ["FireRating", "Validated", "Update rate"])
def test_another_value_of_a_property_is_a_change(tmp_path: Path, name: str) -> None:
    old, new = _wall().prop("Pset", name, "F30"), _wall().prop("Pset", name, "F60")
    (line,) = _lines(tmp_path, old, new)
    assert (line["change"], line["what"], line["properties"]) == ("changed", "property", name)


def test_numbers_and_flags_of_properties_are_compared(tmp_path: Path) -> None:
    old = _wall().prop("P", "U", None, number=0.2).prop("P", "External", None, flag=True)
    new = _wall().prop("P", "U", None, number=0.3).prop("P", "External", None, flag=False)
    (line,) = _lines(tmp_path, old, new)
    assert line["properties"] == "External; U"


def test_another_whole_is_a_move_and_the_same_whole_of_another_id_is_none(tmp_path: Path) -> None:
    def model(parent: str, prefix: str) -> Model:
        told = Model("m")
        for whole in ("A", "B"):
            told.add(f"{prefix}{whole}", ifc_guid=whole, name=whole)
        return told.add("part", "part", parent_id=f"{prefix}{parent}")

    same = {line["name"]: line for line in _lines(tmp_path / "1", model("A", "x"), model("A", "y"))}
    assert same["part"]["change"] == "same"
    moved = {
        line["name"]: line for line in _lines(tmp_path / "2", model("A", "x"), model("B", "y"))
    }
    assert (moved["part"]["change"], moved["part"]["what"]) == ("moved", "whole")


def test_figures_of_what_was_added_and_removed_are_listed_if_asked_by_name(tmp_path: Path) -> None:
    old = Model("m").add("went").figure("NetVolume", 2).figure("Length", 1)
    new = Model("m").add("came").figure("NetVolume", 3)
    lines = _lines(tmp_path, old, new, quantity="NetVolume")
    found = [(x["change"], x["quantity"], x["old_value"], x["new_value"]) for x in lines]
    assert found == [("added", "NetVolume", None, 3), ("removed", "NetVolume", 2, None)]


def test_types_and_annotations_are_not_compared(tmp_path: Path) -> None:
    old = _wall().add("t", "type").add("grid", "annotation").add("Ground", "location")
    assert len(_lines(tmp_path, old, _wall())) == 1


def test_a_snapshot_is_the_same_as_itself(tmp_path: Path) -> None:
    snapshot = _wall().figure("NetVolume", 2).add("x").commit(tmp_path / "lake")
    with open_lake(tmp_path / "lake", pairs=[(snapshot, snapshot)]) as engine:
        listed = run(engine, catalog.find("changed_elements", [QUERIES]), {})
        sums = run(engine, catalog.find("changes", [QUERIES]), {}).table.to_pylist()
    assert listed.table.num_rows == 0
    assert [line["delta"] for line in sums] == [0, 0]
    assert {line["same_elements"] for line in sums} == {2}
