"""How a project's libraries are changed: each step is taken on the tree that an answer is made of.

A step raises Refused, with 404 for what there is not; then it has changed nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import uuid4

from takeoff.sandbox.qonic.answers import Refused, handle
from takeoff.sandbox.qonic.libraries import Step, Tree

_PLACES = (
    "Site Building Floor Space Bridge MarineFacility Railway Road BridgePart FacilityPartCommon "
    "MarinePart RailwayPart RoadPart Facility ExternalSpatialElement"
).split()
_TYPES = ("String", "Integer", "Real", "Boolean", "Enumerated")


def new_guid() -> str:
    return handle("new", str(uuid4()))


def members(body: Any, *needed: str) -> dict[str, Any]:
    """The body by lower-case names: clients write them in either case. Raises: Refused, 400."""
    if not isinstance(body, dict):
        raise Refused(400, "InvalidBody", "The body is a JSON object.")
    found = {key.lower(): value for key, value in body.items()}
    for name in needed:
        if not isinstance(found.get(name.lower()), str) or not found[name.lower()]:
            raise Refused(400, "InvalidBody", f"{name} is missing.", name)
    return found


# Classification systems.


def new_system(body: Any) -> Tree:
    told = members(body, "name")
    keys = ("name", "description", "type", "source", "edition")
    return {"guid": new_guid(), **{key: told.get(key) for key in keys}, "codes": None}


def new_code(body: Any) -> Tree:
    told = members(body, "identification", "name")
    return {
        "guid": new_guid(),
        "identification": told["identification"],
        "name": told["name"],
        "description": told.get("description"),
        "parentId": told.get("parentid"),
    }


def add_system(system: Tree) -> Step:
    return lambda tree: tree["codificationLibraries"].append(dict(system))


def remove_system(guid: str) -> Step:
    return lambda tree: _remove(tree["codificationLibraries"], guid, "codification library")


def add_code(library: str, code: Tree) -> Step:
    def step(tree: Tree) -> None:
        system = _found(tree["codificationLibraries"], library, "codification library")
        codes = system["codes"] or []
        if any(one["identification"] == code["identification"] for one in codes):
            raise Refused(400, "CodeExists", f"There is a code {code['identification']} already.")
        if code["parentId"] is not None:
            _found(codes, code["parentId"], "code")
        system["codes"] = [*codes, dict(code)]

    return step


def change_code(library: str, guid: str, body: Any) -> Step:
    told = members(body)
    keys = {"identification": "identification", "name": "name", "description": "description"}
    return lambda tree: _change(
        _found(_system_codes(tree, library), guid, "code"), told, {**keys, "parentid": "parentId"}
    )


def remove_code(library: str, guid: str) -> Step:
    def step(tree: Tree) -> None:
        system = _found(tree["codificationLibraries"], library, "codification library")
        codes = list(_system_codes(tree, library))
        _remove(codes, guid, "code")
        system["codes"] = codes or None

    return step


# Materials: an array of arrays of name/value pairs.


def new_material_library(body: Any) -> Tree:
    return {"guid": new_guid(), "name": members(body, "name")["name"], "properties": []}


def new_material(body: Any) -> list[Tree]:
    told = members(body, "name")
    rest = {key: value for key, value in body.items() if key.lower() not in ("name", "guid")}
    return _pairs({"Name": told["name"], "Guid": new_guid(), **_capital(rest)})


def add_material_library(library: Tree) -> Step:
    return lambda tree: tree["materialProperties"].append({**library, "properties": []})


def remove_material_library(guid: str) -> Step:
    return lambda tree: _remove(tree["materialProperties"], guid, "material library")


def add_material(library: str, material: list[Tree]) -> Step:
    def step(tree: Tree) -> None:
        found = _found(tree["materialProperties"], library, "material library")
        found["properties"].append(material)

    return step


def change_material(library: str, guid: str, body: Any) -> Step:
    members(body)

    def step(tree: Tree) -> None:
        materials = _found(tree["materialProperties"], library, "material library")["properties"]
        at = _at(materials, guid)
        materials[at] = _pairs({**_values(materials[at]), **_capital(body), "Guid": guid})

    return step


def remove_material(library: str, guid: str) -> Step:
    def step(tree: Tree) -> None:
        materials = _found(tree["materialProperties"], library, "material library")["properties"]
        del materials[_at(materials, guid)]

    return step


# Places.


def new_place(body: Any) -> Tree:
    told = members(body, "name", "type")
    if told["type"] not in _PLACES:
        raise Refused(400, "InvalidType", f"There is no place of type {told['type']}.", "type")
    pairs = _pairs({"Guid": new_guid(), "Type": told["type"]})
    return {"name": told["name"], "children": [], "properties": pairs}


def add_place(place: Tree, parent: Any) -> Step:
    def step(tree: Tree) -> None:
        own = {**place, "children": []}
        if parent is None:
            tree["locationViews"].append(own)
            return
        siblings, at = _place(tree["locationViews"], str(parent))
        siblings[at]["children"].append(own)

    return step


def change_place(guid: str, body: Any) -> Step:
    told = members(body)

    def step(tree: Tree) -> None:
        siblings, at = _place(tree["locationViews"], guid)
        place = siblings[at]
        place["name"] = told.get("name", place["name"])
        rest = {k: v for k, v in body.items() if k.lower() not in ("name", "guid", "parentguid")}
        place["properties"] = _pairs({**_values(place["properties"]), **_capital(rest)})

    return step


def remove_place(guid: str) -> Step:
    def step(tree: Tree) -> None:
        siblings, at = _place(tree["locationViews"], guid)
        del siblings[at]

    return step


# The project's own properties.


def new_set(number: int, body: Any) -> Tree:
    told = members(body, "name")
    return {
        "id": number,
        "name": told["name"],
        "entityTypes": _entities(told.get("entitytypes")),
        "propertyDefinitions": [],
    }


def new_definition(number: int, body: Any) -> Tree:
    told = members(body, "name", "dataType")
    if told["datatype"] not in _TYPES:
        raise Refused(400, "InvalidDataType", f"A dataType is one of {', '.join(_TYPES)}.")
    return {
        "id": number,
        "guid": new_guid(),
        "name": told["name"],
        "dataType": told["datatype"],
        "measureType": told.get("measuretype"),
        "unitName": told.get("unitname"),
    }


def add_set(new: Tree) -> Step:
    def step(tree: Tree) -> None:
        if any(one["name"] == new["name"] for one in tree["sets"]):
            raise Refused(400, "SetExists", f"There is a property set {new['name']} already.")
        tree["sets"].append({**new, "propertyDefinitions": []})

    return step


def change_set(number: str, body: Any) -> Step:
    told = members(body)
    if "entitytypes" in told:
        told["entitytypes"] = _entities(told["entitytypes"])
    keys = {"name": "name", "entitytypes": "entityTypes"}
    return lambda tree: _change(_numbered(tree["sets"], number, "property set"), told, keys)


def remove_set(number: str) -> Step:
    return lambda tree: tree["sets"].remove(_numbered(tree["sets"], number, "property set"))


def add_definition(set_number: str, new: Tree) -> Step:
    def step(tree: Tree) -> None:
        found = _numbered(tree["sets"], set_number, "property set")
        found["propertyDefinitions"].append(dict(new))

    return step


def change_definition(set_number: str, number: str, body: Any) -> Step:
    told = members(body)
    names = ("name", "dataType", "measureType", "unitName")
    keys = {name.lower(): name for name in names}

    def step(tree: Tree) -> None:
        listed = _numbered(tree["sets"], set_number, "property set")["propertyDefinitions"]
        _change(_numbered(listed, number, "property"), told, keys)

    return step


def remove_definition(set_number: str, number: str) -> Step:
    def step(tree: Tree) -> None:
        listed = _numbered(tree["sets"], set_number, "property set")["propertyDefinitions"]
        listed.remove(_numbered(listed, number, "property"))

    return step


# Product types, by the name of their library.


def new_type(body: Any) -> Tree:
    return {"Name": members(body, "name")["name"], "Guid": new_guid()}


def add_type(library: str, new: Tree, shape: Callable[[Tree], Any]) -> Step:
    return lambda tree: _library_types(tree, library).append(shape(new))


def change_type(library: str, guid: str, body: Any) -> Step:
    told = members(body)

    def step(tree: Tree) -> None:
        listed = _library_types(tree, library)
        at = _at(listed, guid)
        changed = {
            **_values(listed[at]),
            **_capital({k: v for k, v in told.items() if k == "name"}),
        }
        listed[at] = changed if isinstance(listed[at], dict) else _pairs(changed)

    return step


def remove_type(library: str, guid: str) -> Step:
    def step(tree: Tree) -> None:
        listed = _library_types(tree, library)
        del listed[_at(listed, guid)]

    return step


def _found(items: list[Tree], guid: str, what: str) -> Tree:
    for item in items:
        if item["guid"] == guid:
            return item
    raise _unknown(what, guid)


def _remove(items: list[Tree], guid: str, what: str) -> None:
    items.remove(_found(items, guid, what))


def _numbered(items: list[Tree], number: str, what: str) -> Tree:
    for item in items:
        if str(item["id"]) == number:
            return item
    raise _unknown(what, number)


def _system_codes(tree: Tree, library: str) -> list[Tree]:
    found = _found(tree["codificationLibraries"], library, "codification library")
    codes: list[Tree] = found["codes"] or []
    return codes


def _library_types(tree: Tree, library: str) -> list[Any]:
    if library not in tree["typesPerLibrary"]:
        raise _unknown("type library", library)
    listed: list[Any] = tree["typesPerLibrary"][library]
    return listed


def _place(views: list[Tree], guid: str) -> tuple[list[Tree], int]:
    """The list that the place is in, and where."""
    for siblings in _lists(views):
        for at, view in enumerate(siblings):
            if _values(view["properties"]).get("Guid") == guid:
                return siblings, at
    raise _unknown("location", guid)


def _lists(views: list[Tree]) -> Iterator[list[Tree]]:
    yield views
    for view in views:
        yield from _lists(view["children"])


def _at(items: list[Any], guid: str) -> int:
    for at, item in enumerate(items):
        if _values(item).get("Guid") == guid:
            return at
    raise _unknown("item", guid)


def _change(item: Tree, told: Mapping[str, Any], keys: Mapping[str, str]) -> None:
    for name, key in keys.items():
        if name in told:
            item[key] = told[name]


def _values(pairs: Any) -> dict[str, Any]:
    if isinstance(pairs, dict):
        return dict(pairs)
    return {pair["name"]: pair["value"] for pair in pairs}


def _pairs(values: Mapping[str, Any]) -> list[Tree]:
    return [{"name": name, "value": value} for name, value in values.items()]


def _capital(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name[:1].upper() + name[1:]: value for name, value in values.items()}


def _entities(given: Any) -> list[str]:
    """The vendor's own client sends objects with the member Value."""
    items = given if isinstance(given, list) else []
    return [
        str(members(item).get("value")) if isinstance(item, dict) else str(item) for item in items
    ]


def _unknown(what: str, guid: str) -> Refused:
    return Refused(404, "NotFound", f"There is no {what} {guid}.")
