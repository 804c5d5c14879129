"""The faulty twins, one function a file: a fault, and beside it something honest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from authoring.faults import SCRIBE, STOREYS, Fault, Twin, item, model, qto
from authoring.figures import Scribe
from authoring.items import Figure, FigureSet, Item, guid
from authoring.kit import MILLIMETRES
from authoring.shapes import Hole, box

D = Decimal
CONCRETE = D(2400)


def twins() -> Iterator[Twin]:
    yield _small_numbers()
    yield _twice_in_a_set()
    yield _wall_in_pieces()
    yield _assembly()
    yield _zeros()
    yield _openings_like_roof()
    yield _surfaces()
    yield _collapsed()
    yield _openings_gone()
    yield _odd_sets()
    yield from _markers()
    yield from _renamed()


def _small_numbers() -> Twin:
    """Millimetres, m2 and m3 declared; one wall's volume in mm3, another's area in mm2."""
    name = "mm3_under_m3"
    length, width, height = D(4000), D(250), D(3000)
    scribe = Scribe(MILLIMETRES, "IFC4X3")
    honest = scribe.wall(length, width, height, ())

    def wall(key: str, at: int, **wrong: Decimal) -> Item:
        figures = tuple(
            replace(figure, raw=wrong.get(figure.quantity, figure.raw)) for figure in honest.figures
        )
        sets = (replace(honest, figures=figures),)
        body = box(length, width, height)
        return item(name, key, "IfcWall", body, at=(D(0), D(at), D(0)), sets=sets)

    millions = D(1000) ** 3 * 3
    squares = D(1000) ** 2 * 12
    items = (
        wall("honest wall", 0),
        wall("wall in mm3", 1000, NetVolume=millions, GrossVolume=millions),
        wall("wall in mm2", 2000, NetSideArea=squares),
    )
    wrong = (
        Fault("wall in mm3", "NetVolume", "unit_magnitude", "error", millions, D(3), "m3"),
        Fault("wall in mm3", "GrossVolume", "unit_magnitude", "error", millions, D(3), "m3"),
        Fault("wall in mm2", "NetSideArea", "unit_magnitude", "error", squares, D(12), "m2"),
    )
    what = "m2 and m3 are declared, some numbers are mm2 and mm3"
    return Twin(model(name, items, MILLIMETRES), what, wrong)


def _twice_in_a_set() -> Twin:
    """IFC2X3 allows a name twice in a set."""
    name = "twice_in_a_set"

    def wall(key: str, at: int, *volumes: str) -> Item:
        figures = tuple(Figure("NetVolume", "NetVolume", "volume", D(one)) for one in volumes)
        body = box(D(4), D("0.25"), D(3))
        sets = (FigureSet("BaseQuantities", "qto", figures),)
        return item(name, key, "IfcWall", body, at=(D(0), D(at), D(0)), sets=sets)

    items = (wall("equal twins", 0, "3", "3"), wall("wall with twins", 1, "3.6", "3"))
    wrong = (
        Fault("wall with twins", "NetVolume", "same_quantity_twice", "warning", None, D(3), "m3"),
    )
    return Twin(model(name, items), "one quantity twice in one set, with different values", wrong)


def _wall_in_pieces() -> Twin:
    """One wall over three storeys as three pieces, each with all of it; columns are honest."""
    name = "wall_on_every_storey"
    length, width, height = D(5), D("0.3"), D(3)
    whole = {
        "GrossSideArea": 3 * length * height,
        "NetSideArea": 3 * length * height,
        "GrossVolume": 3 * length * height * width,
        "NetVolume": 3 * length * height * width,
    }
    items, wrong = [], []
    for number, storey in enumerate(STOREYS):
        key = f"wall piece {number}"
        items.append(
            item(
                name,
                key,
                "IfcWall",
                box(length, width, height),
                name="Wall A",
                place=storey.key,
                sets=(qto("Wall", Length=length, Width=width, **whole),),
            )
        )
        for quantity, stated in whole.items():
            unit = "m3" if quantity.endswith("Volume") else "m2"
            wrong.append(
                Fault(key, quantity, "whole_on_every_piece", "error", stated, stated / 3, unit)
            )
        column = box(D("0.4"), D("0.4"), height)
        items.append(
            item(
                name,
                f"column piece {number}",
                "IfcColumn",
                column,
                name="Column 1",
                place=storey.key,
                at=(D(8), D(0), D(0)),
                sets=(SCRIBE.linear("Column", column, CONCRETE),),
            )
        )
    what = "each piece of a wall has the figures of the whole; pieces of a column have their own"
    return Twin(model(name, tuple(items)), what, tuple(wrong))


def _assembly() -> Twin:
    """Assemblies and parts, all with weights; those of the second do not add up."""
    name = "assembly_and_parts"

    def steel(number: int, weight: str, at: int) -> list[Item]:
        whole = f"frame {number}"
        figures = (FigureSet("Fabrication", "qto", (_weight(weight),)),)
        place = (D(0), D(at), D(0))
        items = [item(name, whole, "IfcElementAssembly", None, at=place, sets=figures)]
        for part in range(2):
            bar = FigureSet("Fabrication", "qto", (_weight("120"), _length("4")))
            body = box(D(4), D("0.1"), D("0.2"))
            rest = {"whole": whole, "at": (D(0), D(part), D(0)), "place": None}
            items.append(item(name, f"bar {number}{part}", "IfcMember", body, sets=(bar,), **rest))
        return items

    items = (*steel(1, "240", 0), *steel(2, "300", 5))
    wrong = (
        Fault("frame 1", "NetWeight", "whole_and_parts", "note", D(240), D(240), "kg"),
        Fault("frame 2", "NetWeight", "whole_and_parts", "note", D(300), D(300), "kg"),
        Fault("frame 2", "NetWeight", "parts_do_not_add_up", "warning", D(300), D(240), "kg"),
    )
    return Twin(model(name, items), "assemblies have weights, and so have their parts", wrong)


def _weight(kilograms: str) -> Figure:
    return Figure("NetWeight", "NetWeight", "mass", D(kilograms))


def _length(metres: str) -> Figure:
    return Figure("Length", "Length", "length", D(metres))


def _zeros() -> Twin:
    name = "zero_not_computed"
    body = box(D("0.3"), D("0.3"), D(3))
    honest = SCRIBE.linear("Column", body, CONCRETE)
    none = replace(honest, figures=tuple(replace(one, raw=D(0)) for one in honest.figures))
    items = (
        item(name, "honest column", "IfcColumn", body, sets=(honest,)),
        item(name, "column of zeros", "IfcColumn", body, at=(D(2), D(0), D(0)), sets=(none,)),
    )
    known = {
        "Length": (D(3), "m"),
        "CrossSectionArea": (D("0.09"), "m2"),
        "OuterSurfaceArea": (D("3.6"), "m2"),
        "GrossVolume": (D("0.27"), "m3"),
        "NetVolume": (D("0.27"), "m3"),
        "GrossWeight": (None, "kg"),
        "NetWeight": (None, "kg"),
    }
    wrong = tuple(
        Fault("column of zeros", quantity, "zero_not_computed", "error", D(0), right, unit)
        for quantity, (right, unit) in known.items()
    )
    return Twin(model(name, items), "zero stands for not computed", wrong)


def _openings_like_roof() -> Twin:
    """A flat roof of one slab with two openings; each has the roof's volume."""
    name = "openings_like_roof"
    length, width, thickness = D(10), D(8), D("0.3")
    hole = Hole(D(1), D(1), thickness)
    net = (length * width - 2 * hole.area) * thickness
    slab = SCRIBE.slab(length, width, thickness, (hole, hole))
    items = [
        item(name, "roof", "IfcRoof", None, place="storey/2", sets=()),
        item(
            name,
            "roof slab",
            "IfcSlab",
            box(length, width, thickness),
            whole="roof",
            place=None,
            sets=(slab,),
        ),
    ]
    wrong = []
    for number in range(2):
        key = f"opening {number}"
        figures = SCRIBE.opening(hole).figures
        repeated = tuple(
            replace(figure, raw=net) if figure.quantity == "Volume" else figure
            for figure in figures
        )
        items.append(_opening(name, key, "roof slab", hole, 2 + 3 * number, repeated))
        wrong.append(Fault(key, "Volume", "opening_repeats_host", "error", net, hole.volume, "m3"))
    what = "each opening has the volume of the roof that it is cut from"
    return Twin(model(name, tuple(items)), what, tuple(wrong))


