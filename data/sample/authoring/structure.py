"""Structure of the Lindenhof (IFC4X3, metres, masses in kilograms).

Footings, concrete frame (columns of steel above the ground floor), one floor panel a bay, walls of
the cellar, a core wall with a hole, reinforcement by weight, and a steel canopy of parts.
"""

from __future__ import annotations

from decimal import Decimal

from authoring.figures import Scribe
from authoring.items import FigureSet, Material, Model
from authoring.kit import METRES, ItemList, Plan, codes, level_key, single
from authoring.shapes import (
    Circle,
    Hole,
    HollowRectangle,
    IShape,
    Point,
    Prism,
    Rectangle,
    box,
)

D = Decimal
NAME = "Lindenhof_structure"

CONCRETE = D(2400)
STEEL = D(7850)
REINFORCED = Material(
    "constituent",
    "Reinforced concrete",
    (("Concrete C30/37", D("0.98")), ("Reinforcing steel", D("0.02"))),
)
CONCRETE_COLUMN = Rectangle(D("0.25"), D("0.25"))
STEEL_COLUMN = HollowRectangle(D("0.2"), D("0.2"), D("0.01"))
EDGE_BEAM = Rectangle(D("0.25"), D("0.4"))
PURLIN = IShape(D("0.15"), D("0.3"), D("0.008"), D("0.012"))
COLUMN_LINES = (D("4.3"), D("5.9"))
ALONG_X: tuple[Point, Point] = ((D(1), D(0), D(0)), (D(0), D(1), D(0)))
WALL_ALONG_Y: tuple[Point, Point] = ((D(0), D(0), D(1)), (D(0), D(1), D(0)))
WITHOUT_SECTION = ("Length", "OuterSurfaceArea", "GrossVolume", "NetVolume", "GrossWeight")


def model(plan: Plan) -> Model:
    frame = _Frame(plan)
    frame.types()
    frame.foundations()
    frame.cellar()
    frame.columns("storey/B", "B", plan.cellar_height)
    for level in range(plan.levels):
        frame.level(level)
    frame.top()
    frame.canopy()
    frame.list.add_marker(D(1), (D(-3), D(-3), D(0)))
    return Model(
        NAME,
        "IFC4X3_ADD2",
        METRES,
        plan.storeys,
        tuple(frame.list.items),
        "Structure",
        with_history=False,
    )


