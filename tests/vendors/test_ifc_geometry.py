"""Computed figures against the truth tables, closed formulas and bodies that cannot be made."""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import ifcopenshell
import ifcopenshell.guid
import numpy as np
import pytest

from takeoff.core.progress import Quiet
from takeoff.vendors.ifc.geometry import Measured, figures
from takeoff.vendors.ifc.measures import DEFINITIONS, GROUPS
from takeoff.vendors.ifc.mesh import weld

HERE = Path(__file__).parent
SHIPPED = HERE.parents[1] / "data" / "rules" / "computed_quantities.csv"
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
TRUTH_COLUMNS = (
    "c_length",
    "c_net_area",
    "c_gross_area",
    "c_surface_area",
    "c_plan_area",
    "c_net_volume",
    "c_gross_volume",
)
FOOT = 0.3048


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def values(measured: Measured | None) -> dict[str, float]:
    return {figure.quantity: figure.value for figure in measured.figures} if measured else {}


@cache
def computed(path: Path) -> dict[int, Measured]:
    return {one.step_id: one for one in figures(ifcopenshell.open(path), Quiet())}


def same_quantity(column: str, ifc_class: str) -> str | None:
    """The quantity that the table says equals a truth column for a class."""
    matching = [row for row in MEANT if row["truth_column"] == column]
    named = [row for row in matching if ifc_class in row["ifc_classes"].split()]
    others = [row for row in matching if row["ifc_classes"] == "*"]
    return next((row["quantity"] for row in named + others), None)


MEANT = rows(HERE / "computed_vs_truth.csv")


# The truth tables


@pytest.mark.parametrize("name", MODELS)
def test_figures_equal_the_truth_table(shared: Path, name: str) -> None:
    found = computed(shared / "ifc" / f"{name}.ifc")
    differing = []
    for row in rows(shared / "truth" / f"{name}.elements.csv"):
        ours = values(found.get(int(row["row_id"].split("#")[1])))
        for column in TRUTH_COLUMNS:
            quantity = same_quantity(column, row["ifc_class"])
            value = ours.get(quantity) if quantity else None
            if not same(value, row[column]):
                differing.append((row["row_id"], row["ifc_class"], column, value, row[column]))
    assert differing == []


def same(value: float | None, stated: str) -> bool:
    if not stated or value is None:
        return not stated and value is None
    return math.isclose(value, float(stated), rel_tol=1e-6)


@pytest.mark.parametrize("name", MODELS)
def test_bodies_close_as_the_truth_table_says(shared: Path, name: str) -> None:
    found = computed(shared / "ifc" / f"{name}.ifc")
    for row in rows(shared / "truth" / f"{name}.elements.csv"):
        measured = found.get(int(row["row_id"].split("#")[1]))
        assert (measured is not None) == bool(row["c_closed"]), row["row_id"]
        if measured is not None:
            assert ("NetVolume" in values(measured)) == (row["c_closed"] == "True")
            is_open = measured.trouble is not None and measured.trouble.code == "geometry_open"
            assert is_open == (row["c_closed"] == "False")


@pytest.mark.parametrize("name", MODELS)
def test_sums_by_class_and_storey_equal_the_truth_totals(shared: Path, name: str) -> None:
    found = computed(shared / "ifc" / f"{name}.ifc")
    sums: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for row in rows(shared / "truth" / f"{name}.elements.csv"):
        ours = values(found.get(int(row["row_id"].split("#")[1])))
        for column in TRUTH_COLUMNS:
            quantity = same_quantity(column, row["ifc_class"])
            if quantity in ours:
                sums[row["ifc_class"], row["storey"] or "(none)", column].append(ours[quantity])
    for total in rows(shared / "truth" / f"{name}.totals.csv"):
        for column in TRUTH_COLUMNS:
            ours_here = sums[total["ifc_class"], total["storey"], column]
            assert len(ours_here) == int(total[f"n_{column}"])
            assert same(math.fsum(ours_here) if ours_here else None, total[column])


# The table of definitions


