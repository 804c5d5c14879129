"""iTwins, iModels, their versions and how they are made, over raw HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests
from itwin_wire import MAPPINGS, Itwin
from wire import TIMEOUT_S, Serve, house, lake_of, row_of_walls

REPRESENTATION = {"Prefer": "return=representation"}
SQLITE = b"SQLite format 3\x00" + b"nothing in it"
BLOB = {"x-ms-blob-type": "BlockBlob"}


@pytest.fixture
def wire(serve: Serve, house_lake: Path) -> Itwin:
    return Itwin(serve(house_lake))


@pytest.fixture
def own(serve_new: Serve, tmp_path: Path) -> Itwin:
    """A sandbox to make models in; the house has two snapshots there."""
    return Itwin(serve_new(lake_of(tmp_path / "lake", house(), house())))


def _created(own: Itwin, path: str, **told: Any) -> tuple[str, str]:
    """What a clone or fork answers: the new model's link and that of its operation."""
    answer = own.post(path, {"iTwinId": own.itwin_id, **told})
    assert answer.status_code == 202, answer.text
    assert answer.content == b""
    return answer.headers["Location"], answer.headers["Create-iModel-Operation"]


def _end(own: Itwin, operation: str) -> list[str]:
    """The states that a create operation goes through."""
    states: list[str] = []
    while len(states) < 10 and states[-1:] not in (["successful"], ["failed"]):
        states.append(own.json(operation)["createOperation"]["state"])
        if states[-1].endswith("FederationGuids"):
            break
    return states


def test_a_project_is_an_itwin_and_a_model_an_imodel(wire: Itwin) -> None:
    [itwin] = wire.every("iTwins", "/itwins")
    assert set(itwin) == {"id", "class", "subClass", "type", "number", "displayName"}
    assert (itwin["id"], itwin["displayName"]) == (wire.itwin_id, "77")
    told = {"itwin_name": itwin["displayName"], "imodel_name": "house.ifc"}
    assert told.items() <= wire.service.told.items()
    [imodel] = wire.every("iModels", f"/imodels?iTwinId={wire.itwin_id}")
    assert imodel == {"id": wire.imodel_id, "displayName": "house.ifc"}


def test_representations_say_all(wire: Itwin) -> None:
    path = f"/imodels?iTwinId={wire.itwin_id}"
    [imodel] = wire.every("iModels", path, headers=REPRESENTATION)
    assert imodel == wire.json(wire.imodel)["iModel"]
    assert set(imodel) == {
        *("id", "displayName", "name", "description", "state", "createdDateTime"),
        *("lastChangesetPushDateTime", "iTwinId", "extent", "containersEnabled"),
        *("dataCenterLocation", "_links"),
    }
    assert imodel["_links"]["changesets"]["href"] == f"{wire.base_url}{wire.imodel}/changesets"
    assert imodel["createdDateTime"] == "2026-03-01T08:30:00.0000000Z"


@pytest.mark.parametrize("path", ["/itwins", "/itwins/", "//itwins", "/itwins/?$top=100&$skip=0"])
def test_paths_as_real_clients_write_them(wire: Itwin, path: str) -> None:
    assert len(wire.json(path)["iTwins"]) == 1


def test_accept_is_not_demanded(wire: Itwin) -> None:
    for accept in (None, "*/*", "application/json", "application/vnd.bentley.v9+json"):
        assert wire.get("/itwins", headers={"Accept": accept}).status_code == 200


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"displayName": "77"}, 1),
        ({"displayName": "78"}, 0),
        ({"subClass": "Project", "number": "77", "status": "Active"}, 1),
        ({"subClass": "Asset"}, 0),
        ({"$search": "7"}, 1),
        ({"$filter": "displayName eq '77'"}, 1),
    ],
)
def test_itwins_that_match(wire: Itwin, asked: dict[str, str], count: int) -> None:
    assert len(wire.json("/itwins", params=asked)["iTwins"]) == count


