"""Quantity sets as an exporter writes them, from sizes through closed formulas.

Sizes are in the model's own length unit; holes are given as they cut. Names are those of IFC4X3,
except that a file of IFC4 spells `FootPrint` as `Footprint`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from authoring.items import Figure, FigureSet
from authoring.numbers import POWER, Units, tidy, times
from authoring.shapes import Circle, Hole, Prism, Rectangle, Steps

METRE = ("METRE", Decimal(1))


@dataclass(frozen=True)
class Scribe:
    """Writes figures in the units and the spelling of one model."""

    units: Units
    schema: str

    def figure(self, kind: str, quantity: str, native: Decimal) -> Figure:
        """`native`: a product of one, two or three lengths; of mass or count the number itself."""
        return Figure(self._spelled(quantity), quantity, kind, self._raw(kind, native))

    def _raw(self, kind: str, native: Decimal) -> Decimal:
        return self.units.raw(kind, native) if kind in POWER else tidy(native)

    def _spelled(self, quantity: str) -> str:
        return quantity.replace("FootPrint", "Footprint") if self.schema == "IFC4" else quantity

    def qto(self, name: str, **quantities: Decimal) -> FigureSet:
        """A quantity set; the kind follows from the quantity's name."""
        figures = [self.figure(kind_of(q), q, value) for q, value in quantities.items()]
        return FigureSet(self.set_name(name), "qto", tuple(figures))

    def set_name(self, element: str) -> str:
        return "BaseQuantities" if self.schema == "IFC2X3" else f"Qto_{element}BaseQuantities"

    def pset(self, set_name: str, *figures: tuple[str, str, Decimal]) -> FigureSet:
        """Measured properties (name as written, IFC4X3 quantity, number), as Revit exports them."""
        written = [
            Figure(name, quantity, kind_of(name), self._raw(kind_of(name), value))
            for name, quantity, value in figures
        ]
        return FigureSet(set_name, "pset", tuple(written))

    def wall(
        self, length: Decimal, width: Decimal, height: Decimal, holes: Iterable[Hole]
    ) -> FigureSet:
        """Everything but weights."""
        cut = list(holes)
        side = length * height
        net_side = side - sum(hole.area for hole in cut)
        at_foot = sum(hole.width for hole in cut if hole.at_edge)
        return self.qto(
            "Wall",
            Length=length,
            Width=width,
            Height=height,
            GrossFootPrintArea=length * width,
            NetFootPrintArea=(length - at_foot) * width,
            GrossSideArea=side,
            NetSideArea=net_side,
            GrossVolume=side * width,
            NetVolume=net_side * width,
        )

    def slab(
        self,
        length: Decimal,
        width: Decimal,
        thickness: Decimal,
        holes: Iterable[Hole],
        density: Decimal | None = None,
    ) -> FigureSet:
        """`Width` is the thickness, `Length` and `Depth` the sides, as IFC4X3 says; with density
        in kg per cubic unit also both weights."""
        net = length * width - sum(hole.area for hole in holes)
        masses = {}
        if density is not None:
            masses["GrossWeight"] = times(length, width, thickness, density)
            masses["NetWeight"] = times(net, thickness, density)
        return self.qto(
            "Slab",
            Width=thickness,
            Length=length,
            Depth=width,
            Perimeter=2 * (length + width),
            GrossArea=length * width,
            NetArea=net,
            GrossVolume=length * width * thickness,
            NetVolume=net * thickness,
            **masses,
        )

    def linear(
        self, element: str, body: Prism, density: Decimal, names: Sequence[str] = ()
    ) -> FigureSet:
        """Beam, column, member, footing: length, section, outer surface, volumes, weights."""
        profile = body.profile
        assert not isinstance(profile, Circle | Steps)
        volume = profile.area * body.depth
        known = {
            "Length": body.depth,
            "CrossSectionArea": profile.area,
            "OuterSurfaceArea": profile.girth * body.depth,
            "GrossVolume": volume,
            "NetVolume": volume,
            "GrossWeight": volume * density,
            "NetWeight": volume * density,
        }
        return self.qto(element, **{name: known[name] for name in names or known})

    def filling(self, element: str, width: Decimal, height: Decimal) -> FigureSet:
        """Door or window."""
        return self.qto(
            element,
            Width=width,
            Height=height,
            Perimeter=2 * (width + height),
            Area=width * height,
        )

    def opening(self, hole: Hole) -> FigureSet:
        return self.qto(
            "OpeningElement",
            Width=hole.width,
            Height=hole.height,
            Depth=hole.through,
            Area=hole.area,
            Volume=hole.volume,
        )

    def space(self, plan: Rectangle, height: Decimal, finish: Decimal) -> FigureSet:
        """A room without furniture: net equals gross, but for the finish in the net volume."""
        return self.qto(
            "Space",
            Height=height,
            FinishCeilingHeight=height - finish,
            GrossPerimeter=plan.perimeter,
            NetPerimeter=plan.perimeter,
            GrossFloorArea=plan.area,
            NetFloorArea=plan.area,
            GrossVolume=plan.area * height,
            NetVolume=plan.area * (height - finish),
        )

    def covering(self, plan: Rectangle, thickness: Decimal) -> FigureSet:
        return self.qto("Covering", Width=thickness, GrossArea=plan.area, NetArea=plan.area)


def kind_of(quantity: str) -> str:
    """Kind by the last word of the name."""
    for ending, kind in (("Area", "area"), ("Volume", "volume"), ("Weight", "mass")):
        if quantity.endswith(ending):
            return kind
    return "count" if quantity == "Count" else "length"
