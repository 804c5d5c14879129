"""Classification codes: from an element's associations to system, edition, code and title."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from takeoff.vendors.ifc.links import Links
from takeoff.vendors.ifc.model import Entity, Model

_DEEPEST = 32


class Code(NamedTuple):
    """One code; any part of it may be null. A system without a code is a code all the same."""

    system: str | None
    edition: str | None
    code: str | None
    title: str | None
    step_id: int


class Codes:
    """Looks codes up, each record once."""

    def __init__(self, model: Model, links: Links) -> None:
        self._model, self._links = model, links
        self._known: dict[int, Code | None] = {}

    def of(self, step_id: int, type_id: int | None) -> Iterator[Code]:
        """Codes of the element, then those of its type that it does not have itself."""
        said: set[tuple[str | None, ...]] = set()
        for owner in (step_id, type_id):
            for record in self._links.codes_of.get(owner or 0, []):
                if record not in self._known:
                    self._known[record] = self._read(self._model.get(record))
                code = self._known[record]
                if code is not None and code[:4] not in said:
                    said.add(code[:4])
                    yield code

    def _read(self, entity: Entity | None) -> Code | None:
        if entity is None:
            return None
        if entity.cls.name == "IfcClassification":
            return Code(entity.text("Name"), entity.text("Edition"), None, None, entity.step_id)
        if entity.cls.name == "IfcClassificationNotation":
            facets = (self._model.get(ref) for ref in entity.refs("NotationFacets"))
            values = [facet.text("NotationValue") or "" for facet in facets if facet is not None]
            return Code(None, None, ".".join(values) or None, None, entity.step_id)
        code = entity.text("Identification") or entity.text("ItemReference")
        system = self._system(entity)
        return Code(
            None if system is None else system.text("Name"),
            None if system is None else system.text("Edition"),
            code,
            entity.text("Name"),
            entity.step_id,
        )

    def _system(self, reference: Entity) -> Entity | None:
        """The classification at the end of the chain of references."""
        current: Entity | None = reference
        for _ in range(_DEEPEST):
            if current is None or current.cls.name == "IfcClassification":
                return current
            current = self._model.get(current.ref("ReferencedSource"))
        return None
