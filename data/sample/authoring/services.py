"""Services of the Lindenhof (IFC2X3, feet, masses in pounds; area and volume units not declared).

The sheet-metal firm works abroad: its file is in feet, and what its areas are measured in follows
from that. Ducts with systems, air terminals to count, pipes as Revit measures them.
"""

from __future__ import annotations

from decimal import Decimal

from authoring.figures import Scribe
from authoring.items import Figure, FigureSet, Material, Model
from authoring.kit import FEET, FOOT, ItemList, Plan, codes, level_key, single
from authoring.shapes import HollowRectangle, Prism, box

D = Decimal
NAME = "Lindenhof_services"

MAIN = HollowRectangle(D("1.5"), D("1"), D("0.005"))
BRANCH = HollowRectangle(D("0.75"), D("0.5"), D("0.005"))
POUNDS_A_SQUARE_FOOT = D("2.5")
AIR, WATER = "SA-01 Supply air", "DCW-01 Cold water"
ALONG_X = ((D(1), D(0), D(0)), (D(0), D(1), D(0)))
ALONG_Y = ((D(0), D(1), D(0)), (D(1), D(0), D(0)))
SHEET = Material("list", "", (("Galvanised steel", None), ("Sealant", None)))


def model(plan: Plan) -> Model:
    works = _Works(plan)
    works.types()
    for level in range(plan.levels):
        works.level(level)
    works.plant()
    metre = (1 / FOOT).quantize(D("1e-12"))
    works.list.add_marker(metre, (-3 * metre, -3 * metre, D(0)))
    return Model(
        NAME,
        "IFC2X3",
        FEET,
        plan.storeys,
        tuple(works.list.items),
        "Services",
    )


