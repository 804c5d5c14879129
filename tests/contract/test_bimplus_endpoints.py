"""Every call of Bimplus' contract: over raw HTTP, and by the client's own function; both say the
same. The coverage table, the contract's tables and the sandbox's routes name the same calls.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import requests
from qonic_building import WALLS, building

from takeoff.config import Settings
from takeoff.core.progress import Quiet
from takeoff.http.auth import Bearer
from takeoff.http.session import Session
from takeoff.jobs.fetch import IfcOptions, fetch_ifc
from takeoff.lake.layout import open_layout
from takeoff.sandbox import Running, Sandbox, routes
from takeoff.vendors.bimplus import calls, client, login
from takeoff.vendors.bimplus import object_calls as objects
from takeoff.vendors.bimplus.calls import Draft
from takeoff.vendors.bimplus.login import Password

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample" / "Lindenhof_services.ifc"
TIMEOUT_S = 20
WALL = "10074eef-9418-4d64-9c6d-23932835a7f1"
NET_VOLUME = "70eb68d9-ab84-4575-8702-d12e15a536cc"
IFC_ID = "93027bad-df91-48ee-a0bb-60a8184cddba"
BUILDING_LAYER = "0f106af0-a919-44c5-b211-15bd5ef620b6"
METRE = "7be3452a-47f9-4fd8-bd94-ef6c967d684e"
TREE = "/{t}/objects/{o}/topology"
NAMELESS = re.compile(r"<[^>]+>|\{[^}]+\}")


@dataclass
class Asker:
    """One model, asked both ways; `ids` fill paths: s team, p project, d model, t topology, w wall,
    f filter, g group, r revision.
    """

    running: Running
    session: Session
    ids: dict[str, str] = field(default_factory=dict)

    def raw(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        service = self.running.at("bimplus")
        return requests.request(
            method,
            service.base_url + path.format(**self.ids),
            json=body,
            headers={"Authorization": f"BimPlus {service.token}", **headers},
            timeout=TIMEOUT_S,
        )

    def json(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.raw(method, path, body)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def get(self, path: str) -> Any:
        return self.json("GET", path)

    def call(self, function: Callable[..., Any], *names: str, **told: Any) -> Any:
        """The client's function, given the ids that go by these names."""
        return function(self.session, *(self.ids.get(name, name) for name in names), **told)


@pytest.fixture(scope="module")
def asker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    lake = tmp_path_factory.mktemp("endpoints") / "lake"
    building().commit(lake)
    with Sandbox(open_layout(lake), {"polls": "0"}).start() as running:
        service = running.at("bimplus")
        with Session(
            service.base_url,
            Bearer(service.token, "BimPlus"),
            name="Bimplus",
            hints=client.HINTS,
            keep_headers=client.HEADERS,
        ) as session:
            found = Asker(running, session)
            [served] = service.models
            found.ids = {"s": service.told["slug"], "p": served.project_id, "d": served.model_id}
            found.ids["t"] = found.get("/{s}/divisions/{d}")["topologyId"]
            [*_, wall] = found.get(f"/{{s}}/objects/{{t}}?type={WALL}&page=1&pageSize=50")
            found.ids["w"] = wall["id"]
            found.ids["f"] = found.get("/{s}/projects/{p}/filters")[0]["id"]
            found.ids["g"] = found.get("/{s}/freeattributegroups")[0]["id"]
            found.ids["r"] = found.get("/{s}/divisions/{d}/revisions")[0]["id"]
            yield found


def ids(items: Any) -> list[str]:
    """Ids of what a list holds, or of what a map is keyed by."""
    if isinstance(items, dict):
        return sorted(items)
    return [one["id"] if isinstance(one, dict) else one.id for one in items]


S = {"slug": "s", "project_id": "p", "model_id": "d", "object_id": "t"}

