"""The element rows: which records become elements, their ids, roles, places and names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from takeoff.vendors.ifc.links import Links, rings
from takeoff.vendors.ifc.model import Entity, Model, text_of
from takeoff.vendors.ifc.schema import EntityClass
from takeoff.vendors.ifc.spatial import Places
from takeoff.vendors.ifc.values import parse, unescaped
from takeoff.vendors.ifc.warnings import Warnings

_GUID = re.compile(r"[0-3][0-9A-Za-z_$]{21}")
_AUTHORED = re.compile(r".+:.+:(\d+)")
_FIRST_STRING = re.compile(rb"\(\s*'((?:[^']|'')*)'")


@dataclass(frozen=True)
class Elements:
    """Ids and numbers of all element rows by STEP id, in STEP-id order.

    `rings` are those that are parts of themselves, through others or at once.
    """

    ids: dict[int, str]
    numbers: dict[int, int]
    roles: dict[int, str]
    guids: dict[int, str | None]
    rings: set[int]

    def key(self, step_id: int) -> tuple[str, int] | None:
        """(element_id, element_no) of a record; null if it has no element row."""
        number = self.numbers.get(step_id)
        return None if number is None else (self.ids[step_id], number)


def find_elements(model: Model, links: Links) -> Elements:
    """All records that become element rows, numbered in STEP-id order."""
    steps = model.ids("IfcProduct", "IfcTypeObject")
    guids = {step_id: _guid(model.kept[step_id][1]) for step_id in steps}
    numbers = {step_id: no for no, step_id in enumerate(steps)}
    kinds = {step_id: _kind(model.kept[step_id][0]) for step_id in steps}
    wholes = {step_id: whole for step_id in steps if (whole := _whole(step_id, model, links))}
    ringed = rings(wholes)
    roles = {
        step_id: _role(kind, kinds.get(wholes.get(step_id, 0)), step_id in ringed)
        for step_id, kind in kinds.items()
    }
    return Elements(_ids(guids), numbers, roles, guids, ringed)


def _ids(guids: Mapping[int, str | None]) -> dict[int, str]:
    """element_id by STEP id, unique whatever the texts are.

    The GlobalId if no other has it, else `GlobalId~n` with n from 1; `#<STEP id>` if there is none,
    or if its text is one that has been given to another so.
    """
    counts = Counter(guids.values())
    seen: Counter[str] = Counter()
    ids = {}
    for step_id, guid in guids.items():
        if guid is not None and counts[guid] > 1:
            seen[guid] += 1
            ids[step_id] = f"{guid}~{seen[guid]}"
    given = set(ids.values())
    for step_id, guid in guids.items():
        if step_id not in ids:
            free = guid is not None and guid not in given and not guid.startswith("#")
            ids[step_id] = guid if guid is not None and free else f"#{step_id}"
    return ids


def _guid(arguments: bytes) -> str | None:
    found = _FIRST_STRING.match(arguments)
    if found is not None:
        return unescaped(found[1].decode("utf-8", "replace")) or None
    first = next(iter(parse(arguments)), None) if b"/*" in arguments else None
    return text_of(first)


def _whole(step_id: int, model: Model, links: Links) -> int | None:
    """What the element is a part of; for a feature that adds, be it only its host."""
    whole = links.whole_of.get(step_id)
    if whole is None and model.kept[step_id][0].is_a("IfcFeatureElement"):
        whole = links.host_of.get(step_id)
    return whole


def _kind(cls: EntityClass) -> str:
    """The role that the class gives, `element` for what is physical or a part."""
    if cls.is_a("IfcTypeObject"):
        return "type"
    if cls.is_a("IfcSpace", "IfcSpatialZone"):
        return "space"
    if cls.is_a("IfcSpatialStructureElement", "IfcSpatialElement"):
        return "location"
    if cls.is_a("IfcFeatureElementSubtraction"):
        return "opening"
    if not cls.is_a("IfcElement") or cls.is_a("IfcVirtualElement", "IfcPort"):
        return "annotation"
    return "element"


def _role(kind: str, whole: str | None, is_ringed: bool) -> str:
    """A part is counted with its whole: only if that is counted, itself or with its own whole."""
    if kind != "element":
        return kind
    return "part" if whole == "element" and not is_ringed else "physical"


def warn_of_ids(model: Model, elements: Elements, warnings: Warnings) -> None:
    """One warning for each element whose GlobalId is missing, invalid or not its own.

    Of broken records it is said already that they are.
    """
    broken = {record.step_id for record in model.broken}
    counts = Counter(elements.guids.values())
    for step_id, guid in elements.guids.items():
        key = elements.key(step_id)
        if guid is None and step_id in broken:
            continue
        if guid is None:
            text = f"#{step_id} has no GlobalId; it goes by its STEP id."
            warnings.add("guid_missing", text, step_id, key)
            continue
        if counts[guid] > 1:
            text = f"#{step_id} is one of {counts[guid]} elements with the GlobalId {guid}."
            warnings.add("guid_repeated", text, step_id, key)
        if not _GUID.fullmatch(guid):
            text = f"#{step_id} has the GlobalId {guid!r}, which is not one by the rules of IFC."
            warnings.add("guid_invalid", text, step_id, key)


def ifc_class(cls: EntityClass) -> str:
    """IfcWallStandardCase -> Wall."""
    name = cls.name.removeprefix("Ifc")
    return name.removesuffix("StandardCase").removesuffix("ElementedCase")


@dataclass(frozen=True)
class CommonValues:
    """What standard property sets say of an element; null if they do not."""

    is_external: bool | None = None
    load_bearing: bool | None = None
    phase: str | None = None

    def filled_from(self, other: CommonValues) -> CommonValues:
        """These values, with the other's where these are null."""
        external, bearing = self.is_external, self.load_bearing
        return CommonValues(
            other.is_external if external is None else external,
            other.load_bearing if bearing is None else bearing,
            other.phase if self.phase is None else self.phase,
        )


