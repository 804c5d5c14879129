"""What Qonic's contract prints is what the sandbox writes; the rows it becomes: vendors/."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from printed import differing
from qonic_building import building

from takeoff.lake.layout import open_layout
from takeoff.sandbox import Running, Sandbox

CONTRACT = Path(__file__).resolve().parents[3] / "shared" / "vendors" / "qonic.md"
TIMEOUT_S = 20
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
# Stands for a name of the project's own.
ANY_LIBRARY = "<library key>"
# What the service knows of a library and a lake does not: the sandbox invents nothing.
UNKNOWN_TO_A_LAKE = {"type", "source", "edition", "description", "parentId"}


@pytest.fixture(scope="module")
def printed() -> dict[str, str]:
    """The examples by name, as text."""
    if not CONTRACT.is_file():
        pytest.skip("the contract is not beside this checkout (../shared/vendors)")
    blocks = re.findall(r"```json\n(.+?)```", CONTRACT.read_text("utf-8"), re.DOTALL)
    assert len(blocks) == len(PRINTED)
    return dict(zip(PRINTED, blocks, strict=True))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    lake = tmp_path_factory.mktemp("printed") / "lake"
    building().commit(lake)
    with Sandbox(open_layout(lake)).start() as sandbox:
        yield sandbox


def lookups(block: str) -> dict[str, Any]:
    """The answers of the project's libraries, by path."""
    decoder = json.JSONDecoder()
    found = re.split(r"^GET (\S+)\s+", block, flags=re.MULTILINE)[1:]
    return {
        path: decoder.raw_decode(text)[0]
        for path, text in zip(found[::2], found[1::2], strict=True)
    }


def answer(running: Running, method: str, path: str, **body: Any) -> Any:
    service = running.at("qonic")
    found = requests.request(
        method,
        f"{service.base_url}{path}",
        headers={"Authorization": f"Bearer {service.token}"},
        json=body or None,
        timeout=TIMEOUT_S,
    )
    assert found.status_code == 200, found.text
    return found.json()


def of_model(running: Running, path: str) -> str:
    [model] = running.at("qonic").models
    return f"/projects/{model.project_id}/models/{model.model_id}/{path}"


def test_the_sandbox_writes_what_is_printed(printed: dict[str, str], running: Running) -> None:
    fields = answer(running, "GET", of_model(running, "products/properties/available-data?page=1"))
    assert list(differing(json.loads(printed["fields"]), fields, "fields")) == []
    page = answer(
        running, "POST", of_model(running, "products/properties/query"), fields=fields["fields"]
    )
    wanted = json.loads(printed["page"])
    row = wanted["result"][0]
    # Of the properties only that they are objects of two; of codes the library's name is free.
    may_lack = {"FireRating", "LoadBearing", "MaterialLayerSet", ANY_LIBRARY}
    assert list(differing(wanted, page, "page", may_lack)) == []
    objects = [given for one in page["result"] for given in one.values() if "Value" in str(given)]
    assert objects
    assert {frozenset(one) for one in objects if isinstance(one, dict) and "Value" in one} == {
        frozenset(row["FireRating"])
    }
    operation = answer(
        running, "POST", of_model(running, "products/quantities/query"), calculators=["Count"]
    )
    assert list(differing(json.loads(printed["operation"]), operation, "operation")) == []


def test_the_sandbox_has_the_printed_libraries(printed: dict[str, str], running: Running) -> None:
    told = lookups(printed["lookups"])
    [model] = running.at("qonic").models
    base = f"/projects/{model.project_id}"
    listed = answer(running, "GET", f"{base}/codifications")
    guid = listed["codificationLibraries"][0]["guid"]
    for path, wanted in told.items():
        if path != "/types":
            given = answer(running, "GET", f"{base}{path.replace('L1', guid)}")
            assert list(differing(wanted, given, path, UNKNOWN_TO_A_LAKE)) == []
