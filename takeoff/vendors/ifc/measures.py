"""Which quantity of which class is measured how: the table of the computed figures.

A class takes the first group that it or one of its supertypes is named in. A quantity that has no
sound definition for a class is not in its group, and one whose condition the body does not meet is
not given. `data/rules/computed_quantities.csv` says the same in words.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from takeoff.vendors.ifc.mesh import Mesh, Outline, Plane, Points

# A body counts as a prism if its volume is that of the prism to one in a million.
_PRISM_TOLERANCE = 1e-6
# cos of 0.08 degrees: on a face as level as this, true and projected area are the same to 1e-6.
_LEVEL = 1 - 1e-6
# A folded or curved plate shows less than this share of its surface on one plane.
_PLATE_SHARE = 1 / 3
# The two sides of a straight wall; a curved one shows nearly nothing square to its thickness.
_STRAIGHT_SHARE = 0.9
# Of two axes that stand as upright as one another, the third of the frame is up.
_MORE_UPRIGHT = 1e-6

_X, _Y, _Z = 0, 1, 2


@dataclass(frozen=True)
class Figure:
    """One computed number: IFC4X3 quantity name, kind, key of its definition, value in SI."""

    quantity: str
    kind: str
    definition: str
    value: float


@dataclass(frozen=True)
class Body:
    """An element's mesh in its own frame (`own`), and in axes of which the third is up.

    `up` is the axis of the own frame that stands most upright: the third, unless the body is laid
    on its side, as a profile drawn along the ground is.
    """

    own: Mesh
    upright: Mesh
    up: int

    @classmethod
    def placed(cls, mesh: Mesh, tilt: Points | None) -> Body:
        """`tilt` (3, 3) turns the element's frame into the world's; null if it stands upright."""
        if tilt is None:
            return cls(mesh, mesh, _Z)
        rises = abs(tilt[_Z])
        is_laid = rises.max() > rises[_Z] + _MORE_UPRIGHT
        return cls(mesh, mesh.turned(tilt), int(rises.argmax()) if is_laid else _Z)

    @cached_property
    def level_axes(self) -> list[int]:
        """The two axes of the own frame beside `up`."""
        return [axis for axis in (_X, _Y, _Z) if axis != self.up]

    @cached_property
    def sides(self) -> dict[int, Outline]:
        """Seen along each of the level axes."""
        return {axis: self.own.outline(axis) for axis in self.level_axes}

    @cached_property
    def above(self) -> Outline:
        return self.upright.outline(_Z)

    @cached_property
    def side(self) -> Outline:
        """Seen along the frame's second axis, a standard wall's thickness."""
        return self.own.outline(_Y)

    @cached_property
    def end(self) -> Outline:
        """Seen along its longest extent."""
        return self.own.outline(int(self.own.extents.argmax()))

    @cached_property
    def main_plane(self) -> Plane:
        """The largest plane, of a covering or plate."""
        return self.upright.largest_plane(upright=True)

    @cached_property
    def bed_plane(self) -> Plane:
        """The largest plane that does not stand upright, of a slab or footing."""
        return self.upright.largest_plane(upright=False)

    @cached_property
    def main_face(self) -> Outline | None:
        return self._face(self.main_plane)

    @cached_property
    def bed_face(self) -> Outline | None:
        return self._face(self.bed_plane)

    def _face(self, plane: Plane) -> Outline | None:
        """The outline of the whole body from above if the plane is level, else of the plane.

        None if the plane is no face of a plate: the body is folded, curved or something else.
        """
        if abs(plane.normal[_Z]) > _LEVEL:
            return self.above
        if plane.area < _PLATE_SHARE * self.upright.surface:
            return None
        return self.upright.plane_outline(plane)


Measure = Callable[[Body], float | None]


def _volume(body: Body) -> float | None:
    return body.own.volume if body.own.is_closed else None


def _surface(body: Body) -> float:
    return body.own.surface


def _outline_above(body: Body) -> float:
    return body.above.area


def _outline_above_rings(body: Body) -> float:
    return body.above.all_length


def _main_face(body: Body) -> float | None:
    return body.main_face.area if body.main_face else None


def _main_face_ring(body: Body) -> float | None:
    return body.main_face.outer_length if body.main_face else None


def _main_thickness(body: Body) -> float | None:
    return _plane_thickness(body, body.main_plane)


def _bed_face(body: Body) -> float | None:
    return body.bed_face.area if body.bed_face else None


def _bed_face_ring(body: Body) -> float | None:
    return body.bed_face.outer_length if body.bed_face else None


def _bed_thickness(body: Body) -> float | None:
    return _plane_thickness(body, body.bed_plane)


def _plane_thickness(body: Body, plane: Plane) -> float | None:
    reach = body.upright.points @ plane.normal
    return _if_prism(body, plane.area, float(reach.max() - reach.min()))


def _upward_faces(body: Body) -> float:
    mesh = body.upright
    return float(mesh.areas[mesh.area_vectors[:, _Z] > (1 - _LEVEL) * mesh.areas].sum())


def _side(body: Body) -> float | None:
    return body.side.area if _is_straight(body) else None


def _larger_side(body: Body) -> float:
    return max(side.area for side in body.sides.values())


def _thickness(body: Body) -> float | None:
    seen_along = max(reversed(body.level_axes), key=lambda axis: body.sides[axis].area)
    return _if_prism(body, _larger_side(body), float(body.own.extents[seen_along]))


def _extent_along(body: Body) -> float | None:
    return float(body.own.extents[_X]) if _is_straight(body) else None


def _extent_across(body: Body) -> float | None:
    return float(body.own.extents[_Y]) if _is_straight(body) else None


def _extent_up(body: Body) -> float:
    return float(body.own.extents[body.up])


def _longest_extent(body: Body) -> float:
    return float(body.own.extents.max())


def _longest_base_extent(body: Body) -> float:
    return float(body.own.extents[:_Z].max())


def _longest_level_extent(body: Body) -> float:
    return float(body.own.extents[body.level_axes].max())


def _height_if_constant(body: Body) -> float | None:
    return _if_prism(body, body.above.area, float(body.upright.extents[_Z]))


def _elevation(body: Body) -> float:
    return _longest_level_extent(body) * _extent_up(body)


def _elevation_ring(body: Body) -> float:
    return 2 * (_longest_level_extent(body) + _extent_up(body))


def _section(body: Body) -> float | None:
    return body.end.area if _is_bar(body) else None


def _section_side(body: Body) -> float | None:
    return body.end.outer_length * _longest_extent(body) if _is_bar(body) else None


def _is_bar(body: Body) -> bool:
    return _if_prism(body, body.end.area, _longest_extent(body)) is not None


def _is_straight(body: Body) -> bool:
    mesh = body.own
    square_on = abs(mesh.area_vectors[:, _Y]) > _LEVEL * mesh.areas
    return float(mesh.areas[square_on].sum()) >= 2 * _STRAIGHT_SHARE * body.side.area


def _if_prism(body: Body, base: float, height: float) -> float | None:
    """`height`, if the body's volume is `base` x `height`."""
    volume = _volume(body)
    if volume is None or not math.isclose(volume, base * height, rel_tol=_PRISM_TOLERANCE):
        return None
    return height