def test_shipped_table_states_what_the_code_does() -> None:
    in_code = {
        (rule.quantity, "gross" if rule.gross else "net", rule.definition, name)
        for group in GROUPS
        for rule in group.rules
        for name in group.classes
    }
    in_table = {
        (row["quantity"], row["body"], row["definition"], name)
        for row in rows(SHIPPED)
        for name in row["ifc_classes"].split()
    }
    assert in_table == in_code
    assert {row["definition"]: row["kind"] for row in rows(SHIPPED)} == {
        key: definition.kind for key, definition in DEFINITIONS.items()
    }
    assert all(row["meaning"] for row in rows(SHIPPED))


def test_each_quantity_of_a_class_has_one_definition() -> None:
    for group in GROUPS:
        names = [rule.quantity for rule in group.rules]
        assert len(names) == len(set(names)), group.name


# Small models of our own, against closed formulas


class Draft:
    """An IFC model under way; numbers are metres, or feet."""

    def __init__(self, schema: str = "IFC4", feet: bool = False) -> None:
        self.file = ifcopenshell.file(schema=schema)
        self.body = self._frame(feet)

    def _frame(self, feet: bool) -> ifcopenshell.entity_instance:
        make = self.file.create_entity
        context = make(
            "IfcGeometricRepresentationContext",
            ContextType="Model",
            CoordinateSpaceDimension=3,
            Precision=1e-5,
            WorldCoordinateSystem=self.axes(),
        )
        unit = make("IfcSIUnit", UnitType="LENGTHUNIT", Name="METRE")
        if feet:
            factor = make("IfcMeasureWithUnit", make("IfcLengthMeasure", FOOT), unit)
            dimensions = make("IfcDimensionalExponents", 1, 0, 0, 0, 0, 0, 0)
            unit = make("IfcConversionBasedUnit", dimensions, "LENGTHUNIT", "FOOT", factor)
        angle = make("IfcSIUnit", UnitType="PLANEANGLEUNIT", Name="RADIAN")
        make(
            "IfcProject",
            GlobalId=ifcopenshell.guid.new(),
            RepresentationContexts=[context],
            UnitsInContext=make("IfcUnitAssignment", [unit, angle]),
        )
        return make(
            "IfcGeometricRepresentationSubContext",
            ContextIdentifier="Body",
            ContextType="Model",
            ParentContext=context,
            TargetView="MODEL_VIEW",
        )

    def point(self, *coordinates: float) -> ifcopenshell.entity_instance:
        return self.file.create_entity("IfcCartesianPoint", [float(c) for c in coordinates])

    def direction(self, *ratios: float) -> ifcopenshell.entity_instance:
        return self.file.create_entity("IfcDirection", [float(r) for r in ratios])

    def axes(
        self,
        origin: tuple[float, ...] = (0, 0, 0),
        up: tuple[float, ...] = (0, 0, 1),
        along: tuple[float, ...] = (1, 0, 0),
    ) -> ifcopenshell.entity_instance:
        return self.file.create_entity(
            "IfcAxis2Placement3D",
            self.point(*origin),
            self.direction(*up),
            self.direction(*along),
        )

    def extrusion(self, profile: list[tuple[float, float]], height: float) -> object:
        ring = [self.point(*corner) for corner in [*profile, profile[0]]]
        area = self.file.create_entity(
            "IfcArbitraryClosedProfileDef",
            "AREA",
            None,
            self.file.create_entity("IfcPolyline", ring),
        )
        return self.extruded(area, height)

    def extruded(self, profile: object, height: float) -> object:
        return self.file.create_entity(
            "IfcExtrudedAreaSolid", profile, self.axes(), self.direction(0, 0, 1), float(height)
        )

    def box(self, length: float, width: float, height: float) -> object:
        return self.extrusion([(0, 0), (length, 0), (length, width), (0, width)], height)

    def faces(self, corners: list[tuple[float, float, float]], faces: list[list[int]]) -> object:
        points = [self.point(*corner) for corner in corners]
        made = []
        for face in faces:
            loop = self.file.create_entity("IfcPolyLoop", [points[place] for place in face])
            bound = self.file.create_entity("IfcFaceOuterBound", loop, True)
            made.append(self.file.create_entity("IfcFace", [bound]))
        shell = self.file.create_entity("IfcClosedShell", made)
        return self.file.create_entity("IfcFacetedBrep", shell)

    def mirrored(self, item: object) -> object:
        """The item once more, mirrored in its own first axis."""
        source = self.file.create_entity(
            "IfcRepresentationMap", self.axes(), self.shape(item, "SweptSolid")
        )
        operator = self.file.create_entity(
            "IfcCartesianTransformationOperator3D",
            self.direction(-1, 0, 0),
            self.direction(0, 1, 0),
            self.point(0, 0, 0),
            1.0,
            self.direction(0, 0, 1),
        )
        return self.file.create_entity("IfcMappedItem", source, operator)

    def shape(self, item: object, kind: str) -> object:
        items = item if isinstance(item, list) else [item]
        return self.file.create_entity("IfcShapeRepresentation", self.body, "Body", kind, items)

    def add(
        self, ifc_class: str, item: object, axes: object = None, kind: str = "SweptSolid"
    ) -> ifcopenshell.entity_instance:
        make = self.file.create_entity
        return make(
            ifc_class,
            GlobalId=ifcopenshell.guid.new(),
            ObjectPlacement=make("IfcLocalPlacement", None, axes or self.axes()),
            Representation=make(
                "IfcProductDefinitionShape", Representations=[self.shape(item, kind)]
            ),
        )

    def cut(self, host: ifcopenshell.entity_instance, item: object, axes: object) -> object:
        opening = self.add("IfcOpeningElement", item, axes)
        self.file.create_entity(
            "IfcRelVoidsElement",
            GlobalId=ifcopenshell.guid.new(),
            RelatingBuildingElement=host,
            RelatedOpeningElement=opening,
        )
        return opening

    def layer(self, wall: ifcopenshell.entity_instance, thickness: float) -> None:
        make = self.file.create_entity
        layers = make("IfcMaterialLayerSet", [make("IfcMaterialLayer", None, thickness, None)])
        usage = make("IfcMaterialLayerSetUsage", layers, "AXIS2", "POSITIVE", 0.0)
        make(
            "IfcRelAssociatesMaterial",
            GlobalId=ifcopenshell.guid.new(),
            RelatedObjects=[wall],
            RelatingMaterial=usage,
        )

    def measured(self, threads: int = 1) -> dict[int, Measured]:
        return {one.step_id: one for one in figures(self.file, Quiet(), threads)}

    def of(self, element: ifcopenshell.entity_instance) -> dict[str, float]:
        return values(self.measured().get(element.id()))


