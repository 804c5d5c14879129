"""What the project's libraries say beside the products: codes, materials, places, own properties.

Shapes: contract section 8. A list that is null or missing is empty; any other form is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from takeoff.vendors.qonic import answers, measures
from takeoff.vendors.qonic.answers import member, text

_DEEPEST = 100
# Between units of one property that is defined more than once.
_OR = " or "
_KINDS = {
    "site": "site",
    "building": "building",
    "facility": "building",
    "bridge": "building",
    "marinefacility": "building",
    "railway": "building",
    "road": "building",
    "floor": "storey",
    "storey": "storey",
    "buildingstorey": "storey",
    "bridgepart": "storey",
    "facilitypartcommon": "storey",
    "marinepart": "storey",
    "railwaypart": "storey",
    "roadpart": "storey",
    "space": "space",
}
# The API shows a location's type nowhere for certain; any of these would be a plain place for it.
_TYPE_KEYS = ("type", "locationType", "class", "entityType")


@dataclass(frozen=True)
class Answer:
    """One raw answer: its document's name and number, and its bytes without packing."""

    name: str
    evidence_no: int
    raw: bytes

    def as_object(self) -> dict[str, Any]:
        """The JSON object it is. Raises: NotUnderstood."""
        found = answers.parsed(self.raw, self.name)
        if not isinstance(found, dict):
            raise answers.refused(self.name, self.raw, "it is no object")
        answers.refuse_depth(found, self.raw, self.name, _DEEPEST)
        return found

    def list_of(self, value: object, what: str) -> list[dict[str, Any]]:
        """The objects of an array; null is empty. Raises: NotUnderstood."""
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise answers.refused(self.name, self.raw, f"{what} is no array of objects")
        return value


def fields(answer: Answer) -> list[str]:
    """The names in `{"fields": [...]}`, in order. Raises: NotUnderstood."""
    found = member(answer.as_object(), "fields")
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        raise answers.refused(answer.name, answer.raw, "it has no array 'fields' of names")
    return found


@dataclass(frozen=True)
class Library:
    """A classification system. `titles` is by identification."""

    guid: str | None
    name: str | None
    edition: str | None
    titles: dict[str, str | None] = field(default_factory=dict)
    code_guids: dict[str, str] = field(default_factory=dict)


class Codifications:
    """The classification systems of a project, found by guid, name, or a code's guid."""

    def __init__(self) -> None:
        self._libraries: dict[str, Library] = {}

    def add_list(self, answer: Answer) -> None:
        """`{"codificationLibraries": [...]}`; older lists carry the codes as well."""
        listed = member(answer.as_object(), "codificationLibraries")
        for item in answer.list_of(listed, "codificationLibraries"):
            self._add(answer, item)

    def add_library(self, answer: Answer) -> None:
        """`{"guid", "name", "codes": [...] | null}`."""
        self._add(answer, answer.as_object())

    @property
    def all(self) -> list[Library]:
        """Every system, in the order that they came in."""
        return list(self._libraries.values())

    def find(self, key: str) -> Library | None:
        """The system that a product's code names by `key`."""
        if key in self._libraries:
            return self._libraries[key]
        found = [
            library
            for library in self._libraries.values()
            if key == library.name or key in library.code_guids
        ]
        return found[0] if len(found) == 1 else None

    def _add(self, answer: Answer, item: Mapping[str, Any]) -> None:
        guid = text(member(item, "guid", "libraryGuid", "id"))
        name, edition = text(member(item, "name")), text(member(item, "edition"))
        known = self._libraries.get(guid or name or "")
        library = Library(
            guid,
            name if known is None or name is not None else known.name,
            edition if known is None or edition is not None else known.edition,
            {} if known is None else known.titles,
            {} if known is None else known.code_guids,
        )
        for code in answer.list_of(member(item, "codes"), "codes"):
            identification = text(member(code, "identification"))
            if identification is None:
                raise answers.refused(answer.name, answer.raw, "a code has no identification")
            library.titles[identification] = text(member(code, "name"))
            if (code_guid := text(member(code, "guid"))) is not None:
                library.code_guids[code_guid] = identification
        self._libraries[guid or name or ""] = library


@dataclass(frozen=True)
class Entry:
    """A material or a product type of a library."""

    guid: str | None
    name: str | None


@dataclass(frozen=True)
class MaterialLibrary:
    """A library of materials, in the library's order."""

    guid: str | None
    name: str | None
    materials: tuple[Entry, ...]


def material_libraries(answer: Answer) -> list[MaterialLibrary]:
    """From `{"materialProperties": [{"guid", "name", "properties": [[{name, value}]]}]}`."""
    listed = member(answer.as_object(), "materialProperties")
    found = answer.list_of(listed, "materialProperties")
    return [_material_library(answer, item) for item in found]


def material_library(answer: Answer) -> MaterialLibrary:
    """One of them, asked for by its guid."""
    return _material_library(answer, answer.as_object())


def material_names(answer: Answer) -> dict[str, str]:
    """Material guid -> name, of all libraries."""
    return {
        material.guid: material.name
        for library in material_libraries(answer)
        for material in library.materials
        if material.guid is not None and material.name is not None
    }


