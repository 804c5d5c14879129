"""Every call of the contract: what is sent, and what is made of the answer."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from itwin_served import (
    CDM,
    EXTRACTION,
    FEED,
    IMODEL,
    ITWIN,
    MAPPING,
    MAPPINGS,
    ODATA,
    OF_MAPPING,
    REPORT,
    RUN,
    TOKEN,
    WALLS,
    Service,
    as_json,
    error,
    path,
    query,
    recorded,
)
from loopback import Reply, Seen

from takeoff.core.errors import InputRefused, NotUnderstood, TryLater, VendorRefused
from takeoff.http.auth import begin_login
from takeoff.http.session import Session
from takeoff.vendors.itwin import answers, grouping, login, models, old, report_endpoints, reports
from takeoff.vendors.itwin.definitions import ECProperty, Property
from takeoff.vendors.itwin.models import Begun, Version
from takeoff.vendors.itwin.records import BASELINE_STATES, CHANGES, Creation
from takeoff.vendors.itwin.runs import Extraction

V1 = "application/vnd.bentley.itwin-platform.v1+json"
V2 = "application/vnd.bentley.itwin-platform.v2+json"
GROUPS = f"{OF_MAPPING}/groups"
PROPERTIES = f"{GROUPS}/{WALLS}/properties"
OLD = f"/insights/reporting/datasources/imodels/{IMODEL}"
NEW = Property(
    None,
    "NetVolume",
    "Double",
    "Volume",
    (ECProperty("*", "*", "Volume"),),
    "Volume",
    "1 + 1",
)


@pytest.fixture
def service() -> Iterator[Service]:
    found = Service()
    yield found
    found.stop()


@pytest.fixture
def session(service: Service) -> Iterator[Session]:
    with service.session() as found:
        yield found


def begun(imodel_id: str) -> Reply:
    where = f"BASE/imodels/{imodel_id}"
    headers = {"Location": where, "Create-iModel-Operation": f"{where}/operations/create"}
    return Reply(202, b"", headers)


def sent(service: Service, route: str) -> Any:
    """The body of the only request to a route; null if it had none."""
    [seen] = service.asked(route)
    return json.loads(seen.body) if seen.body else None


def test_an_imodel_is_read_with_all_its_fields(session: Session) -> None:
    found = models.imodel(session, IMODEL)
    assert (found.name, found.state, found.itwin_id) == ("Pier", "initialized", ITWIN)
    assert found.created_at == datetime(2026, 1, 4, 9, 30, 33, 170000, UTC)
    assert found.last_changeset_at == datetime(2026, 1, 5, 10, 0, 56, tzinfo=UTC)
    assert found.extent is not None
    assert found.containers_enabled == 0


def test_lists_of_imodels_may_be_full(service: Service, session: Session) -> None:
    models.imodels(session, ITWIN, name="Pier", is_full=True)
    [seen] = service.asked("GET /imodels")
    assert seen.headers["prefer"] == "return=representation"
    assert query(seen)["name"] == "Pier"
    assert query(seen)["$top"] == "1000"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-01-05T10:00:33.1700000Z", datetime(2026, 1, 5, 10, 0, 33, 170000, UTC)),
        ("2026-01-05T10:00:56.0000000+00:00", datetime(2026, 1, 5, 10, 0, 56, tzinfo=UTC)),
        ("2026-01-05T12:00:56+02:00", datetime(2026, 1, 5, 10, 0, 56, tzinfo=UTC)),
        ("2026-01-05T10:00:56", datetime(2026, 1, 5, 10, 0, 56, tzinfo=UTC)),
        ("soon", None),
        (None, None),
    ],
)
def test_times_are_read_in_every_spelling(written: str | None, expected: datetime | None) -> None:
    assert answers.moment(written) == expected


def test_iTwins_may_be_filtered(service: Service, session: Session) -> None:
    [found] = models.itwins(session, None, displayName="Bridge 7")
    assert (found.name, found.number, found.sub_class) == ("Bridge 7", "P-1", "Project")
    [seen] = service.asked("GET /itwins/")
    assert query(seen)["displayName"] == "Bridge 7"
    assert "subClass" not in query(seen)


def test_an_empty_imodel_is_made(service: Service, session: Session) -> None:
    service.set("POST /imodels", as_json(recorded("imodel.json"), 201))
    assert models.create_empty(session, ITWIN, "Pier").id == IMODEL
    assert sent(service, "POST /imodels") == {
        "iTwinId": ITWIN,
        "name": "Pier",
        "creationMode": "empty",
    }


def test_an_imodel_is_made_of_a_version_of_another(service: Service, session: Session) -> None:
    service.set("POST /imodels", as_json(recorded("imodel.json"), 201))
    models.create_from_template(session, ITWIN, "Pier", ("source", "ab" * 20))
    body = sent(service, "POST /imodels")
    assert body["creationMode"] == "fromiModelVersion"
    assert body["template"] == {"iModelId": "source", "changesetId": "ab" * 20}


def test_an_imodel_is_made_of_a_file(service: Service, session: Session, tmp_path: Path) -> None:
    made = recorded("imodel.json")
    made["iModel"]["_links"] |= {
        "upload": {"href": "STORAGE/baseline?sig=s", "storageType": "azure"},
        "complete": {"href": f"BASE/imodels/{IMODEL}/baselinefile"},
    }
    service.set("POST /imodels", as_json(made, 201))
    service.set(f"POST /imodels/{IMODEL}/baselinefile", Reply(202, b""))
    state = {"baselineFile": {"state": "initializationScheduled"}}
    service.set(f"GET /imodels/{IMODEL}/baselinefile", as_json(state))
    service.storage.script = lambda seen: Reply(201, b"")
    file = tmp_path / "baseline.bim"
    file.write_bytes(b"SQLite format 3")
    created = models.create_from_baseline(session, ITWIN, "Pier", file.stat().st_size)
    models.upload_baseline(session, created, file)
    assert models.baseline_state(session, IMODEL) in BASELINE_STATES
    assert sent(service, "POST /imodels")["baselineFile"] == {"size": 15}
    [put] = service.storage.seen
    assert (put.method, put.body) == ("PUT", b"SQLite format 3")
    assert put.headers["x-ms-blob-type"] == "BlockBlob"
    assert "authorization" not in put.headers
    assert len(service.asked(f"POST /imodels/{IMODEL}/baselinefile")) == 1
    assert "sig=s" not in repr(created)


def test_a_file_for_an_imodel_that_wants_none_is_refused(session: Session, tmp_path: Path) -> None:
    created = models.imodel(session, IMODEL)
    with pytest.raises(NotUnderstood, match="names no place"):
        models.upload_baseline(session, created, tmp_path / "x")


def test_a_clone_is_begun_and_known_by_its_headers(service: Service, session: Session) -> None:
    service.set(f"POST /imodels/{IMODEL}/clone", begun("new-one"))
    found = models.clone(session, IMODEL, ITWIN, version=Version(changeset_index=4), name="Copy")
    url = f"{service.server.url}/imodels/new-one/operations/create"
    assert found == Begun("new-one", url)
    assert sent(service, f"POST /imodels/{IMODEL}/clone") == {
        "iTwinId": ITWIN,
        "name": "Copy",
        "changesetIndex": 4,
    }


def test_a_fork_is_begun(service: Service, session: Session) -> None:
    service.set(f"POST /imodels/{IMODEL}/fork", begun("new-one"))
    version = Version(changeset_id="ab" * 20)
    models.fork(session, IMODEL, ITWIN, version=version, preserve_history=True)
    assert sent(service, f"POST /imodels/{IMODEL}/fork") == {
        "iTwinId": ITWIN,
        "changesetId": "ab" * 20,
        "preserveHistory": True,
    }


def test_a_copy_without_a_location_is_refused(service: Service, session: Session) -> None:
    service.set(f"POST /imodels/{IMODEL}/clone", Reply(202, b""))
    with pytest.raises(NotUnderstood, match="Location is missing"):
        models.clone(session, IMODEL, ITWIN)


def test_a_call_that_changes_something_is_never_repeated(
    service: Service, session: Session
) -> None:
    service.set(f"POST /imodels/{IMODEL}/clone", error(503, "Busy"))
    with pytest.raises(TryLater, match="not asked again"):
        models.clone(session, IMODEL, ITWIN)
    assert len(service.asked(f"POST /imodels/{IMODEL}/clone")) == 1


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("scheduled", "queued"),
        ("waitingForFile", "waiting_for_file"),
        ("successful", "ready"),
        ("failed", "failed"),
        ("mainIModelIsMissingFederationGuids", "failed"),
        ("sourceIsMissingFederationGuids", "failed"),
        ("unheardOf", "failed"),
    ],
)
def test_every_state_of_the_making_of_an_imodel(word: str, state: str) -> None:
    found = Creation.of({"state": word, "clonedFrom": None, "forkedFrom": None}, "x")
    assert (found.state, found.word) == (state, word)
    assert (found.problem is not None) == (state == "failed")
    if "Missing" in word:
        assert "FederationGuid" in str(found.problem)


def test_the_example_of_the_create_operation_is_read() -> None:
    printed = (
        '{"createOperation":{"state":"scheduled","clonedFrom":{"iModelId":"5e10...",'
        '"changesetId":"13a6..."},"forkedFrom":null}}'
    )
    found = Creation.of(json.loads(printed)["createOperation"], "x")
    assert found.cloned_from is not None
    assert (found.cloned_from.imodel_id, found.cloned_from.changeset_id) == ("5e10...", "13a6...")
    assert found.forked_from is None


def test_the_making_of_an_imodel_is_waited_for(service: Service, session: Session) -> None:
    def made(state: str) -> Reply:
        return as_json({"createOperation": {"state": state}})

    route = f"GET /imodels/{IMODEL}/operations/create"
    service.set(route, made("scheduled"), made("scheduled"), made("successful"))
    assert models.wait_created(session, IMODEL).state == "ready"
    assert len(service.asked(route)) == 3
    service.set(route, made("scheduled"))
    with pytest.raises(TryLater):
        models.wait_created(session, IMODEL)
    service.set(route, made("somethingNew"))
    with pytest.raises(VendorRefused, match="somethingNew"):
        models.wait_created(session, IMODEL)


def test_named_versions_are_read(service: Service, session: Session) -> None:
    start, tender = models.named_versions(session, IMODEL)
    assert (start.changeset_id, start.changeset_index) == (None, 0)
    assert (tender.name, tender.changeset_index, tender.state) == ("Tender", 4, "visible")
    [seen] = service.asked(f"GET /imodels/{IMODEL}/namedversions")
    assert query(seen)["$orderBy"] == "changesetIndex asc"
    assert seen.headers["prefer"] == "return=representation"


def test_changesets_are_read_between_indices(service: Service, session: Session) -> None:
    found = models.changesets(session, IMODEL, after=2, last=4, is_full=True)
    assert [one.index for one in found] == [4, 3]
    assert found[1].parent_id is None
    assert found[0].containing_changes == 1
    assert CHANGES[1] == "schema"
    [seen] = service.asked(f"GET /imodels/{IMODEL}/changesets")
    assert (query(seen)["afterIndex"], query(seen)["lastIndex"]) == ("2", "4")
    assert query(seen)["$orderBy"] == "index"


def test_the_file_of_a_changeset_is_followed_and_its_link_renewed(
    service: Service, session: Session, tmp_path: Path
) -> None:
    replies = [Reply(403, b"expired"), Reply(200, b"bytes", {"Content-Type": "x/y"})]
    service.storage.script = lambda seen: replies.pop(0)
    models.download_changeset(session, IMODEL, "4", tmp_path / "c")
    assert (tmp_path / "c").read_bytes() == b"bytes"
    assert len(service.asked(f"GET /imodels/{IMODEL}/changesets/4")) == 2
    assert all("authorization" not in seen.headers for seen in service.storage.seen)


def test_who_may_only_look_gets_no_file(service: Service, session: Session, tmp_path: Path) -> None:
    found = recorded("changeset.json")
    found["changeset"]["_links"]["download"] = None
    service.set(f"GET /imodels/{IMODEL}/changesets/4", as_json(found))
    with pytest.raises(VendorRefused, match="imodels_read"):
        models.download_changeset(session, IMODEL, "4", tmp_path / "c")


def answer_with(key: str, **item: Any) -> Callable[[Seen], Reply]:
    return lambda seen: as_json({key: {**item, **(json.loads(seen.body) if seen.body else {})}})


def test_mappings_are_read_made_changed_and_deleted(service: Service, session: Session) -> None:
    [found] = grouping.mappings(session, IMODEL)
    assert (found.id, found.name, found.imodel_id) == (MAPPING, "Takeoff", IMODEL)
    whole = answer_with("mapping", id=MAPPING, mappingName="Takeoff")
    service.set(f"POST {MAPPINGS}", whole)
    service.set(f"PATCH {OF_MAPPING}", whole)
    service.set(f"GET {OF_MAPPING}", whole)
    service.set(f"DELETE {OF_MAPPING}", Reply(204, b"", framing="none"))
    made = grouping.create_mapping(session, IMODEL, "Other", source_mapping_id="m0")
    assert made.name == "Other"
    assert sent(service, f"POST {MAPPINGS}") == {
        "iModelId": IMODEL,
        "mappingName": "Other",
        "extractionEnabled": False,
        "sourceMappingId": "m0",
    }
    grouping.update_mapping(session, MAPPING, extraction_enabled=False)
    assert sent(service, f"PATCH {OF_MAPPING}") == {"extractionEnabled": False}
    assert grouping.mapping(session, MAPPING).name == "Takeoff"
    grouping.delete_mapping(session, MAPPING)
    accepted = {s.headers["accept"] for s in service.server.seen if "grouping" in s.target}
    assert accepted == {V1}


@pytest.mark.parametrize("name", ["", "1a", "a b", "a-b", "Wände", "a" * 129])
def test_names_that_the_service_does_not_take_are_refused_unsent(
    service: Service, session: Session, name: str
) -> None:
    with pytest.raises(InputRefused):
        grouping.create_mapping(session, IMODEL, name)
    with pytest.raises(InputRefused):
        grouping.create_group(session, MAPPING, name, "SELECT 1")
    with pytest.raises(InputRefused):
        grouping.create_property(session, MAPPING, WALLS, Property(None, name, "String"))
    assert service.server.seen == []


def test_groups_are_read_made_changed_and_deleted(service: Service, session: Session) -> None:
    walls, _ = grouping.groups(session, MAPPING)
    assert (walls.name, walls.metadata) == ("Walls", (("color", "grey"),))
    assert service.asked(f"GET {GROUPS}")[0].headers["prefer"] == "return=representation"
    whole = answer_with("group", id=WALLS, groupName="Walls")
    service.set(f"POST {GROUPS}", whole)
    service.set(f"PATCH {GROUPS}/{WALLS}", whole)
    service.set(f"GET {GROUPS}/{WALLS}", whole)
    service.set(f"DELETE {GROUPS}/{WALLS}", Reply(204, b"", framing="none"))
    grouping.create_group(
        session, MAPPING, "New", "SELECT ECInstanceId", metadata=[("a", None)], source=("m", "g")
    )
    assert sent(service, f"POST {GROUPS}") == {
        "groupName": "New",
        "query": "SELECT ECInstanceId",
        "metadata": [{"key": "a"}],
        "source": {"mappingId": "m", "groupId": "g"},
    }
    grouping.update_group(session, MAPPING, WALLS, query="SELECT 2", metadata=[])
    assert sent(service, f"PATCH {GROUPS}/{WALLS}") == {"query": "SELECT 2", "metadata": []}
    assert grouping.group(session, MAPPING, WALLS).name == "Walls"
    grouping.delete_group(session, MAPPING, WALLS)
    assert len(service.asked(f"DELETE {GROUPS}/{WALLS}")) == 1


def test_properties_of_all_three_kinds_are_read_made_replaced_and_deleted(
    service: Service, session: Session
) -> None:
    found = {one.name: one for one in grouping.properties(session, MAPPING, WALLS)}
    assert found["NetVolume"].ec_properties == (ECProperty("*", "*", "Volume"),)
    assert found["NetSideArea"].calculated == "Area"
    assert found["DoubleVolume"].formula == "NetVolume * 2"
    whole = answer_with("property", id="b2")
    service.set(f"POST {PROPERTIES}", whole)
    service.set(f"PUT {PROPERTIES}/b2", whole)
    service.set(f"GET {PROPERTIES}/b2", as_json({"property": {"id": "b2", **NEW.body}}))
    service.set(f"DELETE {PROPERTIES}/b2", Reply(204, b"", framing="none"))
    grouping.create_property(session, MAPPING, WALLS, NEW)
    assert sent(service, f"POST {PROPERTIES}") == {
        "propertyName": "NetVolume",
        "dataType": "Double",
        "quantityType": "Volume",
        "ecProperties": [{"ecSchemaName": "*", "ecClassName": "*", "ecPropertyName": "Volume"}],
        "calculatedPropertyType": "Volume",
        "formula": "1 + 1",
    }
    grouping.replace_property(session, MAPPING, WALLS, "b2", Property(None, "P", "String"))
    assert sent(service, f"PUT {PROPERTIES}/b2") == {"propertyName": "P", "dataType": "String"}
    assert grouping.property_(session, MAPPING, WALLS, "b2").body == NEW.body
    grouping.delete_property(session, MAPPING, WALLS, "b2")
    assert len(service.asked(f"DELETE {PROPERTIES}/b2")) == 1


def test_extractions_are_run_looked_at_and_listed(
    service: Service, session: Session, tmp_path: Path
) -> None:
    service.set(f"POST {MAPPINGS}/extractions", as_json(recorded("extraction.json"), 202))
    one = recorded("extraction.json")["extraction"]
    service.set(f"GET {MAPPINGS}/extractions", as_json({"extractions": [one], "_links": {}}))
    run = grouping.run_extraction(session, IMODEL, [MAPPING], instance_ids=["0x1"])
    assert sent(service, f"POST {MAPPINGS}/extractions") == {
        "iModelId": IMODEL,
        "mappings": [{"id": MAPPING}],
        "ecInstanceIds": ["0x1"],
    }
    assert (run.id, run.state) == (EXTRACTION, "ready")
    assert grouping.extraction(session, EXTRACTION).word == "Succeeded"
    assert [one.id for one in grouping.extraction_history(session, IMODEL)] == [EXTRACTION]
    information, warning = grouping.extraction_logs(session, EXTRACTION)
    assert (information.is_bad, warning.is_bad) == (False, True)
    [made] = grouping.mapping_extractions(session, MAPPING)
    assert (made.id, made.changeset_index) == (EXTRACTION, 4)
    assert made.made_at == datetime(2026, 1, 5, 11, 0, 0, 123456, UTC)
    assert len(grouping.cdm(session, MAPPING, EXTRACTION)["entities"]) == 2
    place = "Walls/part00000.csv"
    grouping.partition(session, MAPPING, EXTRACTION, place, tmp_path / "p")
    [seen] = service.asked(f"GET {CDM}/partitions")
    assert seen.target.endswith("location=Walls%2Fpart00000.csv")
    assert (tmp_path / "p").read_bytes().startswith(b"ECInstanceId,")


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("Queued", "queued"),
        ("Running", "running"),
        ("Succeeded", "ready"),
        ("PartiallySucceeded", "partial"),
        ("Failed", "failed"),
        ("Other", "unknown"),
    ],
)
def test_every_state_of_an_extraction(word: str, state: str) -> None:
    assert Extraction.of({"id": "x", "state": word}, "x").state == state


def test_the_audit_trail_is_read(service: Service, session: Session) -> None:
    entry = {
        "timestamp": "2026-01-05T10:00:00.1700000Z",
        "path": "/mappings/x",
        "userEmail": None,
        "action": "Update",
        "changes": [{"property": "mappingName", "oldValue": None, "newValue": "Takeoff"}],
    }
    answer = as_json({"auditTrailEntries": [entry], "_links": {}})
    service.set("GET /grouping-and-mapping/audit", answer)
    [found] = grouping.audit(session, IMODEL, path="/mappings", after="2026-01-01T00:00:00Z")
    assert (found.action, found.user_email) == ("Update", None)
    assert found.changes == (("mappingName", None, "Takeoff"),)
    [seen] = service.asked("GET /grouping-and-mapping/audit")
    assert query(seen)["path"] == "/mappings"


def test_reports_are_read_made_and_deleted(service: Service, session: Session) -> None:
    [found] = reports.reports(session, ITWIN)
    assert (found.id, found.name, found.deleted) == (REPORT, "QTO", False)
    assert reports.report(session, REPORT).odata_url == (
        f"{service.server.url}{ODATA}?api-version=v1"
    )
    service.set("POST /insights/reporting/reports", as_json(recorded("report.json"), 201))
    service.set(f"DELETE /insights/reporting/reports/{REPORT}", Reply(204, b"", framing="none"))
    reports.create_report(session, ITWIN, "QTO", "for tests")
    assert sent(service, "POST /insights/reporting/reports") == {
        "displayName": "QTO",
        "iTwinId": ITWIN,
        "description": "for tests",
    }
    reports.delete_report(session, REPORT)
    assert [one.mapping_id for one in reports.report_mappings(session, REPORT)] == [MAPPING]
    accepted = {s.headers["accept"] for s in service.server.seen if "/reports" in s.target}
    assert accepted == {V2}


def test_a_feed_is_read_with_an_api_key_in_place_of_the_login(
    service: Service, session: Session
) -> None:
    key = {"key": {"id": "k1", "apiKey": "c2VjcmV0", "expiresAt": "2026-07-01T00:00:00Z"}}
    service.set("POST /insights/reporting/keys", as_json(key, 201))
    made = reports.create_api_key(session, {"reportId": REPORT})
    assert made.key == "c2VjcmV0"
    assert "c2VjcmV0" not in repr(made)
    [walls, _] = reports.service(session, REPORT, made.key)
    assert walls.manifest_id == "7d0c0000-0001-4200-8000-000000000001"
    sets = reports.metadata(session, REPORT, made.key)
    assert [one.display_name for one in sets] == ["Walls", "Concrete"]
    assert dict(sets[0].columns)["NetVolume"] == "Edm.Double"
    assert len(list(reports.rows(session, REPORT, walls.url, made.key))) == 3
    asked = [seen for seen in service.server.seen if path(seen).startswith(ODATA)]
    assert {seen.headers["authorization"] for seen in asked} == {"Basic c2VjcmV0"}
    assert len([seen for seen in asked if path(seen).startswith(FEED)]) == 2


@pytest.mark.parametrize("url", ["a", "a/b", "a/b/c/d", "1//Takeoff"])
def test_an_entity_is_three_segments(url: str) -> None:
    with pytest.raises(InputRefused):
        report_endpoints.odata_entity(REPORT, url)


def test_the_old_generation_is_read(service: Service, session: Session) -> None:
    mapping = {"id": MAPPING, "mappingName": "Old", "_links": {"imodel": {"href": "BASE/x/im1"}}}
    job = "/insights/reporting/datasources/extraction/status/j1"
    lists: dict[str, Any] = {
        "mappings": [mapping],
        f"mappings/{MAPPING}/groups": [{"id": "g", "groupName": "Walls", "query": "q"}],
        f"mappings/{MAPPING}/groups/g/properties": [
            {"id": "1", "propertyName": "A", "dataType": "Number", "quantityType": "Undefined"}
        ],
        f"mappings/{MAPPING}/groups/g/calculatedProperties": [
            {"id": "2", "propertyName": "B", "type": "Volume"}
        ],
        f"mappings/{MAPPING}/groups/g/customCalculations": [
            {"id": "3", "propertyName": "C", "formula": "A * 2", "quantityType": "Area"}
        ],
    }
    for where, items in lists.items():
        key = where.rpartition("/")[2].replace("calculatedP", "p")
        answer = {key: items, "_links": {}}
        service.set(f"GET {OLD}/{where}/", as_json(answer))
    status = {
        "state": "Succeeded",
        "reason": "ok",
        "containsIssues": True,
        "_links": {"logs": {"href": f"BASE{job}/logs"}},
    }
    service.set(f"GET {job}", as_json({"status": status}))
    entry = {"state": "Failed", "reason": "bad", "level": "Error", "message": None}
    service.set(f"GET {job}/logs", as_json({"logs": [entry], "_links": {}}))
    history = {"extractions": [{"jobId": "j1", "startedOn": "2026-01-05T10:00:00Z"}]}
    service.set(f"GET {OLD}/extraction/history", as_json(history))
    [found] = old.mappings(session, IMODEL)
    assert (found.name, found.imodel_id) == ("Old", "im1")
    assert [one.name for one in old.groups(session, IMODEL, MAPPING)] == ["Walls"]
    a, b, c = old.properties(session, IMODEL, MAPPING, "g")
    assert (a.data_type, a.quantity_type) == ("Double", None)
    assert (b.data_type, b.calculated) == ("Double", "Volume")
    assert (c.formula, c.quantity_type) == ("A * 2", "Area")
    run = old.extraction(session, "j1")
    assert (run.id, run.state, run.word) == ("j1", "partial", "Succeeded")
    assert [one.message for one in old.logs(session, run)] == ["bad"]
    assert old.history(session, IMODEL) == ["j1"]
    assert all(seen.method == "GET" for seen in service.server.seen)


def test_a_service_logs_in_by_form_or_basic() -> None:
    by_form = login.by_form("id", "s&cret")
    assert by_form.path == "/connect/token"
    assert by_form.with_auth is False
    assert {key: values[0] for key, values in parse_qs(str(by_form.body, "ascii")).items()} == {
        "grant_type": "client_credentials",
        "client_id": "id",
        "client_secret": "s&cret",
        "scope": "itwin-platform",
    }
    by_basic = login.by_basic("id", "s&cret")
    assert dict(by_basic.form or {}) == {
        "grant_type": "client_credentials",
        "scope": "itwin-platform",
    }
    scheme, _, pair = dict(by_basic.headers)["Authorization"].partition(" ")
    assert (scheme, base64.b64decode(pair)) == ("Basic", b"id:s%26cret")
    assert "cret" not in repr(by_form) + repr(by_basic)


def test_a_person_logs_in_with_a_challenge_and_may_renew() -> None:
    app = login.oauth_app(login.AUTHORITY, "id", "http://localhost:7000/callback")
    begun_login = begin_login(app)
    params = parse_qs(begun_login.url.partition("?")[2])
    assert begun_login.url.startswith("https://ims.bentley.com/connect/authorize?")
    assert params["code_challenge_method"] == ["S256"]
    assert params["scope"] == ["itwin-platform offline_access"]


def test_the_runs_status_is_asked_by_its_id(service: Service, session: Session) -> None:
    grouping.extraction(session, EXTRACTION)
    [seen] = service.asked(f"GET {RUN}")
    assert seen.headers["authorization"] == f"Bearer {TOKEN}"