class _Frame:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.length = plan.bays * plan.bay
        self.scribe = Scribe(METRES, "IFC4X3")
        self.list = ItemList(NAME, self.scribe)
        self.add = self.list.add

    def types(self) -> None:
        """The steel column's section stands on its type only; so does its material."""
        section = self.scribe.qto("Column", CrossSectionArea=STEEL_COLUMN.area)
        self.add(
            "type/steel column",
            "IfcColumnType",
            "SHS 200x10",
            predefined="COLUMN",
            sets=(section,),
            material=Material("profile", "SHS 200x10", (("Steel S355", None),)),
        )
        self.add("type/concrete column", "IfcColumnType", "RC 250x250", predefined="COLUMN")
        self.add("type/panel", "IfcSlabType", "Floor panel 220", predefined="FLOOR")

    def foundations(self) -> None:
        """Base slab and strips by bay, a pad under each column, two piles on no storey."""
        low = -D("0.3")
        for bay in range(self.plan.bays):
            x = bay * self.plan.bay
            self._panel("storey/B", "B", bay, D("0.3"), holes=(), predefined="BASESLAB")
            for side, y in (("S", D(0)), ("N", self.plan.depth - D("0.6"))):
                body = Prism(Rectangle(D("0.6"), D("0.4")), self.plan.bay)
                self._footing(
                    f"strip/{side}{bay}",
                    "STRIP_FOOTING",
                    (x, y, low - D("0.4")),
                    body,
                    ALONG_X,
                )
        for axis in range(1, self.plan.bays):
            for line, y in enumerate(COLUMN_LINES):
                at = (axis * self.plan.bay - D("0.7"), y - D("0.7"), low - D("0.5"))
                pad = box(D("1.4"), D("1.4"), D("0.5"))
                self._footing(f"pad/{axis}{line}", "PAD_FOOTING", at, pad, None)
        self._piles(low)

    def _footing(
        self,
        key: str,
        predefined: str,
        at: Point,
        body: Prism,
        axis: tuple[Point, Point] | None,
    ) -> None:
        volume = body.volume or D(0)
        pad = predefined == "PAD_FOOTING"
        figures = self.scribe.qto(
            "Footing",
            Length=D("1.4") if pad else body.depth,
            Width=D("1.4") if pad else D("0.6"),
            Height=D("0.5") if pad else D("0.4"),
            GrossVolume=volume,
            NetVolume=volume,
            NetWeight=volume * CONCRETE,
        )
        self.add(
            key,
            "IfcFooting",
            f"Footing {key}",
            place="storey/B",
            at=at,
            axis=axis,
            body=body,
            sets=(figures,),
            properties={"Pset_FootingCommon": {"LoadBearing": True}},
            predefined=predefined,
            material=REINFORCED,
            codes=codes("A1010", "LH-10"),
            tag="F-" + key.split("/")[1],
        )

    def _piles(self, low: Decimal) -> None:
        """Round, 12 m: volumes by the author's rounded figure; they hang on the building."""
        for number, y in (("1", D("2")), ("2", D("8"))):
            figures = self.scribe.qto(
                "Pile", Length=D(12), GrossVolume=D("3.3929"), NetVolume=D("3.3929")
            )
            self.add(
                f"pile/{number}",
                "IfcPile",
                f"Pile {number}",
                place="building",
                at=(D("-1"), y, -self.plan.cellar_height + low - 12),
                body=Prism(Circle(D("0.3")), D(12)),
                sets=(figures,),
                predefined="BORED",
                material=single("Concrete C30/37"),
                codes=codes("A1020", "LH-10"),
            )

    def cellar(self) -> None:
        """Concrete walls all round; that of the last bay at the back has no quantities."""
        height, width = self.plan.cellar_height - self.plan.slab, D("0.25")
        for bay in range(self.plan.bays):
            for side, y in (("S", D(0)), ("N", self.plan.depth - width)):
                at = (bay * self.plan.bay, y, D(0))
                bare = side == "N" and bay == self.plan.bays - 1
                sides = (self.plan.bay, width, height)
                self._wall(f"wall/{side}/{bay}", at, sides, bare=bare)
        sides = (self.plan.depth - 2 * width, width, height)
        for side, x in (("W", width), ("E", self.length)):
            self._wall(f"wall/{side}", (x, width, D(0)), sides, axis=WALL_ALONG_Y)

    def _wall(
        self,
        key: str,
        at: Point,
        sides: tuple[Decimal, Decimal, Decimal],
        axis: tuple[Point, Point] | None = None,
        bare: bool = False,
    ) -> None:
        mark = key.split("/", 1)[1].replace("/", "")
        self.add(
            key,
            "IfcWall",
            f"Cellar wall {mark}",
            place="storey/B",
            at=at,
            axis=axis,
            body=box(*sides),
            sets=() if bare else (self.scribe.wall(*sides, ()),),
            properties={"Pset_WallCommon": {"IsExternal": True, "LoadBearing": True}},
            predefined="SOLIDWALL",
            material=REINFORCED,
            codes=codes("A2020", "LH-20"),
            tag=f"CW-{mark}",
            note="no quantities" if bare else "",
        )

    def level(self, level: int) -> None:
        """Floor panels, columns, edge beams and the core wall of one level."""
        place = level_key(level)
        for bay in range(self.plan.bays):
            self._panel(place, str(level), bay, self.plan.slab, self._shafts(bay), "FLOOR")
            self._mesh(place, level, bay)
            self._beams(place, level, bay)
        self.columns(place, str(level), self.plan.storey_height)
        self._core(place, level)

    def _shafts(self, bay: int) -> tuple[Hole, ...]:
        """Shaft in the first bay, stair well in the last."""
        holes: tuple[Hole, ...] = ()
        if bay == 0:
            holes += (Hole(D("1.2"), D("0.8"), self.plan.slab),)
        if bay == self.plan.bays - 1:
            holes += (Hole(D("3.4"), D("2.4"), self.plan.slab),)
        return holes

    def _panel(
        self,
        place: str,
        name: str,
        bay: int,
        thickness: Decimal,
        holes: tuple[Hole, ...],
        predefined: str,
    ) -> None:
        key = f"slab/{name}/{bay}"
        sides = (self.plan.bay, self.plan.depth, thickness)
        base = predefined == "BASESLAB"
        self.add(
            key,
            "IfcSlab",
            f"Floor panel {name}.{bay}",
            place=place,
            at=(bay * self.plan.bay, D(0), -thickness),
            body=box(*sides),
            sets=(self.scribe.slab(*sides, holes, CONCRETE),),
            properties={"Pset_SlabCommon": {"IsExternal": False, "LoadBearing": True}},
            predefined=predefined,
            type_key=None if base else "type/panel",
            material=REINFORCED,
            codes=codes("A1030", "LH-10") if base else codes("B1010", "LH-25"),
            tag=f"S-{name}{bay}",
        )
        for number, hole in enumerate(holes):
            at = (D("1.5"), D("6.2"), D(0)) if hole.width < 3 else (D("1"), D("7"), D(0))
            self._opening(f"opening/{key}/{number}", key, hole, at, flat=True)

    def _opening(self, key: str, host: str, hole: Hole, at: Point, flat: bool) -> None:
        """Lying openings have their height along y."""
        plan = (hole.width, hole.height) if flat else (hole.width, hole.through)
        self.add(
            key,
            "IfcOpeningElement",
            f"Opening in {host}",
            at=at,
            body=box(*plan, hole.through if flat else hole.height),
            hole=hole,
            sets=(self.scribe.opening(hole),),
            predefined="OPENING",
            host=host,
        )

    def _mesh(self, place: str, level: int, bay: int) -> None:
        """Reinforcement by count, length and weight: no body, in every second bay no material."""
        figures = self.scribe.qto(
            "ReinforcingElement", Count=D(24), Length=D(240), Weight=D("189.6")
        )
        self.add(
            f"mesh/{level}/{bay}",
            "IfcReinforcingMesh",
            f"Mesh {level}.{bay}",
            place=place,
            sets=(figures,),
            predefined="USERDEFINED",
            attributes={"ObjectType": "Q257"},
            material=single("Reinforcing steel") if bay % 2 == 0 else None,
            tag=f"{bay + 1:03d}",
        )

    def columns(self, place: str, name: str, storey: Decimal) -> None:
        """Concrete up to the ground floor, steel tubes above."""
        steel = name not in ("B", "0")
        body = Prism(STEEL_COLUMN if steel else CONCRETE_COLUMN, storey - self.plan.slab)
        density = STEEL if steel else CONCRETE
        names = WITHOUT_SECTION if steel else ()
        for axis in range(1, self.plan.bays):
            for line, y in enumerate(COLUMN_LINES):
                corner = D(0) if steel else D("0.125")
                self.add(
                    f"column/{name}/{axis}{line}",
                    "IfcColumn",
                    f"Column {name}.{axis}{line}",
                    place=place,
                    at=(axis * self.plan.bay - corner, y - corner, D(0)),
                    body=body,
                    sets=(self.scribe.linear("Column", body, density, names),),
                    properties={"Pset_ColumnCommon": {"IsExternal": False, "LoadBearing": True}},
                    predefined="COLUMN",
                    type_key="type/steel column" if steel else "type/concrete column",
                    material=None if steel else REINFORCED,
                    codes=codes("B1010", "LH-20"),
                    tag=f"C-{name}{axis}{line}",
                )

    def _beams(self, place: str, level: int, bay: int) -> None:
        """Edge beams under the floor above; those of the last bay carry no quantities."""
        length = self.plan.bay - D("0.25")
        bare = bay == self.plan.bays - 1
        body = Prism(EDGE_BEAM, length)
        for line, y in enumerate(COLUMN_LINES):
            self.add(
                f"beam/{level}/{bay}{line}",
                "IfcBeam",
                f"Beam {level}.{bay}{line}",
                place=place,
                at=(bay * self.plan.bay + D("0.125"), y - D("0.125"), D("2.58")),
                axis=ALONG_X,
                body=body,
                sets=() if bare else (self.scribe.linear("Beam", body, CONCRETE),),
                properties={"Pset_BeamCommon": {"IsExternal": False, "LoadBearing": True}},
                predefined="BEAM",
                material=REINFORCED,
                codes=codes("B1010", "LH-20"),
                tag=f"B-{level}{bay}{line}",
                note="no quantities" if bare else "",
            )

    def _core(self, place: str, level: int) -> None:
        """Wall beside the stair with a doorway that nothing fills."""
        length, width, height = D(4), D("0.2"), D("2.98")
        hole = Hole(D(1), D("2.1"), width, at_edge=True)
        key = f"core/{level}"
        self.add(
            key,
            "IfcWall",
            f"Core wall {level}",
            place=place,
            at=((self.plan.bays - 1) * self.plan.bay + 1, D("5.8"), D(0)),
            body=box(length, width, height),
            sets=(self.scribe.wall(length, width, height, (hole,)),),
            properties={"Pset_WallCommon": {"IsExternal": False, "LoadBearing": True}},
            predefined="SHEAR",
            material=REINFORCED,
            codes=codes("B1010", "LH-20"),
            tag=f"K-{level}",
        )
        self._opening(f"opening/{key}", key, hole, (D(1), D(0), D(0)), flat=False)

    def top(self) -> None:
        """Floor under the roof, and steel purlins that carry only length and weight."""
        body = Prism(PURLIN, self.plan.bay)
        names = ("Length", "CrossSectionArea", "NetVolume", "NetWeight")
        for bay in range(self.plan.bays):
            self._panel("storey/R", "R", bay, self.plan.slab, (), "FLOOR")
            self.add(
                f"purlin/{bay}",
                "IfcBeam",
                f"Purlin {bay}",
                place="storey/R",
                at=(bay * self.plan.bay, D("5.2"), D("3.5")),
                axis=ALONG_X,
                body=body,
                sets=(self.scribe.linear("Beam", body, STEEL, names),),
                predefined="BEAM",
                material=Material("profile", "I 300x150", (("Steel S355", None),)),
                codes=codes("B1020"),
                tag=f"P-{bay}",
            )

    def canopy(self) -> None:
        """Assembly of two beams and two posts: its weight and volume are those of its parts."""
        self.add(
            "canopy",
            "IfcElementAssembly",
            "Entrance canopy",
            place="storey/0",
            predefined="USERDEFINED",
            attributes={"ObjectType": "Canopy"},
            codes=codes("B1010"),
        )
        tube = HollowRectangle(D("0.1"), D("0.1"), D("0.005"))
        beam, post = Prism(tube, D("1.6")), Prism(tube, D("2.4"))
        for number, x in (("1", D("2.2")), ("2", D("3.4"))):
            names = ("Length", "GrossVolume", "NetVolume", "GrossWeight", "NetWeight")
            for key, ifc_class, body, z, figures in (
                ("beam", "IfcBeam", beam, D("2.4"), self.scribe.linear("Beam", beam, STEEL, names)),
                ("post", "IfcMember", post, D(0), self.scribe.linear("Member", post, STEEL, names)),
            ):
                self._part(f"canopy/{key}{number}", ifc_class, (x, D("-1.5"), z), body, figures)

    def _part(self, key: str, ifc_class: str, at: Point, body: Prism, figures: FigureSet) -> None:
        flat = ifc_class == "IfcBeam"
        along_y = ((D(0), D(1), D(0)), (D(1), D(0), D(0)))
        self.add(
            key,
            ifc_class,
            key.split("/")[1],
            at=at,
            axis=along_y if flat else None,
            body=body,
            sets=(figures,),
            predefined="BEAM" if flat else "POST",
            whole="canopy",
            material=Material("profile", "SHS 100x5", (("Steel S355", None),)),
        )
