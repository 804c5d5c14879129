"""The routes of mappings, groups, properties and of the audit of their changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from takeoff.sandbox.itwin.answers import answer, body, invalid, link, required
from takeoff.sandbox.itwin.definitions import Group, Mapping, Property
from takeoff.sandbox.itwin.mappings import AuditEntry
from takeoff.sandbox.itwin.paging import is_representation, listed
from takeoff.sandbox.itwin.service import Service

ROOT = "/grouping-and-mapping/datasources/imodel-mappings"
_MAPPING = f"{ROOT}/<mapping_id>"
_GROUP = f"{_MAPPING}/groups/<group_id>"
_PROPERTY = f"{_GROUP}/properties/<property_id>"


def routes(service: Service) -> Blueprint:
    found = Blueprint("grouping", __name__)
    for add in (_mappings, _groups, _properties, _audit):
        add(found, service)
    return found


def _mappings(routes: Blueprint, service: Service) -> None:
    mappings = service.mappings

    @routes.get(ROOT)
    def mappings_of() -> Response:
        imodel = service.world.imodel(str(required(request.args, "iModelId")))
        return listed("mappings", mappings.of(imodel), _shown, service.switches, by_token=True)

    @routes.post(ROOT)
    def create_mapping() -> Response:
        return answer({"mapping": _shown(mappings.create(body()))}, 201)

    @routes.get(_MAPPING)
    def mapping(mapping_id: str) -> Response:
        return answer({"mapping": _shown(mappings.mapping(mapping_id))})

    @routes.patch(_MAPPING)
    def update_mapping(mapping_id: str) -> Response:
        return answer({"mapping": _shown(mappings.update(mapping_id, body()))})

    @routes.delete(_MAPPING)
    def delete_mapping(mapping_id: str) -> Response:
        mappings.delete(mapping_id)
        return Response(b"", 204)

    def _shown(one: Mapping) -> dict[str, Any]:
        return shown_mapping(one, service) | {
            "_links": {"iModel": link(f"/imodels/{one.imodel_id}")}
        }


def _groups(routes: Blueprint, service: Service) -> None:
    mappings = service.mappings

    @routes.get(f"{_MAPPING}/groups")
    def groups(mapping_id: str) -> Response:
        is_full = is_representation()
        return listed(
            "groups",
            mappings.groups(mapping_id),
            lambda group: _shown(mapping_id, group, is_full=is_full),
            service.switches,
            by_token=True,
        )

    @routes.post(f"{_MAPPING}/groups")
    def create_group(mapping_id: str) -> Response:
        group = mappings.create_group(mapping_id, body())
        return answer({"group": _shown(mapping_id, group)}, 201)

    @routes.get(_GROUP)
    def group(mapping_id: str, group_id: str) -> Response:
        return answer({"group": _shown(mapping_id, mappings.group(mapping_id, group_id))})

    @routes.patch(_GROUP)
    def update_group(mapping_id: str, group_id: str) -> Response:
        group = mappings.update_group(mapping_id, group_id, body())
        return answer({"group": _shown(mapping_id, group)})

    @routes.delete(_GROUP)
    def delete_group(mapping_id: str, group_id: str) -> Response:
        mappings.delete_group(mapping_id, group_id)
        return Response(b"", 204)

    def _shown(mapping_id: str, group: Group, *, is_full: bool = True) -> dict[str, Any]:
        imodel_id = mappings.mapping(mapping_id).imodel_id
        shown = shown_group(group)
        if is_full:
            shown["metadata"] = [{"key": key, "value": value} for key, value in group.metadata]
        links = {"iModel": link(f"/imodels/{imodel_id}"), "mapping": link(f"{ROOT}/{mapping_id}")}
        return shown | {"_links": links}


def _properties(routes: Blueprint, service: Service) -> None:
    mappings = service.mappings

    @routes.get(f"{_GROUP}/properties")
    def properties(mapping_id: str, group_id: str) -> Response:
        return listed(
            "properties",
            mappings.group(mapping_id, group_id).properties,
            Property.shown,
            service.switches,
            by_token=True,
        )

    @routes.post(f"{_GROUP}/properties")
    def create_property(mapping_id: str, group_id: str) -> Response:
        item = mappings.put_property(mapping_id, group_id, None, body())
        return answer({"property": item.shown()}, 201)

    @routes.get(_PROPERTY)
    def property_(mapping_id: str, group_id: str, property_id: str) -> Response:
        return answer({"property": mappings.property(mapping_id, group_id, property_id).shown()})

    @routes.put(_PROPERTY)
    def update_property(mapping_id: str, group_id: str, property_id: str) -> Response:
        item = mappings.put_property(mapping_id, group_id, property_id, body())
        return answer({"property": item.shown()})

    @routes.delete(_PROPERTY)
    def delete_property(mapping_id: str, group_id: str, property_id: str) -> Response:
        mappings.delete_property(mapping_id, group_id, property_id)
        return Response(b"", 204)


def _audit(routes: Blueprint, service: Service) -> None:
    @routes.get("/grouping-and-mapping/audit")
    def audit() -> Response:
        asked = request.args
        imodel = service.world.imodel(str(required(asked, "iModelId")))
        after, before = _moment("after"), _moment("before")
        found = [
            entry
            for entry in service.mappings.audit
            if entry.imodel_id == imodel.id
            and entry.path.startswith(asked.get("path", ""))
            and (after is None or entry.moment > after)
            and (before is None or entry.moment < before)
        ]
        return listed("auditTrailEntries", found, _entry, service.switches, by_token=True)

    def _entry(entry: AuditEntry) -> dict[str, Any]:
        return {
            "timestamp": service.mapping_time(entry.moment),
            "path": entry.path,
            "userEmail": entry.user,
            "action": entry.action,
            "changes": [
                {"property": name, "oldValue": old, "newValue": new}
                for name, old, new in entry.changes
            ],
        }


def shown_mapping(one: Mapping, service: Service) -> dict[str, Any]:
    """A mapping without its links, whose key differs between the generations."""
    return {
        "id": one.id,
        "mappingName": one.name,
        "description": one.description,
        "extractionEnabled": one.is_enabled,
        "createdOn": service.mapping_time(one.created_on),
        "createdBy": one.created_by,
        "modifiedOn": service.mapping_time(one.modified_on),
        "modifiedBy": one.modified_by,
    }


def shown_group(group: Group) -> dict[str, Any]:
    """A group without its metadata and links."""
    return {
        "id": group.id,
        "groupName": group.name,
        "description": group.description,
        "query": group.query,
    }


def _moment(name: str) -> datetime | None:
    """A moment of the query. Raises: Refused with 422."""
    given = request.args.get(name, "").replace(" ", "+")
    try:
        moment = datetime.fromisoformat(given) if given else None
    except ValueError as error:
        raise invalid(name, f"{name} is a moment such as 2026-01-05T10:00:00Z.") from error
    if moment is not None and moment.tzinfo is None:
        raise invalid(name, f"{name} is a moment with its offset.")
    return moment
