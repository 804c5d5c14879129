"""The requests of the contract, one function each. Nothing is sent here.

Paths follow the base URL, which ends in `/v2`; `slug` is that of the team. No request carries a
token in its address, though the service would take one there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from takeoff.http.messages import Request, path_of

# The team slug of the vendor's shared catalogue.
CATALOGUE = "content"

# What is asked of an object; flags add up. 1 beside 8 is not supported by the service.
PLAIN, INTERNAL, CHILDREN, GEOMETRY, DEFINITIONS, SETS, FREE_IDS = 0, 1, 2, 4, 8, 16, 128

# What the service can calculate, by the number that it is asked for with.
CALCULATED = (
    "Wall",
    "Beam",
    "Chimney",
    "Column",
    "Covering",
    "Door",
    "Window",
    "Member",
    "Plate",
    "Railing",
    "RampFlight",
    "Roof",
    "Slab",
    "StairFlight",
    "Building",
    "BuildingStorey",
    "OpeningElement",
    "ProjectionElement",
    "Space",
)


def token_info() -> Request:
    """Whose token it is, and how long it lives."""
    return Request("GET", "/authorize")


def teams() -> Request:
    """All teams of the user."""
    return Request("GET", "/teams")


def team(team_id: str) -> Request:
    """One team, by its id or slug."""
    return Request("GET", path_of("teams", team_id))


def projects(
    slug: str | None = None, *, disciplines: bool = True, recycle_bin: bool = False
) -> Request:
    """The projects of a team, or of all teams of the user."""
    params = (
        *(() if disciplines else (("disciplines", "false"),)),
        *((("recycleBin", "true"),) if recycle_bin else ()),
    )
    return Request("GET", _path(slug, "projects"), params=params)


def project(slug: str, project_id: str) -> Request:
    """One project, with its disciplines."""
    return Request("GET", path_of(slug, "projects", project_id))


def create_model(slug: str, project_id: str, body: Mapping[str, Any]) -> Request:
    """Makes a new model; never repeated by itself, for nothing tells that it was made before."""
    path = path_of(slug, "projects", project_id, "divisions")
    return Request("POST", path, json_body=dict(body))


def models(slug: str | None) -> Request:
    """The models of a team, or all of the user."""
    return Request("GET", _path(slug, "divisions"))


def project_models(slug: str, project_id: str, *, modify_only: bool = False) -> Request:
    """The models of a project, or those of them that the user may change."""
    params = (("modifyonly", "true"),) if modify_only else ()
    return Request("GET", path_of(slug, "projects", project_id, "divisions"), params=params)


def model(slug: str, model_id: str) -> Request:
    """One model's details, with its status."""
    return Request("GET", _model(slug, model_id))


def head(slug: str, model_id: str, tag: str | None = None) -> Request:
    """The tag of a model as it is now; answered 304 if it is still `tag`."""
    return Request("HEAD", _model(slug, model_id), headers=_if_none_match(tag))


def head_object(
    slug: str, object_id: str, revision: int | None = None, tag: str | None = None
) -> Request:
    """The tag of an object; of a model's topology if the model has revisions."""
    path = path_of(slug, "objects", object_id)
    return Request("HEAD", path, params=_revision(revision), headers=_if_none_match(tag))


def disciplines(slug: str, model_id: str) -> Request:
    """The layers of a model."""
    return Request("GET", _model(slug, model_id, "disciplines"))


def update_model(slug: str, model_id: str, body: Mapping[str, Any]) -> Request:
    """Changes a model; the name must be said again even if it stays."""
    return Request("PUT", _model(slug, model_id), json_body=dict(body))


def move_model(slug: str, model_id: str, body: Mapping[str, Any]) -> Request:
    """Moves a model; what the body may hold is not documented."""
    return Request("PUT", _model(slug, model_id, "move"), json_body=dict(body))


def set_private(slug: str, model_id: str, layer_id: str, *, is_private: bool) -> Request:
    """Makes a layer of a model private, or shows it again."""
    path = _model(slug, model_id, "disciplines", layer_id)
    return Request("PUT", path, json_body={"private": is_private})


