"""Who is related to whom: all IfcRel* records read once, as look-ups by STEP id."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from takeoff.vendors.ifc.model import Entity, Model

Link = tuple[int, int, int]


@dataclass
class Links:
    """Look-ups by STEP id. Lists keep the order of the relation records' STEP ids.

    `whole_of`, `type_of`, `container_of`, `host_of` and `opening_of` hold what the first relation
    says, by STEP id; `other_wholes` and `other_containers` what later ones say against it, as
    (element, the other whole or container, relation). `voids`, `fills`, `parts` and `bounds` are
    (from, to, relation) with the meaning that the relations table states.
    """

    sets_of: dict[int, list[int]] = field(default_factory=dict)
    type_of: dict[int, int] = field(default_factory=dict)
    container_of: dict[int, int] = field(default_factory=dict)
    whole_of: dict[int, int] = field(default_factory=dict)
    host_of: dict[int, int] = field(default_factory=dict)
    opening_of: dict[int, int] = field(default_factory=dict)
    systems_of: dict[int, list[int]] = field(default_factory=dict)
    materials_of: dict[int, list[int]] = field(default_factory=dict)
    codes_of: dict[int, list[int]] = field(default_factory=dict)
    voids: list[Link] = field(default_factory=list)
    fills: list[Link] = field(default_factory=list)
    parts: list[Link] = field(default_factory=list)
    bounds: list[Link] = field(default_factory=list)
    other_wholes: list[Link] = field(default_factory=list)
    other_containers: list[Link] = field(default_factory=list)
    missing: list[tuple[str, int, int]] = field(default_factory=list)


def read_links(model: Model) -> Links:
    """All relations that takeoff uses; references to records that are not there go to `missing`."""
    links = Links()
    for classes, reader in _READERS:
        for relation in model.of_class(*classes):
            reader(model, links, relation)
    return links


def rings(whole_of: Mapping[int, int]) -> set[int]:
    """Elements that are, through others or at once, parts of themselves."""
    found: set[int] = set()
    cleared: set[int] = set()
    for start in whole_of:
        path: dict[int, None] = {}
        step_id: int | None = start
        while step_id is not None and step_id not in cleared and step_id not in path:
            path[step_id] = None
            step_id = whole_of.get(step_id)
        if step_id is not None and step_id in path:
            steps = list(path)
            found.update(steps[steps.index(step_id) :])
        cleared.update(path)
    return found


def _present(model: Model, links: Links, relation: Entity, attribute: str) -> Iterator[int]:
    """Each once: what a relation names is a set, though some files repeat a member."""
    for ref in dict.fromkeys(relation.refs(attribute)):
        if ref in model.kept:
            yield int(ref)
        else:
            links.missing.append((relation.cls.name, relation.step_id, int(ref)))


def _first(model: Model, links: Links, relation: Entity, attribute: str) -> int | None:
    return next(_present(model, links, relation, attribute), None)


def _properties(model: Model, links: Links, relation: Entity) -> None:
    sets = list(_present(model, links, relation, "RelatingPropertyDefinition"))
    for element in _present(model, links, relation, "RelatedObjects"):
        links.sets_of.setdefault(element, []).extend(sets)


def _type(model: Model, links: Links, relation: Entity) -> None:
    relating = _first(model, links, relation, "RelatingType")
    if relating is not None:
        for element in _present(model, links, relation, "RelatedObjects"):
            links.type_of.setdefault(element, relating)


def _contained(model: Model, links: Links, relation: Entity) -> None:
    structure = _first(model, links, relation, "RelatingStructure")
    if structure is not None:
        for element in _present(model, links, relation, "RelatedElements"):
            if links.container_of.setdefault(element, structure) != structure:
                links.other_containers.append((element, structure, relation.step_id))


def _decomposed(model: Model, links: Links, relation: Entity) -> None:
    whole = _first(model, links, relation, "RelatingObject")
    if whole is not None:
        for part in _present(model, links, relation, "RelatedObjects"):
            if links.whole_of.setdefault(part, whole) != whole:
                links.other_wholes.append((part, whole, relation.step_id))
            links.parts.append((part, whole, relation.step_id))


def _voids(model: Model, links: Links, relation: Entity) -> None:
    host = _first(model, links, relation, "RelatingBuildingElement")
    opening = _first(model, links, relation, "RelatedOpeningElement")
    if host is not None and opening is not None:
        links.host_of.setdefault(opening, host)
        links.voids.append((opening, host, relation.step_id))


def _fills(model: Model, links: Links, relation: Entity) -> None:
    opening = _first(model, links, relation, "RelatingOpeningElement")
    filling = _first(model, links, relation, "RelatedBuildingElement")
    if opening is not None and filling is not None:
        links.opening_of.setdefault(filling, opening)
        links.fills.append((filling, opening, relation.step_id))


def _hosted(host: str, guest: str) -> Callable[[Model, Links, Entity], None]:
    """A relation that makes one element a feature or port of another."""

    def read(model: Model, links: Links, relation: Entity) -> None:
        whole = _first(model, links, relation, host)
        if whole is not None:
            for part in _present(model, links, relation, guest):
                links.host_of.setdefault(part, whole)

    return read


def _bounds(model: Model, links: Links, relation: Entity) -> None:
    space = _first(model, links, relation, "RelatingSpace")
    element = _first(model, links, relation, "RelatedBuildingElement")
    if space is not None and element is not None:
        links.bounds.append((element, space, relation.step_id))


def _grouped(model: Model, links: Links, relation: Entity) -> None:
    group = _first(model, links, relation, "RelatingGroup")
    cls = None if group is None else model.cls(group)
    if group is None or cls is None or not cls.is_a("IfcSystem") or cls.is_a("IfcZone"):
        return
    for element in _present(model, links, relation, "RelatedObjects"):
        links.systems_of.setdefault(element, []).append(group)


def _materials(model: Model, links: Links, relation: Entity) -> None:
    material = _first(model, links, relation, "RelatingMaterial")
    if material is not None:
        for element in _present(model, links, relation, "RelatedObjects"):
            links.materials_of.setdefault(element, []).append(material)


def _codes(model: Model, links: Links, relation: Entity) -> None:
    code = _first(model, links, relation, "RelatingClassification")
    if code is not None:
        for element in _present(model, links, relation, "RelatedObjects"):
            links.codes_of.setdefault(element, []).append(code)


_READERS: tuple[tuple[tuple[str, ...], Callable[[Model, Links, Entity], None]], ...] = (
    (("IfcRelDefinesByProperties",), _properties),
    (("IfcRelDefinesByType",), _type),
    (("IfcRelContainedInSpatialStructure",), _contained),
    (("IfcRelAggregates", "IfcRelNests"), _decomposed),
    (("IfcRelVoidsElement",), _voids),
    (("IfcRelFillsElement",), _fills),
    (("IfcRelProjectsElement",), _hosted("RelatingElement", "RelatedFeatureElement")),
    (("IfcRelAdheresToElement",), _hosted("RelatingElement", "RelatedSurfaceFeatures")),
    (("IfcRelConnectsPortToElement",), _hosted("RelatedElement", "RelatingPort")),
    (("IfcRelSpaceBoundary",), _bounds),
    (("IfcRelAssignsToGroup",), _grouped),
    (("IfcRelAssociatesMaterial",), _materials),
    (("IfcRelAssociatesClassification",), _codes),
)
