"""Every endpoint of Autodesk's contract: over raw HTTP, and by the client's own call.

The two are compared: what the call says is what the answer holds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from autodesk_building import PROJECT, UNIQUE_ID, Asker, commit
from both_ways import Hurried
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from takeoff.core.errors import InputRefused, NotUnderstood, VendorRefused
from takeoff.http.auth import Bearer, begin_login, code_of, code_request, tokens_of
from takeoff.http.session import Session
from takeoff.lake.layout import open_layout
from takeoff.sandbox import SWITCHES, Sandbox, routes
from takeoff.vendors.autodesk import calls, client, listing, service_account
from takeoff.vendors.autodesk.calls import Pair, Version
from takeoff.vendors.autodesk.ids import version_number
from takeoff.vendors.autodesk.paths import DIFFS, INDEXES
from takeoff.vendors.autodesk.query import (
    Query,
    all_of,
    column,
    count,
    equal,
    greater,
    in_category,
    is_drawn,
    prop,
)
from takeoff.vendors.autodesk.service_account import ServiceAccount

CONTRACT = Path(__file__).resolve().parents[3] / "shared" / "vendors" / "autodesk.md"
Check = Callable[[Asker, Path], None]


def _indexes(asker: Asker, folder: Path) -> None:
    old, new = asker.urns()
    body = {"versions": [{"versionUrn": urn} for urn in (old, new)]}
    told = asker.json("POST", f"{PROJECT}/indexes:batch-status", body)["indexes"]
    found = calls.indexes(asker.session, asker.ref.project_id, [Version(old), Version(new)])
    assert [job.id for job in found] == [job["indexId"] for job in told]
    assert [job.version_urns for job in found] == [(old,), (new,)]
    assert {job["state"] for job in told} == {"PROCESSING"}
    assert (found[0].state, found[0].stats, set(found[0].urls)) == ("running", {}, {"self"})
    again = asker.json("POST", f"{PROJECT}/indexes:batchStatus", body)["indexes"]
    assert [job["indexId"] for job in again] == [job.id for job in found]


def _index(asker: Asker, folder: Path) -> None:
    told = asker.index()
    found = calls.job(asker.session, asker.ref.project_id, INDEXES, told["indexId"])
    assert (found.state, found.stated_objects) == ("ready", told["stats"]["objects"])
    assert set(found.urls) == {"self", "manifest", "fields", "properties"}
    with pytest.raises(VendorRefused):
        calls.job(asker.session, asker.ref.project_id, INDEXES, "none")


def _manifest(asker: Asker, folder: Path) -> None:
    job = asker.index()
    told = asker.json("GET", job["manifestUrl"])
    found = calls.manifest(asker.session, asker.ref.project_id, INDEXES, job["indexId"])
    [file] = told["seedFiles"]
    assert found.files[0].version_urn == file["versionUrn"] == asker.urns()[-1]
    assert found.files[0].lineage_urn == asker.ref.model_id
    assert [view.name for view in found.files[0].views] == ["{3D}", "Plan"]
    assert found.stats == told["stats"]


def _fields(asker: Asker, folder: Path) -> None:
    job = asker.index()
    told = asker.lines(job["fieldsUrl"])
    into = folder / "fields"
    found = calls.fields(asker.session, asker.ref.project_id, INDEXES, job["indexId"], into)
    assert [(f.key, f.category, f.name, f.type, f.uom) for f in found] == [
        (f["key"], f["category"], f["name"], f["type"], f["uom"]) for f in told
    ]
    assert found.key("__categoryId__", "CategoryId") == "pa7275c45"


def _properties(asker: Asker, folder: Path) -> None:
    job = asker.index()
    told = asker.lines(job["propertiesUrl"])
    into = folder / "rows"
    answer = calls.properties(asker.session, asker.ref.project_id, INDEXES, job["indexId"], into)
    assert [json.loads(line) for line in into.read_bytes().splitlines()] == told
    assert answer.is_framed
    assert len(told) == job["stats"]["objects"]
    assert UNIQUE_ID in [row["externalId"] for row in told]


def _query(asker: Asker, folder: Path) -> None:
    job = asker.index()
    wanted = _walls(asker, job, folder)
    told = asker.json("POST", f"{job['selfUrl']}/queries", wanted.body)
    project = asker.ref.project_id
    found = calls.start_query(asker.session, project, INDEXES, job["indexId"], wanted)
    assert found.query_id == told["queryId"]
    assert found.state == "running"
    for bad in ({"query": {"$nothing": 1}}, {}):
        assert asker.raw("POST", f"{job['selfUrl']}/queries", bad).status_code == 400


def _query_job(asker: Asker, folder: Path) -> None:
    job = asker.index()
    wanted = _walls(asker, job, folder)
    told = asker.over(asker.json("POST", f"{job['selfUrl']}/queries", wanted.body))
    project = asker.ref.project_id
    found = calls.query(asker.session, project, INDEXES, job["indexId"], told["queryId"])
    assert (found.state, found.stated_objects) == ("ready", 1)
    assert "results" in found.urls
    with pytest.raises(VendorRefused):
        calls.query(asker.session, project, INDEXES, job["indexId"], "none")


def _query_results(asker: Asker, folder: Path) -> None:
    job = asker.index()
    wanted = _walls(asker, job, folder)
    told = asker.results(job, wanted.body)
    into, project = folder / "result", asker.ref.project_id
    ended = calls.run_query(asker.session, project, INDEXES, job["indexId"], wanted, into)
    assert [json.loads(line) for line in into.read_bytes().splitlines()] == told
    assert told == [{"externalId": UNIQUE_ID, "volume": 0.3}]
    assert ended.stated_objects == 1
    everything = Query(is_drawn(), {"rows": count(column("s.svf2Id"))})
    calls.run_query(asker.session, project, INDEXES, job["indexId"], everything, into)
    [counted] = into.read_bytes().splitlines()
    drawn = [row for row in asker.lines(job["propertiesUrl"]) if row["views"]]
    assert json.loads(counted) == {"rows": len(drawn)}


def _walls(asker: Asker, job: dict[str, object], folder: Path) -> Query:
    into, project = folder / "fields", asker.ref.project_id
    fields = calls.fields(asker.session, project, INDEXES, str(job["indexId"]), into)
    volume = prop(fields.key("Dimensions", "Volume"))
    drawn = all_of(in_category(fields, -2000011), is_drawn())
    return Query(drawn, {"volume": volume}, ("s.externalId",))


def _diffs(asker: Asker, folder: Path) -> None:
    old, new = asker.urns()
    body = {"diffs": [{"prevVersionUrn": old, "curVersionUrn": new}]}
    [told] = asker.json("POST", f"{PROJECT}/diffs:batch-status", body)["diffs"]
    [found] = calls.diffs(asker.session, asker.ref.project_id, [Pair(old, new)])
    assert (found.id, found.is_diff) == (told["diffId"], True)
    assert (found.previous_urns, found.version_urns) == ((old,), (new,))
    [again] = asker.json("POST", f"{PROJECT}/diffs:batchStatus", body)["diffs"]
    assert again["diffId"] == found.id


def _diff(asker: Asker, folder: Path) -> None:
    told = asker.diff()
    found = calls.job(asker.session, asker.ref.project_id, DIFFS, told["diffId"])
    assert found.stats == told["stats"]
    assert all(found.stats[name] for name in ("added", "removed", "modified"))
    assert set(found.urls) == {"self", "manifest", "fields", "properties"}


def _diff_manifest(asker: Asker, folder: Path) -> None:
    job = asker.diff()
    told = asker.json("GET", job["manifestUrl"])
    found = calls.manifest(asker.session, asker.ref.project_id, DIFFS, job["diffId"])
    assert [file.version_urn for file in (*found.previous, *found.files)] == asker.urns()
    assert found.stats == told["stats"]
    assert all(found.stats[name] for name in ("addedObjects", "removedObjects"))


def _diff_fields(asker: Asker, folder: Path) -> None:
    job = asker.diff()
    told = asker.lines(job["fieldsUrl"])
    into = folder / "fields"
    found = calls.fields(asker.session, asker.ref.project_id, DIFFS, job["diffId"], into)
    assert [field.key for field in found] == [field["key"] for field in told]


def _diff_properties(asker: Asker, folder: Path) -> None:
    job = asker.diff()
    told = asker.lines(job["propertiesUrl"])
    into = folder / "rows"
    calls.properties(asker.session, asker.ref.project_id, DIFFS, job["diffId"], into)
    assert [json.loads(line) for line in into.read_bytes().splitlines()] == told
    changed = {row["externalId"]: row for row in told}[UNIQUE_ID]
    assert changed["type"] == "OBJECT_CHANGED"
    assert 0.27622500001 in changed["prev"]["props"].values()
    added = {row["type"] for row in told if row["prev"] is None}
    removed = {row["type"] for row in told if row["props"] is None}
    assert (added, removed) == ({"OBJECT_ADDED"}, {"OBJECT_REMOVED"})


def _diff_query(asker: Asker, folder: Path) -> None:
    job, wanted = asker.diff(), _removed()
    told = asker.json("POST", f"{job['selfUrl']}/queries", wanted.body)
    project = asker.ref.project_id
    found = calls.start_query(asker.session, project, DIFFS, job["diffId"], wanted)
    assert (found.id, found.query_id) == (job["diffId"], told["queryId"])


def _diff_query_job(asker: Asker, folder: Path) -> None:
    job = asker.diff()
    told = asker.over(asker.json("POST", f"{job['selfUrl']}/queries", _removed().body))
    project = asker.ref.project_id
    found = calls.query(asker.session, project, DIFFS, job["diffId"], told["queryId"])
    assert (found.state, found.stated_objects) == ("ready", 1)


def _diff_query_results(asker: Asker, folder: Path) -> None:
    job = asker.diff()
    told = asker.results(job, _removed().body)
    into, project = folder / "result", asker.ref.project_id
    calls.run_query(asker.session, project, DIFFS, job["diffId"], _removed(), into)
    assert [json.loads(line) for line in into.read_bytes().splitlines()] == told
    assert [set(row) for row in told] == [{"externalId", "name"}]
    assert told[0]["name"] == "Existing"


def _removed() -> Query:
    name = column("s.prev.props.p153cb174")
    was_drawn = greater(count(column("s.prev.views")), 0)
    is_removed = all_of(equal(column("s.type"), "OBJECT_REMOVED"), was_drawn)
    return Query(is_removed, {"name": name}, ("s.externalId",))


def _hubs(asker: Asker, folder: Path) -> None:
    told = asker.json("GET", "/project/v1/hubs")["data"]
    found = listing.hubs(asker.session)
    assert [(hub.id, hub.name) for hub in found.found] == [
        (hub["id"], hub["attributes"]["name"]) for hub in told
    ]
    assert found.warning is None
    assert all(hub.id.startswith("b.") for hub in found.found)


def _projects(asker: Asker, folder: Path) -> None:
    [hub] = listing.hubs(asker.session).found
    told = asker.json("GET", f"/project/v1/hubs/{hub.id}/projects")["data"]
    found = listing.projects(asker.session, hub.id)
    assert [project.id for project in found] == [project["id"] for project in told]
    assert found[0].id == f"b.{asker.ref.project_id}"


def _top_folders(asker: Asker, folder: Path) -> None:
    [hub] = listing.hubs(asker.session).found
    path = f"/project/v1/hubs/{hub.id}/projects/b.{{p}}/topFolders"
    told = asker.json("GET", path)["data"]
    found = listing.top_folders(asker.session, hub.id, asker.ref.project_id)
    assert [(one.urn, one.name) for one in found] == [
        (one["id"], one["attributes"]["displayName"]) for one in told
    ]


def _contents(asker: Asker, folder: Path) -> None:
    [hub] = listing.hubs(asker.session).found
    top = listing.top_folders(asker.session, hub.id, asker.ref.project_id)
    found = [listing.folder_contents(asker.session, asker.ref.project_id, one.urn) for one in top]
    [item] = [item for contents in found for item in contents.items]
    assert (item.lineage_urn, item.tip_urn) == (asker.ref.model_id, asker.urns()[-1])
    assert [ref.model_id for ref in client.models(asker.session)] == [item.lineage_urn]


def _versions(asker: Asker, folder: Path) -> None:
    told = asker.json("GET", "/data/v1/projects/b.{p}/items/{i}/versions")["data"]
    found = listing.item_versions(asker.session, asker.ref.project_id, asker.ref.model_id)
    assert [(one.urn, one.number) for one in found] == [
        (one["id"], version_number(one["id"])) for one in told
    ]
    assert [one.number for one in found] == [2, 1]
    assert client.version(asker.session, asker.ref).value == found[0].urn


def _login(asker: Asker, folder: Path) -> None:
    """A person logs in: the page sends the browser back with a code, which becomes tokens."""
    service = asker.running.at("autodesk")
    told = service.told
    app = client.oauth_app(service.base_url, told["client_id"], told["redirect_uri"])
    login = begin_login(app)
    asked = parse_qs(urlsplit(login.url).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["scope"] == ["data:read"]
    sent = requests.get(login.url, allow_redirects=False, timeout=20)
    assert sent.status_code == 302
    code = code_of(login, sent.headers["Location"])
    request = code_request(app, login, code)
    tokens = tokens_of(asker.session.ask_json(request), asker.session.clock)
    assert tokens.refresh_token is not None
    headers = {"Authorization": f"Bearer {tokens.access_token}"}
    assert asker.raw("GET", f"{PROJECT}/indexes/none", headers=headers).status_code == 404


def _token(asker: Asker, folder: Path) -> None:
    """A service account signs who it is; what it gets may index."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    asker.running.turn(polls="2", autodesk_service_key=public.decode())
    service = asker.running.at("autodesk")
    told = service.told
    account = ServiceAccount(
        told["service_client_id"],
        told["service_account_id"],
        told["service_key_id"],
        private,
        told["service_client_secret"],
    )
    request = service_account.token_request(account, service.base_url, datetime.now(UTC))
    tokens = tokens_of(asker.session.ask_json(request), asker.session.clock)
    headers = {"Authorization": f"Bearer {tokens.access_token}"}
    assert asker.raw("GET", f"{PROJECT}/indexes/none", headers=headers).status_code == 404
    wrong = {"grant_type": "client_credentials", "client_id": told["service_client_id"]}
    refused = requests.post(f"{service.base_url}/authentication/v2/token", data=wrong, timeout=20)
    assert refused.status_code == 401


