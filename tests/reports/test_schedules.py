"""Schedules: what stands in them, at which size, and what each line says of what is not known."""

from __future__ import annotations

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
from small_lakes import QUERIES, Model, open_lake, rows

from takeoff.config import shipped
from takeoff.lake.layout import open_layout
from takeoff.lake.reader import read_snapshots
from takeoff.reports import catalog
from takeoff.reports.run import run

SCHEDULES = [
    query for query in catalog.all_reports([QUERIES]) if query.name.startswith("schedule_")
]


def _lines(lake: Path, name: str, **params: Any) -> list[dict[str, Any]]:
    with open_lake(lake) as engine:
        return run(engine, catalog.find(name, [QUERIES]), params).table.to_pylist()


def _sized(model: Model, width: str | None, height: str | None, **columns: Any) -> Model:
    model.figure("Width", width, **columns)
    return model.figure("Height", height, **columns)


def test_sizes_that_differ_by_rounding_are_one_line(tmp_path: Path) -> None:
    model = Model("m")
    for number, width in enumerate(("0.762", "0.7619999999", "0.762000000001", "0.864")):
        _sized(model.add(f"d{number}", ifc_class="Door", type_name="Flush"), width, "2.032")
    model.commit(tmp_path / "lake")
    found = _lines(tmp_path / "lake", "schedule_doors", by="type")
    assert [(r["width_mm"], r["height_mm"], r["elements"], r["area_m2"]) for r in found] == [
        (762, 2032, 3, Decimal("4.645152")),
        (864, 2032, 1, Decimal("1.755648")),
    ]
    assert {(r["counted"], r["basis"]) for r in found} == {(3, "authored"), (1, "authored")}


def test_a_size_that_is_not_known_or_doubtful_is_a_line_and_no_zero(tmp_path: Path) -> None:
    model = Model("m").add("none", ifc_class="Window")
    model.add("half", ifc_class="Window").figure("Width", 1)
    model.add("no unit", ifc_class="Window")
    _sized(model, None, None, unit=None)
    _sized(model.add("twins", ifc_class="Window"), "1", "2").figure("Width", 3)
    _sized(model.add("vast", ifc_class="Window"), "10000000000", "2")
    _sized(model.add("known", ifc_class="Window"), "1", "2", basis="computed")
    model.commit(tmp_path / "lake")
    found = _lines(tmp_path / "lake", "schedule_windows")
    known = [
        (r["width_mm"], r["height_mm"], r["counted"], r["missing"], r["doubtful"]) for r in found
    ]
    assert known == [
        (1000, 2000, 1, 0, 0),
        (1000, None, 0, 1, 0),
        (None, 2000, 0, 1, 1),
        (None, None, 0, 2, 0),
    ]
    assert [r["area_m2"] for r in found] == [2, None, None, None]
    assert [r["basis"] for r in found] == ["computed", "authored", "authored", None]


def test_a_line_for_each_mark_if_asked(tmp_path: Path) -> None:
    model = Model("m").add("a", ifc_class="Door", mark="007").add("b", ifc_class="Door", mark="7")
    model.commit(tmp_path / "lake")
    found = _lines(tmp_path / "lake", "schedule_doors", by="mark")
    assert [(r["mark"], r["elements"]) for r in found] == [("007", 1), ("7", 1)]


def _states(lake: Path, name: str) -> dict[tuple[str | None, str], int]:
    found: Counter[tuple[str | None, str]] = Counter()
    for line in _lines(lake, name, by=[]):
        found[line["part_of"], line["state"]] += line["elements"]
    return found


def test_parts_are_listed_unless_their_whole_stands_for_them(tmp_path: Path) -> None:
    model = Model("m").add("front", ifc_class="CurtainWall")
    _sized(model.add("door", "part", ifc_class="Door", parent_id="front"), "1", "2")
    _sized(model.add("gate", ifc_class="Door"), "3", "4")
    _sized(model.add("wicket", "part", ifc_class="Door", parent_id="gate"), "1", "2")
    model.add("leaf", "part", ifc_class="Door", parent_id="wicket").commit(tmp_path / "lake")
    assert _states(tmp_path / "lake", "schedule_doors") == {
        ("CurtainWall", "part"): 1,
        (None, "counted"): 1,
        ("Door", "in_whole"): 2,
    }
    areas = [r["area_m2"] for r in _lines(tmp_path / "lake", "schedule_doors", by=[])]
    assert sum(filter(None, areas)) == 2 + 12


