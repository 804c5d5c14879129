"""Asking Autodesk: finding models, waiting for indexes, downloads, proof, and what was killed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from autodesk_rows import INDEX, LINEAGE, NEW, OLD, PROJECT, codes, recorded
from autodesk_served import (
    REF,
    FakeClock,
    Folder,
    Journal,
    Reply,
    asked,
    fetched,
    opened,
    problem,
    service,
)

from takeoff.core.errors import InputRefused, NotUnderstood, TryLater, VendorRefused
from takeoff.core.progress import Quiet
from takeoff.core.refs import SourceVersion
from takeoff.http.operations import Patience
from takeoff.vendors.autodesk import calls, client, listing
from takeoff.vendors.autodesk.calls import Pair, Version
from takeoff.vendors.autodesk.endpoints import Handling
from takeoff.vendors.autodesk.options import Options
from takeoff.vendors.autodesk.paths import DIFFS, INDEXES
from takeoff.vendors.autodesk.query import Query, is_drawn

COMPARED = Options(previous_version=OLD)


def test_models_are_the_items_of_all_folders_that_may_be_models() -> None:
    told = service()
    with opened(told) as session:
        found = client.models(session)
    assert [(ref.project_id, ref.model_id, ref.model_name) for ref in found] == [
        (PROJECT, LINEAGE, "Pavilion.rvt"),
        (PROJECT, "urn:adsk.wipprod:dm.lineage:Annex", "Annex.ifc"),
    ]
    assert {ref.project_name for ref in found} == {"Pavilions"}
    assert not any("co.gone" in one.target for one in told.seen)


@pytest.mark.parametrize("project", [PROJECT, f"b.{PROJECT}"])
def test_project_is_found_with_and_without_its_prefix(project: str) -> None:
    with opened(service()) as session:
        assert len(client.models(session, project)) == 2


def test_project_that_is_not_shown_is_refused_with_those_that_are() -> None:
    with (
        opened(service()) as session,
        pytest.raises(InputRefused, match=f"shows: {PROJECT} .Pavilions"),
    ):
        client.models(session, "another")


def test_login_that_sees_no_account_says_who_must_add_it() -> None:
    empty = {"data": [], "meta": {"warnings": [{"Title": "Unable to get hubs"}]}}
    told = service(refusals={"/hubs": [Reply(body=json.dumps(empty).encode())]})
    with opened(told) as session, pytest.raises(VendorRefused, match="Unable to get hubs.*client"):
        client.models(session)


def test_pages_that_lead_in_a_circle_are_refused() -> None:
    told = service()
    with opened(told) as session:
        page = {"data": [], "links": {"next": {"href": f"{told.base}/project/v1/hubs/h/projects"}}}
        told.refusals["/projects"] = [Reply(body=json.dumps(page).encode())] * 3
        with pytest.raises(NotUnderstood, match="circle"):
            listing.projects(session, "h")


def test_version_is_the_newest_whatever_the_order() -> None:
    with opened(service()) as session:
        assert client.version(session, REF) == SourceVersion("version_urn", NEW, "version 4")


def test_fetch_proves_itself_by_the_stated_total(tmp_path: Path) -> None:
    brought, rows = fetched(service(), tmp_path)
    assert brought.proof.kind == "stated_total"
    assert brought.stated_totals == {"objects": 14}
    assert brought.version == SourceVersion("version_urn", NEW, "version 4")
    assert len(rows["elements"]) == 14


@pytest.mark.parametrize("said_by", ["job", "manifest"])
def test_rows_that_are_not_as_many_as_stated_are_asked_for_again_and_refused(
    said_by: str, tmp_path: Path
) -> None:
    told = service()
    if said_by == "job":
        told.job = {"stats": {"objects": 15}}
    else:
        manifest = recorded("manifest.json").replace(b'"objects":"14"', b'"objects":"15"')
        told.files["indexes/manifest"] = manifest
    with pytest.raises(NotUnderstood, match=f"14 rows, but the {said_by} states 15"):
        asked(told, tmp_path)
    assert len(told.asked("/properties")) == 2


def test_rows_without_any_definition_of_a_field_are_refused(tmp_path: Path) -> None:
    told = service()
    told.files["indexes/fields"] = b""
    with pytest.raises(NotUnderstood, match="defines no field"):
        asked(told, tmp_path)


def test_without_stated_totals_the_end_of_the_transfer_is_the_proof(tmp_path: Path) -> None:
    told = service(job={"stats": None})
    told.files["indexes/manifest"] = b'{"seedFiles":[]}'
    assert asked(told, tmp_path).proof.kind == "protocol_end"


def test_plain_rows_without_any_mark_of_their_end_prove_nothing(tmp_path: Path) -> None:
    told = service(job={"stats": None})
    told.files["indexes/manifest"] = b"{}"
    unmarked = Reply(body=recorded("properties.jsonl"), framing="none")
    told.refusals["/properties"] = [unmarked]
    assert asked(told, tmp_path).proof.kind == "none"


def test_manifest_that_failed_is_no_empty_model(tmp_path: Path) -> None:
    told = service()
    told.files["indexes/manifest"] = b'{"status":"Failed","errors":[{"title":"No database"}]}'
    with pytest.raises(VendorRefused, match="No database"):
        asked(told, tmp_path)


def test_errors_in_the_manifest_are_warnings(tmp_path: Path) -> None:
    told = service()
    manifest = json.loads(recorded("manifest.json")) | {"errors": [{"title": "A link is missing"}]}
    told.files["indexes/manifest"] = json.dumps(manifest).encode()
    _, rows = fetched(told, tmp_path)
    texts = [row["text"] for row in rows["warnings"] if row["code"] == "manifest_errors"]
    assert texts == ["The manifest names errors: A link is missing"]


def test_killed_fetch_goes_on_with_its_version_and_asks_for_nothing_again(tmp_path: Path) -> None:
    told = service(refusals={"/properties": [problem(400, "BadInput")]})
    with pytest.raises(VendorRefused):
        asked(told, tmp_path)
    told.seen.clear()
    brought = asked(told, tmp_path)
    assert brought.proof.kind == "stated_total"
    assert [one.target.rpartition("/")[2] for one in told.seen] == ["properties"]


def test_complete_fetch_asks_for_nothing_again(tmp_path: Path) -> None:
    told = service()
    first = asked(told, tmp_path)
    told.seen.clear()
    assert asked(told, tmp_path) == first
    assert told.seen == []


def test_job_whose_links_lead_elsewhere_is_asked_under_our_own_address(tmp_path: Path) -> None:
    told = service(job={"propertiesUrl": "https://elsewhere.example/properties"})
    assert asked(told, tmp_path).proof.kind == "stated_total"


def test_links_of_the_job_are_followed(tmp_path: Path) -> None:
    told = service()
    with opened(told) as session:
        told.job = {"fieldsUrl": f"{told.base}/construction/index/v2/other"}
        with pytest.raises(VendorRefused):
            client.ask(REF, session, Journal(Folder(tmp_path)), Quiet())
    assert len(told.asked("/v2/other")) == 2


def test_region_goes_with_every_request_for_properties(tmp_path: Path) -> None:
    told = service()
    asked(told, tmp_path, Options(region="EMEA"))
    regions = {one.target: one.headers.get("x-ads-region") for one in told.seen}
    assert {region for target, region in regions.items() if "/construction/" in target} == {"EMEA"}
    assert {region for target, region in regions.items() if "/data/" in target} == {None}


def test_failing_again_and_again_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    clock = FakeClock()
    told = service(states=["PROCESSING"])
    with pytest.raises(TryLater, match="index of .* is still 'running'"):
        asked(told, tmp_path, clock=clock)
    assert 800 < clock.spent_s <= 900


def test_too_many_requests_are_waited_for(tmp_path: Path) -> None:
    clock = FakeClock()
    refused = [problem(429, "TooMany", **{"Retry-After": "7"}), problem(429, "TooMany")]
    told = service(refusals={":batch-status": refused})
    assert asked(told, tmp_path, clock=clock).proof.kind == "stated_total"
    assert clock.slept[0] >= 7


def test_codes_are_looked_for_where_the_options_say(tmp_path: Path) -> None:
    written = ("Comments=Mark|Type Name", "X = Nowhere ")
    _, rows = fetched(service(), tmp_path, Options(codes=written))
    assert [(item["system"], item["code"]) for item in rows["codes"]] == [
        ("Assembly Code", "B2010158"),
        ("Comments", "007"),
        ("Uniclass 2015", "Ss_25_10"),
        ("OmniClass", "23.25.30.11.14.11"),
    ]


@pytest.mark.parametrize("written", ["Mark", "=Mark", "System=", ""])
def test_codes_that_name_no_system_or_property_are_refused(written: str, tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="is written System=Name"):
        asked(service(), tmp_path, Options(codes=(written,)))


def test_error_that_quotes_an_answer_shows_no_token(tmp_path: Path) -> None:
    signed = "https://storage.example/x?X-Amz-Signature=abcdef0123456789"
    told = service(refusals={"/versions": [Reply(body=json.dumps({"data": signed}).encode())]})
    with pytest.raises(NotUnderstood) as caught:
        asked(told, tmp_path)
    assert "abcdef0123456789" not in str(caught.value)


def test_comparison_is_fetched_and_its_totals_are_stated(tmp_path: Path) -> None:
    brought, rows = fetched(service(), tmp_path, COMPARED)
    assert brought.stated_totals == {
        "objects": 14,
        "added objects": 1,
        "removed objects": 1,
        "modified objects": 2,
    }
    assert len(rows["changes_stated"]) == 4


def test_comparison_that_cannot_be_had_is_a_warning(tmp_path: Path) -> None:
    told = service(refusals={"/diffs:batch-status": [problem(400, "BadInput")]})
    brought, rows = fetched(told, tmp_path, COMPARED)
    assert brought.stated_totals == {"objects": 14}
    assert "changes_missing" in codes(rows)


def test_comparison_with_too_few_rows_is_refused(tmp_path: Path) -> None:
    told = service()
    told.files["diffs/properties"] = recorded("diff_properties.jsonl").splitlines()[0]
    with pytest.raises(NotUnderstood, match="1 rows, but states 4 changes"):
        asked(told, tmp_path, COMPARED)


def test_query_is_started_waited_for_and_downloaded(tmp_path: Path) -> None:
    told = service()
    told.files["indexes/queries/q/properties"] = recorded("results.jsonl")
    job = json.loads(recorded("query_job.json")) | {"queryId": "q", "state": "PROCESSING"}
    told.refusals["/queries"] = [Reply(body=json.dumps(job).encode())]
    done = Reply(body=json.dumps(job | {"state": "FINISHED"}).encode())
    told.refusals["/queries/q"] = [done]
    into = tmp_path / "results"
    with opened(told) as session:
        ended = calls.run_query(session, PROJECT, INDEXES, INDEX, Query(is_drawn()), into)
    assert (ended.query_id, ended.stated_objects) == ("q", 3)
    assert into.read_bytes() == recorded("results.jsonl")
    assert json.loads(told.asked("/queries")[0].body) == {
        "query": {"$gt": [{"$count": "s.views"}, 0]}
    }


def test_bad_query_may_be_refused_at_once_or_later(tmp_path: Path) -> None:
    failed = json.loads(recorded("job_failed.json")) | {"queryId": "q"}
    later = service(refusals={"/queries": [Reply(body=json.dumps(failed).encode())]})
    at_once = service(refusals={"/queries": [problem(400, "BadInput")]})
    for told, said in ((at_once, "It cannot be"), (later, "The file cannot be read")):
        with opened(told) as session, pytest.raises(VendorRefused, match=said):
            calls.run_query(session, PROJECT, INDEXES, INDEX, Query(is_drawn()), tmp_path / "into")


def test_every_other_call_reads_its_answer(tmp_path: Path) -> None:
    told = service()
    with opened(told) as session:
        found = calls.indexes(session, PROJECT, [Version(NEW, Query(is_drawn()))])
        assert found[0].id == INDEX
        compared = calls.diffs(session, PROJECT, [Pair(OLD, NEW)])[0]
        assert (compared.previous_urns, compared.version_urns) == ((OLD,), (NEW,))
        assert calls.job(session, PROJECT, DIFFS, compared.id).is_diff
        manifest = calls.manifest(session, PROJECT, INDEXES, INDEX)
        assert (manifest.status, manifest.files[0].lineage_urn) == ("Succeeded", LINEAGE)
        assert manifest.files[0].views[0].is_3d is True
        older = calls.manifest(session, PROJECT, DIFFS, compared.id).previous
        assert [file.version_urn for file in older] == [OLD]
        assert len(calls.fields(session, PROJECT, INDEXES, INDEX, tmp_path / "fields")) == 34
        answer = calls.properties(session, PROJECT, DIFFS, compared.id, tmp_path / "rows")
        assert answer.bytes == len(recorded("diff_properties.jsonl"))
        contents = listing.folder_contents(session, PROJECT, "urn:adsk.wipprod:fs.folder:co.top")
        assert contents.items[0].tip_urn == NEW
    body = json.loads(told.asked("/indexes:batch-status")[0].body)
    assert body["versions"][0]["query"] == {"$gt": [{"$count": "s.views"}, 0]}


def test_batch_takes_one_to_a_thousand() -> None:
    with opened(service()) as session:
        for count in (0, 1_001):
            with pytest.raises(InputRefused, match=r"1 to 1,000"):
                calls.indexes(session, PROJECT, [Version(NEW)] * count)


def test_answer_with_another_number_of_jobs_is_refused() -> None:
    with opened(service()) as session, pytest.raises(NotUnderstood, match="2 jobs were asked for"):
        calls.indexes(session, PROJECT, [Version(NEW), Version(OLD)])


def test_results_are_made_anew_only_where_that_is_asked_for() -> None:
    told = service()
    with opened(told) as session:
        calls.indexes(session, PROJECT, [Version(NEW)], Handling(regenerate=True))
        calls.job(session, PROJECT, INDEXES, INDEX, Handling(regenerate=True))
    sent = [one.headers.get("x-ads-force-regenerate-cache") for one in told.seen]
    assert sent == ["true", None]


def test_pauses_grow_while_no_time_is_named(tmp_path: Path) -> None:
    clock = FakeClock()
    told = service(states=["QUEUED"] * 7 + ["FINISHED"])
    patience = Patience(first_s=2, growth=2, longest_s=30, total_s=900)
    asked(told, tmp_path, Options(patience=patience), clock)
    assert clock.slept == [2, 4, 8, 16, 30, 30, 30]
