"""Every call of the contract for what is in a model, one plain function each.

What is an object of the model stays the JSON that it is, for its attributes are whatever the
project has. All raise VendorRefused, TryLater and NotUnderstood as the session does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from takeoff.core.errors import VendorRefused
from takeoff.core.plain import excerpt
from takeoff.http.messages import Answer, Into
from takeoff.http.redact import redacted
from takeoff.http.session import Session
from takeoff.vendors.bimplus import answers, endpoints, shapes, single
from takeoff.vendors.bimplus.answers import guid, member
from takeoff.vendors.bimplus.shapes import Attribute, Discipline, ElementType, Unit
from takeoff.vendors.bimplus.single import Json

# The service may have no page 0, or no page after the last.
_NO_SUCH_PAGE = (400, 404)


def tree(
    session: Session,
    slug: str,
    topology_id: str,
    *,
    revision: int | None = None,
    hide_elements: bool = False,
    short_info: bool = False,
) -> Any:
    """GET /<slug>/objects/<id>/topology: the nested nodes; with `short_info` without ifcId,
    ifcType and parent, with `hide_elements` those only that hold others.
    """
    request = endpoints.tree(
        slug,
        topology_id,
        revision=revision,
        hide_elements=hide_elements,
        short_info=short_info,
    )
    return single.json_of(session, request)


def project_tree(session: Session, slug: str, project_id: str) -> Any:
    """GET /<slug>/projects/<id>/topology: the tree of all models."""
    return single.json_of(session, endpoints.project_tree(slug, project_id))


@redacted()
def find_objects(
    session: Session,
    slug: str,
    project_id: str,
    attribute_id: str,
    value: str,
    models: Sequence[str] = (),
) -> list[str]:
    """GET /<slug>/objects/<project>/query: ids of the objects whose attribute has this value.

    The answer's form is not documented; a list of ids or of objects with ids is read.
    """
    request = endpoints.find_objects(slug, project_id, attribute_id, value, models)
    answer = single.json_of(session, request)
    items = member(answer, "resultlist", "objects") if isinstance(answer, dict) else answer
    found = [
        guid(member(item, "id") if isinstance(item, dict) else item)
        for item in (items if isinstance(items, list) else [None])
    ]
    if None in found:
        raise answers.refused(request.path, excerpt(answer), "it is no list of ids")
    return [one for one in found if one is not None]


def element_types(session: Session, slug: str) -> list[ElementType]:
    """GET /<slug>/element-types."""
    return single.several(session, endpoints.element_types(slug), shapes.element_type)


def element_type(session: Session, slug: str, type_id: str) -> ElementType:
    """GET /<slug>/element-types/<id>."""
    return single.one(session, endpoints.element_types(slug, type_id), shapes.element_type)


def type_disciplines(session: Session, slug: str) -> list[Discipline]:
    """GET /<slug>/element-types/disciplines: an object keyed by id, here as a list."""
    request = endpoints.element_types(slug, "disciplines")
    return single.several(session, request, shapes.discipline)


def types_of_discipline(session: Session, slug: str, layer_id: str) -> list[ElementType]:
    """GET /<slug>/element-types/disciplines/<id>: as a list, or an object that lists them or their
    ids; its form is not documented.
    """
    request = endpoints.element_types(slug, "disciplines", layer_id)
    answer = single.json_of(session, request)
    listed = member(answer, "elementTypes") if isinstance(answer, dict) else None
    if isinstance(listed, list):
        answer = [{"id": one} if isinstance(one, str) else one for one in listed]
    return shapes.several(answer, shapes.element_type, request.target)


def topology_types(session: Session, slug: str) -> list[ElementType]:
    """GET /<slug>/element-types/topology: the types of nodes that hold others."""
    request = endpoints.element_types(slug, "topology")
    return single.several(session, request, shapes.element_type)


def project_element_types(session: Session, slug: str, project_id: str) -> list[ElementType]:
    """GET /<slug>/projects/<id>/element-types: those in use, counted over the whole project."""
    request = endpoints.project_element_types(slug, project_id)
    return single.several(session, request, shapes.element_type)


def object_(session: Session, slug: str, object_id: str) -> Json:
    """GET /<slug>/objects/<id>: one object with plain values."""
    return single.object_of(session, endpoints.object_(slug, object_id))


def object_with(
    session: Session, slug: str, object_id: str, flags: int = endpoints.DEFINITIONS
) -> Json:
    """GET /<slug>/objects/<id>/properties/<flags>."""
    return single.object_of(session, endpoints.object_with(slug, object_id, flags))


def object_flat(session: Session, slug: str, object_id: str) -> Json:
    """GET /<slug>/objects/<id> with all attributes in `attributes.content`, keyed by id."""
    return single.object_of(session, endpoints.object_flat(slug, object_id))


def objects(
    session: Session, slug: str, root: str, type_id: str, flags: int = endpoints.DEFINITIONS
) -> list[Json]:
    """GET /<slug>/objects/<root>/properties/<flags>?type=<id>: as much as the first answer has.

    Whether that is all is proved by `client.ask`, which compares it with the tree.
    """
    return single.objects_of(session, endpoints.objects(slug, root, type_id, flags=flags))


def objects_paged(
    session: Session, slug: str, root: str, by: tuple[str, str], page_size: int = 1000
) -> Iterator[Json]:
    """GET /<slug>/objects/<root>?type=<id>&page=<n>&pageSize=<m>, page after page.

    `by` is `("type", id)` or `("layer", id)`. Whether pages begin with 0 or 1 is not documented,
    and page 0 may be page 1 again, so both are asked for; the end is a later page without objects
    that did not come before.
    """
    seen: set[str | None] = set()
    page = 0
    while True:
        try:
            found = single.objects_of(
                session, endpoints.objects_page(slug, root, by, page, page_size)
            )
        except VendorRefused as refusal:
            if refusal.status not in _NO_SUCH_PAGE or (page == 1 and not seen):
                raise
            found = []
        fresh = {id_: one for one in found if (id_ := guid(member(one, "id"))) not in seen}
        if not fresh and page > int(bool(seen)):
            return
        yield from fresh.values()
        seen |= fresh.keys()
        page += 1


def layer(session: Session, slug: str, root: str, layer_id: str) -> list[Json]:
    """GET /<slug>/objects/<root>?layer=<id>&internal=true."""
    return single.objects_of(session, endpoints.layer(slug, root, layer_id))


def column(session: Session, slug: str, root: str, attribute_id: str) -> Json:
    """GET /<slug>/objects/<root>/attributes/<id>?children=true: object id -> value.

    The unit is not in it; ask for the attribute's catalogue entry.
    """
    values = single.object_of(session, endpoints.column(slug, root, attribute_id))
    return {key.lower(): value for key, value in values.items()}


def attribute(session: Session, slug: str, object_id: str, attribute_id: str) -> Json:
    """GET /<slug>/objects/<id>/attributes/<id>?attributeDefinition=true."""
    return single.object_of(session, endpoints.attribute(slug, object_id, attribute_id))


def export_excel(session: Session, slug: str, project_id: str, type_id: str) -> str | None:
    """GET /<slug>/projects/<id>/objects/export/excel: the id of the attachment that holds it."""
    answer = single.object_of(session, endpoints.export_excel(slug, project_id, type_id))
    return guid(member(answer, "attachment_id", "attachmentId"))


def attachment(session: Session, slug: str, attachment_id: str, into: Into) -> Answer:
    """GET /<slug>/attachments/<id>/download."""
    return session.download(endpoints.attachment(slug, attachment_id), into)


def filtered(session: Session, slug: str, project_id: str, filter_id: str) -> Any:
    """GET /<slug>/projects/<id>/filters/<id>: groups of objects with their `count`."""
    return single.json_of(session, endpoints.filter_(slug, project_id, filter_id))


def units(session: Session, symbol: str | None = None) -> list[Unit]:
    """GET /content/units, or those with this symbol."""
    return single.several(session, endpoints.units(symbol), shapes.unit)


def unit(session: Session, unit_id: str) -> Unit:
    """GET /content/units/<id>."""
    return single.one(session, endpoints.unit(unit_id), shapes.unit)


def attributes(session: Session, slug: str = endpoints.CATALOGUE) -> list[Attribute]:
    """GET /<slug>/freeattributes."""
    return single.several(session, endpoints.attributes(slug), shapes.attribute)


def attribute_tree(session: Session, slug: str = endpoints.CATALOGUE) -> Any:
    """GET /<slug>/freeattributes?topology=true: attributes below their groups."""
    return single.json_of(session, endpoints.attributes(slug, topology=True))


def attribute_entry(
    session: Session, attribute_id: str, slug: str = endpoints.CATALOGUE
) -> Attribute:
    """GET /<slug>/freeattributes/<id>."""
    return single.one(session, endpoints.attribute_entry(attribute_id, slug), shapes.attribute)


def attribute_groups(session: Session, slug: str = endpoints.CATALOGUE) -> list[Json]:
    """GET /<slug>/freeattributegroups."""
    return single.objects_of(session, endpoints.attribute_groups(slug))


def group_attributes(
    session: Session, group_id: str, slug: str = endpoints.CATALOGUE
) -> list[Attribute]:
    """GET /<slug>/freeattributegroups/<id>/freeattributes."""
    return single.several(session, endpoints.group_attributes(group_id, slug), shapes.attribute)


@redacted()
def base_quantities(
    session: Session,
    slug: str,
    project_id: str,
    model_id: str,
    quantities: Sequence[int] | None = None,
) -> dict[str, Json]:
    """POST /<slug>/services/BaseQuantities: attribute id -> object id -> value, without units.

    All kinds of elements are calculated unless some are named by their numbers. The service seems
    to store what it calculates, so whoever calls this changes the model.
    """
    numbers = range(len(endpoints.CALCULATED)) if quantities is None else quantities
    request = endpoints.base_quantities(slug, project_id, model_id, tuple(numbers))
    answer = single.object_of(session, request)
    if not all(isinstance(values, dict) for values in answer.values()):
        raise answers.refused(request.path, excerpt(answer), "it is no map of maps")
    return {
        key.lower(): {object_id.lower(): value for object_id, value in values.items()}
        for key, values in answer.items()
    }
