"""Elements and their figures, one by one, by a key that is safe in other hands."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from small_lakes import QUERIES, Model, open_lake

from takeoff.reports import catalog
from takeoff.reports.run import run


def _lines(lake: Path, name: str, **params: Any) -> list[dict[str, Any]]:
    with open_lake(lake) as engine:
        table = run(engine, catalog.find(name, [QUERIES]), params).table
    lines: list[dict[str, Any]] = table.to_pylist()
    return lines


def _house(model_id: str = "m", project_id: str = "p") -> Model:
    """Two walls whose ids differ in case alone, one without a volume, one doubtful, and a part."""
    model = Model(model_id, project_id=project_id).add(
        "2O2Fr$t4X", ifc_class="Wall", storey_name="Ground"
    )
    model.figure("NetVolume", "2.5").material("Brick").code("U", "21")
    model.add("2o2fr$T4x", ifc_class="Wall", storey_name="Roof").figure("NetVolume", "0.25")
    model.add("bare", ifc_class="Slab", storey_name="Ground")
    model.add("odd", ifc_class="Slab").figure("NetVolume", 1).figure("NetVolume", 2)
    return model.add("piece", "part", parent_id="bare")


def test_every_element_that_counts_is_there_once_with_what_it_is(tmp_path: Path) -> None:
    _house().commit(tmp_path / "lake")
    lines = _lines(tmp_path / "lake", "elements")
    assert sorted(line["element_id"] for line in lines) == ["2O2Fr$t4X", "2o2fr$T4x", "bare", "odd"]
    first = next(line for line in lines if line["element_id"] == "2O2Fr$t4X")
    assert (first["ifc_class"], first["storey_name"]) == ("Wall", "Ground")
    assert (first["material"], first["code"], first["elements"]) == ("Brick", "U: 21", 1)


def test_keys_stay_apart_whatever_becomes_of_their_case(tmp_path: Path) -> None:
    for model_id in ("m", "M"):
        _house(model_id, project_id=model_id).commit(tmp_path / "lake")
    keys = [line["element_key"] for line in _lines(tmp_path / "lake", "elements")]
    assert len(keys) == 8
    assert len({key.upper() for key in keys}) == len(keys)


def test_a_key_is_the_same_for_each_revision(tmp_path: Path) -> None:
    keys = []
    for _ in range(2):
        _house().commit(tmp_path / "lake")
        lines = _lines(tmp_path / "lake", "elements")
        keys.append({line["element_id"]: line["element_key"] for line in lines})
    assert keys[0] == keys[1]


def test_figures_of_elements_add_up_to_the_takeoff(tmp_path: Path) -> None:
    _house().commit(tmp_path / "lake")
    asked = {"quantity": "NetVolume"}
    counts, lines = [], []
    for line in _lines(tmp_path / "lake", "element_figures", **asked):
        (lines if line["quantity"] == "NetVolume" else counts).append(line)
    assert [(line["quantity"], line["value"]) for line in counts] == [("Count", 1)] * 4
    _, takeoff = _lines(tmp_path / "lake", "takeoff", by=[], **asked)
    for column in ("value", "elements", "counted", "missing", "doubtful"):
        assert sum(line[column] or 0 for line in lines) == takeoff[column]
    assert takeoff["value"] == Decimal("2.75")
    assert (takeoff["elements"], takeoff["missing"], takeoff["doubtful"]) == (4, 1, 1)
    found = {line["element_key"]: line["value"] for line in lines}
    names = {
        line["element_key"]: line["element_id"] for line in _lines(tmp_path / "lake", "elements")
    }
    assert {names[key]: value for key, value in found.items()} == {
        "2O2Fr$t4X": Decimal("2.5"),
        "2o2fr$T4x": Decimal("0.25"),
        "bare": None,
        "odd": None,
    }


@pytest.mark.parametrize("name", ["elements", "element_figures"])
def test_only_the_classes_and_storeys_asked_are_listed(tmp_path: Path, name: str) -> None:
    _house().commit(tmp_path / "lake")
    lines = _lines(tmp_path / "lake", name, **{"class": "Wall", "storey": "Ground"})
    assert {(line["ifc_class"], line["storey_name"]) for line in lines} == {("Wall", "Ground")}
