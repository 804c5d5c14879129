"""The public models against truth tables that others made: every row, figure and total."""

from __future__ import annotations

import csv
import gzip
import math
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ifc_rows import decoded

MODELS = (
    "BIMWhale_LargeBuilding",
    "Duplex_A_20110907",
    "Duplex_Electrical_20121207",
    "PCERT_Building-Architecture",
    "PCERT_Building-Hvac",
    "PCERT_Building-Structural",
    "Schependomlaan_breedplaatvloeren",
    "Schependomlaan_kalkzandsteen",
    "Schependomlaan_staal",
)

# How the truth's authored columns were chosen (SOURCES.md, last section): quantity sets first,
# then these property sets, and in each of them the first of these names.
PROPERTY_SETS = (
    "PSet_Revit_Dimensions",
    "Dimensions",
    "Tekla Quantity",
    "Pset_Element_Quantities",
    "Custom_Pset",
)
SIDE_CLASSES = {
    "IfcWall",
    "IfcWallStandardCase",
    "IfcCurtainWall",
    "IfcDoor",
    "IfcWindow",
    "IfcRailing",
}
AUTHORED = {
    "length": ("Length", "Length (A)"),
    "width": ("Width", "Thickness", "Width (B)"),
    "height": ("Height", "Depth", "Height (Z Size)", "Overall Height"),
    "perimeter": ("Perimeter", "GrossPerimeter"),
    "surface_area": ("OuterSurfaceArea", "Surface Area"),
    "net_volume": ("NetVolume", "Net Volume", "Volume"),
    "gross_volume": ("GrossVolume",),
    "weight": ("Elementgewicht",),
}
SIDE_AREAS = {"net_area": ("NetSideArea", "Area"), "gross_area": ("GrossSideArea",)}
OTHER_AREAS = {
    "net_area": ("NetArea", "NetFloorArea", "Area"),
    "gross_area": ("GrossArea", "GrossFloorArea", "GrossCeilingArea", "GSA BIM Area"),
}

Row = dict[str, Any]


@pytest.fixture(scope="module", params=MODELS)
def model(request: pytest.FixtureRequest, shared: Path, tmp_path_factory: Any) -> tuple[str, Row]:
    """One public model's name and its rows by table."""
    path = shared / "ifc" / f"{request.param}.ifc"
    return request.param, decoded(path, tmp_path_factory.mktemp("work"))


def _truth(shared: Path, name: str) -> list[dict[str, str]]:
    path = shared / "truth" / name
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _by_step(rows: dict[str, list[Row]]) -> dict[str, Row]:
    return {element["source_id"]: element for element in rows["elements"]}


def _grouped(rows: list[Row]) -> dict[str, list[Row]]:
    grouped = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row["element_no"], row["ordinal"])):
        grouped[row["element_id"]].append(row)
    return grouped


def test_every_element_of_the_truth_is_one_element(model: tuple[str, Row], shared: Path) -> None:
    name, rows = model
    truth = _truth(shared, f"{name}.elements.csv")
    steps = Counter(element["source_id"] for element in rows["elements"])
    guids = Counter(element["ifc_guid"] for element in rows["elements"])
    elements = _by_step(rows)
    for row in truth:
        step = "#" + row["row_id"].split("#")[1]
        assert steps[step] == 1
        assert guids[row["guid"]] == int(row["guid_repeats"])
        element = elements[step]
        assert element["ifc_guid"] == row["guid"]
        assert element["source_class"] == row["ifc_class"]
        if row["authoring_id"]:
            assert element["authoring_id"] == row["authoring_id"]
    assert sum(1 for element in rows["elements"] if _in_truth(element)) == len(truth)


def _in_truth(element: Row) -> bool:
    """The truth has elements but openings, and spaces; a spatial zone is neither."""
    roles = ("physical", "part", "space")
    return element["role"] in roles and element["source_class"] != "IfcSpatialZone"


@pytest.mark.parametrize(
    ("column", "stated"),
    [
        ("name", "name"),
        ("mark", "tag"),
        ("type_name", "type_name"),
        ("building_name", "building"),
        ("storey_name", "storey"),
    ],
)
def test_text_columns_are_those_of_the_truth(
    model: tuple[str, Row], shared: Path, column: str, stated: str
) -> None:
    name, rows = model
    elements = _by_step(rows)
    for row in _truth(shared, f"{name}.elements.csv"):
        element = elements["#" + row["row_id"].split("#")[1]]
        assert (element[column] or "") == row[stated], row["row_id"]


