"""Changing a project's libraries: codes, materials, locations, own properties, product types.

Contract sections 2 and 8. None of these requests is ever repeated by itself. Whatever is created
gives its id: a guid, of property sets and definitions a number as text. `values` and `changes` are
members of the JSON object as the vendor names them, such as name, description, color; what they do
not name stays as it is. Every function raises VendorRefused, TryLater (then nobody knows whether it
was done), and NotUnderstood for an answer without an id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from takeoff.http.messages import Request, path_of
from takeoff.http.redact import redacted
from takeoff.http.session import Session
from takeoff.vendors.qonic import answers
from takeoff.vendors.qonic.answers import member, text
from takeoff.vendors.qonic.editing import SESSION_HEADER

_GUID = ("guid", "libraryGuid", "id")
_NUMBER = ("id", "guid")

# Members of a JSON object, by the vendor's names.
Members = Mapping[str, Any]


@dataclass(frozen=True)
class Code:
    """A code of a classification system; `parent_id` is the guid of the code above it."""

    identification: str
    name: str
    description: str | None = None
    parent_id: str | None = None

    @property
    def body(self) -> dict[str, str | None]:
        """As the vendor's own client writes it."""
        return {
            "identification": self.identification,
            "name": self.name,
            "description": self.description,
            "parentId": self.parent_id,
        }


@redacted()
def create_codification(session: Session, project_id: str, values: Members) -> str:
    """A new classification system; `values` has its name."""
    return _created(session, _codifications(project_id), values, _GUID)


@redacted()
def delete_codification(session: Session, project_id: str, library: str) -> None:
    """Take the system and its codes away."""
    _done(session, "DELETE", _codifications(project_id, library))


@redacted()
def create_code(session: Session, project_id: str, library: str, code: Code) -> str:
    """A new code of the system."""
    return _created(session, _codifications(project_id, library, "codification"), code.body, _GUID)


@redacted()
def update_code(
    session: Session, project_id: str, library: str, code: str, changes: Members
) -> None:
    """Change the code with this guid."""
    _done(session, "PUT", _codifications(project_id, library, "codification", code), changes)


@redacted()
def delete_code(session: Session, project_id: str, library: str, code: str) -> None:
    """Take the code with this guid away."""
    _done(session, "DELETE", _codifications(project_id, library, "codification", code))


@redacted()
def create_material_library(session: Session, project_id: str, name: str) -> str:
    """A new library of materials."""
    return _created(session, _materials(project_id), {"Name": name}, _GUID)


@redacted()
def delete_material_library(session: Session, project_id: str, library: str) -> None:
    """Take the library and its materials away."""
    _done(session, "DELETE", _materials(project_id, library))


@redacted()
def create_material(session: Session, project_id: str, library: str, values: Members) -> str:
    """A new material; `values` has its name."""
    return _created(session, _materials(project_id, library, "materials"), values, _GUID)


@redacted()
def update_material(
    session: Session, project_id: str, library: str, material: str, changes: Members
) -> None:
    """Change the material with this guid."""
    _done(session, "PUT", _materials(project_id, library, "materials", material), changes)


@redacted()
def delete_material(session: Session, project_id: str, library: str, material: str) -> None:
    """Take the material with this guid away."""
    _done(session, "DELETE", _materials(project_id, library, "materials", material))


@redacted()
def create_location(
    session: Session,
    project_id: str,
    session_id: str,
    name: str,
    kind: str,
    parent: str | None = None,
) -> str:
    """A new place of a kind such as Site, Building, Floor or Space, in the place `parent`.

    `session_id` is any new id; the service wants the header, but no session of a model.
    """
    body = {"name": name, "type": kind, "parentGuid": parent}
    return _created(session, _locations(project_id), body, _GUID, session_id)


@redacted()
def update_location(session: Session, project_id: str, location: str, changes: Members) -> None:
    """Change the place with this guid."""
    _done(session, "PUT", _locations(project_id, location), changes)


