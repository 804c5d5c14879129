"""Made-up models in the shape of Qonic's pages: `python -m tests.bench.models FOLDER PRODUCTS`.

The same bytes for the same number of products.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

PAGE_ROWS = 5_000

_SEED = 7
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_$"
_CLASSES = (
    "Wall Slab Beam Column Door Window Covering Railing Stair Roof PipeSegment DuctSegment "
    "CableCarrierSegment FlowTerminal Footing Plate Member CurtainWall Furniture "
    "BuildingElementProxy"
).split()
_FLOORS = [f"{number:02d} - Floor {number}" for number in range(-2, 28)]
_MATERIALS = [
    f"{kind} {grade}"
    for kind in ("Concrete", "Steel", "Timber", "Brick", "Glass", "Gypsum", "Insulation")
    for grade in ("C20/25", "C30/37", "S235", "S355", "GL24h", "Type A", "Type B", "12.5 mm")
]
_MAKERS = ("North", "Brick & Sons", "Étage", "Hall", "Over", "Stone", "Lift", "Pipe")
_OWN = ("Guid", "Class", "Name", "SpatialLocation", "Code", "MaterialLayerSet")
# The sets that figures and properties stand in; {} is the product's class.
_FIGURES, _COMMON, _MAKER, _PHASE = (
    "Qto_{}BaseQuantities",
    "Pset_{}Common",
    "Pset_ManufacturerTypeInformation",
    "Phasing",
)
# How many in a hundred products have a property; a service states the others as unset.
_PRESENT = 72


@dataclass(frozen=True)
class Property:
    """A field of products: the set it stands in, and whether every product has it."""

    set_name: str
    values: list[Any]
    is_always_there: bool = False


@dataclass(frozen=True)
class Model:
    """Pages of products as bytes, the field names, and how many products are of each class."""

    pages: list[bytes]
    fields: list[str]
    classes: Mapping[str, int]

    @property
    def rows(self) -> int:
        """Products on all pages."""
        return sum(self.classes.values())


def make(folder: Path, rows: int) -> None:
    """Write a model of so many products into `folder`, unless it is there."""
    if (folder / "model.json").is_file():
        return
    folder.mkdir(parents=True, exist_ok=True)
    classes: dict[str, int] = {}
    fields: dict[str, None] = {}
    for number, start in enumerate(range(0, rows, PAGE_ROWS), 1):
        products = list(_products(min(PAGE_ROWS, rows - start), _SEED + number))
        for product in products:
            classes[product["Class"]] = classes.get(product["Class"], 0) + 1
        fields |= dict.fromkeys(products[0])
        page = {"totalCount": rows, "page": number, "pageSize": PAGE_ROWS, "result": products}
        (folder / f"{number:05d}.json").write_bytes(_bytes(page))
    about = {"fields": list(fields), "classes": classes}
    (folder / "model.json").write_bytes(_bytes(about))


def read(folder: Path) -> Model:
    """The model that `make` has written."""
    about = json.loads((folder / "model.json").read_bytes())
    pages = [path.read_bytes() for path in sorted(folder.glob("[0-9]*.json"))]
    return Model(pages, about["fields"], about["classes"])


def _products(count: int, seed: int) -> Iterator[dict[str, Any]]:
    chance = np.random.default_rng(seed)
    which = _skewed(chance, count, len(_CLASSES))
    materials = _skewed(chance, count, len(_MATERIALS))
    floors = chance.integers(0, len(_FLOORS), count)
    codes = chance.integers(11, 99, (count, 2))
    marks = chance.integers(100_000, 9_000_000, count)
    guids = _guids(chance, count)
    properties = _properties(chance, count)
    there = chance.integers(0, 100, (count, len(properties))) < _PRESENT
    for row in range(count):
        ifc_class, floor = _CLASSES[which[row]], _FLOORS[floors[row]]
        product: dict[str, Any] = {
            "Guid": guids[row],
            "Class": ifc_class,
            "Name": f"{ifc_class}:{marks[row]}",
            "SpatialLocation": {
                "Site": "Site",
                "Building": "Main",
                "Floor": floor,
                "Space": "",
                "SpatialLocationId": f"{floors[row]:022d}",
            },
            "Code": {"Elements": {"Identification": f"{codes[row, 0]}.{codes[row, 1]}"}},
            "MaterialLayerSet": _MATERIALS[materials[row]],
        }
        for column, (name, item) in enumerate(properties.items()):
            is_there = item.is_always_there or there[row, column]
            product[name] = {
                "PropertySet": item.set_name.format(ifc_class) if is_there else None,
                "Value": item.values[row] if is_there else None,
            }
        yield product


def _properties(chance: np.random.Generator, count: int) -> dict[str, Property]:
    """Forty fields less the six of every product: twelve figures and twenty-two properties."""
    length, height = chance.lognormal(1, 0.6, count), chance.lognormal(1, 0.3, count)
    width = chance.choice([0.1, 0.14, 0.19, 0.2, 0.24, 0.3, 0.36], count)
    area, volume = length * height, length * height * width
    less = 1 - chance.random(count) * 0.3
    figures = {
        "Length": length,
        "Width": width,
        "Height": height,
        "Perimeter": 2 * (length + height),
        "GrossFootprintArea": length * width,
        "NetFootprintArea": length * width * less,
        "GrossSideArea": area,
        "NetSideArea": area * less,
        "GrossVolume": volume,
        "NetVolume": volume * less,
        "GrossWeight": (volume * 2400).round(3),
        "NetWeight": (volume * less * 2400).round(3),
    }
    texts = {
        "FireRating": (_COMMON, ["REI 30", "REI 60", "REI 90", "REI 120", "EI 30", "EI 60"]),
        "SurfaceSpreadOfFlame": (_COMMON, ["A1", "A2", "B", "C"]),
        "Status": (_COMMON, ["New", "Existing", "Demolish"]),
        "Reference": (_COMMON, [f"R-{number:05d}" for number in range(4_000)]),
        "Manufacturer": (_MAKER, _MAKERS),
        "ModelLabel": (_MAKER, [f"M {number}" for number in range(300)]),
        "ArticleNumber": (_MAKER, [f"{number:08d}" for number in range(20_000)]),
        "ProductionYear": (_MAKER, [str(year) for year in range(1990, 2027)]),
        "Phase": (_PHASE, [f"Phase {number}" for number in range(9)]),
        "Contractor": (_PHASE, [f"Contractor {number}" for number in range(40)]),
        "Remark": (_PHASE, [f"See drawing {number} / revision B" for number in range(30_000)]),
        "Finish": (_COMMON, ["plaster", "paint", "none", "tiles 20 x 20"]),
    }
    numbers = {
        "ThermalTransmittance": chance.choice([0.15, 0.18, 0.24, 0.28, 1.1, 1.6], count),
        "AcousticRating": chance.integers(30, 60, count),
        "InstallationWeek": chance.integers(1, 53, count),
        "Cost": (volume * 310).round(2),
        "CarbonFactor": chance.random(count),
    }
    flags = ("LoadBearing", "IsExternal", "Combustible", "Compartmentation", "ExtendToStructure")
    return {
        **{
            name: Property(_FIGURES, figures[name].tolist(), name in ("Length", "Width", "Height"))
            for name in figures
        },
        **{
            name: Property(set_name, [given[i] for i in chance.integers(0, len(given), count)])
            for name, (set_name, given) in texts.items()
        },
        **{name: Property(_COMMON, numbers[name].tolist()) for name in numbers},
        **{name: Property(_COMMON, (chance.random(count) < 0.4).tolist()) for name in flags},
    }


def _skewed(chance: np.random.Generator, count: int, kinds: int) -> np.ndarray:
    """Indices of which the first are much more frequent than the last."""
    return np.minimum(chance.zipf(1.4, count) - 1, kinds - 1)


def _guids(chance: np.random.Generator, count: int) -> list[str]:
    letters = chance.integers(0, len(_ALPHABET), (count, 22))
    letters[:, 0] %= 4
    return ["".join(_ALPHABET[letter] for letter in row) for row in letters]


def _bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]))
