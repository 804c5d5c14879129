"""Small files that a careless reader trips over, and what a careful one must find in them.

`truth.csv` has one row for each figure of each element (one with no quantity if it has none),
`files.csv` one row for each file.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from authoring import write_ifc
from authoring.items import Figure, FigureSet, Item, Material, Model, Storey, guid
from authoring.kit import METRES, MILLIMETRES, single
from authoring.numbers import SI_UNIT, Units, plain, to_si
from authoring.shapes import box

D = Decimal
LARGEST = D("1e20")
TRUTH_COLUMNS = (
    "file element_id guid ifc_class name mark building storey role materials origin source_set"
    " source_name source_value source_unit unit_status quantity value unit expect"
).split()
FILE_COLUMNS = "file schema expect physical what".split()
GROUND = (Storey("storey/0", "Ground floor", D(0)),)


@dataclass(frozen=True)
class Case:
    """One file: a model, and in one sentence what is wrong or odd about it."""

    model: Model
    what: str


def write(folder: Path) -> None:
    """All hostile files with their truth."""
    rows: list[list[str]] = []
    files: list[list[str]] = []
    for case in _cases():
        model = case.model
        ids = write_ifc.write(model, folder / f"{model.name}.ifc")
        rows.extend(_rows(model, ids))
        physical = sum(1 for item in model.items if item.role == "physical")
        files.append([f"{model.name}.ifc", model.schema, "read", str(physical), case.what])
    files.extend(_broken(folder))
    _write_csv(folder / "truth.csv", TRUTH_COLUMNS, rows)
    _write_csv(folder / "files.csv", FILE_COLUMNS, sorted(files))


def _write_csv(path: Path, columns: list[str], rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([columns, *rows])


# -- the truth of one file


def _rows(model: Model, ids: dict[str, int]) -> Iterator[list[str]]:
    names = _element_ids(model, ids)
    storeys = {storey.key: storey for storey in model.storeys}
    buildings = dict(model.buildings)
    for item in model.items:
        storey = storeys.get(item.place or "")
        building = buildings.get(storey.building if storey else item.place or "", "")
        parts = () if item.material is None else item.material.parts
        label = [
            f"{model.name}.ifc",
            names[item.key],
            item.guid,
            item.ifc_class.removeprefix("Ifc"),
            item.name or "",
            item.tag or "",
            building,
            storey.name if storey else "",
            item.role,
            " | ".join(name for name, _ in parts),
        ]
        figures = [(one, figure) for one in item.sets for figure in one.figures]
        for one, figure in figures:
            yield label + _figure(model.units, one, figure, _is_doubtful(one, figure))
        if not figures:
            yield label + [""] * 10


def _element_ids(model: Model, ids: dict[str, int]) -> dict[str, str]:
    """The GlobalId if it is unique, else with ~n in the order of the file; none: #STEP id."""
    users: dict[str, list[str]] = {}
    for item in sorted(model.items, key=lambda item: ids[item.key]):
        users.setdefault(item.guid, []).append(item.key)
    found = {}
    for identity, keys in users.items():
        for number, key in enumerate(keys, start=1):
            repeated = f"{identity}~{number}" if len(keys) > 1 else identity
            found[key] = repeated if identity else f"#{ids[key]}"
    return found


def _is_doubtful(one: FigureSet, figure: Figure) -> bool:
    return any(
        twin.source_name == figure.source_name and twin.raw != figure.raw for twin in one.figures
    )


def _figure(units: Units, one: FigureSet, figure: Figure, doubtful: bool) -> list[str]:
    name, status = units.name(figure.kind), units.status(figure.kind)
    stated = [one.origin, one.name, figure.source_name, plain(figure.raw), name, status]
    if status == "unknown":
        return [*stated, figure.quantity, "", "", "unit unknown"]
    product = figure.raw * units.factor(figure.kind)
    if abs(product) >= LARGEST:
        return [*stated, figure.quantity, "", SI_UNIT[figure.kind], "does not fit"]
    value = to_si(figure.raw, units.factor(figure.kind))
    expect = "doubtful" if doubtful else "ok"
    return [*stated, figure.quantity, plain(value), SI_UNIT[figure.kind], expect]


# -- the files


def _cases() -> Iterator[Case]:
    yield Case(_guids(), "one GUID on two walls, and a wall without a GUID")
    yield Case(_guids_by_case(), "three GUIDs that differ only in upper and lower case")
    yield Case(_names(), "names that are formulas, markup, paths, emoji, empty, missing, long")
    yield Case(_undeclared(), "millimetres; no unit for area, volume and mass")
    yield Case(_small_units(), "mm2 and mm3 declared for area and volume")
    yield Case(_imperial(), "inches by way of millimetres, square and cubic feet, fractions")
    yield Case(_two_buildings(), "two buildings of one name, with storeys of one name")
    yield Case(_no_storey(), "elements on the building, on the site, and nowhere; no storey at all")
    yield Case(_twins(), "a quantity twice in one set: equal, different; in two sets; zero")
    yield Case(_numbers(), "1e15 beside 1e-3, a number that fits no decimal, a negative one")
    yield Case(_ring(), "two assemblies that are parts of one another")
    yield Case(_model("empty", ()), "a project without any element")


