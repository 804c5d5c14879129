"""The catalogue of attributes: the vendor's own, and those that the models have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from takeoff.sandbox.bimplus import units
from takeoff.sandbox.bimplus.content import Objects
from takeoff.sandbox.bimplus.vocabulary import (
    ELEMENT_NAME,
    ELEMENT_TYPE,
    IFC_ID,
    MATERIAL,
    QUANTITIES,
    own_id,
)
from takeoff.sandbox.switches import Switches

_TAKEOFF = own_id("attribute group", "Quantity Take Off")
_TEXTS = {
    ELEMENT_TYPE: "Element Type",
    ELEMENT_NAME: "Element Name",
    MATERIAL: "Material",
    IFC_ID: "IFC id",
}


@dataclass(frozen=True)
class Attribute:
    """One entry; `unit` as it is written, null if it has none."""

    id: str
    name: str | None
    type: str
    group: str
    group_name: str
    unit: str | None

    def shown(self) -> dict[str, Any]:
        """As the service writes it: limits are text, yes is 1."""
        told: dict[str, Any] = {
            "id": self.id,
            "name": self.name,
            "description": "",
            "parent": self.group,
            "type": self.type,
            "minvalue": None,
            "defaultvalue": None,
            "decimal": 2 if self.type == "double" else 0,
            "visible": 1,
            "changeable": 0,
            "controltype": "CheckBox" if self.type == "boolean" else "TextBox",
        }
        if self.unit is not None:
            told |= {"unitid": units.unit_id(self.unit), "unit": self.unit}
            told |= {"optionalsymbol": self.unit}
        return told


def known_attributes(models: Iterable[Objects], switches: Switches) -> dict[str, Attribute]:
    """By their ids: those of the Quantity Take Off view, then those of these models."""
    known = {one.id: one for one in _takeoff(switches)}
    for objects in models:
        renderer = objects.renderer(switches)
        for number, one in enumerate(objects.attributes.definitions):
            group = one.group if one.is_set else own_id("attribute group", one.group)
            unit = renderer.unit(number)
            attribute = Attribute(one.id, one.name, one.type, group, one.group_text, unit)
            known.setdefault(one.id, attribute)
    return known


def groups(known: dict[str, Attribute]) -> list[dict[str, Any]]:
    """The groups of these attributes."""
    found = {one.group: one.group_name for one in known.values()}
    return [{"id": group, "name": name} for group, name in found.items()]


def _takeoff(switches: Switches) -> Iterable[Attribute]:
    length = "m" if switches["bimplus_lengths"] == "m" else "mm"
    symbols = {"length": length, "area": "m2", "volume": "m3"}
    for words, identity, kind in QUANTITIES.values():
        unit = units.written(symbols[kind], switches["bimplus_symbols"])
        yield Attribute(identity, words, "double", _TAKEOFF, "Quantity Take Off", unit)
    for identity, words in _TEXTS.items():
        yield Attribute(identity, words, "string", _TAKEOFF, "Quantity Take Off", None)
