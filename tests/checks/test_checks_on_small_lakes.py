"""What a check names, and what it leaves alone, on lakes of a few elements."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small_lakes import QUERIES, Model, open_lake

from takeoff.config import Settings
from takeoff.jobs.audit import find
from takeoff.reports import catalog
from takeoff.reports.checks import find_checks
from takeoff.reports.run import run

Row = dict[str, Any]


@pytest.fixture
def found(tmp_path: Path) -> Callable[..., list[Row]]:
    """The rows of one check on these models."""

    def ask(check: str, *models: Model) -> list[Row]:
        for model in models:
            model.commit(tmp_path / "lake")
        with open_lake(tmp_path / "lake") as engine:
            return find(engine, Settings(), find_checks([check], [QUERIES])).to_pylist()

    return ask


def _ids(rows: list[Row]) -> list[tuple[str, str | None]]:
    return [(row["element_id"], row["quantity"]) for row in rows]


def _body(model: Model, quantity: str, value: float) -> Model:
    return model.figure(quantity, value, "computed")


def test_negative_figure(found: Callable[..., list[Row]]) -> None:
    model = Model("m").add("good").figure("NetVolume", 2).add("bad").figure("NetVolume", -2)
    rows = found("negative_figure", _body(model, "NetVolume", 2))
    assert _ids(rows) == [("bad", "NetVolume")]
    assert (rows[0]["suspected_exact"], rows[0]["effect_exact"]) == (2, 4)


def test_magnitude_without_a_body_is_told_from_the_measures(
    found: Callable[..., list[Row]],
) -> None:
    model = Model("m")
    for name, volume in (("good", 3), ("bad", 3e9)):
        model.add(name).figure("Length", 5).figure("Height", 3).figure("Width", "0.2")
        model.figure("NetVolume", volume)
    rows = found("unit_magnitude", model)
    assert _ids(rows) == [("bad", "NetVolume")]
    assert rows[0]["suspected_exact"] == 3


def test_a_wrong_figure_that_is_no_unit_is_left_to_other_checks(
    found: Callable[..., list[Row]],
) -> None:
    model = _body(Model("m").add("w").figure("NetVolume", 137), "NetVolume", 2)
    assert found("unit_magnitude", model) == []


def test_figure_that_its_body_does_not_confirm(found: Callable[..., list[Row]]) -> None:
    model = _body(Model("m").add("twelve times").figure("NetVolume", "25.83"), "NetVolume", 2.083)
    _body(model.add("near enough").figure("NetVolume", "25.83"), "NetVolume", 25.0)
    _body(model.add("longer").figure("Length", 4), "Length", 3)
    _body(model.add("slab", ifc_class="Slab").figure("Length", 4), "Length", 3)
    model.add("no body").figure("NetVolume", "25.83")
    rows = found("differs_from_body", model)
    assert _ids(rows) == [("twelve times", "NetVolume"), ("longer", "Length")]
    assert [float(row["effect_exact"]) for row in rows] == [-23.747, -1]


def test_openings_that_were_not_deducted(found: Callable[..., list[Row]]) -> None:
    model = Model("m")
    for name, net in (("good", 8), ("bad", 10)):
        model.add(name).figure("GrossVolume", 10).figure("NetVolume", net)
        _body(_body(model, "GrossVolume", 10), "NetVolume", 8)
        model.add(f"hole in {name}", "opening", parent_id=name).figure("Volume", 2)
    rows = found("openings_not_deducted", model)
    assert _ids(rows) == [("bad", "NetVolume")]
    assert rows[0]["effect_exact"] == -2


def test_openings_that_do_not_add_up(found: Callable[..., list[Row]]) -> None:
    model = Model("m")
    for name, net in (("good", 8), ("bad", 5)):
        model.add(name).figure("GrossVolume", 10).figure("NetVolume", net)
        model.add(f"hole in {name}", "opening", parent_id=name).figure("Volume", 2)
    assert _ids(found("openings_do_not_add_up", model)) == [("bad", "NetVolume")]


def test_equal_pieces_are_told_apart_by_their_bodies(found: Callable[..., list[Row]]) -> None:
    model = Model("m")
    for number in range(3):
        model.add(f"honest {number}", name="Column 1").figure("NetVolume", 2)
        _body(model, "NetVolume", 2)
        model.add(f"repeated {number}", name="Wall A").figure("NetVolume", 6)
        _body(model, "NetVolume", 2)
    rows = found("whole_on_every_piece", model)
    assert [row["element_id"] for row in rows] == ["repeated 0", "repeated 1", "repeated 2"]
    assert sum(row["effect_exact"] for row in rows) == -12


def test_author_and_vendor_disagree(found: Callable[..., list[Row]]) -> None:
    model = (
        Model("m")
        .add("same")
        .figure("NetVolume", 2)
        .figure("NetVolume", "2.001", "vendor_calculated")
    )
    model.add("other").figure("NetVolume", 2).figure("NetVolume", 3, "vendor_calculated")
    assert _ids(found("differs_from_vendor", model)) == [("other", "NetVolume")]


def test_control_totals(found: Callable[..., list[Row]]) -> None:
    model = Model("m").add("w").figure("NetVolume", 2)
    model.total("NetVolume", "5", "m3").total("Count", "1", "1")
    (row,) = found("control_totals_differ", model)
    assert (row["element_id"], row["value_exact"], row["effect_exact"]) == (None, 2, 3)


def test_elements_of_a_filter_that_is_not_followed_are_unknown(tmp_path: Path) -> None:
    """Not 0; those of a class that has none are 0."""
    model = Model("m").add("w", ifc_class="Wall", source_class="Wall").figure("NetVolume", 2)
    for asked in ("Class Eq Wall", "Class Eq Slab", "Class In Wall, Slab"):
        model.total("NetVolume", "2", "m3", asked)
    model.commit(tmp_path / "lake")
    with open_lake(tmp_path / "lake") as engine:
        result = run(engine, catalog.find("control_totals", [QUERIES]), {})
    told = [(row["filter"], row["our_value"], row["elements"]) for row in result.table.to_pylist()]
    assert told == [
        ("Class Eq Slab", None, 0),
        ("Class Eq Wall", 2, 1),
        ("Class In Wall, Slab", None, None),
    ]


def test_our_sum_counts_elements_of_an_empty_class_and_of_none_once(tmp_path: Path) -> None:
    model = Model("m").add("empty", source_class="").figure("NetVolume", 3)
    model.add("none").figure("NetVolume", 4).total("NetVolume", "7", "m3").total("Count", "2", "1")
    model.commit(tmp_path / "lake")
    with open_lake(tmp_path / "lake") as engine:
        result = run(engine, catalog.find("control_totals", [QUERIES]), {})
    told = [(row["our_value"], row["elements"], row["agrees"]) for row in result.table.to_pylist()]
    assert told == [(2, 2, True), (7, 2, True)]


def test_guid_on_two_elements(found: Callable[..., list[Row]]) -> None:
    model = Model("m").add("a", ifc_guid="g").add("b", ifc_guid="g").add("c")
    assert [row["element_id"] for row in found("guid_repeated", model)] == ["a", "b"]


def test_copies_within_a_project_and_between_projects(found: Callable[..., list[Row]]) -> None:
    models = [
        Model(name, project_id=project).add("shared").add(f"own {name}")
        for name, project in (("a", "one"), ("b", "one"), ("c", "two"))
    ]
    assert [row["model_id"] for row in found("repeated_in_models", *models)] == ["b"]
    assert [row["model_id"] for row in found("counted_in_several_projects")] == ["c"]


def test_model_beside_its_copy(found: Callable[..., list[Row]]) -> None:
    models = [Model(name) for name in ("house", "house_old")]
    for model in models:
        for number in range(12):
            model.add(f"e{number}")
    (row,) = found("model_beside_copy", *models)
    assert (row["model_id"], row["detail"][:8]) == ("house_old", "12 of 12")


def test_storeys_of_another_name_or_height(found: Callable[..., list[Row]]) -> None:
    models = []
    for model_id, storeys in (
        ("a", {"Ground": 0.0, "Level 1": 3.0}),
        ("b", {"Ground": 0.0, "First": 3.0}),
        ("c", {"Ground": 0.4}),
    ):
        model = Model(model_id).add(f"e {model_id}")
        model.rows["locations"] = [
            {
                "location_id": f"{model_id} {name}",
                "kind": "storey",
                "name": name,
                "elevation_m": height,
                "evidence_no": 0,
                "source_row": 1,
            }
            for name, height in storeys.items()
        ]
        models.append(model)
    rows = found("storey_names_differ", *models)
    assert [(row["element_id"], row["detail"]) for row in rows] == [
        ("b First", "called 'Level 1' in a"),
        ("c Ground", "at another height in a"),
    ]


def test_outlier_in_a_row_of_equals(found: Callable[..., list[Row]]) -> None:
    model = Model("m")
    for number in range(9):
        model.add(f"e{number}", type_name="IPE").figure("Length", 6 + number / 10)
    model.add("far", type_name="IPE").figure("Length", 6000)
    for number in range(10):
        model.add(f"any{number}", type_name="any size").figure("Length", 2**number)
    assert _ids(found("outlier_in_type", model)) == [("far", "Length")]


def test_missing_quantity_by_the_profile(found: Callable[..., list[Row]]) -> None:
    model = Model("m").add("whole").figure("GrossVolume", 2).figure("NetSideArea", 5)
    model.add("no area").figure("NetVolume", 2)
    _body(_body(model.add("body only"), "NetVolume", 2), "NetSideArea", 5)
    model.add("a thing", ifc_class="Furniture")
    assert _ids(found("missing_quantity", model)) == [("no area", "NetSideArea")]


def test_missing_is_not_false(found: Callable[..., list[Row]]) -> None:
    model = Model("m").add("yes", is_external=True).add("no", is_external=False).add("unsaid")
    model.add("slab", ifc_class="Slab")
    rows = found("property_missing", model)
    assert [row["element_id"] for row in rows] == ["unsaid"]
    assert "whether it is outside" in rows[0]["detail"]


def test_unknown_unit_and_no_number(found: Callable[..., list[Row]]) -> None:
    model = (
        Model("m")
        .add("unit")
        .figure("NetVolume", None, unit=None, unit_status="unknown", source_value="12")
    )
    model.add("number").figure("NetVolume", None, source_value="1e25")
    assert _ids(found("unit_unknown", model)) == [("unit", "NetVolume")]
    assert _ids(found("no_number")) == [("number", "NetVolume")]


@pytest.mark.parametrize(
    ("code", "is_placeholder"),
    [
        ("_ASSEMBLY-CODE_", True),
        ("Window: Assembly Code", True),
        ("xxx", True),
        ("<none>", True),
        ("TBD", True),
        ("B2010", False),
        ("21.22", False),
        ("E-AAA", False),
        ("encoded", False),
    ],
)
def test_placeholder_codes(
    found: Callable[..., list[Row]], code: str, is_placeholder: bool
) -> None:
    rows = found("placeholder_code", Model("m").add("a").code("Uniformat", code))
    assert bool(rows) is is_placeholder