def test_a_slab_of_slabs_is_not_added_up_twice(tmp_path: Path) -> None:
    model = Model("m").add("slab", ifc_class="Slab")
    for piece in ("a", "b"):
        model.add(piece, "part", ifc_class="Slab", parent_id="slab").figure("NetVolume", 2)
    model.commit(tmp_path / "lake")
    found = _lines(tmp_path / "lake", "schedule_structure")
    assert [(r["state"], r["elements"], r["volume_m3"], r["basis"]) for r in found] == [
        ("in_whole", 2, None, "authored"),
        ("counted", 1, 4, "derived"),
    ]


def test_what_an_earlier_model_holds_is_in_no_sum(tmp_path: Path) -> None:
    for name in ("a", "b"):
        model = Model(name).add(f"{name} only").add(f"{name} also")
        model.add("beam", ifc_class="Beam").figure("Length", 4)
        model.add("roof", ifc_class="Roof")
        model.add("rafter", "part", ifc_class="Beam", parent_id="roof").figure("Length", 2)
        model.add("room", "space", ifc_class="Space").figure("NetFloorArea", 9)
        model.commit(tmp_path / "lake")
    found = _lines(tmp_path / "lake", "schedule_structure", by=[])
    assert [(r["part_of"], r["state"], r["elements"], r["length_m"]) for r in found] == [
        ("Roof", "other_source", 1, None),
        ("Roof", "part", 1, 2),
        (None, "counted", 1, 4),
        (None, "other_source", 1, None),
    ]
    rooms = _lines(tmp_path / "lake", "schedule_spaces", by=[])
    assert [(r["state"], r["elements"], r["net_floor_area_m2"]) for r in rooms] == [
        ("listed", 1, 9),
        ("other_source", 1, None),
    ]


def test_older_revisions_are_in_no_sum(tmp_path: Path) -> None:
    for width in ("1", "2"):
        model = _sized(Model("m").add("d", ifc_class="Door"), width, "2")
        model.add("room", "space", ifc_class="Space").figure("NetFloorArea", width)
        model.commit(tmp_path / "lake")
    both = read_snapshots(open_layout(tmp_path / "lake"))
    with open_lake(tmp_path / "lake", both) as engine:
        doors = run(engine, catalog.find("schedule_doors", [QUERIES]), {}).table.to_pylist()
        rooms = run(engine, catalog.find("schedule_spaces", [QUERIES]), {}).table.to_pylist()
    assert {(r["state"], r["width_mm"], r["area_m2"]) for r in doors} == {
        ("older_revision", 1000, None),
        ("counted", 2000, 4),
    }
    assert {(r["state"], r["net_floor_area_m2"]) for r in rooms} == {
        ("older_revision", None),
        ("listed", 2),
    }


def test_what_a_check_leaves_out_is_in_no_sum(tmp_path: Path) -> None:
    model = Model("m").add("roof", ifc_class="Roof")
    model.add("rafter", "part", ifc_class="Beam", parent_id="roof").figure("Length", 2)
    model.add("beam", ifc_class="Beam").figure("Length", 4)
    model.add("other", ifc_class="Beam").figure("Length", 8)
    model.add("room", "space", ifc_class="Space").figure("NetFloorArea", 9)
    snapshot = model.commit(tmp_path / "lake")
    doubted = {"snapshot_id": [snapshot.snapshot_id] * 3, "element_no": [0, 2, 4]}
    with open_lake(tmp_path / "lake") as engine:
        engine.fill("doubted_elements", pa.table(doubted))
        beams = run(engine, catalog.find("schedule_structure", [QUERIES]), {}).table.to_pylist()
        rooms = run(engine, catalog.find("schedule_spaces", [QUERIES]), {}).table.to_pylist()
    assert [(r["part_of"], r["state"], r["length_m"]) for r in beams] == [
        ("Roof", "failed_check", None),
        (None, "counted", 8),
        (None, "failed_check", None),
    ]
    assert [(r["state"], r["net_floor_area_m2"]) for r in rooms] == [("failed_check", None)]


def test_numbers_and_names_of_rooms(tmp_path: Path) -> None:
    model = Model("m").add("ifc", "space", name="A102").prop(None, "LongName", "Kitchen")
    model.add("same", "space", name="Hall").prop(None, "LongName", "Hall")
    model.add("plain", "space", name="Stair").prop(None, "LongName", "")
    model.add("revit", "space", name="Office 12").prop("Identity Data", "Number", "012")
    model.prop("Identity Data", "Name", "Office").prop("Other", "Number", "wrong")
    model.add("nameless", "space", name=None)
    model.commit(tmp_path / "lake")
    found = _lines(tmp_path / "lake", "schedule_spaces")
    assert [(r["number"], r["name"], r["element_id"]) for r in found] == [
        ("012", "Office", "revit"),
        ("A102", "Kitchen", "ifc"),
        (None, "Hall", "same"),
        (None, "Stair", "plain"),
        (None, None, "nameless"),
    ]