# Calls that list things, or give one thing, with an id: path, function, and what it is given.
WITH_IDS: dict[str, tuple[Callable[..., Any], tuple[str, ...]]] = {
    "/teams": (calls.teams, ()),
    "/projects": (calls.projects, ()),
    "/{s}/projects": (calls.projects, ("s",)),
    "/{s}/divisions": (calls.team_models, ("s",)),
    "/divisions": (calls.user_models, ()),
    "/{s}/projects/{p}/divisions?modifyonly=true": (calls.project_models, ("s", "p")),
    "/{s}/divisions/{d}/disciplines": (calls.disciplines, ("s", "d")),
    "/{s}/divisions/{d}/revisions": (calls.revisions, ("s", "d")),
    "/{s}/projects/{p}/revisions": (calls.project_revisions, ("s", "p")),
    "/{s}/element-types": (objects.element_types, ("s",)),
    "/{s}/element-types/topology": (objects.topology_types, ("s",)),
    "/{s}/projects/{p}/element-types": (objects.project_element_types, ("s", "p")),
    "/{s}/objects/{t}/properties/8?type=" + WALL: (objects.objects, ("s", "t", WALL)),
    "/{s}/objects/{t}?layer=" + BUILDING_LAYER + "&internal=true": (
        objects.layer,
        ("s", "t", BUILDING_LAYER),
    ),
    "/content/units": (objects.units, ()),
    "/{s}/freeattributes": (objects.attributes, ("s",)),
    "/{s}/freeattributegroups": (objects.attribute_groups, ("s",)),
    "/{s}/freeattributegroups/{g}/freeattributes": (objects.group_attributes, ("g", "s")),
}
ONE_WITH_ID: dict[str, tuple[Callable[..., Any], tuple[str, ...]]] = {
    "/teams/{s}": (calls.team, ("s",)),
    "/{s}/projects/{p}": (calls.project, ("s", "p")),
    "/{s}/divisions/{d}": (calls.model, ("s", "d")),
    "/{s}/revisions/{r}": (calls.revision, ("s", "r")),
    "/{s}/element-types/" + WALL: (objects.element_type, ("s", WALL)),
    "/content/units/" + METRE: (objects.unit, (METRE,)),
    "/{s}/freeattributes/" + NET_VOLUME: (objects.attribute_entry, (NET_VOLUME, "s")),
}
# Calls whose answer is handed on as it is.
AS_IT_IS: dict[str, tuple[Callable[..., Any], tuple[str, ...]]] = {
    "/{s}/objects/{t}/topology": (objects.tree, ("s", "t")),
    "/{s}/projects/{p}/topology": (objects.project_tree, ("s", "p")),
    "/{s}/objects/{w}": (objects.object_, ("s", "w")),
    "/{s}/objects/{w}/properties/8": (objects.object_with, ("s", "w")),
    "/{s}/objects/{w}?freeattributes=true&internal=true&attributedefinition=true": (
        objects.object_flat,
        ("s", "w"),
    ),
    "/{s}/objects/{t}/attributes/" + NET_VOLUME + "?children=true": (
        objects.column,
        ("s", "t", NET_VOLUME),
    ),
    "/{s}/objects/{w}/attributes/" + NET_VOLUME + "?attributeDefinition=true": (
        objects.attribute,
        ("s", "w", NET_VOLUME),
    ),
    "/{s}/projects/{p}/filters/{f}": (objects.filtered, ("s", "p", "f")),
    "/{s}/freeattributes?topology=true": (objects.attribute_tree, ("s",)),
}
# Calls that are asked in tests of their own: below, or in test_bimplus_moves.
ELSEWHERE = {
    "POST /authorize",
    "GET /authorize",
    "POST /*/projects/*/divisions",
    "HEAD /*/divisions/*",
    "PUT /*/divisions/*",
    "PUT /*/divisions/*/move",
    "PUT /*/divisions/*/disciplines/*",
    "GET /*/divisions/*/download",
    "DELETE /*/divisions/*",
    "POST /*/divisions/*/revisions",
    "PUT /*/revisions/*",
    "POST /*/divisions/*/revisionscomparison/*/*",
    "GET /*/divisions/*/revisionscomparison/*/*",
    "GET /*/objects/*/query",
    "GET /*/element-types/disciplines",
    "GET /*/element-types/disciplines/*",
    "HEAD /*/objects/*",
    "GET /*/objects/*",
    "GET /*/projects/*/objects/export/excel",
    "GET /*/attachments/*/download",
    "POST /*/services/BaseQuantities",
}
# Of the contract, but not for a takeoff; the sandbox answers them all the same.
NOT_ASKED = {
    "GET /.well-known/openid-configuration": "its answer is not documented",
    "POST /cross-token": "said to be dropped",
    "GET /*/projects/*/filters": "not in the contract; names the filters that there are",
}


