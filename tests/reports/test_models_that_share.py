"""Elements that stand in several models of one project, as elements or as parts, count once."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from small_lakes import QUERIES, Model, open_lake, rows

from takeoff.reports import catalog
from takeoff.reports.run import run

REASONS = """
select model_id, element_id, not_counted_reason
from counted_elements
order by model_id, element_no
"""


def _reasons(lake: Path) -> dict[tuple[str, str], str | None]:
    with open_lake(lake) as engine:
        return {(model, element): reason for model, element, reason in rows(engine, REASONS)}


def _total(lake: Path) -> tuple[Any, int]:
    """Total NetVolume and the number of elements that count."""
    with open_lake(lake) as engine:
        asked = {"by": [], "quantity": "NetVolume"}
        lines = run(engine, catalog.find("takeoff", [QUERIES]), asked).table.to_pylist()
    assert [line["quantity"] for line in lines] == ["Count", "NetVolume"]
    return lines[1]["value"], lines[0]["value"]


def _notes(lake: Path, **params: Any) -> str:
    with open_lake(lake) as engine:
        return " ".join(run(engine, catalog.find("takeoff", [QUERIES]), params).provenance.notes)


def _loose(name: str) -> Model:
    model = Model(name).add("b1").figure("NetVolume", 1).add("b2").figure("NetVolume", 2)
    return model.add(f"{name} only")


def _assembled(name: str, stated: int | None = None) -> Model:
    model = Model(name).add("assembly")
    if stated is not None:
        model.figure("NetVolume", stated)
    for beam, volume in (("b1", 1), ("b2", 2)):
        model.add(beam, "part", parent_id="assembly").figure("NetVolume", volume)
    return model.add(f"{name} only")


def _stated(name: str) -> Model:
    return _assembled(name, stated=3)


def _nested(name: str) -> Model:
    model = Model(name).add("top").add("sub", "part", parent_id="top")
    for beam, volume in (("b1", 1), ("b2", 2)):
        model.add(beam, "part", parent_id="sub").figure("NetVolume", volume)
    return model


def _others(name: str) -> Model:
    """The same beams in an assembly of another GUID."""
    model = _assembled(name)
    for row in model.rows["elements"]:
        if row["element_id"] == "assembly":
            row["ifc_guid"] = "another"
    return model


KINDS: list[Callable[[str], Model]] = [_loose, _assembled, _stated, _nested, _others]


def _volumes(lake: Path, projects: Mapping[str, Sequence[Callable[[str], Model]]]) -> Any:
    """NetVolume of each project, whose models are made by these, in their order."""
    for project_id, kinds in projects.items():
        for number, kind in enumerate(kinds):
            replace(kind(f"m{number}"), project_id=project_id).commit(lake)
    with open_lake(lake) as engine:
        asked = {"by": ["project"], "quantity": "NetVolume"}
        lines = run(engine, catalog.find("takeoff", [QUERIES]), asked).table.to_pylist()
    return {line["project_id"]: line["value"] for line in lines if line["quantity"] == "NetVolume"}


def test_two_beams_are_three_cubic_metres_however_two_models_hold_them(tmp_path: Path) -> None:
    pairs = {
        f"{one.__name__} and {other.__name__}": (one, other)
        for one, other in itertools.product(KINDS, KINDS)
    }
    assert len(pairs) == 25
    assert _volumes(tmp_path / "lake", pairs) == dict.fromkeys(pairs, 3)


def test_four_models_of_two_beams_are_three_cubic_metres_too(tmp_path: Path) -> None:
    fours = {kind.__name__: (kind, _stated, _loose, _others) for kind in KINDS}
    assert _volumes(tmp_path / "lake", fours) == dict.fromkeys(fours, 3)


def test_a_part_of_an_earlier_whole_stands_for_the_loose_element(tmp_path: Path) -> None:
    _assembled("a").commit(tmp_path / "lake")
    _loose("b").commit(tmp_path / "lake")
    assert _reasons(tmp_path / "lake") == {
        ("a", "assembly"): None,
        ("a", "b1"): "part",
        ("a", "b2"): "part",
        ("a", "a only"): None,
        ("b", "b1"): "other_source",
        ("b", "b2"): "other_source",
        ("b", "b only"): None,
    }


def test_a_whole_all_of_whose_parts_stand_in_an_earlier_model_does_not_count(
    tmp_path: Path,
) -> None:
    _loose("a").commit(tmp_path / "lake")
    _nested("b").commit(tmp_path / "lake")
    found = _reasons(tmp_path / "lake")
    assert [found["b", element] for element in ("top", "sub", "b1")] == [
        "other_source",
        "part",
        "part",
    ]


@pytest.mark.parametrize("stated", [None, 7])
def test_a_whole_gives_only_the_parts_that_no_earlier_model_holds(
    tmp_path: Path, stated: int | None
) -> None:
    Model("a").add("b1").figure("NetVolume", 1).commit(tmp_path / "lake")
    _assembled("b", stated).commit(tmp_path / "lake")
    assert _total(tmp_path / "lake") == (3, 3)
    with open_lake(tmp_path / "lake") as engine:
        because = "select picked_because from element_quantities where element_id = 'assembly'"
        assert rows(engine, because) == [
            ("sum of its 1 parts; less what an earlier model holds of them",)
        ]


def test_what_hangs_on_something_that_is_no_work_blocks_nothing(tmp_path: Path) -> None:
    model = Model("a").add("room", "space").add("b1", "part", parent_id="room")
    model.commit(tmp_path / "lake")
    _loose("b").commit(tmp_path / "lake")
    assert _total(tmp_path / "lake") == (3, 3)


def test_parts_of_a_whole_that_does_not_count_block_nothing(tmp_path: Path) -> None:
    Model("a").add("assembly").figure("NetVolume", 3).commit(tmp_path / "lake")
    _assembled("b").commit(tmp_path / "lake")
    Model("c").add("b1").figure("NetVolume", 4).commit(tmp_path / "lake")
    assert _reasons(tmp_path / "lake")["c", "b1"] is None


def test_copies_are_matched_one_by_one(tmp_path: Path) -> None:
    Model("a").add("w", ifc_guid="g").figure("NetVolume", 5).commit(tmp_path / "lake")
    for name in ("b", "c"):
        model = Model(name)
        for copy, volume in (("g~1", 5), ("g~2", 8)):
            model.add(copy, ifc_guid="g").figure("NetVolume", volume)
        model.commit(tmp_path / "lake")
    assert _total(tmp_path / "lake") == (13, 2)
    found = _reasons(tmp_path / "lake")
    assert [found["b", copy] for copy in ("g~1", "g~2")] == ["other_source", None]
    assert [found["c", copy] for copy in ("g~1", "g~2")] == ["other_source"] * 2


def test_the_number_of_copies_is_that_of_the_model_with_most(tmp_path: Path) -> None:
    for name, copies in (("a", 3), ("b", 1), ("c", 4)):
        model = Model(name)
        for number in range(copies):
            model.add(f"{name}{number}", ifc_guid="g").figure("NetVolume", 1)
        model.commit(tmp_path / "lake")
    assert _total(tmp_path / "lake") == (4, 4)


def _marker_apart(volume: str | None, other_volume: str | None) -> tuple[Model, Model]:
    both = []
    for name, figure in (("a", volume), ("b", other_volume)):
        model = Model(name).add("shared")
        if figure is not None:
            model.figure("NetVolume", figure)
        both.append(model.add(f"{name}1").figure("NetVolume", 1).add(f"{name}2"))
    return both[0], both[1]


@pytest.mark.parametrize(
    ("volume", "other_volume", "is_noted"),
    [
        (None, "50", True),
        ("50", None, False),
        ("50", "50.00001", False),
        ("50", "50.001", True),
        ("0", "50", True),
        (None, None, False),
    ],
)
def test_what_a_copy_that_does_not_count_knows_is_noted(
    tmp_path: Path, volume: str | None, other_volume: str | None, is_noted: bool
) -> None:
    for model in _marker_apart(volume, other_volume):
        model.commit(tmp_path / "lake")
    words = "Of 1 elements that count, the copy in another model has a figure that they lack"
    assert (words in _notes(tmp_path / "lake")) == is_noted
    assert words not in _notes(tmp_path / "lake", quantity="Length")
    with open_lake(tmp_path / "lake") as engine:
        told = "select element_id, quantity, value_exact, first_value_exact from twin_figures"
        found = [tuple(map(str, row)) for row in rows(engine, told)]
    assert len(found) == is_noted
