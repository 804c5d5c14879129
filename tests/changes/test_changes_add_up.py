"""Old + added - removed + changed = new, to the last digit, whatever two snapshots hold."""

from __future__ import annotations

import random
import tempfile
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_lakes import QUERIES, Model, open_lake

from takeoff.engines.duckdb import Engine
from takeoff.reports import catalog
from takeoff.reports.run import run

ELEMENT = st.fixed_dictionaries(
    {
        "ifc_guid": st.sampled_from(["g1", "g2", "g3", "g4", "G4", None]),
        "authoring_id": st.sampled_from(["1", "2", None, None]),
        "mark": st.sampled_from(["007", None, None]),
        "name": st.sampled_from(["A", "B", "C", None]),
        "role": st.sampled_from(["physical", "physical", "physical", "part", "space", "type"]),
        "ifc_class": st.sampled_from(["Wall", "Slab", None]),
        "storey_name": st.sampled_from(["L1", "L2", None]),
        "type_name": st.sampled_from(["T1", None]),
        "parent_id": st.sampled_from(["e0", None]),
    }
)
FIGURES = st.lists(
    st.tuples(
        st.sampled_from(["NetVolume", "NetArea", "Length", "Count"]),
        st.sampled_from([None, "0", "1.25", "1000000000000000", "0.000000000001", "-2.5"]),
        st.sampled_from(["authored", "authored", "computed"]),
    ),
    max_size=3,
)
SIDE = st.lists(st.tuples(ELEMENT, FIGURES), max_size=6)
BYS = ["class", "change,class", "storey,type", "change,key,building,storey,class,type", "code"]


def _model(
    side: list[tuple[dict[str, Any], list[tuple[str, str | None, str]]]], name: str
) -> Model:
    model = Model(name)
    for number, (told, figures) in enumerate(side):
        model.add(f"e{number}", **told).code("U", told["name"]).material(told["mark"])
        for figure in figures:
            model.figure(*figure)
    return model


UNHURRIED = {
    "deadline": None,
    "derandomize": True,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large],
}


@settings(max_examples=1, **UNHURRIED)
@given(SIDE, SIDE, st.sampled_from(BYS), st.booleans())
def test_every_line_reconciles(old: Any, new: Any, by: str, of_one_model: bool) -> None:
    _check_pair(old, new, by, of_one_model)


@pytest.mark.slow
@settings(max_examples=12, **UNHURRIED)
@given(SIDE, SIDE, st.sampled_from(BYS), st.booleans())
def test_every_line_reconciles_at_length(old: Any, new: Any, by: str, of_one_model: bool) -> None:
    _check_pair(old, new, by, of_one_model)


def _check_pair(old: Any, new: Any, by: str, of_one_model: bool) -> None:
    sides = {"old": old, "new": new}
    with tempfile.TemporaryDirectory() as folder:
        lake = Path(folder) / "lake"
        pair = (
            _model(old, "m").commit(lake),
            _model(new, "m" if of_one_model else "n").commit(lake),
        )
        with open_lake(lake, pairs=[pair]) as engine:
            _check(engine, by)
            totals = {side: _totals(engine, side) for side in sides}
            held = {side: _held(engine, by, f"{side}_elements") for side in sides}
            reconciled = _reconciled(engine)
        for side, snapshot in zip(sides, pair, strict=True):
            with open_lake(lake, selected=[snapshot]) as one:
                assert totals[side] == _alone(one)
                counted = _counted(one, len(sides[side]))
            assert held[side] == dict.fromkeys(held[side], counted)
            assert reconciled[side] == counted


def _held(engine: Engine, by: str, column: str) -> dict[str, int]:
    """Elements of one side over all lines, by quantity: with a value and without."""
    found: dict[str, int] = defaultdict(int)
    for line in _lines(engine, by, quantity=["NetVolume", "Length"]):
        found[line["quantity"]] += line[column]
    return dict(found)


