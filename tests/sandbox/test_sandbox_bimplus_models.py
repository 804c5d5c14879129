"""Projects and models over raw HTTP: lists, details, tags, files, revisions, changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from bimplus_wire import BUILDING_MODEL, RECESS_MODEL, WALL, WALL_TYPE, Bimplus, small_house
from wire import Serve, Wire, fetch, lake_of

from takeoff.config import Settings
from takeoff.core.progress import Quiet
from takeoff.lake.layout import open_layout
from takeoff.sandbox import Sandbox

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lake_of(tmp_path_factory.mktemp("lakes") / "bimplus", small_house())


@pytest.fixture
def wire(serve: Serve, lake: Path) -> Bimplus:
    return Bimplus(serve(lake))


@pytest.fixture
def own(serve_new: Serve, lake: Path) -> Bimplus:
    """One that may be changed."""
    return Bimplus(serve_new(lake))


def test_teams_have_a_slug(wire: Bimplus) -> None:
    [team] = wire.json("/teams")
    assert team["slug"] == wire.slug
    assert wire.json(f"/teams/{team['id']}") == wire.json(f"/teams/{team['slug']}") == team
    assert wire.get("/teams/none").status_code == 404


def test_projects_name_their_models_layers(wire: Bimplus) -> None:
    [project] = wire.json(f"/{wire.slug}/projects")
    assert wire.json(wire.project) == project
    assert (project["name"], project["modelCount"]) == ("offices", 1)
    layers = {layer["id"]: layer for layer in project["disciplines"]}
    assert layers[BUILDING_MODEL]["name"] == "ID_BuildingModel"
    assert RECESS_MODEL in layers
    assert {layer["divisionId"] for layer in layers.values()} == {wire.division_id}
    assert layers[BUILDING_MODEL]["divisionTopologyId"] == wire.topology_id
    [bare] = wire.json(f"/{wire.slug}/projects", params={"disciplines": "false"})
    assert "disciplines" not in bare


def test_disciplines_mean_three_things(wire: Bimplus) -> None:
    ids = wire.details()["disciplines"]
    assert all(isinstance(one, str) for one in ids)
    listed = wire.json(f"{wire.division}/disciplines")
    assert [one["id"] for one in listed] == ids
    assert set(listed[0]) == {"category", "name", "ifcType", "id"}
    by_id = wire.json(f"/{wire.slug}/element-types/disciplines")
    assert set(ids) <= set(by_id)
    one = wire.json(f"/{wire.slug}/element-types/disciplines/{BUILDING_MODEL}")
    assert one == by_id[BUILDING_MODEL]


def test_lists_and_details_have_their_own_keys(wire: Bimplus) -> None:
    [listed] = wire.json(f"{wire.project}/divisions", params={"modifyonly": "true"})
    assert "status" not in listed
    assert listed["teamSlug"] == wire.slug
    assert listed["revisionObjects"][0]["revisionNr"] == 1
    details = wire.details()
    assert details["status"] == "DONE"
    assert not {"teamSlug", "revisionObjects"} & set(details)
    assert listed.items() >= {k: v for k, v in details.items() if k != "status"}.items()
    assert wire.json("/divisions") == wire.json(f"/{wire.slug}/divisions") == [listed]


def test_sizes_are_german_text_too(wire: Bimplus) -> None:
    told = wire.details()
    number = f"{told['size'] / 2**20:.2f}".rstrip("0").rstrip(".")
    assert told["sizeMB"] == number.replace(".", ",")


def test_optional_keys_and_spellings(serve: Serve, lake: Path) -> None:
    wire = Bimplus(serve(lake, bimplus_nulls="null", bimplus_user_keys="createdBy"))
    told = wire.details()
    assert told["description"] is None
    assert told["createdBy"]["email"]
    wire.running.turn(bimplus_size_key="sizeInMB", bimplus_topology="absent")
    told = wire.details()
    assert "sizeInMB" in told
    assert told["topologyId"] is None
    wire.running.turn(bimplus_nulls="left_out")
    assert "topologyId" not in wire.details()


def test_the_status_is_what_it_is_told_to_be(serve: Serve, lake: Path) -> None:
    wire = Bimplus(serve(lake, bimplus_status="PROCESSING_ONCE", polls="2"))
    seen = [wire.details()["status"] for _ in range(4)]
    assert seen == ["PROCESSING", "PROCESSING", "DONE", "DONE"]
    wire.running.turn(bimplus_status="DONE_WITH_ERRORS", bimplus_list_status="given")
    assert wire.details()["status"] == "DONE_WITH_ERRORS"
    assert wire.json(f"{wire.project}/divisions")[0]["status"] == "DONE_WITH_ERRORS"
    wire.running.turn(bimplus_status="absent")
    assert "status" not in wire.details()
    wire.running.turn(bimplus_status="DONE_EMPTY_MODEL")
    assert len(wire.nodes()) == 1
    assert wire.of_type(WALL_TYPE) == []


def test_a_tag_stays_until_the_model_changes(own: Bimplus) -> None:
    tag = own.tag()
    assert tag.startswith('"')
    assert tag == own.get(own.division).headers["ETag"]
    assert tag == own.get(own.root).headers["ETag"]
    for given in (tag, tag.strip('"'), f"W/{tag}", f'"other", {tag}'):
        for method, path in (
            ("HEAD", own.division),
            ("GET", own.division),
            ("HEAD", own.root),
            ("GET", own.root),
            ("HEAD", f"/{own.slug}/divisions/{own.topology_id}"),
        ):
            answer = own.ask(method, path, headers={"If-None-Match": given})
            assert (answer.status_code, answer.content) == (304, b""), (method, path)
            assert answer.headers["ETag"] == tag
    changed = own.ask("PUT", own.division, json={"name": "Renamed", "description": "new"})
    assert (changed.status_code, changed.json()["description"]) == (200, "new")
    answer = own.ask("HEAD", own.division, headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert answer.headers["ETag"] != tag


def test_a_tag_is_the_same_from_start_to_start(serve_new: Serve, lake: Path) -> None:
    assert Bimplus(serve_new(lake)).tag() == Bimplus(serve_new(lake)).tag()


def test_tags_that_are_weak_bare_or_move(serve: Serve, lake: Path) -> None:
    wire = Bimplus(serve(lake, bimplus_tag_form="weak"))
    assert wire.tag().startswith('W/"')
    wire.running.turn(bimplus_tag_form="bare")
    assert '"' not in wire.tag()
    wire.running.turn(bimplus_tag_form="absent")
    assert "ETag" not in wire.ask("HEAD", wire.division).headers
    wire.running.turn(bimplus_tag_form="strong", bimplus_tag="moves_once")
    tags = [wire.tag()]
    for _ in range(3):
        wire.of_type(WALL_TYPE)
        tags.append(wire.tag())
    assert len(set(tags)) == 2
    assert tags[1] == tags[3]
    wire.running.turn(bimplus_tag="moves")
    tags = []
    for _ in range(3):
        wire.of_type(WALL_TYPE)
        tags.append(wire.tag())
    assert len(set(tags)) == 3


def test_a_model_is_created_changed_moved_and_deleted(own: Bimplus) -> None:
    body = {"name": "New model", "disciplines": [BUILDING_MODEL], "size": 5}
    answer = own.ask("POST", f"{own.project}/divisions", json=body)
    made = answer.json()
    assert (answer.status_code, made["status"], made["size"]) == (201, "EMPTY", 0)
    assert made["disciplines"] == [BUILDING_MODEL]
    assert "topologyId" not in made
    assert "url" not in made
    path = f"/{own.slug}/divisions/{made['id']}"
    assert own.ask("PUT", path, json={"description": "no name"}).status_code == 400
    told = own.ask("PUT", path, json={"name": "New", "topologyId": own.topology_id[::-1]}).json()
    assert (told["name"], told["topologyId"]) == ("New", own.topology_id[::-1])
    assert own.json(f"/{own.slug}/objects/{told['topologyId']}/topology")["children"] == []
    assert own.ask("PUT", f"{path}/move", json={"projectId": own.project_id}).status_code == 200
    assert own.ask("PUT", f"{path}/move", json={}).status_code == 400
    assert own.ask("PUT", f"{path}/move", json={"projectId": made["id"]}).status_code == 404
    deleted = own.ask("DELETE", path)
    assert (deleted.status_code, deleted.content) == (200, b"")
    assert own.get(path).status_code == 404
    assert len(own.json(f"{own.project}/divisions")) == 1
    recycled = own.json(f"{own.project}/divisions", params={"recycleBin": "true"})
    assert [one.get("recycleBin", False) for one in recycled] == [False, True]


def test_names_may_have_to_be_unique(serve_new: Serve, lake: Path) -> None:
    wire = Bimplus(serve_new(lake, bimplus_names="unique"))
    body = {"name": wire.details()["name"]}
    assert wire.ask("POST", f"{wire.project}/divisions", json=body).status_code == 409
    assert wire.ask("POST", f"{wire.project}/divisions", json={}).status_code == 400


def test_a_discipline_may_be_made_private(own: Bimplus) -> None:
    path = f"{own.division}/disciplines/{BUILDING_MODEL}"
    told = own.ask("PUT", path, json={"private": True}).json()
    assert told == {"id": BUILDING_MODEL, "private": True}
    none = own.ask("PUT", f"{own.division}/disciplines/none", json={"private": True})
    assert none.status_code == 404
    assert own.ask("PUT", path, json={"private": "yes"}).status_code == 400


def test_changes_leave_the_lake_as_it_was(own: Bimplus, lake: Path) -> None:
    before = {path: path.read_bytes() for path in lake.rglob("*") if path.is_file()}
    own.ask("PUT", own.division, json={"name": "Another"})
    own.ask("POST", f"{own.division}/revisions", json={"name": "Two"})
    own.ask("DELETE", own.division)
    assert before == {path: path.read_bytes() for path in lake.rglob("*") if path.is_file()}


def test_revisions_are_made_and_read(own: Bimplus) -> None:
    made = own.ask("POST", f"{own.division}/revisions", json={"name": "Two"})
    assert (made.status_code, made.json()["revisionNr"]) == (201, 2)
    revision = made.json()
    numbers = [one["revisionNr"] for one in own.json(f"{own.division}/revisions")]
    assert numbers == [1, 2]
    assert own.json(f"{own.project}/revisions") == own.json(f"{own.division}/revisions")
    path = f"/{own.slug}/revisions/{revision['id']}"
    assert own.json(path) == revision
    told = own.ask("PUT", path, json={"comment": "checked", "release": True}).json()
    assert (told["comment"], told["release"], told["name"]) == ("checked", True, "Two")
    assert own.ask("POST", f"{own.division}/revisions", json={}).status_code == 400


@pytest.fixture(scope="module")
def two_versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The house, and again with a table in its chair's place and a longer wall."""
    lake = tmp_path_factory.mktemp("lakes") / "versions"
    first, second = small_house(), small_house()
    chair = next(row for row in second.rows["elements"] if row["name"] == "Chair")
    chair |= {"element_id": "2Table0000000000000001", "name": "Table"}
    length = next(row for row in second.rows["quantities"] if row["quantity"] == "Length")
    length["value"] = 6.0
    return lake_of(lake, first, second)


