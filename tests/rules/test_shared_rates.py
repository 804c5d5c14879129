"""The 45 codes x 3 regions of the public DDC CWICR excerpt price one bill.

SOURCES.md: the American catalogue is the British one at 1.1745, re-stated per CY, SF, LF, lb and
short ton. The German one is the British at 1.8565 (measured). All units convert; for the codes
of OTHER_PRICE the catalogues themselves state other prices: labour and machines have factors of
their own, two materials are means over several prices, and one is 1.52 and 1.74 for want of digits
or by a slip.
"""

from __future__ import annotations

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from rule_files import RULE, bill, by_item, near, write
from small_lakes import Model

FACTORS = {"US": Decimal("1.1745"), "DE": Decimal("1.8565")}
HALF_A_CENT = Decimal("0.005")
FIGURES = {
    "m3": ("m3", "NetVolume"),
    "m2": ("m2", "NetArea"),
    "m": ("m", "Length"),
    "1000 m": ("m", "Length"),
    "kg": ("kg", "NetWeight"),
    "t": ("t", "NetWeight"),
    "1000 Nr": ("Nr", "Count * 1000000"),
    "hrs": ("h", "Count * 1000000"),
    "Machine hours": ("Machine hours", "Count * 1000000"),
}
OTHER_PRICE = {
    "US": {"KAPU-TO-KARI-KAPU", "KASA-ME-KARI-KALI", "KASA-ME-KAME-METO"},
    "DE": set[str](),
}
OF_THEIR_OWN = {
    "hrs": {"US": "1.654", "DE": "1.444"},
    "Machine hours": {"US": "1.203", "DE": "1.772"},
}


@pytest.fixture(scope="module")
def rates(shared: Path) -> Path:
    file = shared / "rates" / "ddc_cwicr_excerpt.csv"
    if not file.is_file():
        pytest.skip("the public rates are not beside this checkout (../shared/data/rates)")
    return file


@pytest.fixture(scope="module")
def catalogue(rates: Path) -> dict[str, dict[str, dict[str, str]]]:
    found: dict[str, dict[str, dict[str, str]]] = {}
    with rates.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["region"], {})[row["resource_code"]] = row
    return found


@pytest.fixture(scope="module")
def bills(
    rates: Path,
    catalogue: dict[str, dict[str, dict[str, str]]],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, dict[str | None, dict[str, object]]]:
    """One bill, a million of everything in the British unit, priced in each region."""
    folder = tmp_path_factory.mktemp("rates")
    model = Model("m")
    rows = []
    for code, row in catalogue["GB"].items():
        unit, formula = FIGURES[row["unit"]]
        model.add(code)
        if "Count" not in formula:
            model.figure(formula, 1_000_000)
        rows.append((code, "Wall", f"name = {code}", code, unit, formula))
    model.commit(folder / "lake")
    file = write(folder / "rules.csv", RULE, rows)
    return {
        region: by_item(bill(folder / "lake", file, rates=rates, region=region))
        for region in ("GB", "US", "DE")
    }


def test_every_code_is_priced_in_every_region(
    bills: dict[str, dict[str, dict[str, object]]],
) -> None:
    assert Counter(line["pricing"] for lines in bills.values() for line in lines.values()) == {
        "priced": 45 * 3
    }
    currencies = {region: {x["currency"] for x in of.values()} for region, of in bills.items()}
    assert currencies == {"GB": {"GBP"}, "US": {"USD"}, "DE": {"EUR"}}


@pytest.mark.parametrize("region", ["US", "DE"])
def test_one_bill_differs_by_the_currency_factor(
    region: str,
    bills: dict[str, dict[str, dict[str, Decimal]]],
    catalogue: dict[str, dict[str, dict[str, str]]],
) -> None:
    others = set()
    for code, row in catalogue["GB"].items():
        own = OF_THEIR_OWN.get(row["unit"])
        factor = FACTORS[region] if own is None else Decimal(own[region])
        british, price = Decimal(row["price_avg"]), Decimal(catalogue[region][code]["price_avg"])
        tolerance = HALF_A_CENT / british + HALF_A_CENT / price + Decimal("0.0002")
        if own is not None:
            tolerance += Decimal("0.0015")
        ratio = bills[region][code]["amount"] / bills["GB"][code]["amount"]
        if not near(ratio, factor, tolerance):
            others.add(code)
    assert others == OTHER_PRICE[region]
