"""Openings under a rule: each is tested by itself, and one that is not known is not none."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rule_files import bill, lines
from small_lakes import Model


def _void(model: Model, host: str, opening: str) -> None:
    numbers = {row["element_id"]: row["element_no"] for row in model.rows["elements"]}
    model.rows.setdefault("relations", []).append(
        {
            "from_element_id": opening,
            "from_element_no": numbers[opening],
            "to_element_id": host,
            "to_element_no": numbers[host],
            "kind": "voids",
            "evidence_no": 0,
            "source_row": len(model.rows.get("relations", [])),
        }
    )


def _wall(*openings: dict[str, Any], **figures: Any) -> Model:
    """A wall of 30 m2, less what is said, with openings of these figures."""
    told = {"GrossSideArea": 30, **figures}
    model = Model("m").add("wall").material("Brick")
    for quantity, value in told.items():
        if value is not None:
            model.figure(quantity, value)
    for number, known in enumerate(openings):
        model.add(f"o{number}", "opening", ifc_class="OpeningElement", parent_id="wall")
        for quantity, value in known.items():
            model.figure(quantity, value)
        _void(model, "wall", f"o{number}")
    return model


def _measured(model: Model, tmp_path: Path, rules_set: str) -> tuple[Decimal | None, str | None]:
    model.commit(tmp_path / "lake")
    (line,) = lines(bill(tmp_path / "lake", rules_set))
    assert line["elements"] == 1
    return line["value"], line["formula"]


@pytest.mark.parametrize(
    ("rules_set", "value"), [("vobc", "27.49"), ("nrm2", "23.49"), ("none", "22.99")]
)
def test_each_set_deducts_its_own(rules_set: str, value: str, tmp_path: Path) -> None:
    """Two of 2 m2 are more than 2.5 m2 together, and are not deducted under VOB/C."""
    areas = ("2.51", "2", "2", "0.5")
    model = _wall(*({"Area": area} for area in areas), NetSideArea="22.99")
    assert _measured(model, tmp_path, rules_set)[0] == Decimal(value)


@pytest.mark.parametrize(("area", "value"), [("2.5", "30"), ("2.500001", "27.499999")])
def test_the_limit_itself_is_not_above_it(area: str, value: str, tmp_path: Path) -> None:
    assert _measured(_wall({"Area": area}), tmp_path, "vobc")[0] == Decimal(value)


def test_net_gets_back_what_the_rule_does_not_deduct(tmp_path: Path) -> None:
    model = _wall({"Area": "3"}, {"Area": "1"}, GrossSideArea=None, NetSideArea=26)
    assert _measured(model, tmp_path, "vobc") == (27, "NetSideArea + SmallOpeningArea")


def test_width_times_height_where_there_is_no_area(tmp_path: Path) -> None:
    assert _measured(_wall({"Width": 2, "Height": "1.5"}), tmp_path, "vobc")[0] == 27


@pytest.mark.parametrize(
    "model",
    [
        _wall({"Depth": "0.3"}),
        _wall({"Area": 3}, {"Depth": "0.3"}),
        _wall(NetSideArea=25),
        _wall(),
        _wall(GrossSideArea=None, NetSideArea=25),
    ],
    ids=["unknown", "one unknown", "cut without element", "none in the model", "net alone"],
)
def test_openings_that_are_not_known_leave_the_wall_without_value(
    model: Model, tmp_path: Path
) -> None:
    assert _measured(model, tmp_path, "vobc") == (None, None)


def test_gross_and_net_alike_have_no_openings(tmp_path: Path) -> None:
    assert _measured(_wall(NetSideArea=30), tmp_path, "vobc")[0] == 30


def test_concrete_by_volume_above_half_a_cubic_metre(tmp_path: Path) -> None:
    model = Model("m").add("slab", ifc_class="Slab").figure("GrossVolume", 20)
    for number, volume in enumerate(("0.5", "0.51", "0.4", "0.4")):
        model.add(f"o{number}", "opening", ifc_class="OpeningElement", parent_id="slab")
        model.figure("Volume", volume)
        _void(model, "slab", f"o{number}")
    assert _measured(model, tmp_path, "vobc")[0] == Decimal("19.49")
