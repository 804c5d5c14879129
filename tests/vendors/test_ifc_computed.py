"""Figures from geometry beside the authored ones, also where records of the file are broken."""

from __future__ import annotations

import math
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from ifc_rows import decoded

MODEL = "PCERT_Building-Structural.ifc"

Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def text(shared: Path) -> str:
    return (shared / "ifc" / MODEL).read_text("utf-8")


@pytest.fixture(scope="module")
def whole(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Rows:
    return decoded(shared / "ifc" / MODEL, tmp_path_factory.mktemp("work"), geometry=True)


def _computed(rows: Rows) -> Counter[tuple[str, str, float]]:
    return Counter(
        (row["element_id"], row["quantity"], row["value"])
        for row in rows["quantities"]
        if row["basis"] == "computed"
    )


def _codes(rows: Rows) -> Counter[str]:
    return Counter(row["code"] for row in rows["warnings"])


def _read(text: str, folder: Path) -> Rows:
    path = folder / "changed.ifc"
    path.write_text(text, "utf-8")
    rows = decoded(path, folder, geometry=True)
    assert [item.name for item in folder.iterdir()] == ["changed.ifc"]
    return rows


def test_computed_figures_are_numbered_after_the_authored_ones(whole: Rows) -> None:
    assert sum(_computed(whole).values()) > 50
    places = Counter((row["element_no"], row["ordinal"]) for row in whole["quantities"])
    assert max(places.values()) == 1
    for row in whole["quantities"]:
        if row["basis"] == "computed":
            assert (row["origin"], row["source_set"]) == ("geometry", None)
            assert row["source_value"] is not None
            assert row["value_exact"] is not None
            steps = {e["element_no"]: e["source_id"] for e in whole["elements"]}
            assert f"#{row['source_row']}" == steps[row["element_no"]]


def test_every_element_with_computed_figures_has_a_box(
    whole: Rows, shared: Path, tmp_path: Path
) -> None:
    boxes = {row["element_id"]: row for row in whole["boxes"]}
    assert boxes.keys() == {element_id for element_id, _, _ in _computed(whole)}
    lengths = {
        element_id: value
        for element_id, quantity, value in _computed(whole)
        if quantity == "Length"
    }
    assert lengths
    for element_id, length in lengths.items():
        row = boxes[element_id]
        diagonal = math.dist(
            *([row[f"{end}_{axis}_m"] for axis in "xyz"] for end in ("min", "max"))
        )
        assert diagonal > length - 1e-6
    assert decoded(shared / "ifc" / MODEL, tmp_path)["boxes"] == []


@pytest.mark.parametrize("garbage", ["stray words\n", "#999999=IFCPROPERTYSINGLEVALUE('x',$;\n"])
def test_garbage_costs_no_computed_figure(
    text: str, whole: Rows, tmp_path: Path, garbage: str
) -> None:
    place = text.index("#", text.index("IFCWALL("))
    start = text.rindex("\n", 0, place) + 1
    rows = _read(text[:start] + garbage + text[start:], tmp_path)
    assert _computed(rows) == _computed(whole)
    assert _codes(rows) - _codes(whole) == Counter(record_broken=1)


def test_a_point_that_is_no_point_costs_its_own_body_alone(
    text: str, whole: Rows, tmp_path: Path
) -> None:
    points = list(re.finditer(r"IFCCARTESIANPOINT\(\(([-\d.E]+),", text))
    point = points[-1]
    rows = _read(text[: point.start(1)] + "1.#IND" + text[point.end(1) :], tmp_path)
    assert _codes(rows)["record_broken"] == 1
    lost = {key[0] for key in _computed(whole) - _computed(rows)}
    assert len(lost) <= 2
    assert sum(_computed(rows).values()) > 0
    authored = [row for row in rows["quantities"] if row["basis"] == "authored"]
    assert authored == [row for row in whole["quantities"] if row["basis"] == "authored"]