def _model(
    name: str,
    items: tuple[Item, ...],
    units: Units = MILLIMETRES,
    schema: str = "IFC4",
    storeys: tuple[Storey, ...] = GROUND,
    buildings: tuple[tuple[str, str], ...] = (("building", "House"),),
) -> Model:
    return Model(
        name,
        schema,
        units,
        storeys,
        items,
        "hostile twin",
        project="Hostile twins",
        buildings=buildings,
        family=f"hostile/{name}/",
    )


def _wall(model: str, key: str, length: str, **rest: object) -> Item:
    """A wall of metric sizes in millimetres with three quantities; anything may be overridden."""
    size, width, height = D(length), D(200), D(2500)
    values: dict[str, object] = {
        "name": f"Wall {key}",
        "guid": guid(f"hostile/{model}/{key}"),
        "place": "storey/0",
        "body": box(size, width, height),
        "sets": (
            _qto(
                ("Length", "length", size),
                ("NetSideArea", "area", size * height / 10**6),
                ("NetVolume", "volume", size * height * width / 10**9),
            ),
        ),
        **rest,
    }
    return Item(key=key, ifc_class="IfcWall", **values)  # type: ignore[arg-type]


def _qto(*figures: tuple[str, str, Decimal], name: str = "Qto_WallBaseQuantities") -> FigureSet:
    return FigureSet(name, "qto", tuple(Figure(q, q, kind, raw) for q, kind, raw in figures))


def _guids() -> Model:
    name = "guid_twice_and_missing"
    same = guid(f"hostile/{name}/same")
    return _model(
        name,
        (
            _wall(name, "first", "3000", guid=same),
            _wall(name, "second", "4000", guid=same),
            _wall(name, "none", "5000", guid=""),
            _wall(name, "other", "6000"),
        ),
    )


def _guids_by_case() -> Model:
    name = "guid_case"
    stem = "1aBcDeFgHiJkLmNoPqRsT"
    return _model(
        name,
        (
            _wall(name, "lower", "3000", guid=f"{stem}u"),
            _wall(name, "upper", "4000", guid=f"{stem}U"),
            _wall(name, "swapped", "5000", guid=f"{stem.swapcase()}u"),
        ),
    )


NAMES: tuple[str | None, ...] = (
    "Außenwand Süd – Küche",
    "外壁 東側 壁",
    "Wall \U0001f3e0 with emoji \U0001f9f1",
    "",
    None,
    "=1+1",
    "@SUM(A1:A9)",
    "<script>alert('wall')</script>",
    "../..",
    "/etc/passwd",
    "a\"b'; drop table walls; --",
    "x" * 300,
    " leading and trailing ",
    "two\nlines\tand a tab",
    "back\\slash and \\X2\\ not an escape",
    "comma, semicolon; pipe | percent % dollar $ tilde ~1",
    "e\u0301 is not \u00e9",
    "NULL",
)


def _names() -> Model:
    name = "names"
    storey = Storey("storey/0", "=cmd|'/c calc'!A0 Ünten", D(0))
    items = tuple(
        _wall(
            name,
            f"wall/{number}",
            "2000",
            name=text,
            tag="007" if number == 0 else text or None,
            material=single(text) if text else None,
        )
        for number, text in enumerate(NAMES)
    )
    return _model(name, items, storeys=(storey,), buildings=(("building", "Haus ‹Ä›/../b"),))


def _undeclared() -> Model:
    """Areas and volumes are then in mm2 and mm3; of the mass nothing can be said."""
    name = "units_not_declared"
    units = Units(D("0.001"), {"length": ("MILLI METRE", D("0.001"))})
    figures = _qto(
        ("Length", "length", D(4000)),
        ("NetSideArea", "area", D(10000000)),
        ("NetVolume", "volume", D(2000000000)),
        ("NetWeight", "mass", D(4800)),
    )
    return _model(name, (_wall(name, "wall", "4000", sets=(figures,)),), units, schema="IFC2X3")


def _small_units() -> Model:
    name = "units_mm2_mm3"
    units = Units(
        D("0.001"),
        {
            "length": ("MILLI METRE", D("0.001")),
            "area": ("MILLI SQUARE_METRE", D("0.000001")),
            "volume": ("MILLI CUBIC_METRE", D("0.000000001")),
            "mass": ("GRAM", D("0.001")),
        },
    )
    figures = _qto(
        ("Length", "length", D(4000)),
        ("NetSideArea", "area", D("10000000.5")),
        ("NetVolume", "volume", D(2000000001)),
        ("NetWeight", "mass", D(4800000)),
    )
    return _model(name, (_wall(name, "wall", "4000", sets=(figures,)),), units)


