"""Bodies as extrusions, with the closed formulas of their volume and surface.

Lengths are in the model's own unit. A body starts at its placement: a rectangle with a corner
there, other profiles centred on it; it is extruded along the placement's z.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

Point = tuple[Decimal, Decimal, Decimal]


@dataclass(frozen=True)
class Rectangle:
    x: Decimal
    y: Decimal

    @property
    def area(self) -> Decimal:
        return self.x * self.y

    @property
    def girth(self) -> Decimal:
        """Length of the outer outline."""
        return 2 * (self.x + self.y)

    @property
    def perimeter(self) -> Decimal:
        """Length of all outlines."""
        return self.girth


@dataclass(frozen=True)
class HollowRectangle:
    """A rectangular tube: outer sizes and wall thickness, sharp corners."""

    x: Decimal
    y: Decimal
    wall: Decimal

    @property
    def area(self) -> Decimal:
        return self.x * self.y - (self.x - 2 * self.wall) * (self.y - 2 * self.wall)

    @property
    def girth(self) -> Decimal:
        return 2 * (self.x + self.y)

    @property
    def perimeter(self) -> Decimal:
        """Outside and inside."""
        return self.girth + 2 * (self.x + self.y - 4 * self.wall)


@dataclass(frozen=True)
class IShape:
    """A rolled I without fillets."""

    width: Decimal
    depth: Decimal
    web: Decimal
    flange: Decimal

    @property
    def area(self) -> Decimal:
        return 2 * self.width * self.flange + (self.depth - 2 * self.flange) * self.web

    @property
    def girth(self) -> Decimal:
        return 4 * self.width + 2 * self.depth - 2 * self.web

    @property
    def perimeter(self) -> Decimal:
        return self.girth


@dataclass(frozen=True)
class Circle:
    """Round. A kernel makes a polygon of it, so no exact computed figure is stated."""

    radius: Decimal


@dataclass(frozen=True)
class Steps:
    """Side view of a stair flight: `count` steps above a soffit that is `waist` below, plumb."""

    count: int
    going: Decimal
    riser: Decimal
    waist: Decimal

    @property
    def area(self) -> Decimal:
        return self.count * self.going * (self.riser / 2 + self.waist)

    @property
    def points(self) -> list[tuple[Decimal, Decimal]]:
        """Outline from the lower front corner, up the steps, back along the soffit."""
        outline = [(Decimal(0), -self.waist)]
        for step in range(self.count):
            outline.append((step * self.going, step * self.riser))
            outline.append((step * self.going, (step + 1) * self.riser))
        run, rise = self.count * self.going, self.count * self.riser
        return [*_without_repeats(outline), (run, rise), (run, rise - self.waist)]


def _without_repeats(points: Iterable[tuple[Decimal, Decimal]]) -> list[tuple[Decimal, Decimal]]:
    return list(dict.fromkeys(points))


Profile = Rectangle | HollowRectangle | IShape | Circle | Steps


@dataclass(frozen=True)
class Prism:
    """A profile extruded by `depth`."""

    profile: Profile
    depth: Decimal

    @property
    def volume(self) -> Decimal | None:
        return None if isinstance(self.profile, Circle) else self.profile.area * self.depth

    @property
    def surface(self) -> Decimal | None:
        """All faces; None where the outline's length is not a finite decimal."""
        if isinstance(self.profile, Circle | Steps):
            return None
        return 2 * self.profile.area + self.profile.perimeter * self.depth


def box(x: Decimal, y: Decimal, z: Decimal) -> Prism:
    return Prism(Rectangle(x, y), z)


@dataclass(frozen=True)
class Hole:
    """A rectangular hole right through; `at_edge`: it cuts the lower edge, as doorways do."""

    width: Decimal
    height: Decimal
    through: Decimal
    at_edge: bool = False

    @property
    def area(self) -> Decimal:
        return self.width * self.height

    @property
    def volume(self) -> Decimal:
        return self.area * self.through

    @property
    def surface_added(self) -> Decimal:
        """Reveals gained minus faces lost; a hole at the edge also takes a strip of that edge."""
        sides = 2 * self.height if self.at_edge else 2 * (self.width + self.height)
        return sides * self.through - 2 * self.area
