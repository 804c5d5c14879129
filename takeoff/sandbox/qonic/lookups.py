"""What belongs to a project rather than a product: codes, materials, places, definitions, types."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from takeoff.sandbox.qonic import sql
from takeoff.sandbox.qonic.answers import Refused, handle
from takeoff.sandbox.qonic.catalogue import Project
from takeoff.sandbox.qonic.model import library_handle

# From the outside in: a location's children are listed by this order, then by name.
_KINDS = ("site", "building", "storey", "space")
_DATA_TYPES = {"text": "String", "number": "Real", "flag": "Boolean"}


def codifications(project: Project) -> list[dict[str, Any]]:
    """The libraries of all codes in the project, without their codes."""
    return [{key: library[key] for key in library if key != "codes"} for library in _codes(project)]


def codification(project: Project, guid: str) -> dict[str, Any]:
    """One library with its codes. Raises: Refused with 404."""
    return _found(_codes(project), guid, "codification library")


def material_libraries(project: Project) -> list[dict[str, Any]]:
    """One library a model: every material that it names."""
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


def material_library(project: Project, guid: str) -> dict[str, Any]:
    """One of them. Raises: Refused with 404."""
    return _found(material_libraries(project), guid, "material library")


def locations(project: Project) -> list[dict[str, Any]]:
    """The sites of all models as trees; what models share is there once, by its GUID."""
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


def custom_properties(project: Project, property_units: str) -> dict[str, Any]:
    """The property sets of all models, with the unit that product queries give numbers in.

    `property_units` is where that switch stands.
    """
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


def types(project: Project) -> dict[str, list[Any]]:
    """The types of every model, under the model's name."""
    return {
        model.name: [
            [{"name": "Name", "value": row["name"]}, {"name": "Guid", "value": row["ifc_guid"]}]
            for row in model.rows(sql.TYPES)
        ]
        for model in project.models
    }


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