def test_itwins_end_silently_at_1000(serve: Serve, house_lake: Path) -> None:
    wire = Itwin(serve(house_lake, itwin_more_itwins="1005"))
    found = wire.every("iTwins", "/itwins?$top=1000")
    assert len(found) == 1000
    assert wire.itwin_id not in {one["id"] for one in found}
    found = wire.every("iTwins", "/itwins?$top=1000", headers={"X-Max-Return": "10000"})
    assert len(found) == 1006
    assert found[-1]["id"] == wire.itwin_id


@pytest.mark.parametrize("size", [0, 1001, "many"])
def test_pages_of_a_size_that_cannot_be(wire: Itwin, size: object) -> None:
    answer = wire.get(f"/itwins?$top={size}")
    assert answer.status_code == 422
    [detail] = answer.json()["error"]["details"]
    assert (detail["code"], detail["target"]) == ("InvalidValue", "$top")


def _models(lake: Path) -> Path:
    for number in range(4):
        model = row_of_walls(1)
        model.model_id = f"walls {number}"
        model.commit(lake)
    return lake


@pytest.mark.parametrize("token", ["", "&$continuationToken="])
def test_pages_follow_links_and_none_is_empty(serve_new: Serve, tmp_path: Path, token: str) -> None:
    own = Itwin(serve_new(_models(tmp_path / "lake")))
    first = f"/imodels?iTwinId={own.itwin_id}&$top=2{token}"
    pages = own.pages(first)
    assert [len(page["iModels"]) for page in pages] == [2, 2]
    assert pages[0]["_links"]["prev"] is None
    assert pages[1]["_links"]["next"] is None
    following = pages[0]["_links"]["next"]["href"]
    assert following.startswith(f"{own.base_url}/imodels?iTwinId=")
    assert ("$continuationToken=" in following) == bool(token)
    assert ("$skip=2" in following) == (not token)


def test_the_service_may_cut_pages_smaller_or_begin_with_none(
    serve_new: Serve, tmp_path: Path
) -> None:
    own = Itwin(serve_new(_models(tmp_path / "lake"), itwin_page_limit="3"))
    path = f"/imodels?iTwinId={own.itwin_id}"
    assert [len(page["iModels"]) for page in own.pages(path)] == [3, 1]
    own.running.turn(itwin_empty_page="yes")
    assert [len(page["iModels"]) for page in own.pages(path)] == [0, 3, 1]
    mappings = own.pages(f"{MAPPINGS}?iModelId={own.imodel_id}")
    assert [len(page["mappings"]) for page in mappings] == [0, 1]


def test_links_may_be_absent_where_one_page_is_all(serve: Serve, house_lake: Path) -> None:
    wire = Itwin(serve(house_lake, itwin_links="if_more"))
    assert set(wire.json("/itwins")) == {"iTwins"}


def test_imodels_in_order_by_name_and_state(serve_new: Serve, tmp_path: Path) -> None:
    own = Itwin(serve_new(_models(tmp_path / "lake")))
    path = f"/imodels?iTwinId={own.itwin_id}"
    names = [one["displayName"] for one in own.json(f"{path}&$orderBy=name desc")["iModels"]]
    assert names == [f"walls {number}.ifc" for number in (3, 2, 1, 0)]
    assert len(own.json(f"{path}&name=walls 1.ifc")["iModels"]) == 1
    assert len(own.json(f"{path}&state=notInitialized")["iModels"]) == 0
    assert own.get(f"{path}&$orderBy=colour").status_code == 422
    assert own.get("/imodels").status_code == 422


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/itwins/no-itwin", "iTwinNotFound"),
        ("/imodels/no-model", "iModelNotFound"),
        ("{imodel}/changesets/9", "ChangesetNotFound"),
        ("{imodel}/changesets/0", "ChangesetNotFound"),
        ("{imodel}/namedversions/none", "NamedVersionNotFound"),
        ("{imodel}/baselinefile", "BaselineFileNotFound"),
        (f"{MAPPINGS}/none", "MappingNotFound"),
        (f"{MAPPINGS}/extractions/none", "ExtractionStatusNotFound"),
    ],
)
def test_what_there_is_not(wire: Itwin, path: str, code: str) -> None:
    answer = wire.get(path.format(imodel=wire.imodel))
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, code)