@dataclass(frozen=True)
class Definition:
    key: str
    kind: str
    measure: Measure


DEFINITIONS = {
    definition.key: definition
    for definition in (
        Definition("volume", "volume", _volume),
        Definition("surface", "area", _surface),
        Definition("outline_above", "area", _outline_above),
        Definition("outline_above_rings", "length", _outline_above_rings),
        Definition("main_face", "area", _main_face),
        Definition("main_face_ring", "length", _main_face_ring),
        Definition("main_thickness", "length", _main_thickness),
        Definition("bed_face", "area", _bed_face),
        Definition("bed_face_ring", "length", _bed_face_ring),
        Definition("bed_thickness", "length", _bed_thickness),
        Definition("upward_faces", "area", _upward_faces),
        Definition("side", "area", _side),
        Definition("larger_side", "area", _larger_side),
        Definition("thickness", "length", _thickness),
        Definition("extent_along", "length", _extent_along),
        Definition("extent_across", "length", _extent_across),
        Definition("extent_up", "length", _extent_up),
        Definition("longest_extent", "length", _longest_extent),
        Definition("longest_base_extent", "length", _longest_base_extent),
        Definition("longest_level_extent", "length", _longest_level_extent),
        Definition("height_if_constant", "length", _height_if_constant),
        Definition("elevation", "area", _elevation),
        Definition("elevation_ring", "length", _elevation_ring),
        Definition("section", "area", _section),
        Definition("section_side", "area", _section_side),
    )
}


@dataclass(frozen=True)
class Rule:
    """`gross` is measured on the body without its openings cut."""

    quantity: str
    gross: bool
    definition: str


@dataclass(frozen=True)
class Group:
    """Classes without their Ifc that are measured alike."""

    name: str
    classes: tuple[str, ...]
    rules: tuple[Rule, ...]

    @cached_property
    def net(self) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules if not rule.gross)

    @cached_property
    def gross(self) -> tuple[Rule, ...]:
        return tuple(rule for rule in self.rules if rule.gross)


