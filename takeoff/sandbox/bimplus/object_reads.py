"""Routes of objects: the tree, lists, single objects, columns, queries, calculated quantities."""

from __future__ import annotations

from typing import Any

import numpy as np
from flask import Blueprint, request
from werkzeug.wrappers import Response

from takeoff.sandbox.bimplus import pages
from takeoff.sandbox.bimplus.answers import Refused, body, is_asked
from takeoff.sandbox.bimplus.catalogue import Division, Project
from takeoff.sandbox.bimplus.content import Objects
from takeoff.sandbox.bimplus.nodes import Numbers
from takeoff.sandbox.bimplus.pages import Selection
from takeoff.sandbox.bimplus.render import Form
from takeoff.sandbox.bimplus.service import Service
from takeoff.sandbox.bimplus.vocabulary import BASE_QUANTITIES, STRUCTURE_TYPES

PLACES = {
    "topology": "bimplus_topology",
    "topology_of_project": "bimplus_topology",
    "objects": "bimplus_objects",
    "properties": "bimplus_objects",
    "query": "bimplus_objects",
    "column": "bimplus_column",
    "base_quantities": "bimplus_calculated",
}
_INTERNAL, _CHILDREN, _DEFINITIONS, _SETS, _IDS = 1, 2, 8, 16, 128


def routes(service: Service) -> Blueprint:
    """Under /v2 or /v2/<slug>."""
    routes = Blueprint("objects", __name__)
    _add_trees(routes, service)
    _add_objects(routes, service)
    _add_columns(routes, service)
    _add_calculated(routes, service)
    return routes


class _Found:
    """What an id stands for: all models of a project, a model's root, or one object."""

    def __init__(self, service: Service, identity: str) -> None:
        wanted = identity.lower()
        self.project = _project(service, wanted)
        self.division: Division | None = None
        self.node = 0
        self.parts: list[Objects] = []
        if self.project is not None:
            divisions = service.catalogue.divisions(self.project)
            self.parts = [service.objects(one) for one in divisions]
            return
        for one in service.catalogue.divisions():
            if wanted == one.topology_id:
                self.division, self.parts = one, [service.objects(one)]
                return
        for one in service.catalogue.divisions():
            objects = service.objects(one)
            if wanted in objects.nodes.index:
                self.node, self.parts = objects.nodes.index[wanted], [objects]
                return
        raise Refused(404, f"There is no object {identity}.")

    def one(self) -> tuple[Objects, int]:
        """The object that it is. Raises: Refused with 404 if it is a project."""
        if self.project is not None:
            raise Refused(404, "A project is no object.")
        return self.parts[0], self.node


def _project(service: Service, identity: str) -> Project | None:
    return next((one for one in service.catalogue.projects if one.id == identity), None)


def _add_trees(routes: Blueprint, service: Service) -> None:
    def tree(objects: Objects, node: int) -> str:
        hide, short = is_asked("hideElements"), is_asked("shortinfo")
        return objects.tree(node, service.switches, hide_elements=hide, short=short)

    @routes.get("/objects/<object_id>/topology")
    def topology(object_id: str) -> Response:
        objects, node = _Found(service, object_id).one()
        return service.answer(tree(objects, node))

    @routes.get("/projects/<project_id>/topology")
    def topology_of_project(project_id: str) -> Response:
        project = service.catalogue.project(project_id)
        models = service.catalogue.divisions(project)
        trees = [tree(service.objects(one), 0) for one in models]
        type_ = STRUCTURE_TYPES["project"]
        head = service.answer(
            {"id": project.id, "name": project.name, "type": type_.word, "level": 0}
            | {"elementTypeId": type_.id, "children": []}
        )
        text = head.get_data(as_text=True).lstrip("\ufeff")
        return service.answer(text.removesuffix("[]}") + f"[{','.join(trees)}]}}")