def test_rooms_of_a_storey_in_one_line(tmp_path: Path) -> None:
    model = Model("m")
    for number in range(3):
        model.add(f"r{number}", "space", ifc_class="Space", storey_name="L1")
        model.figure("NetFloorArea", 10 + number).figure("Height", "2.5")
    model.add("r3", "space", ifc_class="Space", storey_name="L1").figure("GrossVolume", 7)
    model.commit(tmp_path / "lake")
    (line,) = _lines(tmp_path / "lake", "schedule_spaces", by="storey")
    assert (line["elements"], line["net_floor_area_m2"], line["gross_volume_m3"]) == (4, 33, 7)
    assert (line["without_net_floor_area"], line["without_gross_volume"]) == (1, 3)
    assert "height_mm" not in line


def test_sizes_of_pipes_and_ducts(tmp_path: Path) -> None:
    model = Model("m")
    for pipe in ("p1", "p2"):
        model.add(pipe, ifc_class="PipeSegment", system="Heating").figure("Length", 2)
        model.figure("OuterDiameter", "0.0337").figure(
            None, "0.025", source_name="NominalDiameter", origin="pset"
        )
    model.add("p3", ifc_class="PipeSegment", system="Heating").figure("OuterDiameter", "0.0337")
    model.add("d1", ifc_class="DuctSegment").prop("Dimensions", "Size", "300x200").figure(
        "GrossWeight", 12
    )
    model.add("d2", ifc_class="DuctSegment").prop("Dimensions", "Size", "Size")
    _sized(model, "0.3", "0.2").figure("NetWeight", 9)
    model.commit(tmp_path / "lake")
    found = _lines(tmp_path / "lake", "schedule_mep")
    told = [(r["system"], r["size"], r["diameter_mm"], r["width_mm"], r["length_m"]) for r in found]
    assert told == [
        ("Heating", None, 25, None, 4),
        ("Heating", None, 34, None, None),
        (None, "300x200", None, None, None),
        (None, None, None, 300, None),
    ]
    assert [r["mass_kg"] for r in found] == [None, None, 12, None]
    assert [r["without_length"] for r in found] == [0, 1, 1, 1]
    net = _lines(tmp_path / "lake", "schedule_mep", mass="NetWeight", **{"class": "DuctSegment"})
    assert [r["mass_kg"] for r in net] == [None, 9]


def test_structure_by_section_with_the_volume_and_weight_asked_for(tmp_path: Path) -> None:
    model = Model("m")
    for number, (area, length) in enumerate((("0.0053", 3), ("0.00530000001", 4), ("0.01", 5))):
        model.add(f"b{number}", ifc_class="Beam", type_name="HEA").material("S355", "profile")
        model.figure("CrossSectionArea", area).figure("Length", length)
        model.figure("GrossVolume", number).figure("NetVolume", 2).figure("GrossWeight", 50)
    model.add("s", ifc_class="Slab").figure("Width", "0.2").figure("Length", 9).figure("NetArea", 8)
    model.add("t", ifc_class="Slab").figure("Thickness", "0.2").figure("NetArea", 1)
    model.commit(tmp_path / "lake")
    found = _lines(tmp_path / "lake", "schedule_structure")
    told = [
        (r["cross_section_mm2"], r["width_mm"], r["elements"], r["length_m"], r["area_m2"])
        for r in found
    ]
    assert told == [
        (5300, None, 2, 7, None),
        (10000, None, 1, 5, None),
        (None, 200, 2, None, 9),
    ]
    assert [(r["volume_m3"], r["mass_kg"]) for r in found] == [(4, None), (2, None), (None, None)]
    gross = _lines(
        tmp_path / "lake", "schedule_structure", volume="GrossVolume", mass="GrossWeight"
    )
    assert [(r["volume_m3"], r["mass_kg"]) for r in gross] == [(1, 100), (2, 50), (None, None)]


