"""Sessions, modifications and imports of the stand-in for Qonic, over raw HTTP."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import requests
from wire import DOOR, SLAB, TIMEOUT_S, TWIN_IN_CASE, WALL, Serve, Wire

from takeoff.config import Settings
from takeoff.jobs.sandbox import ifc_reader
from takeoff.lake.layout import open_layout
from takeoff.sandbox import Sandbox

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample" / "Lindenhof_services.ifc"
HEADER = "X-Client-Session-Id"
FIRE = {"PropertySet": "Pset_DoorCommon", "Value": "EI30"}


def within(wire: Wire, session_id: str) -> dict[str, Any]:
    return {"headers": {**wire.headers, HEADER: session_id}}


def start(wire: Wire, session_id: str = "one") -> requests.Response:
    return wire.post(f"{wire.model}/start-session", **within(wire, session_id))


def end(wire: Wire, session_id: str = "one") -> requests.Response:
    return wire.post(f"{wire.model}/end-session", **within(wire, session_id))


def modify(wire: Wire, body: Any, session_id: str = "one") -> requests.Response:
    return wire.post(wire.products, body, **within(wire, session_id))


def errors(wire: Wire, body: Any) -> list[tuple[str, str, str]]:
    answer = modify(wire, body)
    assert answer.status_code == 200, answer.text
    return [(one["guid"], one["field"], one["error"]) for one in answer.json()["errors"]]


@pytest.fixture
def wire(serve_new: Serve, house_lake: Path) -> Wire:
    return serve_new(house_lake)


def test_the_vendors_own_sample_runs(wire: Wire) -> None:
    """Add, clear, delete - each in a session of its own, one right after the other."""
    for number, body in enumerate(
        (
            {"add": {"FireRating": {DOOR: FIRE}}},
            {"update": {"FireRating": {DOOR: None}}},
            {"delete": {"FireRating": {DOOR: None}}},
        )
    ):
        session_id = f"session {number}"
        assert start(wire, session_id).status_code == 200
        assert modify(wire, body, session_id).json()["errors"] == []
        assert end(wire, session_id).status_code == 200
    assert wire.by_guid()[DOOR]["FireRating"] == {"PropertySet": None, "Value": None}


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"add": {"FireRating": {WALL: FIRE}}}, (WALL, "FireRating", "PropertyExists")),
        ({"update": {"FireRating": {DOOR: FIRE}}}, (DOOR, "FireRating", "PropertyNotFound")),
        ({"delete": {"FireRating": {DOOR: None}}}, (DOOR, "FireRating", "PropertyNotFound")),
        ({"add": {"New": {DOOR: "bare"}}}, (DOOR, "New", "PropertySetMissing")),
        ({"add": {"New": {DOOR: {**FIRE, "Value": [1]}}}}, (DOOR, "New", "InvalidValue")),
        ({"update": {"Guid": {DOOR: "x"}}}, (DOOR, "Guid", "FieldNotEditable")),
        ({"update": {"Code": {DOOR: {}}}}, (DOOR, "Code", "FieldNotEditable")),
        ({"update": {"Name": {DOOR: 7}}}, (DOOR, "Name", "InvalidValue")),
        ({"update": {"Name": {"0nobody": "x"}}}, ("0nobody", "Name", "ProductNotFound")),
        (
            {"update": {"SpatialLocation": {DOOR: {"Floor": "Attic"}}}},
            (DOOR, "SpatialLocation.Floor", "LocationNotFound"),
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_cannot_be_written_is_named_and_nothing_is_written(
    house_wire: Wire, body: dict[str, Any], wrong: tuple[str, str, str]
) -> None:
    start(house_wire)
    before = house_wire.by_guid()
    good = {"Name": {WALL: "another name"}}
    both = {**body, "Update": good} if "update" not in body else body
    assert errors(house_wire, both) == [wrong]
    assert house_wire.by_guid() == before
    end(house_wire)


def test_values_keep_their_type_and_every_digit(wire: Wire) -> None:
    start(wire)
    values = {"A": "123456.123456789012", "B": "false", "C": '"007"'}
    cell = '"{field}":{{"{guid}":{{"PropertySet":"S","Value":{value}}}}}'
    cells = [cell.format(field=key, guid=WALL, value=value) for key, value in values.items()]
    raw = f'{{"addOrUpdate":{{{",".join(cells)}}}}}'
    told = {**wire.headers, HEADER: "one", "Content-Type": "application/json"}
    url = wire.running.at("qonic").base_url + wire.products
    answer = requests.post(url, data=raw, headers=told, timeout=TIMEOUT_S)
    assert answer.json() == {"errors": []}
    text = wire.query({"fields": ["Guid", "A", "B", "C"]}).text
    assert '"A":{"PropertySet":"S","Value":123456.123456789012}' in text
    assert '"B":{"PropertySet":"S","Value":false},"C":{"PropertySet":"S","Value":"007"}' in text


def test_a_product_can_be_moved_and_found_by_what_it_has_now(wire: Wire) -> None:
    start(wire)
    assert errors(wire, {"update": {"SpatialLocation": {DOOR: {"Floor": "Ground"}}}}) == []
    assert errors(wire, {"add": {"FireRating": {DOOR: FIRE}}}) == []
    assert wire.by_guid()[DOOR]["SpatialLocation"]["Floor"] == "Ground"
    assert wire.guids(("FireRating", "Eq", "EI30")) == [TWIN_IN_CASE, DOOR]
    names = wire.get(f"{wire.products}/properties/available-data").json()["fields"]
    assert "FireRating" in names


def test_a_deleted_product_is_gone_from_every_page(wire: Wire) -> None:
    start(wire)
    before = wire.guids()
    answer = requests.delete(
        f"{wire.running.at('qonic').base_url}{wire.products}/{SLAB.replace('$', '%24')}",
        headers={**wire.headers, HEADER: "one"},
        timeout=TIMEOUT_S,
    )
    assert answer.status_code == 200
    assert wire.guids() == [guid for guid in before if guid != SLAB]
    assert wire.query({}, pageSize=2, page=2).json()["totalCount"] == len(before) - 1
    assert errors(wire, {"update": {"Name": {SLAB: "x"}}}) == [(SLAB, "Name", "ProductNotFound")]


def test_a_session_ends_by_itself(serve_new: Serve, house_lake: Path) -> None:
    wire = serve_new(house_lake, session_s="1")
    start(wire, "one")
    assert start(wire, "two").status_code == 409
    time.sleep(1.1)
    assert modify(wire, {}, "one").status_code == 400
    assert start(wire, "two").status_code == 200


def test_the_next_session_may_come_too_soon(serve_new: Serve, house_lake: Path) -> None:
    wire = serve_new(house_lake, settle_s="60", session_refusal="400")
    assert start(wire, "one").status_code == 200
    end(wire, "one")
    refused = start(wire, "two")
    assert (refused.status_code, refused.json()["error"]) == (400, "VersionConflict")
    wire.running.turn(settle_s="0")
    assert start(wire, "two").status_code == 200


@pytest.mark.parametrize(
    ("form", "body"),
    [("array", '{"errors":[]}'), ("null", '{"errors":null}'), ("absent", "{}"), ("empty", "")],
)
def test_forms_of_an_applied_modification(serve: Serve, house_lake: Path, form: str, body: str):
    wire = serve(house_lake, modification_answer=form, session_answer="204")
    assert start(wire).status_code == 204
    assert modify(wire, {}).text == body
    end(wire)


def test_a_modification_can_be_refused_by_number(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake, modification_refused="2", modification_status="400")
    start(wire)
    assert [modify(wire, {}).status_code for _ in range(3)] == [200, 400, 200]
    end(wire)


def test_a_property_may_have_to_be_defined(serve_new: Serve, house_lake: Path) -> None:
    wire = serve_new(house_lake, undefined_property="refused")
    start(wire)
    body = {"add": {"Cost": {WALL: {"PropertySet": "Own", "Value": 1}}}}
    assert errors(wire, body) == [(WALL, "Cost", "PropertyNotDefined")]
    sets = f"{wire.project}/customProperties/property-sets"
    in_set = wire.post(sets, {"Name": "Own", "EntityTypes": []}).json()["id"]
    wire.post(f"{sets}/{in_set}/property", {"Name": "Cost", "DataType": "Real"})
    assert errors(wire, body) == []


def test_an_imported_model_is_listed_once_it_is_read(house_lake: Path, tmp_path: Path) -> None:
    """Its bytes are read beside the requests; it has products, codes and an export of its own."""
    pytest.importorskip("ifcopenshell", reason="reads IFC")
    reader = ifc_reader(Settings(), tmp_path)
    with Sandbox(open_layout(house_lake), read_ifc=reader).start() as running:
        wire = Wire(running)
        link = wire.get("/upload-url").json()["uploadUrl"]
        requests.put(link, data=SAMPLE.read_bytes(), timeout=TIMEOUT_S).raise_for_status()
        body = {"modelName": "services", "uploadUrl": link, "uploadFileName": "s.ifc"}
        made = wire.post(f"{wire.project}/models", {**body, "discipline": "MEP"}).json()
        names = [one["name"] for one in wire.get(f"{wire.project}/models").json()["models"]]
        assert names == ["house.ifc"]
        _wait(wire, made["id"], "Ready")
        models = wire.get(f"{wire.project}/models").json()["models"]
        assert [one["name"] for one in models] == ["house.ifc", "services"]
        assert str(models[1]["id"]) == made["modelId"]
        wire.model = f"{wire.project}/models/{made['modelId']}"
        wire.products = f"{wire.model}/products"
        assert len(wire.rows({"fields": ["Guid"]})) > 20
        started = wire.post(f"{wire.model}/export-ifc").json()["id"]
        _wait(wire, started, "Ready")
        assert [one.name for one in running.at("qonic").models] == ["house.ifc", "services"]


def test_a_file_that_is_no_ifc_fails_in_words(house_lake: Path, tmp_path: Path) -> None:
    pytest.importorskip("ifcopenshell", reason="reads IFC")
    reader = ifc_reader(Settings(), tmp_path)
    with Sandbox(open_layout(house_lake), read_ifc=reader).start() as running:
        wire = Wire(running)
        link = wire.get("/upload-url").json()["uploadUrl"]
        requests.put(link, data=b"no building", timeout=TIMEOUT_S)
        body = {"modelName": "odd", "uploadUrl": link, "uploadFileName": "odd.ifc", "tags": []}
        ended = _wait(wire, wire.post(f"{wire.project}/models", body).json()["id"], "Failed")
        assert "cannot be imported" in ended["errorDetails"]
        assert len(wire.get(f"{wire.project}/models").json()["models"]) == 1


def test_a_changed_model_is_not_exported_as_it_was(wire: Wire) -> None:
    start(wire)
    modify(wire, {"update": {"Name": {WALL: "another"}}})
    wire.post(f"{wire.model}/publish", {"title": "renamed"})
    ended = _wait(wire, wire.post(f"{wire.model}/export-ifc").json()["id"], "Failed")
    assert "changed model" in ended["errorDetails"]


def _wait(wire: Wire, operation_id: str, status: str) -> dict[str, Any]:
    """The operation once it has ended as it should."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found: dict[str, Any] = wire.get(f"/operations/{operation_id}").json()
        if found["status"] in ("Ready", "Failed"):
            assert found["status"] == status, found
            return found
        time.sleep(0.05)
    raise AssertionError("the operation does not end")