def near(expected: dict[str, float]) -> dict[str, object]:
    return {name: pytest.approx(value, rel=1e-9) for name, value in expected.items()}


WALL_5_BY_3 = {
    "NetSideArea": 12.9,
    "GrossSideArea": 15.0,
    "NetFootPrintArea": 1.5,
    "GrossFootPrintArea": 1.5,
    "Length": 5.0,
    "Width": 0.3,
    "Height": 3.0,
    "NetVolume": 12.9 * 0.3,
    "GrossVolume": 4.5,
    "GrossSurfaceArea": 2 * (15 + 1.5 + 0.9),
    # Two sides, top, bottom less the threshold, two ends, lintel and two reveals.
    "NetSurfaceArea": 2 * 12.9 + 1.5 + (1.5 - 0.3) + 2 * 0.9 + (1 + 2 * 2.1) * 0.3,
}


def wall_with_door(draft: Draft, axes: object = None) -> ifcopenshell.entity_instance:
    """5.0 x 0.3 x 3.0 m, with an opening of 1.0 x 2.1 m down to the floor."""
    wall = draft.add("IfcWall", draft.box(5, 0.3, 3), axes)
    placement = wall.ObjectPlacement
    opening = draft.cut(wall, draft.box(1, 0.5, 2.1), draft.axes((2, -0.1, 0)))
    opening.ObjectPlacement.PlacementRelTo = placement
    draft.layer(wall, 0.3)
    return wall


def test_wall_with_opening() -> None:
    draft = Draft()
    assert draft.of(wall_with_door(draft)) == near(WALL_5_BY_3)


def test_wall_measures_the_same_turned_and_far_away() -> None:
    draft = Draft()
    axes = draft.axes((1e6, -1e6, 30), along=(0.6, 0.8, 0))
    assert draft.of(wall_with_door(draft, axes)) == near(WALL_5_BY_3)


def test_mirrored_body_measures_the_same() -> None:
    draft = Draft()
    profile = [(0, 0), (5, 0), (5, 2), (1, 2), (1, 4), (0, 4)]
    plain = draft.add("IfcSlab", draft.extrusion(profile, 0.2))
    item = draft.mirrored(draft.extrusion(profile, 0.2))
    mirrored = draft.of(draft.add("IfcSlab", item, kind="MappedRepresentation"))
    assert mirrored == near(draft.of(plain))
    assert mirrored["NetVolume"] == pytest.approx(12 * 0.2)


