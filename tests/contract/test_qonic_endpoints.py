"""Every endpoint of Qonic's contract that reads: over raw HTTP, and by the client's own call.

The two are compared: what the call says is what the answer holds.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import requests
from qonic_building import FLOORS, SITE, SLABS, WALLS, building
from qonic_writing import VIEWING, WRITING

from takeoff.config import Settings
from takeoff.core.errors import NotUnderstood, VendorRefused
from takeoff.core.progress import Quiet
from takeoff.core.refs import ModelRef
from takeoff.http.auth import Bearer
from takeoff.http.session import Session
from takeoff.jobs.fetch import IfcOptions, fetch_ifc
from takeoff.lake.layout import open_layout
from takeoff.sandbox import SWITCHES, Running, Sandbox
from takeoff.vendors.qonic import calls, client, endpoints
from takeoff.vendors.qonic.asked import Filter

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample" / "Lindenhof_services.ifc"
CONTRACT = Path(__file__).resolve().parents[3] / "shared" / "vendors" / "qonic.md"
TIMEOUT_S = 20
TWO = ("Count", "NetVolume")
VOLUME = sum(range(WALLS)) + WALLS / 4 + SLABS / 10


@dataclass
class Asker:
    """One model, asked both ways. `raw` is HTTP alone; `session` is the client's."""

    running: Running
    session: Session
    ref: ModelRef

    def raw(self, method: str, path: str, body: Any = None, **told: Any) -> requests.Response:
        """The answer to one request; a redirect is not followed. `{p}` and `{m}` are filled in."""
        service = self.running.at("qonic")
        url = service.base_url + path.format(p=self.ref.project_id, m=self.ref.model_id)
        headers = told.pop("headers", {"Authorization": f"Bearer {service.token}"})
        return requests.request(
            method,
            url,
            json=body,
            headers=headers,
            allow_redirects=False,
            timeout=TIMEOUT_S,
            **told,
        )

    def json(self, method: str, path: str, body: Any = None, **told: Any) -> Any:
        answer = self.raw(method, path, body, **told)
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"].startswith("application/json")
        return answer.json()

    def finished(self, operation_id: str) -> str:
        """The operation's id once it is ready."""
        while self.json("GET", f"/operations/{operation_id}")["status"] != "Ready":
            pass
        return operation_id

    def stored(self, path: str) -> requests.Response:
        """What a result's redirect leads to, asked for without the login."""
        answer = self.raw("GET", path)
        assert answer.status_code == 302, answer.text
        return requests.get(answer.headers["Location"], timeout=TIMEOUT_S)


MODEL = "/projects/{p}/models/{m}"
PRODUCTS = f"{MODEL}/products"
Check = Callable[[Asker], None]


def _scopes(asker: Asker) -> None:
    told = asker.json("GET", "/auth/scopes", headers={})
    assert calls.scopes(asker.session) == [scope["name"] for scope in told["scopes"]]
    assert set(client.SCOPES) <= set(calls.scopes(asker.session))


def _apps(asker: Asker) -> None:
    told = asker.json("GET", "/public-api-applications/config", headers={})
    assert calls.apps(asker.session) == told
    assert set(told) == {"api_python_sample", "qonic_excel"}


def _tokens(asker: Asker) -> None:
    told = asker.json("GET", "/auth/tokens")
    assert calls.tokens(asker.session) == [one["id"] for one in told]
    assert asker.running.at("qonic").token not in str(told)


def _projects(asker: Asker) -> None:
    told = asker.json("GET", "/projects")["projects"]
    assert calls.projects(asker.session) == {str(one["id"]): one["name"] for one in told}
    assert asker.ref.project_id in calls.projects(asker.session)


def _models(asker: Asker) -> None:
    told = asker.json("GET", "/projects/{p}/models")["models"]
    found = calls.models(asker.session, asker.ref.project_id)
    assert found == {str(one["id"]): one["name"] for one in told}
    assert [ref.model_id for ref in client.models(asker.session)] == list(found)


