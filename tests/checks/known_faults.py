"""What is known to be wrong in the public models and the faulty twins, without asking our checks.

For the public models it is worked out anew from the shared truth tables, whose computed figures do
not come from this code; what these tables do not hold is taken from their description and only
counted. For the faulty twins it is what their script writes.
"""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

# A fault: check, model, element_id, quantity (empty if the element is meant).
Fault = tuple[str, str, str, str]

# Which computed column of the truth tables a quantity is held against.
_COMPUTED = {
    "NetVolume": "c_net_volume",
    "GrossVolume": "c_gross_volume",
    "NetArea": "c_net_area",
    "NetSideArea": "c_net_area",
    "NetFloorArea": "c_net_area",
    "Area": "c_net_area",
    "GrossArea": "c_gross_area",
    "GrossSideArea": "c_gross_area",
    "GrossFloorArea": "c_gross_area",
}
_FLAT = ("IfcWall", "IfcWallStandardCase", "IfcSlab", "IfcCovering", "IfcPlate")
_POWERS = tuple(10.0**power for power in (-9, -6, -3, 3, 6, 9))
_FEET = (0.3048, 0.09290304, 0.028316846592)
# What the shared description says of openings, which its tables leave out: Duplex, the roof's four.
COUNTED = {("opening_repeats_host", "Duplex_A_20110907"): 4}
# The models that hold quantities by the standard's names, where the truth tables' columns fit.
PROJECTS = {
    "pcert": ("PCERT_Building-Architecture", "PCERT_Building-Hvac", "PCERT_Building-Structural"),
    "whale": ("BIMWhale_LargeBuilding",),
    "duplex": ("Duplex_A_20110907", "Duplex_Electrical_20121207"),
    "schependomlaan": (
        "Schependomlaan_breedplaatvloeren",
        "Schependomlaan_kalkzandsteen",
        "Schependomlaan_staal",
    ),
}
# Quantities that a column of the truth tables may hold, authored as a_... and computed as c_...
COLUMNS = {
    "net_volume": ("NetVolume", "Volume"),
    "gross_volume": ("GrossVolume",),
    "net_area": ("NetArea", "NetSideArea", "NetFloorArea", "Area"),
    "gross_area": ("GrossArea", "GrossSideArea", "GrossFloorArea"),
    "length": ("Length",),
}
# Figures that the audit need not name: of a source that no report takes for the quantity (the first
# repeats the area of another set; the second is a side of the section's box), or to which the body
# of a footing laid askew gives no answer.
NOT_ASKED = ("GSA Space Areas.GSA BIM Area", "ArchiCADQuantities.Length (A)", "IfcFooting.length")
# Checks whose truth can be told from the tables, or is only counted.
OF_THE_MODELS = (
    "area_against_volume",
    "area_is_surface",
    "net_above_gross",
    "opening_repeats_host",
    "openings_without_element",
    "placeholder_code",
    "repeated_in_models",
    "same_quantity_twice",
    "unit_magnitude",
    "zero_in_other_figures",
    "zero_not_computed",
)


@dataclass(frozen=True)
class Pair:
    """An authored figure beside the computed one of the truth tables."""

    model: str
    element_id: str
    ifc_class: str
    column: str
    source: str
    apart: float

    @property
    def is_asked(self) -> bool:
        return not {self.source, f"{self.ifc_class}.{self.column}"} & set(NOT_ASKED)


def pairs(truth: Path) -> Iterator[Pair]:
    """All that stand side by side; `apart` is the difference as a share of the greater figure."""
    for model in (model for models in PROJECTS.values() for model in models):
        for row in _rows(truth / f"{model}.elements.csv"):
            for column in COLUMNS:
                authored, computed = (_number(row[f"{side}_{column}"]) for side in "ac")
                if authored is None or computed is None:
                    continue
                greater = max(abs(authored), abs(computed)) or 1.0
                apart = abs(authored - computed) / greater
                source = row[f"a_{column}_source"]
                yield Pair(model, row["guid"], row["ifc_class"], column, source, apart)


def computed(truth: Path) -> dict[tuple[str, str, str], float]:
    """What the body has by the truth tables, by model, GUID and quantity."""
    return {
        (model, row["guid"], quantity): value
        for model in (model for models in PROJECTS.values() for model in models)
        for row in _rows(truth / f"{model}.elements.csv")
        for column, quantities in COLUMNS.items()
        for quantity in quantities
        if (value := _number(row[f"c_{column}"])) is not None
    }


def of_the_models(truth: Path) -> set[Fault]:
    """Faults of the nine public models, from the folder of their truth tables."""
    models = [model for models in PROJECTS.values() for model in models]
    found = {fault for model in models for fault in _of_a_model(truth, model)}
    return found | set(_repeated(truth))


def _of_a_model(truth: Path, model: str) -> Iterator[Fault]:
    elements = {row["guid"]: row for row in _rows(truth / f"{model}.elements.csv")}
    stated = _stated(truth / f"{model}.quantities.csv.gz")
    for guid, element in elements.items():
        if _is_placeholder(element["classification"]):
            yield "placeholder_code", model, guid, ""
        for name, quantity, value in stated.get(guid, ()):
            if name.endswith("gewicht") and value == 0:
                yield "zero_in_other_figures", model, guid, ""
            for check in _faults_of(element, quantity, value):
                yield check, model, guid, quantity
        yield from _faults_between(model, guid, element, stated.get(guid, ()))


