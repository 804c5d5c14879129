"""Asking for an iModel: which version, which mappings, which run, and going on after a kill."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from itwin_served import (
    CDM,
    EXTRACTION,
    IMODEL,
    ITWIN,
    LATEST,
    MAPPING,
    MAPPINGS,
    ODATA,
    OF_MAPPING,
    REF,
    REPORT,
    RUN,
    TOKEN,
    Service,
    as_json,
    asked,
    documents,
    error,
    fetched,
    query,
    recorded,
    rows,
    warned,
)
from loopback import Reply, Seen

from takeoff.core.errors import (
    InputRefused,
    NotUnderstood,
    TakeoffError,
    TryLater,
    VendorRefused,
)
from takeoff.vendors.itwin import client, starter
from takeoff.vendors.itwin.plan import Options

FROM_FEED = Options(reader="odata")
NEVER: dict[str, Any] = {"extractions": []}


@pytest.fixture
def service() -> Iterator[Service]:
    found = Service()
    yield found
    found.stop()


def version_of(service: Service) -> tuple[str | None, str | None]:
    with service.session() as session:
        found = client.version(session, REF)
    assert found.kind == "changeset"
    changeset, _, mappings = str(found.value).partition(";mappings=")
    assert len(mappings) == 16
    return changeset, found.label


def changeset(index: int, **more: Any) -> dict[str, Any]:
    return {"id": f"{index:040}", "index": index, "parentId": "", "state": "fileUploaded", **more}


def run_in_state(word: str) -> dict[str, Any]:
    found = recorded("extraction.json")
    found["extraction"]["state"] = word
    return dict(found)


def extract_first(service: Service, *states: str) -> None:
    """The mapping has no tables yet; a run goes through these states."""
    runs = as_json(recorded("mapping_extractions.json"))
    service.set(f"GET {OF_MAPPING}/extractions", as_json(NEVER), runs)
    service.set(f"POST {MAPPINGS}/extractions", as_json(run_in_state("Queued"), 202))
    service.set(f"GET {RUN}", *[as_json(run_in_state(word)) for word in states])


def test_models_are_the_imodels_of_all_itwins(service: Service) -> None:
    with service.session() as session:
        [ref] = client.models(session)
    assert (ref.vendor, ref.project_name, ref.model_name) == ("itwin", "Bridge 7", "Pier")
    [listed] = service.asked("GET /imodels")
    assert query(listed)["iTwinId"] == ITWIN
    assert listed.headers["prefer"] == "return=minimal"
    assert query(service.asked("GET /itwins/")[0])["subClass"] == "Project"


def test_an_empty_page_with_a_next_link_goes_on(service: Service) -> None:
    empty = {"iModels": [], "_links": {"next": {"href": "BASE/imodels?$skip=0&again=1"}}}
    service.set("GET /imodels", as_json(empty), as_json(recorded("imodels.json")))
    with service.session() as session:
        assert len(client.models(session, ITWIN)) == 1


@pytest.mark.parametrize("links", [{}, {"next": None}, {"next": {"href": ""}}, None])
def test_a_list_ends_however_that_is_said(service: Service, links: dict[str, Any] | None) -> None:
    page = recorded("imodels.json")
    page["_links"] = links
    service.set("GET /imodels", as_json(page))
    with service.session() as session:
        assert len(client.models(session, ITWIN)) == 1


@pytest.mark.parametrize(
    "link", ["https://evil.example/imodels?$skip=1", "http://127.0.0.1:1/imodels"]
)
def test_a_next_link_to_another_place_is_not_followed(service: Service, link: str) -> None:
    page = recorded("imodels.json")
    page["_links"] = {"next": {"href": link}}
    service.set("GET /imodels", as_json(page))
    with service.session() as session, pytest.raises(NotUnderstood, match="not followed"):
        client.models(session, ITWIN)


def test_a_list_that_links_to_itself_is_refused(service: Service) -> None:
    page = recorded("imodels.json")
    page["_links"] = {"next": {"href": "BASE/imodels?$skip=1"}}
    service.set("GET /imodels", as_json(page))
    with service.session() as session, pytest.raises(NotUnderstood, match="links back"):
        client.models(session, ITWIN)


def test_the_version_is_the_latest_changeset_with_its_name(service: Service) -> None:
    assert version_of(service) == (LATEST, "Tender")
    [listed] = service.asked(f"GET /imodels/{IMODEL}/changesets")
    assert query(listed)["$orderBy"] == "index desc"


def test_a_service_that_sorts_the_other_way_is_read_to_its_end(service: Service) -> None:
    def page(seen: Seen) -> Reply:
        at = int(query(seen).get("$skip", "0"))
        link = {"href": "BASE" + f"/imodels/{IMODEL}/changesets?$skip={at + 2}"}
        items = [changeset(at + 1), changeset(at + 2)]
        return as_json({"changesets": items, "_links": {"next": link if at < 4 else None}})

    service.set(f"GET /imodels/{IMODEL}/changesets", page)
    assert version_of(service) == (f"{6:040}", "6")


def test_newest_first_is_not_read_any_further(service: Service) -> None:
    link = {"href": "BASE/never"}
    page = {"changesets": [changeset(9), changeset(8)], "_links": {"next": link}}
    service.set(f"GET /imodels/{IMODEL}/changesets", as_json(page))
    assert version_of(service) == (f"{9:040}", "9")


def test_a_changeset_whose_file_has_not_come_is_no_version(service: Service) -> None:
    items = [changeset(9, state="waitingForFile"), changeset(8)]
    page = {"changesets": items, "_links": {}}
    service.set(f"GET /imodels/{IMODEL}/changesets", as_json(page))
    assert version_of(service) == (f"{8:040}", "8")


def test_a_hidden_name_counts_only_where_there_is_no_other(service: Service) -> None:
    named = recorded("named_versions.json")
    hidden = {**named["namedVersions"][1], "id": "h", "displayName": "Draft", "state": "hidden"}
    named["namedVersions"].append(hidden)
    service.set(f"GET /imodels/{IMODEL}/namedversions", as_json(named))
    assert version_of(service)[1] == "Tender"
    named["namedVersions"] = [hidden]
    service.set(f"GET /imodels/{IMODEL}/namedversions", as_json(named))
    assert version_of(service)[1] == "Draft"


@pytest.mark.parametrize("name", ["Tender", LATEST, "4"])
def test_a_version_may_be_named(service: Service, tmp_path: Path, name: str) -> None:
    newer = {"changesets": [changeset(7), changeset(4, id=LATEST)], "_links": {}}
    service.set(f"GET /imodels/{IMODEL}/changesets", as_json(newer))
    service.routes[f"GET /imodels/{IMODEL}/changesets/{LATEST}"] = as_json(
        recorded("changeset.json")
    )
    brought = asked(service, tmp_path, Options(changeset=name))
    assert str(brought.version.value).partition(";")[0] == LATEST
    assert brought.version.label == "Tender"


def test_a_version_that_is_not_there_is_refused(service: Service, tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="no version 'Nope'"):
        asked(service, tmp_path, Options(changeset="Nope"))


def test_the_baseline_cannot_be_extracted_once_there_are_changesets(
    service: Service, tmp_path: Path
) -> None:
    with pytest.raises(NotUnderstood, match="baseline"):
        asked(service, tmp_path, Options(changeset="Start"))
    assert service.asked(f"POST {MAPPINGS}/extractions") == []


def test_tables_of_the_version_are_not_extracted_again(service: Service, tmp_path: Path) -> None:
    brought = asked(service, tmp_path)
    assert brought.proof.kind == "protocol_end"
    assert "2 tables" in brought.proof.detail
    assert "changeset 4" in brought.proof.detail
    assert service.asked(f"POST {MAPPINGS}/extractions") == []


def test_a_mapping_that_changed_since_is_extracted_again(service: Service, tmp_path: Path) -> None:
    changed = recorded("mappings.json")
    changed["mappings"][0]["modifiedOn"] = "2026-01-05T12:00:00.0000000Z"
    service.set(f"GET {MAPPINGS}", as_json(changed))
    service.set(f"POST {MAPPINGS}/extractions", as_json(run_in_state("Queued"), 202))
    asked(service, tmp_path)
    assert len(service.asked(f"POST {MAPPINGS}/extractions")) == 1


def test_a_run_is_started_waited_for_and_read(service: Service, tmp_path: Path) -> None:
    extract_first(service, "Running", "Running", "Succeeded")
    brought = asked(service, tmp_path)
    assert brought.proof.kind == "protocol_end"
    [run] = service.asked(f"POST {MAPPINGS}/extractions")
    assert json.loads(run.body) == {
        "iModelId": IMODEL,
        "mappings": [{"id": MAPPING}],
        "changesetId": LATEST,
    }
    assert service.clock.spent_s > 3


def test_a_state_that_nobody_knows_is_waited_for(service: Service, tmp_path: Path) -> None:
    extract_first(service, "Preparing", "Succeeded")
    assert asked(service, tmp_path).proof.kind == "protocol_end"


def test_a_run_that_does_not_end_is_given_up(service: Service, tmp_path: Path) -> None:
    extract_first(service, "Running")
    with pytest.raises(TryLater, match="still 'running'"):
        asked(service, tmp_path)


def test_a_run_that_fails_says_what_its_log_says(service: Service, tmp_path: Path) -> None:
    extract_first(service, "Failed")
    with pytest.raises(VendorRefused, match="Group Concrete has no valid query"):
        asked(service, tmp_path)


def test_a_run_that_began_by_itself_is_waited_for(service: Service, tmp_path: Path) -> None:
    service.set(f"GET {RUN}", as_json(run_in_state("Running")), as_json(run_in_state("Succeeded")))
    assert asked(service, tmp_path).proof.kind == "protocol_end"
    assert service.asked(f"POST {MAPPINGS}/extractions") == []


def test_older_tables_of_the_wanted_version_are_good(service: Service, tmp_path: Path) -> None:
    runs = recorded("mapping_extractions.json")
    newer = {
        **runs["extractions"][0],
        "extractionId": "newer",
        "changesetIndex": 5,
        "extractionTimestamp": "2026-02-01T00:00:00+00:00",
    }
    runs["extractions"].append(newer)
    service.set(f"GET {OF_MAPPING}/extractions", as_json(runs))
    assert asked(service, tmp_path / "tables").proof.kind == "protocol_end"
    service.set(f"POST {MAPPINGS}/extractions", as_json(run_in_state("Queued"), 202))
    with pytest.raises(NotUnderstood, match="skipped"):
        asked(service, tmp_path / "feed", FROM_FEED)


def test_a_group_without_a_table_makes_the_fetch_unproved(service: Service, tmp_path: Path) -> None:
    cdm = recorded("cdm.json")
    cdm["entities"][1]["name"] = "Renamed"
    service.set(f"GET {CDM}", as_json(cdm))
    brought, found = fetched(service, tmp_path)
    assert brought.proof.kind == "none"
    assert "Takeoff.Concrete" in brought.proof.detail
    assert "group_unknown" in warned(found)
    assert len(found["elements"]) == 4


def test_mappings_may_be_chosen_by_name(service: Service, tmp_path: Path) -> None:
    listed = recorded("mappings.json")
    listed["mappings"].append({**listed["mappings"][0], "id": "m2", "mappingName": "Other"})
    service.set(f"GET {MAPPINGS}", as_json(listed))
    brought = asked(service, tmp_path, Options(mappings=("Takeoff",)))
    assert brought.proof.kind == "protocol_end"
    with pytest.raises(InputRefused, match=r"no mapping 'Nope'; it has: .*Takeoff.*Other"):
        asked(service, tmp_path / "nope", Options(mappings=("Nope",)))


def test_a_mapping_without_groups_is_refused(service: Service, tmp_path: Path) -> None:
    service.set(f"GET {OF_MAPPING}/groups", as_json({"groups": [], "_links": {}}))
    with pytest.raises(InputRefused, match="have no groups"):
        asked(service, tmp_path)


def test_a_reader_that_is_none_is_refused(service: Service, tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="cdm or odata"):
        asked(service, tmp_path, Options(reader="csv"))


def test_a_mapping_of_our_own_is_made_only_when_asked_for(service: Service, tmp_path: Path) -> None:
    made: dict[str, list[Any]] = {"mappings": [], "groups": [], "properties": []}
    new_group = f"{OF_MAPPING}/groups"
    of_group = f"{new_group}/g1/properties"

    def listing(key: str) -> Reply:
        return as_json({key: made[key], "_links": {}})

    def making(key: str, single: str, id_: str | None) -> Any:
        def make(seen: Seen) -> Reply:
            item = {**json.loads(seen.body), "id": id_ or f"p{len(made[key])}"}
            made[key].append(item)
            return as_json({single: item}, 201)

        return make

    service.set(f"GET {MAPPINGS}", lambda seen: listing("mappings"))
    service.set(f"GET {new_group}", lambda seen: listing("groups"))
    service.set(f"GET {of_group}", lambda seen: listing("properties"))
    service.set(f"POST {MAPPINGS}", making("mappings", "mapping", MAPPING))
    service.set(f"POST {new_group}", making("groups", "group", "g1"))
    service.set(f"POST {of_group}", making("properties", "property", None))
    cdm = recorded("cdm.json")
    cdm["entities"] = [{**cdm["entities"][0], "name": starter.GROUP}]
    service.set(f"GET {CDM}", as_json(cdm))
    with pytest.raises(InputRefused):
        asked(service, tmp_path / "not")
    assert made["mappings"] == []
    brought, found = fetched(service, tmp_path / "made", Options(create_mapping=True))
    assert brought.proof.kind == "protocol_end"
    assert [one["propertyName"] for one in made["properties"]] == [
        one.name for one in starter.PROPERTIES
    ]
    assert {row["ifc_guid_source"] for row in found["elements"]} == {"federation", None}
    made["properties"].pop()
    fetched(service, tmp_path / "again", Options(create_mapping=True))
    assert {key: len(items) for key, items in made.items()} == {
        "mappings": 1,
        "groups": 1,
        "properties": len(starter.PROPERTIES),
    }


def test_a_clone_and_a_fork_say_where_they_come_from(service: Service, tmp_path: Path) -> None:
    operation = {
        "state": "successful",
        "clonedFrom": None,
        "forkedFrom": {"iModelId": "main", "changesetId": "ab" * 20, "relationshipId": "r1"},
    }
    route = f"GET /imodels/{IMODEL}/operations/create"
    service.set(route, as_json({"createOperation": operation}))
    assert asked(service, tmp_path / "fork").lineage == {
        "forked_from": "main",
        "forked_from_changeset": "ab" * 20,
        "forked_from_relationship": "r1",
    }
    operation |= {"forkedFrom": None, "clonedFrom": {"iModelId": "main", "changesetId": "cd" * 20}}
    service.set(route, as_json({"createOperation": operation}))
    assert asked(service, tmp_path / "clone").lineage == {
        "cloned_from": "main",
        "cloned_from_changeset": "cd" * 20,
    }


@pytest.mark.parametrize(("status", "code"), [(403, "InsufficientPermissions"), (404, "x")])
def test_a_login_that_may_not_see_the_origin_gets_the_model(
    service: Service, tmp_path: Path, status: int, code: str
) -> None:
    service.set(f"GET /imodels/{IMODEL}/operations/create", error(status, code))
    brought, found = fetched(service, tmp_path)
    assert brought.lineage == {}
    assert "lineage_unknown" in warned(found)


def test_an_imodel_that_is_still_being_made_is_waited_for(service: Service, tmp_path: Path) -> None:
    def made(state: str) -> Reply:
        operation = {"state": state, "clonedFrom": None, "forkedFrom": None}
        return as_json({"createOperation": operation})

    route = f"GET /imodels/{IMODEL}/operations/create"
    service.set(route, made("waitingForFile"), made("scheduled"), made("successful"))
    assert asked(service, tmp_path / "made").lineage == {}
    for word in ("failed", "mainIModelIsMissingFederationGuids", "unheardOf"):
        service.set(route, made(word))
        with pytest.raises(VendorRefused, match=word if word != "failed" else "failed"):
            asked(service, tmp_path / word)


def test_a_report_of_this_model_alone_is_found(service: Service, tmp_path: Path) -> None:
    listed = recorded("reports.json")
    others = [
        {**listed["reports"][0], "id": "deleted", "deleted": True},
        {**listed["reports"][0], "id": "mixed"},
    ]
    listed["reports"] = [*others, *listed["reports"]]
    service.set("GET /insights/reporting/reports", as_json(listed))
    mixed = recorded("report_mappings.json")
    mixed["mappings"].append({"mappingId": "x", "imodelId": "another"})
    of_mixed = "/insights/reporting/reports/mixed/datasources/imodelMappings"
    service.routes[f"GET {of_mixed}"] = as_json(mixed)
    assert asked(service, tmp_path / "found", FROM_FEED).proof.kind == "protocol_end"
    with pytest.raises(InputRefused, match=r"'mixed'.*no other iModel.*create_report"):
        asked(service, tmp_path / "mixed", Options(reader="odata", report="mixed"))
    with pytest.raises(InputRefused, match=rf"no report 'Nope'; it shows: .*{REPORT}"):
        asked(service, tmp_path / "nope", Options(reader="odata", report="Nope"))


def test_a_report_is_made_only_when_asked_for(service: Service, tmp_path: Path) -> None:
    service.set("GET /insights/reporting/reports", as_json({"reports": [], "_links": {}}))
    service.set("POST /insights/reporting/reports", as_json(recorded("report.json"), 201))
    added = f"POST /insights/reporting/reports/{REPORT}/datasources/imodelMappings"
    service.set(added, as_json({"mapping": recorded("report_mappings.json")["mappings"][0]}))
    with pytest.raises(InputRefused, match="create_report"):
        asked(service, tmp_path / "not", FROM_FEED)
    asked(service, tmp_path / "made", Options(reader="odata", create_report=True))
    [made] = service.asked("POST /insights/reporting/reports")
    assert json.loads(made.body)["iTwinId"] == ITWIN
    [linked] = service.asked(added)
    assert json.loads(linked.body) == {"mappingId": MAPPING, "imodelId": IMODEL}


STOPS = [
    f"GET {MAPPINGS}",
    f"GET {OF_MAPPING}/groups",
    f"GET {RUN}",
    f"GET {CDM}",
    f"GET {CDM}/partitions",
]


@pytest.mark.parametrize("stop", STOPS)
def test_a_fetch_that_broke_off_asks_for_nothing_that_it_has(
    service: Service, tmp_path: Path, stop: str
) -> None:
    extract_first(service, "Running", "Succeeded")
    whole = service.routes[stop]
    service.set(stop, error(400, "Broken"))
    with pytest.raises(TakeoffError):
        asked(service, tmp_path)
    held = {one.name for one in documents(tmp_path)}
    started = len(service.asked(f"POST {MAPPINGS}/extractions"))
    before = len(service.server.seen)
    service.routes[stop] = whole
    brought = asked(service, tmp_path)
    assert brought.proof.kind == "protocol_end"
    again = [s.target for s in service.server.seen[before:] if s.method == "GET"]
    assert held.isdisjoint(again)
    assert len(service.asked(f"POST {MAPPINGS}/extractions")) == max(started, 1)
    clean = tmp_path / "clean"
    asked(service, clean)
    assert rows(tmp_path) == rows(clean)


def test_a_run_that_the_service_forgot_is_started_again(service: Service, tmp_path: Path) -> None:
    extract_first(service, "Running")
    service.set(f"GET {RUN}", error(400, "Broken"))
    with pytest.raises(VendorRefused):
        asked(service, tmp_path)
    service.set(
        f"GET {OF_MAPPING}/extractions",
        as_json(NEVER),
        as_json(recorded("mapping_extractions.json")),
    )
    service.set(
        f"GET {RUN}", error(404, "ExtractionStatusNotFound"), as_json(run_in_state("Succeeded"))
    )
    asked(service, tmp_path)
    assert len(service.asked(f"POST {MAPPINGS}/extractions")) == 2


def test_answers_are_numbered_alike_whatever_comes_first(service: Service, tmp_path: Path) -> None:
    names = []
    for folder in ("a", "b"):
        asked(service, tmp_path / folder)
        names.append([one.name for one in documents(tmp_path / folder)])
    assert names[0] == names[1]
    assert names[0][-1] == "itwin-asked.json"
    assert EXTRACTION in names[0][-2]


def test_no_token_is_kept_or_said(service: Service, tmp_path: Path) -> None:
    asked(service, tmp_path)
    for path in tmp_path.rglob("*"):
        assert TOKEN.encode() not in path.read_bytes()
    service.set(f"GET {MAPPINGS}", error(401, "Unauthorized"))
    with pytest.raises(VendorRefused, match="log in to the iTwin platform") as refusal:
        asked(service, tmp_path / "refused")
    assert TOKEN not in str(refusal.value)


@pytest.mark.parametrize(
    "body", [b'{"code":"Unauthorized","message":"Unwrapped."}', b"", b"<html>gateway</html>"]
)
def test_a_refusal_of_any_shape_is_understood(
    service: Service, tmp_path: Path, body: bytes
) -> None:
    service.set(f"GET {MAPPINGS}", Reply(401, body))
    with pytest.raises(VendorRefused, match="401"):
        asked(service, tmp_path)


def test_odata_is_asked_without_a_version(service: Service, tmp_path: Path) -> None:
    asked(service, tmp_path, FROM_FEED)
    accepted = {s.headers["accept"] for s in service.server.seen if s.target.startswith(ODATA)}
    assert accepted == {"application/json"}
