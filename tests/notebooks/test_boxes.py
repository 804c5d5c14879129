"""The view of a model: a box for each body, in the colour of what it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_lakes import Model

import takeoff
from takeoff.core.errors import InputRefused
from takeoff.notebook import boxes
from takeoff.notebook.boxes import Boxes, draw

HOSTILE = "$x$\x1b"
ROWS = {
    "ifc_class": ["Wall", "Wall", "Slab", None],
    "storey_name": [HOSTILE, HOSTILE, "_hidden", "L1"],
    **{f"min_{axis}_m": [0.0, 1.0, 2.0, 3.0] for axis in "xyz"},
    **{f"max_{axis}_m": [1.0, 3.0, 5.0, 3.5] for axis in "xyz"},
}


def test_each_box_has_six_sides_in_the_colour_of_its_name() -> None:
    read = Boxes.read(ROWS, "class")
    sides, figure = read.sides(), draw(read, "class")
    [axes] = figure.axes
    [drawn] = axes.collections
    assert sides.shape == (24, 4, 3)
    for number in range(4):
        low, high = ROWS["min_x_m"][number], ROWS["max_x_m"][number]
        corners, times = np.unique(
            sides[6 * number : 6 * number + 6].reshape(-1, 3), axis=0, return_counts=True
        )
        assert times.tolist() == [3] * 8
        assert sorted({*corners.ravel().tolist()}) == [low, high]
    told, times = np.unique(drawn.get_facecolor(), axis=0, return_counts=True)
    assert len(told) == 3
    assert sorted(times) == [6, 6, 12]
    [legend] = figure.legends
    assert [text.get_text() for text in legend.texts] == ["Wall (2)", "Slab (1)", "not stated (1)"]
    assert figure.get_suptitle() == ""


def test_names_are_shown_and_not_obeyed() -> None:
    [legend] = draw(Boxes.read(ROWS, "storey"), "storey").legends
    shown = [text.get_text() for text in legend.texts]
    assert shown[0] == r"\$x\$" + "\N{SYMBOL FOR ESCAPE} (2)"
    assert shown[1].endswith("_hidden (1)")


def test_the_smallest_are_left_out_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boxes, "MOST_BOXES", 2)
    figure = draw(Boxes.read(ROWS, "class"), "class")
    assert figure.get_suptitle() == "The 2 largest of 4 boxes"
    assert [text.get_text() for text in figure.legends[0].texts] == ["Wall (1)", "Slab (1)"]


def test_a_model_without_bodies_and_a_colour_that_there_is_not_are_refused(tmp_path: Path) -> None:
    Model("house").add("0" * 22, ifc_class="Wall").commit(tmp_path / "lake")
    lake = takeoff.open(tmp_path / "lake")
    with pytest.raises(InputRefused, match="No element has a box"):
        lake.view()
    with pytest.raises(InputRefused, match="class, type, storey, building, model, not 'name'"):
        lake.view("name")
