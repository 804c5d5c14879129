"""Materials: single, layers, constituents, profiles and lists, of the element or its type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from takeoff.vendors.ifc.converter import Converter
from takeoff.vendors.ifc.links import Links
from takeoff.vendors.ifc.model import Entity, Model
from takeoff.vendors.ifc.values import Number, Value
from takeoff.vendors.ifc.warnings import Warnings


class MaterialPart(NamedTuple):
    """One material of an element. Thickness of a layer in metres; share between 0 and 1."""

    role: str
    material: str | None
    thickness_m: float | None
    share: float | None
    step_id: int


# Class -> attribute that leads to what it stands for.
_LEADS = {
    "IfcMaterialLayerSetUsage": "ForLayerSet",
    "IfcMaterialProfileSetUsage": "ForProfileSet",
    "IfcMaterialProfileSetUsageTapering": "ForProfileSet",
}
# Class -> its members.
_MEMBERS = {
    "IfcMaterialLayerSet": "MaterialLayers",
    "IfcMaterialConstituentSet": "MaterialConstituents",
    "IfcMaterialProfileSet": "MaterialProfiles",
    "IfcMaterialList": "Materials",
}


class Materials:
    """Looks materials up, each record once."""

    def __init__(
        self, model: Model, links: Links, converter: Converter, warnings: Warnings
    ) -> None:
        self._model, self._links = model, links
        self._converter, self._warnings = converter, warnings
        self._definitions: dict[int, int | None] = {}
        self._known: dict[int, list[MaterialPart]] = {}

    def of(self, step_id: int, type_id: int | None) -> list[MaterialPart]:
        """The element's own materials; if it has none, those of its type.

        What is associated twice, be it once as a usage, counts once.
        """
        for owner in (step_id, type_id):
            records = self._links.materials_of.get(owner or 0, [])
            definitions = dict.fromkeys(self._definition(record) for record in records)
            parts = [part for record in definitions for part in self._parts(record)]
            if parts:
                return parts
        return []

    def _definition(self, record: int) -> int | None:
        """What a usage stands for, anything else for itself; null if it leads to none."""
        if record not in self._definitions:
            entity = self._model.get(record)
            lead = None if entity is None else _LEADS.get(entity.cls.name)
            self._definitions[record] = record
            if entity is not None and lead is not None:
                self._definitions[record] = self._lead(entity, lead)
        return self._definitions[record]

    def _lead(self, entity: Entity, attribute: str) -> int | None:
        target = entity.ref(attribute)
        cls = None if target is None else self._model.cls(target)
        if cls is not None and cls.name in _MEMBERS:
            return target
        text = f"#{entity.step_id} ({entity.cls.name}) leads to no materials."
        self._warnings.add_once("reference_broken", entity.step_id, text, entity.step_id)
        return None

    def _parts(self, record: int | None) -> list[MaterialPart]:
        if record is None:
            return []
        if record not in self._known:
            self._known[record] = list(self._read(self._model.get(record)))
        return self._known[record]

    def _read(self, entity: Entity | None) -> Iterator[MaterialPart]:
        if entity is None:
            return
        name = entity.cls.name
        if name in _MEMBERS:
            for ref in entity.refs(_MEMBERS[name]):
                member = self._model.get(ref)
                if member is not None:
                    yield self._member(member, "list" if name == "IfcMaterialList" else None)
        else:
            yield self._member(entity, None)

    def _member(self, entity: Entity, role: str | None) -> MaterialPart:
        cls = entity.cls
        if cls.name == "IfcMaterial":
            return MaterialPart(role or "single", entity.text("Name"), None, None, entity.step_id)
        material = self._model.get(entity.ref("Material"))
        name = None if material is None else material.text("Name")
        if cls.is_a("IfcMaterialLayer"):
            thickness_m = self._converter.length_m(entity["LayerThickness"])
            return MaterialPart("layer", name, thickness_m, None, entity.step_id)
        if cls.is_a("IfcMaterialConstituent"):
            share = _share(entity["Fraction"])
            return MaterialPart("constituent", name, None, share, entity.step_id)
        return MaterialPart("profile", name, None, None, entity.step_id)


def _share(value: Value) -> float | None:
    share = float(value) if isinstance(value, Number) else None
    return share if share is not None and 0 <= share <= 1 else None
