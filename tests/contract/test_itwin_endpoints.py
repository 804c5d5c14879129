"""Every call of iTwin's contract: over raw HTTP, and by the client's own function.

The two are compared: what the call says is what the answer holds.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from itwin_asking import MAPPINGS, Asker, serving
from itwin_grouping_checks import GROUPING
from itwin_model_checks import MODELS
from itwin_report_checks import REPORTING
from qonic_building import building

from takeoff.core.errors import NotUnderstood, VendorRefused
from takeoff.sandbox import Running, routes
from takeoff.vendors.itwin import answers, client, grouping, login, models, old, reports

ASKED = {**MODELS, **GROUPING, **REPORTING}
OLD = "/insights/reporting/datasources"
REPORTS = "/insights/reporting/reports"
_IMODEL = "/imodels/{imodel_id}"
_OLD = f"{OLD}/imodels/{{imodel_id}}"
_OLD_GROUP = f"{_OLD}/mappings/{{mapping_id}}/groups/{{group_id}}"
_REPORT = f"{REPORTS}/{{report_id}}"
# Asked in test_itwin_login.
LOG_IN = {"GET /connect/authorize", "POST /connect/token"}
# Served for other clients; the contract's tables do not have them, or only for a library.
SERVED_ONLY = {
    "GET /.well-known/openid-configuration": "read by the vendor's own library before a login",
    "GET /.well-known/openid-configuration/jwks": "as the one above",
    "PUT /uploads/{file_id}": "the signed link for a baseline file",
    "GET /itwins/{itwin_id}": "one iTwin; its list says all",
    f"POST {_IMODEL}/namedversions": "naming a version changes a model",
    f"GET {_IMODEL}/namedversions/{{version_id}}": "one of a list",
    f"GET {_OLD}/mappings/{{mapping_id}}": "one of a list of the old generation",
    f"GET {_OLD_GROUP}": "as above",
    f"GET {_OLD_GROUP}/properties/{{property_id}}": "as above",
    f"GET {_OLD_GROUP}/calculatedProperties/{{property_id}}": "as above",
    f"GET {_OLD_GROUP}/customCalculations/{{property_id}}": "as above",
    f"PATCH {_REPORT}": "a report's name is nothing to a takeoff",
    f"DELETE {_REPORT}/datasources/imodelMappings/{{mapping_id}}": "as above",
    "GET /insights/reporting/keys": "keys are shown once, when they are made",
    "GET /insights/reporting/keys/{key_id}": "as above",
    "DELETE /insights/reporting/keys/{key_id}": "as above",
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    lake = tmp_path_factory.mktemp("endpoints") / "lake"
    building().commit(lake)
    with serving(lake) as sandbox:
        yield sandbox


@pytest.fixture
def asker(running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Asker]:
    found = Asker(running, tmp_path, monkeypatch)
    found.turn()
    with found.session:
        yield found


@pytest.mark.parametrize("endpoint", ASKED)
def test_an_endpoint_answers_and_its_call_says_the_same(endpoint: str, asker: Asker) -> None:
    ASKED[endpoint](asker)


@pytest.mark.parametrize("endpoint", ASKED)
def test_an_endpoint_wants_the_login(endpoint: str, asker: Asker) -> None:
    method, path = endpoint.split(" ")
    path = re.sub(r"\{\w+\}", "x", path)
    answer = asker.raw(method, path, {}, headers={"Authorization": None})
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "HeaderNotFound"


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "application/xml"])
def test_no_version_is_demanded(asker: Asker, accept: str | None) -> None:
    for path in (f"/imodels/{asker.imodel}", f"{MAPPINGS}?iModelId={asker.imodel}"):
        assert asker.raw("GET", path, headers={"Accept": accept}).status_code == 200


@pytest.mark.parametrize("form", ["wrapped", "unwrapped", "empty"])
def test_a_refused_login_is_understood_in_every_form(asker: Asker, form: str) -> None:
    asker.turn(itwin_401=form, fault="401", fault_at="itwin_mappings", fault_count="all")
    with pytest.raises(VendorRefused, match="log in to the iTwin platform again"):
        grouping.mappings(asker.session, asker.imodel)


def test_a_list_that_links_in_a_circle_is_refused(
    asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = f"{asker.service.base_url}{MAPPINGS}?iModelId={asker.imodel}&%24top=1000"
    monkeypatch.setattr(answers, "href", lambda value, name: here if name == "next" else None)
    with pytest.raises(NotUnderstood, match="links back"):
        grouping.mappings(asker.session, asker.imodel)


def test_every_call_is_in_the_table() -> None:
    listed = {_named(f"{call.method} {call.path}") for call in client.CALLS}
    assert listed == {_named(one) for one in (*ASKED, *LOG_IN)}
    functions = {call.function for call in client.CALLS}
    public = {one for module in (models, grouping, old, reports) for one in _functions(module)}
    assert public - functions == HELPERS
    assert functions - public == {login.oauth_app, login.by_form}


# Functions that make the same calls in another way, or several of them.
HELPERS = {
    models.create_from_template,
    models.create_from_baseline,
    models.upload_baseline,
    models.wait_created,
    models.as_operation,
    models.download_changeset,
    reports.entities,
    reports.next_page,
    reports.refuse_again,
}


def test_every_route_of_the_sandbox_is_in_the_table() -> None:
    found = routes("itwin")
    assert found is not None
    base_path, known = found
    assert base_path == ""
    served = {
        f"{method} {_named(rule.rule)}"
        for rule in known.iter_rules()
        for method in rule.methods or ()
        if method not in ("HEAD", "OPTIONS") and not rule.rule.startswith("/static")
    }
    ours = {_named(one) for one in (*ASKED, *LOG_IN, *SERVED_ONLY)}
    both = {one.replace("imodelMappings", "imodelmappings") for one in ours}
    assert served == ours | both


def _functions(module: ModuleType) -> list[Callable[..., Any]]:
    """The public ones that it defines itself."""
    found = inspect.getmembers(module, inspect.isfunction)
    return [f for name, f in found if f.__module__ == module.__name__ and name[0] != "_"]


def _named(path: str) -> str:
    """Without the names of what changes."""
    return re.sub(r"<[^>]+>|\{[^}]+\}", "*", path)
