"""Schedules of the public models against the truth tables that come with them."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from small_lakes import QUERIES, open_lake

from takeoff.config import Settings
from takeoff.core.progress import Quiet
from takeoff.engines.duckdb import Engine
from takeoff.jobs.fetch import IfcOptions, fetch_ifc
from takeoff.reports import catalog
from takeoff.reports.run import run

_DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
_DUPLEX, _ELECTRICAL = "Duplex_A_20110907", "Duplex_Electrical_20121207"
_FRAME = "PCERT_Building-Structural"
_LISTED = ("counted", "part", "listed")

pytestmark = pytest.mark.skipif(
    not _DATA.is_dir(), reason="the public models are not beside this checkout (../shared/data)"
)


def _truth(model: str, *classes: str) -> list[dict[str, str]]:
    with (_DATA / "truth" / f"{model}.elements.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["ifc_class"] in classes]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Engine]]:
    """The engine on the lake of one model, fetched when it is first asked for."""
    with ExitStack() as open_lakes:

        @cache
        def opened(model: str) -> Engine:
            settings = Settings(lake=tmp_path_factory.mktemp("model") / "lake")
            path = _DATA / "ifc" / f"{model}.ifc"
            [fetched] = fetch_ifc(settings, [path], IfcOptions(geometry=False), Quiet())
            assert fetched.error is None
            return open_lakes.enter_context(open_lake(settings.lake))

        yield opened


def _lines(engine: Engine, name: str, by: str) -> list[dict]:
    lines = run(engine, catalog.find(name, [QUERIES]), {"by": by}).table.to_pylist()
    assert {line["state"] for line in lines} <= {*_LISTED}
    return lines


def _sums(rows: list[dict], column: str, *keys: str) -> Mapping[tuple[str, ...], float]:
    found: dict[tuple[str, ...], float] = defaultdict(float)
    for row in rows:
        if row[column] not in ("", None):
            found[tuple(row[key] for key in keys)] += float(row[column])
    return found


@pytest.mark.parametrize(
    ("name", "ifc_class", "total"),
    [
        ("schedule_doors", "IfcDoor", 14),
        ("schedule_windows", "IfcWindow", 24),
        ("schedule_spaces", "IfcSpace", 21),
    ],
)
def test_doors_windows_and_rooms_on_each_storey(
    engine: Callable[[str], Engine], name: str, ifc_class: str, total: int
) -> None:
    lines = _lines(engine(_DUPLEX), name, "storey")
    found = _sums(lines, "elements", "storey_name")
    assert found == _sums(_truth(_DUPLEX, ifc_class), "count", "storey")
    assert sum(found.values()) == total


def test_every_door_and_window_has_the_size_that_its_type_is_named_for(
    engine: Callable[[str], Engine],
) -> None:
    for name in ("schedule_doors", "schedule_windows"):
        for line in _lines(engine(_DUPLEX), name, "type"):
            assert (line["missing"], line["doubtful"]) == (0, 0)
            named = [
                float(size.strip().removesuffix("mm")) for size in line["type_name"].split("x")
            ]
            if line["type_name"] != "1180 x 1170mm":
                assert [line["width_mm"], line["height_mm"]] == pytest.approx(named)


def test_areas_and_volumes_of_rooms(engine: Callable[[str], Engine]) -> None:
    lines = _lines(engine(_DUPLEX), "schedule_spaces", "storey,space")
    truth = _truth(_DUPLEX, "IfcSpace")
    for ours, theirs in (("net_floor_area_m2", "a_net_area"), ("net_volume_m3", "a_net_volume")):
        rooms = _sums(truth, theirs, "storey", "name", "long_name")
        assert _sums(lines, ours, "storey_name", "number", "name") == pytest.approx(rooms)


def test_figures_that_others_have_published(engine: Callable[[str], Engine]) -> None:
    """Areas of rooms: COBie workbook of 2012; area of windows, inner doors: IFC-Bench v1."""
    rooms = _lines(engine(_DUPLEX), "schedule_spaces", "")
    windows = _lines(engine(_DUPLEX), "schedule_windows", "")
    doors = _lines(engine(_DUPLEX), "schedule_doors", "")
    assert round(sum(line["net_floor_area_m2"] for line in rooms), 3) == Decimal("422.047")
    assert round(sum(line["area_m2"] for line in windows), 2) == Decimal("65.94")
    assert sum(line["elements"] for line in doors if line["is_external"] is False) == 10


def test_structure_of_both_models(engine: Callable[[str], Engine]) -> None:
    classes = ("IfcBeam", "IfcColumn", "IfcFooting", "IfcMember", "IfcPile", "IfcSlab")
    for model in (_DUPLEX, _FRAME):
        lines = _lines(engine(model), "schedule_structure", "storey")
        truth = _truth(model, *classes)
        for row in truth:
            row["ifc_class"] = row["ifc_class"].removeprefix("Ifc")
            if row["ifc_class"] == "Slab":
                row["a_length"] = ""
        for ours, theirs in (
            ("elements", "count"),
            ("length_m", "a_length"),
            ("volume_m3", "a_net_volume"),
        ):
            found = _sums(lines, ours, "ifc_class")
            assert found == pytest.approx(_sums(truth, theirs, "ifc_class"))
            assert found


def test_beams_of_a_roof_are_parts_of_it(engine: Callable[[str], Engine]) -> None:
    lines = _lines(engine(_FRAME), "schedule_structure", "type")
    told = {line["ifc_class"]: (line["part_of"], line["state"], line["elements"]) for line in lines}
    assert told == {"Beam": ("Roof", "part", 6), "Footing": (None, "counted", 1)}


def test_services_by_class_and_storey(engine: Callable[[str], Engine]) -> None:
    lines = _lines(engine(_ELECTRICAL), "schedule_mep", "storey,type")
    truth = _truth(_ELECTRICAL, *_classes(_ELECTRICAL))
    for row in truth:
        row["ifc_class"] = row["ifc_class"].removeprefix("Ifc")
    keys = ("ifc_class", "storey")
    assert _sums(lines, "elements", "ifc_class", "storey_name") == _sums(truth, "count", *keys)
    assert sum(line["elements"] for line in lines) == 99


def _classes(model: str) -> set[str]:
    with (_DATA / "truth" / f"{model}.elements.csv").open(encoding="utf-8", newline="") as file:
        return {row["ifc_class"] for row in csv.DictReader(file)} - {
            "IfcBuildingElementProxy",
            "IfcSpace",
        }


def test_layers_add_up_to_the_volumes_of_their_walls(engine: Callable[[str], Engine]) -> None:
    query = catalog.find("schedule_material_layers", [QUERIES])
    lines = run(engine(_DUPLEX), query, {}).table.to_pylist()
    for ifc_class in ("Wall", "Slab", "Covering", "Roof"):
        truth = _truth(_DUPLEX, f"Ifc{ifc_class}", f"Ifc{ifc_class}StandardCase")
        own = [line for line in lines if line["ifc_class"] == ifc_class]
        expected = _sums(truth, "a_net_volume")
        assert _sums(own, "net_volume_m3") == pytest.approx(expected)
        assert {line["split"] for line in own} <= {"layers", "whole"}
        assert all(line["thickness_mm"] is not None for line in own)