# In the order of client.CALLS, which is that of the contract.
CHECKS: tuple[Check, ...] = (
    _indexes,
    _index,
    _manifest,
    _fields,
    _properties,
    _query,
    _query_job,
    _query_results,
    _diffs,
    _diff,
    _diff_manifest,
    _diff_fields,
    _diff_properties,
    _diff_query,
    _diff_query_job,
    _diff_query_results,
    _login,
    _token,
    _hubs,
    _projects,
    _top_folders,
    _contents,
    _versions,
)


@pytest.fixture(scope="module")
def shared_asker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    lake = commit(tmp_path_factory.mktemp("endpoints") / "lake")
    with Sandbox(open_layout(lake)).start() as running:
        service = running.at("autodesk")
        with Session(
            service.base_url,
            Bearer(service.token),
            name=client.NAME,
            hints=client.HINTS,
            clock=Hurried(),
        ) as session:
            yield Asker(running, session)


@pytest.fixture
def asker(shared_asker: Asker) -> Asker:
    shared_asker.running.turn(**{switch.name: switch.default for switch in SWITCHES})
    return shared_asker


@pytest.mark.parametrize("place", range(len(CHECKS)), ids=lambda place: CHECKS[place].__name__[1:])
def test_the_call_says_what_the_answer_holds(place: int, asker: Asker, tmp_path: Path) -> None:
    CHECKS[place](asker, tmp_path)
    assert len(CHECKS) == len(client.CALLS)


