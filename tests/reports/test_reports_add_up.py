"""Conservation and exact sums: nothing is lost, whatever the lake holds and however it is read."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from decimal import Decimal, localcontext
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_lakes import QUERIES, Model, open_lake, rows

from takeoff.reports import catalog
from takeoff.reports.run import run

ROLES = ["physical", "physical", "physical", "part", "opening", "space", "type", "annotation"]
FIGURE = st.tuples(
    st.sampled_from(["NetVolume", "NetArea", "Length"]),
    st.sampled_from([None, "0", "1.25", "1000000000000000", "0.001", "-2.5"]),
    st.sampled_from(["authored", "authored", "computed", "vendor_calculated"]),
)
ELEMENT = st.fixed_dictionaries(
    {
        "guid": st.sampled_from(["g1", "g2", "g3", "G3", "g4", "g5", "g6", None]),
        "role": st.sampled_from(ROLES),
        "ifc_class": st.sampled_from(["Wall", "Slab", None]),
        "storey_name": st.sampled_from(["L1", "L2", None]),
        "building_id": st.sampled_from(["b1", "b2", None]),
        "figures": st.lists(FIGURE, max_size=4),
        "materials": st.lists(
            st.tuples(
                st.sampled_from(["Brick", "Wool", None]),
                st.sampled_from(["layer", "layer", "list", "constituent"]),
                st.sampled_from([None, 0.0, 0.1, 0.24]),
            ),
            max_size=3,
        ),
        "codes": st.lists(
            st.tuples(st.sampled_from(["U", "N", None]), st.sampled_from(["1", "2", None])),
            max_size=3,
        ),
    }
)
LAKE = st.lists(
    st.tuples(st.sampled_from(["p", "q"]), st.lists(ELEMENT, max_size=7)), min_size=1, max_size=3
)


def _commit(lake: Path, told: list[tuple[str, list[dict]]]) -> None:
    for number, (project, elements) in enumerate(told):
        model = Model(f"m{number}", project_id=project)
        for place, one in enumerate(elements):
            model.add(
                f"e{place}",
                one["role"],
                ifc_guid=one["guid"],
                ifc_class=one["ifc_class"],
                storey_name=one["storey_name"],
                building_id=one["building_id"],
                parent_id="e0" if one["role"] == "part" else None,
            )
            for quantity, value, basis in one["figures"]:
                model.figure(quantity, value, basis)
            for material, role, thickness in one["materials"]:
                model.material(material, role, thickness_m=thickness, share=thickness)
            for system, code in one["codes"]:
                model.code(system, code)
        model.commit(lake)


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(LAKE)
def test_nothing_is_lost_in_any_lake(told: list[tuple[str, list[dict]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _commit(Path(folder) / "lake", told)
        with open_lake(Path(folder) / "lake") as engine:
            elements = sum(len(model) for _, model in told)
            (figures,) = rows(
                engine,
                "select count(*), count(distinct (snapshot_id, element_no, quantity))"
                " from element_quantities",
            )
            assert figures[0] == figures[1]
            exact = dict(
                rows(
                    engine,
                    "select quantity, sum(element_quantities.value_exact) from element_quantities"
                    " join counted_elements on counted_elements.snapshot_id ="
                    " element_quantities.snapshot_id and counted_elements.element_no ="
                    " element_quantities.element_no where counted group by quantity",
                )
            )
            answers = {
                query.name: run(engine, query, {}).table.to_pylist()
                for query in catalog.all_reports([QUERIES])
            }
            every = run(
                engine,
                catalog.find("takeoff", [QUERIES]),
                {"by": "discipline,building,storey,class,material,code", "quantity": "NetArea"},
            ).table.to_pylist()
    not_counted = sum(line["elements"] for line in answers["not_counted"])
    assert sum(line["elements"] for line in answers["models"]) == elements
    assert sum(line["not_counted"] for line in answers["models"]) == not_counted
    for name in ("takeoff", "by_class", "by_storey"):
        _check_partition(answers[name], elements - not_counted, exact)
    systems = {line["code_system"] for line in answers["by_code"]}
    for system in systems:
        lines = [line for line in answers["by_code"] if line["code_system"] == system]
        _check_partition(lines, elements - not_counted, exact)
    assert systems or elements == not_counted
    areas = [line for line in every if line["quantity"] == "NetArea"]
    assert sum(line["elements"] for line in areas) == elements - not_counted
    assert _total(areas, "NetArea") == exact.get("NetArea")
    assert _total(answers["by_material"], "NetVolume") == exact.get("NetVolume")


def _check_partition(lines: list[dict], elements: int, exact: dict[str, Decimal]) -> None:
    counts = [line for line in lines if line["quantity"] == "Count"]
    assert sum(line["value"] for line in counts) == elements
    for line in lines:
        assert line["counted"] + line["missing"] + line["doubtful"] == line["elements"]
        assert min(line["counted"], line["missing"], line["doubtful"]) >= 0
        assert (line["value"] is None) == (line["counted"] == 0)
    for quantity, value in exact.items():
        assert _total(lines, quantity) == value


def _total(lines: list[dict], quantity: str) -> Decimal | None:
    values = [line["value"] for line in lines if line["quantity"] == quantity]
    known = [value for value in values if value is not None]
    with localcontext(prec=60):
        return sum(known, Decimal(0)) if known else None


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
