"""A model is moved to another project and a layer of it hidden: over raw HTTP, and by our calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from small_lakes import Model

from takeoff.core.errors import VendorRefused
from takeoff.http.auth import Bearer
from takeoff.http.session import Session
from takeoff.lake.layout import open_layout
from takeoff.sandbox import Running, Sandbox
from takeoff.vendors.bimplus import calls, client

TIMEOUT_S = 20
Put = Callable[..., requests.Response]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """Two projects with a model each."""
    for name in ("77", "78"):
        Model(f"house {name}", project_id=name).add("0aWall0000000000000000").commit(tmp_path)
    with Sandbox(open_layout(tmp_path)).start() as sandbox:
        yield sandbox


@pytest.fixture
def session(running: Running) -> Iterator[Session]:
    service = running.at("bimplus")
    login = Bearer(service.token, client.SCHEME)
    with Session(service.base_url, login, name="Bimplus", keep_headers=client.HEADERS) as found:
        yield found


@pytest.fixture
def put(running: Running) -> Put:
    """A PUT over raw HTTP."""
    service = running.at("bimplus")
    login = {"Authorization": f"BimPlus {service.token}"}

    def ask(path: str, body: Any, headers: dict[str, str] = login) -> requests.Response:
        return requests.put(service.base_url + path, json=body, headers=headers, timeout=TIMEOUT_S)

    return ask


def test_a_model_is_moved_there_and_back(session: Session, put: Put) -> None:
    [here, there] = calls.projects(session)
    slug = str(here.team_slug)
    [model] = calls.project_models(session, slug, here.id)
    path = f"/{slug}/divisions/{model.id}/move"
    told = put(path, {"projectId": there.id})
    assert (told.status_code, told.json()["projectId"]) == (200, there.id)
    assert calls.project_models(session, slug, here.id) == []
    assert model.id in [one.id for one in calls.project_models(session, slug, there.id)]
    found = calls.move_model(session, slug, model.id, {"projectId": here.id})
    assert found is not None
    assert (found["id"], found["projectId"]) == (model.id, here.id)
    assert [one.id for one in calls.project_models(session, slug, here.id)] == [model.id]
    assert put(path, {}).status_code == 400
    with pytest.raises(VendorRefused, match="no project"):
        calls.move_model(session, slug, model.id, {"projectId": "nowhere"})


def test_a_layer_is_hidden_and_shown_which_moves_the_tag(session: Session, put: Put) -> None:
    project = calls.projects(session)[0]
    slug = str(project.team_slug)
    [model] = calls.project_models(session, slug, project.id)
    [layer, *_] = calls.disciplines(session, slug, model.id)
    tags = [calls.head(session, slug, model.id).value]
    told = put(f"/{slug}/divisions/{model.id}/disciplines/{layer.id}", {"private": True})
    assert (told.status_code, told.json()["private"]) == (200, True)
    tags.append(calls.head(session, slug, model.id).value)
    found = calls.set_private(session, slug, model.id, layer.id, is_private=False)
    assert found == {**told.json(), "private": False}
    tags.append(calls.head(session, slug, model.id).value)
    assert len(set(tags)) == 3
    with pytest.raises(VendorRefused, match="no discipline"):
        calls.set_private(session, slug, model.id, "nothing", is_private=True)


def test_both_want_the_login(put: Put) -> None:
    for path in ("/any/divisions/1/move", "/any/divisions/1/disciplines/1"):
        assert put(path, {}, {}).status_code == 401