def test_every_call_of_the_client_is_a_line_of_the_contract() -> None:
    if not CONTRACT.is_file():
        pytest.skip("the contract is not beside this checkout (../shared/vendors)")
    contract = CONTRACT.read_text("utf-8")
    listed = set(re.findall(r"^\| (GET|POST) `(/[^`]+)`", contract, re.MULTILINE))
    listed |= {("GET", path) for path in re.findall(r"`(/(?:project|data)/v1/[^`]+)`", contract)}
    known = {(call.method, _bare(call.path)) for call in client.CALLS}
    missing = {(method, _bare(path)) for method, path in listed} - known
    diffs = {("GET", "/diffs/{}")}
    assert missing - diffs == set()
    assert (
        "`/manifest` `/fields` `/properties`, POST/GET `/diffs/{d}/queries[/{q}[/prop" in contract
    )
    indexes = {(m, p.replace("/indexes", "/diffs")) for m, p in known if p.startswith("/indexes")}
    assert indexes <= known


def _bare(path: str) -> str:
    """The path under the project, with the names of its ids left out."""
    short = path.removeprefix("/construction/index/v2/projects/{project_id}")
    return re.sub(r"\{[^}]*\}", "{}", re.sub(r"\{b?\.?[^}]*\}", "{}", short))