def test_snapshots_are_changesets_from_1(own: Itwin) -> None:
    first, second = own.every("changesets", f"{own.imodel}/changesets")
    assert [first["index"], second["index"]] == [1, 2]
    assert (first["parentId"], second["parentId"]) == ("", first["id"])
    assert all(len(one["id"]) == 40 and int(one["id"], 16) for one in (first, second))
    assert (first["displayName"], first["state"]) == ("1", "fileUploaded")
    assert "download" not in first["_links"]
    for wanted in (first["id"], "1"):
        full = own.json(f"{own.imodel}/changesets/{wanted}")["changeset"]
        assert full["id"] == first["id"]
        assert full["_links"]["download"] is None
    after = own.every("changesets", f"{own.imodel}/changesets?afterIndex=1")
    upto = own.every("changesets", f"{own.imodel}/changesets?lastIndex=1")
    assert [[one["index"] for one in found] for found in (after, upto)] == [[2], [1]]


def test_the_first_snapshot_may_be_the_baseline(own: Itwin) -> None:
    own.running.turn(itwin_first="baseline")
    [only] = own.every("changesets", f"{own.imodel}/changesets")
    assert (only["index"], only["parentId"]) == (1, "")
    first, second = own.every("namedVersions", f"{own.imodel}/namedversions")
    assert (first["changesetId"], first["changesetIndex"]) == (None, 0)
    assert (second["changesetId"], second["changesetIndex"]) == (only["id"], 1)


def test_labels_are_named_versions(own: Itwin) -> None:
    path = f"{own.imodel}/namedversions?$orderBy=changesetIndex desc"
    found = own.every("namedVersions", path)
    assert [one["displayName"] for one in found] == ["first (2)", "first"]
    assert set(found[0]) == {"id", "displayName", "changesetId", "changesetIndex"}
    [full] = own.every("namedVersions", f"{path}&name=first", headers=REPRESENTATION)
    assert full["state"] == "visible"
    changeset = own.json(full["_links"]["changeset"]["href"])["changeset"]
    assert changeset["id"] == full["changesetId"]
    again = own.json(f"{own.imodel}/namedversions/{full['id']}")["namedVersion"]
    assert again == full


def test_named_versions_can_be_made(serve_new: Serve, tmp_path: Path) -> None:
    own = Itwin(serve_new(lake_of(tmp_path / "lake", house())))
    [changeset] = own.every("changesets", f"{own.imodel}/changesets")
    path = f"{own.imodel}/namedversions"
    for told, code in (
        ({"name": "first", "changesetId": ""}, "NamedVersionExists"),
        ({"name": "Tender", "changesetId": changeset["id"]}, "NamedVersionOnChangesetExists"),
    ):
        answer = own.post(path, told)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, code)
    version = own.made(path, {"name": "Empty"})
    assert (version["changesetId"], version["changesetIndex"]) == (None, 0)
    assert [one["displayName"] for one in own.every("namedVersions", path)] == ["first", "Empty"]


