"""Carbon: no factor, no number; masses shown; modules apart; every line names its source."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rule_files import write
from small_lakes import Model

from takeoff.config import Settings, shipped
from takeoff.core.errors import InputRefused
from takeoff.core.results import Result
from takeoff.jobs.carbon import REPORTS, carbon
from takeoff.jobs.report import Question

NAMES = (
    *("key_kind", "key", "module", "kg_co2e", "declared_unit", "density_kg_m3"),
    *("source", "version"),
)
OURS = ("made up", "1")


def _carbon(folder: Path, *rows: tuple[str, ...], of: str = "material") -> Result:
    file = write(folder / "factors.csv", NAMES, [(*row, *OURS) for row in rows])
    question = Question(REPORTS[of], params={"factors": str(file)})
    return carbon(Settings(lake=folder / "lake"), question)


def _lines(result: Result) -> dict[tuple[Any, ...], dict[str, Any]]:
    return {(x["module"], x.get("material", x.get("item"))): x for x in result.table.to_pylist()}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    model = Model("m").add("w").figure("NetVolume", 2).material("Brick")
    model.add("c").figure("NetVolume", 3).material("Concrete").add("n").figure("NetVolume", 5)
    model.add("u").material("Brick").add("s").figure("NetVolume", 1).material("Sheet")
    model.code("UNIFORMAT II", "B2010").figure("NetSideArea", 4).commit(tmp_path / "lake")
    return tmp_path


def test_volumes_become_masses_that_are_shown(house: Path) -> None:
    found = _carbon(
        house,
        ("material", "Brick", "A1-A3", "200", "t", "1800"),
        ("material", "Brick", "D", "-0.5", "kg", "1800"),
        ("material", "concrete", "A1-A3", "250.5", "m3", ""),
        ("material", "Sheet", "A1-A3", "9", "m2", ""),
    )
    lines = _lines(found)
    brick = lines["A1-A3", "Brick"]
    assert (brick["volume_m3"], brick["mass_kg"], brick["kg_co2e"]) == (2, 3600, 720)
    assert (brick["elements"], brick["counted"], brick["missing"]) == (2, 1, 1)
    assert (brick["source"], brick["version"]) == OURS
    assert lines["D", "Brick"]["kg_co2e"] == -1800
    assert lines["A1-A3", "Concrete"]["kg_co2e"] == Decimal("751.5")
    assert lines["A1-A3", "Concrete"]["mass_kg"] is None
    assert (lines["A1-A3", "Sheet"]["state"], lines["A1-A3", "Sheet"]["kg_co2e"]) == (
        "refused",
        None,
    )
    assert lines["A1-A3", None]["state"] == lines["D", "Concrete"]["state"] == "no factor"
    notes = " ".join(found.provenance.notes)
    assert "A1-A3: 1471.5 kg CO2e, of what has a factor and a quantity only." in notes
    assert "D: -1800 kg CO2e" in notes
    assert "never netted" in notes
    assert "-328.5" not in notes


def test_the_lines_of_each_module_hold_every_element(house: Path) -> None:
    found = _carbon(
        house,
        ("material", "Brick", "A1-A3", "1", "m3", ""),
        ("material", "Brick", "C3", "1", "m3", ""),
    )
    for module in ("A1-A3", "C3"):
        rows = [row for row in found.table.to_pylist() if row["module"] == module]
        assert sum(row["counted"] + row["missing"] + row["doubtful"] for row in rows) == 5


def test_items_are_rated_by_what_their_rule_measures(house: Path) -> None:
    found = _carbon(house, ("item", "B2010", "A1-A3", "80", "m2", ""), of="item")
    lines = _lines(found)
    assert (lines["A1-A3", "B2010"]["value"], lines["A1-A3", "B2010"]["kg_co2e"]) == (4, 320)
    assert found.provenance.basis.startswith("model quantities, no measurement rule")
    assert sum(row["elements"] for row in found.table.to_pylist()) == 5


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("material", "Brick", "A1-A3", "1", "m3", "", "", "1"), "needs its source"),
        (("material", "Brick", "A1-A3", "1", "m3", "", "x", ""), "needs its version"),
        (("material", "Brick", "A9", "1", "m3", "", "x", "1"), "module one of"),
        (("material", "Brick", "A1-A3", "1", "ton", "", "x", "1"), "'ton' is refused"),
        (("material", "Brick", "A1-A3", "low", "m3", "", "x", "1"), "no number"),
        (("material", "Brick", "A1-A3", "1", "kg", "0", "x", "1"), "above 0"),
    ],
)
def test_a_wrong_factor_is_refused_with_its_line(
    row: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    Model("m").add("a").commit(tmp_path / "lake")
    file = write(tmp_path / "factors.csv", NAMES, [row])
    with pytest.raises(InputRefused, match=words):
        carbon(Settings(lake=tmp_path / "lake"), Question("carbon", params={"factors": str(file)}))


def test_a_group_of_modules_never_stands_beside_its_parts(house: Path) -> None:
    with pytest.raises(InputRefused, match="twice"):
        _carbon(
            house,
            ("material", "Brick", "A1-A3", "1", "m3", ""),
            ("material", "Brick", "A2", "1", "m3", ""),
        )


def test_without_factors_there_is_no_number(house: Path) -> None:
    with pytest.raises(InputRefused, match="name yours with --factors"):
        carbon(Settings(lake=house / "lake"), Question("carbon"))


def test_the_shipped_factors_say_that_they_are_a_demonstration(house: Path) -> None:
    file = shipped("data/rules") / "carbon_demo.csv"
    found = carbon(Settings(lake=house / "lake"), Question("carbon", params={"factors": str(file)}))
    sources = {row["source"] for row in found.table.to_pylist() if row["source"]}
    assert sources == {"DEMONSTRATION - invented round figures; not for use"}
