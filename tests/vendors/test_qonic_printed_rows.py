"""What Qonic's contract prints becomes rows; that the sandbox writes it: contract/."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from qonic_rows import MODEL, asked_for, decoded, query, result

from takeoff.vendors.qonic.asked import Sum

CONTRACT = Path(__file__).resolve().parents[3] / "shared" / "vendors" / "qonic.md"
GUID = "0$aaBBccDDeeFFggHHiiJJ"
AVAILABLE = f"{MODEL}/products/properties/available-data?page=1"
# The printed JSON in its order.
PRINTED = (
    "token",
    "fields",
    "page",
    "operation",
    "sums",
    "values",
    "modification",
    "import",
    "lookups",
    "errors",
)
# Stands for a name of the project's own, or for one property of many.
ANY_LIBRARY, ANY_PRODUCT = "<library key>", "0$aa.."


@pytest.fixture(scope="module")
def printed() -> dict[str, str]:
    """The examples by name, as text."""
    if not CONTRACT.is_file():
        pytest.skip("the contract is not beside this checkout (../shared/vendors)")
    blocks = re.findall(r"```json\n(.+?)```", CONTRACT.read_text("utf-8"), re.DOTALL)
    assert len(blocks) == len(PRINTED)
    return dict(zip(PRINTED, blocks, strict=True))


def lines(block: str) -> list[Any]:
    """One answer a line; what stands behind it in words is left out."""
    decoder = json.JSONDecoder()
    shown = block.replace(ANY_PRODUCT, GUID)
    return [decoder.raw_decode(line)[0] for line in shown.splitlines() if line.strip()]


def lookups(block: str) -> dict[str, Any]:
    """The answers of the project's libraries, by path."""
    decoder = json.JSONDecoder()
    found = re.split(r"^GET (\S+)\s+", block, flags=re.MULTILINE)[1:]
    return {
        path: decoder.raw_decode(text)[0]
        for path, text in zip(found[::2], found[1::2], strict=True)
    }


def test_the_printed_page_becomes_rows(printed: dict[str, str], tmp_path: Path) -> None:
    fields, page = json.loads(printed["fields"]), json.loads(printed["page"])
    rows = decoded(tmp_path, [(AVAILABLE, fields), (query(), page)])
    [element] = rows["elements"]
    assert (element["ifc_guid"], element["ifc_class"]) == (GUID, "Wall")
    assert (element["name"], element["storey_name"]) == ("Wall-01", "L01")
    assert [(row["set_name"], row["name"], row["text"]) for row in rows["properties"]] == [
        ("Pset_WallCommon", "FireRating", "EI60")
    ]
    assert [(row["system"], row["code"]) for row in rows["codes"]] == [(ANY_LIBRARY, "21.11")]


def test_values_of_products_are_read_in_every_printed_form(
    printed: dict[str, str], tmp_path: Path
) -> None:
    page = (query(), json.loads(printed["page"]))
    forms = lines(printed["values"])
    assert len(forms) == 5
    for number, form in enumerate(forms):
        rows = decoded(tmp_path / str(number), [page, (result("dynamic-properties"), form)])
        [mass] = rows["quantities"]
        assert (mass["source_name"], mass["value_exact"]) == ("Mass", Decimal("812.5")), form
        assert (mass["basis"], mass["unit"]) == ("vendor_calculated", "kg")


def test_sums_are_read_in_every_printed_form(printed: dict[str, str], tmp_path: Path) -> None:
    page, record = (query(), json.loads(printed["page"])), asked_for(Sum("op-1", ()))
    forms = lines(printed["sums"])
    assert len(forms) == 6
    for number, form in enumerate(forms):
        told = [page, record, (result("quantities"), form)]
        rows = decoded(tmp_path / str(number), told)
        is_of_products = GUID in json.dumps(form)
        table = rows["quantities" if is_of_products else "control_totals"]
        volume = Decimal("3.1") if is_of_products else Decimal("34.5")
        assert volume in [row["value_exact"] for row in table], form


def test_libraries_are_read_as_printed(printed: dict[str, str], tmp_path: Path) -> None:
    told = lookups(printed["lookups"])
    page = printed["page"].replace(ANY_LIBRARY, "L1").replace('"..."', '".."')
    answers = [(f"/projects/6234{path}", found) for path, found in told.items() if path != "/types"]
    rows = decoded(tmp_path, [*answers, (query(), json.loads(page))])
    assert [(row["system"], row["code"], row["title"]) for row in rows["codes"]] == [
        ("NL-SfB", "21.11", "..")
    ]
    assert [row["material"] for row in rows["materials"]] == ["Concrete"]