class ElementRows:
    """Makes the row of one element."""

    def __init__(
        self, model: Model, links: Links, elements: Elements, places: Places, evidence_no: int
    ) -> None:
        self._model, self._links, self._elements = model, links, elements
        self._places, self._evidence_no = places, evidence_no
        self._types: dict[int, Entity | None] = {}
        self._system_names: dict[int, str | None] = {}

    def type_of(self, step_id: int) -> Entity | None:
        """The element's type; null if it has none."""
        type_id = self._links.type_of.get(step_id)
        if type_id is None:
            return None
        if type_id not in self._types:
            self._types[type_id] = self._model.get(type_id)
        return self._types[type_id]

    def row(self, element: Entity, common: CommonValues) -> tuple[object, ...]:
        """The values of `elements`, in the order of its columns."""
        step_id, cls = element.step_id, element.cls
        type_ = self.type_of(step_id)
        place = self._places.of(step_id)
        return (
            self._elements.ids[step_id],
            self._elements.numbers[step_id],
            f"#{step_id}",
            authoring_id(element),
            self._elements.guids[step_id],
            "given" if self._elements.guids[step_id] is not None else None,
            ifc_class(cls),
            cls.name,
            predefined_type(element) or (predefined_type(type_) if type_ is not None else None),
            element.text("Name"),
            None if type_ is None else self._elements.ids.get(type_.step_id),
            None if type_ is None else type_.text("Name"),
            element.text("Tag"),
            None,
            place.building_id,
            place.building_name,
            place.storey_id,
            place.storey_name,
            place.space_id,
            place.space_name,
            place.storey_elevation_m,
            "; ".join(self._systems(step_id)) or None,
            common.phase,
            common.is_external,
            common.load_bearing,
            self._parent(step_id),
            self._elements.roles[step_id],
            self._evidence_no,
            step_id,
        )

    def _parent(self, step_id: int) -> str | None:
        """The element that this one is a part of or that it voids; for spaces, locations and what
        is a part of itself null.

        What contains those is in `locations`, except for a space within a space.
        """
        whole = self._links.whole_of.get(step_id)
        if self._elements.roles[step_id] == "location" or step_id in self._elements.rings:
            return None
        if whole is None or self._elements.roles.get(whole) == "location":
            whole = self._links.host_of.get(step_id)
        return None if whole is None else self._elements.ids.get(whole)

    def _systems(self, step_id: int) -> Iterator[str]:
        for system in self._links.systems_of.get(step_id, []):
            if system not in self._system_names:
                entity = self._model.get(system)
                self._system_names[system] = None if entity is None else entity.text("Name")
            name = self._system_names[system]
            if name is not None:
                yield name


def authoring_id(element: Entity) -> str | None:
    """The id in the authoring program: a Tag that is a number, as Revit writes it, or else the
    number at the end of Revit's names Family:Type:Id. Null if there is neither."""
    tag = element.text("Tag")
    if tag is not None and tag.isascii() and tag.isdigit():
        return tag
    found = _AUTHORED.fullmatch(element.text("Name") or "")
    return None if found is None else found[1]


def predefined_type(element: Entity) -> str | None:
    """The predefined type, or for USERDEFINED the text that says which; null if none is given."""
    value = element.text("PredefinedType")
    if value == "USERDEFINED":
        return element.text("ObjectType") or element.text("ElementType") or value
    return None if value == "NOTDEFINED" else value