def _available(asker: Asker) -> None:
    told = asker.json("GET", f"{PRODUCTS}/properties/available-data", params={"page": 1})
    found = calls.available(asker.session, asker.ref)
    assert (found.names, found.stated_total) == (told["fields"], told["totalCount"])
    assert {"Guid", "Class", "Name", "NetVolume", "FireRating"} <= set(found.names)


def _properties(asker: Asker) -> None:
    """Page, size, fields and filters do what they say."""
    fields = ["Guid", "Class", "FireRating"]
    body = {"fields": fields, "filters": [{"property": "Class", "operator": "Eq", "value": "Wall"}]}
    params = {"page": 2, "pageSize": 4}
    told = asker.json("POST", f"{PRODUCTS}/properties/query", body, params=params)
    walls = Filter("Class", "Eq", "Wall")
    found = calls.products(asker.session, asker.ref, fields, [walls], page=2, page_size=4)
    assert (found.products, found.stated_total) == (told["result"], told["totalCount"])
    assert (found.page, found.page_size, found.stated_total) == (2, 4, WALLS)
    assert [set(product) for product in found.products] == [set(fields)] * (WALLS - 4)
    both = Filter("Class", "In", ("Wall", "Slab"))
    assert calls.products(asker.session, asker.ref, ["Guid"], [both]).stated_total == WALLS + SLABS


def _quantities(asker: Asker) -> None:
    told = asker.json("POST", f"{PRODUCTS}/quantities/query", {"calculators": list(TWO)})
    assert (told["kind"], told["status"]) == ("CalculateQuantities", "Queued")
    started = calls.start_quantities(asker.session, asker.ref, TWO)
    assert (started.state, started.percent) == ("queued", told["percentageCompleted"])


def _operation(asker: Asker) -> None:
    started = calls.start_quantities(asker.session, asker.ref, TWO).id
    assert asker.json("GET", f"/operations/{started}")["status"] == "InProgress"
    assert calls.operation(asker.session, started).state == "ready"
    with pytest.raises(VendorRefused):
        calls.operation(asker.session, "none")


def _quantities_result(asker: Asker) -> None:
    walls = [Filter("Class", "Eq", "Wall")]
    for filters, count, volume in (([], WALLS + SLABS, VOLUME), (walls, WALLS, VOLUME - 0.4)):
        started = calls.start_quantities(asker.session, asker.ref, TWO, filters).id
        assert asker.raw("GET", f"{PRODUCTS}/quantities/{started}/result").status_code == 400
        asker.finished(started)
        told = asker.stored(f"{PRODUCTS}/quantities/{started}/result").json()
        assert told == {"Count": count, "NetVolume": pytest.approx(volume)}
        found = calls.quantities_result(asker.session, asker.ref, started)
        assert {one.calculator: float(one.value) for one in found.totals} == told


def _dynamic_available(asker: Asker) -> None:
    told = asker.json("GET", f"{PRODUCTS}/dynamic-properties/available-data")
    assert calls.dynamic_available(asker.session, asker.ref).names == told["fields"]
    assert told["fields"] == ["GrossFootPrintArea"]


def _dynamic(asker: Asker) -> None:
    told = asker.json("POST", f"{PRODUCTS}/dynamic-properties/query", {"fields": []})
    assert (told["kind"], told["status"]) == ("CalculateDerivedProperties", "Queued")
    assert calls.start_dynamic(asker.session, asker.ref).state == "queued"


def _dynamic_result(asker: Asker) -> None:
    walls = [Filter("Class", "Eq", "Wall")]
    names = ["GrossFootPrintArea"]
    started = asker.finished(calls.start_dynamic(asker.session, asker.ref, names, walls).id)
    told = asker.stored(f"{PRODUCTS}/dynamic-properties/{started}/result").json()["result"]
    found = calls.dynamic_result(asker.session, asker.ref, started)
    assert found.rows.to_pylist() == told
    assert [row["GrossFootPrintArea"] for row in told] == [1.5] * WALLS


def _export(asker: Asker) -> None:
    told = asker.json("POST", f"{MODEL}/export-ifc")
    assert (told["kind"], told["status"]) == ("ExportIfc", "Queued")
    assert calls.start_export(asker.session, asker.ref).state == "queued"


