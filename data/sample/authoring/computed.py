"""What a perfect geometry engine must find in the bodies, by closed formulas.

Net is with openings cut, gross without. Definitions: `Length` of bars is along the extrusion, of
walls and plates the longer level side; footprints are outlines seen from above (a doorway does not
show there); `NetArea`/`GrossArea` of plates is the main face; door and window `Area` is width x
height of the body.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from authoring.items import Item
from authoring.shapes import Circle, Hole, Prism, Rectangle, Steps

# Null: there is such a figure, but no closed formula for it, or it depends on the kernel.
Figures = dict[str, Decimal | None]


def computed(item: Item, holes: Sequence[Hole]) -> Figures:
    """IFC4X3 quantity -> product of native lengths; empty without a body."""
    if item.body is None or item.role in ("type", "annotation", "location"):
        return {}
    if item.role == "opening":
        return {"Volume": item.body.volume}
    measured = _solid(item.body, holes)
    measured.update(_BY_CLASS.get(item.ifc_class, _other)(item, item.body, holes))
    return measured


def _solid(body: Prism, holes: Sequence[Hole]) -> Figures:
    volume, surface = body.volume, body.surface
    cut = sum((hole.volume for hole in holes), Decimal(0))
    added = sum((hole.surface_added for hole in holes), Decimal(0))
    return {
        "NetVolume": None if volume is None else volume - cut,
        "GrossVolume": volume,
        "NetSurfaceArea": None if surface is None else surface + added,
        "GrossSurfaceArea": surface,
    }


def _sides(body: Prism) -> tuple[Decimal, Decimal, Decimal]:
    """Level sides, the longer first, and height of an upright box."""
    profile = body.profile
    assert isinstance(profile, Rectangle)
    return max(profile.x, profile.y), min(profile.x, profile.y), body.depth


def _wall(item: Item, body: Prism, holes: Sequence[Hole]) -> Figures:
    length, width, height = _sides(body)
    return {
        "NetSideArea": length * height - _area(holes),
        "GrossSideArea": length * height,
        "Length": length,
        "Width": width,
        "Height": height,
        "NetFootPrintArea": length * width,
        "GrossFootPrintArea": length * width,
    }


def _area(holes: Sequence[Hole]) -> Decimal:
    return sum((hole.area for hole in holes), Decimal(0))


def _plate(item: Item, body: Prism, holes: Sequence[Hole]) -> Figures:
    """Level or inclined; what an inclined one covers seen from above is left open."""
    length, width, thickness = _sides(body)
    level = item.axis is None
    return {
        "NetArea": length * width - _area(holes),
        "GrossArea": length * width,
        "ProjectedArea": length * width - _area(holes) if level else None,
        "Perimeter": 2 * (length + width),
        "Length": length if level else None,
        "Width": thickness,
    }


def _footing(item: Item, body: Prism, holes: Sequence[Hole]) -> Figures:
    """A pad is extruded upwards; a strip along its length, its profile being width x height."""
    if item.axis is None:
        length, width, height = _sides(body)
    else:
        profile = body.profile
        assert isinstance(profile, Rectangle)
        length, width, height = body.depth, profile.x, profile.y
    return {
        "NetArea": length * width,
        "GrossArea": length * width,
        "ProjectedArea": length * width,
        "Perimeter": 2 * (length + width),
        "Length": length,
        "Height": height,
    }


def _bar(item: Item, body: Prism, holes: Sequence[Hole]) -> Figures:
    profile = body.profile
    if isinstance(profile, Circle):
        return dict.fromkeys(("OuterSurfaceArea", "CrossSectionArea")) | {"Length": body.depth}
    assert not isinstance(profile, Steps)
    section = "NetCrossSectionArea" if item.ifc_class == "IfcFlowSegment" else "CrossSectionArea"
    return {
        "Length": body.depth,
        "OuterSurfaceArea": profile.girth * body.depth,
        section: profile.area,
    }


def _filling(item: Item, body: Prism, holes: Sequence[Hole]) -> Figures:
    width, _, height = _sides(body)
    return {
        "Area": width * height,
        "Width": width,
        "Height": height,
        "Perimeter": 2 * (width + height),
    }


def _space(item: Item, body: Prism, holes: Sequence[Hole]) -> Figures:
    length, width, height = _sides(body)
    return {
        "NetFloorArea": length * width,
        "GrossFloorArea": length * width,
        "GrossPerimeter": 2 * (length + width),
        "Height": height,
        "Length": length,
    }


def _flight(item: Item, body: Prism, holes: Sequence[Hole]) -> Figures:
    return {}


def _other(item: Item, body: Prism, holes: Sequence[Hole]) -> Figures:
    return {"Length": _sides(body)[0]}


_BY_CLASS: dict[str, Callable[[Item, Prism, Sequence[Hole]], Figures]] = {
    "IfcWall": _wall,
    "IfcSlab": _plate,
    "IfcCovering": _plate,
    "IfcFooting": _footing,
    "IfcBeam": _bar,
    "IfcColumn": _bar,
    "IfcMember": _bar,
    "IfcPile": _bar,
    "IfcFlowSegment": _bar,
    "IfcDoor": _filling,
    "IfcWindow": _filling,
    "IfcSpace": _space,
    "IfcStairFlight": _flight,
}
