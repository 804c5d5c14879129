"""Figures that others have published of the Duplex, and its class sums, each with what it covers.

Published: space area 422.047 m2 (COBie design workbook of 2012-03-23), foundation concrete
16.528 m3, window area 65.94 m2 and 10 of 14 doors inside (IFC-Bench v1). The other sums were added
up from the file's property sets before there was this code. The file states no window area: it is
width times height, measured by a rule.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from takeoff.notebook import Lake

MEASURED = """\
rule,ifc_class,test,item,unit,formula,decimals
windows,Window,,window,m2,Width * Height,3
inner doors,Door,is_external = false,inner door,Nr,Count,
outer doors,Door,,outer door,Nr,Count,
"""

# Which elements, quantity, how many there are, how many have it, their sum.
Sum = tuple[dict[str, Any], str, int, int, str]
SUMS: list[Sum] = [
    ({"ifc_class": "Space"}, "NetFloorArea", 21, 21, "422.047"),
    ({"ifc_class": "Space"}, "NetVolume", 21, 21, "1049.319"),
    ({"ifc_class": "Footing"}, "NetVolume", 7, 7, "16.528"),
    ({"ifc_class": "Footing"}, "Length", 7, 7, "61.698"),
    ({"source_class": "IfcWallStandardCase"}, "NetSideArea", 56, 55, "549.279"),
    ({"source_class": "IfcWallStandardCase"}, "NetVolume", 56, 56, "181.246"),
    ({"source_class": "IfcWallStandardCase"}, "Length", 56, 56, "314.505"),
    ({"source_class": "IfcWall"}, "NetSideArea", 1, 1, "38.406"),
    ({"source_class": "IfcWall"}, "NetVolume", 1, 1, "25.830"),
    ({"ifc_class": "Wall", "is_external": True}, "NetSideArea", 23, 22, "410.788"),
    ({"ifc_class": "Wall", "is_external": True}, "NetVolume", 23, 23, "183.116"),
    ({"ifc_class": "Wall", "is_external": False}, "NetSideArea", 34, 34, "176.898"),
    ({"ifc_class": "Wall", "is_external": False}, "NetVolume", 34, 34, "23.959"),
    ({"ifc_class": "Slab"}, "NetArea", 21, 20, "540.919"),
    ({"ifc_class": "Slab"}, "NetVolume", 21, 20, "64.583"),
    ({"ifc_class": "Roof"}, "NetArea", 1, 1, "132.926"),
    ({"ifc_class": "Roof"}, "NetVolume", 1, 1, "60.747"),
    ({"ifc_class": "Covering"}, "NetArea", 13, 13, "243.459"),
    ({"ifc_class": "Beam"}, "Length", 8, 8, "43.852"),
    ({"ifc_class": "Railing"}, "Length", 4, 4, "26.157"),
]
FIGURES = """
select
    elements.element_no,
    elements.ifc_class,
    elements.source_class,
    elements.is_external,
    element_quantities.quantity,
    element_quantities.value_exact
from elements
left join element_quantities
    on element_quantities.snapshot_id = elements.snapshot_id
    and element_quantities.element_no = elements.element_no
"""
WALLS_BY_STOREY = {
    "T/FDN": "32.291",
    "Level 1": "77.825",
    "Level 2": "83.873",
    "Roof": "13.087",
}
# Sums over the elements of one class that reports count: without the parts and the openings.
COUNTED = {
    ("Wall", "NetVolume"): "207.076",
    ("Slab", "NetVolume"): "64.583",
    ("Roof", "NetVolume"): "60.747",
    ("Footing", "NetVolume"): "16.528",
}


@pytest.fixture(scope="module")
def duplex(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake of the architecture, authored figures only."""
    folder = tmp_path_factory.mktemp("duplex") / "lake"
    Lake(folder).fetch(shared / "ifc" / "Duplex_A_20110907.ifc", geometry=False)
    return folder


def _lines(lake: Path, name: str, **asked: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = Lake(lake).report(name, **asked).arrow().to_pylist()
    return rows


@pytest.fixture(scope="module")
def figures(duplex: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = Lake(duplex).sql(FIGURES).arrow().to_pylist()
    return rows


@pytest.mark.parametrize(("which", "quantity", "elements", "known", "value"), SUMS)
def test_sums_of_the_duplex(
    figures: list[dict[str, Any]],
    which: dict[str, Any],
    quantity: str,
    elements: int,
    known: int,
    value: str,
) -> None:
    rows = [row for row in figures if which.items() <= row.items()]
    assert len({row["element_no"] for row in rows}) == elements
    values = [row["value_exact"] for row in rows if row["quantity"] == quantity]
    assert (len(values), None in values) == (known, False)
    assert round(sum(values), 3) == Decimal(value)


def test_windows_and_inner_doors_are_measured_by_rule(duplex: Path, tmp_path: Path) -> None:
    file = tmp_path / "rules.csv"
    file.write_text(MEASURED, encoding="utf-8")
    found = {line["item"]: line for line in _lines(duplex, "boq", rules=str(file))}
    assert (found["window"]["quantity"], found["window"]["counted"]) == (Decimal("65.942"), 24)
    assert found["inner door"]["quantity"] == 10
    assert found["outer door"]["quantity"] == 4


def test_reports_count_each_thing_once(duplex: Path) -> None:
    """The slab that is the roof's part and the openings are not in the sums."""
    lines = {(x["ifc_class"], x["quantity"]): x["value"] for x in _lines(duplex, "by_class")}
    for key, value in COUNTED.items():
        assert round(lines[key], 3) == Decimal(value)
    assert lines["Slab", "Count"] == 20
    assert "OpeningElement" not in {ifc_class for ifc_class, _ in lines}


def test_walls_by_storey(duplex: Path) -> None:
    asked = {"by": ["storey"], "quantities": ["NetVolume"], "class": "Wall"}
    volumes = {
        line["storey_name"]: str(round(line["value"], 3))
        for line in _lines(duplex, "takeoff", **asked)
        if line["quantity"] == "NetVolume"
    }
    assert volumes == WALLS_BY_STOREY
