"""A small building that has something of everything that Qonic's wire carries."""

from __future__ import annotations

from typing import Any

from small_lakes import Model

SITE, BUILDING, FLOORS = "1site", "1building", ("1ground", "1upper")
WALLS, SLABS = 7, 4


def building() -> Model:
    """Walls and slabs on two storeys: figures, codes, layers, texts, flags, units of its own."""
    model = Model("tower", project_id="77")
    for floor, name in zip(FLOORS, ("Ground", "Upper"), strict=True):
        model.add(floor, role="location", ifc_class="BuildingStorey", name=name)
    model.add("0typeOfWalls0000000000", role="type", ifc_class="WallType", name="W 200")
    for number in range(WALLS):
        _wall(model, number)
    for number in range(SLABS):
        _slab(model, number)
    _locations(model)
    return model


def _wall(model: Model, number: int) -> None:
    model.add(_guid("W", number), ifc_class="Wall", **_place(number))
    model.figure("NetVolume", f"{number}.25", source_set="Qto_WallBaseQuantities")
    model.figure("Length", f"{2 * number + 1}.5", source_set="Qto_WallBaseQuantities")
    model.figure("GrossFootPrintArea", "1.5", basis="computed")
    model.figure("Width", "0.2", origin="pset", source_set="House", source_name="Width")
    model.code("NL-SfB", "21.11", "Outer walls").code("House codes", "A-1", "Walls")
    model.material("Brick", "layer", thickness_m=0.1).material("Wool", "layer", thickness_m=0.08)
    _property(model, "Pset_WallCommon", "FireRating", text="EI60" if number % 2 else None)
    _property(model, "Pset_WallCommon", "LoadBearing", flag=number % 2 == 0)
    _property(model, "House", "Width", number=200.0, unit="mm")
    _property(model, "House", "Mark", text="007")
    _property(model, "House", "Price", number=12.5)


def _slab(model: Model, number: int) -> None:
    """Two of them have no code, and none has a layer or a length."""
    model.add(_guid("S", number), ifc_class="Slab", **_place(number))
    model.figure("NetVolume", "0.1", source_set="Qto_SlabBaseQuantities")
    model.figure("NetArea", "8.000001", source_set="Qto_SlabBaseQuantities")
    if number < 2:
        model.code("NL-SfB", "23.21", "Floors")


def _locations(model: Model) -> None:
    told = [(SITE, None, "site", "Plot"), (BUILDING, SITE, "building", "Tower")]
    told += [
        (floor, BUILDING, "storey", name)
        for floor, name in zip(FLOORS, ("Ground", "Upper"), strict=True)
    ]
    model.rows["locations"] = [
        {
            "location_id": location_id,
            "parent_id": parent_id,
            "kind": kind,
            "name": name,
            "evidence_no": 0,
            "source_row": 1,
        }
        for location_id, parent_id, kind, name in told
    ]


def _place(number: int) -> dict[str, Any]:
    return {
        "building_id": BUILDING,
        "building_name": "Tower",
        "storey_id": FLOORS[number % 2],
        "storey_name": ("Ground", "Upper")[number % 2],
    }


def _guid(letter: str, number: int) -> str:
    return f"0{letter}{number:020d}"


def _property(model: Model, set_name: str, name: str, **value: Any) -> None:
    last = model.rows["elements"][-1]
    rows = model.rows.setdefault("properties", [])
    filled = next(
        (kind for kind in ("text", "number", "flag") if value.get(kind) is not None), None
    )
    rows.append(
        {
            "element_id": last["element_id"],
            "element_no": last["element_no"],
            "set_name": set_name,
            "name": name,
            "ordinal": sum(row["element_no"] == last["element_no"] for row in rows),
            "value_kind": filled or "none",
            "evidence_no": 0,
            "source_row": 1,
            **value,
        }
    )