def _faults_of(element: Mapping[str, str], quantity: str, value: float) -> Iterator[str]:
    """What a figure's ratio to the computed one says."""
    computed = _computed(element, quantity)
    if computed is None or computed == 0:
        return
    if value == 0:
        yield "zero_not_computed"
        return
    gross = _number(element["c_gross_volume" if "Volume" in quantity else "c_gross_area"])
    if any(_is_slip(value / other) for other in (computed, gross) if other):
        yield "unit_magnitude"
        return
    surface = _number(element["c_surface_area"])
    if "Area" in quantity and surface and abs(value / computed - 1) > 0.05:
        faces = (surface, surface / 2, 2 * computed)
        if any(abs(value / face - 1) < 0.0005 for face in faces):
            yield "area_is_surface"
    is_sole = f".{quantity}=" not in element["a_conflicts"]
    if "Area" in quantity and element["ifc_class"] in _FLAT and is_sole:
        if abs(value / computed - 1) > 0.2 and not _openings_gone(element, quantity, value):
            yield "area_against_volume"


def _computed(element: Mapping[str, str], quantity: str) -> float | None:
    """The tables have no perimeter; of a room whose plan fills its extents it follows from them."""
    if quantity != "GrossPerimeter":
        return _number(element.get(_COMPUTED.get(quantity, ""), ""))
    x, y = _number(element["c_ext_x"]), _number(element["c_ext_y"])
    plan = _number(element["c_plan_area"])
    return 2 * (x + y) if x and y and plan and abs(plan / (x * y) - 1) < 0.001 else None


def _faults_between(
    model: str, guid: str, element: Mapping[str, str], stated: Iterable[tuple[str, str, float]]
) -> Iterator[Fault]:
    """What an element's figures say of one another."""
    for conflict in filter(None, element["a_conflicts"].split("; ")):
        quantity = conflict.partition("=")[0].rpartition(".")[2]
        yield "same_quantity_twice", model, guid, quantity
    known = {quantity: value for _, quantity, value in stated}
    for quantity, value in known.items():
        gross = known.get(f"Gross{quantity.removeprefix('Net')}")
        doubtful = f".{quantity}=" in element["a_conflicts"]
        if quantity.startswith("Net") and gross and value > gross * 1.001 and not doubtful:
            yield "net_above_gross", model, guid, quantity
        if _openings_gone(element, quantity, value):
            yield "openings_without_element", model, guid, quantity


def _openings_gone(element: Mapping[str, str], quantity: str, value: float) -> bool:
    """Gross above a body that is the same with and without openings, and whose net is right."""
    if not quantity.startswith("Gross") or quantity not in _COMPUTED:
        return False
    column = _COMPUTED[quantity]
    gross, net = _number(element[column]), _number(element[column.replace("gross", "net")])
    stated = _number(element[column.replace("gross", "net").replace("c_", "a_")])
    if not gross or not net or not stated:
        return False
    is_right = abs(stated / net - 1) < 0.03 and abs(gross / net - 1) < 0.0001
    return is_right and 1.01 < value / gross < 50


def _is_slip(ratio: float) -> bool:
    """A power of a thousand, or feet taken for metres, also times such a power."""
    if any(abs(ratio / power - 1) < 0.3 for power in _POWERS):
        return True
    feet = [foot * power for foot in _FEET for power in (1.0, *_POWERS)]
    return any(abs(one / slip - 1) < 0.0001 for slip in feet for one in (ratio, 1 / ratio))


def _is_placeholder(classification: str) -> bool:
    return "_ASSEMBLY-CODE_" in classification or ": Assembly Code" in classification


def _stated(path: Path) -> dict[str, list[tuple[str, str, float]]]:
    """Per GUID (name as written, IFC quantity, SI value) of the set that a reader takes first."""
    found: dict[str, dict[str, list[tuple[str, str, float]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            value = _number(row["value_si"])
            is_standard = row["set"].startswith(("Qto_", "BaseQuantities"))
            weight = row["kind"] == "mass" or row["quantity"].endswith("gewicht")
            if value is not None and (is_standard or weight):
                figures = found[row["guid"]][row["set"]]
                figures.append((row["quantity"], row["quantity"], value))
    return {guid: [one for many in sets.values() for one in many] for guid, sets in found.items()}


def _repeated(truth: Path) -> Iterator[Fault]:
    """Copies in the later models of a project; spaces and parts are no things of their own."""
    for models in PROJECTS.values():
        seen: set[str] = set()
        for model in models:
            rows = _rows(truth / f"{model}.elements.csv")
            own = {
                row["guid"]
                for row in rows
                if not row["parent_guid"] and row["ifc_class"] != "IfcSpace"
            }
            yield from (("repeated_in_models", model, guid, "") for guid in own & seen)
            seen |= own


def of_the_twins(folder: Path) -> tuple[set[Fault], dict[str, str]]:
    """Faults of the faulty twins, and the project of each of their files that is fetched."""
    truth = _rows(folder / "truth.csv")
    faults = {
        (row["check"], Path(row["file"]).stem, row["element_id"], row["quantity"]) for row in truth
    }
    files = _rows(folder / "files.csv")
    return faults, {row["file"]: row["project"] for row in files if "/" not in row["file"]}


def right_values(folder: Path) -> dict[Fault, str]:
    """What is right, as the twins' script writes it; empty if nobody can know."""
    return {
        (row["check"], Path(row["file"]).stem, row["element_id"], row["quantity"]): row["right"]
        for row in _rows(folder / "truth.csv")
    }


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _number(text: str) -> float | None:
    return float(text) if text else None