def test_places_flags_and_parents_are_those_of_the_truth(
    model: tuple[str, Row], shared: Path
) -> None:
    name, rows = model
    elements = _by_step(rows)
    by_id = {element["element_id"]: element for element in rows["elements"]}
    for row in _truth(shared, f"{name}.elements.csv"):
        element = elements["#" + row["row_id"].split("#")[1]]
        storey = by_id[element["storey_id"]]["ifc_guid"] if element["storey_id"] else ""
        assert storey == row["storey_guid"], row["row_id"]
        if row["storey_elevation_m"]:
            stated = float(row["storey_elevation_m"])
            assert element["storey_elevation_m"] == pytest.approx(stated, rel=1e-9, abs=1e-9)
        assert (
            element["is_external"] == {"": None, "True": True, "False": False}[row["is_external"]]
        )
        parent = by_id[element["parent_id"]] if element["parent_id"] else None
        assert (parent["ifc_guid"] if parent else "") == row["parent_guid"], row["row_id"]
        assert (parent["source_class"] if parent else "") == row["parent_class"]


def test_materials_are_those_of_the_truth(model: tuple[str, Row], shared: Path) -> None:
    name, rows = model
    elements, materials = _by_step(rows), _grouped(rows["materials"])
    for row in _truth(shared, f"{name}.elements.csv"):
        found = materials[elements["#" + row["row_id"].split("#")[1]]["element_id"]]
        names = list(dict.fromkeys(part["material"] for part in found))
        assert " | ".join(names) == row["materials"], row["row_id"]
        stated = [text.rsplit("=", 1) for text in row["material_layers_m"].split(" | ") if text]
        if not stated:
            # One slab has a single material and layers; the truth takes the first association.
            assert not found or found[0]["role"] != "layer"
            continue
        layers = [part for part in found if part["role"] == "layer"]
        assert [part["material"] for part in layers] == [text for text, _ in stated]
        for part, (_, thickness) in zip(layers, stated, strict=True):
            assert part["thickness_m"] == pytest.approx(float(thickness), rel=1e-9)


def test_codes_are_those_of_the_truth(model: tuple[str, Row], shared: Path) -> None:
    name, rows = model
    elements, codes = _by_step(rows), _grouped(rows["codes"])
    for row in _truth(shared, f"{name}.elements.csv"):
        found = codes[elements["#" + row["row_id"].split("#")[1]]["element_id"]]
        texts = [
            f"{code['system']}:{code['code'] or ''} {code['title'] or ''}".strip() for code in found
        ]
        assert " | ".join(texts) == row["classification"], row["row_id"]


def test_every_figure_of_the_truth_stands_once(model: tuple[str, Row], shared: Path) -> None:
    name, rows = model
    guids = {element["element_id"]: element["ifc_guid"] for element in rows["elements"]}
    ours: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows["quantities"]:
        key = (guids[row["element_id"]], row["origin"], row["source_set"], row["source_name"])
        ours[key].append(row)
    truth: dict[tuple[str, ...], list[dict[str, str]]] = defaultdict(list)
    for row in _truth(shared, f"{name}.quantities.csv.gz"):
        truth[row["guid"], row["origin"], row["set"], row["quantity"]].append(row)
    for key, stated in truth.items():
        found = sorted(ours[key], key=lambda row: float(row["source_value"]))
        stated.sort(key=lambda row: float(row["value_raw"]))
        assert len(found) == len(stated), key
        for figure, row in zip(found, stated, strict=True):
            _assert_same(figure, row)


def _assert_same(figure: Row, row: dict[str, str]) -> None:
    assert _close(float(figure["source_value"]), float(row["value_raw"]))
    assert _close(figure["value"], float(row["value_si"]))
    assert _close(float(figure["value_exact"]), float(row["value_si"]))
    assert figure["unit"] == row["unit_si"]
    assert figure["kind"] == {"weight": "mass"}.get(row["kind"], row["kind"])
    if row["unit_source"] == "none":
        assert figure["source_unit"] is None
    else:
        assert figure["source_unit"] == row["unit_raw"]
        assert figure["unit_status"] == row["unit_source"]


