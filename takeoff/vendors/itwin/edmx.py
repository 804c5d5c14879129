"""The columns of a feed's tables, as its `$metadata` (EDMX 4.0) declares them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, ParseError

from takeoff.vendors.itwin import answers

DISPLAY_NAME = "Bentley.iTwin.Reporting.DisplayName"

# What an attacker's XML needs to grow or to read files; a description of columns never has it.
_DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")


@dataclass(frozen=True)
class EntitySet:
    """One table: (column, Edm type) in order. `display_name` is the group's; null before 2024."""

    name: str
    display_name: str | None
    columns: tuple[tuple[str, str], ...]


def entity_sets(raw: bytes, name: str) -> list[EntitySet]:
    """All tables, in order. Namespaces may repeat over several schemas.

    Raises: NotUnderstood if it is no XML, has a document type, or a table's type is not described.
    """
    if any(word in raw for word in _DECLARATIONS) or b"\x00" in raw:
        raise answers.refused(name, raw, "it declares a document type, or is no UTF-8")
    try:
        root = ElementTree.fromstring(raw)
    except ParseError as error:
        raise answers.refused(name, raw, f"it is no XML ({error})") from error
    types = {
        f"{schema.get('Namespace')}.{kind.get('Name')}": kind
        for schema in _all(root, "Schema")
        for kind in _all(schema, "EntityType")
    }
    return [_entity_set(item, types, raw, name) for item in _all(root, "EntitySet")]


def _entity_set(item: Element, types: dict[str, Element], raw: bytes, name: str) -> EntitySet:
    type_name = item.get("EntityType", "")
    kind = types.get(type_name)
    if kind is None:
        raise answers.refused(name, raw, f"it does not describe the type '{type_name}'")
    annotations = {one.get("Term"): one.get("String") for one in _all(item, "Annotation")}
    columns = tuple(
        (one.get("Name", ""), one.get("Type", "Edm.String")) for one in _all(kind, "Property")
    )
    return EntitySet(item.get("Name", ""), annotations.get(DISPLAY_NAME), columns)


def _all(element: Element, tag: str) -> Iterator[Element]:
    """Elements of this name at any depth, whatever their XML namespace."""
    return (one for one in element.iter() if one.tag.rpartition("}")[2] == tag)
