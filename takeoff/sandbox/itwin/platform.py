"""The routes of iTwins, iModels, their versions, and how iModels are made."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import uuid4

from flask import Blueprint, request
from werkzeug.wrappers import Response

from takeoff.sandbox.itwin.answers import (
    Refused,
    absolute,
    answer,
    body,
    invalid,
    link,
    missing,
    own_id,
    required,
)
from takeoff.sandbox.itwin.creating import Creation
from takeoff.sandbox.itwin.paging import is_representation, listed
from takeoff.sandbox.itwin.service import Service
from takeoff.sandbox.itwin.world import Changeset, IModel, ITwin, NamedVersion

_SHOWN = 1000  # "iTwins list silently stops at 1,000": header X-Max-Return raises it to 10,000
_MOST = 10_000
_EQUAL = re.compile(r"\s*(\w+)\s+eq\s+'((?:[^']|'')*)'\s*")


def routes(service: Service) -> Blueprint:
    found = Blueprint("platform", __name__)
    for add in (_itwins, _imodels, _creations, _changesets, _named_versions):
        add(found, service)
    return found


def _itwins(routes: Blueprint, service: Service) -> None:
    @routes.get("/itwins")
    def itwins() -> Response:
        every = [*_empty_itwins(service), *service.world.itwins()]
        matching = [one for one in every if _matches(_itwin(one), request.args)]
        asked = request.headers.get("X-Max-Return", "")
        most = min(int(asked), _MOST) if asked.isdigit() else _SHOWN
        show = _itwin if is_representation() else _itwin_briefly
        return listed("iTwins", matching[:most], show, service.switches)

    @routes.get("/itwins/<itwin_id>")
    def itwin(itwin_id: str) -> Response:
        return answer({"iTwin": _itwin(service.world.itwin(itwin_id))})

    def _itwin(one: ITwin) -> dict[str, Any]:
        created = service.platform_time(one.created)
        more = {"status": "Active", "parentId": None, "createdDateTime": created}
        return _itwin_briefly(one) | more


def _imodels(routes: Blueprint, service: Service) -> None:
    @routes.get("/imodels")
    def imodels() -> Response:
        asked = request.args
        itwin_id = str(required(asked, "iTwinId")).lower()
        is_empty = any(one.id == itwin_id for one in _empty_itwins(service))
        itwin_id = itwin_id if is_empty else service.world.itwin(itwin_id).id
        every = service.world.imodels(itwin_id)
        every = [one for one in every if asked.get("name") in (None, "", one.name)]
        every = [one for one in every if asked.get("state") in (None, "", _state(one))]
        words = asked.get("$search", "").lower()
        every = [one for one in every if words in one.name.lower()]
        every = _in_order(every, {"name": lambda m: m.name, "createdDateTime": lambda m: m.created})
        show = _imodel if is_representation() else _imodel_briefly
        return listed("iModels", every, show, service.switches, nulls=True)

    @routes.get("/imodels/<imodel_id>")
    def imodel(imodel_id: str) -> Response:
        return answer({"iModel": _imodel(service.world.imodel(imodel_id))})

    def _imodel(one: IModel) -> dict[str, Any]:
        return shown_imodel(one, service)


def _creations(routes: Blueprint, service: Service) -> None:
    creations, world = service.creations, service.world

    @routes.post("/imodels")
    def create() -> Response:
        creation = creations.create(body(), service.switches)
        shown = shown_imodel(creation.imodel, service)
        if creation.file is not None:
            path = f"/uploads/{creation.file.id}?signature={creation.file.signature}"
            shown["_links"]["upload"] = link(path) | {"storageType": "azure"}
            shown["_links"]["complete"] = link(f"/imodels/{creation.imodel.id}/baselinefile")
        return answer({"iModel": shown}, 201)

    @routes.post("/imodels/<imodel_id>/clone")
    def clone(imodel_id: str) -> Response:
        return _started(_copy(imodel_id, "cloned_from"))

    @routes.post("/imodels/<imodel_id>/fork")
    def fork(imodel_id: str) -> Response:
        return _started(_copy(imodel_id, "forked_from"))

    @routes.get("/imodels/<imodel_id>/operations/create")
    def operation(imodel_id: str) -> Response:
        return answer({"createOperation": creations.look_up(world.imodel(imodel_id))})

    @routes.post("/imodels/<imodel_id>/baselinefile")
    def complete(imodel_id: str) -> Response:
        return answer({"baselineFile": creations.complete(world.imodel(imodel_id))})

    @routes.get("/imodels/<imodel_id>/baselinefile")
    def baseline_file(imodel_id: str) -> Response:
        return answer({"baselineFile": creations.look_up_file(world.imodel(imodel_id))})

    @routes.put("/uploads/<file_id>")
    def upload(file_id: str) -> Response:
        if request.headers.get("x-ms-blob-type") != "BlockBlob":
            return _storage_refusal(400, "MissingRequiredHeader")
        if "Authorization" in request.headers:
            return _storage_refusal(400, "InvalidAuthenticationInfo")
        signature = request.args.get("signature", "")
        if not creations.upload(file_id, signature, request.get_data()):
            return _storage_refusal(403, "AuthenticationFailed")
        return Response(b"", 201)

    def _copy(imodel_id: str, kind: str) -> Creation:
        return creations.copy(world.imodel(imodel_id), body(), kind, service.switches)


def _changesets(routes: Blueprint, service: Service) -> None:
    world = service.world

    @routes.get("/imodels/<imodel_id>/changesets")
    def changesets(imodel_id: str) -> Response:
        imodel = world.imodel(imodel_id)
        first, last = _index("afterIndex", 0), _index("lastIndex", None)
        found = [
            state
            for state in world.changesets(imodel, service.switches)[1:]
            if state.index > (first or 0) and (last is None or state.index <= last)
        ]
        found = _in_order(found, {"index": lambda state: state.index})
        is_full = is_representation()
        return listed(
            "changesets",
            found,
            lambda state: _changeset(imodel, state, is_full=is_full),
            service.switches,
            nulls=True,
        )

    @routes.get("/imodels/<imodel_id>/changesets/<wanted>")
    def changeset(imodel_id: str, wanted: str) -> Response:
        imodel = world.imodel(imodel_id)
        state = world.changeset(imodel, wanted, service.switches)
        if state.index == 0:
            raise missing("ChangesetNotFound", "Changeset")
        return answer({"changeset": _changeset(imodel, state, is_full=True)})

    def _changeset(imodel: IModel, state: Changeset, *, is_full: bool) -> dict[str, Any]:
        """`download` is null, as for those who may look at a model in the web only."""
        here = f"/imodels/{imodel.id}/changesets/{state.id}"
        versions = world.named_versions(imodel, service.switches)
        named = [v.id for v in versions if v.changeset.index == state.index]
        size = 0 if state.snapshot is None else sum(e.bytes for e in state.snapshot.evidence)
        links: dict[str, Any] = {
            "self": link(here),
            "creator": None,
            "namedVersion": link(f"/imodels/{imodel.id}/namedversions/{named[0]}")
            if named
            else None,
            "currentOrPrecedingCheckpoint": None,
        }
        shown = {
            "id": state.id,
            "displayName": str(state.index),
            "description": "",
            "index": state.index,
            "parentId": state.parent_id,
            "creatorId": own_id("user"),
            "pushDateTime": service.platform_time(state.pushed),
            "state": "fileUploaded",
            "containingChanges": 0,
            "fileSize": size,
            "briefcaseId": 2,
            "groupId": None,
        }
        if is_full:
            shown |= {"application": None, "synchronizationInfo": None}
            links["download"] = None
        return shown | {"_links": links}


def _named_versions(routes: Blueprint, service: Service) -> None:
    world = service.world

    @routes.get("/imodels/<imodel_id>/namedversions")
    def named_versions(imodel_id: str) -> Response:
        imodel = world.imodel(imodel_id)
        asked = request.args
        found = world.named_versions(imodel, service.switches)
        found = [one for one in found if asked.get("name") in (None, "", one.name)]
        found = [one for one in found if asked.get("state") in (None, "", "visible")]
        words = asked.get("$search", "").lower()
        found = [one for one in found if words in one.name.lower()]
        order = {
            "changesetIndex": lambda version: version.changeset.index,
            "createdDateTime": lambda version: version.created,
            "name": lambda version: version.name,
        }
        is_full = is_representation()
        return listed(
            "namedVersions",
            _in_order(found, order),
            lambda version: _version(imodel, version, is_full=is_full),
            service.switches,
            nulls=True,
        )

    @routes.get("/imodels/<imodel_id>/namedversions/<version_id>")
    def named_version(imodel_id: str, version_id: str) -> Response:
        imodel = world.imodel(imodel_id)
        for version in world.named_versions(imodel, service.switches):
            if version.id == version_id.lower():
                return answer({"namedVersion": _version(imodel, version, is_full=True)})
        raise missing("NamedVersionNotFound", "Named Version")

    @routes.post("/imodels/<imodel_id>/namedversions")
    def create_version(imodel_id: str) -> Response:
        imodel, given = world.imodel(imodel_id), body()
        name, wanted = str(required(given, "name")), str(given.get("changesetId") or "")
        state = world.changeset(imodel, wanted, service.switches)
        for known in world.named_versions(imodel, service.switches):
            if known.name == name:
                raise Refused(409, "NamedVersionExists", "There is a version of that name.")
            if known.changeset.index == state.index:
                told = "There is a version of that changeset."
                raise Refused(409, "NamedVersionOnChangesetExists", told)
        now = datetime.now(UTC)
        version = NamedVersion(str(uuid4()), name, given.get("description"), state, now)
        imodel.added_versions.append(version)
        return answer({"namedVersion": _version(imodel, version, is_full=True)}, 201)

    def _version(imodel: IModel, version: NamedVersion, *, is_full: bool) -> dict[str, Any]:
        state = version.changeset
        shown: dict[str, Any] = {
            "id": version.id,
            "displayName": version.name,
            "changesetId": state.id or None,
            "changesetIndex": state.index,
        }
        if not is_full:
            return shown
        changeset = link(f"/imodels/{imodel.id}/changesets/{state.index}") if state.index else None
        return shown | {
            "name": version.name,
            "description": version.description,
            "createdDateTime": service.platform_time(version.created),
            "state": "visible",
            "application": None,
            "_links": {"creator": None, "changeset": changeset},
        }


def shown_imodel(one: IModel, service: Service) -> dict[str, Any]:
    """All that there is to say of a model."""
    states = service.world.changesets(one, service.switches)
    pushed = service.platform_time(states[-1].pushed) if states[-1].index else None
    here = f"/imodels/{one.id}"
    return _imodel_briefly(one) | {
        "name": one.name,
        "description": one.description,
        "state": _state(one),
        "createdDateTime": service.platform_time(one.created),
        "lastChangesetPushDateTime": pushed,
        "iTwinId": one.itwin_id,
        "extent": None,
        "containersEnabled": one.containers,
        "dataCenterLocation": "East US",
        "_links": {
            "creator": None,
            "changesets": link(f"{here}/changesets"),
            "namedVersions": link(f"{here}/namedversions"),
        },
    }


def _started(creation: Creation) -> Response:
    """The answer to a clone or fork: no body, two headers."""
    here = absolute(f"/imodels/{creation.imodel.id}")
    told = {"Location": here, "Create-iModel-Operation": f"{here}/operations/create"}
    return Response(b"", 202, told)


def _imodel_briefly(one: IModel) -> dict[str, Any]:
    return {"id": one.id, "displayName": one.name}


def _state(one: IModel) -> str:
    return "initialized" if one.is_ready else "notInitialized"


def _itwin_briefly(one: ITwin) -> dict[str, Any]:
    return {
        "id": one.id,
        "class": "Endeavor",
        "subClass": "Project",
        "type": None,
        "number": one.number,
        "displayName": one.name,
    }


def _empty_itwins(service: Service) -> list[ITwin]:
    """Those that the switches put before the lake's."""
    return [_empty_itwin(n) for n in range(service.switches.number("itwin_more_itwins") or 0)]


