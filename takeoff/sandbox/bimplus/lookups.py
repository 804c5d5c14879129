"""Routes of the catalogue: element types, attributes, units; filters and Excel files."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
import xlsxwriter
from flask import Blueprint, request
from werkzeug.wrappers import Response

from takeoff.sandbox.bimplus import units
from takeoff.sandbox.bimplus.answers import Refused, is_asked
from takeoff.sandbox.bimplus.catalogue import Project
from takeoff.sandbox.bimplus.content import File, Objects
from takeoff.sandbox.bimplus.definitions import Attribute, groups, known_attributes
from takeoff.sandbox.bimplus.render import Form
from takeoff.sandbox.bimplus.service import Service, is_shared
from takeoff.sandbox.bimplus.vocabulary import (
    LAYERS,
    STRUCTURE_TYPES,
    TYPES,
    ElementType,
    own_id,
)

PLACES = {
    "element_types": "bimplus_types",
    "element_type": "bimplus_types",
    "type_disciplines": "bimplus_types",
    "type_discipline": "bimplus_types",
    "type_topology": "bimplus_types",
    "types_of_project": "bimplus_types",
    "units": "bimplus_units",
    "unit": "bimplus_units",
    "attributes": "bimplus_attributes",
    "attribute": "bimplus_attributes",
    "attribute_groups": "bimplus_attributes",
    "attributes_of_group": "bimplus_attributes",
    "filters": "bimplus_lookups",
    "filter_tree": "bimplus_lookups",
    "excel": "bimplus_lookups",
    "attachment": "bimplus_lookups",
}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def routes(service: Service) -> Blueprint:
    """Under /v2 or /v2/<slug>, also that of the vendor's own catalogue."""
    routes = Blueprint("lookups", __name__)
    _add_types(routes, service)
    _add_units(routes, service)
    _add_attributes(routes, service)
    _add_filters(routes, service)
    _add_files(routes, service)
    return routes


def _add_types(routes: Blueprint, service: Service) -> None:
    def every() -> dict[str, ElementType]:
        return {one.id: one for one in [*TYPES.values(), *_used(service)]}

    @routes.get("/element-types")
    def element_types() -> Response:
        return service.answer([_type(one) for one in every().values()])

    @routes.get("/element-types/disciplines")
    def type_disciplines() -> Response:
        return service.answer({layer_id: _layer(name) for name, layer_id in LAYERS.items()})

    @routes.get("/element-types/disciplines/<discipline_id>")
    def type_discipline(discipline_id: str) -> Response:
        for name, layer_id in LAYERS.items():
            if layer_id == discipline_id.lower():
                return service.answer(_layer(name))
        raise Refused(404, f"There is no discipline {discipline_id}.")

    @routes.get("/element-types/topology")
    def type_topology() -> Response:
        return service.answer([_type(one) for one in STRUCTURE_TYPES.values()])

    @routes.get("/element-types/<type_id>")
    def element_type(type_id: str) -> Response:
        found = every().get(type_id.lower())
        if found is None:
            raise Refused(404, f"There is no element type {type_id}.")
        return service.answer(_type(found))

    @routes.get("/projects/<project_id>/element-types")
    def types_of_project(project_id: str) -> Response:
        counted = _counted(service.catalogue.project(project_id), service)
        return service.answer(
            [
                {
                    **_type(one),
                    "layer": one.layer_id,
                    "localization": one.word,
                    "elementsCount": count,
                }
                for one, count in counted.items()
            ]
        )


def _used(service: Service) -> Iterable[ElementType]:
    for division in service.catalogue.divisions():
        content = service.catalogue.content(division)
        yield from [] if content is None else content.types


def _counted(project: Project, service: Service) -> dict[ElementType, int]:
    """The element types of a project's objects, and how many there are of each."""
    counted: Counter[ElementType] = Counter()
    for division in service.catalogue.divisions(project):
        nodes = service.objects(division).nodes
        counted.update(one for one in nodes.types if one.layer is not None)
    return dict(counted)


def _type(one: ElementType) -> dict[str, Any]:
    place = list(LAYERS).index(one.layer) + 1 if one.layer is not None else 0
    return {
        "type": one.word,
        "category": f"/1/{place}/",
        "name": f"ID_Arch{one.word}",
        "ifcType": None if one.ifc_class is None else f"ID_IFC{one.ifc_class}",
        "id": one.id,
    }


def _layer(name: str) -> dict[str, Any]:
    types = [one.id for one in TYPES.values() if one.layer == name]
    return {"id": LAYERS[name], "name": f"ID_{name}", "elementTypes": types}


