"""What Bimplus' contract prints is what the client reads and sends, and the sandbox writes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from both_ways import fetch_ifc_model
from printed import differing

from takeoff.http.clock import Clock
from takeoff.lake.layout import open_layout
from takeoff.sandbox import SWITCHES, Running, Sandbox
from takeoff.vendors.bimplus import endpoints, login, shapes
from takeoff.vendors.bimplus.login import Password

CONTRACT = Path(__file__).resolve().parents[3] / "shared" / "vendors" / "bimplus.md"
SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample" / "Lindenhof_architecture.ifc"
TIMEOUT_S = 20
MILLIMETRE = "f99f40cf-da64-4c4f-8434-cb90722ba485"
WALL = "10074eef-9418-4d64-9c6d-23932835a7f1"
# What an answer has only where there is something to say, and the groups of other authoring tools.
MAY_LACK = {"description", "thumbnail", "changed", "changedby", "address", "allplan"}
MAY_LACK |= {"projectType", "projectStatus"}
# The printed JSON in its order.
PRINTED = (
    "login",
    "token",
    "project",
    "model",
    "tree",
    "object",
    "defined object",
    "unit",
    "calculation",
)
# What is printed within the text, by the words before it.
WITHIN = {
    "token information": "= token information `",
    "element types": "`GET /element-types` -> `",
    "calculated": "answer: `",
}


@pytest.fixture(scope="module")
def printed() -> dict[str, Any]:
    """The examples by name."""
    if not CONTRACT.is_file():
        pytest.skip("the contract is not beside this checkout (../shared/vendors)")
    text = CONTRACT.read_text("utf-8")
    blocks = re.findall(r"```json\n(.+?)```", text, re.DOTALL)
    assert len(blocks) == len(PRINTED)
    within = {name: text.partition(words)[2].partition("`")[0] for name, words in WITHIN.items()}
    named = {**dict(zip(PRINTED, blocks, strict=True)), **within}
    return {name: json.loads(block) for name, block in named.items()}


@dataclass
class Asker:
    """A sandbox that serves a model with its file; `ids`: s team, p project, d model, t topology,
    w wall.
    """

    running: Running
    ids: dict[str, str]

    def turn(self, **switches: str) -> None:
        self.running.turn(**{one.name: one.default for one in SWITCHES} | switches)

    def json(self, method: str, path: str, body: Any = None) -> Any:
        service = self.running.at("bimplus")
        answer = requests.request(
            method,
            service.base_url + path.format(**self.ids),
            json=body,
            headers={"Authorization": f"BimPlus {service.token}"},
            timeout=TIMEOUT_S,
        )
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def get(self, path: str) -> Any:
        return self.json("GET", path)


@pytest.fixture(scope="module")
def asker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    pytest.importorskip("ifcopenshell", reason="reads IFC")
    folder = tmp_path_factory.mktemp("printed")
    fetch_ifc_model(SAMPLE, folder / "lake", geometry=False)
    with Sandbox(open_layout(folder / "lake")).start() as running:
        service = running.at("bimplus")
        [served] = service.models
        ids = {"s": service.told["slug"], "p": served.project_id, "d": served.model_id}
        found = Asker(running, ids)
        ids["t"] = found.get("/{s}/divisions/{d}")["topologyId"]
        [ids["w"], *_] = (
            one["id"] for one in found.get(f"/{{s}}/objects/{{t}}?type={WALL}&page=1&pageSize=5")
        )
        yield found


def test_a_login_is_sent_and_read_as_printed(printed: dict[str, Any]) -> None:
    asked = printed["login"]
    password = Password(
        asked["user_id"], asked["password"], asked["application_id"], asked["client_id"]
    )
    assert login.password_request(password).json_body == asked
    tokens = login.password_tokens({**printed["token"], "access_token": "0" * 32}, Clock())
    assert (tokens.scheme, tokens.refresh_token) == ("BimPlus", None)
    assert tokens.expires_at is not None
    about = shapes.token_info(printed["token information"])
    assert (about.user_id, about.expires_in_s) == ("<guid>", 2271650.0)


def test_a_project_and_a_model_are_read(printed: dict[str, Any]) -> None:
    project = shapes.project(printed["project"])
    assert (project.name, project.team_slug, project.model_count) == ("Demo", "acme", 2)
    assert project.size_bytes == 7_216_128
    [layer] = project.disciplines
    assert (layer.name, layer.model_name) == ("ID_BuildingModel", "Model A")
    assert (layer.revisions, layer.released_revisions) == ((1, 2), (1,))
    model = shapes.model(printed["model"])
    assert (model.name, model.status, model.file_type) == ("Model A", "DONE", "Ifc")
    assert model.disciplines == ("0f106af0-a919-44c5-b211-15bd5ef620b6",)
    assert (model.size_bytes, model.import_bytes) == (39_216_128, 12_631_230)
    assert (model.import_file, model.has_file) == ("house.ifc", True)
    [first] = model.revisions
    assert (first.number, first.name, first.input_type) == (1, "First", "IFC_IMPORT")


def test_types_and_units_are_read(printed: dict[str, Any]) -> None:
    [column] = (shapes.element_type(one) for one in printed["element types"])
    assert (column.word, column.name, column.ifc_type) == (
        "Column",
        "ID_ArchColumn",
        "ID_IFCColumn",
    )
    unit = shapes.unit(printed["unit"])
    assert (unit.id, unit.symbol, unit.context) == (MILLIMETRE, "mm", "LENGTHUNIT")


def test_quantities_are_asked_for_as_printed(printed: dict[str, Any]) -> None:
    asked = endpoints.base_quantities("acme", "<pid>", "<did>", (0, 12))
    assert asked.json_body == printed["calculation"]


def _token(asker: Asker) -> Any:
    told = asker.running.at("bimplus").told
    return asker.json(
        "POST",
        "/authorize",
        {name: told[name] for name in ("user_id", "password", "application_id")},
    )


def _model(asker: Asker) -> Any:
    """Some members are in lists only, some in details only."""
    [listed] = asker.get("/{s}/divisions")
    return {**listed, **asker.get("/{s}/divisions/{d}")}


def _tree(asker: Asker) -> Any:
    """The top of the tree with its first storey that has walls, and that with these alone."""
    top = asker.get("/{s}/objects/{t}/topology")
    waiting = [top]
    while waiting:
        node = waiting.pop()
        walls = [one for one in node["children"] if one["type"] == "Wall"]
        if walls:
            return {**top, "children": [{**node, "children": walls}]}
        waiting += node["children"]
    raise AssertionError("no wall")


WRITTEN: dict[str, Callable[[Asker], Any]] = {
    "token": _token,
    "token information": lambda asker: asker.get("/authorize"),
    "project": lambda asker: asker.get("/{s}/projects/{p}"),
    "model": _model,
    "tree": _tree,
    "object": lambda asker: asker.get("/{s}/objects/{w}"),
    "defined object": lambda asker: asker.get("/{s}/objects/{w}/properties/8"),
    "element types": lambda asker: asker.get("/{s}/element-types"),
    "unit": lambda asker: asker.get("/content/units/" + MILLIMETRE),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_the_sandbox_writes_what_is_printed(
    name: str, printed: dict[str, Any], asker: Asker
) -> None:
    """Every member, and of the same kind; what is null or absent there may be."""
    asker.turn(bimplus_quantity_group="units")
    assert list(differing(printed[name], WRITTEN[name](asker), name, MAY_LACK)) == []


def test_the_sandbox_takes_and_answers_the_calculation_that_is_printed(
    printed: dict[str, Any], asker: Asker
) -> None:
    """With ids that there are: numbers by attribute and object."""
    asker.turn()
    asked = json.loads(json.dumps(printed["calculation"]))
    asked["baseQuantities"] |= {"projectId": asker.ids["p"], "modelId": asker.ids["d"]}
    told = asker.json("POST", "/{s}/services/BaseQuantities", asked)
    assert told
    for values in told.values():
        assert values
        assert all(isinstance(value, int | float) for value in values.values())