def test_layers_of_one_material_stay_apart_by_thickness(tmp_path: Path) -> None:
    model = Model("m").add("w").figure("NetVolume", "6").figure("NetSideArea", 20)
    for material, thickness in (
        ("Board", 0.0125),
        ("Wool", 0.1),
        ("Board", 0.0125),
        ("Board", 0.025),
    ):
        model.material(material, "layer", thickness_m=thickness)
    model.add("whole").figure("NetVolume", "3").figure("NetArea", 10)
    model.material("Brick", "layer", thickness_m=0.1).material("Brick", "layer", thickness_m=0.2)
    model.add("bare").figure("NetVolume", 1)
    model.add("frame").figure("NetVolume", 4).figure("NetSideArea", 2)
    model.material("Oak", "constituent", share=0.25).material("Glass", "constituent", share=0.75)
    model.commit(tmp_path / "lake")
    found = _lines(tmp_path / "lake", "schedule_material_layers")
    told = [
        (
            r["material"],
            r["thickness_mm"],
            r["layers"],
            r["area_m2"],
            r["net_volume_m3"],
            r["basis"],
        )
        for r in found
    ]
    assert told == [
        ("Board", 12.5, 2, 40, 1, "derived"),
        ("Board", 25, 1, 20, 1, "derived"),
        ("Brick", 100, 1, 10, 1, "derived"),
        ("Brick", 200, 1, 10, 2, "derived"),
        ("Glass", None, 0, None, 3, "derived"),
        ("Oak", None, 0, None, 1, "derived"),
        ("Wool", 100, 1, 20, 4, "derived"),
        (None, None, 0, None, 1, "authored"),
    ]
    by_material = _lines(tmp_path / "lake", "by_material", quantity="NetVolume")
    volumes: Counter[str | None] = Counter()
    for line in found:
        volumes[line["material"]] += line["net_volume_m3"]
    assert {line["material"]: line["value"] for line in by_material} == volumes


def test_a_layer_of_a_whole_that_is_its_parts_covers_what_they_cover(tmp_path: Path) -> None:
    model = Model("m").add("roof", ifc_class="Roof").figure("NetArea", 99)
    for number in (1, 2):
        model.add(f"p{number}", "part", ifc_class="Slab", parent_id="roof")
        model.figure("NetVolume", number).figure("NetArea", 10 * number)
        model.material("Wool", "layer", thickness_m=0.1)
    model.commit(tmp_path / "lake")
    (line,) = _lines(tmp_path / "lake", "schedule_material_layers")
    assert (line["elements"], line["layers"], line["area_m2"], line["net_volume_m3"]) == (
        *(1, 2, 30, 3),
    )


def test_an_area_that_one_layer_lacks_is_not_understated(tmp_path: Path) -> None:
    model = (
        Model("m").add("w").figure("NetSideArea", 1).figure("NetSideArea", 2).figure("NetArea", 9)
    )
    model.material("Brick", "layer", thickness_m=0.1).commit(tmp_path / "lake")
    (line,) = _lines(tmp_path / "lake", "schedule_material_layers")
    assert (line["area_m2"], line["without_area"], line["doubtful"]) == (None, 1, 1)
    assert (line["net_volume_m3"], line["without_volume"]) == (None, 1)


def test_every_element_of_the_classes_is_in_one_line(tmp_path: Path) -> None:
    model = Model("m")
    for number, ifc_class in enumerate(("Door", "Window", "Space", "Valve", "Pile", "Wall", None)):
        for role in ("physical", "part", "space", "opening", "type"):
            model.add(f"{role} {number}", role, ifc_class=ifc_class, parent_id="physical 5")
    model.commit(tmp_path / "lake")
    expected = {"schedule_spaces": 7, "schedule_material_layers": 7}
    with open_lake(tmp_path / "lake") as engine:
        for query in SCHEDULES:
            by = [grouping.name for grouping in query.groupings]
            found = run(engine, query, {"by": by}).table.to_pylist()
            assert sum(line["elements"] for line in found) == expected.get(query.name, 2)


def test_services_are_what_ifc_calls_distribution_elements(tmp_path: Path) -> None:
    path = shipped("data/rules") / "ifc_classes.csv"
    with path.open(encoding="utf-8", newline="") as file:
        parents = {row["ifc_class"]: row["parent"] for row in csv.DictReader(file)}

    def is_distribution(name: str) -> bool:
        return name == "DistributionElement" or name in parents and is_distribution(parents[name])

    open_layout(tmp_path / "lake", create=True)
    with open_lake(tmp_path / "lake") as engine:
        listed = rows(engine, "select ifc_class, schedule from schedule_classes")
    services = {name for name, schedule in listed if schedule == "mep"}
    expected = {name for name in parents if is_distribution(name)}
    assert services == expected | {"ElectricalElement", "EquipmentElement"}
    assert {name for name, _ in listed} <= parents.keys()
    assert len(listed) == len({name for name, _ in listed})


def test_a_schedule_says_once_which_of_its_elements_count(tmp_path: Path) -> None:
    model = Model("m").add("wall").add("d", ifc_class="Door", storey_name="L1")
    model.add("p", "part", ifc_class="Door", parent_id="wall").commit(tmp_path / "lake")
    with open_lake(tmp_path / "lake") as engine:
        query = catalog.find("schedule_doors", [QUERIES])
        notes = run(engine, query, {}).provenance.notes
        narrowed = run(engine, query, {"storey": "L1"}).provenance.notes
    assert notes == ("The lines add up to the doors; state says which of them count.",)
    assert narrowed == (
        "Only storey L1 is shown, and of that the lines add up to the doors; "
        "state says which of them count.",
    )