def _close(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)


def test_sets_that_the_truth_knows_hold_no_more_figures(
    model: tuple[str, Row], shared: Path
) -> None:
    """The truth leaves out ArchiCAD's sets AC_Equantity_*, though its summary counts them."""
    name, rows = model
    truth = Counter(
        (row["origin"], row["set"]) for row in _truth(shared, f"{name}.quantities.csv.gz")
    )
    counted = {element["element_id"] for element in rows["elements"] if _in_truth(element)}
    ours = Counter(
        (figure["origin"], figure["source_set"])
        for figure in rows["quantities"]
        if figure["element_id"] in counted
    )
    assert {key: ours[key] for key in truth} == truth
    others = {set_name for origin, set_name in ours - truth if origin == "qto"}
    assert all(set_name.startswith("AC_Equantity_") for set_name in others)


def _authored(figures: list[Row], ifc_class: str) -> dict[str, Row]:
    """The figure in each of the truth's `a_` columns, by the rule in SOURCES."""
    groups = [[f for f in figures if f["origin"] == "qto"]]
    for set_name in PROPERTY_SETS:
        groups.append([f for f in figures if f["origin"] == "pset" and f["source_set"] == set_name])
    areas = SIDE_AREAS if ifc_class in SIDE_CLASSES else OTHER_AREAS
    chosen: dict[str, Row] = {}
    for column, names in {**AUTHORED, **areas}.items():
        candidates = (
            figure
            for group in groups
            for name in names
            for figure in group
            if figure["source_name"] == name
        )
        first = next(candidates, None)
        if first is not None:
            chosen[column] = first
    return chosen


def test_authored_columns_come_out_of_our_figures(model: tuple[str, Row], shared: Path) -> None:
    name, rows = model
    elements, figures = _by_step(rows), _grouped(rows["quantities"])
    for row in _truth(shared, f"{name}.elements.csv"):
        element = elements["#" + row["row_id"].split("#")[1]]
        chosen = _authored(figures[element["element_id"]], row["ifc_class"])
        for column in (*AUTHORED, *SIDE_AREAS):
            figure = chosen.get(column)
            assert (figure is not None) == (row[f"a_{column}"] != ""), (row["row_id"], column)
            if figure is not None:
                source = f"{figure['source_set']}.{figure['source_name']}"
                assert source == row[f"a_{column}_source"]
                assert _close(figure["value"], float(row[f"a_{column}"]))


def test_counts_and_sums_by_class_and_storey_are_those_of_the_truth(
    model: tuple[str, Row], shared: Path
) -> None:
    name, rows = model
    figures = _grouped(rows["quantities"])
    counts: Counter[tuple[str, str]] = Counter()
    sums: dict[tuple[str, str, str], list[Decimal]] = defaultdict(list)
    for element in rows["elements"]:
        if not _in_truth(element):
            continue
        group = (element["source_class"], element["storey_name"] or "(none)")
        counts[group] += 1
        for column, figure in _authored(figures[element["element_id"]], group[0]).items():
            sums[*group, column].append(figure["value_exact"])
    truth = {(row["ifc_class"], row["storey"]): row for row in _truth(shared, f"{name}.totals.csv")}
    assert counts == {group: int(row["count"]) for group, row in truth.items()}
    for group, row in truth.items():
        for column in (*AUTHORED, *SIDE_AREAS):
            values = sums[*group, column]
            assert len(values) == int(row[f"n_a_{column}"]), (group, column)
            if values:
                assert _close(float(sum(values)), float(row[f"a_{column}"])), (group, column)


def test_nothing_is_wrong_with_the_public_models(model: tuple[str, Row], shared: Path) -> None:
    name, rows = model
    codes = Counter(warning["code"] for warning in rows["warnings"])
    on_no_storey = [
        row
        for row in _truth(shared, f"{name}.elements.csv")
        if row["storey"] == "" and row["ifc_class"] != "IfcSpace"
    ]
    assert codes == Counter({"no_storey": len(on_no_storey)} if on_no_storey else {})