def test_body_drawn_once_is_measured_as_it_is_placed() -> None:
    draft = Draft()
    level = draft.add("IfcSlab", draft.box(4, 5, 0.2))
    tilted = draft.add("IfcSlab", draft.box(1, 1, 1), draft.axes(up=(0, -0.6, 0.8)))
    tilted.Representation = level.Representation
    found = draft.measured()
    assert values(found[level.id()])["ProjectedArea"] == pytest.approx(20)
    assert values(found[tilted.id()])["ProjectedArea"] == pytest.approx(4 * (5 * 0.8 + 0.2 * 0.6))
    assert values(found[tilted.id()])["NetVolume"] == pytest.approx(4)


def test_body_far_from_its_own_origin_keeps_its_volume() -> None:
    draft = Draft()
    far = 1e6
    corners = [(far + x, far + y, z) for z in (0, 3) for x, y in ((0, 0), (2, 0), (2, 1), (0, 1))]
    faces = [[0, 3, 2, 1], [4, 5, 6, 7], [0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]]
    box = draft.add("IfcFurniture", draft.faces(corners, faces), kind="Brep")
    assert draft.of(box)["NetVolume"] == pytest.approx(6.0, rel=1e-9)
    assert draft.of(box)["NetSurfaceArea"] == pytest.approx(22.0, rel=1e-9)


def test_feet_become_metres() -> None:
    draft = Draft(feet=True)
    slab = draft.of(draft.add("IfcSlab", draft.box(20, 10, 0.5)))
    assert slab["NetVolume"] == pytest.approx(100 * FOOT**3, rel=1e-9)
    assert slab["NetArea"] == pytest.approx(200 * FOOT**2, rel=1e-9)
    assert slab["Perimeter"] == pytest.approx(60 * FOOT, rel=1e-9)
    assert slab["Width"] == pytest.approx(0.5 * FOOT, rel=1e-9)


def test_inclined_slab_has_true_and_projected_area() -> None:
    draft = Draft()
    tilt = math.radians(30)
    axes = draft.axes(up=(0, -math.sin(tilt), math.cos(tilt)))
    slab = draft.of(draft.add("IfcSlab", draft.box(4, 5, 0.2), axes))
    projected = 4 * (5 * math.cos(tilt) + 0.2 * math.sin(tilt))
    assert slab["NetArea"] == pytest.approx(20, rel=1e-9)
    assert slab["ProjectedArea"] == pytest.approx(projected, rel=1e-6)
    assert slab["Perimeter"] == pytest.approx(18, rel=1e-9)
    assert slab["Width"] == pytest.approx(0.2, rel=1e-6)


def test_slab_with_hole() -> None:
    draft = Draft()
    slab = draft.add("IfcSlab", draft.box(6, 4, 0.25))
    draft.cut(slab, draft.box(1, 2, 1), draft.axes((2, 1, -0.5)))
    ours = draft.of(slab)
    assert (ours["GrossArea"], ours["NetArea"]) == (pytest.approx(24), pytest.approx(22))
    assert ours["ProjectedArea"] == pytest.approx(22)
    assert ours["Perimeter"] == pytest.approx(20)
    assert ours["Width"] == pytest.approx(0.25)
    assert (ours["GrossVolume"], ours["NetVolume"]) == (pytest.approx(6), pytest.approx(5.5))


def test_stepped_slab_has_an_area_and_no_thickness() -> None:
    draft = Draft()
    step = draft.add("IfcSlab", [draft.box(6, 4, 0.2)])
    profile = [(0, 0), (6, 0), (6, 0.3), (5, 0.3), (5, 0.2), (0, 0.2)]
    section = draft.extrusion(profile, 4)
    across = draft.axes(up=(0, -1, 0))
    stepped = draft.of(draft.add("IfcSlab", section, across))
    assert stepped["NetArea"] == pytest.approx(24)
    assert stepped["NetVolume"] == pytest.approx((5 * 0.2 + 0.3) * 4)
    assert "Width" not in stepped
    assert draft.of(step)["Width"] == pytest.approx(0.2)


