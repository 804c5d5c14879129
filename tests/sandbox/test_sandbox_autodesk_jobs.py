"""Indexes as jobs: states, times, ids, refusals, and the ways in which files come."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from urllib.parse import urlsplit

import pytest
import requests
from autodesk_wire import TIMEOUT_S, AutodeskWire, Turned, lines


def states(wire: AutodeskWire) -> list[str]:
    """Those that an index goes through, until it is over."""
    job = wire.batch({"versionUrn": wire.urns[-1]}).json()["indexes"][0]
    seen = [job["state"]]
    while job["state"] not in ("FINISHED", "FAILED") and len(seen) < 8:
        job = wire.get(job["selfUrl"]).json()
        seen.append(job["state"])
    return seen


def test_an_index_is_built_by_looking(autodesk: Turned) -> None:
    assert states(autodesk(polls="2")) == ["PROCESSING", "PROCESSING", "FINISHED"]


def test_posting_again_is_a_look_too(autodesk: Turned) -> None:
    wire = autodesk(polls="1")
    entry = {"versionUrn": wire.urns[-1]}
    jobs = [wire.batch(entry).json()["indexes"][0] for _ in range(2)]
    assert [job["state"] for job in jobs] == ["PROCESSING", "FINISHED"]
    assert jobs[0]["indexId"] == jobs[1]["indexId"]


def test_states_that_are_not_in_the_reference(autodesk: Turned) -> None:
    assert states(autodesk(polls="2", autodesk_working="RUNNING"))[1] == "RUNNING"
    assert states(autodesk(polls="2", operation="unknown_state"))[1] == "AWAITING_TRANSLATION"
    assert set(states(autodesk(operation="hung"))) == {"PROCESSING"}


def test_a_job_says_what_the_contract_prints(autodesk: Turned) -> None:
    wire = autodesk(polls="1")
    urn = wire.urns[-1]
    job = wire.batch({"versionUrn": urn}).json()["indexes"][0]
    assert (job["projectId"], job["type"], job["versionUrns"]) == (wire.project, "INDEX", [urn])
    urls = ("manifestUrl", "fieldsUrl", "propertiesUrl")
    assert [job[name] for name in ("stats", *urls)] == [None] * 4
    done = wire.over(job)
    assert done["stats"] == {"objects": len(wire.rows(done))}
    assert all(done[name].startswith(done["selfUrl"]) for name in urls)
    assert len(done["indexId"]) == 22
    assert done["retryAt"].endswith("+00:00")
    assert len(done["retryAt"].partition(".")[2].partition("+")[0]) == 7


def test_what_has_no_value_may_be_left_out(autodesk: Turned) -> None:
    wire = autodesk(polls="1", autodesk_unset="absent", autodesk_times="short")
    job = wire.batch({"versionUrn": wire.urns[-1]}).json()["indexes"][0]
    assert not {"stats", "manifestUrl", "fieldsUrl", "propertiesUrl"} & job.keys()
    assert len(job["updatedAt"].partition(".")[2]) == len("123Z")


@pytest.mark.parametrize(
    ("form", "is_later"), [("soon", True), ("past", False), ("missing", None), ("broken", None)]
)
def test_retry_at(autodesk: Turned, form: str, is_later: bool | None) -> None:
    wire = autodesk(polls="3", autodesk_retry_at=form, autodesk_retry_s="30")
    job = wire.batch({"versionUrn": wire.urns[-1]}).json()["indexes"][0]
    if is_later is None:
        assert job.get("retryAt") == (None if form == "missing" else "in a moment")
        return
    began = datetime.fromisoformat(job["updatedAt"])
    assert ((datetime.fromisoformat(job["retryAt"]) - began).total_seconds() > 20) is is_later


def test_ids_stay_from_start_to_start(autodesk: Turned) -> None:
    wire = autodesk()
    first, second = (wire.finished(versionUrn=urn) for urn in wire.urns)
    assert first["indexId"] != second["indexId"]
    assert autodesk(autodesk_units="imperial").finished()["indexId"] == second["indexId"]


def test_a_bare_array_of_jobs(autodesk: Turned) -> None:
    wire = autodesk(autodesk_batch="array")
    [job] = wire.batch({"versionUrn": wire.urns[-1]}).json()
    assert job["state"] == "FINISHED"


def test_the_camel_case_spelling(autodesk: Turned) -> None:
    wire = autodesk()
    body = {"versions": [{"versionUrn": wire.urns[-1]}]}
    answer = wire.post(f"{wire.index}/indexes:batchStatus", body)
    assert answer.json()["indexes"][0]["state"] == "FINISHED"
    body = {"diffs": [{"prevVersionUrn": wire.urns[0], "curVersionUrn": wire.urns[1]}]}
    assert wire.post(f"{wire.index}/diffs:batchStatus", body).json()["diffs"][0]["type"] == "DIFF"


def test_a_finished_job_may_be_cached(autodesk: Turned) -> None:
    wire = autodesk(polls="1")
    first = wire.batch({"versionUrn": wire.urns[-1]})
    assert first.headers["Cache-Control"] == "no-cache"
    done = wire.get(first.json()["indexes"][0]["selfUrl"])
    assert "immutable" in done.headers["Cache-Control"]
    assert "immutable" in wire.get(done.json()["fieldsUrl"]).headers["Cache-Control"]
    assert "Date" in done.headers


def test_a_failed_index_says_why_with_200(autodesk: Turned) -> None:
    wire = autodesk(autodesk_failed="index")
    answer = wire.batch({"versionUrn": wire.urns[-1]})
    [job] = answer.json()["indexes"]
    assert (answer.status_code, job["state"], job["stats"]) == (200, "FAILED", None)
    assert {"type", "title", "detail", "errors"} == job["errors"][0].keys()
    assert job["propertiesUrl"] is None


def test_a_version_that_there_is_not_fails(autodesk: Turned) -> None:
    wire = autodesk()
    urn = wire.urns[0].replace("version=1", "version=9")
    [job] = wire.batch({"versionUrn": urn}).json()["indexes"]
    assert job["state"] == "FAILED"
    assert "was not found" in job["errors"][0]["detail"]


@pytest.mark.parametrize("urn", ["lineage", "base64", "no version"])
def test_what_is_no_version_urn_is_refused(autodesk: Turned, urn: str) -> None:
    wire = autodesk()
    given = {
        "lineage": wire.item,
        "base64": "dXJuOmFkc2sud2lwcHJvZA",
        "no version": wire.urns[0].partition("?")[0],
    }
    answer = wire.batch({"versionUrn": given[urn]})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "versionUrn"


def test_bodies_that_are_refused(autodesk: Turned) -> None:
    wire = autodesk()
    path = f"{wire.index}/indexes:batch-status"
    headers = {**wire.headers, "Content-Type": "text/plain"}
    assert wire.post(path, headers=headers, data="{}").status_code == 415
    json_headers = {**wire.headers, "Content-Type": "application/json"}
    assert wire.post(path, headers=json_headers, data="{").status_code == 400
    assert wire.post(path, {"versions": []}).status_code == 400
    assert wire.post(path, {"versions": [{"versionUrn": wire.urns[0]}] * 1001}).status_code == 400
    assert wire.post(path, {"versions": [{}]}).status_code == 400
    assert set(wire.post(path, {}).json()) == {"type", "title", "detail", "errors"}


def test_ids_that_there_are_not(autodesk: Turned) -> None:
    wire = autodesk()
    job = wire.finished()
    assert wire.get(f"{wire.index}/indexes/nothing").status_code == 404
    assert wire.get(f"{wire.index}/diffs/{job['indexId']}").status_code == 404
    assert wire.get(f"{job['selfUrl']}/queries/nothing").status_code == 404
    other = "00000000-0000-4000-8000-000000000000"
    assert wire.get(job["selfUrl"].replace(wire.project, other)).status_code == 403


def test_the_project_id_is_bare(autodesk: Turned) -> None:
    wire = autodesk()
    body = {"versions": [{"versionUrn": wire.urns[0]}]}
    path = f"/construction/index/v2/projects/b.{wire.project}/indexes:batch-status"
    assert wire.post(path, body).status_code == 403


def test_files_of_an_unfinished_index_are_not_there(autodesk: Turned) -> None:
    wire = autodesk(operation="hung")
    job = wire.batch({"versionUrn": wire.urns[-1]}).json()["indexes"][0]
    for name in ("manifest", "fields", "properties"):
        assert wire.get(f"{job['selfUrl']}/{name}").status_code == 404


def test_an_expired_index_comes_back_when_it_is_posted(autodesk: Turned) -> None:
    wire = autodesk(autodesk_expired="once")
    job = wire.finished()
    assert wire.get(job["fieldsUrl"]).status_code == 404
    assert wire.get(job["selfUrl"]).status_code == 404
    assert wire.finished()["indexId"] == job["indexId"]
    assert wire.get(job["fieldsUrl"]).status_code == 200
    wire = autodesk(autodesk_expired="always", autodesk_expired_status="410")
    for _ in range(2):
        assert wire.get(wire.finished()["fieldsUrl"]).status_code == 410


def test_forcing_builds_anew(autodesk: Turned) -> None:
    wire = autodesk(polls="1")
    job = wire.finished()
    headers = {**wire.headers, "x-ads-force-regenerate-cache": "true"}
    again = wire.batch({"versionUrn": wire.urns[-1]}, headers=headers).json()["indexes"][0]
    assert (again["indexId"], again["state"]) == (job["indexId"], "PROCESSING")


def test_a_region_in_which_nothing_is_found(autodesk: Turned) -> None:
    wire = autodesk(autodesk_region="EMEA")
    assert wire.urns[0].startswith("urn:adsk.wipemea:fs.file:vf.")
    entry = {"versionUrn": wire.urns[-1]}
    assert wire.batch(entry).status_code == 404
    headers = {**wire.headers, "x-ads-region": "EMEA"}
    assert wire.batch(entry, headers=headers).json()["indexes"][0]["state"] == "FINISHED"


@pytest.mark.parametrize("mode", ["enc", "raw", "303", "plain"])
def test_files_come_in_four_ways(autodesk: Turned, mode: str) -> None:
    wire = autodesk(autodesk_download=mode)
    job = wire.finished()
    answer = wire.get(job["fieldsUrl"], stream=True)
    raw = answer.raw.read(decode_content=False)
    assert ("Content-Encoding" in answer.headers) is (mode == "enc")
    if mode == "303":
        assert (answer.status_code, raw) == (303, b"")
        location = answer.headers["Location"]
        assert urlsplit(location).netloc != urlsplit(wire.base).netloc
        raw = requests.get(location, timeout=TIMEOUT_S).content
        refused = requests.get(location, headers=wire.headers, timeout=TIMEOUT_S)
        assert refused.status_code == 400
    text = raw if mode == "plain" else gzip.decompress(raw)
    assert json.loads(text.splitlines()[0]).keys() == {"key", "category", "type", "name", "uom"}


def test_ids_and_counts_may_be_quoted(autodesk: Turned) -> None:
    wire = autodesk(autodesk_numbers="quoted")
    job = wire.finished()
    assert isinstance(job["stats"]["objects"], str)
    row = lines(wire.get(job["propertiesUrl"]))[0]
    assert isinstance(row["svf2Id"], str)
    assert isinstance(row["lmvId"], str)


def test_the_manifest(autodesk: Turned) -> None:
    wire = autodesk()
    job = wire.finished()
    manifest = wire.get(job["manifestUrl"]).json()
    [seed] = manifest["seedFiles"]
    assert (manifest["schema"], manifest["status"]) == ("2.0.0", "Succeeded")
    assert manifest["stats"]["objects"] == job["stats"]["objects"]
    assert (seed["lineageUrn"], seed["versionUrn"]) == (wire.item, wire.urns[-1])
    rows = wire.rows(job).values()
    assert {row["lineageId"] for row in rows} == {seed["lineageId"]}
    assert {row["databaseId"] for row in rows} == {seed["databases"][0]["id"]}
    views = {view["id"] for view in seed["views"]}
    assert {view for row in rows for view in row["views"]} == views
    assert [view["is3d"] for view in seed["views"]] == [True, False]
    wire = autodesk(autodesk_manifest="capitals")
    manifest = wire.get(wire.finished()["manifestUrl"]).json()
    assert manifest["status"] == "SUCCESS"
    assert manifest["seedFiles"][0]["views"][0]["is3d"] == "true"


def test_every_version_may_have_a_lineage_id_of_its_own(autodesk: Turned) -> None:
    wire = autodesk(autodesk_lineage="changing")
    manifests = [wire.get(wire.finished(versionUrn=urn)["manifestUrl"]).json() for urn in wire.urns]
    seeds = [manifest["seedFiles"][0] for manifest in manifests]
    assert seeds[0]["lineageId"] != seeds[1]["lineageId"]
    assert seeds[0]["lineageUrn"] == seeds[1]["lineageUrn"]
    assert {r["lineageId"] for r in wire.rows(wire.finished()).values()} == {seeds[1]["lineageId"]}


@pytest.mark.parametrize(
    ("family", "keys"),
    [
        ("api", {"type", "title", "detail", "errors"}),
        ("gateway", {"developerMessage", "errorCode", "moreInfo"}),
        ("reason", {"reason"}),
        ("html", None),
    ],
)
def test_errors_have_many_shapes(autodesk: Turned, family: str, keys: set[str] | None) -> None:
    wire = autodesk(autodesk_errors=family)
    answer = wire.get(f"{wire.index}/indexes/nothing")
    assert answer.status_code == 404
    if keys is None:
        assert answer.text.startswith("<!doctype html>")
    else:
        assert set(answer.json()) == keys


@pytest.mark.parametrize("fault", ["401", "403", "404", "429_seconds", "429_none", "500"])
def test_faults_at_a_place(autodesk: Turned, fault: str) -> None:
    wire = autodesk(fault=fault, fault_at="autodesk_properties")
    job = wire.finished()
    answer = wire.get(job["propertiesUrl"])
    assert answer.status_code == int(fault[:3])
    assert ("Retry-After" in answer.headers) is (fault == "429_seconds")
    assert lines(wire.get(job["propertiesUrl"]))