def test_older_revisions_can_still_be_read(serve_new: Serve, two_versions: Path) -> None:
    wire = Bimplus(serve_new(two_versions))
    numbers = [one["revisionNr"] for one in wire.json(f"{wire.division}/revisions")]
    assert numbers == [1, 2]
    names = {node.get("name") for node in wire.nodes()}
    before = {node.get("name") for node in wire.nodes(revision="1")}
    assert (before - names, names - before) == ({"Chair"}, {"Table"})


def test_revisions_are_compared(serve_new: Serve, two_versions: Path) -> None:
    wire = Bimplus(serve_new(two_versions, polls="1"))
    path = f"{wire.division}/revisionscomparison/2/1"
    assert wire.get(path).status_code == 404
    started = wire.ask("POST", path, json={})
    assert (started.status_code, started.json()["status"]) == (201, "PENDING")
    assert wire.json(path)["status"] == "PENDING"
    told = wire.json(path)
    assert (told["status"], told["firstRevision"], told["secondRevision"]) == ("DONE", 2, 1)
    assert told["changed"] == [wire.node(WALL)["id"]]
    assert [len(told["inserted"]), len(told["deleted"])] == [1, 1]


@pytest.fixture(scope="module")
def file_wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bimplus]:
    """A model that was read from an IFC file."""
    pytest.importorskip("ifcopenshell", reason="reads IFC")
    from takeoff.jobs.fetch import IfcOptions, fetch_ifc

    lake = tmp_path_factory.mktemp("bimplus") / "lake"
    files = [SAMPLE / "Lindenhof_services.ifc"]
    options = IfcOptions(geometry=False)
    assert all(one.error is None for one in fetch_ifc(Settings(lake=lake), files, options, Quiet()))
    with Sandbox(open_layout(lake)).start() as running:
        yield Bimplus(Wire(running))


