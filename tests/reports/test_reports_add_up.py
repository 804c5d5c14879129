"""Conservation and exact sums: nothing is lost, whatever the lake holds and however it is read."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal, localcontext
from pathlib import Path

import pytest
from conservation import GROUPINGS, check_every_report
from generated_lakes import LAKES, Told, commit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_lakes import QUERIES, Model, open_lake

from takeoff.notebook import Lake
from takeoff.reports import catalog
from takeoff.reports.run import run

RULES = st.sampled_from(["none", "vobc", "nrm2"])
UNHURRIED = {
    "deadline": None,
    "derandomize": True,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large],
}


def _check(told: Told, rules: str, groupings: Sequence[str] = GROUPINGS) -> None:
    with tempfile.TemporaryDirectory() as folder:
        commit(Path(folder) / "lake", told)
        elements = sum(len(model) for _, model in told)
        check_every_report(Path(folder) / "lake", elements, rules, groupings)


@settings(max_examples=2, **UNHURRIED)
@given(LAKES, RULES, st.sampled_from(GROUPINGS))
def test_nothing_is_lost_in_some_lakes(told: Told, rules: str, grouping: str) -> None:
    _check(told, rules, [grouping])


@pytest.mark.slow
@settings(max_examples=40, **UNHURRIED)
@given(LAKES, RULES)
def test_nothing_is_lost_in_any_lake(told: Told, rules: str) -> None:
    _check(told, rules)


@pytest.mark.slow
def test_nothing_is_lost_in_the_sample(tmp_path: Path) -> None:
    models = sorted((QUERIES.parent / "data" / "sample").glob("*.ifc"))
    _check_models(tmp_path / "lake", models)


@pytest.mark.slow
@pytest.mark.parametrize("pattern", ["PCERT*", "BIMWhale*", "Duplex*", "Schependomlaan*"])
def test_nothing_is_lost_in_public_models(pattern: str, shared: Path, tmp_path: Path) -> None:
    _check_models(tmp_path / "lake", sorted((shared / "ifc").glob(f"{pattern}.ifc")))


def _check_models(folder: Path, models: Sequence[Path]) -> None:
    lake = Lake(folder)
    lake.fetch(*models, geometry=False)
    (row,) = lake.sql("select count(*) as elements from elements").arrow().to_pylist()
    check_every_report(folder, row["elements"])


def _figures(count: int) -> list[str]:
    draw = random.Random(7)
    values = ["1000000000000000", "0.001", "-999999999999999.999", "0.1", "3e-12"]
    return [draw.choice(values) for _ in range(count)]


def test_sums_are_the_same_for_every_thread_count_and_order(tmp_path: Path) -> None:
    values = _figures(3000)
    with localcontext(prec=60):
        exact = sum(map(Decimal, values), Decimal(0))
    answers = set()
    for order in ("told", "shuffled"):
        numbers = list(range(len(values)))
        if order == "shuffled":
            random.Random(1).shuffle(numbers)
        model = Model("m")
        for place, number in enumerate(numbers):
            model.add(f"e{number}", storey_name=f"L{number % 3}")
            last = {"element_id": f"e{number}", "element_no": place}
            model._last = lambda last=last: last
            model._ordinal = lambda table: 0
            model.figure("NetVolume", values[number])
        model.commit(tmp_path / order)
        for threads in (1, 2, 4):
            with open_lake(tmp_path / order, threads=threads) as engine:
                query = catalog.find("takeoff", [QUERIES])
                table = run(engine, query, {"by": "storey"}).table
                total = run(engine, query, {"by": [], "quantity": "NetVolume"}).table.to_pylist()
            assert total[1]["value"] == exact
            answers.add(str(table.to_pydict()))
    assert len(answers) == 1


def test_units_of_two_kinds_are_never_added_up(tmp_path: Path) -> None:
    model = Model("m").add("a").figure("Length", 2).add("b").figure("Length", 3, unit="s")
    model.commit(tmp_path / "lake")
    with open_lake(tmp_path / "lake") as engine:
        lines = run(engine, catalog.find("takeoff", [QUERIES]), {}).table.to_pylist()
    assert [line["value"] for line in lines if line["quantity"] == "Length"] == [None]


@pytest.mark.parametrize("pieces", [2, 3, 7])
def test_layers_share_a_volume_by_thickness_and_add_up_exactly(tmp_path: Path, pieces: int) -> None:
    model = Model("m").add("w").figure("NetVolume", "10")
    for number in range(pieces):
        model.material(f"M{number}", "layer", thickness_m=0.1 * (number + 1))
    model.commit(tmp_path / "lake")
    with open_lake(tmp_path / "lake") as engine:
        query = catalog.find("by_material", [QUERIES])
        lines = run(engine, query, {"quantity": "NetVolume"}).table.to_pylist()
    whole = sum(range(1, pieces + 1))
    for number, line in enumerate(lines):
        expected = 10 * (number + 1) / whole
        assert abs(float(line["value"]) - expected) < 1e-8
    assert sum(line["value"] for line in lines) == 10
    assert {line["split"] for line in lines} == {"layers"}


def test_how_materials_are_split(tmp_path: Path) -> None:
    model = Model("m")
    model.add("one").figure("NetVolume", 1).material("Brick")
    model.add("same twice").figure("NetVolume", 2)
    model.material("Brick", "layer", thickness_m=0.1).material("Brick", "layer", thickness_m=0.3)
    model.add("shares").figure("NetVolume", 4)
    model.material("Brick", "constituent", share=0.25).material("Wool", "constituent", share=0.75)
    model.add("shares that do not add up").figure("NetVolume", 8)
    model.material("Brick", "constituent", share=0.2).material("Wool", "constituent", share=0.2)
    model.add("list").figure("NetVolume", 16).material("Wool", "list").material("Brick", "list")
    model.add("unknown thickness").figure("NetVolume", 32)
    model.material("Brick", "layer", thickness_m=0.1).material("Wool", "layer")
    model.add("no material").figure("NetVolume", 64)
    model.add("no volume").material("Steel")
    model.commit(tmp_path / "lake")
    with open_lake(tmp_path / "lake") as engine:
        query = catalog.find("by_material", [QUERIES])
        lines = run(engine, query, {"quantity": "NetVolume"}).table.to_pylist()
    found = {(line["material"], line["split"]): (line["value"], line["elements"]) for line in lines}
    assert found == {
        ("Brick", "whole"): (3, 2),
        ("Brick", "constituents"): (1, 1),
        ("Wool", "constituents"): (3, 1),
        ("Brick; Wool", "not split"): (56, 3),
        (None, "no material"): (64, 1),
        ("Steel", "whole"): (None, 1),
    }


def test_an_element_with_two_codes_of_a_system_is_one_line(tmp_path: Path) -> None:
    model = Model("m").add("a").code("NL", "22").code("NL", "21").code("U", "B20")
    model.add("b").code("NL", "21").add("c").commit(tmp_path / "lake")
    with open_lake(tmp_path / "lake") as engine:
        lines = run(engine, catalog.find("by_code", [QUERIES]), {}).table.to_pylist()
    counts = Counter({(line["code_system"], line["code"]): line["elements"] for line in lines})
    assert counts == {
        ("NL", "21; 22"): 1,
        ("NL", "21"): 1,
        ("NL", None): 1,
        ("U", "B20"): 1,
        ("U", None): 2,
    }