@cache
def _empty_itwin(number: int) -> ITwin:
    name = f"Empty {number + 1}"
    return ITwin(own_id("empty itwin", number), name, name, datetime(2020, 1, 1, tzinfo=UTC))


def _matches(shown: dict[str, Any], asked: Any) -> bool:
    """Whether an iTwin is among those asked for. Raises: Refused with 422 for another $filter."""
    for key in ("subClass", "displayName", "number", "status"):
        if asked.get(key) not in (None, "", shown[key]):
            return False
    words = asked.get("$search", "").lower()
    if words not in f"{shown['displayName']} {shown['number']}".lower():
        return False
    if asked.get("$filter", "") == "":
        return True
    parts = _EQUAL.fullmatch(asked["$filter"])
    if parts is None or parts[1] not in shown:
        raise invalid("$filter", "Of filters, `name eq 'text'` is understood.")
    return bool(shown[parts[1]] == parts[2].replace("''", "'"))


def _in_order(items: list[Any], keys: dict[str, Any]) -> list[Any]:
    """By $orderBy, `name` or `name desc`. Raises: Refused with 422."""
    asked = request.args.get("$orderBy", "").split()
    if not asked:
        return items
    if asked[0] not in keys or asked[1:] not in ([], ["asc"], ["desc"]):
        raise invalid("$orderBy", f"One can order by {', '.join(keys)}, asc or desc.")
    return sorted(items, key=keys[asked[0]], reverse=asked[1:] == ["desc"])


def _index(name: str, usual: int | None) -> int | None:
    given = request.args.get(name, "")
    if given == "":
        return usual
    if not given.isdigit():
        raise invalid(name, f"{name} is a whole number from 0.")
    return int(given)


def _storage_refusal(status: int, word: str) -> Response:
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{word}</Code></Error>'
    return Response(text, status, content_type="application/xml")
