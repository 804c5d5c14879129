"""The calls of the contract, and which function makes each."""

from __future__ import annotations

from takeoff.core.calls import Call
from takeoff.vendors.bimplus import calls, login
from takeoff.vendors.bimplus import object_calls as objects

_TEAM = "/{slug}"
_PROJECT = "/{slug}/projects/{project_id}"
_MODEL = "/{slug}/divisions/{model_id}"
_COMPARED = f"{_MODEL}/revisionscomparison/{{higher}}/{{lower}}"
_OBJECT = "/{slug}/objects/{object_id}"

CALLS = (
    Call("POST", "/authorize", "change a password into a token", login.password_request),
    Call("GET", "/authorize", "whose token it is", calls.token_info),
    Call("GET", "/teams", "the user's teams", calls.teams),
    Call("GET", "/teams/{team_id}", "one team, by id or slug", calls.team),
    Call("GET", "/projects", "the user's projects, across teams", calls.projects),
    Call("GET", f"{_TEAM}/projects", "a team's projects", calls.projects),
    Call("GET", _PROJECT, "one project with its disciplines", calls.project),
    Call("POST", f"{_PROJECT}/divisions", "make a model", calls.create_model),
    Call("GET", f"{_TEAM}/divisions", "a team's models", calls.team_models),
    Call("GET", "/divisions", "the user's models, across teams", calls.user_models),
    Call(
        "GET", f"{_PROJECT}/divisions?modifyonly=true", "a project's models", calls.project_models
    ),
    Call("GET", _MODEL, "a model's details with its status", calls.model),
    Call("HEAD", _MODEL, "a model's tag: whether it has changed", calls.head),
    Call("GET", f"{_MODEL}/disciplines", "a model's layers", calls.disciplines),
    Call("PUT", _MODEL, "change a model", calls.update_model),
    Call("PUT", f"{_MODEL}/move", "move a model to another place", calls.move_model),
    Call(
        "PUT",
        f"{_MODEL}/disciplines/{{layer_id}}",
        "show a model's layer to others, or not",
        calls.set_private,
    ),
    Call("GET", f"{_MODEL}/download?revision={{number}}", "the imported file", calls.download),
    Call("DELETE", _MODEL, "delete a model", calls.delete_model),
    Call("GET", f"{_MODEL}/revisions", "a model's revisions", calls.revisions),
    Call("POST", f"{_MODEL}/revisions", "make a revision", calls.create_revision),
    Call("GET", f"{_PROJECT}/revisions", "a project's revisions", calls.project_revisions),
    Call("GET", "/{slug}/revisions/{revision_id}", "one revision", calls.revision),
    Call("PUT", "/{slug}/revisions/{revision_id}", "change a revision", calls.update_revision),
    Call("POST", _COMPARED, "compare two revisions", calls.compare),
    Call("GET", _COMPARED, "what a comparison found", calls.comparison),
    Call("GET", f"{_OBJECT}/topology", "the tree of a model", objects.tree),
    Call("GET", f"{_PROJECT}/topology", "the tree of a project", objects.project_tree),
    Call(
        "GET",
        f"{_OBJECT}/query?{{attribute}}={{value}}",
        "objects by a value",
        objects.find_objects,
    ),
    Call("GET", f"{_TEAM}/element-types", "all element types", objects.element_types),
    Call("GET", f"{_TEAM}/element-types/{{type_id}}", "one element type", objects.element_type),
    Call("GET", f"{_TEAM}/element-types/disciplines", "all layers", objects.type_disciplines),
    Call(
        "GET",
        f"{_TEAM}/element-types/disciplines/{{layer_id}}",
        "a layer's element types",
        objects.types_of_discipline,
    ),
    Call("GET", f"{_TEAM}/element-types/topology", "types of places", objects.topology_types),
    Call(
        "GET",
        f"{_PROJECT}/element-types",
        "a project's element types, counted",
        objects.project_element_types,
    ),
    Call("GET", _OBJECT, "one object, plain values", objects.object_),
    Call("HEAD", f"{_OBJECT}?revision={{number}}", "an object's tag", calls.head_object),
    Call("GET", f"{_OBJECT}/properties/{{flags}}", "one object by flags", objects.object_with),
    Call(
        "GET",
        f"{_OBJECT}/properties/{{flags}}?type={{type_id}}",
        "all objects of a type with definitions",
        objects.objects,
    ),
    Call(
        "GET",
        f"{_OBJECT}?type={{type_id}}&page={{page}}&pageSize={{size}}",
        "objects of a type or layer, page by page",
        objects.objects_paged,
    ),
    Call("GET", f"{_OBJECT}?layer={{layer_id}}&internal=true", "a layer's objects", objects.layer),
    Call(
        "GET",
        f"{_OBJECT}?freeattributes=true&internal=true&attributedefinition=true",
        "one object, attributes by id",
        objects.object_flat,
    ),
    Call(
        "GET",
        f"{_OBJECT}/attributes/{{attribute_id}}?children=true",
        "one attribute of all objects",
        objects.column,
    ),
    Call(
        "GET",
        f"{_OBJECT}/attributes/{{attribute_id}}?attributeDefinition=true",
        "one attribute with its definition",
        objects.attribute,
    ),
    Call(
        "GET",
        f"{_PROJECT}/objects/export/excel?typeId={{type_id}}",
        "a list of objects as a spreadsheet",
        objects.export_excel,
    ),
    Call(
        "GET",
        "/{slug}/attachments/{attachment_id}/download",
        "the content of an attachment",
        objects.attachment,
    ),
    Call("GET", f"{_PROJECT}/filters/{{filter_id}}", "objects grouped", objects.filtered),
    Call("GET", "/content/units", "the units", objects.units),
    Call("GET", "/content/units/{unit_id}", "one unit", objects.unit),
    Call("GET", f"{_TEAM}/freeattributes", "the catalogue of attributes", objects.attributes),
    Call(
        "GET",
        f"{_TEAM}/freeattributes?topology=true",
        "the catalogue as a tree",
        objects.attribute_tree,
    ),
    Call(
        "GET",
        f"{_TEAM}/freeattributes/{{attribute_id}}",
        "one attribute's catalogue entry",
        objects.attribute_entry,
    ),
    Call("GET", f"{_TEAM}/freeattributegroups", "groups of attributes", objects.attribute_groups),
    Call(
        "GET",
        f"{_TEAM}/freeattributegroups/{{group_id}}/freeattributes",
        "a group's attributes",
        objects.group_attributes,
    ),
    Call(
        "POST",
        f"{_TEAM}/services/BaseQuantities",
        "let quantities be calculated, which changes the model",
        objects.base_quantities,
    ),
)