GABLE = [(-4, 0), (0, 3), (4, 0), (4, 0.2), (0, 3.2), (-4, 0.2)]


def test_folded_slab_has_no_area_and_roof_counts_what_looks_up() -> None:
    draft = Draft()
    across = draft.axes(up=(0, -1, 0))
    slab = draft.of(draft.add("IfcSlab", draft.extrusion(GABLE, 10), across))
    roof = draft.of(draft.add("IfcRoof", draft.extrusion(GABLE, 10), across))
    assert "NetArea" not in slab
    assert "Perimeter" not in slab
    assert slab["ProjectedArea"] == pytest.approx(80)
    assert slab["NetVolume"] == pytest.approx(8 * 0.2 * 10)
    assert roof["NetArea"] == pytest.approx(2 * 5 * 10)
    assert roof["ProjectedArea"] == pytest.approx(80)
    assert "Length" not in roof


def test_upright_cladding_is_measured_by_its_face_and_upstand_by_its_bed() -> None:
    draft = Draft()
    cladding = draft.of(draft.add("IfcCovering", draft.box(4, 0.02, 3)))
    assert cladding["NetArea"] == pytest.approx(12)
    assert cladding["Width"] == pytest.approx(0.02)
    footing = draft.of(draft.add("IfcFooting", draft.box(10, 0.4, 1)))
    assert footing["NetArea"] == pytest.approx(4)
    assert footing["Height"] == pytest.approx(1)


def test_body_laid_on_its_side_is_as_long_and_as_high_as_it_stands() -> None:
    """A section of 0.6 x 0.3 m drawn along the ground, and a wall drawn from its end."""
    draft = Draft()
    along = draft.axes((3, 4, 0), up=(0.6, 0.8, 0), along=(0.8, -0.6, 0))
    footing = draft.of(draft.add("IfcFooting", draft.box(0.6, 0.3, 6), along))
    assert footing["Length"] == pytest.approx(6)
    assert footing["Height"] == pytest.approx(0.3)
    assert footing["NetArea"] == pytest.approx(3.6)
    wall = draft.of(draft.add("IfcWall", draft.box(0.2, 2.5, 4), along))
    expected = {"Length": 4, "Height": 2.5, "Width": 0.2, "NetSideArea": 10}
    assert {name: wall[name] for name in expected} == near(expected)


def test_l_shaped_space() -> None:
    draft = Draft()
    plan = [(0, 0), (6, 0), (6, 2), (3, 2), (3, 5), (0, 5)]
    space = draft.of(draft.add("IfcSpace", draft.extrusion(plan, 2.5)))
    assert space["NetFloorArea"] == pytest.approx(21)
    assert space["GrossPerimeter"] == pytest.approx(22)
    assert space["Height"] == pytest.approx(2.5)
    assert space["NetVolume"] == pytest.approx(52.5)


def test_round_column_within_its_tessellation() -> None:
    draft = Draft()
    circle = draft.file.create_entity("IfcCircleProfileDef", "AREA", None, None, 0.2)
    column = draft.of(draft.add("IfcColumn", draft.extruded(circle, 3)))
    true_section = math.pi * 0.2**2
    # A polygon inside the circle: less than the true section, by some hundredths at most.
    assert 0.96 * true_section < column["CrossSectionArea"] < true_section
    assert column["Length"] == pytest.approx(3)
    assert column["NetVolume"] == pytest.approx(3 * column["CrossSectionArea"])
    assert 0.98 * math.tau * 0.2 * 3 < column["OuterSurfaceArea"] < math.tau * 0.2 * 3


def test_inside_of_a_hollow_bar_is_not_outer_surface() -> None:
    draft = Draft()
    tube = draft.file.create_entity(
        "IfcRectangleHollowProfileDef", "AREA", None, None, 0.2, 0.1, 0.01
    )
    for ifc_class, section in (
        ("IfcBeam", "CrossSectionArea"),
        ("IfcPipeSegment", "NetCrossSectionArea"),
    ):
        bar = draft.of(draft.add(ifc_class, draft.extruded(tube, 4)))
        assert bar[section] == pytest.approx(0.2 * 0.1 - 0.18 * 0.08)
        assert bar["OuterSurfaceArea"] == pytest.approx(0.6 * 4)
        assert bar["NetSurfaceArea"] == pytest.approx(0.6 * 4 + 0.52 * 4 + 2 * 0.0056)