class _Works:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.bay = D("19.5")
        self.scribe = Scribe(FEET, "IFC2X3")
        self.list = ItemList(NAME, self.scribe)
        self.add = self.list.add

    def types(self) -> None:
        for key, ifc_class, name, predefined in (
            ("type/main", "IfcDuctSegmentType", "Duct 18x12 in", "RIGIDSEGMENT"),
            ("type/branch", "IfcDuctSegmentType", "Duct 9x6 in", "RIGIDSEGMENT"),
            ("type/tee", "IfcDuctFittingType", "Tee", "JUNCTION"),
            ("type/pipe", "IfcPipeSegmentType", "Pipe 1 in", "RIGIDSEGMENT"),
            ("type/grille", "IfcAirTerminalType", "Supply grille", "GRILLE"),
            ("type/basin", "IfcSanitaryTerminalType", "Washbasin", "WASHHANDBASIN"),
        ):
            self.add(key, ifc_class, name, predefined=predefined)

    def level(self, level: int) -> None:
        place = level_key(level)
        for bay in range(self.plan.bays):
            self._main(place, level, bay)
            self._tee(place, level, bay)
            for side in "SN":
                self._branch(place, level, bay, side)
                self._grille(place, level, bay, side)
            self._pipe(place, level, bay)
        self._riser(place, level)
        self._basins(place, level)

    def _duct_figures(self, body: Prism, *more: Figure) -> FigureSet:
        profile = body.profile
        assert isinstance(profile, HollowRectangle)
        outside = 2 * (profile.x + profile.y) * body.depth
        written = self.scribe.qto(
            "DuctSegment",
            Length=body.depth,
            GrossCrossSectionArea=profile.x * profile.y,
            OuterSurfaceArea=outside,
            GrossWeight=outside * POUNDS_A_SQUARE_FOOT,
        )
        return FigureSet(written.name, "qto", (*written.figures, *more))

    def _main(self, place: str, level: int, bay: int) -> None:
        """Main duct over the corridor. The very first states its weight twice, in pounds and in
        kilograms: nobody can tell which to believe."""
        body = Prism(MAIN, self.bay)
        twice = level == 0 and bay == 0
        twin = (Figure("GrossWeight", "GrossWeight", "mass", D("110.6")),) if twice else ()
        self.add(
            f"duct/{level}/{bay}",
            "IfcFlowSegment",
            f"Main duct {level}.{bay}",
            place=place,
            at=(bay * self.bay, D("16.5"), D("8.5")),
            axis=ALONG_X,
            body=body,
            sets=(self._duct_figures(body, *twin),),
            type_key="type/main",
            material=SHEET,
            codes=codes("D3040", "LH-70"),
            tag=f"SA-{level}{bay}",
            system=AIR,
            note="GrossWeight twice, 243.75 and 110.6" if twice else "",
        )

    def _branch(self, place: str, level: int, bay: int, side: str) -> None:
        """Branch to a room; on the north side nobody computed its quantities."""
        body = Prism(BRANCH, D("6.5"))
        y = D("9.25") if side == "S" else D("18")
        self.add(
            f"branch/{level}/{bay}{side}",
            "IfcFlowSegment",
            f"Branch {level}.{bay}{side}",
            place=place,
            at=(bay * self.bay + 9, y, D("8.5")),
            axis=ALONG_Y,
            body=body,
            sets=(self._duct_figures(body),) if side == "S" else (),
            type_key="type/branch",
            material=SHEET if side == "S" else None,
            codes=codes("D3040", "LH-70") if side == "S" else (),
            system=AIR,
            note="" if side == "S" else "no quantities, no material, no code",
        )

    def _tee(self, place: str, level: int, bay: int) -> None:
        self.add(
            f"tee/{level}/{bay}",
            "IfcFlowFitting",
            f"Tee {level}.{bay}",
            place=place,
            type_key="type/tee",
            system=AIR,
        )

    def _grille(self, place: str, level: int, bay: int, side: str) -> None:
        """Something to count: no quantities in the file."""
        self.add(
            f"grille/{level}/{bay}{side}",
            "IfcFlowTerminal",
            f"Grille {level}.{bay}{side}",
            place=place,
            at=(bay * self.bay + 9, D("8") if side == "S" else D("25"), D("8.5")),
            body=box(D("1"), D("0.25"), D("0.5")),
            type_key="type/grille",
            codes=codes("D3050", "LH-70"),
            tag=f"G-{level}{bay}{side}",
            system=AIR,
        )

    def _pipe(self, place: str, level: int, bay: int) -> None:
        """No body; measured as Revit does."""
        sizes = self.scribe.pset("Dimensions", ("Length", "Length", D("18.25")))
        self.add(
            f"pipe/{level}/{bay}",
            "IfcFlowSegment",
            f"Cold water {level}.{bay}",
            place=place,
            sets=(sizes,),
            type_key="type/pipe",
            material=single("Copper"),
            codes=codes("D2020", "LH-75"),
            system=WATER,
        )

    def _riser(self, place: str, level: int) -> None:
        figures = self.scribe.qto("PipeSegment", Length=D("10.5"), GrossWeight=D("8.4"))
        self.add(
            f"riser/{level}",
            "IfcFlowSegment",
            f"Riser {level}",
            place=place,
            sets=(figures,),
            type_key="type/pipe",
            material=single("Copper"),
            codes=codes("D2020", "LH-75"),
            system=WATER,
        )

    def _basins(self, place: str, level: int) -> None:
        for number in (1, 2):
            self.add(
                f"basin/{level}/{number}",
                "IfcFlowTerminal",
                f"Washbasin {level}.{number}",
                place=place,
                type_key="type/basin",
                codes=codes("D2010", "LH-75"),
                system=WATER,
            )

    def plant(self) -> None:
        """Air handling unit in the basement with a port; a valve that is on no storey."""
        figures = self.scribe.qto("", GrossWeight=D("1250.5"))
        self.add(
            "unit",
            "IfcEnergyConversionDevice",
            "Air handling unit",
            place="storey/B",
            at=(D("5"), D("5"), D(0)),
            body=box(D(8), D(4), D(5)),
            sets=(figures,),
            codes=codes("D3040"),
            system=AIR,
        )
        self.add(
            "port",
            "IfcDistributionPort",
            "Outlet",
            host="unit",
            attributes={"FlowDirection": "SOURCE"},
        )
        self.add("valve", "IfcFlowController", "Main valve", system=WATER)
