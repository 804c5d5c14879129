"""What a whole takes from its parts, through several levels, and how it is split by material."""

from __future__ import annotations

import random
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from small_lakes import QUERIES, Model, open_lake, rows

from takeoff.reports import catalog
from takeoff.reports.run import run

VOLUMES = """
select element_id, value_exact, basis
from element_quantities
where quantity = 'NetVolume'
"""


def _volumes(tmp_path: Path, model: Model) -> dict[str, tuple[Decimal, str]]:
    model.commit(tmp_path / "lake")
    with open_lake(tmp_path / "lake") as engine:
        return {element: (value, basis) for element, value, basis in rows(engine, VOLUMES)}


def _lines(tmp_path: Path, name: str, **params: Any) -> list[dict[str, Any]]:
    with open_lake(tmp_path / "lake") as engine:
        return run(engine, catalog.find(name, [QUERIES]), params).table.to_pylist()


def _nested(levels: int) -> Model:
    """Wholes within wholes: the outermost is w0, the two beams are parts of the innermost."""
    model = Model("m").add("w0", ifc_class="ElementAssembly")
    for level in range(1, levels):
        model.add(f"w{level}", "part", parent_id=f"w{level - 1}", ifc_class="ElementAssembly")
    for beam, volume in (("b1", 1), ("b2", 2)):
        model.add(beam, "part", parent_id=f"w{levels - 1}", ifc_class="Beam")
        model.figure("NetVolume", volume).material("Steel" if beam == "b1" else "Wood")
    return model


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_a_whole_of_wholes_takes_what_the_innermost_parts_have(tmp_path: Path, levels: int) -> None:
    found = _volumes(tmp_path, _nested(levels))
    assert {found[f"w{level}"] for level in range(levels)} == {(3, "derived")}
    (line,) = [r for r in _lines(tmp_path, "by_class") if r["quantity"] == "NetVolume"]
    assert (line["ifc_class"], line["value"], line["counted"]) == ("ElementAssembly", 3, 1)


def test_a_fourth_level_of_wholes_is_not_guessed(tmp_path: Path) -> None:
    found = _volumes(tmp_path, _nested(4))
    assert {whole for whole in found if whole.startswith("w")} == {"w1", "w2", "w3"}
    assert [r["missing"] for r in _lines(tmp_path, "by_class", quantity="NetVolume")] == [0, 1]


def test_a_part_of_a_whole_keeps_its_own_figure(tmp_path: Path) -> None:
    model = Model("m").add("top").add("sub", "part", parent_id="top").figure("NetVolume", 10)
    model.add("beam", "part", parent_id="sub").figure("NetVolume", 4)
    model.add("post", "part", parent_id="top").figure("NetVolume", 1)
    assert _volumes(tmp_path, model)["top"] == (11, "derived")


def test_one_unknown_part_leaves_all_wholes_above_unknown(tmp_path: Path) -> None:
    model = _nested(3).add("b3", "part", parent_id="w2")
    assert set(_volumes(tmp_path, model)) == {"b1", "b2"}


@pytest.mark.parametrize("ring", [("a", "b"), ("b", "c"), ("a", "a")])
def test_parts_of_one_another_take_nothing(tmp_path: Path, ring: tuple[str, str]) -> None:
    model = Model("m").add("top")
    model.add("a", "part", parent_id=ring[1]).add("b", "part", parent_id=ring[0])
    model.add("c", "part", parent_id="b").add("d", "part", parent_id="top")
    assert _volumes(tmp_path, model.figure("NetVolume", 1)) == {
        "d": (1, "authored"),
        "top": (1, "derived"),
    }


def test_what_is_not_counted_does_not_add_a_part_to_its_own_whole(tmp_path: Path) -> None:
    _volumes(tmp_path, _nested(2))
    found = {r["ifc_class"]: r["net_volume_m3"] for r in _lines(tmp_path, "not_counted")}
    assert found == {"Beam": 3, "ElementAssembly": None}


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_a_whole_without_material_is_split_as_its_parts_are(tmp_path: Path, levels: int) -> None:
    _nested(levels).commit(tmp_path / "lake")
    lines = _lines(tmp_path, "by_material", quantity="NetVolume")
    assert [(r["material"], r["value"], r["elements"], r["basis"]) for r in lines] == [
        ("Steel", 1, 1, "derived"),
        ("Wood", 2, 1, "derived"),
    ]