def _codifications(asker: Asker) -> None:
    told = asker.json("GET", "/projects/{p}/codifications")["codificationLibraries"]
    found = calls.codifications(asker.session, asker.ref.project_id)
    assert [(one.guid, one.name) for one in found] == [(one["guid"], one["name"]) for one in told]
    assert not any(one.titles for one in found)


def _codification(asker: Asker) -> None:
    for library in calls.codifications(asker.session, asker.ref.project_id):
        told = asker.json("GET", f"/projects/{{p}}/codifications/{library.guid}")
        found = calls.codification(asker.session, asker.ref.project_id, str(library.guid))
        assert found.titles == {one["identification"]: one["name"] for one in told["codes"]}
        assert found.titles


def _material_libraries(asker: Asker) -> None:
    told = asker.json("GET", "/projects/{p}/material-libraries")["materialProperties"]
    [found] = calls.material_libraries(asker.session, asker.ref.project_id)
    assert (found.guid, found.name) == (told[0]["guid"], told[0]["name"])
    assert [one.name for one in found.materials] == ["Brick", "Wool"]


def _material_library(asker: Asker) -> None:
    [listed] = calls.material_libraries(asker.session, asker.ref.project_id)
    told = asker.json("GET", f"/projects/{{p}}/material-libraries/{listed.guid}")
    found = calls.material_library(asker.session, asker.ref.project_id, str(listed.guid))
    assert found == listed
    assert [one.guid for one in found.materials] == [p[1]["value"] for p in told["properties"]]


def _locations(asker: Asker) -> None:
    [told] = asker.json("GET", "/projects/{p}/locations")["locationViews"]
    found = calls.locations(asker.session, asker.ref.project_id)
    assert list(found)[0] == SITE == told["properties"][0]["value"]
    assert [one.guid for one in found.values() if one.depth == 2] == list(FLOORS)


def _custom_properties(asker: Asker) -> None:
    told = asker.json("GET", "/projects/{p}/customProperties")["sets"]
    found = calls.custom_properties(asker.session, asker.ref.project_id)
    names = {(one["name"], item["name"]) for one in told for item in one["propertyDefinitions"]}
    assert set(found) == names
    width = found["House", "Width"]
    assert (width.kind, width.unit_name) == ("length", "m")


def _types(asker: Asker) -> None:
    [told] = asker.json("GET", "/projects/{p}/types")["typesPerLibrary"].values()
    [found] = calls.types(asker.session, asker.ref.project_id).values()
    assert [(one.name, one.guid) for one in found] == [tuple(p["value"] for p in i) for i in told]


# Method and path of the contract -> what is asserted of it. Exports need a file behind the model.
READING: dict[str, Check] = {
    "GET /auth/scopes": _scopes,
    "GET /public-api-applications/config": _apps,
    "GET /auth/tokens": _tokens,
    "GET /projects": _projects,
    "GET /projects/{p}/models": _models,
    f"GET {PRODUCTS}/properties/available-data": _available,
    f"POST {PRODUCTS}/properties/query": _properties,
    f"POST {PRODUCTS}/quantities/query": _quantities,
    f"GET {PRODUCTS}/quantities/{{op}}/result": _quantities_result,
    f"GET {PRODUCTS}/dynamic-properties/available-data": _dynamic_available,
    f"POST {PRODUCTS}/dynamic-properties/query": _dynamic,
    f"GET {PRODUCTS}/dynamic-properties/{{op}}/result": _dynamic_result,
    "GET /operations/{op}": _operation,
    f"POST {MODEL}/export-ifc": _export,
    "GET /projects/{p}/codifications": _codifications,
    "GET /projects/{p}/codifications/{lib}": _codification,
    "GET /projects/{p}/material-libraries": _material_libraries,
    "GET /projects/{p}/material-libraries/{lib}": _material_library,
    "GET /projects/{p}/locations": _locations,
    "GET /projects/{p}/customProperties": _custom_properties,
    "GET /projects/{p}/types": _types,
}
EXPORTED = f"GET {MODEL}/export-ifc/{{op}}/result"
# Part of the log-in (takeoff.http.auth), which reads nothing of a project.
LOG_IN = {"GET /auth/authorize", "POST /auth/token"}
# Done by the page that a person sees: served, but not asked by us.
NOT_ASKED = {"POST /auth/consent"}
# Whatever else is both asked and served; tests of their own have these.
ELSEWHERE = (EXPORTED, *LOG_IN, *WRITING, *VIEWING)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    lake = tmp_path_factory.mktemp("endpoints") / "lake"
    building().commit(lake)
    with Sandbox(open_layout(lake)).start() as sandbox:
        yield sandbox


