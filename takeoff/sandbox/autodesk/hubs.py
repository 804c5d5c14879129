"""The routes of Data Management: hubs, projects, folders, items and their versions as JSON:API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from flask import Blueprint, request
from werkzeug.wrappers import Response

from takeoff.sandbox.autodesk.answers import Refused, document
from takeoff.sandbox.autodesk.catalogue import (
    HUB_NAME,
    Catalogue,
    Folder,
    Item,
    Project,
    region,
)
from takeoff.sandbox.autodesk.ids import opaque
from takeoff.sandbox.autodesk.model import Version
from takeoff.sandbox.faults import Control

_LARGEST_PAGE = 200
_NO_HUBS: dict[str, Any] = {
    "Id": None,
    "HttpStatusCode": "403",
    "ErrorCode": "BIM360DM_ERROR",
    "Title": "Unable to get hubs from BIM360DM US.",
    "Detail": "You don't have permission to access this API",
    "AboutLink": None,
    "Source": [],
    "meta": [],
}


@dataclass(frozen=True)
class _Place:
    """The region within URNs, and what files the models are."""

    region: str
    source: str


def routes(catalogue: Catalogue, control: Control) -> Blueprint:
    """`/project/v1` and `/data/v1`."""
    made = Blueprint("hubs", __name__)

    @made.get("/project/v1/hubs")
    def hubs() -> Response:
        if control.switches["autodesk_hubs"] == "none":
            return document({**_head(), "data": [], "meta": {"warnings": [_NO_HUBS]}})
        where = "EMEA" if control.switches["autodesk_region"] == "EMEA" else "US"
        return document({**_head(), "data": [_hub(catalogue.hub_id, where)]})

    @made.get("/project/v1/hubs/<hub_id>/projects")
    def projects(hub_id: str) -> Response:
        _must_be(hub_id, catalogue)
        shown = [_project(hub_id, project) for project in catalogue.projects]
        return _listed(shown, control)

    @made.get("/project/v1/hubs/<hub_id>/projects/<project_id>/topFolders")
    def top_folders(hub_id: str, project_id: str) -> Response:
        _must_be(hub_id, catalogue)
        project = _found(catalogue, project_id)
        shown = [_folder(project, folder, _place()) for folder in project.folders]
        return document({**_head(), "data": shown})

    @made.get("/data/v1/projects/<project_id>/folders/<path:folder_urn>/contents")
    def contents(project_id: str, folder_urn: str) -> Response:
        project = _found(catalogue, project_id)
        folder = project.folder(folder_urn)
        shown = [_folder(project, one, _place()) for one in folder.folders]
        shown += [_item(project, item, _place()) for item in folder.items]
        wanted = request.args.getlist("filter[type]")
        shown = [one for one in shown if not wanted or one["type"] in wanted]
        tips = {
            item.urn(_place().region): _version(project, item, item.tip, _place())
            for item in folder.items
        }
        return _listed(shown, control, tips)

    @made.get("/data/v1/projects/<project_id>/items/<path:item_urn>/versions")
    def versions(project_id: str, item_urn: str) -> Response:
        project = _found(catalogue, project_id)
        item = project.item(item_urn)
        newest_first = reversed(item.versions)
        return _listed([_version(project, item, one, _place()) for one in newest_first], control)

    @made.get("/data/v1/projects/<project_id>/items/<path:item_urn>/tip")
    def tip(project_id: str, item_urn: str) -> Response:
        project = _found(catalogue, project_id)
        item = project.item(item_urn)
        return document({**_head(), "data": _version(project, item, item.tip, _place())})

    @made.get("/data/v1/projects/<project_id>/items/<path:item_urn>")
    def item(project_id: str, item_urn: str) -> Response:
        project = _found(catalogue, project_id)
        found = project.item(item_urn)
        included = [_version(project, found, found.tip, _place())]
        shown = _item(project, found, _place())
        return document({**_head(), "data": shown, "included": included})

    def _place() -> _Place:
        switches = control.switches
        return _Place(region(switches["autodesk_region"]), switches["autodesk_source"])

    return made


def _found(catalogue: Catalogue, project_id: str) -> Project:
    """By its id with `b.`, as this API wants it. Raises: Refused with 404."""
    if not project_id.startswith("b."):
        raise Refused(404, "NotFound", "There is no such project; its id begins with b.")
    return catalogue.project(project_id.removeprefix("b."))


def _must_be(hub_id: str, catalogue: Catalogue) -> None:
    if hub_id != f"b.{catalogue.hub_id}":
        raise Refused(404, "NotFound", "There is no such hub.")


def _head() -> dict[str, Any]:
    return {"jsonapi": {"version": "1.0"}, "links": {"self": _link(request.url)}}


def _listed(
    shown: Sequence[dict[str, Any]],
    control: Control,
    tips: dict[str, dict[str, Any]] | None = None,
) -> Response:
    """A page, from 0, with the links to its neighbours; `tips` are included beside their items."""
    number = _asked("page[number]", 0, 0)
    most = min(_LARGEST_PAGE, control.switches.number("autodesk_page_limit") or 1)
    size = min(_asked("page[limit]", most, 1), most)
    page = shown[number * size : (number + 1) * size]
    links = {"self": _link(request.url), "first": _page(0, size)}
    if number > 0:
        links["prev"] = _page(number - 1, size)
    if (number + 1) * size < len(shown):
        links["next"] = _page(number + 1, size)
    told = {"jsonapi": {"version": "1.0"}, "links": links, "data": page}
    if tips is not None:
        told["included"] = [tips[one["id"]] for one in page if one["id"] in tips]
    return document(told)


def _asked(name: str, default: int, least: int) -> int:
    """Raises: Refused with 400."""
    text = request.args.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit()) or int(text) < least or len(text) > 9:
        raise Refused(400, "BadInput", f"{name} must be a whole number from {least}.")
    return int(text)


def _page(number: int, size: int) -> dict[str, str]:
    asked = {key: value for key, value in request.args.items() if not key.startswith("page[")}
    asked |= {"page[number]": str(number), "page[limit]": str(size)}
    return _link(f"{request.base_url}?{urlencode(asked)}")


def _link(href: str) -> dict[str, str]:
    return {"href": href}


def _address(*parts: str) -> str:
    return request.host_url + "/".join(quote(part, safe="") for part in parts)


def _extension(type_: str, data: dict[str, Any] | None = None) -> dict[str, Any]:
    schema = _address("schema", "v1", "versions", f"{type_}-1.0")
    return {"type": type_, "version": "1.0", "schema": _link(schema), "data": data or {}}


def _hub(hub_id: str, where: str) -> dict[str, Any]:
    key = f"b.{hub_id}"
    related = _address("project", "v1", "hubs", key, "projects")
    return {
        "type": "hubs",
        "id": key,
        "attributes": {
            "name": HUB_NAME,
            "extension": _extension("hubs:autodesk.bim360:Account"),
            "region": where,
        },
        "relationships": {"projects": {"links": {"related": _link(related)}}},
        "links": {"self": _link(_address("project", "v1", "hubs", key))},
    }


def _project(hub_id: str, project: Project) -> dict[str, Any]:
    key = f"b.{project.id}"
    own = ("project", "v1", "hubs", hub_id, "projects", key)
    return {
        "type": "projects",
        "id": key,
        "attributes": {
            "name": project.name,
            "scopes": [f"b360project.{project.id}"],
            "extension": _extension("projects:autodesk.bim360:Project", {"projectType": "ACC"}),
        },
        "relationships": {
            "hub": {"data": {"type": "hubs", "id": hub_id}},
            "topFolders": {"links": {"related": _link(_address(*own, "topFolders"))}},
        },
        "links": {"self": _link(_address(*own))},
    }


def _folder(project: Project, folder: Folder, place: _Place) -> dict[str, Any]:
    own = ("data", "v1", "projects", f"b.{project.id}", "folders", folder.urn(place.region))
    return {
        "type": "folders",
        "id": folder.urn(place.region),
        "attributes": {
            "name": folder.name,
            "displayName": folder.name,
            "objectCount": len(folder.folders) + len(folder.items),
            "hidden": False,
            "extension": _extension("folders:autodesk.bim360:Folder"),
        },
        "relationships": {
            "contents": {"links": {"related": _link(_address(*own, "contents"))}},
        },
        "links": {"self": _link(_address(*own))},
    }


def _item(project: Project, item: Item, place: _Place) -> dict[str, Any]:
    own = ("data", "v1", "projects", f"b.{project.id}", "items", item.urn(place.region))
    tip = {"type": "versions", "id": item.tip.urn(place.region)}
    return {
        "type": "items",
        "id": item.urn(place.region),
        "attributes": {
            "displayName": item.file_name(place.source),
            "createTime": _time(item.versions[0]),
            "lastModifiedTime": _time(item.tip),
            "hidden": False,
            "reserved": False,
            "extension": _extension("items:autodesk.bim360:File"),
        },
        "relationships": {
            "tip": {"data": tip, "links": {"related": _link(_address(*own, "tip"))}},
            "versions": {"links": {"related": _link(_address(*own, "versions"))}},
        },
        "links": {"self": _link(_address(*own))},
    }


def _version(project: Project, item: Item, version: Version, place: _Place) -> dict[str, Any]:
    urn = version.urn(place.region)
    stored = f"urn:adsk.objects:os.object:wip.dm.prod/{opaque('object', urn)}"
    return {
        "type": "versions",
        "id": urn,
        "attributes": {
            "name": item.file_name(place.source),
            "displayName": item.file_name(place.source),
            "createTime": _time(version),
            "lastModifiedTime": _time(version),
            "versionNumber": version.number,
            "fileType": place.source,
            "extension": _extension(
                "versions:autodesk.bim360:File", {"processState": "PROCESSING_COMPLETE"}
            ),
        },
        "relationships": {
            "item": {"data": {"type": "items", "id": item.urn(place.region)}},
            "storage": {"data": {"type": "objects", "id": stored}},
        },
        "links": {
            "self": _link(_address("data", "v1", "projects", f"b.{project.id}", "versions", urn))
        },
    }


def _time(version: Version) -> str:
    return version.snapshot.taken_at.strftime("%Y-%m-%dT%H:%M:%S.0000000Z")
