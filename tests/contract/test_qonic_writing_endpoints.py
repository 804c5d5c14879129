"""Every endpoint of Qonic's contract that changes something: over raw HTTP, and by our own call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
import requests
from qonic_building import building
from qonic_writing import (
    HEADER,
    MODEL,
    PRODUCTS,
    PROJECT,
    TIMEOUT_S,
    WRITING,
    Changer,
    changer,
)

from takeoff.core.errors import VendorRefused
from takeoff.http.auth import (
    Bearer,
    OAuthApp,
    Tokens,
    begin_login,
    code_of,
    code_request,
    refresh_request,
    tokens_of,
)
from takeoff.http.clock import Clock
from takeoff.http.session import Session
from takeoff.lake.layout import open_layout
from takeoff.sandbox import Running, Sandbox
from takeoff.vendors.qonic import calls, client, editing, libraries, login, uploads
from takeoff.vendors.qonic.editing import Modifications, ModificationsRefused, Property
from takeoff.vendors.qonic.libraries import Code

WALL, OTHER_WALL, NOBODY = f"0W{0:020d}", f"0W{1:020d}", "0nobody000000000000000"
_SETS = f"{PROJECT}/customProperties/property-sets"
Check = Callable[[Changer], None]


def _start_session(one: Changer) -> None:
    first, second = str(uuid4()), str(uuid4())
    assert one.raw("POST", f"{MODEL}/start-session").status_code == 400
    editing.start_session(one.session, one.ref, first)
    assert one.raw("POST", f"{MODEL}/start-session", session_id=second).status_code == 409
    assert one.raw("POST", f"{MODEL}/start-session", session_id=first).status_code == 200
    editing.end_session(one.session, one.ref, first)
    assert one.raw("POST", f"{MODEL}/start-session", session_id=second).status_code == 200


def _end_session(one: Changer) -> None:
    """Also of a session that nobody knows; without the header it is refused."""
    assert one.raw("POST", f"{MODEL}/end-session").status_code == 400
    assert one.raw("POST", f"{MODEL}/end-session", session_id=str(uuid4())).status_code == 200
    editing.end_session(one.session, one.ref, str(uuid4()))


def _modify(one: Changer) -> None:
    """What was changed is seen at once, by the same form as everything else."""
    session_id = _begun(one)
    body = {"add": {"Cost": {WALL: {"PropertySet": "Own", "Value": 12.5}}}}
    assert one.json("POST", PRODUCTS, body, session_id=session_id) == {"errors": []}
    assert one.row(WALL)["Cost"] == {"PropertySet": "Own", "Value": 12.5}
    assert one.row(OTHER_WALL)["Cost"] == {"PropertySet": None, "Value": None}
    changes = Modifications(
        add={"Cost": {OTHER_WALL: Property("Own", "three")}},
        update={"Cost": {WALL: Property("Own", True)}, "Name": {WALL: "W-1"}},
        add_or_update={"Mark": {WALL: Property("House", "008")}},
    )
    editing.modify(one.session, one.ref, session_id, changes)
    assert one.row(OTHER_WALL)["Cost"]["Value"] == "three"
    wall = one.row(WALL)
    assert (wall["Cost"]["Value"], wall["Name"], wall["Mark"]["Value"]) == (True, "W-1", "008")
    changes = Modifications(update={"Cost": {WALL: None}}, delete={"Mark": {WALL: None}})
    editing.modify(one.session, one.ref, session_id, changes)
    wall = one.row(WALL)
    assert wall["Cost"] == {"PropertySet": "Own", "Value": None}
    assert wall["Mark"] == {"PropertySet": None, "Value": None}
    assert one.raw("POST", PRODUCTS, {}).status_code == 400
    assert one.raw("POST", PRODUCTS, [], session_id=session_id).status_code == 400
    assert one.raw("POST", PRODUCTS, {}, session_id=str(uuid4())).status_code == 400


def _delete_product(one: Changer) -> None:
    session_id = _begun(one)
    before = len(one.json("POST", f"{PRODUCTS}/properties/query", {})["result"])
    assert one.raw("DELETE", f"{PRODUCTS}/{WALL}").status_code == 400
    told = one.json("DELETE", f"{PRODUCTS}/{WALL}", session_id=session_id)
    assert (told, one.row(WALL)) == ({"errors": []}, {})
    editing.delete_product(one.session, one.ref, session_id, OTHER_WALL)
    after = one.json("POST", f"{PRODUCTS}/properties/query", {})
    assert (after["totalCount"], len(after["result"])) == (before - 2, before - 2)
    with pytest.raises(VendorRefused, match="no product"):
        editing.delete_product(one.session, one.ref, session_id, WALL)


def _publish(one: Changer) -> None:
    """Sums are those of what was published last."""
    session_id = _begun(one)
    before = _count(one)
    editing.delete_product(one.session, one.ref, session_id, WALL)
    assert _count(one) == before
    assert one.raw("POST", f"{MODEL}/publish", {"description": "no title"}).status_code == 400
    assert one.raw("POST", f"{MODEL}/publish", {"title": "one less"}).status_code == 200
    assert _count(one) == before - 1
    editing.delete_product(one.session, one.ref, session_id, OTHER_WALL)
    editing.publish(one.session, one.ref, "two less", "by our own call")
    assert _count(one) == before - 2
    editing.publish(one.session, one.ref, "nothing new")


def _discard(one: Changer) -> None:
    """Only what is not published is dropped."""
    session_id = _begun(one)
    editing.delete_product(one.session, one.ref, session_id, WALL)
    editing.publish(one.session, one.ref, "one less")
    for drop in (
        lambda: editing.discard(one.session, one.ref, session_id),
        lambda: one.raw("POST", f"{MODEL}/discard", session_id=session_id),
    ):
        editing.delete_product(one.session, one.ref, session_id, OTHER_WALL)
        drop()
        assert one.row(OTHER_WALL)
        assert not one.row(WALL)
    assert one.raw("POST", f"{MODEL}/discard").status_code == 400


def _upload_url(one: Changer) -> None:
    """A place on another origin, which takes a file from whoever has the link, and nothing else."""
    link = one.json("GET", "/upload-url")["uploadUrl"]
    assert not link.startswith(one.running.at("qonic").base_url)
    assert requests.put(link, data=b"ISO", timeout=20).status_code == 200
    assert requests.put(link[:-1], data=b"ISO", timeout=20).status_code == 403
    login = {"Authorization": f"Bearer {one.running.at('qonic').token}"}
    assert requests.put(link, data=b"ISO", headers=login, timeout=20).status_code == 400
    assert uploads.upload_url(one.session) != link
    one.running.turn(link_s="0")
    assert requests.put(uploads.upload_url(one.session), data=b"I", timeout=20).status_code == 403


def _create_model(one: Changer) -> None:
    """The answer is model and operation at once; without a reader the import fails in words."""
    link = uploads.upload_url(one.session)
    body = {"modelName": "annex", "uploadUrl": link, "uploadFileName": "a.ifc", "tags": ["Other"]}
    path = f"{PROJECT}/models"
    assert one.raw("POST", path, body).status_code == 400
    assert requests.put(link, data=b"ISO", timeout=20).status_code == 200
    assert one.raw("POST", path, {**body, "uploadFileName": "a.exe"}).status_code == 400
    assert one.raw("POST", path, {**body, "modelName": ""}).status_code == 400
    told = one.json("POST", path, body)
    assert {"modelId", "modelGuid", "id", "kind", "status", "percentageCompleted"} == set(told)
    assert (told["kind"], told["status"]) == ("ImportIfc", "Queued")
    ended = one.finished(told["id"])
    assert (ended["status"], "cannot read" in ended["errorDetails"]) == ("Failed", True)
    new = uploads.NewModel("annex", link, "a.ifc", ["Other"], "Viewer")
    created = uploads.create_model(one.session, one.ref.project_id, new)
    assert created.operation.state == "queued"
    assert created.model_id not in (told["modelId"], created.operation.id)
    listed = one.json("GET", path)["models"]
    assert [model["name"] for model in listed] == ["tower.ifc"]


def _codifications(one: Changer) -> None:
    project, path = one.ref.project_id, f"{PROJECT}/codifications"
    told = one.json("POST", path, {"Name": "Ours", "description": "a system"})
    other = libraries.create_codification(one.session, project, {"name": "Theirs"})
    listed = {one_.guid: one_.name for one_ in calls.codifications(one.session, project)}
    assert (listed[told["guid"]], listed[other]) == ("Ours", "Theirs")
    assert one.json("GET", f"{path}/{other}")["codes"] is None
    assert all("codes" not in item for item in one.json("GET", path)["codificationLibraries"])
    assert one.raw("DELETE", f"{path}/{told['guid']}").ok
    libraries.delete_codification(one.session, project, other)
    names = [one_.name for one_ in calls.codifications(one.session, project)]
    assert names == ["NL-SfB", "House codes"]
    assert one.raw("DELETE", f"{path}/{other}").status_code == 404
    assert one.raw("POST", path, {}).status_code == 400


def _codes(one: Changer) -> None:
    project = one.ref.project_id
    library = libraries.create_codification(one.session, project, {"name": "Ours"})
    path = f"{PROJECT}/codifications/{library}"
    root = libraries.create_code(one.session, project, library, Code("0", "All"))
    body = {"identification": "0.1", "name": "Walls", "description": None, "parentId": root}
    told = one.json("POST", f"{path}/codification", body)
    assert (told["identification"], told["parentId"]) == ("0.1", root)
    titles = calls.codification(one.session, project, library).titles
    assert titles == {"0": "All", "0.1": "Walls"}
    libraries.update_code(one.session, project, library, told["guid"], {"name": "Outer walls"})
    assert one.raw("PUT", f"{path}/codification/{root}", {"Name": "Everything"}).ok
    titles = calls.codification(one.session, project, library).titles
    assert titles == {"0": "Everything", "0.1": "Outer walls"}
    libraries.delete_code(one.session, project, library, told["guid"])
    assert one.raw("DELETE", f"{path}/codification/{root}").ok
    assert one.json("GET", path)["codes"] is None
    assert one.raw("PUT", f"{path}/codification/{root}", {"name": "x"}).status_code == 404


def _materials(one: Changer) -> None:
    project, path = one.ref.project_id, f"{PROJECT}/material-libraries"
    told = one.json("POST", path, {"Name": "Ours"})["guid"]
    other = libraries.create_material_library(one.session, project, "Theirs")
    values = {"name": "Concrete", "description": "C30/37", "color": "#785B3DFF"}
    made = libraries.create_material(one.session, project, told, values)
    assert one.json("POST", f"{path}/{other}/materials", {"name": "Clay"})["guid"] != made
    assert [m.name for m in calls.material_library(one.session, project, other).materials] == [
        "Clay"
    ]
    libraries.update_material(one.session, project, told, made, {"name": "Concrete C35"})
    assert one.raw("PUT", f"{path}/{told}/materials/{made}", {"color": "#49C73EFF"}).ok
    [pairs] = one.json("GET", f"{path}/{told}")["properties"]
    said = {pair["name"]: pair["value"] for pair in pairs}
    assert (said["Name"], said["Guid"], said["Color"]) == ("Concrete C35", made, "#49C73EFF")
    libraries.delete_material(one.session, project, told, made)
    assert one.json("GET", f"{path}/{told}")["properties"] == []
    assert one.raw("DELETE", f"{path}/{told}/materials/{made}").status_code == 404
    libraries.delete_material_library(one.session, project, told)
    assert one.raw("DELETE", f"{path}/{other}").ok
    assert len(calls.material_libraries(one.session, project)) == 1


def _locations(one: Changer) -> None:
    """A place goes with what is in it."""
    project, path = one.ref.project_id, f"{PROJECT}/locations"
    before = calls.locations(one.session, project)
    body = {"name": "Annex", "type": "Site", "parentGuid": None}
    assert one.raw("POST", path, body).status_code == 400
    told = one.json("POST", path, body, session_id=str(uuid4()))
    [site] = [pair["value"] for pair in told["properties"] if pair["name"] == "Guid"]
    key = str(uuid4())
    within = libraries.create_location(one.session, project, key, "Barn", "Building", site)
    found = calls.locations(one.session, project)
    assert (found[site].name, found[within].parent, found[within].kind) == (
        "Annex",
        site,
        "building",
    )
    libraries.update_location(one.session, project, site, {"name": "Far annex"})
    assert one.raw("PUT", f"{path}/{within}", {"name": "Shed"}).ok
    names = [place.name for place in calls.locations(one.session, project).values()]
    assert {"Far annex", "Shed"} <= set(names)
    libraries.delete_location(one.session, project, site)
    assert calls.locations(one.session, project) == before
    assert one.raw("DELETE", f"{path}/{within}").status_code == 404


def _property_sets(one: Changer) -> None:
    project = one.ref.project_id
    told = one.json("POST", _SETS, {"Name": "Own", "EntityTypes": [{"Value": "IfcWall"}]})
    made = libraries.create_property_set(one.session, project, "More", ["IfcWall", "IfcSlab"])
    assert (told["name"], told["entityTypes"]) == ("Own", ["IfcWall"])
    libraries.update_property_set(one.session, project, made, {"name": "Most"})
    assert one.raw("PUT", f"{_SETS}/{told['id']}", {"Name": "Owned"}).ok
    names = _set_names(one)
    assert {"Owned", "Most"} <= set(names)
    libraries.delete_property_set(one.session, project, made)
    assert one.raw("DELETE", f"{_SETS}/{told['id']}").ok
    assert not {"Owned", "Most"} & set(_set_names(one))
    assert one.raw("POST", f"{_SETS}/{made}/property", {}).status_code in (400, 404)


def _definitions(one: Changer) -> None:
    project = one.ref.project_id
    in_set = libraries.create_property_set(one.session, project, "Own", [])
    values = {"Name": "Volume", "DataType": "Real", "MeasureType": "Volume", "UnitName": "m3"}
    made = libraries.create_property(one.session, project, in_set, values)
    told = one.json("POST", f"{_SETS}/{in_set}/property", {"name": "Who", "dataType": "String"})
    found = calls.custom_properties(one.session, project)
    assert (found["Own", "Volume"].kind, found["Own", "Volume"].unit_name) == ("volume", "m3")
    libraries.update_property(one.session, project, in_set, made, {"unitName": "l"})
    assert one.raw("PUT", f"{_SETS}/{in_set}/property/{told['id']}", {"Name": "By"}).ok
    found = calls.custom_properties(one.session, project)
    assert found["Own", "Volume"].unit_name == "l"
    assert ("Own", "By") in found
    libraries.delete_property(one.session, project, in_set, made)
    assert one.raw("DELETE", f"{_SETS}/{in_set}/property/{told['id']}").ok
    assert not [key for key in calls.custom_properties(one.session, project) if key[0] == "Own"]


def _types(one: Changer) -> None:
    project, path = one.ref.project_id, f"{PROJECT}/types"
    [library] = one.json("GET", path)["typesPerLibrary"]
    made = libraries.create_type(one.session, project, library, {"name": "W 300"})
    told = one.json("POST", f"{path}/{library}", {"Name": "W 400"})
    libraries.update_type(one.session, project, library, made, {"name": "W 350"})
    assert one.raw("PUT", f"{path}/{library}/types/{told['guid']}", {"name": "W 450"}).ok
    names = [entry.name for entry in calls.types(one.session, project)[library]]
    assert names == ["W 200", "W 350", "W 450"]
    libraries.delete_type(one.session, project, library, made)
    assert one.raw("DELETE", f"{path}/{library}/types/{told['guid']}").ok
    assert [entry.name for entry in calls.types(one.session, project)[library]] == ["W 200"]


def _tokens(one: Changer) -> None:
    """A token that was taken back opens nothing any more; one that there is not is refused."""
    [own] = calls.tokens(one.session)
    given = [_logged_in(one)[1] for _ in range(2)]
    first, second = (name for name in calls.tokens(one.session) if name != own)
    assert one.raw("DELETE", f"/auth/tokens/{first}").status_code == 204
    login.revoke_token(one.session, second)
    assert calls.tokens(one.session) == [own]
    for tokens in given:
        headers = {"Authorization": f"Bearer {tokens.access_token}"}
        assert one.raw("GET", "/projects", headers=headers).status_code == 401
    with pytest.raises(VendorRefused, match="no such token"):
        login.revoke_token(one.session, second)


def _consents(one: Changer) -> None:
    """Without it the application renews nothing."""
    for withdraw in (
        lambda app: one.raw("DELETE", f"/auth/consents/{app.client_id}").raise_for_status(),
        lambda app: login.withdraw_consent(one.session, app.client_id),
    ):
        app, tokens = _logged_in(one)
        withdraw(app)
        with pytest.raises(VendorRefused, match="refresh token"):
            one.session.ask_json(refresh_request(app, tokens))
    with pytest.raises(VendorRefused, match="no such consent"):
        login.withdraw_consent(one.session, "nobody")


_ENDPOINTS: dict[str, Check] = {
    "DELETE /auth/tokens/{id}": _tokens,
    "DELETE /auth/consents/{id}": _consents,
    "start-session": _start_session,
    "end-session": _end_session,
    f"POST {PRODUCTS}": _modify,
    "products/{guid}": _delete_product,
    "publish": _publish,
    "discard": _discard,
    "upload-url": _upload_url,
    f"POST {PROJECT}/models": _create_model,
    "codification/{code}": _codes,
    "/codification": _codes,
    "codifications": _codifications,
    "material-libraries": _materials,
    "locations": _locations,
    "/property": _definitions,
    "property-sets": _property_sets,
    "types": _types,
}


def _check_of(endpoint: str) -> Check:
    """The first that fits; exact names go first, then the last part of the path, then any part."""
    if endpoint in _ENDPOINTS:
        return _ENDPOINTS[endpoint]
    ends = [check for name, check in _ENDPOINTS.items() if endpoint.endswith(name)]
    return ends[0] if ends else next(c for name, c in _ENDPOINTS.items() if name in endpoint)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("writing") / "lake"
    building().commit(folder)
    return folder


@pytest.fixture
def one(running: Running) -> Iterator[Changer]:
    with changer(running) as found:
        yield found


@pytest.fixture
def running(lake: Path) -> Iterator[Running]:
    """A sandbox of its own: what is changed in it must not be met by the next test."""
    with Sandbox(open_layout(lake)).start() as sandbox:
        yield sandbox


@pytest.mark.parametrize("check", dict.fromkeys(map(_check_of, WRITING)), ids=lambda c: c.__name__)
def test_what_is_changed_is_seen_both_ways(check: Check, one: Changer) -> None:
    check(one)


def test_every_endpoint_has_its_check() -> None:
    assert {_check_of(endpoint) for endpoint in WRITING} == set(_ENDPOINTS.values())


def test_every_endpoint_wants_the_login(one: Changer) -> None:
    for endpoint in WRITING:
        method, path = endpoint.split(" ")
        for name in ("lib", "guid", "code", "id", "property"):
            path = path.replace(f"{{{name}}}", "1")
        assert one.raw(method, path, {}, headers={HEADER: "s"}).status_code == 401, endpoint


def test_none_of_them_is_repeated_by_itself(one: Changer) -> None:
    """A busy server is asked once; whether it was done, nobody knows."""
    one.running.turn(fault="503", fault_at="any", fault_count="all")
    changing = [call for call in client.CALLS if call.method in ("POST", "PUT", "DELETE")]
    assert len(changing) > len(WRITING)
    session_id, project = str(uuid4()), one.ref.project_id
    attempts: list[Callable[[], object]] = [
        lambda: editing.start_session(one.session, one.ref, session_id),
        lambda: editing.modify(one.session, one.ref, session_id, Modifications()),
        lambda: editing.delete_product(one.session, one.ref, session_id, WALL),
        lambda: editing.publish(one.session, one.ref, "t"),
        lambda: editing.discard(one.session, one.ref, session_id),
        lambda: editing.end_session(one.session, one.ref, session_id),
        lambda: uploads.create_model(one.session, project, uploads.NewModel("n", "u", "a.ifc")),
        lambda: libraries.create_codification(one.session, project, {"name": "n"}),
        lambda: libraries.update_code(one.session, project, "l", "c", {}),
        lambda: libraries.delete_type(one.session, project, "l", "t"),
        lambda: login.revoke_token(one.session, "t"),
        lambda: login.withdraw_consent(one.session, "c"),
    ]
    for attempt in attempts:
        one.running.forget()
        with pytest.raises(Exception, match="not asked again"):
            attempt()
        assert len(one.running.seen()) == 1


def test_the_lake_is_never_written(lake: Path, one: Changer) -> None:
    def content() -> dict[Path, bytes]:
        return {p: p.read_bytes() for p in lake.rglob("*") if p.is_file()}

    before = content()
    _publish(one)
    assert content() == before


def test_all_or_nothing_of_one_request(one: Changer) -> None:
    """Two values are wrong, so the good one is not written either; each is named."""
    session_id = _begun(one)
    changes = Modifications(
        add={"Cost": {WALL: Property("Own", 1), NOBODY: Property("Own", 1)}},
        update={"SpatialLocation": {WALL: {"Floor": "attic"}}},  # type: ignore[dict-item]
    )
    with pytest.raises(ModificationsRefused) as refused:
        editing.modify(one.session, one.ref, session_id, changes)
    assert refused.value.exit_code == 4
    named = {(problem.guid, problem.field) for problem in refused.value.problems}
    assert named == {(NOBODY, "Cost"), (WALL, "SpatialLocation.Floor")}
    assert all(problem.error and problem.description for problem in refused.value.problems)
    assert NOBODY in str(refused.value)
    assert "Cost" not in one.row(WALL)


@pytest.mark.parametrize("scopes", [(), login.WRITE_SCOPES], ids=["reads", "writes"])
def test_a_login_that_may_only_read_changes_no_model(scopes: tuple[str, ...], one: Changer) -> None:
    service = one.running.at("qonic")
    _, tokens = _logged_in(one, scopes)
    with Session(service.base_url, Bearer(tokens.access_token), name="Qonic") as session:
        assert one.ref.model_id in calls.models(session, one.ref.project_id)
        if scopes:
            editing.start_session(session, one.ref, editing.new_session_id())
        else:
            with pytest.raises(VendorRefused, match="takeoff login qonic --write"):
                editing.start_session(session, one.ref, editing.new_session_id())


def _logged_in(one: Changer, scopes: tuple[str, ...] = ()) -> tuple[OAuthApp, Tokens]:
    """What a person's new login gets who allows these scopes beside reading."""
    service = one.running.at("qonic")
    app = client.oauth_app(
        service.base_url, service.told["client_id"], service.told["redirect_uri"]
    )
    app = replace(app, scopes=(*app.scopes, *scopes))
    begun = begin_login(app)
    sent_back = requests.get(begun.url, allow_redirects=False, timeout=TIMEOUT_S)
    code = code_of(begun, sent_back.headers["Location"])
    return app, tokens_of(one.session.ask_json(code_request(app, begun, code)), Clock())


def _begun(one: Changer) -> str:
    session_id = editing.new_session_id()
    editing.start_session(one.session, one.ref, session_id)
    return session_id


def _count(one: Changer) -> int:
    """The number of products that the service sums over."""
    started = one.json("POST", f"{PRODUCTS}/quantities/query", {"calculators": ["Count"]})["id"]
    one.finished(started)
    totals = calls.quantities_result(one.session, one.ref, started)
    assert not isinstance(totals, calls.PerProduct)
    return int(totals.totals[0].value or 0)


def _set_names(one: Changer) -> list[str]:
    sets = one.json("GET", f"{PROJECT}/customProperties")["sets"]
    return [item["name"] for item in sets]