def test_every_route_of_the_sandbox_is_a_call_or_stands_beside_one() -> None:
    found = routes("autodesk")
    assert found is not None
    _, known = found
    rules = {
        (method, re.sub(r"<[^>]*>", "{}", rule.rule))
        for rule in known.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint != "static"
    }
    called = {(call.method, re.sub(r"\{[^}]*\}", "{}", call.path)) for call in client.CALLS}
    beside = {
        ("POST", "/construction/index/v2/projects/{}/indexes:batchStatus"),
        ("POST", "/construction/index/v2/projects/{}/diffs:batchStatus"),
        ("GET", "/data/v1/projects/{}/items/{}"),
        ("GET", "/data/v1/projects/{}/items/{}/tip"),
    }
    assert called <= rules
    assert rules - called == beside


def test_what_cannot_be_asked_is_refused_before_it_is_sent(asker: Asker) -> None:
    asker.running.forget()
    with pytest.raises(InputRefused, match="1 to 1,000 versions, not 0"):
        calls.indexes(asker.session, asker.ref.project_id, [])
    with pytest.raises(InputRefused, match="not 1,001"):
        calls.diffs(asker.session, asker.ref.project_id, [Pair("a", "b")] * 1_001)
    assert asker.running.seen() == []


def test_status_codes_that_the_contract_names(asker: Asker) -> None:
    path = f"{PROJECT}/indexes:batch-status"
    body = {"versions": [{"versionUrn": asker.urns()[-1]}]}
    bearer = asker.raw("GET", "/project/v1/hubs").request.headers["Authorization"]
    text = {"Authorization": bearer, "Content-Type": "text/plain"}
    assert asker.raw("POST", path, data=json.dumps(body), headers=text).status_code == 415
    assert asker.raw("POST", path, body, headers={}).status_code == 401
    for urn in ("urn:adsk.wipprod:dm.lineage:x", "dXJuOmFkc2s", "urn:adsk.wipprod:fs.file:vf.x"):
        answer = asker.raw("POST", path, {"versions": [{"versionUrn": urn}]})
        assert answer.status_code == 400
        assert set(answer.json()) == {"type", "title", "detail", "errors"}
    assert asker.raw("GET", f"{PROJECT}/indexes/none").status_code == 404


@pytest.mark.parametrize("errors", ["api", "gateway", "reason", "html"])
def test_every_shape_of_an_error_is_read(asker: Asker, errors: str) -> None:
    """What the service says is said on, and no page of HTML."""
    asker.running.turn(fault="403", fault_at="autodesk_job", autodesk_errors=errors)
    with pytest.raises(VendorRefused, match="View and Download") as refused:
        calls.job(asker.session, asker.ref.project_id, INDEXES, "any")
    told = "The sandbox was told to answer 403" in str(refused.value)
    assert told == (errors != "html")
    assert "<html" not in str(refused.value)


def test_an_answer_that_is_no_job_is_not_understood(asker: Asker) -> None:
    asker.running.turn(fault="html", fault_at="autodesk_job", fault_count="all")
    with pytest.raises(NotUnderstood):
        calls.job(asker.session, asker.ref.project_id, INDEXES, "any")