def _add_objects(routes: Blueprint, service: Service) -> None:
    def listed(found: _Found, form: Form) -> Response:
        switches = service.switches
        selection = Selection([(one, _selected(one, found.node, service)) for one in found.parts])
        cut = pages.cut(selection, switches)
        texts = cut.selection.texts(form, switches)
        told = service.answer(pages.listed(cut, texts, len(selection), switches))
        if cut.chunks is not None:
            told.headers["X-Total-Count"] = str(cut.chunks)
        service.tags.objects_answered(switches)
        return told

    def single(found: _Found, form: Form) -> Response:
        objects, node = found.one()
        [text] = objects.objects(np.array([node]), form, service.switches)
        return service.answer(text)

    def answered(object_id: str, form: Form) -> Response:
        found = _Found(service, object_id)
        if "type" in request.args or "layer" in request.args:
            return listed(found, form)
        if found.division is not None:
            return service.tagged(found.division, lambda: single(found, form))
        return single(found, form)

    @routes.get("/objects/<object_id>")
    def objects(object_id: str) -> Response:
        is_flat = is_asked("freeattributes") or is_asked("attributedefinition")
        has_definitions = is_asked("attributedefinition")
        return answered(object_id, Form(definitions=has_definitions, is_flat=is_flat))

    @routes.get("/objects/<object_id>/properties/<int:flags>")
    def properties(object_id: str, flags: int) -> Response:
        if flags & _INTERNAL and flags & _DEFINITIONS:
            raise Refused(400, "Internal values and attribute definitions do not go together.")
        form = Form(
            definitions=bool(flags & _DEFINITIONS),
            sets=bool(flags & _SETS) or service.switches["bimplus_sets"] == "always",
            ids=bool(flags & _IDS),
            children=bool(flags & _CHILDREN),
        )
        return answered(object_id, form)

    @routes.get("/objects/<object_id>/query")
    def query(object_id: str) -> Response:
        found = _Found(service, object_id)
        wanted = {one.lower() for one in request.args.get("divisions", "").split(",") if one}
        models = [one for one in found.parts if not wanted or one.place.division_id in wanted]
        asked = [(name, value) for name, value in request.args.items() if _is_attribute(name)]
        if not asked:
            raise Refused(400, "No attribute is named.")
        hits = []
        for one in models:
            sets = [one.having(name.lower(), value) for name, value in asked]
            hits += [object_id for object_id in sets[0] if all(object_id in s for s in sets)]
        return service.answer(hits)


def _selected(objects: Objects, node: int, service: Service) -> Numbers:
    type_id = request.args.get("type", "").lower()
    if type_id:
        return pages.of_type(objects, node, type_id, service.switches)
    return pages.of_layer(objects, node, request.args["layer"].lower())


def _add_columns(routes: Blueprint, service: Service) -> None:
    @routes.get("/objects/<object_id>/attributes/<attribute_id>")
    def column(object_id: str, attribute_id: str) -> Response:
        found, switches = _Found(service, object_id), service.switches
        wanted = attribute_id.lower()
        if is_asked("children"):
            columns = [one.column(found.node, wanted, switches)[1:-1] for one in found.parts]
            return service.answer("{" + ",".join(column for column in columns if column) + "}")
        objects, node = found.one()
        told = objects.attribute(node, wanted, switches)
        if told is None:
            raise Refused(404, f"The object has no attribute {attribute_id}.")
        if is_asked("attributedefinition") or is_asked("attributeDefinition"):
            return service.answer(told)
        return service.answer({wanted: told.get("value")})


def _add_calculated(routes: Blueprint, service: Service) -> None:
    @routes.post("/services/BaseQuantities")
    def base_quantities() -> Response:
        told = body()
        asked = told.get("baseQuantities")
        if not isinstance(asked, dict):
            raise Refused(400, "baseQuantities is missing.")
        switches, catalogue = service.switches, service.catalogue
        if switches["bimplus_calculated"] == "forbidden":
            raise Refused(403, "You may not calculate quantities.", "forbidden")
        division = catalogue.division(str(asked.get("modelId")))
        catalogue.project(str(asked.get("projectId")))
        classes = {_base_quantity(one) for one in asked.get("quantities") or []}
        if switches["bimplus_calculated"] == "moves_tag":
            catalogue.touch(division)
        if told.get("runAsync") is True:
            return service.answer({}, 202)
        return service.answer(service.objects(division).calculated(classes, switches))


def _base_quantity(asked: Any) -> str:
    """The IFC class that a number or a word such as WallBaseQuantities stands for."""
    if isinstance(asked, int) and 0 <= asked < len(BASE_QUANTITIES):
        return BASE_QUANTITIES[asked]
    word = str(asked).removesuffix("BaseQuantities")
    if word not in BASE_QUANTITIES:
        raise Refused(400, f"There are no base quantities {asked}.")
    return word


def _is_attribute(name: str) -> bool:
    return name.count("-") == 4