def _reconciled(engine: Engine) -> dict[str, int]:
    """Elements of each side that the lines of a reconciliation hold."""
    query = catalog.find("reconcile", [QUERIES])
    asked = {"by": "class,storey,type,key", "quantity": ["Count", "NetVolume"]}
    lines = run(engine, query, asked).table.to_pylist()
    for line in lines:
        assert line["in_both"] + line["only_in_a"] + line["only_in_b"] == line["elements"]
        one_sided = line["figure_only_in_a"] + line["figure_only_in_b"]
        assert line["compared"] + one_sided + line["without_figure"] == line["elements"]
        assert line["without_figure"] >= 0
    counts = [line for line in lines if line["quantity"] == "Count"]
    both = sum(line["in_both"] for line in counts)
    return {
        "old": both + sum(line["only_in_a"] for line in counts),
        "new": both + sum(line["only_in_b"] for line in counts),
    }


def _counted(engine: Engine, elements: int) -> int:
    """How many elements of the snapshot count; the others are under not_counted."""
    excluded = run(engine, catalog.find("not_counted", [QUERIES]), {}).table.to_pylist()
    return elements - sum(line["elements"] for line in excluded)


def _lines(engine: Engine, by: str, **params: Any) -> list[dict[str, Any]]:
    query = catalog.find("changes", [QUERIES])
    lines: list[dict[str, Any]] = run(engine, query, {"by": by, **params}).table.to_pylist()
    return lines


def _check(engine: Engine, by: str) -> None:
    for line in _lines(engine, by):
        known = {
            name: line[f"{name}_value"] or Decimal(0)
            for name in ("old", "added", "removed", "changed", "new")
        }
        made = known["old"] + known["added"] - known["removed"] + known["changed"]
        assert made == known["new"]
        matched = line["changed_elements"] + line["moved_elements"] + line["same_elements"]
        assert line["new_elements"] == line["added_elements"] + matched
        for side in ("old", "new"):
            assert 0 <= line[f"{side}_without_value"] <= line[f"{side}_elements"]
            is_unknown = 0 < line[f"{side}_elements"] == line[f"{side}_without_value"]
            assert (line[f"{side}_value"] is None) == is_unknown
    for total in _lines(engine, "", quantity="Count"):
        went = total["old_elements"] - total["removed_elements"]
        came = total["new_elements"] - total["added_elements"]
        assert total["changed_value"] == came - went


def _totals(engine: Engine, side: str) -> dict[str, Any]:
    return {
        line["quantity"]: line[f"{side}_value"]
        for line in _lines(engine, "")
        if line[f"{side}_elements"] > line[f"{side}_without_value"]
    }


def _alone(engine: Engine) -> dict[str, Any]:
    query = catalog.find("takeoff", [QUERIES])
    lines = run(engine, query, {"by": ""}).table.to_pylist()
    return {line["quantity"]: line["value"] for line in lines if line["counted"]}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_the_answer_is_the_same_for_any_threads_and_run(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    pair = []
    for _ in range(2):
        model = Model("m")
        for number in range(60):
            name = draw.choice("ABCDE")
            guid = None if draw.random() < 0.5 else f"g{number}"
            model.add(f"e{number}", ifc_guid=guid, name=name, storey_name=draw.choice("12"))
            model.figure("NetVolume", draw.choice(("1e15", "0.001", "3e-12")))
        pair.append(model.commit(tmp_path / "lake"))
    answers = set()
    for threads in (1, 2, 4):
        with open_lake(tmp_path / "lake", pairs=[(pair[0], pair[1])], threads=threads) as engine:
            listed = run(engine, catalog.find("changed_elements", [QUERIES]), {})
            answers.add(str([_lines(engine, "change,key,class"), listed.table.to_pylist()]))
    assert len(answers) == 1


def test_what_goes_to_another_line_is_in_what_changed_of_both(tmp_path: Path) -> None:
    old = Model("m").add("a", ifc_class="Wall").figure("NetVolume", 2)
    new = Model("m").add("a", ifc_class="Slab").figure("NetVolume", 3)
    pair = (old.commit(tmp_path / "lake"), new.commit(tmp_path / "lake"))
    with open_lake(tmp_path / "lake", pairs=[pair]) as engine:
        lines = _lines(engine, "class", quantity="NetVolume")
    found = [
        (line["ifc_class"], line["old_value"], line["changed_value"], line["new_value"])
        for line in lines
        if line["quantity"] == "NetVolume"
    ]
    assert found == [("Slab", 0, 3, 3), ("Wall", 2, -2, 0)]