@pytest.mark.parametrize("path", WITH_IDS)
def test_a_list_is_the_same_both_ways(asker: Asker, path: str) -> None:
    function, names = WITH_IDS[path]
    told = asker.get(path)
    assert told
    assert ids(asker.call(function, *names)) == ids(told)


@pytest.mark.parametrize("path", ONE_WITH_ID)
def test_one_thing_is_the_same_both_ways(asker: Asker, path: str) -> None:
    function, names = ONE_WITH_ID[path]
    told, found = asker.get(path), asker.call(function, *names)
    assert found.id == told["id"]
    assert getattr(found, "name", told.get("name")) == told.get("name")


@pytest.mark.parametrize("path", AS_IT_IS)
def test_an_answer_is_handed_on(asker: Asker, path: str) -> None:
    function, names = AS_IT_IS[path]
    told = asker.get(path)
    assert told
    assert asker.call(function, *names) == told


def test_the_login_and_whose_it_is(asker: Asker) -> None:
    told = asker.running.at("bimplus").told
    password = Password(told["user_id"], told["password"], told["application_id"])
    answer = asker.json("POST", "/authorize", login.password_request(password).json_body)
    assert set(answer) == {"access_token", "expires_in", "client_id", "token_type"}
    about = asker.get("/authorize")
    assert set(about) == {"user_id", "audience", "expires_in", "applicationName"}
    found = calls.token_info(asker.session)
    assert found.user_id == about["user_id"] != told["user_id"]


def test_a_model_is_made_changed_and_deleted(asker: Asker) -> None:
    slug, project_id = asker.ids["s"], asker.ids["p"]
    told = asker.json("POST", "/{s}/projects/{p}/divisions", {"name": "By hand", "size": 9})
    assert (told["name"], told["status"], told["size"]) == ("By hand", "EMPTY", 0)
    made = calls.create_model(asker.session, slug, project_id, Draft("By client", "first"))
    changed = calls.update_model(asker.session, slug, made.id, Draft("By client", "second"))
    assert (changed.id, changed.name, changed.status) == (made.id, "By client", "EMPTY")
    assert asker.get(f"/{slug}/divisions/{made.id}")["description"] == "second"
    again = asker.json("PUT", f"/{slug}/divisions/{made.id}", {"name": "Third"})
    assert again["name"] == "Third"
    deleted = asker.raw("DELETE", f"/{slug}/divisions/{told['id']}")
    assert (deleted.status_code, deleted.content) == (200, b"")
    calls.delete_model(asker.session, slug, made.id)
    assert not {told["id"], made.id} & set(ids(calls.team_models(asker.session, slug)))


def test_tags_tell_whether_something_has_changed(asker: Asker) -> None:
    slug, model_id = asker.ids["s"], asker.ids["d"]
    tag = asker.raw("HEAD", "/{s}/divisions/{d}").headers["ETag"]
    found = calls.head(asker.session, slug, model_id)
    assert (f'"{found.value}"', found.is_same) == (tag, False)
    same = asker.raw("HEAD", "/{s}/divisions/{d}", **{"If-None-Match": tag})
    assert (same.status_code, same.content) == (304, b"")
    assert calls.head(asker.session, slug, model_id, found.value).is_same
    for path in ("/{s}/objects/{t}", "/{s}/objects/{t}?revision=1", "/{s}/divisions/{t}"):
        assert asker.raw("HEAD", path).headers["ETag"] == tag
    assert calls.head_object(asker.session, slug, asker.ids["t"], 1).value == found.value