def download(slug: str, model_id: str, revision: int | None = None) -> Request:
    """The imported file as it was uploaded, of the newest revision unless another is named."""
    return Request("GET", _model(slug, model_id, "download"), params=_revision(revision))


def delete_model(slug: str, model_id: str) -> Request:
    """Deletes a model."""
    return Request("DELETE", _model(slug, model_id))


def revisions(slug: str, model_id: str) -> Request:
    """The revisions of a model."""
    return Request("GET", _model(slug, model_id, "revisions"))


def project_revisions(slug: str, project_id: str) -> Request:
    """The revisions of all models of a project."""
    return Request("GET", path_of(slug, "projects", project_id, "revisions"))


def create_revision(slug: str, model_id: str, name: str) -> Request:
    """Makes a new revision; the next import lands in it."""
    return Request("POST", _model(slug, model_id, "revisions"), json_body={"name": name})


def revision(slug: str, revision_id: str) -> Request:
    """One revision's details."""
    return Request("GET", path_of(slug, "revisions", revision_id))


def update_revision(slug: str, revision_id: str, body: Mapping[str, Any]) -> Request:
    """Changes a revision."""
    return Request("PUT", path_of(slug, "revisions", revision_id), json_body=dict(body))


def compare(slug: str, model_id: str, higher: int, lower: int) -> Request:
    """Starts the comparison of two revisions."""
    return Request("POST", _comparison(slug, model_id, higher, lower), json_body={})


def comparison(slug: str, model_id: str, higher: int, lower: int) -> Request:
    """What a comparison found."""
    return Request("GET", _comparison(slug, model_id, higher, lower))


def tree(
    slug: str,
    object_id: str,
    *,
    revision: int | None = None,
    hide_elements: bool = False,
    short_info: bool = False,
) -> Request:
    """The tree below a model's topology; short info lacks parent, ifcId and ifcType."""
    params = (
        *_revision(revision),
        *((("hideElements", "true"),) if hide_elements else ()),
        *((("shortinfo", "true"),) if short_info else ()),
    )
    return Request("GET", path_of(slug, "objects", object_id, "topology"), params=params)


def project_tree(slug: str, project_id: str) -> Request:
    """The tree of all models of a project."""
    return Request("GET", path_of(slug, "projects", project_id, "topology"))


def find_objects(
    slug: str, project_id: str, attribute_id: str, value: str, models: Sequence[str] = ()
) -> Request:
    """The ids of objects of which an attribute has this value."""
    params = [(attribute_id, value)]
    if models:
        params.append(("divisions", ",".join(models)))
    path = path_of(slug, "objects", project_id, "query")
    return Request("GET", path, params=tuple(params))


def element_types(slug: str, *rest: str) -> Request:
    """All element types; with `topology`, an id, or `disciplines` and an id, some of them."""
    return Request("GET", path_of(slug, "element-types", *rest))


def project_element_types(slug: str, project_id: str) -> Request:
    """The element types that a project uses, with the number of its objects of each."""
    return Request("GET", path_of(slug, "projects", project_id, "element-types"))


def object_(slug: str, object_id: str) -> Request:
    """One object with plain values."""
    return Request("GET", path_of(slug, "objects", object_id))


def object_with(slug: str, object_id: str, flags: int) -> Request:
    """One object with what the flags ask for."""
    return Request("GET", path_of(slug, "objects", object_id, "properties", str(flags)))


def object_flat(slug: str, object_id: str) -> Request:
    """One object with all attributes in one group, keyed by their ids."""
    params = tuple((name, "true") for name in ("freeattributes", "internal", "attributedefinition"))
    return Request("GET", path_of(slug, "objects", object_id), params=params)


def objects(
    slug: str, root: str, type_id: str, *, flags: int = DEFINITIONS, more: Mapping[str, str] = {}
) -> Request:
    """All objects of a type below a project or a model's topology, with attribute definitions.

    `more` are parameters that ask for a further page or chunk.
    """
    path = path_of(slug, "objects", root, "properties", str(flags))
    return Request("GET", path, params=(("type", type_id), *more.items()))