def test_a_clone_goes_from_scheduled_to_successful(own: Itwin) -> None:
    location, operation = _created(own, f"{own.imodel}/clone", name="Copy", changesetIndex=1)
    first = own.every("changesets", f"{own.imodel}/changesets")[0]
    told = own.json(operation)["createOperation"]
    assert told == {
        "state": "scheduled",
        "clonedFrom": {"iModelId": own.imodel_id, "changesetId": first["id"]},
        "forkedFrom": None,
    }
    assert own.json(location)["iModel"]["state"] == "notInitialized"
    assert _end(own, operation) == ["successful"]
    imodel = own.json(location)["iModel"]
    assert (imodel["state"], imodel["name"]) == ("initialized", "Copy")
    assert [one["index"] for one in own.every("changesets", f"{location}/changesets")] == [1]
    answer = own.post(f"{own.imodel}/clone", {"iTwinId": own.itwin_id, "name": "Copy"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "iModelExists")


def test_a_clone_of_only_the_baseline_has_no_changeset(own: Itwin) -> None:
    _, operation = _created(own, f"{own.imodel}/clone", changesetIndex=0)
    assert own.json(operation)["createOperation"]["clonedFrom"]["changesetId"] == ""


@pytest.mark.parametrize(("keeps", "indexes"), [(True, [1, 2]), (False, [])])
def test_a_fork_may_keep_its_history(own: Itwin, keeps: bool, indexes: list[int]) -> None:
    location, operation = _created(own, f"{own.imodel}/fork", preserveHistory=keeps)
    told = own.json(operation)["createOperation"]
    assert told["clonedFrom"] is None
    assert set(told["forkedFrom"]) == {"iModelId", "changesetId", "relationshipId"}
    assert [one["index"] for one in own.every("changesets", f"{location}/changesets")] == indexes


@pytest.mark.parametrize(
    ("word", "states"),
    [
        ("failed", ["scheduled", "failed"]),
        (
            "mainIModelIsMissingFederationGuids",
            ["scheduled", "mainIModelIsMissingFederationGuids"],
        ),
        ("sourceIsMissingFederationGuids", ["scheduled", "sourceIsMissingFederationGuids"]),
        ("unknown_state", ["waitingForResources", "waitingForResources", "successful"]),
        ("hung", ["scheduled"] * 10),
    ],
)
def test_forks_end_in_the_words_of_the_switch(own: Itwin, word: str, states: list[str]) -> None:
    own.running.turn(itwin_create_operation=word)
    _, operation = _created(own, f"{own.imodel}/fork")
    assert _end(own, operation) == states
    if word.endswith("FederationGuids"):
        _, operation = _created(own, f"{own.imodel}/clone")
        assert _end(own, operation)[-1] == "successful", "a clone needs no GUIDs"


def test_models_of_the_lake_were_created_successfully(wire: Itwin) -> None:
    told = wire.json(f"{wire.imodel}/operations/create")["createOperation"]
    assert told == {"state": "successful", "clonedFrom": None, "forkedFrom": None}


def test_a_copy_takes_one_changeset_in_one_way(own: Itwin) -> None:
    told = {"iTwinId": own.itwin_id, "changesetId": "", "changesetIndex": 0}
    answer = own.post(f"{own.imodel}/clone", told)
    [detail] = answer.json()["error"]["details"]
    assert (answer.status_code, detail["code"]) == (422, "MutuallyExclusivePropertiesProvided")
    answer = own.post(f"{own.imodel}/clone", {"iTwinId": own.itwin_id, "changesetIndex": 9})
    assert answer.status_code == 404


@pytest.mark.parametrize("mode", [None, "empty"])
def test_an_empty_model_is_there_at_once(own: Itwin, mode: str | None) -> None:
    told = {"iTwinId": own.itwin_id, "name": "New", "creationMode": mode}
    imodel = own.made("/imodels", told)
    assert imodel["state"] == "initialized"
    operation = own.json(f"/imodels/{imodel['id']}/operations/create")
    assert operation["createOperation"]["state"] == "successful"
    assert own.every("changesets", f"/imodels/{imodel['id']}/changesets") == []
    assert own.every("mappings", f"{MAPPINGS}?iModelId={imodel['id']}") == []


@pytest.mark.parametrize("mode", ["fromiModelVersion", "fromIModelVersion"])
def test_a_model_from_a_version_of_another(own: Itwin, mode: str) -> None:
    template = {"iModelId": own.imodel_id}
    told = {"iTwinId": own.itwin_id, "name": "New", "creationMode": mode, "template": template}
    imodel = own.made("/imodels", told)
    operation = f"/imodels/{imodel['id']}/operations/create"
    assert _end(own, operation) == ["scheduled", "successful"]


def _from_baseline(own: Itwin, size: int) -> tuple[str, dict[str, Any]]:
    told = {"iTwinId": own.itwin_id, "name": "New", "creationMode": "fromBaseline"}
    imodel = own.made("/imodels", told | {"baselineFile": {"size": size}})
    assert imodel["state"] == "notInitialized"
    assert imodel["_links"]["upload"]["storageType"] == "azure"
    return f"/imodels/{imodel['id']}", imodel["_links"]


def _upload(href: str, content: bytes, **headers: str) -> int:
    return requests.put(href, content, headers=headers, timeout=TIMEOUT_S).status_code


def test_a_model_from_an_uploaded_file(own: Itwin) -> None:
    here, links = _from_baseline(own, len(SQLITE))
    operation = f"{here}/operations/create"
    assert own.json(operation)["createOperation"]["state"] == "waitingForFile"
    assert own.json(f"{here}/baselinefile")["baselineFile"]["state"] == "waitingForFile"
    assert _upload(links["upload"]["href"], SQLITE, **BLOB) == 201
    assert own.post(links["complete"]["href"], {}).status_code == 200
    states = [own.json(f"{here}/baselinefile")["baselineFile"]["state"] for _ in range(2)]
    assert states == ["initializationScheduled", "initialized"] or states[-1] == "initialized"
    assert _end(own, operation) == ["scheduled", "successful"]
    assert own.json(here)["iModel"]["state"] == "initialized"
    answer = own.post(links["complete"]["href"], {})
    [detail] = answer.json()["error"]["details"]
    assert (answer.status_code, answer.json()["error"]["code"], detail["code"]) == (
        422,
        "InvalidiModelsRequest",
        "InvalidChange",
    )


def test_an_upload_of_another_size_is_a_conflict(own: Itwin) -> None:
    _, links = _from_baseline(own, len(SQLITE) + 1)
    assert own.post(links["complete"]["href"], {}).status_code == 409
    assert _upload(links["upload"]["href"], SQLITE, **BLOB) == 201
    answer = own.post(links["complete"]["href"], {})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "DataConflict")


