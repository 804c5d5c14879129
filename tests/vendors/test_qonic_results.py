"""Results of calculations, in every form that the contract lists; any other is refused."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from qonic_rows import Rows, asked_for, decoded, page, query, result

from takeoff.core.errors import NotUnderstood
from takeoff.vendors.qonic.asked import Filter, Sum

A, B = "0$aaBBccDDeeFFggHHiiJJ", "0$aaBBccDDeeFFggHHiiJj"
PRODUCTS = (
    query(),
    page({"Guid": A, "Class": "Wall"}, {"Guid": B, "Class": "Slab"}, {"Guid": "own", "Class": "X"}),
)
WALLS = Sum("op-1", (Filter("Class", "Eq", "Wall"),))
ALL = Sum("op-1", ())


def quantities(folder: Path, answer: Any, asked: Sum = ALL) -> Rows:
    return decoded(folder, [PRODUCTS, (result("quantities"), answer), asked_for(asked)])


def dynamic(folder: Path, answer: Any) -> Rows:
    return decoded(folder, [PRODUCTS, (result("dynamic-properties"), answer)])


@pytest.mark.parametrize(
    "answer",
    [
        {"Count": 12, "NetVolume": 34.5},
        {"count": 12, "netVolume": 34.5, "Length": None},
        {"Count": "12", "NetVolume": "34.5"},
        *({key: {"Count": 12, "NetVolume": 34.5}} for key in ("result", "results", "quantities")),
        *({key: {"Count": 12, "NetVolume": 34.5}} for key in ("data", "values", "Result")),
        {"id": "op-1", "status": "Ready", "result": {"Count": 12, "NetVolume": 34.5}},
        [
            {"calculator": "Count", "value": 12},
            {"calculator": "NetVolume", "value": 34.5, "unit": "m3"},
        ],
        [{"name": "Count", "total": 12}, {"name": "NetVolume", "total": 34.5}],
        {
            "result": [
                {"quantity": "Count", "result": 12},
                {"quantity": "NetVolume", "result": 34.5},
            ]
        },
        {"Count": {"value": 12}, "NetVolume": {"value": 34.5, "unit": "m³"}},
        b"Calculator,Value\r\nCount,12\r\nNetVolume,34.5\r\n",
        b"Count;NetVolume\n12;34.5\n",
        b"\xef\xbb\xbf" + json.dumps({"Count": 12, "NetVolume": 34.5}).encode(),
        gzip.compress(json.dumps({"Count": 12, "NetVolume": 34.5}).encode(), mtime=0),
        gzip.compress(b"Calculator\tValue\nCount\t12\nNetVolume\t34.5\n", mtime=0),
    ],
    ids=str,
)
def test_sums_in_every_listed_form(tmp_path: Path, answer: Any) -> None:
    rows = quantities(tmp_path, answer, WALLS)
    told = [
        (row["quantity"], row["value_exact"], row["unit"], row["filter"], row["operation_id"])
        for row in rows["control_totals"]
    ]
    assert told == [
        ("Count", Decimal(12), "1", "Class Eq Wall", "op-1"),
        ("NetVolume", Decimal("34.5"), "m3", "Class Eq Wall", "op-1"),
    ]
    assert not rows["quantities"]
    assert "result_shape" in [row["code"] for row in rows["warnings"]]


@pytest.mark.parametrize(
    "answer",
    [
        {"result": [{"Guid": A, "NetVolume": 3.1}, {"Guid": B, "NetVolume": 0.2}]},
        {A: {"NetVolume": 3.1}, B: {"NetVolume": 0.2}},
        {A: {"NetVolume": 3.1}, "own": {"NetVolume": 0.2}},
        b"Guid,NetVolume\n" + f"{A},3.1\n{B},0.2\n".encode(),
    ],
    ids=["rows", "by guid", "by a guid of the products", "table"],
)
def test_sums_for_each_product_are_figures_and_their_total(tmp_path: Path, answer: Any) -> None:
    rows = quantities(tmp_path, answer)
    assert [row["value_exact"] for row in rows["quantities"]] == [Decimal("3.1"), Decimal("0.2")]
    assert {(row["basis"], row["quantity"]) for row in rows["quantities"]} == {
        ("vendor_calculated", "NetVolume")
    }
    totals = [(row["quantity"], row["value_exact"]) for row in rows["control_totals"]]
    assert totals == [("NetVolume", Decimal("3.3"))]
    assert "total_summed" in [row["code"] for row in rows["warnings"]]


def test_values_of_products_under_a_filter_are_not_counted_again(tmp_path: Path) -> None:
    rows = quantities(tmp_path, {A: {"NetVolume": 3.1}}, WALLS)
    assert not rows["quantities"]
    assert [row["filter"] for row in rows["control_totals"]] == ["Class Eq Wall"]


def test_a_sum_that_is_not_computed_is_not_zero(tmp_path: Path) -> None:
    rows = quantities(tmp_path, {"Count": 0, "NetVolume": None})
    assert [(r["quantity"], r["value"]) for r in rows["control_totals"]] == [("Count", 0.0)]


@pytest.mark.parametrize(("unit", "value"), [("ft3", Decimal("0.028316846592")), ("m2", None)])
def test_a_unit_of_a_sum_is_converted_or_named(
    tmp_path: Path, unit: str, value: Decimal | None
) -> None:
    rows = quantities(tmp_path, {"NetVolume": {"value": 1, "unit": unit}})
    assert [row["value_exact"] for row in rows["control_totals"]] == [value]
    assert ("unit_unknown" in [row["code"] for row in rows["warnings"]]) == (value is None)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        {"cells": [[1, 2]]},
        {"Count": 12, "Surprise": 3},
        {"Count": "twelve"},
        {"Count": [12]},
        {"result": {"BaseQuantities": 1}},
        [{"calculator": "Count", "value": 1}, 7],
        [1, 2],
        b"",
        b"12",
        b"no table at all",
        b"Calculator,Value\nCount\n",
        gzip.compress(b'{"Count":12}', mtime=0)[:-4],
    ],
    ids=str,
)
def test_any_other_form_of_sums_is_refused(tmp_path: Path, answer: Any) -> None:
    with pytest.raises(NotUnderstood):
        quantities(tmp_path, answer)


def test_a_refusal_shows_the_first_200_characters(tmp_path: Path) -> None:
    answer = {"cells": ["x" * 300]}
    with pytest.raises(NotUnderstood) as refused:
        quantities(tmp_path, answer)
    shown = str(refused.value).partition("it begins: ")[2]
    assert shown == json.dumps(answer)[:200]


def test_a_result_that_nobody_asked_for_is_refused(tmp_path: Path) -> None:
    other = result("quantities", "op-2")
    with pytest.raises(NotUnderstood, match="nothing asked for it"):
        decoded(tmp_path, [PRODUCTS, (other, {"Count": 1}), asked_for(ALL)])


@pytest.mark.parametrize(
    "answer",
    [
        {"result": [{"Guid": A, "Mass": 812.5, "Label": "x"}, {"Guid": B, "Mass": None}]},
        [{"Guid": A, "Mass": 812.5, "Label": "x"}],
        [
            {
                "Guid": A,
                "Mass": {"PropertySet": None, "Value": 812.5},
                "Label": {"PropertySet": None, "Value": "x"},
            }
        ],
        {A: {"Mass": 812.5, "Label": "x"}, B: {}},
        {"Mass": {A: 812.5}, "Label": {A: "x"}, "Area": {}},
        [
            {
                "guid": A,
                "properties": [{"name": "Mass", "value": 812.5}, {"name": "Label", "value": "x"}],
            }
        ],
        {"data": {A: {"Mass": "812.5", "Label": "x"}}},
        f"Guid,Mass,Label\n{A},812.5,x\n{B},,\n".encode(),
        gzip.compress(json.dumps({A: {"Mass": 812.5, "Label": "x"}}).encode(), mtime=0),
    ],
    ids=["rows", "list", "objects", "by guid", "by field", "pairs", "text", "table", "gzip"],
)
def test_calculated_properties_in_every_listed_form(tmp_path: Path, answer: Any) -> None:
    rows = dynamic(tmp_path, answer)
    figures = [
        (row["element_id"], row["source_name"], row["value_exact"], row["unit"], row["origin"])
        for row in rows["quantities"]
    ]
    assert figures == [(A, "Mass", Decimal("812.5"), "kg", "dynamic")]
    others = [(row["element_id"], row["name"], row["text"]) for row in rows["properties"]]
    assert others == [(A, "Label", "x")]


def test_calculated_properties_keep_the_set_that_they_name(tmp_path: Path) -> None:
    answer = [{"Guid": A, "Mass": {"PropertySet": "Custom", "Value": 812.5}}]
    assert [row["source_set"] for row in dynamic(tmp_path, answer)["quantities"]] == ["Custom"]


@pytest.mark.parametrize(
    "answer",
    [{}, [], {"cells": [[1]]}, [{"Mass": 1}], {"Mass": 3}, {"Mass": {"x": 1}}, b"Mass\n1\n"],
    ids=str,
)
def test_any_other_form_of_calculated_properties_is_refused(tmp_path: Path, answer: Any) -> None:
    with pytest.raises(NotUnderstood):
        dynamic(tmp_path, answer)


def test_a_product_calculated_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotUnderstood, match="twice"):
        dynamic(tmp_path, [{"Guid": A, "Mass": 1}, {"Guid": A, "Mass": 1}])


def test_values_of_products_that_are_not_there_are_named(tmp_path: Path) -> None:
    other = "3zzzzzzzzzzzzzzzzzzzzz"
    rows = dynamic(tmp_path, [{"Guid": other, "Mass": 1}, {"Guid": B, "Mass": 2}])
    assert [row["element_id"] for row in rows["quantities"]] == [B]
    [said] = [row["text"] for row in rows["warnings"] if row["code"] == "guid_unknown"]
    assert other in said


def test_a_name_of_unknown_measure_is_a_property(tmp_path: Path) -> None:
    rows = dynamic(tmp_path, [{"Guid": A, "Score": 7, "Mass": 1}])
    assert [row["source_name"] for row in rows["quantities"]] == ["Mass"]
    assert [(row["name"], row["number"]) for row in rows["properties"]] == [("Score", 7.0)]
