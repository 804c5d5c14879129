"""Which figure of an element is picked, and which elements count."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from small_lakes import Model, open_lake, rows

PICKED = """
select element_id, quantity, value_exact, is_doubtful, basis, origin
from element_quantities
order by element_id, quantity
"""
COUNTED = """
select model_id, element_id, not_counted_reason
from counted_elements
order by model_id, element_no
"""


def _picked(tmp_path: Path, model: Model, **asked: object) -> list[tuple[object, ...]]:
    model.commit(tmp_path / "lake")
    with open_lake(tmp_path / "lake") as engine:
        return rows(engine, PICKED, **asked)


def _reasons(lake: Path) -> dict[tuple[str, str], str | None]:
    with open_lake(lake) as engine:
        return {(model, element): reason for model, element, reason in rows(engine, COUNTED)}


def _every_basis() -> Model:
    model = Model("m").add("a")
    for value, basis in (
        (3, "computed"),
        (4, "derived"),
        (2, "vendor_calculated"),
        (1, "authored"),
    ):
        model.figure("NetVolume", value, basis)
    return model


@pytest.mark.parametrize(
    ("basis", "expected"),
    [
        ((), 1),
        (("computed",), 3),
        (("derived", "authored"), 4),
        (("vendor_calculated", "computed"), 2),
    ],
)
def test_first_basis_in_the_order_asked(
    tmp_path: Path, basis: tuple[str, ...], expected: int
) -> None:
    found = _picked(tmp_path, _every_basis(), basis=basis)
    assert [row[2] for row in found] == [expected]


def test_origins_in_order(tmp_path: Path) -> None:
    model = Model("m")
    origins = ["type", "pset", "attribute", "qto"]
    for last in range(1, 5):
        model.add(f"e{last}")
        for value, origin in enumerate(origins[:last]):
            model.figure("NetVolume", value, origin=origin)
    assert [row[5] for row in _picked(tmp_path, model)] == origins


def test_standard_sets_before_others_then_by_name(tmp_path: Path) -> None:
    model = Model("m").add("a")
    for value, source_set in ((1, "ArchiCADQuantities"), (2, "Zebra"), (3, "BaseQuantities")):
        model.figure("NetVolume", value, source_set=source_set)
    model.add("b").figure("NetVolume", 1, source_set="Zebra")
    model.figure("NetVolume", 2, source_set="Aardvark")
    assert [row[2] for row in _picked(tmp_path, model)] == [3, 2]


def test_twins_that_disagree_are_doubtful_and_nothing_stands_in(tmp_path: Path) -> None:
    model = Model("m").add("a").figure("NetVolume", 5).figure("NetVolume", 6)
    model.figure("NetVolume", 5.5, "computed")
    found = _picked(tmp_path, model)
    assert found == [("a", "NetVolume", None, True, "authored", "qto")]


def test_a_third_twin_is_seen(tmp_path: Path) -> None:
    model = Model("m").add("a")
    for value in (5, 5, 7):
        model.figure("NetVolume", value)
    assert [row[3] for row in _picked(tmp_path, model)] == [True]


def test_twins_of_a_set_that_is_not_picked_do_no_harm(tmp_path: Path) -> None:
    model = Model("m").add("a").figure("NetVolume", 5)
    model.figure("NetVolume", 1, source_set="Zebra").figure("NetVolume", 2, source_set="Zebra")
    assert _picked(tmp_path, model) == [("a", "NetVolume", 5, False, "authored", "qto")]


def test_twins_are_seen_among_however_many_quantities(tmp_path: Path) -> None:
    """Also among those that stand sixty places apart, which share a bit."""
    names = [f"Q{number:03}" for number in range(150)]
    model = Model("m").add("all")
    for name in names:
        model.figure(name, 1)
    model.add("apart").figure("Q005", 1).figure("Q065", 2).figure("Q125", 3)
    expected = [("all", name, 1, False) for name in names]
    expected += [("apart", "Q005", 1, False), ("apart", "Q065", 2, False)]
    expected += [("apart", "Q125", 3, False)]
    for number, name in enumerate(names):
        once = names[(number + 60) % 150]
        model.add(name).figure(name, 5).figure(once, 1).figure(name, 6)
        expected += sorted([(name, name, None, True), (name, once, 1, False)])
    assert [row[:4] for row in _picked(tmp_path, model)] == sorted(expected)


@pytest.mark.parametrize(
    ("other", "is_doubtful"), [("5", False), ("5.000004", False), ("5.00001", True)]
)
def test_twins_are_equal_to_a_millionth(tmp_path: Path, other: str, is_doubtful: bool) -> None:
    model = Model("m").add("a").figure("NetVolume", "5").figure("NetVolume", other)
    assert [row[3] for row in _picked(tmp_path, model)] == [is_doubtful]


def test_zero_is_a_figure_and_null_is_none(tmp_path: Path) -> None:
    model = Model("m").add("a").figure("NetVolume", None).figure("NetVolume", 4, "computed")
    model.add("b").figure("NetVolume", 0).figure("NetVolume", 4, "computed")
    model.add("c").figure("NetVolume", None).add("d").figure(None, 8)
    assert [row[:3] for row in _picked(tmp_path, model)] == [
        ("a", "NetVolume", 4),
        ("b", "NetVolume", 0),
    ]


def test_picked_row_leads_to_its_figure(tmp_path: Path) -> None:
    model = Model("m").add("a").figure("NetArea", 9).figure("NetVolume", 3, "computed")
    model.figure("NetVolume", 1, source_name="Netto-Volumen").commit(tmp_path / "lake")
    with open_lake(tmp_path / "lake") as engine:
        found = rows(
            engine,
            "select source_name, value_exact from quantities"
            " where (snapshot_id, element_no, ordinal) in (select snapshot_id, element_no, ordinal"
            " from element_quantities where quantity = 'NetVolume')",
        )
    assert found == [("Netto-Volumen", 1)]


def _stair() -> Model:
    model = Model("m").add("stair")
    model.add("f1", "part", parent_id="stair").figure("NetVolume", "1.25").figure("NetArea", 7)
    return model.add("f2", "part", parent_id="stair")


def test_a_whole_takes_the_sum_of_its_parts(tmp_path: Path) -> None:
    model = _stair().figure("NetVolume", "0.5", "computed").figure("NetArea", 8)
    found = [row for row in _picked(tmp_path, model) if row[0] == "stair"]
    assert found == [("stair", "NetVolume", Decimal("1.75"), False, "derived", "rule")]


def test_a_whole_takes_nothing_if_a_part_has_no_figure_or_a_doubtful_one(tmp_path: Path) -> None:
    model = _stair().add("ramp").add("r1", "part", parent_id="ramp")
    model.figure("NetVolume", 1).figure("NetVolume", 2)
    assert not [row for row in _picked(tmp_path, model) if row[0] in ("stair", "ramp")]


def test_a_whole_keeps_its_own_figure_doubtful_or_not(tmp_path: Path) -> None:
    model = Model("m").add("s").figure("NetVolume", 9).add("d").figure("NetVolume", 1)
    model.figure("NetVolume", 2)
    for whole in ("s", "d"):
        model.add(f"{whole}1", "part", parent_id=whole).figure("NetVolume", 4)
    found = {row[0]: row[2:5] for row in _picked(tmp_path, model)}
    assert found["s"] == (9, False, "authored")
    assert found["d"] == (None, True, "authored")


def test_an_opening_is_no_part(tmp_path: Path) -> None:
    model = Model("m").add("wall").add("hole", "opening", parent_id="wall").figure("NetVolume", 4)
    assert [row[0] for row in _picked(tmp_path, model)] == ["hole"]


def test_derived_only_if_asked(tmp_path: Path) -> None:
    model = Model("m").add("s").add("p", "part", parent_id="s").figure("NetVolume", 4)
    assert [row[0] for row in _picked(tmp_path, model, basis=["authored"])] == ["p"]


def test_roles_that_are_no_work_of_their_own_do_not_count(tmp_path: Path) -> None:
    model = Model("m").add("w")
    roles = ["part", "opening", "space", "location", "type", "annotation", "marker"]
    for role in roles:
        model.add(role, role)
    model.commit(tmp_path / "lake")
    assert _reasons(tmp_path / "lake") == {("m", "w"): None, **{("m", r): r for r in roles}}


def _model_with(model_id: str, ids: str, **ref: str) -> Model:
    model = Model(model_id, **ref)
    for element_id in ids.split():
        model.add(element_id)
    return model


def test_a_marker_in_three_packages_counts_once(tmp_path: Path) -> None:
    for model_id in ("c", "a", "b"):
        _model_with(model_id, f"null {model_id}1 {model_id}2").commit(tmp_path / "lake")
    found = _reasons(tmp_path / "lake")
    assert {key: reason for key, reason in found.items() if key[1] == "null"} == {
        ("a", "null"): None,
        ("b", "null"): "other_source",
        ("c", "null"): "other_source",
    }
    assert sum(reason is None for reason in found.values()) == 7


def test_a_guid_twice_in_one_file_is_two_elements(tmp_path: Path) -> None:
    model = Model("m").add("g~1", ifc_guid="g").add("g~2", ifc_guid="g").add("h").add("n")
    model.add("none", ifc_guid=None).add("none too", ifc_guid=None).commit(tmp_path / "lake")
    assert set(_reasons(tmp_path / "lake").values()) == {None}


def test_guids_that_differ_in_case_are_two(tmp_path: Path) -> None:
    _model_with("a", "aB c d").commit(tmp_path / "lake")
    _model_with("b", "Ab e f").commit(tmp_path / "lake")
    assert set(_reasons(tmp_path / "lake").values()) == {None}


def test_half_of_the_smaller_model_is_not_yet_the_same_building(tmp_path: Path) -> None:
    _model_with("a", "1 2 3 4 5").commit(tmp_path / "lake")
    _model_with("b", "1 2 x y").commit(tmp_path / "lake")
    found = _reasons(tmp_path / "lake")
    assert [found["b", element] for element in "12xy"] == ["other_source"] * 2 + [None] * 2


def test_between_two_models_of_one_building_nothing_is_suppressed(tmp_path: Path) -> None:
    shared = " ".join(map(str, range(10)))
    _model_with("a", f"{shared} u v w").commit(tmp_path / "lake")
    _model_with("b", f"{shared} x").commit(tmp_path / "lake")
    assert set(_reasons(tmp_path / "lake").values()) == {None}
    with open_lake(tmp_path / "lake") as engine:
        pairs = "select shared_guids, smaller_guids, is_same_building from model_overlaps"
        assert rows(engine, pairs) == [(10, 11, True)]


def test_a_handful_of_shared_guids_proves_no_same_building(tmp_path: Path) -> None:
    nine = " ".join(map(str, range(9)))
    _model_with("a", f"{nine} u v w").commit(tmp_path / "lake")
    _model_with("b", nine).commit(tmp_path / "lake")
    found = _reasons(tmp_path / "lake")
    assert [found["b", element] for element in nine.split()] == ["other_source"] * 9
    with open_lake(tmp_path / "lake") as engine:
        assert rows(engine, "select is_same_building from model_overlaps") == [(False,)]


def test_models_of_two_projects_keep_their_elements(tmp_path: Path) -> None:
    _model_with("a", "1 2 3", project_id="p").commit(tmp_path / "lake")
    _model_with("a", "1 x y", project_id="q").commit(tmp_path / "lake")
    assert set(_reasons(tmp_path / "lake").values()) == {None}


def test_only_the_newest_of_a_models_snapshots_counts(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    both = [_model_with("a", "1 2").commit(lake), _model_with("a", "1 2 3").commit(lake)]
    with open_lake(lake, both) as engine:
        found = [reason for _, _, reason in rows(engine, COUNTED)]
    assert sorted(found, key=str) == [None] * 3 + ["older_revision"] * 2
