"""The routes of a project's libraries: what they hold, and how they are changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from takeoff.sandbox.qonic import library_steps as steps
from takeoff.sandbox.qonic.answers import Refused, answer, json_bytes
from takeoff.sandbox.qonic.libraries import Step, Tree
from takeoff.sandbox.qonic.service import Service
from takeoff.sandbox.qonic.sessions import session_id

_SYSTEMS, _MATERIALS, _PLACES = "codifications", "material-libraries", "locations"
_PROPERTIES, _TYPES = "customProperties", "types"
_PROJECT = "/projects/<project_id>"
_SETS = f"{_PROJECT}/customProperties/property-sets"


class _Shelf:
    """The libraries of one kind, in every project."""

    def __init__(self, service: Service, kind: str, base: Callable[[str], bytes]) -> None:
        self._libraries, self._kind, self._base = service.libraries, kind, base

    def shown(self, project_id: str) -> bytes:
        return self._libraries.shown(project_id, self._kind, lambda: self._base(project_id))

    def is_changed(self, project_id: str) -> bool:
        return self._libraries.is_changed(project_id, self._kind)

    def tree(self, project_id: str) -> Tree:
        return self._libraries.tree(project_id, self._kind, lambda: self._base(project_id))

    def take(self, project_id: str, step: Step) -> Response:
        """Change it; the answer says nothing."""
        self._libraries.take(project_id, self._kind, lambda: self._base(project_id), step)
        return Response(b"", 200)

    def created(self, project_id: str, step: Step, new: Any) -> Response:
        """Change it, and answer with what is new."""
        self.take(project_id, step)
        return answer(new)


def codification_routes(service: Service) -> Blueprint:
    """Classification systems and their codes."""
    routes = Blueprint("codifications", __name__)
    known, control = service.lookups, service.control
    shelf = _Shelf(
        service,
        _SYSTEMS,
        lambda project: known.codifications(service.project(project), with_codes=True),
    )
    at = f"{_PROJECT}/codifications"

    @routes.get(at)
    def codifications(project_id: str) -> Response:
        with_codes = control.switches["codification_list"] == "with_codes"
        if not shelf.is_changed(project_id):
            return answer(known.codifications(service.project(project_id), with_codes=with_codes))
        tree = shelf.tree(project_id)
        if not with_codes:
            for system in tree["codificationLibraries"]:
                del system["codes"]
        return answer(tree)

    @routes.post(at)
    def create_codification(project_id: str) -> Response:
        new = steps.new_system(_body())
        return shelf.created(project_id, steps.add_system(new), new)

    @routes.get(f"{at}/<guid>")
    def codification(project_id: str, guid: str) -> Response:
        if not shelf.is_changed(project_id):
            return answer(known.codification(service.project(project_id), guid))
        listed = shelf.tree(project_id)["codificationLibraries"]
        return answer(_found(listed, guid, "codification library"))

    @routes.delete(f"{at}/<guid>")
    def delete_codification(project_id: str, guid: str) -> Response:
        return shelf.take(project_id, steps.remove_system(guid))

    @routes.post(f"{at}/<guid>/codification")
    def create_code(project_id: str, guid: str) -> Response:
        new = steps.new_code(_body())
        return shelf.created(project_id, steps.add_code(guid, new), new)

    @routes.put(f"{at}/<guid>/codification/<code>")
    def update_code(project_id: str, guid: str, code: str) -> Response:
        return shelf.take(project_id, steps.change_code(guid, code, _body()))

    @routes.delete(f"{at}/<guid>/codification/<code>")
    def delete_code(project_id: str, guid: str, code: str) -> Response:
        return shelf.take(project_id, steps.remove_code(guid, code))

    return routes


def material_routes(service: Service) -> Blueprint:
    """Materials and their libraries."""
    routes = Blueprint("materials", __name__)
    shelf = _Shelf(
        service,
        _MATERIALS,
        lambda project: service.lookups.material_libraries(service.project(project)),
    )
    at = f"{_PROJECT}/material-libraries"

    @routes.get(at)
    def material_libraries(project_id: str) -> Response:
        return answer(shelf.shown(project_id))

    @routes.post(at)
    def create_material_library(project_id: str) -> Response:
        new = steps.new_material_library(_body())
        return shelf.created(project_id, steps.add_material_library(new), new)

    @routes.get(f"{at}/<guid>")
    def material_library(project_id: str, guid: str) -> Response:
        if not shelf.is_changed(project_id):
            return answer(service.lookups.material_library(service.project(project_id), guid))
        listed = shelf.tree(project_id)["materialProperties"]
        return answer(_found(listed, guid, "material library"))

    @routes.delete(f"{at}/<guid>")
    def delete_material_library(project_id: str, guid: str) -> Response:
        return shelf.take(project_id, steps.remove_material_library(guid))

    @routes.post(f"{at}/<guid>/materials")
    def create_material(project_id: str, guid: str) -> Response:
        new = steps.new_material(_body())
        told = {pair["name"].lower(): pair["value"] for pair in new}
        return shelf.created(project_id, steps.add_material(guid, new), told)

    @routes.put(f"{at}/<guid>/materials/<material>")
    def update_material(project_id: str, guid: str, material: str) -> Response:
        return shelf.take(project_id, steps.change_material(guid, material, _body()))

    @routes.delete(f"{at}/<guid>/materials/<material>")
    def delete_material(project_id: str, guid: str, material: str) -> Response:
        return shelf.take(project_id, steps.remove_material(guid, material))

    return routes


def location_routes(service: Service) -> Blueprint:
    """Sites, buildings, floors and spaces."""
    routes = Blueprint("locations", __name__)
    shelf = _Shelf(
        service, _PLACES, lambda project: service.lookups.locations(service.project(project))
    )
    at = f"{_PROJECT}/locations"

    @routes.get(at)
    def locations(project_id: str) -> Response:
        return answer(shelf.shown(project_id))

    @routes.post(at)
    def create_location(project_id: str) -> Response:
        session_id(request.headers)
        body = _body()
        new = steps.new_place(body)
        parent = steps.members(body).get("parentguid")
        return shelf.created(project_id, steps.add_place(new, parent), new)

    @routes.put(f"{at}/<guid>")
    def update_location(project_id: str, guid: str) -> Response:
        return shelf.take(project_id, steps.change_place(guid, _body()))

    @routes.delete(f"{at}/<guid>")
    def delete_location(project_id: str, guid: str) -> Response:
        return shelf.take(project_id, steps.remove_place(guid))

    return routes


def own_properties(service: Service, project_id: str) -> set[tuple[str, str]]:
    """(set, property) of all that the project defines."""
    sets = _properties(service).tree(project_id)["sets"]
    return {(one["name"], item["name"]) for one in sets for item in one["propertyDefinitions"]}


def property_routes(service: Service) -> Blueprint:
    """The project's own property sets."""
    routes = Blueprint("properties", __name__)
    libraries, shelf = service.libraries, _properties(service)

    @routes.get(f"{_PROJECT}/customProperties")
    def custom_properties(project_id: str) -> Response:
        return answer(shelf.shown(project_id))

    @routes.post(_SETS)
    def create_property_set(project_id: str) -> Response:
        new = steps.new_set(libraries.new_id(), _body())
        return shelf.created(project_id, steps.add_set(new), new)

    @routes.put(f"{_SETS}/<set_id>")
    def update_property_set(project_id: str, set_id: str) -> Response:
        return shelf.take(project_id, steps.change_set(set_id, _body()))

    @routes.delete(f"{_SETS}/<set_id>")
    def delete_property_set(project_id: str, set_id: str) -> Response:
        return shelf.take(project_id, steps.remove_set(set_id))

    @routes.post(f"{_SETS}/<set_id>/property")
    def create_property(project_id: str, set_id: str) -> Response:
        new = steps.new_definition(libraries.new_id(), _body())
        return shelf.created(project_id, steps.add_definition(set_id, new), new)

    @routes.put(f"{_SETS}/<set_id>/property/<property_id>")
    def update_property(project_id: str, set_id: str, property_id: str) -> Response:
        return shelf.take(project_id, steps.change_definition(set_id, property_id, _body()))

    @routes.delete(f"{_SETS}/<set_id>/property/<property_id>")
    def delete_property(project_id: str, set_id: str, property_id: str) -> Response:
        return shelf.take(project_id, steps.remove_definition(set_id, property_id))

    return routes