def _add_units(routes: Blueprint, service: Service) -> None:
    def every() -> list[dict[str, Any]]:
        symbols = {
            one.unit
            for objects in _objects(service)
            for one in objects.attributes.definitions
            if one.unit is not None
        }
        return units.records(symbols, service.switches["bimplus_symbols"])

    @routes.get("/units", endpoint="units")
    def all_units() -> Response:
        symbol = request.args.get("symbol")
        return service.answer([one for one in every() if symbol in (None, one["unit"])])

    @routes.get("/units/<unit_id>")
    def unit(unit_id: str) -> Response:
        for one in every():
            if one["id"] == unit_id.lower():
                return service.answer(one)
        raise Refused(404, f"There is no unit {unit_id}.")


def _add_attributes(routes: Blueprint, service: Service) -> None:
    def every() -> dict[str, Attribute]:
        objects = [] if is_shared() else _objects(service)
        return known_attributes(objects, service.switches)

    @routes.get("/freeattributes")
    def attributes() -> Response:
        known = every()
        if not is_asked("topology"):
            return service.answer([one.shown() for one in known.values()])
        return service.answer(
            [
                {**group, "children": [a.shown() for a in known.values() if a.group == group["id"]]}
                for group in groups(known)
            ]
        )

    @routes.get("/freeattributes/<attribute_id>")
    def attribute(attribute_id: str) -> Response:
        found = every().get(attribute_id.lower())
        if found is None:
            raise Refused(404, f"There is no attribute {attribute_id}.")
        return service.answer(found.shown())

    @routes.get("/freeattributegroups")
    def attribute_groups() -> Response:
        return service.answer(groups(every()))

    @routes.get("/freeattributegroups/<group_id>/freeattributes")
    def attributes_of_group(group_id: str) -> Response:
        found = [one.shown() for one in every().values() if one.group == group_id.lower()]
        if not found:
            raise Refused(404, f"There is no group {group_id}.")
        return service.answer(found)


def _add_filters(routes: Blueprint, service: Service) -> None:
    """A project has one filter: its objects by layer and type."""

    def identity(project: Project) -> str:
        return own_id("filter", project.id)

    @routes.get("/projects/<project_id>/filters")
    def filters(project_id: str) -> Response:
        project = service.catalogue.project(project_id)
        return service.answer([{"id": identity(project), "name": "By layer and type"}])

    @routes.get("/projects/<project_id>/filters/<filter_id>")
    def filter_tree(project_id: str, filter_id: str) -> Response:
        project = service.catalogue.project(project_id)
        if filter_id.lower() != identity(project):
            raise Refused(404, f"There is no filter {filter_id}.")
        counted = _counted(project, service)
        layers = [
            {
                "name": f"ID_{layer}",
                "count": sum(n for one, n in counted.items() if one.layer == layer),
                "children": [
                    {"name": one.word, "count": n, "children": []}
                    for one, n in counted.items()
                    if one.layer == layer
                ],
            }
            for layer in dict.fromkeys(one.layer for one in counted)
        ]
        return service.answer(
            {
                "id": filter_id.lower(),
                "name": "By layer and type",
                "count": sum(counted.values()),
                "children": layers,
            }
        )


def _add_files(routes: Blueprint, service: Service) -> None:
    @routes.get("/projects/<project_id>/objects/export/excel")
    def excel(project_id: str) -> Response:
        project = service.catalogue.project(project_id)
        models = [service.objects(one) for one in service.catalogue.divisions(project)]
        file = File("objects.xlsx", _sheet(models, request.args.get("typeId", ""), service))
        identity = own_id("attachment", project.id, len(service.attachments))
        service.attachments[identity] = file
        return service.answer({"attachment_id": identity})

    @routes.get("/attachments/<attachment_id>/download")
    def attachment(attachment_id: str) -> Response:
        file = service.attachments.get(attachment_id.lower())
        if file is None:
            raise Refused(404, f"There is no attachment {attachment_id}.")
        return Response(file.content, 200, content_type=_XLSX)


def _sheet(models: Iterable[Objects], type_id: str, service: Service) -> bytes:
    """The objects of a type, one a row, with their plain values."""
    rows: list[dict[str, Any]] = []
    for objects in models:
        nodes = objects.nodes.type_ids.get(type_id.lower(), np.array([], np.int64))
        for text in objects.objects(nodes, Form(), service.switches):
            told = json.loads(text)
            values = {k: v for group in told["attributes"].values() for k, v in group.items()}
            rows.append({"id": told["id"], "type": told["type"], **values})
    columns = list(dict.fromkeys(key for row in rows for key in row))
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("Objects")
        sheet.write_row(0, 0, columns)
        for number, row in enumerate(rows, start=1):
            sheet.write_row(number, 0, [row.get(column) for column in columns])
    return target.getvalue()


def _objects(service: Service) -> list[Objects]:
    return [service.objects(one) for one in service.catalogue.divisions()]