def _asker(running: Running) -> Asker:
    service = running.at("qonic")
    [served] = service.models
    session = Session(service.base_url, Bearer(service.token), name="Qonic", hints=client.HINTS)
    return Asker(running, session, ModelRef("qonic", served.project_id, served.model_id))


@pytest.fixture
def asker(running: Running) -> Iterator[Asker]:
    running.turn(**{switch.name: switch.default for switch in SWITCHES})
    found = _asker(running)
    with found.session:
        yield found


@pytest.mark.parametrize("endpoint", READING)
def test_an_endpoint_answers_and_its_call_says_the_same(endpoint: str, asker: Asker) -> None:
    READING[endpoint](asker)


@pytest.mark.parametrize("endpoint", [e for e in READING if not e.endswith(("scopes", "config"))])
def test_an_endpoint_wants_the_login(endpoint: str, asker: Asker) -> None:
    method, path = endpoint.split(" ")
    path = path.replace("{op}", "op-1").replace("{lib}", "L1")
    assert asker.raw(method, path, {}, headers={}).status_code == 401


def test_the_exported_file_is_the_very_file(tmp_path: Path) -> None:
    pytest.importorskip("ifcopenshell", reason="reads IFC")
    settings = Settings(lake=tmp_path / "lake")
    [_] = fetch_ifc(settings, [SAMPLE], IfcOptions(geometry=False), Quiet())
    with Sandbox(open_layout(tmp_path / "lake")).start() as running:
        asker = _asker(running)
        with asker.session:
            started = asker.finished(asker.json("POST", f"{MODEL}/export-ifc")["id"])
            told = asker.stored(f"{MODEL}/export-ifc/{started}/result").content
            calls.export_result(asker.session, asker.ref, started, tmp_path / "came.ifc")
    assert told == (tmp_path / "came.ifc").read_bytes() == SAMPLE.read_bytes()


@pytest.mark.parametrize(
    ("switches", "endpoint"),
    [
        *(({"ids": form}, "GET /projects") for form in ("number", "text")),
        *(({"available_keys": form}, "fields") for form in ("all", "total", "fields")),
        *(({"type_shape": form}, "types") for form in ("pairs", "object")),
        *(({"scope_shape": form}, "scopes") for form in ("name", "scope", "text")),
        *(({"token_shape": form}, "tokens") for form in ("id", "text")),
        *(({"codification_list": form}, "codes") for form in ("plain", "with_codes")),
    ],
    ids=str,
)
def test_a_call_says_the_same_in_every_form(
    switches: dict[str, str], endpoint: str, asker: Asker
) -> None:
    said: dict[str, Callable[[], Any]] = {
        "GET /projects": lambda: calls.projects(asker.session),
        "fields": lambda: calls.available(asker.session, asker.ref).names,
        "types": lambda: calls.types(asker.session, asker.ref.project_id),
        "scopes": lambda: calls.scopes(asker.session),
        "tokens": lambda: calls.tokens(asker.session),
        "codes": lambda: [
            library.name for library in calls.codifications(asker.session, asker.ref.project_id)
        ],
    }
    usual = said[endpoint]()
    assert usual
    asker.running.turn(**switches)
    assert said[endpoint]() == usual


@pytest.mark.parametrize("operator", ["Eq", "Equals", "equals", "In", "Contains"])
def test_operators_that_clients_are_seen_to_send(operator: str, asker: Asker) -> None:
    value = ("Wall",) if operator == "In" else "Wall"
    found = calls.products(asker.session, asker.ref, ["Guid"], [Filter("Class", operator, value)])
    assert found.stated_total == WALLS