@redacted()
def delete_location(session: Session, project_id: str, location: str) -> None:
    """Take the place with this guid away, and what is in it."""
    _done(session, "DELETE", _locations(project_id, location))


@redacted()
def create_property_set(
    session: Session, project_id: str, name: str, entity_types: Sequence[str]
) -> str:
    """A new property set of the project, for IFC classes such as IfcWall."""
    body = {"Name": name, "EntityTypes": [{"Value": entity} for entity in entity_types]}
    return _created(session, _sets(project_id), body, _NUMBER)


@redacted()
def update_property_set(session: Session, project_id: str, set_id: str, changes: Members) -> None:
    """Change the property set."""
    _done(session, "PUT", _sets(project_id, set_id), changes)


@redacted()
def delete_property_set(session: Session, project_id: str, set_id: str) -> None:
    """Take the property set and its definitions away."""
    _done(session, "DELETE", _sets(project_id, set_id))


@redacted()
def create_property(session: Session, project_id: str, set_id: str, values: Members) -> str:
    """A new definition in the set; `values` has its Name and DataType, such as String or Real."""
    return _created(session, _sets(project_id, set_id, "property"), values, _NUMBER)


@redacted()
def update_property(
    session: Session, project_id: str, set_id: str, property_id: str, changes: Members
) -> None:
    """Change the definition."""
    _done(session, "PUT", _sets(project_id, set_id, "property", property_id), changes)


@redacted()
def delete_property(session: Session, project_id: str, set_id: str, property_id: str) -> None:
    """Take the definition away."""
    _done(session, "DELETE", _sets(project_id, set_id, "property", property_id))


@redacted()
def create_type(session: Session, project_id: str, library: str, values: Members) -> str:
    """A new product type; `values` has its name."""
    return _created(session, _types(project_id, library), values, _GUID)


@redacted()
def update_type(
    session: Session, project_id: str, library: str, type_guid: str, changes: Members
) -> None:
    """Change the product type with this guid."""
    _done(session, "PUT", _types(project_id, library, "types", type_guid), changes)


@redacted()
def delete_type(session: Session, project_id: str, library: str, type_guid: str) -> None:
    """Take the product type with this guid away."""
    _done(session, "DELETE", _types(project_id, library, "types", type_guid))


def _codifications(project_id: str, *rest: str) -> str:
    return path_of("projects", project_id, "codifications", *rest)


def _materials(project_id: str, *rest: str) -> str:
    return path_of("projects", project_id, "material-libraries", *rest)


def _locations(project_id: str, *rest: str) -> str:
    return path_of("projects", project_id, "locations", *rest)


def _sets(project_id: str, *rest: str) -> str:
    return path_of("projects", project_id, "customProperties", "property-sets", *rest)


def _types(project_id: str, library: str, *rest: str) -> str:
    return path_of("projects", project_id, "types", library, *rest)


def _done(session: Session, method: str, path: str, body: Members | None = None) -> None:
    """What is answered says nothing that was not asked."""
    told = None if body is None else dict(body)
    session.ask(Request(method, path, json_body=told), BytesIO())


def _created(
    session: Session,
    path: str,
    body: Members,
    keys: Sequence[str],
    session_id: str | None = None,
) -> str:
    """The id of what was created: a member of the answer, or a pair of its `properties`."""
    headers = () if session_id is None else ((SESSION_HEADER, session_id),)
    request = Request("POST", path, json_body=dict(body), headers=headers)
    content = BytesIO()
    session.ask(request, content)
    raw = content.getvalue()
    found = answers.parsed(raw, request.target)
    created = _id(found, keys) if isinstance(found, dict) else None
    if created is None:
        raise answers.refused(request.target, raw, "what was created has no id")
    return created


def _id(found: Members, keys: Sequence[str]) -> str | None:
    pairs = member(found, "properties")
    listed = [pair for pair in pairs if isinstance(pair, dict)] if isinstance(pairs, list) else []
    told = (member(pair, "value") for pair in listed if member(pair, "name") == "Guid")
    return text(member(found, *keys)) or text(next(told, None))