def test_revisions_are_made_changed_and_compared(asker: Asker) -> None:
    slug, model_id = asker.ids["s"], asker.ids["d"]
    told = asker.json("POST", "/{s}/divisions/{d}/revisions", {"name": "By hand"})
    keys = "id name description projectId divisionId revisionNr created createdby".split()
    assert set(keys) <= set(told) | {"description"}
    made = calls.create_revision(asker.session, slug, model_id, "By client")
    assert made.number == told["revisionNr"] + 1
    changed = calls.update_revision(asker.session, slug, made.id, {"name": "New"})
    assert (changed.id, changed.name) == (made.id, "New")
    path = f"/{{s}}/divisions/{{d}}/revisionscomparison/{made.number}/1"
    assert asker.json("POST", path)["status"] == "PENDING"
    calls.compare(asker.session, slug, model_id, made.number or 0, 1)
    found = calls.comparison(asker.session, slug, model_id, made.number or 0, 1)
    assert found == {**asker.get(path), "calculatedAt": found["calculatedAt"]}
    assert (found["status"], found["inserted"], found["deleted"]) == ("DONE", [], [])


def test_objects_are_found_by_value_and_page_by_page(asker: Asker) -> None:
    slug, topology = asker.ids["s"], asker.ids["t"]
    [*_, wall] = asker.get(f"/{{s}}/objects/{{t}}/properties/8?type={WALL}")
    value = wall["attributes"]["ifc"]["ifcgloballyuniqueid"]["value"]
    told = asker.get(f"/{{s}}/objects/{{p}}/query?{IFC_ID}={value}&divisions={{d}}")
    found = objects.find_objects(
        asker.session, slug, asker.ids["p"], IFC_ID, value, [asker.ids["d"]]
    )
    assert found == told == [wall["id"]]
    for size in (3, WALLS, 1000):
        paged = list(objects.objects_paged(asker.session, slug, topology, ("type", WALL), size))
        assert len(paged) == len(set(ids(paged))) == WALLS


def test_layers_are_keyed_by_their_id(asker: Asker) -> None:
    told = asker.get("/{s}/element-types/disciplines")
    found = objects.type_disciplines(asker.session, asker.ids["s"])
    assert sorted(ids(found)) == sorted(told)
    path = f"/{{s}}/element-types/disciplines/{BUILDING_LAYER}"
    types = objects.types_of_discipline(asker.session, asker.ids["s"], BUILDING_LAYER)
    assert ids(types) == asker.get(path)["elementTypes"]
    assert WALL in ids(types)


def test_a_list_is_written_as_a_spreadsheet(asker: Asker) -> None:
    slug = asker.ids["s"]
    told = asker.get(f"/{{s}}/projects/{{p}}/objects/export/excel?typeId={WALL}")
    assert set(told) == {"attachment_id"}
    found = objects.export_excel(asker.session, slug, asker.ids["p"], WALL)
    content = BytesIO()
    objects.attachment(asker.session, slug, found or "", content)
    assert content.getvalue()[:2] == b"PK"
    raw = asker.raw("GET", f"/{{s}}/attachments/{found}/download")
    assert raw.content == content.getvalue()


def test_quantities_are_calculated_by_number_or_by_word(asker: Asker) -> None:
    asked = {"projectId": asker.ids["p"], "modelId": asker.ids["d"], "quantities": [0]}
    body = {"baseQuantities": asked, "runAsync": False}
    told = asker.json("POST", "/{s}/services/BaseQuantities", body)
    asked["quantities"] = ["WallBaseQuantities"]
    assert asker.json("POST", "/{s}/services/BaseQuantities", body) == told
    names = (asker.ids[name] for name in "spd")
    found = objects.base_quantities(asker.session, *names, quantities=[0])
    assert found == told
    assert {len(values) for values in told.values()} == {WALLS}


def test_the_imported_file_is_the_very_file(tmp_path: Path) -> None:
    pytest.importorskip("ifcopenshell", reason="reads IFC")
    lake = tmp_path / "lake"
    [_] = fetch_ifc(Settings(lake=lake), [SAMPLE], IfcOptions(geometry=False), Quiet())
    with Sandbox(open_layout(lake)).start() as running:
        service = running.at("bimplus")
        [served] = service.models
        content = BytesIO()
        with Session(service.base_url, Bearer(service.token, "BimPlus"), name="Bimplus") as session:
            calls.download(session, service.told["slug"], served.model_id, content, 1)
        assert content.getvalue() == SAMPLE.read_bytes()