def test_curved_wall_has_a_volume_and_no_length() -> None:
    draft = Draft()
    angles = np.linspace(0, math.pi / 2, 19)
    ring = [
        (r * math.cos(a), r * math.sin(a))
        for r, turn in ((5, 1), (4.8, -1))
        for a in angles[::turn]
    ]
    wall = draft.add("IfcWall", draft.extrusion(ring, 3))
    draft.layer(wall, 0.2)
    ours = draft.of(wall)
    assert {"Length", "Width", "NetSideArea", "GrossSideArea"}.isdisjoint(ours)
    assert ours["Height"] == pytest.approx(3)
    sector = 18 * math.sin(math.radians(5)) / 2 * (5**2 - 4.8**2)
    assert ours["NetVolume"] == pytest.approx(3 * sector, rel=1e-5)


def test_two_touching_boxes_close_and_count_once_from_above() -> None:
    draft = Draft()
    profile = [(1, 0), (3, 0), (3, 1), (1, 1)]
    both = [draft.box(1, 1, 1), draft.extrusion(profile, 2)]
    ours = draft.of(draft.add("IfcSlab", both))
    assert ours["NetVolume"] == pytest.approx(5)
    assert ours["ProjectedArea"] == pytest.approx(3)


# Where bodies lie


def box_of(draft: Draft, element: ifcopenshell.entity_instance) -> list[float] | None:
    around = draft.measured()[element.id()].box
    return None if around is None else list(around)


def test_box_is_that_of_the_placed_body_with_openings_uncut() -> None:
    draft = Draft()
    wall = wall_with_door(draft, draft.axes((10, 20, 30), along=(0, 1, 0)))
    draft.cut(wall, draft.box(2, 2, 9), draft.axes((9, 24, 30)))
    assert box_of(draft, wall) == [9.7, 20, 30, 10, 25, 33]


def test_box_of_a_body_drawn_once_is_where_each_copy_stands() -> None:
    draft = Draft(feet=True)
    first = draft.add("IfcFurniture", draft.box(10, 20, 30))
    second = draft.add("IfcFurniture", draft.box(1, 1, 1), draft.axes((100, 0, -10)))
    second.Representation = first.Representation
    assert box_of(draft, first) == pytest.approx([0, 0, 0, 3.048, 6.096, 9.144], abs=1e-12)
    assert box_of(draft, second) == pytest.approx(
        [30.48, 0, -3.048, 33.528, 6.096, 6.096], abs=1e-12
    )


def test_box_is_null_where_it_cannot_be_told() -> None:
    draft = Draft()
    half = draft.add("IfcSlab", [draft.box(1, 1, 1), draft.box(1, 1, 0)])
    far = draft.add("IfcSlab", draft.box(1, 1, 1), draft.axes((1e10, 0, 0)))
    found = draft.measured()
    assert [found[element.id()].box for element in (half, far)] == [None, None]
    assert values(found[far.id()])["NetVolume"] == pytest.approx(1)


# Bodies with something wrong


CORNERS = [(x, y, z) for z in (0, 3) for x, y in ((0, 0), (2, 0), (2, 1), (0, 1))]
BOX = [[0, 3, 2, 1], [4, 5, 6, 7], [0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]]


def test_open_body_has_a_surface_and_no_volume() -> None:
    draft = Draft()
    element = draft.add("IfcFurniture", draft.faces(CORNERS, BOX[1:]), kind="Brep")
    measured = draft.measured()[element.id()]
    assert values(measured)["NetSurfaceArea"] == pytest.approx(20)
    assert {"NetVolume", "GrossVolume"}.isdisjoint(values(measured))
    assert measured.trouble is not None
    assert measured.trouble.code == "geometry_open"


def test_faces_wound_at_random_enclose_the_same_volume() -> None:
    draft = Draft()
    wound = [face[::-1] if place % 2 else face for place, face in enumerate(BOX)]
    element = draft.add("IfcFurniture", draft.faces(CORNERS, wound), kind="Brep")
    assert draft.of(element)["NetVolume"] == pytest.approx(6)