def test_a_whole_with_a_material_or_a_figure_of_its_own_is_not_split(tmp_path: Path) -> None:
    model = Model("m").add("named").material("Brick").add("stated").figure("NetVolume", 7)
    for whole in ("named", "stated"):
        model.add(f"{whole} part", "part", parent_id=whole).figure("NetVolume", 2).material("Wool")
    model.commit(tmp_path / "lake")
    lines = _lines(tmp_path, "by_material", quantity="NetVolume")
    assert [(r["material"], r["value"]) for r in lines] == [("Brick", 2), (None, 7)]


def _random_materials(model: Model, draw: random.Random) -> None:
    role = draw.choice(["layer", "constituent", "list", "single"])
    names = [draw.choice(["Brick", "Wool", "Tile", None]) for _ in range(draw.randint(0, 5))]
    shares = [draw.random() for _ in names]
    for name, share in zip(names, shares, strict=True):
        model.material(name, role, thickness_m=share / 3, share=share / sum(shares))


def _random_volume(draw: random.Random) -> Decimal:
    digits = draw.randint(1, 10 ** draw.randint(1, 26))
    return Decimal(draw.choice([1, 1, 1, -1]) * digits).scaleb(-12)


@pytest.mark.parametrize("seed", range(4))
def test_pieces_add_up_to_the_last_digit(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    model = Model("m")
    for number in range(60):
        model.add(f"e{number}")
        if number % 3:
            model.figure("NetVolume", _random_volume(draw))
        _random_materials(model, draw)
        for part in range(draw.randint(0, 3)):
            model.add(f"e{number} {part}", "part", parent_id=f"e{number}")
            model.figure("NetVolume", _random_volume(draw))
            _random_materials(model, draw)
    model.commit(tmp_path / "lake")
    pieces: dict[str, Decimal] = defaultdict(Decimal)
    with open_lake(tmp_path / "lake") as engine:
        told = (
            "select element_id, takeoff_materials.value_exact from takeoff_materials"
            " join elements on elements.element_no = takeoff_materials.element_no"
            " where takeoff_materials.quantity = 'NetVolume'"
            " and takeoff_materials.value_exact is not null"
        )
        for element, value in rows(engine, told):
            pieces[element] += value
        whole = {e: v for e, v, _ in rows(engine, VOLUMES) if " " not in e}
    assert pieces == whole


def test_a_thickness_beyond_all_sense_is_not_split(tmp_path: Path) -> None:
    model = Model("m")
    for number, thickness in enumerate((1e15, float("inf"), float("nan"), 1e300)):
        model.add(f"thick {number}").figure("NetVolume", 5)
        model.material("Brick", "layer", thickness_m=thickness)
        model.material("Wool", "layer", thickness_m=0.1)
    model.add("usual").figure("NetVolume", 2)
    model.material("Brick", "layer", thickness_m=0.1).material("Wool", "layer", thickness_m=0.1)
    model.add("vast").figure("NetVolume", "99999999999999999999")
    model.material("Brick", "layer", thickness_m=0.1).material("Wool", "layer", thickness_m=0.1)
    model.commit(tmp_path / "lake")
    lines = _lines(tmp_path, "by_material", quantity="NetVolume")
    assert [(r["material"], r["split"], r["value"]) for r in lines] == [
        ("Brick", "layers", 1),
        ("Brick; Wool", "not split", Decimal("100000000000000000019")),
        ("Wool", "layers", 1),
    ]


def test_a_quantity_stated_without_usable_value_is_there_and_missing(tmp_path: Path) -> None:
    model = Model("m").add("w", ifc_class="Wall").figure("NetVolume", None, unit=None)
    model.add("v", ifc_class="Wall").figure("Length", 2)
    model.add("s", ifc_class="Slab").figure("NetVolume", 3).figure("Length", None, unit=None)
    model.commit(tmp_path / "lake")
    expected = {
        ("Slab", "NetVolume"): (3, 1, 0),
        ("Slab", "Length"): (None, 0, 1),
        ("Wall", "NetVolume"): (None, 0, 2),
        ("Wall", "Length"): (2, 1, 1),
    }
    found = {(r["ifc_class"], r["quantity"]): r for r in _lines(tmp_path, "by_class")}
    complete = {(r["ifc_class"], r["quantity"]): r for r in _lines(tmp_path, "completeness")}
    assert complete.keys() == expected.keys() == {k for k in found if k[1] != "Count"}
    for key, (value, counted, missing) in expected.items():
        assert found[key]["value"] == value
        for line in (found[key], complete[key]):
            assert (line["counted"], line["missing"]) == (counted, missing)
