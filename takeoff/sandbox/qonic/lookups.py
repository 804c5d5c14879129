"""What belongs to a project rather than a product: codes, materials, places, definitions, types."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from takeoff.sandbox.qonic import sql
from takeoff.sandbox.qonic.answers import Refused, handle, json_bytes
from takeoff.sandbox.qonic.catalogue import Project
from takeoff.sandbox.qonic.model import library_handle

# From the outside in: a location's children are listed by this order, then by name.
_KINDS = ("site", "building", "storey", "space")
_DATA_TYPES = {"text": "String", "number": "Real", "flag": "Boolean"}


class Lookups:
    """The look-ups of every project as encoded answers, each worked out once.

    Safe to share by threads. Raises, from any member: LakeUnusable if the lake's files are damaged.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[tuple[str, ...], bytes] = {}

    def codifications(self, project: Project, *, with_codes: bool) -> bytes:
        """The libraries of all codes in the project; older services list their codes as well."""
        keys = ("guid", "name", "edition", *(("codes",) if with_codes else ()))

        def listed() -> Any:
            libraries = _codes(project)
            return {"codificationLibraries": [{k: one[k] for k in keys} for one in libraries]}

        return self._once(("codifications", _key(project), str(with_codes)), listed)

    def codification(self, project: Project, guid: str) -> bytes:
        """One library with its codes. Raises: Refused with 404."""
        key = ("codification", _key(project), guid)
        return self._once(key, lambda: _found(_codes(project), guid, "codification library"))

    def material_libraries(self, project: Project) -> bytes:
        """One library a model: every material that it names."""
        key = ("material libraries", _key(project))
        return self._once(key, lambda: {"materialProperties": _materials(project)})

    def material_library(self, project: Project, guid: str) -> bytes:
        """One of them. Raises: Refused with 404."""
        key = ("material library", _key(project), guid)
        return self._once(key, lambda: _found(_materials(project), guid, "material library"))

    def locations(self, project: Project) -> bytes:
        """The sites of all models as trees; what models share is there once, by its GUID."""
        key = ("locations", _key(project))
        return self._once(key, lambda: {"locationViews": _locations(project)})

    def custom_properties(self, project: Project, property_units: str) -> bytes:
        """The property sets of all models, with the unit that product queries give numbers in.

        `property_units` is where that switch stands.
        """
        key = ("custom properties", _key(project), property_units)
        return self._once(key, lambda: _custom_properties(project, property_units))

    def types(self, project: Project, shape: str) -> bytes:
        """The types of every model, under the model's name; `shape` as that switch stands."""
        key = ("types", _key(project), shape)
        return self._once(key, lambda: {"typesPerLibrary": _types(project, shape)})

    def _once(self, key: tuple[str, ...], make: Callable[[], Any]) -> bytes:
        with self._lock:
            if key not in self._known:
                self._known[key] = json_bytes(make())
            return self._known[key]


def _key(project: Project) -> str:
    """Another one once the project has another model."""
    return "/".join((project.number, *(model.number for model in project.models)))


def _materials(project: Project) -> list[dict[str, Any]]:
    return [
        {
            "guid": handle("materials", project.number, model.number),
            "name": model.name,
            "properties": [
                [
                    {"name": "Name", "value": row["material"]},
                    {"name": "Guid", "value": handle("material", model.number, row["material"])},
                ]
                for row in model.rows(sql.MATERIALS)
            ],
        }
        for model in project.models
    ]


def _locations(project: Project) -> list[dict[str, Any]]:
    by_id: dict[str, dict[str, Any]] = {}
    for model in project.models:
        for row in model.rows(sql.LOCATIONS):
            if row["kind"] in _KINDS:
                by_id.setdefault(row["location_id"], row)
    ordered = sorted(by_id.values(), key=lambda row: _KINDS.index(row["kind"]))
    views = {row["location_id"]: _view(row) for row in ordered}
    roots: list[dict[str, Any]] = []
    for row in ordered:
        parent = views.get(row["parent_id"])
        siblings = roots if parent is None else parent["children"]
        siblings.append(views[row["location_id"]])
    return roots


def _custom_properties(project: Project, property_units: str) -> dict[str, Any]:
    sets: dict[str, dict[tuple[str, str | None], dict[str, Any]]] = {}
    classes: dict[str, set[str]] = {}
    for model in project.models:
        for row in model.rows(sql.DEFINITIONS):
            unit = row["unit"] if property_units == "as_written" else row["si_unit"] or row["unit"]
            known = sets.setdefault(row["set_name"], {})
            known.setdefault((row["name"], unit), {**row, "unit": unit})
            if row["ifc_class"] is not None:
                classes.setdefault(row["set_name"], set()).add(f"Ifc{row['ifc_class']}")
    return {
        "libraryId": int(project.number),
        "sets": [
            {
                "id": number,
                "name": name,
                "entityTypes": sorted(classes.get(name, ())),
                "propertyDefinitions": list(_definitions(project, name, known.values())),
            }
            for number, (name, known) in enumerate(sorted(sets.items()), start=1)
        ],
    }


def _types(project: Project, shape: str) -> dict[str, list[Any]]:
    def shown(row: dict[str, Any]) -> Any:
        told = {"Name": row["name"], "Guid": row["ifc_guid"]}
        return told if shape == "object" else [{"name": k, "value": v} for k, v in told.items()]

    return {model.name: [shown(row) for row in model.rows(sql.TYPES)] for model in project.models}


def _codes(project: Project) -> Sequence[dict[str, Any]]:
    libraries: dict[str, dict[str, Any]] = {}
    for model in project.models:
        for row in model.rows(sql.CODES):
            guid = library_handle(row["system"], row["edition"])
            library = libraries.setdefault(guid, _library(guid, row))
            known = library["codes"]
            known.setdefault(row["code"], _code(guid, row))
    return [{**library, "codes": list(library["codes"].values())} for library in libraries.values()]


def _library(guid: str, row: dict[str, Any]) -> dict[str, Any]:
    return {"guid": guid, "name": row["system"], "edition": row["edition"], "codes": {}}


def _code(library: str, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "guid": handle("code", library, row["code"]),
        "identification": row["code"],
        "name": row["title"],
        "parentId": None,
    }


def _view(row: dict[str, Any]) -> dict[str, Any]:
    told = [{"name": "Guid", "value": row["location_id"]}]
    if row["long_name"] is not None:
        told.append({"name": "LongName", "value": row["long_name"]})
    return {"name": row["name"], "children": [], "properties": told}


def _definitions(
    project: Project, set_name: str, rows: Iterable[dict[str, Any]]
) -> Iterable[dict[str, Any]]:
    for number, row in enumerate(rows, start=1):
        yield {
            "id": number,
            "guid": handle("property", project.number, set_name, row["name"], row["unit"]),
            "name": row["name"],
            "dataType": _DATA_TYPES.get(row["value_kind"], "String"),
            "measureType": row["kind"],
            "unitName": row["unit"],
        }


def _found(items: Iterable[dict[str, Any]], guid: str, what: str) -> dict[str, Any]:
    for item in items:
        if item["guid"] == guid:
            return item
    raise Refused(404, "NotFound", f"There is no {what} {guid}.")