def _download(wire: Bimplus, **switches: str) -> requests.Response:
    wire.running.turn(**{"bimplus_download": "direct"} | switches)
    return wire.get(f"{wire.division}/download", params={"revision": "1"})


def test_the_file_comes_as_it_was(file_wire: Bimplus) -> None:
    content = (SAMPLE / "Lindenhof_services.ifc").read_bytes()
    told = file_wire.details()
    assert (told["fileType"], told["inputType"]) == ("Ifc", "IFC_IMPORT")
    assert told["importFileName"] == "Lindenhof_services.ifc"
    assert told["importFileSize"] == len(content)
    assert told["url"] == f"{file_wire.division}/download"
    answer = _download(file_wire)
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.content == content
    named = _download(file_wire, bimplus_download="disposition")
    assert "Lindenhof_services.ifc" in named.headers["Content-Disposition"]
    moved = _download(file_wire, bimplus_download="redirect")
    assert moved.status_code == 302
    assert fetch(moved.headers["Location"]).content == content
    assert 0 < len(_download(file_wire, bimplus_download="short").content) < len(content)
    assert file_wire.get(f"{file_wire.division}/download?revision=7").status_code == 404


def test_a_model_without_a_file(serve: Serve, lake: Path) -> None:
    wire = Bimplus(serve(lake))
    assert "importFileName" not in wire.details()
    for status in ("404", "400", "204"):
        wire.running.turn(bimplus_no_file=status)
        assert wire.get(f"{wire.division}/download").status_code == int(status)


def test_answers_have_the_keys_of_the_contract(file_wire: Bimplus) -> None:
    """The examples of sections 3 and 4.2, by their keys."""
    project = {"id", "name", "shortDescr", "teamSlug", "teamName", "teamId", "hasWriteAccess"}
    project |= {"created", "createdby", "modelCount", "memberCount", "topicCount", "size"}
    project |= {"attachmentCount", "attachmentsSize", "sizeMB", "rights", "disciplines"}
    assert project <= set(file_wire.json(file_wire.project))
    model = {"id", "name", "projectId", "topologyId", "disciplines", "status", "url", "fileType"}
    model |= {"inputType", "created", "createdby", "changed", "changedby", "size", "sizeMB"}
    model |= {"importFileName", "importFileSize"}
    assert model <= set(file_wire.details())
    [listed] = file_wire.json(f"{file_wire.project}/divisions")
    revision = {"id", "name", "description", "projectId", "divisionId", "revisionNr", "created"}
    revision |= {"createdby", "topologyId", "inputType"}
    assert revision <= set(listed["revisionObjects"][0])
    assert json.dumps(listed) == json.dumps(listed).replace(file_wire.service.token, "")