def test_every_call_of_the_table_is_asked_and_every_other_is_explained() -> None:
    named = {_named(f"{one.method} {one.path}") for one in client.CALLS}
    tried = {_named(f"GET {path}") for path in (*WITH_IDS, *ONE_WITH_ID, *AS_IT_IS)}
    assert {one for one in named if one not in _generic(tried) | ELSEWHERE} == set()
    assert not named & set(NOT_ASKED)
    functions = {one.function for one in client.CALLS}
    assert len(functions) >= len(named) - 2


def test_every_route_of_the_sandbox_is_in_the_table() -> None:
    found = routes("bimplus")
    assert found is not None
    base_path, known = found
    # The vendor's catalogue is a team like any other.
    asked = {_named(f"{one.method} {one.path}") for one in client.CALLS}
    named = {one.replace(" /content/", " /*/") for one in asked | set(NOT_ASKED)}
    served = {
        f"{method} {_named(rule.rule.removeprefix(base_path))}"
        for rule in known.iter_rules()
        for method in rule.methods or ()
        if rule.rule.startswith(base_path) and method not in ("HEAD", "OPTIONS")
    }
    heads = {one for one in named if one.startswith("HEAD ")}
    assert named - heads - served == set()
    assert {one.replace("HEAD", "GET") for one in heads} <= served
    # Whatever belongs to a team is answered without its slug, too.
    bare = {one.replace(" /*/", " /", 1) for one in named}
    assert served - named - bare == set()


def test_the_contracts_tables_name_the_same_calls(asker: Asker) -> None:
    contract = Path(__file__).resolve().parents[3] / "shared" / "vendors" / "bimplus.md"
    if not contract.is_file():
        pytest.skip("the contract is not beside this checkout (../shared/vendors)")
    text = contract.read_text("utf-8")
    rows = [row for row in text.splitlines() if row.startswith("|") and "/" in row]
    paths = {
        f"{verb} {path.rstrip('/')}"
        for row in rows
        for verb, path in re.findall(r"`(GET|HEAD|PUT|POST|DELETE) (/[^`\s]*)", row)
    }
    known = {_named(f"{one.method} {one.path}") for one in client.CALLS} | set(NOT_ASKED)
    bare = {one.replace(" /*/", " /", 1) for one in known} | known
    wanted = {_named(one.replace("/v2/", "/").replace("<slug>/", "")) for one in paths}
    assert {one for one in wanted if "//" not in one} - bare == set()


def _named(path: str) -> str:
    """Without the names and ids of what changes, and without the query."""
    return NAMELESS.sub("*", path.partition("?")[0])


def _generic(paths: set[str]) -> set[str]:
    """With ids as what changes."""
    guid = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=properties/)8")
    return {guid.sub("*", one) for one in paths}


def test_a_prefix_before_the_base_path_and_odd_addresses_do_no_harm(asker: Asker) -> None:
    service = asker.running.at("bimplus")
    root = service.base_url.removesuffix("/v2")
    headers = {"Authorization": f"Bearer {service.token}", "Content-Type": "application/json"}
    usual = asker.get("/{s}/projects")
    for path in (
        "/any/v2/{s}/projects",
        "/any/other/v2/projects",
        "/v2//projects",
        "/v2/{s}/projects?_=1700000000000",
    ):
        answer = requests.get(root + path.format(**asker.ids), headers=headers, timeout=TIMEOUT_S)
        assert (answer.status_code, answer.json()) == (200, usual), path
    for path in ("/v2/content/units/", "/any/v2/content/freeattributes/"):
        answer = requests.get(root + path, headers=headers, timeout=TIMEOUT_S)
        assert (answer.status_code, answer.json()) == (200, asker.get(path.rpartition("v2")[2]))
    odd = requests.post(
        root + f"/any/v2/{asker.ids['s']}/projects/{asker.ids['p']}/divisions",
        data="[object Object]",
        headers=headers,
        timeout=TIMEOUT_S,
    )
    assert odd.status_code == 400
