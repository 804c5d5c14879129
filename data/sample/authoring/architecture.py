"""Architecture of the Lindenhof (IFC4, millimetres, areas in m2, volumes in m3).

Looked at from above, x runs along the front (one bay after the other), y from front to back::

    10400 +-----------+-----------+-----------+   north wall, one window a bay
          |  north 0  |  north 1  |  north 2  |   rooms 4000 deep; the stair is in the last bay
     6000 +-----------+-----------+-----------+   corridor walls with doors
          |              corridor             |   1350 clear
     4400 +-----------+-----------+-----------+
          |  south 0  |  south 1  |  south 2  |
        0 +-----------+-----------+-----------+   south wall, one window a bay, entrance in bay 0
          0         6000        12000       18000
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from authoring.figures import METRE, Scribe
from authoring.items import Figure, FigureSet, Item, Material, Model, guid
from authoring.kit import MILLIMETRES, ItemList, Plan, codes, level_key, single
from authoring.numbers import plain
from authoring.shapes import Hole, Point, Prism, Rectangle, Steps, box

D = Decimal
NAME = "Lindenhof_architecture"

OUTER = D(400)
INNER = D(125)
ROOM = D(4000)
CORRIDOR = D(1350)
HEIGHT = D(2980)
CELLAR_HEIGHT = D(2580)
FINISH = D(15)
LAYERS_OUTER = Material(
    "layer",
    "Outer wall 400",
    (
        ("Lime render", D(20)),
        ("Mineral wool", D(140)),
        ("Brick", D(225)),
        ("Gypsum plaster", D(15)),
    ),
)
LAYERS_INNER = Material(
    "layer",
    "Partition 125",
    (("Gypsum board", D("12.5")), ("Mineral wool", D(100)), ("Gypsum board", D("12.5"))),
)
WINDOW_SOUTH = (D(1800), D(1500))
WINDOW_NORTH = (D(1200), D(1500))
DOOR_INNER = (D(900), D(2100))
DOOR_ENTRANCE = (D(1100), D(2200))
SILL = D(900)
AREA_IN_WALL = "PSet_Revit_Dimensions"
STANDING: tuple[Point, Point] = ((D(0), D(-1), D(0)), (D(1), D(0), D(0)))
ALONG_Y: tuple[Point, Point] = ((D(0), D(0), D(1)), (D(0), D(1), D(0)))


def model(plan: Plan) -> Model:
    """First revision."""
    house = _House(plan)
    house.types()
    house.cellar()
    for level in range(plan.levels):
        house.level(level)
    house.roof()
    house.outside()
    return Model(
        NAME,
        "IFC4",
        MILLIMETRES,
        plan.storeys,
        tuple(house.list.items),
        "Architecture",
    )


class _House:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.bay = plan.bay * 1000
        self.depth = plan.depth * 1000
        self.length = plan.bays * self.bay
        self.scribe = Scribe(MILLIMETRES, "IFC4")
        self.list = ItemList(NAME, self.scribe)
        self.add = self.list.add

    def types(self) -> None:
        """Type objects; the inner door's perimeter and area stand on its type only."""
        for key, name, material in (
            ("type/outer", "Outer wall 400", LAYERS_OUTER),
            ("type/inner", "Partition 125", LAYERS_INNER),
        ):
            self.add(key, "IfcWallType", name, predefined="SOLIDWALL", material=material)
        width, height = DOOR_INNER
        on_type = self.scribe.qto("Door", Perimeter=2 * (width + height), Area=width * height)
        self.add(
            "type/door",
            "IfcDoorType",
            "Inner door 900 x 2100",
            predefined="DOOR",
            sets=(on_type,),
            material=single("Oak"),
            attributes={"OperationType": "SINGLE_SWING_LEFT"},
        )
        self.add(
            "type/window",
            "IfcWindowType",
            "Window, timber",
            predefined="WINDOW",
            attributes={"PartitioningType": "SINGLE_PANEL"},
        )

    # -- one level ------------------------------------------------------------------------------

    def level(self, level: int) -> None:
        """Everything between two floors above the ground."""
        place = level_key(level)
        for bay in range(self.plan.bays):
            self._front(place, level, bay)
            self._back(place, level, bay)
            self._corridor_walls(place, level, bay)
            self._rooms(place, level, bay)
        for axis in range(1, self.plan.bays):
            self._partitions(place, level, axis)
        self._ends(place, level)
        self._corridor(place, level)
        self._stair(place, f"{level}", steps=8, riser=D("186.25"))

    def _front(self, place: str, level: int, bay: int) -> None:
        """South wall of a bay: window, in the first bay of the ground floor the entrance."""
        key = f"wall/S/{level}/{bay}"
        entrance = level == 0 and bay == 0
        size = DOOR_ENTRANCE if entrance else WINDOW_SOUTH
        hole = Hole(*size, OUTER, at_edge=entrance)
        at = (bay * self.bay, D(0), D(0))
        self._outer_wall(key, f"South wall {level}.{bay}", place, at, (self.bay, OUTER), (hole,))
        self._hole(key, hole, at=(D(2100), D(0), D(0) if entrance else SILL))
        if entrance:
            self._entrance(place, key, at)
        else:
            self._window(place, key, at, size, full=True)

    def _back(self, place: str, level: int, bay: int) -> None:
        """North wall of a bay; the last one of the top level carries no quantities at all."""
        key = f"wall/N/{level}/{bay}"
        hole = Hole(*WINDOW_NORTH, OUTER)
        at = (bay * self.bay, self.depth - OUTER, D(0))
        last = level == self.plan.levels - 1 and bay == self.plan.bays - 1
        self._outer_wall(
            key,
            f"North wall {level}.{bay}",
            place,
            at,
            (self.bay, OUTER),
            (hole,),
            bare=last,
        )
        self._hole(key, hole, at=(D(2400), D(0), SILL))
        self._window(place, key, at, WINDOW_NORTH, full=False)

    def _ends(self, place: str, level: int) -> None:
        """Walls of the gable sides, measured as Revit does; the west opening holds no window."""
        between = self.depth - 2 * OUTER
        for side, x in (("W", D(0)), ("E", self.length - OUTER)):
            key = f"wall/{side}/{level}"
            hole = Hole(D(900), D(1500), OUTER)
            net = between * HEIGHT - hole.area
            revit = self.scribe.pset(
                AREA_IN_WALL,
                ("Length", "Length", between),
                ("Area", "NetSideArea", net),
                ("Volume", "NetVolume", net * OUTER),
            )
            self.add(
                key,
                "IfcWall",
                f"Gable wall {side} {level}",
                place=place,
                at=(x + OUTER, OUTER, D(0)),
                axis=ALONG_Y,
                body=box(between, OUTER, HEIGHT),
                sets=(revit,),
                properties=_common("Wall", external=True, load_bearing=True),
                predefined="SOLIDWALL",
                type_key="type/outer",
                material=LAYERS_OUTER,
                codes=codes("B2010", "LH-30"),
                tag=f"W-{side}{level}",
            )
            self._hole(key, hole, at=(D(4350), D(0), SILL))
            if side == "E":
                self._window_in_end(place, key, x)

    def _outer_wall(
        self,
        key: str,
        name: str,
        place: str,
        at: Point,
        plan: tuple[Decimal, Decimal],
        holes: tuple[Hole, ...],
        bare: bool = False,
    ) -> None:
        figures = () if bare else (self.scribe.wall(plan[0], plan[1], HEIGHT, holes),)
        self.add(
            key,
            "IfcWall",
            name,
            place=place,
            at=at,
            body=box(plan[0], plan[1], HEIGHT),
            sets=figures,
            properties={
                **_common("Wall", external=True, load_bearing=True, FireRating="F90"),
                "Lindenhof_Site": {"Crew": "A"},
            },
            predefined="SOLIDWALL",
            type_key="type/outer",
            material=LAYERS_OUTER,
            codes=codes("B2010", "LH-30"),
            tag="W-" + key.split("/", 1)[1].replace("/", ""),
            note="no quantities at all" if bare else "",
        )

    def _hole(self, host: str, hole: Hole, at: Point) -> None:
        """An opening through its host wall; `at` is within the host, x along it."""
        self.add(
            f"opening/{host}",
            "IfcOpeningElement",
            f"Opening in {host}",
            at=at,
            body=box(hole.width, hole.through, hole.height),
            hole=hole,
            sets=(self.scribe.opening(hole),),
            predefined="OPENING",
            host=host,
        )

    def _window(
        self, place: str, wall: str, at: Point, size: tuple[Decimal, Decimal], full: bool
    ) -> None:
        """A window in a long wall; without a quantity set it is measured by its attributes only."""
        width, height = size
        left = D(2100) if full else D(2400)
        self.add(
            f"window/{wall}",
            "IfcWindow",
            f"Window {plain(width)} x {plain(height)}",
            place=place,
            at=(at[0] + left, at[1] + 160, SILL),
            body=box(width, D(80), height),
            sets=(self.scribe.filling("Window", width, height),) if full else (),
            measures={"OverallHeight": height, "OverallWidth": width},
            properties=_common("Window", external=True),
            predefined="WINDOW",
            type_key="type/window",
            material=_frame(),
            codes=codes("B2020", "LH-35") if full else codes("B2020"),
            fills=f"opening/{wall}",
        )

    def _window_in_end(self, place: str, wall: str, x: Decimal) -> None:
        """A window that its author forgot to describe: a body, no sizes, no material, no code."""
        self.add(
            f"window/{wall}",
            "IfcWindow",
            "Window",
            place=place,
            at=(x + 160, OUTER + 4350, SILL),
            body=box(D(80), D(900), D(1500)),
            predefined="WINDOW",
            type_key="type/window",
            fills=f"opening/{wall}",
            note="no sizes, no material, no code",
        )

    def _entrance(self, place: str, wall: str, at: Point) -> None:
        width, height = DOOR_ENTRANCE
        self.add(
            "door/entrance",
            "IfcDoor",
            "Entrance door",
            place=place,
            at=(at[0] + 2100, at[1] + 160, D(0)),
            body=box(width, D(80), height),
            sets=(self.scribe.filling("Door", width, height),),
            measures={"OverallHeight": height, "OverallWidth": width},
            properties=_common("Door", external=True),
            predefined="DOOR",
            attributes={"OperationType": "SINGLE_SWING_RIGHT"},
            material=single("Aluminium"),
            codes=codes("B2030", "LH-35"),
            tag="007",
            fills=f"opening/{wall}",
        )

    def _span(self, bay: int) -> tuple[Decimal, Decimal]:
        """Start and clear length of a corridor wall in this bay: gable walls cut it short."""
        start = OUTER if bay == 0 else bay * self.bay
        end = self.length - OUTER if bay == self.plan.bays - 1 else (bay + 1) * self.bay
        return start, end - start

    def _corridor_walls(self, place: str, level: int, bay: int) -> None:
        """Both walls of the corridor, each with a door; their sets leave gross figures out."""
        start, length = self._span(bay)
        for side, y in (("S", OUTER + ROOM), ("N", OUTER + ROOM + INNER + CORRIDOR)):
            key = f"wall/C{side}/{level}/{bay}"
            hole = Hole(*DOOR_INNER, INNER, at_edge=True)
            net = length * HEIGHT - hole.area
            figures = self.scribe.qto(
                "Wall",
                Length=length,
                Width=INNER,
                Height=HEIGHT,
                NetSideArea=net,
                NetVolume=net * INNER,
            )
            self._inner_wall(key, place, (start, y, D(0)), length, (figures,))
            self._hole(key, hole, at=(D(2500), D(0), D(0)))
            self._door(place, key, (start + 2500, y, D(0)), number=f"{level}{bay}{side}")

    def _door(self, place: str, wall: str, at: Point, number: str) -> None:
        """Width and height by attribute, perimeter and area by the type."""
        width, height = DOOR_INNER
        self.add(
            f"door/{wall}",
            "IfcDoor",
            "Inner door 900 x 2100",
            place=place,
            at=at,
            body=box(width, D(60), height),
            measures={"OverallHeight": height, "OverallWidth": width},
            properties=_common("Door", external=False),
            predefined="DOOR",
            attributes={"OperationType": "SINGLE_SWING_LEFT"},
            type_key="type/door",
            codes=codes("C1020", "LH-45"),
            tag=f"D-{number}",
            fills=f"opening/{wall}",
        )

    def _partitions(self, place: str, level: int, axis: int) -> None:
        """Walls between rooms. One without a material, one without body and quantities."""
        x = axis * self.bay + INNER / 2
        for side, y in (("S", OUTER), ("N", self.depth - OUTER - ROOM)):
            key = f"wall/P{side}/{level}/{axis}"
            top = level == self.plan.levels - 1
            empty = side == "N" and axis == 1 and top
            bare = side == "S" and axis == 1 and level == 0
            figures = () if empty else (self.scribe.wall(ROOM, INNER, HEIGHT, ()),)
            self._inner_wall(
                key,
                place,
                (x, y, D(0)),
                None if empty else ROOM,
                figures,
                axis=ALONG_Y,
                with_material=not bare,
                note="no body, no quantities" if empty else "no material" if bare else "",
            )

    def _inner_wall(
        self,
        key: str,
        place: str,
        at: Point,
        length: Decimal | None,
        figures: tuple[FigureSet, ...],
        axis: tuple[Point, Point] | None = None,
        height: Decimal = HEIGHT,
        with_material: bool = True,
        note: str = "",
    ) -> None:
        mark = key.split("/", 1)[1].replace("/", "")
        self.add(
            key,
            "IfcWall",
            f"Inner wall {mark}",
            place=place,
            at=at,
            axis=axis,
            body=None if length is None else box(length, INNER, height),
            sets=figures,
            properties=_common("Wall", external=False, load_bearing=False, FireRating="F30"),
            predefined="PARTITIONING",
            type_key="type/inner" if with_material else None,
            material=LAYERS_INNER if with_material else None,
            codes=codes("C1010", "LH-40"),
            tag=f"W-{mark}",
            note=note,
        )

    def _width_of_room(self, bay: int) -> tuple[Decimal, Decimal]:
        """Start and clear width: half a partition inside, a gable wall at the ends."""
        start = OUTER if bay == 0 else bay * self.bay + INNER / 2
        last = bay == self.plan.bays - 1
        end = self.length - OUTER if last else (bay + 1) * self.bay - INNER / 2
        return start, end - start

    def _rooms(self, place: str, level: int, bay: int) -> None:
        """Rooms with floor finish; a table stands in every south room."""
        start, width = self._width_of_room(bay)
        for side, y in (("S", OUTER), ("N", self.depth - OUTER - ROOM)):
            if side == "N" and bay == self.plan.bays - 1:
                continue
            number = f"{level}{side}{bay}"
            plan = Rectangle(width, ROOM)
            space = self._space(place, f"space/{number}", f"Room {number}", (start, y, D(0)), plan)
            self.add(
                f"floor/{number}",
                "IfcCovering",
                "Oak parquet",
                place=place,
                at=(start, y, D(0)),
                body=box(width, ROOM, FINISH),
                sets=(self.scribe.covering(plan, FINISH),),
                properties=_common("Covering", external=False),
                predefined="FLOORING",
                material=single("Oak"),
                codes=codes("C3020", "LH-50"),
            )
            if side == "S":
                self._table(space, number, (start + 1000, y + 1000, D(0)))

    def _table(self, space: str, number: str, at: Point) -> None:
        """Furniture: in a room, so on its storey; a thing to count, no quantity and no material."""
        self.add(f"table/{number}", "IfcFurniture", "Table", place=space, at=at, predefined="TABLE")

    def _space(self, place: str, key: str, name: str, at: Point, plan: Rectangle) -> str:
        height = CELLAR_HEIGHT if place == "storey/B" else HEIGHT
        return self.add(
            key,
            "IfcSpace",
            name,
            place=place,
            at=at,
            body=box(plan.x, plan.y, height),
            sets=(self.scribe.space(plan, height, FINISH),),
            properties={"Pset_SpaceCommon": {"Reference": name.split()[-1], "IsExternal": False}},
            predefined="INTERNAL",
            attributes={"LongName": name},
        )

    def _corridor(self, place: str, level: int) -> None:
        """Corridor with a suspended ceiling that Revit measured: plain `Area`."""
        at = (OUTER, OUTER + ROOM + INNER, D(0))
        plan = Rectangle(self.length - 2 * OUTER, CORRIDOR)
        self._space(place, f"space/{level}C", f"Corridor {level}C", at, plan)
        self.add(
            f"ceiling/{level}",
            "IfcCovering",
            "Suspended ceiling",
            place=place,
            at=(at[0], at[1], D(2600)),
            body=box(plan.x, plan.y, D(30)),
            sets=(self.scribe.pset(AREA_IN_WALL, ("Area", "NetArea", plan.area)),),
            properties=_common("Covering", external=False),
            predefined="CEILING",
            material=single("Gypsum board"),
            codes=codes("C3030", "LH-50"),
        )

    # -- stairs ---------------------------------------------------------------------------------

    def _stair(self, place: str, name: str, steps: int, riser: Decimal) -> None:
        """Two flights and a landing. The stair itself has no figure; in the cellar the landing
        has neither body nor quantity, so that nothing can be added up there."""
        whole = f"stair/{name}"
        x, y = (self.plan.bays - 1) * self.bay + 1000, self.depth - OUTER - 1200
        stair_place = {"place": place, "codes": codes("C2010", "LH-25")}
        self.add(whole, "IfcStair", f"Stair {name}", predefined="HALF_TURN_STAIR", **stair_place)
        going, waist, width = D(270), D(200), D(1200)
        flight = Prism(Steps(steps, going, riser, waist), width)
        half = steps * riser
        for number, start in ((1, (x, y + width, waist)), (2, (x, y, half + waist))):
            self._part(
                f"{whole}/flight{number}",
                "IfcStairFlight",
                whole,
                start,
                flight,
                self.scribe.qto(
                    "StairFlight", GrossVolume=_volume(flight), NetVolume=_volume(flight)
                ),
                axis=STANDING,
            )
        landing = None if name == "B" else box(D(1200), 2 * width, D(200))
        sides = (D(1200), 2 * width, D(200), ())
        self._part(
            f"{whole}/landing",
            "IfcSlab",
            whole,
            (x + steps * going, y - width, half),
            landing,
            None if landing is None else self.scribe.slab(*sides),
            predefined="LANDING",
        )
        self._railing(place, name, steps * going)

    def _part(
        self,
        key: str,
        ifc_class: str,
        whole: str,
        at: Point,
        body: Prism | None,
        figures: FigureSet | None,
        **rest: object,
    ) -> None:
        self.add(
            key,
            ifc_class,
            key.rsplit("/", 1)[1],
            at=at,
            body=body,
            sets=() if figures is None else (figures,),
            whole=whole,
            material=single("Reinforced concrete"),
            **rest,
        )

    def _railing(self, place: str, name: str, run: Decimal) -> None:
        """Its length is written in metres by a unit of its own, in a file of millimetres."""
        length = Figure("Length", "Length", "length", 2 * run / 1000, own_unit=METRE)
        self.add(
            f"railing/{name}",
            "IfcRailing",
            "Handrail",
            place=place,
            sets=(FigureSet("Qto_RailingBaseQuantities", "qto", (length,)),),
            predefined="HANDRAIL",
            material=single("Steel"),
            codes=codes("C2010"),
        )

    # -- cellar, roof, surroundings -------------------------------------------------------------

    def cellar(self) -> None:
        """Cellars by partitions of full depth, and the stair to the ground floor."""
        place, clear = "storey/B", self.depth - 2 * OUTER
        for bay in range(self.plan.bays):
            start, width = self._width_of_room(bay)
            at = (start, OUTER, D(0))
            name = f"Cellar B{bay}"
            self._space(place, f"space/B{bay}", name, at, Rectangle(width, clear))
        for axis in range(1, self.plan.bays):
            self._inner_wall(
                f"wall/P/B/{axis}",
                place,
                (axis * self.bay + INNER / 2, OUTER, D(0)),
                clear,
                (self.scribe.wall(clear, INNER, CELLAR_HEIGHT, ()),),
                axis=ALONG_Y,
                height=CELLAR_HEIGHT,
            )
        self._stair(place, "B", steps=7, riser=D(200))

    def roof(self) -> None:
        """Gable roof at 3 in 4: two slabs a bay are parts of one roof; a skylight in the first."""
        whole, place = "roof", "storey/R"
        slope, thickness, run = D(7000), D(240), D(5600)
        hole = Hole(D(1000), D(1400), thickness)
        gross = 2 * slope * self.length
        self.add(
            whole,
            "IfcRoof",
            "Gable roof",
            place=place,
            predefined="GABLE_ROOF",
            sets=(
                self.scribe.qto(
                    "Roof",
                    GrossArea=gross,
                    NetArea=gross - hole.area,
                    ProjectedArea=2 * run * self.length,
                ),
            ),
            properties=_common("Roof", external=True),
            material=single("Cross-laminated timber"),
            codes=codes("B1020", "LH-60"),
        )
        south = ((D(0), D("-0.6"), D("0.8")), (D(1), D(0), D(0)))
        north = ((D(0), D("0.6"), D("0.8")), (D(-1), D(0), D(0)))
        for bay in range(self.plan.bays):
            x = bay * self.bay
            sides = (("S", (x, D(-400), D(0)), south), ("N", (x + self.bay, D(10800), D(0)), north))
            for side, at, axis in sides:
                key = f"roof/{side}{bay}"
                holes = (hole,) if key == "roof/S0" else ()
                self._part(
                    key,
                    "IfcSlab",
                    whole,
                    at,
                    box(self.bay, slope, thickness),
                    self.scribe.slab(self.bay, slope, thickness, holes),
                    axis=axis,
                    predefined="ROOF",
                )
        self._skylight(hole)

    def _skylight(self, hole: Hole) -> None:
        """A hole through a part of the roof, without a window yet."""
        self.add(
            "opening/roof/S0",
            "IfcOpeningElement",
            "Skylight opening",
            at=(D(2500), D(3000), D(0)),
            body=box(hole.width, hole.height, hole.through),
            hole=hole,
            sets=(self.scribe.opening(hole),),
            predefined="OPENING",
            host="roof/S0",
        )

    def outside(self) -> None:
        """What hangs on no storey, what is not measured at all, and the origin marker."""
        self.add(
            "tree",
            "IfcGeographicElement",
            "Lime tree",
            place="site",
            predefined="USERDEFINED",
            attributes={"ObjectType": "Tree"},
        )
        self.add(
            "letterbox",
            "IfcBuildingElementProxy",
            "Letterbox",
            place="building",
            at=(D(3500), D(-300), D(1100)),
            body=box(D(400), D(300), D(500)),
        )
        self.add(
            "bench",
            "IfcFurniture",
            "Bench",
            at=(D(5000), D(-1500), D(0)),
            body=box(D(1800), D(450), D(450)),
            predefined="USERDEFINED",
            attributes={"ObjectType": "Bench"},
            material=single("Oak"),
        )
        self.add("grid", "IfcGrid", "Grid", place="storey/0")
        self.add("note", "IfcAnnotation", "Check headroom", place="storey/0")
        self.add("virtual", "IfcVirtualElement", "Zone boundary", place="storey/0")
        cube = FigureSet(
            "Qto_BuildingElementProxyQuantities",
            "qto",
            (self.scribe.figure("volume", "NetVolume", D(1000) ** 3),),
        )
        self.list.add_marker(D(1000), (D(-3000), D(-3000), D(0)), sets=(cube,))


