"""The old generation under /insights/reporting, to be read only."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from werkzeug.wrappers import Response

from takeoff.sandbox.itwin.answers import answer, link
from takeoff.sandbox.itwin.definitions import Group, Mapping, Property
from takeoff.sandbox.itwin.extraction_routes import shown_log
from takeoff.sandbox.itwin.extractions import PARTIAL, SUCCEEDED, Extraction
from takeoff.sandbox.itwin.mapping_routes import shown_group, shown_mapping
from takeoff.sandbox.itwin.paging import listed
from takeoff.sandbox.itwin.service import Service

_SOURCES = "/insights/reporting/datasources"
_MODEL = f"{_SOURCES}/imodels/<imodel_id>"
_MAPPING = f"{_MODEL}/mappings/<mapping_id>"
_GROUP = f"{_MAPPING}/groups/<group_id>"


def routes(service: Service) -> Blueprint:
    found = Blueprint("old", __name__)
    for add in (_mappings, _columns, _extractions):
        add(found, service)
    return found


def _mappings(routes: Blueprint, service: Service) -> None:
    mappings = service.mappings

    @routes.get(f"{_MODEL}/mappings")
    def old_mappings(imodel_id: str) -> Response:
        imodel = service.world.imodel(imodel_id)
        return listed("mappings", mappings.of(imodel), _mapping, service.switches, by_token=True)

    @routes.get(_MAPPING)
    def old_mapping(imodel_id: str, mapping_id: str) -> Response:
        return answer({"mapping": _mapping(mappings.mapping(mapping_id))})

    @routes.get(f"{_MAPPING}/groups")
    def old_groups(imodel_id: str, mapping_id: str) -> Response:
        found = mappings.groups(mapping_id)
        show = lambda one: _group(imodel_id, mapping_id, one)  # noqa: E731
        return listed("groups", found, show, service.switches, by_token=True)

    @routes.get(_GROUP)
    def old_group(imodel_id: str, mapping_id: str, group_id: str) -> Response:
        group = mappings.group(mapping_id, group_id)
        return answer({"group": _group(imodel_id, mapping_id, group)})

    def _mapping(one: Mapping) -> dict[str, Any]:
        links = {"imodel": link(f"/imodels/{one.imodel_id}")}
        return shown_mapping(one, service) | {"_links": links}

    def _group(imodel_id: str, mapping_id: str, group: Group) -> dict[str, Any]:
        model = f"{_SOURCES}/imodels/{imodel_id}"
        links = {
            "imodel": link(f"/imodels/{imodel_id}"),
            "mapping": link(f"{model}/mappings/{mapping_id}"),
        }
        return shown_group(group) | {"_links": links}


def _columns(routes: Blueprint, service: Service) -> None:
    """The three kinds of columns, each a list and a container of its own."""
    kinds = (
        ("properties", "properties", "property", _property),
        ("calculatedProperties", "properties", "property", _calculated),
        ("customCalculations", "customCalculations", "customCalculation", _custom),
    )
    for path, list_key, key, show in kinds:

        def columns(
            imodel_id: str,
            mapping_id: str,
            group_id: str,
            *,
            path: str = path,
            list_key: str = list_key,
            show: Any = show,
        ) -> Response:
            group = service.mappings.group(mapping_id, group_id)
            found = [item for item in group.properties if _kind(item) == path]
            return listed(list_key, found, show, service.switches, by_token=True)

        def column(
            imodel_id: str,
            mapping_id: str,
            group_id: str,
            property_id: str,
            *,
            key: str = key,
            show: Any = show,
        ) -> Response:
            item = service.mappings.property(mapping_id, group_id, property_id)
            return answer({key: show(item)})

        routes.add_url_rule(f"{_GROUP}/{path}", f"old_{path}", columns)
        routes.add_url_rule(f"{_GROUP}/{path}/<property_id>", f"old_one_of_{path}", column)


def _extractions(routes: Blueprint, service: Service) -> None:
    extractions = service.extractions

    @routes.get(f"{_MODEL}/extraction/history")
    def old_history(imodel_id: str) -> Response:
        found = extractions.of(service.world.imodel(imodel_id), service.switches)
        return listed("extractions", found, _run, service.switches, by_token=True)

    @routes.get(f"{_SOURCES}/extraction/status/<job_id>")
    def old_status(job_id: str) -> Response:
        extraction = extractions.find(job_id, service.switches)
        state = extractions.look_up(extraction)
        shown = {
            "state": SUCCEEDED if state == PARTIAL else state,
            "reason": None,
            "containsIssues": state == PARTIAL,
            "_links": {"logs": link(f"{_SOURCES}/extraction/logs/{extraction.id}")},
        }
        return answer({"status": shown})

    @routes.get(f"{_SOURCES}/extraction/logs/<job_id>")
    def old_logs(job_id: str) -> Response:
        extraction = extractions.find(job_id, service.switches)
        found = extractions.logs(extraction, service.switches)
        has_issues = any(log.level != "Information" for log in found)
        more = {"reason": None, "jobId": extraction.id, "containsIssues": has_issues}
        show = lambda log: shown_log(log, service) | more  # noqa: E731
        return listed("logs", found, show, service.switches, by_token=True)

    def _run(extraction: Extraction) -> dict[str, Any]:
        return {
            "jobId": extraction.id,
            "startedOn": service.mapping_time(extraction.started),
            "_links": {"status": link(f"{_SOURCES}/extraction/status/{extraction.id}")},
        }


def _kind(item: Property) -> str:
    if item.calculated is not None:
        return "calculatedProperties"
    return "customCalculations" if item.formula is not None else "properties"


def _property(item: Property) -> dict[str, Any]:
    return {
        "id": item.id,
        "propertyName": item.name,
        "dataType": item.data_type,
        "quantityType": item.quantity_type or "Undefined",
        "ecProperties": [one.shown() | {"ecPropertyType": item.data_type} for one in item.ec],
    }


def _calculated(item: Property) -> dict[str, Any]:
    return {
        "id": item.id,
        "propertyName": item.name,
        "type": item.calculated or "Undefined",
    }


def _custom(item: Property) -> dict[str, Any]:
    return {
        "id": item.id,
        "propertyName": item.name,
        "formula": item.formula,
        "dataType": item.data_type,
        "quantityType": item.quantity_type or "Undefined",
    }
