"""Faults and refusals of the iTwin stand-in over raw HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest
from itwin_wire import MAPPINGS, RUNS, Itwin
from wire import Serve

from takeoff.sandbox.itwin import ENDPOINTS, SWITCHES


@pytest.fixture
def wire(serve: Serve, house_lake: Path) -> Itwin:
    return Itwin(serve(house_lake))


def test_errors_have_code_message_and_target(wire: Itwin) -> None:
    error = wire.get(f"{MAPPINGS}/none").json()["error"]
    assert set(error) == {"code", "message", "target"}
    assert error["target"] == "mappingId"
    error = wire.post(RUNS, {}).json()["error"]
    assert error["details"] == [
        {"code": "MissingRequiredProperty", "message": "Give iModelId.", "target": "iModelId"}
    ]
    answer = wire.ask("POST", RUNS, "no object")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "InvalidRequestBody")


@pytest.mark.parametrize(
    ("word", "start"),
    [
        ("full", b'{"error":{"code":"iModelNotFound",'),
        ("bare", b'{"error":{"code":"iModelNotFound",'),
        ("text", b"Requested iModel"),
        ("html", b"<!doctype html>"),
        ("empty", b""),
    ],
)
def test_errors_in_every_shape(serve: Serve, house_lake: Path, word: str, start: bytes) -> None:
    answer = Itwin(serve(house_lake, itwin_errors=word)).get("/imodels/none")
    assert answer.status_code == 404
    assert answer.content.startswith(start)
    assert (b"target" in answer.content) == (word == "full")
    assert bool(answer.content) == bool(start)


@pytest.mark.parametrize("code", ["RateLimitExceeded", "TooManyRequests", "ResourceQuotaExceeded"])
def test_429_has_several_codes(serve: Serve, house_lake: Path, code: str) -> None:
    wire = Itwin(serve(house_lake, fault="429_seconds", fault_at="itwin_itwins", itwin_429=code))
    answer = wire.get("/itwins")
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, code)
    assert answer.headers["Retry-After"] == "1"
    assert "ITwinPlatform-RateLimited-Tier" in answer.headers
    assert wire.get("/itwins").status_code == 200


def test_429_may_name_the_wait_in_another_header(serve: Serve, house_lake: Path) -> None:
    switches = {"fault_at": "itwin_itwins", "itwin_429_header": "fallback", "retry_after_s": "3"}
    answer = Itwin(serve(house_lake, fault="429_none", **switches)).get("/itwins")
    assert "Retry-After" not in answer.headers
    assert answer.headers["iTwinPlatform-RateLimit-Retry-After-Seconds"] == "3"


def test_503_twice_then_200(serve: Serve, house_lake: Path) -> None:
    wire = Itwin(serve(house_lake, fault="503", fault_at="itwin_imodels", fault_count="2"))
    path = f"/imodels?iTwinId={wire.itwin_id}"
    assert [wire.get(path).status_code for _ in range(3)] == [503, 503, 200]


def test_a_dead_token_stays_dead(serve_new: Serve, house_lake: Path) -> None:
    wire = Itwin(serve_new(house_lake, fault="401_dead", fault_at="itwin_cdm"))
    cdm = wire.cdm()
    assert [wire.get(cdm).status_code for _ in range(2)] == [401, 401]
    assert wire.get("/itwins").status_code == 401


@pytest.mark.parametrize("fault", ["html", "html_error", "empty", "broken"])
def test_answers_that_are_no_json(serve: Serve, house_lake: Path, fault: str) -> None:
    answer = Itwin(serve(house_lake, fault=fault, fault_at="itwin_itwins")).get("/itwins")
    with pytest.raises(ValueError, match=r".*"):
        answer.json()


def test_every_place_is_one_of_the_switch(serve_new: Serve, house_lake: Path) -> None:
    """Each request is seen at the place that its contract's table has for it."""
    wire = Itwin(serve_new(house_lake, polls="1"))
    mapping, group = wire.mapping["id"], wire.groups()["Wall"]["id"]
    run = wire.run(mapping)
    here = f"{MAPPINGS}/{mapping}"
    [report] = wire.every("reports", f"/insights/reporting/reports?iTwinId={wire.itwin_id}")
    feed = f"/insights/reporting/odata/{report['id']}"
    asked = {
        "/.well-known/openid-configuration": "itwin_discovery",
        "/connect/authorize": "itwin_auth",
        "/itwins": "itwin_itwins",
        wire.imodel: "itwin_imodels",
        f"{wire.imodel}/operations/create": "itwin_operation",
        f"{wire.imodel}/baselinefile": "itwin_create",
        f"{wire.imodel}/changesets": "itwin_versions",
        f"{wire.imodel}/namedversions": "itwin_versions",
        here: "itwin_mappings",
        f"{here}/groups": "itwin_groups",
        f"{here}/groups/{group}/properties": "itwin_properties",
        f"{RUNS}?iModelId={wire.imodel_id}": "itwin_history",
        f"{RUNS}/{run['id']}": "itwin_status",
        f"{RUNS}/{run['id']}/logs": "itwin_logs",
        f"{here}/extractions": "itwin_extracted",
        f"{here}/extractions/{run['id']}/cdm": "itwin_cdm",
        f"{here}/extractions/{run['id']}/cdm/partitions?location=Wall/part00000.csv": (
            "itwin_partition"
        ),
        f"/grouping-and-mapping/audit?iModelId={wire.imodel_id}": "itwin_audit",
        f"/insights/reporting/reports/{report['id']}": "itwin_reports",
        "/insights/reporting/keys": "itwin_keys",
        feed: "itwin_odata",
        f"{feed}/$metadata": "itwin_metadata",
        f"{feed}/1/2/3": "itwin_entity",
        f"/insights/reporting/datasources/imodels/{wire.imodel_id}/mappings": "itwin_old",
    }
    wire.running.forget()
    for path in asked:
        wire.get(path)
    wire.post("/connect/token", {})
    wire.post(RUNS, {})
    wire.ask("PUT", "/uploads/none")
    seen = [one.endpoint for one in wire.running.seen()]
    assert seen == [*asked.values(), "itwin_token", "itwin_run", "itwin_storage"]
    assert set(seen) == set(ENDPOINTS)


def test_what_was_made_may_be_answered_with_200(serve_new: Serve, house_lake: Path) -> None:
    wire = Itwin(serve_new(house_lake))
    told = {"iModelId": wire.imodel_id, "mappings": [{"id": wire.mapping["id"]}]}
    copy = {"iTwinId": wire.itwin_id}
    for word, statuses in (("created", [202, 202]), ("ok", [200, 200])):
        wire.running.turn(itwin_created=word)
        answers = [wire.post(RUNS, told), wire.post(f"{wire.imodel}/clone", copy)]
        assert [answer.status_code for answer in answers] == statuses
        assert answers[1].headers["Location"]
    assert wire.post(RUNS, {}).status_code == 422


def test_no_signature_is_among_what_was_seen(serve_new: Serve, house_lake: Path) -> None:
    wire = Itwin(serve_new(house_lake))
    wire.ask("PUT", "/uploads/1?signature=s3cret")
    assert "s3cret" not in repr(wire.running.seen())


def test_switches_are_the_vendors_own() -> None:
    assert all(switch.name.startswith("itwin_") for switch in SWITCHES)
    assert all(place.startswith("itwin_") for place in ENDPOINTS)
