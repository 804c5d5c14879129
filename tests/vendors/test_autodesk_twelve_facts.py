"""The twelve facts of the contract that break naive clients, each as a test of its own."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from autodesk_rows import (
    API,
    INDEX,
    PROJECT,
    codes,
    decoded,
    field,
    figures,
    model,
    recorded,
    row,
)
from autodesk_served import (
    REF,
    TOKEN,
    FakeClock,
    Reply,
    asked,
    documents,
    fetched,
    opened,
    problem,
    service,
)

from takeoff.core.errors import VendorRefused
from takeoff.vendors.autodesk import calls, client
from takeoff.vendors.autodesk.calls import Version
from takeoff.vendors.autodesk.fields import read as read_fields
from takeoff.vendors.autodesk.job import job_of
from takeoff.vendors.autodesk.manifest import manifest_of
from takeoff.vendors.autodesk.paths import INDEXES
from takeoff.vendors.autodesk.query import Query, aggregate, is_drawn, prop


def test_fact_1_the_prefix_of_a_project_goes_here_and_stays_in_data_management(
    tmp_path: Path,
) -> None:
    told = service()
    with opened(told) as session:
        client.version(session, REF)
        calls.indexes(session, f"b.{PROJECT}", [Version("urn")])
        calls.job(session, f"b.{PROJECT}", INDEXES, INDEX)
    paths = [one.target.partition("?")[0] for one in told.seen]
    assert paths[0].startswith(f"/data/v1/projects/b.{PROJECT}/items/urn%3Aadsk.wipprod%3Adm.")
    assert paths[1:] == [f"{API}/indexes:batch-status", f"{API}/indexes/{INDEX}"]


@pytest.mark.parametrize(
    "state", ["PROCESSING", "RUNNING", "QUEUED", "PENDING", "SOMETHING_NOBODY_HAS_SEEN"]
)
def test_fact_2_every_state_but_the_last_two_is_still_working(state: str, tmp_path: Path) -> None:
    told = service(states=[state, state, "FINISHED"])
    assert asked(told, tmp_path).proof.kind == "stated_total"
    assert len(told.asked(f"/indexes/{INDEX}")) == 3


def test_fact_2_batch_status_starts_and_reports(tmp_path: Path) -> None:
    told = service()
    asked(told, tmp_path)
    started = told.asked("/indexes:batch-status")
    assert [(one.method, json.loads(one.body)) for one in started] == [
        (
            "POST",
            {
                "versions": [
                    {"versionUrn": json.loads(recorded("job_finished.json"))["versionUrns"][0]}
                ]
            },
        )
    ]


def test_fact_2_a_failed_job_comes_with_200_and_is_no_empty_model(tmp_path: Path) -> None:
    told = service(states=["PROCESSING", "FAILED"])
    with pytest.raises(
        VendorRefused, match="ExtractionFailed: The file cannot be read.*No viewable"
    ):
        asked(told, tmp_path)


@pytest.mark.parametrize("is_bare", [False, True], ids=["object", "array"])
def test_fact_3_batches_are_answered_with_an_object_or_a_bare_array(
    is_bare: bool, tmp_path: Path
) -> None:
    assert asked(service(is_bare=is_bare), tmp_path).stated_totals == {"objects": 14}


@pytest.mark.parametrize("mode", ["enc", "raw", "303", "plain"])
def test_fact_4_files_come_in_four_ways_and_the_token_stays_here(mode: str, tmp_path: Path) -> None:
    told = service(mode=mode)
    _, rows = fetched(told, tmp_path)
    assert len(rows["elements"]) == 14
    kept = {document.name.rpartition("/")[2]: document.path for document in documents(tmp_path)}
    assert kept["properties"].read_bytes() == recorded("properties.jsonl")
    assert len(told.stored) == (2 if mode == "303" else 0)
    assert not any("authorization" in one.headers for one in told.stored)


def test_fact_4_a_packed_answer_that_is_cut_is_asked_for_again(tmp_path: Path) -> None:
    cut = Reply(body=recorded("properties.jsonl"), packed=True, framing="none", cut=-9)
    told = service(refusals={"/properties": [cut]})
    assert asked(told, tmp_path).proof.kind == "stated_total"
    assert len(told.asked("/properties")) == 2


def test_fact_5_text_is_utf_8_whatever_the_header_says(tmp_path: Path) -> None:
    latin = {"Content-Type": "application/json; charset=ISO-8859-1"}
    told = service()
    told.refusals["/properties"] = [
        Reply(body=recorded("properties.jsonl"), packed=True, headers=latin)
    ]
    _, rows = fetched(told, tmp_path)
    assert [item["material"] for item in rows["materials"]] == ["Concrete, ø 10"]
    chinese = model(tmp_path / "chinese", "chinese_")
    assert [item["name"] for item in chinese["elements"]] == ["一樓", "二樓", "基本牆"]


@pytest.mark.parametrize(
    ("written", "exact"),
    [
        ("14e0", "14"),
        ("4805277777777777e-13", "480.5277777777777"),
        ("0.485383241976329e0", "0.485383241976329"),
        ("5833333333333334e-16", "0.5833333333333334"),
        ("30000621564225079361913482649135403335e-34", "3000.062156422508"),
    ],
)
def test_fact_6_numbers_are_read_as_json_has_them(written: str, exact: str, tmp_path: Path) -> None:
    fields = [field("p1", "Dimensions", "Length", type="Double", uom="m")]
    line = json.dumps(row(1, {"p1": 0})).replace('"p1": 0', f'"p1": {written}')
    rows = decoded(tmp_path, fields, line.encode())
    assert rows["quantities"][0]["value_exact"] == Decimal(exact).quantize(Decimal("1e-12"))


def test_fact_6_results_of_queries_are_json_for_a_real_parser() -> None:
    found = [json.loads(line) for line in recorded("results.jsonl").splitlines()]
    assert [item.get("area", item.get("length", item["volume"])) for item in found] == [
        480.5277777777777,
        14.0,
        3000.062156422508,
    ]


def test_fact_7_ids_and_keys_are_text(tmp_path: Path) -> None:
    fields = [field("p0034567", "Identity Data", "Mark"), field("p12e45678", "Data", "Code")]
    written = [
        row(1, {"p0034567": "007", "p12e45678": "12e45678"}, externalId="0034567"),
        row(2, {}, externalId="12e45678", lmvId="0000002"),
    ]
    rows = decoded(tmp_path, fields, written)
    assert [item["element_id"] for item in rows["elements"]] == ["0034567", "12e45678"]
    assert rows["elements"][0]["mark"] == "007"
    assert [item["text"] for item in rows["properties"]] == ["007", "12e45678"]


def test_fact_8_numbers_may_come_quoted(tmp_path: Path) -> None:
    now = FakeClock.START
    found = job_of(json.loads(recorded("query_job.json")), "job", {}, now)
    assert found.stated_objects == 3
    assert manifest_of(recorded("manifest.json"), "manifest").stated_objects == 14
    rows = model(tmp_path)
    column = next(item for item in rows["elements"] if item["source_id"] == "1510")
    assert column["ifc_class"] == "Column"
    length = figures(rows, column["name"])["Length"]
    assert length == ("Length", Decimal("4.2672").quantize(Decimal("1e-12")), "m")
    bare = [field("p1", "Data", "Factor", type="Double")]
    factor = decoded(tmp_path / "factor", bare, [row(1, {"p1": "12.5"})])
    assert [item["number"] for item in factor["properties"]] == [12.5]
    mark = decoded(
        tmp_path / "mark", [field("p1", "Identity Data", "Mark")], [row(1, {"p1": "14"})]
    )
    assert [item["text"] for item in mark["properties"]] == ["14"]


@pytest.mark.parametrize("nothing", [{}, {"value": None}], ids=["absent", "null"])
def test_fact_9_absent_and_null_mean_the_same(nothing: dict[str, None], tmp_path: Path) -> None:
    members = ("stats", "retryAt", "manifestUrl", "fieldsUrl", "propertiesUrl", "errors")
    job: dict[str, Any] = json.loads(recorded("job_finished.json"))
    for name in members:
        job.pop(name, None)
        job |= {name: None} if nothing else {}
    found = job_of(job, "job", {}, FakeClock.START)
    assert (dict(found.stats), dict(found.urls).keys(), found.wait_s, found.problem) == (
        {},
        {"self"},
        None,
        None,
    )
    bare = {"svf2Id": 1, "externalId": "a", "views": ["v"]}
    more = dict.fromkeys(("props", "propsIgnored", "lmvId")) if nothing else {}
    rows = decoded(tmp_path, [field("p1", None, "Anything")], [bare | more])
    assert [item["element_id"] for item in rows["elements"]] == ["a"]
    assert rows["properties"] == []


def test_fact_10_keys_and_names_are_those_of_the_index_itself(tmp_path: Path) -> None:
    """The same wall with other keys throughout, and in a language that we have no names of."""
    fields = [
        field("q1", "__name__", "name"),
        field("q2", "__category__", "_RC"),
        field("q3", "__category__", "_RFT"),
        field("q4", "__categoryId__", "CategoryId", type="Integer"),
        field("q5", "__internalref__", "Põhjatase", type="DbKey"),
        field("q6", "Mõõdud", "Maht", type="Double", uom="m^3"),
    ]
    written = [
        row(1, {"q1": "Korrus 1", "q2": "Korrused", "q4": -2000240}),
        row(2, {"q1": "Sein", "q2": "Seinad", "q3": "Betoon", "q4": -2000011, "q5": 1, "q6": 2.5}),
    ]
    rows = decoded(tmp_path, fields, written)
    wall = rows["elements"][1]
    assert (wall["ifc_class"], wall["role"], wall["type_name"]) == ("Wall", "physical", "Betoon")
    assert (wall["storey_id"], wall["storey_name"]) == ("id-1", "Korrus 1")
    assert figures(rows, "Sein") == {
        "Maht": (None, Decimal("2.5").quantize(Decimal("1e-12")), "m3")
    }


def test_fact_10_a_key_is_found_by_name_and_never_guessed(tmp_path: Path) -> None:
    path = tmp_path / "fields"
    path.write_bytes(recorded("fields.jsonl"))
    fields = read_fields(path, "fields")
    assert fields.key("Dimensions", "Volume") == "p188478f2"
    assert fields.key("Constraints", "Level") == "p01bbdcf2"
    body = Query(is_drawn(), {"volume": aggregate("$sum", prop("p188478f2"))}).body
    assert body["columns"] == {"volume": {"$sum": "s.props.p188478f2"}}


def test_fact_11_units_are_those_of_each_field(tmp_path: Path) -> None:
    imperial = figures(model(tmp_path / "imperial"), "Basic Wall [899054]")
    assert imperial["Length"] == ("Length", Decimal("9.906").quantize(Decimal("1e-12")), "m")
    assert imperial["Area"] == ("NetSideArea", Decimal("44.642493424512"), "m2")
    assert imperial["Volume"] == ("NetVolume", Decimal("12.331372215245"), "m3")
    metric = figures(model(tmp_path / "metric", "metric_"), "Wall")
    assert metric == {
        "Length": ("Length", Decimal("2.641600000000"), "m"),
        "Area": ("NetSideArea", Decimal("6.658000000000"), "m2"),
        "Volume": ("NetVolume", Decimal("1.014690000000"), "m3"),
    }


def test_fact_11_what_has_no_unit_that_we_know_stays_as_it_is_and_is_said(tmp_path: Path) -> None:
    fields = [
        field("p1", "Structural", "Strength", type="Double", uom="kip/inch^2"),
        field("p2", "Structural", "Slenderness", type="Double"),
        field("p3", "Qto_BodyGeometryValidation", "NetVolume", type="Double"),
    ]
    rows = decoded(tmp_path, fields, [row(1, {"p1": 4.0, "p2": 12.5, "p3": 2.0})])
    assert [(item["name"], item["number"], item["unit"]) for item in rows["properties"]] == [
        ("Strength", 4.0, "kip/inch^2"),
        ("Slenderness", 12.5, None),
        ("NetVolume", 2.0, None),
    ]
    assert [
        (item["quantity"], item["source_value"], item["value"], item["unit_status"])
        for item in rows["quantities"]
    ] == [("NetVolume", "2", None, "unknown")]
    assert {"unit_unknown", "kind_unknown"} <= codes(rows)


def test_fact_12_rows_that_are_no_elements_are_told_apart(tmp_path: Path) -> None:
    roles = {item["name"]: item["role"] for item in model(tmp_path)["elements"]}
    assert roles == {
        "Pavilion": "location",
        "Level 1": "location",
        "Level 2": "location",
        "Floor Plan: Level 1": "annotation",
        "Walls": "type",
        'Generic - 10"': "type",
        "Basic Wall [899054]": "physical",
        "M_Concrete-Round-Column [259904]": "physical",
        "Kitchen 101": "space",
        "Hidden wall": "marker",
        "Round Duct": "physical",
        "Something": "physical",
        "Prototype of a wall": "type",
        "Concrete": "marker",
    }


@pytest.mark.parametrize("status", [404, 410])
def test_an_index_that_has_expired_is_asked_for_anew_once(status: int, tmp_path: Path) -> None:
    told = service(refusals={"/properties": [problem(status, "NotFound")]})
    assert asked(told, tmp_path).proof.kind == "stated_total"
    assert len(told.asked("/indexes:batch-status")) == 2
    gone = service(refusals={"/properties": [problem(status, "NotFound")] * 9})
    with pytest.raises(VendorRefused):
        asked(gone, tmp_path / "gone")
    assert len(gone.asked("/indexes:batch-status")) == 2


@pytest.mark.parametrize(("ahead_s", "waited"), [(7, 7), (0.2, 1), (600, 30), (-5, 2), (None, 2)])
def test_the_time_of_the_next_look_is_the_one_that_the_server_names(
    ahead_s: float | None, waited: float, tmp_path: Path
) -> None:
    """By the server's own clock, which is three hours ahead of ours; between 1 s and 30 s."""
    server_now = FakeClock.START + timedelta(hours=3)
    date = server_now.strftime("%a, %d %b %Y %H:%M:%S GMT")
    at = "soon" if ahead_s is None else (server_now + timedelta(seconds=ahead_s)).isoformat()
    told = service(states=["PROCESSING", "FINISHED"], retry_at=at, headers={"Date": date})
    clock = FakeClock()
    asked(told, tmp_path, clock=clock)
    assert clock.slept == [waited]


def test_the_token_is_in_no_answer_that_is_kept(tmp_path: Path) -> None:
    asked(service(mode="303"), tmp_path)
    assert all(TOKEN.encode() not in path.read_bytes() for path in tmp_path.iterdir())
    assert all(b"sig=secret" not in path.read_bytes() for path in tmp_path.iterdir())
