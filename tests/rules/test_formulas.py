"""Formulas: arithmetic over figures, exact, and nothing that reaches further."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rule_files import bill, by_item, lines, read, rules
from small_lakes import Model

from takeoff.core.errors import InputRefused
from takeoff.engines.formulas import read_formulas

REACHING = (
    "sum(NetVolume)",
    "(select 1)",
    "NetVolume; drop table rules",
    "NetVolume -- all",
    "NetVolume || Length",
    "read_text('x')",
    "NetVolume ** 2",
    "NetVolume // 2",
    "NetVolume % 2",
    "NetVolume if Length else 0",
    "Length > 1",
    "__import__",
    "least(Length)",
    "round(Length)",
    "round(Length, 12)",
    "round(Length, Width)",
    "1e3 * Length",
    "0x10",
    "measured.NetVolume",
    "a.b.NetVolume",
    "Length, Width",
    "(lambda x, x)",
    "",
)


@pytest.mark.parametrize("text", REACHING)
def test_all_but_arithmetic_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(InputRefused):
        read(rules(tmp_path, ("r", "*", "", "I", "m3", text)))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a + b * 2", "7.5"),
        ("-a - b", "-4.5"),
        ("(a + b) * (a - b)", "-6.75"),
        ("a / b", "0.5"),
        ("b / (a - 1.5)", None),
        ("a / 3", "0.5"),
        ("least(a, b, 1)", "1"),
        ("greatest(a, b)", "3"),
        ("greatest(a, unknown)", None),
        ("least(unknown, 0)", None),
        ("round(a * b / 7, 2)", "0.64"),
        ("a * 1.123456789123", "1.6851851835"),
        ("+b", "3"),
    ],
)
def test_value_of_a_formula(text: str, value: str | None) -> None:
    figures = {"a": "1.5", "b": "3", "unknown": None}
    assert _worked_out(text, figures) == (None if value is None else Decimal(value))


@settings(deadline=None, max_examples=50)
@given(st.decimals("-99999", "99999", places=9), st.decimals("-99999", "99999", places=9))
def test_sums_and_products_are_exact_to_twelve_decimals(a: Decimal, b: Decimal) -> None:
    figures = {"a": str(a), "b": str(b)}
    assert _worked_out("a + b - a", figures) == b
    product = _worked_out("a * b", figures)
    assert product is not None
    assert abs(product - a * b) <= Decimal("5e-13")


def test_too_large_is_unknown_and_stops_nothing() -> None:
    assert _worked_out("a * a", {"a": "99999999999"}) is None


def _worked_out(text: str, figures: dict[str, str | None]) -> Decimal | None:
    (formula,) = read_formulas(text)
    typed = {
        name: f"cast({'null' if value is None else repr(value)} as decimal(32, 12))"
        for name, value in figures.items()
    }
    with duckdb.connect() as connection:
        found = connection.execute(f"select {formula.sql(typed)}").fetchall()[0][0]
    return None if found is None else Decimal(found)


def test_a_later_formula_stands_in_for_what_is_missing_but_not_for_what_is_doubtful(
    tmp_path: Path,
) -> None:
    model = Model("m").add("both").figure("NetVolume", 2).figure("GrossVolume", 3)
    model.add("gross only").figure("GrossVolume", 30)
    model.add("twins").figure("NetVolume", 5).figure("NetVolume", 6).figure("GrossVolume", 300)
    model.add("nothing").commit(tmp_path / "lake")
    rule = rules(tmp_path, ("r", "Wall", "", "I", "m3", "NetVolume; GrossVolume"))
    (line,) = lines(bill(tmp_path / "lake", rule))
    assert (line["value"], line["counted"], line["missing"], line["doubtful"]) == (32, 2, 1, 1)


def test_a_name_may_say_which_basis_it_means(tmp_path: Path) -> None:
    model = Model("m").add("a").figure("NetVolume", 2).figure("NetVolume", 7, "computed")
    model.add("b").figure("NetVolume", 30).commit(tmp_path / "lake")
    rule = rules(tmp_path, ("r", "Wall", "", "I", "m3", "computed.NetVolume; authored.NetVolume"))
    (line,) = lines(bill(tmp_path / "lake", rule))
    assert (line["value"], line["basis"]) == (37, "mixed")


def test_masonry_walls_of_the_bubiza_wiki(tmp_path: Path) -> None:
    """Items 5.1.10, 5.2.10 and 5.2.20 of 'Mengenermittlung von Mauerwerkswänden' (DIN 18330).

    The published table prints 73.46 for 5.2.20; its own formula gives 74.13, which is what a
    formula kept beside its figure shows.
    """
    published = {
        "5.1.10": ("((2 * 13.99 + 2 * 9.99) - 4 * 0.365) * Height", "3.00"),
        "5.2.10": ("(9.26 + 2.70 + 4.06) * Height", "2.80"),
        "5.2.20": ("(2 * 3.635 + 3.885 + 9.01 + 6.31) * Height", "2.80"),
    }
    model = Model("m")
    for item, (_, height) in published.items():
        model.add(item).figure("Height", height)
    model.commit(tmp_path / "lake")
    rows = [
        (item, "Wall", f"name = {item}", item, "m2", formula, "", 2)
        for item, (formula, _) in published.items()
    ]
    found = by_item(bill(tmp_path / "lake", rules(tmp_path, *rows)))
    assert {item: line["quantity"] for item, line in found.items()} == {
        "5.1.10": Decimal("139.50"),
        "5.2.10": Decimal("44.86"),
        "5.2.20": Decimal("74.13"),
    }
    assert found["5.2.20"]["formula"] == published["5.2.20"][0]
