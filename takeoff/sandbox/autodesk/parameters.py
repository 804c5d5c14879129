"""The parameters that the authoring program itself gives: what they are called, and their keys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from takeoff.sandbox.autodesk.ids import field_key


@dataclass(frozen=True)
class Field:
    """A line of a fields file without its key. `category` and `uom` may be null."""

    category: str | None
    name: str
    type: str
    uom: str | None = None


# By the names that our SQL knows them by.
PARAMETERS = {
    "name": Field("__name__", "name", "String"),
    "category": Field("__category__", "Category", "String"),
    "rc": Field("__category__", "_RC", "String"),
    "rfn": Field("__category__", "_RFN", "String"),
    "rft": Field("__category__", "_RFT", "String"),
    "category_id": Field("__categoryId__", "CategoryId", "Integer"),
    "parent": Field("__parent__", "parent", "DbKey"),
    "instance_of": Field("__instanceof__", "instanceof_objid", "DbKey"),
    "level_key": Field("__internalref__", "Level", "DbKey"),
    "element_number": Field("__revit__", "ElementId", "String"),
    "schema_name": Field("__document__", "schema_name", "String"),
    "schema_version": Field("__document__", "schema_version", "String"),
    "is_doc_property": Field("__document__", "is_doc_property", "Boolean"),
    "project_name": Field("Other", "Project Name", "String"),
    "level": Field("Constraints", "Level", "String"),
    "base_constraint": Field("Constraints", "Base Constraint", "String"),
    "base_level": Field("Constraints", "Base Level", "String"),
    "elevation": Field("Constraints", "Elevation", "Double"),
    "mark": Field("Identity Data", "Mark", "String"),
    "type_name": Field("Identity Data", "Type Name", "String"),
    "assembly_code": Field("Identity Data", "Assembly Code", "String"),
    "assembly_title": Field("Identity Data", "Assembly Description", "String"),
    "omniclass_code": Field("Identity Data", "OmniClass Number", "String"),
    "omniclass_title": Field("Identity Data", "OmniClass Title", "String"),
    "material": Field("Materials and Finishes", "Structural Material", "String"),
    "phase": Field("Phasing", "Phase Created", "String"),
    "function": Field("Construction", "Function", "String"),
    "load_bearing": Field("Structural", "Structural", "Boolean"),
    "system": Field("Mechanical", "System Name", "String"),
    "discipline": Field("Graphics", "Discipline", "String"),
    "ifc_guid": Field("IFC Parameters", "IfcGUID", "String"),
    "ifc_class": Field("IFC Parameters", "Export to IFC As", "String"),
    "ifc_type": Field("IFC Parameters", "IFC Predefined Type", "String"),
}
# Values that change when other rows do; they are kept out of the hash.
VOLATILE = ("__parent__", "__instanceof__")

_GERMAN = {
    "Constraints": "Abhängigkeiten",
    "Identity Data": "ID-Daten",
    "Materials and Finishes": "Materialien und Oberflächen",
    "Phasing": "Phasen",
    "Construction": "Konstruktion",
    "Structural": "Tragwerk",
    "Mechanical": "HLS",
    "Graphics": "Grafiken",
    "Other": "Sonstige",
    "IFC Parameters": "IFC-Parameter",
    "Level": "Ebene",
    "Base Constraint": "Abhängigkeit unten",
    "Base Level": "Basisebene",
    "Elevation": "Ansicht",
    "Mark": "Kennzeichen",
    "Type Name": "Typname",
    "Assembly Code": "Baugruppenkennzeichen",
    "Assembly Description": "Baugruppenbeschreibung",
    "OmniClass Number": "OmniClass-Nummer",
    "OmniClass Title": "OmniClass-Titel",
    "Structural Material": "Tragwerksmaterial",
    "Phase Created": "Phase erstellt",
    "Function": "Funktion",
    "System Name": "Systemname",
    "Discipline": "Disziplin",
    "Project Name": "Projektname",
    "Export to IFC As": "Export nach IFC als",
    "IFC Predefined Type": "Vordefinierter IFC-Typ",
}
# The IFC reader of the service has a category of its own for what an IFC file states.
_IFC = {"ifc_guid": "IFC", "ifc_class": "IFC", "ifc_type": "IFC", "level": "IFC"}

# (category, name, uom): the keys that these fields have in every model.
_REAL: dict[tuple[str | None, str, str | None], str] = {
    ("__name__", "name", None): "p153cb174",
    ("__category__", "Category", None): "p5eddc473",
    ("__category__", "_RC", None): "p20d8441e",
    ("__category__", "_RFN", None): "p30db51f9",
    ("__category__", "_RFT", None): "p13b6b3a0",
    ("__categoryId__", "CategoryId", None): "pa7275c45",
    ("__parent__", "parent", None): "p93e93af5",
    ("__instanceof__", "instanceof_objid", None): "p6a81eafd",
    ("__revit__", "ElementId", None): "pedfa76dc",
    ("__document__", "schema_name", None): "p74a9a490",
    ("__document__", "schema_version", None): "p137c14f2",
    ("__document__", "is_doc_property", None): "p1490bcea",
    ("Identity Data", "Design Option", None): "p00723fa6",
    ("Identity Data", "Assembly Description", None): "p63ed81bb",
    ("Identity Data", "Assembly Code", None): "p54217060",
    ("Identity Data", "OmniClass Number", None): "pdbc25565",
    ("Identity Data", "OmniClass Title", None): "pc9829743",
    ("Identity Data", "Type Name", None): "p09faf620",
    ("Identity Data", "Mark", None): "p8d70f1c5",
    ("Materials and Finishes", "Structural Material", None): "p6637df3c",
    ("Materials and Finishes", "Concrete compression", "kip/inch^2"): "p8e7b8610",
    ("Dimensions", "Ht", "ft"): "p69a0daab",
    ("Dimensions", "Computation Height", "ft"): "p1d45bc4f",
    ("Dimensions", "Length", "ft"): "p15f8f5ec",
    ("Dimensions", "Perimeter", "ft"): "p78f04c1e",
    ("Dimensions", "Area", "ft^2"): "p10f4572e",
    ("Dimensions", "Volume", "ft^3"): "p188478f2",
    ("Constraints", "Elevation", "ft"): "pdf1348b1",
    ("Constraints", "Elevation from Level", "ft"): "p1b2aabe1",
    ("Constraints", "Story Above", None): "p9513b772",
    ("Constraints", "Level", None): "p01bbdcf2",
    ("Constraints", "Base Constraint", None): "pebcd7501",
    ("Constraints", "Top Constraint", None): "p9da42bf1",
    ("Constraints", "Base Level", None): "pddd761c6",
    ("Constraints", "Top Level", None): "pbadfe721",
    ("Structural", "Cut Length", "ft"): "p7eba89fd",
    ("Extents", "Scope Box", None): "pe01bd7ef",
    ("Phasing", "Phase Created", None): "p3c57b64e",
    ("Phasing", "Phase Demolished", None): "pee815a7f",
    ("Other", "Project Name", None): "pbf75ced9",
    ("Other", "Project Number", None): "p8213f1ad",
    ("Other", "Client Name", None): "p50756a0d",
    ("Other", "Project Address", None): "p32791eb0",
    ("Other", "Project Issue Date", None): "pe8094f29",
}
# With another type a field is another one.
_REAL_TYPES = {
    "CategoryId": "Integer",
    "parent": "DbKey",
    "instanceof_objid": "DbKey",
    "is_doc_property": "Boolean",
}


def parameter(name: str, language: str, source: str) -> Field:
    """The field of PARAMETERS as a model of this language and source has it."""
    field = PARAMETERS[name]
    if source == "ifc" and name in _IFC:
        return Field(_IFC[name], field.name, field.type)
    if language == "de" and not (field.category or "").startswith("__"):
        category = _GERMAN.get(field.category or "", field.category)
        return Field(category, _GERMAN.get(field.name, field.name), field.type)
    return field


def keys(fields: Iterable[Field]) -> dict[Field, str]:
    """A key for each; the same for the same field in every model."""
    given: dict[str, Field] = {}
    for field in fields:
        attempt = 0
        key = _real_key(field) or field_key(*_parts(field), attempt)
        while given.setdefault(key, field) != field:
            attempt += 1
            key = field_key(*_parts(field), attempt)
    return {field: key for key, field in given.items()}


def _real_key(field: Field) -> str | None:
    type_ = _REAL_TYPES.get(field.name, "String" if field.uom is None else "Double")
    if field.type != type_:
        return None
    return _REAL.get((field.category, field.name, field.uom))


def _parts(field: Field) -> tuple[str | None, str, str, str | None]:
    return field.category, field.name, field.type, field.uom
