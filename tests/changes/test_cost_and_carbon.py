"""Cost and carbon of what changed: old + added - removed + changed = new, to the last digit."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from small_lakes import Model

from takeoff.cli import main
from takeoff.config import Settings
from takeoff.core.errors import InputRefused
from takeoff.core.results import Result
from takeoff.jobs.boq import boq
from takeoff.jobs.carbon import carbon
from takeoff.jobs.changes import Comparison, changes
from takeoff.jobs.report import Question, explain_lines

_RULES = """rule,trade,ifc_class,item,unit,formula,waste_percent,decimals
walls,shell,Wall,W,m3,NetVolume,10,
slabs,shell,Slab,S,CY,NetVolume,,
doors,shell,Door,D,Nr,Count,,
plaster,finish,Wall,P,m2,NetSideArea,,
"""
_RATES = """item,rate,unit,currency
W,100.125,m3,EUR
S,3,m3,USD
D,80,Machine hours,EUR
"""
_FACTORS = """key_kind,key,module,kg_co2e,declared_unit,density_kg_m3,source,version
material,Brick,A1-A3,0.2,kg,1200,made up,1
material,Brick,D,-0.01,kg,1200,made up,1
material,Sheet,A1-A3,9,m2,,made up,1
item,W,A1-A3,200,m3,,made up,1
"""


def _house(old: bool) -> Model:
    model = Model("m").add("stays").figure("NetVolume", 2).material("Brick")
    model.add("grows").figure("NetVolume", 3 if old else "4.5").material("Brick")
    if old:
        model.add("goes").figure("NetVolume", 1).material("Wood")
    else:
        model.add("comes").figure("NetVolume", "0.25").material("Brick")
        model.add("no volume").material("Brick")
    model.add("slab", ifc_class="Slab").figure("NetVolume", 10 if old else 11).material("Sheet")
    return model.add("door", ifc_class="Door").add("odd", ifc_class="Stair")


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    for old in (True, False):
        _house(old).commit(tmp_path / "lake")
    for name, text in (("rules", _RULES), ("rates", _RATES), ("factors", _FACTORS)):
        (tmp_path / f"{name}.csv").write_text(text)
    return tmp_path / "lake"


def _files(lake: Path, *names: str) -> dict[str, str]:
    return {name: str(lake.parent / f"{name}.csv") for name in names}


def _changes(lake: Path, by: str = "", quantities: str = "NetVolume", **params: str) -> Result:
    asked = Comparison(by.split(",") if by else ["change"], quantities.split(","), params)
    return changes(Settings(lake=lake), "ifc:m@1", "ifc:m@2", asked)


def _lines(result: Result, quantity: str) -> dict[Any, dict[str, Any]]:
    rows = result.table.to_pylist()
    return {row.get("change"): row for row in rows if row["quantity"] == quantity}


_VALUES = ("old_value", "added_value", "removed_value", "changed_value", "new_value")


def _check(result: Result) -> None:
    for line in result.table.to_pylist():
        old, added, removed, changed, new = (line[name] or Decimal(0) for name in _VALUES)
        assert old + added - removed + changed == new
        for side in ("old", "new"):
            assert 0 <= line[f"{side}_without_value"] <= line[f"{side}_elements"]


def test_the_cost_of_each_kind_of_change(lake: Path) -> None:
    result = _changes(lake, **_files(lake, "rules", "rates"))
    _check(result)
    euros = _lines(result, "Cost EUR")
    wall = Decimal("110.1375")
    assert euros["added"]["new_value"] == wall * Decimal("0.25")
    assert (euros["added"]["new_elements"], euros["added"]["new_without_value"]) == (2, 1)
    assert euros["removed"]["removed_value"] == wall
    assert euros["changed"]["delta"] == wall * Decimal("1.5")
    assert euros["same"]["old_value"] == euros["same"]["new_value"] == wall * 2
    assert _lines(result, "Cost USD")["changed"]["unit"] == "USD"


def test_what_has_no_rate_is_said_and_in_no_sum(lake: Path) -> None:
    """A rate of another unit, no rate, no rule, no figure."""
    notes = " ".join(_changes(lake, **_files(lake, "rules", "rates")).provenance.notes)
    assert "Cost: 8 of 26 elements of both snapshots, each once a trade, are priced" in notes
    assert "refused for its unit (D, rate per Machine hours, bill in Nr)" in notes
    assert "1 for want of a quantity (W)" in notes
    assert "7 for want of a rate (P)" in notes
    assert "8 without a rule" in notes
    assert "Rates are from rates.csv" in notes
    assert "Items are measured by measurement rules of rules.csv" in notes


@pytest.mark.slow
def test_carbon_of_materials_and_of_items(lake: Path) -> None:
    result = _changes(lake, **_files(lake, "factors"))
    _check(result)
    produced = _lines(result, "Carbon A1-A3")
    assert produced["added"]["added_value"] == 60
    assert produced["changed"]["delta"] == 360
    assert produced["removed"]["removed_value"] is None
    assert produced["removed"]["old_without_value"] == 1
    assert _lines(result, "Carbon D")["same"]["new_value"] == -24
    notes = " ".join(result.provenance.notes)
    assert "refused for its unit (Sheet)" in notes
    assert "(Wood" in notes
    assert "never netted" in notes
    items = _changes(lake, **_files(lake, "factors", "rules"), of="item")
    assert _lines(items, "Carbon A1-A3")["changed"]["delta"] == 300


def test_without_rates_and_factors_nothing_changes(lake: Path) -> None:
    result = _changes(lake)
    assert {row["quantity"] for row in result.table.to_pylist()} == {"Count", "NetVolume"}
    assert set(result.provenance.params) == {"by", "quantity"}
    assert not any("Cost" in note for note in result.provenance.notes)


@pytest.mark.parametrize(("param", "value"), [("rules", "vobc"), ("region", "x"), ("of", "item")])
def test_what_says_nothing_without_rates_is_refused(lake: Path, param: str, value: str) -> None:
    with pytest.raises(InputRefused, match="give rates or factors, too"):
        _changes(lake, **{param: value})


@pytest.mark.slow
def test_what_is_asked_narrows_no_formula(lake: Path) -> None:
    """The rules read other quantities than those that are shown."""
    files = _files(lake, "rules", "rates")
    of_all = [
        sum(line["new_value"] or 0 for line in _lines(asked, "Cost EUR").values())
        for asked in (_changes(lake, quantities="Length", **files), _changes(lake, **files))
    ]
    assert of_all[0] == of_all[1] == Decimal("743.428125")


@pytest.mark.slow
def test_both_sides_are_those_of_a_bill_and_a_carbon_report(lake: Path) -> None:
    """Of one snapshot alone, but for what these round in their lines."""
    files = _files(lake, "rules", "rates")
    lines = _changes(lake, "class", **files, factors=_files(lake, "factors")["factors"])
    total = sum(
        row["new_value"] or 0 for row in lines.table.to_pylist() if row["quantity"] == "Cost EUR"
    )
    bill = boq(Settings(lake=lake), Question("boq", params=files)).table.to_pylist()
    amount = sum(row["amount"] or 0 for row in bill if row["currency"] == "EUR")
    assert abs(total - amount) < Decimal("0.01")
    rated = carbon(Settings(lake=lake), Question("carbon", params=_files(lake, "factors")))
    for module in ("A1-A3", "D"):
        ours = sum(
            row["new_value"] or 0
            for row in lines.table.to_pylist()
            if row["quantity"] == f"Carbon {module}"
        )
        theirs = [r["kg_co2e"] or 0 for r in rated.table.to_pylist() if r["module"] == module]
        assert abs(ours - sum(theirs)) < Decimal("0.000001")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_generated_revisions_reconcile_to_the_last_digit(lake: Path, seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(2):
        model = Model("drawn")
        for number in draw.sample(range(40), 30):
            model.add(f"e{number}", ifc_class=draw.choice(("Wall", "Slab", "Door", "Roof", None)))
            model.figure("NetVolume", draw.choice((None, "1e-9", "1e15", "0.333333333333", "-2")))
            model.material(draw.choice(("Brick", "Sheet", None)))
        model.commit(lake)
    asked = Comparison(["change", "class"], (), _files(lake, "rules", "rates", "factors"))
    _check(changes(Settings(lake=lake), "ifc:drawn@1", "ifc:drawn@2", asked))


def test_as_it_is_typed(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [text for name, file in _files(lake, "rates").items() for text in (f"--{name}", file)]
    rules = ["--rules-set", str(lake.parent / "rules.csv"), "--format", "json"]
    asked = ["changes", "ifc:m@1", "ifc:m@2", "--lake", str(lake), "--by", "change", *files, *rules]
    assert main(asked) == 0
    lines = json.loads(capsys.readouterr().out)
    assert [line["delta"] for line in lines if line["quantity"] == "Cost EUR"][1] == 165.20625


def _evidence(lake: Path, **params: str) -> list[dict[str, Any]]:
    question = Question(
        "changes", by=["change"], snapshots=["ifc:m@1", "ifc:m@2"], params=params, quantities=["X"]
    )
    explained = explain_lines(Settings(lake=lake), question, {})
    rows: list[dict[str, Any]] = explained.evidence.table.to_pylist()
    for line in explained.lines:
        sides = {side: _given(rows, line.number, side) for side in ("old", "new")}
        for side, given in sides.items():
            assert sum(given) == (line.columns[f"{side}_value"] or 0)
            elements, without = (line.columns[f"{side}_{n}"] for n in ("elements", "without_value"))
            assert len(given) == elements - without
    return rows


def _given(rows: list[dict[str, Any]], line_no: int, side: str) -> list[Decimal]:
    mine = [row for row in rows if (row["line_no"], row["side"]) == (line_no, side)]
    return [row["value"] for row in mine if row["value"] is not None]


def test_costs_are_explained_by_rule_rate_and_figure(lake: Path) -> None:
    rows = _evidence(lake, **_files(lake, "rules", "rates"))
    euros = [row for row in rows if row["quantity"] == "Cost EUR" and row["side"] == "new"]
    grown = [row for row in euros if row["element_id"] == "grows"]
    assert [(row["rule"], row["pricing"], row["rate"]) for row in grown] == [
        ("plaster", "unpriced", None),
        ("walls", "priced", Decimal("100.125")),
    ]
    assert grown[0]["value"] == Decimal("4.5") * Decimal("110.1375")
    assert (grown[1]["figure"], grown[1]["figure_value"]) == ("NetVolume", Decimal("4.5"))
    (door,) = (row for row in euros if row["element_id"] == "door" and row["rule"])
    assert (door["pricing"], door["rate_unit"], door["value"]) == ("refused", "Machine hours", None)


def test_carbon_is_explained_by_material_and_factor(lake: Path) -> None:
    rows = _evidence(lake, **_files(lake, "factors"))
    of_d = [row for row in rows if row["quantity"] == "Carbon D" and row["element_id"] == "stays"]
    assert [(row["side"], row["value"]) for row in of_d] == [("old", -24), ("new", -24)]
    assert {(row["material"], row["split"], row["module"]) for row in of_d} == {
        ("Brick", "whole", "D")
    }
    assert {(row["density_kg_m3"], row["factor_source"]) for row in of_d} == {(1200, "made up")}
    slab = [row for row in rows if row["element_id"] == "slab" and row["module"] == "A1-A3"]
    assert {(row["rating"], row["value"]) for row in slab} == {("refused", None)}