def types(answer: Answer) -> dict[str, list[Entry]]:
    """Library -> its product types, from `{"typesPerLibrary": {library: [...]}}`.

    How a type is written is not documented: as the other lists have it, name/value pairs, bare or
    under `properties`, or as an object.
    """
    listed = member(answer.as_object(), "typesPerLibrary")
    if not isinstance(listed, dict) or not all(isinstance(one, list) for one in listed.values()):
        raise answers.refused(answer.name, answer.raw, "typesPerLibrary is no object of arrays")
    return {library: [_entry(answer, item) for item in items] for library, items in listed.items()}


def _material_library(answer: Answer, item: Mapping[str, Any]) -> MaterialLibrary:
    materials = [_entry(answer, pairs) for pairs in member(item, "properties") or []]
    guid = text(member(item, "guid", "libraryGuid", "id"))
    return MaterialLibrary(guid, text(member(item, "name")), tuple(materials))


def _entry(answer: Answer, item: object) -> Entry:
    said: Mapping[str, Any]
    if isinstance(item, dict) and not isinstance(member(item, "properties"), list):
        said = {key.casefold(): value for key, value in item.items()}
    else:
        said = _pairs(answer, member(item, "properties") if isinstance(item, dict) else item)
    return Entry(text(said.get("guid")), text(said.get("name")))


@dataclass(frozen=True)
class Definition:
    """What a custom property is said to be. `kind` is null if it is no measure that we know."""

    kind: str | None
    unit_name: str | None


def definitions(answer: Answer) -> dict[tuple[str, str], Definition]:
    """(set, property) -> its definition, from `{"sets": [{"propertyDefinitions": [...]}]}`."""
    found: dict[tuple[str, str], Definition] = {}
    for set_ in answer.list_of(member(answer.as_object(), "sets"), "sets"):
        listed = answer.list_of(member(set_, "propertyDefinitions"), "propertyDefinitions")
        for item in listed:
            key = (text(member(set_, "name")) or "", text(member(item, "name")) or "")
            kind = measures.measured(text(member(item, "measureType")))
            said = Definition(kind, text(member(item, "unitName")))
            found[key] = said if key not in found else _both(found[key], said)
    return found


def _both(one: Definition, other: Definition) -> Definition:
    """One definition for two of the same name: what they do not agree on is not known."""
    units = sorted({name for item in (one, other) for name in (item.unit_name or "").split(_OR)})
    return Definition(one.kind if one.kind == other.kind else None, _OR.join(units) or None)


@dataclass(frozen=True)
class Location:
    """One place of the tree. `kind` is null if the answer does not say it."""

    guid: str
    parent: str | None
    name: str | None
    kind: str | None
    depth: int
    row: int


def locations(answer: Answer) -> dict[str, Location]:
    """By guid, whole before part, from the nested `{"locationViews": [{name, children, ...}]}`.

    Raises: NotUnderstood also if a guid is there twice.
    """
    views = answer.list_of(member(answer.as_object(), "locationViews"), "locationViews")
    found: dict[str, Location] = {}
    for row, (view, parent, depth) in enumerate(_walk(answer, views, None, 0)):
        said = _pairs(answer, member(view, "properties"))
        guid = _guid(view, said)
        if guid is None:
            continue
        if guid in found:
            raise answers.refused(answer.name, answer.raw, f"the location {guid} is there twice")
        name = text(member(view, "name")) or text(said.get("name"))
        found[guid] = Location(guid, parent, name, _location_kind(view, said), depth, row)
    return found


def location_texts(answer: Answer) -> list[str]:
    """Each location as JSON text without those in it, in the order of `Location.row`."""
    views = answer.list_of(member(answer.as_object(), "locationViews"), "locationViews")
    return [
        json.dumps(
            {key: item for key, item in view.items() if key.casefold() != "children"},
            ensure_ascii=False,
        )
        for view, _, _ in _walk(answer, views, None, 0)
    ]


def _walk(
    answer: Answer, views: list[dict[str, Any]], parent: str | None, depth: int
) -> Iterator[tuple[dict[str, Any], str | None, int]]:
    for view in views:
        yield view, parent, depth
        guid = _guid(view, _pairs(answer, member(view, "properties")))
        children = answer.list_of(member(view, "children"), "children")
        yield from _walk(answer, children, guid or parent, depth + 1)


def _guid(view: Mapping[str, Any], said: Mapping[str, Any]) -> str | None:
    return text(said.get("guid")) or text(member(view, "guid"))


def _location_kind(view: Mapping[str, Any], said: Mapping[str, Any]) -> str | None:
    written = text(member(view, *_TYPE_KEYS)) or next(
        (text(said[key.casefold()]) for key in _TYPE_KEYS if key.casefold() in said), None
    )
    return _KINDS.get((written or "").casefold().removeprefix("ifc"))


def _pairs(answer: Answer, pairs: object) -> dict[str, Any]:
    """`[{"name": .., "value": ..}]` as a mapping; names in lower case, the first of each counts."""
    said: dict[str, Any] = {}
    for pair in answer.list_of(pairs, "properties"):
        said.setdefault((text(member(pair, "name")) or "").casefold(), member(pair, "value"))
    return said
