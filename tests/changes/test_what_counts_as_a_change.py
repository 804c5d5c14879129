"""What is a change of an element, and what is noise."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from small_lakes import QUERIES, Model, open_lake, rows

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


def _wall(vendor: str = "ifc", number: int = 0, **told: Any) -> Model:
    return Model(f"m{number}", vendor=vendor).add(f"w{number:02}", **{**WALL, **told})


def _lines(tmp_path: Path, old: Model, new: Model, **params: Any) -> list[dict[str, Any]]:
    return _lines_of_all(tmp_path, [(old, new)], **params)


def _lines_of_all(
    tmp_path: Path, pairs: Sequence[tuple[Model, Model]], **params: Any
) -> list[dict[str, Any]]:
    committed = [tuple(model.commit(tmp_path / "lake") for model in pair) for pair in pairs]
    with open_lake(tmp_path / "lake", pairs=committed) as engine:
        query = catalog.find("changed_elements", [QUERIES])
        lines: list[dict[str, Any]] = run(engine, query, {"same": True, **params}).table.to_pylist()
    return lines


def _became(tmp_path: Path, old: Model, new: Model) -> tuple[str, str | None]:
    (line,) = _lines(tmp_path, old, new)
    return line["change"], line["what"]


def _what_became(
    tmp_path: Path, pairs: Sequence[tuple[Model, Model]]
) -> list[tuple[str, str | None]]:
    """What became of the one wall of each pair, in their order."""
    lines = _lines_of_all(tmp_path, pairs)
    assert len(lines) == len(pairs)
    return [
        (line["change"], line["what"]) for line in sorted(lines, key=lambda one: one["ifc_guid"])
    ]


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
    ({"storey_id": None}, "same", None),
    ({"storey_id": None, "storey_name": "Roof"}, "moved", "storey"),
    ({"source_row": 99}, "same", None),
]


def test_what_differs_is_named(tmp_path: Path) -> None:
    pairs = [
        (_wall(number=number), _wall(number=number, **told))
        for number, (told, _, _) in enumerate(CHANGED)
    ]
    assert _what_became(tmp_path, pairs) == [(change, what) for _, change, what in CHANGED]


LABELS = {
    "class": ("ifc_class", "Wall", "Slab"),
    "role": ("role", "physical", "part"),
    "predefined type": ("predefined_type", "SOLIDWALL", "SHEAR"),
    "type": ("type_name", "W 20", "W 30"),
    "name": ("name", "Wall A", "Wall B"),
    "mark": ("mark", "007", "7"),
    "material": (None, "Brick", "Concrete"),
    "code": (None, "21.2", "21.3"),
    "system": ("system", "Supply", "Return"),
    "phase": ("phase", "New", "Existing"),
    "external": ("is_external", True, False),
    "load bearing": ("load_bearing", False, True),
}
# Name and id, old and new, and what became within one vendor and between two.
PLACED = [
    (("A", "1"), ("A", "1"), None, None),
    (("A", "1"), ("B", "2"), "moved", "moved"),
    (("A", "1"), ("A", "2"), None, None),
    (("A", "1"), ("B", "1"), None, None),
    (("A", None), ("B", None), "moved", "moved"),
    (("A", "1"), ("B", None), "moved", "moved"),
    (("A", "1"), (None, None), "moved", None),
    (("A", None), (None, None), "moved", None),
    ((None, "1"), (None, None), "moved", None),
    ((None, None), ("A", "1"), "moved", None),
    ((None, None), ("A", None), "moved", None),
    ((None, None), (None, "1"), "moved", None),
    ((None, None), (None, None), None, None),
    ((None, "1"), (None, "2"), None, None),
    (("A", "1"), (None, "2"), None, None),
    ((None, "1"), ("A", "1"), None, None),
]


def _labelled(model: Model, guid: str, what: str, value: Any) -> None:
    column = LABELS[what][0]
    told = {"name": "W"} if column is None else {"name": "W", column: value}
    model.add(guid, **told)
    if what == "material" and value is not None:
        model.material(value)
    if what == "code" and value is not None:
        model.code("S", value)


@pytest.mark.parametrize("vendor", ["ifc", "qonic"])
def test_each_label_differs_if_known_on_both_sides_or_within_one_vendor(
    tmp_path: Path, vendor: str
) -> None:
    old, new, told = Model("m"), Model("m", vendor=vendor), {}
    for what, (_, one, other) in LABELS.items():
        cases = {(one, one): False, (one, other): True}
        if what != "role":
            cases |= {(one, None): vendor == "ifc", (None, one): vendor == "ifc"}
            cases[None, None] = False
        for number, (values, differs) in enumerate(cases.items()):
            guid = f"{what} {number}"
            _labelled(old, guid, what, values[0])
            _labelled(new, guid, what, values[1])
            told[guid] = ("changed", what) if differs else ("same", None)
    lines = _lines(tmp_path, old, new)
    assert {line["ifc_guid"]: (line["change"], line["what"]) for line in lines} == told
    assert len(lines) == len(told)


@pytest.mark.parametrize("vendor", ["ifc", "qonic"])
def test_each_place_is_another_one_by_its_name_unless_an_id_says_it_is_the_same(
    tmp_path: Path, vendor: str
) -> None:
    old, new, told = Model("m"), Model("m", vendor=vendor), {}
    for what in ("building", "storey", "space"):
        for number, (was, became, within, between) in enumerate(PLACED):
            guid, change = f"{what} {number}", within if vendor == "ifc" else between
            for model, (name, own_id) in ((old, was), (new, became)):
                model.add(guid, **{f"{what}_name": name, f"{what}_id": own_id})
            told[guid] = ("same", None) if change is None else (change, what)
    lines = _lines(tmp_path, old, new)
    assert {line["ifc_guid"]: (line["change"], line["what"]) for line in lines} == told


@pytest.mark.parametrize(("vendor", "became"), [("ifc", "moved"), ("qonic", "same")])
def test_to_be_a_part_or_none_is_a_move_within_one_vendor(
    tmp_path: Path, vendor: str, became: str
) -> None:
    old = Model("m").add("stair").add("a", parent_id="stair").add("b").add("c")
    new = Model("m", vendor=vendor).add("stair").add("a").add("b", parent_id="stair").add("c")
    found = {line["ifc_guid"]: line["change"] for line in _lines(tmp_path, old, new)}
    assert found == {"stair": "same", "a": became, "b": became, "c": "same"}


def test_a_part_of_another_whole_that_came_is_moved(tmp_path: Path) -> None:
    old = Model("m").add("went", name="A").add("part", "part", parent_id="went")
    new = Model("m").add("came", name="B").add("part", "part", parent_id="came")
    found = {line["ifc_guid"]: line["what"] for line in _lines(tmp_path, old, new)}
    assert found == {"went": None, "came": None, "part": "whole"}


def test_an_element_of_which_several_figures_changed_is_one(tmp_path: Path) -> None:
    old = _wall().figure("NetVolume", 2).figure("Length", 4).figure("Height", 3)
    new = _wall().figure("NetVolume", 3).figure("Length", 6).figure("Height", 3)
    pair = (old.commit(tmp_path / "lake"), new.commit(tmp_path / "lake"))
    with open_lake(tmp_path / "lake", pairs=[pair]) as engine:
        assert rows(engine, "select change, what from element_changes") == [("changed", "figures")]


def test_what_changed_in_one_pair_is_no_change_of_another(tmp_path: Path) -> None:
    """Elements of two pairs have the same numbers."""

    def wall(number: int, volume: int, rating: str, x: float) -> Model:
        model = Model(f"m{number}").add("pad", "type").add(f"w{number}")
        return model.figure("NetVolume", volume).prop("P", "Fire", rating).box(x, 0, 0, x + 1, 1, 1)

    pairs = [
        (wall(0, 2, "F30", 0), wall(0, 3, "F60", 5)),
        (wall(1, 2, "F30", 0), wall(1, 2, "F30", 0)),
    ]
    lines = _lines_of_all(tmp_path, pairs)
    assert sorted((line["ifc_guid"], line["what"]) for line in lines) == [
        ("w0", "figures, property, place"),
        ("w1", None),
    ]


def test_where_places_have_no_ids_their_names_tell_what_moved(tmp_path: Path) -> None:
    named = {"storey_id": None, "building_id": None}
    cases = [
        ({}, ("same", None)),
        ({"storey_name": "Roof"}, ("moved", "storey")),
        ({"building_name": "Barn"}, ("moved", "building")),
        ({"storey_name": None}, ("moved", "storey")),
        ({"storey_id": "s1"}, ("same", None)),
    ]
    pairs = [
        (_wall(number=number, **named), _wall(number=number, **{**named, **told}))
        for number, (told, _) in enumerate(cases)
    ]
    assert _what_became(tmp_path, pairs) == [became for _, became in cases]


def test_between_vendors_a_storey_of_another_name_is_another_one(tmp_path: Path) -> None:
    """Whose ids are always others, if there are any."""
    old, new = _wall(), _wall("qonic", storey_id=None, storey_name="Roof", mark=None)
    assert _became(tmp_path, old, new) == ("moved", "storey")


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


def test_noise_is_no_change(tmp_path: Path) -> None:
    def old(number: int) -> Model:
        wall = _wall(number=number).prop("Site", "Crew", "A").prop("Site", "Last Modified", "today")
        return wall.prop("Site", "ModifiedDate", "1600000000").prop("Site", "Touched", "2025-01-01")

    pairs = [(old(number), _wall(number=number).prop(*told)) for number, told in enumerate(NOISE)]
    assert _what_became(tmp_path, pairs) == [("same", None)] * len(NOISE)


def test_another_value_of_a_property_is_a_change(tmp_path: Path) -> None:
    names = ["FireRating", "Update rate", "Validated"]
    old, new = Model("m"), Model("m")
    for name in names:
        old.add(name).prop("Pset", name, "F30")
        new.add(name).prop("Pset", name, "F60")
    found = _lines(tmp_path, old, new)
    assert [line["properties"] for line in found] == [line["ifc_guid"] for line in found] == names
    assert {(line["change"], line["what"]) for line in found} == {("changed", "property")}


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


BOX = (10.0, 6.0, 0.0, 10.25, 10.0, 3.0)
PLACES = {
    "shifted": ((10.25, 6.0, 0.0, 10.5, 10.0, 3.0), "moved", "place"),
    "raised": ((10.0, 6.0, 0.5, 10.25, 10.0, 3.5), "moved", "place"),
    "shifted by a millimetre": ((10.001, 6.001, -0.001, 10.251, 10.001, 2.999), "same", None),
    "shifted by more": ((10.001001, 6.0, 0.0, 10.251001, 10.0, 3.0), "moved", "place"),
    "turned": ((10.0, 6.0, 0.0, 14.0, 6.25, 3.0), "moved", "place"),
    "longer at the end": ((10.0, 6.0, 0.0, 10.25, 11.0, 3.0), "same", None),
    "longer at the start": ((10.0, 5.0, 0.0, 10.25, 10.0, 3.0), "same", None),
    "longer and measured": ((10.0, 6.0, 0.0, 10.25, 11.0, 3.0), "changed", "figures"),
    "of no known place": (None, "same", None),
}


def test_a_shifted_or_turned_body_is_a_move_and_a_longer_one_is_none(tmp_path: Path) -> None:
    old, new = Model("m"), Model("m")
    for name, (box, _, _) in PLACES.items():
        old.add(name).box(*BOX)
        new.add(name)
        if box is not None:
            new.box(*box)
        if name == "longer and measured":
            old.figure("Length", 4)
            new.figure("Length", 5)
    found = {line["name"]: line for line in _lines(tmp_path, old, new)}
    assert {name: (line["change"], line["what"]) for name, line in found.items()} == {
        name: (change, what) for name, (_, change, what) in PLACES.items()
    }
    places = {name: (line["old_place"], line["place"]) for name, line in found.items()}
    assert places["raised"] == ("10.000 6.000 0.000", "10.000 6.000 0.500")
    assert places["of no known place"] == ("10.000 6.000 0.000", None)


def test_a_note_says_of_how_many_no_place_is_known(tmp_path: Path) -> None:
    old, new = _wall().box(*BOX).add("v"), _wall().box(*BOX).add("v")
    pair = (old.commit(tmp_path / "lake"), new.commit(tmp_path / "lake"))
    with open_lake(tmp_path / "lake", pairs=[pair]) as engine:
        notes = run(engine, catalog.find("changed_elements", [QUERIES]), {}).provenance.notes
    assert any("place is not known on both sides: 1; a shift" in note for note in notes)


def test_a_whole_without_a_body_moves_with_its_parts(tmp_path: Path) -> None:
    def stair(x: float) -> Model:
        model = Model("m").add("stair", ifc_class="Stair")
        for number in (0.0, 1.0):
            model.add(f"flight {number}", "part", ifc_class="StairFlight", parent_id="stair")
            model.box(x, number, 0, x + 1, number + 1, 3)
        return model

    lines = _lines(tmp_path, stair(0), stair(0.5))
    assert [(line["ifc_guid"], line["change"]) for line in lines] == [
        ("flight 0.0", "moved"),
        ("flight 1.0", "moved"),
        ("stair", "moved"),
    ]


@pytest.mark.parametrize(("origin", "changes"), [(0.0, {"a": "moved"}), (1000.0, {})])
def test_places_of_two_models_say_something_only_if_they_share_an_origin(
    tmp_path: Path, origin: float, changes: dict[str, str]
) -> None:
    """Most bodies lie where they lay, or they are all drawn from another point."""

    def house(model_id: str, origin: float, shift: float) -> Model:
        model = Model(model_id)
        for number, guid in enumerate("abc"):
            x = origin + 10 * number + (shift if guid == "a" else 0)
            model.add(guid).box(x, 0, 0, x + 1, 1, 1)
        return model

    lines = _lines(tmp_path, house("first", 0, 0), house("second", origin, 0.5))
    moved = {line["ifc_guid"]: line["change"] for line in lines if line["change"] != "same"}
    assert moved == changes


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
