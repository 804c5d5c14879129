"""Every call about iTwins, iModels and their versions: raw, and by the client's own function."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
import requests
from itwin_asking import TIMEOUT_S, Asker
from itwin_checking import FULL, NUMBERS, Check, ids, said

from takeoff.core.errors import VendorRefused
from takeoff.vendors.itwin import models

CONTENT = b"SQLite format 3\x00 and more"


def _itwins(asker: Asker) -> None:
    told = asker.json("/itwins/", params={"subClass": "Project", "$top": 100, "$skip": 0})
    found = models.itwins(asker.session)
    assert ids(told["iTwins"]) == said(found) == [asker.itwin]
    assert ids(told["iTwins"], "displayName") == said(found, "name")


def _imodels(asker: Asker) -> None:
    told = asker.json("/imodels", params={"iTwinId": asker.itwin, "$orderBy": "name desc"})
    assert asker.imodel in ids(told["iModels"])
    found = models.imodels(asker.session, asker.itwin)
    assert sorted(ids(told["iModels"])) == sorted(said(found))


def _imodel(asker: Asker) -> None:
    told = asker.json(f"/imodels/{asker.imodel}")["iModel"]
    found = models.imodel(asker.session, asker.imodel)
    assert (found.name, found.state, found.itwin_id) == (
        told["displayName"],
        told["state"],
        told["iTwinId"],
    )
    assert found.created_at is not None


def _create_imodel(asker: Asker) -> None:
    body = {"iTwinId": asker.itwin, "name": "raw", "creationMode": "empty"}
    told = asker.raw("POST", "/imodels", body)
    assert told.status_code == 201
    assert told.json()["iModel"]["state"] == "initialized"
    assert models.create_empty(asker.session, asker.itwin, "ours").state == "initialized"
    assert asker.raw("POST", "/imodels", body).status_code == 409
    source = asker.imodel
    of = models.create_from_template(asker.session, asker.itwin, "of", (source, None))
    assert models.wait_created(asker.session, of.id).state == "ready"


def _baseline(asker: Asker) -> None:
    size = len(CONTENT)
    name = f"from file {next(NUMBERS)}"
    made = models.create_from_baseline(asker.session, asker.itwin, name, size)
    path = f"/imodels/{made.id}/baselinefile"
    assert asker.json(path)["baselineFile"]["state"] == "waitingForFile"
    assert models.baseline_state(asker.session, made.id) == "waitingForFile"
    with pytest.raises(VendorRefused, match="409"):
        models.complete_baseline(asker.session, made)
    told = requests.put(
        str(made.upload_url), CONTENT, headers={"x-ms-blob-type": "BlockBlob"}, timeout=TIMEOUT_S
    )
    assert told.status_code == 201
    models.complete_baseline(asker.session, made)
    assert asker.raw("POST", path, {}).status_code == 422
    while models.baseline_state(asker.session, made.id) == "initializationScheduled":
        pass
    assert asker.json(path)["baselineFile"]["state"] == "initialized"


def _clone(asker: Asker) -> None:
    _copied(asker, "clone", models.clone, "clonedFrom")


def _fork(asker: Asker) -> None:
    _copied(asker, "fork", models.fork, "forkedFrom")


def _copied(asker: Asker, word: str, begin: Callable[..., models.Begun], key: str) -> None:
    told = asker.raw("POST", f"/imodels/{asker.imodel}/{word}", {"iTwinId": asker.itwin})
    assert told.status_code == 202
    assert told.content == b""
    imodel_id = told.headers["Location"].rpartition("/")[2]
    assert told.headers["Create-iModel-Operation"].endswith(f"/{imodel_id}/operations/create")
    found = begin(asker.session, asker.imodel, asker.itwin, name=f"a {word}")
    assert (found.operation_url or "").endswith(f"/{found.imodel_id}/operations/create")
    made = models.wait_created(asker.session, found.imodel_id)
    shown = asker.json(f"/imodels/{found.imodel_id}/operations/create")["createOperation"]
    source = made.forked_from if word == "fork" else made.cloned_from
    assert source is not None
    assert shown[key]["iModelId"] == source.imodel_id == asker.imodel
    assert shown[key]["changesetId"] == source.changeset_id


def _creation(asker: Asker) -> None:
    told = asker.json(f"/imodels/{asker.imodel}/operations/create")["createOperation"]
    assert set(told) == {"state", "clonedFrom", "forkedFrom"}
    assert models.creation(asker.session, asker.imodel).word == told["state"] == "successful"


def _named_versions(asker: Asker) -> None:
    path = f"/imodels/{asker.imodel}/namedversions"
    told = asker.json(path, params={"$orderBy": "changesetIndex asc"}, headers=FULL)
    [found] = models.named_versions(asker.session, asker.imodel)
    [shown] = told["namedVersions"]
    assert (found.id, found.name, found.changeset_id, found.changeset_index) == (
        shown["id"],
        shown["displayName"],
        shown["changesetId"],
        shown["changesetIndex"],
    )
    brief = asker.json(path)["namedVersions"][0]
    assert set(brief) == {"id", "displayName", "changesetId", "changesetIndex"}


def _changesets(asker: Asker) -> None:
    path = f"/imodels/{asker.imodel}/changesets"
    told = asker.json(path, params={"afterIndex": 0, "lastIndex": 1})["changesets"]
    found = models.changesets(asker.session, asker.imodel, after=0, last=1)
    assert ids(told) == said(found)
    assert ids(told, "index") == said(found, "index") == [1]
    assert told[0]["parentId"] == ""
    assert found[0].parent_id is None
    assert models.changesets(asker.session, asker.imodel, after=1) == []


def _changeset(asker: Asker) -> None:
    told = asker.json(f"/imodels/{asker.imodel}/changesets/1")["changeset"]
    by_index = models.changeset(asker.session, asker.imodel, "1")
    assert by_index == models.changeset(asker.session, asker.imodel, told["id"])
    assert (by_index.id, by_index.is_there) == (told["id"], True)
    with pytest.raises(VendorRefused, match="imodels_read"):
        models.download_changeset(asker.session, asker.imodel, "1", BytesIO())


_IMODEL = "/imodels/{imodel_id}"
# Method and path of the contract -> what is asserted of it.
MODELS: dict[str, Check] = {
    "GET /itwins": _itwins,
    "GET /imodels": _imodels,
    f"GET {_IMODEL}": _imodel,
    "POST /imodels": _create_imodel,
    f"POST {_IMODEL}/baselinefile": _baseline,
    f"GET {_IMODEL}/baselinefile": _baseline,
    f"POST {_IMODEL}/clone": _clone,
    f"POST {_IMODEL}/fork": _fork,
    f"GET {_IMODEL}/operations/create": _creation,
    f"GET {_IMODEL}/namedversions": _named_versions,
    f"GET {_IMODEL}/changesets": _changesets,
    f"GET {_IMODEL}/changesets/{{id_or_index}}": _changeset,
}
