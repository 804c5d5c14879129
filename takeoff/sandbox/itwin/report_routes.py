"""The routes of reports, of their feed, and of the keys that open it."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import quoteattr

from flask import Blueprint, request
from werkzeug.wrappers import Response

from takeoff.sandbox.itwin.answers import (
    Refused,
    absolute,
    answer,
    body,
    json_bytes,
    link,
    missing,
    required,
)
from takeoff.sandbox.itwin.auth import ApiKey
from takeoff.sandbox.itwin.paging import listed
from takeoff.sandbox.itwin.reports import Entity, Report, manifest_id
from takeoff.sandbox.itwin.service import USER, Service
from takeoff.sandbox.itwin.texts import json_rows

_ROOT = "/insights/reporting"
_REPORT = f"{_ROOT}/reports/<report_id>"
_FEED = f"{_ROOT}/odata/<report_id>"
_REGION = "1"
_NAMESPACE = "Insights_and_Reporting_Extractor"
_EDM = "http://docs.oasis-open.org/odata/ns"
_EDM_TYPES = {"String": "String", "Double": "Double", "Integer": "Int64", "Boolean": "Boolean"}


def routes(service: Service) -> Blueprint:
    found = Blueprint("reporting", __name__)
    for add in (_reports, _sources, _keys, _feed):
        add(found, service)
    return found


def _reports(routes: Blueprint, service: Service) -> None:
    reports = service.reports

    @routes.get(f"{_ROOT}/reports")
    def reports_of() -> Response:
        key = "iTwinId" if "iTwinId" in request.args else "projectId"
        itwin_id = str(required(request.args, key))
        deleted = request.args.get("deleted", "false").lower() == "true"
        found = reports.of(itwin_id, deleted=deleted)
        return listed("reports", found, _shown, service.switches, by_token=True)

    @routes.post(f"{_ROOT}/reports")
    def create_report() -> Response:
        given = body()
        return answer({"report": _shown(reports.create(given), "projectId" in given)}, 201)

    @routes.get(_REPORT)
    def report(report_id: str) -> Response:
        return answer({"report": _shown(reports.report(report_id))})

    @routes.patch(_REPORT)
    def update_report(report_id: str) -> Response:
        return answer({"report": _shown(reports.update(report_id, body()))})

    @routes.delete(_REPORT)
    def delete_report(report_id: str) -> Response:
        reports.delete(report_id)
        return Response(b"", 204)

    def _shown(one: Report, is_first: bool = False) -> dict[str, Any]:
        query = "?api-version=v1" if service.switches["itwin_odata_query"] == "yes" else ""
        is_first = is_first or _is_first_version()
        return {
            "id": one.id,
            "displayName": one.name,
            "description": one.description,
            "deleted": one.is_deleted,
            "createdOn": service.mapping_time(one.created),
            "modifiedOn": service.mapping_time(one.modified),
            "_links": {
                "project" if is_first else "iTwin": link(f"/itwins/{one.itwin_id}"),
                "odata": link(f"{_ROOT}/odata/{one.id}{query}"),
            },
        }


def _sources(routes: Blueprint, service: Service) -> None:
    reports = service.reports
    # "v2 writes it imodelmappings"
    for number, word in enumerate(("imodelMappings", "imodelmappings")):
        path = f"{_REPORT}/datasources/{word}"

        @routes.get(path, endpoint=f"sources_{number}")
        def sources(report_id: str) -> Response:
            found = reports.sources(reports.report(report_id))
            return listed("mappings", found, _source, service.switches, by_token=True)

        @routes.post(path, endpoint=f"add_source_{number}")
        def add_source(report_id: str) -> Response:
            return answer({"mapping": _source(reports.add_source(report_id, body()))}, 201)

        @routes.delete(f"{path}/<mapping_id>", endpoint=f"remove_source_{number}")
        def remove_source(report_id: str, mapping_id: str) -> Response:
            reports.remove_source(report_id, mapping_id)
            return Response(b"", 204)

    def _source(pair: tuple[str, str]) -> dict[str, Any]:
        mapping_id, imodel_id = pair
        mapping = service.mappings.mapping(mapping_id)
        return {
            "mappingId": mapping_id,
            "imodelId": imodel_id,
            "mappingName": mapping.name,
            "mappingDescription": mapping.description,
            "_links": {"imodel": link(f"/imodels/{imodel_id}")},
        }


def _keys(routes: Blueprint, service: Service) -> None:
    auth = service.auth

    @routes.post(f"{_ROOT}/keys")
    def create_key() -> Response:
        given = body()
        report_id = given.get("reportId")
        if report_id is not None:
            report_id = service.reports.report(str(report_id)).id
        key = auth.new_key(str(given.get("displayName") or ""), report_id)
        return answer({"key": _shown(key) | {"apiKey": key.secret}}, 201)

    @routes.get(f"{_ROOT}/keys")
    def keys() -> Response:
        return listed("keys", auth.keys(), _shown, service.switches, by_token=True)

    @routes.get(f"{_ROOT}/keys/<key_id>")
    def key(key_id: str) -> Response:
        return answer({"key": _shown(auth.key(key_id))})

    @routes.delete(f"{_ROOT}/keys/<key_id>")
    def revoke_key(key_id: str) -> Response:
        auth.revoke_key(key_id)
        return Response(b"", 204)

    def _shown(key: ApiKey) -> dict[str, Any]:
        """Without the secret, which is told once."""
        links = (
            {} if key.report_id is None else {"report": link(f"{_ROOT}/reports/{key.report_id}")}
        )
        return {
            "id": key.id,
            "displayName": key.name,
            "userEmail": USER,
            "expiresAt": service.mapping_time(key.expires),
            "_links": links,
        }


def _feed(routes: Blueprint, service: Service) -> None:
    @routes.get(_FEED)
    def service_document(report_id: str) -> Response:
        entities = _entities(report_id)
        manifest = manifest_id(entities)
        shown = [{"name": one.name, "url": f"{_REGION}/{manifest}/{one.name}"} for one in entities]
        return answer({"@odata.context": _context(report_id), "value": shown})

    @routes.get(f"{_FEED}/$metadata")
    def metadata(report_id: str) -> Response:
        entities = _entities(report_id)
        if not entities:
            raise missing("ReportDataNotFound", "Report data", "reportId")
        switches = service.switches
        text = _edmx(
            entities,
            has_display_name=switches["itwin_display_name"] == "yes",
            is_repeated=switches["itwin_namespaces"] == "repeated",
        )
        return Response(text, 200, content_type="application/xml; charset=utf-8")

    @routes.get(f"{_FEED}/<region>/<manifest>/<name>")
    def entity(report_id: str, region: str, manifest: str, name: str) -> Response:
        entities = _entities(report_id)
        if (region, manifest) != (_REGION, manifest_id(entities)):
            raise missing("EntityNotFound", "Entity", "manifestId")
        for one in entities:
            if one.name == name:
                return _page(report_id, one)
        raise missing("EntityNotFound", "Entity", "entityType")

    def _page(report_id: str, one: Entity) -> Response:
        switches = service.switches
        rows, size = one.table.table, switches.number("itwin_odata_page") or 1000
        # The empty first page, if there is to be one, is number 0.
        before = 1 if switches["itwin_empty_page"] == "yes" and rows.num_rows else 0
        count = before + max(1, -(-rows.num_rows // size))
        number = _sequence(count)
        place = max(0, number - before)
        part = rows.slice(place * size, size) if number >= before else rows.slice(0, 0)
        as_text = switches["itwin_odata_numbers"] == "text"
        ends: dict[str, dict[str, Any]] = {
            "absent": {},
            "null": {"@odata.nextLink": None},
            "empty": {"@odata.nextLink": ""},
        }
        tail = ends[switches["itwin_odata_end"]]
        if number + 1 < count:
            tail = {"@odata.nextLink": f"{request.base_url}?sequence={number + 1}"}
        head = json_bytes({"@odata.context": f"{_context(report_id)}#{one.name}"})[:-1]
        end = json_bytes(tail)[1:-1]
        body = head + b',"value":[' + json_rows(part, numbers_as_text=as_text) + b"]"
        return answer(body + (b"," + end if end else b"") + b"}")

    def _entities(report_id: str) -> list[Entity]:
        report = service.reports.report(report_id)
        return service.reports.entities(report, service.switches)


def _context(report_id: str) -> str:
    return absolute(f"{_ROOT}/odata/{report_id}/$metadata")


def _sequence(count: int) -> int:
    """Which page is asked for. Raises: Refused with 422 or 404."""
    given = request.args.get("sequence", "0")
    if not given.isdigit():
        raise Refused(422, "InvalidInsightsRequest", "sequence is a whole number.")
    if int(given) >= count:
        raise missing("EntityNotFound", "Page", "sequence")
    return int(given)


def _is_first_version() -> bool:
    return "platform.v1+json" in request.headers.get("Accept", "")


def _edmx(entities: list[Entity], *, has_display_name: bool, is_repeated: bool) -> str:
    """`$metadata`: entity types in one schema or one each, and the container in another."""
    types = [_entity_type(one) for one in entities]
    schemas = types if is_repeated else ["".join(types)]
    sets = "".join(_entity_set(one, has_display_name) for one in entities)
    first = "".join(
        f'<Schema xmlns="{_EDM}/edm" Namespace="{_NAMESPACE}">{s}</Schema>' for s in schemas
    )
    container = f'<EntityContainer Name="Container">{sets}</EntityContainer>'
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        f'<edmx:Edmx Version="4.0" xmlns:edmx="{_EDM}/edmx"><edmx:DataServices>{first}'
        f'<Schema xmlns="{_EDM}/edm" Namespace="Default">{container}</Schema>'
        "</edmx:DataServices></edmx:Edmx>"
    )


def _entity_type(one: Entity) -> str:
    columns = zip(one.table.table.column_names, one.table.types, strict=True)
    told = "".join(
        f'<Property Name={quoteattr(name)} Type="Edm.{_EDM_TYPES[data_type]}"/>'
        for name, data_type in columns
    )
    return f"<EntityType Name={quoteattr(one.name)}>{told}</EntityType>"


def _entity_set(one: Entity, has_display_name: bool) -> str:
    term = "Bentley.iTwin.Reporting.DisplayName"
    told = f'<Annotation Term="{term}" String={quoteattr(one.table.group.name)}/>'
    name, type_ = quoteattr(one.name), quoteattr(f"{_NAMESPACE}.{one.name}")
    inside = told if has_display_name else ""
    return f"<EntitySet Name={name} EntityType={type_}>{inside}</EntitySet>"