def test_the_storage_wants_its_header_and_signature_and_no_token(own: Itwin) -> None:
    _, links = _from_baseline(own, len(SQLITE))
    href = links["upload"]["href"]
    assert _upload(href, SQLITE) == 400
    assert _upload(href, SQLITE, **BLOB, **own.headers) == 400
    assert _upload(f"{href}x", SQLITE, **BLOB) == 403


@pytest.mark.parametrize(
    ("content", "switches", "state"),
    [
        (b"no SQLite at all", {}, "initializationFailed"),
        (SQLITE, {"itwin_baseline_file": "fileIsBriefcase"}, "fileIsBriefcase"),
    ],
)
def test_files_that_no_model_can_be_made_of(
    own: Itwin, content: bytes, switches: dict[str, str], state: str
) -> None:
    own.running.turn(polls="0", **switches)
    here, links = _from_baseline(own, len(content))
    _upload(links["upload"]["href"], content, **BLOB)
    own.post(links["complete"]["href"], {})
    assert own.json(f"{here}/baselinefile")["baselineFile"]["state"] == state
    assert _end(own, f"{here}/operations/create") == ["failed"]


@pytest.mark.parametrize(
    ("spelling", "model", "mapping"),
    [
        ("mixed", "2026-03-01T08:30:00.0000000Z", "2026-03-01T08:30:00+00:00"),
        ("z7", "2026-03-01T08:30:00.0000000Z", "2026-03-01T08:30:00.0000000Z"),
        ("offset7", "2026-03-01T08:30:00.0000000+00:00", "2026-03-01T08:30:00.0000000+00:00"),
        ("offset", "2026-03-01T08:30:00+00:00", "2026-03-01T08:30:00+00:00"),
    ],
)
def test_moments_in_every_spelling(
    serve: Serve, house_lake: Path, spelling: str, model: str, mapping: str
) -> None:
    wire = Itwin(serve(house_lake, itwin_timestamps=spelling))
    assert wire.json(wire.imodel)["iModel"]["createdDateTime"] == model
    assert wire.mapping["createdOn"] == mapping