def _volume(body: Prism) -> Decimal:
    volume = body.volume
    assert volume is not None
    return volume


def _frame() -> Material:
    """Window: frame and glass with their shares."""
    return Material("constituent", "Window", (("Larch", D("0.3")), ("Glass", D("0.7"))))


def _common(
    element: str, *, external: bool, load_bearing: bool | None = None, **more: object
) -> dict[str, dict[str, object]]:
    """The element's `Pset_...Common`."""
    values: dict[str, object] = {"IsExternal": external}
    if load_bearing is not None:
        values["LoadBearing"] = load_bearing
    return {f"Pset_{element}Common": {**values, **more}}


def revised(first: Model) -> Model:
    """Second revision: added, removed, changed, moved, renamed elements; see `changes.csv`."""
    scribe = Scribe(MILLIMETRES, "IFC4")
    items = {item.key: item for item in first.items}
    _close_a_window(items, scribe)
    _shorten_a_partition(items, scribe)
    _add_a_wall(items, first, scribe)
    _move(items)
    return replace(first, items=tuple(items.values()))


def _close_a_window(items: dict[str, Item], scribe: Scribe) -> None:
    """The window of the second south bay goes, with its opening: its wall grows by the hole."""
    wall = "wall/S/0/1"
    del items[f"window/{wall}"], items[f"opening/{wall}"]
    items[wall] = replace(items[wall], sets=(scribe.wall(D(6000), OUTER, HEIGHT, ()),))


