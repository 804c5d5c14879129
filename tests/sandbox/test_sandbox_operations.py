"""Operations over raw HTTP: states, results in every shape, sums, the storage's own rules."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from wire import DOOR, SLAB, SPACE, TWIN_IN_CASE, WALL, Serve, Wire, fetch, port

SIX = ["Count", "Length", "NetArea", "GrossArea", "NetVolume", "GrossVolume"]
# By hand: authored 3.1 + 0.1 + 0.2, and 0.05 computed for the door, which has no authored one.
SUMS = {
    "Count": 5,
    "Length": None,
    "NetArea": 8,
    "GrossArea": None,
    "NetVolume": "3.45",
    "GrossVolume": "123456.123456789012",
}
TWO = {"calculators": ["NetVolume", "NetArea"]}
GUIDS = [WALL, TWIN_IN_CASE, SLAB, DOOR, SPACE]
VOLUMES = {WALL: 3.3, TWIN_IN_CASE: None, SLAB: None, DOOR: 0.05, SPACE: None}


def _sums(wire: Wire, body: dict[str, Any]) -> Any:
    return json.loads(wire.result("quantities", body).text, parse_float=str)


def test_sums_are_exact_over_all_matching_products(house_wire: Wire) -> None:
    assert _sums(house_wire, {"calculators": SIX}) == SUMS
    walls = [{"property": "Class", "operator": "Eq", "value": "Wall"}]
    of_walls = _sums(house_wire, {"calculators": SIX, "filters": walls})
    assert of_walls == {**SUMS, "Count": 2, "NetArea": None, "NetVolume": "3.2"}


def test_wrong_control_totals(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake, control_totals="wrong")
    told = _sums(wire, {"calculators": ["Count", "NetVolume", "Length"]})
    assert told == {"Count": 6, "NetVolume": "4.45", "Length": None}


def test_uncomputed_sums_may_be_left_out(serve: Serve, house_lake: Path) -> None:
    told = _sums(serve(house_lake, uncomputed="left_out"), {"calculators": ["Length", "Count"]})
    assert told == {"Count": 5}


@pytest.mark.parametrize(
    "calculators", [None, [], "Count", ["BaseQuantities"], ["count"], ["NetVolume", "Mass"]]
)
def test_other_calculators_are_400(house_wire: Wire, calculators: object) -> None:
    path = f"{house_wire.products}/quantities/query"
    assert house_wire.post(path, {"calculators": calculators}).status_code == 400


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        ("flat", {"NetVolume": 3.45, "NetArea": 8}),
        ("result", {"result": {"NetVolume": 3.45, "NetArea": 8}}),
        ("results", {"results": {"NetVolume": 3.45, "NetArea": 8}}),
        ("quantities", {"quantities": {"NetVolume": 3.45, "NetArea": 8}}),
        ("data", {"data": {"NetVolume": 3.45, "NetArea": 8}}),
        ("values", {"values": {"NetVolume": 3.45, "NetArea": 8}}),
        ("list", [{"calculator": "NetVolume", "value": 3.45, "unit": "m3"},
                  {"calculator": "NetArea", "value": 8, "unit": "m2"}]),
        ("list_name", [{"name": "NetVolume", "value": 3.45, "unit": "m3"},
                       {"name": "NetArea", "value": 8, "unit": "m2"}]),
        ("list_quantity", [{"quantity": "NetVolume", "result": 3.45, "unit": "m3"},
                           {"quantity": "NetArea", "result": 8, "unit": "m2"}]),
        ("list_total", [{"calculator": "NetVolume", "total": 3.45, "unit": "m3"},
                        {"calculator": "NetArea", "total": 8, "unit": "m2"}]),
        ("object", {"NetVolume": {"value": 3.45, "unit": "m3"},
                    "NetArea": {"value": 8, "unit": "m2"}}),
    ],
)  # fmt: skip
def test_shapes_of_sums(serve: Serve, house_lake: Path, shape: str, told: object) -> None:
    wire = serve(house_lake, quantities_shape=shape, polls="0")
    assert wire.result("quantities", TWO).json() == told


def test_sums_by_product(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake, quantities_shape="rows", polls="0")
    rows = wire.result("quantities", TWO).json()["result"]
    assert [row["Guid"] for row in rows] == GUIDS
    assert rows[0] == {"Guid": WALL, "NetVolume": 3.1, "NetArea": None}
    wire.running.turn(quantities_shape="by_guid", uncomputed="left_out")
    by_guid = wire.result("quantities", TWO).json()
    assert by_guid[SLAB] == {"NetVolume": 0.2, "NetArea": 8}
    assert by_guid[SPACE] == {}


def test_sums_as_csv_and_in_no_known_shape(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake, quantities_shape="csv", polls="0")
    told = list(csv.reader(io.StringIO(wire.result("quantities", TWO).text)))
    assert told == [["Calculator", "Value"], ["NetVolume", "3.45"], ["NetArea", "8"]]
    wire.running.turn(quantities_shape="unknown")
    assert "NetVolume" not in wire.result("quantities", TWO).text


def test_numbers_as_text_and_codings(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake, result_numbers="text", polls="0")
    assert wire.result("quantities", TWO).json() == {"NetVolume": "3.45", "NetArea": "8"}
    wire.running.turn(result_numbers="number", result_coding="gzip")
    answer = wire.result("quantities", TWO)
    assert "Content-Encoding" not in answer.headers
    assert json.loads(gzip.decompress(answer.content)) == {"NetVolume": 3.45, "NetArea": 8}
    wire.running.turn(result_coding="bom")
    assert wire.result("quantities", TWO).content.startswith(b"\xef\xbb\xbf{")


def test_dynamic_properties_are_the_figures_that_no_set_holds(house_wire: Wire) -> None:
    told = house_wire.get(f"{house_wire.products}/dynamic-properties/available-data").json()
    assert told["fields"] == ["NetSurfaceArea", "NetVolume"]
    rows = house_wire.result("dynamic-properties", {"fields": []}).json()["result"]
    assert [row["Guid"] for row in rows] == GUIDS
    assert rows[0] == {"Guid": WALL, "NetSurfaceArea": 9.75, "NetVolume": 3.3}
    assert rows[2] == {"Guid": SLAB, "NetSurfaceArea": None, "NetVolume": None}


def test_dynamic_properties_that_there_are_not_are_400(house_wire: Wire) -> None:
    path = f"{house_wire.products}/dynamic-properties/query"
    assert house_wire.post(path, {"fields": ["Mass"]}).status_code == 400
    by_itself = [{"property": "NetSurfaceArea", "operator": "Eq", "value": 9.75}]
    assert house_wire.post(path, {"filters": by_itself}).status_code == 400


@pytest.mark.parametrize("uncomputed", ["null", "left_out"])
@pytest.mark.parametrize("shape", ["result", "list", "objects", "by_guid", "by_field", "pairs"])
def test_shapes_of_dynamic_properties(
    serve: Serve, house_lake: Path, shape: str, uncomputed: str
) -> None:
    wire = serve(house_lake, dynamic_shape=shape, uncomputed=uncomputed, polls="0")
    told = wire.result("dynamic-properties", {"fields": ["NetVolume"]}).json()
    read = {
        "result": lambda: {row["Guid"]: row.get("NetVolume") for row in told["result"]},
        "list": lambda: {row["Guid"]: row.get("NetVolume") for row in told},
        "objects": lambda: {row["Guid"]: row["NetVolume"]["Value"] for row in told},
        "by_guid": lambda: {guid: row.get("NetVolume") for guid, row in told.items()},
        "by_field": lambda: {guid: told["NetVolume"].get(guid) for guid in GUIDS},
        "pairs": lambda: {
            row["guid"]: {p["name"]: p["value"] for p in row["properties"]}.get("NetVolume")
            for row in told
        },
    }[shape]()
    assert read == VOLUMES
    assert ("null" in json.dumps(told)) == (uncomputed == "null" or shape == "objects")


def test_dynamic_properties_as_csv(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake, dynamic_shape="csv", polls="0")
    lines = wire.result("dynamic-properties", {"fields": ["NetVolume"]}).text.splitlines()
    assert lines[:3] == ["Guid,NetVolume", f"{WALL},3.3", f"{TWIN_IN_CASE},"]


def test_states_over_several_polls(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake, polls="3")
    started = wire.post(f"{wire.products}/quantities/query", TWO).json()
    assert set(started) == {"id", "kind", "status", "percentageCompleted"}
    assert (started["kind"], started["status"]) == ("CalculateQuantities", "Queued")
    assert wire.finish(started["id"]) == ["InProgress", "InProgress", "Ready"]
    derived = wire.post(f"{wire.products}/dynamic-properties/query", {}).json()
    assert derived["kind"] == "CalculateDerivedProperties"


@pytest.mark.parametrize(
    ("operation", "last"),
    [("failed", "Failed"), ("hung", "InProgress"), ("unknown_state", "Ready")],
)
def test_operations_that_do_not_go_well(
    serve: Serve, house_lake: Path, operation: str, last: str
) -> None:
    wire = serve(house_lake, operation=operation)
    started = wire.post(f"{wire.products}/quantities/query", TWO).json()
    states = wire.finish(started["id"])
    assert states[-1] == last
    known = {"Queued", "InProgress", "Ready", "Failed"}
    assert bool(set(states) - known) == (operation == "unknown_state")
    result = wire.get(f"{wire.products}/quantities/{started['id']}/result")
    assert result.status_code == (302 if last == "Ready" else 400)


def test_a_failed_operation_may_say_why(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake, operation="failed_words")
    shown = wire.get(f"/operations/{wire.start('quantities', TWO)}").json()
    assert (shown["status"], shown["errorDetails"]) == ("Failed", "The calculation broke off.")


def test_keys_and_waits_of_operations(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake, operation_keys="few", operation_retry_after_s="7")
    started = wire.post(f"{wire.products}/quantities/query", TWO).json()
    assert set(started) == {"id", "status"}
    lookups = [wire.get(f"/operations/{started['id']}") for _ in range(2)]
    assert [look.headers.get("Retry-After") for look in lookups] == ["7", None]


def test_result_is_400_before_ready_and_404_elsewhere(house_wire: Wire) -> None:
    started = house_wire.post(f"{house_wire.products}/quantities/query", TWO).json()["id"]
    path = f"{house_wire.products}/quantities/{started}/result"
    assert house_wire.get(path).status_code == 400
    house_wire.finish(started)
    assert house_wire.get(path).status_code == 302
    elsewhere = f"{house_wire.products}/dynamic-properties/{started}/result"
    assert house_wire.get(elsewhere).status_code == 404
    assert house_wire.get("/operations/none").status_code == 404


@pytest.mark.parametrize("code", ["301", "302", "303", "307", "308"])
def test_redirect_codes(serve: Serve, house_lake: Path, code: str) -> None:
    wire = serve(house_lake, redirect_code=code, polls="0")
    started = wire.start("quantities", TWO)
    answer = wire.get(f"{wire.products}/quantities/{started}/result")
    assert answer.status_code == int(code)
    assert port(answer.headers["Location"]) == port(wire.running.storage_url)
    assert port(wire.running.storage_url) != port(wire.running.at("qonic").base_url)


@pytest.mark.parametrize("header", ["Authorization", "X-Client-Session-Id"])
def test_storage_wants_none_of_our_headers(serve: Serve, house_lake: Path, header: str) -> None:
    wire = serve(house_lake, polls="0")
    location = wire.location("quantities", wire.start("quantities", TWO))
    assert fetch(location, headers={header: "x"}).status_code == 400
    assert fetch(location).status_code == 200
    wire.running.turn(storage_headers="ignore")
    assert fetch(location, headers={header: "x"}).status_code == 200
    seen = [one for one in wire.running.seen() if one.origin == "storage"]
    assert [header.lower() in one.headers for one in seen] == [True, False, True]


def test_storage_wants_its_signature(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake, polls="0")
    location = wire.location("quantities", wire.start("quantities", TWO))
    assert fetch(location[:-1]).status_code == 403
    assert fetch(location.partition("?")[0]).status_code == 403


@pytest.mark.parametrize("status", ["403", "404", "410"])
def test_an_expired_link_is_replaced_by_asking_again(
    serve: Serve, house_lake: Path, status: str
) -> None:
    wire = serve(house_lake, link="expired_once", link_status=status, polls="0")
    started = wire.start("quantities", TWO)
    links = [wire.location("quantities", started) for _ in range(2)]
    assert [fetch(link).status_code for link in links] == [int(status), 200]
    wire.running.turn(link="expired")
    assert fetch(wire.location("quantities", started)).status_code == int(status)


def test_storage_redirects(serve: Serve, house_lake: Path) -> None:
    wire = serve(house_lake, link="loop", polls="0")
    location = wire.location("quantities", wire.start("quantities", TWO))
    assert fetch(location).headers["Location"] == location
    wire.running.turn(link="chain")
    location = wire.location("quantities", wire.start("quantities", TWO))
    hops = []
    while (answer := fetch(location)).is_redirect:
        location = answer.headers["Location"]
        hops.append(location)
    assert len(hops) == 3
    assert answer.json() == {"NetVolume": 3.45, "NetArea": 8}


def test_export_needs_the_document(house_wire: Wire) -> None:
    started = house_wire.post(f"{house_wire.model}/export-ifc").json()
    assert started["kind"] == "ExportIfc"
    assert house_wire.finish(started["id"])[-1] == "Failed"
