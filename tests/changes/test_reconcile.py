"""Two sources of one building side by side: what agrees, what differs, what only one has."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from small_lakes import QUERIES, Model, open_lake

from takeoff.config import Settings
from takeoff.core.results import Result
from takeoff.jobs.report import Question, explain_lines
from takeoff.reports import catalog
from takeoff.reports.run import run


def _first() -> Model:
    model = Model("house").add("w1", storey_name="L1").figure("NetVolume", 10)
    model.add("w2", storey_name="L1").figure("NetVolume", 4).figure("Length", 2)
    model.add("w3", storey_name="L1").add("slab", ifc_class="Slab").figure("NetVolume", 7)
    return model.add("chair", ifc_class="Furniture").add("stair", ifc_class="Stair")


def _other() -> Model:
    model = Model("house", vendor="qonic").add("w1", storey_name="L1").figure("NetVolume", "10.005")
    model.add("w2", storey_name="Roof").figure("NetVolume", 5)
    model.add("w3", storey_name="L1").figure("NetVolume", 1)
    model.add("slab", ifc_class="Roof").figure("NetVolume", 7).add("lamp", ifc_class="Lamp")
    return model.add("stair", "part", ifc_class="StairFlight")


def _run(tmp_path: Path, name: str, *others: Model, **params: Any) -> Result:
    first = _first().commit(tmp_path / "lake")
    pairs = [(first, other.commit(tmp_path / "lake")) for other in others]
    with open_lake(tmp_path / "lake", pairs=pairs) as engine:
        return run(engine, catalog.find(name, [QUERIES]), params)


def test_sums_and_coverage_of_both(tmp_path: Path) -> None:
    lines = _run(tmp_path, "reconcile", _other(), quantity="NetVolume").table.to_pylist()
    (walls,) = [x for x in lines if x["ifc_class"] == "Wall" and x["quantity"] == "NetVolume"]
    values = {name: str(walls[f"{name}_value"].normalize()) for name in ("a", "b", "a_compared")}
    assert values == {"a": "14", "b": "16.005", "a_compared": "14"}
    assert str(walls["b_compared_value"].normalize()) == "15.005"
    counts = ("elements", "in_both", "compared", "agreeing", "differing", "figure_only_in_b")
    assert [walls[name] for name in counts] == [3, 3, 2, 1, 1, 1]
    assert walls["agrees"] is False


def test_elements_are_counted_once_and_by_the_first_source(tmp_path: Path) -> None:
    lines = _run(tmp_path, "reconcile", _other(), quantity="Count").table.to_pylist()
    found = {
        x["ifc_class"]: (x["a_value"], x["b_value"], x["in_both"], x["only_in_a"], x["only_in_b"])
        for x in lines
    }
    assert found == {
        "Wall": (3, 3, 3, 0, 0),
        "Slab": (1, 1, 1, 0, 0),
        "Furniture": (1, 0, 0, 1, 0),
        "Stair": (1, 0, 0, 1, 0),
        "Lamp": (0, 1, 0, 0, 1),
    }


@pytest.mark.parametrize(("tolerance", "differing"), [("0", 2), ("0.001", 1), ("0.25", 0)])
def test_the_tolerance_decides(tmp_path: Path, tolerance: str, differing: int) -> None:
    asked = {"by": "", "quantity": "NetVolume", "tolerance": tolerance}
    lines = _run(tmp_path, "reconcile", _other(), **asked).table.to_pylist()
    assert lines[1]["differing"] == differing


def test_the_list_of_disagreements(tmp_path: Path) -> None:
    lines = _run(tmp_path, "disagreements", _other()).table.to_pylist()
    found = {(x["disagreement"], x["a_element_id"] or x["b_element_id"]) for x in lines}
    assert found == {
        ("figure", "w2"),
        ("storey", "w2"),
        ("class", "slab"),
        ("only in a", "chair"),
        ("counted only in a", "stair"),
        ("only in b", "lamp"),
    }
    (figure,) = [x for x in lines if x["disagreement"] == "figure"]
    assert (figure["a_value"], figure["b_value"], figure["difference"]) == (4, 5, 1)
    assert figure["deviation"] == pytest.approx(0.2)


def test_figures_of_one_source_only_are_listed_if_asked(tmp_path: Path) -> None:
    lines = _run(tmp_path, "disagreements", _other(), one_sided="true").table.to_pylist()
    found = Counter(x["disagreement"] for x in lines)
    assert (found["figure only in a"], found["figure only in b"]) == (1, 1)


def test_further_sources_are_compared_with_the_first(tmp_path: Path) -> None:
    third = Model("copy", vendor="bimplus").add("w1", storey_name="L1").figure("NetVolume", 10)
    lines = _run(tmp_path, "reconcile", _other(), third, by="", quantity="Count").table.to_pylist()
    assert [(x["other_vendor"], x["in_both"]) for x in lines] == [("qonic", 4), ("bimplus", 1)]


def test_other_sources_do_not_shorten_the_figures_of_the_first(tmp_path: Path) -> None:
    """Parts that another model of the project holds count in full where sources are compared."""
    lake = tmp_path / "lake"
    assembly = Model("a").add("top").add("b1", "part", parent_id="top").figure("NetVolume", 1)
    assembly.add("b2", "part", parent_id="top").figure("NetVolume", 2)
    first, other = assembly.commit(lake), Model("b").add("b1").figure("NetVolume", 1).commit(lake)
    with open_lake(lake, pairs=[(first, other)]) as engine:
        query = catalog.find("reconcile", [QUERIES])
        lines = run(engine, query, {"by": "", "quantity": "NetVolume"}).table.to_pylist()
    assert lines[1]["a_value"] == 3


def test_units_of_two_kinds_never_agree(tmp_path: Path) -> None:
    other = Model("house", vendor="qonic").add("w2", storey_name="L1").figure("Length", 2, unit="s")
    lines = _run(tmp_path, "disagreements", other, quantity="Length").table.to_pylist()
    assert [x["deviation"] for x in lines if x["disagreement"] == "figure"] == [None]


def test_both_sources_stand_behind_a_line(tmp_path: Path) -> None:
    first = Model("a").add("g1").figure("NetVolume", 2).add("g2").figure("NetVolume", 5)
    first.add("flight", "part", parent_id="g1").commit(tmp_path / "lake")
    other = Model("b", vendor="qonic").add("g1").figure("NetVolume", 3)
    other.add("new", ifc_class="Slab").figure("NetVolume", 7).commit(tmp_path / "lake")
    question = Question("reconcile", snapshots=["ifc:a", "qonic:b"])
    explained = explain_lines(
        Settings(lake=tmp_path / "lake"), question, {"quantity": "NetVolume", "ifc_class": "Wall"}
    )
    (line,) = explained.lines
    rows = explained.evidence.table.to_pylist()
    assert [(row["side"], row["element_id"], row["value"]) for row in rows] == [
        ("old", "g1", 2),
        ("old", "g2", 5),
        ("new", "g1", 3),
    ]
    assert (line.columns["a_value"], line.columns["b_value"]) == (7, 3)
