"""The tree and the objects that Bimplus' contract prints, read as what they are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from bimplus_rows import UNITS, decoded

from takeoff.vendors.bimplus import tree

CONTRACT = Path(__file__).resolve().parents[3] / "shared" / "vendors" / "bimplus.md"

NET_VOLUME = "70eb68d9-ab84-4575-8702-d12e15a536cc"


@pytest.fixture(scope="module")
def printed() -> dict[str, Any]:
    """The examples of the contract's sections 6.1, 6.4 and 6.5, by name."""
    if not CONTRACT.is_file():
        pytest.skip("the contract is not beside this checkout (../shared/vendors)")
    text = CONTRACT.read_text("utf-8").partition("### 6.1")[2]
    blocks = re.findall(r"```json\n(.+?)```", text, re.DOTALL)
    names = ("tree", "object", "defined object", "unit")
    found = {name: json.loads(block) for name, block in zip(names, blocks, strict=False)}
    calculated = text.partition("answer: `")[2].partition("`")[0]
    return {**found, "calculated": json.loads(calculated)}


def told_apart(node: dict[str, Any], numbers: Iterator[int]) -> dict[str, Any]:
    """The tree with ids of its own: all of those that are printed are the same."""
    children = [told_apart(one, numbers) for one in node["children"]]
    return {**node, "id": f"{next(numbers):08}-0000-4000-8000-000000000000", "children": children}


def test_a_tree_and_its_objects_become_rows(printed: dict[str, Any], tmp_path: Path) -> None:
    """The storey, the wall in it, and the length that stands with its definition."""
    top = told_apart(printed["tree"], iter(range(1, 9)))
    wall = top["children"][0]["children"][0]
    one = {**printed["object"], **printed["defined object"], "id": wall["id"]}
    found = decoded(tmp_path, top, [one], others={UNITS: [printed["unit"]]})
    storey, element = found["elements"]
    assert (storey["ifc_class"], storey["role"]) == ("BuildingStorey", "location")
    assert (element["ifc_class"], element["role"], element["name"]) == (
        "Wall",
        "physical",
        "Wall-001",
    )
    assert (element["storey_name"], element["ifc_guid"]) == ("Ground floor", "<22 chars>")
    [length] = found["quantities"]
    assert (length["quantity"], length["value_exact"]) == ("Length", Decimal("4.45"))
    assert (length["source_unit"], length["unit_status"]) == ("mm", "own")
    raw = json.dumps(printed["tree"]).encode()
    assert tree.read(raw, "printed").repeated == ["<guid>"]


def test_plain_values_become_rows(printed: dict[str, Any], tmp_path: Path) -> None:
    """Who the wall is, and its width in millimetres without a word."""
    top = told_apart(printed["tree"], iter(range(1, 9)))
    wall = top["children"][0]["children"][0]
    del wall["ifcId"]
    found = decoded(tmp_path, top, [{**printed["object"], "id": wall["id"]}])
    element = found["elements"][1]
    assert (element["ifc_guid"], element["authoring_id"]) == ("<22 chars>", "<guid>")
    [width] = found["quantities"]
    assert (width["quantity"], width["value_exact"]) == ("Width", Decimal("0.115"))
    assert (width["source_unit"], width["unit_status"]) == (None, "assumed")


def test_what_was_calculated_becomes_a_figure_of_its_own_basis(
    printed: dict[str, Any], tmp_path: Path
) -> None:
    """With ids that there are; the unit is that of the attribute's catalogue entry."""
    top = told_apart(printed["tree"], iter(range(1, 9)))
    wall = top["children"][0]["children"][0]["id"]
    [[value]] = (values.values() for values in printed["calculated"].values())
    answer = {NET_VOLUME: {wall: value}}
    path, entry = "/acme/services/BaseQuantities", f"/content/freeattributes/{NET_VOLUME}"
    found = decoded(
        tmp_path,
        top,
        [{**printed["object"], "id": wall, "attributes": {}}],
        record={"calculated": path, "attributes": ((NET_VOLUME, entry),)},
        others={path: answer, entry: {"id": NET_VOLUME, "name": "Net Volume", "unit": "m3"}},
    )
    [volume] = found["quantities"]
    assert (volume["quantity"], volume["value_exact"]) == ("NetVolume", Decimal("14.25"))
    assert volume["basis"] == "vendor_calculated"
