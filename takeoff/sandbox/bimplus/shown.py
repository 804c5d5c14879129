"""Teams, projects, models and revisions as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from takeoff.sandbox.bimplus.accounts import USER, USER_GUID
from takeoff.sandbox.bimplus.answers import german_megabytes
from takeoff.sandbox.bimplus.catalogue import (
    SLUG,
    TEAM_ID,
    TEAM_NAME,
    Catalogue,
    Division,
    Project,
    Revision,
)
from takeoff.sandbox.bimplus.content import Content
from takeoff.sandbox.bimplus.vocabulary import LAYERS, own_id
from takeoff.sandbox.switches import Switches

_BY = {"id": USER_GUID, "email": USER}


def team() -> dict[str, Any]:
    return {
        "id": TEAM_ID,
        "slug": SLUG,
        "name": TEAM_NAME,
        "displayname": TEAM_NAME,
        "owner": _BY,
        "status": "Active",
        "ismyteam": True,
        "rights": {"projectsCreate": False},
        "public": False,
        "accountType": "Professional",
        "whiteList": None,
        "storageStats": None,
        "dataStorageStatus": None,
    }


def project(
    one: Project, catalogue: Catalogue, switches: Switches, *, disciplines: bool
) -> dict[str, Any]:
    """With `disciplines`, each layer of each of its models."""
    divisions = catalogue.divisions(one)
    size = sum(_size(catalogue.content(division)) for division in divisions)
    told = {
        "id": one.id,
        "name": one.name,
        "shortDescr": "",
        "teamSlug": SLUG,
        "teamName": TEAM_NAME,
        "teamId": TEAM_ID,
        "hasWriteAccess": True,
        "thumbnail": None,
        "created": seconds(one.created),
        "createdby": _BY,
        "changed": None,
        "changedby": None,
        "address": None,
        "projectType": None,
        "projectStatus": None,
        "modelCount": len(divisions),
        "memberCount": 1,
        "topicCount": 0,
        "attachmentCount": 0,
        "size": size,
        "attachmentsSize": 0,
        "sizeMB": german_megabytes(size),
        "rights": {"projectAdmin": False, "projectEdit": True, "modelsCreate": True},
    }
    if disciplines:
        told["disciplines"] = [
            layer for division in divisions for layer in _of_project(division, catalogue, switches)
        ]
    return _spelled(told, switches)


def division(
    one: Division, catalogue: Catalogue, switches: Switches, status: str | None, *, listed: bool
) -> dict[str, Any]:
    """A model in the details or, with other keys, in a list."""
    content = catalogue.content(one)
    document = None if content is None else content.document
    size = _size(content)
    told: dict[str, Any] = {
        "id": one.id,
        "name": one.name,
        "description": one.description,
        "projectId": one.project.id,
        "topologyId": _topology_id(one, switches),
        "disciplines": layer_ids(one, catalogue),
        "status": status,
        "url": None if document is None else f"/{SLUG}/divisions/{one.id}/download",
        "fileType": "Unknown" if document is None else "Ifc",
        "inputType": "UNKNOWN" if document is None else "IFC_IMPORT",
        "created": seconds(one.created),
        "createdby": _BY,
        "changed": None if one.changed is None else ticks(one.changed),
        "changedby": None if one.changed is None else _BY,
        "size": size,
        "sizeMB": german_megabytes(size),
        "importFileName": None if document is None else document.path,
        "importFileSize": None if document is None else document.bytes,
        "thumbnail": None,
        "userGroupId": None,
    }
    if one.is_deleted:
        told["recycleBin"] = True
    if listed:
        told["teamSlug"] = SLUG
        told["revisionObjects"] = [revision(one, each, switches) for each in one.revisions]
    return _spelled(told, switches)


def revision(one: Division, each: Revision, switches: Switches) -> dict[str, Any]:
    """One revision of the model `one`."""
    told: dict[str, Any] = {
        "id": each.id,
        "name": each.name,
        "description": each.description,
        "projectId": one.project.id,
        "divisionId": one.id,
        "revisionNr": each.number,
        "created": seconds(each.created),
        "createdby": _BY,
        "applicationId": own_id("application"),
        "topologyId": _topology_id(one, switches),
        "inputType": "UNKNOWN" if each.snapshot is None else "IFC_IMPORT",
        "changed": None,
        "changedby": None,
    }
    return _spelled(told | each.told, switches)


def layers(one: Division, catalogue: Catalogue) -> list[dict[str, Any]]:
    """The answer of divisions/<id>/disciplines."""
    names = {layer_id: name for name, layer_id in LAYERS.items()}
    return [
        {
            "category": f"/1/{number}/",
            "name": f"ID_{names[layer_id]}" if layer_id in names else "ID_UserDefined",
            "ifcType": "",
            "id": layer_id,
        }
        for number, layer_id in enumerate(layer_ids(one, catalogue), start=1)
    ]


def layer_ids(one: Division, catalogue: Catalogue) -> list[str]:
    """The layers of a model: those that it was told to have, else those of its objects."""
    if one.disciplines is not None:
        return one.disciplines
    content = catalogue.content(one)
    types = [] if content is None else content.types
    found = dict.fromkeys(each.layer_id for each in types)
    return [layer_id for layer_id in found if layer_id is not None]


def seconds(moment: datetime) -> str:
    """As the service writes times: no zone."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def ticks(moment: datetime) -> str:
    """With seven digits behind the second."""
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}4"


def _topology_id(one: Division, switches: Switches) -> str | None:
    return one.topology_id if switches["bimplus_topology"] == "given" else None


def _size(content: Content | None) -> int:
    return 0 if content is None else content.size


def _of_project(one: Division, catalogue: Catalogue, switches: Switches) -> list[dict[str, Any]]:
    numbers = [each.number for each in one.revisions]
    return [
        {
            "id": layer["id"],
            "name": layer["name"],
            "divisionId": one.id,
            "divisionName": one.name,
            "divisionTopologyId": _topology_id(one, switches),
            "revisions": numbers,
            "releasedRevisions": numbers[:1],
        }
        for layer in layers(one, catalogue)
    ]


def _spelled(told: dict[str, Any], switches: Switches) -> dict[str, Any]:
    """With the keys and nulls that the switches ask for."""
    keys = {"sizeMB": switches["bimplus_size_key"]}
    if switches["bimplus_user_keys"] == "createdBy":
        keys |= {"createdby": "createdBy", "changedby": "changedBy"}
    keeps_nulls = switches["bimplus_nulls"] == "null"
    return {
        keys.get(key, key): value for key, value in told.items() if keeps_nulls or value is not None
    }