def type_routes(service: Service) -> Blueprint:
    """Product types."""
    routes = Blueprint("types", __name__)
    known, control = service.lookups, service.control
    shelf = _Shelf(
        service,
        _TYPES,
        lambda project: known.types(service.project(project), control.switches["type_shape"]),
    )
    at = f"{_PROJECT}/types"

    @routes.get(at)
    def types(project_id: str) -> Response:
        return answer(shelf.shown(project_id))

    @routes.post(f"{at}/<library>")
    def create_type(project_id: str, library: str) -> Response:
        new = steps.new_type(_body())
        told = {name.lower(): value for name, value in new.items()}
        return shelf.created(project_id, steps.add_type(library, new, _shaped), told)

    @routes.put(f"{at}/<library>/types/<guid>")
    def update_type(project_id: str, library: str, guid: str) -> Response:
        return shelf.take(project_id, steps.change_type(library, guid, _body()))

    @routes.delete(f"{at}/<library>/types/<guid>")
    def delete_type(project_id: str, library: str, guid: str) -> Response:
        return shelf.take(project_id, steps.remove_type(library, guid))

    def _shaped(new: Tree) -> Any:
        if control.switches["type_shape"] == "object":
            return dict(new)
        return [{"name": name, "value": value} for name, value in new.items()]

    return routes


LIBRARY_ROUTES = (
    codification_routes,
    material_routes,
    location_routes,
    property_routes,
    type_routes,
)


def _properties(service: Service) -> _Shelf:
    return _Shelf(
        service,
        _PROPERTIES,
        lambda project: service.lookups.custom_properties(
            service.project(project), service.control.switches["property_units"]
        ),
    )


def _body() -> Any:
    return request.get_json(silent=True)


def _found(items: list[Tree], guid: str, what: str) -> bytes:
    for item in items:
        if item["guid"] == guid:
            return json_bytes(item)
    raise Refused(404, "NotFound", f"There is no {what} {guid}.")