def test_a_page_larger_than_the_contract_allows(asker: Asker) -> None:
    """It is cut or refused; the client never asks for one by itself."""
    ask = lambda: calls.products(asker.session, asker.ref, ["Guid"], page_size=6000)  # noqa: E731
    assert ask().page_size == endpoints.PAGE_SIZE
    asker.running.turn(page_size_over="400")
    with pytest.raises(VendorRefused, match="pageSize is 5000 at most"):
        ask()


def test_a_field_that_there_is_not(asker: Asker) -> None:
    ask = lambda: calls.products(asker.session, asker.ref, ["guid", "Nothing"])  # noqa: E731
    with pytest.raises(VendorRefused, match="no field"):
        ask()
    asker.running.turn(unknown_field="omitted", field_case="any")
    assert set(ask().products[0]) == {"Guid"}


def test_an_answer_in_another_form_is_refused_without_its_secrets(asker: Asker) -> None:
    """What an error quotes of an answer must not show a token that stands in it."""
    token = "eyJhbGciOiJub25lIn0.eyJleHAiOjE5OTk5OTk5OTl9.c2VjcmV0"

    class Odd:
        def ask(self, request: object, into: Any) -> None:
            into.write(f'{{"access_token":"{token}","note":"\\u001b[31m"}}'.encode())

    for call in (calls.projects, calls.scopes, calls.tokens):
        with pytest.raises(NotUnderstood) as refused:
            call(Odd())  # type: ignore[arg-type]
        assert token not in str(refused.value)
        assert refused.value.__cause__ is None
        assert "\x1b" not in str(refused.value)


def test_every_request_and_every_call_is_in_the_table() -> None:
    listed = {_named(f"{call.method} {call.path}") for call in client.CALLS}
    assert listed == {_named(one) for one in (*READING, *ELSEWHERE)}
    own = {call.function for call in client.CALLS if call.function.__module__ == calls.__name__}
    assert own == set(_functions(calls))
    assert len(own) == len(READING) + 1 == len(_functions(endpoints))


def test_every_route_of_the_sandbox_is_in_the_table(running: Running) -> None:
    from takeoff.sandbox.desk import Desk
    from takeoff.sandbox.qonic import door

    desk: Desk = running._desk
    app = door(desk).app()
    served = {
        f"{method} {_named(rule.rule)}"
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
        if rule.rule.startswith("/v1/") and method not in ("HEAD", "OPTIONS")
    }
    assert served == {_named(one) for one in (*READING, *ELSEWHERE, *NOT_ASKED)}


def test_every_path_of_the_contracts_table_is_asked() -> None:
    """A row names verbs and then the paths that they go with, the later ones by their ends."""
    if not CONTRACT.is_file():
        pytest.skip("the contract is not beside this checkout (../shared/vendors)")
    listed = {(call.method, _named(call.path)) for call in client.CALLS}
    table = CONTRACT.read_text("utf-8").partition("| method + path")[2].partition("Webhooks")[0]
    paths = 0
    for row in table.splitlines()[2:]:
        verbs: list[str] = []
        for words, path in re.findall(
            r"([A-Z]+(?:/[A-Z]+)*) (?=`)|`([^`?]+)[^`]*`", row.split("|")[1]
        ):
            if words:
                verbs = words.split("/")
                continue
            end = _named(path.removeprefix("..."))
            paths += 1
            for verb in verbs:
                assert [one for one in listed if one[0] == verb and one[1].endswith(end)], row
    assert paths > 30


def _functions(module: ModuleType) -> list[Callable[..., Any]]:
    """The public ones that it defines itself."""
    found = inspect.getmembers(module, inspect.isfunction)
    return [f for name, f in found if f.__module__ == module.__name__ and name[0] != "_"]


def _named(path: str) -> str:
    """Without the names of what changes."""
    return re.sub(r"<[^>]+>|\{[^}]+\}", "*", path.removeprefix("/v1"))