def _opening(
    model: str, key: str, host: str, hole: Hole, at: int, figures: tuple[Figure, ...]
) -> Item:
    return item(
        model,
        key,
        "IfcOpeningElement",
        box(hole.width, hole.height, hole.through),
        at=(D(at), D(2), D(0)),
        hole=hole,
        host=host,
        place=None,
        material=None,
        predefined="OPENING",
        sets=(FigureSet("Qto_OpeningElementBaseQuantities", "qto", figures),),
    )


def _surfaces() -> Twin:
    """Net area as the whole surface of a slab, and as both faces of a wall."""
    name = "area_is_surface"
    length, width, thickness = D(6), D(4), D("0.25")
    surface = 2 * (length * width + length * thickness + width * thickness)
    honest = SCRIBE.slab(length, width, thickness, ())
    side = D(5) * D(3)
    wall_body = box(D(5), D("0.2"), D(3))

    def slab(key: str, at: int, net: Decimal) -> Item:
        figures = tuple(
            replace(one, raw=net) if one.quantity == "NetArea" else one for one in honest.figures
        )
        sets = (replace(honest, figures=figures),)
        body = box(length, width, thickness)
        return item(name, key, "IfcSlab", body, at=(D(0), D(at), D(0)), sets=sets)

    def wall(key: str, at: int, net: Decimal) -> Item:
        sets = (qto("Wall", Length=D(5), Width=D("0.2"), NetSideArea=net, NetVolume=D(3)),)
        return item(name, key, "IfcWall", wall_body, at=(D(20), D(at), D(0)), sets=sets)

    items = (
        slab("honest slab", 0, length * width),
        slab("slab with its surface", 10, surface),
        wall("honest wall", 0, side),
        wall("wall with both faces", 10, 2 * side),
    )
    wrong = (
        Fault(
            "slab with its surface",
            "NetArea",
            "area_is_surface",
            "error",
            surface,
            length * width,
            "m2",
        ),
        Fault(
            "wall with both faces", "NetSideArea", "area_is_surface", "error", 2 * side, side, "m2"
        ),
    )
    return Twin(model(name, items), "areas that are the whole surface, or both faces", wrong)


