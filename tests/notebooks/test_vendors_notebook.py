"""One building, four vendors: each figure, from the truth of the revision that a source serves."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from notebook_runs import check_told, kept, plots, run, shown, told, truth

from takeoff.cli import main

FRAMES = ("sources", "per_source", "differing", "pairs", "lacking")
_MODEL = "Lindenhof_architecture"
_OTHERS = ("qonic", "bimplus", "itwin", "autodesk")
_BASES = ("derived", "computed", "authored")  # the last one known is picked
# Services send doubles.
_CLOSE = 1e-7

Volumes = dict[str, Decimal]


def test_one_building_four_vendors(tmp_path: Path) -> None:
    lake = str(tmp_path / "lake")
    done = run("one_building_four_vendors", keep=FRAMES, lake_folder=lake)
    check_told(done)
    assert (len(shown(done)), plots(done)) == (5, 1)
    found = kept(done)
    first, later = _volumes(""), _volumes("R2/")
    _check_sources(found["sources"], lake, tmp_path / "snapshots.csv")
    _check_per_source(found["per_source"], first, later)
    _check_pairs(found["pairs"], first, later)
    _check_differing(found["differing"], first, later)
    _check_lacking(found["lacking"])
    assert sum(line["differing"] for line in found["differing"]) == 2
    assert "two walls have another volume at Autodesk" in told(done)


def _elements(folder: str) -> dict[str, dict[str, str]]:
    """Elements of the architecture that stand for themselves or are parts, by GUID."""
    rows = truth(f"{folder}elements.csv")
    roles = ("physical", "part")
    return {x["guid"]: x for x in rows if x["model"] == _MODEL and x["role"] in roles}


def _volumes(folder: str) -> Volumes:
    rows = [x for x in truth(f"{folder}quantities.csv") if x["quantity"] == "NetVolume"]
    rows.sort(key=lambda x: _BASES.index(x["basis"]))
    guids = _elements(folder).keys()
    return {x["guid"]: Decimal(x["value"]) for x in rows if x["guid"] in guids}


def _check_sources(found: list[dict[str, Any]], lake: str, file: Path) -> None:
    """The file's elements are those of the truth; the services' are what the lake lists."""
    assert [line["vendor"] for line in found] == ["ifc", *_OTHERS]
    assert found[0]["elements"] == sum(x["model"] == _MODEL for x in truth("elements.csv"))
    assert main(["snapshots", "--lake", lake, "-o", str(file)]) == 0
    listed = file.read_text("utf-8")
    for line in found:
        assert f"{line['snapshot_id']},{line['vendor']}," in listed
        assert line["proof"] in ("stated_total", "protocol_end")


def _check_per_source(found: list[dict[str, Any]], first: Volumes, later: Volumes) -> None:
    """By class; at Qonic parts count, and wholes without figures of their own have none."""
    for vendor in ("ifc", *_OTHERS):
        folder, volumes = ("R2/", later) if vendor == "autodesk" else ("", first)
        sums: dict[str, Decimal] = defaultdict(Decimal)
        elements = _elements(folder)
        wholes = {x["whole"] for x in elements.values() if x["role"] == "part"}
        for guid, volume in volumes.items():
            element = elements[guid]
            counts = guid not in wholes if vendor == "qonic" else element["counted"] == "yes"
            if counts:
                sums[element["ifc_class"]] += volume
        shown_sums = {x["ifc_class"]: x[vendor] for x in found if x[vendor] is not None}
        assert shown_sums == {
            ifc_class: pytest.approx(float(value), rel=_CLOSE) for ifc_class, value in sums.items()
        }, vendor


def _check_pairs(found: list[dict[str, Any]], first: Volumes, later: Volumes) -> None:
    """Each point lies where the two revisions of the truth have it."""
    points: Counter[str] = Counter()
    for point in found:
        other = later if point["vendor"] == "autodesk" else first
        guid = point["ifc_guid"]
        assert point["ifc_m3"] == pytest.approx(float(first[guid]), rel=_CLOSE)
        assert point["other_m3"] == pytest.approx(float(other[guid]), rel=_CLOSE)
        points[point["vendor"]] += 1
    assert points["bimplus"] == points["itwin"] == len(first)
    assert points["autodesk"] == len(first.keys() & later)


def _check_differing(found: list[dict[str, Any]], first: Volumes, later: Volumes) -> None:
    old, new = _elements(""), _elements("R2/")
    for line in found:
        if line["other_vendor"] == "qonic":
            of_class = [x for x in old.values() if x["ifc_class"] == line["ifc_class"]]
            assert {x["role"] for x in of_class} == {"part"}
            assert (line["in_both"], line["only_in_b"]) == (0, len(of_class))
        else:
            sides = [
                {x for x, row in rows.items() if _is_counted(row, line["ifc_class"])}
                for rows in (old, new)
            ]
            both = sides[0] & sides[1]
            known = [x for x in both if x in first and x in later]
            assert line["other_vendor"] == "autodesk"
            assert line["in_both"] == len(both)
            assert line["only_in_a"] == len(sides[0] - sides[1])
            assert line["only_in_b"] == len(sides[1] - sides[0])
            assert line["compared"] == len(known)
            assert line["differing"] == sum(first[x] != later[x] for x in known)
            assert line["agreeing"] == sum(first[x] == later[x] for x in known)
            for name, volumes, side in zip("ab", (first, later), sides, strict=True):
                value = sum(volumes[x] for x in side & volumes.keys())
                assert line[f"{name}_value"] == pytest.approx(float(value), rel=_CLOSE)


def _is_counted(row: dict[str, str], ifc_class: str) -> bool:
    return (row["ifc_class"], row["counted"]) == (ifc_class, "yes")


def _check_lacking(found: list[dict[str, Any]]) -> None:
    words = {"removed": "only in a", "added": "only in b"}
    expected = [
        ("autodesk", words[row["change"]], row["name"])
        for row in truth("changes.csv")
        if row["change"] in words and row["ifc_class"] != "OpeningElement"
    ]
    assert sorted((x["other_vendor"], x["disagreement"], x["name"]) for x in found) == sorted(
        expected
    )