def _shorten_a_partition(items: dict[str, Item], scribe: Scribe) -> None:
    key, length = "wall/PS/0/2", D(3400)
    items[key] = replace(
        items[key],
        body=box(length, INNER, HEIGHT),
        sets=(scribe.wall(length, INNER, HEIGHT, ()),),
    )


def _add_a_wall(items: dict[str, Item], first: Model, scribe: Scribe) -> None:
    """A store is walled off in the first north room; the wall is new, and so is a bench."""
    near = items["wall/PN/0/1"]
    at = (D(3000), near.at[1], D(0))
    key = "wall/PN/0/new"
    items[key] = replace(
        near,
        key=key,
        guid=guid(f"{first.name}/{key}"),
        name="Inner wall PN0new",
        at=at,
        tag="W-PN0new",
    )
    items["bench/2"] = replace(
        items["bench"],
        key="bench/2",
        guid=guid(f"{first.name}/bench/2"),
        name="Second bench",
        at=(D(8000), D(-1500), D(0)),
    )
    del items["table/0S2"]


def _move(items: dict[str, Item]) -> None:
    """Moved within the storey; moved to another storey; only a property or a name is another."""
    wall = items["wall/PN/0/2"]
    items[wall.key] = replace(wall, at=(wall.at[0] + 250, wall.at[1], wall.at[2]))
    table = items["table/1S1"]
    items[table.key] = replace(table, place="space/0S1")
    rated = items["wall/PS/1/2"]
    properties = {"Pset_WallCommon": {**rated.properties["Pset_WallCommon"], "FireRating": "F60"}}
    items[rated.key] = replace(rated, properties=properties)
    marked = items["wall/S/1/2"]
    renamed = {**marked.properties, "Lindenhof_Site": {"Gang": "A"}}
    items[marked.key] = replace(marked, properties=renamed)
    named = items["door/entrance"]
    items[named.key] = replace(named, name="Main entrance door")