def _collapsed() -> Twin:
    name = "area_collapsed"
    length, width, thickness = D(12), D(6), D("0.2")
    honest = SCRIBE.slab(length, width, thickness, ())
    nothing = D("0.9")
    figures = tuple(
        replace(one, raw=nothing) if one.quantity == "NetArea" else one for one in honest.figures
    )
    body = box(length, width, thickness)
    items = (
        item(name, "honest slab", "IfcSlab", body, sets=(honest,)),
        item(
            name,
            "collapsed slab",
            "IfcSlab",
            body,
            at=(D(0), D(10), D(0)),
            sets=(replace(honest, figures=figures),),
        ),
    )
    wrong = (
        Fault(
            "collapsed slab",
            "NetArea",
            "area_against_volume",
            "error",
            nothing,
            length * width,
            "m2",
        ),
    )
    return Twin(model(name, items), "an area collapsed while the volume is right", wrong)


def _openings_gone() -> Twin:
    """Two strips above and below a window band: the body is cut, the model has no opening."""
    name = "openings_gone"
    length, width, height, band = D(6), D("0.24"), D(3), D("1.2")
    honest = SCRIBE.wall(length, width, height, ())
    net = length * (height - band)
    cut = qto(
        "Wall",
        Length=length,
        Width=width,
        GrossSideArea=length * height,
        NetSideArea=net,
        GrossVolume=length * height * width,
        NetVolume=net * width,
    )
    items = (
        item(name, "honest wall", "IfcWall", box(length, width, height), sets=(honest,)),
        item(
            name,
            "cut wall",
            "IfcWall",
            box(length, width, height - band),
            at=(D(0), D(5), D(0)),
            sets=(cut,),
        ),
    )
    wrong = (
        Fault(
            "cut wall",
            "GrossVolume",
            "openings_without_element",
            "warning",
            length * height * width,
            None,
            "m3",
        ),
        Fault(
            "cut wall",
            "GrossSideArea",
            "openings_without_element",
            "warning",
            length * height,
            None,
            "m2",
        ),
    )
    return Twin(model(name, items), "openings are cut, and no opening element is left", wrong)


def _odd_sets() -> Twin:
    name = "odd_sets"
    body = box(D(4), D("0.2"), D(3))
    honest = SCRIBE.wall(D(4), D("0.2"), D(3), ())
    items = tuple(
        item(
            name,
            key,
            "IfcWall",
            body,
            at=(D(0), D(5 * number), D(0)),
            sets=(replace(honest, name=set_name),),
        )
        for number, (key, set_name) in enumerate(
            (
                ("honest wall", honest.name),
                ("misspelt set", "Qto_WallBaseQuantites"),
                ("nameless set", ""),
            )
        )
    )
    wrong = tuple(
        Fault(key, "", "set_misspelt", "note", None, None)
        for key in ("misspelt set", "nameless set")
    )
    return Twin(model(name, items), "a quantity set is misspelt, another has no name", wrong)


def _markers() -> Iterator[Twin]:
    """Two disciplines of one project, each with the cube that marks the origin."""
    for discipline, wrong in (
        ("architecture", Fault("marker", "NetVolume", "marker_counted", "note", D(1), D(0), "m3")),
        ("structure", Fault("marker", "", "repeated_in_models", "warning", None, None)),
    ):
        name = f"marker_{discipline}"
        body = box(D(5), D("0.2"), D(3))
        cube = box(D(1), D(1), D(1))
        items = (
            item(name, "wall", "IfcWall", body, sets=(SCRIBE.wall(D(5), D("0.2"), D(3), ()),)),
            item(
                name,
                "marker",
                "IfcBuildingElementProxy",
                cube,
                guid=guid("faulty/marker"),
                at=(D(-2), D(-2), D(0)),
                sets=(qto("BuildingElementProxy", NetVolume=D(1)),),
            ),
        )
        what = "a cube that marks the origin is in every discipline"
        yield Twin(model(name, items, family="marker"), what, (wrong,))


def _renamed() -> Iterator[Twin]:
    """A property has another name in the second revision; nothing else has changed."""
    name = "renamed_parameter"
    for folder, parameter in (("", "Fire rating"), ("R2", "FireRating")):
        body = box(D(5), D("0.2"), D(3))
        wall = item(
            name,
            "wall",
            "IfcWall",
            body,
            sets=(SCRIBE.wall(D(5), D("0.2"), D(3), ()),),
            properties={"House style": {parameter: "EI 90"}},
        )
        what = "a property is called Fire rating, and FireRating in the second revision"
        yield Twin(model(name, (wall,)), what, (), folder)