def _imperial() -> Model:
    """Lengths in inches and eighths of them, bodies too; areas and volumes in feet."""
    name = "units_feet_inches"
    units = Units(
        D("0.0254"),
        {
            "length": ("INCH", D("0.0254")),
            "area": ("SQUARE FOOT", D("0.09290304")),
            "volume": ("CUBIC FOOT", D("0.028316846592")),
            "mass": ("POUND", D("0.45359237")),
        },
    )
    figures = _qto(
        ("Length", "length", D("124.625")),
        ("Width", "length", D("7.625")),
        ("NetSideArea", "area", D("83.0833333333")),
        ("NetVolume", "volume", D("52.7925347222")),
        ("NetWeight", "mass", D("7918.88")),
    )
    body = box(D("124.625"), D("7.625"), D(96))
    return _model(name, (_wall(name, "wall", "1", sets=(figures,), body=body),), units)


def _two_buildings() -> Model:
    name = "two_buildings"
    buildings = (("building/A", "House"), ("building/B", "House"))
    storeys = tuple(
        Storey(f"storey/{letter}", "Ground floor", D(height), f"building/{letter}")
        for letter, height in (("A", "0"), ("B", "1.5"))
    )
    items = tuple(
        _wall(name, f"{letter}{number}", length, place=f"storey/{letter}", name="Wall")
        for letter in "AB"
        for number, length in enumerate(("3000", "4000" if letter == "A" else "5000"))
    )
    return _model(name, items, storeys=storeys, buildings=buildings)


def _no_storey() -> Model:
    name = "no_storey"
    items = tuple(
        _wall(name, f"on {place or 'nothing'}", length, place=place)
        for place, length in (("building", "3000"), ("site", "4000"), (None, "5000"))
    )
    return _model(name, items, storeys=())


def _twins() -> Model:
    """In metres; IFC2X3 allows a name twice in a set."""
    name = "twins"
    equal = _qto(("NetVolume", "volume", D(2)), ("NetVolume", "volume", D(2)))
    different = _qto(("NetVolume", "volume", D(2)), ("NetVolume", "volume", D(2000)))
    two_sets = (
        _qto(("NetVolume", "volume", D(3)), name="BaseQuantities"),
        _qto(("NetVolume", "volume", D("3.5")), name="Other quantities"),
    )
    zero = _qto(("NetVolume", "volume", D(0)), ("Length", "length", D(0)))
    items = tuple(
        _wall(name, key, "1000", sets=sets, body=None)
        for key, sets in (
            ("equal", (equal,)),
            ("different", (different,)),
            ("two sets", two_sets),
            ("zero", (zero,)),
        )
    )
    return _model(name, items, METRES, schema="IFC2X3")


def _numbers() -> Model:
    """In metres. Those that fit add up to 999999999999995.301 (1e-13 is 0 at 12 decimals)."""
    name = "numbers"
    values = ("1e15", "0.001", "-5", "1e25", "1e-13", "0.1", "0.2")
    items = tuple(
        _wall(name, text, "1000", sets=(_qto(("NetVolume", "volume", D(text))),), body=None)
        for text in values
    )
    return _model(name, items, METRES)


def _ring() -> Model:
    name = "ring"
    material = Material("single", "Steel", (("Steel", None),))
    items = tuple(
        Item(
            key=key,
            ifc_class="IfcElementAssembly",
            name=f"Assembly {key}",
            guid=guid(f"hostile/{name}/{key}"),
            whole=other,
            material=material,
        )
        for key, other in (("a", "b"), ("b", "a"))
    )
    return _model(name, (*items, _wall(name, "wall", "3000")))


# -- files that are not what their name says


def _broken(folder: Path) -> Iterator[list[str]]:
    """Cut, damaged and false files, made from a good one. None may pass in silence."""
    good = (folder / "two_buildings.ifc").read_text(encoding="ascii")
    damaged = good.replace("IFCQUANTITYVOLUME('NetVolume'", "IFCQUANTITYVOLUME('NetVolume", 1)
    first = good.index("IFCQUANTITYLENGTH")

    texts = {
        "broken_truncated": (good[: first + 20], "cut in the middle of a record"),
        "broken_record": (damaged, "one record has a quote too few"),
        "broken_reference": (_dangling(good), "a quantity set names a record that is missing"),
        "broken_text": ("This is a shopping list.\n- milk\n- bread\n", "a text file"),
        "broken_schema": (
            good.replace("FILE_SCHEMA(('IFC4'))", "FILE_SCHEMA(('IFC9'))"),
            "a schema that does not exist",
        ),
        "broken_empty": ("", "a file of no bytes"),
    }
    for name, (text, what) in texts.items():
        (folder / f"{name}.ifc").write_text(text, encoding="ascii", newline="\n")
        expect = "read with a warning or refused" if name in _PARTLY else "refused"
        yield [f"{name}.ifc", "", expect, "", what]


_PARTLY = ("broken_record", "broken_reference")


def _dangling(text: str) -> str:
    """The first quantity set lists a record number that nothing has."""
    start = text.index("IFCELEMENTQUANTITY(")
    end = text.index("));", start)
    return f"{text[:end]},#999999{text[end:]}"