def _rules(text: str) -> tuple[Rule, ...]:
    """From lines of quantity, net or gross, definition."""
    rows = [line.split() for line in text.splitlines() if line.strip()]
    return tuple(Rule(quantity, body == "gross", key) for quantity, body, key in rows)


_SOLID = """
    NetVolume         net    volume
    GrossVolume       gross  volume
    NetSurfaceArea    net    surface
    GrossSurfaceArea  gross  surface
"""
_WALL = """
    NetFootPrintArea    net    outline_above
    GrossFootPrintArea  gross  outline_above
    Height              gross  extent_up
"""
_SLAB = """
    NetArea        net    bed_face
    GrossArea      gross  bed_face
    ProjectedArea  net    outline_above
    Perimeter      gross  bed_face_ring
    Length         net    longest_level_extent
"""
_PLATE = """
    NetArea        net    main_face
    GrossArea      gross  main_face
    ProjectedArea  net    outline_above
    Perimeter      gross  main_face_ring
    Length         net    longest_level_extent
    Width          gross  main_thickness
"""
_BAR = """
    Length            net    longest_extent
    OuterSurfaceArea  gross  section_side
"""

GROUPS = (
    Group(
        "standard wall",
        ("WallStandardCase",),
        _rules(
            """
            NetSideArea    net    side
            GrossSideArea  gross  side
            Length         net    extent_along
            Width          gross  extent_across
            """
            + _WALL
            + _SOLID
        ),
    ),
    Group(
        "wall",
        ("Wall", "CurtainWall"),
        _rules(
            """
            NetSideArea    net    larger_side
            GrossSideArea  gross  larger_side
            Length         net    longest_level_extent
            Width          gross  thickness
            """
            + _WALL
            + _SOLID
        ),
    ),
    Group("slab", ("Slab",), _rules(_SLAB + "Width gross bed_thickness" + _SOLID)),
    Group("footing", ("Footing",), _rules(_SLAB + "Height gross height_if_constant" + _SOLID)),
    Group("plate", ("Covering", "Plate"), _rules(_PLATE + _SOLID)),
    Group(
        "roof",
        ("Roof",),
        _rules(
            """
            NetArea        net    upward_faces
            GrossArea      gross  upward_faces
            ProjectedArea  net    outline_above
            """
            + _SOLID
        ),
    ),
    Group(
        "bar",
        ("Beam", "Column", "Member", "Pile"),
        _rules(_BAR + "CrossSectionArea gross section" + _SOLID),
    ),
    Group("segment", ("FlowSegment",), _rules(_BAR + "NetCrossSectionArea gross section" + _SOLID)),
    Group(
        "door or window",
        ("Door", "Window"),
        _rules(
            """
            Area       net  elevation
            Width      net  longest_level_extent
            Height     net  extent_up
            Perimeter  net  elevation_ring
            """
            + _SOLID
        ),
    ),
    Group(
        "space",
        ("Space",),
        _rules(
            """
            NetFloorArea    net    outline_above
            GrossFloorArea  gross  outline_above
            GrossPerimeter  gross  outline_above_rings
            Height          gross  height_if_constant
            Length          net    longest_level_extent
            """
            + _SOLID
        ),
    ),
    Group(
        "railing",
        ("Railing",),
        _rules(
            """
            NetSideArea    net    larger_side
            GrossSideArea  gross  larger_side
            """
            + _SOLID
        ),
    ),
    Group(
        "solid only",
        ("Stair", "StairFlight", "Ramp", "RampFlight", "ReinforcingElement", "SpatialZone"),
        _rules(_SOLID),
    ),
    Group("opening", ("FeatureElementSubtraction",), _rules("Volume net volume")),
    Group("any other", ("Product",), _rules("Length net longest_base_extent" + _SOLID)),
)

_GROUP_OF_CLASS = {name: group for group in GROUPS for name in group.classes}


def group_of(lineage: Iterable[str]) -> Group:
    """The group of a class, given its own name and its supertypes', nearest first, without Ifc."""
    return next(_GROUP_OF_CLASS[name] for name in lineage if name in _GROUP_OF_CLASS)


def measure(body: Body, rules: Iterable[Rule]) -> Iterator[float]:
    """The value of each rule for this body, NaN where it has none."""
    for rule in rules:
        value = DEFINITIONS[rule.definition].measure(body)
        yield value if value is not None and math.isfinite(value) else math.nan


def figure(rule: Rule, value: float) -> Figure:
    return Figure(rule.quantity, DEFINITIONS[rule.definition].kind, rule.definition, value)