def test_body_that_cannot_be_made_is_named_and_stops_nothing() -> None:
    draft = Draft()
    flat = draft.add("IfcSlab", draft.box(1, 1, 0))
    half = draft.add("IfcSlab", [draft.box(1, 1, 1), draft.box(1, 1, 0)])
    good = draft.add("IfcSlab", draft.box(2, 2, 1))
    found = draft.measured(threads=2)
    for element in (flat, half):
        assert found[element.id()].figures == []
        assert found[element.id()].trouble.code == "geometry_failed"
    assert values(found[good.id()])["NetVolume"] == pytest.approx(4)


def test_opening_that_cannot_be_made_leaves_gross_figures_only() -> None:
    draft = Draft()
    wall = draft.add("IfcWall", draft.box(5, 0.3, 3))
    draft.cut(wall, draft.box(1, 1, 0), draft.axes())
    measured = draft.measured()[wall.id()]
    assert measured.trouble is not None
    assert measured.trouble.code == "openings_failed"
    assert values(measured)["GrossVolume"] == pytest.approx(4.5)
    assert not [name for name in values(measured) if name.startswith("Net")]


def test_part_of_a_whole_with_openings_is_measured_net_and_gross() -> None:
    draft = Draft()
    roof = draft.file.create_entity("IfcRoof", GlobalId=ifcopenshell.guid.new())
    slab = draft.add("IfcSlab", draft.box(6, 4, 0.25))
    draft.file.create_entity(
        "IfcRelAggregates",
        GlobalId=ifcopenshell.guid.new(),
        RelatingObject=roof,
        RelatedObjects=[slab],
    )
    draft.cut(roof, draft.box(1, 2, 1), draft.axes((2, 1, -0.5)))
    ours = draft.of(slab)
    assert (ours["GrossVolume"], ours["NetVolume"]) == (pytest.approx(6), pytest.approx(5.5))


def test_elements_without_a_body_are_left_out() -> None:
    draft = Draft()
    draft.file.create_entity("IfcWall", GlobalId=ifcopenshell.guid.new())
    annotation = draft.add("IfcAnnotation", draft.box(1, 1, 1))
    virtual = draft.add("IfcVirtualElement", draft.box(1, 1, 1))
    assert {annotation.id(), virtual.id()}.isdisjoint(draft.measured())
    assert draft.measured() == {}


def test_mesh_with_a_coordinate_that_is_no_number_is_refused() -> None:
    corners = np.array([[0.0, 0, 0], [1, 0, 0], [0, np.nan, 0]])
    assert weld(corners, np.array([[0, 1, 2]], dtype=np.int32)) is None


# The same every time


def bits(found: Iterable[Measured]) -> list[tuple[int, list[tuple[str, str]], list[str]]]:
    return [
        (
            one.step_id,
            [(figure.quantity, figure.value.hex()) for figure in one.figures],
            [corner.hex() for corner in one.box or ()],
        )
        for one in found
    ]


@pytest.mark.parametrize(
    "name",
    ["PCERT_Building-Structural", pytest.param("Duplex_A_20110907", marks=pytest.mark.slow)],
)
def test_same_bits_in_step_order_for_any_number_of_threads(shared: Path, name: str) -> None:
    path = shared / "ifc" / f"{name}.ifc"
    by_two = bits(figures(ifcopenshell.open(path), Quiet(), 2))
    assert bits(figures(ifcopenshell.open(path), Quiet(), 1)) == by_two
    assert [step_id for step_id, *_ in by_two] == sorted(step_id for step_id, *_ in by_two)


class Interrupted(Quiet):
    """A user who loses patience at the third body."""

    def __init__(self) -> None:
        self.done = 0

    def advance(self, done: int = 1) -> None:
        self.done += done
        if self.done == 3:
            raise KeyboardInterrupt


def test_interrupted_work_ends_at_once() -> None:
    draft = Draft()
    for place in range(40):
        draft.add("IfcSlab", draft.box(place + 1, 1, 1))
    for _ in range(5):
        with pytest.raises(KeyboardInterrupt):
            list(figures(draft.file, Interrupted(), 2))


def test_progress_counts_every_body() -> None:
    class Counted(Quiet):
        total = 0
        done = 0

        def step(self, title: str, total: int | None = None) -> None:
            self.total = total or 0

        def advance(self, done: int = 1) -> None:
            self.done += done

    draft = Draft()
    wall_with_door(draft)
    progress = Counted()
    assert len(list(figures(draft.file, progress))) == 2
    assert progress.done == progress.total == 3
