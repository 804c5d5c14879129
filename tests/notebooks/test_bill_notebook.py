"""A bill of quantities: each figure it shows, from the command line and the sample's truth."""

from __future__ import annotations

import csv
from collections import Counter
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

from notebook_runs import check_told, double, kept, plots, run, same, shown, told, truth

from takeoff.cli import main

FRAMES = ("priced", "not_priced", "by_item", "walls", "one")
_LARGE_M2 = Decimal("2.5")  # what VOB/C deducts from walls is larger


def test_bill_of_quantities(own_lake: str) -> None:
    done = run("bill_of_quantities", keep=FRAMES, lake_folder=own_lake)
    check_told(done)
    assert (len(shown(done)), plots(done)) == (5, 1)
    found, bill = kept(done), _bill(own_lake)
    _check_lines(found["priced"], [line for line in bill if line["pricing"] == "priced"])
    _check_lines(found["not_priced"], [line for line in bill if line["pricing"] != "priced"])
    _check_amounts(found["priced"], Path(f"{own_lake}-rates.csv"))
    _check_plot(found["by_item"], bill)
    _check_walls(found["walls"])
    _check_one_wall(found["one"])
    _check_sentences(told(done), bill, found["walls"])


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _bill(lake: str) -> list[dict[str, str]]:
    """The lines as the command writes them."""
    file = Path(f"{lake}-bill.csv")
    rates = ["--rules-set", "vobc", "--rates", f"{lake}-rates.csv"]
    assert main(["boq", "--lake", lake, *rates, "-o", str(file)]) == 0
    return _rows(file)


def _check_lines(found: list[dict[str, Any]], lines: list[dict[str, str]]) -> None:
    assert len(found) == len(lines) > 0
    for shown_line, line in zip(found, lines, strict=True):
        for name, value in shown_line.items():
            is_text = isinstance(value, str)
            assert value == (line[name] if is_text else double(line[name])), (name, line)


def _check_amounts(found: list[dict[str, Any]], rates: Path) -> None:
    """Quantity times rate in decimals, to the cent."""
    rate_of = {row["item"]: Decimal(row["rate"]) for row in _rows(rates)}
    for line in found:
        product = Decimal(str(line["quantity"])) * rate_of[line["item"]]
        cents = product.quantize(Decimal("0.01"), ROUND_HALF_EVEN)
        assert line["amount"] == same(float(cents))


def _check_plot(found: list[dict[str, Any]], bill: list[dict[str, str]]) -> None:
    elements: Counter[str] = Counter()
    for line in bill:
        elements[line["pricing"] or "no item"] += int(line["elements"])
    for pricing, number in elements.items():
        assert sum(line[pricing] for line in found) == number
    amounts = sum(Decimal(line["amount"]) for line in bill if line["amount"])
    assert sum(line["amount"] for line in found) == same(float(amounts))


def _codes() -> list[dict[str, str]]:
    return [row for row in truth("codes.csv") if row["system"] == "UNIFORMAT II"]


def _picked(quantity: str) -> dict[str, Decimal]:
    """A quantity of each element by GUID: as authored, else computed."""
    figures: dict[str, Decimal] = {}
    for row in truth("quantities.csv"):
        if row["quantity"] == quantity and (
            row["basis"] == "authored" or row["guid"] not in figures
        ):
            figures[row["guid"]] = Decimal(row["value"])
    return figures


def _check_walls(found: list[dict[str, Any]]) -> None:
    """The model's net areas by code; and the outer walls with their small openings filled."""
    net, gross = _picked("NetSideArea"), _picked("GrossSideArea")
    item_of = {x["guid"]: x["code"] for x in _codes() if x["guid"] in net}
    by_item = {line["item"]: line for line in found}
    assert sorted(by_item) == ["A2020", "B2010", "C1010"]
    for item, line in by_item.items():
        area = sum(net[guid] for guid in item_of if item_of[guid] == item)
        assert line["quantity_of_model"] == same(float(area))
    outer = [guid for guid in item_of if item_of[guid] == "B2010"]
    # No wall of the sample has more than one opening.
    openings = [gross[guid] - net[guid] for guid in outer]
    area = sum(gross[guid] for guid in outer) - sum(x for x in openings if x > _LARGE_M2)
    assert by_item["B2010"]["quantity"] == same(float(round(area, 2)))


def _check_one_wall(found: list[dict[str, Any]]) -> None:
    (guid,) = (x["guid"] for x in truth("elements.csv") if x["name"] == "South wall 0.1")
    net, gross = _picked("NetSideArea")[guid], _picked("GrossSideArea")[guid]
    assert [line["value"] for line in found] == [same(float(net)), None, None]
    figures = [float(gross), float(gross - net), float(gross - net)]
    assert [line["figure_value"] for line in found] == [same(figure) for figure in figures]
    assert gross - net > _LARGE_M2
    records = [line["record"] for line in found if line["record"]]
    assert len(records) == 2
    for record, figure in zip(records, (gross, gross - net), strict=True):
        assert record.endswith(f",{figure.normalize():f},$);")


def _check_sentences(text: str, bill: list[dict[str, str]], walls: list[dict[str, Any]]) -> None:
    pricing = Counter(line["pricing"] for line in bill)
    elements: Counter[str] = Counter()
    for line in bill:
        elements.update(dict.fromkeys({line["pricing"], line["state"]}, int(line["elements"])))
    amounts = sum(Decimal(line["amount"]) for line in bill if line["amount"])
    partitions = next(line for line in bill if line["item"] == "C1010")
    outer = next(line for line in walls if line["item"] == "B2010")
    kept_in = outer["quantity"] - outer["quantity_of_model"]
    for words in (
        f"come to {amounts:,} EUR",
        f"the price of {partitions['counted']} walls out of {partitions['elements']}",
        f"{pricing['unpriced']} lines have no rate. {pricing['refused']} rates are refused",
        f"{elements['unclassified']} elements have no code, and {elements['undecided']} wall is",
        f"{elements['priced']} of the {sum(int(x['elements']) for x in bill)} elements stand in",
        f"outer walls is {outer['quantity_of_model']:.3f} m²",
        f"so {kept_in:.2f} m² of windows and doors stay in",
        "This wall gave 15.18 m² to the line",
        f"all {sum(x['code'] == 'B2010' for x in _codes())} walls add up",
    ):
        assert words in text
