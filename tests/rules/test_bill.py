"""The bill: nothing is lost, nothing is priced that has no rate, currencies stay apart."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rule_files import bill, by_item, covered, lines, rules, write
from small_lakes import Model

from takeoff.core.errors import InputRefused
from takeoff.notebook import Lake

RATES = ("item", "rate", "unit", "currency")
PRICED = (
    ("walls", "Wall", "", "W", "m3", "NetVolume", "", 3),
    ("slabs", "Slab", "", "S", "CY", "NetVolume", "", 3),
    ("doors", "Door", "", "D", "Nr", "Count"),
    ("beams", "Beam", "", "B", "t", "NetWeight"),
    ("roofs", "Roof", "", "R", "m2", "NetArea"),
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    model = Model("m").add("w").figure("NetVolume", 10).add("w2").figure("NetVolume", "0.0005")
    model.add("w3").add("s", ifc_class="Slab").figure("NetVolume", "0.764554857984")
    for number in range(3):
        model.add(f"d{number}", ifc_class="Door")
    model.add("b", ifc_class="Beam").figure("NetWeight", 2500).add("r", ifc_class="Roof")
    model.add("x", ifc_class="Stair").commit(folder / "lake")
    rules(folder, *PRICED)
    return folder


def _priced(house: Path, *rates: tuple[str, ...], layout: str = "machine") -> object:
    file = write(house / "rates.csv", RATES, rates)
    return bill(house / "lake", house / "rules.csv", layout, rates=file)


def test_rates_are_converted_refused_or_left_blank(house: Path) -> None:
    found = _priced(
        house,
        ("W", "100", "m3", "EUR"),
        ("S", "3", "m3", "EUR"),
        ("D", "35000", "100 Nr", "USD"),
        ("B", "1000", "Machine hours", "EUR"),
    )
    items = by_item(found)
    assert items["W"]["quantity"] == Decimal("10.001")
    assert items["W"]["amount"] == Decimal("1000.10")
    assert items["S"]["quantity"] == 1
    assert items["S"]["unit_rate"] == Decimal("2.293664574")
    assert items["D"]["amount"] == 1050
    assert (items["B"]["pricing"], items["B"]["amount"]) == ("refused", None)
    assert (items["R"]["pricing"], items["R"]["rate"]) == ("unpriced", None)
    notes = " ".join(found.provenance.notes)
    assert "Total 1002.39 EUR, priced part only." in notes
    assert "Total 1050 USD, priced part only." in notes
    assert "Currencies are never added up." in notes
    assert "B (rate per Machine hours, bill in t)" in notes
    assert "for want of a rate: R." in notes


def test_client_layout_has_groups_items_and_totals_of_each_currency(house: Path) -> None:
    found = _priced(house, ("W", "100", "m3", "EUR"), ("D", "10", "Nr", "USD"), layout="client")
    rows = lines(found)
    totals = [row for row in rows if (row["description"] or "").startswith("Total")]
    assert [(row["description"], row["amount"]) for row in totals] == [
        ("Total EUR, priced part only", Decimal("1000.10")),
        ("Total USD, priced part only", 30),
    ]
    wall = next(row for row in rows if row["item"] == "W")
    assert wall["remark"] == "1 of 3 elements have no figure and are not in the quantity"
    roof = next(row for row in rows if row["item"] == "R")
    assert (roof["rate"], roof["amount"]) == (None, None)
    assert "not priced" in roof["remark"]
    assert found.table.column_names == [
        *("item", "description", "quantity", "unit"),
        *("rate", "currency", "amount", "remark"),
    ]


def test_the_total_of_a_whole_bill_is_no_part(tmp_path: Path) -> None:
    Model("m").add("w").figure("NetVolume", 2).commit(tmp_path / "lake")
    file = write(tmp_path / "rates.csv", RATES, [("W", "1.5", "m3", "EUR")])
    found = bill(tmp_path / "lake", rules(tmp_path, PRICED[0]), rates=file)
    assert "Total 3 EUR." in found.provenance.notes


def test_the_rule_set_is_printed_and_none_says_so_in_words(house: Path) -> None:
    none = bill(house / "lake").provenance.basis
    assert none.startswith("model quantities, no measurement rule (rule set none, sha256 ")
    assert bill(house / "lake", "vobc").provenance.basis.startswith("VOB/C 2019: openings above")


@pytest.mark.parametrize(
    ("rates", "words"),
    [
        ([("W", "1", "m3", "EUR"), ("W", "2", "CY", "EUR")], "price W twice"),
        ([("W", "much", "m3", "EUR")], "no number"),
        ([("W", "1", "m3", "")], "needs an item, a unit and a currency"),
    ],
)
def test_wrong_rates_are_refused(rates: list[tuple[str, ...]], words: str, house: Path) -> None:
    with pytest.raises(InputRefused, match=words):
        _priced(house, *rates)


def test_a_code_beyond_the_table_stands_under_the_longest_that_it_begins_with(
    tmp_path: Path,
) -> None:
    model = Model("m").add("deep").code("Uniformat", "C1020300").add("exact")
    model.code("UNIFORMAT II", "B2010").add("placeholder").code("Assembly Code", "_CODE_")
    model.add("two").code("UNIFORMAT II", "B2010").code("UNIFORMAT II", "C1010")
    model.add("ruled", is_external=False).add("other", ifc_class="VirtualElement")
    model.commit(tmp_path / "lake")
    everything = rules(tmp_path, ("all", "*", "", "", "1", "Count"))
    found = lines(bill(tmp_path / "lake", everything))
    assert [
        (x["item"], x["state"], x["item_source"], x["asked"], x["elements"]) for x in found
    ] == [
        ("B2010", "measured", "model", None, 1),
        ("C1010", "measured", "rule", None, 1),
        ("C1020", "measured", "model", None, 1),
        (None, "unclassified", None, None, 1),
        (None, "undecided", None, "B2010 or C1010", 1),
        (None, "undecided", None, "is_external = true", 1),
    ]
    assert found[0]["group_1_title"] == "SHELL"
    assert found[0]["group_2"] == "B20"


ELEMENTS = st.lists(
    st.tuples(
        st.sampled_from(["Wall", "Slab", "Door", "Beam", "Covering", "PipeSegment", "Odd", None]),
        st.sampled_from(["physical", "physical", "part", "opening", "space"]),
        st.sampled_from([None, True, False]),
        st.sampled_from([None, "B2010", "C1010", "none of ours"]),
        st.lists(
            st.tuples(
                st.sampled_from(["NetVolume", "GrossVolume", "NetSideArea", "Length", "NetArea"]),
                st.sampled_from(["1", "2.5", "0", "-3", None]),
            ),
            max_size=4,
        ),
        st.sampled_from([None, "Brick", "Concrete"]),
    ),
    max_size=12,
)


@pytest.mark.slow
@settings(
    deadline=None, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(elements=ELEMENTS, rules_set=st.sampled_from(["none", "vobc", "nrm2"]))
def test_lines_without_value_undecided_and_unclassified_are_all_elements(
    elements: list[tuple[object, ...]], rules_set: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    model = Model("m")
    for number, (ifc_class, role, external, code, figures, material) in enumerate(elements):
        model.add(f"e{number}", str(role), ifc_class=ifc_class, is_external=external)
        for quantity, value in figures:  # type: ignore[attr-defined]
            model.figure(quantity, value)
        if code is not None:
            model.code("UNIFORMAT II", str(code))
        if material is not None:
            model.material(str(material))
    lake = tmp_path_factory.mktemp("generated") / "lake"
    model.commit(lake)
    found = lines(bill(lake, rules_set))
    physical = sum(role == "physical" for _, role, *_ in elements)
    assert sum(line["elements"] for line in found) == physical
    assert covered(found) == physical


@pytest.mark.slow
def test_conservation_on_the_public_models(shared: Path, tmp_path: Path) -> None:
    """The lake of one shared model: every physical element stands in exactly one line."""
    lake = Lake(tmp_path / "lake")
    lake.fetch(shared / "ifc" / "PCERT_Building-Architecture.ifc", geometry=False)
    sql = "select count(*) as n from counted_elements where counted"
    (row,) = lake.sql(sql).table.to_pylist()
    for rules_set in ("none", "vobc", "nrm2"):
        assert covered(lines(bill(tmp_path / "lake", rules_set))) == row["n"] > 0
