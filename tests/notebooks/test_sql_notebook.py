"""SQL of your own: each figure that the notebook shows, worked out from the sample's truth."""

from __future__ import annotations

import operator
from collections import Counter, defaultdict
from decimal import Decimal
from functools import reduce
from typing import Any

import pytest
from notebook_runs import check_told, double, kept, plots, run, same, shown, told, truth

FRAMES = ("models", "naive", "walls", "sums")


@pytest.fixture(scope="module")
def figures() -> list[dict[str, str]]:
    """What models state and bodies give; sums of parts are made by the marts."""
    return [row for row in truth("quantities.csv") if row["basis"] != "derived"]


def test_sql_of_your_own(own_lake: str, figures: list[dict[str, str]]) -> None:
    done = run("sql_of_your_own", keep=FRAMES, lake_folder=own_lake)
    check_told(done)
    assert (len(shown(done)), plots(done)) == (5, 1)
    found = kept(done)
    _check_models(found["models"])
    _check_naive(found["naive"], figures)
    _check_walls(found["walls"], figures)
    _check_sums(found["sums"], figures)
    _check_sentences(told(done), found["walls"], figures)


def _check_models(found: list[dict[str, Any]]) -> None:
    rows = truth("elements.csv")
    elements = Counter(row["model"] for row in rows)
    counted = Counter(row["model"] for row in rows if row["counted"] == "yes")
    assert [(x["model_id"], x["elements"], x["counted"]) for x in found] == [
        (model, elements[model], counted[model]) for model in sorted(elements)
    ]


def _net_volumes(figures: list[dict[str, str]], ifc_class: str) -> list[Decimal]:
    return [
        Decimal(row["value"])
        for row in figures
        if (row["ifc_class"], row["quantity"]) == (ifc_class, "NetVolume")
    ]


def _check_naive(found: list[dict[str, Any]], figures: list[dict[str, str]]) -> None:
    by_class = {x["ifc_class"]: x for x in truth("by_class.csv") if x["quantity"] == "NetVolume"}
    classes = [x["ifc_class"] for x in found]
    assert sorted(classes) == ["Beam", "Door", "Slab", "Space", "Wall"]
    for line in found:
        every = _net_volumes(figures, line["ifc_class"])
        picked = by_class.get(line["ifc_class"], {"counted": "0", "value": ""})
        assert (line["figures"], line["sum_of_all_m3"]) == (len(every), same(float(sum(every))))
        assert line["counted"] == int(picked["counted"])
        assert line["net_volume_m3"] == double(picked["value"])


def _check_walls(found: list[dict[str, Any]], figures: list[dict[str, str]]) -> None:
    """By storey and side: the area, elements, and elements by what their area rests on."""
    areas: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for row in figures:
        if row["quantity"] == "NetSideArea":
            areas[row["guid"]][row["basis"]] = Decimal(row["value"])
    lines: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in truth("elements.csv"):
        if (row["ifc_class"], row["counted"]) == ("Wall", "yes"):
            line = row["storey"], "outside" if row["is_external"] == "true" else "inside"
            bases = areas.get(row["guid"], {})
            basis = next((x for x in ("authored", "computed") if x in bases), "missing")
            lines[line].update([basis, "walls"])
            sums[line] += bases.get(basis, Decimal(0))
    assert len(found) == len(lines) == 6
    for shown_line in found:
        line = shown_line["storey_name"], shown_line["side"]
        assert shown_line["net_side_area_m2"] == same(float(sums[line]))
        for name in ("walls", "authored", "computed", "missing"):
            assert shown_line[name] == lines[line][name]


def _authored_areas(figures: list[dict[str, str]]) -> list[str]:
    asked = ("Wall", "NetSideArea", "authored")
    return [x["value"] for x in figures if (x["ifc_class"], x["quantity"], x["basis"]) == asked]


def _check_sums(found: list[dict[str, Any]], figures: list[dict[str, str]]) -> None:
    texts = _authored_areas(figures)
    upwards = sorted(float(text) for text in texts)
    (line,) = found
    assert Decimal(line["exact"]) == sum(Decimal(text) for text in texts)
    # One after the other: newer Pythons' sum() makes good for what is lost.
    assert float(line["doubles_upwards"]) == reduce(operator.add, upwards)
    assert float(line["doubles_downwards"]) == reduce(operator.add, reversed(upwards))
    assert line["doubles_upwards"] != line["doubles_downwards"]


def _check_sentences(text: str, walls: list[dict[str, Any]], figures: list[dict[str, str]]) -> None:
    every = _net_volumes(figures, "Wall")
    wall = next(
        x for x in truth("by_class.csv") if (x["ifc_class"], x["quantity"]) == ("Wall", "NetVolume")
    )
    assert f"{len(every)} for the walls" in text
    assert f"add up to {sum(every):.3f} m³" in text
    assert f"each of {wall['counted']} walls, {Decimal(wall['value']):.3f} m³" in text
    (short,) = (x for x in walls if x["missing"])
    counted = short["walls"] - short["missing"]
    assert f"the wall on {short['storey_name']} that has no area" in text
    area = f"{short['net_side_area_m2']:.3f} m²"
    assert f"{area} are the area of {counted} of {short['walls']} walls" in text
    assert f"{sum(Decimal(x) for x in _authored_areas(figures)):.3f} m² in any order" in text