def objects_page(slug: str, root: str, by: tuple[str, str], page: int, page_size: int) -> Request:
    """One page of the objects of a `("type", id)` or `("layer", id)`, with plain values."""
    params = (by, ("page", str(page)), ("pageSize", str(page_size)))
    return Request("GET", path_of(slug, "objects", root), params=params)


def layer(slug: str, root: str, layer_id: str) -> Request:
    """All objects of a layer, with internal values."""
    params = (("layer", layer_id), ("internal", "true"))
    return Request("GET", path_of(slug, "objects", root), params=params)


def column(slug: str, root: str, attribute_id: str) -> Request:
    """The values of one attribute for all objects below."""
    path = path_of(slug, "objects", root, "attributes", attribute_id)
    return Request("GET", path, params=(("children", "true"),))


def attribute(slug: str, object_id: str, attribute_id: str) -> Request:
    """One attribute of one object, with its definition."""
    path = path_of(slug, "objects", object_id, "attributes", attribute_id)
    return Request("GET", path, params=(("attributeDefinition", "true"),))


def export_excel(slug: str, project_id: str, type_id: str) -> Request:
    """Lets a list of the objects of a type be written; answers the attachment that holds it."""
    path = path_of(slug, "projects", project_id, "objects", "export", "excel")
    return Request("GET", path, params=(("typeId", type_id),))


def attachment(slug: str, attachment_id: str) -> Request:
    """The content of an attachment."""
    return Request("GET", path_of(slug, "attachments", attachment_id, "download"))


def filter_(slug: str, project_id: str, filter_id: str) -> Request:
    """A project's objects grouped by a filter, with a count at each node."""
    return Request("GET", path_of(slug, "projects", project_id, "filters", filter_id))


def units(symbol: str | None = None) -> Request:
    """All unit records, or those of a symbol."""
    params = () if symbol is None else (("symbol", symbol),)
    return Request("GET", path_of(CATALOGUE, "units"), params=params)


def unit(unit_id: str) -> Request:
    """One unit record."""
    return Request("GET", path_of(CATALOGUE, "units", unit_id))


def attributes(slug: str = CATALOGUE, *, topology: bool = False) -> Request:
    """All attributes of a team's catalogue, or of the vendor's; as a tree with `topology`."""
    params = (("topology", "true"),) if topology else ()
    return Request("GET", path_of(slug, "freeattributes"), params=params)


def attribute_entry(attribute_id: str, slug: str = CATALOGUE) -> Request:
    """One attribute's catalogue entry."""
    return Request("GET", path_of(slug, "freeattributes", attribute_id))


def attribute_groups(slug: str = CATALOGUE) -> Request:
    """The groups of attributes."""
    return Request("GET", path_of(slug, "freeattributegroups"))


def group_attributes(group_id: str, slug: str = CATALOGUE) -> Request:
    """The attributes of one group."""
    return Request("GET", path_of(slug, "freeattributegroups", group_id, "freeattributes"))


def base_quantities(
    slug: str,
    project_id: str,
    model_id: str,
    quantities: Sequence[int],
    *,
    overwrite: bool = False,
    run_async: bool = False,
) -> Request:
    """Lets the service calculate quantities. It seems to store them, so this is no question.

    The model goes by `modelId` here, the id that everything else calls the division.
    """
    asked = {
        "projectId": project_id,
        "modelId": model_id,
        "quantities": list(quantities),
        "settings": {"overwriteExistingSettings": overwrite},
    }
    body = {"baseQuantities": asked, "runAsync": run_async}
    return Request("POST", path_of(slug, "services", "BaseQuantities"), json_body=body)


def _path(slug: str | None, *rest: str) -> str:
    return path_of(*rest) if slug is None else path_of(slug, *rest)


def _model(slug: str, model_id: str, *rest: str) -> str:
    return path_of(slug, "divisions", model_id, *rest)


def _comparison(slug: str, model_id: str, higher: int, lower: int) -> str:
    return _model(slug, model_id, "revisionscomparison", str(higher), str(lower))


def _revision(number: int | None) -> tuple[tuple[str, str], ...]:
    return () if number is None else (("revision", str(number)),)


def _if_none_match(tag: str | None) -> tuple[tuple[str, str], ...]:
    return () if tag is None else (("If-None-Match", f'"{tag}"'),)
